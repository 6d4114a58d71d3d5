"""The contests of the next poll, logged when nothing that must come before them is missing."""

from election_service.console.made_log import need_facts
from election_service.console.next_polls import log_contests
from election_service.errors import ActRefusedError
from election_service.follow_up import next_poll
from election_service.legal_rules import SHOWN
from election_service.service import Service


async def log_next_contests(service: Service, election: str) -> int:
    """Log the contests of candidates and agenda; returns how many.

    ActRefusedError while a clause has no signed reading: readings come before the contests, and never after them; and
    while electorates of the members have to be approved first.
    """
    facts = await need_facts(service, election)
    missing = facts.record.missing()
    if missing:
        more = " …" if len(missing) > SHOWN else ""
        raise ActRefusedError(
            f"contests: {len(missing)} clauses have no signed reading: {', '.join(missing[:SHOWN])}{more}; "
            "readings are signed before the contests are made"
        )
    planned = await next_poll(service, election)
    if planned.assemblies:
        raise ActRefusedError("contests: the members vote in this poll: their electorates are approved first")
    return len(await log_contests(service, election, planned))
