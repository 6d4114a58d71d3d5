"""What every page about an election says at its top and bottom, and how its contests are called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ballot.contest import Contest, Option
from election_service import schema
from election_service.election import Election
from election_service.facts import LogFacts
from election_service.languages import translations
from election_service.log import read_head
from election_service.pages.states import state_of
from election_service.pages.visit import Visit
from election_service.presentation import read_presentation, text_in
from election_service.sql import PollRow, read_polls
from keys.canonical import b64


@dataclass(frozen=True, slots=True)
class Text:
    """A text and the language that it is in: not always the reader's."""

    text: str
    language: str


def in_language(texts: Mapping[str, str], language: str, otherwise: str = "") -> Text:
    """The text in this language, else in English, else in any."""
    for found in (language, "en", *texts):
        if found in texts:
            return Text(texts[found], found)
    return Text(otherwise, language)


@dataclass(frozen=True, slots=True)
class About:
    """An election at one moment. ``size``: published entries; ``kinds``, ``blocks``: electorate id → what kind of block
    it is, and its name on the roll; ``seats``: seat or motion → position and block. ``facts`` are shared: read them on
    the event loop alone.
    """

    election: Election
    title: Text
    intro: Text
    contact: str
    zone: str
    now: int
    size: int
    checkpoint: str
    polls: Mapping[int, PollRow]
    kinds: Mapping[str, str]
    blocks: Mapping[str, str]
    seats: Mapping[str, tuple[str | None, str]]
    facts: LogFacts

    @property
    def id(self) -> str:
        """The election's id."""
        return self.election.id

    @property
    def log(self) -> str:
        """The log id, base64url."""
        return b64(self.election.log_id)

    @property
    def mail(self) -> str:
        """The contact, if it is a mail address."""
        return self.contact if "@" in self.contact and "/" not in self.contact else ""

    def poll_states(self) -> list[tuple[PollRow, str]]:
        """Every poll with its state as people are told it."""
        return [(row, state_of(row, self.facts.polls.get(number))) for number, row in sorted(self.polls.items())]

    def position(self, identity: str | None, language: str) -> Text:
        """What the rules call a position."""
        positions = self.facts.rules.positions if self.facts.law is not None else []
        names = {position.id: position.name for position in positions}
        return in_language(names.get(identity or "", {}), language, identity or "")

    def contest(self, document: Contest, language: str) -> Text:
        """A contest by its seat: "Head of the faculty: Law"; it says so where the members vote instead of the block."""
        name = self.seat(document.contest, language)
        if self.kinds.get(document.electorate) != "members":
            return name
        return Text(translations(language).gettext("%(name)s (vote of the members)") % {"name": name.text}, language)

    def seat(self, seat: str, language: str) -> Text:
        """A seat or motion by its position and its block."""
        of_seat, block = self.seats.get(seat, (seat, ""))
        position = self.position(of_seat, language)
        name = position.text or seat
        return Text(f"{name}: {block}" if block else name, position.language)

    def electorate(self, electorate: str, language: str) -> str:
        """Who votes: the name of the block, or that it is everybody."""
        texts = translations(language)
        if self.kinds.get(electorate) == "university":
            return texts.gettext("the whole body")
        if self.kinds.get(electorate) == "members":
            return texts.gettext("the members")
        return self.blocks.get(electorate) or electorate

    def option(self, option: Option, language: str) -> Text:
        """What an option is called on the ballot; a blank one that is in no language of the reader's is translated."""
        if option.blank and language not in option.name:
            return Text(translations(language).gettext("None of these (blank vote)"), language)
        return in_language(option.name, language, option.id)


async def about(visit: Visit) -> About:
    """The election in the path; UnknownElectionError where there is none."""
    service = visit.service
    known = await service.election(visit.election)
    facts = await service.facts(known.id)
    async with service.database.snapshot() as connection:
        shown = await read_presentation(connection, known.id)
        head = await read_head(connection, known.id)
        polls = await read_polls(connection, known.id)
        electorates = await _electorates(connection, known.id)
    blocks = {name: row.block for name, row in electorates.items()}
    texts, language = text_in(shown.texts, visit.language)
    return About(
        election=known,
        title=Text(texts.title, language),
        intro=Text(texts.intro, language),
        contact=shown.contact,
        zone=shown.zone,
        now=service.clock(),
        size=head.published_size,
        checkpoint=head.published or "",
        polls=polls,
        kinds={name: row.kind for name, row in electorates.items()},
        blocks=blocks,
        seats=_seats(facts.documents, blocks),
        facts=facts,
    )


def _seats(documents: Iterable[Contest], blocks: Mapping[str, str]) -> dict[str, tuple[str | None, str]]:
    """The first contest about a seat that has a block names it: members who vote on it later have none."""
    found: dict[str, tuple[str | None, str]] = {}
    for document in documents:
        if not found.get(document.contest, (None, ""))[1]:
            found[document.contest] = (document.position, blocks.get(document.electorate, ""))
    return found


async def _electorates(connection: AsyncConnection, election: str) -> dict[str, Any]:
    table = schema.electorates
    query = select(table.c.electorate, table.c.block, table.c.kind).where(table.c.election == election)
    return {row.electorate: row for row in await connection.execute(query)}
