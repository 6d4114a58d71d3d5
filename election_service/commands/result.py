"""`election-service tally | certify | annul | backup`: after the close."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sqlite3
from pathlib import Path
from typing import Annotated, Any

import typer

from audit.facts import Facts
from audit.report_text import report_text
from audit.source import open_log
from audit.verify import verify_log
from election_service.client import ServiceClient
from election_service.commands.looking import VerifiedLog, log_to_sign_for, look_at
from election_service.commands.member import KeyFile
from election_service.commands.operator import ConfigFile, read_config
from election_service.commands.terminal import (
    Election,
    PassphraseFile,
    Server,
    Yes,
    ask_passphrase,
    confirm,
    fail,
    out,
    run,
)
from election_service.committee import open_member_key, propose
from election_service.database import parse_url, sqlite_file
from election_service.overview import election_info
from election_service.service import open_service
from election_service.tallying import advance_tally
from keys.canonical import b64

Poll = Annotated[int, typer.Option(min=1, help="Number of the poll.")]


@run
async def tally(election: Election, poll: Poll = 1, config: ConfigFile = None) -> None:
    """Do now what is due after the close: sums, counts, the declared result. A serving process does it by itself."""
    async with open_service(read_config(config)) as service:
        logged = await advance_tally(service, election, poll)
        info = await election_info(service, election)
    out.print(", ".join(logged) or "nothing is due")
    for item in info.polls:
        if item.poll == poll:
            out.print(f"poll {poll}: {item.state}")


@run
async def certify(
    server: Server,
    election: Election,
    key: KeyFile,
    poll: Poll = 1,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
) -> None:
    """Verify the whole log, show the result and who takes which seat, and propose to certify it; another approves."""
    await _conclude(server, election, key, "result.certified", {"poll": poll}, passphrase_file, yes=yes)


@run
async def annul(
    server: Server,
    election: Election,
    key: KeyFile,
    reason: Annotated[str, typer.Option(help="Reason, published in the log.")],
    poll: Poll = 1,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
) -> None:
    """Verify the whole log, and propose to annul a declared result: the seats stand as before, and the vote is held
    again. Possible until the next poll opens; another member approves.
    """
    fields = {"poll": poll, "reason": reason}
    await _conclude(server, election, key, "result.annulled", fields, passphrase_file, yes=yes)


async def _conclude(
    server: str, election: str, key: Path, kind: str, fields: dict[str, Any], passphrase_file: Path | None, *, yes: bool
) -> None:
    """What both have in common: the result as this computer verified it, what follows, and the member's approval."""
    async with ServiceClient(server, election) as client:
        with open_log(client.log_url) as source:
            log_id = await log_to_sign_for(client, key)
            report = await asyncio.to_thread(verify_log, source, log_id=log_id)
        out.print(report_text(report), markup=False)
        if not report.ok:
            fail("the log does not verify: nothing was signed", "show this report to the committee")
        data = {**fields, "declared": b64(declared_hash(report.facts, fields["poll"]))}
        look_at(VerifiedLog(report.facts, client.log_url), kind, data)
        confirm(f"propose {kind} of poll {fields['poll']} and approve it?", yes=yes)
        member = open_member_key(key, ask_passphrase(passphrase_file, str(key)))
        act = await propose(client, log_id, member, kind, data, secrets.token_bytes)
    out.print(f"{act.kind} {act.act}: {act.state}, approved by {len(act.approvals)}")


def declared_hash(facts: Facts, poll: int) -> bytes:
    """SHA-256 of the entry that declares the poll's result, as it was verified; the log is not asked again."""
    found = [figures.declared for figures in facts.polls if figures.poll == poll and figures.declared is not None]
    if not found:
        fail(f"poll {poll}: no result is declared yet")
    return found[0]


@run
async def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder for the copy.")], config: ConfigFile = None
) -> None:
    """Copy a SQLite database while it serves. Signed heads and recovery keys are kept out of backups on purpose.

    A database restored during a poll issues no further token in it (docs/operator.md). On PostgreSQL, use its own
    tools (pg_dump, pg_basebackup).
    """
    url, dialect = parse_url(read_config(config).database_url)
    if dialect != "sqlite":
        fail("backup: this copies SQLite databases", "on PostgreSQL use pg_dump or pg_basebackup")
    if folder.exists():
        fail(f"{folder}: exists already", "give a new folder")
    folder.mkdir(mode=0o700, parents=True)
    target = folder / "election.db"
    await asyncio.to_thread(_copy_sqlite, sqlite_file(url), target)
    out.print(f"{target}: {target.stat().st_size} bytes, {shutil.disk_usage(folder).free // 2**20} MiB free")


def _copy_sqlite(source: Path, target: Path) -> None:
    with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as origin, sqlite3.connect(target) as copy:
        origin.backup(copy)
    copy.close()
    origin.close()
    target.chmod(0o600)
