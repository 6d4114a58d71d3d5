"""Complaints: signed over everything that they say, and made once."""

import msgspec
import pytest

from keys import canonical, schnorr
from keys.canonical import b64, unb64
from keys.errors import FormatError
from keys.transcript import Tag, digest, u64
from tally.complaint import (
    MAX_TEXT,
    ComplaintData,
    ComplaintSignatureError,
    check_new,
    make_complaint,
    verify_complaint,
)
from tally.errors import OutcomeError
from tests.simulated.randomness import seeded

LOG = b"L" * 32
SECRET = seeded("complainant")(32)
OTHER = seeded("another complainant")(32)
TEXT = "ბიულეტენში ერთი კანდიდატი აკლია"


def complaint(text: str = TEXT, secret: bytes = SECRET, poll: int = 1) -> ComplaintData:
    return make_complaint(LOG, poll, text, secret, seeded("aux"))


def test_a_complaint_round_trips_and_verifies() -> None:
    data = complaint()
    verify_complaint(LOG, data)
    assert canonical.decode(canonical.encode(data), ComplaintData) == data


def test_a_complaint_is_signed_as_the_protocol_says() -> None:
    key = schnorr.public_key(SECRET)
    message = digest(Tag("es1/complaint"), LOG, u64(1), key, TEXT.encode())
    schnorr.verify(key, message, unb64(complaint().signature, 64, "signature"))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"poll": 2}, id="poll"),
        pytest.param({"credential": b64(schnorr.public_key(OTHER))}, id="credential"),
        pytest.param({"credential": b64(b"\xff" * 32)}, id="credential that is no key"),
        pytest.param({"credential": "short"}, id="credential of another length"),
        pytest.param({"text": TEXT + "."}, id="text"),
        pytest.param({"signature": b64(bytes(64))}, id="signature"),
        pytest.param({"signature": "="}, id="signature that is no base64url"),
    ],
)
def test_a_complaint_with_one_field_changed_is_refused(changes: dict[str, object]) -> None:
    changed = msgspec.structs.replace(complaint(), **changes)
    with pytest.raises(ComplaintSignatureError, match=r"^complaint about poll [12]: not signed: "):
        verify_complaint(LOG, changed)


def test_a_complaint_of_another_log_is_refused() -> None:
    with pytest.raises(ComplaintSignatureError, match="complaint about poll 1: not signed: "):
        verify_complaint(b"M" * 32, complaint())


@pytest.mark.parametrize("text", ["", "x" * (MAX_TEXT + 1)])
def test_a_complaint_without_text_or_with_too_much_is_not_made_and_is_no_document(text: str) -> None:
    with pytest.raises(FormatError, match=f"complaint: text: expected 1 to 2000 letters, got {len(text)}"):
        complaint(text)
    with pytest.raises(FormatError, match="ComplaintData"):
        canonical.decode(canonical.encode(msgspec.structs.replace(complaint(), text=text)), ComplaintData)


def test_a_complaint_that_turns_letters_round_is_not_made() -> None:
    with pytest.raises(FormatError, match="complaint: text: bidi control character"):
        complaint("abc\u202edef")


def test_a_complaint_about_no_poll_is_no_document() -> None:
    with pytest.raises(FormatError, match="ComplaintData"):
        canonical.decode(canonical.encode(complaint(poll=0)), ComplaintData)


def test_a_complaint_sent_again_is_refused_and_another_one_is_not() -> None:
    earlier = [complaint()]
    again = make_complaint(LOG, 1, TEXT, SECRET, seeded("other randomness"))
    assert again.signature != earlier[0].signature
    with pytest.raises(OutcomeError, match=f"complaint about poll 1: {earlier[0].credential} has made it already"):
        check_new(again, earlier)
    for other in (complaint("another text"), complaint(secret=OTHER), complaint(poll=2)):
        check_new(other, earlier)
