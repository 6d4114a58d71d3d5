"""support: complaints, petitions and open votes are signed by entitled credentials, each once and in time (A45, A104).

They are the voters' own acts: the committee does not approve them, and the service cannot make them.
"""

from typing import Final

from audit.checks.electorates import KEY_SIZE, Roll, find_place, is_entitled, is_place, read_roll
from audit.entries import DecisionData, Entry, parse_time
from audit.errors import LogError
from audit.state import LogState
from keys.canonical import b64, unb64
from tally.complaint import ComplaintData, verify_complaint
from tally.open_vote import OpenVoteData, verify_open_vote
from tally.petition import PetitionData, verify_support

CHECK: Final = "support"


def verify_signed_acts(log: LogState, entry: Entry) -> None:
    """Signature first, then whether the credential is entitled, then whether the rules take it here."""
    if not isinstance(entry.data, ComplaintData | PetitionData | OpenVoteData):
        return
    log.book.count(CHECK)
    if log.record is None or entry.time is None:
        raise LogError(f"{entry.kind}: there is no constitution to judge it by")
    time = parse_time(entry.time)
    match entry.data:
        case ComplaintData():
            verify_complaint(log.log_id, entry.data)
            _verify_complainant(log, entry.data)
            log.record.complain(entry.seq, entry.data, time)
        case PetitionData():
            verify_support(log.log_id, entry.data)
            log.record.support(entry.data, time, listed=_listed(log, entry.data))
        case OpenVoteData():
            verify_open_vote(log.log_id, entry.data)
            log.record.vote_openly(entry.data, time, listed=_listed(log, entry.data))


def _listed(log: LogState, data: PetitionData | OpenVoteData) -> str | None:
    """The first credential of the person: who got a new link is nobody else (§4)."""
    place = find_place(log, _roll(log, data.electorate), unb64(data.credential, KEY_SIZE, "credential"))
    return None if place is None else b64(place)


def _roll(log: LogState, electorate: str) -> Roll:
    if electorate not in log.electorates:
        raise LogError(f"no electorate {electorate} is logged")
    return read_roll(log, electorate)


def verify_casting_vote(log: LogState, entry: Entry) -> None:
    """Whoever has the casting vote of an open vote is a place on the roll of the board."""
    if not isinstance(entry.data, DecisionData):
        return
    decision = entry.data.decision
    if decision.what != "board-vote" or not decision.person:
        return
    person = unb64(decision.person, KEY_SIZE, "decision board-vote: person")
    if not is_place(log, _roll(log, decision.electorate), person):
        raise LogError(f"decision board-vote: person: {decision.person} is not on the roll of {decision.electorate}")


def _verify_complainant(log: LogState, data: ComplaintData) -> None:
    """Whoever could vote in the poll may complain of it."""
    if not 1 <= data.poll <= len(log.polls):
        raise LogError(f"complaint: there is no poll {data.poll}")
    credential = unb64(data.credential, KEY_SIZE, "complaint: credential")
    contests = log.polls[data.poll - 1].open_contests()
    for identity in sorted({contest.rules.document.electorate for contest in contests}):
        if identity in log.electorates and is_entitled(log, read_roll(log, identity), credential):
            return
    raise LogError(f"complaint: credential {data.credential} is entitled in no contest of poll {data.poll}")
