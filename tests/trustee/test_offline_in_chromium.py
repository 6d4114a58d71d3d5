"""Trustees go through the whole ceremony and decrypt with the page, offline, beside one at the command line.

The log is a real service's, and reaches each of them as one file; what they make reaches the service as files.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.async_api import Browser, async_playwright, expect

from audit.source import ZipSource
from election_service import trustee_tool
from election_service.setup import ContestPlan
from election_service.tallying import advance_tally
from election_service.trustee_tool import Workspace
from election_service.trustees import accept_message
from election_service.workers import Workers
from keys.canonical import b64, unb64
from keys.keyfile import Cost
from keys.trustee import Stage, TrusteeSession
from keys.trustee.file import new_trustee_file, open_trustee_file, seal_trustee_file
from tests.browser.visitor import FLAGS
from tests.service.house import ELECTION, REVIEW, STEPS, House, blank_or, built
from tests.trustee.person import PASSPHRASE, AtThePage, at_the_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CONTESTS = (ContestPlan("head", "head-of-self-governance", "university", blank_or("ana", "beka")),)
CHEAP = Cost(memory=8 * 1024, iterations=1, lanes=1)


@pytest.fixture
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest.fixture
async def house(tmp_path: Path, workers: Workers) -> AsyncIterator[House]:
    """An election of which only entry 0 exists."""
    async with built(f"sqlite:///{tmp_path / 'election.db'}", tmp_path, workers) as house:
        yield house


async def archive(house: House, folder: Path) -> Path:
    """The log as the service hands it out now."""
    target = folder / f"log-{await house.log_size()}.zip"
    async with house.service.archive_desk.open(ELECTION) as found:
        target.write_bytes(found.read(0, found.size))
    return target


async def upload(house: House, messages: list[dict[str, Any]]) -> None:
    for message in messages:
        await accept_message(house.service, ELECTION, message["kind"], message["data"])


class AtTheCommandLine:
    """The fourth trustee, with what `election-service trustee` runs."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "fourth.key"
        file = new_trustee_file(ELECTION, os.urandom)
        self.path.write_bytes(seal_trustee_file(file, PASSPHRASE, os.urandom, CHEAP))
        self.identity = b64(file.identity_key)

    async def step(self, house: House, copy: Path) -> list[dict[str, Any]]:
        workspace, log = await self._checked(house, copy)
        data = trustee_tool.advance(workspace, log, os.urandom)
        return [] if data is None else [{"kind": STEPS[type(data).__name__], "data": _plain(data)}]

    async def decrypt(self, house: House, copy: Path, now: int) -> list[dict[str, Any]]:
        workspace, log = await self._checked(house, copy)
        shares = trustee_tool.decrypt(workspace, log, 1, now, os.urandom)
        return [{"kind": "tally.share", "data": _plain(share)} for share in shares]

    async def _checked(self, house: House, copy: Path) -> tuple[Workspace, trustee_tool.VerifiedLog]:
        workspace = Workspace.open(self.path, PASSPHRASE)
        with ZipSource(copy) as source:
            log = await asyncio.to_thread(trustee_tool.check_log, workspace, source, house.log_id, (), os.urandom)
        return workspace, log


def _plain(data: Any) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(data)
    return plain


async def test_three_pages_and_a_command_line_make_a_key_and_decrypt(
    browser: Browser, page_file: Path, house: House, tmp_path: Path
) -> None:
    log_id = b64(house.log_id)
    async with AsyncExitStack() as stack:
        people: list[AtThePage] = [
            await stack.enter_async_context(at_the_page(browser, page_file, tmp_path / str(number), house.clock.now))
            for number in range(3)
        ]
        # 1. each makes a file; the committee names them all
        identities = await asyncio.gather(*(person.make(ELECTION) for person in people))
        fourth = AtTheCommandLine(tmp_path)
        await house.adopt()
        keys = [*identities, fourth.identity]
        await house.decide("trustee.opened", {"attempt": 1, "k": 3, "trustees": keys})
        house.session = TrusteeSession(house.log_id, 1, 3, tuple(unb64(key, 32, "key") for key in keys))

        # 2. hash, commitments, shares, confirmation: the same by page and by command
        for stage in (Stage.HASHED, Stage.COMMITTED, Stage.SHARED, Stage.CONFIRMED):
            copy = await archive(house, tmp_path)
            for messages in await asyncio.gather(*(_advance(person, copy, log_id) for person in people)):
                assert [message["kind"] for message in messages] == [f"trustee.{stage}"]
                await upload(house, messages)
            await upload(house, await fourth.step(house, copy))
        house.joint = (await house.service.facts(ELECTION)).joint_key
        assert house.joint is not None

        # 3. a backup is proved; who has nothing to do is told so
        await _prove_backup(people[0])

        # 4. canaries of three of four; the fourth stays away
        everybody = range(len(house.people))
        await house.enrol({"university": everybody})
        await house.plan(1, CONTESTS)
        copy = await archive(house, tmp_path)
        for person in people:
            await person.check(copy, log_id)
            assert await person.duties() == ["canary-1"]
            await upload(house, await person.act("canary-1"))

        # 5. the vote; nothing is decrypted before its time
        await house.open_poll()
        rules = await house.rules(house.contexts[0])
        for number, person_ in enumerate(house.people):
            await house.vote(person_, rules, ((1, 0, 0), (0, 1, 0), (0, 0, 1))[number % 3])
        await house.close_early()
        older = await archive(house, tmp_path)
        await people[0].check(older, log_id)
        assert await people[0].duties() == []
        house.clock.now += REVIEW
        await advance_tally(house.service, ELECTION, 1)
        copy = await archive(house, tmp_path)
        await people[0].check(copy, log_id)
        assert await people[0].duties() == [], "the page's own clock says that the review window goes on"

        # 6. two pages, opened anew, and the command line decrypt: three of four
        for person in people[:2]:
            await person.arrive(page_file, house.clock.now)
            await person.open()
            await person.check(copy, log_id)
            assert await person.duties() == ["decrypt-1"]
            await upload(house, await person.act("decrypt-1"))
        await upload(house, await fourth.decrypt(house, copy, house.clock.now))
        await advance_tally(house.service, ELECTION, 1)
        assert (await house.declared()).results[0].counts == [2, 2, 2]
        await house.verify()

        # 7. an older copy of the log is refused from now on, and the file is as the command line knows it
        await people[0].check(older, log_id)
        assert await people[0].refusal() == "older-log"
        file = open_trustee_file(people[0].file.read_bytes(), PASSPHRASE)
        assert file.current is not None
        assert file.current.done
        assert len(file.decrypted) == 1


async def _advance(person: AtThePage, copy: Path, log_id: str) -> list[dict[str, Any]]:
    await person.check(copy, log_id)
    assert await person.duties() == ["advance"]
    return await person.act("advance")


async def _prove_backup(person: AtThePage) -> None:
    copy = person.folder / "on-a-stick.key"
    copy.write_bytes(person.file.read_bytes())
    await person.page.click("#to-backup")
    await person.page.set_input_files("#backup", copy)
    await person.page.fill("#passphrase", PASSPHRASE)
    await person.page.click("#prove-backup")
    await expect(person.page.locator("h1")).to_have_text("The copy is good", timeout=180_000)
    await person.page.click("#home")
