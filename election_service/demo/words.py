"""What the demo prints: results, seats and tasks in plain lines, each with its clause."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from audit.entries import Entry
from audit.facts import ContestFigures, Facts, PollFigures
from election_service.act_words import Words, event_words, speaker
from election_service.api_types import Agenda, SeatInfo, SeatRegister
from election_service.client import ServiceClient
from election_service.commands.next_poll import task_line
from election_service.commands.terminal import out
from keys.text import printable
from tally.decision import Decision
from tally.reasoning import Conclusion
from tally.record import Record
from tally.wire import ContestResult, SeatResult

_OUTCOMES: Final = {
    "elected": "{persons} has won",
    "tie": "equal votes at the top",
    "not-enough": "nobody has enough votes",
    "nobody": "nobody has a vote",
    "invalid-turnout": "too few took part",
    "withheld": "too few ballots, nothing is decrypted",
}


def say(text: str) -> None:
    """One line, whatever is in it."""
    out.print(printable(text), markup=False)


def title(text: str) -> None:
    """A heading."""
    out.print(f"\n[bold]{text}[/bold]")


def words_of(facts: Facts) -> Words:
    """How persons are called."""
    return speaker([contest.document for contest in facts.contests if contest.document is not None])


# ---- a declared result -----------------------------------------------------------------------------------------------


def print_result(facts: Facts, poll: int, story: Collection[str]) -> None:
    """The counts of the contests of the story, and how many there are besides; then seats that are not settled yet."""
    figures = next(item for item in facts.polls if item.poll == poll)
    counted = {item.contest: item for item in facts.contests if item.poll == poll}
    words = words_of(facts)
    for result in figures.results:
        if result.contest in story:
            say(f"  {_result_line(facts, result, counted[result.contest], words)}")
    rest = [result for result in figures.results if result.contest not in story]
    elected = sum(result.outcome == "elected" for result in rest)
    if rest:
        say(f"  and {len(rest)} more contests, {elected} of them with a winner")
    for line in (*_gone_higher(figures, story, words), *_open_seats(facts, figures, words)):
        say(f"  {line}")


def _result_line(facts: Facts, result: ContestResult, figures: ContestFigures, words: Words) -> str:
    counts = ", ".join(
        f"{words(option)} {count}" for option, count in (figures.counts or {}).items() if option != "blank"
    )
    persons = ", ".join(map(words, result.elected))
    outcome = _OUTCOMES.get(result.outcome, result.outcome).format(persons=persons)
    clause = facts.rules.procedure(result.procedure).clause if facts.rules is not None else ""
    return f"{result.contest}: {counts} of {result.ballots} ballots: {outcome} ({clause})"


def _gone_higher(figures: PollFigures, story: Collection[str], words: Words) -> Iterator[str]:
    """Who is passed over because of a higher position, so that the next by votes gets the seat."""
    steps = figures.outcome.steps if figures.outcome is not None else ()
    passed = [step for step in steps if step.conclusion is Conclusion.HOLDS_HIGHER and step.contest in story]
    lines = [
        f"{step.contest}: {words(step.names[0])} holds {step.names[1]}; the next by votes follows ({step.clause})"
        for step in passed
    ]
    yield from dict.fromkeys(lines)  # a seat that waits for its board is walked through twice


def _open_seats(facts: Facts, figures: PollFigures, words: Words) -> Iterator[str]:
    clause = facts.rules.one_position.applies.clause if facts.rules is not None else ""
    for seat in figures.seats:
        if seat.status == "provisional":
            person = words(seat.person or "")
            yield f"{seat.seat}: provisional, {person} as things stand ({clause}){_branches(seat, words)}"


def _branches(seat: SeatResult, words: Words) -> str:
    """The ways of the higher seats that would change who gets this one."""
    others = [branch for branch in seat.branches if branch.person != seat.person and branch.holder is not None]
    lines = [
        f"; if {words(branch.holder or '')} gets {branch.higher}: {words(branch.person) if branch.person else 'nobody'}"
        for branch in others
    ]
    return "".join(lines)


# ---- what follows in the log -----------------------------------------------------------------------------------------


def clause_of(decision: Decision, record: Record) -> str:
    """By which clause something is decided, where the decision itself does not name it: " (6.4.1b)"."""
    positions = {position.id: position for position in record.rules.positions}
    match decision.what:
        case "approval":
            rule = positions[record.seats[decision.seat].position].seat
            clause = rule.approval.clause if rule is not None else ""
        case "appointment":
            clause = positions[decision.seat].clause
        case "petition":
            clause = next(rule.clause for rule in record.rules.petitions if rule.id == decision.ground)
        case _:
            clause = ""
    return f" ({clause})" if clause else ""


def print_events(entries: Sequence[Entry], words: Words, story: Collection[str] | None) -> None:
    """Mandates that begin and end; ``story``: these seats alone, the others are counted."""
    shown = [entry for entry in entries if story is None or entry.data.seat in story]
    for entry in shown:
        say(f"  {entry.kind}: {event_words(entry.kind, entry.data, words)}")
    if len(shown) < len(entries):
        say(f"  and {len(entries) - len(shown)} more seats")


async def print_seats(client: ServiceClient) -> None:
    """The register: office, person, status."""
    register = await client.get("/seats", SeatRegister)
    title("Seats")
    width = max((len(seat.seat) for seat in register.seats), default=0)
    for seat in register.seats:
        say(f"  {seat.seat:<{width}}  {_holder(seat)}")


def _holder(seat: SeatInfo) -> str:
    name = f"{seat.name.get('en') or seat.person} ({seat.person})" if seat.person else "nobody"
    by = f", by {seat.by}" if seat.by else ""
    until = f", until {seat.until}" if seat.until else ""
    acting = f", acting: {seat.acting_name.get('en') or seat.acting}" if seat.acting else ""
    return f"{name}: {seat.state}{by}{until}{acting}"


async def print_agenda(client: ServiceClient) -> None:
    """What is still to do."""
    agenda = await client.get("/agenda", Agenda)
    title("What has to happen next")
    for item in agenda.tasks:
        say(f"  {task_line(item)}")
    if not agenda.tasks:
        say("  nothing")
