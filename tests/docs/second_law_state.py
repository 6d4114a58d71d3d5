"""docs/rules.md §3, §6.4 and §6.5: what is known of every seat, and how votes change it; from the page alone."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.docs.second_law_count import Verdict
from tests.docs.second_law_rules import Counted, Json, Rules

MEMBERS = ("members-vote", "advance-vote")


@dataclass
class Task:
    """What has to happen; since when it was asked for, and because of what."""

    data: Json
    since: str
    cause: str


@dataclass
class Seat:
    """A seat, or with `motion` true what is kept of a motion or survey."""

    position: str
    electorate: str
    motion: bool = False
    ranks: list[list[str]] = field(default_factory=list)
    votes: dict[str, int] = field(default_factory=dict)
    possible: list[str] = field(default_factory=list)
    certain: list[str] = field(default_factory=list)
    passed: dict[str, str] = field(default_factory=dict)
    tickets: dict[str, bytes] = field(default_factory=dict)
    grounds: list[str] = field(default_factory=list)
    poll: int | None = None
    pending: str | None = None
    pending_cause: str = ""
    approved: str | None = None
    procedure: str = ""
    since: int = 0
    held: bool = False
    succession: bool = False
    task: Task | None = None
    outcome: str = ""

    def empty(self, grounds: list[str]) -> None:
        """Nobody is on the list, and no poll has decided."""
        self.ranks, self.votes, self.poll, self.grounds = [], {}, None, grounds

    def ask(self, data: Json | None, since: str, cause: str) -> None:
        """A task that is the same in every member keeps its date."""
        if data is None:
            self.task = None
        elif self.task is None or self.task.data != data:
            self.task = Task(data, since, cause)


class Tasks:
    """The tasks of §6.4, by name."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def make(
        self, seat: str, kind: str, tour: str, options: Iterable[str], procedure: str, clause: str, days: int
    ) -> Json:
        members = kind in MEMBERS
        return {
            "seat": seat,
            "kind": kind,
            "tour": tour,
            "options": list(options),
            "voters": "members" if members else self.rules.procedure(procedure)["voters"]["value"],
            "barred": list(options) if members else [],
            "procedure": procedure,
            "clause": clause,
            "days": days,
        }

    def second_tour(self, seat: str, options: Iterable[str], procedure: str) -> Json:
        found = self.rules.procedure(procedure)
        clause = found["second_tour"]["clause"] if found["method"] == "majority" else found["clause"]
        return self.make(seat, "second-tour", "second", options, procedure, clause, 0)

    def re_election(self, seat: str, procedure: str) -> Json:
        again = self.rules.procedure(procedure)["again_days"]
        return self.make(seat, "re-election", "first", (), procedure, again["clause"], again["value"])

    def by_election(self, seat: str, position: str, clause: str) -> Json:
        office = self.rules.position(position)["seat"]
        procedure, days = office["by_election"]["value"], office["by_election_days"]["value"]
        return self.make(seat, "by-election", "first", (), procedure, clause, days)

    def members(self, seat: str, kind: str, tour: str, options: Iterable[str]) -> Json:
        how = self.rules.all["members_vote"]
        return self.make(seat, kind, tour, options, how["value"], how["clause"], 0)

    def approval(self, seat: str, position: str, person: str) -> Json:
        found = self.rules.position(position)
        clause, procedure = found["seat"]["approval"]["clause"], found["procedure"]["value"]
        return {**self.make(seat, "approval", "first", (person,), procedure, clause, 0), "voters": "block"}

    def again(self, contest: Counted, why: str) -> Json | None:
        """`why`: "withheld", "invalid-turnout" or "annulled"."""
        kind = "repeat" if contest.vote in ("election", "merge") else contest.vote
        procedure = self.rules.procedure(contest.procedure)
        clause, days = str(procedure["clause"]), 0
        if why == "invalid-turnout":
            if self.rules.get("turnout.failure") == "vacant":
                return None
            clause, days = self.rules.clause("turnout.failure"), self.rules.get("turnout.repeat_days")
        elif why == "withheld":
            clause, what = self.rules.clause("small_contest"), self.rules.get("small_contest")
            office = self.rules.position(contest.position)["seat"] is not None
            block = procedure["voters"]["value"] == "block" and contest.electorate != self.rules.all["body"]
            if (what == "paper" and office and contest.vote not in MEMBERS) or (what == "merge" and block):
                kind = what
        return self.make(contest.contest, kind, contest.tour, contest.candidates, contest.procedure, clause, days)


