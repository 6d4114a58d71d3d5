"""What the rules ask for, who holds which seat, and what holders of credentials say openly."""

from audit.entries import parse_time
from election_service import law_view, voices
from election_service.api_types import Agenda, EntryAnswer, NoticeList, SeatRegister
from election_service.routes.call import Call


async def show_agenda(call: Call) -> Agenda:
    """The agenda."""
    return await law_view.show_agenda(call.service, call.election)


async def show_seats(call: Call) -> SeatRegister:
    """The register of seats."""
    return await law_view.show_seats(call.service, call.election)


async def show_notices(call: Call) -> NoticeList:
    """The calendar's warnings for an opening."""
    opens, closes = parse_time(call.query["opens"]), parse_time(call.query["closes"])
    return await law_view.show_notices(call.service, call.election, call.poll, opens, closes)


async def file_complaint(call: Call) -> EntryAnswer:
    """A complaint."""
    return EntryAnswer(seq=await voices.complain(call.service, call.election, call.request))


async def support_petition(call: Call) -> EntryAnswer:
    """The support of a petition."""
    return EntryAnswer(seq=await voices.support(call.service, call.election, call.request))


async def vote_openly(call: Call) -> EntryAnswer:
    """An open vote."""
    return EntryAnswer(seq=await voices.vote_openly(call.service, call.election, call.request))
