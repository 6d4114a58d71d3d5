"""The committee's whole way with the roll of a university: from an empty service to the certified result, then the
second tour, a vacancy and its successor, by the pages alone.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.booth.harness import node
from tests.browser.console_committee import Committee
from tests.browser.console_person import PATIENCE, Person, somebody
from tests.browser.console_service import EmptyService, empty_service
from tests.browser.console_trustee import AtTheCommandLine, InTheBrowser, Trustee
from tests.browser.console_voters import FROM_EACH_CLASS, links_of, vote_by_program, vote_in_the_booth, voters_of
from tests.examples import EXAMPLES
from tests.trustee.person import at_the_page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.examples]

ELECTION = "sg-2026"
ROLL = EXAMPLES / "roll-ibsu-1200.csv"
CANDIDATES = EXAMPLES / "candidates-ibsu-1200.csv"
SEAT = "Head of the Faculty: Law and International Relations"
SECOND_TOUR = slice(0, 20)  # of the voters
_WHOLE_LOG = 300_000  # milliseconds: a document is made from the log, which is verified first


@dataclass
class Stage:
    """The service, a browser, and who leaves it at the end."""

    service: EmptyService
    browser: Browser
    stack: AsyncExitStack
    folder: Path

    async def enter(self, name: str) -> Person:
        return await self.stack.enter_async_context(somebody(self.browser, self.service.address, name, ELECTION))

    async def follow_invitation(self, chair: Person, name: str, role: str) -> Person:
        """The chair invites; whoever it is enrols."""
        link = await chair.invite(name, role)
        person = await self.enter(name)
        await person.enrol(link)
        return person

    async def trustee_in_the_browser(self, person: Person) -> Trustee:
        """With the tool as the page hands it out, opened from the disk."""
        folder = self.folder / "tool"
        await person.at("/trustee")
        file = await person.save(folder / "trustee.html", "Save the tool")
        page = await self.stack.enter_async_context(at_the_page(self.browser, file, folder, int(time.time())))
        return Trustee(person, InTheBrowser(page), folder)

    def trustee_at_the_command_line(self, person: Person) -> Trustee:
        folder = self.folder / person.name
        return Trustee(person, AtTheCommandLine(folder), folder)


@pytest.fixture
async def stage(browser: Browser, tmp_path: Path) -> AsyncIterator[Stage]:
    await asyncio.to_thread(node)  # builds the bundle where it is not current
    async with empty_service(tmp_path / "service") as service, AsyncExitStack() as stack:
        yield Stage(service, browser, stack, tmp_path)


async def gather_people(stage: Stage) -> tuple[Committee, Person]:
    """The first chair comes by the operator's command, everybody else by the chair's pages; the log is made."""
    ana = await stage.enter("Ana Chair")
    await ana.enrol(await stage.service.invite(ana.email, ana.name))
    await ana.sign_in()
    committee = Committee(ana, ana)
    await committee.begin()
    committee.beka = await stage.follow_invitation(ana, "Beka Member", "member")
    observer = await stage.follow_invitation(ana, "Oto Observer", "observer")
    tea, tim, tom = [await stage.follow_invitation(ana, f"{name} Trustee", "trustee") for name in ("Tea", "Tim", "Tom")]
    await ana.make_key()
    await committee.beka.make_key()
    await committee.make_log()
    committee.trustees = (
        await stage.trustee_in_the_browser(tea),
        *map(stage.trustee_at_the_command_line, (tim, tom)),
    )
    return committee, observer


async def check_documents(stage: Stage, committee: Committee) -> None:
    """Protocol and archive come from the page, and an auditor finds both right."""
    ana, address = committee.ana, stage.service.address
    await ana.at("/documents")
    kept = {}
    for name in ("protocol-1-ka.pdf", "protocol-1-ka.pdf.sig", "archive-1.zip"):
        async with ana.page.expect_download(timeout=_WHOLE_LOG) as started:
            await ana.main.locator(f"a[href$='{name}']").first.click()
        kept[name] = stage.folder / name
        await (await started.value).save_as(kept[name])
    protocol, signature, archive = map(str, kept.values())
    where = (f"{address}/log/{ELECTION}/", "--log", committee.log_id)
    await stage.service.command("document", protocol, signature, *where, program="audit.cli")
    await audit(stage, committee, archive, 1)


async def audit(stage: Stage, committee: Committee, log: str, poll: int) -> None:
    """An auditor verifies the log at this address or in this file, and the poll is certified in it."""
    said = await stage.service.command("verify", log, "--log", committee.log_id, program="audit.cli")
    assert "verify: ok" in said
    assert f"poll {poll}: certified" in said


async def test_an_election_from_an_empty_service_to_the_successor_of_a_vacancy(stage: Stage) -> None:
    committee, observer = await gather_people(stage)
    await committee.adopt_rules()
    await committee.hold_ceremony()
    await committee.sign_readings()
    await committee.import_roll(ROLL)
    await committee.send_links()
    await committee.make_contests(CANDIDATES)
    await committee.open(1)
    await committee.wait_for_mails()

    one_more = voters_of(ROLL, FROM_EACH_CLASS + 1)[FROM_EACH_CLASS]
    in_the_booth, *links = links_of(stage.service.sink, [one_more, *voters_of(ROLL)])
    assert len(await vote_in_the_booth(stage.browser, in_the_booth)) == 4
    assert len(await vote_by_program(stage.service.address, ELECTION, 1, links)) == 4 * len(links)
    await observer.at("/progress")
    await observer.see("Head of the Self-Governance", "of 1,186")
    await committee.close(1)
    await committee.certify(1)
    await check_documents(stage, committee)

    # nobody had a majority (6.9.4): the second tour is offered
    ana = committee.ana
    await ana.at("/seats")
    await ana.see("Poll 2 would have these contests:")
    await ana.press("Make poll 2", patience=PATIENCE)
    await committee.open(2)
    again = await vote_by_program(stage.service.address, ELECTION, 2, links[SECOND_TOUR])
    assert len(again) == len(links[SECOND_TOUR])
    await committee.close(2)
    await committee.certify(2)

    # a head of faculty leaves, and the next by votes follows (6.5.5)
    await ana.at("/seats")
    seat = ana.main.locator("li.card", has=ana.page.get_by_role("heading", name=SEAT))
    successor = (await seat.locator(".note", has_text="Next in line").inner_text()).removeprefix("Next in line: ")
    await seat.get_by_role("link", name="The seat becomes vacant").click()
    await ana.main.get_by_label("Ground").select_option("resignation")
    await committee.propose()
    await ana.at("/seats")
    await expect(seat.locator("strong").first).to_have_text(successor.split(", ")[0])
    await audit(stage, committee, f"{stage.service.address}/log/{ELECTION}/", 2)
