"""Attacks on the tally and on the box that a ballot belongs to: A09, A12, A26, A28, A48 (docs/threat-model.md)."""

from dataclasses import replace
from functools import cache
from itertools import combinations, product

import msgspec
import pytest

from ballot.ballot import BallotData
from ballot.contest import ContestRules
from ballot.encryption import make_ballot
from ballot.verification import verify_ballot, verify_ballots
from keys.canonical import b64
from keys.curve import GENERATOR
from keys.errors import DataError
from tally.counts import make_counts
from tally.errors import CountsError, ShareError
from tally.share import judge_shares, trustees_of
from tally.sums import ContestSums, sum_bodies
from tally.wire import ShareData
from tally.withheld import make_withheld
from tests.simulated.people import Voter
from tests.simulated.randomness import seeded
from tests.simulated.rogue import shifted_share, sign_share
from tests.simulator import Box, ContestPlan, Election, Plan, finish, set_up

TWO_CONTESTS = (
    ContestPlan("head", ("ana", "beka", "blank")),
    ContestPlan("law-head", ("ana", "ana", "beka"), electorate="law", position="faculty"),
)


@cache
def two_tours(seed: str, rsa_bits: int = 1024) -> Election:
    """Two contests, and a re-election of the first one, which ended in a tie; that one is open."""
    election = set_up(Plan(TWO_CONTESTS, 3, {"law": range(3)}, seed=seed, rsa_bits=rsa_bits, tie="re-election"))
    election.vote()
    finish(election)
    election.prepare_poll(2, TWO_CONTESTS[:1])
    election.open_poll(2)
    election.vote(2)
    return election


@cache
def boxes() -> list[tuple[str, Box, Voter]]:
    """Every box that a token could be tried on: two contests, a second tour, and the same three in a real election."""
    found = []
    for name, election in {"rehearsal": two_tours("rehearsal"), "real": two_tours("real", 3072)}.items():
        for poll, contests in election.boxes.items():
            found += [(f"{name}/{poll}/{box.plan.id}", box, election.voters[0]) for box in contests]
    return found


NAMES = [f"{log}/{box}" for log in ("rehearsal", "real") for box in ("1/head", "1/law-head", "2/head")]


def readdressed(source: Box, target: ContestRules, voter: Voter) -> BallotData:
    """The strongest try: an honest body for the target, signed by the holder of the source's token."""
    token = voter.tokens[source.rules.context]
    return make_ballot(target, token, (1, 0, 0), voter.seed, seeded("moved")).data


@pytest.mark.parametrize(("source", "target"), list(product(range(6), range(6))))
def test_a_token_opens_one_box_only(source: int, target: int) -> None:  # A12
    assert [name for name, _, _ in boxes()] == NAMES
    (_, from_box, voter), (_, to_box, _) = boxes()[source], boxes()[target]
    tries = [
        from_box.ballots[0],
        msgspec.structs.replace(from_box.ballots[0], context=b64(to_box.rules.context)),
        readdressed(from_box, to_box.rules, voter),
    ]
    for request in tries:
        verdicts = verify_ballots([(to_box.rules, request)], seeded("weights"))
        if source == target:
            verify_ballot(to_box.rules, request)
            assert verdicts == [None]
        else:
            with pytest.raises(DataError, match=r"wrong context|not that of this key|expected \d+ bytes"):
                verify_ballot(to_box.rules, request)
            assert verdicts[0] is not None


@pytest.fixture(scope="module")
def closed() -> Election:
    """Two contests of one poll, closed and ready for the trustees."""
    contests = (ContestPlan("head", ("ana", "beka", "ana")), TWO_CONTESTS[1])
    election = set_up(Plan(contests, 3, {"law": range(3)}, seed="shares"))
    election.vote()
    election.close()
    return election


def sums_of(election: Election, contest: str) -> ContestSums:
    box = election.box(contest)
    return sum_bodies(box.rules.context, box.rules.options, (ballot.body for ballot in box.ballots))


def judge(election: Election, sums: ContestSums, *shares: ShareData) -> dict[int, str]:
    """Who is named as bad."""
    verdict = judge_shares(election.where, trustees_of(election.session, election.joint), sums, shares)
    return {number: str(error) for number, error in verdict.bad.items()}


