"""`/committee/{e}/contests`: the contests of the next poll, made from blocks and candidates; those made already."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ballot.contest import Contest
from election_service.candidates import read_candidacies
from election_service.console.contest_making import log_next_contests
from election_service.console.drafts import RESOURCES, read_known
from election_service.console.preparations import next_poll_facts
from election_service.console.roles import Capability
from election_service.console_pages.changing import (
    REFUSALS,
    Refused,
    begin_change,
    note_change,
    refused,
    revision_of,
    status_of,
)
from election_service.console_pages.flashes import said
from election_service.console_pages.frame import render
from election_service.console_pages.held_back_words import held_back
from election_service.console_pages.visit import Answer, ConsoleVisit, Route
from election_service.contest_names import read_blocks
from election_service.facts import LogFacts
from election_service.follow_up import NextPoll, next_poll
from election_service.languages import translatable
from election_service.pages.about import about
from election_service.pages.shell import Pages
from election_service.setup import ContestPlan

RESOURCE: Final = RESOURCES.contests


@dataclass(frozen=True, slots=True)
class Shown:
    """A contest: its position and block as people call them, who stands, how many may vote."""

    id: str
    name: str
    names: tuple[str, ...]
    size: int


async def show_contests(pages: Pages, visit: ConsoleVisit, why: Refused | None = None) -> Answer:
    """What is made, and what would be made now."""
    service, election = visit.service, visit.place
    async with service.database.snapshot() as connection:
        known = await read_known(connection, election)
        blocks = await read_blocks(connection, election)
        candidates = len(await read_candidacies(connection, election)) if known.made else 0
    facts = await service.facts(election) if known.made else None
    planned, trouble, made, plans, number = None, "", list[Shown](), list[Shown](), 1
    if facts is not None:
        number, poll = next_poll_facts(facts)
        if poll is not None and poll.contests:
            made = [_shown(facts, blocks, item, visit.language) for item in poll.documents]
        else:
            planned, trouble = await _plan(visit)
            plans = [_shown(facts, blocks, item, visit.language) for item in (planned.plans if planned else ())]
    return await render(
        pages,
        visit,
        "committee/contests.html",
        section="contests",
        status=status_of(why),
        why=why,
        revision=await revision_of(visit, RESOURCE),
        poll=number,
        candidates=candidates,
        made=made,
        trouble=trouble,
        waiting=() if planned is None else held_back(await about(visit), planned.waiting, visit.language),
        assemblies=0 if planned is None else len(planned.assemblies),
        plans=plans,
    )


async def _plan(visit: ConsoleVisit) -> tuple[NextPoll | None, str]:
    """The poll as it would be made now, or why it cannot be."""
    try:
        return await next_poll(visit.service, visit.place), ""
    except REFUSALS as error:
        return None, str(error)


def _shown(facts: LogFacts, blocks: Mapping[str, str], item: ContestPlan | Contest, language: str) -> Shown:
    names = next((found.name for found in facts.rules.positions if found.id == item.position), {})
    block = blocks.get(item.electorate, "")
    name = names.get(language) or names.get("en") or item.contest
    known = facts.electorates.get(item.electorate)
    people = [
        option.name.get(language) or option.name.get("en", option.id) for option in item.options if not option.blank
    ]
    return Shown(
        item.contest, f"{name}: {block}" if block else name, tuple(people), 0 if known is None else known[1].size
    )


async def take_contests(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Log them, each with a key of its own: all or none, and once."""
    try:
        await begin_change(visit, RESOURCE)
        made = await log_next_contests(visit.service, visit.place)
        await note_change(visit, "contests-made")
    except REFUSALS as error:
        return await show_contests(pages, visit, refused(error))
    text = translatable("Contests made: %(contests)s. Now the trustees test their files.")
    return said(visit, f"/committee/{visit.place}/contests", text, contests=made)


READ: Final = {"/committee/{e}/contests": Route(show_contests, Capability.SEE)}
SENT: Final = {"/committee/{e}/contests": Route(take_contests, Capability.SET_UP)}
