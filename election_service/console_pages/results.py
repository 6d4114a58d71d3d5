"""`/committee/{e}/results`, `/results/{n}`: from the close to the certified result."""

from typing import Any, Final

from election_service.console.closing import read_closing
from election_service.console.roles import Capability
from election_service.console_pages.frame import render
from election_service.console_pages.logged import of_a_log
from election_service.console_pages.visit import Answer, ConsoleVisit, Route
from election_service.errors import NotFoundError
from election_service.languages import translatable
from election_service.pages.about import about
from election_service.pages.results import contest_lines, read_result_reasons, turnout_mark
from election_service.pages.shell import Pages
from election_service.pages.states import POLL_STATES, SEAT_STATES, state_of
from election_service.turnout import read_turnout

_PATH: Final = "/committee/{e}/results"
BARS: Final = {
    "complaint-window": translatable("complaints are still heard"),
    "complaints": translatable("a complaint waits for its answer"),
    "slack": translatable("too many took a ballot and cast none"),
}


@of_a_log("results")
async def show_results(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Every poll with the way to its result."""
    known = await about(visit)
    return await render(
        pages,
        visit,
        "committee/results.html",
        section="results",
        about=known,
        polls=known.poll_states(),
        states=POLL_STATES,
    )


@of_a_log("results")
async def show_result(pages: Pages, visit: ConsoleVisit) -> Answer:
    """One poll after its close. Before it, there is nothing to see but that it is not closed."""
    known, number = await about(visit), visit.number(visit.parts["n"], "poll")
    if number not in known.polls:
        raise NotFoundError(f"poll {number}: there is no such poll")
    closing = await read_closing(visit.service, known.id, number)
    state = state_of(known.polls[number], known.facts.polls.get(number))
    frame: dict[str, Any] = {"about": known, "poll": known.polls[number], "state": state, "states": POLL_STATES}
    if closing is None:
        return await render(pages, visit, "committee/result.html", section="results", closing=None, **frame)
    reasons = await read_result_reasons(visit, known, closing.poll)
    turnout = (await read_turnout(visit.service, known.id)).get(number)
    return await render(
        pages,
        visit,
        "committee/result.html",
        section="results",
        closing=closing,
        names={
            item.contest.rules.context: known.contest(item.contest.rules.document, visit.language)
            for item in closing.reviews
        },
        promises_kept=all(item.kept for item in closing.reviews),
        bars=[BARS[bar] for bar in closing.bars],
        complaints=closing.complaints,
        reasons=reasons,
        turnout=turnout,
        contests=contest_lines(known, closing.poll, turnout, reasons, visit.language),
        mark=turnout_mark(known),
        seat_states=SEAT_STATES,
        may={"propose": visit.may(Capability.PROPOSE)},
        **frame,
    )


READ: Final = {
    _PATH: Route(show_results, Capability.SEE),
    f"{_PATH}/{{n}}": Route(show_result, Capability.SEE),
}
