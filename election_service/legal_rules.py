"""The acts that the rules decide about: readings, openings, verdicts on a result, recorded decisions.

Each is tried on a copy of the record (tally/record.py), which the verifier asks as well; what follows from it stands in
the log directly behind it.
"""

from typing import Final

import msgspec

from audit.entries import (
    AnnulledData,
    ApprovedData,
    CertifiedData,
    DecisionData,
    PollOpenedData,
    ResolutionData,
    parse_time,
)
from election_service.credentials import stands_in
from election_service.errors import ActRefusedError
from election_service.facts import LogFacts
from election_service.log import Item
from election_service.poll_facts import PollFacts
from election_service.service import Writing
from keys.canonical import b64, unb64
from keys.text import check_text
from tally.calendar import Notice
from tally.constitution import Resolution
from tally.resolutions import ambiguities, check_resolution

SHOWN: Final = 6  # ambiguous clauses that a refusal lists


def require_preparation(facts: LogFacts, what: str) -> None:
    """Rolls and readings come after the joint key, between the polls, and before the next poll's contests."""
    if facts.joint_key is None:
        raise ActRefusedError(f"{what}: the trustees have not confirmed a joint key yet")
    newest = newest_poll(facts)
    if newest is not None and newest.declared is None:
        raise ActRefusedError(f"{what}: poll {newest.number} is on its way; this belongs before its contests")


def newest_poll(facts: LogFacts) -> PollFacts | None:
    """The poll with the highest number, if there is any."""
    return facts.polls[max(facts.polls)] if facts.polls else None


async def check_reading(writing: Writing, data: ResolutionData) -> None:
    """One of the readings of an ambiguous clause, before the first poll."""
    facts = writing.facts
    require_preparation(facts, "resolution")
    resolution = Resolution(clause=data.clause, reading=data.reading)
    check_resolution(facts.record.state.constitution, resolution)
    facts.record.copy().resolve(resolution)


def check_readings(facts: LogFacts) -> None:
    """Nothing opens while a reading is missing: the refusal names the clauses, their readings, and what to do."""
    missing = facts.record.missing()
    if not missing:
        return
    readings = {item.clause: item.readings for item in ambiguities(facts.record.state.constitution)}
    lines = [f"{clause}: {' or '.join(readings.get(clause, ()))}" for clause in missing[:SHOWN]]
    more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
    raise ActRefusedError(
        f"poll.opened: {len(missing)} ambiguous clauses have no signed reading: {'; '.join(lines)}{more}. The "
        "committee signs one reading of each: election-service constitution resolve"
    )


def opening_notices(facts: LogFacts, poll: int, opens: int, closes: int) -> list[Notice]:
    """What the calendar warns of if the poll opens so; OutcomeError or ActRefusedError where it may not open."""
    check_readings(facts)
    return facts.record.check_poll(poll, facts.poll(poll).documents, opens, closes)


def check_law_of_opening(writing: Writing, data: PollOpenedData) -> None:
    """The rules have an answer to every contest, and a place for it."""
    opening_notices(writing.facts, data.poll, writing.now, parse_time(data.closes))


def _check_verdict(writing: Writing, data: CertifiedData) -> PollFacts:
    poll = writing.facts.poll(data.poll)
    if poll.declared is None:
        raise ActRefusedError(f"poll {data.poll}: its result is not declared")
    if poll.concluded is not None:
        raise ActRefusedError(f"poll {data.poll}: {poll.concluded} is logged already")
    if unb64(data.declared, 32, "declared") != poll.declared_hash:
        raise ActRefusedError(f"poll {data.poll}: expected the declared result {b64(poll.declared_hash)}")
    return poll


async def check_certified(writing: Writing, data: CertifiedData) -> None:
    """After the window for complaints, with all of them answered, and with no more slack than allowed."""
    poll = _check_verdict(writing, data)
    limit = writing.facts.rules.max_slack
    for contest in poll.contests.values():
        if contest.closed is None:
            continue
        slack = contest.closed.tokens - contest.closed.ballots
        if 100 * slack > limit * contest.closed.tokens:
            name = contest.rules.document.contest
            raise ActRefusedError(
                f"result.certified: contest {name}: slack {slack} is above {limit} percent: of those who took a token, "
                f"{slack} cast no ballot. Ask them why (docs/committee.md); the other way is to annul the poll"
            )
    writing.facts.record.copy().certify(data.poll, writing.now)


async def check_annulled(writing: Writing, data: AnnulledData) -> None:
    """Only while no later poll is open."""
    _check_verdict(writing, data)
    writing.facts.record.copy().annul(data.poll, writing.now)


async def check_decision(writing: Writing, data: DecisionData) -> None:
    """A decision that the rules know, about what there is, in text that can stand in the log (A89)."""
    decision = data.decision
    for name, value in msgspec.structs.asdict(decision).items():
        if isinstance(value, str):
            check_text(value, name)
    writing.facts.record.copy().decide(data.act, decision, writing.now)
    if decision.what == "board-vote" and decision.person:
        person = unb64(decision.person, 32, "person")
        if not await stands_in(writing.connection, writing.election.id, person, decision.electorate):
            raise ActRefusedError(
                f"person: the casting vote belongs to a credential on the roll of {decision.electorate}"
            )


def consequences(writing: Writing, data: ApprovedData) -> list[Item]:
    """The entries that stand directly behind this act in the log: the seats that it gives and takes."""
    if isinstance(data, AnnulledData):
        return list(writing.facts.record.copy().annul(data.poll, writing.now))
    if isinstance(data, CertifiedData):
        return list(writing.facts.record.copy().certify(data.poll, writing.now))
    if isinstance(data, DecisionData):
        return list(writing.facts.record.copy().decide(data.act, data.decision, writing.now))
    return []
