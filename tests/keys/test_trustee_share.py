"""Steps 2 and 3: shares, and complaints that anyone judges (docs/protocol.md §3.2, §3.3)."""

from __future__ import annotations

import msgspec
import pytest

from keys import hpke
from keys.canonical import b64, unb64
from keys.curve import Scalar, base_multiply
from keys.errors import DataError
from keys.trustee import (
    CeremonyError,
    ComplainedData,
    SharedData,
    TrusteeProofError,
)
from keys.trustee.complaint import judge_complaint, make_complained, verify_complained
from keys.trustee.messages import sign_step
from keys.trustee.share import make_shared, open_share, verify_share, verify_shared
from tests.keys.trustees import Stream, finished

replace = msgspec.structs.replace
DONE = finished()
SESSION = DONE.ceremony.session


def shared() -> SharedData:
    return make_shared(SESSION, 1, DONE.polynomial(1), DONE.ceremony.messages, DONE.signer(1), Stream("share"))


def test_every_recipient_opens_its_share_and_nobody_else_does() -> None:
    data = shared()
    verify_shared(SESSION, data)
    points = [base_multiply(a) for a in DONE.polynomial(1).coefficients]
    for l in (2, 3):
        share = open_share(SESSION, data, l, DONE.files[l - 1].hpke_secret(SESSION))
        assert share == DONE.polynomial(1).at(l)
        verify_share(1, points, l, share)
        with pytest.raises(TrusteeProofError, match=f"trustee 1: share for trustee {l}: sealed: does not open"):
            open_share(SESSION, data, l, DONE.files[0].hpke_secret(SESSION))
    with pytest.raises(TrusteeProofError, match="trustee 1: no share for trustee 1"):
        open_share(SESSION, data, 1, DONE.files[0].hpke_secret(SESSION))


def test_a_share_that_misses_the_commitments_by_one_is_refused() -> None:
    points = [base_multiply(a) for a in DONE.polynomial(1).coefficients]
    with pytest.raises(TrusteeProofError, match="trustee 1: share for trustee 2: does not match"):
        verify_share(1, points, 2, DONE.polynomial(1).at(2) + Scalar.ONE)
    with pytest.raises(TrusteeProofError, match="trustee 1: share for trustee 3: does not match"):
        verify_share(1, points, 3, DONE.polynomial(1).at(2))


@pytest.mark.parametrize("recipients", [[], [2], [3], [3, 2], [1, 2, 3], [2, 2], [2, 3, 3], [2, 3, 4]], ids=str)
def test_shares_for_any_but_all_others_in_order_are_refused(recipients: list[int]) -> None:
    one = shared().shares[0]
    wrong = replace(shared(), shares=tuple(replace(one, to=to) for to in recipients))
    with pytest.raises(CeremonyError, match=r"trustee 1: shares: expected one for each of \[2, 3\]"):
        verify_shared(SESSION, sign_step(SESSION, wrong, DONE.signer(1), Stream("x")))


def test_a_sealed_share_has_80_bytes() -> None:
    first, second = shared().shares
    wrong = replace(shared(), shares=(first, replace(second, sealed=b64(bytes(79)))))
    with pytest.raises(DataError, match="trustee 1: share for trustee 3: expected 80 bytes, got 79"):
        verify_shared(SESSION, wrong)


def test_a_share_moved_to_another_recipient_or_dealer_does_not_open() -> None:
    first, second = shared().shares
    swapped = replace(shared(), shares=(replace(first, sealed=second.sealed), replace(second, sealed=first.sealed)))
    with pytest.raises(TrusteeProofError, match="does not open"):
        open_share(SESSION, swapped, 2, DONE.files[1].hpke_secret(SESSION))
    with pytest.raises(TrusteeProofError, match=r"trustee 3: share for trustee 2: .*does not open"):
        open_share(SESSION, replace(shared(), i=3), 2, DONE.files[1].hpke_secret(SESSION))


