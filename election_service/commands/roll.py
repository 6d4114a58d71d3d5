"""`election-service roll`: the roll of students, the candidates, and the contests that follow from both."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from election_service.commands.next_poll import show_waiting
from election_service.commands.operator import ConfigFile, read_config
from election_service.commands.terminal import Election, fail, out, run
from election_service.console.local_acts import ROLL_FROZEN
from election_service.console.signing_keys import committee_has_accounts
from election_service.database import open_database
from election_service.follow_up import import_nominations, next_poll
from election_service.persons import person_of
from election_service.profiles import count_profiles, import_profiles, list_photos
from election_service.proposals import write_proposals
from election_service.roll import (
    RollFaultsError,
    RollPreview,
    freeze_roll,
    import_roll,
    preview_roll,
    read_roll,
    roll_to_freeze,
)
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
async def freeze(
    election: Election,
    proposals: Annotated[
        Path | None, typer.Option("--proposals", help="Freeze nothing; write the act for the committee here.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """From here on nobody is added, removed or altered.

    With --proposals two members freeze it by their signatures. Where members have accounts in the console that is the
    only way.
    """
    database = open_database(read_config(config).database_url)
    try:
        async with database.transaction() as connection:
            if proposals is not None:
                digest, size = await roll_to_freeze(connection, election)
                write_proposals(proposals, election, [(ROLL_FROZEN, {"digest": digest.hex(), "size": size})])
                out.print(f"{proposals}: the freeze of {size} students for the committee to approve", markup=False)
                return
            if await committee_has_accounts(connection, election):
                fail(
                    f"roll of {election}: its committee works in the console: two members freeze it there",
                    f"one proposes it at /committee/{election}/acts/new/roll.frozen and another approves it; or by "
                    "commands: `roll freeze --proposals freeze.acts`, `member propose freeze.acts`, `member approve`",
                )
            digest = await freeze_roll(connection, election)
    finally:
        await database.close()
    out.print(f"roll frozen, digest {digest.hex()}")


@app.command("candidates")
@run
async def candidates(file: Sheet, election: Election, config: ConfigFile = None) -> None:
    """Read the list of candidates (student_id, position, block) for the next poll; all of it or nothing.

    Each is held against the frozen roll and the constitution: who is barred is named with the clause.
    """
    async with open_service(read_config(config)) as service:
        try:
            found = await import_nominations(service, election, file.read_bytes())
        except RollFaultsError as error:
            show_faults(error.faults)
            raise
    out.print(f"{len(found)} candidacies")


@app.command("profiles")
@run
async def profiles(
    file: Sheet,
    election: Election,
    photos: Annotated[
        Path | None, typer.Option(help="Folder of the photos that the list names.", exists=True, file_okay=False)
    ] = None,
    while_open: Annotated[
        bool, typer.Option("--while-open", help="Also while a poll is open; who has voted saw other texts.")
    ] = False,
    config: ConfigFile = None,
) -> None:
    """Read what candidates say of themselves (student_id, photo, statement_en, statement_ka, statement_az,
    statement_ru).

    All of it or nothing. Photos are drawn anew as small JPEG files without metadata; statements are plain text. Only
    the students of the list are changed, and a row with nothing else removes the profile.
    """
    found, raw = list_photos(photos), file.read_bytes()
    database = open_database(read_config(config).database_url)
    try:
        async with database.transaction() as connection:
            rows = await import_profiles(connection, election, raw, found, while_open=while_open)
            counts = await count_profiles(connection, election)
    except RollFaultsError as error:
        show_faults(error.faults)
        raise
    finally:
        await database.close()
    out.print(f"{len(rows)} profiles read")
    for what, number in counts.have.items():
        out.print(f"  {what}: {number} of {counts.candidates} candidates")


@app.command("person")
@run
async def person(
    student: Annotated[str, typer.Argument(help="Student id, as on the roll.")],
    election: Election,
    config: ConfigFile = None,
) -> None:
    """Print the id by which a student stands in the log, for decisions such as an appointment."""
    database = open_database(read_config(config).database_url)
    try:
        async with database.transaction() as connection:
            out.print(await person_of(connection, election, student))
    finally:
        await database.close()


@app.command("contests")
@run
async def contests(
    election: Election, poll: Annotated[int, typer.Option(min=1)] = 1, config: ConfigFile = None
) -> None:
    """Log the contests of a poll from the candidates, each with an issuer key of its own.

    The electorates must be in the log, and the trustees must have confirmed the joint key. `poll next` does the same
    and more for every poll after the first.
    """
    async with open_service(read_config(config)) as service:
        planned = await next_poll(service, election)
        if planned.number != poll:
            fail(f"poll {poll}: the next poll is {planned.number}", "see: election-service poll next")
        show_waiting(planned)
        made = await plan_contests(service, election, poll, planned.plans)
    out.print(f"poll {poll}: {len(made)} contests logged; next: trustee canary, then poll open")
