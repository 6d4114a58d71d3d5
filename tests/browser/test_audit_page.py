"""The stand-alone page that checks an audited ballot, in Chromium: honest booths pass, dishonest ones are caught."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from audit.entries import SealedData, encode_entry
from ballot.audited import AuditedBallot
from ballot.ballot import tracker_of
from ballot.contest import Contest, ContestRules
from ballot.encryption import make_body
from election_service.voter_pages import AUDIT
from keys.canonical import b64, decode, encode
from keys.ids import short_code
from tests.booth.service import open_election
from tests.browser.log_server import LogServer, serving
from tests.docs.test_texts import check_characters, letter_faults, places
from tests.gallery.axe import findings
from tests.simulated.logbook import published, write_folder
from tests.simulated.malice import Copy
from tests.simulator import ContestPlan, Election, Plan

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LANGUAGES: Final = ("en", "ka", "az", "ru")
VECTORS: Final = Path(__file__).parents[1] / "vectors" / "es1" / "ballots.json"


@dataclass(frozen=True)
class Opened:
    """What a booth shows of a test: the code before, and what it reveals afterwards."""

    context: bytes
    owner: bytes
    vote: tuple[int, ...]
    seed: bytes
    tracker: bytes

    @property
    def compact(self) -> str:
        """What the second QR code holds behind the #."""
        bits = "".join(map(str, self.vote)).ljust((len(self.vote) + 7) // 8 * 8, "0")
        marks = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
        return b64(self.context + self.owner + self.seed + self.tracker + marks)

    @property
    def document(self) -> bytes:
        """The file that the booth saves."""
        return encode(
            AuditedBallot(context=b64(self.context), owner=b64(self.owner), vote=list(self.vote), seed=b64(self.seed))
        )


def opened(rules: ContestRules, vote: tuple[int, ...], encrypted: tuple[int, ...] | None = None) -> Opened:
    """A test of ``vote``; a malicious booth has ``encrypted`` another one."""
    owner, seed = bytes(range(32)), bytes(range(100, 132))
    body = make_body(rules, owner, vote if encrypted is None else encrypted, seed)
    return Opened(rules.context, owner, vote, seed, tracker_of(body))


@pytest.fixture(scope="module")
def election() -> Election:
    return open_election(
        Plan(
            contests=(
                ContestPlan("head", (), "ana beka blank"),
                ContestPlan("council", (), "ana beka gio nino", position="faculty", minimum=0, maximum=2),
            )
        )
    )


@pytest.fixture(scope="module")
def head(election: Election) -> ContestRules:
    return election.boxes[1][0].rules


@pytest.fixture
def log(election: Election) -> Iterator[LogServer]:
    with serving(election.log.files()) as server:
        yield server


@asynccontextmanager
async def device(browser: Browser, language: str = "en", **options: Any) -> AsyncIterator[BrowserContext]:
    """A second device, narrow as a phone; a program error or a refusal of the page's policy fails the test."""
    context = await browser.new_context(locale=language, viewport={"width": 320, "height": 700}, **options)
    said: list[str] = []
    context.on("weberror", lambda error: said.append(str(error.error)))
    context.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    try:
        yield context
        assert [text for text in said if "Failed to load resource" not in text] == []
    finally:
        await context.close()


async def verdict(page: Page, expected: str) -> None:
    await expect(page.locator("#result section")).to_have_attribute("data-verdict", expected, timeout=30_000)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def visit(context: BrowserContext, address: str) -> Page:
    page = await context.new_page()
    await page.goto(address)
    return page


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a49_two_codes_one_after_the_other_and_an_honest_booth(
    browser: Browser, log: LogServer, head: ContestRules, language: str
) -> None:
    """The code first, in a tab of its own; then the opening in another one, which asks the first for the code."""
    test = opened(head, (0, 1, 0))
    async with device(browser, language) as phone:
        first = await visit(phone, f"{log.page}#t={b64(test.tracker)}")
        await expect(first.locator("#next")).to_contain_text(short_code(test.tracker))
        assert await first.evaluate("location.hash") == ""
        second = await visit(phone, f"{log.page}#{test.compact}")
        await verdict(second, "same")
        await expect(second.locator("#choice")).to_have_text("Beka" if language == "en" else "beka", ignore_case=True)
        await expect(second.locator("html")).to_have_attribute("lang", language)
        assert await second.evaluate("location.hash") == ""
        assert await second.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


async def test_nothing_is_sent_but_the_paths_of_the_log(browser: Browser, log: LogServer, head: ContestRules) -> None:
    """A50: the page is no service: whatever it asks for is the same for every vote, and no request carries a body."""
    asked = []
    for vote in ((1, 0, 0), (0, 0, 1)):
        log.asked.clear()
        async with device(browser) as phone:
            await verdict(await visit(phone, f"{log.page}#{opened(head, vote).compact}"), "alone")
        asked.append(sorted(path for path in log.asked if path != "/favicon.ico"))
    assert asked[0] == asked[1]
    assert all(path.startswith(("/log/", "/audit/")) and "?" not in path for path in asked[0])


@pytest.mark.parametrize("way", ["qr", "file"])
async def test_a54_a_booth_that_swaps_the_choice_is_caught(
    browser: Browser, log: LogServer, head: ContestRules, way: str, tmp_path: Path
) -> None:
    lie = opened(head, (1, 0, 0), encrypted=(0, 1, 0))
    async with device(browser) as phone:
        page = await visit(phone, f"{log.page}#t={b64(lie.tracker)}")
        if way == "qr":
            await page.evaluate("fragment => { location.hash = fragment; }", f"#{lie.compact}")
        else:
            file = tmp_path / "audited.json"
            file.write_bytes(lie.document)
            await page.click("summary")
            await page.set_input_files("#opening-file", file)
            await expect(page.locator("#opening")).to_have_value(lie.document.decode())
            await page.click("#check")
        await verdict(page, "differs")
        await expect(page.locator("#result h2")).to_contain_text("NOT")
        async with page.expect_download() as waiting:
            await page.click("#evidence")
        await (await waiting.value).save_as(tmp_path / "evidence.json")
        evidence = json.loads((tmp_path / "evidence.json").read_bytes())
        assert evidence["audited"] == json.loads(lie.document)
        assert evidence["shown"] == b64(lie.tracker)
        assert evidence["computed"] == b64(opened(head, (1, 0, 0)).tracker)


async def test_a49_a_code_shown_only_after_the_choice_to_test_is_no_proof(
    browser: Browser, log: LogServer, head: ContestRules
) -> None:
    """A booth may open an honest ballot in place of the one whose code it showed: the earlier code decides."""
    shown, honest = opened(head, (1, 0, 0), encrypted=(0, 1, 0)), opened(head, (1, 0, 0))
    async with device(browser) as phone:
        page = await visit(phone, f"{log.page}#{honest.compact}")
        await verdict(page, "alone")
        for code, expected in [
            (b64(shown.tracker), "differs"),
            (short_code(shown.tracker), "differs"),
            (short_code(honest.tracker).lower().replace("-", " "), "short"),
            (f"{log.page}#t={b64(honest.tracker)}", "same"),
            ("12345", "badCode"),
            (b64(honest.tracker)[:-1] + "_", "unreadable"),
        ]:
            if await page.locator("#by-hand").get_attribute("open") is None:
                await page.click("summary")
            await page.fill("#tracker", code)
            await page.click("#check")
            await verdict(page, expected)


async def test_a_contest_with_many_choices_and_abstentions(
    browser: Browser, log: LogServer, election: Election
) -> None:
    council = election.boxes[1][1].rules
    async with device(browser) as phone:
        for vote in ((1, 0, 1, 0), (0, 0, 0, 0)):
            page = await visit(phone, f"{log.page}#{opened(council, vote).compact}")
            await verdict(page, "alone")
            assert await page.locator("#choice li").count() == sum(vote)
        three = replace(opened(council, (1, 0, 1, 0)), vote=(1, 1, 1, 0))
        page = await visit(phone, f"{log.page}#{three.compact}")
        await verdict(page, "notAllowed")


def lying_logs(election: Election) -> dict[str, tuple[dict[str, bytes], str]]:
    """Logs that the page must not believe, with what it says."""
    honest = election.log.files()
    copy = Copy.of(election)
    names = copy.plain()
    at = copy.first("contest")
    one, two = names[at]["data"]["options"][:2]
    one["name"], two["name"] = two["name"], one["name"]
    swapped = copy.rewritten(names)
    other_key = published(copy.origin, bytes(32), list(copy.entries), copy.blobs)
    return {
        "names swapped in an entry, the signed root as it was": (
            swapped | {"checkpoint": honest["checkpoint"]} | {p: c for p, c in honest.items() if "tile/0" in p},
            "noContest",
        ),
        "names swapped and everything signed anew": (swapped, "noContest"),
        "a checkpoint of another key": (other_key, "badLog"),
        "an entry that is not under the root": (
            honest | {path: content for path, content in swapped.items() if path == "checkpoint"},
            "badLog",
        ),
        "no checkpoint": ({path: content for path, content in honest.items() if path != "checkpoint"}, "noLog"),
        "a bundle that ends early": (
            honest | {path: content[:-1] for path, content in honest.items() if "entries" in path},
            "badLog",
        ),
    }


async def test_a53_a_log_that_lies_gets_no_good_verdict(
    browser: Browser, log: LogServer, election: Election, head: ContestRules
) -> None:
    test = opened(head, (1, 0, 0))
    async with device(browser) as phone:
        for what, (files, expected) in lying_logs(election).items():
            log.files = files
            page = await visit(phone, f"{log.page}#{test.compact}")
            await expect(page.locator("#result section"), what).to_have_attribute("data-verdict", expected)
            await page.close()


async def test_damaged_openings_are_no_verdict(browser: Browser, log: LogServer, head: ContestRules) -> None:
    good = opened(head, (1, 0, 0))
    async with device(browser) as phone:
        for damaged in (good.compact[:-1], good.compact + "AA", good.compact[:-2] + "Af", "AAAA", good.compact + "="):
            page = await visit(phone, f"{log.page}#{damaged}")
            await verdict(page, "unreadable")
            await page.close()


async def test_every_vector_gives_the_same_bytes(browser: Browser) -> None:
    """A91: the page shares no line with the booth or the service, and computes the very same bodies."""
    page = await browser.new_page()
    await page.goto(AUDIT.as_uri())
    for case in json.loads(VECTORS.read_text())["contests"]:
        for ballot in case["ballots"]:
            found = await page.evaluate(
                """async ([contest, context, owner, seed, vote]) => {
                  const raw = (text) => Uint8Array.from(text.match(/../g).map((two) => parseInt(two, 16)));
                  const given = { context: raw(context), owner: raw(owner), seed: raw(seed), vote };
                  const body = await makeBody(JSON.parse(contest), given, async () => undefined);
                  return [body, hex(await trackerOf(body)), shortCode(await trackerOf(body))];
                }""",
                [case["contest"], case["context"], ballot["owner"], ballot["s"], ballot["vote"]],
            )
            assert found == [ballot["body"], ballot["tracker"], ballot["tracker_shown"]]
    await page.close()


@pytest.mark.parametrize("place", ["folder", "address"])
async def test_from_a_disk_with_a_copy_or_an_address(
    browser: Browser, log: LogServer, head: ContestRules, place: str, tmp_path: Path
) -> None:
    """The file as somebody saved it; the log from a folder or from its server."""
    test = opened(head, (0, 0, 1))
    async with device(browser) as phone:
        page = await visit(phone, AUDIT.as_uri())
        await page.fill("#tracker", b64(test.tracker))
        await page.fill("#opening", test.document.decode())
        await page.click("#check")
        await verdict(page, "noLog")
        if place == "folder":
            await page.set_input_files("#folder", write_folder(log.files, tmp_path / "copy"))
        else:
            await page.fill("#log", f"{log.address}/log/{log.page.rpartition('/')[2]}")
        await page.click("#check")
        await verdict(page, "same")


async def test_a_contest_deep_in_a_large_log(browser: Browser, election: Election, head: ContestRules) -> None:
    """Full tiles on two levels, and a contest that does not stand in the first bundle."""
    log = election.log
    raws = [log.entries[0]]
    filler, place = SealedData(poll=1, ballots=1), 701
    while len(raws) < 1100:
        kind, data = ("contest", decode(head.raw, Contest)) if len(raws) == place else ("sealed", filler)
        time = "2026-10-05T08:00:00Z" if kind == "contest" else None
        raws.append(encode_entry(len(raws), bytes(32), kind, time, data))
    async with device(browser) as phone:
        with serving(published(log.origin, log.log_secret, raws, {})) as server:
            await verdict(await visit(phone, f"{server.page}#{opened(head, (1, 0, 0)).compact}"), "alone")
            assert f"/log/{server.page.rpartition('/')[2]}/tile/0/002" in server.asked


async def test_the_language_can_be_changed_while_a_verdict_is_shown(
    browser: Browser, log: LogServer, head: ContestRules
) -> None:
    async with device(browser) as phone:
        page = await visit(phone, f"{log.page}#{opened(head, (1, 0, 0)).compact}")
        await verdict(page, "alone")
        for language in LANGUAGES:
            await page.click(f"#languages [lang={language}]")
            await expect(page.locator("html")).to_have_attribute("lang", language)
            await verdict(page, "alone")
        for language in LANGUAGES:
            page = await visit(phone, f"{log.page}?lang={language}")
            await expect(page.locator("html")).to_have_attribute("lang", language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_verdict_is_accessible(
    browser: Browser, log: LogServer, head: ContestRules, language: str, scheme: Literal["light", "dark"]
) -> None:
    """axe-core on what the gallery does not show: a code that was taken, verdicts, and the form from a disk."""
    lie = opened(head, (1, 0, 0), encrypted=(0, 1, 0))
    async with device(browser, language, color_scheme=scheme) as phone:
        page = await visit(phone, f"{log.page}#t={b64(lie.tracker)}")
        await expect(page.locator("#next")).to_be_visible()
        assert await findings(page) == []
        await page.evaluate("fragment => { location.hash = fragment; }", f"#{lie.compact}")
        await verdict(page, "differs")
        assert await findings(page) == []
        await page.click("summary")
        await page.fill("#tracker", b64(opened(head, (1, 0, 0)).tracker))
        await page.fill("#opening", lie.document.decode())
        await page.click("#check")
        await verdict(page, "same")
        assert await findings(page) == []
        disk = await visit(phone, AUDIT.as_uri())
        assert await findings(disk) == []


async def test_the_texts_are_the_same_in_four_languages(browser: Browser) -> None:
    page = await browser.new_page()
    await page.goto(AUDIT.as_uri())
    texts: dict[str, dict[str, str]] = await page.evaluate("TEXTS")
    await page.close()
    assert tuple(texts) == LANGUAGES
    for language, words in texts.items():
        assert list(words) == list(texts["en"])
        for key, text in words.items():
            check_characters(f"audit.html/{language}/{key}", text)
            assert places(text) == places(texts["en"][key]), f"{language}/{key}"
            if language != "en":
                assert letter_faults(language, f"audit.html/{language}/{key}", text) == ""
