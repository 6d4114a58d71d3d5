"""Many ballots at once get the verdicts of one by one, on every input (docs/protocol.md §6, §7)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ballot.ballot import BallotData
from ballot.contest import ContestRules
from ballot.parsed import ParsedBallot, parse_body
from ballot.verification import _equations_hold, judge_ballots, verify_ballot, verify_ballots
from keys.canonical import b64, unb64
from keys.curve import GENERATOR, Point, Scalar, base_multiply
from keys.errors import DataError
from tests.simulated.randomness import seeded
from tests.strategies import cast, joint_secret, make_contest, make_token, resigned

CONTESTS = [
    make_contest(2, 0, 1),
    make_contest(3, 1, 2, blank=2, contest="senate"),
    make_contest(2, 0, 2, contest="law", joint_key=b64(base_multiply(joint_secret("other")).to_bytes())),
]
VOTES = [(0, 1), (0, 0, 1), (1, 1)]

Item = tuple[ContestRules, BallotData]


def plus(text: str) -> str:
    """One more: of a scalar or of a point."""
    raw = unb64(text, None, "value")
    if len(raw) == 33:
        return b64((Point.from_bytes(raw) + GENERATOR).to_bytes())
    return b64((Scalar.from_bytes(raw) + Scalar.ONE).to_bytes())


@cache
def good(contest: int, number: int) -> BallotData:
    return cast(CONTESTS[contest], VOTES[contest], f"ballot {number} of {contest}").data


def mutated(contest: int, number: int, how: str) -> BallotData:
    """A ballot with one thing wrong in it, signed again where it must be."""
    data = good(contest, number)
    token = make_token(CONTESTS[contest], seeded(f"ballot {number} of {contest}"))
    first, *others = data.body.choices
    swapped = [*reversed(data.body.choices)]
    changes: dict[str, Callable[[], BallotData]] = {
        "z": lambda: resigned(
            data, replace(data.body, choices=[replace(first, z=[plus(first.z[0]), first.z[1]]), *others]), token
        ),
        "c": lambda: resigned(data, replace(data.body, choices=[replace(first, c=[plus(first.c[0])]), *others]), token),
        "a": lambda: resigned(data, replace(data.body, choices=[replace(first, a=plus(first.a)), *others]), token),
        "sum": lambda: resigned(
            data,
            replace(data.body, sum=replace(data.body.sum, z=[*data.body.sum.z[:-1], plus(data.body.sum.z[-1])])),
            token,
        ),
        "swapped": lambda: resigned(data, replace(data.body, choices=swapped), token),
        "zero": lambda: resigned(
            data, replace(data.body, choices=[replace(first, z=[b64(bytes(32)), first.z[1]]), *others]), token
        ),
        "off the curve": lambda: resigned(
            data, replace(data.body, choices=[replace(first, b=b64(b"\x02" + bytes(32))), *others]), token
        ),
        "short": lambda: resigned(data, replace(data.body, choices=others), token),
        "signature": lambda: replace(data, signature=b64(bytes(64))),
        "token": lambda: replace(data, token=replace(data.token, t=b64(bytes(32)))),
        "context": lambda: replace(data, context=b64(bytes(32))),
    }
    return changes[how]()


HOW = ["z", "c", "a", "sum", "swapped", "zero", "off the curve", "short", "signature", "token", "context"]


def alone(item: Item) -> DataError | None:
    try:
        verify_ballot(*item)
    except DataError as error:
        return error
    return None


def assert_same(items: list[Item], weights: str = "weights") -> list[DataError | None]:
    together = verify_ballots(items, seeded(weights))
    expected = [alone(item) for item in items]
    assert [(type(one), str(one)) for one in together] == [(type(one), str(one)) for one in expected]
    return together


@st.composite
def mixtures(draw: st.DrawFn) -> list[Item]:
    items = []
    for _ in range(draw(st.integers(0, 24))):
        contest, number = draw(st.integers(0, 2)), draw(st.integers(0, 3))
        how = draw(st.sampled_from(["good", "good", "good", *HOW]))
        judged_by = contest if draw(st.integers(0, 9)) else (contest + 1) % 3
        items.append((CONTESTS[judged_by], good(contest, number) if how == "good" else mutated(contest, number, how)))
    return items


@settings(max_examples=60)
@given(mixtures(), st.integers(0, 10**6))
def test_a_batch_gives_the_verdicts_of_one_by_one(items: list[Item], weights: int) -> None:
    assert_same(items, str(weights))


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("contest", [0, 1, 2])
def test_each_kind_of_bad_ballot_is_found_among_good_ones(how: str, contest: int) -> None:
    items = [(CONTESTS[kind], good(kind, number)) for number in range(4) for kind in range(3)]
    assert verify_ballots(items, seeded("w")) == [None] * 12
    items[5] = (CONTESTS[contest], mutated(contest, 1, how))
    verdicts = assert_same(items)
    assert [number for number, error in enumerate(verdicts) if error] == [5]


@pytest.mark.parametrize(
    "places", [{0}, {39}, {19, 20}, {0, 13, 26, 39}, set(range(40)), set(range(0, 40, 2))], ids=str
)
def test_halving_names_exactly_the_bad_ones(places: set[int]) -> None:
    items = [(CONTESTS[0], mutated(0, 1, "z") if number in places else good(0, number % 4)) for number in range(40)]
    verdicts = verify_ballots(items, seeded("weights"))
    assert {number for number, error in enumerate(verdicts) if error} == places
    assert {error.code for error in verdicts if error} == {"proof-invalid"}


def test_nothing_to_judge_and_one_to_judge() -> None:
    assert verify_ballots([], seeded("w")) == []
    assert verify_ballots([(CONTESTS[0], good(0, 0))], seeded("w")) == [None]
    (judged,) = judge_ballots([(CONTESTS[0], good(0, 0))], seeded("w"))
    assert isinstance(judged, ParsedBallot)
    assert judged.pairs == parse_body(CONTESTS[0], good(0, 0).body).pairs


def _parsed(contest: int, data: BallotData) -> ParsedBallot:
    return parse_body(CONTESTS[contest], data.body)


def test_errors_that_cancel_without_weights_do_not_cancel() -> None:
    """Two ballots with equal and opposite faults: the plain sum of all equations holds, the weighted one does not."""
    one, two = good(0, 0), good(0, 1)
    first, second = one.body.choices[0], two.body.choices[0]
    minus = b64((Scalar.from_bytes(unb64(second.z[0], 32, "z")) - Scalar.ONE).to_bytes())
    changed = [
        replace(one.body, choices=[replace(first, z=[plus(first.z[0]), first.z[1]]), *one.body.choices[1:]]),
        replace(two.body, choices=[replace(second, z=[minus, second.z[1]]), *two.body.choices[1:]]),
    ]
    ballots = [parse_body(CONTESTS[0], body) for body in changed]

    def all_ones(size: int) -> bytes:
        return (bytes(15) + b"\x01") * (size // 16)

    assert _equations_hold(ballots, all_ones)  # what a batch without weights would say
    assert not _equations_hold(ballots, seeded("weights"))


def test_equations_of_one_ballot_do_not_cancel_either() -> None:
    """z_0 + 1 in one option, z_0 − 1 in the other."""
    body = good(0, 0).body
    first, second = body.choices
    minus = b64((Scalar.from_bytes(unb64(second.z[0], 32, "z")) - Scalar.ONE).to_bytes())
    choices = [replace(first, z=[plus(first.z[0]), first.z[1]]), replace(second, z=[minus, second.z[1]])]
    ballot = parse_body(CONTESTS[0], replace(body, choices=choices))
    assert not _equations_hold([ballot], seeded("weights"))
    assert _equations_hold([_parsed(0, good(0, 0))], seeded("weights"))


def test_every_equation_has_two_weights_of_its_own_and_none_is_zero() -> None:
    """The source is asked once for each ballot, for 16 bytes for each of its equations; zeros count as one."""
    asked = []

    def zeros(size: int) -> bytes:
        asked.append(size)
        return bytes(size)

    ballots = [_parsed(0, good(0, 0)), _parsed(1, good(1, 0))]
    assert _equations_hold(ballots, zeros)
    assert asked == [16 * 2 * (2 + 2 + 2), 16 * 2 * (2 + 2 + 2 + 2)]
    bad = _parsed(0, mutated(0, 0, "z"))
    assert not _equations_hold([bad], zeros)
