"""Who takes part, and the hash of a session (docs/protocol.md §3.0)."""

from __future__ import annotations

import hashlib

import pytest

from keys import schnorr
from keys.errors import PointError
from keys.trustee import CeremonyError, TrusteeSession
from keys.trustee.session import hpke_secret, identity_secret
from tests.keys.trustees import ELECTION, LOG_ID, Stream, new_session

KEYS = tuple(schnorr.public_key(bytes(31) + bytes([i])) for i in range(1, 11))


def length_prefixed(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def test_the_session_hash_is_that_of_the_protocol() -> None:
    session = TrusteeSession(LOG_ID, 7, 2, KEYS[:3])
    numbers = [number.to_bytes(8, "big") for number in (7, 2, 3)]
    assert session.id == hashlib.sha256(length_prefixed(b"es1/session", LOG_ID, *numbers, *KEYS[:3])).digest()


def test_every_part_changes_the_session_hash() -> None:
    sessions = [
        TrusteeSession(LOG_ID, 1, 2, KEYS[:3]),
        TrusteeSession(bytes(32), 1, 2, KEYS[:3]),
        TrusteeSession(LOG_ID, 2, 2, KEYS[:3]),
        TrusteeSession(LOG_ID, 1, 3, KEYS[:3]),
        TrusteeSession(LOG_ID, 1, 2, (KEYS[1], KEYS[0], KEYS[2])),
        TrusteeSession(LOG_ID, 1, 2, (*KEYS[:2], KEYS[3])),
        TrusteeSession(LOG_ID, 1, 2, KEYS[:2]),
    ]
    assert len({session.id for session in sessions}) == len(sessions)


@pytest.mark.parametrize(
    ("n", "k", "allowed"),
    [
        (1, 1, False),
        (2, 1, False),
        (2, 2, True),
        (2, 3, False),
        (3, 1, False),
        (3, 2, True),
        (4, 2, False),
        (4, 3, True),
        (5, 3, True),
        (6, 3, False),
        (9, 4, False),
        (9, 5, True),
        (9, 9, True),
        (10, 6, False),
        (0, 0, False),
    ],
)
def test_thresholds(n: int, k: int, *, allowed: bool) -> None:
    if allowed:
        assert TrusteeSession(LOG_ID, 1, k, KEYS[:n]).n == n
    else:
        with pytest.raises(CeremonyError, match="session: expected 2 <= k <= n <= 9 and k > n/2"):
            TrusteeSession(LOG_ID, 1, k, KEYS[:n])


def test_one_person_twice_is_refused() -> None:
    with pytest.raises(CeremonyError, match="trustee 3: the identity key of trustee 1 appears again"):
        TrusteeSession(LOG_ID, 1, 2, (KEYS[0], KEYS[1], KEYS[0]))


def test_a_key_off_the_curve_a_bad_attempt_and_a_bad_log_are_refused() -> None:
    with pytest.raises(PointError, match="x-coordinate"):
        TrusteeSession(LOG_ID, 1, 2, (KEYS[0], b"\xff" * 32))
    with pytest.raises(CeremonyError, match="attempt from 1, got 0"):
        TrusteeSession(LOG_ID, 0, 2, KEYS[:2])
    with pytest.raises(CeremonyError, match="log id of 32 bytes, got 31"):
        TrusteeSession(LOG_ID[1:], 1, 2, KEYS[:2])


def test_numbers_are_1_to_n() -> None:
    session, files, _ = new_session()
    assert [session.number_of(file.identity_key) for file in files] == [1, 2, 3]
    for i in (0, 4, -1):
        with pytest.raises(CeremonyError, match=f"trustee {i}: expected a number from 1 to 3"):
            session.identity(i)
    with pytest.raises(CeremonyError, match="no trustee has the identity key"):
        session.number_of(KEYS[0])


def test_the_seed_gives_another_key_per_election_and_per_session() -> None:
    seed = Stream("seed")(32)
    assert identity_secret(seed, ELECTION) != identity_secret(seed, "other")
    assert hpke_secret(seed, bytes(32)) != hpke_secret(seed, b"\1" * 32)
