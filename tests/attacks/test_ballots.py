"""Ballots copied, moved, changed in one bit (A01, A04, A12, A41, A61)."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ballot.ballot import BallotData, Body, Choice, Token, load_ballot
from ballot.contest import ContestRules
from ballot.encryption import make_ballot
from ballot.errors import ContextError, OwnerError, ProofError, RefusedBallotError, TokenError
from ballot.parsed import parse_body
from ballot.token import BlindedToken, SpendableToken, finalize_token, token_message
from ballot.verification import verify_ballot, verify_envelope
from keys import blind_rsa
from keys.blind_rsa import BlindSignatureError
from keys.canonical import MAX_ENTRY, b64, encode, unb64
from keys.curve import GENERATOR, ORDER, Point, Scalar
from keys.errors import DataError, SignatureError
from keys.issuer import blind_sign
from tests.attacks.prover import Attacker, with_choice, with_sum
from tests.simulated.people import issuer_key
from tests.simulated.randomness import seeded
from tests.strategies import (
    VOTER_SEED,
    cast,
    contest_document,
    issuer,
    make_contest,
    make_token,
    resigned,
    verdict,
    verify_body,
)

ROOT = Path(__file__).parent.parent.parent
CONTEST = make_contest(options=3, low=0, high=2)
VOTES = [(0, 0, 0), (1, 0, 0), (0, 1, 1), (1, 0, 1)]
ATTACKER = Attacker(CONTEST, "copier")

# ---- A01: copies ----


@cache
def victim(vote: tuple[int, ...]) -> BallotData:
    return cast(CONTEST, vote, f"victim {vote}").data


@cache
def own(vote: tuple[int, ...]) -> Body:
    return ATTACKER.forge(vote)


def rerandomised(choice: Choice, e: int, s: Scalar) -> Choice:
    """The same plaintext: A + s·G, B + s·Y, and answers to fit the old challenge."""
    a, b = (Point.from_bytes(unb64(text, 33, "point")) for text in (choice.a, choice.b))
    first = int.from_bytes(unb64(choice.c[0], 32, "c"), "big")
    challenges = (Scalar(first), Scalar((e - first) % ORDER))
    z = [Scalar.from_bytes(unb64(text, 32, "z")) + c * s for text, c in zip(choice.z, challenges, strict=True)]
    return Choice(
        a=b64((a + GENERATOR * s).to_bytes()),
        b=b64((b + CONTEST.joint_key * s).to_bytes()),
        com=choice.com,
        c=choice.c,
        z=[b64(part.to_bytes()) for part in z],
    )


@cache
def old_challenge(vote: tuple[int, ...]) -> int:
    return sum(parse_body(CONTEST, victim(vote).body).proofs[0].challenges) % ORDER


@st.composite
def copies(draw: st.DrawFn) -> Body:
    """A body under the attacker's own token with at least one part of a victim's ballot, moved or changed or not."""
    vote, mine = draw(st.sampled_from(VOTES)), own(draw(st.sampled_from(VOTES)))
    theirs = victim(vote).body
    order = draw(st.permutations(range(3)))
    how = [draw(st.sampled_from(["copied", "rerandomised", "ciphertext", "proof", "own"])) for _ in range(3)]
    assume(set(how) != {"own"})
    choices = []
    for option, way in enumerate(how):
        taken, kept = theirs.choices[order[option]], mine.choices[option]
        made = {
            "copied": taken,
            "ciphertext": replace(kept, a=taken.a, b=taken.b),
            "proof": replace(taken, a=kept.a, b=kept.b),
            "own": kept,
        }
        if way == "rerandomised":
            s = Scalar(draw(st.integers(1, ORDER - 1)))
            choices.append(rerandomised(taken, old_challenge(vote), s))
        else:
            choices.append(made[way])
    return Body(
        v="es1",
        context=theirs.context,
        owner=b64(ATTACKER.owner),
        choices=choices,
        sum=draw(st.sampled_from([theirs.sum, mine.sum])),
    )


def test_victims_and_the_attackers_own_ballots_are_accepted() -> None:
    for vote in VOTES:
        assert verdict(CONTEST, victim(vote)) is None
        assert ATTACKER.cast(own(vote)) is None


def test_a01_a_ballot_under_another_token_is_refused() -> None:
    data, token = victim(VOTES[1]), ATTACKER.token
    wire = Token(key=b64(token.key), t=data.token.t, prepared=b64(token.prepared), sig=b64(token.signature))
    stolen = replace(resigned(data, data.body, token), token=wire)
    assert isinstance(verdict(CONTEST, stolen), OwnerError)
    assert isinstance(ATTACKER.cast(replace(data.body, owner=b64(ATTACKER.owner))), ProofError)
    unsigned = replace(data, token=wire)
    assert isinstance(verdict(CONTEST, unsigned), OwnerError)


@settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
@given(copies())
def test_a01_no_copy_of_any_part_is_accepted(body: Body) -> None:
    """A thousand mutants: verbatim, permuted, rerandomised, one ciphertext, transplanted proofs, and their mixtures."""
    with pytest.raises((ProofError, RefusedBallotError)):
        verify_body(CONTEST, body)  # the envelope is the attacker's own, and would be good


def test_a01_copies_are_refused_as_they_would_be_cast() -> None:
    theirs = victim(VOTES[1]).body
    verbatim = replace(theirs, owner=b64(ATTACKER.owner))
    permuted = replace(verbatim, choices=theirs.choices[::-1])
    again = replace(verbatim, choices=[rerandomised(c, old_challenge(VOTES[1]), Scalar(5)) for c in theirs.choices])
    one = with_choice(
        own(VOTES[0]), 0, **{name: getattr(theirs.choices[0], name) for name in ("a", "b", "com", "c", "z")}
    )
    for body in (verbatim, permuted, again, one):
        assert isinstance(ATTACKER.cast(body), ProofError)


# ---- A04: every bit counts ----


def _scalar_mutants(body: Body) -> Iterator[Body]:
    def flipped(texts: Sequence[str], place: int, bit: int) -> list[str]:
        value = int.from_bytes(unb64(texts[place], 32, "scalar"), "big") ^ 1 << bit
        return [b64(value.to_bytes(32, "big")) if n == place else text for n, text in enumerate(texts)]

    for bit in range(256):
        for name, texts in (("c", body.choices[0].c), ("z", body.choices[0].z)):
            for place in range(len(texts)):
                yield with_choice(body, 0, **{name: flipped(texts, place, bit)})
        for name, texts in (("c", body.sum.c), ("z", body.sum.z)):
            for place in range(len(texts)):
                yield with_sum(body, **{name: flipped(texts, place, bit)})


def test_a04_every_flipped_bit_of_every_scalar_is_refused() -> None:
    contest = make_contest(options=1, low=0, high=1)
    attacker = Attacker(contest)
    body = attacker.forge([1])
    assert attacker.cast(body) is None
    count = 0
    for mutant in _scalar_mutants(body):
        with pytest.raises(DataError, match=r"does not hold|below q"):
            verify_body(contest, mutant)
        count += 1
    assert count == 6 * 256


def test_a04_every_flipped_bit_of_token_owner_and_signature_is_refused() -> None:
    data = cast(CONTEST, (0, 1, 0)).data
    for name in ("key", "t", "prepared", "sig"):
        text = getattr(data.token, name)
        raw = unb64(text, None, name)
        for bit in range(0, 8 * len(raw), 3):
            other = (int.from_bytes(raw, "big") ^ 1 << bit).to_bytes(len(raw), "big")
            with pytest.raises((TokenError, BlindSignatureError, OwnerError)):
                verify_ballot(CONTEST, replace(data, token=replace(data.token, **{name: b64(other)})))
    raw = unb64(data.signature, 64, "signature")
    for bit in range(512):
        other = (int.from_bytes(raw, "big") ^ 1 << bit).to_bytes(64, "big")
        with pytest.raises(SignatureError):
            verify_ballot(CONTEST, replace(data, signature=b64(other)))


def test_a04_no_verify_function_returns_a_verdict_that_could_be_ignored() -> None:
    """They raise. What some return is what they have read, never a bool; and each says what it returns."""
    found = 0
    for path in [path for package in ("keys", "ballot", "tally", "audit") for path in (ROOT / package).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.lstrip("_").startswith("verify"):
                returned = ast.unparse(node.returns) if node.returns else "nothing said"
                assert "bool" not in returned.split(" | "), f"{path}: {node.name} returns {returned}"
                assert returned != "nothing said", f"{path}: {node.name}"
                found += 1
    assert found >= 20


# ---- A12: another contest, poll, election, log ----

BOXES = {
    "this": make_contest(3),
    "another contest": make_contest(3, contest="senate"),
    "the second tour": make_contest(3, poll=2),
    "another election": make_contest(3, election="union-2027"),
    "the rehearsal's log": make_contest(3, log=b64(b"M" * 32)),
    "another electorate": make_contest(3, electorate="law", size=20),
    "another joint key": make_contest(3, joint_key=b64((GENERATOR * Scalar(99)).to_bytes())),
}
"""All with one issuer key, against the rules: so that the context alone must do it."""


@pytest.mark.parametrize("judge", BOXES)
@pytest.mark.parametrize("home", BOXES)
def test_a12_only_the_diagonal_of_tokens_and_contests_is_accepted(home: str, judge: str) -> None:
    contest, other = BOXES[home], BOXES[judge]
    random = seeded(home)
    token = make_token(contest, random)
    made = make_ballot(contest, token, (0, 1, 0), VOTER_SEED, random)
    with_own_proofs = make_ballot(other, token, (0, 1, 0), VOTER_SEED, random).data
    if home == judge:
        assert verdict(other, made.data) is None
        assert verdict(other, with_own_proofs) is None
        return
    assert isinstance(verdict(other, made.data), ContextError)
    body = replace(made.data.body, context=b64(other.context))
    assert isinstance(verdict(other, resigned(made.data, body, token)), TokenError)
    assert isinstance(verdict(other, with_own_proofs), TokenError)


def test_a12_proofs_moved_to_another_contest_are_refused_even_with_a_token_of_it() -> None:
    contest, other = BOXES["this"], BOXES["the second tour"]
    token = make_token(other, seeded("token"))
    attacker = Attacker(contest)
    body = attacker.forge([0, 1, 0])
    there = Attacker(other)
    moved = replace(body, context=b64(other.context), owner=b64(there.owner))
    assert isinstance(there.cast(moved), ProofError)
    within = make_ballot(other, token, (0, 1, 0), VOTER_SEED, seeded("fresh")).data
    wrong_inside = replace(within, body=replace(within.body, context=b64(contest.context)))
    signed = replace(resigned(wrong_inside, wrong_inside.body, token), context=b64(other.context))
    assert isinstance(verdict(other, signed), ContextError)


# ---- A41: one key, two signatures ----


def test_a41_another_prefix_and_signature_of_one_token_key_spend_the_same_token() -> None:
    token = make_token(CONTEST, seeded("first"))
    message = token_message(CONTEST.context, token.key)
    prepared = blind_rsa.prepare(message, b"another prefix, 32 bytes long...")
    blinded, inverse = blind_rsa.blind(CONTEST.modulus, prepared, seeded("second"))
    waiting = BlindedToken(token.secret, prepared, blinded, inverse)
    again = finalize_token(CONTEST, waiting, blind_sign(issuer(), blinded, seeded("signing")))
    assert (again.key, again.signature != token.signature) == (token.key, True)
    ballots = [make_ballot(CONTEST, one, (0, 1, 0), VOTER_SEED, seeded("vote")).data for one in (token, again)]
    assert {verify_envelope(CONTEST, data) for data in ballots} == {token.key}


# ---- A61: the largest ballot ----


@cache
def largest() -> tuple[ContestRules, SpendableToken]:
    key = issuer_key("largest", 3072)
    contest = make_contest(options=100, low=0, high=31, issuer_key=b64(key.modulus))
    return contest, make_token(contest, seeded("largest"), key)


def test_a61_the_largest_ballot_fits_an_entry() -> None:
    """100 options, 32 values of the sum, an issuer key of 3072 bits, the longest seq."""
    contest, token = largest()
    data = cast(contest, [1] * 31 + [0] * 69, token=token).data
    entry = encode({"seq": 2**53 - 1, "prev": b64(bytes(32)), "kind": "ballot", "data": data})
    assert len(entry) <= MAX_ENTRY
    assert load_ballot(encode(data)) == data
    verify_ballot(contest, data)


def test_a61_one_option_more_is_refused() -> None:
    with pytest.raises(DataError, match="expected 1 to 100, got 101"):
        make_contest(options=101, low=0, high=1)
    assert len(contest_document(101)["options"]) == 101
