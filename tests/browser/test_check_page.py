"""The page "check my ballot" in Chromium, under its real headers, before a service that is honest or is not."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from playwright.async_api import Browser, Page, expect

from audit.entries import SealedData, encode_entry
from audit.tlog_proof import parse_tlog_proof, verify_ballot_proof
from ballot.ballot import load_ballot
from ballot.receipt import Receipt, make_receipt
from election_service.pages.headers import page_headers
from election_service.voter_pages import built_page
from keys.canonical import b64, encode, unb64
from keys.ids import short_code
from tests.booth.harness import BOOTH, node
from tests.browser.log_server import LogServer, serving
from tests.gallery.axe import findings
from tests.simulated.logbook import published
from tests.simulated.malice import Copy
from tests.simulator import ELECTION, ContestPlan, Election, Plan, set_up, simulate

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LANGUAGES: Final = ("en", "ka", "az", "ru")
API: Final = f"/api/elections/{ELECTION}"
PLAN: Final = Plan(
    contests=(
        ContestPlan("head", ("ana", "beka", "ana"), "ana beka blank"),
        ContestPlan("council", ("ana gio", "nino", "ana"), "ana beka gio nino", position="faculty", maximum=2),
    )
)
_TITLE: Final = "Students’ union <2026>"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of its own."""
    folder = tmp_path_factory.mktemp("check") / "dist"
    subprocess.run([node(), "build.mjs", str(folder)], cwd=BOOTH, check=True)
    return folder


@pytest.fixture(scope="module")
def election() -> Election:
    """Closed, counted, certified."""
    return simulate(PLAN)


def ballots_of(copy: Copy) -> dict[str, list[dict[str, Any]]]:
    """What the service lists, from a log: context → ballots."""
    found: dict[str, list[dict[str, Any]]] = {}
    for seq, entry in enumerate(copy.plain()):
        if entry["kind"] == "ballot":
            data = entry["data"]
            item = {"key": data["token"]["key"], "tracker": b64(tracker_of_json(data["body"])), "seq": seq}
            found.setdefault(data["context"], []).append(item)
    return found


def tracker_of_json(body: dict[str, Any]) -> bytes:
    from ballot.ballot import tracker_of

    return tracker_of(encode(body))


def play(server: LogServer, dist: Path, election: Election, state: str = "declared") -> LogServer:
    """Page, assets and API of an honest service."""
    manifest = json.loads((dist / "manifest.json").read_text())
    page = built_page("check", manifest, dist)
    assert page is not None
    html = {"Content-Type": "text/html; charset=utf-8", **page_headers(manifest["check_js_sri"])}
    server.others[f"/check/{ELECTION}"] = html, page
    kinds = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
    for file in dist.iterdir():
        if file.suffix in kinds and file.name != "manifest.json":
            server.others[f"/static/{file.name}"] = {"Content-Type": kinds[file.suffix]}, file.read_bytes()
    texts = {"en": {"title": _TITLE, "intro": ""}, "ka": {"title": "სტუდენტური კავშირი", "intro": ""}}
    polls = [{"poll": 1, "state": state, "opens": None, "closes": "2027-03-05T16:00:00Z", "complaints": None}]
    put(
        server,
        API,
        {
            "election": ELECTION,
            "origin": election.log.origin,
            "log": b64(election.log_id),
            "title": _TITLE,
            "texts": texts,
            "contact": "committee@example.edu",
            "zone": "Asia/Tbilisi",
            "now": "2027-03-05T12:00:00Z",
            "rehearsal": True,
            "second_factor": "none",
            "polls": polls,
        },
    )
    contests: list[dict[str, Any]] = [
        {"context": b64(box.rules.context), "poll": 1, "contest": box.plan.id, "state": state}
        for box in election.boxes[1]
    ]
    put(server, f"{API}/contests", {"contests": contests})
    listed = ballots_of(Copy.of(election))
    for contest in contests:
        put(server, ballots_path(contest["context"]), {"ballots": listed.get(contest["context"], [])})
    return server


def put(server: LogServer, path: str, document: Any) -> None:
    server.others[path] = {"Content-Type": "application/json"}, json.dumps(document).encode()


def ballots_path(context: str) -> str:
    return f"{API}/contests/{context}/ballots"


