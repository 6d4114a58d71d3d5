"""`/elections/{e}/contests/{context}`: a ballot, who stands on it, and the tracking codes of all that were cast."""

import asyncio

from election_service.errors import NotFoundError
from election_service.overview import contest_ballots
from election_service.pages.about import about
from election_service.pages.ballots import all_profiles, group_ballots
from election_service.pages.shell import Pages
from election_service.pages.states import POLL_STATES, state_of
from election_service.pages.visit import Page, Visit
from keys.canonical import unb64
from keys.errors import FormatError
from keys.ids import short_code


async def show_contest(pages: Pages, visit: Visit) -> Page:
    """One contest. The whole list of codes, always: who asks for one code tells which it is (A66)."""
    known, context = await about(visit), visit.parts["context"]
    try:
        raw = unb64(context, 32, "contest: context")
    except FormatError as error:
        raise NotFoundError("contest: no contest of this election has this address") from error
    if raw not in known.facts.contexts:
        raise NotFoundError("contest: no contest of this election has this address")
    poll, contest = known.facts.contexts[raw], known.facts.contest(raw)

    async def make() -> str:
        sealed = (await contest_ballots(visit.service, known.id, context)).ballots
        async with visit.service.database.snapshot() as connection:
            profiles = await all_profiles(connection, known.id)
        (group,) = group_ballots(known, [contest], profiles, visit.language)
        return await pages.render(
            "contest.html",
            visit,
            about=known,
            section="election",
            ballot=group.ballots[0],
            electorate=known.electorate(contest.rules.document.electorate, visit.language),
            poll=known.polls[poll.number],
            state=state_of(known.polls[poll.number], poll),
            states=POLL_STATES,
            seq=contest.seq,
            codes=await asyncio.to_thread(_codes, [(item.tracker, item.seq) for item in sealed]),
        )

    stamp = (known.size, known.now // 60, known.title, known.contact, known.polls[poll.number])
    return await pages.kept(visit, ("contest", known.id, context), stamp, make)


def _codes(trackers: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Tracking codes with their entries, ascending by code, so that one's own is found by leafing."""
    return sorted((short_code(unb64(tracker, 32, "tracker")), seq) for tracker, seq in trackers)
