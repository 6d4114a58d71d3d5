"""The turnout of open polls, counted once for all processes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "live_turnout",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("ballots", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_live_turnout_election")),
        sa.PrimaryKeyConstraint("election", name=op.f("pk_live_turnout")),
    )
