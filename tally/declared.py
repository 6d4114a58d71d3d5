"""The `result.declared` entry: made from an outcome, and checked against the recomputed one (docs/protocol.md §10)."""

from collections.abc import Sequence

from keys.canonical import decode
from tally.errors import OutcomeError
from tally.outcome import Outcome
from tally.reasoning import Reasoning, Step, blob_name
from tally.wire import DeclaredData


def make_declared(outcome: Outcome) -> DeclaredData:
    """Return the data of `result.declared`; the blob that it names is `outcome.reasoning`."""
    return DeclaredData(
        poll=outcome.poll,
        results=list(outcome.results),
        reasoning=blob_name(outcome.reasoning),
    )


def verify_declared(data: DeclaredData, outcome: Outcome) -> None:
    """Check a `result.declared` entry against the recomputed outcome; raises OutcomeError, naming what differs."""
    recomputed = make_declared(outcome)
    if data.poll != recomputed.poll:
        raise OutcomeError(f"declared: wrong poll: expected {recomputed.poll}, got {data.poll}")
    _compare("declared", "results", "contest", data.results, recomputed.results)
    if data.reasoning != recomputed.reasoning:
        raise OutcomeError(f"declared: reasoning: expected {recomputed.reasoning}, got {data.reasoning}")


def _compare(where: str, what: str, key: str, got: Sequence[object], expected: Sequence[object]) -> None:
    names = [getattr(item, key) for item in expected]
    if [getattr(item, key) for item in got] != names:
        raise OutcomeError(f"{where}: {what}: expected {names}, got {[getattr(item, key) for item in got]}")
    for mine, theirs, name in zip(got, expected, names, strict=True):
        for member in getattr(mine, "__struct_fields__", ()):
            if getattr(mine, member) != getattr(theirs, member):
                expected_value, value = getattr(theirs, member), getattr(mine, member)
                raise OutcomeError(f"{where}: {name}: {member}: expected {expected_value!r}, got {value!r}")


def verify_reasoning(blob: bytes, outcome: Outcome) -> None:
    """Check a published reasoning against the recomputed one; OutcomeError names the first step, seat or task that
    differs.
    """
    if blob == outcome.reasoning:
        return
    declared = decode(blob, Reasoning)
    for number, (got, expected) in enumerate(zip(declared.steps, outcome.steps, strict=False)):
        for member in Step.__struct_fields__:
            mine, theirs = getattr(got, member), getattr(expected, member)
            if mine != theirs:
                where = f"step {number} ({expected.rule}, {expected.clause}, {expected.contest or 'poll'})"
                raise OutcomeError(f"reasoning: {where}: {member}: expected {theirs!r}, got {mine!r}")
    if (declared.poll, len(declared.steps)) != (outcome.poll, len(outcome.steps)):
        raise OutcomeError(
            f"reasoning: expected {len(outcome.steps)} steps of poll {outcome.poll}, "
            f"got {len(declared.steps)} of poll {declared.poll}"
        )
    _compare("reasoning", "seats", "seat", declared.seats, outcome.seats)
    _compare("reasoning", "agenda", "seat", declared.agenda, outcome.agenda)
    raise OutcomeError("reasoning: expected other bytes for the same content")
