"""Ballot links and logging in with them (docs/protocol.md §4)."""

from collections.abc import Callable
from typing import Final

from keys import schnorr
from keys.canonical import b64, unb64
from keys.derive import credential_key
from keys.errors import FormatError
from keys.ids import check_id
from keys.transcript import Tag, digest

SEED_SIZE: Final = 32
LOG_PREFIX_SIZE: Final = 16
NONCE_SIZE: Final = 32
_PATH: Final = "/vote/"


def make_link(public_url: str, election: str, seed: bytes, log_id: bytes) -> str:
    """``https://HOST/vote/ELECTION#`` ‖ base64url(seed ‖ first 16 bytes of the log id)."""
    return f"{public_url.rstrip('/')}{_PATH}{election}#{b64(seed + log_id[:LOG_PREFIX_SIZE])}"


def read_link(link: str) -> tuple[str, str, bytes, bytes]:
    """(public URL, election, seed, log id prefix) of a ballot link; FormatError otherwise, without the secret in it."""
    address, found, fragment = link.partition("#")
    base, path, election = address.rpartition(_PATH)
    if not found or not path:
        message = "ballot link: expected https://HOST/vote/ELECTION#…"
        raise FormatError(message)
    check_id(election, "ballot link: election")
    secret = unb64(fragment, SEED_SIZE + LOG_PREFIX_SIZE, "ballot link: the part after #")
    return base, election, secret[:SEED_SIZE], secret[SEED_SIZE:]


def login_message(log_id: bytes, origin: str, credential: bytes, nonce: bytes) -> bytes:
    """``H("es1/login", log id, origin, credential, nonce)``; origin as the booth's own location has it."""
    return digest(Tag.LOGIN, log_id, origin.encode(), credential, nonce)


def sign_login(
    seed: bytes, election: str, log_id: bytes, origin: str, nonce: bytes, random: Callable[[int], bytes]
) -> bytes:
    """The credential's answer to a login nonce."""
    secret = credential_key(seed, election)
    message = login_message(log_id, origin, schnorr.public_key(secret), nonce)
    return schnorr.sign(secret, message, random(32))
