"""Attacks on what trustees see, share and keep, as far as keys/ decides: A24-A26, A29, A30."""

from __future__ import annotations

from dataclasses import replace as dataclass_replace

import msgspec
import pytest

from keys import canonical
from keys.canonical import b64, unb64
from keys.curve import Point, Scalar, base_multiply, point_sum
from keys.shares import draw_polynomial, lagrange_coefficients, verification_share
from keys.trustee import (
    CanaryData,
    Ceremony,
    CeremonyError,
    ComplainedData,
    SharedData,
    Stage,
    StepData,
    TrusteeProofError,
    TrusteeSession,
)
from keys.trustee.canary import verify_canary
from keys.trustee.commitment import commitment_points, make_committed, make_hashed, make_message
from keys.trustee.file import TrusteeFile, new_trustee_file, seal_trustee_file, start_session
from keys.trustee.messages import sign_step
from keys.trustee.share import make_shared, seal_share
from keys.trustee.tool import canary, next_step
from tests.keys.trustees import ELECTION, LOG_ID, Stream, finished, new_session, play

replace = msgspec.structs.replace


def encoded(point: Point) -> str:
    return b64(point.to_bytes())


# --- A24: two trustees see two ceremonies


def two_views() -> tuple[Ceremony, Ceremony, list[TrusteeFile], Stream]:
    """Trustee 3 and the service show one message to trustee 1 and another to trustee 2, up to the shares."""
    session, files, random = new_session(seed="views")
    files = [start_session(file, session, random) for file in files]
    honest = [file.secrets_of(session).message for file in files[:2]]
    hashed = [make_hashed(session, m, f.identity_secret, random) for m, f in zip(honest, files[:2], strict=True)]
    committed = [make_committed(session, m, f.identity_secret, random) for m, f in zip(honest, files[:2], strict=True)]
    views = []
    for _ in range(2):
        polynomial = draw_polynomial(2, random)
        message = make_message(session, 3, files[2].hpke_secret(session), polynomial, random)
        signer = files[2].identity_secret
        view = Ceremony(session)
        steps: list[StepData] = [*hashed, make_hashed(session, message, signer, random), *committed]
        for data in steps:
            view = view.add(data)
        view = view.add(make_committed(session, message, signer, random))
        views.append(view.add(make_shared(session, 3, polynomial, view.messages, signer, random)))
    for i in (0, 1):  # what trustees 1 and 2 share goes into both views
        files[i], shared = next_step(files[i], views[i], random)
        assert isinstance(shared, SharedData)
        views = [view.add(shared) for view in views]
    return views[0], views[1], files, random


def test_a24_a_split_view_gets_no_complete_set_of_signatures() -> None:
    first, second, files, random = two_views()
    assert first.stage is second.stage is Stage.CONFIRMED
    assert first.transcript != second.transcript
    _, of_1 = next_step(files[0], first, random)
    _, of_2 = next_step(files[1], second, random)
    assert of_1 is not None
    assert of_2 is not None
    with pytest.raises(CeremonyError, match="trustee 2: wrong transcript"):
        first.add(of_1).add(of_2)
    with pytest.raises(CeremonyError, match="trustee 1: wrong transcript"):
        second.add(of_2).add(of_1)


def test_a24_two_rosters_are_two_sessions() -> None:
    session, files, random = new_session(seed="rosters")
    stranger = new_trustee_file(ELECTION, random)
    other = TrusteeSession(LOG_ID, 1, 2, (*session.identities[:2], stranger.identity_key))
    _, data = next_step(files[0], Ceremony(session), random)
    assert data is not None
    with pytest.raises(CeremonyError, match="trustee 1: wrong session"):
        Ceremony(other).add(data)


def test_a24_a_trustee_refuses_an_election_that_shows_another_key() -> None:
    done, other = finished(), finished(2, 2)
    shown = dataclass_replace(done.joint, point=other.joint.point)
    with pytest.raises(CeremonyError, match="joint key: expected"):
        canary(done.files[0], LOG_ID, shown, 1, Stream("x"))
    with pytest.raises(CeremonyError, match="joint key: expected"):
        done.files[0].secret_share(other.joint)


# --- A25: public shares are computed, never taken


def test_a25_no_message_has_a_place_for_a_public_share() -> None:
    done = finished()
    raw = b"".join(
        canonical.encode(data)
        for kind in (done.ceremony.hashed, done.ceremony.committed, done.ceremony.shared, done.ceremony.confirmed)
        for data in kind.values()
    )
    for share in done.joint.verification_shares:
        assert encoded(share).encode() not in raw
    commitments = [commitment_points(message) for message in done.ceremony.messages]
    for l in (1, 2, 3):
        assert done.joint.verification_share(l) == verification_share(commitments, l)


