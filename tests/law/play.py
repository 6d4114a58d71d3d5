"""An election of any kind, played through `tally.record.Record`: the preset with its readings, polls, counts, seats."""

import copy
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec

from ballot.contest import Contest, Option
from keys.canonical import b64
from tally.constitution import Constitution, Resolution
from tally.constitution_toml import load_toml, preset
from tally.decision import Decision, What
from tally.outcome import Outcome
from tally.petition import PetitionData
from tally.record import Counted, Event, Record
from tally.resolutions import ambiguities, apply_resolutions
from tally.wire import ContestResult, SeatResult, Task

DAY = 86_400
START = int(datetime(2026, 9, 20, tzinfo=UTC).timestamp())  # within the 20 days of 6.1.5
PRESIDENT, FACULTY = "head-of-self-governance", "head-of-faculty"
DEPARTMENT, CLASS = "head-of-department", "head-of-class"
BLANK = "blank"


@cache
def rules(name: str = "ibsu-direct") -> Constitution:
    """A preset, ambiguous as it is."""
    return load_toml(preset(name))


def resolutions(name: str = "ibsu-direct", /, **readings: str) -> list[Resolution]:
    """One reading for each ambiguous clause of a preset: the default, or `path=reading` with "__" for the dots."""
    wanted = {path.replace("__", "."): reading for path, reading in readings.items()}
    found = ambiguities(rules(name))
    unknown = set(wanted) - {one.path for one in found}
    assert not unknown, unknown
    return [Resolution(one.clause, wanted.get(one.path, one.default)) for one in found]


def settled(name: str = "ibsu-direct", /, **readings: str) -> Constitution:
    """A preset in which every ambiguity is read, see `resolutions`."""
    return apply_resolutions(rules(name), resolutions(name, **readings))


def make_decision(what: What, seat: str = "", person: str = "", **members: Any) -> Decision:
    """A decision; what is not given is "" or 0."""
    empty: dict[str, Any] = {"ground": "", "motion": "", "electorate": "", "number": 0, "until": "", "text": ""}
    return Decision(what=what, seat=seat, person=person, **(empty | members))


