"""An election by mail, from the first invitation to the news of the result, with the mails as people get them.

One election in order: the links go out, one votes in Georgian with codes by mail, another leaves a contest for later,
the others are reminded, one asks for the link again and gets a new one, all hear of the result.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, expect

from election_service.demo.preparation import ELECTION
from election_service.demo.university import Student
from election_service.languages import translations
from tests.booth.harness import node
from tests.browser.house import CONTESTS
from tests.browser.post import CONTACT, MEMBERS, STUDENTS, Post, code_in, items, link_in, served_post
from tests.browser.visitor import PHONE, SLOW, Visitor, visiting
from tests.service.mail_sink import parts

pytestmark = [pytest.mark.browser, pytest.mark.slow]

VOTER, HALF, LOST = STUDENTS[0], STUDENTS[1], STUDENTS[5]  # who votes, who leaves one contest, who has lost the link
_DATABASE: Final = os.environ.get("ELECTION_TEST_JOURNEY_DATABASE_URL")


@pytest.fixture(scope="module")
async def post(chromium: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Post]:
    """An election whose roll is frozen; nobody has a link yet."""
    node()
    async with served_post(tmp_path_factory.mktemp("mail") / "post", _DATABASE) as post:
        yield post


async def _link_of(post: Post, student: Student) -> str:
    """The ballot link in the first mail to this student."""
    return link_in((await post.mails(student.email, "invite"))[0])


async def _log_in(visitor: Visitor, post: Post, student: Student) -> None:
    """Open the link, press Start, and type the code that comes by mail."""
    await visitor.open()
    await visitor.page.click("#start")
    await visitor.page.fill("#code", code_in(await post.newest(student.email, "code")))
    await visitor.page.click("#login")


async def test_links_go_out_by_themselves_once_they_are_made(post: Post, tmp_path: Path) -> None:
    electorates = tmp_path / "electorates.acts"
    printed = await post.operate("registrar", "make", "--send", "--proposals", str(electorates))
    assert f"{len(STUDENTS)} ballot links queued" in printed
    links = {await _link_of(post, student) for student in STUDENTS}
    assert len(links) == len(STUDENTS)
    for student in STUDENTS:
        (mail,) = post.had(student.email, "invite")
        assert mail["Content-Language"] == student.language
        assert len(str(mail["Subject"])) <= 40
        assert str(mail["Reply-To"]) == CONTACT
    assert re.search(rf"invite\W+sent\W+{len(STUDENTS)}\b", await post.operate("mail", "status"))
    await post.open_poll(electorates)


async def test_a_student_votes_in_georgian_with_codes_by_mail(browser: Browser, post: Post) -> None:
    """A76: an older code is none, and no code is left in the console or in the service's log."""
    async with visiting(browser, await _link_of(post, VOTER), width=PHONE) as visitor:
        page = visitor.page
        await visitor.open()
        await page.locator("#language").select_option("ka")
        await page.click("#start")
        old = code_in(await post.newest(VOTER.email, "code"))
        alert = page.locator("[role=alert]").first
        await page.fill("#code", f"{(int(old) + 1) % 10**6:06}")
        await page.click("#login")
        await expect(alert).to_contain_text("კოდი სწორი არ არის")
        assert await visitor.fits()
        await page.click("#new-code")
        new = code_in(await post.newest(VOTER.email, "code", 2))
        if old != new:
            await page.fill("#code", old)
            await page.click("#login")
            await expect(alert).to_contain_text("კოდი სწორი არ არის")
        await page.fill("#code", new)
        await page.click("#login")
        for step in range(1, CONTESTS + 1):
            await expect(page.locator(".progress")).to_contain_text(str(step), timeout=SLOW)
            await page.locator("label.option").first.click()
            await page.click("#next, #review")
        await visitor.cast()
        assert await visitor.violations() == []
        assert not [line for line in visitor.console if old in line or new in line or visitor.secret in line]
    for code in (old, new):
        assert code not in post.service_log()


async def test_the_owner_of_a_token_is_told_of_it_once(post: Post) -> None:
    """A44: the notice, without a link in it."""
    for notice in await post.notices(VOTER.email, CONTESTS):
        text, html = parts(notice)
        assert translations("ka").gettext("A ballot paper was handed out in your name, for:") in text
        assert "/vote/" not in text + html
    status = await post.operate("mail", "status")
    assert "issued" in status
    assert "code" not in status, "codes leave nothing behind"


