"""`election-service roll`: the roll of students, the candidates, and the contests that follow from both."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from election_service.candidates import contest_plans, import_candidates
from election_service.commands.operator import ConfigFile, read_config
from election_service.commands.terminal import Election, fail, out, run
from election_service.database import open_database
from election_service.roll import RollFaultsError, RollPreview, freeze_roll, import_roll, preview_roll, read_roll
from election_service.roll_rules import EligibilityRule, Fault
from election_service.service import open_service
from election_service.setup import plan_contests

app = typer.Typer(no_args_is_help=True, help="The roll, the candidates, the contests.")

Columns = Annotated[list[str] | None, typer.Option(help="field=name of its column, where it is not found.")]
Levels = Annotated[list[str] | None, typer.Option(help="Levels that may vote; default bachelor (6.2.1d).")]
Statuses = Annotated[list[str] | None, typer.Option(help="Statuses that may vote; default active.")]
Sheet = Annotated[Path, typer.Argument(help="CSV or XLSX.", exists=True, dir_okay=False)]


@app.command("import")
@run
async def import_(
    file: Sheet,
    election: Election,
    config: ConfigFile = None,
    column: Columns = None,
    level: Levels = None,
    status: Statuses = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show what would be imported; change nothing.")] = False,
) -> None:
    """Read a roll. With one bad row nothing is imported, and every bad row is named."""
    columns, rule = read_columns(column), read_rule(level, status)
    raw = file.read_bytes()
    shown = preview_roll(raw, columns=columns, rule=rule)
    if shown.faults:
        show_faults(shown.faults)
        fail(f"{file}: {len(shown.faults)} faults, nothing imported", "mend every row named above, and import again")
    show_preview(shown)
    if preview:
        out.print("preview: nothing was imported")
        return
    roll = read_roll(raw, columns=columns, rule=rule)
    database = open_database(read_config(config).database_url)
    try:
        async with database.transaction() as connection:
            await import_roll(connection, election, roll)
    finally:
        await database.close()
    out.print(f"imported {len(roll.students)} students, {len(roll.eligible)} of them may vote")


def read_columns(options: list[str] | None) -> dict[str, str]:
    """The `--column field=name` options."""
    columns = {}
    for text in options or []:
        field, found, name = text.partition("=")
        if not found:
            fail(f"--column: expected field=name, got {text}")
        columns[field.strip()] = name.strip()
    return columns


def read_rule(levels: list[str] | None, statuses: list[str] | None) -> EligibilityRule:
    """The `--level` and `--status` options; without them, article 6.2.1d."""
    return EligibilityRule(tuple(levels or ("bachelor",)), tuple(statuses or ("active",)))


def show_faults(faults: tuple[Fault, ...]) -> None:
    """All faults, by row; the header is row 1."""
    table = Table("row", "field", "what is wrong")
    for fault in faults:
        table.add_row(str(fault.row), fault.field, fault.reason)
    out.print(table)


def show_preview(preview: RollPreview) -> None:
    """Numbers, blocks, and the first rows."""
    out.print(f"{preview.total} students, {preview.eligible} may vote")
    for reason, count in preview.ineligible.items():
        out.print(f"  {count} may not: {reason}", markup=False)
    table = Table("faculty / department / year", "may vote")
    for block, count in preview.blocks.items():
        table.add_row(block, str(count))
    out.print(table)
    for student in preview.sample:
        out.print(f"  {student.student_id}  {student.full_name}  {student.email}", markup=False)


@app.command("freeze")
@run
async def freeze(election: Election, config: ConfigFile = None) -> None:
    """From here on nobody is added, removed or altered."""
    database = open_database(read_config(config).database_url)
    try:
        async with database.transaction() as connection:
            digest = await freeze_roll(connection, election)
    finally:
        await database.close()
    out.print(f"roll frozen, digest {digest.hex()}")


@app.command("candidates")
@run
async def candidates(file: Sheet, election: Election, config: ConfigFile = None) -> None:
    """Read the list of candidates (student_id, position, block) against the frozen roll; all of it or nothing."""
    database = open_database(read_config(config).database_url)
    try:
        async with database.transaction() as connection:
            found = await import_candidates(connection, election, file.read_bytes())
    except RollFaultsError as error:
        show_faults(error.faults)
        raise
    finally:
        await database.close()
    out.print(f"{len(found)} candidacies")


@app.command("contests")
@run
async def contests(
    election: Election, poll: Annotated[int, typer.Option(min=1)] = 1, config: ConfigFile = None
) -> None:
    """Log the contests of a poll from the candidates, each with an issuer key of its own.

    The electorates must be in the log, and the trustees must have confirmed the joint key.
    """
    async with open_service(read_config(config)) as service:
        async with service.database.snapshot() as connection:
            plans = await contest_plans(connection, election)
        made = await plan_contests(service, election, poll, plans)
    out.print(f"poll {poll}: {len(made)} contests logged; next: trustee canary, then poll open")
