"""One trustee's part of a decryption, and the proof that it is that (docs/protocol.md §10).

Nothing here decides whether a share may be made: the trustee's tool verifies the whole log first. The proof binds
log, contest, option, trustee, the sums and the decryption itself, so that no proof serves twice (A26).
One proof costs four multiplications to check; for 80 contests that is far below what a batch equation would save.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from keys import canonical, schnorr
from keys.canonical import b64, unb64
from keys.curve import POINT_SIZE, SCALAR_SIZE, Point, Scalar, base_multiply
from keys.equality import EqualityError, EqualityProof, make_equality_proof, verify_equality_proof
from keys.errors import DataError
from keys.transcript import Tag, challenge, digest, u64
from keys.trustee import JointKey, TrusteeSession
from tally.errors import ShareError, ShareSignatureError
from tally.sums import ContestSums
from tally.wire import PartialDecryption, ShareData


@dataclass(frozen=True, slots=True)
class ShareContext:
    """What a share belongs to: the log (32 bytes) and the confirmed session of the trustees (32 bytes)."""

    log_id: bytes
    session: bytes


@dataclass(frozen=True, slots=True)
class Trustee:
    """One trustee as everybody computes it: number from 1, 32-byte x-only identity key, verification share Y_l."""

    number: int
    identity_key: bytes
    verification_share: Point


def share_context(session: TrusteeSession) -> ShareContext:
    """Return what the shares of this confirmed session belong to."""
    return ShareContext(session.log_id, session.id)


def trustees_of(session: TrusteeSession, joint: JointKey) -> dict[int, Trustee]:
    """Return every trustee of a confirmed session by number."""
    return {
        number: Trustee(number, session.identity(number), joint.verification_share(number))
        for number in range(1, session.n + 1)
    }


@dataclass(frozen=True, slots=True)
class Statement:
    """What one proof is about: option `option` of contest `context`, decrypted by trustee `number`."""

    log_id: bytes
    context: bytes
    option: int
    number: int
    verification_share: Point
    A: Point
    B: Point
    D: Point

    def challenge(self, a: Point, b: Point) -> Scalar:
        """Return c = Hq("es1/share-proof", log id, context, option, l, Y_l, A*, B* or empty, D, a, b)."""
        return challenge(
            Tag.SHARE_PROOF,
            self.log_id,
            self.context,
            u64(self.option),
            u64(self.number),
            self.verification_share.to_bytes(),
            self.A.to_bytes(),
            b"" if self.B.is_identity else self.B.to_bytes(),
            self.D.to_bytes(),
            a.to_bytes(),
            b.to_bytes(),
        )


def make_share_proof(statement: Statement, secret: Scalar, random: Callable[[int], bytes]) -> EqualityProof:
    """Prove that D = secret·A, with a = w·G, b = w·A, z = w + c·secret; `random` gives fresh bytes."""
    return make_equality_proof(secret, statement.A, statement.challenge, random)


def verify_share_proof(statement: Statement, proof: EqualityProof) -> None:
    """Check z·G = a + c·Y_l and z·A = b + c·D, c and z not zero; ShareError names the trustee and the option."""
    key, where = statement.verification_share, f"option {statement.option}"
    if key.is_identity or statement.A.is_identity or statement.D.is_identity:
        raise ShareError(statement.number, f"{where}: the identity proves nothing")
    try:
        verify_equality_proof(key, statement.A, statement.D, proof, statement.challenge)
    except EqualityError as error:
        raise ShareError(statement.number, f"{where}: {error}") from error


def make_share(
    where: ShareContext,
    sums: ContestSums,
    number: int,
    secret: Scalar,
    identity_secret: bytes,
    random: Callable[[int], bytes],
) -> ShareData:
    """Decrypt the sums with trustee `number`'s key share `secret` (x_l) and sign them with the identity key."""
    verification_share = base_multiply(secret)
    items: list[PartialDecryption | None] = []
    for option, (a_sum, b_sum) in enumerate(sums.pairs):
        if a_sum.is_identity:
            items.append(None)
            continue
        d = a_sum.multiply_secret(secret)
        statement = Statement(where.log_id, sums.context, option, number, verification_share, a_sum, b_sum, d)
        proof = make_share_proof(statement, secret, random)
        texts = {"d": d, "a": proof.a, "b": proof.b}
        encoded = {name: b64(point.to_bytes()) for name, point in texts.items()}
        items.append(PartialDecryption(**encoded, z=b64(proof.z.to_bytes())))
    unsigned = ShareData(context=b64(sums.context), i=number, shares=items, signature="")
    signature = schnorr.sign(identity_secret, _message(where, unsigned), random(32))
    return ShareData(context=unsigned.context, i=number, shares=items, signature=b64(signature))


