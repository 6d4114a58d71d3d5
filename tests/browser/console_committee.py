"""Two members and their trustees at the console: what they do together, from a new election to its result.

Every step goes by pages alone, and by the words that stand on them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from playwright.async_api import expect

from tests.browser.console_person import PATIENCE, Person
from tests.browser.console_trustee import Trustee

ZONE: Final = ZoneInfo("Asia/Tbilisi")
REVIEW: Final = 5  # seconds
COMPLAINTS: Final = 10  # seconds
_SEMESTER: Final = timedelta(days=7)  # it began so long ago: the first poll is in time (6.12.1)
_LOOK_EVERY: Final = 1.0  # seconds


@dataclass(slots=True)
class Committee:
    """``ana`` is the chair and proposes, ``beka`` approves. ``log_id``: as they note it on paper."""

    ana: Person
    beka: Person
    trustees: Sequence[Trustee] = ()
    log_id: str = ""

    async def propose(self) -> None:
        """The act on Ana's form: she looks at it and signs, Beka looks at it and signs."""
        if await self.ana.main.get_by_role("button", name="Show what it would do").count():
            await self.ana.press("Show what it would do", patience=PATIENCE)
        await self.ana.sign()
        await self.beka.approve()

    # ---- before the poll -----------------------------------------------------------------------------------------

    async def begin(self) -> None:
        """A rehearsal, as a draft."""
        ana = self.ana
        await ana.page.goto("/committee")
        await ana.follow("New election")
        await ana.write("Short name", ana.election)
        await ana.write("Title in English", "Elections of the self-governance")
        await ana.page.get_by_label("This is a rehearsal").check()
        await ana.press("Begin")
        await ana.see("The election is begun.", "cannot open yet")

    async def make_log(self) -> None:
        """Everybody has a key; the log names them."""
        ana = self.ana
        await ana.at("/setup")
        await ana.main.get_by_label("None: the link alone").check()
        await ana.write("Waiver", "The committee decided so: this is a rehearsal among ourselves.")
        await ana.press("Save")
        await ana.press("Make the log")
        await ana.see("The log is made.")
        self.log_id = await ana.main.locator("dt:has-text('Log id') + dd code").inner_text()

    async def adopt_rules(self) -> None:
        """The university's rules, with short windows and a low turnout for a rehearsal."""
        ana, began = self.ana, datetime.now(ZONE) - _SEMESTER
        await ana.at("/rules")
        await ana.main.locator("input[value='ibsu-direct']").check()
        await ana.press("Begin with this")
        await ana.main.locator("summary", has_text="All other values").click()
        for path, value in (
            ("calendar.semester_begins", began.date().isoformat()),
            ("min_ballots", "2"),
            ("review_window", str(REVIEW)),
            ("complaints", str(COMPLAINTS)),
            ("turnout.share", ">= 1/100"),
            ("positions.head-of-faculty.seat.approval", "none"),
        ):
            await ana.main.locator(f"[id='{path}']").fill(value)
        await ana.press("Save")
        await ana.see("The rules are changed.", "The rules have no faults.")
        await ana.press("Propose the rules")
        await self.propose()

    async def hold_ceremony(self) -> None:
        """The trustees tell their keys, are named, and make the joint key."""
        for trustee in self.trustees:
            await trustee.tell_key()
        await self.ana.at("/trustees")
        await self.ana.follow("Name the trustees")
        await self.propose()
        for _ in ("hash", "commitments", "shares", "confirmation"):
            for trustee in self.trustees:
                await trustee.act("advance", self.log_id)
        await self.ana.at("/trustees")
        await self.ana.see("Decryptable by 2 of 3")

    async def sign_readings(self) -> None:
        """Every clause that can be read in several ways."""
        await self.ana.at("/rules")
        await self.ana.press("Choose these")
        await self.propose()

    async def import_roll(self, roll: Path) -> None:
        """Upload, columns, preview, import; the freeze by two."""
        ana = self.ana
        await ana.at("/roll")
        await ana.page.set_input_files("#roll", roll)
        await ana.press("Upload and look at it")
        await ana.see("What an import would give", "1,186")
        await expect(ana.main.locator("#column_student_id")).to_have_value("student_id")
        await ana.press("Read it so")
        await ana.press("Import 1200 students", patience=PATIENCE)
        await ana.see("1200 students, of whom 1186 may vote")
        await ana.follow("Propose to freeze")
        await self.propose()

    async def send_links(self) -> None:
        """A mail to oneself first; then everybody's link, and the electorates by two."""
        ana = self.ana
        await ana.at("/mail")
        await ana.press("Send a test mail to me")
        await ana.see("The mail server took the last test mail")
        await ana.at("/links")
        await ana.press("Make 1186 links and send them", patience=PATIENCE)
        await ana.see("1,186 of 1,186", patience=PATIENCE)
        await ana.follow("Propose the electorates")
        await self.propose()

    async def make_contests(self, candidates: Path) -> None:
        """The list of candidates, and a contest for each position and block."""
        ana = self.ana
        await ana.at("/candidates")
        await ana.page.set_input_files("#list", candidates)
        await ana.press("Import the list", patience=PATIENCE)
        await ana.see("160 candidacies")
        await ana.follow("Go on to the contests")
        await ana.press("Make 70 contests", patience=PATIENCE)
        await ana.see("Contests made: 70.", patience=PATIENCE)

    async def open(self, poll: int) -> None:
        """Trustees show that their files work; the closing time; the opening by two."""
        for trustee in self.trustees[1:]:
            await trustee.act("canary", self.log_id)
        ana, closes = self.ana, datetime.now(ZONE) + timedelta(hours=12)
        await ana.at("/schedule")
        await ana.write("Closes", closes.strftime("%Y-%m-%dT%H:%M"))
        await ana.press("Save")
        await ana.see("The schedule is changed.")
        await ana.at()
        await ana.see(f"Poll {poll} can open.")
        await ana.follow("Propose to open")
        await self.propose()
        await self.wait_for(poll, "Until then nobody knows how it stands.")

    # ---- afterwards ----------------------------------------------------------------------------------------------

    async def close(self, poll: int) -> None:
        """Early: pause, then close."""
        ana = self.ana
        await ana.at("/progress")
        await ana.follow("Pause")
        await ana.write("Reason", "The rehearsal closes early.")
        await self.propose()
        await ana.at("/progress")
        await ana.follow("Close now")
        await self.propose()
        await self.wait_for(poll, "closed, being counted")

    async def certify(self, poll: int) -> None:
        """The review window, shares of two trustees, the complaint window, and the certificate by two."""
        ana = self.ana
        await self.wait_for(poll, "The review window ended")
        for trustee in self.trustees[:2]:
            await trustee.act("decrypt", self.log_id)
        await self.wait_for(poll, "It can be certified now.")
        await ana.follow("Certify")
        await self.propose()
        await self.wait_for(poll, "Certified: the result stands.")

    async def wait_for_mails(self) -> None:
        """Load the page of the links until every mail is out."""
        async with asyncio.timeout(PATIENCE / 1000):
            while True:
                await self.ana.at("/links")
                if "on their way" not in await self.ana.main.inner_text():
                    return
                await asyncio.sleep(_LOOK_EVERY)

    async def wait_for(self, poll: int, words: str) -> None:
        """Load the page of the result until these words stand there, as a person would."""
        async with asyncio.timeout(PATIENCE / 1000):
            while True:
                await self.ana.at(f"/results/{poll}")
                if words in await self.ana.main.inner_text():
                    return
                await asyncio.sleep(_LOOK_EVERY)
