"""1,200 invitations, a mail server in the worst of moods, and kill -9 in the middle: everybody ends with one link.

A mail that the server had taken at the moment of a kill, or of a lost connection, comes a second time: with the same
Message-ID, the same bytes, and so the same link. That is what the service promises, and no more (outbox.py).
"""

from __future__ import annotations

import asyncio
import base64
import re
import secrets
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import pytest
from sqlalchemy import select

from ballot.link import read_link
from election_service import schema
from election_service.api_types import ElectionTexts
from election_service.config import Config
from election_service.demo.university import make_students, roll_csv
from election_service.installation import install, write_config
from election_service.invitations import queue_invitations
from election_service.links import Link
from election_service.outbox import queue_again
from election_service.presentation import Presentation, store_presentation
from election_service.registration import register_in_service
from election_service.roll import freeze_roll, import_roll, read_roll
from election_service.schema_mail import outbox
from election_service.service import open_service
from election_service.setup import ElectionPlan, create_election
from keys import schnorr
from keys.derive import credential_key
from tests.faults.server import ROOT
from tests.scale import scaled
from tests.service.mail_sink import SENDER, Sink, free_port, parts, running
from tests.simulated.builders import make_signer

ELECTION: Final = "mail-2026"
PUBLIC_URL: Final = "http://localhost:21000"
MOODS: Final = {"later": 0.05, "drop": 0.02, "lose": 0.01, "slow": 0.01}
PROCESSES: Final = 2
_LINK: Final = re.compile(re.escape(PUBLIC_URL) + r"/vote/\S+")


@dataclass(frozen=True, slots=True)
class Office:
    """An installation with everybody's invitation in the outbox. ``links``: by address; tests alone know them."""

    config: Config
    file: Path
    links: dict[str, Link]


@asynccontextmanager
async def office(folder: Path, url: str, port: int, voters: int) -> AsyncIterator[Office]:
    """``registrar make --send`` for so many students."""
    config = Config(
        database_url=url,
        state_dir=folder / "state",
        master_key_file=folder / "master.key",
        public_url=PUBLIC_URL,
        workers=1,
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security="none",
        mail_from=SENDER,
        mails_per_minute=6000,
    )
    await install(config)
    write_config(config, folder / "election.toml")
    with (folder / "election.toml").open("a", encoding="utf-8") as file:
        file.write(f'smtp_host = "127.0.0.1"\nsmtp_port = {port}\nsmtp_security = "none"\n')
        file.write(f'mail_from = "{SENDER}"\nmails_per_minute = 6000\n')
    plan = ElectionPlan(
        election=ELECTION,
        title="Student self-governance elections",
        members=[(name, make_signer(name).public) for name in ("ana", "beka")],
        rehearsal=True,
        second_factor="none",
        waiver="tests",
    )
    texts = {
        "en": ElectionTexts(title="Elections of the student self-governance of the university, autumn 2026", intro=""),
        "ka": ElectionTexts(title="უნივერსიტეტის სტუდენტური თვითმმართველობის არჩევნები, შემოდგომა 2026", intro=""),
        "az": ElectionTexts(title="Universitetin tələbə özünüidarəsinə seçkilər, payız 2026", intro=""),
    }
    async with open_service(config) as service:
        await create_election(service, plan)
        async with service.database.transaction() as connection:
            shown = Presentation(texts=texts, contact="committee@example.edu", zone="Asia/Tbilisi")
            await store_presentation(connection, ELECTION, shown)
            await import_roll(connection, ELECTION, read_roll(roll_csv(make_students(voters, 1))))
            await freeze_roll(connection, ELECTION)
            links = await register_in_service(connection, service.master, ELECTION, PUBLIC_URL, service.random)
            assert await queue_invitations(service, connection, ELECTION, links) == voters
        yield Office(config, folder / "election.toml", {link.email: link for link in links})


async def send_and_kill(file: Path, rounds: int, dice: Random, sink: Sink) -> int:
    """Processes that send, two at a time, each killed amid its mails; the last two may finish. How many died."""
    killed = 0
    for number in range(rounds + 1):
        last = number == rounds
        started = [await _start(file) for _ in range(PROCESSES)]
        if last:
            ends = [asyncio.wait_for(process.wait(), 300) for process in started]
            assert await asyncio.gather(*ends) == [0] * PROCESSES
            return killed
        for process in started:
            goal = len(sink.raws) + dice.randint(5, 60)
            while len(sink.raws) < goal and process.returncode is None:  # noqa: ASYNC110 -- the sink is a thread
                await asyncio.sleep(0.005)
            if process.returncode is None:
                process.kill()
                killed += 1
            await process.wait()
    return killed


