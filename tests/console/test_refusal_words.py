"""What use cases refuse is told in the reader's language; what has no sentence is told in English and marked so."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from election_service.console.roles import Role
from election_service.console_pages import refusal_texts
from election_service.console_pages.refusal_texts import ACTS, CALENDAR, FIELDS, PLACES
from election_service.console_pages.refusal_words import said
from tests.console.desk import Desk
from tests.service.house import ELECTION, House

ROOT = Path(__file__).parents[2]
PLACE = re.compile(r"\{[a-z]+\}")


@cache
def raised() -> str:
    """Every text in the code of the service and of the rules, {} for what differs."""
    folders = (ROOT / name for name in ("election_service", "tally", "keys", "audit"))
    files = (file for folder in folders for file in folder.rglob("*.py") if file != Path(refusal_texts.__file__))
    return "\n".join(text for file in files for text in texts_of(file))


def texts_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


@pytest.mark.parametrize("source", [*ACTS, *PLACES, *FIELDS, *CALENDAR])
def test_every_text_is_one_that_is_raised(source: str) -> None:
    """Its longest part that never differs stands in the code; "expected " is set before some by others."""
    assert max(PLACE.split(source), key=len).removeprefix("expected ") in raised()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("poll.paused: poll 3 is paused already", "Poll 3 is paused already."),
        (
            "poll.opened: expected canaries of 2 trustees, got 1",
            "2 trustees have to show that their files work; 1 have.",
        ),
        ("table: not CSV: x – look there", "This is no CSV file that can be read. Look at the quotes around values."),
        ("duplicate email of row 7", "duplicate email of row 7"),
        (
            "poll 2: the meeting was not announced: expected a notice 5 days before the vote, got none (clause 6.8.2)",
            "The meeting was not announced: a notice is due 5 days before the vote. (6.8.2)",
        ),
    ],
)
def test_numbers_and_names_stand_in_the_sentence(text: str, sentence: str) -> None:
    assert (said(text, "en").text, said(text, "en").language) == (sentence, "en")
    assert said(text, "ka").language == "ka"


def test_a_text_without_a_sentence_stays_and_says_that_it_is_english() -> None:
    found = said("share 2: wrong proof", "ka")
    assert (found.text, found.language) == ("share 2: wrong proof", "en")


def test_a_text_with_percent_signs_and_braces_is_no_format() -> None:
    assert said("%(poll)s {poll} 100%", "ru").text == "%(poll)s {poll} 100%"
    assert said("%(x)s: is taken already; choose another", "en").text == "%(x)s is taken already. Choose another one."


async def test_an_act_that_cannot_be_is_refused_in_the_language_of_the_page(open_sqlite_house: House) -> None:
    chair = await Desk.open(open_sqlite_house, "chair", Role.CHAIR)
    form = f"/committee/{ELECTION}/acts/new/poll.closed"
    english = await chair.read_refused(form, {"poll": "1"}, status=409)
    assert "Pause the poll first: members sign numbers that stand still." in english.text
    georgian = await chair.read_refused(f"{form}?lang=ka", {"poll": "1"}, status=409)
    assert [item for item in georgian.all("span") if item.get("lang") == "en"] == []


async def test_what_cannot_be_proposed_now_stands_there_with_its_reason_and_no_link(
    open_sqlite_house: House,
) -> None:
    chair = await Desk.open(open_sqlite_house, "chair", Role.CHAIR)
    page = await chair.read(f"/committee/{ELECTION}/acts")
    links = {link.rpartition("/")[2] for link in page.attributes("href") if "/acts/new/" in link}
    assert {"poll.extended", "poll.paused", "members", "decision"} <= links
    assert links.isdisjoint({"trustee.opened", "poll.resumed", "poll.closed", "result.certified", "poll.opened"})
    assert "The trustees have made their key." in page.text
    assert "No poll is paused." in page.text
    await open_sqlite_house.change_poll("poll.paused")
    page = await chair.read(f"/committee/{ELECTION}/acts")
    links = {link.rpartition("/")[2] for link in page.attributes("href") if "/acts/new/" in link}
    assert {"poll.extended", "poll.resumed", "poll.closed"} <= links
    assert "poll.paused" not in links
