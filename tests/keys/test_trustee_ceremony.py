"""The ceremony as a whole: stages, the joint key, voided sessions (docs/protocol.md §3)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import msgspec
import pytest

from keys.curve import Point, Scalar, base_multiply, point_sum
from keys.errors import SignatureError
from keys.shares import Polynomial, lagrange_coefficients
from keys.trustee import (
    Ceremony,
    CeremonyError,
    HashedData,
    SharedData,
    Stage,
    StepData,
    TrusteeSession,
    verify_ceremony,
)
from keys.trustee.ceremony import joint_key_of
from keys.trustee.commitment import make_committed, make_hashed, make_message
from keys.trustee.complaint import make_complained
from keys.trustee.confirmation import make_confirmed
from keys.trustee.file import TrusteeFile, start_session
from keys.trustee.messages import sign_step
from keys.trustee.share import make_shared
from keys.trustee.tool import next_step
from tests.keys.trustees import Done, Stream, finished, flipped, new_session, play

replace = msgspec.structs.replace


@pytest.mark.parametrize(("n", "k"), [(2, 2), (3, 2), (5, 3), (9, 5)])
def test_a_whole_ceremony_gives_one_key_and_a_share_to_everyone(n: int, k: int) -> None:
    done = finished(n, k)
    ceremony, joint = done.ceremony, done.joint
    assert ceremony.stage is Stage.DONE
    assert (joint.n, joint.k, joint.session) == (n, k, ceremony.session.id)
    rounds = (ceremony.hashed, ceremony.committed, ceremony.shared, ceremony.confirmed)
    assert verify_ceremony(ceremony.session, *(kind.values() for kind in rounds)) == joint  # type: ignore[arg-type]  # four maps of four types
    secret = Scalar.ZERO
    for i, file in enumerate(done.files, start=1):
        assert base_multiply(file.secret_share(joint)) == joint.verification_share(i)
        secret = secret + done.polynomial(i).coefficients[0]
    assert base_multiply(secret) == joint.point


def decrypts(done: Done, numbers: tuple[int, ...]) -> bool:
    """Whether these trustees together compute Y·r from r·G, which is what decryption is."""
    a, expected = base_multiply(Scalar(424242)), done.joint.point * Scalar(424242)
    coefficients = lagrange_coefficients(numbers)
    parts = [a * (done.files[l - 1].secret_share(done.joint) * coefficients[l]) for l in numbers]
    return point_sum(parts) == expected


@pytest.mark.parametrize(("n", "k"), [(2, 2), (3, 2), (3, 3), (4, 3), (5, 3), (5, 4), (7, 4)])
def test_every_k_trustees_decrypt_and_fewer_never_do(n: int, k: int) -> None:
    """A29."""
    done = finished(n, k)
    for size in range(1, n + 1):
        for numbers in combinations(range(1, n + 1), size):
            assert decrypts(done, numbers) == (size >= k), numbers


def test_the_key_is_not_the_sum_of_fewer_trustees() -> None:
    done = finished()
    points = [base_multiply(done.polynomial(i).coefficients[0]) for i in (1, 2, 3)]
    assert point_sum(points) == done.joint.point
    assert point_sum(points[:2]) != done.joint.point


def test_stages_follow_one_another() -> None:
    session, files, random = new_session(seed="stages")
    ceremony = Ceremony(session)
    seen = [ceremony.stage]
    for _ in range(4):
        ceremony = play(ceremony, files, random, rounds=1)
        seen.append(ceremony.stage)
    assert seen == [Stage.HASHED, Stage.COMMITTED, Stage.SHARED, Stage.CONFIRMED, Stage.DONE]


@pytest.mark.parametrize("stage", [0, 1, 2, 3, 4])
def test_a_message_out_of_turn_is_refused(stage: int) -> None:
    done = finished().ceremony
    rounds: list[StepData] = [done.hashed[1], done.committed[1], done.shared[1], done.confirmed[1]]
    maps: list[Mapping[int, StepData]] = [done.hashed, done.committed, done.shared, done.confirmed]
    ceremony = Ceremony(done.session)
    for messages in maps[:stage]:
        for data in messages.values():
            ceremony = ceremony.add(data)
    for number, data in enumerate(rounds):
        if number != stage:
            with pytest.raises(CeremonyError, match=r"trustee 1: .* out of turn: expected"):
                ceremony.add(data)


def test_a_message_given_twice_is_refused() -> None:
    done = finished().ceremony
    ceremony = Ceremony(done.session).add(done.hashed[1])
    with pytest.raises(CeremonyError, match="trustee 1: HashedData given twice"):
        ceremony.add(done.hashed[1])


def test_no_key_without_all_confirmations() -> None:
    done = finished().ceremony
    with pytest.raises(CeremonyError, match="expected confirmations of all trustees, stands at confirmed"):
        verify_ceremony(
            done.session,
            done.hashed.values(),
            done.committed.values(),
            done.shared.values(),
            [done.confirmed[1], done.confirmed[3]],
        )


def test_an_ignored_message_changes_nothing() -> None:
    done = finished().ceremony
    before = Ceremony(done.session).add(done.hashed[1])
    with pytest.raises(SignatureError, match="trustee 2: signature"):
        before.add(replace(done.hashed[2], signature=flipped(done.hashed[2].signature)))
    assert list(before.hashed) == [1]
    assert before.add(done.hashed[2]).stage is Stage.HASHED


def test_no_step_is_taken_without_its_trustees_signature() -> None:
    done = finished().ceremony
    session = done.session
    complaint = make_complained(
        session, 1, 2, finished().files[0].hpke_secret(session), finished().signer(1), Stream("x")
    )
    steps: list[tuple[Ceremony, StepData]] = [
        (Ceremony(session), done.hashed[1]),
        (Ceremony(session, done.hashed), done.committed[1]),
        (Ceremony(session, done.hashed, done.committed), done.shared[1]),
        (Ceremony(session, done.hashed, done.committed, done.shared), done.confirmed[1]),
        (Ceremony(session, done.hashed, done.committed, done.shared), complaint),
    ]
    for before, data in steps:
        assert before.add(data).stage
        with pytest.raises(SignatureError, match="trustee 1: signature"):
            before.add(replace(data, signature=flipped(data.signature)))


def cheated(victim: int = 2, dealer: int = 1) -> tuple[Ceremony, list[TrusteeFile]]:
    """A session in which ``dealer`` seals a wrong share to ``victim``, up to the end of the tools' work."""
    session, files, random = new_session(seed="cheat")
    ceremony = play(Ceremony(session), files, random, rounds=2)

    def meddle(data: StepData) -> StepData:
        if isinstance(data, SharedData) and data.i == dealer:
            others = [share for share in data.shares if share.to != victim]
            wrong = next(share for share in data.shares if share.to == victim)
            forged = [*others, replace(wrong, sealed=flipped(wrong.sealed, 400))]
            shares = tuple(sorted(forged, key=lambda share: share.to))
            return sign_step(session, replace(data, shares=shares), files[dealer - 1].identity_secret, random)
        return data

    ceremony = play(ceremony, files, random, rounds=1, meddle=meddle)
    files[victim - 1], data = next_step(files[victim - 1], ceremony, random)
    assert data is not None
    return ceremony.add(data), files


