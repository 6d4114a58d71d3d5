"""Lots that nobody draws: each option has a ticket, and the lowest ticket wins.

The ticket of an option is a hash over the sums of the contest's ballots and the option's votes. The ballots fix it at
the close; before the count nobody knows it, since nobody knows the votes. Whoever has the log draws the same lot.
Neither the order of the options nor their names go in.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from keys.curve import Point
from keys.transcript import Tag, digest, u64
from tally.errors import OutcomeError
from tally.reasoning import Conclusion, Rule, Step
from tally.sums import ContestSums

_SHOWN: Final = 6  # bytes of a ticket that a step shows: the most that JSON's safe integers hold


def make_tickets(log_id: bytes, sums: ContestSums, counts: Sequence[int]) -> tuple[bytes, ...]:
    """Return one ticket of 32 bytes per option, in the document's order: docs/protocol.md §10.

    ticket i = H("es1/lot", log id, context, A*_i, B*_i, votes for i); the identity is the empty string. Raises
    OutcomeError where sums and counts are not of the same options.
    """
    if len(counts) != len(sums.pairs):
        raise OutcomeError(f"lot: counts: expected {len(sums.pairs)} options, got {len(counts)}")
    return tuple(
        digest(Tag.LOT, log_id, sums.context, _bytes(a), _bytes(b), u64(count))
        for (a, b), count in zip(sums.pairs, counts, strict=True)
    )


def draw(tickets: Mapping[str, bytes], persons: Sequence[str]) -> tuple[str, ...]:
    """Return `persons` in the order of the lot, lowest ticket first; raises OutcomeError for a person without one.

    Equal tickets need voters who together made all ballots of the contest; then the id decides, so that they gain
    nothing but the loss of their own lot.
    """
    for person in persons:
        if person not in tickets:
            raise OutcomeError(f"lot: {person}: expected a ticket, got none")
    return tuple(sorted(persons, key=lambda person: (tickets[person], person)))


def draw_step(contest: str, clause: str, tickets: Mapping[str, bytes], persons: Sequence[str], ground: str) -> Step:
    """Return the step of a lot between two or more persons; errors as `draw`.

    `names` is the order of the lot, and `inputs` holds the first 48 bits of each ticket. `ground` names the count of
    the contest whose tickets they are.
    """
    order = draw(tickets, persons)
    shown = {person: int.from_bytes(tickets[person][:_SHOWN]) for person in order}
    first, second = shown[order[0]], shown[order[1]]
    return Step(
        contest=contest,
        rule=Rule.LOT,
        clause=clause,
        inputs={f"ticket.{person}": number for person, number in shown.items()},
        comparison=f"{first} <= {second}",
        holds=first <= second,
        conclusion=Conclusion.DRAWN,
        names=list(order),
        grounds=[ground],
    )


def _bytes(point: Point) -> bytes:
    return b"" if point.is_identity else point.to_bytes()
