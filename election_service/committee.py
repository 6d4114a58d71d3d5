"""A member of the committee at work: keys in files, acts proposed and approved by signature (docs/protocol.md §9).

The member's program signs what it shows: the canonical bytes of the act, bound to this log. The service proposes
nothing by itself and can approve nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from audit.approvals import make_approval
from ballot.token import draw_secret
from election_service.api_types import Act, ActList, ActProposal, ElectionInfo
from election_service.client import ServiceClient
from keys import schnorr
from keys.canonical import b64, encode, unb64
from keys.ids import fingerprint
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
    """The log id that the service claims; a member compares its fingerprint with the committee's own note."""
    return unb64((await client.get("", ElectionInfo)).log, 32, "log")


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