@pytest.fixture
def server(election: Election, dist: Path) -> Iterator[LogServer]:
    with serving(election.log.files()) as server:
        yield play(server, dist, election)


@pytest.fixture
def receipt(election: Election) -> Receipt:
    first: Receipt = election.receipts[0]
    return first


@asynccontextmanager
async def phone(browser: Browser, language: str = "en") -> AsyncIterator[Page]:
    """A narrow screen; a program error or a refusal of the page's policy fails the test."""
    context = await browser.new_context(locale=language, viewport={"width": 320, "height": 700}, accept_downloads=True)
    said: list[str] = []
    context.on("weberror", lambda error: said.append(str(error.error)))
    context.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    try:
        yield await context.new_page()
        assert [text for text in said if "Failed to load resource" not in text] == []
    finally:
        await context.close()


def address(server: LogServer, fragment: str = "") -> str:
    return f"{server.address}/check/{ELECTION}{fragment}"


async def type_code(page: Page, code: str) -> None:
    """Into the field, which is folded away where there is an answer."""
    if await page.locator("#another").count():
        await page.locator("#another").evaluate("details => { details.open = true; }")
    await page.fill("#tracker", code)


async def outcome(page: Page, expected: str) -> None:
    await expect(page.locator("#result [data-outcome]")).to_have_attribute("data-outcome", expected, timeout=30_000)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def give(page: Page, raw: bytes, name: str = "receipt.json") -> None:
    await page.set_input_files("#file", {"name": name, "mimeType": "application/json", "buffer": raw})


async def saved(page: Page, selector: str, file: Path) -> bytes:
    async with page.expect_download() as waiting:
        await page.click(selector)
    await (await waiting.value).save_as(file)
    return await asyncio.to_thread(file.read_bytes)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_receipt_s_qr_code_leads_to_the_ballot(
    browser: Browser, server: LogServer, receipt: Receipt, language: str
) -> None:
    async with phone(browser, language) as page:
        await page.goto(address(server, f"#{receipt.tracker}"))
        await outcome(page, "recorded")
        await expect(page.locator("html")).to_have_attribute("lang", language)
        await expect(page.locator(".tracker")).to_have_text(short_code(unb64(receipt.tracker, 32, "")))
        assert await page.evaluate("location.hash") == ""
        assert await page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


async def test_a_receipt_file_is_checked_and_becomes_a_proof(
    browser: Browser, server: LogServer, election: Election, receipt: Receipt, tmp_path: Path
) -> None:
    """The file that the page makes is the one that the auditors' program makes and believes, without this service."""
    async with phone(browser) as page:
        await page.goto(address(server))
        await give(page, encode(receipt) + b"\n")
        await outcome(page, "recorded")
        await expect(page.locator("#result")).to_contain_text("signature on your receipt is right")
        raw = await saved(page, "#proof", tmp_path / "ballot.tlog-proof")
        proven = verify_ballot_proof(parse_tlog_proof(raw), election.log_id)
        assert b64(proven.tracker) == receipt.tracker
        assert proven.receipt
        from audit.source import MemorySource
        from audit.tlog_proof import encode_tlog_proof, make_ballot_proof

        assert raw == encode_tlog_proof(make_ballot_proof(MemorySource(election.log.files()), proven.seq, receipt))
        await give(page, raw, "ballot.tlog-proof")
        await outcome(page, "recorded")


async def test_a_typed_code_is_found_however_it_is_typed(browser: Browser, server: LogServer, receipt: Receipt) -> None:
    short = short_code(unb64(receipt.tracker, 32, ""))
    async with phone(browser) as page:
        await page.goto(address(server))
        for typed in (short, short.lower().replace("-", " "), f"  {receipt.tracker}", short.replace("0", "o")):
            await type_code(page, typed)
            await page.press("#tracker", "Enter")
            await outcome(page, "recorded")
        for typed in ("", "ABC", short[:-1], short + "1", "😀" * 20):
            await type_code(page, typed)
            await page.click("#check")
            await outcome(page, "bad")


async def test_no_request_names_a_ballot(browser: Browser, server: LogServer, election: Election) -> None:
    """What is asked for is the same for every ballot of a contest: whole lists, whole tiles (A47, A66)."""
    asked = []
    same = [item for item in election.receipts if item.context == election.receipts[0].context]
    for receipt in same[:2]:
        server.asked.clear()
        async with phone(browser) as page:
            await page.goto(address(server, f"#{receipt.tracker}"))
            await outcome(page, "recorded")
        asked.append(sorted(server.asked))
    assert asked[0] == asked[1]
    text = " ".join(asked[0])
    for receipt in same:
        assert receipt.tracker[:8] not in text
        assert short_code(unb64(receipt.tracker, 32, "")) not in text