async def test_those_are_reminded_who_have_a_contest_left(browser: Browser, post: Post) -> None:
    async with visiting(browser, await _link_of(post, HALF)) as visitor:
        await _log_in(visitor, post, HALF)
        for step in range(1, CONTESTS):
            await visitor.at(step)
            await visitor.choose(0)
            await visitor.page.click("#next")
        await visitor.at(CONTESTS)
        await visitor.page.locator("[id^=later-]").click()
        await visitor.seal()
        await visitor.page.click("#cast")
        await expect(visitor.page.locator("#receipt .tracker")).to_have_count(CONTESTS - 1, timeout=SLOW)
    await post.notices(HALF.email, CONTESTS - 1)
    assert f"{len(STUDENTS) - 1} mails queued; 0 had it" in await post.operate("mail", "remind", "--poll", "1", "--yes")
    for student in STUDENTS:
        left = {VOTER: 0, HALF: 1}.get(student, CONTESTS)
        reminders = await post.mails(student.email, "reminder", min(left, 1))
        assert [items(mail) for mail in reminders] == ([left] if left else [])
    assert post.had(VOTER.email, "reminder") == []
    assert "0 mails queued" in await post.operate("mail", "remind", "--poll", "1", "--yes")


async def test_the_link_page_says_the_same_to_everybody_and_the_committee_is_told(browser: Browser, post: Post) -> None:
    """A84: the page is the same, letter by letter, for an address on the roll and for one that is not."""
    answers = []
    for address in ("nobody@students.example.edu", LOST.email.upper()):
        async with visiting(browser, f"{post.address}/elections/{ELECTION}/link?lang=en", width=PHONE) as visitor:
            await visitor.page.goto(visitor.link)
            await visitor.page.fill("#address", address)
            await visitor.page.click("main button")
            await expect(visitor.page.locator("[role=status]")).to_be_visible()
            assert await visitor.fits()
            answers.append(await visitor.page.content())
    assert answers[0] == answers[1]
    text = await post.newest(CONTACT, "link-request")
    assert LOST.student_id in text
    printed = await post.operate("registrar", "requests")
    assert [line.split()[0] for line in printed.splitlines() if line.strip()] == [LOST.student_id]


async def test_two_members_replace_a_link_and_the_old_one_says_so(browser: Browser, post: Post, tmp_path: Path) -> None:
    """A100: the new link leaves only when two members have approved; then the old one is void."""
    acts = tmp_path / "lost.acts"
    await post.operate("registrar", "reissue", LOST.student_id, "--proposals", str(acts), "--reason", "lost mail")
    await post.act("member", "propose", str(acts), "--yes", key=MEMBERS[0])
    assert re.search(r"reissue\W+held\W+1\b", await post.operate("mail", "status"))
    await post.mails(LOST.email, "reissue", 0)
    await post.act("member", "approve", "--yes", key=MEMBERS[1])
    old, new = await _link_of(post, LOST), link_in((await post.mails(LOST.email, "reissue"))[0])
    assert old != new
    assert "nobody waits" in await post.operate("registrar", "requests")
    async with visiting(browser, old, width=PHONE) as visitor:
        await visitor.open()
        await visitor.page.click("#start")
        await expect(visitor.page.locator("main")).to_contain_text("it has replaced this one", timeout=SLOW)
        assert await visitor.fits()
    async with visiting(browser, new, width=PHONE) as visitor:
        await _log_in(visitor, post, LOST)
        await visitor.fill_in(*[0] * CONTESTS)
        await visitor.cast()
    await post.notices(LOST.email, CONTESTS)


async def test_all_hear_of_the_result(post: Post) -> None:
    for state in ("paused", "closed"):
        await post.decide("poll", "close")
        await post.wait_for(state)
    await asyncio.sleep(post.prepared.review_window)
    for number in (1, 3):
        await post.act("trustee", "decrypt", key=f"trustee-{number}")
    await post.wait_for("declared")
    for turn, words in ((1, "The result is not final yet"), (2, "The result is final.")):
        if turn == 2:
            await post.decide("certify")
        assert f"{len(STUDENTS)} mails queued" in await post.operate("mail", "result", "--poll", "1", "--yes")
        for student in STUDENTS:
            text = await post.newest(student.email, "result", turn)
            assert student.language != "en" or words in text
            assert f"/elections/{ELECTION}/results/1?lang={student.language}" in text
    status = await post.operate("mail", "status")
    assert re.search(rf"result\W+sent\W+{2 * len(STUDENTS)}\b", status)
    assert re.search(r"reissue\W+sent\W+1\b", status)
    assert "waiting" not in status
