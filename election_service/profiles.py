"""What candidates say of themselves: a statement per language and a photo. Shown beside the ballot, no part of it.

A list of profiles is read whole and imported whole, or not at all. It changes the profiles of the students it names and
leaves the others as they are; a student's row without statement and photo removes the profile.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_mail
from election_service.contest_types import Profile
from election_service.errors import RollError
from election_service.languages import LANGUAGES
from election_service.persons import read_persons
from election_service.photos import MAX_FILE, PhotoError, make_photo, photo_name
from election_service.plain_text import clean_text
from election_service.roll import RollFaultsError
from election_service.roll_rules import Fault
from election_service.roll_sheet import read_sheet
from election_service.sql import insert_new, read_polls
from keys.canonical import encode
from keys.errors import FormatError

MAX_STATEMENT: Final = 2000  # letters
_STUDENT: Final = "student_id"
_PHOTO: Final = "photo"
_STATEMENTS: Final = {f"statement_{language}": language for language in LANGUAGES}
_COLUMNS: Final = (_STUDENT, _PHOTO, *_STATEMENTS)
_RUNNING: Final = ("open", "paused")


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """One row without faults: statements by language, and the photo as it will be served."""

    student_id: str
    statements: Mapping[str, str]
    photo: bytes | None

    @property
    def empty(self) -> bool:
        """Whether it removes the profile."""
        return self.photo is None and not self.statements


def read_profile_rows(raw: bytes, photos: Mapping[str, Path], known: Mapping[str, str]) -> list[ProfileRow]:
    """A CSV or XLSX list of profiles; RollFaultsError with every fault of every row, RollError for the file itself.

    ``photos``: what lies in the folder of photos (`list_photos`); ``known``: the students who stand for something.
    """
    sheet = read_sheet(raw)
    header = [name.strip().lower() for name in sheet.header]
    strange = sorted({name for name in header if name and (name not in _COLUMNS or header.count(name) > 1)})
    if strange or _STUDENT not in header:
        wrong = f"unknown or repeated: {', '.join(strange)}" if strange else f"no column {_STUDENT}"
        raise RollError(
            f"profiles: {wrong}", f"the columns are {', '.join(_COLUMNS)}; all but the first may be missing"
        )
    rows, faults, seen = [], [], dict[str, int]()
    for number, cells in sheet.rows:
        row, found = _read_row(number, dict(zip(header, cells, strict=True)), photos, known)
        first = seen.setdefault(row.student_id, number)
        if first != number:
            found.append(Fault(number, _STUDENT, f"the same student as in row {first}"))
        rows.append(row)
        faults += found
    if faults:
        raise RollFaultsError(sorted(faults), "profiles")
    return rows


def _read_row(
    number: int, cells: Mapping[str, str], photos: Mapping[str, Path], known: Mapping[str, str]
) -> tuple[ProfileRow, list[Fault]]:
    """A row and what is wrong with it, at most one fault for a field."""
    student = cells[_STUDENT].strip()
    faults = [] if student in known else [Fault(number, _STUDENT, "is no candidate")]
    statements = {}
    for column, language in _STATEMENTS.items():
        try:
            text = clean_text(cells.get(column, ""), MAX_STATEMENT)
        except FormatError as error:
            faults.append(Fault(number, column, str(error)))
            continue
        if text:
            statements[language] = text
    photo = None
    try:
        photo = _read_photo(cells.get(_PHOTO, "").strip(), photos)
    except PhotoError as error:
        faults.append(Fault(number, _PHOTO, str(error).removeprefix("photo: ")))
    return ProfileRow(student, statements, photo), faults


def list_photos(folder: Path | None) -> dict[str, Path]:
    """The ordinary files of a folder, by name in Unicode normal form C: a computer may write the same name otherwise.

    RollError for two files whose names look the same (A89). Links and what lies deeper are left out.
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()) if folder is not None else ():
        if path.is_symlink() or not path.is_file():
            continue
        name = unicodedata.normalize("NFC", path.name)
        if name in found:
            raise RollError(f"photos: two files are called {name!r}", "remove one of them")
        found[name] = path
    return found