class Play:
    """One election and its clock, which runs on by itself."""

    def __init__(self, constitution: Constitution | None = None, /, **readings: str) -> None:
        """Begin with a constitution, or with the preset `ibsu-direct` and these readings (see `settled`)."""
        self.record = Record(constitution or settled(**readings))
        self.now = START
        self.events: list[Event] = []
        self.outcomes: list[Outcome] = []
        self.acts: list[str] = []
        self.sizes: dict[str, int] = {}
        self.polls = 0
        self._polled: dict[str, Contest] = {}

    @classmethod
    def resolved(cls, name: str = "ibsu-direct", /, **readings: str) -> "Play":
        """The same as a committee does it: the preset as it is, and a resolution for each ambiguous clause."""
        play = cls(rules(name))
        for resolution in resolutions(name, **readings):
            play.record.resolve(resolution)
        return play

    def electorate(self, name: str, size: int) -> None:
        """Freeze a roll; one that is there keeps its size."""
        if name not in self.sizes:
            self.record.add_electorate(name, size)
            self.sizes[name] = size

    def copy(self) -> "Play":
        """The same election, to be gone on with in another way."""
        other = copy.copy(self)
        other.record, other.sizes = self.record.copy(), dict(self.sizes)
        other.events, other.outcomes, other.acts = list(self.events), list(self.outcomes), list(self.acts)
        return other

    def contest(
        self, seat: str, position: str, electorate: str, candidates: Sequence[str], *, blank: bool = True
    ) -> Contest:
        """A contest document of the next poll, with as much of it as the law reads."""
        names = [*candidates, BLANK] if blank else list(candidates)
        return Contest(
            v="es1",
            log=b64(b"L" * 32),
            election="union-2026",
            poll=self.polls + 1,
            contest=seat,
            position=position,
            electorate=electorate,
            size=self.sizes[electorate],
            root=b64(b"R" * 32),
            options=[Option(id=name, name={"en": name}, blank=name == BLANK) for name in names],
            min=1,
            max=1,
            joint_key="",
            issuer_key="",
            recovery=False,
        )

    def open(self, *contests: Contest) -> None:
        """Open the next poll now, for a day."""
        opens, closes = self.now, self.now + DAY
        self.record.open_poll(self.polls + 1, contests, opens, closes)
        self.polls += 1
        self._polled = {contest.contest: contest for contest in contests}
        self.now = closes

    def count(
        self,
        ballots: Mapping[str, Mapping[str, int] | int],
        tickets: Mapping[str, Mapping[str, bytes]] | None = None,
    ) -> Outcome:
        """Declare the poll now: votes by contest and option (the blank one included), or ballots never opened.

        The tickets of a lot are made up where none are given.
        """
        counted = [
            _counted(document, ballots[name], (tickets or {}).get(name)) for name, document in self._polled.items()
        ]
        outcome = self.record.declare(self.polls, counted)
        self.record.take(outcome, self.now)
        self.outcomes.append(outcome)
        return outcome

    def certify(self) -> list[Event]:
        """Certify the poll when the complaints are over."""
        self.now += self.record.rules.complaints.value + 1
        found = self.record.certify(self.polls, self.now)
        self.events += found
        return found

    def decide(self, decision: Decision) -> list[Event]:
        """Log a decision an hour later."""
        self.now += 3600
        act = b64(hashlib.sha256(f"act {len(self.acts)}".encode()).digest()[:16])
        found = self.record.decide(act, decision, self.now)
        self.acts.append(act)
        self.events += found
        return found

    def poll(self, contests: Sequence[Contest], ballots: Mapping[str, Mapping[str, int] | int]) -> Outcome:
        """A whole poll, certified."""
        self.open(*contests)
        outcome = self.count(ballots)
        self.certify()
        return outcome

    def task(self, seat: str) -> Task:
        """What has to happen about a seat."""
        return self.record.agenda[seat]

    def answer(self, seat: str, candidates: Sequence[str] = (), *, electorate: str = "", blank: bool = True) -> Contest:
        """The contest that the agenda asks for about a seat; `candidates` where there are new nominations.

        `electorate`: whose block votes, if not the one that voted before. Members vote in an electorate made of exactly
        them, less the barred.
        """
        task, found = self.task(seat), self.record.seats[seat]
        members = set(self.record.members())
        if task.voters == "members" and members:
            electorate = f"members-{self.polls + 1}-{seat}"
            self.electorate(electorate, len(members - set(task.barred)))
        elif task.voters == "members":
            electorate = self.record.rules.body
        return self.contest(
            seat, found.position, electorate or found.electorate, task.options or candidates, blank=blank
        )

    def nominate(self, seat: str, person: str) -> None:
        """A fifth of the members (of everybody, while there are none) nominates a candidate by a petition (6.9.3)."""
        members = len(self.record.members())
        name, petition = (f"members-{len(self.acts)}", f"nomination-{len(self.acts)}")
        electorate = name if members else self.record.rules.body
        self.electorate(electorate, members)
        opened = {"electorate": electorate, "ground": "nomination", "motion": seat}
        self.decide(make_decision("petition", petition, person, **opened))
        needed = -(-self.sizes[electorate] // 5)
        for number in range(needed):
            support = PetitionData(petition=petition, electorate=electorate, credential=f"{number}", signature="")
            self.record.support(support, self.now, listed=support.credential)
        self.decide(make_decision("petition-result", petition, ground="supported", number=needed))

    def holders(self) -> dict[str, str]:
        """Who holds which seat: seat -> person."""
        return {seat: person for person, seat in self.record.members().items()}


def _counted(document: Contest, votes: Mapping[str, int] | int, tickets: Mapping[str, bytes] | None) -> Counted:
    names = [option.id for option in document.options]
    made = {name: hashlib.sha256(f"{document.poll} {document.contest} {name}".encode()).digest() for name in names}
    lots = tuple((made | dict(tickets or {}))[name] for name in names)
    if isinstance(votes, int):
        return Counted(document.contest, votes, None, lots)
    assert set(votes) <= set(names), (votes, names)
    counts = tuple(votes.get(name, 0) for name in names)
    return Counted(document.contest, sum(counts), counts, lots)


def result(outcome: Outcome, contest: str) -> ContestResult:
    """The result of one contest."""
    return next(one for one in outcome.results if one.contest == contest)


def seat(outcome: Outcome, name: str) -> SeatResult:
    """One seat as declared."""
    return next(one for one in outcome.seats if one.seat == name)


def replaced(constitution: Constitution, **members: Any) -> Constitution:
    """The constitution with other plain members."""
    return msgspec.structs.replace(constitution, **members)
