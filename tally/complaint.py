"""Complaints about a poll: signed by a credential, answered by a decision before the poll is certified.

No clause of either regulation says who hears complaints; the window is the constitution's `complaints`.
"""

from collections.abc import Callable, Iterable
from typing import Annotated

from msgspec import Meta

from keys import schnorr
from keys.canonical import Positive, Wire, b64, unb64
from keys.errors import DataError, FormatError
from keys.text import check_text
from keys.transcript import Tag, digest, u64
from tally.errors import OutcomeError, TallyError

MAX_TEXT = 2000  # letters: a complaint says what is wrong; evidence goes to the committee


class ComplaintSignatureError(TallyError):
    """A complaint that the holder of its credential did not sign."""

    code = "signature-invalid"


class ComplaintData(Wire, frozen=True):
    """`complaint`: somebody complains about a poll (docs/protocol.md §9).

    poll        number of the poll
    credential  base64url of the 32-byte key of the complainant
    text        for the committee and for everybody: the log is public for good
    signature   by that key over H("es1/complaint", log id, u64 poll, credential, text as UTF-8)
    """

    poll: Positive
    credential: str
    text: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]
    signature: str


def make_complaint(log_id: bytes, poll: int, text: str, secret: bytes, random: Callable[[int], bytes]) -> ComplaintData:
    """Complain about a poll with the 32-byte secret key of a credential.

    Raises FormatError for a text that no document may hold, or that is empty or too long.
    """
    if not 1 <= len(check_text(text, "complaint: text")) <= MAX_TEXT:
        raise FormatError(f"complaint: text: expected 1 to {MAX_TEXT} letters, got {len(text)}")
    credential = schnorr.public_key(secret)
    signature = schnorr.sign(secret, _message(log_id, poll, credential, text), random(32))
    return ComplaintData(poll=poll, credential=b64(credential), text=text, signature=b64(signature))


def verify_complaint(log_id: bytes, data: ComplaintData) -> None:
    """Check that the credential signed; raises ComplaintSignatureError."""
    try:
        credential = unb64(data.credential, schnorr.KEY_SIZE, "credential")
        signature = unb64(data.signature, schnorr.SIGNATURE_SIZE, "signature")
        schnorr.verify(credential, _message(log_id, data.poll, credential, data.text), signature)
    except DataError as error:
        raise ComplaintSignatureError(f"complaint about poll {data.poll}: not signed: {error}") from error


def _message(log_id: bytes, poll: int, credential: bytes, text: str) -> bytes:
    return digest(Tag.COMPLAINT, log_id, u64(poll), credential, text.encode())


def check_new(data: ComplaintData, earlier: Iterable[ComplaintData]) -> None:
    """Refuse a complaint that stands in the log already; raises OutcomeError.

    Anybody can copy a signed complaint out of the log: sent again after its answer, it would bar the certification
    once more.
    """
    for other in earlier:
        if (other.poll, other.credential, other.text) == (data.poll, data.credential, data.text):
            raise OutcomeError(f"complaint about poll {data.poll}: {data.credential} has made it already")
