"""Signatures on the steps, their wire form, and the transcript (docs/protocol.md §3)."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import pytest

from keys import canonical, schnorr
from keys.canonical import b64, unb64
from keys.errors import DataError, SignatureError
from keys.trustee import (
    CeremonyError,
    CommittedData,
    ComplainedData,
    ConfirmedData,
    HashedData,
    SharedData,
    StepData,
    TrusteeMessage,
)
from keys.trustee.complaint import make_complained
from keys.trustee.confirmation import transcript_hash, verify_confirmed
from keys.trustee.messages import verify_step
from tests.keys.trustees import Stream, finished, flipped, length_prefixed

replace = msgspec.structs.replace
DONE = finished()
SESSION = DONE.ceremony.session
MESSAGE = DONE.ceremony.messages[0]


STEPS: list[StepData] = [
    DONE.ceremony.hashed[1],
    DONE.ceremony.committed[1],
    DONE.ceremony.shared[1],
    DONE.ceremony.confirmed[1],
    make_complained(SESSION, 1, 2, DONE.files[0].hpke_secret(SESSION), DONE.signer(1), Stream("complaint")),
]


@pytest.mark.parametrize("data", STEPS, ids=lambda data: type(data).__name__)
def test_a_step_is_signed_by_its_trustee_over_its_own_tag(data: StepData) -> None:
    verify_step(SESSION, data)
    name = type(data).__name__.removesuffix("Data").lower()
    document = canonical.decode(canonical.encode(data), dict)
    signature = unb64(document.pop("signature"), 64, "signature")
    hashed = length_prefixed(f"es1/trustee-{name}".encode(), SESSION.id, (1).to_bytes(8, "big"))
    hashed += length_prefixed(canonical.encode(document))
    schnorr.verify(SESSION.identity(1), hashlib.sha256(hashed).digest(), signature)


@pytest.mark.parametrize("data", STEPS, ids=lambda data: type(data).__name__)
def test_a_step_survives_the_wire(data: StepData) -> None:
    assert canonical.decode(canonical.encode(data), type(data)) == data


@pytest.mark.parametrize("data", STEPS, ids=lambda data: type(data).__name__)
def test_a_changed_signature_is_refused(data: StepData) -> None:
    with pytest.raises(SignatureError, match="trustee 1: signature"):
        verify_step(SESSION, replace(data, signature=flipped(data.signature)))


@pytest.mark.parametrize(
    ("data", "change"),
    [
        (STEPS[0], {"hash": b64(bytes(32))}),
        (STEPS[1], {"message": replace(MESSAGE, hpke=b64(bytes(32)))}),
        (STEPS[2], {"shares": ()}),
        (STEPS[3], {"transcript": b64(bytes(32))}),
        (STEPS[4], {"against": 3}),
        (STEPS[4], {"secret": b64(bytes(32))}),
        (STEPS[0], {"i": 2}),
        (STEPS[1], {"message": replace(MESSAGE, i=2)}),
        (STEPS[2], {"i": 2}),
        (STEPS[3], {"i": 3}),
        (STEPS[4], {"i": 3}),
    ],
)
def test_any_changed_member_breaks_the_signature(data: StepData, change: dict[str, Any]) -> None:
    with pytest.raises(SignatureError, match=r"trustee \d: signature"):
        verify_step(SESSION, replace(data, **change))


@pytest.mark.parametrize("data", STEPS, ids=lambda data: type(data).__name__)
def test_a_step_of_another_session_is_refused(data: StepData) -> None:
    other = finished(5, 3).ceremony.session
    with pytest.raises(CeremonyError, match="trustee 1: wrong session: expected"):
        verify_step(other, data)


def test_a_step_of_an_unknown_trustee_is_refused() -> None:
    with pytest.raises(CeremonyError, match="trustee 4: expected a number from 1 to 3"):
        verify_step(SESSION, replace(DONE.ceremony.hashed[1], i=4))


def test_the_transcript_is_that_of_the_protocol_whatever_the_order_of_arrival() -> None:
    c = DONE.ceremony
    parts = [canonical.encode(kind[i]) for kind in (c.hashed, c.committed, c.shared) for i in (1, 2, 3)]
    assert c.transcript == hashlib.sha256(length_prefixed(b"es1/transcript", SESSION.id, *parts)).digest()
    mixed = [[kind[i] for i in (3, 1, 2)] for kind in (c.hashed, c.committed, c.shared)]
    assert transcript_hash(SESSION, *mixed) == c.transcript  # type: ignore[arg-type]


def test_a_confirmation_of_another_transcript_is_refused() -> None:
    confirmed = DONE.ceremony.confirmed[2]
    verify_confirmed(SESSION, confirmed, DONE.ceremony.transcript)
    with pytest.raises(CeremonyError, match="trustee 2: wrong transcript: expected"):
        verify_confirmed(SESSION, confirmed, bytes(32))


@pytest.mark.parametrize("kind", [HashedData, CommittedData, SharedData, ConfirmedData, ComplainedData, TrusteeMessage])
def test_members_missing_or_unknown_are_refused(kind: type[Any]) -> None:
    samples: dict[type[Any], Any] = {type(data): data for data in STEPS} | {TrusteeMessage: MESSAGE}
    document = canonical.decode(canonical.encode(samples[kind]), dict)
    for name in document:
        with pytest.raises(DataError, match=kind.__name__):
            canonical.decode(canonical.encode({k: v for k, v in document.items() if k != name}), kind)
    with pytest.raises(DataError, match=kind.__name__):
        canonical.decode(canonical.encode({**document, "extra": 1}), kind)
