"""The recovery blob: the same link on another device goes on (docs/protocol.md §5)."""

from __future__ import annotations

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ballot.errors import BallotFormatError
from ballot.recovery import blob_size, open_recovery, seal_recovery
from ballot.token import blind_token, finalize_token
from keys.canonical import b64
from keys.derive import kdf
from keys.issuer import blind_sign
from tests.simulated.people import issuer_key
from tests.simulated.randomness import seeded
from tests.strategies import VOTER_SEED, cast, issuer, make_contest, verdict

CONTEST = make_contest()
WAITING = blind_token(CONTEST, seeded("waiting"))
BLOB = seal_recovery(CONTEST, WAITING, VOTER_SEED, seeded("blob"))


def test_a_second_device_goes_on_where_the_first_stopped() -> None:
    """Sealed, lost, opened, finalized, cast."""
    signature = blind_sign(issuer(), WAITING.blinded, seeded("issuer"))
    opened = open_recovery(CONTEST, WAITING.blinded, BLOB, VOTER_SEED)
    assert opened == WAITING
    token = finalize_token(CONTEST, opened, signature)
    assert verdict(CONTEST, cast(CONTEST, (0, 1, 0), token=token).data) is None


def test_a_blob_is_508_bytes_with_a_key_of_3072_bits() -> None:
    key = issuer_key("recovery", 3072)
    contest = make_contest(issuer_key=b64(key.modulus))
    waiting = blind_token(contest, seeded("real"))
    blob = seal_recovery(contest, waiting, VOTER_SEED, seeded("blob"))
    assert len(blob) == blob_size(contest) == 508
    assert open_recovery(contest, waiting.blinded, blob, VOTER_SEED) == waiting
    assert len(BLOB) == blob_size(CONTEST) == 508 - 384 + 128


def test_the_blob_is_what_the_protocol_says() -> None:
    key = kdf(VOTER_SEED, b"es1/recovery/" + CONTEST.context, 32)
    bound = CONTEST.context + sha256(WAITING.blinded).digest()
    plain = AESGCM(key).decrypt(BLOB[:12], BLOB[12:], bound)
    assert plain == WAITING.secret + WAITING.prepared + WAITING.inverse


def test_every_flipped_byte_of_a_blob_is_an_alarm() -> None:
    for place in range(len(BLOB)):
        damaged = BLOB[:place] + bytes([BLOB[place] ^ 1]) + BLOB[place + 1 :]
        with pytest.raises(BallotFormatError, match="does not open with this link"):
            open_recovery(CONTEST, WAITING.blinded, damaged, VOTER_SEED)


def test_a_blob_of_another_voter_contest_or_request_does_not_open() -> None:
    other = make_contest(contest="senate")
    again = blind_token(CONTEST, seeded("again"))
    for contest, blinded, seed in (
        (CONTEST, WAITING.blinded, b"W" * 32),
        (other, WAITING.blinded, VOTER_SEED),
        (CONTEST, again.blinded, VOTER_SEED),
    ):
        with pytest.raises(BallotFormatError, match="does not open with this link"):
            open_recovery(contest, blinded, BLOB, seed)


@pytest.mark.parametrize("blob", [b"", BLOB[:-1], BLOB + b"\x00", bytes(508)])
def test_a_blob_of_another_length_is_refused(blob: bytes) -> None:
    with pytest.raises(BallotFormatError, match=f"expected {len(BLOB)} bytes, got {len(blob)}"):
        open_recovery(CONTEST, WAITING.blinded, blob, VOTER_SEED)


def test_secrets_do_not_show_in_messages() -> None:
    assert WAITING.secret.hex() not in repr(WAITING)
    assert str(WAITING) == "BlindedToken(…)"
