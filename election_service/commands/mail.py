"""`election-service mail`: what the service sends, what has become of it, and whom to write to."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service.bounces import note_bounces, read_mailbox, read_report, split_mailbox
from election_service.commands.operator import ConfigFile, read_config
from election_service.commands.terminal import Election, Yes, confirm, err, fail, out, run
from election_service.database import open_database
from election_service.mail_server import MailServer
from election_service.mail_status import read_status, read_troubles
from election_service.mailer import Mailer
from election_service.outbox import LINKS, drop, queue_again
from election_service.reminders import Queued, queue_calls, queue_reminders, queue_results
from election_service.secrets import load_master_key
from election_service.service import open_service, system_clock
from keys.text import printable

app = typer.Typer(no_args_is_help=True, help="What the service sends, and what has become of it.")

Poll = Annotated[int, typer.Option(help="Number of the poll.")]
Everybody = Annotated[bool, typer.Option("--all", help="Everybody, instead of single students.")]
Students = Annotated[list[str] | None, typer.Argument(metavar="STUDENT…", help="Student ids.")]


@asynccontextmanager
async def _changing(config: Path | None) -> AsyncIterator[AsyncConnection]:
    """A transaction on the database, without the rest of the service."""
    database = open_database(read_config(config).database_url)
    try:
        async with database.transaction() as connection:
            yield connection
    finally:
        await database.close()


@app.command("status")
@run
async def status(election: Election, config: ConfigFile = None) -> None:
    """Say how many mails wait, are out, were refused or came back, and which need somebody's eye."""
    database = open_database(read_config(config).database_url)
    try:
        async with database.snapshot() as connection:
            counts = await read_status(connection, election)
            troubles = await read_troubles(connection, election)
    finally:
        await database.close()
    table = Table("kind", "state", "mails")
    for count in counts:
        table.add_row(count.kind, count.state, str(count.mails))
    out.print(table if counts else "no mails yet")
    for item in troubles:
        due = f", again at {datetime.fromtimestamp(item.due).astimezone():%H:%M}" if item.state == "waiting" else ""
        line = f"{item.state}: {item.kind} to {item.recipient or 'the committee'}: {item.reason}{due}"
        out.print(printable(line), markup=False)


@app.command("send")
@run
async def send(
    config: ConfigFile = None,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until nothing waits any more.")] = False,
) -> None:
    """Send what waits, of all elections, until nothing is due. Not needed where `serve` runs with a mail server.

    Killed at any moment, it goes on where it stopped. A mail that the server had taken just then is sent once more,
    with the same Message-ID and the same content.
    """
    settings = read_config(config)
    server, master = MailServer.from_config(settings), load_master_key(settings.master_key_file)
    mailer = Mailer(open_database(settings.database_url), master, server, system_clock)
    try:
        with _progress(await mailer.waiting(due=not wait)) as step:
            await mailer.send_due(wait=wait, progress=step)
        left = await mailer.waiting()
    finally:
        await mailer.database.close()
    out.print(f"done; {left} mails wait for a later try" if left else "done; no mail waits")


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    """A bar where somebody looks at it."""
    columns = (TextColumn("mails"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bar:
        task = bar.add_task("mails", total=total)
        yield lambda: bar.advance(task)


@app.command("remind")
@run
async def remind(
    election: Election,
    poll: Poll,
    number: Annotated[
        int | None, typer.Option(help="Of the reminder; without it, everybody is reminded once a day at most.")
    ] = None,
    yes: Yes = False,
    config: ConfigFile = None,
) -> None:
    """Remind those who have no token yet in an open contest of the poll; each is told which are left."""
    confirm(f"remind everybody who has a contest of poll {poll} left?", yes=yes)
    async with open_service(read_config(config)) as service:
        _report(await queue_reminders(service, election, poll, number))


@app.command("call")
@run
async def call(election: Election, poll: Poll, yes: Yes = False, config: ConfigFile = None) -> None:
    """Call everybody who may vote in a poll that is open or is going to be opened at a time; once."""
    confirm(f"write to everybody who may vote in poll {poll}?", yes=yes)
    async with open_service(read_config(config)) as service:
        _report(await queue_calls(service, election, poll))


@app.command("result")
@run
async def result(election: Election, poll: Poll, yes: Yes = False, config: ConfigFile = None) -> None:
    """Tell everybody who might vote in a poll where its result is: once as declared, once as certified or annulled."""
    confirm(f"write to everybody who might vote in poll {poll}?", yes=yes)
    async with open_service(read_config(config)) as service:
        _report(await queue_results(service, election, poll))


def _report(queued: Queued) -> None:
    out.print(f"{queued.queued} mails queued; {queued.before} had it before")
    if queued.without:
        out.print(f"{queued.without} left out: their invitation is not out, or came back (mail status)")


@app.command("retry")
@run
async def retry(
    election: Election, students: Students = None, everybody: Everybody = False, config: ConfigFile = None
) -> None:
    """Try the refused and postponed links of these students again, now; a corrected address needs a re-issue."""
    async with _changing(config) as connection:
        tried = [
            await queue_again(connection, election, student, system_clock()) for student in _who(students, everybody)
        ]
    out.print(f"{sum(tried)} links wait to be sent")


@app.command("drop")
@run
async def drop_links(
    election: Election,
    students: Students = None,
    everybody: Everybody = False,
    yes: Yes = False,
    config: ConfigFile = None,
) -> None:
    """Give up links that are not out, and destroy them; these students then need a re-issue."""
    confirm("destroy the links that are not out?", yes=yes)
    async with _changing(config) as connection:
        dropped = [
            await drop(connection, election, kind, student) for student in _who(students, everybody) for kind in LINKS
        ]
    out.print(f"{sum(dropped)} links destroyed")


def _who(students: Iterable[str] | None, everybody: bool) -> list[str | None]:
    if bool(students) == everybody:
        fail("expected student ids, or --all")
    return [None] if everybody else list(students or ())


@app.command("bounces")
@run
async def bounces(
    sources: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="mbox files, maildirs or single mails; - reads from stdin.")
    ],
    config: ConfigFile = None,
) -> None:
    """Read delivery reports from the mailbox that mails come back to, and note which mails came back.

    Reading a mailbox twice does no harm.
    """
    mails = [mail for source in sources for mail in _read_source(source)]
    reports = [report for report in map(read_report, mails) if report is not None]
    async with _changing(config) as connection:
        returned = await note_bounces(connection, reports, system_clock())
    for item in returned:
        line = f"came back: {item.election}: {item.kind} to {item.recipient or 'the committee'}: {item.reason}"
        out.print(printable(line), markup=False)
    late = sum(not report.failed for report in reports)
    out.print(f"{len(mails)} mails read, {len(reports)} reports about ours: {len(returned)} came back, {late} are late")
    links = [item.recipient for item in returned if item.kind in LINKS]
    if links:
        out.print(
            f"{len(links)} of them were ballot links: correct the address, then: election-service registrar reissue"
        )


def _read_source(source: str) -> Iterator[bytes]:
    if source == "-":
        return split_mailbox(sys.stdin.buffer.read())
    return read_mailbox(Path(source))
