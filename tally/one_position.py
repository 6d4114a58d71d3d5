"""One duty for one person: who gets which seat when all contests are taken together (IBSU 6.12.5, 6.5.5).

Seats are given from the highest rank down, once each, so the cascade ends. While a higher contest is open, three
sets say all that the seats below need to know, whichever way it goes:

    sure    these persons hold or take a seat of this rank or a higher one in every way
    maybe   these persons may hold or take one in some way: one of the open seats that they may get
    others  hold or take none in any way

A seat's line is the persons who may have it, groups of equals, first come first: its holder, then its ranking
without the `sure` and those passed over. In every way the seat goes to the first group with somebody left when those
who went higher, all of them `maybe`, are taken out. Hence, with the first group of the line called its head:

    - nobody behind a group can get the seat if those up to it cannot all go higher at once, each to an open seat of
      his or her own; for then one of them is left in every way. Those up to the first such group are `possible`;
    - a head of one person has the seat as things stand, that is as long as the open higher seats give nobody; and that
      person either takes it or has gone higher: `sure` for all seats below;
    - a head of one person outside `maybe` has the seat in every way.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from tally import lot
from tally.claim import Allocation, Claim, Group, Status
from tally.seat_steps import make_steps
from tally.wire import Branch, Skipped

__all__ = ["Allocation", "Claim", "allocate", "branches"]


@dataclass(frozen=True, slots=True)
class _Above:
    """What the seats that are given say to the next one. `seated`: seat -> holder, of all seats in the register."""

    clause: str
    seated: Mapping[str, str]
    sure: dict[str, str] = field(default_factory=dict)  # person -> seat, as things stand
    maybe: dict[str, list[str]] = field(default_factory=dict)  # person -> open seats that he or she may get


def allocate(claims: Sequence[Claim], applies: bool, clause: str) -> list[Allocation]:  # noqa: FBT001
    """Give the seats, and return them ascending by (rank, seat).

    Whether the rule of one position `applies`, and its `clause`, are the constitution's. Seats of one rank have no
    candidate in common (`Position.rank`); should they, the seat that sorts first goes first. Cost: linear in the
    rankings. Raises OutcomeError where a lot has to be drawn and a ticket is missing.
    """
    seated = {claim.seat: claim.holder for claim in claims if claim.holder is not None}
    return _allocate(claims, applies, _Above(clause, seated))


def _allocate(claims: Iterable[Claim], applies: bool, above: _Above) -> list[Allocation]:  # noqa: FBT001
    """Give these seats, and tell `above` of them."""
    result: list[Allocation] = []
    for _, group in groupby(sorted(claims, key=_order), key=lambda claim: claim.rank):
        seats = list(group)
        # A holder stays or moves up: in every way not free for another seat of this rank or below.
        for claim in seats:
            if applies and claim.holder is not None:
                above.sure.setdefault(claim.holder, claim.seat)
        for claim in seats:
            given = _give(claim, above)
            result.append(given)
            if applies and given.person is not None:
                above.sure.setdefault(given.person, given.seat)
            if applies and given.status != "filled":
                for person in given.possible:
                    above.maybe.setdefault(person, []).append(given.seat)
    return result


def _order(claim: Claim) -> tuple[int, str]:
    return claim.rank, claim.seat


def _give(claim: Claim, above: _Above) -> Allocation:
    """Give one seat when all seats before it are given."""
    line, skipped = _line(claim, above.sure)
    head = line[0] if line else None
    status = _status(claim, head, above.maybe)
    possible = _possible(line, above.maybe)
    tied = head.persons if head is not None and status in {"tie", "open"} else ()
    return Allocation(
        seat=claim.seat,
        status=status,
        person=possible[0] if status in {"filled", "provisional"} else None,
        possible=possible,
        tied=tied,
        tie_rule=head.tie if head is not None and tied else "",
        skipped=skipped,
        steps=make_steps(claim, head, status, possible, skipped, above.clause, above.seated),
    )


def _line(claim: Claim, sure: Mapping[str, str]) -> tuple[list[Group], tuple[Skipped, ...]]:
    """Return the line of a seat, and those who were skipped before its head."""
    line: list[Group] = []
    skipped: list[Skipped] = []
    ranking = claim.ranking if claim.refill == "next-by-votes" else claim.ranking[:1]
    if claim.holder is not None:
        higher = sure.get(claim.holder, claim.seat)
        if higher == claim.seat:
            line.append(Group("holder", (claim.holder,)))
        else:
            skipped.append(Skipped(person=claim.holder, reason="holds-higher", seat=higher))
        if claim.refill == "by-election":
            ranking = ()
    for index, rank in enumerate(ranking):
        free: list[str] = []
        for person in rank.persons:
            why = _why_not(claim, index, person, sure)
            if person == claim.holder:
                continue  # stands at the head of the line already, or of those skipped
            if why is None:
                free.append(person)
            elif not line:
                skipped.append(why)
        line.extend(_groups(claim, index, tuple(free)))
    waiting = tuple(person for person in claim.possible if _why_not(claim, 0, person, sure) is None)
    if not claim.ranking and waiting:
        line.append(Group("undecided", waiting))
    return line, tuple(skipped)


def _why_not(claim: Claim, index: int, person: str, sure: Mapping[str, str]) -> Skipped | None:
    """Return why a person in rank `index` cannot have the seat in any way; None: he or she can."""
    if person in claim.passed:
        return Skipped(person=person, reason=claim.passed[person], seat="")
    if person in sure:
        return Skipped(person=person, reason="holds-higher", seat=sure[person])
    if index > 0 and claim.ranking[index].votes < claim.min_votes:
        return Skipped(person=person, reason="too-few-votes", seat="")
    return None


def _groups(claim: Claim, index: int, free: tuple[str, ...]) -> Iterator[Group]:
    """Yield those who are free in rank `index`: together, or one by one as the lot has it.

    The order of the lot among some of them is their order among all, so it can be fixed before it is known who of
    them goes higher.
    """
    tie = claim.tie if index == 0 else claim.next_tie
    if len(free) > 1 and tie == "lot":
        drawn = lot.draw(claim.tickets, free)
        for person in drawn:
            yield Group("ranked", (person,), tie, drawn)
    elif free:
        yield Group("ranked", free, tie)


def _status(claim: Claim, head: Group | None, maybe: Mapping[str, Sequence[str]]) -> Status:
    if head is None:
        return "exhausted" if claim.ranking or claim.holder is not None else "undecided"
    if head.kind == "undecided":
        return "undecided"
    settled = maybe.keys().isdisjoint(head.persons)
    if len(head.persons) == 1:
        return "filled" if settled else "provisional"
    return "tie" if settled else "open"


def _possible(line: Sequence[Group], maybe: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return everybody up to the first group after which somebody is left in every way."""
    possible: list[str] = []
    gone: dict[str, str] = {}  # open higher seat -> the person of the line who is thought to go there
    for group in line:
        possible += group.persons
        if not all(_may_go(person, maybe, gone, set()) for person in group.persons):
            break
    return tuple(possible)


