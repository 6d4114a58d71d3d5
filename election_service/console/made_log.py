"""The facts of an election's log, for what needs one: a draft has none yet."""

from election_service.console.drafts import read_known
from election_service.errors import ActRefusedError
from election_service.facts import LogFacts
from election_service.service import Service


async def need_facts(service: Service, election: str) -> LogFacts:
    """The facts; ActRefusedError for a draft, UnknownElectionError for no election."""
    async with service.database.snapshot() as connection:
        known = await read_known(connection, election)
    if not known.made:
        raise ActRefusedError(f"election {election}: its log is not made yet")
    return await service.facts(election)
