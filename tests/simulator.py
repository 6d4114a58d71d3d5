"""A whole election in memory: every act of every person, through the real pure packages, into a published log.

`Election(plan)` goes from act to act; after each act the oracle (tests/simulated/oracle.py) re-derives chain, tree,
sums, counts and winners from the published bytes with other code. `simulate(plan)` does all acts. The same plan gives
the same election; only what the trustees seal to each other is fresh (HPKE takes no randomness from outside).

    python -m tests.simulator          # prints the log of a small election, one line per entry
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from audit.entries import (
    AnnulledData,
    CertifiedData,
    DecisionData,
    IssuerDestroyedData,
    PollClosedData,
    SealedData,
)
from ballot.ballot import BallotData, tracker
from ballot.receipt import make_receipt
from ballot.verification import verify_ballot
from keys.canonical import b64, unb64
from keys.curve import GENERATOR
from keys.issuer import IssuerKey, blind_sign
from tally.complaint import make_complaint
from tally.counts import make_counts
from tally.decision import Decision, What
from tally.declared import make_declared
from tally.lot import make_tickets
from tally.open_vote import Choice, make_open_vote
from tally.outcome import Counted, Outcome
from tally.petition import make_support
from tally.record import Event
from tally.share import ShareContext, judge_shares, make_share, share_context, trustees_of
from tally.sums import ContestSums, make_sums, sum_bodies
from tally.wire import ShareData
from tally.withheld import is_withheld, make_withheld
from tests.simulated import oracle
from tests.simulated.builders import closed_contests, token_entries
from tests.simulated.people import Voter, issuer_key
from tests.simulated.plan import Box, ContestPlan, Plan
from tests.simulated.preparation import ELECTION, ORIGIN, Preparation
from tests.simulated.rogue import shifted_share

__all__ = ["ELECTION", "ORIGIN", "Box", "ContestPlan", "Election", "Plan", "finish", "set_up", "simulate"]


class Election(Preparation):
    """From the first ballot to the certified result."""

    def issue(self, voter: Voter, box: Box) -> None:
        """Request, blind signature, token."""
        request = voter.request(box.rules)
        box.requests.append((voter.credential, request))
        blinded = unb64(request.blinded, len(box.rules.modulus), "blinded")
        voter.receive(box.rules, blind_sign(self.issuer_of(box), blinded, self.random))

    def cast(self, voter: Voter, box: Box, marks: str) -> BallotData:
        """Encrypt, have it judged as the verifier does, cast."""
        request = voter.ballot(box.rules, box.vote(marks))
        verify_ballot(box.rules, request)
        self.accept(voter, box, request)
        return request

    def accept(self, voter: Voter, box: Box, request: BallotData) -> None:
        """Store a ballot and hand out its receipt; does not look at it."""
        box.ballots.append(request)
        voter.receipts.append(
            make_receipt(self.receipt.secret, self.log_id, box.rules.context, tracker(request.body), self.random)
        )

    def issuer_of(self, box: Box) -> IssuerKey:
        """The contest's issuer key, which the service holds."""
        return issuer_key(f"{self.plan.seed}/{box.rules.document.poll}/{box.plan.id}", self.plan.rsa_bits)

    def vote(self, poll: int = 1) -> None:
        """Everybody does what the plan says."""
        for box in self.boxes[poll]:
            numbers = self.rolls[box.plan.electorate]
            for number, marks in zip(numbers, box.plan.votes, strict=False):
                if marks is not None:
                    self.issue(self.voters[number], box)
                    if marks != "token":
                        self.cast(self.voters[number], box, marks)

    def seal(self, poll: int = 1) -> None:
        """Log what waits, ascending by tracker over all contests."""
        waiting = [ballot for box in self.boxes[poll] for ballot in box.ballots[box.sealed :]]
        for box in self.boxes[poll]:
            box.sealed = len(box.ballots)
        for ballot in sorted(waiting, key=lambda ballot: tracker(ballot.body)):
            self.log.append("ballot", ballot)
        if waiting:
            self.log.append("sealed", SealedData(poll=poll, ballots=len(waiting)))
        self.check()

    # -- closing and counting ------------------------------------------------------------------------------------------

    def close(self, poll: int = 1, *, early: bool = False) -> None:
        """Seal, close, publish the tokens, destroy the issuer keys."""
        self.seal(poll)
        if not early:
            self.wait((self.plan.hours + 1) * 3600)
        boxes = self.boxes[poll]
        tokens = token_entries(request for box in boxes for request in box.requests)
        ballots = (unb64(ballot.context, 32, "") for box in boxes for ballot in box.ballots)
        contests = closed_contests((box.rules.context for box in boxes), ballots, tokens)
        closed = PollClosedData(act=b64(self.random(16)), approvals=(), poll=poll, contests=tuple(contests))
        if early:
            self.approved("poll.closed", closed)
        else:
            self.log.append("poll.closed", closed)
        for token in tokens:
            self.log.append("token", token)
        for box in sorted(boxes, key=lambda box: box.rules.context):
            self.log.append("issuer.destroyed", IssuerDestroyedData(context=b64(box.rules.context)))
        self.check()

    def sums(self, poll: int = 1) -> dict[str, ContestSums]:
        """Log the sums of every contest that is to be counted."""
        found = {}
        for box in self.boxes[poll]:
            rules = box.rules
            if is_withheld(len(box.ballots), self.record.rules.min_ballots):
                continue
            bodies = (ballot.body for ballot in box.ballots)
            found[box.plan.id] = sum_bodies(rules.context, rules.options, bodies)
            self.log.append("tally.sums", make_sums(found[box.plan.id]))
        self.check()
        return found

    def share(self, number: int, sums: ContestSums) -> ShareData:
        """One trustee's share; a rogue's first decryption is off by G, and signed all the same."""
        file = self.trustees[number - 1]
        secret = file.secret_share(self.joint)
        share = make_share(self.where, sums, number, secret, file.identity_secret, self.random)
        if number in self.plan.rogue:
            share = shifted_share(self.where, share, file.identity_secret, GENERATOR)
        return share

    @property
    def where(self) -> ShareContext:
        return share_context(self.session)

    def tally(self, poll: int = 1) -> None:
        """Review window, sums, shares, counts, and `tally.withheld` where contests are too small."""
        self.wait(self.record.rules.review_window)
        everything = self.sums(poll)
        present = [number for number in range(1, self.plan.n + 1) if number not in self.plan.absent]
        shares: dict[str, list[ShareData]] = {}
        for name, sums in everything.items():
            shares[name] = [self.share(number, sums) for number in present] if sums.ballots else []
            for share in shares[name]:
                self.log.append("tally.share", share)
        for box in self.boxes[poll]:
            self.count(box, everything.get(box.plan.id), shares.get(box.plan.id, []))
        entries = self.check()
        oracle.check_tally(entries)

    def count(self, box: Box, sums: ContestSums | None, shares: Iterable[ShareData]) -> None:
        if sums is None:
            data = make_withheld(box.rules.context, len(box.ballots), self.record.rules.min_ballots)
            self.log.append("tally.withheld", data)
            return
        verdict = judge_shares(self.where, trustees_of(self.session, self.joint), sums, list(shares))
        self.bad_shares[box.rules.context] = {number: str(error) for number, error in verdict.bad.items()}
        self.log.append("tally.counts", make_counts(sums, box.bounds, verdict.valid, self.plan.k))

    def counts_of(self, poll: int) -> dict[str, list[int]]:
        """Counts by context as logged."""
        return {
            data["context"]: data["counts"]
            for data in (entry["data"] for entry in self.check() if entry["kind"] == "tally.counts")
        }

    def declare(self, poll: int = 1) -> Outcome:
        """The rules, applied to what is logged."""
        counts = self.counts_of(poll)
        counted = [self.counted(box, counts.get(b64(box.rules.context))) for box in self.boxes[poll]]
        outcome = self.record.declare(poll, counted)
        self.outcomes[poll] = outcome
        self.log.add_blob(outcome.reasoning)
        self.declared[poll] = self.log.append("result.declared", make_declared(outcome))
        self.record.take(outcome, self.log.now)
        self.check_winners(poll)
        return outcome

    def counted(self, box: Box, counts: list[int] | None) -> Counted:
        """What the rules are told of a contest."""
        if counts is None:
            return Counted(box.plan.id, len(box.ballots), None)
        sums = sum_bodies(box.rules.context, box.rules.options, (ballot.body for ballot in box.ballots))
        return Counted(box.plan.id, len(box.ballots), tuple(counts), make_tickets(self.log_id, sums, counts))

    def check_winners(self, poll: int) -> None:
        """The oracle's winners, from the votes of the plan, against the declared ones."""
        entries = self.check()
        rules = oracle.rules_of(entries, self.log.blobs)
        results = {result["contest"]: result for result in entries[-1]["data"]["results"]}
        for box in self.boxes[poll]:
            cast = [marks.split() for marks in box.plan.votes if marks not in (None, "token")]
            expected = {option: sum(option in marks for marks in cast) for option in box.plan.options.split()}
            result = results[box.plan.id]
            if result["counts"] is not None:
                assert result["counts"] == list(expected.values())
            if result["outcome"] not in ("withheld", "invalid-turnout"):
                expected.pop("blank", None)
                for person in oracle.void(entries, box.plan.id):
                    expected.pop(person, None)
                rule = rules[result["procedure"]]
                found = oracle.elected(rule, expected, result["ballots"], result["size"])
                assert found is None or result["elected"] == found
                if rule["method"] == "plurality" and rule["tie"] == "members-vote" and len(expected) > 1:
                    assert result["outcome"] == oracle.winners(expected)[0]

    def certify(self, poll: int = 1) -> None:
        """Certify the declaration when the time for complaints is over; what follows is logged behind it."""
        self.wait(self.record.rules.complaints.value)
        declared = b64(sha256(self.declared[poll]).digest())
        self.act("result.certified", CertifiedData, poll=poll, declared=declared)
        self.derive(self.record.certify(poll, self.log.now))
        self.check()

    def annul(self, poll: int = 1) -> None:
        """Annul the declaration."""
        declared = b64(sha256(self.declared[poll]).digest())
        self.act("result.annulled", AnnulledData, poll=poll, declared=declared, reason="simulated")
        self.derive(self.record.annul(poll, self.log.now))
        self.check()

    # -- the year ------------------------------------------------------------------------------------------------------

    def derive(self, events: Iterable[Event]) -> None:
        """Log what follows from the entry that stands last."""
        for kind, data in events:
            self.log.append(kind, data)

    def decide(self, what: What, **members: Any) -> list[str]:
        """A recorded decision and what follows from it; returns the kinds of what follows."""
        nothing: dict[str, Any] = dict.fromkeys(
            ("seat", "person", "ground", "motion", "electorate", "until", "text"), ""
        )
        decision = Decision(what=what, **{**nothing, "number": 0, **members})
        act = b64(self.random(16))
        self.approved("decision", DecisionData(act=act, approvals=(), decision=decision))
        events = self.record.decide(act, decision, self.log.now)
        self.derive(events)
        self.check()
        return [kind for kind, _ in events]

    def complain(self, number: int, text: str, poll: int = 1) -> int:
        """A complaint of that voter; returns its entry's number."""
        data = make_complaint(self.log_id, poll, text, self.voters[number].secret, self.random)
        self.log.append("complaint", data)
        self.record.complain(len(self.log.entries) - 1, data, self.log.now)
        return len(self.log.entries) - 1

    def support(self, petition: str, electorate: str, number: int) -> None:
        """A voter supports a petition."""
        data = make_support(self.log_id, petition, electorate, self.voters[number].secret, self.random)
        self.log.append("petition", data)
        self.record.support(data, self.log.now, listed=self.listed.get(data.credential, data.credential))

    def vote_openly(self, vote: str, electorate: str, number: int, choice: Choice) -> None:
        """A member of the board votes, for everybody to see."""
        data = make_open_vote(self.log_id, vote, electorate, choice, self.voters[number].secret, self.random)
        self.log.append("vote.open", data)
        self.record.vote_openly(data, self.log.now, listed=self.listed.get(data.credential, data.credential))

    def whole_poll(self, poll: int, contests: Sequence[ContestPlan] | None = None) -> Outcome:
        """From the contest documents to the declaration."""
        self.prepare_poll(poll, contests)
        self.open_poll(poll)
        self.vote(poll)
        self.close(poll)
        self.tally(poll)
        return self.declare(poll)


def set_up(plan: Plan) -> Election:
    """Everything up to the open poll."""
    election = Election(plan)
    for step in (election.open_log, election.ceremony, election.make_electorates, election.prepare_poll):
        step()
    election.open_poll()
    return election


def simulate(plan: Plan) -> Election:
    """A whole election with one poll, certified."""
    election = set_up(plan)
    election.vote()
    return finish(election)


def finish(election: Election) -> Election:
    """From the close to the certification."""
    for step in (election.close, election.tally, election.declare, election.certify):
        step()
    return election


if __name__ == "__main__":
    print(simulate(Plan()).dump())