def _read_photo(name: str, photos: Mapping[str, Path]) -> bytes | None:
    """The photo of that name; a name that leads out of the folder is simply not in it."""
    if not name:
        return None
    path = photos.get(unicodedata.normalize("NFC", name))
    if path is None:
        raise PhotoError("no such file in the folder of photos")
    with path.open("rb") as file:
        return make_photo(file.read(MAX_FILE + 1))


# ---- in the database -------------------------------------------------------------------------------------------------


async def import_profiles(
    connection: AsyncConnection, election: str, raw: bytes, photos: Mapping[str, Path], *, while_open: bool = False
) -> list[ProfileRow]:
    """Check the list against the candidates and store it, or nothing. While a poll is open only if told so."""
    await _check_not_running(connection, election, while_open=while_open)
    rows = read_profile_rows(raw, photos, await read_persons(connection, election))
    for row in rows:
        await _store(connection, election, row)
    await _forget_unused(connection, election)
    return rows


async def store_profile(
    connection: AsyncConnection, election: str, row: ProfileRow, *, while_open: bool = False
) -> None:
    """Replace the profile of one candidate, in the caller's transaction. RollError for who does not stand."""
    await _check_not_running(connection, election, while_open=while_open)
    if row.student_id not in await read_persons(connection, election):
        raise RollError(f"profiles: {row.student_id[:64]} is no candidate", "enter the candidacy first")
    await _store(connection, election, row)
    await _forget_unused(connection, election)


async def _check_not_running(connection: AsyncConnection, election: str, *, while_open: bool) -> None:
    running = [poll.poll for poll in (await read_polls(connection, election)).values() if poll.state in _RUNNING]
    if running and not while_open:
        raise RollError(
            f"profiles: poll {running[0]} is open",
            "who has voted saw other texts; --while-open changes them all the same",
        )


async def _store(connection: AsyncConnection, election: str, row: ProfileRow) -> None:
    table, mine = schema_mail.profiles, {"election": election, "student_id": row.student_id}
    await connection.execute(delete(table).filter_by(**mine))
    if row.empty:
        return
    name = None
    if row.photo is not None:
        name = photo_name(row.photo)
        photo = {"election": election, "sha256": name, "content": row.photo}
        await connection.execute(insert_new(connection, schema_mail.photos).values(photo))
    values = {**mine, "statements": encode(dict(row.statements)), "photo": name}
    await connection.execute(insert_new(connection, table).values(values))


async def _forget_unused(connection: AsyncConnection, election: str) -> None:
    """Photos that nobody's profile shows any more."""
    table, profiles = schema_mail.photos, schema_mail.profiles
    shown = select(profiles.c.photo).where(profiles.c.election == election, profiles.c.photo.is_not(None))
    await connection.execute(delete(table).where(table.c.election == election, table.c.sha256.not_in(shown)))


async def read_profiles(connection: AsyncConnection, election: str, students: Sequence[str]) -> dict[str, Profile]:
    """The profiles of these students, by student id; who has none is not in it."""
    table = schema_mail.profiles
    query = select(table.c.student_id, table.c.statements, table.c.photo).where(
        table.c.election == election, table.c.student_id.in_(students)
    )
    return {
        row.student_id: Profile(
            statements=msgspec.json.decode(row.statements, type=dict[str, str]),
            photo=None if row.photo is None else f"/photos/{election}/{row.photo}.jpg",
        )
        for row in await connection.execute(query)
    }


@dataclass(frozen=True, slots=True)
class ProfileCounts:
    """How many candidates there are, and how many have a photo and a statement in each language."""

    candidates: int
    have: Mapping[str, int]


async def count_profiles(connection: AsyncConnection, election: str) -> ProfileCounts:
    """So that the committee sees whether all candidates are shown alike."""
    known = await read_persons(connection, election)
    profiles = (await read_profiles(connection, election, list(known))).values()
    have = {_PHOTO: sum(profile.photo is not None for profile in profiles)}
    have |= {column: sum(name in item.statements for item in profiles) for column, name in _STATEMENTS.items()}
    return ProfileCounts(len(known), have)
