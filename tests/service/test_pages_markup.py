"""A81: two hundred texts that act as markup, in every field of the public pages that somebody can write."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import insert, update

from ballot.contest import Option
from election_service import schema, schema_mail
from election_service.api_types import ElectionTexts
from election_service.presentation import Presentation
from election_service.setup import ContestPlan
from keys.canonical import encode
from keys.errors import FormatError
from keys.text import check_text
from tests.attacks.payloads import MARKUP
from tests.service.house import ELECTION, House, blank_or
from tests.service.pages_reader import LANGUAGES, Parsed, assert_inert, page_paths, read, send
from tests.service.town import Town

HOME = f"/elections/{ELECTION}"


def shown(payload: str) -> str:
    """A text as the page's text has it."""
    return " ".join(payload.split())


async def plant(house: House, payload: str) -> None:
    """Put a text into every field of a page that somebody can write: title, introduction, waiver, block, statement."""
    texts = {language: ElectionTexts(title=payload, intro=payload) for language in LANGUAGES}
    presentation = encode(Presentation(texts=texts, contact="", zone="Asia/Tbilisi"))
    known = await house.service.election(ELECTION)
    settings = msgspec.structs.replace(known.settings, waiver=payload)
    statements = encode(dict.fromkeys(LANGUAGES, payload))
    async with house.service.database.transaction() as connection:
        values = {"presentation": presentation, "title": payload, "config": encode(settings)}
        await connection.execute(update(schema.elections).values(values))
        await connection.execute(update(schema.electorates).values(block=payload))
        await connection.execute(update(schema_mail.profiles).values(statements=statements))
    house.service._elections.clear()


async def test_a81_two_hundred_texts_in_every_field_are_shown_literally(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    async with house.service.database.transaction() as connection:
        await connection.execute(insert(schema.persons).values(election=ELECTION, student_id="s1", person="ana"))
        row = {"election": ELECTION, "student_id": "s1", "statements": b"{}", "photo": None}
        await connection.execute(insert(schema_mail.profiles).values(row))
    plain = await read(house, HOME)
    skeleton = [name for name, _ in plain.elements]
    assert len(MARKUP) >= 200
    for payload in MARKUP:
        await plant(house, payload)
        house.clock.now += 60  # the page of the minute before may be kept
        page = await read(house, HOME)
        assert_inert(page)
        assert page.text.count(shown(payload)) >= 6, payload  # title twice, introduction, waiver, block, statement
        extra = [name for name, _ in page.elements]
        assert set(extra) <= {*skeleton, "p", "blockquote"}, payload


def is_name(payload: str) -> bool:
    try:
        check_text(payload, "name")
    except FormatError:
        return False
    return payload == payload.strip() != ""


@pytest.mark.parametrize("village", ["offline"], indirect=True)
async def test_a81_candidates_called_like_markup_are_shown_literally(village: Town) -> None:
    """The ballot as logged: home, contest, result, and the entries."""
    house, payloads = village.house, [payload for payload in MARKUP if is_name(payload)][:60]
    assert len(payloads) == 60
    options = [Option(id=f"c{at}", name={"en": name}, blank=False) for at, name in enumerate(payloads)]
    await house.open([ContestPlan("head", "head-of-self-governance", "university", [*options, *blank_or()])])
    rules = await house.rules(house.contexts[0])
    for person in house.people[:3]:
        await house.vote(person, rules, (1, *(0 for _ in options)))
    await house.close_early()
    await house.tally()
    seq = (await house.service.facts(ELECTION)).contest(house.contexts[0]).seq
    paths = [path for path in await page_paths(house) if "/contests/" in path or path == HOME]
    for path in [*paths, f"{HOME}/results/1", f"{HOME}/log/{seq}", f"{HOME}/log?all=1&page=1"]:
        page = await read(house, path)
        assert_inert(page)
        if "/log" not in path:
            assert [payload for payload in payloads if shown(payload) not in page.text] == [], path


async def test_a81_what_is_written_into_a_form_comes_back_as_text(open_sqlite_house: House) -> None:
    for payload in MARKUP[::5]:
        fields = {"text": payload, "contact": payload + "\nx", "kind": "question"}
        answer = await send(open_sqlite_house, f"{HOME}/help", fields)
        page = Parsed(await answer.text())
        assert answer.status == 400
        assert_inert(page)
        values = [found.get("value", "") for found in page.all("input") if found.get("name") == "contact"]
        assert [shown(value) for value in values] == [shown(payload + "\nx")]
