"""What is fuzzed: a service with a certified poll, an open one, an election that has only begun, and a draft.

    world = await prepare(folder, url)        # made once; nobody runs it
    async with world.served(scratch) as address: ...

It is made through the use cases and HTTP with the clock of this machine, so that a real `election-service serve` can go
on from it. Every round runs on a copy: what one breaks, the next does not miss.
"""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import make_url

from election_service.config import Config
from election_service.console.accounts import give_role, make_account
from election_service.console.api_tokens import SCOPES, make_api_token
from election_service.console.drafts import create_draft, new_draft, read_known, store_draft
from election_service.console.roles import SERVICE, Capability, Identity, Role
from election_service.console.roll_upload import add_part
from election_service.console.rules_draft import read_rules_file
from election_service.console_routes import COOKIE
from election_service.installation import write_config
from election_service.link_requests import ask_link_again
from election_service.messages_desk import take_message
from election_service.setup import ElectionPlan, create_election
from election_service.workers import Workers
from keys.canonical import b64
from tally.constitution_toml import preset
from tests.console.desk import Desk
from tests.databases import run_as_administrator
from tests.faults.server import Server
from tests.fuzz.bodies import valid_bodies
from tests.service.house import ELECTION, WAIVER, House, built
from tests.service.mail_sink import SENDER, Sink, running
from tests.service.rolls import table
from tests.service.town import BUSINESS, LAW, PRESIDENT, Town, candidates, student

