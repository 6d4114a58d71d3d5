"""One-time ballot tokens: the blind client and the check of a token (docs/protocol.md §5, RFC 9474).

The booth draws a token key, has its hash signed blindly by the contest's issuer, and unblinds. Who issues sees the
credential and a blinded value; who counts sees the token; nothing connects the two, whatever computers will be able to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ballot.ballot import BallotData, owner_of
from ballot.contest import ContestRules
from ballot.errors import ContextError, OwnerError, TokenError
from keys import blind_rsa, schnorr
from keys.canonical import Wire, b64, unb64
from keys.curve import ORDER
from keys.transcript import Tag, digest

SECRET_SIZE: Final = 32
PREPARED_SIZE: Final = 64


@dataclass(frozen=True, slots=True)
class BlindedToken:
    """What the booth keeps while it waits for the blind signature; ``blinded`` is what it sends."""

    secret: bytes
    prepared: bytes
    blinded: bytes
    inverse: bytes

    def __repr__(self) -> str:
        return "BlindedToken(…)"


@dataclass(frozen=True, slots=True)
class SpendableToken:
    """A finished token: its secret key, its BIP-340 key, the prepared message and the issuer's signature."""

    secret: bytes
    key: bytes
    prepared: bytes
    signature: bytes

    def __repr__(self) -> str:
        return "SpendableToken(…)"


class TokenRequest(Wire, frozen=True):
    """A request for a blind signature; ``recovery`` and its signature are both null where the contest says so."""

    context: str
    blinded: str
    signature: str
    recovery: str | None
    recovery_signature: str | None


def draw_secret(random: Callable[[int], bytes]) -> bytes:
    """A fresh 32-byte secret key, 1 … q-1, by rejection."""
    while True:
        secret = random(SECRET_SIZE)
        if 0 < int.from_bytes(secret, "big") < ORDER:
            return secret


def token_message(context: bytes, key: bytes) -> bytes:
    """``msg = H("es1/token", context, token key)``: a token is for one contest of one poll only (A12)."""
    return digest(Tag.TOKEN, context, key)


def blind_token(contest: ContestRules, random: Callable[[int], bytes]) -> BlindedToken:
    """Draw a token key and blind its message for the contest's issuer; all randomness is true and fresh."""
    secret = draw_secret(random)
    message = token_message(contest.context, schnorr.public_key(secret))
    prepared = blind_rsa.prepare(message, random(blind_rsa.PREFIX_SIZE))
    blinded, inverse = blind_rsa.blind(contest.modulus, prepared, random)
    return BlindedToken(secret, prepared, blinded, inverse)


def finalize_token(contest: ContestRules, waiting: BlindedToken, blind_signature: bytes) -> SpendableToken:
    """Unblind and verify the issuer's answer; BlindSignatureError leaves ``waiting`` as it was (A33)."""
    signature = blind_rsa.finalize(contest.modulus, waiting.prepared, blind_signature, waiting.inverse)
    return SpendableToken(waiting.secret, schnorr.public_key(waiting.secret), waiting.prepared, signature)


def issue_message(context: bytes, blinded: bytes) -> bytes:
    """What the credential signs to get a token: ``H("es1/issue", context, blinded)``; published after the close."""
    return digest(Tag.ISSUE, context, blinded)


def make_request(
    contest: ContestRules,
    waiting: BlindedToken,
    credential_secret: bytes,
    recovery: bytes | None,
    random: Callable[[int], bytes],
) -> TokenRequest:
    """The request of one credential for one token; ``recovery`` is the sealed blob or None."""
    signature = schnorr.sign(credential_secret, issue_message(contest.context, waiting.blinded), random(32))
    second = None
    if recovery is not None:
        message = recovery_message(contest.context, waiting.blinded, recovery)
        second = b64(schnorr.sign(credential_secret, message, random(32)))
    return TokenRequest(
        context=b64(contest.context),
        blinded=b64(waiting.blinded),
        signature=b64(signature),
        recovery=None if recovery is None else b64(recovery),
        recovery_signature=second,
    )


def recovery_message(context: bytes, blinded: bytes, recovery: bytes) -> bytes:
    """What the credential signs about its recovery blob: ``H("es1/recovery", context, blinded, recovery)``."""
    return digest(Tag.RECOVERY, context, blinded, recovery)


def verify_token(contest: ContestRules, request: BallotData) -> bytes:
    """Check context, token and owner of a cast request; returns the token key. The cheap part, before any point.

    Raises ContextError, TokenError (BlindSignatureError for the signature itself) or OwnerError.
    """
    if unb64(request.context, 32, "ballot: context") != contest.context:
        message = "ballot: wrong context: expected that of the contest"
        raise ContextError(message)
    key = unb64(request.token.key, schnorr.KEY_SIZE, "token: key")
    prepared = unb64(request.token.prepared, PREPARED_SIZE, "token: prepared")
    if prepared[blind_rsa.PREFIX_SIZE :] != token_message(contest.context, key):
        message = "token: the prepared message is not that of this key in this contest"
        raise TokenError(message)
    signature = unb64(request.token.sig, len(contest.modulus), "token: sig")
    blind_rsa.verify_signature(contest.modulus, prepared, signature)
    owner = unb64(request.body.owner, 32, "ballot: owner")
    if owner != owner_of(key, unb64(request.token.t, 32, "token: t")):
        message = "ballot: the owner is not the token's key"
        raise OwnerError(message)
    return key