async def test_before_the_close_a_ballot_is_due(browser: Browser, dist: Path) -> None:
    """Nothing sealed yet: a receipt is a promise, a code alone may also be mistyped."""
    election = set_up(PLAN)
    election.vote()
    receipt = election.receipts[0]
    with serving(election.log.files()) as server:
        play(server, dist, election, "open")
        async with phone(browser) as page:
            await page.goto(address(server, f"#{receipt.tracker}"))
            await outcome(page, "waiting")
            await expect(page.locator("#result")).to_contain_text("Friday, 5 March 2027, 20:00 (Tbilisi time)")
            await expect(page.locator("#result")).to_contain_text("slip in the code")
            await give(page, encode(receipt))
            await outcome(page, "waiting")
            await expect(page.locator("#result")).to_contain_text("Your receipt is genuine")


async def test_a48_a_dropped_ballot_is_called_missing_and_the_evidence_holds(
    browser: Browser, server: LogServer, election: Election, receipt: Receipt, tmp_path: Path
) -> None:
    """The service signed for a ballot and left it out of the log, everything else being consistent and signed."""
    copy = Copy.of(election)
    own = copy.first("ballot", lambda data: b64(tracker_of_json(data["body"])) == receipt.tracker)
    entries = copy.plain()
    server.files = copy.rewritten(entries[:own] + entries[own + 1 :])
    listed = ballots_of(Copy(copy.origin, copy.log_secret, tuple(encode(e) for e in entries), copy.blobs))
    put(
        server,
        ballots_path(receipt.context),
        {"ballots": [b for b in listed[receipt.context] if b["tracker"] != receipt.tracker]},
    )
    async with phone(browser) as page:
        await page.goto(address(server, f"#{receipt.tracker}"))
        await outcome(page, "unknown")  # a code is nobody's promise
        await give(page, encode(receipt))
        await outcome(page, "missing")
        await expect(page.locator("#result a[href^='mailto:']")).to_have_text("committee@example.edu")
        evidence = json.loads(await saved(page, "#evidence", tmp_path / "evidence.json"))
        assert evidence["receipt"] == json.loads(encode(receipt))
        assert evidence["checkpoint"].encode() == server.files["checkpoint"]


async def test_a47_a_list_that_denies_is_not_believed(browser: Browser, server: LogServer, receipt: Receipt) -> None:
    """The list leaves the ballot out, the log has it: the page reads the log itself before it says anything."""
    put(server, ballots_path(receipt.context), {"ballots": []})
    async with phone(browser) as page:
        await page.goto(address(server))
        await give(page, encode(receipt))
        await outcome(page, "recorded")


async def test_a46_a_strangers_ballot_under_the_code_is_not_taken(
    browser: Browser, server: LogServer, election: Election, receipt: Receipt
) -> None:
    """A46: the list shows the voter's tracker at somebody else's ballot: the page computes the tracker of the entry."""
    other = next(item for item in election.receipts if item.context == receipt.context and item != receipt)
    listed = ballots_of(Copy.of(election))[receipt.context]
    place = next(item["seq"] for item in listed if item["tracker"] == other.tracker)
    put(
        server,
        ballots_path(receipt.context),
        {"ballots": [{"key": b64(bytes(32)), "tracker": receipt.tracker, "seq": place}]},
    )
    async with phone(browser) as page:
        await page.goto(address(server, f"#{receipt.tracker}"))
        await outcome(page, "lying")


async def test_a47_receipts_that_this_service_did_not_sign(
    browser: Browser, server: LogServer, election: Election, receipt: Receipt
) -> None:
    log_id, context = election.log_id, unb64(receipt.context, 32, "")
    other_key = make_receipt(bytes(31) + b"\x01", log_id, context, unb64(receipt.tracker, 32, ""), election.random)
    other_log = make_receipt(
        election.receipt.secret, bytes(32), context, unb64(receipt.tracker, 32, ""), election.random
    )
    moved = json.loads(encode(receipt)) | {"tracker": election.receipts[1].tracker}
    async with phone(browser) as page:
        await page.goto(address(server))
        for raw, expected in [
            (encode(other_key), "forged"),
            (encode(moved), "forged"),
            (encode(other_log), "foreign"),
            (encode(receipt)[:-2], "bad"),
            (b'{"v":"es1"}', "bad"),
            (b"", "bad"),
            (b"\xff\xfe", "bad"),
        ]:
            await give(page, raw)
            await outcome(page, expected)


