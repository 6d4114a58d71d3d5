"""The sums that trustees decrypt: per option, over a contest's logged ballots (docs/protocol.md §10).

Partial sums may meet the identity; here it is an ordinary zero, `null` on the wire (A08).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from ballot.ballot import Body
from keys.canonical import b64, unb64
from keys.curve import POINT_SIZE, Point, point_sum
from tally.errors import SumsError
from tally.wire import SumsData

Pair: TypeAlias = tuple[Point, Point]
"""One encryption, or a sum of them: (A, B)."""

_FLUSH_AT: Final = 512  # ballots added in one library call; bounds the memory of a stream


@dataclass(frozen=True, slots=True)
class ContestSums:
    """The sums of one contest: `pairs` holds (A*, B*) per option; with zero ballots all of them are the identity."""

    context: bytes
    ballots: int
    pairs: tuple[Pair, ...]


class Accumulator:
    """Running sums of one contest over a stream of ballots; constant memory, mergeable across worker batches."""

    def __init__(self, context: bytes, options: int) -> None:
        """Start at zero ballots for the contest with this 32-byte context and number of options."""
        self.context: Final = context
        self.ballots = 0
        self._columns: list[list[Point]] = [[] for _ in range(2 * options)]

    def add(self, choices: Sequence[Pair]) -> None:
        """Add one ballot by its encryptions, one pair per option; raises SumsError for another number of options."""
        if 2 * len(choices) != len(self._columns):
            raise SumsError(f"sums: expected {len(self._columns) // 2} options, got {len(choices)}")
        for option, (a, b) in enumerate(choices):
            self._columns[2 * option].append(a)
            self._columns[2 * option + 1].append(b)
        self.ballots += 1
        if self.ballots % _FLUSH_AT == 0:
            self._flush()

    def add_body(self, body: Body) -> None:
        """Add one ballot as logged; raises PointError, FormatError or SumsError for a body that is not decodable."""
        self.add([(_point(choice.a), _point(choice.b)) for choice in body.choices])

    def merge(self, part: ContestSums) -> None:
        """Add the sums of a batch of the same contest; raises SumsError for those of another."""
        if part.context != self.context:
            raise SumsError(f"sums: wrong context: expected {b64(self.context)}, got {b64(part.context)}")
        if 2 * len(part.pairs) != len(self._columns):
            raise SumsError(f"sums: expected {len(self._columns) // 2} options, got {len(part.pairs)}")
        for option, (a, b) in enumerate(part.pairs):
            self._columns[2 * option].append(a)
            self._columns[2 * option + 1].append(b)
        self._flush()
        self.ballots += part.ballots

    def sums(self) -> ContestSums:
        """Return the sums so far."""
        self._flush()
        totals = [column[0] for column in self._columns]
        return ContestSums(self.context, self.ballots, tuple(zip(totals[::2], totals[1::2], strict=True)))

    def _flush(self) -> None:
        self._columns = [[point_sum(column)] for column in self._columns]


def sum_bodies(context: bytes, options: int, bodies: Iterable[Body]) -> ContestSums:
    """Return the sums over these ballots of one contest; errors as `Accumulator.add_body`."""
    total = Accumulator(context, options)
    for body in bodies:
        total.add_body(body)
    return total.sums()


def make_sums(sums: ContestSums) -> SumsData:
    """Return the data of the `tally.sums` entry: points or null per option; sums null for zero ballots."""
    pairs = [(_text(a), _text(b)) for a, b in sums.pairs] if sums.ballots else None
    return SumsData(context=b64(sums.context), ballots=sums.ballots, sums=pairs)


def verify_sums(data: SumsData, recomputed: ContestSums) -> None:
    """Check a `tally.sums` entry against the sums recomputed from the logged ballots; raises SumsError."""
    expected = make_sums(recomputed)
    if data.context != expected.context:
        raise SumsError(f"sums: wrong context: expected {expected.context}, got {data.context}")
    if data.ballots != expected.ballots:
        raise SumsError(f"sums: ballots: expected {expected.ballots}, got {data.ballots}")
    if (data.sums is None) != (expected.sums is None) or len(data.sums or ()) != len(expected.sums or ()):
        raise SumsError(f"sums: expected {len(expected.sums or ())} options, got {len(data.sums or ())}")
    for option, (got, wanted) in enumerate(zip(data.sums or (), expected.sums or (), strict=True)):
        if got != wanted:
            raise SumsError(f"sums: option {option}: expected {wanted}, got {got}")


def _point(text: str) -> Point:
    return Point.from_bytes(unb64(text, POINT_SIZE, "sums: point"))


def _text(point: Point) -> str | None:
    return None if point.is_identity else b64(point.to_bytes())
