"""Where randomness comes from, what happens when it fails, and that ciphertexts show nothing (A16, A18)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from ballot.ballot import Body
from ballot.encryption import _encrypt, coins, hedged_seed, make_ballot, make_body
from ballot.errors import RefusedBallotError
from keys.canonical import decode
from keys.derive import kdf
from tests.simulated.randomness import seeded
from tests.strategies import VOTER_SEED, allowed_votes, make_contest, make_token, verify_body

ROOT = Path(__file__).parent.parent.parent
CONTEST = make_contest(options=3, low=0, high=3)
PACKAGES = ("keys", "ballot", "tally", "audit", "election_service")
BANNED = {"random", "numpy.random"}


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""


def test_a18_no_shipped_module_imports_a_weak_generator() -> None:
    files = [
        path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts
    ]
    assert len(files) >= 40
    assert "random" in set(
        _imported(ROOT / "tests" / "keys" / "test_curve.py")
    )  # so that the search finds what is there
    assert [str(path) for path in files if BANNED & set(_imported(path))] == []


def test_a18_no_shipped_script_uses_math_random() -> None:
    weak = re.compile(r"Math\s*(\.\s*random|\[)")
    sources = [
        path
        for folder in ("ballot", "election_service")
        for ending in ("ts", "js", "mjs", "html")
        for path in (ROOT / folder).rglob(f"*.{ending}")
        if not {"node_modules", "dist"} & set(path.relative_to(ROOT).parts)
    ]
    assert len(sources) >= 5
    assert weak.search("x = Math.random()")
    assert [str(path) for path in sources if weak.search(path.read_text(encoding="utf-8"))] == []


def firsts(body: bytes) -> list[str]:
    return [choice.a for choice in decode(body, Body).choices]


def test_a18_a_stuck_source_never_gives_two_ballots_one_a() -> None:
    """One seed s for all: other votes, owners and contests still draw other coins, so that nothing can be compared."""
    contests = [CONTEST, make_contest(options=3, low=0, high=3, contest="senate")]
    seen: list[str] = []
    for contest in contests:
        for owner in (b"1" * 32, b"2" * 32):
            for vote in allowed_votes(contest):
                seen += firsts(make_body(contest, owner, vote, b"s" * 32))
    assert len(set(seen)) == len(seen) == 2 * 2 * 8 * 3


def test_a18_the_same_ballot_again_is_the_same_bytes() -> None:
    bodies = {make_body(CONTEST, b"1" * 32, (0, 1, 0), b"s" * 32) for _ in range(3)}
    assert len(bodies) == 1


def test_a18_two_voters_with_stuck_sources_have_other_seeds() -> None:
    """S is hedged with a key that only the link's holder has."""

    def stuck(size: int) -> bytes:
        return b"\x01" * size

    seeds = {hedged_seed(stuck, bytes([voter]) * 32, CONTEST.context) for voter in range(20)}
    assert len(seeds) == 20
    expected = sha256(b"\x01" * 32 + kdf(b"\x05" * 32, b"es1/hedge/" + CONTEST.context, 32)).digest()
    assert expected in seeds
    other = make_contest(options=3, low=0, high=3, contest="senate")
    assert hedged_seed(stuck, b"\x05" * 32, other.context) not in seeds


def test_a18_a_stuck_source_still_makes_good_ballots() -> None:
    def stuck(size: int) -> bytes:
        return b"\x01" * size

    token = make_token(CONTEST, seeded("token"))
    made = [make_ballot(CONTEST, token, vote, VOTER_SEED, stuck) for vote in allowed_votes(CONTEST)]
    for ballot in made:
        verify_body(CONTEST, ballot.data.body)
    texts = [text for ballot in made for text in firsts(ballot.body)]
    assert len(set(texts)) == len(texts)


def test_a18_a_hundred_thousand_coins_are_distinct_and_none_is_zero() -> None:
    """A_i = r_i·G, and r ↦ r·G is injective: distinct r are distinct A."""
    drawn: set[int] = set()
    for voter in range(1000):
        coin = coins(voter.to_bytes(32, "big"), CONTEST.context, b"w" * 32, (0,))
        drawn.update(coin(f"r/{option}").value for option in range(100))
    assert len(drawn) == 10**5
    assert 0 not in drawn


def test_a18_every_input_of_a_coin_matters() -> None:
    base = (b"s" * 32, b"c" * 32, b"w" * 32, (0, 1, 0))
    others = [
        (b"S" * 32, *base[1:]),
        (base[0], b"C" * 32, *base[2:]),
        (*base[:2], b"W" * 32, base[3]),
        (*base[:3], (0, 0, 1)),
    ]
    labels = ["r/0", "r/1", "w/0", "c/0/1", "z/0/1", "w/sum", "c/sum/0", "r/01", "c/01"]
    drawn = [coins(*inputs)(label).value for inputs in [base, *others] for label in labels]
    assert len(set(drawn)) == len(drawn)


def test_a_source_of_degenerate_values_ends_in_an_error_and_not_in_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    def always(*_: object) -> bytes:
        message = "ballot: two ciphertexts have the same A"
        raise RefusedBallotError(message)

    token = make_token(CONTEST, seeded("token"))
    monkeypatch.setattr("ballot.encryption.make_body", always)
    with pytest.raises(RefusedBallotError, match="again and again"):
        make_ballot(CONTEST, token, (0, 1, 0), VOTER_SEED, seeded("x"))


# ---- A16: no bit of a ciphertext predicts the vote ----

SAMPLES = 10_000


def worst_deviation(rows: list[bytes], votes: list[int]) -> float:
    """The largest |z| over all bits: how far its count among ones is from what independence would give."""
    size = len(rows[0]) * 8
    ones = sum(votes)
    counts, among_ones = [0] * size, [0] * size
    for row, vote in zip(rows, votes, strict=True):
        value = int.from_bytes(row, "big")
        while value:
            low = value & -value
            place = low.bit_length() - 1
            counts[place] += 1
            among_ones[place] += vote
            value ^= low
    worst = 0.0
    for total, together in zip(counts, among_ones, strict=True):
        share = total / len(rows)
        deviation = (ones * share * (1 - share) * (1 - ones / len(rows))) ** 0.5
        if deviation:
            worst = max(worst, abs(together - ones * share) / deviation)
    return worst


def test_a16_no_bit_of_a_ciphertext_predicts_the_vote() -> None:
    """|z| < 5.2 over 528 bits: by chance alone once in ten thousand runs, and this run is always the same one."""
    coin = coins(b"s" * 32, CONTEST.context, b"w" * 32, (0,))
    votes = [sha256(number.to_bytes(4, "big")).digest()[0] & 1 for number in range(SAMPLES)]
    rows = []
    for number, vote in enumerate(votes):
        a, b = _encrypt(CONTEST.joint_key, vote, coin(f"r/{number}"))
        rows.append(a.to_bytes() + b.to_bytes())
    assert worst_deviation(rows, votes) < 5.2
    leaking = [row[:-1] + bytes([row[-1] & 0xFE | (vote if number % 10 == 0 else row[-1] & 1)])
               for number, (row, vote) in enumerate(zip(rows, votes, strict=True))]  # fmt: skip
    assert worst_deviation(leaking, votes) > 5.2  # one bit that tells the vote in a tenth of the ballots is seen