def test_a_bad_share_voids_the_session_and_names_its_dealer() -> None:
    ceremony, _ = cheated()
    assert ceremony.stage is Stage.VOID
    assert ceremony.complained is not None
    assert (ceremony.complained.i, ceremony.complained.against, ceremony.guilty) == (2, 1, 1)
    with pytest.raises(CeremonyError, match="stands at void"):
        _ = ceremony.joint_key
    with pytest.raises(CeremonyError, match="out of turn: expected void"):
        ceremony.add(finished().ceremony.confirmed[1])


def test_who_confirmed_cannot_complain() -> None:
    done = finished()
    ceremony = Ceremony(done.ceremony.session, done.ceremony.hashed, done.ceremony.committed, done.ceremony.shared).add(
        done.ceremony.confirmed[2]
    )
    file = done.files[1]
    data = make_complained(
        ceremony.session, 2, 1, file.hpke_secret(ceremony.session), file.identity_secret, Stream("late")
    )
    with pytest.raises(CeremonyError, match="trustee 2: complains after it confirmed"):
        ceremony.add(data)


def test_a_groundless_complaint_is_the_complainants_fault() -> None:
    done = finished()
    ceremony = Ceremony(done.ceremony.session, done.ceremony.hashed, done.ceremony.committed, done.ceremony.shared)
    file = done.files[2]
    data = make_complained(
        ceremony.session, 3, 1, file.hpke_secret(ceremony.session), file.identity_secret, Stream("groundless")
    )
    assert ceremony.guilty is None
    assert ceremony.add(data).guilty == 3


