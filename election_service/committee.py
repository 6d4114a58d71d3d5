"""A member of the committee at work: keys in files, acts proposed and approved by signature (docs/protocol.md §9).

The member's program signs what it shows: the canonical bytes of the act, bound to this log. The service proposes
nothing by itself and can approve nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from audit.approvals import approval_message, make_approval
from ballot.token import draw_secret
from election_service.api_types import Act, ActList, ActProposal, ElectionInfo
from election_service.client import ServiceClient
from election_service.state_dir import write_durably
from keys import schnorr
from keys.canonical import Id, b64, decode, encode, unb64
from keys.errors import DataError
from keys.ids import fingerprint, short_code
from keys.keyfile import open_key_file, read_key_file, seal_key_file

Random = Callable[[int], bytes]

ACT_SIZE: Final = 16
_KIND: Final = "member"


@dataclass(frozen=True, slots=True)
class MemberKey:
    """A member's id and 32-byte secret key."""

    id: str
    secret: bytes

    @property
    def public(self) -> bytes:
        """The x-only key that stands in entry 0."""
        return schnorr.public_key(self.secret)

    def __repr__(self) -> str:
        return f"MemberKey({self.id}, {fingerprint(self.public)})"


def new_member_key(member: str, passphrase: str, random: Callable[[int], bytes]) -> bytes:
    """The bytes of a new key file, sealed under the passphrase; id and public key can be read without it."""
    secret = draw_secret(random)
    public = {"member": member, "key": b64(schnorr.public_key(secret))}
    return seal_key_file(_KIND, public, secret, passphrase, random)


def open_member_key(path: Path, passphrase: str) -> MemberKey:
    """Open a member's key file; KeyFileError for a wrong passphrase or another kind of file."""
    raw = path.read_bytes()
    return MemberKey(read_key_file(raw, _KIND).public["member"], open_key_file(raw, _KIND, passphrase))


def read_member(path: Path) -> tuple[str, bytes]:
    """(id, public key) of a member's key file, without the passphrase."""
    public = read_key_file(path.read_bytes(), _KIND).public
    return public["member"], unb64(public["key"], 32, "member: key")


async def log_id_of(client: ServiceClient) -> bytes:
    """The log id that the service claims."""
    return unb64((await client.get("", ElectionInfo)).log, 32, "log")


class AnotherLogError(DataError):
    """The service names another log for this election than before: nothing is signed for it."""

    hint = "show this to the other members: approvals for a second log of one election would let it pass as the first"


async def pinned_log_id(client: ServiceClient, key: Path) -> tuple[bytes, bool]:
    """The log that this member signs for, and whether it was seen now for the first time.

    It is kept beside the key file, one for each election, and never changes: a service that names another one later
    would have two logs with the same members' approvals (A55). AnotherLogError then. The first time, the member
    compares it with the committee's own note.
    """
    claimed = b64(await log_id_of(client))
    path = key.with_name(key.name + ".logs")
    known = decode(path.read_bytes(), dict[Id, str]) if path.exists() else {}
    held = known.get(client.election)
    if held is None:
        write_durably(path, encode({**known, client.election: claimed}))
    elif held != claimed:
        message = f"log of {client.election}: expected {held}, as before, got {claimed}"
        raise AnotherLogError(message)
    return unb64(claimed, 32, "log"), held is None


async def propose(
    client: ServiceClient,
    log_id: bytes,
    member: MemberKey,
    kind: str,
    fields: Mapping[str, Any],
    random: Random,
    not_before: str | None = None,
) -> Act:
    """Propose an act and approve it in the same step; ``fields`` are its data without ``act`` and ``approvals``."""
    data = {**fields, "act": b64(random(ACT_SIZE))}
    approval = make_approval(log_id, kind, encode(data), member.id, member.secret, random)
    return await client.post("/acts", ActProposal(kind=kind, data=data, not_before=not_before, approval=approval), Act)


def act_code(log_id: bytes, act: Act) -> str:
    """The code of what members sign in this act: the same on the pages of the console, to be compared by voice."""
    return short_code(approval_message(log_id, act.kind, encode(act.data)))


async def waiting_acts(client: ServiceClient, member: str | None = None) -> list[Act]:
    """The acts that still need approvals; with ``member``, those that this member has not approved."""
    acts = (await client.get("/acts", ActList)).acts
    return [
        act for act in acts if act.state == "waiting" and member not in {approval.member for approval in act.approvals}
    ]


async def approve(client: ServiceClient, log_id: bytes, member: MemberKey, act: Act, random: Random) -> Act:
    """Approve one act as it was shown."""
    approval = make_approval(log_id, act.kind, encode(act.data), member.id, member.secret, random)
    return await client.post(f"/acts/{act.act}/approvals", approval, Act)
