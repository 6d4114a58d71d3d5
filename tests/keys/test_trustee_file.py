"""What a trustee keeps and does next (keys/trustee/file.py, keys/trustee/tool.py)."""

from __future__ import annotations

from dataclasses import replace as dataclass_replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import canonical
from keys.canonical import b64
from keys.curve import Scalar, base_multiply
from keys.errors import DataError
from keys.keyfile import Cost, KeyFileError, open_key_file, seal_key_file
from keys.trustee import (
    Ceremony,
    CeremonyError,
    CommittedData,
    ComplainedData,
    ConfirmedData,
    HashedData,
    SharedData,
    TrusteeMessage,
    TrusteeProofError,
    TrusteeSession,
)
from keys.trustee.canary import verify_canary
from keys.trustee.file import (
    KIND,
    TrusteeFile,
    new_trustee_file,
    open_trustee_file,
    record_decryption,
    remember_log,
    seal_trustee_file,
    start_session,
)
from keys.trustee.messages import sign_step
from keys.trustee.tool import canary, next_step
from tests.keys.trustees import ELECTION, LOG_ID, Stream, finished, flipped, new_session, play

replace = msgspec.structs.replace
CHEAP = Cost(memory=8 * 1024, iterations=1, lanes=1)


# --- storage


def test_a_file_comes_back_whole_at_every_stage() -> None:
    session, files, random = new_session(seed="stages")
    ceremony = Ceremony(session)
    for _ in range(5):
        for file in files:
            assert open_trustee_file(seal_trustee_file(file, "p", random, CHEAP), "p") == file
        ceremony = play(ceremony, files, random, rounds=1)
    stored = record_decryption(remember_log(files[0], 9, bytes(32)), bytes(32), b"\1" * 32)
    assert open_trustee_file(seal_trustee_file(stored, "p", random, CHEAP), "p") == stored


def test_the_wrong_passphrase_opens_nothing() -> None:
    raw = seal_trustee_file(finished().files[0], "p", Stream("x"), CHEAP)
    with pytest.raises(KeyFileError, match="wrong passphrase"):
        open_trustee_file(raw, "q")


def test_nothing_secret_stands_in_the_open() -> None:
    file = finished().files[0]
    assert file.current is not None
    assert file.current.confirmed is not None
    raw = seal_trustee_file(file, "p", Stream("x"), CHEAP).decode()
    for secret in (file.seed, *file.current.coefficients, file.current.confirmed.secret_share):
        assert secret not in raw
    assert b64(file.identity_key) in raw


@pytest.mark.parametrize(
    "change",
    [
        {"seed": b64(bytes(31))},
        {"log": {"root": "", "size": 1}},
        {"log": {"root": b64(bytes(32)), "size": -1}},
        {"decrypted": [{"context": "", "sums": b64(bytes(32))}]},
        {"decrypted": [{"context": b64(bytes(32)), "sums": "AA"}]},
        {"v": "es2"},
        {"election": "Not An Id"},
        {"more": 1},
    ],
)
def test_broken_content_is_refused_although_it_was_sealed(change: dict[str, object]) -> None:
    document = canonical.decode(canonical.encode(finished().files[0]), dict)
    raw = seal_key_file(KIND, {}, canonical.encode({**document, **change}), "p", Stream("x"), CHEAP)
    with pytest.raises(DataError, match=r"TrusteeFile|trustee file"):
        open_trustee_file(raw, "p")


@pytest.mark.parametrize(
    ("member", "value"),
    [("secret_share", b64(b"\xff" * 32)), ("joint_key", b64(bytes(33))), ("transcript", "AA")],
)
def test_broken_confirmations_are_refused(member: str, value: str) -> None:
    file = finished().files[0]
    assert file.current is not None
    confirmed = replace(file.confirmed, **{member: value})
    bad = replace(file, current=replace(file.current, confirmed=confirmed))
    raw = seal_trustee_file(bad, "p", Stream("x"), CHEAP)
    with pytest.raises(DataError, match=r"scalar|point|trustee file"):
        open_trustee_file(raw, "p")


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_neither_a_file_nor_a_message(data: bytes) -> None:
    with pytest.raises(DataError, match=r"KeyFile|key file"):
        open_trustee_file(data, "p")
    for kind in (TrusteeFile, TrusteeMessage, HashedData, CommittedData, SharedData, ConfirmedData, ComplainedData):
        with pytest.raises(DataError, match=kind.__name__):
            canonical.decode(data, kind)


