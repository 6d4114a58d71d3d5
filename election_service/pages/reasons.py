"""The reasoning of a result as people read it: step by step, sentence, numbers, clause, and where the numbers are from.

The sentences are those of `election-audit explain` (audit/texts); the steps are the published blob's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from election_service.pages.about import About, Text
from election_service.pages.naming import PageNames
from keys.canonical import decode
from tally.reasoning import Reasoning, Rule, Step
from tally.wire import SeatResult


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step. `number` as other steps cite it; `comparison` empty where nothing was compared."""

    number: int
    clause: str
    rule: str
    sentence: str
    comparison: str
    verdict: str
    grounds: str


@dataclass(frozen=True, slots=True)
class SeatLine:
    """What follows for a seat. `person` empty: nobody; `branches`: (higher seat, who takes that, who takes this)."""

    name: Text
    status: str
    person: str
    possible: str
    branches: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Reasons:
    """A poll's reasoning, read. `language`: that the sentences are in."""

    language: str
    readings: tuple[StepLine, ...]
    turnout: tuple[StepLine, ...]
    contests: dict[str, tuple[StepLine, ...]]
    seats: dict[str, SeatLine]
    tasks: dict[str, str]


def read_reasons(blob: bytes, names: PageNames, about: About, language: str) -> Reasons:
    """Read a published reasoning, and group its steps by what they are about. It takes a while: run it in a thread."""
    reasoning = decode(blob, Reasoning)
    readings, turnout, contests = [], [], dict[str, list[StepLine]]()
    for number, step in enumerate(reasoning.steps):
        line = _line(number, step, names)
        if step.contest is not None:
            contests.setdefault(step.contest, []).append(line)
        elif step.rule is Rule.RESOLUTION:
            readings.append(line)
        else:
            turnout.append(line)
    return Reasons(
        language=names.texts.language,
        readings=tuple(readings),
        turnout=tuple(turnout),
        contests={contest: tuple(lines) for contest, lines in contests.items()},
        seats={seat.seat: _seat(seat, names, about, language) for seat in reasoning.seats},
        tasks={
            task.seat: names.texts.say("conclusion", "follows", **names.follows([task.kind, *task.options]))
            for task in reasoning.agenda
        },
    )


def _line(number: int, step: Step, names: PageNames) -> StepLine:
    say = names.texts.say
    return StepLine(
        number=number,
        clause=names.clause(step.clause),
        rule=say("rule", step.rule),
        sentence=names.sentence(step),
        comparison=step.comparison,
        verdict=say("label", "holds" if step.holds else "fails"),
        grounds=_grounds(step.grounds, names),
    )


def _grounds(grounds: Sequence[str], names: PageNames) -> str:
    return ", ".join(names.ground(ground) for ground in grounds)


def _seat(seat: SeatResult, names: PageNames, about: About, language: str) -> SeatLine:
    return SeatLine(
        name=about.seat(seat.seat, language),
        status=seat.status,
        person="" if seat.person is None else names.person(seat.person),
        possible="" if not seat.possible else names.persons(seat.possible),
        branches=tuple(
            (
                names.seat(branch.higher),
                names.persons([branch.holder] if branch.holder else []),
                names.persons([branch.person] if branch.person else []),
            )
            for branch in seat.branches
        ),
    )
