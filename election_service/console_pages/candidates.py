"""`/committee/{e}/candidates`: who stands for what in the next poll, one by one or as a list, and withdrawals."""

from dataclasses import dataclass
from typing import Any, Final

from election_service.candidates import read_standings
from election_service.console.candidate_entry import CandidateList, add_candidate, read_list, remove_candidate
from election_service.console.drafts import RESOURCES, read_known
from election_service.console.made_log import need_facts
from election_service.console.preparations import next_poll_facts
from election_service.console.roles import Capability
from election_service.console_pages.changing import (
    REFUSALS,
    Refused,
    begin_change,
    changing,
    note_change,
    refused,
    revision_of,
    status_of,
    typed,
)
from election_service.console_pages.flashes import said
from election_service.console_pages.frame import render
from election_service.console_pages.visit import Answer, ConsoleVisit, Route
from election_service.electorates import make_blocks
from election_service.errors import InputError
from election_service.facts import LogFacts
from election_service.follow_up import import_nominations
from election_service.languages import translatable
from election_service.pages.shell import Pages
from election_service.roll import RollFaultsError
from election_service.roll_rules import Fault
from election_service.service import Service

RESOURCE: Final = RESOURCES.candidates
_FIELDS: Final = ("student_id", "position", "block")
_EMPTY: Final = dict.fromkeys(_FIELDS, "")


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody on a ballot that is made: a withdrawal is a recorded decision."""

    contest: str
    person: str
    name: str


async def show_candidates(
    pages: Pages, visit: ConsoleVisit, why: Refused | None = None, faults: tuple[Fault, ...] = ()
) -> Answer:
    """The list, the forms, and who stands on ballots that are made already."""
    service, election = visit.service, visit.place
    async with service.database.snapshot() as connection:
        known = await read_known(connection, election)
        listed = await read_list(connection, election) if known.made else CandidateList(1, ())
    facts = await service.facts(election) if known.made else None
    ready = facts is not None and facts.law is not None
    return await render(
        pages,
        visit,
        "committee/candidates.html",
        section="candidates",
        status=status_of(why),
        why=why,
        row_faults=faults,
        values=typed(visit, _EMPTY, why),
        revision=await revision_of(visit, RESOURCE),
        ready=ready,
        poll=listed.poll,
        listed=listed.listed,
        positions=_positions(facts, visit.language) if ready and facts is not None else [],
        blocks=await _blocks(service, election) if ready else [],
        standing=_standing(facts, visit.language) if facts is not None else [],
    )


def _positions(facts: LogFacts, language: str) -> list[tuple[str, str]]:
    offices = [item for item in facts.rules.positions if item.seat is not None]
    return [(item.id, item.name.get(language, item.name["en"])) for item in offices]


async def _blocks(service: Service, election: str) -> list[str]:
    """The names of the blocks of the roll, for choosing from."""
    async with service.database.snapshot() as connection:
        students = await read_standings(connection, election)
    return [block.name for block in make_blocks([item.elector for item in students.values() if item.eligible])][1:]


def _standing(facts: LogFacts, language: str) -> list[Standing]:
    """Everybody on a ballot of the poll that is made and not open."""
    _, poll = next_poll_facts(facts)
    return [
        Standing(document.contest, option.id, option.name.get(language) or option.name.get("en", option.id))
        for document in (poll.documents if poll is not None else ())
        for option in document.options
        if not option.blank
    ]


async def take_candidate(pages: Pages, visit: ConsoleVisit) -> Answer:
    """One candidacy."""
    form: dict[str, Any] = {name: visit.form.get(name, "") for name in _FIELDS}
    try:
        facts = await need_facts(visit.service, visit.place)
        async with changing(visit, RESOURCE, "candidate-entered", form["position"]) as connection:
            await add_candidate(connection, visit.place, facts, **form)
    except REFUSALS as error:
        return await show_candidates(pages, visit, refused(error))
    return said(visit, f"/committee/{visit.place}/candidates", translatable("The candidate is entered."))


async def take_removal(pages: Pages, visit: ConsoleVisit) -> Answer:
    """A candidate withdraws before the ballot is made."""
    form: dict[str, Any] = {name: visit.form.get(name, "") for name in _FIELDS}
    try:
        facts = await need_facts(visit.service, visit.place)
        async with changing(visit, RESOURCE, "candidate-removed", form["position"]) as connection:
            await remove_candidate(connection, visit.place, facts, **form)
    except REFUSALS as error:
        return await show_candidates(pages, visit, refused(error))
    return said(visit, f"/committee/{visit.place}/candidates", translatable("The candidate is taken off the list."))


async def take_list(pages: Pages, visit: ConsoleVisit) -> Answer:
    """A whole list instead of the one before; with one fault nothing is imported, and every fault is named by row."""
    file = visit.files.get("list")
    try:
        if file is None or not file.content:
            raise InputError("candidates: expected a file, got none", "choose a CSV or XLSX file")
        await need_facts(visit.service, visit.place)
        await begin_change(visit, RESOURCE)
        found = await import_nominations(visit.service, visit.place, file.content)
        await note_change(visit, "candidates-imported", str(len(found)))
    except RollFaultsError as error:
        return await show_candidates(pages, visit, refused(error), error.faults)
    except REFUSALS as error:
        return await show_candidates(pages, visit, refused(error))
    text = translatable("The list is imported: %(candidacies)s candidacies.")
    return said(visit, f"/committee/{visit.place}/candidates", text, candidacies=len(found))


READ: Final = {"/committee/{e}/candidates": Route(show_candidates, Capability.SEE_VOTERS)}
SENT: Final = {
    "/committee/{e}/candidates": Route(take_candidate, Capability.SET_UP, fields=_FIELDS),
    "/committee/{e}/candidates/remove": Route(take_removal, Capability.SET_UP, fields=_FIELDS),
    "/committee/{e}/candidates/list": Route(take_list, Capability.SET_UP, fields=("list",), upload=True),
}