def test_after_a_void_session_the_next_attempt_succeeds_with_fresh_polynomials() -> None:
    ceremony, files = cheated()
    before = [file.current.coefficients for file in files if file.current]
    first = ceremony.session
    second = TrusteeSession(first.log_id, 2, first.k, first.identities)
    done = play(Ceremony(second), files, Stream("second"))
    assert done.stage is Stage.DONE
    after = [file.current.coefficients for file in files if file.current]
    assert not set(sum(before, ())) & set(sum(after, ()))
    assert {message.hpke for message in done.messages}.isdisjoint({message.hpke for message in ceremony.messages})


def test_a_joint_key_that_is_the_identity_is_refused() -> None:
    """Trustees who all know one another's polynomials could choose them so; nobody else can."""
    session, files, random = new_session(2, 2, seed="identity")
    first = Polynomial((Scalar(11), Scalar(5)))
    second = Polynomial((-Scalar(11), Scalar(7)))
    messages = [
        make_message(session, i, file.hpke_secret(session), polynomial, random)
        for i, (file, polynomial) in enumerate(zip(files, (first, second), strict=True), start=1)
    ]
    with pytest.raises(CeremonyError, match="the joint key or a verification share is the identity"):
        joint_key_of(session, messages)
    zero_at_2 = Polynomial((-first.at(2) - Scalar(2) * Scalar(7), Scalar(7)))
    messages[1] = make_message(session, 2, files[1].hpke_secret(session), zero_at_2, random)
    assert first.at(2) + zero_at_2.at(2) == Scalar.ZERO
    with pytest.raises(CeremonyError, match="the joint key or a verification share is the identity"):
        joint_key_of(session, messages)


def test_a_session_whose_joint_key_is_the_identity_gets_no_confirmation() -> None:
    session, files, random = new_session(2, 2, seed="identity")
    polynomials = (Polynomial((Scalar(11), Scalar(5))), Polynomial((-Scalar(11), Scalar(7))))
    signers = [file.identity_secret for file in files]
    messages = [
        make_message(session, i, file.hpke_secret(session), polynomial, random)
        for i, (file, polynomial) in enumerate(zip(files, polynomials, strict=True), start=1)
    ]
    steps: list[StepData] = [
        make_hashed(session, m, signer, random) for m, signer in zip(messages, signers, strict=True)
    ]
    steps += [make_committed(session, m, signer, random) for m, signer in zip(messages, signers, strict=True)]
    steps += [make_shared(session, i + 1, polynomials[i], messages, signers[i], random) for i in (0, 1)]
    ceremony = Ceremony(session)
    for data in steps:
        ceremony = ceremony.add(data)
    with pytest.raises(CeremonyError, match="the joint key or a verification share is the identity"):
        ceremony.add(make_confirmed(session, 1, ceremony.transcript, signers[0], random))


def test_the_hash_of_another_message_is_noticed_when_the_message_comes() -> None:
    session, files, random = new_session(seed="other-message")
    ceremony = play(Ceremony(session), files, random, rounds=1)
    later = start_session(replace(files[2], current=None), session, Stream("second thoughts"))
    assert later.current is not None
    data = make_committed(session, later.current.message, files[2].identity_secret, random)
    with pytest.raises(CeremonyError, match="trustee 3: the message differs from the one hashed"):
        ceremony.add(data)


def test_a_hash_of_anything_else_by_the_same_hand_is_just_a_hash() -> None:
    session, files, random = new_session(seed="hash")
    file = start_session(files[0], session, random)
    assert file.current is not None
    data = make_hashed(session, file.current.message, file.identity_secret, random)
    assert isinstance(data, HashedData)
    assert Ceremony(session).add(data).hashed == {1: data}


def test_verification_shares_are_asked_for_by_number() -> None:
    joint = finished().joint
    assert all(joint.verification_share(l) != Point.IDENTITY for l in (1, 2, 3))
    for l in (0, 4):
        with pytest.raises(CeremonyError, match=f"trustee {l}: expected a number from 1 to 3"):
            joint.verification_share(l)
