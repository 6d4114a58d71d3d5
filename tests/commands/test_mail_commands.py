"""`election-service mail` on an installation as it is: status, sending, refused and returned mails."""

import asyncio
import os
import sys
from pathlib import Path

from tests.faults.server import ROOT
from tests.faults.test_mail_kill import ELECTION, office
from tests.service.mail_sink import Sink, free_port, running
from tests.service.test_bounces import report


async def command(file: Path, *arguments: str, code: int = 0) -> str:
    """Run it; what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ELECTION_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "election_service.cli", "mail", *arguments, "--config", str(file)),
        cwd=ROOT,
        env={**environment, "COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == code, output.decode()
    return output.decode()


async def test_the_operator_sees_what_became_of_every_mail(sqlite_url: str, tmp_path: Path) -> None:
    sink, port = Sink(), free_port()
    async with office(tmp_path, sqlite_url, port, 4) as made:
        links = sorted(made.links.values(), key=lambda link: link.student_id)
        sink.refuse = {links[0].email}
        assert "done; 4 mails wait" not in await command(made.file, "send", code=1)
        with running(sink, port):
            await asyncio.sleep(1)
            await command(made.file, "retry", "--election", ELECTION, "--all")
            assert "done; no mail waits" in await command(made.file, "send", "--wait")
            shown = await command(made.file, "status", "--election", ELECTION)
            assert f"refused: invite to {links[0].student_id}: 550 5.1.1 no such user" in shown
            assert links[0].link not in shown
            sink.refuse = set()
            retried = await command(made.file, "retry", links[0].student_id, "--election", ELECTION)
            assert "1 links wait" in retried
            assert "done; no mail waits" in await command(made.file, "send")
        assert sorted(sink.recipients) == sorted(made.links)
        identity = str(sink.mails[0]["Message-ID"]).strip("<>").partition("@")[0]
        (tmp_path / "report.eml").write_bytes(report(identity))
        printed = await command(made.file, "bounces", str(tmp_path / "report.eml"))
        student = made.links[sink.recipients[0]].student_id
        assert f"came back: {ELECTION}: invite to {student}: 5.1.1" in printed
        assert "1 of them were ballot links" in printed
        assert "0 came back" in await command(made.file, "bounces", str(tmp_path / "report.eml"))
        assert "error: expected student ids, or --all" in await command(
            made.file, "drop", "--election", ELECTION, "--yes", code=1
        )
