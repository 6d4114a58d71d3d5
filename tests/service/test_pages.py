"""The public pages: whole without JavaScript, in four languages, kept a minute, and nothing moves by reading them."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, insert

import ballot
from audit.book import REMINDERS
from audit.cli import _parser
from election_service import schema, schema_mail
from election_service.page_routes import PAGES
from election_service.pages.assets import TEMPLATES, Manifest
from election_service.pages.visit import Visit
from election_service.poll import closing_data
from election_service.presentation import read_presentation, store_presentation
from keys.canonical import b64, encode
from tests.service.house import ELECTION, HOUR, House
from tests.service.pages_reader import (
    LANGUAGES,
    Parsed,
    counts_of,
    page_paths,
    play_to_the_result,
    read,
    send,
    vote_all,
)
from tests.service.town import Town

HOME = f"/elections/{ELECTION}"


BUNDLE = "ab" * 32


async def test_every_page_is_whole_and_needs_no_script(
    open_sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert open_sqlite_house.http is not None
    assets = open_sqlite_house.http.app[PAGES].assets
    monkeypatch.setattr(assets, "manifest", Manifest(js="a.js", css="a.css", js_sri="sha384-a", bundle_sha256=BUNDLE))
    for path in await page_paths(open_sqlite_house):
        page = await read(open_sqlite_house, path)
        names = [name for name, _ in page.elements]
        assert "script" not in names, path
        assert names.count("h1") == names.count("main") == names.count("title") == 1, path
        assert page.attributes("style") == [], path
        assert "Log id of this election: " + b64(open_sqlite_house.log_id) in page.text or path == "/"
        assert f"Program of the voting page, SHA-256: {BUNDLE}" in page.text, path
        ids = page.attributes("id")
        assert len(ids) == len(set(ids)), path
        for label in page.attributes("aria-labelledby"):
            assert label in ids, (path, label)
        levels = [int(name[1]) for name in names if name in {"h1", "h2", "h3", "h4"}]
        assert all(after - before <= 1 for before, after in pairwise(levels)), (path, levels)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_is_in_the_language_that_the_browser_asks_for(open_sqlite_house: House, language: str) -> None:
    for path in await page_paths(open_sqlite_house):
        page = await read(open_sqlite_house, path, accept=f"{language}-XX,fr;q=0.9")
        assert page.all("html") == [{"lang": language}], path
        switch = [found for found in page.all("a") if "hreflang" in found]
        assert [found["hreflang"] for found in switch] == list(LANGUAGES), path
        assert [found["hreflang"] for found in switch if found.get("aria-current")] == [language], path


async def test_the_language_of_the_address_wins_and_stays_in_every_link(open_sqlite_house: House) -> None:
    for path in await page_paths(open_sqlite_house):
        asked = path + ("&" if "?" in path else "?") + "lang=ka"
        page = await read(open_sqlite_house, asked, accept="ru")
        assert page.all("html") == [{"lang": "ka"}], path
        for link in page.all("a"):
            if link["href"].startswith(("/elections", "/?")) or link["href"] == "/":
                assert "lang=ka" in link["href"], (path, link)
        switched = next(link["href"] for link in page.all("a") if link.get("hreflang") == "az")
        assert switched.startswith("?"), path
        again = await read(open_sqlite_house, path.partition("?")[0] + switched)
        assert again.all("html") == [{"lang": "az"}], path


async def test_an_unknown_language_is_answered_in_the_browser_s(open_sqlite_house: House) -> None:
    page = await read(open_sqlite_house, f"{HOME}?lang=fr", accept="az")
    assert page.all("html") == [{"lang": "az"}]
    assert all("lang=fr" not in link["href"] for link in page.all("a"))


async def test_every_link_of_every_page_leads_somewhere(open_sqlite_house: House) -> None:
    house, seen = open_sqlite_house, set[str]()
    assert house.http is not None
    for path in await page_paths(house):
        page = await read(house, path)
        for link in [*page.attributes("href"), *page.attributes("src"), *page.attributes("action")]:
            if link.startswith("#"):
                assert link[1:] in page.attributes("id"), (path, link)
            elif link.startswith("/") and not link.startswith(("/check/", "/audit/")):
                seen.add(link.partition("#")[0])
    for link in sorted(seen):
        assert (await house.http.get(link, headers={"Accept": "text/html"})).status == 200, link


async def test_a73_reading_everything_by_get_and_head_moves_no_row(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    assert house.http is not None
    before = await counts_of(house)
    for path in await page_paths(house):
        answer = await house.http.head(path, headers={"Accept": "text/html"})
        assert answer.status == 200
        assert await answer.read() == b""
        await read(house, path)
    assert await counts_of(house) == before


async def test_pages_may_be_kept_a_minute_and_answers_to_forms_not_at_all(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    assert house.http is not None
    for path in await page_paths(house):
        answer = await house.http.get(path)
        assert answer.headers["Cache-Control"] == "public, max-age=60", path
        assert answer.headers["Vary"] == "Accept, Accept-Language, Accept-Encoding", path
    sent = await send(house, f"{HOME}/link", {"address": "nobody@example.edu"})
    assert (sent.status, sent.headers["Cache-Control"]) == (200, "no-store")
    missing = await house.http.get("/nowhere", headers={"Accept": "text/html"})
    assert missing.headers["Cache-Control"] == "no-store"


async def test_a_page_is_made_once_for_many_readers_and_anew_when_the_log_has_grown(
    open_sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_sqlite_house
    assert house.http is not None
    pages, made = house.http.app[PAGES], list[str]()
    render = pages._renderer.render

    def counted(template: str, visit: Visit, **values: Any) -> str:
        made.append(template)
        return str(render(template, visit, **values))

    monkeypatch.setattr(pages._renderer, "render", counted)
    path = f"{HOME}/log"
    await asyncio.gather(*(read(house, path) for _ in range(20)))
    assert made == ["log.html"]
    await house.change_poll("poll.paused")
    page = await read(house, path)
    assert made == ["log.html", "log.html"]
    assert "Poll paused" in page.text


# ---- what the home page says -----------------------------------------------------------------------------------------


async def test_the_home_page_says_what_when_and_by_whom(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    text = (await read(house, HOME)).text
    assert "closes Friday, 15 January 2027, 14:00 (Tbilisi time), in 2 hours" in text
    size = f"{len(house.people)} persons may vote here"
    for words in ("Ana", "Beka", "Nino", "Gio", size, "the committee of the test house"):
        assert words in text
    assert b64(house.log_id) in text


async def test_times_are_those_of_the_election_s_zone(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    async with house.service.database.transaction() as connection:
        shown = await read_presentation(connection, ELECTION)
        changed = type(shown)(texts=shown.texts, contact="committee@example.edu", zone="America/New_York")
        await store_presentation(connection, ELECTION, changed)
    page = await read(house, HOME)
    assert "(New York time)" in page.text
    assert "mailto:committee@example.edu" in page.attributes("href")


async def test_the_state_of_the_poll_is_told_at_every_stage(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await vote_all(house)

    async def state() -> str:
        house.clock.now += 60  # the page of the minute before may be kept
        page = await read(house, f"{HOME}/results/1")
        return next(found["class"] for found in page.all("span") if "pill" in found.get("class", ""))

    assert await state() == "pill open"
    await house.change_poll("poll.paused")
    assert await state() == "pill paused"
    await house.decide("poll.closed", msgspec.to_builtins(await closing_data(house.service, ELECTION, 1)))
    assert await state() == "pill closed"
    await house.tally()
    assert await state() == "pill declared"
    await house.conclude()
    assert await state() == "pill certified"


async def test_an_annulled_result_says_so_with_the_reason(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await play_to_the_result(house)
    await house.conclude(kind="result.annulled", reason="the roll was wrong")
    text = (await read(house, f"{HOME}/results/1")).text
    assert "Nothing of it counts." in text
    assert "the roll was wrong" in text


async def test_before_the_constitution_the_page_says_so(village: Town) -> None:
    text = (await read(village.house, HOME)).text
    assert "No poll is planned yet." in text
    assert "The committee has not put the rules into the log yet." in text


async def test_the_commands_of_the_verify_page_are_those_of_the_program(open_sqlite_house: House) -> None:
    """Every command is understood by the program, and has this election's own addresses."""
    page = await read(open_sqlite_house, f"{HOME}/verify")
    commands = [line.split() for line in page.texts if line.startswith("election-audit ")]
    assert [command[1] for command in commands] == [
        "receipt",
        "ballot",
        "verify",
        "booth",
        "document",
        "explain",
        "diff",
    ]
    for command in commands:
        _parser().parse_args(command[1:])
        assert any(word.startswith("http://localhost:8080/") and ELECTION in word for word in command)
    assert b64(open_sqlite_house.log_id) in next(command for command in commands if command[1] == "verify")


