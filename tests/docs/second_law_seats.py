"""docs/rules.md §6.5: who gets which seat, written from the page alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tests.docs.second_law_rules import Json, lot_order, lot_step, step

HIGHER = "holds-higher"


@dataclass(frozen=True)
class Claim:
    """What one seat asks for when all of them are given."""

    seat: str
    rank: int
    ranks: Sequence[Sequence[str]]
    votes: Mapping[str, int]
    possible: Sequence[str]
    holder: str | None
    passed: Mapping[str, str]
    minimum: int
    tie: str  # what equals in the first rank lead to
    later_tie: str
    follows: str  # what follows: "ex_position", or "refused" or "succession" once the first rank is gone
    tickets: Mapping[str, bytes]
    grounds: Sequence[str]
    first_only: bool  # after the first rank, and after a holder, comes nobody

    def leads_to(self, place: int) -> str:
        return self.tie if place == 0 else self.later_tie

    def bare(self, holder: str | None) -> "Claim":
        """A branch: that person has it, or nobody has and nobody will."""
        return replace(self, holder=holder, ranks=(), possible=())


@dataclass(frozen=True)
class Group:
    """Equals in the line of a seat; `place` is their rank, -1 for a holder."""

    persons: list[str]
    place: int
    undecided: bool = False
    drawn: tuple[str, ...] = ()


@dataclass(frozen=True)
class Skip:
    person: str
    reason: str
    seat: str
    place: int


@dataclass
class Given:
    """What becomes of one seat."""

    status: str
    head: Group | None
    skipped: list[Skip]
    possible: list[str]

    @property
    def person(self) -> str | None:
        return self.head.persons[0] if self.head and self.status in ("filled", "provisional") else None


@dataclass
class Board:
    """All seats, given one after the other."""

    applies: bool
    sure: dict[str, str] = field(default_factory=dict)
    maybe: dict[str, set[str]] = field(default_factory=dict)
    given: dict[str, Given] = field(default_factory=dict)

    def fill(self, claims: Sequence[Claim]) -> None:
        rank = None
        for claim in claims:
            if claim.rank != rank:
                rank = claim.rank
                for other in claims:
                    if other.rank == rank and other.holder is not None:
                        self.secure(other.holder, other.seat)
            self.given[claim.seat] = self.give(claim)

    def secure(self, person: str, seat: str) -> None:
        if self.applies:
            self.sure.setdefault(person, seat)

    def give(self, claim: Claim) -> Given:
        line, skipped = self.line(claim)
        head = line[0] if line else None
        if head is not None:
            skipped = [skip for skip in skipped if skip.place <= head.place]
        given = Given(self.status(claim, head), head, skipped, self.possible(line))
        if given.person is not None:
            self.secure(given.person, claim.seat)
        if given.status != "filled" and self.applies:
            for person in given.possible:
                self.maybe.setdefault(person, set()).add(claim.seat)
        return given

    def line(self, claim: Claim) -> tuple[list[Group], list[Skip]]:
        line: list[Group] = []
        skipped: list[Skip] = []
        if claim.holder is not None:
            higher = self.sure.get(claim.holder, claim.seat)
            if higher == claim.seat:
                line.append(Group([claim.holder], -1))
            else:
                skipped.append(Skip(claim.holder, HIGHER, higher, -1))
        if claim.holder is not None and claim.first_only:
            return line, skipped
        for place, rank in enumerate(claim.ranks[: 1 if claim.first_only else None]):
            left = self.left(claim, [name for name in rank if name != claim.holder], place, skipped)
            if len(left) > 1 and claim.leads_to(place) == "lot":
                order = lot_order(left, claim.tickets)
                line += [Group([name], place, drawn=tuple(order)) for name in order]
            elif left:
                line.append(Group(left, place))
        if not claim.ranks:
            left = self.left(claim, claim.possible, 0, [])
            if left:
                line.append(Group(left, 0, undecided=True))
        return line, skipped

    def left(self, claim: Claim, names: Sequence[str], place: int, skipped: list[Skip]) -> list[str]:
        left = []
        for name in names:
            higher = self.sure.get(name, claim.seat)
            if name in claim.passed:
                skipped.append(Skip(name, claim.passed[name], "", place))
            elif higher != claim.seat:
                skipped.append(Skip(name, HIGHER, higher, place))
            elif place and claim.votes[name] < claim.minimum:
                skipped.append(Skip(name, "too-few-votes", "", place))
            else:
                left.append(name)
        return left

    def status(self, claim: Claim, head: Group | None) -> str:
        if head is None:
            return "exhausted" if claim.ranks or claim.holder is not None else "undecided"
        if head.undecided:
            return "undecided"
        open_ = any(name in self.maybe for name in head.persons)
        if len(head.persons) == 1:
            return "provisional" if open_ else "filled"
        return "open" if open_ else "tie"

    def possible(self, line: Sequence[Group]) -> list[str]:
        found: list[str] = []
        for group in line:
            found += [name for name in group.persons if name not in found]
            if not self.all_can_leave(found):
                break
        return found

    def all_can_leave(self, names: Sequence[str]) -> bool:
        """Whether each can get an open seat of their own: a matching, by augmenting paths."""
        taken: dict[str, str] = {}

        def place(name: str, tried: set[str]) -> bool:
            for seat in sorted(self.maybe.get(name, ())):
                if seat not in tried:
                    tried.add(seat)
                    if seat not in taken or place(taken[seat], tried):
                        taken[seat] = name
                        return True
            return False

        return all(place(name, set()) for name in names)


def give_all(claims: Sequence[Claim], applies: bool, stays: Mapping[str, str] | None = None) -> dict[str, Given]:
    """Every seat; `stays`: person -> seat that is not given again."""
    board = Board(applies, dict(stays or {}) if applies else {})
    board.fill(claims)
    return board.given


# ---- steps ----------------------------------------------------------------------------------------------------------


def seat_steps(claim: Claim, given: Given, held: Mapping[str, str], own: str, one: str) -> list[Json]:
    """The steps of one seat; `held`: person -> seat in the register, `own`: the clause of the position."""
    either = one if any(skip.reason == HIGHER for skip in given.skipped) else own
    base = [*claim.grounds, *([f"seat:{claim.seat}"] if claim.holder is not None else [])]
    listed = {name for rank in claim.ranks for name in rank}
    steps: list[Json] = []

    def say(conclusion: str, clause: str, names: Sequence[str], **members: object) -> None:
        inputs = {f"votes.{name}": claim.votes[name] for name in names if name in listed}
        inputs.update(members.pop("more", {}))  # type: ignore[call-overload] # a dict
        grounds = [*base, *members.pop("extra", []), "constitution"]  # type: ignore[misc] # a list
        steps.append(
            step(claim.seat, "one-position", clause, conclusion, inputs=inputs, names=names, grounds=grounds, **members)  # type: ignore[arg-type] # passed on
        )

    for skip in given.skipped:
        if skip.reason == HIGHER:
            extra = [f"seat:{skip.seat}"] if held.get(skip.person) == skip.seat else []
            say(HIGHER, one, [skip.person, skip.seat], extra=extra)
        elif skip.reason == "too-few-votes":
            text = f"{claim.votes[skip.person]} >= {claim.minimum}"
            names, more = [skip.person, skip.reason], {"min": claim.minimum}
            say("passed-over", own, names, more=more, comparison=text, holds=False)
        else:
            say("passed-over", own, [skip.person, skip.reason])
    head = given.head
    if head is not None and head.drawn:
        steps.append(lot_step(claim.seat, own, head.drawn, claim.tickets, [*base, "constitution"]))
    if given.status == "filled" and given.person != claim.holder:
        say("takes", either, [given.person or ""])
    elif given.status == "provisional":
        say("provisional", one, [given.person or "", *given.possible])
    elif given.status == "open":
        say("waits", one, given.possible)
    elif given.status == "undecided" and given.possible:
        say("waits", either, given.possible)
    elif given.status == "exhausted":
        say("list-exhausted", either, [])
    elif given.status == "tie" and head is not None:
        votes = claim.votes[head.persons[0]]
        conclusion = "equal-next" if head.place else "equal-leaders"
        say(conclusion, either, head.persons, comparison=f"{votes} > {votes}", holds=False)
    return steps


# ---- branches -------------------------------------------------------------------------------------------------------


def depends(claims: Sequence[Claim], given: Mapping[str, Given], seat: str) -> set[str]:
    """The higher seats that `seat` waits for, itself or by way of seats in between; none of them is filled."""
    reached = {seat}
    for claim in reversed(claims[: [claim.seat for claim in claims].index(seat)]):
        possible = set(given[claim.seat].possible)
        if given[claim.seat].status != "filled" and any(possible & set(given[low].possible) for low in reached):
            reached.add(claim.seat)
    return reached - {seat}


def branches(claims: Sequence[Claim], given: Mapping[str, Given], seat: str, applies: bool) -> list[Json]:
    """Who gets `seat` if a higher one goes to somebody, or to nobody."""
    above = depends(claims, given, seat)
    found = []
    for claim in claims:
        state = given[claim.seat]
        if claim.seat not in above or state.status not in ("undecided", "tie", "open"):
            continue
        again = [
            other
            for other in claims
            if other.seat == claim.seat
            or (given[other.seat].status != "filled" and claim.seat in depends(claims, given, other.seat))
        ]
        moving = {other.seat for other in again}
        stays = {str(one.person): name for name, one in given.items() if one.person and name not in moving}
        tied = state.head.persons if state.head and not state.head.undecided else []
        for holder in [*(tied or state.possible), None]:
            changed = [other.bare(holder) if other.seat == claim.seat else other for other in again]
            person = give_all(changed, applies, stays)[seat].person
            found.append({"higher": claim.seat, "holder": holder, "person": person})
    return found
