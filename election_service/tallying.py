"""From the close to the declared result: sums after the review window, counts from k shares, the rules (§10).

Each step is one transaction that looks at the log first, so that it can be tried at any time, by any process, and goes
on after a crash from where the log stands.
"""

import asyncio
from collections.abc import Mapping

from sqlalchemy import update

from election_service import publication, schema
from election_service.facts import LogFacts
from election_service.log import Item, append
from election_service.poll_facts import ContestFacts, PollFacts, counted, logged_sums
from election_service.review import review_ends
from election_service.service import Service, Writing
from election_service.sums import add_up
from keys.curve import Point
from keys.trustee.ceremony import JointKey
from tally.counts import Bounds, make_counts
from tally.declared import make_declared
from tally.share import judge_shares, share_context, trustees_of
from tally.sums import ContestSums, make_sums
from tally.wire import CountsData
from tally.withheld import is_withheld, make_withheld


async def advance_tally(service: Service, election: str, poll: int) -> list[str]:
    """Do what is due in a closed poll; returns the kinds of the entries that were logged, in order."""
    logged = await publish_sums(service, election, poll)
    logged += await publish_counts(service, election, poll)
    return logged + await declare_result(service, election, poll)


async def publish_sums(service: Service, election: str, poll: int) -> list[str]:
    """After the review window: sums of each contest, or `tally.withheld`; the recovery blobs are destroyed (§5)."""
    facts = await service.facts(election)
    contests = facts.polls[poll].contests.values() if poll in facts.polls else []
    waiting = [contest for contest in contests if _waits_for_sums(contest)]
    if not waiting or not _review_is_over(service, facts, facts.poll(poll)):
        return []
    totals = await add_up(service, election, [contest.rules for contest in waiting])
    async with service.writing(election) as writing:
        minimum = writing.facts.rules.min_ballots
        items: list[Item] = []
        for context in sorted(totals):
            if _waits_for_sums(writing.facts.contest(context)):
                items += _sums_items(totals[context], minimum)
        await _destroy_recovery(service, writing, sorted(totals))
        if items:
            await append(writing.connection, election, items, writing.now)
    return [kind for kind, _ in items]


def _review_is_over(service: Service, facts: LogFacts, poll: PollFacts) -> bool:
    ends = review_ends(poll, facts.rules)
    return ends is not None and service.clock() >= ends


def _waits_for_sums(contest: ContestFacts) -> bool:
    return contest.destroyed is not None and contest.sums is None and not contest.withheld


def _sums_items(sums: ContestSums, minimum: int) -> list[Item]:
    """The entries of one contest: withheld, sums, or, without any ballot, empty sums and counts of zero."""
    if is_withheld(sums.ballots, minimum):
        return [("tally.withheld", make_withheld(sums.context, sums.ballots, minimum))]
    return [("tally.sums", make_sums(sums))]


async def _destroy_recovery(service: Service, writing: Writing, contexts: list[bytes]) -> None:
    """Nobody links a token to its holder any more: the wrapping keys go, and what they wrapped."""
    table = schema.issued
    mine = (table.c.election == writing.election.id) & table.c.context.in_(contexts)
    await writing.connection.execute(update(table).where(mine).values(recovery_sealed=None))
    for context in contexts:
        await asyncio.to_thread(service.state.destroy_recovery_key, context)


async def publish_counts(service: Service, election: str, poll: int) -> list[str]:
    """Counts of each contest that has k valid shares, or no ballots at all."""
    facts = await service.facts(election)
    if poll not in facts.polls or not any(_has_counts(facts, item) for item in facts.poll(poll).contests.values()):
        return []
    items: list[Item] = []
    async with service.writing(election) as writing:
        contests = writing.facts.poll(poll).contests
        for context in sorted(contests):
            counts = _make_counts(writing.facts, contests[context])
            if counts is not None:
                items.append(("tally.counts", counts))
        if items:
            await append(writing.connection, election, items, writing.now)
    return [kind for kind, _ in items]


def _has_counts(facts: LogFacts, contest: ContestFacts) -> bool:
    """Whether counts may be due: a quick look at numbers of shares, before any proof is checked."""
    joint = facts.joint_key
    if joint is None or contest.sums is None or contest.settled:
        return False
    return not contest.sums.ballots or len({share.i for share in contest.shares}) >= joint.k


def _make_counts(facts: LogFacts, contest: ContestFacts) -> CountsData | None:
    """The counts from the k smallest trustees with valid shares; None while there are too few."""
    joint = facts.joint_key
    if joint is None or not _has_counts(facts, contest):
        return None
    sums, document = logged_sums(contest), contest.rules.document
    valid = _valid_shares(facts, joint, contest, sums)
    if sums.ballots and len(valid) < joint.k:
        return None
    return make_counts(sums, Bounds(document.min, document.max, contest.rules.weights), valid, joint.k)


def _valid_shares(
    facts: LogFacts, joint: JointKey, contest: ContestFacts, sums: ContestSums
) -> Mapping[int, tuple[Point, ...]]:
    session = facts.ceremonies[-1].session
    return judge_shares(share_context(session), trustees_of(session, joint), sums, contest.shares).valid


async def declare_result(service: Service, election: str, poll: int) -> list[str]:
    """Once every contest is counted or withheld: the result that the rules make of it, with its reasoning."""
    facts = await service.facts(election)
    if poll not in facts.polls or not _is_settled(facts.poll(poll)):
        return []
    async with service.writing(election) as writing:
        found = writing.facts.poll(poll)
        if not _is_settled(found):
            return []
        outcome = writing.facts.record.declare(poll, counted(writing.facts.log_id, found.contests.values()))
        await publication.store_blob(writing.connection, election, outcome.reasoning)
        await append(writing.connection, election, [("result.declared", make_declared(outcome))], writing.now)
        table = schema.polls
        mine = (table.c.election == election) & (table.c.poll == poll)
        await writing.connection.execute(update(table).where(mine).values(state="declared"))
    return ["result.declared"]


def _is_settled(poll: PollFacts) -> bool:
    return poll.declared is None and poll.closed is not None and all(item.settled for item in poll.contests.values())