# --- the seed


def test_a_seed_that_gives_no_key_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from keys.trustee import file as module

    calls: list[bytes] = []

    def picky(seed: bytes, election: str) -> bytes:
        calls.append(seed)
        if len(calls) == 1:
            raise DataError("seed: derives no key")
        return seed

    monkeypatch.setattr(module, "identity_secret", picky)
    made = new_trustee_file(ELECTION, Stream("seed"))
    assert len(calls) == 2
    assert made.seed == b64(calls[1]) != b64(calls[0])


# --- sessions


def test_starting_the_same_session_again_changes_nothing() -> None:
    session, files, _ = new_session(seed="again")
    started = start_session(files[0], session, Stream("one"))
    assert start_session(started, session, Stream("two")) == started


def test_a_session_without_this_trustee_is_refused() -> None:
    session, _, random = new_session(seed="stranger")
    with pytest.raises(CeremonyError, match="no trustee has the identity key"):
        start_session(new_trustee_file(ELECTION, random), session, random)


def test_after_a_finished_session_no_other_is_started() -> None:
    done = finished()
    first = done.ceremony.session
    second = TrusteeSession(first.log_id, 2, first.k, first.identities)
    file, data = next_step(done.files[0], done.ceremony, Stream("x"))
    assert data is None
    with pytest.raises(CeremonyError, match="trustee 1: attempt 2 refused: the file holds attempt 1, which is done"):
        start_session(file, second, Stream("x"))


def test_an_earlier_attempt_is_refused() -> None:
    session, files, random = new_session(attempt=2, seed="earlier")
    started = start_session(files[0], session, random)
    earlier = TrusteeSession(session.log_id, 1, session.k, session.identities)
    with pytest.raises(CeremonyError, match="attempt 1 refused: the file holds attempt 2, which is not earlier"):
        start_session(started, earlier, random)


def test_a_crash_before_publishing_repeats_the_same_step() -> None:
    session, files, random = new_session(seed="crash")
    stored, first = next_step(files[0], Ceremony(session), random)
    again, second = next_step(stored, Ceremony(session), random)
    assert isinstance(first, HashedData)
    assert isinstance(second, HashedData)
    assert (stored, first.hash) == (again, second.hash)


def test_nothing_is_due_while_others_are() -> None:
    session, files, random = new_session(seed="waiting")
    files[0], data = next_step(files[0], Ceremony(session), random)
    assert data is not None
    assert next_step(files[0], Ceremony(session).add(data), random) == (files[0], None)


def test_a_lost_file_does_not_go_on_with_another_polynomial() -> None:
    session, files, random = new_session(seed="lost")
    ceremony = play(Ceremony(session), files, random, rounds=1)
    lost = replace(files[0], current=None)
    with pytest.raises(CeremonyError, match="trustee 1: the log holds a message that this file did not make"):
        next_step(lost, ceremony, random)


def shared_twice() -> tuple[Ceremony, Ceremony, list[TrusteeFile], Stream]:
    """Two views of one session up to the shares: honest, and with a second set of shares by trustee 3, of which the
    one for trustee 1 does not open."""
    session, files, random = new_session(seed="views")
    ceremony = play(Ceremony(session), files, random, rounds=3)
    data = ceremony.shared[3]
    shares = (replace(data.shares[0], sealed=flipped(data.shares[0].sealed)), data.shares[1])
    forged = sign_step(session, replace(data, shares=shares), files[2].identity_secret, random)
    other = dataclass_replace(ceremony, shared={**ceremony.shared, 3: forged})
    return ceremony, other, files, random


def test_a_trustee_that_confirmed_gives_its_secret_to_no_complaint() -> None:
    honest, forged, files, random = shared_twice()
    file, data = next_step(files[0], honest, random)
    assert isinstance(data, ConfirmedData)
    with pytest.raises(TrusteeProofError, match=r"trustee 3: share for trustee 1: .*does not open"):
        next_step(file, forged, random)


