"""From an empty installation to an open poll: roll, committee, registrar, trustees, contests, canaries, opening."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from audit.entries import format_time
from election_service.candidate_law import POSITIONS, candidate_law
from election_service.candidates import contest_plans, import_candidates
from election_service.commands.terminal import out
from election_service.config import Config
from election_service.demo.people import (
    Committee,
    hold_ceremony,
    make_members,
    make_trustees,
    show_canaries,
)
from election_service.demo.rules import REVIEW_WINDOW, demo_constitution, sign_readings
from election_service.demo.showing import announce_booth, show_election
from election_service.demo.speeches import PRESENTATION
from election_service.demo.university import Student, candidates_csv, make_students, roll_csv
from election_service.demo.year.roles import Roles, year_candidates
from election_service.links import Link, write_links
from election_service.poll import opening_data
from election_service.proposals import electorate_acts
from election_service.registration import electorate_proposals, register_in_service
from election_service.roll import Roll, freeze_roll, import_roll, read_roll
from election_service.service import Service, open_service
from election_service.setup import ElectionPlan, create_election, plan_contests, store_blob
from election_service.state_dir import create_durably
from election_service.trustee_tool import Workspace
from keys.canonical import b64
from tally.constitution import dump_constitution

ELECTION: Final = "sg-2026"
TITLE: Final = PRESENTATION.texts["en"].title
PASSPHRASE_SIZE: Final = 18
_WAIVER: Final = "demo: made-up voters have no mailbox for a second factor"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the demo is to be like. ``roll`` and ``candidates``: files instead of the made-up university.

    ``issuer_bits`` below 3072 makes the election a rehearsal, which starts sooner and is marked as one. ``year``: the
    candidates are those of the year's play (year/roles.py).
    """

    students: int = 240
    seed: int = 2026
    roll: Path | None = None
    candidates: Path | None = None
    hours: int = 24
    issuer_bits: int = 3072
    year: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """An election whose poll 1 is open. ``voters``: student id → ballot link; ``roles``: who plays the year."""

    election: str
    title: str
    committee: Committee
    trustees: tuple[Workspace, ...]
    voters: Mapping[str, str]
    links_file: Path
    contests: int
    roles: Roles | None = None
    review_window: int = REVIEW_WINDOW
    contests_each: int = len(POSITIONS)

    @property
    def links(self) -> tuple[str, ...]:
        """Every ballot link, in the order of the links file."""
        return tuple(self.voters.values())


async def prepare(config: Config, folder: Path, wishes: Wishes) -> Prepared:
    """Do all of it through the use cases that the committee's and operator's commands call."""
    roll = _read_roll(wishes)
    roles = _draw_roles(roll, wishes)
    keys = folder / "keys"
    keys.mkdir(mode=0o700)
    passphrase = b64(os.urandom(PASSPHRASE_SIZE))
    create_durably(keys / "passphrase", f"{passphrase}\n".encode())
    members = make_members(keys, passphrase)
    trustees = make_trustees(keys, ELECTION, passphrase)
    plan = ElectionPlan(
        election=ELECTION,
        title=TITLE,
        members=[(member.id, member.public) for member in members],
        second_factor="none",
        waiver=_WAIVER,
        rehearsal=wishes.issuer_bits < 3072,
        issuer_bits=wishes.issuer_bits,
    )
    async with open_service(config) as service:
        committee = Committee(ELECTION, await create_election(service, plan), members)
        with _step("constitution"):
            blob = await store_blob(service, ELECTION, dump_constitution(demo_constitution()))
            await committee.decide(service, "constitution", {"blob": blob})
        with _step("three trustees make a joint key, two of three decrypt"):
            joint = await hold_ceremony(service, committee, trustees)
        with _step("default readings of all ambiguous clauses, signed by two members") as note:
            note(f"{await sign_readings(service, committee)} resolutions")
        with _step("roll, ballot links, electorates"):
            links = await _register(service, config, committee, roll, _candidates(roll, roles, wishes))
            write_links(folder / "links.csv", links)
        with _step("texts in four languages, portraits and statements of candidates") as note:
            note(f"{await show_election(service, ELECTION, folder, wishes.seed)} profiles")
            await announce_booth(service, committee)
        with _step(f"contests, each with an issuer key of {wishes.issuer_bits} bits"):
            contests = await _make_contests(service)
        with _step("canaries, opening by two members"):
            await show_canaries(service, committee, trustees, joint, 1)
            closes = format_time(service.clock() + 3600 * wishes.hours)
            await committee.decide(service, "poll.opened", await opening_data(service, ELECTION, 1, closes))
    out.print(f"{len(links)} voters, {contests} contests")
    voters = {link.student_id: link.link for link in links}
    return Prepared(ELECTION, TITLE, committee, tuple(trustees), voters, folder / "links.csv", contests, roles)


@contextmanager
def _step(name: str) -> Iterator[Callable[[str], None]]:
    """Print a step's time when it is done; what it yields takes a remark on it."""
    started, remarks = time.monotonic(), [name]
    yield remarks.append
    out.print(f"  {': '.join(remarks)}: {time.monotonic() - started:.1f} s")


async def _register(
    service: Service, config: Config, committee: Committee, roll: Roll, candidates: bytes
) -> list[Link]:
    """Import and freeze the roll and the candidates, make credentials, and let the committee approve electorates."""
    law = candidate_law((await service.facts(ELECTION)).rules)
    async with service.database.transaction() as connection:
        await import_roll(connection, ELECTION, roll)
        await freeze_roll(connection, ELECTION)
        await import_candidates(connection, ELECTION, candidates, law)
        links = await register_in_service(connection, service.master, ELECTION, config.public_url, service.random)
    async with service.database.snapshot() as connection:
        proposals = await electorate_proposals(connection, ELECTION)
    for kind, fields in electorate_acts(proposals):
        await committee.decide(service, kind, fields)
    return links


def _read_roll(wishes: Wishes) -> Roll:
    """The roll from a file, or made up."""
    return read_roll(wishes.roll.read_bytes() if wishes.roll else roll_csv(make_students(wishes.students, wishes.seed)))


def _students(roll: Roll, *, standing: bool) -> list[Student]:
    """Those who may vote; ``standing``: of them, those without a penalty, who may stand (6.1.5(8))."""
    return [
        Student(item.student_id, item.full_name, item.faculty, item.department, item.year)
        for item in roll.eligible
        if not (standing and item.disciplinary)
    ]


def _candidates(roll: Roll, roles: Roles | None, wishes: Wishes) -> bytes:
    """The list of candidates: of the year's play, from a file, or made up."""
    if roles is not None:
        return year_candidates(roles)
    if wishes.candidates:
        return wishes.candidates.read_bytes()
    return candidates_csv(_students(roll, standing=True), wishes.seed)


def _draw_roles(roll: Roll, wishes: Wishes) -> Roles | None:
    """Who plays the year, if it is played."""
    if not wishes.year:
        return None
    barred = {item.student_id for item in roll.eligible if item.disciplinary}
    return Roles.among(_students(roll, standing=False), wishes.seed, barred)


async def _make_contests(service: Service) -> int:
    law = candidate_law((await service.facts(ELECTION)).rules)
    async with service.database.snapshot() as connection:
        plans = await contest_plans(connection, ELECTION, law.kinds)
    return len(await plan_contests(service, ELECTION, 1, plans))
