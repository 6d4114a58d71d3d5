"""`election-service texts` and `roll profiles`: what is shown of an election and of its candidates."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import insert
from typer.testing import CliRunner

from election_service import schema
from election_service.commands.app import app
from election_service.config import Config
from election_service.database import open_database
from election_service.installation import install, write_config
from election_service.log import open_log
from tests.service.logs import ELECTION, NOW, opened

GOOD = 'contact = "committee@example.edu"\nzone = "Asia/Tbilisi"\n\n[en]\ntitle = "Spring"\nintro = "Vote."\n'


@dataclass(frozen=True)
class Installation:
    """A folder with a configuration, a database, and an election of which only entry 0 exists."""

    folder: Path

    def run(self, *command: str, code: int = 0) -> str:
        env = {"ELECTION_CONFIG": str(self.folder / "election.toml"), "ELECTION_ID": ELECTION, "COLUMNS": "200"}
        result = CliRunner().invoke(app, list(command), env=env)
        assert result.exit_code == code, f"{result.output}\n{result.exception!r}"
        return result.output

    def write(self, name: str, content: str | bytes) -> str:
        file = self.folder / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(file)


async def _prepare(config: Config, students: Sequence[str]) -> None:
    await install(config)
    database = open_database(config.database_url)
    async with database.transaction() as connection:
        await open_log(connection, opened(), title="Spring 2026", config=b"{}", now=NOW)
        rows = [{"election": ELECTION, "student_id": name, "person": f"c{name}"} for name in students]
        await connection.execute(insert(schema.persons), rows)
    await database.close()


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    config = Config(
        database_url=f"sqlite:///{tmp_path / 'election.db'}",
        state_dir=tmp_path / "state",
        master_key_file=tmp_path / "master.key",
        public_url="http://localhost:8080",
    )
    write_config(config, tmp_path / "election.toml")
    asyncio.run(_prepare(config, ["1", "2"]))
    return Installation(tmp_path)


def test_texts_are_shown_as_a_file_that_can_be_given_back(installation: Installation) -> None:
    before = installation.run("texts")
    assert before == 'contact = ""\nzone = "Asia/Tbilisi"\n\n[en]\ntitle = "Spring 2026"\nintro = ""\n'
    said = installation.run("texts", installation.write("texts.toml", GOOD))
    assert "no text in ka, az, ru" in said
    assert installation.run("texts") == GOOD
    assert installation.run("texts", installation.write("again.toml", GOOD)) == said


def test_texts_with_faults_change_nothing(installation: Installation) -> None:
    bad = GOOD.replace("Asia/Tbilisi", "Tbilisi").replace("[en]", "[eng]")
    said = installation.run("texts", installation.write("texts.toml", bad), code=1)
    assert "error: texts: eng: unknown" in said
    assert "zone: expected an IANA time zone" in said
    assert "hint: " in said
    assert "Spring 2026" in installation.run("texts")


def test_mistakes_end_without_a_trace(installation: Installation) -> None:
    assert "there is none here" in installation.run("texts", "--election", "nobody", code=1)
    assert "there is no such file" in installation.run("texts", str(installation.folder / "lost.toml"), code=1)


def photo(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (300, 400), colour).save(file, "PNG")
    return file.getvalue()


def test_profiles_are_imported_and_counted(installation: Installation) -> None:
    photos = installation.folder / "photos"
    photos.mkdir()
    (photos / "ana.png").write_bytes(photo("red"))
    listed = "student_id,photo,statement_en,statement_ka\n1,ana.png,For all.,ყველასთვის.\n2,,Me too.,\n"
    said = installation.run("roll", "profiles", installation.write("p.csv", listed), "--photos", str(photos))
    assert said.splitlines() == [
        "2 profiles read",
        "  photo: 1 of 2 candidates",
        "  statement_en: 2 of 2 candidates",
        "  statement_ka: 1 of 2 candidates",
        "  statement_az: 0 of 2 candidates",
        "  statement_ru: 0 of 2 candidates",
    ]


def test_every_fault_of_a_list_of_profiles_is_in_a_table(installation: Installation) -> None:
    listed = "student_id,photo,statement_en\n9,,who\n1,lost.png,\u202eback\n"
    said = installation.run("roll", "profiles", installation.write("p.csv", listed), code=1)
    for words in ("is no candidate", "no such file in the folder of photos", "bidi control character U+202E"):
        assert words in said
    assert "error: profiles: 3 faults, nothing imported" in said
    after = installation.run("roll", "profiles", installation.write("ok.csv", "student_id,statement_en\n2,Me.\n"))
    assert "statement_en: 1 of 2 candidates" in after
