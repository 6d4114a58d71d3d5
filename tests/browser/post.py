"""A small election whose links, codes and news go by mail: `election-service serve` with a mail server that listens.

Everything up to the frozen roll is prepared as in the demo; what follows is for the tests to do by the commands that
the committee and the operator type.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from audit.entries import format_time
from election_service.candidate_law import candidate_law
from election_service.candidates import import_candidates
from election_service.config import Config
from election_service.demo.people import Committee, hold_ceremony, make_members, make_trustees
from election_service.demo.preparation import ELECTION, TITLE, Prepared, Wishes
from election_service.demo.rules import demo_constitution, sign_readings
from election_service.demo.serving import Demo, make_folder
from election_service.demo.showing import announce_booth, show_election
from election_service.demo.university import Student, candidates_csv, roll_csv
from election_service.installation import install
from election_service.languages import translations
from election_service.roll import freeze_roll, import_roll, read_roll
from election_service.service import open_service
from election_service.setup import ElectionPlan, create_election, store_blob
from election_service.state_dir import create_durably
from keys.canonical import b64
from tally.constitution import dump_constitution
from tests.browser.house import CONTESTS, House, free_port
from tests.service.mail_sink import SENDER, Sink, parts, running

CONTACT: Final = "committee@example.edu"  # as the demo's texts have it
MEMBERS: Final = ("member-giorgi", "member-nino")
STUDENTS: Final = tuple(
    Student(f"26{number:06d}", f"{name} {number + 1}", "Law", "Law", 2, language)
    for number, (name, language) in enumerate(
        (("ნინო ბერიძე", "ka"), ("Emma Smith", "en"), ("Rəşad Məmmədov", "az"), ("Ольга Петрова", "ru")) * 4
    )
)
_PATIENCE: Final = 30.0  # seconds until a mail has come
_SEAL_EVERY: Final = 2  # seconds
_SUBJECTS: Final = {
    "invite": "Your ballot: %(title)s",
    "reissue": "Your new ballot link: %(title)s",
    "code": "Your code: %(title)s",
    "issued": "Ballot handed out: %(title)s",
    "reminder": "Reminder: %(title)s",
    "result": "Result: %(title)s",
    "link-request": "Asks for the link: %(title)s",
}
_LINK: Final = re.compile(r"http://localhost:\d+/vote/[^\s\"<]+")
_CODE: Final = re.compile(r"^(\d{6})\r?$", re.MULTILINE)


@dataclass(slots=True, eq=False)
class Post(House):
    """The election with its mail server."""

    file: Path = Path()
    sink: Sink = field(default_factory=Sink)

    async def wait_for_answer(self) -> None:
        """Until the service answers at all: there is no poll yet."""
        deadline = time.monotonic() + _PATIENCE
        async with aiohttp.ClientSession() as session:
            while True:
                try:
                    async with session.get(f"{self.address}/api/elections/{ELECTION}") as answer:
                        answer.raise_for_status()
                        return
                except aiohttp.ClientError:
                    assert time.monotonic() < deadline, self.service_log()
                    await asyncio.sleep(0.1)

    async def mails(self, address: str, kind: str, count: int = 1) -> list[EmailMessage]:
        """All mails of this kind to this address, as soon as there are so many; never more."""
        deadline = time.monotonic() + _PATIENCE
        while len(found := self.had(address, kind)) < count:
            assert time.monotonic() < deadline, f"{address}: expected {count} mails, got {len(found)}"
            await asyncio.sleep(0.05)
        assert len(found) == count, [str(mail["Subject"]) for mail in found]
        return found

    def had(self, address: str, kind: str) -> list[EmailMessage]:
        """The mails of this kind that came to this address until now."""
        mails = [mail for mail in self.sink.mails if mail["To"].addresses[0].addr_spec == address]
        return [mail for mail in mails if str(mail["Subject"]).startswith(_beginning(kind, mail))]

    async def newest(self, address: str, kind: str, count: int = 1) -> str:
        """The text of mail ``count`` of this kind to this address."""
        return parts((await self.mails(address, kind, count))[-1])[0]

    async def notices(self, address: str, tokens: int) -> list[EmailMessage]:
        """The notices of so many tokens to this address: one mail, or more where a sealing came in between."""
        deadline = time.monotonic() + _PATIENCE
        while (told := sum(map(items, found := self.had(address, "issued")))) < tokens:
            assert time.monotonic() < deadline, f"{address}: expected notices of {tokens} tokens, got {told}"
            await asyncio.sleep(0.05)
        assert told == tokens
        return found

    async def operate(self, *arguments: str) -> str:
        """A command of the operator or registrar that must succeed; what it printed."""
        code, printed = await self.command(
            "election-service", *arguments, "--election", ELECTION, "--config", str(self.file)
        )
        assert code == 0, printed
        return printed

    async def decide(self, *arguments: str) -> None:
        """One member proposes by this command, another approves."""
        await self.act(*arguments, "--yes", key=MEMBERS[0])
        await self.act("member", "approve", "--yes", key=MEMBERS[1])

    async def open_poll(self, electorates: Path) -> None:
        """From the registrar's electorates to an open poll."""
        await self.decide("member", "propose", str(electorates))
        await self.operate("roll", "contests")
        for number in range(1, 4):
            await self.act("trustee", "canary", key=f"trustee-{number}")
        closes = format_time(int((datetime.now(UTC) + timedelta(hours=24)).timestamp()))
        await self.decide("poll", "open", "--closes", closes)
        await self.wait_for("open")


