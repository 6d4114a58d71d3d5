"""Contests as anybody may see them before, while and after they are voted on: the list, the proofs, the candidates.

The proofs are those of a voter's view (voter_view.py) without a voter, so that a ballot can be tried out
without a link.
"""

from sqlalchemy import select

from election_service import schema
from election_service.api_types import PollState
from election_service.contest_types import ContestEvidence, ContestInfo, ContestList, ContestProfiles
from election_service.errors import WrongContextError
from election_service.overview import state_of
from election_service.poll_facts import ContestFacts
from election_service.profiles import read_profiles
from election_service.service import Service
from election_service.sql import read_polls
from election_service.voter_view import common_seqs, prove_entries
from keys.canonical import b64, unb64


async def list_contests(service: Service, election: str) -> ContestList:
    """Every contest of the log; UnknownElectionError where there is no such election."""
    await service.election(election)
    facts = await service.facts(election)
    async with service.database.snapshot() as connection:
        states = {number: state_of(row) for number, row in (await read_polls(connection, election)).items()}
    contests = [contest for poll in facts.polls.values() for contest in poll.contests.values()]
    contests.sort(key=lambda contest: contest.seq)
    return ContestList(contests=[_info(contest, states[contest.rules.document.poll]) for contest in contests])


def _info(contest: ContestFacts, state: PollState) -> ContestInfo:
    document = contest.rules.document
    return ContestInfo(
        context=b64(contest.rules.context),
        poll=document.poll,
        contest=document.contest,
        position=document.position,
        electorate=document.electorate,
        size=document.size,
        options=document.options,
        min=document.min,
        max=document.max,
        state=state,
    )


async def contest_evidence(service: Service, election: str, context: str) -> ContestEvidence:
    """The entries that prove a contest; WrongContextError for a context that is none.

    A contest whose poll has not been opened yet has no `poll.opened` among them.
    """
    await service.election(election)
    facts = await service.facts(election)
    name = unb64(context, 32, "contest: context")
    if name not in facts.contexts:
        raise WrongContextError("context: no contest of this election has it")
    contest = facts.contest(name)
    electorate_seq = facts.electorates[contest.rules.document.electorate][0]
    opened = facts.contexts[name].opened
    seqs = common_seqs(facts) | {contest.seq, electorate_seq} | (set() if opened is None else {opened})
    async with service.database.snapshot() as connection:
        head, entries = await prove_entries(connection, election, sorted(seqs))
    return ContestEvidence(
        checkpoint=head.published or "", entries=entries, seq=contest.seq, electorate_seq=electorate_seq
    )


async def contest_profiles(service: Service, election: str, context: str) -> ContestProfiles:
    """What the candidates of a contest say of themselves; WrongContextError for a context that is none."""
    known = await service.election(election)
    rules = await service.contest(known, unb64(context, 32, "contest: context"))
    table = schema.persons
    persons = [option.id for option in rules.document.options]
    query = select(table.c.person, table.c.student_id).where(table.c.election == election, table.c.person.in_(persons))
    async with service.database.snapshot() as connection:
        students = {row.person: row.student_id for row in await connection.execute(query)}
        profiles = await read_profiles(connection, election, list(students.values()))
    found = {person: profiles[student] for person, student in students.items() if student in profiles}
    return ContestProfiles(profiles=found)
