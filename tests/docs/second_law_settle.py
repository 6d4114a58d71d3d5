"""docs/rules.md §6.5: claims, rounds until it is settled, and the tasks that seats ask for; from the page alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tests.docs.second_law_rules import Json, Rules, lot_order, lot_step
from tests.docs.second_law_seats import Claim, Given, give_all, seat_steps
from tests.docs.second_law_state import Seat, Tasks


@dataclass
class Context:
    """What the seats are given by besides their own state; `voted` is empty unless they are given for good."""

    rules: Rules
    seats: Mapping[str, Seat]
    void: Callable[[str, str], str]  # seat, person -> "barred", "withdrawn" or ""
    holders: Mapping[str, str]  # seat -> elected person
    cause: str
    time: str
    voted: Mapping[str, Sequence[str]] = field(default_factory=dict)  # seat -> candidates of a poll without an end

    def passed(self, name: str, persons: Sequence[str]) -> dict[str, str]:
        seat = self.seats[name]
        reasons = {person: seat.passed.get(person) or self.void(name, person) for person in persons}
        return {person: reason for person, reason in reasons.items() if reason}

    def claim(self, name: str) -> Claim:
        seat = self.seats[name]
        position = self.rules.position(seat.position)
        office = position["seat"]
        procedure = self.rules.procedure(seat.procedure or position["procedure"]["value"])
        listed = [person for rank in seat.ranks for person in rank]
        ranks, possible = seat.ranks, list(seat.possible)
        if seat.pending is not None:
            ranks, possible = [], [seat.pending]
        elif name in self.voted:
            ranks, possible = [], list(dict.fromkeys([*possible, *listed, *self.voted[name]]))
        passed = self.passed(name, [*listed, *possible])
        follows, holder = "ex_position", self.holders.get(name)
        reasons = [passed.get(person, "") for person in (ranks[0] if ranks else [])]
        gone = bool(reasons) and all(reason not in ("", "moved-up") for reason in reasons)
        if holder is None and (seat.succession or gone):
            follows = "refused" if "refused" in reasons else "succession"
        what = self.follow(seat, follows)["value"]
        return Claim(
            seat=name,
            rank=position["rank"],
            ranks=ranks,
            votes=seat.votes,
            possible=possible,
            holder=holder,
            passed=passed,
            minimum=office["min_votes"]["value"],
            tie=procedure["tie"]["value"] if procedure["method"] == "plurality" else "re-election",
            later_tie=office["successor_tie"]["value"],
            follows=follows,
            tickets=seat.tickets,
            grounds=seat.grounds,
            first_only=what == "by-election",
        )

    def follow(self, seat: Seat, follows: str) -> Json:
        """The parameter that says what follows."""
        where = (
            self.rules.all["one_position"] if follows == "ex_position" else self.rules.position(seat.position)["seat"]
        )
        return dict(where[follows])

    @property
    def order(self) -> list[str]:
        """Order of rank."""
        offices = [name for name, seat in self.seats.items() if not seat.motion]
        return sorted(offices, key=lambda name: (self.rules.position(self.seats[name].position)["rank"], name))


def drop_void(context: Context) -> None:
    """The votes that are asked for lose who has become void."""
    tasks = Tasks(context.rules)
    for name in context.order:
        seat = context.seats[name]
        if seat.task is None or seat.task.data["kind"] in ("approval", "members-vote") or name in context.voted:
            continue
        task = seat.task.data
        if not any(context.void(name, person) for person in [*task["options"], *seat.certain]):
            continue
        options = [person for person in task["options"] if not context.void(name, person)]
        certain = [person for person in seat.certain if not context.void(name, person)]
        ground = seat.grounds[:1] or [seat.task.cause]
        if not options and not certain:
            seat.empty(ground)
            seat.possible, seat.certain = [], []
            seat.ask(tasks.re_election(name, seat.procedure), context.time, context.cause)
        elif task["kind"] == "advance-vote" and (not certain or len(options) < 2):
            seat.empty(ground)
            seat.possible, seat.certain = [*certain, *options], []
            seat.ask(tasks.second_tour(name, seat.possible, seat.procedure), context.time, context.cause)
        else:
            seat.certain = certain
            seat.possible = [person for person in seat.possible if not context.void(name, person)]
            seat.task.data = {**task, "options": options, "barred": options if task["barred"] else []}


@dataclass
class Settled:
    """All seats, given until it is settled."""

    claims: list[Claim]
    given: dict[str, Given]
    steps: dict[str, list[Json]]


@dataclass
class Rounds:
    """The rounds of §6.5."""

    context: Context
    lots: set[str] = field(default_factory=set)
    earlier: dict[str, list[Json]] = field(default_factory=dict)

    def run(self) -> Settled:
        drop_void(self.context)
        applies = bool(self.context.rules.get("one_position.applies"))
        while True:
            claims = [self.context.claim(name) for name in self.context.order]
            claims = [replace(one, tie="lot", later_tie="lot") if one.seat in self.lots else one for one in claims]
            given = give_all(claims, applies)
            steps = {claim.seat: self.steps(claim, given[claim.seat]) for claim in claims}
            if not self.boards(claims, given, steps) and not self.draw(claims, given):
                return Settled(
                    claims, given, {name: [*self.earlier.get(name, []), *own] for name, own in steps.items()}
                )

    def steps(self, claim: Claim, given: Given) -> list[Json]:
        rules = self.context.rules
        held = {person: seat for seat, person in self.context.holders.items()}
        own = rules.position(self.context.seats[claim.seat].position)["clause"]
        return seat_steps(claim, given, held, own, rules.clause("one_position.applies"))

    def boards(self, claims: Sequence[Claim], given: Mapping[str, Given], steps: Mapping[str, list[Json]]) -> bool:
        """In the highest rank with such a seat: who becomes pending, and who is no longer."""
        rank = None
        for claim in claims:
            seat, found = self.context.seats[claim.seat], given[claim.seat]
            if rank not in (None, claim.rank):
                break
            office = self.context.rules.position(seat.position)["seat"]
            waits = office["approval"]["value"] == "faculty-board" and found.status == "filled"
            if waits and found.person not in (claim.holder, seat.approved):
                seat.pending, seat.pending_cause, rank = found.person, self.context.cause, claim.rank
                self.earlier.setdefault(claim.seat, []).extend(steps[claim.seat])
            elif seat.pending is not None and seat.pending not in found.possible:
                seat.pending, rank = None, claim.rank
                if seat.task is not None and seat.task.data["kind"] == "approval":
                    seat.task = None
        return rank is not None

    def draw(self, claims: Sequence[Claim], given: Mapping[str, Given]) -> bool:
        """Votes of the members that could never be counted are drawn instead."""
        rules = self.context.rules
        to_be = {*self.context.holders.values(), *(str(one.person) for one in given.values() if one.status == "filled")}
        again = False
        for claim in claims:
            seat, found = self.context.seats[claim.seat], given[claim.seat]
            if found.status == "tie" and found.head and claim.leads_to(found.head.place) == "members-vote":
                tied = found.head.persons
            elif seat.task and seat.task.data["kind"] == "advance-vote" and claim.seat not in self.context.voted:
                tied = seat.task.data["options"]
            else:
                continue
            if not set(tied) <= set(claim.tickets) or len(to_be - set(tied)) >= rules.all["min_ballots"]:
                continue
            again = True
            if found.status == "tie":
                self.lots.add(claim.seat)
                continue
            clause = rules.position(seat.position)["clause"]
            step = lot_step(claim.seat, clause, tied, claim.tickets, seat.grounds[:1])
            self.earlier.setdefault(claim.seat, []).append(step)
            first = lot_order(tied, claim.tickets)[0]
            seat.possible = [person for person in seat.possible if person in seat.certain or person == first]
            seat.ranks, seat.certain, seat.poll = [], [], None
            task = Tasks(rules).second_tour(claim.seat, seat.possible, seat.procedure)
            seat.ask(task, self.context.time, self.context.cause)
        return again


def settle(context: Context) -> Settled:
    """Give all seats, and let them ask for what has to happen."""
    settled = Rounds(context).run()
    tasks = Tasks(context.rules)
    for claim in settled.claims:
        seat, given = context.seats[claim.seat], settled.given[claim.seat]
        data: Json | None = None
        if seat.pending is not None:
            data = tasks.approval(claim.seat, seat.position, seat.pending)
        elif given.status == "undecided":
            continue
        elif given.status == "exhausted":
            clause = context.follow(seat, claim.follows)["clause"]
            data = tasks.by_election(claim.seat, seat.position, clause)
        elif given.status == "tie" and given.head is not None:
            leads = claim.leads_to(given.head.place)
            if leads == "members-vote":
                data = tasks.members(claim.seat, "members-vote", "first", given.head.persons)
            elif leads == "by-election":
                clause = context.rules.position(seat.position)["seat"]["successor_tie"]["clause"]
                data = tasks.by_election(claim.seat, seat.position, clause)
            else:
                data = tasks.re_election(claim.seat, seat.procedure)
        seat.ask(data, context.time, context.cause)
    return settled
