"""The next poll with one decision: the electorates of the members that it needs, or its contests in the log.

`follow_up.next_poll` says what the poll would be. Where members vote, their electorates come first: an in-service
registrar signs them, and the committee approves them. Only then can the contests be logged.
"""

from dataclasses import dataclass

from election_service.assemblies import list_assemblies, sign_assemblies
from election_service.errors import ActRefusedError
from election_service.follow_up import NextPoll, Wanted, next_poll
from election_service.proposals import electorate_acts
from election_service.reissue import PlannedAct
from election_service.service import Service
from election_service.setup import plan_contests


@dataclass(frozen=True, slots=True)
class MadePoll:
    """What was made of a planned poll: its contests (``contexts``, in the order of the plans), or ``acts``, the
    electorates that the committee approves first. Never both.
    """

    planned: NextPoll
    contexts: tuple[bytes, ...]
    acts: tuple[PlannedAct, ...]


async def make_next_poll(service: Service, election: str, wanted: Wanted | None = None) -> MadePoll:
    """Make the next poll as far as it can be made now; the same request again makes nothing twice.

    ActRefusedError where nothing can be voted on yet: it says what is missing. RegistrarError where members vote and
    the registrar is not the service: then the list goes to the registrar (`poll next --list`).
    """
    planned = await next_poll(service, election, wanted)
    if planned.assemblies:
        return MadePoll(planned, (), await sign_members(service, election, planned))
    return MadePoll(planned, await log_contests(service, election, planned), ())


async def sign_members(service: Service, election: str, planned: NextPoll) -> tuple[PlannedAct, ...]:
    """The electorates of the members, signed by the in-service registrar: unsigned acts for the committee."""
    async with service.database.transaction() as connection:
        made = await sign_assemblies(connection, service.master, election, planned.assemblies, service.random)
    return tuple(electorate_acts(made))


async def list_members(service: Service, election: str, planned: NextPoll) -> bytes:
    """The same electorates as a list for an offline registrar, canonical JSON; it names student ids."""
    log_id = (await service.election(election)).log_id
    return list_assemblies(election, log_id, planned.number, planned.assemblies)


async def log_contests(service: Service, election: str, planned: NextPoll) -> tuple[bytes, ...]:
    """Log the contests of a planned poll; returns their contexts. ActRefusedError where there are none, or where the
    poll was made meanwhile.
    """
    if not planned.plans:
        waiting = "; ".join(map(str, planned.waiting)) or "the agenda is empty, and nobody was nominated for a seat"
        raise ActRefusedError(f"poll {planned.number}: nothing can be voted on yet: {waiting}")
    return tuple(await plan_contests(service, election, planned.number, planned.plans))