async def test_the_pages_promise_no_more_than_the_protocol(open_sqlite_house: House) -> None:
    """docs/protocol.md §0: the slack, and the recovery blob. What no verifier sees is told where it is said what one
    sees: as many reminders as the verifier prints.
    """
    checked, unseen = (
        (await read(open_sqlite_house, f"{HOME}/verify"))
        .text.partition("What is checked")[2]
        .split("What nobody can see")
    )
    assert "handed out to one person" not in checked
    assert "no contest has more ballots than voters who signed for a token" in checked
    told = ("the time of an entry", "the end of the log was cut off", "whose receipt nobody shows", "and cast nothing")
    assert len(told) == len(REMINDERS)
    for words in (*told, "people who stayed away"):
        assert words in unseen
    home = (await read(open_sqlite_house, HOME)).text
    assert "nobody can connect it with you" not in home
    assert "Whoever has these data and your ballot link could connect you with your ballot" in home


async def test_the_page_of_a_contest_forgets_what_a_candidate_withdrew(open_sqlite_house: House) -> None:
    """Within a minute, though the log has not grown."""
    house = open_sqlite_house
    rules = next(
        contest.rules
        for poll in (await house.service.facts(ELECTION)).polls.values()
        for contest in poll.contests.values()
        if contest.rules.document.contest == "head"
    )
    row = {"election": ELECTION, "student_id": "1", "statements": encode({"en": "Free coffee."}), "photo": None}
    async with house.service.database.transaction() as connection:
        person = {"election": ELECTION, "student_id": "1", "person": "ana"}
        await connection.execute(insert(schema.persons), person)
        await connection.execute(insert(schema_mail.profiles), row)
    path = f"{HOME}/contests/{b64(rules.context)}"
    assert "Free coffee." in (await read(house, path)).text
    async with house.service.database.transaction() as connection:
        await connection.execute(delete(schema_mail.profiles))
    house.clock.now += 60
    assert "Free coffee." not in (await read(house, path)).text


def root_blocks(style: Path) -> str:
    text = style.read_text(encoding="utf-8")
    return text[text.index(":root {") : text.index("* {")].strip()


def test_booth_and_pages_have_the_same_colours() -> None:
    booth = Path(ballot.__file__).parent / "booth" / "booth.css"
    assert root_blocks(TEMPLATES / "pages.css") == root_blocks(booth)


async def test_countdowns_are_text_and_follow_the_clock(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    before = (await read(house, HOME)).text
    house.clock.now += HOUR + 1800
    after = (await read(house, HOME)).text
    assert "in 30 minutes" in after
    assert "in 30 minutes" not in before


def test_the_reader_of_these_tests_sees_what_is_open() -> None:
    with pytest.raises(AssertionError, match="closes"):
        Parsed("<p><b></p>")
