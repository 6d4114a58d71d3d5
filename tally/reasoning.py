"""Why a result is what it is: ordered steps, each citing its clause, comparing integers (docs/protocol.md §10).

The steps are published as the blob that `result.declared.reasoning` names; whoever recomputes the outcome compares
them byte for byte.
"""

import hashlib
from collections.abc import Sequence
from typing import Literal

from keys import canonical
from keys.canonical import Natural, SafeInt, Wire


class Step(Wire, frozen=True):
    """One step of the reasoning.

    contest     id of the contest that it is about; null: the whole poll
    rule        which rule was applied: "resolution", "turnout", "withheld", "plurality"
    clause      the clause that says so
    inputs      the numbers that went in, by name (`ballots`, `size`, `votes.OPTION`)
    comparison  what was compared, in integers, as written out ("2 * 500 >= 1 * 1001"); "" where nothing was
    holds       whether the comparison holds
    conclusion  what follows, in plain English
    """

    contest: str | None
    rule: str
    clause: str
    inputs: dict[str, SafeInt]
    comparison: str
    holds: bool
    conclusion: str


class Reasoning(Wire, frozen=True):
    """The reasoning blob of one poll: its canonical JSON is what the log names."""

    v: Literal["es1"]
    poll: Natural
    steps: list[Step]


def make_blob(poll: int, steps: Sequence[Step]) -> bytes:
    """Return the canonical JSON of the reasoning of `poll`."""
    return canonical.encode(Reasoning(v="es1", poll=poll, steps=list(steps)))


def blob_name(blob: bytes) -> str:
    """Return the name of a blob: lower-case hex SHA-256 of its bytes."""
    return hashlib.sha256(blob).hexdigest()
