"""`/elections/{e}/results`, `/elections/{e}/results/{n}`: what was counted, what follows from it, and why."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from audit.entries import decode_entry
from ballot.contest import Contest
from election_service.documents.listing import documents_of
from election_service.errors import NotFoundError
from election_service.facts import read_kinds
from election_service.languages import NAMES
from election_service.pages.about import About, Text, about
from election_service.pages.naming import PageNames
from election_service.pages.reasons import Reasons, SeatLine, StepLine, read_reasons
from election_service.pages.shell import Pages
from election_service.pages.states import OUTCOMES, POLL_STATES, SEAT_STATES, state_of
from election_service.pages.visit import Page, Visit
from election_service.poll_facts import ContestFacts, PollFacts
from election_service.publication import read_published
from election_service.turnout import Turnout, read_turnout
from keys.canonical import b64
from tally.threshold import Threshold
from tally.wire import ContestResult

_WIDE: Final = 1000  # of a bar, in its own units


@dataclass(frozen=True, slots=True)
class Votes:
    """A row: an option with its votes; `most`: nobody has more."""

    name: Text
    votes: int
    elected: bool
    blank: bool
    most: bool


@dataclass(frozen=True, slots=True)
class ContestLine:
    """A contest of the poll. `ballots` None while a poll is open and the block is too small to be told of.

    `rows` None where counts are withheld or not there yet. `unused`: tokens without a ballot.
    """

    id: str
    context: str
    name: Text
    size: int
    ballots: int | None
    unused: int | None
    outcome: str
    rows: tuple[Votes, ...] | None
    seat: SeatLine | None
    task: str
    steps: tuple[StepLine, ...] = field(default=())


async def show_results(pages: Pages, visit: Visit) -> Page:
    """All polls with the way to their results."""
    known = await about(visit)
    stamp = (known.size, known.now // 60, known.title, known.contact)

    async def make() -> str:
        return await pages.render(
            "results.html", visit, about=known, section="results", election=known, states=POLL_STATES
        )

    return await pages.kept(visit, ("results", known.id), stamp, make)


async def show_result(pages: Pages, visit: Visit) -> Page:
    """The result of one poll, or how far it is."""
    known, number = await about(visit), visit.number(visit.parts["n"], "poll")
    if number not in known.polls:
        raise NotFoundError(f"poll {number}: there is no such poll")
    turnout = (await read_turnout(visit.service, known.id)).get(number)
    stamp = (known.size, known.title, known.contact, turnout.at if turnout is not None else None)

    async def make() -> str:
        poll = known.facts.polls.get(number, PollFacts(number))
        state = state_of(known.polls[number], poll)
        reasons = await read_result_reasons(visit, known, poll)
        shown = await _shown(visit, known, poll)
        return await pages.render(
            "result.html",
            visit,
            about=known,
            section="results",
            poll=known.polls[number],
            state=state,
            states=POLL_STATES,
            seat_states=SEAT_STATES,
            turnout=turnout,
            reasons=reasons,
            contests=contest_lines(known, poll, turnout, reasons, visit.language),
            mark=turnout_mark(known),
            documents=documents_of(number) if poll.concluded is not None else (),
            language_names=NAMES,
            **shown,
        )

    return await pages.kept(visit, ("result", known.id, str(number)), stamp, make)


async def read_result_reasons(visit: Visit, known: About, poll: PollFacts) -> Reasons | None:
    """The reasoning that the declaration names; None before it."""
    if poll.declared is None:
        return None
    async with visit.service.database.snapshot() as connection:
        blob = await read_published(connection, known.id, f"blobs/{poll.declared.reasoning}")
    return await asyncio.to_thread(read_reasons, blob, PageNames(known, visit.language), known, visit.language)


async def _shown(visit: Visit, known: About, poll: PollFacts) -> dict[str, object]:
    """Until when complaints are heard, and why the result was annulled."""
    law = known.facts.law
    declared = None if law is None or poll.number not in law.polls else law.polls[poll.number].declared
    ends = None if law is None or declared is None else law.heard_until(poll.number)
    reason = ""
    if poll.concluded == "result.annulled":
        async with visit.service.database.snapshot() as connection:
            for raw in await read_kinds(connection, known.id, ("result.annulled",)):
                entry = decode_entry(raw)
                reason = entry.data.reason if entry.data.poll == poll.number else reason
    return {"declared": declared, "complaints_end": ends, "reason": reason}


def turnout_mark(known: About) -> int | None:
    """Where the turnout that is needed stands on a bar."""
    if known.facts.law is None or known.facts.rules.turnout.scope.value == "none":
        return None
    share = Threshold.parse(known.facts.rules.turnout.share.value)
    return _WIDE * share.numerator // share.denominator


def contest_lines(
    known: About, poll: PollFacts, turnout: Turnout | None, reasons: Reasons | None, language: str
) -> list[ContestLine]:
    """The contests, by the rank of their positions and by name."""
    ranks = {item.id: item.rank for item in known.facts.rules.positions} if known.facts.law is not None else {}
    results = {} if poll.declared is None else {result.contest: result for result in poll.declared.results}
    found = [
        (
            ranks.get(contest.rules.document.position or "", 1 << 30),
            _line(known, contest, turnout, reasons, language, results),
        )
        for contest in poll.contests.values()
    ]
    return [line for _, line in sorted(found, key=lambda item: (item[0], item[1].name.text))]


def _line(
    known: About,
    contest: ContestFacts,
    turnout: Turnout | None,
    reasons: Reasons | None,
    language: str,
    results: dict[str, ContestResult],
) -> ContestLine:
    document, closed = contest.rules.document, contest.closed
    result = results.get(document.contest)
    return ContestLine(
        id=document.contest,
        context=b64(contest.rules.context),
        name=known.contest(document, language),
        size=document.size,
        ballots=None if turnout is None else turnout.ballots.get(contest.rules.context),
        unused=None if closed is None else closed.tokens - closed.ballots,
        outcome="" if result is None else OUTCOMES[result.outcome],
        rows=_rows(known, document, result, language),
        seat=None if reasons is None else reasons.seats.get(document.contest),
        task="" if reasons is None else reasons.tasks.get(document.contest, ""),
        steps=() if reasons is None else reasons.contests.get(document.contest, ()),
    )


def _rows(known: About, document: Contest, result: ContestResult | None, language: str) -> tuple[Votes, ...] | None:
    """Most votes first, the blank vote last; in the order of the ballot where votes are equal."""
    if result is None or result.counts is None:
        return None
    persons = [votes for option, votes in zip(document.options, result.counts, strict=True) if not option.blank]
    rows = [
        Votes(
            name=known.option(option, language),
            votes=votes,
            elected=option.id in result.elected,
            blank=option.blank,
            most=not option.blank and votes == max(persons) and votes > 0,
        )
        for option, votes in zip(document.options, result.counts, strict=True)
    ]
    return tuple(sorted(rows, key=lambda row: (row.blank, -row.votes)))
