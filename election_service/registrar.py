"""The registrar: makes the seeds, hands the links over, signs the electorates (docs/protocol.md §2, §4).

Offline, on a computer of its own, it gives the service a document with public keys alone. In the service it is the same
document, made and imported in one transaction (``registration``); the seeds are gone when the links are handed over.
Nothing here reads a database: this is what runs on the registrar's own computer.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from audit.checks.electorates import credential_replaced_message, electorate_message
from ballot.link import SEED_SIZE, make_link
from election_service.electorates import Elector, Electorate, make_electorates
from election_service.errors import RegistrarError
from election_service.links import Link
from election_service.roll_rules import Student
from keys import schnorr
from keys.canonical import Id, Positive, Wire, b64
from keys.derive import credential_key
from keys.errors import DataError
from keys.text import check_text

Random = Callable[[int], bytes]


class IssuedKey(Wire, frozen=True):
    """A student's credential: key = x-only, 32 bytes."""

    student_id: str
    key: str


class SignedElectorate(Wire, frozen=True):
    """An electorate as the registrar signed it: H("es1/electorate", log id, id, size, root)."""

    id: Id
    size: Positive
    root: str
    signature: str


class RegistrarDocument(Wire, frozen=True):
    """What the registrar gives the service. It holds no seed, but says whose key is whose: not public."""

    v: Literal["es1-registrar"]
    election: Id
    log: str
    credentials: tuple[IssuedKey, ...]
    electorates: tuple[SignedElectorate, ...]


def draw_credential(election: str, random: Random) -> tuple[bytes, bytes]:
    """A fresh seed and the x-only credential key that it derives; a seed that derives none is discarded."""
    while True:
        seed = random(SEED_SIZE)
        try:
            return seed, schnorr.public_key(credential_key(seed, election))
        except DataError:
            continue


def electors_of(students: Sequence[Student]) -> list[Elector]:
    """Students who may vote, as the blocks see them."""
    return [Elector(item.student_id, item.faculty, item.department, item.year) for item in students]


def sign_electorates(
    electorates: Sequence[Electorate], log_id: bytes, secret: bytes, random: Random
) -> tuple[SignedElectorate, ...]:
    """The registrar's signatures; ``secret``: its 32-byte BIP-340 key."""
    signed = []
    for item in electorates:
        message = electorate_message(log_id, item.block.id, len(item.keys), item.root)
        signature = b64(schnorr.sign(secret, message, random(32)))
        signed.append(SignedElectorate(id=item.block.id, size=len(item.keys), root=b64(item.root), signature=signature))
    return tuple(signed)


def make_registration(
    students: Sequence[Student], election: str, log_id: bytes, public_url: str, secret: bytes, random: Random
) -> tuple[list[Link], RegistrarDocument]:
    """Seeds, links and document for the students who may vote. The seeds are in the links alone."""
    if not students:
        raise RegistrarError("registrar: nobody may vote", "look at the preview of the roll")
    links: list[Link] = []
    keys: dict[str, bytes] = {}
    for student in sorted(students, key=lambda item: item.student_id):
        seed, keys[student.student_id] = draw_credential(election, random)
        link = make_link(public_url, election, seed, log_id)
        links.append(Link(student.student_id, student.full_name, student.email, student.language, link))
    electorates = make_electorates(electors_of(students), keys)
    document = RegistrarDocument(
        v="es1-registrar",
        election=election,
        log=b64(log_id),
        credentials=tuple(IssuedKey(student_id=student, key=b64(key)) for student, key in keys.items()),
        electorates=sign_electorates(electorates, log_id, secret, random),
    )
    return links, document


def make_replacement(
    election: str, log_id: bytes, old: bytes, reason: str, secret: bytes, random: Random
) -> tuple[bytes, dict[str, str]]:
    """A fresh seed, and the data of ``credential.replaced`` without act and approvals. FormatError for a reason that
    cannot stand in the log.
    """
    check_text(reason, "reason")
    seed, new = draw_credential(election, random)
    signature = schnorr.sign(secret, credential_replaced_message(log_id, old, new, reason), random(32))
    return seed, {"old": b64(old), "new": b64(new), "reason": reason, "signature": b64(signature)}
