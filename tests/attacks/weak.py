"""Weak variants of the ballot's proof, and the forgers who break them (A02).

The weak verifiers check every equation; they only leave something out of the hash, as deployed systems have done
(Helios until 2012: the ciphertext; Frozen Heart 2022: a commitment).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import replace as with_fields

from ballot.ballot import Body
from ballot.contest import ContestRules
from ballot.parsed import parse_body
from ballot.verification import verify_proofs
from keys.canonical import unb64
from keys.curve import GENERATOR, ORDER, Point, Scalar, base_multiply
from keys.transcript import Tag, challenge
from tests.attacks.prover import Attacker, Pair, Proof, number, written
from tests.strategies import joint_secret, make_contest

ONE = make_contest(options=1, low=0, high=1)
"""One option: its ciphertext is the sum's, too."""


@dataclass(frozen=True)
class WeakVerifier:
    """Checks every equation under its own challenge, which leaves something out."""

    challenge_of: Callable[[ContestRules, bytes, Sequence[Pair], Sequence[Pair]], Scalar]

    def verify(self, contest: ContestRules, body: Body) -> None:
        parsed = parse_body(contest, body)
        commitments = [pair for proof in parsed.proofs for pair in proof.commitments]
        e = self.challenge_of(contest, unb64(body.owner, 32, "owner"), parsed.pairs, commitments)
        proofs = []
        for proof in parsed.proofs:
            sent = proof.challenges[:-1]
            proofs.append(with_fields(proof, challenges=(*sent, (e.value - sum(sent)) % ORDER)))
        verify_proofs(with_fields(parsed, proofs=tuple(proofs)))


def without_second_commitments(
    contest: ContestRules, owner: bytes, pairs: Sequence[Pair], com: Sequence[Pair]
) -> Scalar:
    """All of the statement, but of the commitments only the first halves."""
    return challenge(
        Tag.BALLOT, owner, *(p.to_bytes() for pair in pairs for p in pair), *(a.to_bytes() for a, _ in com)
    )


def without_ciphertexts(contest: ContestRules, owner: bytes, _pairs: Sequence[Pair], com: Sequence[Pair]) -> Scalar:
    """All of the commitments, and nothing of what is proven."""
    return challenge(Tag.BALLOT, owner, *(p.to_bytes() for pair in com for p in pair))


WEAK = {
    "second commitments": WeakVerifier(without_second_commitments),
    "ciphertexts": WeakVerifier(without_ciphertexts),
}


def decrypt(contest: ContestRules, body: Body) -> Point:
    """v·G of the first option."""
    a, b = parse_body(contest, body).pairs[0]
    return b - a * joint_secret()


def forge_two(attacker: Attacker) -> Body:
    """A "2", where b_j is not hashed: answer first, then choose b_j = z_j·Y − c_j·(B − t_j·G)."""
    contest, r = attacker.contest, Scalar(4242)
    a, b = pair = attacker.encrypt(2, r)
    proofs = [Proof(pair, r, range(2), 0, label) for label in ("0", "sum")]
    nonces = [[Scalar(100 + 10 * p + j) for j in range(2)] for p in range(2)]
    firsts = [(base_multiply(w), GENERATOR) for pair_of in nonces for w in pair_of]
    e = without_second_commitments(contest, attacker.owner, [pair], firsts)
    for proof, alphas in zip(proofs, nonces, strict=True):
        proof.challenges = [Scalar(5), e - Scalar(5)]
        proof.responses = [w + c * r for w, c in zip(alphas, proof.challenges, strict=True)]
        for branch, (w, c, z) in enumerate(zip(alphas, proof.challenges, proof.responses, strict=True)):
            target = b - GENERATOR * number(branch)
            proof.commitments.append((base_multiply(w), contest.joint_key * z - target * c))
    assert all(base_multiply(z) == first + a * c for proof in proofs for (first, _), c, z in _branches(proof))
    return written(contest, attacker.owner, [pair], proofs)


def _branches(proof: Proof) -> list[tuple[Pair, Scalar, Scalar]]:
    return list(zip(proof.commitments, proof.challenges, proof.responses, strict=True))


def square_root(value: int) -> int | None:
    """A root modulo q, or None (Tonelli and Shanks; q − 1 is divisible by 64)."""
    if pow(value, (ORDER - 1) // 2, ORDER) != 1:
        return None
    odd, twos = ORDER - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    other = next(n for n in range(2, 100) if pow(n, (ORDER - 1) // 2, ORDER) == ORDER - 1)
    c, root, rest = pow(other, odd, ORDER), pow(value, (odd + 1) // 2, ORDER), pow(value, odd, ORDER)
    while rest != 1:
        step, probe = 0, rest
        while probe != 1:
            probe, step = probe * probe % ORDER, step + 1
        b = pow(c, 1 << (twos - step - 1), ORDER)
        c, twos, root = b * b % ORDER, step, root * b % ORDER
        rest = rest * c % ORDER
    return root


def forge_unhashed(attacker: Attacker) -> tuple[Body, int]:
    """Bernhard, Pereira, Warinschi 2012: commit, see e, and only then choose a plaintext v for which it comes out.

    With a_j = α_j·G, b_j = β_j·G + α_j·Y the equations say c_j·(v − t_j) = −β_j, so v solves a quadratic equation.
    """
    contest, r, owner = attacker.contest, Scalar(777), attacker.owner
    for beta in range(3, 60):
        betas, alphas = [Scalar(beta), Scalar(2 * beta + 1)], [Scalar(31), Scalar(32)]
        com = [(base_multiply(a), base_multiply(b) + contest.joint_key * a) for a, b in zip(alphas, betas, strict=True)]
        e = without_ciphertexts(contest, owner, [], com * 2)
        # −β0/v − β1/(v − 1) = e, that is e·v² + (β0 + β1 − e)·v − β0 = 0
        middle = (betas[0] + betas[1] - e).value
        root = square_root((middle * middle + 4 * e.value * betas[0].value) % ORDER)
        if root is None:
            continue
        v = (number(root - middle) * number(2 * e.value).inverse()).value
        pair = attacker.encrypt(v, r)
        c = [-betas[j] * number(v - j).inverse() for j in range(2)]
        proofs = [Proof(pair, r, range(2), 0, label, list(com), list(c)) for label in ("0", "sum")]
        for proof in proofs:
            proof.responses = [alpha + part * r for alpha, part in zip(alphas, c, strict=True)]
        return written(contest, owner, [pair], proofs), v
    raise AssertionError("no root among 57 tries")