def _beginning(kind: str, mail: EmailMessage) -> str:
    """How the subject of a mail of this kind begins, in the language of ``mail``."""
    return translations(mail["Content-Language"]).gettext(_SUBJECTS[kind]).partition("%(title)s")[0]


def items(mail: EmailMessage) -> int:
    """How many items the mail lists."""
    return parts(mail)[0].count("\n- ")


def link_in(mail: EmailMessage) -> str:
    """The ballot link of a mail; its text and its HTML hold the same one, and no other."""
    text, html = parts(mail)
    (link,) = {str(found) for found in _LINK.findall(text)}
    assert {link} == set(_LINK.findall(html))
    assert f'href="{link}"' in html
    return link


def code_in(text: str) -> str:
    """The code in the text of a mail."""
    (code,) = _CODE.findall(text)
    return str(code)


@asynccontextmanager
async def served_post(folder: Path, database_url: str | None = None) -> AsyncIterator[Post]:
    """Prepare the election up to the frozen roll, and serve it with a mail server beside it."""
    sink, demo = Sink(), Demo(folder / "demo", Wishes(), database_url, free_port(), 1, 0, finish=False)
    with running(sink) as server:
        config = msgspec.structs.replace(
            make_folder(demo),
            smtp_host=server.host,
            smtp_port=server.port,
            smtp_security="none",
            mail_from=SENDER,
            mails_per_minute=6000,
        )
        file = demo.folder / "election.toml"
        with file.open("a", encoding="utf-8") as lines:
            lines.write(f'smtp_host = "{server.host}"\nsmtp_port = {server.port}\nsmtp_security = "none"\n')
            lines.write(f'mail_from = "{SENDER}"\nmails_per_minute = 6000\n')
        await install(config)
        prepared = await _prepare(config, demo.folder, STUDENTS)
        post = Post(demo.folder, config, prepared, file=file, sink=sink)
        await post.serve()
        try:
            await post.wait_for_answer()
            yield post
        finally:
            await post.stop()


async def _prepare(config: Config, folder: Path, students: Sequence[Student]) -> Prepared:
    """The committee, its rules, the trustees' key, the roll and the candidates."""
    keys = folder / "keys"
    keys.mkdir(mode=0o700)
    passphrase = b64(os.urandom(18))
    create_durably(keys / "passphrase", f"{passphrase}\n".encode())
    members, trustees = make_members(keys, passphrase), make_trustees(keys, ELECTION, passphrase)
    plan = ElectionPlan(
        election=ELECTION,
        title=TITLE,
        members=[(member.id, member.public) for member in members],
        second_factor="email",
        waiver="tests: link and code go to one mailbox",
        rehearsal=True,
        issuer_bits=1024,
        seal_minimum=1,
        seal_every=_SEAL_EVERY,
    )
    async with open_service(config) as service:
        committee = Committee(ELECTION, await create_election(service, plan), members)
        blob = await store_blob(service, ELECTION, dump_constitution(demo_constitution()))
        await committee.decide(service, "constitution", {"blob": blob})
        await hold_ceremony(service, committee, trustees)
        await sign_readings(service, committee)
        law = candidate_law((await service.facts(ELECTION)).rules)
        async with service.database.transaction() as connection:
            await import_roll(connection, ELECTION, read_roll(roll_csv(list(students))))
            await freeze_roll(connection, ELECTION)
            await import_candidates(connection, ELECTION, candidates_csv(list(students), 1), law)
        await show_election(service, ELECTION, folder, 1)
        await announce_booth(service, committee)
    return Prepared(ELECTION, TITLE, committee, tuple(trustees), {}, folder / "links.csv", CONTESTS)