def verify_share_signature(where: ShareContext, trustee: Trustee, share: ShareData) -> None:
    """Check that the trustee signed this share; raises ShareSignatureError. An unsigned share is never logged."""
    if share.i != trustee.number:
        raise ShareSignatureError(trustee.number, f"wrong trustee: expected {trustee.number}, got {share.i}")
    try:
        signature = unb64(share.signature, schnorr.SIGNATURE_SIZE, "signature")
        schnorr.verify(trustee.identity_key, _message(where, share), signature)
    except DataError as error:
        raise ShareSignatureError(trustee.number, f"not signed by its trustee: {error}") from error


def verify_share(where: ShareContext, trustee: Trustee, sums: ContestSums, share: ShareData) -> tuple[Point, ...]:
    """Check one share wholly and return its decryptions D per option (identity where A* is).

    Raises ShareSignatureError where the trustee did not sign it, ShareError where it is signed and wrong.
    """
    verify_share_signature(where, trustee, share)
    if share.context != b64(sums.context):
        raise ShareError(trustee.number, f"wrong contest: expected {b64(sums.context)}, got {share.context}")
    if len(share.shares) != len(sums.pairs):
        raise ShareError(trustee.number, f"expected {len(sums.pairs)} options, got {len(share.shares)}")
    decryptions: list[Point] = []
    for option, (item, (a_sum, b_sum)) in enumerate(zip(share.shares, sums.pairs, strict=True)):
        if (item is None) != a_sum.is_identity:
            expected = "null" if a_sum.is_identity else "a decryption"
            raise ShareError(trustee.number, f"option {option}: expected {expected}")
        if item is None:
            decryptions.append(Point.IDENTITY)
            continue
        d, proof = _decode(trustee.number, option, item)
        key = trustee.verification_share
        verify_share_proof(Statement(where.log_id, sums.context, option, trustee.number, key, a_sum, b_sum, d), proof)
        decryptions.append(d)
    return tuple(decryptions)


@dataclass(frozen=True, slots=True)
class SharesVerdict:
    """The shares of one contest: decryptions by trustee number, and the error of every signed bad share by number."""

    valid: dict[int, tuple[Point, ...]]
    bad: dict[int, ShareError]


def judge_shares(
    where: ShareContext, trustees: Mapping[int, Trustee], sums: ContestSums, shares: Sequence[ShareData]
) -> SharesVerdict:
    """Check all logged shares of one contest.

    A signed bad share is named and skipped. Shares of one trustee count once, however many there are.
    Raises ShareSignatureError for a share of an unknown trustee or without its trustee's signature: those are never
    logged, so whoever wrote the log is at fault and not a trustee.
    """
    valid: dict[int, tuple[Point, ...]] = {}
    bad: dict[int, ShareError] = {}
    for share in shares:
        if share.i not in trustees:
            raise ShareSignatureError(share.i, f"unknown trustee: expected one of {sorted(trustees)}")
        try:
            valid.setdefault(share.i, verify_share(where, trustees[share.i], sums, share))
        except ShareSignatureError:
            raise
        except ShareError as error:
            bad.setdefault(share.i, error)
    return SharesVerdict(valid, bad)


def _message(where: ShareContext, share: ShareData) -> bytes:
    signed = {"context": share.context, "i": share.i, "shares": share.shares}
    return digest(Tag.TRUSTEE_TALLY, where.session, u64(share.i), canonical.encode(signed))


def _decode(number: int, option: int, item: PartialDecryption) -> tuple[Point, EqualityProof]:
    try:
        d, a, b = (Point.from_bytes(unb64(text, POINT_SIZE, "point")) for text in (item.d, item.a, item.b))
        return d, EqualityProof(a, b, Scalar.from_bytes(unb64(item.z, SCALAR_SIZE, "z")))
    except DataError as error:
        raise ShareError(number, f"option {option}: {error}") from error
