"""Attacks on the making of the trustees' key, as far as keys/ decides: A20-A23 (A24-A30: test_trustee_views.py)."""

from __future__ import annotations

from dataclasses import replace as dataclass_replace

import msgspec
import pytest

from keys import canonical
from keys.canonical import b64, unb64
from keys.curve import Point, Scalar, base_multiply, point_sum
from keys.errors import DataError
from keys.shares import draw_polynomial, lagrange_coefficients
from keys.transcript import Tag, challenge, u64
from keys.trustee import (
    Ceremony,
    CeremonyError,
    Commitment,
    Stage,
    StepData,
    TrusteeMessage,
    TrusteeProofError,
    TrusteeSession,
)
from keys.trustee.commitment import commitment_points, make_committed, make_hashed, make_message, verify_message
from keys.trustee.file import TrusteeFile
from keys.trustee.tool import next_step
from tests.keys.trustees import LOG_ID, Stream, finished, new_session, play

replace = msgspec.structs.replace


def encoded(point: Point) -> str:
    return b64(point.to_bytes())


# --- A20: a trustee whose key cancels those of the others


def hashed_by_the_honest(
    session: TrusteeSession, files: list[TrusteeFile], random: Stream
) -> tuple[Ceremony, list[TrusteeMessage]]:
    """The ceremony with the hashes of all but the last trustee, and the messages behind them."""
    ceremony = Ceremony(session)
    messages = []
    for file in files[:-1]:
        stored, data = next_step(file, ceremony, random)
        assert data is not None
        ceremony = ceremony.add(data)
        messages.append(stored.secrets_of(session).message)
    return ceremony, messages


def rogue_point(session: TrusteeSession, others: list[TrusteeMessage], wanted: Scalar) -> Point:
    """C with Y = C + ΣC_i0 = wanted·G: whoever gets this accepted knows the joint secret."""
    assert session.n == len(others) + 1
    return base_multiply(wanted) - point_sum(commitment_points(message)[0] for message in others)


def rogue_proofs(session: TrusteeSession, others: list[TrusteeMessage], point: Point) -> dict[str, Commitment]:
    """What a rogue can try without the logarithm of its point."""
    copied = others[0].commitments[0]
    w, z = Scalar(1001), Scalar(1002)
    weak = challenge(Tag.TRUSTEE_POK, session.id, u64(3), u64(0), session.identity(3), point.to_bytes())
    return {
        "another trustee's proof": replace(copied, point=encoded(point)),
        "another trustee's commitment whole": copied,
        "a proof of the key it wants": Commitment(
            point=encoded(point),
            r=encoded(base_multiply(w)),
            z=b64((w + challenge(Tag.TRUSTEE_POK, session.id) * Scalar(7)).to_bytes()),
        ),
        "forged against a challenge that leaves R out": Commitment(
            point=encoded(point), r=encoded(base_multiply(z) - point * weak), z=b64(z.to_bytes())
        ),
        "z zero and R the inverse": Commitment(point=encoded(point), r=encoded(-point), z=b64(bytes(32))),
    }


@pytest.mark.parametrize("attempt", range(5))
def test_a20_a_rogue_key_is_refused_and_its_trustee_named(attempt: int) -> None:
    session, files, random = new_session(seed="rogue")
    ceremony, others = hashed_by_the_honest(session, files, random)
    point = rogue_point(session, others, Scalar(7))
    assert point + point_sum(commitment_points(m)[0] for m in others) == base_multiply(Scalar(7))
    what, forged = list(rogue_proofs(session, others, point).items())[attempt]
    honest = make_message(session, 3, files[2].hpke_secret(session), draw_polynomial(2, random), random)
    rogue = replace(honest, commitments=(forged, honest.commitments[1]))
    # even with the hash round broken (it knew the others' messages before it hashed its own):
    signer = files[2].identity_secret
    ceremony = ceremony.add(make_hashed(session, rogue, signer, random))
    with pytest.raises(TrusteeProofError, match="trustee 3: commitment 0: "):
        ceremony.add(make_committed(session, rogue, signer, random))
    assert ceremony.stage is Stage.COMMITTED, what


def test_a20_the_forger_does_break_the_weak_challenge() -> None:
    """The same forgery succeeds where the challenge does not cover R: so the test above tests something."""
    session, files, random = new_session(seed="rogue")
    _, others = hashed_by_the_honest(session, files, random)
    point = rogue_point(session, others, Scalar(7))
    forged = rogue_proofs(session, others, point)["forged against a challenge that leaves R out"]
    weak = challenge(Tag.TRUSTEE_POK, session.id, u64(3), u64(0), session.identity(3), point.to_bytes())
    r, z = Point.from_bytes(unb64(forged.r, 33, "r")), Scalar.from_bytes(unb64(forged.z, 32, "z"))
    assert base_multiply(z) == r + point * weak


