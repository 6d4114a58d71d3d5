"""A02: one challenge over everything. Each input is changed alone, and weak variants are really broken here.

The weak verifiers of tests/attacks/weak.py check every equation as ours do; they only leave something out of the hash,
as deployed systems have done. Against them the forgeries succeed.
"""

from __future__ import annotations

from dataclasses import replace as with_fields
from typing import Any

import pytest
from msgspec.structs import replace

from ballot.ballot import Body, Choice, SumProof
from ballot.contest import ContestRules
from ballot.encryption import make_body
from ballot.errors import BallotFormatError, ProofError
from ballot.parsed import ParsedBallot, parse_body
from keys.canonical import b64, decode, unb64
from keys.curve import GENERATOR, ORDER, Point, Scalar, base_multiply
from keys.equality import EqualityProof, verify_equality_proof
from keys.transcript import Tag, challenge
from tally.errors import ShareError
from tally.share import Statement, make_share_proof, verify_share_proof
from tests.attacks.prover import Attacker, Proof, strong_challenge, with_choice, with_sum, written
from tests.attacks.weak import ONE, WEAK, decrypt, forge_two, forge_unhashed
from tests.simulated.randomness import seeded
from tests.strategies import contest_document, contest_from, issuer, joint_secret, make_contest, verify_body

OWNER = b"w" * 32
CONTEST = make_contest(options=3, low=1, high=2)
VOTE = (0, 1, 1)


def challenge_of(parsed: ParsedBallot) -> int:
    """What all the challenges of a proof add up to."""
    (e,) = {sum(proof.challenges) % ORDER for proof in parsed.proofs}
    return e


def body_of(contest: ContestRules = CONTEST) -> Body:
    return decode(make_body(contest, OWNER, VOTE, b"s" * 32), Body)


OTHER_DOCUMENTS: dict[str, dict[str, Any]] = {
    "log": {"log": b64(b"M" * 32)},
    "election": {"election": "union-2027"},
    "poll": {"poll": 2},
    "contest": {"contest": "senate"},
    "position": {"position": None},
    "electorate": {"electorate": "law"},
    "size": {"size": 501},
    "root": {"root": b64(b"S" * 32)},
    "options, their ids": {"options": [{"id": f"other-{n}", "name": {"en": "x"}, "blank": False} for n in range(3)]},
    "options, their order": {"options": contest_document(3)["options"][::-1]},
    "options, their names": {"options": [{**option, "name": {"en": "x"}} for option in contest_document(3)["options"]]},
    "min and max": {"min": 0, "max": 1},
    "joint_key": {"joint_key": b64(base_multiply(joint_secret("another")).to_bytes())},
    "issuer_key": {"issuer_key": b64(issuer("another").modulus)},
    "recovery": {"recovery": False},
}


def test_the_table_changes_every_member_of_the_contest_document_but_its_version() -> None:
    changed = {member for changes in OTHER_DOCUMENTS.values() for member in changes}
    assert changed | {"v"} == set(contest_document())


@pytest.mark.parametrize("name", OTHER_DOCUMENTS)
def test_a02_every_member_of_the_contest_document_is_in_the_challenge(name: str) -> None:
    body = body_of()
    e = challenge_of(verify_body(CONTEST, body))
    other = contest_from(contest_document(3, 1, 2) | OTHER_DOCUMENTS[name])
    moved = replace(body, context=b64(other.context))
    assert challenge_of(parse_body(other, moved)) != e
    with pytest.raises(ProofError, match="does not hold"):
        verify_body(other, moved)


def moved_point(text: str) -> str:
    """Another point: the one that was, plus G."""
    return b64((Point.from_bytes(unb64(text, 33, "point")) + GENERATOR).to_bytes())


def point_changes(body: Body) -> dict[str, Body]:
    """The body with one point moved, for every point in it."""
    found: dict[str, Body] = {}
    for option, choice in enumerate(body.choices):
        found[f"A_{option}"] = with_choice(body, option, a=moved_point(choice.a))
        found[f"B_{option}"] = with_choice(body, option, b=moved_point(choice.b))
    parts: list[Choice | SumProof] = [*body.choices, body.sum]
    for option, part in enumerate(parts):
        for branch, side in ((branch, side) for branch in range(len(part.com)) for side in (0, 1)):
            com = [list(pair) for pair in part.com]
            com[branch][side] = moved_point(com[branch][side])
            pairs = [(first, second) for first, second in com]
            is_sum = option == len(body.choices)
            name = f"{'ab'[side]}_{branch} of {'the sum' if is_sum else f'choice {option}'}"
            found[name] = with_sum(body, com=pairs) if is_sum else with_choice(body, option, com=pairs)
    return found


