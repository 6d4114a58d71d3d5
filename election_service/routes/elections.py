"""What anybody may ask."""

from election_service.api_types import ContestBallots, ElectionInfo
from election_service.contest_types import TurnoutList
from election_service.overview import contest_ballots, election_info
from election_service.routes.call import Call
from election_service.turnout import show_turnout


async def show_election(call: Call) -> ElectionInfo:
    """The election and its polls."""
    return await election_info(call.service, call.election)


async def show_ballots(call: Call) -> ContestBallots:
    """The sealed ballots of a contest."""
    return await contest_ballots(call.service, call.election, call.path["context"])


async def show_live_turnout(call: Call) -> TurnoutList:
    """How many have voted."""
    return await show_turnout(call.service, call.election)
