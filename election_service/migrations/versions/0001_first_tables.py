"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bearers",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_bearers")),
    )
    op.create_index(op.f("ix_bearers_expires"), "bearers", ["expires"], unique=False)
    op.create_table(
        "elections",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("log_id", sa.LargeBinary(), nullable=False),
        sa.Column("config", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("election", name=op.f("pk_elections")),
    )
    op.create_table(
        "issued",
        sa.Column("context", sa.LargeBinary(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("blinded", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("recovery_sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("context", "credential", name=op.f("pk_issued")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "login_nonces",
        sa.Column("nonce_hash", sa.LargeBinary(), nullable=False),
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("nonce_hash", name=op.f("pk_login_nonces")),
    )
    op.create_index(op.f("ix_login_nonces_expires"), "login_nonces", ["expires"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("tracker", sa.LargeBinary(), nullable=False),
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("context", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tracker", name=op.f("pk_receipts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "spent",
        sa.Column("context", sa.LargeBinary(), nullable=False),
        sa.Column("token_key", sa.LargeBinary(), nullable=False),
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("context", "token_key", name=op.f("pk_spent")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unsealed_ballots",
        sa.Column("tracker", sa.LargeBinary(), nullable=False),
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("context", sa.LargeBinary(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tracker", name=op.f("pk_unsealed_ballots")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "acts",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("act", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("approvals", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_acts_election")),
        sa.PrimaryKeyConstraint("election", "act", name=op.f("pk_acts")),
    )
    op.create_table(
        "blobs",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_blobs_election")),
        sa.PrimaryKeyConstraint("election", "sha256", name=op.f("pk_blobs")),
    )
    op.create_table(
        "candidates",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.String(length=64), nullable=False),
        sa.Column("block", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_candidates_election")),
        sa.PrimaryKeyConstraint("election", "student_id", "position", "block", name=op.f("pk_candidates")),
    )
    op.create_table(
        "contests",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("context", sa.LargeBinary(), nullable=False),
        sa.Column("poll", sa.Integer(), nullable=False),
        sa.Column("contest", sa.String(length=64), nullable=False),
        sa.Column("electorate", sa.String(length=64), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_contests_election")),
        sa.PrimaryKeyConstraint("election", "context", name=op.f("pk_contests")),
    )
    op.create_index("uq_contests_contest", "contests", ["election", "poll", "contest"], unique=True)
    op.create_table(
        "electorate_members",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("electorate", sa.String(length=64), nullable=False),
        sa.Column("idx", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_electorate_members_election")),
        sa.PrimaryKeyConstraint("election", "electorate", "idx", name=op.f("pk_electorate_members")),
    )
    op.create_index("ix_electorate_members_credential", "electorate_members", ["election", "credential"], unique=False)
    op.create_table(
        "electorates",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("electorate", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("block", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("blob_hash", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_electorates_election")),
        sa.PrimaryKeyConstraint("election", "electorate", name=op.f("pk_electorates")),
    )
    op.create_table(
        "issue_counts",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("poll", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_issue_counts_election")),
        sa.PrimaryKeyConstraint("election", "poll", name=op.f("pk_issue_counts")),
    )
    op.create_table(
        "issuer_keys",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("context", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_issuer_keys_election")),
        sa.PrimaryKeyConstraint("election", "context", name=op.f("pk_issuer_keys")),
    )
    op.create_table(
        "log_entries",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_log_entries_election")),
        sa.PrimaryKeyConstraint("election", "seq", name=op.f("pk_log_entries")),
    )
    op.create_index("ix_log_entries_kind", "log_entries", ["election", "kind", "seq"], unique=False)
    op.create_table(
        "log_heads",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("nodes", sa.LargeBinary(), nullable=False),
        sa.Column("last_hash", sa.LargeBinary(), nullable=False),
        sa.Column("last_time", sa.BigInteger(), nullable=False),
        sa.Column("published", sa.Text(), nullable=True),
        sa.Column("published_size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_log_heads_election")),
        sa.PrimaryKeyConstraint("election", name=op.f("pk_log_heads")),
    )
    op.create_table(
        "log_tile_roots",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("idx", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_log_tile_roots_election")),
        sa.PrimaryKeyConstraint("election", "level", "idx", name=op.f("pk_log_tile_roots")),
    )
    op.create_table(
        "polls",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("poll", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opens", sa.BigInteger(), nullable=True),
        sa.Column("closes", sa.BigInteger(), nullable=True),
        sa.Column("issuing", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_polls_election")),
        sa.PrimaryKeyConstraint("election", "poll", name=op.f("pk_polls")),
    )
    op.create_table(
        "rolls",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_rolls_election")),
        sa.PrimaryKeyConstraint("election", name=op.f("pk_rolls")),
    )
    op.create_table(
        "second_factors",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("window", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_second_factors_election")),
        sa.PrimaryKeyConstraint("election", "credential", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "secrets",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_secrets_election")),
        sa.PrimaryKeyConstraint("election", "name", name=op.f("pk_secrets")),
    )
    op.create_table(
        "voters",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("faculty", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("disciplinary", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("eligible", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_voters_election")),
        sa.PrimaryKeyConstraint("election", "student_id", name=op.f("pk_voters")),
    )
    op.create_index("uq_voters_credential", "voters", ["election", "credential"], unique=True)