@pytest.mark.parametrize("lie", ["key", "entry", "bundle", "tile", "checkpoint", "list"])
async def test_a55_a_log_that_does_not_hold_together_is_said_so(
    browser: Browser, server: LogServer, election: Election, receipt: Receipt, lie: str
) -> None:
    copy, files = Copy.of(election), server.files
    if lie == "key":
        server.files = published(copy.origin, bytes(32), list(copy.entries), copy.blobs)
    elif lie == "entry":
        entries = copy.plain()
        entries[-1]["data"]["act"] = b64(bytes(16))
        server.files = copy.rewritten(entries) | {"checkpoint": files["checkpoint"]}
    elif lie == "bundle":
        server.files = {path: raw[:-1] if "entries" in path else raw for path, raw in files.items()}
    elif lie == "tile":
        server.files = {path: bytes(len(raw)) if "tile/0" in path else raw for path, raw in files.items()}
    elif lie == "checkpoint":
        server.files = {path: raw for path, raw in files.items() if path != "checkpoint"}
    else:
        put(
            server, ballots_path(receipt.context), {"ballots": [{"key": "", "tracker": receipt.tracker, "seq": 10_000}]}
        )
    async with phone(browser) as page:
        await page.goto(address(server, f"#{receipt.tracker}"))
        await outcome(page, "lying")


async def test_a_proof_brought_back_is_held_against_a_log_that_forgot(
    browser: Browser, server: LogServer, election: Election, receipt: Receipt, tmp_path: Path
) -> None:
    """A55: a log that proved a ballot once and shows a history without it later."""
    async with phone(browser) as page:
        await page.goto(address(server, f"#{receipt.tracker}"))
        await outcome(page, "recorded")
        proof = await saved(page, "#proof", tmp_path / "ballot.tlog-proof")
        drop(server, election, receipt)
        await give(page, proof, "ballot.tlog-proof")
        await outcome(page, "missing")
        await give(page, proof.replace(b"index ", b"index 1", 1), "ballot.tlog-proof")
        await outcome(page, "forged")


def say_open(server: LogServer, *numbers: int) -> None:
    """The service says that these contests are open, whatever the log has."""
    contests = json.loads(server.others[f"{API}/contests"][1])["contests"]
    said = [{**contest, "state": "open"} if i in numbers else contest for i, contest in enumerate(contests)]
    put(server, f"{API}/contests", {"contests": said})


def drop(server: LogServer, election: Election, receipt: Receipt) -> None:
    """The ballot is in no log and on no list; all else is consistent and signed."""
    copy = Copy.of(election)
    own = copy.first("ballot", lambda data: b64(tracker_of_json(data["body"])) == receipt.tracker)
    entries = copy.plain()
    server.files = copy.rewritten(entries[:own] + entries[own + 1 :])
    put(server, ballots_path(receipt.context), {"ballots": []})


async def test_a48_a_dropped_ballot_is_missing_though_the_service_says_that_the_poll_is_open(
    browser: Browser, server: LogServer, election: Election, receipt: Receipt
) -> None:
    """A47: the log has the close of the poll; a service that says "open" for ever puts nobody off."""
    drop(server, election, receipt)
    say_open(server, 0, 1)
    async with phone(browser) as page:
        await page.goto(address(server))
        await give(page, encode(receipt))
        await outcome(page, "missing")


async def test_a55_what_a_proof_shows_is_missing_though_polls_are_open(
    browser: Browser, server: LogServer, election: Election, receipt: Receipt, tmp_path: Path
) -> None:
    """A47: a ballot that was in the signed log waits for nothing, whatever other contests are open."""
    async with phone(browser) as page:
        await page.goto(address(server, f"#{receipt.tracker}"))
        await outcome(page, "recorded")
        proof = await saved(page, "#proof", tmp_path / "ballot.tlog-proof")
        drop(server, election, receipt)
        say_open(server, 1)
        await give(page, proof, "ballot.tlog-proof")
        await outcome(page, "missing")