def test_a25_an_altered_share_leads_to_a_complaint_that_names_the_dealer() -> None:
    session, files, random = new_session(seed="altered")
    ceremony = play(Ceremony(session), files, random, rounds=2)

    def meddle(data: StepData) -> StepData:
        if isinstance(data, SharedData) and data.i == 2 and files[1].current is not None:
            wrong = Scalar.from_bytes(unb64(files[1].current.coefficients[0], 32, "a"))
            sealed = seal_share(session, 2, ceremony.messages[2], wrong)  # f(0) in place of f(3)
            shares = (data.shares[0], replace(data.shares[1], sealed=b64(sealed)))
            return sign_step(session, replace(data, shares=shares), files[1].identity_secret, random)
        return data

    ceremony = play(ceremony, files, random, rounds=1, meddle=meddle)
    _, of_1 = next_step(files[0], ceremony, random)
    assert of_1 is not None
    ceremony = ceremony.add(of_1)  # trustee 1 has nothing to complain about
    _, of_3 = next_step(files[2], ceremony, random)
    assert isinstance(of_3, ComplainedData)
    ceremony = ceremony.add(of_3)
    assert (ceremony.stage, ceremony.guilty) == (Stage.VOID, 2)


# --- A26, for the canary (the tally's shares have their own tests)


def test_a26_a_canary_proof_moved_or_bent_is_refused() -> None:
    done = finished()
    good = [canary(file, LOG_ID, done.joint, 1, Stream("canary")) for file in done.files]
    later = canary(done.files[0], LOG_ID, done.joint, 2, Stream("canary"))
    d = Point.from_bytes(unb64(good[0].d, 33, "d"))
    bent: dict[str, CanaryData] = {
        "to another trustee": replace(good[0], i=2),
        "to another poll": replace(good[0], poll=2),
        "from another poll": replace(later, poll=1),
        "D of another trustee": replace(good[0], d=good[1].d),
        "the product plus δ·G": replace(good[0], d=encoded(d + base_multiply(Scalar(1)))),
        "the product negated": replace(good[0], d=encoded(-d)),
        "the proof of another trustee": replace(good[0], a=good[1].a, b=good[1].b, z=good[1].z),
    }
    for what, data in bent.items():
        with pytest.raises(TrusteeProofError, match=r"trustee \d: canary"):
            verify_canary(LOG_ID, done.joint, data)
        assert what
    for data in good:
        verify_canary(LOG_ID, done.joint, data)


# --- A29: one who leaves


def test_a29_two_of_three_go_on_without_the_third() -> None:
    done = finished()
    a = base_multiply(Scalar(31337))
    for numbers in ((1, 2), (1, 3), (2, 3)):
        coefficients = lagrange_coefficients(numbers)
        parts = [a * (done.files[l - 1].secret_share(done.joint) * coefficients[l]) for l in numbers]
        assert point_sum(parts) == done.joint.point * Scalar(31337)


def test_a29_who_never_comes_stalls_the_session_and_the_next_attempt_replaces_it() -> None:
    session, files, random = new_session(seed="stalled")
    ceremony = play(Ceremony(session), files[:2], random)
    assert ceremony.stage is Stage.HASHED
    newcomer = new_trustee_file(ELECTION, random)
    present = [*files[:2], newcomer]
    second = TrusteeSession(LOG_ID, 2, 2, tuple(file.identity_key for file in present))
    assert play(Ceremony(second), present, random).stage is Stage.DONE


# --- A30: nothing that leaves the trustee's computer holds a secret


def test_a30_the_capture_of_a_whole_ceremony_contains_no_secret() -> None:
    done = finished()
    session, joint = done.ceremony.session, done.joint
    kinds = (done.ceremony.hashed, done.ceremony.committed, done.ceremony.shared, done.ceremony.confirmed)
    captured = [canonical.encode(data) for kind in kinds for data in kind.values()]
    captured += [canonical.encode(canary(file, LOG_ID, joint, 1, Stream("c"))) for file in done.files]
    captured += [seal_trustee_file(file, "passphrase", Stream("f")) for file in done.files]
    capture = b"\n".join(captured)
    secrets: list[bytes] = []
    for i, file in enumerate(done.files, start=1):
        polynomial = done.polynomial(i)
        secrets += [a.to_bytes() for a in polynomial.coefficients]
        secrets += [polynomial.at(l).to_bytes() for l in range(1, 4)]
        secrets += [file.secret_share(joint).to_bytes(), file.identity_secret, file.hpke_secret(session)]
        secrets.append(unb64(file.seed, 32, "seed"))
    assert len(secrets) == 27
    for secret in secrets:
        for form in (secret, secret.hex().encode(), b64(secret).encode(), str(int.from_bytes(secret, "big")).encode()):
            assert form not in capture
    assert (
        b64(unb64(done.ceremony.messages[0].hpke, 32, "key")).encode() in capture
    )  # the search does find what is there
