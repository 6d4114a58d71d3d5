"""The trustees' messages."""

from election_service.api_types import EntryAnswer
from election_service.routes.call import Call
from election_service.trustees import accept_message


async def take_message(call: Call) -> EntryAnswer:
    """Check a message and log it."""
    seq = await accept_message(call.service, call.election, call.request.kind, call.request.data)
    return EntryAnswer(seq=seq)
