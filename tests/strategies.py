"""Shared Hypothesis strategies, and small builders of contests, tokens and ballots.

Builders are deterministic: the same arguments give the same bytes on every run. RSA keys are rehearsal keys of 1024
bits, made once per process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from hypothesis import strategies as st

from ballot.ballot import BallotData, Body, cast_message
from ballot.contest import ContestRules, load_contest
from ballot.encryption import MadeBallot, make_ballot
from ballot.errors import ProofError
from ballot.parsed import ParsedBallot, parse_body
from ballot.token import SpendableToken, blind_token, finalize_token
from ballot.verification import verify_ballot, verify_ballots, verify_proofs
from keys import schnorr
from keys.canonical import MAX_INTEGER, b64, encode
from keys.curve import ORDER, Point, Scalar, base_multiply
from keys.errors import DataError
from keys.issuer import IssuerKey, blind_sign
from tests.simulated.people import issuer_key
from tests.simulated.randomness import seeded

Random = Callable[[int], bytes]

REHEARSAL_BITS = 1024
VOTER_SEED = b"V" * 32


def issuer(name: str = "issuer") -> IssuerKey:
    """A rehearsal issuer key; another name is another key."""
    return issuer_key(name, REHEARSAL_BITS)


def joint_secret(name: str = "joint key") -> Scalar:
    """The secret of a joint key that nobody shares out: for decrypting in tests."""
    return Scalar.reduce(seeded(name)(48))


def contest_document(
    options: int = 3, low: int = 0, high: int = 1, *, blank: int | None = None, **changes: Any
) -> dict[str, Any]:
    """A contest document as plain JSON; option `blank` is the blank one, and any member may be given by name."""
    names = [f"option-{number}" for number in range(options)]
    listed = [
        {"id": name, "name": {"en": name, "fr": name}, "blank": number == blank} for number, name in enumerate(names)
    ]
    document: dict[str, Any] = {
        "v": "es1",
        "log": b64(b"L" * 32),
        "election": "union-2026",
        "poll": 1,
        "contest": "president",
        "position": "president",
        "electorate": "all",
        "size": 500,
        "root": b64(b"R" * 32),
        "options": listed,
        "min": low,
        "max": high,
        "joint_key": b64(base_multiply(joint_secret()).to_bytes()),
        "issuer_key": b64(issuer().modulus),
        "recovery": True,
    }
    return document | changes


def contest_from(document: dict[str, Any]) -> ContestRules:
    """The contest of a plain document, which may be one of a rehearsal."""
    return _loaded(encode(document))


@cache
def _loaded(raw: bytes) -> ContestRules:
    return load_contest(raw, rehearsal=True)


def make_contest(
    options: int = 3, low: int = 0, high: int = 1, *, blank: int | None = None, **changes: Any
) -> ContestRules:
    """A contest as read from its document, which see."""
    return contest_from(contest_document(options, low, high, blank=blank, **changes))


def make_token(contest: ContestRules, random: Random, key: IssuerKey | None = None) -> SpendableToken:
    """A token through the whole blind protocol; `key` where the contest has another issuer than `issuer()`."""
    waiting = blind_token(contest, random)
    return finalize_token(contest, waiting, blind_sign(key or issuer(), waiting.blinded, random))


def cast(
    contest: ContestRules, vote: Sequence[int], name: str = "ballot", token: SpendableToken | None = None
) -> MadeBallot:
    """A ballot ready to cast; another name gives other randomness."""
    random = seeded(name)
    return make_ballot(contest, token or make_token(contest, random), vote, VOTER_SEED, random)


def allowed_votes(contest: ContestRules) -> list[tuple[int, ...]]:
    """Every vote that a small contest allows."""
    votes = (tuple(number >> place & 1 for place in range(contest.options)) for number in range(1 << contest.options))
    low, high = contest.document.min, contest.document.max
    return [vote for vote in votes if low <= weight_of(contest, vote) <= high]


def weight_of(contest: ContestRules, vote: Sequence[int]) -> int:
    """The weighted sum of a vote."""
    return sum(g * mark for g, mark in zip(contest.weights, vote, strict=True))


def resigned(data: BallotData, body: Body, token: SpendableToken) -> BallotData:
    """The cast request with another body, signed by the token's owner as that body wants it."""
    signature = schnorr.sign(token.secret, cast_message(encode(body)), bytes(32))
    return BallotData(context=body.context, body=body, token=data.token, signature=b64(signature))


def verify_body(contest: ContestRules, body: Body) -> ParsedBallot:
    """The judgement of a body alone, without token and signature."""
    parsed = parse_body(contest, body)
    verify_proofs(parsed)
    return parsed


def verdict(contest: ContestRules, data: BallotData) -> DataError | None:
    """The verdict on one ballot, after checking that single and batch verification give the same one.

    The batch is nine times the ballot, so that the weighted equation decides and not the equations one by one.
    """
    alone: DataError | None = None
    try:
        verify_ballot(contest, data)
    except DataError as error:
        alone = error
    copies = 9 if alone is None or isinstance(alone, ProofError) else 1
    together = verify_ballots([(contest, data)] * copies, seeded("weights"))
    assert {(type(one), str(one)) for one in together} == {(type(alone), str(alone))}
    return alone


def scalars() -> st.SearchStrategy[Scalar]:
    """Scalars, with the borders that arithmetic may get wrong more often than chance gives them."""
    powers = [2**64, 2**127, 2**128 - 1, 2**128, 2**128 + 1]
    borders = [0, 1, 2, 15, 16, 255, 256, *powers, ORDER // 2, ORDER - 2, ORDER - 1]
    return st.builds(Scalar, st.one_of(st.sampled_from(borders), st.integers(0, ORDER - 1)))


def points() -> st.SearchStrategy[Point]:
    """Points, the identity among them."""
    return scalars().map(base_multiply)


def json_values() -> st.SearchStrategy[Any]:
    """The protocol's subset of JSON (docs/protocol.md §1)."""
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    leaf = st.one_of(st.none(), st.booleans(), st.integers(-MAX_INTEGER, MAX_INTEGER), text)
    name = st.text(st.characters(max_codepoint=0x7F), max_size=6)

    def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.one_of(st.lists(inner, max_size=4), st.dictionaries(name, inner, max_size=4))

    return st.recursive(leaf, containers, max_leaves=15)


def json_objects() -> st.SearchStrategy[dict[str, Any]]:
    """Whole documents."""
    return st.dictionaries(st.text(st.characters(max_codepoint=0x7F), max_size=6), json_values(), max_size=5)
