"""Re-issue by an offline registrar, on its own computer: new links for its voters, and the file for the operator.

Nothing here reads a database. What the service makes of the file is in reissue.py.
"""

from collections.abc import Sequence
from typing import Literal

from ballot.link import make_link
from election_service.errors import RegistrarError
from election_service.links import Link
from election_service.registrar import Random, RegistrarDocument, make_replacement
from election_service.roll_rules import Student
from keys import schnorr
from keys.canonical import Id, Wire, decode, unb64
from keys.errors import DataError


class Replacement(Wire, frozen=True):
    """One student's new credential, signed by the registrar; its seed is in the link alone."""

    student_id: str
    old: str
    new: str
    reason: str
    signature: str


class ReplacementFile(Wire, frozen=True):
    """What an offline registrar gives the operator for a re-issue. It says whose key is whose: not public."""

    v: Literal["es1-replacements"]
    election: Id
    log: str
    replacements: tuple[Replacement, ...]


def make_replacements(
    document: RegistrarDocument,
    earlier: Sequence[ReplacementFile],
    students: Sequence[Student],
    reason: str,
    public_url: str,
    secret: bytes,
    random: Random,
) -> tuple[list[Link], ReplacementFile]:
    """New credentials for these students, on the registrar's own computer; links and the file for the operator.

    ``earlier``: files of re-issues that were done, oldest first; their keys are the ones that are replaced now.
    """
    keys = {item.student_id: item.key for item in document.credentials}
    for file in earlier:
        check_log(file, document.election, document.log)
        keys |= {item.student_id: item.new for item in file.replacements}
    log_id = unb64(document.log, 32, "log")
    links, replacements = [], []
    for student in students:
        if student.student_id not in keys:
            raise RegistrarError(f"re-issue: {student.student_id}: is not in the document", "give your own document")
        old = unb64(keys[student.student_id], schnorr.KEY_SIZE, "old")
        seed, data = make_replacement(document.election, log_id, old, reason, secret, random)
        replacements.append(Replacement(student_id=student.student_id, **data))
        link = make_link(public_url, document.election, seed, log_id)
        links.append(Link(student.student_id, student.full_name, student.email, student.language, link))
    file = ReplacementFile(
        v="es1-replacements", election=document.election, log=document.log, replacements=tuple(replacements)
    )
    return links, file


def read_replacements(raw: bytes) -> ReplacementFile:
    """Read a file of `reissue-offline`; RegistrarError for anything else."""
    try:
        return decode(raw, ReplacementFile)
    except DataError as error:
        raise RegistrarError(f"re-issue: {error}", "give the file that `registrar reissue-offline` wrote") from error


def check_log(file: ReplacementFile, election: str, log: str) -> None:
    """RegistrarError for the file of another election."""
    if (file.election, file.log) != (election, log):
        raise RegistrarError(
            f"re-issue: wrong log: expected {log}, got {file.log} of {file.election}", "give the file of this election"
        )