# --- A21: the one who moves last


def test_a21_the_last_mover_cannot_change_its_polynomial_after_seeing_the_others() -> None:
    session, files, random = new_session(seed="rushing")
    ceremony = play(Ceremony(session), files, random, rounds=1)
    for i in (0, 1):
        files[i], data = next_step(files[i], ceremony, random)
        assert data is not None
        ceremony = ceremony.add(data)
    # it now knows C_10 and C_20, and draws until the joint key has the low bit that it wants
    signer = files[2].identity_secret
    biased = make_message(session, 3, files[2].hpke_secret(session), draw_polynomial(2, random), random)
    verify_message(session, biased)  # in itself a good message
    with pytest.raises(CeremonyError, match="trustee 3: the message differs from the one hashed"):
        ceremony.add(make_committed(session, biased, signer, random))


def test_a21_nobody_shows_its_message_before_all_hashes_are_there() -> None:
    session, files, random = new_session(seed="early")
    ceremony = Ceremony(session)
    for i in (0, 1):
        files[i], data = next_step(files[i], ceremony, random)
        assert data is not None
        ceremony = ceremony.add(data)
        assert next_step(files[i], ceremony, random)[1] is None
    assert files[0].current is not None
    early = make_committed(session, files[0].current.message, files[0].identity_secret, random)
    with pytest.raises(CeremonyError, match="trustee 1: CommittedData out of turn: expected hashed, got committed"):
        ceremony.add(early)


# --- A22: a threshold raised or lowered by the number of coefficients


@pytest.mark.parametrize(
    ("what", "coefficients"), [("k-1", 1), ("k+1", 3), ("none", 0), ("a trailing identity", -1), ("2k", 4)]
)
def test_a22_any_number_of_coefficients_but_k_is_refused(what: str, coefficients: int) -> None:
    session, files, random = new_session(seed="threshold")
    good = make_message(session, 1, files[0].hpke_secret(session), draw_polynomial(2, random), random)
    if coefficients >= 0:
        longer = draw_polynomial(coefficients, random) if coefficients else None
        bad = make_message(session, 1, files[0].hpke_secret(session), longer, random) if longer else None
        bad = bad or replace(good, commitments=())
        reason = f"trustee 1: expected exactly 2 commitments, got {coefficients}"
    else:
        nothing = replace(good.commitments[1], point=b64(bytes(33)))
        bad = replace(good, commitments=(good.commitments[0], nothing))
        reason = "trustee 1: commitment 1: point: expected 33 bytes with prefix 02 or 03"
    with pytest.raises(CeremonyError, match=reason):
        verify_message(session, bad)
    assert what


# --- A23: numbers


def test_a23_one_person_twice_is_refused_at_set_up() -> None:
    session, _, _ = new_session()
    first, second, _ = session.identities
    with pytest.raises(CeremonyError, match="trustee 3: the identity key of trustee 2 appears again"):
        TrusteeSession(LOG_ID, 1, 2, (first, second, second))


@pytest.mark.parametrize("i", [0, 4, 9])
def test_a23_a_trustee_number_outside_1_to_n_is_refused_in_every_step(i: int) -> None:
    done = finished()
    steps: list[StepData] = [done.ceremony.hashed[1], done.ceremony.shared[1], done.ceremony.confirmed[1]]
    befores = [
        Ceremony(done.ceremony.session),
        dataclass_replace(
            Ceremony(done.ceremony.session), hashed=done.ceremony.hashed, committed=done.ceremony.committed
        ),
        dataclass_replace(done.ceremony, confirmed={}),
    ]
    for data, before in zip(steps, befores, strict=True):
        with pytest.raises(CeremonyError, match=f"trustee {i}: "):
            before.add(replace(data, i=i))
    message = replace(done.ceremony.messages[0], i=i)
    before = Ceremony(done.ceremony.session, done.ceremony.hashed)
    with pytest.raises(CeremonyError, match=f"trustee {i}: expected a number from 1 to 3"):
        before.add(replace(done.ceremony.committed[1], message=message))


@pytest.mark.parametrize("i", [0, 10, -1, True, "1", 1.0])
def test_a23_the_wire_knows_numbers_from_1_to_9_only(i: object) -> None:
    document = canonical.decode(canonical.encode(finished().ceremony.confirmed[1]), dict)
    raw = msgspec.json.Encoder(order="sorted").encode({**document, "i": i})
    with pytest.raises(DataError, match="ConfirmedData"):
        canonical.decode(raw, type(finished().ceremony.confirmed[1]))


@pytest.mark.parametrize("numbers", [[0, 1], [1, 1], [2, 1, 2], []])
def test_a23_lagrange_takes_a_set_of_trustees_only(numbers: list[int]) -> None:
    with pytest.raises(DataError, match="expected distinct numbers from 1"):
        lagrange_coefficients(numbers)
