"""Step 4, canary: before a poll opens, trustees prove that their stored files still work (docs/protocol.md §3.4).

The base point is computed from the log id, the session and the poll. The tool takes no point from anybody, so it
cannot be made to decrypt one (A27).
"""

from __future__ import annotations

from collections.abc import Callable

from keys.canonical import b64, unb64
from keys.curve import POINT_SIZE, SCALAR_SIZE, Point, Scalar, base_multiply
from keys.equality import Challenge, EqualityProof, make_equality_proof, verify_equality_proof
from keys.errors import DataError
from keys.transcript import Tag, challenge, u64
from keys.trustee.ceremony import JointKey
from keys.trustee.errors import TrusteeProofError
from keys.trustee.messages import CanaryData


def make_canary(
    log_id: bytes, joint: JointKey, poll: int, l: int, secret_share: Scalar, random: Callable[[int], bytes]
) -> CanaryData:
    """The data of ``trustee.canary`` of trustee l for one poll; TrusteeProofError where x_l is not the share of Y_l."""
    if base_multiply(secret_share) != joint.verification_share(l):
        message = f"trustee {l}: the stored share does not belong to this joint key"
        raise TrusteeProofError(message)
    base = base_multiply(_exponent(log_id, joint.session, poll))
    product = base.multiply_secret(secret_share)
    proof = make_equality_proof(secret_share, base, _challenge(log_id, joint, poll, l, base, product), random)
    points = {"d": product, "a": proof.a, "b": proof.b}
    encoded = {name: b64(point.to_bytes()) for name, point in points.items()}
    return CanaryData(poll=poll, i=l, z=b64(proof.z.to_bytes()), **encoded)


def verify_canary(log_id: bytes, joint: JointKey, data: CanaryData) -> None:
    """Check D = ρ·Y_l and the proof; TrusteeProofError names the trustee."""
    public = joint.verification_share(data.i)
    exponent = _exponent(log_id, joint.session, data.poll)
    base = base_multiply(exponent)
    try:
        d, proof = _decode(data)
        _check_product(d, public * exponent)
        verify_equality_proof(public, base, d, proof, _challenge(log_id, joint, data.poll, data.i, base, d))
    except DataError as error:
        message = f"trustee {data.i}: canary: {error}"
        raise TrusteeProofError(message) from error


def _decode(data: CanaryData) -> tuple[Point, EqualityProof]:
    d, a, b = (Point.from_bytes(unb64(text, POINT_SIZE, "point")) for text in (data.d, data.a, data.b))
    return d, EqualityProof(a, b, Scalar.from_bytes(unb64(data.z, SCALAR_SIZE, "z")))


def _check_product(d: Point, expected: Point) -> None:
    if d != expected:
        message = f"D differs from ρ·Y: expected {expected.to_bytes().hex()}, got {d.to_bytes().hex()}"
        raise TrusteeProofError(message)


def _exponent(log_id: bytes, session: bytes, poll: int) -> Scalar:
    return challenge(Tag.CANARY, log_id, session, u64(poll))


def _challenge(log_id: bytes, joint: JointKey, poll: int, l: int, base: Point, product: Point) -> Challenge:
    public = joint.verification_share(l)
    place = (log_id, joint.session, u64(poll), u64(l))
    statement = (public.to_bytes(), base.to_bytes(), product.to_bytes())
    return lambda a, b: challenge(Tag.CANARY_PROOF, *place, *statement, a.to_bytes(), b.to_bytes())
