"""The recovery blob: a voter who loses the device between token and ballot goes on with the same link (§5)."""

from collections.abc import Callable
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ballot.contest import ContestRules
from ballot.errors import BallotFormatError
from ballot.token import PREPARED_SIZE, SECRET_SIZE, BlindedToken
from keys.derive import kdf

NONCE_SIZE: Final = 12
_TAG_SIZE: Final = 16


def blob_size(contest: ContestRules) -> int:
    """12 + 32 + 64 + 384 + 16 = 508 bytes (shorter only with a rehearsal's shorter issuer key)."""
    return NONCE_SIZE + SECRET_SIZE + PREPARED_SIZE + len(contest.modulus) + _TAG_SIZE


def seal_recovery(
    contest: ContestRules, waiting: BlindedToken, credential_seed: bytes, random: Callable[[int], bytes]
) -> bytes:
    """Encrypt what the blind client keeps, under a key that only the link's holder can derive."""
    nonce = random(NONCE_SIZE)
    plain = waiting.secret + waiting.prepared + waiting.inverse
    return nonce + _cipher(contest, credential_seed).encrypt(nonce, plain, _bound(contest, waiting.blinded))


def open_recovery(contest: ContestRules, blinded: bytes, blob: bytes, credential_seed: bytes) -> BlindedToken:
    """Decrypt a blob. One that does not open is an alarm, not an empty state: BallotFormatError."""
    if len(blob) != blob_size(contest):
        message = f"recovery blob: expected {blob_size(contest)} bytes, got {len(blob)}"
        raise BallotFormatError(message)
    nonce, sealed = blob[:NONCE_SIZE], blob[NONCE_SIZE:]
    try:
        plain = _cipher(contest, credential_seed).decrypt(nonce, sealed, _bound(contest, blinded))
    except InvalidTag:
        message = "recovery blob: does not open with this link: it was exchanged or damaged; tell the committee"
        raise BallotFormatError(message) from None
    secret, prepared = plain[:SECRET_SIZE], plain[SECRET_SIZE : SECRET_SIZE + PREPARED_SIZE]
    return BlindedToken(secret, prepared, blinded, plain[SECRET_SIZE + PREPARED_SIZE :])


def _cipher(contest: ContestRules, credential_seed: bytes) -> AESGCM:
    return AESGCM(kdf(credential_seed, b"es1/recovery/" + contest.context, 32))


def _bound(contest: ContestRules, blinded: bytes) -> bytes:
    return contest.context + sha256(blinded).digest()
