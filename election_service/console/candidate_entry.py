"""Candidates one by one: who stands for what, held against roll and rules; photo and statements of each.

A list imported as a whole goes the same way (follow_up.import_nominations). What is entered is for the next poll whose
contests are not made yet; in a poll whose contests stand in the log, a candidate withdraws by a recorded decision.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from election_service.candidates import Candidacy, next_number, read_candidacies, read_standings, replace_candidacies
from election_service.console.form_faults import FieldFault, FormFaultsError
from election_service.contest_types import Profile
from election_service.errors import NotFoundError
from election_service.facts import LogFacts
from election_service.follow_up import nomination_law
from election_service.persons import read_persons
from election_service.photos import PhotoError, make_photo, read_photo
from election_service.plain_text import clean_text
from election_service.profiles import MAX_STATEMENT, ProfileRow, read_profiles, store_profile
from election_service.roll import RollFaultsError
from election_service.roll_rules import Fault
from election_service.workers import Workers
from keys.errors import FormatError

_ROW: Final = 2  # of the first line of a list: the header is 1
_PHOTOS: Final = asyncio.Semaphore(2)  # photos that are drawn at a time, each in some 300 MB; owner: redraw_photo


@dataclass(frozen=True, slots=True)
class Listed:
    """A candidacy as it is shown. ``person``: the option id; ``profile``: None where there is nothing to show."""

    line: Candidacy
    full_name: str
    person: str
    profile: Profile | None


@dataclass(frozen=True, slots=True)
class CandidateList:
    """Who stands in the next poll without contests; ``poll``: its number."""

    poll: int
    listed: tuple[Listed, ...]


async def read_list(connection: AsyncConnection, election: str) -> CandidateList:
    """Everybody who stands, in the order of the list."""
    lines = await read_candidacies(connection, election)
    standings = await read_standings(connection, election) if lines else {}
    persons = await read_persons(connection, election)
    profiles = await read_profiles(connection, election, [line.student_id for line in lines])
    listed = tuple(
        Listed(
            line, standings[line.student_id].full_name, persons.get(line.student_id, ""), profiles.get(line.student_id)
        )
        for line in lines
    )
    return CandidateList(await next_number(connection, election), listed)


async def add_candidate(
    connection: AsyncConnection, election: str, facts: LogFacts, student_id: str, position: str, block: str
) -> None:
    """Enter one candidacy; FormFaultsError with every reason against it, by field, with the clause that bars.

    RollError before the freeze, ActRefusedError before there are rules.
    """
    known = await read_candidacies(connection, election)
    row = max((line.row for line in known), default=_ROW - 1) + 1
    line = Candidacy(row, student_id.strip(), position, " ".join(block.split()))
    law = await nomination_law(connection, election, facts)
    try:
        await replace_candidacies(connection, election, [*known, line], law)
    except RollFaultsError as error:
        raise FormFaultsError("candidate", [_field_fault(fault, row) for fault in error.faults]) from error


def _field_fault(fault: Fault, row: int) -> FieldFault:
    """A fault of another line, which a change of the rules has brought, names its line."""
    return FieldFault(fault.field, fault.reason if fault.row == row else f"row {fault.row}: {fault.reason}")


async def remove_candidate(
    connection: AsyncConnection, election: str, facts: LogFacts, student_id: str, position: str, block: str
) -> None:
    """Take one candidacy off the list, before contests are made from it; NotFoundError for one that is not on it."""
    known = await read_candidacies(connection, election)
    wanted = (student_id, position, block)
    left = [line for line in known if (line.student_id, line.position, line.block) != wanted]
    if len(left) == len(known):
        raise NotFoundError(f"candidate: {student_id[:64]} does not stand there in the next poll")
    await replace_candidacies(connection, election, left, await nomination_law(connection, election, facts))


# ---- what they say of themselves -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProfileForm:
    """``statements``: by language as typed; ``photo``: a file, None to keep the one there is, empty to remove it."""

    statements: Mapping[str, str]
    photo: bytes | None


async def redraw_photo(raw: bytes) -> bytes:
    """The photo drawn anew, in a process that is started for it and holds nothing else; PhotoError, BusyError."""
    async with _PHOTOS:
        process = Workers(1)
        try:
            return await process.run(make_photo, raw)
        finally:
            await process.close()


async def read_form(form: ProfileForm) -> ProfileForm:
    """The form with its photo drawn anew and its texts in one spelling; FormFaultsError with everything wrong in it."""
    faults, statements = [], {}
    for language, raw in form.statements.items():
        try:
            statements[language] = clean_text(raw, MAX_STATEMENT)
        except FormatError as error:
            faults.append(FieldFault(f"statement_{language}", str(error).removeprefix("text: ")))
    photo = form.photo
    try:
        photo = await redraw_photo(form.photo) if form.photo else form.photo
    except PhotoError as error:
        faults.append(FieldFault("photo", str(error).removeprefix("photo: ")))
    if faults:
        raise FormFaultsError("profile", faults)
    return replace(form, statements={name: text for name, text in statements.items() if text}, photo=photo)


async def set_profile(connection: AsyncConnection, election: str, student_id: str, form: ProfileForm) -> None:
    """Store a form that `read_form` returned; RollError for who does not stand, and while a poll is open."""
    photo = form.photo
    if photo is None:
        photo = await _present_photo(connection, election, student_id)
    await store_profile(connection, election, ProfileRow(student_id, form.statements, photo or None))


async def _present_photo(connection: AsyncConnection, election: str, student_id: str) -> bytes | None:
    known = (await read_profiles(connection, election, [student_id])).get(student_id)
    if known is None or known.photo is None:
        return None
    return await read_photo(connection, election, known.photo.rpartition("/")[2])
