"""The service misbehaves while the poll is open; all that comes after fits: shares, counts, result, approvals.

`verify` names what is wrong all the same (A43, A104). What it cannot see is in `test_unseen.py`.
"""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from ballot.ballot import BallotData, Body, cast_message
from ballot.token import blind_token, finalize_token, make_request
from keys import schnorr
from keys.canonical import b64, encode, unb64
from keys.curve import GENERATOR, Point
from keys.issuer import blind_sign
from tests.simulated.people import Voter
from tests.simulated.published import failed
from tests.simulator import Box, ContestPlan, Election, Plan, finish, set_up

HEAD = ContestPlan("head", ("ana", "ana", "beka", "blank"))


def only(check: str, election: Election) -> None:
    """This check alone fails."""
    assert failed(election.log.files(), election.log_id) == {check}


def invented_token(election: Election, box: Box, voter: Voter) -> None:
    """A token that nobody was issued: the service signs its own."""
    waiting = blind_token(box.rules, voter.random)
    signature = blind_sign(election.issuer_of(box), waiting.blinded, voter.random)
    voter.tokens[box.rules.context] = finalize_token(box.rules, waiting, signature)


def test_a_stuffed_ballot_without_slack_is_seen_by_its_number() -> None:  # A43
    election = set_up(Plan((HEAD,), seed="stuffed"))
    election.vote()
    box = election.box("head")
    mallory = Voter("mallory", "sim-2026", election.random)
    invented_token(election, box, mallory)
    box.plan = replace(box.plan, votes=(*box.plan.votes, "beka"))
    election.cast(mallory, box, "beka")
    only("quantities", finish(election))


@pytest.mark.parametrize("whose", ["invented", "abstainer"])
def test_a_stuffed_ballot_with_a_token_entry_is_seen_by_the_roll(whose: str) -> None:  # A43
    """The credential is not in the roll; or it is, and did not sign."""
    election = set_up(Plan((HEAD,), seed="stuffed"))
    election.vote()
    box = election.box("head")
    mallory = Voter("mallory", "sim-2026", election.random)
    invented_token(election, box, mallory)
    request = make_request(box.rules, blind_token(box.rules, election.random), mallory.secret, None, election.random)
    credential = mallory.credential if whose == "invented" else election.voters[5].credential
    box.requests.append((credential, request))
    box.plan = replace(box.plan, votes=(*box.plan.votes, "beka"))
    election.cast(mallory, box, "beka")
    only("tokens", finish(election))


def resigned(voter: Voter, request: BallotData, body: Body) -> BallotData:
    """The voter's token signs another body."""
    token = voter.tokens[unb64(request.context, 32, "context")]
    signature = schnorr.sign(token.secret, cast_message(encode(body)), bytes(32))
    return msgspec.structs.replace(request, body=body, signature=b64(signature))


def double_vote(body: Body) -> Body:
    first = body.choices[0]
    doubled = b64((Point.from_bytes(unb64(first.b, 33, "b")) + GENERATOR).to_bytes())
    return msgspec.structs.replace(body, choices=[msgspec.structs.replace(first, b=doubled), *body.choices[1:]])


def bent_proof(body: Body) -> Body:
    return msgspec.structs.replace(body, sum=msgspec.structs.replace(body.sum, z=body.sum.z[::-1]))


def other_owner(body: Body) -> Body:
    return msgspec.structs.replace(body, owner=b64(bytes(32)))


@pytest.mark.parametrize("craft", [double_vote, bent_proof, other_owner])
def test_a_crafted_ballot_that_the_service_accepts_makes_no_result(craft: Callable[[Body], Body]) -> None:  # A104
    """Voter, service and trustees agree on it, the counts are possible, members certify: the verifier does not."""
    plan = ContestPlan("head", ("ana", "ana", "beka", "ana"), options="ana beka", minimum=0, maximum=2)
    election = set_up(Plan((plan,), seed="crafted"))
    election.vote()
    box = election.box("head")
    voter, good = election.voters[0], box.ballots.pop(0)
    crafted = resigned(voter, good, craft(good.body))
    box.ballots.append(crafted)
    if craft is double_vote:
        box.plan = replace(box.plan, votes=("ana", "ana", "beka", "ana", "ana"))
    finished = finish(election)
    found = failed(finished.log.files(), finished.log_id)
    assert "ballots" in found
    assert not found & {"approvals", "entries", "tokens", "checkpoints"}


def test_a_token_spent_twice_is_seen() -> None:  # A104, A40
    election = set_up(Plan((HEAD,), seed="twice"))
    election.vote()
    box = election.box("head")
    election.issue(election.voters[5], box)  # so that the numbers would do
    box.plan = replace(box.plan, votes=(*box.plan.votes, "ana"))
    election.cast(election.voters[0], box, "ana")
    assert "ballots" in failed(finish(election).log.files(), election.log_id)