def _may_go(person: str, maybe: Mapping[str, Sequence[str]], gone: dict[str, str], asked: set[str]) -> bool:
    """Find a seat of `maybe` for one more person, those in `gone` keeping one each: an augmenting path."""
    for seat in maybe.get(person, ()):
        if seat in asked:
            continue
        asked.add(seat)
        if seat not in gone or _may_go(gone[seat], maybe, gone, asked):
            gone[seat] = person
            return True
    return False


# ---- branches --------------------------------------------------------------------------------------------------------


def branches(claims: Sequence[Claim], applies: bool, clause: str) -> dict[str, list[Branch]]:  # noqa: FBT001
    """Return, for each "provisional" or "open" seat, who gets it for each way that one higher seat may go.

    The higher seats are those whose own decision is to come and on which the seat depends: "undecided", "tie" and
    "open" ones. What happens to provisional ones follows from these. All other open seats give nobody meanwhile, as in
    `Allocation.person`; null where the seat is a tie then. Ascending by the higher seat's (rank, id), holders in the
    order of its line, then null. Cost: for each way of each higher seat, one allocation of those that depend on it.
    """
    given = allocate(claims, applies, clause)
    depends = _depends(given)
    result: dict[str, list[Branch]] = {one.seat: [] for one in given if one.status in {"provisional", "open"}}
    wanted = {seat for open_seat in result for seat in depends[open_seat]}
    for higher in given:
        if higher.seat not in wanted:
            continue
        # Seats that do not depend on it stay as they are: of those, only who has one matters.
        below = [claim for claim in claims if higher.seat in depends.get(claim.seat, ())]
        names = {higher.seat, *(claim.seat for claim in below)}
        elsewhere = {one.person: one.seat for one in given if one.person is not None and one.seat not in names}
        claim = next(claim for claim in claims if claim.seat == higher.seat)
        for holder in (*(higher.tied or higher.possible), None):
            fixed = replace(claim, ranking=(), possible=(), holder=holder)
            for then in _allocate([fixed, *below], applies, _Above(clause, {}, dict(elsewhere))):
                if then.seat in result and then.seat != higher.seat:
                    result[then.seat].append(Branch(higher=higher.seat, holder=holder, person=then.person))
    return result


def _depends(given: Iterable[Allocation]) -> dict[str, set[str]]:
    """Return, for each seat that is not filled, the seats to come on which it depends: directly, or through others.

    A seat depends on a higher one by a person who is possible in both; provisional seats only pass it on.
    """
    result: dict[str, set[str]] = {}
    through: dict[str, set[str]] = {}  # person -> the seats to come that decide where he or she is
    for one in given:
        if one.status == "filled":
            continue
        result[one.seat] = {seat for person in one.possible for seat in through.get(person, ())}
        decides = result[one.seat] | ({one.seat} if one.status != "provisional" else set())
        for person in one.possible:
            through.setdefault(person, set()).update(decides)
    return result
