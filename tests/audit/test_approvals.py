"""Approvals: enough distinct members, this act, this kind, this log (A100)."""

from collections.abc import Callable

import msgspec
import pytest

from audit.approvals import make_approval, verify_approvals
from audit.entries import Approval, BoothData, Member, MembersData, decode_unsigned, encode_unsigned
from audit.errors import ApprovalError
from audit.source import MemorySource
from audit.verify import verify_log
from keys.canonical import b64
from tests.simulated.builders import make_signer
from tests.simulated.randomness import seeded
from tests.simulator import ContestPlan, Plan, set_up

LOG = bytes(range(32))
SIGNERS = {name: make_signer(name) for name in ("ana", "beka", "gio")}
MEMBERS = {name: signer.public for name, signer in SIGNERS.items()}
ACT = BoothData(act=b64(bytes(16)), approvals=(), bundle="b0" * 32)
RANDOM = seeded("approvals")


def approval(member: str, *, kind: str = "booth", log: bytes = LOG, data: BoothData = ACT) -> Approval:
    return make_approval(log, kind, encode_unsigned(data), member, SIGNERS[member].secret, RANDOM)


def with_approvals(*approvals: Approval) -> BoothData:
    return msgspec.structs.replace(ACT, approvals=approvals)


def test_two_of_three_members_are_enough() -> None:
    for pair in (("ana", "beka"), ("ana", "gio"), ("beka", "gio")):
        verify_approvals(LOG, "booth", with_approvals(*map(approval, pair)), MEMBERS, 2)
    verify_approvals(LOG, "booth", with_approvals(*map(approval, SIGNERS)), MEMBERS, 2)


def test_a_member_signs_the_bytes_that_the_service_proposes() -> None:
    proposed = encode_unsigned(ACT)
    signed = make_approval(LOG, "booth", proposed, "ana", SIGNERS["ana"].secret, RANDOM)
    verify_approvals(
        LOG, "booth", msgspec.structs.replace(decode_unsigned("booth", proposed), approvals=(signed,)), MEMBERS, 1
    )


OTHER = msgspec.structs.replace(ACT, act=b64(b"\x01" * 16))
REFUSED: dict[str, tuple[Callable[[], tuple[Approval, ...]], str]] = {
    "no approval": (lambda: (), "expected 2, got 0"),
    "one approval": (lambda: (approval("ana"),), "expected 2, got 1"),
    "one member twice": (lambda: (approval("ana"), approval("ana")), "distinct members in ascending order"),
    "the wrong order": (lambda: (approval("beka"), approval("ana")), "distinct members in ascending order"),
    "a stranger": (lambda: (approval("ana"), Approval(member="zaza", signature="")), "zaza: no member"),
    "one's signature under another's name": (
        lambda: (approval("ana"), Approval(member="beka", signature=approval("ana").signature)),
        "approval by beka",
    ),
    "an approval of another act": (lambda: (approval("ana"), approval("beka", data=OTHER)), "approval by beka"),
    "an approval of another kind": (lambda: (approval("ana"), approval("beka", kind="members")), "approval by beka"),
    "an approval in another log": (lambda: (approval("ana"), approval("beka", log=bytes(32))), "approval by beka"),
    "a third approval that is bad": (
        lambda: (approval("ana"), approval("beka"), Approval(member="gio", signature=b64(bytes(64)))),
        "approval by gio",
    ),
    "a signature that is none": (lambda: (approval("ana"), Approval(member="beka", signature="=")), "approval by beka"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_act_is_refused_with(name: str) -> None:
    approvals, text = REFUSED[name]
    with pytest.raises(ApprovalError, match=text):
        verify_approvals(LOG, "booth", with_approvals(*approvals()), MEMBERS, 2)


def test_a100_a_committee_in_which_one_approval_is_enough_is_noted() -> None:
    election = set_up(Plan(contests=(ContestPlan("head", ("ana",)),)))
    assert not [note for note in verify_log(MemorySource(election.log.files())).notes if "one member" in note]
    listed = tuple(Member(id=name, key=b64(election.members[name].public)) for name in sorted(election.members))
    election.act("members", MembersData, members=listed, threshold=1)
    report = verify_log(MemorySource(election.log.files()))
    assert report.ok, report.failures
    assert [note for note in report.notes if "one member's approval is enough" in note]
