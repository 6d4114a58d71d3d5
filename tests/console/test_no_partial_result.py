"""Nothing that shows a partial result exists anywhere: while a poll is open, how people vote changes no answer.

One house is copied. In one copy everybody votes for the first candidate of every contest, in the other for the second.
Every address that the service answers to is asked, by everybody and by each role of the console; keys, hashes and
ciphertexts, which are random, are masked, and so is the order in which ballots lie in the log. What remains must be the
same: every word and every number.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from aiohttp import web

from election_service.app import make_app
from election_service.console.roles import Role
from election_service.seal import seal_waiting
from keys.canonical import b64
from tests.console.desk import Desk
from tests.service.fixtures import Templates
from tests.service.house import ELECTION, House, copied

pytestmark = pytest.mark.slow

_RANDOM: Final = re.compile(r"[A-Za-z0-9_+/=-]{14,}|\ba-[0-9a-f]{8}\b|\b[0-9A-Z]{5}(?:-[0-9A-Z]{5})+\b")
_PLACE: Final = re.compile(r'"seq":[0-9]+|/log/[0-9]+|<span class="note">[0-9]+</span>')
DOCUMENTS: Final = ("result-1.csv", "result-1.json", "protocol-1-en.pdf", "protocol-1-en.pdf.sig", "archive-1.zip")
_FILES: Final = ("/log/{e}", "/static/", "/photos/")  # the log itself is ciphertext; assets are of nobody


@asynccontextmanager
async def a_copy(templates: Templates, folder: Path) -> AsyncIterator[House]:
    """A house with an open poll, like every other copy but for what happens in it."""
    source = templates.folder / "sqlite"
    template = await templates.get("sqlite", f"sqlite:///{source / 'election.db'}")
    shutil.copytree(source, folder)
    async with copied(template, f"sqlite:///{folder / 'election.db'}", folder, templates.workers) as house:
        yield house


def addresses(app: web.Application) -> list[str]:
    """Every address that can be read, with its parts in braces."""
    found = {
        route.resource.canonical
        for route in app.router.routes()
        if route.method == "GET" and route.resource is not None
    }
    return sorted(path for path in found if not path.startswith(_FILES))


def filled(path: str, parts: Mapping[str, str]) -> list[str]:
    """An address with every value that its parts may have, and once with all that there is."""
    if path.endswith("/documents/{name}"):
        found = [path.replace("{name}", name) for name in DOCUMENTS]
    else:
        found = [path, f"{path}?all=1"]
    for part, value in parts.items():
        found = [address.replace(part, value) for address in found]
    return [re.sub(r"\{[^}]*\}", "1", address) for address in found]


async def everything_that_is_answered(house: House) -> dict[tuple[str, str], tuple[int, str]]:
    """(who, address) → status and masked text."""
    asking = {"nobody": Desk(house)}
    for role in (Role.CHAIR, Role.OBSERVER):
        asking[role] = await Desk.open(house, role, role)
    parts = {"{e}": ELECTION, "{n}": "1", "{context}": b64(house.contexts[0]), "{seq}": str(await house.log_size() - 1)}
    found = {}
    for path in addresses(make_app(house.service, schedule=False)):
        for address in filled(path, parts):
            for name, desk in asking.items():
                answer = await desk.get(address)
                text = (await answer.read()).decode("utf-8", "replace")
                assert answer.status < 500, (name, address, text[:300])
                found[name, address] = (answer.status, masked(text))
    return found


def masked(text: str) -> str:
    """The words of an answer without what is random: keys and ciphertexts, and where ballots came to lie."""
    bare = _PLACE.sub("·", _RANDOM.sub("·", text))
    return " ".join(sorted(re.split(r"[\s<>,]+", bare)))


def difference(place: tuple[str, str], first: str, second: str) -> str:
    """The words that stand in one answer and not in the other."""
    one, two = Counter(first.split()), Counter(second.split())
    return f"{place}: {dict(one - two)} against {dict(two - one)}"


async def vote(house: House, option: int, voters: int, *, seal: bool = True) -> None:
    """The first people vote for this option wherever they may."""
    for context in house.contexts:
        rules = await house.rules(context)
        choice = [int(place == option) for place in range(len(rules.document.options))]
        able = house.people if rules.document.electorate == "university" else house.people[: len(house.people) // 2]
        for person in able[:voters]:
            await house.vote(person, rules, choice)
    if seal:
        await seal_waiting(house.service, ELECTION, 1)
    house.clock.now += 600  # the turnout is counted anew


async def test_how_people_vote_changes_no_answer_while_the_poll_is_open(templates: Templates, tmp_path: Path) -> None:
    answers = []
    for option in (0, 1):
        async with a_copy(templates, tmp_path / str(option)) as house:
            await vote(house, option, voters=4)
            answers.append(await everything_that_is_answered(house))
    first, second = answers
    assert first.keys() == second.keys()
    assert {address for _, address in first} >= {
        f"/committee/{ELECTION}/progress",
        f"/committee/{ELECTION}/results/1",
        f"/elections/{ELECTION}/results/1",
        f"/api/elections/{ELECTION}/turnout",
    }
    found = [difference(place, first[place][1], second[place][1]) for place in first if first[place] != second[place]]
    assert not found, "\n".join(found)
    assert sum(status == 200 for status, _ in first.values()) > 40


async def test_how_many_have_voted_changes_no_answer_about_small_blocks(templates: Templates, tmp_path: Path) -> None:
    """A69: blocks of six and three, of which four and three have voted, or nobody: nobody can tell before the sealing,
    neither from turnout nor from mails, logins, notices, or what is stored.
    """
    answers = []
    for voters in (0, 4):
        async with a_copy(templates, tmp_path / str(voters)) as house:
            await vote(house, 0, voters, seal=False)
            answers.append(await everything_that_is_answered(house))
    without, with_voters = answers
    found = [
        difference(place, without[place][1], with_voters[place][1])
        for place in without
        if without[place] != with_voters[place]
    ]
    assert not found, "\n".join(found)


async def test_the_same_comparison_finds_a_result_once_there_is_one(templates: Templates, tmp_path: Path) -> None:
    """The test above can fail: after the declaration the answers differ where they should."""
    answers = []
    for option in (0, 1):
        async with a_copy(templates, tmp_path / str(option)) as house:
            await vote(house, option, voters=4)
            await house.close_early()
            await house.tally()
            answers.append(await everything_that_is_answered(house))
    first, second = answers
    differ = {address for _, address in first if first["nobody", address] != second["nobody", address]}
    differ |= {
        address for name, address in first if name == Role.CHAIR and first[name, address] != second[name, address]
    }
    assert {f"/elections/{ELECTION}/results/1", f"/committee/{ELECTION}/results/1"} <= differ