def test_a_sealed_value_that_is_no_scalar_is_refused() -> None:
    from keys.transcript import Tag, digest, u64

    info = digest(Tag.SHARE, SESSION.id, u64(1), u64(2))
    public = unb64(DONE.ceremony.messages[1].hpke, 32, "key")
    sealed = b64(hpke.seal(public, info, b"\xff" * 32))
    first, second = shared().shares
    wrong = replace(shared(), shares=(replace(first, sealed=sealed), second))
    with pytest.raises(TrusteeProofError, match="trustee 1: share for trustee 2: scalar: expected"):
        open_share(SESSION, wrong, 2, DONE.files[1].hpke_secret(SESSION))


def judged(data: ComplainedData, sent: SharedData) -> int:
    messages = DONE.ceremony.messages
    return judge_complaint(SESSION, messages[data.i - 1], messages[data.against - 1], sent, data)


def complaint(i: int, against: int, secret: bytes | None = None) -> ComplainedData:
    secret = DONE.files[i - 1].hpke_secret(SESSION) if secret is None else secret
    return make_complained(SESSION, i, against, secret, DONE.signer(i), Stream("complaint"))


def with_sealed(raw: bytes, info_to: int = 2) -> SharedData:
    """Trustee 1's shares, the one for trustee 2 replaced by a well-sealed other value."""
    from keys.transcript import Tag, digest, u64

    info = digest(Tag.SHARE, SESSION.id, u64(1), u64(info_to))
    first, second = shared().shares
    sealed = b64(hpke.seal(unb64(DONE.ceremony.messages[1].hpke, 32, "key"), info, raw))
    return replace(shared(), shares=(replace(first, sealed=sealed), second))


@pytest.mark.parametrize(
    ("what", "sent", "guilty"),
    [
        ("the share is right", shared(), 2),
        ("a wrong value", with_sealed(Scalar(5).to_bytes()), 1),
        ("zero", with_sealed(bytes(32)), 1),
        ("no scalar", with_sealed(b"\xff" * 32), 1),
        ("31 bytes", with_sealed(bytes(31)), 1),
        ("sealed for another purpose", with_sealed(Scalar(5).to_bytes(), info_to=3), 1),
        ("80 random bytes", replace(shared(), shares=(replace(shared().shares[0], sealed=b64(b"x" * 80)),)), 1),
        ("a low-order key", replace(shared(), shares=(replace(shared().shares[0], sealed=b64(bytes(80))),)), 1),
        ("no share at all", replace(shared(), shares=()), 1),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_anyone_judges_a_complaint(what: str, sent: SharedData, guilty: int) -> None:
    data = complaint(2, 1)
    verify_complained(SESSION, data)
    assert judged(data, sent) == guilty, what


def test_who_shows_another_secret_than_its_own_is_at_fault() -> None:
    bad = with_sealed(Scalar(5).to_bytes())
    assert judged(complaint(2, 1, secret=bytes(range(32))), bad) == 2


def test_a_complaint_against_oneself_or_nobody_is_refused() -> None:
    with pytest.raises(CeremonyError, match="trustee 2: complains against itself"):
        verify_complained(SESSION, complaint(2, 2))
    with pytest.raises(CeremonyError, match="trustee 4: expected a number from 1 to 3"):
        verify_complained(SESSION, complaint(2, 4))
    with pytest.raises(DataError, match="trustee 2: secret: expected 32 bytes"):
        verify_complained(SESSION, replace(complaint(2, 1), secret=b64(bytes(31))))


def test_a_complaint_is_judged_by_the_messages_it_is_about() -> None:
    messages = DONE.ceremony.messages
    with pytest.raises(CeremonyError, match="complaint of trustee 2 against 1: given the messages of other trustees"):
        judge_complaint(SESSION, messages[1], messages[2], DONE.ceremony.shared[3], complaint(2, 1))
