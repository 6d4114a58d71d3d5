"""Contests and candidates as they stand on the ballots of a poll, with what candidates say of themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ballot.contest import Contest
from election_service import schema, schema_mail
from election_service.contest_types import Profile
from election_service.languages import translations
from election_service.pages.about import About, Text, in_language
from election_service.poll_facts import ContestFacts
from election_service.profiles import read_profiles
from keys.canonical import b64

_NOBODY = Profile(statements={}, photo=None)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An option of a ballot; `photo` a path or None, `statement` empty where there is none."""

    name: Text
    blank: bool
    photo: str | None
    statement: Text


@dataclass(frozen=True, slots=True)
class Ballot:
    """A contest: `raw` its context, `context` the same in base64url, `choose` what may be chosen, in words."""

    raw: bytes
    context: str
    contest: str
    name: Text
    size: int
    choose: str
    candidates: tuple[Candidate, ...]

    @property
    def persons(self) -> int:
        """Options that are not the blank vote."""
        return sum(not item.blank for item in self.candidates)


@dataclass(frozen=True, slots=True)
class Group:
    """The contests of one position."""

    name: Text
    ballots: tuple[Ballot, ...]


async def all_profiles(connection: AsyncConnection, election: str) -> dict[str, Profile]:
    """The profiles of an election by option id."""
    persons, profiles = schema.persons, schema_mail.profiles
    query = (
        select(persons.c.person, persons.c.student_id)
        .join(profiles, (profiles.c.election == persons.c.election) & (profiles.c.student_id == persons.c.student_id))
        .where(persons.c.election == election)
    )
    students = {row.person: row.student_id for row in await connection.execute(query)}
    found = await read_profiles(connection, election, list(students.values()))
    return {person: found[student] for person, student in students.items() if student in found}


def group_ballots(
    about: About, contests: Sequence[ContestFacts], profiles: Mapping[str, Profile], language: str
) -> list[Group]:
    """The contests of a poll, by position from the highest, and by name within."""
    positions = about.facts.rules.positions if about.facts.law is not None else []
    ranks = {position.id: (position.rank, position.id) for position in positions}
    groups: dict[str, list[Ballot]] = {}
    for contest in contests:
        document = contest.rules.document
        ballot = Ballot(
            raw=contest.rules.context,
            context=b64(contest.rules.context),
            contest=document.contest,
            name=about.contest(document, language),
            size=document.size,
            choose=_choose(document, language),
            candidates=tuple(_candidates(about, document, profiles, language)),
        )
        groups.setdefault(document.position or "", []).append(ballot)
    return [
        Group(about.position(position, language), tuple(sorted(ballots, key=lambda item: item.name.text)))
        for position, ballots in sorted(groups.items(), key=lambda item: ranks.get(item[0], (1 << 30, item[0])))
    ]


def _candidates(about: About, document: Contest, profiles: Mapping[str, Profile], language: str) -> list[Candidate]:
    return [
        Candidate(
            name=about.option(option, language),
            blank=option.blank,
            photo=None if option.blank else profiles.get(option.id, _NOBODY).photo,
            statement=in_language(profiles.get(option.id, _NOBODY).statements, language),
        )
        for option in document.options
    ]


def _choose(document: Contest, language: str) -> str:
    texts = translations(language)
    low, high = document.min, document.max
    if low == high:
        return texts.ngettext("Choose %(number)s.", "Choose exactly %(number)s.", high) % {"number": high}
    if low == 0:
        return texts.gettext("Choose up to %(number)s.") % {"number": high}
    return texts.gettext("Choose from %(low)s to %(high)s.") % {"low": low, "high": high}
