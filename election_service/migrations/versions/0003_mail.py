"""Mails, codes by mail, messages to the committee, what candidates say of themselves, and what is only shown."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "token_notices",
        sa.Column("context", sa.LargeBinary(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("context", "credential", name=op.f("pk_token_notices")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "link_requests",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.Column("requested", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_link_requests_election")),
        sa.PrimaryKeyConstraint("election", "student_id", name=op.f("pk_link_requests")),
    )
    op.create_table(
        "login_codes",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("nonce_hash", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("codes", sa.Integer(), nullable=False),
        sa.Column("window", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_login_codes_election")),
        sa.PrimaryKeyConstraint("election", "credential", name=op.f("pk_login_codes")),
    )
    op.create_table(
        "messages",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_messages_election")),
        sa.PrimaryKeyConstraint("election", "message", name=op.f("pk_messages")),
    )
    op.create_table(
        "outbox",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("mail", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("recipient", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=True),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_outbox_election")),
        sa.PrimaryKeyConstraint("election", "mail", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_changed", "outbox", ["changed"], unique=False)
    op.create_index("ix_outbox_due", "outbox", ["state", "priority", "not_before"], unique=False)
    op.create_index("ix_outbox_message", "outbox", ["message"], unique=False)
    op.create_index("uq_outbox_about", "outbox", ["election", "kind", "recipient", "about"], unique=True)
    op.create_table(
        "photos",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_photos_election")),
        sa.PrimaryKeyConstraint("election", "sha256", name=op.f("pk_photos")),
    )
    op.create_table(
        "profiles",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.Column("statements", sa.LargeBinary(), nullable=False),
        sa.Column("photo", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_profiles_election")),
        sa.PrimaryKeyConstraint("election", "student_id", name=op.f("pk_profiles")),
    )
    op.add_column("elections", sa.Column("presentation", sa.LargeBinary(), nullable=True))