def apply_vote(rules: Rules, seat: Seat, contest: Counted, verdict: Verdict, time: str, able: int) -> None:
    """§6.4: how a judged vote changes its seat or motion; `able`: how many candidates can have the seat."""
    tasks, cause, outcome = Tasks(rules), f"poll:{contest.poll}", verdict.outcome
    asked = list(seat.task.data["options"]) if seat.task is not None else []
    seat.task = None
    if seat.motion:
        seat.outcome = outcome
        seat.poll = contest.poll
        if outcome == "withheld":
            seat.ask(tasks.again(contest, outcome), time, cause)
        return
    members = contest.vote in MEMBERS
    if not members:
        seat.procedure, seat.approved = contest.procedure, None
        if contest.fresh:
            seat.since, seat.passed = contest.poll, {}
        if contest.vote == "merge":
            seat.electorate = contest.electorate
        if contest.counts is not None and outcome != "invalid-turnout":
            seat.tickets = dict(contest.tickets or {})
    name = contest.contest
    if outcome in ("withheld", "invalid-turnout"):
        if not members:
            seat.empty([contest.count])
            seat.possible, seat.certain = list(contest.candidates), []
        seat.ask(tasks.again(contest, outcome), time, cause)
        if seat.task is None:
            seat.possible = []
    elif contest.vote == "members-vote":
        if outcome == "elected":
            reorder(seat, contest, verdict)
        elif able >= 2:
            seat.empty([contest.count])
            seat.possible = []
            seat.ask(tasks.re_election(name, seat.procedure), time, cause)
    elif contest.vote == "advance-vote":
        chosen = verdict.ranks[0] if outcome == "elected" else asked
        seat.empty([contest.count])
        seat.possible, seat.certain = [*seat.certain, *chosen], []
        seat.ask(tasks.second_tour(name, seat.possible, seat.procedure), time, cause)
    elif outcome in ("elected", "tie"):
        seat.ranks, seat.votes = [list(rank) for rank in verdict.ranks], dict(verdict.votes)
        seat.grounds, seat.poll, seat.held, seat.succession = [contest.count], contest.poll, False, False
        seat.possible, seat.certain = [], []
    else:
        seat.empty([contest.count])
        seat.certain, seat.possible = list(verdict.certain), [*verdict.certain, *verdict.tied]
        if outcome == "tie-for-second":
            seat.ask(tasks.members(name, "advance-vote", contest.tour, verdict.tied), time, cause)
        elif verdict.advance:
            seat.possible = list(verdict.advance)
            seat.ask(tasks.second_tour(name, verdict.advance, contest.procedure), time, cause)
        else:
            seat.ask(tasks.re_election(name, seat.procedure), time, cause)


def reorder(seat: Seat, contest: Counted, verdict: Verdict) -> None:
    """The members have chosen: in the rank of the tied, their order."""
    place = next(number for number, rank in enumerate(seat.ranks) if set(contest.candidates) & set(rank))
    old = seat.ranks[place]
    named = [[name for name in old if name in rank] for rank in verdict.ranks]
    rest = [name for name in old if not any(name in rank for rank in named)]
    seat.ranks[place : place + 1] = [rank for rank in [*named, rest] if rank]
    seat.poll = contest.poll
    seat.grounds = [*seat.grounds, contest.count]
