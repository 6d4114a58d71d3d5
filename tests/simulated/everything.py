"""A small election in which every kind of entry happens: what the tampering tests tamper with."""

import msgspec

from audit.entries import Member, MembersData
from keys.canonical import b64
from keys.curve import Scalar
from keys.trustee import Ceremony, SharedData, Stage
from keys.trustee.messages import sign_step
from keys.trustee.share import seal_share
from keys.trustee.tool import next_step
from tally.open_vote import Choice
from tests.simulated.builders import make_replacement, make_signer
from tests.simulated.people import Voter
from tests.simulator import ELECTION, ContestPlan, Election, Plan

FIRST_TOUR = (
    ContestPlan("head", ("ana", "ana", "beka", "blank", "token", "beka", "ana", None)),
    ContestPlan("law-head", ("nino", "gio", "gio", "gio"), "gio nino", "law", "faculty", 0, 2),
    ContestPlan("small-head", ("eka", "blank"), "eka blank", "small", "faculty"),
    ContestPlan("zero-head", (), "luka blank", "zero", "faculty"),
)
CHOICES: tuple[Choice, ...] = ("abstain", "for", "against")
BY_ELECTION = (ContestPlan("law-head", ("tea", "dato", "dato", "blank"), "tea dato blank", "law", "faculty"),)


def everything(seed: str = "everything") -> Election:
    """Two polls: one certified, with every twist, and the year after it; one closed early and annulled."""
    plan = Plan(
        contests=FIRST_TOUR,
        voters=8,
        electorates={"law": range(5), "small": (5, 6), "zero": (7,)},
        rogue=frozenset({1}),
        complaints=3600,
        seed=seed,
    )
    election = Election(plan)
    election.open_log()
    complained_session(election)
    election.ceremony(attempt=2)
    election.make_electorates()
    replace_credential(election, 0)
    supported_petition(election)
    open_vote(election)
    first_poll(election)
    the_year(election)
    election.prepare_poll(2, BY_ELECTION)
    election.open_poll(2)
    election.vote(2)
    election.change_poll("paused", 2)
    election.close(2, early=True)
    election.tally(2)
    election.declare(2)
    election.annul(2)
    return election


def supported_petition(election: Election) -> None:
    """Two of five ask for an extraordinary meeting: a quarter is enough; one of them has a new link."""
    election.decide(
        "petition", seat="meeting-1", ground="extraordinary-meeting", electorate="law", until="2026-10-06T00:00:00Z"
    )
    for number in (0, 1):
        election.support("meeting-1", "law", number)
    election.decide("petition-result", seat="meeting-1", ground="supported", number=2)


def open_vote(election: Election) -> None:
    """One for, one against, one abstains: the casting vote decides."""
    casting = b64(election.voters[1].credential)
    election.decide("board-vote", seat="budget", electorate="law", person=casting)
    for number, choice in enumerate(CHOICES):
        election.vote_openly("budget", "law", number, choice)
    election.decide("board-result", seat="budget", ground="adopted", number=2)


def first_poll(election: Election) -> None:
    """With a pause, an extension, another committee, and a complaint that is answered."""
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
    complaint = election.complain(2, "the room was closed at noon")
    election.decide("complaint", number=complaint, ground="rejected")
    election.certify()


def the_year(election: Election) -> None:
    """A head resigns, the runner-up follows and resigns as well: nobody is left, and a by-election is due."""
    assert election.decide("vacancy", seat="law-head", person="gio", ground="resignation") == [
        "seat.vacated",
        "seat.filled",
    ]
    assert election.decide("vacancy", seat="law-head", person="nino", ground="resignation") == ["seat.vacated"]
    assert election.record.agenda["law-head"].kind == "by-election"


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
    election.listed[b64(new.credential)] = b64(old.credential)


def change_members(election: Election) -> None:
    """The student leaves the committee, the rector joins."""
    joined = make_signer(f"{election.plan.seed}/rector")
    kept = {name: election.members[name] for name in ("dean", "secretary")}
    members = {"rector": joined, **kept}  # the rector approves from now on
    listed = tuple(Member(id=name, key=b64(members[name].public)) for name in sorted(members))
    election.act("members", MembersData, members=listed, threshold=2)
    election.members = members