def test_shares_moved_to_another_box_option_or_trustee_are_named(closed: Election) -> None:  # A26
    head, law = sums_of(closed, "head"), sums_of(closed, "law-head")
    secrets = {number: file.identity_secret for number, file in enumerate(closed.trustees, 1)}
    good = closed.share(1, head)
    assert judge(closed, head, good) == {}
    to_law = sign_share(closed.where, msgspec.structs.replace(good, context=b64(law.context)), secrets[1])
    assert list(judge(closed, law, to_law)) == [1]
    to_trustee = sign_share(closed.where, msgspec.structs.replace(good, i=2), secrets[2])
    assert list(judge(closed, head, to_trustee)) == [2]
    swapped = [good.shares[1], good.shares[0], *good.shares[2:]]
    to_option = sign_share(closed.where, msgspec.structs.replace(good, shares=swapped), secrets[1])
    assert list(judge(closed, head, to_option)) == [1]
    shifted = shifted_share(closed.where, good, secrets[1], GENERATOR)
    assert list(judge(closed, head, shifted)) == [1]


def test_k_good_and_one_bad_share_still_tally_and_the_bad_one_moves_nothing(closed: Election) -> None:  # A26
    head = sums_of(closed, "head")
    box = closed.box("head")
    trustees = trustees_of(closed.session, closed.joint)
    shares = {number: closed.share(number, head) for number in trustees}
    for rogue in trustees:
        secret = closed.trustees[rogue - 1].identity_secret
        mixed = [
            shifted_share(closed.where, share, secret, GENERATOR) if number == rogue else share
            for number, share in shares.items()
        ]
        verdict = judge_shares(closed.where, trustees, head, mixed)
        counts = make_counts(head, box.bounds, verdict.valid, 2)
        assert list(verdict.bad) == [rogue]
        assert counts.counts == [2, 1, 0]
        assert counts.trustees == [number for number in trustees if number != rogue]


def test_k_minus_one_good_shares_and_their_duplicates_never_tally(closed: Election) -> None:  # A26, A29
    head = sums_of(closed, "head")
    share = closed.share(2, head)
    verdict = judge_shares(closed.where, trustees_of(closed.session, closed.joint), head, [share, share, share])
    with pytest.raises(CountsError, match="expected valid shares of 2 trustees, got 1"):
        make_counts(head, closed.box("head").bounds, verdict.valid, 2)


def test_a_share_without_its_trustees_signature_accuses_nobody(closed: Election) -> None:  # A26
    head = sums_of(closed, "head")
    forged = msgspec.structs.replace(closed.share(1, head), i=3)
    with pytest.raises(ShareError, match="share 3: not signed by its trustee"):
        judge(closed, head, forged)


def test_a_share_serves_one_set_of_sums_alone(closed: Election) -> None:  # A27, A48
    """Sums less one ballot, or of one ballot: shares for the whole are worth nothing there, and the other way round."""
    box = closed.box("head")
    head = sums_of(closed, "head")
    for kept in (*combinations(box.ballots, 1), *combinations(box.ballots, 2)):
        part = sum_bodies(box.rules.context, box.rules.options, (ballot.body for ballot in kept))
        assert list(judge(closed, part, closed.share(1, head))) == [1]
        assert list(judge(closed, head, closed.share(1, part))) == [1]


def test_a_forged_number_of_ballots_does_not_pass_with_the_sums(closed: Election) -> None:  # A09
    head = sums_of(closed, "head")
    trustees = trustees_of(closed.session, closed.joint)
    verdict = judge_shares(closed.where, trustees, head, [closed.share(number, head) for number in trustees])
    for ballots in (1, 2, 4, 1000):
        with pytest.raises(CountsError, match=r"expected a total of 0 to 1, got none|weighted sum of all options"):
            make_counts(replace(head, ballots=ballots), closed.box("head").bounds, verdict.valid, 2)


def test_dropping_all_ballots_but_one_leaves_nothing_to_decrypt(closed: Election) -> None:  # A48
    make_withheld(closed.box("head").rules.context, 1, 3)
    make_withheld(closed.box("head").rules.context, 2, 3)
    with pytest.raises(CountsError, match="withheld: expected 1 to 2 ballots, got 3"):
        make_withheld(closed.box("head").rules.context, 3, 3)


def test_nothing_before_the_close_depends_on_the_votes() -> None:  # A28
    """Before the close the log holds no count, no sum, no share; and all ballots have one shape, whatever they say."""
    logs = []
    for votes in (("ana",) * 3, ("blank",) * 3):
        election = set_up(Plan((ContestPlan("head", votes),), seed="early"))
        election.vote()
        election.seal()
        logs.append(election.check())
    for entries in logs:
        assert not [entry for entry in entries if entry["kind"].startswith(("tally", "result", "token"))]
    ana, blank = ([entry for entry in entries if entry["kind"] == "ballot"] for entries in logs)
    assert {len(msgspec.json.encode(entry)) for entry in ana} == {len(msgspec.json.encode(entry)) for entry in blank}
    assert len({len(msgspec.json.encode(entry)) for entry in ana}) == 1
