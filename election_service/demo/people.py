"""The demo's committee and trustees: real keys in real files, two members for every act, two of three trustees."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from audit.approvals import make_approval
from election_service.acts import approve, propose
from election_service.api_types import Act, ActProposal
from election_service.commands.trustee import STEP_KINDS
from election_service.committee import ACT_SIZE, MemberKey, new_member_key, open_member_key
from election_service.service import Service
from election_service.state_dir import create_durably
from election_service.trustee_tool import Workspace
from election_service.trustees import accept_message
from keys.canonical import b64, encode
from keys.trustee import Ceremony, JointKey, Stage, TrusteeSession
from keys.trustee.file import new_trustee_file, seal_trustee_file
from keys.trustee.tool import canary, next_step

MEMBERS: Final = ("nino", "giorgi", "salome")
TRUSTEES: Final = 3
THRESHOLD: Final = 2


@dataclass(frozen=True, slots=True)
class Committee:
    """The members of one election, and the log they act in."""

    election: str
    log_id: bytes
    members: tuple[MemberKey, ...]

    async def decide(self, service: Service, kind: str, fields: Mapping[str, Any]) -> Act:
        """One member proposes, another approves."""
        data = {**fields, "act": b64(os.urandom(ACT_SIZE))}
        first, second = (
            make_approval(self.log_id, kind, encode(data), member.id, member.secret, os.urandom)
            for member in self.members[:THRESHOLD]
        )
        proposal = ActProposal(kind=kind, data=data, not_before=None, approval=first)
        act = await propose(service, self.election, proposal)
        return await approve(service, self.election, act.act, second)


def make_members(folder: Path, passphrase: str) -> tuple[MemberKey, ...]:
    """A key file for each member."""
    members = []
    for name in MEMBERS:
        path = folder / f"member-{name}.key"
        create_durably(path, new_member_key(name, passphrase, os.urandom))
        members.append(open_member_key(path, passphrase))
    return tuple(members)


def make_trustees(folder: Path, election: str, passphrase: str) -> list[Workspace]:
    """A file for each trustee."""
    workspaces = []
    for number in range(1, TRUSTEES + 1):
        path = folder / f"trustee-{number}.key"
        create_durably(path, seal_trustee_file(new_trustee_file(election, os.urandom), passphrase, os.urandom))
        workspaces.append(Workspace.open(path, passphrase))
    return workspaces


async def hold_ceremony(service: Service, committee: Committee, trustees: Sequence[Workspace]) -> JointKey:
    """The committee opens a session; the trustees go through all rounds and end with the joint key."""
    identities = tuple(trustee.file.identity_key for trustee in trustees)
    fields = {"attempt": 1, "k": THRESHOLD, "trustees": [b64(key) for key in identities]}
    await committee.decide(service, "trustee.opened", fields)
    ceremony = Ceremony(TrusteeSession(committee.log_id, 1, THRESHOLD, identities))
    while ceremony.stage is not Stage.DONE:
        for trustee in trustees:
            file, data = next_step(trustee.file, ceremony, os.urandom)
            trustee.store(file, os.urandom)
            if data is not None:
                await accept_message(service, committee.election, STEP_KINDS[type(data)], msgspec.to_builtins(data))
                ceremony = ceremony.add(data)
    for trustee in trustees:
        trustee.store(next_step(trustee.file, ceremony, os.urandom)[0], os.urandom)
    return ceremony.joint_key


async def show_canaries(
    service: Service, committee: Committee, trustees: Sequence[Workspace], joint: JointKey, poll: int
) -> None:
    """Every trustee proves that its file works."""
    for trustee in trustees:
        data = canary(trustee.file, committee.log_id, joint, poll, os.urandom)
        await accept_message(service, committee.election, "trustee.canary", msgspec.to_builtins(data))