@pytest.mark.parametrize("listed", [True, False])
async def test_a_ballot_deep_in_a_large_log(
    browser: Browser, dist: Path, election: Election, receipt: Receipt, listed: bool
) -> None:
    """Full tiles on two levels; found by the list, and without it by reading everything."""
    log, copy = election.log, Copy.of(election)
    own = copy.plain()[copy.first("ballot", lambda data: b64(tracker_of_json(data["body"])) == receipt.tracker)]["data"]
    raws, place = list(log.entries[:2]), 701
    while len(raws) < 1100:
        data = load_ballot(encode(own)) if len(raws) == place else SealedData(poll=1, ballots=1)
        kind = "ballot" if len(raws) == place else "sealed"
        raws.append(encode_entry(len(raws), bytes(32), kind, None, data))
    with serving(published(log.origin, log.log_secret, raws, {})) as server:
        play(server, dist, election)
        found = [{"key": own["token"]["key"], "tracker": receipt.tracker, "seq": place}]
        put(server, ballots_path(receipt.context), {"ballots": found if listed else []})
        async with phone(browser) as page:
            await page.goto(address(server))
            await give(page, encode(receipt))
            await outcome(page, "recorded")
            await expect(page.locator("#result")).to_contain_text("entry 701 of 1100")
        assert f"/log/{ELECTION}/tile/0/000" in server.asked
        assert f"/log/{ELECTION}/tile/1/000.p/4" in server.asked


async def test_the_language_of_a_link_wins_over_the_browser_s(browser: Browser, server: LogServer) -> None:
    async with phone(browser, "ru") as page:
        await page.goto(f"{address(server)}?lang=az")
        await expect(page.locator("html")).to_have_attribute("lang", "az")
        await expect(page.locator("h1")).to_have_text("Bülletenimi yoxla")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_answer_is_accessible(
    browser: Browser, server: LogServer, receipt: Receipt, language: str, scheme: Literal["light", "dark"]
) -> None:
    """axe-core on what the gallery does not show: answers, good and bad."""
    async with phone(browser, language) as page:
        await page.emulate_media(color_scheme=scheme)
        await page.goto(address(server))
        await give(page, encode(receipt))
        await outcome(page, "recorded")
        await page.locator("details summary").first.click()
        assert await findings(page) == []
        put(server, ballots_path(receipt.context), {"ballots": [{"tracker": receipt.tracker, "seq": 1}]})
        await give(page, encode(receipt))
        await outcome(page, "lying")
        assert await findings(page) == []
        say_open(server, 0, 1)
        put(server, ballots_path(receipt.context), {"ballots": []})
        await type_code(page, receipt.tracker)
        await page.press("#tracker", "Enter")
        await outcome(page, "waiting")
        assert await findings(page) == []


async def test_the_service_is_down_and_comes_back(browser: Browser, server: LogServer, receipt: Receipt) -> None:
    about = server.others.pop(API)
    async with phone(browser) as page:
        await page.goto(address(server, f"#{receipt.tracker}"))
        await outcome(page, "nowhere")
        await page.route("**/api/**", lambda route: route.abort())
        await page.click("#check")
        await outcome(page, "network")
        await page.unroute("**/api/**")
        server.others[API] = about
        await page.click("#check")  # the code is still there
        await outcome(page, "recorded")


async def test_the_language_changes_with_everything_in_its_place(
    browser: Browser, server: LogServer, receipt: Receipt
) -> None:
    """The election's own title in the reader's language, as text and never as markup (A81)."""
    async with phone(browser) as page:
        await page.goto(address(server, f"#{receipt.tracker}"))
        await outcome(page, "recorded")
        await expect(page.locator("#brand")).to_have_text(_TITLE)
        for language in LANGUAGES:
            await page.select_option("#language", language)
            await expect(page.locator("html")).to_have_attribute("lang", language)
            await outcome(page, "recorded")
            text = await page.inner_text("main")
            assert not re.search(r"\{\w+\}", text)
        await page.select_option("#language", "ka")
        await expect(page.locator("#brand")).to_have_text("სტუდენტური კავშირი")
        await expect(page.locator("#tracker")).to_have_value(short_code(unb64(receipt.tracker, 32, "")))
