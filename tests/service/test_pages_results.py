"""What the pages say of log and result is what stands in the log: entries, tracking codes, counts, seats, reasoning."""

from __future__ import annotations

from hashlib import sha256
from typing import get_args

import pytest

from audit.catalog import load_texts
from audit.entries import KINDS, decode_entry
from audit.tiles import split_bundle
from ballot.ballot import tracker
from election_service.pages.entry_words import _DECISIONS, TITLES
from election_service.pages.states import OUTCOMES, SEAT_STATES
from election_service.seal import seal_waiting
from keys.canonical import b64, unb64
from keys.ids import short_code
from tally.decision import What
from tally.wire import OutcomeKind
from tests.service.house import ELECTION, House
from tests.service.pages_reader import Parsed, play_to_the_result, read, stored_entry, vote_all

HOME = f"/elections/{ELECTION}"


async def test_an_entry_is_shown_as_it_is_with_its_hashes(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await vote_all(house)
    await house.close_early()
    assert house.http is not None
    previous = bytes(32)
    for seq in range(await house.log_size()):
        raw = await stored_entry(house, seq)
        page = await read(house, f"{HOME}/log/{seq}")
        entry = decode_entry(raw)
        assert " ".join(raw.decode().split()) in page.text
        assert b64(previous) in page.text
        assert b64(sha256(raw).digest()) in page.text
        assert TITLES[entry.kind] in page.text
        previous = sha256(raw).digest()
    link = next(found["href"] for found in page.all("a") if "/tile/entries/" in found["href"])
    bundle = await (await house.http.get(link)).read()
    assert split_bundle(bundle, seq % 256 + 1)[-1] == raw


async def test_the_log_can_be_leafed_through_to_every_entry(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await vote_all(house)
    await house.close_early()

    async def leaf(everything: bool) -> list[int]:
        found: list[int] = []
        path: str | None = f"{HOME}/log" + ("?all=1" if everything else "")
        while path is not None:
            page = await read(house, path)
            rows = [int(item["value"]) for item in page.all("li") if "value" in item]
            assert rows == sorted(rows, reverse=True)
            found += rows
            path = next((link["href"] for link in page.all("a") if link.get("rel") == "prev"), None)
        return found

    size = await house.log_size()
    assert await leaf(everything=True) == list(range(size))[::-1]
    acts = await leaf(everything=False)
    kinds = [decode_entry(await stored_entry(house, seq)).kind for seq in range(size)]
    assert acts == [seq for seq in range(size) if kinds[seq] not in {"ballot", "token", "sealed"}][::-1]


async def test_an_entry_that_is_not_published_is_not_shown(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await read(house, f"{HOME}/log/{await house.log_size()}", status=404)


async def test_a_contest_lists_the_codes_of_all_its_sealed_ballots_and_no_others(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    rules = [await house.rules(context) for context in house.contexts]
    receipts: dict[bytes, list[str]] = {item.context: [] for item in rules}
    for item in rules:
        for person in house.people[:3]:
            answer = await house.vote(person, item)
            receipts[item.context].append(short_code(unb64(answer["tracker"], 32, "tracker")))
    before = await read(house, f"{HOME}/contests/{b64(rules[0].context)}")
    assert not set(receipts[rules[0].context]) & set(codes(before)), "nothing is told before it is sealed"
    await seal_waiting(house.service, ELECTION, 1)
    for item in rules:
        page = await read(house, f"{HOME}/contests/{b64(item.context)}")
        assert codes(page) == sorted(receipts[item.context])


def codes(page: Parsed) -> list[str]:
    """What stands in the list of tracking codes."""
    words = page.text.split()
    return [word for word in words if len(word) == 23 and word.count("-") == 3]


async def test_a_ballot_in_the_log_shows_the_voter_s_code(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await vote_all(house)
    await house.close_early()
    for seq in range(await house.log_size()):
        entry = decode_entry(await stored_entry(house, seq))
        if entry.kind == "ballot":
            assert short_code(tracker(entry.data.body)) in (await read(house, f"{HOME}/log/{seq}")).text


async def test_the_result_has_counts_bars_turnout_seat_and_reasoning(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    cast = await play_to_the_result(house)
    page = await read(house, f"{HOME}/results/1")
    for result in (await house.declared()).results:
        assert result.ballots == cast[result.contest]
        assert f"{result.ballots} of {result.size} voted" in page.text
        assert OUTCOMES[result.outcome] in page.text
    rects = [found for found in page.all("rect") if "part" in found["class"]]
    assert {found["width"] for found in rects} >= {"1000", "0"}  # all for the first option, none for the others
    assert "Ana elected" in page.text
    assert "100.0%" in page.text
    assert "clause 6.12.4" in page.text
    for seat in await house.declared_seats():
        assert SEAT_STATES[seat.status] in page.text
    assert "This result is not certified yet." in page.text


@pytest.mark.parametrize("language", ["ka", "az", "ru"])
async def test_the_reasoning_is_told_in_the_reader_s_language(open_sqlite_house: House, language: str) -> None:
    house = open_sqlite_house
    await play_to_the_result(house)
    page = await read(house, f"{HOME}/results/1?lang={language}")
    texts = load_texts(language)
    assert texts.say("conclusion", "turnout-valid", electorate="university") in page.text
    assert texts.say("label", "clause", clause="6.12.4") in page.text


async def test_a_contest_with_too_few_ballots_is_not_opened_and_says_so(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    rules = [await house.rules(context) for context in house.contexts]
    everybody = next(item for item in rules if item.document.contest == "head")
    few = next(item for item in rules if item.document.contest == "law")
    for person in house.people[:4]:
        await house.vote(person, everybody)
    await house.vote(house.people[0], few)
    await house.close_early()
    await house.tally()
    page = await read(house, f"{HOME}/results/1")
    assert OUTCOMES["withheld"] in page.text
    assert len(page.all("table")) == 1, "no counts, no table"


async def test_while_the_poll_is_open_the_page_knows_no_counts(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await vote_all(house)
    page = await read(house, f"{HOME}/results/1")
    assert page.all("table") == []
    assert "Until then nobody knows how it stands." in page.text


def test_every_kind_decision_and_outcome_has_words() -> None:
    assert TITLES.keys() == KINDS.keys()
    assert _DECISIONS.keys() == set(get_args(What))
    assert OUTCOMES.keys() == set(get_args(OutcomeKind))
