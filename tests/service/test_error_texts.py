"""What the text of a database error says, on both databases: it goes to the operator's log with its time (A64)."""

import io
import traceback
from collections.abc import Mapping

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from election_service import schema
from election_service.database import Database
from election_service.schema_columns import metadata
from election_service.service_logging import redact_text

BALLOT = b"the ballot that was cast just now"
NAME = "Nino Beridze"


async def logged(database: Database, table: str, row: Mapping[str, object]) -> str:
    """What the operator's log shows of a statement that fails: the redacted stack trace."""
    with pytest.raises(DBAPIError) as failed:
        async with database.transaction() as connection:
            await connection.execute(insert(metadata.tables[table]), [dict(row)] * 2)
    text = io.StringIO()
    traceback.print_exception(failed.value, file=text)
    return redact_text(text.getvalue())


async def test_a64_a_failed_cast_leaves_no_ballot_in_the_log(database: Database) -> None:
    row = {"election": "spring", "tracker": b"t" * 32, "context": b"c" * 32, "request": BALLOT}
    text = await logged(database, "unsealed_ballots", row)
    assert "INSERT INTO unsealed_ballots" in text
    assert BALLOT.decode() not in text
    assert "tttttttt" not in text


async def test_a64_a_failed_import_leaves_no_name_in_the_log(database: Database) -> None:
    columns = schema.voters.c
    row = {column.name: 1 if column.type.python_type is int else column.type.python_type() for column in columns}
    text = await logged(database, "voters", {**row, "student_id": "1", "full_name": NAME})
    assert "INSERT INTO voters" in text
    assert NAME not in text
