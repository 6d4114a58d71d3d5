"""What candidates say of themselves: a statement per language and a photo. Shown beside the ballot, no part of it."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_mail
from election_service.contest_types import Profile


def photo_path(election: str, name: str) -> str:
    """Where a photo is served; ``name``: SHA-256 of its bytes in hex."""
    return f"/photos/{election}/{name}.jpg"


async def read_profiles(connection: AsyncConnection, election: str, students: Sequence[str]) -> dict[str, Profile]:
    """The profiles of these students, by student id; who has none is not in it."""
    table = schema_mail.profiles
    query = select(table.c.student_id, table.c.statements, table.c.photo).where(
        table.c.election == election, table.c.student_id.in_(students)
    )
    return {
        row.student_id: Profile(
            statements=msgspec.json.decode(row.statements, type=dict[str, str]),
            photo=None if row.photo is None else photo_path(election, row.photo),
        )
        for row in await connection.execute(query)
    }
