"""A94: what is acknowledged is in the files at the moment of the acknowledgement."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from keys.canonical import b64
from tests.faults.office import Office
from tests.faults.server import Server
from tests.faults.template import Template
from tests.faults.voters import Booth, Line

pytestmark = pytest.mark.slow


async def test_an_acknowledged_ballot_is_in_the_files_of_a_process_that_does_nothing_more(
    sqlite_template: Template, tmp_path: Path
) -> None:
    """A94: the process is stopped as its answer arrives; a copy of database and write-ahead log has the ballot."""
    async with sqlite_template.copy(tmp_path):
        server = Server(tmp_path)
        try:
            await server.start()
            async with Line(server.address) as line:
                await Office(sqlite_template, line).open_poll()
                for number, link in enumerate(sqlite_template.links[:6]):
                    booth = Booth(link)
                    await booth.enter(line)
                    paper = booth.papers[number % 2]
                    await booth.get_token(line, paper)
                    booth.mark(paper)
                    await booth.cast(line, paper)
                    server.send(signal.SIGSTOP)
                    copy = copy_files(tmp_path, tmp_path / f"copy-{number}")
                    server.send(signal.SIGCONT)
                    assert paper.ballot is not None
                    check_copy(copy, paper.ballot.tracker, paper.rules.context)
        finally:
            await server.kill()


def copy_files(folder: Path, target: Path) -> Path:
    """Database and write-ahead log, as they lie there; without the shared memory, which a crash takes away."""
    target.mkdir()
    for name in ("election.db", "election.db-wal"):
        if (folder / name).exists():
            shutil.copyfile(folder / name, target / name)
    return target / "election.db"


def check_copy(file: Path, tracker: bytes, context: bytes) -> None:
    """The ballot waits or is sealed, its token is spent, its receipt is stored; the database is sound."""
    with closing(sqlite3.connect(file)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        [(receipts,)] = copy.execute("SELECT count(*) FROM receipts WHERE tracker = ?", (tracker,))
        assert receipts == 1
        [(spent,)] = copy.execute("SELECT count(*) FROM spent WHERE context = ?", (context,))
        [(waiting,)] = copy.execute("SELECT count(*) FROM unsealed_ballots WHERE context = ?", (context,))
        logged = "SELECT count(*) FROM log_entries WHERE kind = 'ballot' AND instr(entry, ?) > 0"
        [(sealed,)] = copy.execute(logged, (b64(context).encode(),))
        assert spent == waiting + sealed > 0
