"""The committee's acts, and what its members sign."""

from typing import Any

from election_service.acts import approve, list_acts, propose
from election_service.api_types import Act, ActList
from election_service.poll import closing_data, opening_data
from election_service.routes.call import Call


async def show_acts(call: Call) -> ActList:
    """All acts."""
    return await list_acts(call.service, call.election)


async def propose_act(call: Call) -> Act:
    """A new act with its first approval."""
    return await propose(call.service, call.election, call.request)


async def approve_act(call: Call) -> Act:
    """One more approval."""
    return await approve(call.service, call.election, call.path["act"], call.request)


async def show_opening(call: Call) -> dict[str, Any]:
    """The data of `poll.opened`."""
    return await opening_data(call.service, call.election, call.poll, call.query["closes"])


async def show_closing(call: Call) -> dict[str, Any]:
    """The data of `poll.closed`."""
    return await closing_data(call.service, call.election, call.poll)
