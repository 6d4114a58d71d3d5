"""A file of acts that wait to be proposed: what an operator or registrar hands to a committee member.

It holds data without `act` and `approvals`; the member who proposes them draws the numbers and signs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from election_service.errors import InputError
from election_service.registration import Proposal
from election_service.state_dir import create_durably
from keys.canonical import Id, Wire, decode, encode
from keys.errors import DataError


class PlannedAct(Wire, frozen=True):
    """One act: its kind, and its data as the log will hold them, without `act` and `approvals`."""

    kind: str
    data: dict[str, Any]


class ProposalFile(Wire, frozen=True):
    """Acts of one election, in the order in which they are to be done."""

    v: Literal["es1-proposals"]
    election: Id
    acts: list[PlannedAct]


def make_proposals(election: str, acts: Sequence[tuple[str, Mapping[str, Any]]]) -> bytes:
    """The bytes of the file."""
    planned = [PlannedAct(kind=kind, data=dict(data)) for kind, data in acts]
    return encode(ProposalFile(v="es1-proposals", election=election, acts=planned))


def write_proposals(path: Path, election: str, acts: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Write the file, which must not exist yet."""
    if not create_durably(path, make_proposals(election, acts), 0o644):
        message = f"{path}: exists already"
        raise InputError(message, "give another name")


def read_proposals(path: Path, election: str) -> list[PlannedAct]:
    """Read the file of one election; InputError otherwise."""
    try:
        file = decode(path.read_bytes(), ProposalFile)
    except DataError as error:
        message = f"{path}: no file of proposals: {error}"
        raise InputError(message, "give the file that the operator or the registrar made") from error
    if file.election != election:
        message = f"{path}: wrong election: expected {election}, got {file.election}"
        raise InputError(message, "give the file of this election")
    return file.acts


def electorate_acts(proposals: Sequence[Proposal]) -> list[tuple[str, dict[str, Any]]]:
    """The acts by which the committee takes the registrar's electorates over."""
    return [
        (
            "electorate",
            {"id": item.id, "size": item.size, "root": item.root, "blob": item.blob, "signature": item.signature},
        )
        for item in proposals
    ]
