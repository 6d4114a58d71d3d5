"""`/committee/{e}`: what is missing before the next poll can open, who does it, and where."""

from dataclasses import dataclass
from typing import Final

from election_service.console.checklist_facts import read_checklist
from election_service.console.readiness import Step
from election_service.console.roles import Capability
from election_service.console_pages.frame import render
from election_service.console_pages.visit import Answer, ConsoleVisit, Route
from election_service.languages import translatable, translations
from election_service.pages.shell import Pages
from election_service.sql import read_polls

STATES: Final = {
    "done": translatable("done"),
    "waiting": translatable("missing"),
    "blocked": translatable("comes later"),
    "optional": translatable("optional"),
}
_RUNNING: Final = ("open", "paused", "closed", "tallied")


@dataclass(frozen=True, slots=True)
class Line:
    """A step in the reader's language. ``after``: titles of the steps that come first."""

    step: Step
    state: str
    title: str
    missing: str
    who: str
    after: str
    address: str


async def show_checklist(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Every step with its state, and whether the poll can open."""
    found = await read_checklist(visit.service, visit.place)
    lines = [_line(visit, step, found.titles) for step in found.steps]
    async with visit.service.database.snapshot() as connection:
        polls = await read_polls(connection, visit.place)
    running = [number for number, poll in polls.items() if poll.state in _RUNNING]
    missing = [line for line in lines if line.step.state in ("waiting", "blocked")]
    return await render(
        pages,
        visit,
        "committee/checklist.html",
        section="checklist",
        lines=lines,
        missing=missing,
        now=[line for line in missing if line.step.state == "waiting"],
        advised=[line for line in lines if line.step.state == "optional" and line.step.advised],
        ready=found.ready,
        poll=found.poll,
        running=running,
    )


def _line(visit: ConsoleVisit, step: Step, titles: dict[str, str]) -> Line:
    say = translations(visit.language).gettext
    path, _, query = step.page.partition("?")
    asked = dict(pair.split("=", 1) for pair in query.split("&") if pair)
    return Line(
        step,
        say(STATES[step.state]),
        say(step.title),
        say(step.missing.text) % step.missing.values if step.missing.values else say(step.missing.text),
        say(step.who),
        ", ".join(say(titles[key]) for key in step.blocked_by),
        visit.link(f"/committee/{visit.place}{path}", **asked),
    )


READ: Final = {"/committee/{e}": Route(show_checklist, Capability.SEE)}
