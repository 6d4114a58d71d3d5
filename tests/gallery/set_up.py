"""Elections that are set up, for the gallery: a draft, one at its ceremony, one about to make its contests."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Final

import msgspec

from ballot.token import draw_secret
from election_service.api_types import ElectionTexts
from election_service.candidate_law import candidate_law
from election_service.candidates import import_candidates
from election_service.committee import MemberKey
from election_service.console.drafts import create_draft, new_draft
from election_service.console.make_log import WantedMember, plan_of
from election_service.console.roles import Role
from election_service.console.rules_draft import begin_rules, change_rules
from election_service.console.trustee_desk import store_identity
from election_service.demo.people import Committee
from election_service.demo.rules import demo_constitution, sign_readings
from election_service.demo.university import Student, candidates_csv, make_students, roll_csv
from election_service.persons import read_persons
from election_service.presentation import store_presentation
from election_service.proposals import electorate_acts
from election_service.registration import electorate_proposals, register_in_service
from election_service.roll import freeze_roll, import_roll, read_roll
from election_service.service import Service
from election_service.setup import create_election, store_blob
from election_service.trustees import accept_message
from keys.canonical import b64
from keys.trustee import Ceremony, Stage, TrusteeSession
from keys.trustee.file import TrusteeFile, new_trustee_file
from keys.trustee.tool import next_step
from tally.constitution import dump_constitution
from tests.gallery.sitters import CEREMONY, CHAIR, DRAFT, MEMBER, PEOPLE, READY, TRUSTEES, Rooms, give
from tests.service.house import STEPS

_DAY: Final = 86_400
_TITLES: Final = {
    DRAFT: ElectionTexts(title="Student elections 2027", intro=""),
    CEREMONY: ElectionTexts(title="Heads of faculty, by-election", intro=""),
    READY: ElectionTexts(title="Student council", intro="Read what the candidates say, and take your time."),
}


async def set_up_elections(service: Service, rooms: Rooms) -> None:
    """All three."""
    students = make_students(48, 7)
    await _draft(service, rooms)
    await _ceremony(service, rooms, students)
    await _ready(service, rooms, students)


async def _draft(service: Service, rooms: Rooms) -> None:
    """Rules begun, with a fault; people without keys."""
    rules = change_rules(begin_rules("ibsu-direct"), {"version": "", "min_ballots": "1"})
    base = new_draft(_TITLES[DRAFT].title)
    texts = {"en": _TITLES[DRAFT], "ka": ElectionTexts(title="სტუდენტური არჩევნები 2027", intro="")}
    presentation = msgspec.structs.replace(base.presentation, texts=texts, contact="committee@example.edu")
    draft = msgspec.structs.replace(base, rules=rules, presentation=presentation)
    async with service.database.transaction() as connection:
        await create_draft(connection, DRAFT, draft)
    await give(service, rooms.sitters[CHAIR].account, DRAFT, Role.CHAIR)
    for name, role in PEOPLE[:2]:
        await give(service, rooms.sitters[name].account, DRAFT, role)


async def _made(service: Service, rooms: Rooms, election: str) -> Committee:
    """An election whose log is made, with rules in it and a draft; the chair and a member have roles there."""
    members = tuple(MemberKey(name, draw_secret(os.urandom)) for name in ("nino", "giorgi"))
    base = new_draft(_TITLES[election].title, rehearsal=True)
    now = service.clock()
    texts = {"en": _TITLES[election]}
    draft = msgspec.structs.replace(
        base,
        presentation=msgspec.structs.replace(base.presentation, texts=texts),
        opens=now + _DAY,
        closes=now + 2 * _DAY,
        waiver="The committee, on 3 October: links are handed over in person.",
        second_factor="none",
    )
    wanted = [WantedMember(member.id, member.id, member.id, member.public) for member in members]
    async with service.database.transaction() as connection:
        await create_draft(connection, election, draft)
    log_id = await create_election(service, plan_of(election, draft, wanted))
    async with service.database.transaction() as connection:
        await store_presentation(connection, election, draft.presentation)
    await give(service, rooms.sitters[CHAIR].account, election, Role.CHAIR)
    await give(service, rooms.sitters[MEMBER].account, election, Role.MEMBER)
    committee = Committee(election, log_id, members)
    blob = await store_blob(service, election, dump_constitution(demo_constitution()))
    await committee.decide(service, "constitution", {"blob": blob})
    return committee


async def _ceremony(service: Service, rooms: Rooms, students: list[Student]) -> None:
    """The trustees are named, and one of them has sent the first message; a roll is imported."""
    committee = await _made(service, rooms, CEREMONY)
    files = await _trustees(service, rooms, committee)
    ceremony = Ceremony(TrusteeSession(committee.log_id, 1, 2, tuple(file.identity_key for file in files)))
    _, data = next_step(files[1], ceremony, os.urandom)
    assert data is not None
    await accept_message(service, CEREMONY, STEPS[type(data).__name__], msgspec.to_builtins(data))
    async with service.database.transaction() as connection:
        await import_roll(connection, CEREMONY, read_roll(roll_csv(students[:-6])))
    moved = [replace(student, year=student.year % 4 + 1) for student in students[:5]]
    rooms.good_roll = roll_csv([*moved, *students[7:]])
    first, second, *rest = students
    broken = [replace(first, year=9), replace(second, full_name=""), second, replace(rest[0], student_id="=1+1")]
    rooms.bad_roll = roll_csv([*broken, *rest])


async def _ready(service: Service, rooms: Rooms, students: list[Student]) -> None:
    """Everything but the contests: key, readings, frozen roll, links, electorates, candidates."""
    committee = await _made(service, rooms, READY)
    files = await _trustees(service, rooms, committee)
    ceremony = Ceremony(TrusteeSession(committee.log_id, 1, 2, tuple(file.identity_key for file in files)))
    while ceremony.stage is not Stage.DONE:
        for number, file in enumerate(files):
            files[number], data = next_step(file, ceremony, os.urandom)
            if data is not None:
                await accept_message(service, READY, STEPS[type(data).__name__], msgspec.to_builtins(data))
                ceremony = ceremony.add(data)
    await sign_readings(service, committee)
    law = candidate_law((await service.facts(READY)).rules)
    roll = read_roll(roll_csv(students))
    async with service.database.transaction() as connection:
        await import_roll(connection, READY, roll)
        await freeze_roll(connection, READY)
        await import_candidates(connection, READY, candidates_csv(students, 7), law)
        await register_in_service(connection, service.master, READY, service.config.public_url, service.random)
    async with service.database.snapshot() as connection:
        proposals = await electorate_proposals(connection, READY)
        rooms.places["person"] = min((await read_persons(connection, READY)).values())
    for kind, fields in electorate_acts(proposals)[:3]:
        await committee.decide(service, kind, fields)


async def _trustees(service: Service, rooms: Rooms, committee: Committee) -> list[TrusteeFile]:
    """Three trustees with accounts, named by the committee."""
    files = [new_trustee_file(committee.election, os.urandom) for _ in range(3)]
    for file, name in zip(files, TRUSTEES, strict=True):
        await give(service, rooms.sitters[name].account, committee.election, Role.TRUSTEE)
        await store_identity(service, committee.election, rooms.sitters[name].account, b64(file.identity_key))
    keys = [b64(file.identity_key) for file in files]
    await committee.decide(service, "trustee.opened", {"attempt": 1, "k": 2, "trustees": keys})
    return files
