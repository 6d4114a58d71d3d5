"""What the rules know at one entry of the log: data and small questions. Owner: tally/record.py; others read it, or
write it where it hands it to them.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field

from tally.calendar import Suspension, task_due
from tally.claim import Claim, Refill
from tally.constitution import Constitution, Position, Procedure, Resolution, SeatRule
from tally.errors import OutcomeError
from tally.matters import MOVED_UP, Complaint, MotionState, PlannedContest, PollState, SeatState
from tally.open_vote import OpenVote
from tally.petition import Petition
from tally.register import Register
from tally.turnout import WholeBody
from tally.wire import Task


@dataclass(slots=True)
class LegalState:
    """Everything; see the module."""

    constitution: Constitution
    rules: Constitution
    resolutions: list[Resolution] = field(default_factory=list)
    electorates: dict[str, int] = field(default_factory=dict)
    planned: dict[int, dict[str, PlannedContest]] = field(default_factory=dict)  # as logged, by poll and contest
    polls: dict[int, PollState] = field(default_factory=dict)
    seats: dict[str, SeatState] = field(default_factory=dict)
    motions: dict[str, MotionState] = field(default_factory=dict)
    register: Register = field(default_factory=Register)
    barred: dict[str, str] = field(default_factory=dict)  # person -> ground
    barred_from: dict[str, set[str]] = field(default_factory=dict)  # seat -> persons
    withdrawn: dict[str, dict[str, int]] = field(default_factory=dict)  # seat -> person -> poll where they stood last
    attended: dict[str, int] = field(default_factory=dict)  # contest -> persons
    notices: dict[str, int] = field(default_factory=dict)  # contest -> time
    causes: dict[tuple[str, str], str] = field(default_factory=dict)  # ("bar", person), ("attendance", contest) …
    suspensions: list[Suspension] = field(default_factory=list)
    permitted: bool = False
    whole: WholeBody | None = None  # the last tested contest of the whole body
    complaints: dict[int, Complaint] = field(default_factory=dict)  # by entry
    petitions: dict[str, Petition] = field(default_factory=dict)
    petition_rules: dict[str, str] = field(default_factory=dict)  # petition -> rule
    nominees: dict[str, tuple[str, str]] = field(default_factory=dict)  # petition -> (contest, person)
    nominated: dict[tuple[str, str], int] = field(default_factory=dict)  # (contest, person) -> newest poll then
    open_votes: dict[str, OpenVote] = field(default_factory=dict)

    # -- the rules ---------------------------------------------------------------------------------------------------

    def position(self, identity: str | None, what: str) -> Position:
        """The position of that id; OutcomeError otherwise."""
        for position in self.rules.positions:
            if position.id == identity:
                return position
        known = ", ".join(position.id for position in self.rules.positions)
        raise OutcomeError(f"{what}: position: expected one of {known}, got {identity!r}")

    def seat_rule(self, state: SeatState) -> tuple[Position, SeatRule]:
        """The position of a seat, and its rule."""
        position = self.position(state.position, f"seat {state.seat}")
        if position.seat is None:
            raise OutcomeError(f"seat {state.seat}: {position.id} has no seat")
        return position, position.seat

    def procedure(self, identity: str) -> Procedure:
        """The procedure of that id."""
        return self.rules.procedure(identity)

    # -- persons -----------------------------------------------------------------------------------------------------

    def members(self) -> dict[str, str]:
        """Persons who hold an elected seat -> that seat."""
        return self.register.members()

    def passed(self, state: SeatState) -> dict[str, str]:
        """Everybody whom the list of a seat passes over, with the reason.

        Who withdrew, left or was refused may stand again when there are new nominations; who is barred may not.
        """
        found = dict.fromkeys((*self.barred, *self.barred_from.get(state.seat, ())), "barred")
        found |= dict.fromkeys(self._withdrawn(state.seat, state.since), "withdrawn")
        return found | state.passed

    def void(self, contest: str, since: int | None = None) -> frozenset[str]:
        """Candidates whose votes do not count in a contest; `since`: the poll for which they were nominated."""
        if since is None:
            since = self.seats[contest].since if contest in self.seats else 0
        return frozenset((*self.barred, *self.barred_from.get(contest, ()), *self._withdrawn(contest, since)))

    def _withdrawn(self, contest: str, since: int) -> list[str]:
        return [person for person, poll in self.withdrawn.get(contest, {}).items() if poll >= since]

    def holder(self, seat: str) -> str | None:
        """Who was elected to a seat and holds it; an appointment waits for no vote to end."""
        mandate = self.register.mandate(seat)
        return None if mandate is None or mandate.by == "appointment" else mandate.person

    def claims(self, *, certified_only: bool) -> list[Claim]:
        """Every seat as the resolver sees it. `certified_only`: what an uncertified poll decided may still change."""
        return [self._claim(state, certified_only=certified_only) for state in self.seats.values()]

    def voted_on(self, seat: str) -> PlannedContest | None:
        """The contest about a seat in a poll that is neither certified nor annulled yet."""
        newest = self.polls.get(len(self.polls))
        planned = None if newest is None or newest.concluded is not None else newest.contests.get(seat)
        return None if planned is None or planned.vote == "moot" else planned

    def is_certified(self, state: SeatState) -> bool:
        """Whether the list of a seat comes from a certified poll or a decision; undecided seats count as such."""
        return state.poll is None or self.polls[state.poll].concluded == "certified"

    def _claim(self, state: SeatState, *, certified_only: bool) -> Claim:
        position, rule = self.seat_rule(state)
        tie = getattr(self.procedure(state.procedure or position.procedure.value), "tie", None)
        ranking, possible = state.ranking, state.possible
        planned = self.voted_on(state.seat)
        if certified_only and (planned is not None or not self.is_certified(state)):
            persons = [person for rank in ranking for person in rank.persons]
            options = planned.options if planned is not None else ()
            ranking, possible = (), tuple(dict.fromkeys((*possible, *persons, *options)))
        if state.pending is not None:
            ranking, possible = (), (state.pending,)
        return Claim(
            seat=state.seat,
            position=state.position,
            clause=position.clause,
            rank=position.rank,
            ranking=ranking,
            possible=possible,
            holder=self.holder(state.seat),
            passed=self.passed(state),
            min_votes=rule.min_votes.value,
            tie=tie.value if tie is not None else "re-election",
            next_tie=rule.successor_tie.value,
            tickets=state.tickets,
            refill=self._refill(state, rule),
            grounds=state.grounds,
        )

    def can_have(self, state: SeatState, person: str) -> bool:
        """Whether somebody is neither passed over for a seat nor in one that is as high (6.12.5)."""
        held = self.members().get(person)
        if person in self.passed(state):
            return False
        if held is None or held == state.seat or not self.rules.one_position.applies.value:
            return True
        return self.rank(held) > self.rank(state.seat)

    def rank(self, seat: str) -> int:
        """The rank of a seat; 1 is the highest."""
        return self.position(self.seats[seat].position, f"seat {seat}").rank

    def _refill(self, state: SeatState, rule: SeatRule) -> Refill:
        """Who comes after those who cannot have a seat: if they went higher, by 6.12.5; if they are gone, by 6.5.5."""
        gone = self.gone(state)
        if not gone:
            return self.rules.one_position.ex_position.value
        follows = rule.refused if "refused" in gone else rule.succession
        return "next-by-votes" if follows.value == "runner-up" else "by-election"

    def gone(self, state: SeatState) -> tuple[str, ...]:
        """Why nobody of the first rank can have an empty seat any more; () where somebody can, or has gone higher."""
        if not state.ranking or self.holder(state.seat) is not None:
            return ()
        passed, first = self.passed(state), state.ranking[0].persons
        # Only a move to a higher seat is the clause's "ex-position"; who left or was refused is succeeded (6.5.5).
        if state.succession or all(passed.get(person, MOVED_UP) != MOVED_UP for person in first):
            return tuple(passed.get(person, "left") for person in first)
        return ()

    def cause_of_void(self, contest: str, person: str) -> str:
        """The decision by which a candidate's votes are void in a contest."""
        keys = (("bar", person), ("bar", f"{contest}/{person}"), ("withdrawal", f"{contest}/{person}"))
        return next(self.causes[key] for key in keys if key in self.causes)

    # -- time --------------------------------------------------------------------------------------------------------

    @property
    def suspended(self) -> bool:
        """Whether the self-governance is at a standstill now."""
        return bool(self.suspensions) and self.suspensions[-1].end is None

    def due(self, task: Task, asked: int | None) -> int | None:
        """When a task has to be done; None without a limit, and for one whose declaration has no time yet."""
        return None if asked is None else task_due(task, asked, self.rules.calendar, self.suspensions)

    # -- the agenda --------------------------------------------------------------------------------------------------

    def matters(self) -> Iterator[SeatState | MotionState]:
        """Seats and motions, ascending by id."""
        both: dict[str, SeatState | MotionState] = {**self.seats, **self.motions}
        for name in sorted(both):
            yield both[name]

    def agenda(self) -> dict[str, Task]:
        """Every open task by seat or motion, ascending."""
        found: dict[str, Task] = {}
        for matter in self.matters():
            if matter.task is not None:
                found[matter.seat if isinstance(matter, SeatState) else matter.contest] = matter.task
        return found

    def copy(self) -> "LegalState":
        """A copy to try an act on."""
        other = copy.copy(self)
        for name in (
            "resolutions",
            "electorates",
            "barred",
            "attended",
            "notices",
            "causes",
            "suspensions",
            "petitions",
            "petition_rules",
            "nominees",
            "nominated",
            "open_votes",
        ):
            setattr(other, name, copy.copy(getattr(self, name)))
        other.planned = {number: dict(contests) for number, contests in self.planned.items()}
        other.polls = {number: copy.copy(poll) for number, poll in self.polls.items()}
        other.seats = {name: state.copy() for name, state in self.seats.items()}
        other.motions = {name: copy.copy(motion) for name, motion in self.motions.items()}
        other.barred_from = {seat: set(persons) for seat, persons in self.barred_from.items()}
        other.withdrawn = {seat: dict(persons) for seat, persons in self.withdrawn.items()}
        other.complaints = {seq: copy.copy(complaint) for seq, complaint in self.complaints.items()}
        other.register = self.register.copy()
        return other