def test_a_trustee_that_complained_does_not_confirm_afterwards() -> None:
    honest, forged, files, random = shared_twice()
    file, data = next_step(files[0], forged, random)
    assert isinstance(data, ComplainedData)
    assert data.against == 3
    again, second = next_step(file, honest, random)
    assert isinstance(second, ComplainedData)
    assert (again, second.against) == (file, 3)
    worse = honest.shared[2]
    shares = (replace(worse.shares[0], sealed=flipped(worse.shares[0].sealed)), worse.shares[1])
    resigned = sign_step(honest.session, replace(worse, shares=shares), files[1].identity_secret, random)
    _, third = next_step(file, dataclass_replace(honest, shared={**honest.shared, 2: resigned}), random)
    assert isinstance(third, ComplainedData)
    assert third.against == 3  # one complaint per session, whatever is shown later


def test_no_second_transcript_is_confirmed() -> None:
    """A24: shares that are right, but not the ones confirmed before."""
    honest, _, files, random = shared_twice()
    file, _ = next_step(files[0], honest, random)
    resigned = sign_step(honest.session, honest.shared[3], files[2].identity_secret, random)
    other = dataclass_replace(honest, shared={**honest.shared, 3: resigned})
    with pytest.raises(CeremonyError, match="trustee 1: this file confirmed another transcript of this session"):
        next_step(file, other, random)


# --- memory


def test_another_joint_key_is_refused() -> None:
    done = finished()
    file, joint = done.files[0], done.joint
    assert base_multiply(file.secret_share(joint)) == joint.verification_share(1)
    for other in (
        dataclass_replace(joint, point=base_multiply(Scalar(3))),
        dataclass_replace(joint, session=bytes(32)),
    ):
        with pytest.raises(CeremonyError, match="joint key: expected"):
            file.secret_share(other)
        with pytest.raises(CeremonyError, match="joint key: expected"):
            canary(file, LOG_ID, other, 1, Stream("x"))


def test_before_confirming_there_is_neither_share_nor_number() -> None:
    fresh = new_trustee_file(ELECTION, Stream("fresh"))
    with pytest.raises(CeremonyError, match="no session was confirmed"):
        fresh.secret_share(finished().joint)
    with pytest.raises(CeremonyError, match="no session was started"):
        _ = fresh.number
    with pytest.raises(CeremonyError, match=r"wrong session: expected .*, got none"):
        fresh.secrets_of(finished().ceremony.session)


def test_the_tool_makes_a_canary_that_verifies() -> None:
    done = finished()
    for file in done.files:
        verify_canary(LOG_ID, done.joint, canary(file, LOG_ID, done.joint, 4, Stream("canary")))


def test_a_log_that_shrinks_or_changes_is_refused() -> None:
    file = remember_log(finished().files[0], 10, b"r" * 32)
    assert remember_log(file, 10, b"r" * 32) == file
    assert remember_log(file, 11, b"s" * 32).log != file.log
    for size, root in ((9, b"r" * 32), (10, b"s" * 32), (0, bytes(32))):
        with pytest.raises(CeremonyError, match="log: expected one that extends size 10"):
            remember_log(file, size, root)


def test_one_decryption_per_contest() -> None:
    """A27: a second set of sums for a contest is refused; the same again is the same share."""
    file = record_decryption(finished().files[0], b"c" * 32, b"s" * 32)
    assert record_decryption(file, b"c" * 32, b"s" * 32) == file
    assert len(record_decryption(file, b"d" * 32, b"s" * 32).decrypted) == 2
    with pytest.raises(CeremonyError, match="a share for other sums was made before"):
        record_decryption(file, b"c" * 32, b"t" * 32)


def test_a_file_of_another_kind_is_no_trustees_file() -> None:
    raw = seal_key_file("member", {}, b"{}", "p", Stream("x"), CHEAP)
    assert open_key_file(raw, "member", "p") == b"{}"
    with pytest.raises(KeyFileError, match="expected a trustee's file, got a member's"):
        open_trustee_file(raw, "p")