BEGUN: Final = "begun-2026"  # has a log with entry 0 alone
DRAFT: Final = "draft-2026"  # has no log yet
PLACES: Final = {  # where an operation has something to do, by its id; the others have it in the election of the house
    "change_setup": DRAFT,
    "begin_log": DRAFT,
    "change_rules": BEGUN,
    "finish_rules": BEGUN,
    "add_roll_part": BEGUN,
    "map_roll": BEGUN,
    "import_roll": BEGUN,
}
CALLERS: Final = ("nobody", "voter", "member's token", "chair's token", "chair's session")
_MAIL: Final = 'smtp_host = "localhost"\nsmtp_port = {port}\nsmtp_security = "none"\nmail_from = "{sender}"\n'
_DAY: Final = 86_400
_OPEN_HOURS: Final = 72
_LISTED: Final = candidates(
    f"s1 {PRESIDENT}",
    f"s6 {PRESIDENT}",
    f"s2 {PRESIDENT}",
    "s2 head-of-faculty Law",
    "s6 head-of-faculty Business",
    "s7 head-of-faculty Business",
)
_VOTES: Final = {PRESIDENT: {"s1": 3, "s6": 3, "s2": 1}, LAW: {"s2": 3}, BUSINESS: {"s6": 2, "s7": 1}}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the headers that say so, and the elections that are asked about, as often as they are named."""

    name: str
    headers: Mapping[str, str]
    elections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class World:
    """A prepared service. ``parameters``: values that lead somewhere, by `path.NAME` and `query.NAME`; ``bodies``:
    requests that are good as they stand, by operation id. ``server``: the PostgreSQL server, None for SQLite.
    """

    folder: Path
    config: Config
    callers: tuple[Caller, ...]
    parameters: Mapping[str, Sequence[str]]
    bodies: Mapping[str, Sequence[Any]]
    server: str | None = None

    @asynccontextmanager
    async def served(self, folder: Path) -> AsyncIterator[str]:
        """A copy of it in ``folder`` behind a real process; gives the address."""
        shutil.copytree(self.folder / "state", folder / "state")
        shutil.copy2(self.config.master_key_file, folder / "master.key")
        with running(Sink()) as mail:
            state, key, file = folder / "state", folder / "master.key", folder / "election.toml"
            async with self._database(folder) as url:
                write_config(
                    msgspec.structs.replace(self.config, state_dir=state, master_key_file=key, database_url=url), file
                )
                with file.open("a") as more:
                    more.write(_MAIL.format(port=mail.port, sender=SENDER))
                server = Server(folder, election=ELECTION)
                await server.start()
                try:
                    yield server.address
                finally:
                    await server.stop()

    @asynccontextmanager
    async def _database(self, folder: Path) -> AsyncIterator[str]:
        if self.server is None:
            shutil.copy2(self.folder / "election.db", folder / "election.db")
            yield f"sqlite:///{folder / 'election.db'}"
            return
        original, name = make_url(self.config.database_url).database, f"es_fuzz_{uuid.uuid4().hex[:12]}"
        await run_as_administrator(self.server, f'CREATE DATABASE "{name}" TEMPLATE "{original}"')
        url = make_url(self.server).set(drivername="postgresql", database=name)
        try:
            yield url.render_as_string(hide_password=False)
        finally:
            await run_as_administrator(self.server, f'DROP DATABASE "{name}" WITH (FORCE)')


async def prepare(folder: Path, url: str, server: str | None = None) -> World:
    """The world in ``folder`` and the database at ``url``; ``server``: of that database, None for SQLite."""
    workers = Workers(1)
    try:
        async with built(url, folder, workers, registrar_in_service=True, began=int(time.time()) - _DAY) as house:
            town = Town(house)
            await town.settle(_LISTED)
            await town.hold(1, _VOTES)
            closed = list(house.contexts)
            await house.conclude()
            await town.prepare_next(hours=_OPEN_HOURS)
            house.clock.now = int(time.time())
            await _begin_others(house)
            await _write_to_the_committee(house)
            callers, victims = await _people(town)
            bodies, acts = await valid_bodies(town)
            parameters = {
                "path.context": [b64(context) for context in (*house.contexts, *closed)],
                "path.act": acts,
                "path.n": ["2", "1", "3"],
                "path.account": victims,
                "path.person": [await town.person("s1"), await town.person("s6")],
                "path.role": ["observer", "trustee", "member"],
                "path.number": ["1", "2"],
                "path.name": ["protocol-1-ka.pdf", "protocol-1-en.pdf.sig", "result-1.json", "result-1.csv.sig"],
                "query.opens": ["2027-03-01T08:00:00Z"],
                "query.closes": ["2027-03-02T16:00:00Z"],
            }
            return World(folder, house.service.config, callers, parameters, bodies, server)
    finally:
        await workers.close()


async def _begin_others(house: House) -> None:
    members = [(name, signer.public) for name, signer in house.members.items()]
    plan = ElectionPlan(
        BEGUN, "An election that has begun", members, rehearsal=True, second_factor="none", waiver=WAIVER
    )
    await create_election(house.service, plan)
    roll = table(*(student(number) for number in range(1, 5)))
    async with house.service.database.transaction() as connection:
        await create_draft(connection, DRAFT, new_draft("A draft"))
        await add_part(house.service, connection, BEGUN, "roll.csv", roll, first=True)
        draft = (await read_known(connection, BEGUN, lock=True)).draft
        rules = read_rules_file(preset("ibsu-direct").encode())
        await store_draft(connection, BEGUN, msgspec.structs.replace(draft, rules=rules))


async def _write_to_the_committee(house: House) -> None:
    """Somebody asks for the link again, and somebody asks a question."""
    await ask_link_again(house.service, ELECTION, "s7@example.edu")
    await house.service.link_desk.close()
    await take_message(house.service, ELECTION, text="Where is my link?", contact="", kind="question")


async def _people(town: Town) -> tuple[tuple[Caller, ...], list[str]]:
    """Those who ask, and accounts that may be changed or locked without anybody being missed."""
    house = town.house
    ana = await Desk.open(house, "ana", *Role)
    nino = await Desk.open(house, "nino", Role.CHAIR)
    beka = await Desk.open(house, "beka", Role.MEMBER)
    victims = [(await Desk.open(house, name, Role.OBSERVER, Role.TRUSTEE)).account for name in ("luka", "eka")]
    async with house.service.database.transaction() as connection:
        for election in (BEGUN, DRAFT):
            for role in Role:
                await give_role(connection, election, ana.account, role)
        await give_role(connection, SERVICE, ana.account, Role.CHAIR)
        victims.append((await make_account(house.service, connection, "dato@example.edu", "Dato")).account)
        await give_role(connection, ELECTION, victims[-1], Role.MEMBER)
    bearer = await house.log_in(town.people["s1"])
    here = (ELECTION, ELECTION, BEGUN, DRAFT)
    session = {"Cookie": f"{COOKIE}={ana.cookie}", "X-CSRF": ana.csrf}
    members, chairs = await _token(house, beka, Role.MEMBER), await _token(house, nino, Role.CHAIR)
    headers: list[dict[str, str]] = [{}, _bearer(bearer), _bearer(members), _bearer(chairs), session]
    elections = (here, (ELECTION,), (ELECTION,), (ELECTION,), here)
    return tuple(map(Caller, CALLERS, headers, elections)), victims


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def _token(house: House, desk: Desk, role: Role) -> str:
    """A token with every scope that this role can give away."""
    who = Identity(desk.account, "", "", "en", {ELECTION: frozenset({role})})
    scopes = frozenset(Capability(scope) for scope in SCOPES & who.capabilities(ELECTION))
    return await make_api_token(house.service, who, ELECTION, "fuzz", scopes, 1)


async def prepare_sqlite(folder: Path) -> World:
    """On SQLite."""
    return await prepare(folder, f"sqlite:///{folder / 'election.db'}")


@asynccontextmanager
async def prepared_postgresql(folder: Path, server: str) -> AsyncIterator[World]:
    """On this PostgreSQL server, as long as the block lasts."""
    name = f"es_fuzz_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    await run_as_administrator(server, f'CREATE DATABASE "{name}"')
    url = make_url(server).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    try:
        yield await prepare(folder, url, server)
    finally:
        await run_as_administrator(server, f'DROP DATABASE "{name}" WITH (FORCE)')
