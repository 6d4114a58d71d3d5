"""A50: nothing of the service opens a ballot that was cast: no endpoint, no answer, no column knows s, r or a vote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from ballot.audited import AuditedBallot
from election_service.endpoints import ENDPOINTS
from election_service.openapi import make_openapi
from election_service.pages import BOOTH
from election_service.schema_columns import metadata
from keys.canonical import b64, encode
from tests.service.house import ELECTION, House

# What an opening would be called: randomness, plaintext, or the choice of one ballot.
OPENINGS: Final = frozenset(
    ("seed", "opening", "randomness", "plaintext", "vote", "marks", "choice_of", "r", "s", "coin", "decryption")
)
# Open votes are public by their nature (docs/protocol.md §9); their `vote` is an id.
OPEN_VOTES: Final = ("OpenVoteData", "OpenVoteInfo")
needs_booth = pytest.mark.skipif(not (BOOTH / "check.html").is_file(), reason="booth: not built (pip install -e .)")


def names_in(schema: Any) -> Iterator[str]:
    """Every member's name in a JSON schema."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from names_in(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from names_in(value)


def test_a50_no_request_or_answer_has_a_place_for_an_opening() -> None:
    """From the table that the router is made from: a member that could carry s, r or a vote does not exist."""
    document = json.loads(make_openapi())
    for name in OPEN_VOTES:
        assert "vote" in document["components"]["schemas"].pop(name)["properties"]
    found = OPENINGS & set(names_in(document["components"]["schemas"]))
    assert found == set()
    assert AuditedBallot not in {kind for endpoint in ENDPOINTS for kind in (endpoint.request, endpoint.response)}


def test_a50_no_address_is_for_opening_or_decrypting_a_ballot() -> None:
    words = ("audit", "open-ballot", "decrypt", "reveal", "spoil", "plaintext")
    assert [endpoint.path for endpoint in ENDPOINTS if any(word in endpoint.path for word in words)] == []


def test_a50_no_table_keeps_what_would_open_a_ballot() -> None:
    ballots = [
        table for table in metadata.sorted_tables if "ballot" in table.name or table.name in ("spent", "receipts")
    ]
    assert ballots
    assert {column.name for table in ballots for column in table.columns} & OPENINGS == set()


@pytest.mark.parametrize("path", ["/ballots", "/contests", "/audit", "/ballots/audit", "/login"])
async def test_a50_an_opened_ballot_is_taken_by_no_endpoint(open_sqlite_house: House, path: str) -> None:
    """The document of an audited ballot, sent to the service by mistake or on purpose, is refused and not stored."""
    house = open_sqlite_house
    rules = await house.rules(house.contexts[0])
    vote = [1, *[0] * (rules.options - 1)]
    audited = AuditedBallot(context=b64(rules.context), owner=b64(bytes(32)), vote=vote, seed=b64(bytes(31) + b"\x01"))
    answer = await house.post(path, encode(audited))
    assert answer.status in (400, 404, 405, 422)
    assert audited.seed not in await answer.text()


async def test_a50_pages_and_answers_about_a_cast_ballot_say_nothing_of_the_choice(open_sqlite_house: House) -> None:
    """Two voters, two choices: every public answer about them has the same members and sizes."""
    house = open_sqlite_house
    rules = await house.rules(house.contexts[0])
    answers = []
    for person in house.people[:2]:
        ballot = house.ballot(person, rules, await house.token(person, rules))
        answer = await house.post("/ballots", ballot)
        assert answer.status == 200
        answers.append(await answer.json())
    assert {frozenset(item) for item in answers} == {frozenset(("tracker", "signature"))}
    assert len({len(json.dumps(item)) for item in answers}) == 1


@pytest.mark.parametrize("page", [pytest.param("check", marks=needs_booth), "audit"])
async def test_a50_the_checking_pages_are_the_same_bytes_for_everybody(open_sqlite_house: House, page: str) -> None:
    """They take nothing from the request, so nothing can be told to them or asked of them; and no cookie (A82)."""
    assert open_sqlite_house.http is not None
    bodies = []
    for headers, query in (({}, ""), ({"Accept-Language": "ka", "Cookie": "a=b"}, "?lang=az&t=x")):
        answer = await open_sqlite_house.http.get(f"/{page}/{ELECTION}{query}", headers=headers)
        assert answer.status == 200
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "*" not in policy
        assert "default-src 'none'" in policy
        assert "connect-src 'self'" in policy
        assert "require-trusted-types-for 'script'" in policy
        bodies.append(await answer.read())
    assert bodies[0] == bodies[1]
    assert (await open_sqlite_house.http.get(f"/{page}/nowhere")).status == 404
