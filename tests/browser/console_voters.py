"""Voters of the example roll: their links come by mail; one votes in the booth, the others as its program does."""

from __future__ import annotations

import asyncio
import csv
import os
from collections import defaultdict
from collections.abc import Sequence
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Final

from playwright.async_api import Browser

from ballot.contest import ContestRules
from ballot.receipt import Receipt
from election_service.client import ServiceClient
from election_service.voter import vote
from tests.browser.post import link_in
from tests.browser.visitor import visiting
from tests.service.mail_sink import Sink

FROM_EACH_CLASS: Final = 2
_AT_ONCE: Final = 8
# Places on the ballot, voter by voter; elsewhere everybody marks the first.
_FIRST_TOUR: Final = {
    "head-of-self-governance": (0, 0, 0, 0, 1, 1, 1, 2, 2, 3),  # nobody has more than half
    "head-of-faculty": (0, 0, 1, 0),  # a winner, and one who is next
}
_SECOND_TOUR: Final = (0, 0, 1)


def voters_of(roll: Path, each: int = FROM_EACH_CLASS) -> list[str]:
    """Mail addresses of students who may vote: the first ``each`` of every class, class by class."""
    classes = defaultdict(list)
    with roll.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["status"] == "active":
                classes[row["department"], row["year"]].append(row["email"])
    return [email for _, emails in sorted(classes.items()) for email in emails[:each]]


def links_of(sink: Sink, emails: Sequence[str]) -> list[str]:
    """The ballot link of each, from the first mail to that address."""
    found: dict[str, str] = {}
    for raw, recipient in zip(sink.raws, sink.recipients, strict=True):
        if recipient in emails and recipient not in found:
            found[recipient] = link_in(BytesParser(EmailMessage, policy=default).parsebytes(raw))
    return [found[email] for email in emails]


async def vote_in_the_booth(browser: Browser, link: str) -> list[str]:
    """One voter in Chromium; the tracking codes."""
    async with visiting(browser, link) as visitor:
        return await visitor.vote()


async def vote_by_program(server: str, election: str, poll: int, links: Sequence[str]) -> list[Receipt]:
    """The others, some at once."""
    waiting = iter(enumerate(links))
    receipts: list[Receipt] = []

    async def work() -> None:
        for number, link in waiting:
            receipts.extend(await _vote(server, election, poll, link, number))

    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    return receipts


async def _vote(server: str, election: str, poll: int, link: str, number: int) -> Sequence[Receipt]:
    def choose(rules: ContestRules) -> list[int] | None:
        if rules.document.poll != poll:
            return None
        place = _place(rules.document.position, poll, number)
        return [int(option == place) for option in range(rules.options)]

    async with ServiceClient(server, election) as client, ServiceClient(server, election) as casting:
        return await vote(client, casting, link, choose, os.urandom)


def _place(position: str | None, poll: int, number: int) -> int:
    """What voter ``number`` marks."""
    places = _FIRST_TOUR.get(position or "", (0,)) if poll == 1 else _SECOND_TOUR
    return places[number % len(places)]
