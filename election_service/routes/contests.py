"""What is on the ballots, and what proves it."""

from election_service.contest_types import ContestEvidence, ContestList, ContestProfiles
from election_service.contest_view import contest_evidence, contest_profiles, list_contests
from election_service.routes.call import Call


async def show_contests(call: Call) -> ContestList:
    """All contests of the log."""
    return await list_contests(call.service, call.election)


async def show_evidence(call: Call) -> ContestEvidence:
    """The entries that prove a contest."""
    return await contest_evidence(call.service, call.election, call.path["context"])


async def show_profiles(call: Call) -> ContestProfiles:
    """The candidates of a contest."""
    return await contest_profiles(call.service, call.election, call.path["context"])
