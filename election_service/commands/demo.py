"""`election-service demo`: try the whole thing on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from election_service.commands.terminal import fail, run
from election_service.demo.preparation import Wishes
from election_service.demo.run import run_demo
from election_service.demo.serving import Demo
from election_service.demo.year.votes import ENOUGH


@run
async def demo(
    students: Annotated[int, typer.Option(min=20, max=50_000, help="Students of the made-up university.")] = 240,
    turnout: Annotated[int, typer.Option(min=0, max=100, help="Percent who vote, with --finish.")] = 70,
    finish: Annotated[bool, typer.Option("--finish", help="Vote for the rest, close, tally, declare, verify.")] = False,
    year: Annotated[
        bool, typer.Option("--year", help="With --finish, play a whole year: second tour, ties, vacancies.")
    ] = False,
    roll: Annotated[Path | None, typer.Option(envvar="ROLL", help="A roll (CSV, XLSX) to use instead.")] = None,
    candidates: Annotated[
        Path | None, typer.Option(envvar="CANDIDATES", help="A list of candidates for that roll.")
    ] = None,
    folder: Annotated[Path, typer.Option(help="Where everything goes; an older demo there is removed.")] = Path("demo"),
    database_url: Annotated[
        str | None, typer.Option(envvar="DATABASE_URL", help="An empty database; without it, SQLite in the folder.")
    ] = None,
    processes: Annotated[int, typer.Option(min=1, max=8, help="Serving processes, each on a port of its own.")] = 1,
    port: Annotated[int, typer.Option(help="Port of the first serving process.")] = 8080,
    seed: Annotated[int, typer.Option(help="The same seed makes the same university and the same votes.")] = 2026,
    rehearsal: Annotated[
        bool, typer.Option("--rehearsal", help="Short issuer keys: starts sooner, and the log says so.")
    ] = False,
) -> None:
    """Make a university, a committee and trustees, open a poll and serve it; with --finish, play it to the end."""
    if processes > 1 and database_url is None:
        fail("--processes: SQLite serves one process", "give --database-url postgresql+asyncpg://…")
    if year and (candidates is not None or not finish):
        fail("--year: has its own candidates, and is played to the end", "say --year --finish, without --candidates")
    if year and turnout < ENOUGH:
        fail(f"--turnout: expected at least {ENOUGH} with --year", "half of all students have to vote (6.12.4)")
    wishes = Wishes(
        students=students,
        seed=seed,
        roll=roll,
        candidates=candidates,
        issuer_bits=1024 if rehearsal else 3072,
        year=year,
    )
    await run_demo(
        Demo(
            folder=folder.resolve(),
            wishes=wishes,
            database_url=database_url,
            port=port,
            processes=processes,
            turnout=turnout,
            finish=finish,
        )
    )
