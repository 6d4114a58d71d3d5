"""`election-service documents`: the same files as the pages hand out."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from audit.cli import main
from audit.document import SUFFIX
from election_service.commands import documents as command
from election_service.commands.app import app
from election_service.documents.listing import documents_of
from election_service.documents.names import parse_name
from election_service.installation import write_config
from election_service.service import open_service
from tests.service.house import ELECTION, House
from tests.service.pages_reader import play_to_the_result


async def run(house: House, folder: Path, *arguments: str, code: int = 0) -> str:
    config = house.folder / "documents.toml"
    write_config(house.service.config, config)
    environment = {"ELECTION_CONFIG": str(config), "ELECTION_ID": ELECTION, "COLUMNS": "200"}
    words = ["documents", *arguments, str(folder)]
    result = await asyncio.to_thread(CliRunner().invoke, app, words, env=environment)
    assert result.exit_code == code, f"{result.output}\n{result.exception!r}"
    return result.output


@pytest.fixture
def standing(monkeypatch: pytest.MonkeyPatch, open_sqlite_house: House) -> House:
    """The command's service has the clock of the house, which stands in a time to come."""
    monkeypatch.setattr(command, "open_service", partial(open_service, clock=open_sqlite_house.clock))
    return open_sqlite_house


async def test_all_documents_as_files_which_the_auditor_takes(
    standing: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house, folder = standing, tmp_path / "out"
    await play_to_the_result(house)
    await house.conclude()
    said = await run(house, folder)
    assert "drafts" not in said
    wanted = {name.document + suffix for name in documents_of(1) for suffix in ("", SUFFIX)}
    assert {file.name for file in folder.iterdir()} == wanted
    for file in wanted:
        kept = await house.service.document_desk.read(ELECTION, parse_name(file), draft=False)
        assert (folder / file).read_bytes() == kept
    archive = str(folder / "archive-1.zip")
    assert await asyncio.to_thread(main, ["verify", archive, "--jobs", "1"]) == 0
    arguments = ["document", archive, archive + SUFFIX, archive]
    assert await asyncio.to_thread(main, arguments) == 0
    assert "document: ok: the log signed this file as archive-1.zip" in capsys.readouterr().out


async def test_one_protocol_in_two_languages_and_what_is_asked_wrongly(standing: House, tmp_path: Path) -> None:
    house, folder = standing, tmp_path / "out"
    assert "poll 1: no result is declared" in await run(house, folder, "--lang", "ka", code=1)
    await play_to_the_result(house)
    said = await run(house, folder, "--lang", "ka,az")
    assert "drafts: the result is not certified yet" in said
    assert {file.name for file in folder.iterdir()} == {"protocol-1-ka-az.pdf", "protocol-1-ka-az.pdf.sig"}
    for wrong in ("de", "ka,ka", "en,ka,az", ""):
        assert "--lang: expected one or two of en, ka, az, ru" in await run(house, folder, "--lang", wrong, code=1)
    assert "poll 2: no result is declared" in await run(house, folder, "--poll", "2", code=1)
