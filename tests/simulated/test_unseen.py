"""What nobody can see from one copy of a log alone: listed, and shown to be so, with what does show it.

Three things bring all of it to light: another copy or an older checkpoint (`copies`, `checkpoints`), the certification,
which carries the hash of everything before it (`result`), and people who kept what they were given (`receipts`; a
member's own act, a trustee's own message, a voter's own token). The same list stands in docs/threat-model.md.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from audit.entries import format_time, parse_time
from audit.source import MemorySource
from ballot.token import blind_token, finalize_token
from keys.canonical import b64, encode
from keys.issuer import blind_sign
from tests.simulated.malice import Copy, Json
from tests.simulated.people import Voter
from tests.simulated.published import failed, uncertified, whole
from tests.simulator import ContestPlan, Election, Plan, finish, set_up

Change = Callable[[list[Json], Copy], dict[str, bytes] | None]


@dataclass(frozen=True)
class Unseen:
    """A change of the entries before certification, and why no check can see it in one copy."""

    name: str
    reason: str
    change: Change


def move_time(entries: list[Json], copy: Copy) -> None:
    entry = entries[copy.first("tally.counts")]
    entry["time"] = format_time(parse_time(entry["time"]) + 1)


def swap_canaries(entries: list[Json], copy: Copy) -> None:
    at = copy.first("trustee.canary")
    one, two = entries[at], entries[at + 1]
    entries[at], entries[at + 1] = {**two, "time": one["time"]}, {**one, "time": two["time"]}


def drop_booth(entries: list[Json], copy: Copy) -> None:
    del entries[copy.first("booth")]


def drop_extension(entries: list[Json], copy: Copy) -> None:
    del entries[copy.first("poll.extended")]


def drop_pause(entries: list[Json], copy: Copy) -> None:
    """Pause and resumption; what was sealed meanwhile stays."""
    for kind in ("poll.resumed", "poll.paused"):
        del entries[copy.first(kind)]


def drop_petition(entries: list[Json], copy: Copy) -> None:
    """The whole of it: opening, support, result."""
    drop_story(entries, "petition", "meeting-1")


def drop_open_vote(entries: list[Json], copy: Copy) -> None:
    drop_story(entries, "vote.open", "budget")


def drop_story(entries: list[Json], kind: str, name: str) -> None:
    """All entries of a kind, and the decisions about `name`."""
    about = [e for e in entries if e["kind"] == kind or e["data"].get("decision", {}).get("seat") == name]
    assert len(about) >= 4
    entries[:] = [e for e in entries if e not in about]


def drop_complaint(entries: list[Json], copy: Copy) -> None:
    del entries[copy.first("trustee.complained")]


def drop_canary(entries: list[Json], copy: Copy) -> None:
    del entries[copy.last("trustee.canary")]


def drop_bad_share(entries: list[Json], copy: Copy) -> None:
    """The rogue trustee's: k good ones are left."""
    for at in reversed([n for n, e in enumerate(entries) if e["kind"] == "tally.share" and e["data"]["i"] == 1]):
        del entries[at]


def renumber_closing(entries: list[Json], copy: Copy) -> None:
    entries[copy.first("poll.closed")]["data"]["act"] = b64(bytes(16))


def cut(entries: list[Json], copy: Copy) -> None:
    del entries[-1]


BEFORE_CERTIFICATION = [
    Unseen("a time moved between its neighbours", "the log's clock is the service's word", move_time),
    Unseen("independent entries swapped", "nothing depends on their order, and the times still fit", swap_canaries),
    Unseen("the booth's hash dropped", "an act to which nothing refers; the members have it", drop_booth),
    Unseen("an extension dropped", "the poll then closed late, which it may; the members have it", drop_extension),
    Unseen("a pause dropped", "the poll then went on; the members have it", drop_pause),
    Unseen("a petition dropped whole", "nothing refers to it; its supporters and the members have it", drop_petition),
    Unseen("an open vote dropped whole", "nothing refers to it; who voted has it, and the members", drop_open_vote),
    Unseen("a complaint dropped", "the session looks stalled; the complainant has it", drop_complaint),
    Unseen("a canary dropped", "k of n are enough; the trustee has it", drop_canary),
    Unseen("a bad share dropped", "k good ones decrypt; the rogue is no longer named", drop_bad_share),
    Unseen(
        "another act number in poll.closed",
        "nobody signs it, nothing refers to it",
        renumber_closing,
    ),
    Unseen("the log cut", "a log may end anywhere outside a sealing: it looks unfinished", cut),
]


@pytest.mark.parametrize("case", BEFORE_CERTIFICATION, ids=lambda case: case.name)
def test_unseen_in_one_copy_and_seen_in_two_or_in_an_older_checkpoint(case: Unseen) -> None:
    base = uncertified()
    entries = base.plain()
    blobs = case.change(entries, base)
    changed = base.rewritten(entries, blobs)
    assert changed["checkpoint"] != base.files()["checkpoint"]
    assert failed(changed) == set()
    if case.change is cut:  # the beginning of the same history is no contradiction; an older, longer checkpoint is
        assert failed(changed, copies=[MemorySource(base.files())]) == set()
    else:
        assert failed(changed, copies=[MemorySource(base.files())]) == {"copies"}
    assert failed(changed, checkpoints=[base.files()["checkpoint"]]) == {"checkpoints"}


