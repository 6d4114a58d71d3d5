"""What holders of credentials put into the log for everybody to see: complaints, support of petitions, open votes.

No login: each is signed by its credential (tally/complaint.py, tally/petition.py, tally/open_vote.py), which tells who
speaks. The signature comes first, outside the log's lock; then whether the credential is entitled, read through
replacements; then what the rules say. The same document again gets the number that it has.
"""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from audit.entries import decode_entry
from election_service.credentials import places_of
from election_service.errors import ActRefusedError, NotEligibleError
from election_service.facts import read_kinds
from election_service.log import append
from election_service.service import Service, Writing
from keys.canonical import unb64
from tally.complaint import ComplaintData, verify_complaint
from tally.errors import OutcomeError
from tally.open_vote import OpenVoteData, verify_open_vote
from tally.petition import PetitionData, verify_support

MOST_COMPLAINTS: Final = 3  # of one credential about one poll: reasons are shown, not collected

Voice = ComplaintData | PetitionData | OpenVoteData
KINDS: Final[dict[type[Voice], str]] = {
    ComplaintData: "complaint",
    PetitionData: "petition",
    OpenVoteData: "vote.open",
}


async def complain(service: Service, election: str, data: ComplaintData) -> int:
    """Log a complaint; returns the number of its entry, by which the committee answers it.

    ComplaintSignatureError; NotEligibleError for a credential without a vote in the poll; ActRefusedError.
    """
    verify_complaint((await service.election(election)).log_id, data)
    return await _speak(service, election, data)


async def support(service: Service, election: str, data: PetitionData) -> int:
    """Log the support of a petition; PetitionSignatureError, NotEligibleError, ActRefusedError for late or double."""
    verify_support((await service.election(election)).log_id, data)
    return await _speak(service, election, data)


async def vote_openly(service: Service, election: str, data: OpenVoteData) -> int:
    """Log an open vote of a board; OpenVoteSignatureError, NotEligibleError, ActRefusedError for a second one."""
    verify_open_vote((await service.election(election)).log_id, data)
    return await _speak(service, election, data)


async def _speak(service: Service, election: str, data: Voice) -> int:
    kind = KINDS[type(data)]
    async with service.writing(election) as writing:
        logged = await _logged(writing.connection, election, kind)
        if data in logged:
            return logged[data]
        try:
            await _check(writing, data, list(logged))
        except OutcomeError as error:
            raise ActRefusedError(str(error)) from error
        return (await append(writing.connection, election, [(kind, data)], writing.now))[0]


async def _logged(connection: AsyncConnection, election: str, kind: str) -> dict[Voice, int]:
    """The documents of this kind, with their numbers."""
    entries = [decode_entry(raw) for raw in await read_kinds(connection, election, [kind])]
    return {entry.data: entry.seq for entry in entries}


async def _check(writing: Writing, data: Voice, logged: list[Voice]) -> None:
    """Whether the credential is entitled, and whether the rules take it now."""
    facts = writing.facts
    record = facts.record.copy()
    match data:
        case ComplaintData():
            documents = facts.poll(data.poll).documents
            await _require_place(writing, data.credential, {document.electorate for document in documents})
            record.complain(facts.size, data, writing.now)
            _check_patience(data, logged)
        case PetitionData():
            await _require_place(writing, data.credential, {data.electorate})
            record.support(data, writing.now, listed=facts.listed(data.credential))
        case OpenVoteData():
            await _require_place(writing, data.credential, {data.electorate})
            record.vote_openly(data, writing.now, listed=facts.listed(data.credential))


async def _require_place(writing: Writing, credential: str, electorates: set[str]) -> None:
    """The credential, the last of its chain, stands in one of these electorates, which are logged."""
    key = unb64(credential, 32, "credential")
    places = (await places_of(writing.connection, writing.election.id, [key]))[key]
    if not {place.electorate for place in places} & electorates & writing.facts.electorates.keys():
        shown = ", ".join(sorted(electorates)[:5])
        raise NotEligibleError(f"credential: is not on the roll of {shown}")


def _check_patience(data: ComplaintData, logged: list[Voice]) -> None:
    mine = [
        item
        for item in logged
        if isinstance(item, ComplaintData) and (item.poll, item.credential) == (data.poll, data.credential)
    ]
    if len(mine) >= MOST_COMPLAINTS:
        raise ActRefusedError(f"complaint: this credential has made {len(mine)} about poll {data.poll}")
