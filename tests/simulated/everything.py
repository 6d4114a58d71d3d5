"""A small election in which every kind of entry happens: what the tampering tests tamper with."""

from hashlib import sha256

import msgspec

from audit.entries import AnnulledData, Member, MembersData
from keys.canonical import b64
from keys.curve import Scalar
from keys.trustee import Ceremony, SharedData, Stage
from keys.trustee.messages import sign_step
from keys.trustee.share import seal_share
from keys.trustee.tool import next_step
from tally.constitution import Resolution
from tests.simulated.builders import make_replacement, make_signer
from tests.simulated.people import Voter
from tests.simulator import ELECTION, ContestPlan, Election, Plan

FIRST_TOUR = (
    ContestPlan("head", ("ana", "ana", "beka", "blank", "token", "beka", "ana", None)),
    ContestPlan("law-head", ("nino", "gio", "gio", "gio"), "gio nino", "law", "faculty", 0, 2),
    ContestPlan("small-head", ("eka", "blank"), "eka blank", "small", "faculty"),
    ContestPlan("zero-head", (), "luka blank", "zero", "faculty"),
)
SECOND_TOUR = (ContestPlan("head", ("ana", "beka", "beka", "blank")),)


def everything(seed: str = "everything") -> Election:
    """Two polls: one certified, with every twist; one closed early and annulled."""
    plan = Plan(
        contests=FIRST_TOUR,
        voters=8,
        electorates={"law": range(5), "small": (5, 6), "zero": (7,)},
        rogue=frozenset({1}),
        resolutions=(Resolution("6.12.4", "both"), Resolution("6.9.4", "ballots cast")),
        seed=seed,
    )
    election = Election(plan)
    election.open_log()
    complained_session(election)
    election.ceremony(attempt=2)
    election.make_electorates()
    replace_credential(election, 0)
    election.prepare_poll()
    election.open_poll()
    election.vote()
    election.change_poll("paused")
    election.seal()
    election.change_poll("resumed")
    election.change_poll("extended", minutes=90)
    election.close()
    change_members(election)
    election.tally()
    election.declare()
    election.certify()
    election.prepare_poll(2, SECOND_TOUR)
    election.open_poll(2)
    election.vote(2)
    election.change_poll("paused", 2)
    election.close(2, early=True)
    election.tally(2)
    election.declare(2)
    declared = b64(sha256(election.log.entries[-1]).digest())
    election.act("result.annulled", AnnulledData, poll=2, declared=declared, reason="simulated")
    election.check()
    return election


def complained_session(election: Election) -> None:
    """Attempt 1: trustee 1 seals a wrong share to trustee 2, who complains; the session is void."""
    election.open_session(1)
    ceremony = election.round(election.round(Ceremony(election.session)))
    for number, file in enumerate(election.trustees):
        election.trustees[number], data = next_step(file, ceremony, election.random)
        assert isinstance(data, SharedData)
        if number == 0:
            wrong = b64(seal_share(election.session, 1, ceremony.messages[1], Scalar(5)))
            shares = (msgspec.structs.replace(data.shares[0], sealed=wrong), *data.shares[1:])
            unsigned = msgspec.structs.replace(data, shares=shares)
            data = sign_step(election.session, unsigned, file.identity_secret, election.random)
        election.log.append("trustee.shared", data)
        ceremony = ceremony.add(data)
    ceremony = election.round(ceremony)
    assert ceremony.stage is Stage.VOID
    assert ceremony.guilty == 1


def replace_credential(election: Election, number: int) -> None:
    """The voter lost the link: a new seed, and the registrar's word for it."""
    old = election.voters[number]
    new = election.voters[number] = Voter(old.name, ELECTION, election.random)
    data = make_replacement(
        election.log_id, old.credential, new.credential, "link lost", election.registrar, election.random(16)
    )
    election.approved("credential.replaced", data)


def change_members(election: Election) -> None:
    """The student leaves the committee, the rector joins."""
    joined = make_signer(f"{election.plan.seed}/rector")
    kept = {name: election.members[name] for name in ("dean", "secretary")}
    members = {"rector": joined, **kept}  # the rector approves from now on
    listed = tuple(Member(id=name, key=b64(members[name].public)) for name in sorted(members))
    election.act("members", MembersData, members=listed, threshold=2)
    election.members = members
