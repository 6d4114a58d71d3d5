"""What the tables are made of: their one metadata, and the columns that most of them share."""

from typing import Final

from sqlalchemy import Column, ForeignKey, LargeBinary, MetaData, String

NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: Final = MetaData(naming_convention=NAMES)


def id_column(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[str]:
    """An id of docs/protocol.md §1."""
    return Column(name, String(64), primary_key=primary_key, nullable=nullable)


def election_column() -> Column[str]:
    """Whose row it is: the first part of nearly every primary key."""
    return Column("election", String(64), ForeignKey("elections.election"), primary_key=True, nullable=False)


def bytes_column(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[bytes]:
    """Raw bytes."""
    return Column(name, LargeBinary, primary_key=primary_key, nullable=nullable)
