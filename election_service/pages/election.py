"""`/elections/{e}`: what is voted on, when, by whom, under which rules, with which keys."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from itertools import groupby

from audit.entries import decode_entry, parse_time
from election_service.api_types import SeatInfo
from election_service.console.deletion import TABLES, WORDS
from election_service.console.retention import read_retention
from election_service.facts import read_kinds
from election_service.law_view import agenda_of, seats_of
from election_service.pages.about import About, Text, about, in_language
from election_service.pages.ballots import all_profiles, group_ballots
from election_service.pages.naming import PageNames
from election_service.pages.shell import Pages
from election_service.pages.states import BY, POLL_STATES, SEAT_STATES
from election_service.pages.visit import Page, Visit
from election_service.turnout import read_turnout
from keys.canonical import unb64
from keys.ids import fingerprint
from tally.plain import LANGUAGES as NOTICES
from tally.plain import Line, make_lines


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat of the register as people read it."""

    name: Text
    person: Text
    acting: Text
    info: SeatInfo


@dataclass(frozen=True, slots=True)
class TaskLine:
    """What has to happen about a seat: what, between whom, by which clause, until when (POSIX seconds or None)."""

    name: Text
    what: str
    persons: str
    clause: str
    due: int | None


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force, by heading; `language`: that they are in. `open`: how many wait for a reading."""

    language: str
    sections: tuple[tuple[str, tuple[Line, ...]], ...]
    open: int


async def show_election(pages: Pages, visit: Visit) -> Page:
    """The home page of an election."""
    known = await about(visit)
    turnout = await read_turnout(visit.service, known.id)
    async with visit.service.database.snapshot() as connection:
        retention = await read_retention(connection, known.id)
    stamp = (known.size, known.now // 60, known.title, known.intro, known.contact, retention.done)

    async def make() -> str:
        newest = max(known.facts.polls, default=0)
        async with visit.service.database.snapshot() as connection:
            profiles = await all_profiles(connection, known.id)
            booths = [decode_entry(raw).data.bundle for raw in await read_kinds(connection, known.id, ("booth",))]
        contests = list(known.facts.polls[newest].contests.values()) if newest else []
        return await pages.render(
            "election.html",
            visit,
            about=known,
            section="election",
            election=known,
            states=POLL_STATES,
            newest=newest,
            newest_state={row.poll: state for row, state in known.poll_states()}.get(newest, ""),
            turnout=turnout.get(newest),
            groups=group_ballots(known, contests, profiles, visit.language),
            kinds=Counter(known.kinds.values()),
            recoverable=not contests or any(contest.rules.document.recovery for contest in contests),
            rules=await _rules(known, visit.language),
            seats=_seats(known, visit.language),
            tasks=_tasks(known, visit.language),
            seat_states=SEAT_STATES,
            by=BY,
            clause=PageNames(known, visit.language).clause,
            keys=_keys(known),
            logged_booth=booths[-1] if booths else "",
            deleted_at=retention.done,
            deleted=[WORDS[what] for what in TABLES if what in (retention.deleted or {})],
        )

    return await pages.kept(visit, ("election", known.id), stamp, make)


async def _rules(known: About, language: str) -> Rules | None:
    """The rules in words; None before there is a constitution."""
    if known.facts.law is None:
        return None
    state = known.facts.record.state
    shown = language if language in NOTICES else "en"
    lines = await asyncio.to_thread(make_lines, state.constitution, tuple(state.resolutions), shown)
    sections = tuple((heading, tuple(found)) for heading, found in groupby(lines, key=lambda line: line.heading))
    return Rules(shown, sections, sum(line.status == "open" for line in lines))


def _seats(known: About, language: str) -> list[Seat]:
    if known.facts.law is None:
        return []
    register = seats_of(known.facts.record, known.facts.documents, known.now)
    ranks = {position.id: position.rank for position in known.facts.rules.positions}
    return [
        Seat(
            known.seat(item.seat, language),
            in_language(item.name, language, item.person or ""),
            in_language(item.acting_name, language, item.acting or ""),
            item,
        )
        for item in sorted(register.seats, key=lambda item: (ranks.get(item.position, 1 << 30), item.seat))
    ]


def _tasks(known: About, language: str) -> list[TaskLine]:
    if known.facts.law is None:
        return []
    names = PageNames(known, language)
    return [
        TaskLine(
            name=known.seat(item.task.seat, language),
            what=names.texts.say("task", item.task.kind),
            persons=", ".join(map(names.person, item.task.options)),
            clause=names.clause(item.task.clause),
            due=None if item.due is None else parse_time(item.due),
        )
        for item in agenda_of(known.facts.record, known.facts.documents).tasks
    ]


def _keys(known: About) -> dict[str, object]:
    """Fingerprints to compare by voice or on paper, and who holds the trustees' keys."""
    facts, opened = known.facts, known.election.opened
    session = facts.ceremonies[-1].session if facts.ceremonies else None
    joint = facts.joint_key
    return {
        "log": fingerprint(unb64(opened.log_key, 32, "log key")),
        "joint": "" if joint is None else fingerprint(joint.point.to_bytes()),
        "trustees": 0 if session is None else len(session.identities),
        "needed": 0 if session is None else session.k,
        "members": sorted(facts.members),
        "signatures": facts.threshold,
        "witnesses": [witness.name for witness in opened.witnesses],
    }