def test_a02_owner_and_every_point_are_in_the_challenge() -> None:
    body = body_of()
    e = challenge_of(verify_body(CONTEST, body))
    changes = point_changes(body) | {"owner": replace(body, owner=b64(b"x" * 32))}
    assert len(changes) == 3 * 2 + 3 * 4 + 2 * 2 + 1
    seen = {e}
    for other in changes.values():
        seen.add(challenge_of(parse_body(CONTEST, other)))
        with pytest.raises(ProofError, match="does not hold"):
            verify_body(CONTEST, other)
    assert len(seen) == len(changes) + 1  # each change, a challenge of its own


def test_a02_versions_have_tags_of_their_own() -> None:
    """Another version would be another prefix of every tag, and so another challenge."""
    body = body_of()
    assert Tag.BALLOT.startswith("es1/")
    assert challenge_of(verify_body(CONTEST, body)) == challenge_of(parse_body(CONTEST, body))
    with pytest.raises(BallotFormatError, match="expected version 'es1', got 'es2'"):
        verify_body(CONTEST, replace(body, v="es2"))


# ---- weak variants, and the forgers who break them ----


@pytest.mark.parametrize("name", WEAK)
def test_the_weak_verifiers_accept_honest_ballots_made_for_them_and_refuse_plain_lies(name: str) -> None:
    weak, attacker = WEAK[name], Attacker(ONE)
    for vote in (0, 1):
        weak.verify(ONE, attacker.forge([vote], challenge_of=weak.challenge_of))
    with pytest.raises(ProofError, match="does not hold"):
        weak.verify(ONE, attacker.forge([2], challenge_of=weak.challenge_of))


def test_a02_a_two_is_forged_where_a_commitment_is_not_hashed_and_refused_here() -> None:
    attacker = Attacker(ONE)
    body = forge_two(attacker)
    assert decrypt(ONE, body) == GENERATOR * Scalar(2)
    WEAK["second commitments"].verify(ONE, body)
    assert isinstance(attacker.cast(body), ProofError)


def test_a02_a_plaintext_is_chosen_after_the_challenge_where_ciphertexts_are_not_hashed_and_refused_here() -> None:
    attacker = Attacker(ONE)
    body, v = forge_unhashed(attacker)
    assert v not in (0, 1)
    assert decrypt(ONE, body) == GENERATOR * Scalar(v)
    WEAK["ciphertexts"].verify(ONE, body)
    assert isinstance(attacker.cast(body), ProofError)


def test_a02_rerandomised_copies_pass_where_ciphertexts_are_not_hashed_and_are_refused_here() -> None:
    """A01's copy: A + s·G, B + s·Y, z_j + c_j·s. The equations hold; only the challenge tells."""
    attacker, s = Attacker(ONE), Scalar(99)
    weak = WEAK["ciphertexts"]
    for verifier_challenge, accepted in ((weak.challenge_of, True), (strong_challenge, False)):
        body = attacker.forge([1], challenge_of=verifier_challenge)
        parsed = parse_body(ONE, body)
        a, b = parsed.pairs[0]
        copy = (a + base_multiply(s), b + ONE.joint_key * s)
        commitments = [pair for proof in parsed.proofs for pair in proof.commitments]
        e = verifier_challenge(ONE, attacker.owner, parsed.pairs, commitments)
        proofs = []
        for proof, label in zip(parsed.proofs, ("0", "sum"), strict=True):
            c = [Scalar(proof.challenges[0]), e - Scalar(proof.challenges[0])]
            z = [Scalar(old) + part * s for old, part in zip(proof.responses, c, strict=True)]
            proofs.append(Proof(copy, Scalar.ZERO, range(2), 0, label, list(proof.commitments), c, z))
        copied = written(ONE, attacker.owner, [copy], proofs)
        if accepted:
            weak.verify(ONE, copied)
        else:
            assert isinstance(attacker.cast(copied), ProofError)


def test_a02_a_wrong_decryption_is_forged_where_it_is_not_hashed_and_refused_here() -> None:
    """The share of a trustee who wants other votes: with a, b before D, D = (z·A − b)/c is as wrong as one likes."""
    secret, a_sum, b_sum = Scalar(31337), base_multiply(Scalar(55)), base_multiply(Scalar(66))
    key = base_multiply(secret)
    statement = Statement(b"L" * 32, b"C" * 32, 0, 1, key, a_sum, b_sum, a_sum * secret)
    verify_share_proof(statement, make_share_proof(statement, secret, seeded("share")))

    def weak(a: Point, b: Point) -> Scalar:
        return challenge(Tag.SHARE_PROOF, key.to_bytes(), a_sum.to_bytes(), a.to_bytes(), b.to_bytes())

    w = Scalar(1234)
    a, b = base_multiply(w), a_sum * w + GENERATOR
    c = weak(a, b)
    z = w + c * secret
    wrong = (a_sum * z - b) * c.inverse()
    assert wrong != statement.D
    forged = EqualityProof(a, b, z)
    verify_equality_proof(key, a_sum, wrong, forged, weak)
    with pytest.raises(ShareError, match="option 0"):
        verify_share_proof(with_fields(statement, D=wrong), forged)