async def _start(file: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.mail_process", str(file)), cwd=ROOT
    )


@pytest.mark.slow
async def test_everybody_ends_with_one_link(database_url: str, tmp_path: Path) -> None:
    """A44, A85: one link each, whatever happens on the way."""
    voters, rounds = (scaled(1200, 300), 5) if database_url.startswith("sqlite") else (scaled(1200, 120), scaled(5, 3))
    number = secrets.randbelow(10**6)
    dice, sink, port = Random(number), Sink(moods=MOODS, dice=Random(number)), free_port()
    async with office(tmp_path, database_url, port, voters) as made:
        addresses = sorted(made.links)
        refused = set(dice.sample(addresses, 5))
        sink.refuse = set(refused)
        begun = time.monotonic()
        with running(sink, port):
            killed = await send_and_kill(made.file, rounds, dice, sink)
            seconds = time.monotonic() - begun
            await check_states(made, refused, "refused")
            sink.refuse = set()
            await try_again(made)
            assert await send_and_kill(made.file, 0, dice, sink) == 0
        await check_states(made, refused, "sent")
        doubled = check_mails(made, sink, addresses)
        print(f"seed {number}: {voters} voters, {killed} kills, {dict(sink.troubles)}, {sink.connections} connections")
        print(f"{doubled} mails came twice; {seconds:.0f} s")
        assert killed >= rounds
        assert doubled <= killed + sink.troubles["lose"]
        await check_credentials(made)
        check_files(made, tmp_path)


def check_mails(made: Office, sink: Sink, addresses: list[str]) -> int:
    """One distinct mail for each address, with the own link and no other; how many came more than once."""
    distinct: dict[str, set[bytes]] = defaultdict(set)
    for raw, to in zip(sink.raws, sink.recipients, strict=True):
        distinct[to].add(raw)
    assert sorted(distinct) == addresses
    assert {len(raws) for raws in distinct.values()} == {1}
    languages: Counter[str] = Counter()
    identities: set[str] = set()
    for to, mail in zip(sink.recipients, sink.mails, strict=True):
        assert [address.addr_spec for address in mail["To"].addresses] == [to]
        assert len(str(mail["Subject"])) <= 40
        text, html = parts(mail)
        found = {*_LINK.findall(text), *_LINK.findall(html.replace('"', " ").replace("<", " "))}
        assert found == {made.links[to].link}
        languages[str(mail["Content-Language"])] += 1
        identities.add(str(mail["Message-ID"]))
    assert set(languages) == {"en", "ka", "az", "ru"}
    assert len(identities) == len(addresses)
    return len(sink.raws) - len(addresses)


async def check_states(made: Office, refused: set[str], state: str) -> None:
    """Everybody's mail is out and empty, but for the refused ones, whose link is still sealed there."""
    async with open_service(made.config, check=False) as service, service.database.snapshot() as connection:
        rows = (await connection.execute(select(outbox.c.recipient, outbox.c.state, outbox.c.sealed))).all()
    students = {made.links[address].student_id for address in refused}
    assert len(rows) == len(made.links)
    for row in rows:
        expected = state if row.recipient in students else "sent"
        assert (row.state, row.sealed is None) == (expected, expected == "sent")


async def try_again(made: Office) -> None:
    """`mail retry --all`, after the mailboxes were mended."""
    async with open_service(made.config, check=False) as service, service.database.transaction() as connection:
        assert await queue_again(connection, ELECTION, None, service.clock()) == 5


async def check_credentials(made: Office) -> None:
    """Each link derives the credential that the roll has for its voter."""
    async with open_service(made.config, check=False) as service, service.database.snapshot() as connection:
        rows = (await connection.execute(select(schema.voters.c.email, schema.voters.c.credential))).all()
    credentials = {row.email: row.credential for row in rows}
    for address, link in made.links.items():
        seed = read_link(link.link)[2]
        assert credentials[address] == schnorr.public_key(credential_key(seed, ELECTION))


def check_files(made: Office, folder: Path) -> None:
    """A44: no seed in any form is left in any file of the installation; SQLite's write-ahead log is one of them."""
    contents = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert ("election.db" in contents) == made.config.database_url.startswith("sqlite")
    for link in made.links.values():
        seed = read_link(link.link)[2]
        fragment = link.link.partition("#")[2].encode()
        for form in (seed, seed.hex().encode(), fragment[:40], base64.b64encode(fragment)[4:40]):
            assert not [name for name, content in contents.items() if form in content]
