"""docs/rules.md §3, §6.4 and §6.5: what is known of every seat, and how votes change it; from the page alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.docs.second_law_count import Verdict
from tests.docs.second_law_rules import Counted, Json, Rules
from tests.docs.second_law_seats import Claim, Given, give_all, seat_steps

MEMBERS = ("members-vote", "advance-vote")
NEEDED = ("votes", "position")


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
        kind = "repeat" if contest.vote == "election" else contest.vote
        clause, days = str(self.rules.procedure(contest.procedure)["clause"]), 0
        if why == "invalid-turnout":
            if self.rules.get("turnout.failure") == "vacant":
                return None
            clause, days = self.rules.clause("turnout.failure"), self.rules.get("turnout.repeat_days")
        elif why == "withheld":
            clause, what = self.rules.clause("small_contest"), self.rules.get("small_contest")
            if what != "repeat" and contest.vote not in MEMBERS:
                kind = what
        return self.make(contest.contest, kind, contest.tour, contest.candidates, contest.procedure, clause, days)


def apply_vote(rules: Rules, seat: Seat, contest: Counted, verdict: Verdict, time: str) -> None:
    """§6.4: how a judged vote changes its seat or motion."""
    tasks, cause, outcome = Tasks(rules), f"poll:{contest.poll}", verdict.outcome
    seat.task = None
    if seat.motion:
        seat.outcome = outcome
        seat.poll = contest.poll
        if outcome == "withheld":
            seat.ask(tasks.again(contest, outcome), time, cause)
        return
    if contest.vote == "merge":
        seat.electorate = contest.electorate
    members = contest.vote in MEMBERS
    if not members:
        seat.procedure = contest.procedure
        if contest.counts is not None:
            seat.tickets = dict(contest.tickets or {})
    name = contest.contest
    if outcome in ("withheld", "invalid-turnout"):
        if not members:
            seat.empty([contest.count])
            seat.possible, seat.certain = list(contest.candidates), []
        seat.ask(tasks.again(contest, outcome), time, cause)
    elif contest.vote == "members-vote":
        if outcome == "elected":
            reorder(seat, contest, verdict)
        else:
            seat.empty([contest.count])
            seat.possible = []
            seat.ask(tasks.re_election(name, seat.procedure), time, cause)
    elif contest.vote == "advance-vote":
        chosen = verdict.ranks[0] if outcome == "elected" else contest.candidates
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
    rest = [name for name in old if name in contest.candidates and not any(name in rank for rank in named)]
    seat.ranks[place : place + 1] = [rank for rank in [*named, rest] if rank]
    seat.poll = contest.poll
    seat.grounds = [*seat.grounds, contest.count]


# ---- §6.5 -----------------------------------------------------------------------------------------------------------


@dataclass
class Around:
    """What the seats are given by besides their own state."""

    rules: Rules
    barred: Mapping[str, str]
    withdrawn: Mapping[tuple[str, str], str]
    holders: Mapping[str, str]  # seat -> elected person
    uncertified: int | None  # a poll that gives nobody anything yet

    def claim(self, name: str, seat: Seat) -> Claim:
        position = self.rules.position(seat.position)
        office = position["seat"]
        procedure = self.rules.procedure(seat.procedure or position["procedure"]["value"])
        ranks, possible = seat.ranks, seat.possible
        persons = [*(name for rank in ranks for name in rank), *possible, *([seat.pending] if seat.pending else [])]
        passed = {}
        for person in persons:
            if person in seat.passed:
                passed[person] = seat.passed[person]
            elif person in self.barred:
                passed[person] = "barred"
            elif (name, person) in self.withdrawn:
                passed[person] = "withdrawn"
        moved = any(passed.get(person, "moved-up") != "moved-up" for person in (ranks[0] if ranks else []))
        first_only = self.rules.get("one_position.ex_position") == "by-election" and not seat.succession and not moved
        if seat.poll is not None and seat.poll == self.uncertified:
            ranks, possible = [], [person for rank in seat.ranks for person in rank]
        elif seat.pending is not None:
            ranks, possible = [], [seat.pending]
        return Claim(
            seat=name,
            rank=position["rank"],
            ranks=ranks,
            votes=seat.votes,
            possible=possible,
            holder=self.holders.get(name),
            passed=passed,
            minimum=office["min_votes"]["value"],
            tie=procedure["tie"]["value"] if procedure["method"] == "plurality" else "re-election",
            later_tie=office["successor_tie"]["value"],
            tickets=seat.tickets,
            grounds=seat.grounds,
            first_only=first_only,
        )


@dataclass
class Settled:
    """All seats, given until it is settled."""

    claims: list[Claim]
    given: dict[str, Given]
    steps: dict[str, list[Json]]


def settle(around: Around, seats: Mapping[str, Seat], cause: str) -> Settled:
    """§6.5: seats are given, persons become pending and lots are drawn until neither happens any more."""
    rules = around.rules
    applies = bool(rules.get("one_position.applies"))
    one = rules.clause("one_position.applies")
    order = sorted(
        (name for name, seat in seats.items() if not seat.motion),
        key=lambda name: (rules.position(seats[name].position)["rank"], name),
    )
    lots: set[str] = set()
    earlier: dict[str, list[Json]] = {name: [] for name in order}
    held = {person: seat for seat, person in around.holders.items()}
    while True:
        claims = [around.claim(name, seats[name]) for name in order]
        claims = [drawn(claim) if claim.seat in lots else claim for claim in claims]
        given = give_all(claims, applies)
        steps = {
            claim.seat: seat_steps(
                claim, given[claim.seat], held, rules.position(seats[claim.seat].position)["clause"], one
            )
            for claim in claims
        }
        members = set(around.holders.values()) | {
            str(found.person) for found in given.values() if found.status == "filled"
        }
        again = False
        for claim in claims:
            seat, found = seats[claim.seat], given[claim.seat]
            needs = rules.position(seat.position)["seat"]["approval"]["value"] == "faculty-board"
            if needs and found.status == "filled" and found.person not in (claim.holder, seat.approved):
                seat.pending, seat.pending_cause = found.person, cause
                earlier[claim.seat] += steps[claim.seat]
                again = True
            if found.status == "tie" and found.head and claim.leads_to(found.head.place) == "members-vote":
                tied = set(found.head.persons)
                if tied <= set(claim.tickets) and len(members - tied) < rules.all["min_ballots"]:
                    lots.add(claim.seat)
                    again = True
        if not again:
            return Settled(claims, given, {name: [*earlier[name], *steps[name]] for name in order})


def drawn(claim: Claim) -> Claim:
    from dataclasses import replace

    return replace(claim, tie="lot", later_tie="lot")


def ask_tasks(rules: Rules, seats: Mapping[str, Seat], settled: Settled, since: str, cause: str) -> None:
    """§6.5, Tasks of seats."""
    tasks = Tasks(rules)
    for claim in settled.claims:
        seat, given = seats[claim.seat], settled.given[claim.seat]
        data: Json | None = None
        if seat.pending is not None:
            data = tasks.approval(claim.seat, seat.position, seat.pending)
        elif given.status == "undecided":
            continue
        elif given.status == "exhausted":
            data = tasks.by_election(claim.seat, seat.position, rules.clause("one_position.ex_position"))
        elif given.status == "tie" and given.head is not None:
            leads = claim.leads_to(given.head.place)
            if leads == "members-vote":
                data = tasks.members(claim.seat, "members-vote", "first", given.head.persons)
            elif leads == "by-election":
                clause = rules.position(seat.position)["seat"]["successor_tie"]["clause"]
                data = tasks.by_election(claim.seat, seat.position, clause)
            else:
                data = tasks.re_election(claim.seat, seat.procedure)
        seat.ask(data, since, cause)
