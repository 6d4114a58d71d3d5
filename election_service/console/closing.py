"""After the close, for the committee: what was checked in the review window, who has decrypted, what bars certifying.

All of it is about a closed poll, and compares what the service keeps with what it published: everybody can check the
log, nobody else can check that it is all that was promised.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.entries import TokenData
from audit.merkle import leaf_hash, tree_root
from election_service import schema
from election_service.api_types import SealedBallot
from election_service.console.progress import ComplaintLine, complaints_of, unanswered
from election_service.errors import NotFoundError
from election_service.overview import contest_ballots
from election_service.poll import read_tokens
from election_service.poll_facts import ContestFacts, PollFacts, logged_sums
from election_service.review import review_ends
from election_service.service import Service
from keys.canonical import b64, encode, unb64
from tally.share import ShareContext, Trustee, judge_shares, share_context, trustees_of
from tally.sums import ContestSums
from tally.wire import ShareData

_TRACKER_SIZE: Final = 32


@dataclass(frozen=True, slots=True)
class ContestReview:
    """One contest of a closed poll.

    receipts  receipts that were given; `missing`: of them, those whose ballot is not in the log
    unknown   ballots in the log that nobody was given a receipt for
    requests  whether the requests for tokens that are stored are exactly those of the log
    slack     tokens without a ballot; `allowed`: the most of them with which the poll can be certified
    """

    contest: ContestFacts
    receipts: int
    missing: int
    unknown: int
    requests: bool
    slack: int
    allowed: int

    @property
    def kept(self) -> bool:
        """Whether the service kept its promises here."""
        return not self.missing and not self.unknown and self.requests


@dataclass(frozen=True, slots=True)
class TrusteeShares:
    """Of trustee ``number``: in how many contests a share was given, and in how many a good one."""

    number: int
    given: int
    good: int


@dataclass(frozen=True, slots=True)
class Shares:
    """``k`` of ``n`` trustees are needed for each of the ``wanted`` contests; ``counted``: how many of those are."""

    k: int
    n: int
    wanted: int
    counted: int
    trustees: tuple[TrusteeShares, ...]

    @property
    def ready(self) -> int:
        """How many trustees have given all good shares that are wanted."""
        return sum(trustee.good == self.wanted for trustee in self.trustees) if self.wanted else 0


@dataclass(frozen=True, slots=True)
class Closing:
    """A closed poll. Times are POSIX seconds.

    review_ends     None while the issuer keys are not destroyed
    limit           percent of the tokens that may be without a ballot
    complaints_end  None before the declaration
    bars            what keeps the result from being certified now: "complaint-window", "complaints", "slack"
    """

    poll: PollFacts
    now: int
    review_ends: int | None
    reviews: tuple[ContestReview, ...]
    limit: int
    shares: Shares
    declared: int | None
    complaints_end: int | None
    complaints: tuple[ComplaintLine, ...]
    bars: tuple[str, ...]


async def read_closing(service: Service, election: str, number: int) -> Closing | None:
    """How far a poll is after its close; None while it is not closed, NotFoundError where there is none."""
    await service.election(election)
    facts = await service.facts(election)
    if number not in facts.polls:
        raise NotFoundError(f"poll {number}: there is no such poll")
    poll = facts.poll(number)
    if poll.closed is None:
        return None
    ends, limit = review_ends(poll, facts.rules), facts.rules.max_slack
    declared = facts.record.polls[number].declared
    heard = None if declared is None else declared + facts.rules.complaints.value
    complaints, now = complaints_of(facts, number), service.clock()
    contests = sorted(poll.contests.values(), key=lambda contest: contest.seq)
    reviews = tuple([await _review(service, election, contest, limit) for contest in contests])
    shares = await share_progress(service, election, number)
    bars = _bars(reviews, complaints, heard, now)
    return Closing(poll, now, ends, reviews, limit, shares, declared, heard, tuple(complaints), bars)


def _bars(
    reviews: tuple[ContestReview, ...], complaints: list[ComplaintLine], heard: int | None, now: int
) -> tuple[str, ...]:
    """The same that `legal_rules.check_certified` refuses."""
    bars = []
    if heard is None or now < heard:
        bars.append("complaint-window")
    if unanswered(complaints):
        bars.append("complaints")
    if any(review.slack > review.allowed for review in reviews):
        bars.append("slack")
    return tuple(bars)


async def _review(service: Service, election: str, contest: ContestFacts, limit: int) -> ContestReview:
    """Compare what is stored of a closed contest with what is published."""
    context = contest.rules.context
    sealed = {unb64(item.tracker, _TRACKER_SIZE, "tracker") for item in await _sealed(service, election, context)}
    async with service.database.snapshot() as connection:
        given = await _receipts(connection, election, context)
        tokens = (await read_tokens(connection, election, [context]))[context]
    closed = contest.closed
    stated = ("", 0, 0) if closed is None else (closed.token_root, closed.tokens, closed.ballots)
    root = await asyncio.to_thread(_token_root, tokens)
    return ContestReview(
        contest=contest,
        receipts=len(given),
        missing=len(given - sealed),
        unknown=len(sealed - given),
        requests=(root, len(tokens)) == stated[:2],
        slack=stated[1] - stated[2],
        allowed=limit * stated[1] // 100,
    )


async def _sealed(service: Service, election: str, context: bytes) -> list[SealedBallot]:
    return (await contest_ballots(service, election, b64(context))).ballots


async def _receipts(connection: AsyncConnection, election: str, context: bytes) -> set[bytes]:
    table = schema.receipts
    query = select(table.c.tracker).where(table.c.election == election, table.c.context == context)
    return set((await connection.execute(query)).scalars())


def _token_root(tokens: list[TokenData]) -> str:
    return b64(tree_root(leaf_hash(encode(token)) for token in tokens))


# ---- decryption ------------------------------------------------------------------------------------------------------

_Logged = tuple[ContestSums, tuple[ShareData, ...]]


async def share_progress(service: Service, election: str, number: int) -> Shares:
    """Who of the trustees has decrypted what of a poll; each logged share is checked again."""
    facts = await service.facts(election)
    joint = facts.joint_key
    if joint is None:
        return Shares(0, 0, 0, 0, ())
    session = facts.ceremonies[-1].session
    contests = [item for item in facts.poll(number).contests.values() if item.sums is not None and item.sums.sums]
    logged = [(logged_sums(contest), tuple(contest.shares)) for contest in contests]
    where, trustees = share_context(session), trustees_of(session, joint)
    judged = await asyncio.to_thread(_judge, where, trustees, logged)
    counted = sum(contest.counts is not None for contest in contests)
    return Shares(joint.k, len(session.identities), len(contests), counted, judged)


def _judge(where: ShareContext, trustees: Mapping[int, Trustee], logged: list[_Logged]) -> tuple[TrusteeShares, ...]:
    given, good = dict.fromkeys(trustees, 0), dict.fromkeys(trustees, 0)
    for sums, shares in logged:
        valid = judge_shares(where, trustees, sums, shares).valid
        for number in {share.i for share in shares}:
            given[number] += 1
            good[number] += number in valid
    return tuple(TrusteeShares(number, given[number], good[number]) for number in sorted(trustees))
