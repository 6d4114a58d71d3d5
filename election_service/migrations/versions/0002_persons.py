"""Persons keep their option ids; a list of candidates belongs to a poll."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "persons",
        sa.Column("election", sa.String(length=64), nullable=False),
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["election"], ["elections.election"], name=op.f("fk_persons_election")),
        sa.PrimaryKeyConstraint("election", "student_id", name=op.f("pk_persons")),
    )
    op.create_index("uq_persons_person", "persons", ["election", "person"], unique=True)
    op.add_column("candidates", sa.Column("poll", sa.Integer(), server_default="1", nullable=False))