@pytest.mark.parametrize("case", BEFORE_CERTIFICATION[:-1], ids=lambda case: case.name)  # what is cut is not certified
def test_certification_binds_all_of_it(case: Unseen) -> None:
    base = whole()
    at = base.first("result.declared")
    before = uncertified().plain()
    blobs = case.change(before, uncertified())
    assert "result" in failed(base.rewritten(before + base.plain()[at + 1 :], blobs))


def test_a_cut_after_certification_shows_in_an_older_checkpoint_alone() -> None:
    """An annulled poll looks certified to whoever sees the shorter copy."""
    shorter = whole().cut(len(whole().entries) - 1).files()
    assert failed(shorter) == set()
    assert failed(shorter, checkpoints=[whole().files()["checkpoint"]]) == {"checkpoints"}


def test_a_voters_complaint_dropped_with_its_answer_shows_in_other_copies_alone() -> None:
    """It stands between the declaration and the certification, which do not refer to it; the complainant has it."""
    base = whole().cut(whole().first("result.declared", lambda data: data["poll"] == 2))
    entries = base.plain()
    answer = base.first("decision", lambda data: data["decision"]["what"] == "complaint")
    del entries[answer], entries[base.first("complaint")]
    changed = base.rewritten(entries)
    assert failed(changed) == set()
    assert failed(changed, copies=[MemorySource(base.files())]) == {"copies"}


HEAD = ContestPlan("head", ("ana", "ana", "beka", "ana", "token"))


def closed_with(misdeed: Callable[[Election], None]) -> Election:
    election = set_up(Plan((HEAD,), seed="unseen"))
    election.vote()
    misdeed(election)
    return finish(election)


def drop_ballot(election: Election) -> None:
    """The service answers with a receipt and never logs the ballot of voter 2."""
    box = election.box("head")
    del box.ballots[2]
    box.plan = replace(box.plan, votes=("ana", "ana", "ana"))


def stuff_ballot(election: Election) -> None:
    """The service votes with the token of voter 4, who never cast: a token of its own making takes its place."""
    box = election.box("head")
    mallory = Voter("mallory", "sim-2026", election.random)
    waiting = blind_token(box.rules, mallory.random)
    signature = blind_sign(election.issuer_of(box), waiting.blinded, mallory.random)
    mallory.tokens[box.rules.context] = finalize_token(box.rules, waiting, signature)
    election.cast(mallory, box, "beka")
    box.plan = replace(box.plan, votes=("ana", "ana", "beka", "ana", "beka"))


def test_a_dropped_ballot_is_seen_when_its_receipt_is_shown() -> None:
    election = closed_with(drop_ballot)
    files, log_id = election.log.files(), election.log_id
    kept = [receipt for number, voter in enumerate(election.voters) if number != 2 for receipt in voter.receipts]
    assert failed(files, log_id) == set()
    assert failed(files, log_id, receipts=kept) == set()
    assert failed(files, log_id, receipts=election.voters[2].receipts) == {"receipts"}


def test_a_dropped_ballot_widens_the_printed_slack() -> None:
    def slack(election: Election) -> int:
        (closed,) = [entry["data"] for entry in election.check() if entry["kind"] == "poll.closed"]
        (contest,) = closed["contests"]
        return int(contest["tokens"]) - int(contest["ballots"])

    assert slack(closed_with(lambda _: None)) == 1
    assert slack(closed_with(drop_ballot)) == 2
    assert slack(closed_with(stuff_ballot)) == 0


def test_a_ballot_stuffed_within_the_slack_is_seen_by_nobody() -> None:
    """Only voter 4 knows of a token without a ballot, and cannot prove that it was not spent."""
    election = closed_with(stuff_ballot)
    receipts = [receipt for voter in election.voters for receipt in voter.receipts]
    assert failed(election.log.files(), election.log_id, receipts=receipts) == set()
    assert election.outcomes[1].results[0].counts == [3, 2, 0]


def test_slack_above_the_constitutions_limit_bars_certification() -> None:
    """So that dropping ballots, or leaving room for stuffing, does not go on for ever: here 50 percent."""
    election = set_up(Plan((HEAD,), seed="unseen"))
    election.vote()
    box = election.box("head")
    for voter in election.voters[5:]:
        election.issue(voter, box)
    del box.ballots[3:]
    box.plan = replace(box.plan, votes=("ana", "ana", "beka"))
    assert len(box.requests) == 2 * len(box.ballots)
    assert failed(finish(election).log.files(), election.log_id) == set()
    election = set_up(Plan((HEAD,), voters=7, seed="unseen"))
    election.vote()
    box = election.box("head")
    for voter in election.voters[5:]:
        election.issue(voter, box)
    del box.ballots[3:]
    box.plan = replace(box.plan, votes=("ana", "ana", "beka"))
    low = finish(election)
    assert failed(low.log.files(), low.log_id) == {"result"}


def test_a_rewritten_log_is_another_log() -> None:
    """What the service cannot do: change entry 0. Ballot links pin its hash."""
    entries = whole().plain()
    entries[0]["data"]["quorum"] = 0
    entries[0]["data"]["nonce"] = b64(bytes(16))
    assert "entries" in failed(whole().rewritten(entries))
    assert encode(entries[0]) != whole().entries[0]
