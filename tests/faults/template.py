"""A small election, prepared once and copied for every test: everything up to the opening of poll 1.

It is made through the same use cases as a real one, with keys in memory instead of files. A SQLite template is copied
as a file, a PostgreSQL one with CREATE DATABASE … TEMPLATE; the state directory and the master key go with it.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import make_url

from ballot.contest import Option
from election_service.commands.trustee import STEP_KINDS
from election_service.committee import MemberKey
from election_service.config import Config
from election_service.demo.people import Committee
from election_service.demo.university import make_students, roll_csv
from election_service.electorates import UNIVERSITY
from election_service.installation import install, write_config
from election_service.registration import electorate_proposals, register_in_service
from election_service.roll import freeze_roll, import_roll, read_roll
from election_service.service import Service, open_service
from election_service.setup import ContestPlan, ElectionPlan, create_election, plan_contests, store_blob
from election_service.trustees import accept_message
from keys.canonical import b64
from keys.trustee import Ceremony, JointKey, Stage, TrusteeSession
from keys.trustee.file import TrusteeFile, new_trustee_file
from keys.trustee.tool import canary, next_step
from tally.constitution import Constitution, dump_constitution
from tests.databases import run_as_administrator
from tests.simulated.builders import make_signer
from tests.tally.law import make_constitution

ELECTION: Final = "faults-2026"
PUBLIC_URL: Final = "http://localhost:21000"
REVIEW_WINDOW: Final = 1  # seconds
SEAL_EVERY: Final = 1  # seconds: a sealing at nearly every tick of the scheduler
SEAL_MINIMUM: Final = 3
VOTERS: Final = 120
ISSUER_BITS: Final = 1024
_MEMBERS: Final = ("ana", "beka", "gio")
FACULTY: Final = "faculty.law"  # everybody's, so that everybody votes twice
_OPTIONS: Final = (
    Option(id="nino", name={"en": "Nino"}, blank=False),
    Option(id="luka", name={"en": "Luka"}, blank=False),
    Option(id="blank", name={"en": "Neither"}, blank=True),
)
_CONTESTS: Final = (
    ContestPlan("head", "head-of-self-governance", UNIVERSITY, _OPTIONS),
    ContestPlan("faculty", "head-of-faculty", FACULTY, _OPTIONS, recovery=False),
)


@dataclass(frozen=True, slots=True)
class Template:
    """A prepared election whose poll is planned. ``server``: the PostgreSQL server, None for SQLite."""

    folder: Path
    config: Config
    committee: Committee
    trustees: tuple[TrusteeFile, ...]
    links: tuple[str, ...]
    server: str | None = None

    @asynccontextmanager
    async def copy(self, folder: Path) -> AsyncIterator[Config]:
        """A copy in ``folder``, with its configuration file; the database goes when the block ends."""
        shutil.copytree(self.folder / "state", folder / "state")
        shutil.copy2(self.config.master_key_file, folder / "master.key")
        config = msgspec.structs.replace(self.config, state_dir=folder / "state", master_key_file=folder / "master.key")
        if self.server is None:
            shutil.copy2(self.folder / "election.db", folder / "election.db")
            config = msgspec.structs.replace(config, database_url=f"sqlite:///{folder / 'election.db'}")
            write_config(config, folder / "election.toml")
            yield config
            return
        original, name = make_url(self.config.database_url).database, f"es_faults_{uuid.uuid4().hex[:12]}"
        await run_as_administrator(self.server, f'CREATE DATABASE "{name}" TEMPLATE "{original}"')
        config = msgspec.structs.replace(config, database_url=database_url(self.server, name))
        write_config(config, folder / "election.toml")
        try:
            yield config
        finally:
            await run_as_administrator(self.server, f'DROP DATABASE "{name}" WITH (FORCE)')


def database_url(server: str, name: str) -> str:
    """The URL of a database on a PostgreSQL server."""
    url = make_url(server).set(drivername="postgresql", database=name)
    return url.render_as_string(hide_password=False)


@asynccontextmanager
async def prepared(folder: Path, server: str | None = None) -> AsyncIterator[Template]:
    """A template in ``folder``: on SQLite, or on this PostgreSQL server."""
    if server is None:
        yield await _prepare(folder, f"sqlite:///{folder / 'election.db'}", None)
        return
    name = f"es_template_{uuid.uuid4().hex[:12]}"
    await run_as_administrator(server, f'CREATE DATABASE "{name}"')
    try:
        yield await _prepare(folder, database_url(server, name), server)
    finally:
        await run_as_administrator(server, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _prepare(folder: Path, url: str, server: str | None) -> Template:
    config = Config(
        database_url=url,
        state_dir=folder / "state",
        master_key_file=folder / "master.key",
        public_url=PUBLIC_URL,
        workers=1,
    )
    await install(config)
    members = tuple(MemberKey(name, make_signer(name).secret) for name in _MEMBERS)
    plan = ElectionPlan(
        election=ELECTION,
        title="An election in which things break",
        members=[(member.id, member.public) for member in members],
        rehearsal=True,
        second_factor="none",
        waiver="tests: nobody has a mailbox",
        seal_minimum=SEAL_MINIMUM,
        seal_every=SEAL_EVERY,
        issuer_bits=ISSUER_BITS,
    )
    async with open_service(config) as service:
        committee = Committee(ELECTION, await create_election(service, plan), members)
        blob = await store_blob(service, ELECTION, dump_constitution(_constitution()))
        await committee.decide(service, "constitution", {"blob": blob})
        trustees, joint = await _hold_ceremony(service, committee)
        links = await _register(service, committee)
        await plan_contests(service, ELECTION, 1, _CONTESTS)
        for trustee in trustees:
            data = canary(trustee, committee.log_id, joint, 1, os.urandom)
            await accept_message(service, ELECTION, "trustee.canary", msgspec.to_builtins(data))
    return Template(folder, config, committee, tuple(trustees), tuple(links), server)


def _constitution() -> Constitution:
    changes = {"turnout.scope": "university", "positions.head-of-faculty.seat.approval": "none"}
    return make_constitution(changes, min_ballots=2, review_window=REVIEW_WINDOW, max_slack=100)


async def _hold_ceremony(service: Service, committee: Committee) -> tuple[list[TrusteeFile], JointKey]:
    """Three trustees, two of whom decrypt; their files stay in memory."""
    files = [new_trustee_file(ELECTION, os.urandom) for _ in range(3)]
    identities = tuple(file.identity_key for file in files)
    fields = {"attempt": 1, "k": 2, "trustees": [b64(key) for key in identities]}
    await committee.decide(service, "trustee.opened", fields)
    ceremony = Ceremony(TrusteeSession(committee.log_id, 1, 2, identities))
    while ceremony.stage is not Stage.DONE:
        for number, file in enumerate(files):
            files[number], data = next_step(file, ceremony, os.urandom)
            if data is not None:
                await accept_message(service, ELECTION, STEP_KINDS[type(data)], msgspec.to_builtins(data))
                ceremony = ceremony.add(data)
    return [next_step(file, ceremony, os.urandom)[0] for file in files], ceremony.joint_key


async def _register(service: Service, committee: Committee) -> list[str]:
    """Roll, credentials, and the two electorates that vote; returns the ballot links."""
    students = [replace(item, faculty="Law", department="Law") for item in make_students(VOTERS, 1)]
    roll = read_roll(roll_csv(students))
    async with service.database.transaction() as connection:
        await import_roll(connection, ELECTION, roll)
        await freeze_roll(connection, ELECTION)
        links = await register_in_service(connection, service.master, ELECTION, PUBLIC_URL, service.random)
    async with service.database.snapshot() as connection:
        proposals = await electorate_proposals(connection, ELECTION)
    for item in proposals:
        if item.id in {UNIVERSITY, FACULTY}:
            fields = {"id": item.id, "size": item.size, "root": item.root, "blob": item.blob}
            await committee.decide(service, "electorate", {**fields, "signature": item.signature})
    return [link.link for link in links]
