"""`election-service poll next`: the agenda, and the next poll made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from election_service.api_types import Agenda, AgendaTask
from election_service.commands.operator import ConfigFile, read_config
from election_service.commands.terminal import Election, fail, out, run
from election_service.console.next_polls import list_members, log_contests, sign_members
from election_service.follow_up import NextPoll, Wanted, next_poll
from election_service.held_back import Why
from election_service.law_view import show_agenda
from election_service.proposals import write_proposals
from election_service.questions import read_questions
from election_service.service import Service, open_service
from election_service.setup import ContestPlan
from election_service.state_dir import create_durably
from keys.text import printable

Seats = Annotated[list[str] | None, typer.Option("--seat", help="Only this seat of the agenda; may be repeated.")]
Motions = Annotated[list[str] | None, typer.Option("--motion", help="POSITION=CONTEST: put this motion to the vote.")]
Into = Annotated[list[str] | None, typer.Option("--into", help="SEAT=ELECTORATE: what a small contest is merged into.")]

_ANSWERS: Final[Mapping[Why, str]] = {
    "approval": "record its answer with `decision new`",
    "paper": "record who was elected with `decision new`",
    "nominations": "give a list with `roll candidates`",
}


@run
async def poll_next(
    election: Election,
    seat: Seats = None,
    motion: Motions = None,
    into: Into = None,
    questions: Annotated[Path | None, typer.Option(help="TOML file with questions of a survey.", exists=True)] = None,
    proposals: Annotated[Path | None, typer.Option(help="Where electorates for the committee go.")] = None,
    list_file: Annotated[Path | None, typer.Option("--list", help="Where an offline registrar's list goes.")] = None,
    make: Annotated[bool, typer.Option("--make", help="Log the contests; without it, only show them.")] = False,
    config: ConfigFile = None,
) -> None:
    """Show what the rules ask for, with deadlines, and prepare the next poll from it.

    Second tours, repetitions and members' votes have their candidates already; for re-elections and by-elections, give
    a list with `roll candidates` first. Where members vote, the registrar signs their electorate and the committee
    approves it (--proposals); then say --make.
    """
    wanted = Wanted(
        seats=set(seat) if seat else None,
        motions={contest: position for position, contest in map(_pair, motion or ())},
        into=dict(map(_pair, into or ())),
        questions=read_questions(questions.read_text("utf-8")) if questions else (),
    )
    async with open_service(read_config(config)) as service:
        show_tasks(await show_agenda(service, election))
        planned = await next_poll(service, election, wanted)
        _show_poll(planned)
        if planned.assemblies:
            await _ask_for_members(service, election, planned, proposals, list_file)
        elif make and planned.plans:
            made = await log_contests(service, election, planned)
            out.print(f"poll {planned.number}: {len(made)} contests logged; next: trustee canary, then poll open")
        elif planned.plans:
            out.print("nothing was logged; say it again with --make")


def _pair(text: str) -> tuple[str, str]:
    first, found, second = text.partition("=")
    if not found:
        fail(f"expected NAME=VALUE, got {text}")
    return first.strip(), second.strip()


def show_tasks(agenda: Agenda) -> None:
    """The agenda in words."""
    for clause in agenda.missing:
        out.print(f"no signed reading yet: {clause}", markup=False)
    for seq in agenda.complaints:
        out.print(f"complaint of entry {seq}: not answered yet")
    for item in agenda.tasks:
        out.print(printable(task_line(item)), markup=False)
    if not agenda.tasks:
        out.print("the agenda is empty")


def task_line(item: AgendaTask) -> str:
    """One task: what, between whom, by which clause, by when."""
    task = item.task
    names = [item.names.get(person, {}).get("en", person) for person in task.options]
    between = f" between {', '.join(names)}" if names else ", with new nominations"
    between = f" of {', '.join(names)}" if task.kind == "approval" else between
    barred = f", without {', '.join(task.barred)}" if task.barred else ""
    voters = f", by the members{barred}" if task.voters == "members" else ""
    due = f", by {item.due}" if item.due else ""
    return f"{task.seat}: {task.kind}{between}{voters} ({task.clause}){due}"


def _show_poll(planned: NextPoll) -> None:
    out.print(f"poll {planned.number}: {len(planned.plans)} contests")
    for plan in planned.plans:
        out.print(printable(_plan_line(plan)), markup=False)
    show_waiting(planned)


def show_waiting(planned: NextPoll) -> None:
    """What is not in the poll, and the command that answers it."""
    for item in planned.waiting:
        answer = f": {_ANSWERS[item.why]}" if item.why in _ANSWERS else ""
        out.print(printable(f"  waits: {item}{answer}"), markup=False)


def _plan_line(plan: ContestPlan) -> str:
    names: Sequence[str] = [option.name.get("en") or next(iter(option.name.values())) for option in plan.options]
    return f"  {plan.contest}: {plan.electorate}: {', '.join(names)}"


async def _ask_for_members(
    service: Service, election: str, planned: NextPoll, proposals: Path | None, list_file: Path | None
) -> None:
    """The electorates of the members come first; their contests wait for the committee's approval."""
    for item in planned.assemblies:
        out.print(f"  electorate {item.electorate.block.id}: {len(item.persons)} members: not in the log yet")
    if list_file is not None:
        if not create_durably(list_file, await list_members(service, election, planned)):
            fail(f"{list_file}: exists already", "give another name")
        out.print(f"{list_file}: for the registrar: election-service registrar sign-members")
    elif proposals is not None:
        made = await sign_members(service, election, planned)
        write_proposals(proposals, election, made)
        out.print(f"{proposals}: {len(made)} electorates for the committee to approve; then say this again")
    else:
        out.print("give --proposals FILE for the committee, or --list FILE for an offline registrar")
