"""`election-service registrar reissue …`, in the service and with a registrar on another computer."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from typer.testing import CliRunner

from ballot.link import read_link
from election_service import schema_mail
from election_service.commands.app import app
from election_service.database import open_database
from election_service.links import read_links
from election_service.proposals import PlannedAct, read_proposals
from keys import schnorr
from keys.canonical import b64
from keys.derive import credential_key
from tests.service.rolls import row, table

ELECTION = "spring"
URL = "http://localhost:8080"
ROLL = table(*(row(student_id=f"s{n}", email=f"s{n}@example.edu", full_name=f"Student {n}") for n in range(4)))


@dataclass(frozen=True)
class Office:
    """A folder with everything, and commands as people would type them."""

    folder: Path

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def run(self, *command: str, code: int = 0) -> str:
        env = {"ELECTION_CONFIG": self.path("election.toml"), "ELECTION_ID": ELECTION, "COLUMNS": "200"}
        result = CliRunner().invoke(app, list(command), env=env)
        assert result.exit_code == code, f"{' '.join(command)}\n{result.output}\n{result.exception!r}"
        return result.output

    def begin(self, *init: str) -> str:
        """The election with a frozen roll; returns the log id."""
        for member in ("ana", "beka"):
            self.run("member", "new", member, "--key", self.path(f"{member}.key"), *self.passphrase)
        members = [text for name in ("ana", "beka") for text in ("--member", self.path(f"{name}.key"))]
        said = self.run("init", "--election", ELECTION, *members, "--rehearsal", *init)
        (self.folder / "roll.csv").write_bytes(ROLL)
        self.run("roll", "import", self.path("roll.csv"))
        self.run("roll", "freeze")
        found = re.search(r"log (\S+)", said)
        assert found is not None
        return found[1]

    @property
    def passphrase(self) -> tuple[str, str]:
        return ("--passphrase-file", self.path("passphrase"))

    def acts(self, name: str) -> list[PlannedAct]:
        return read_proposals(self.folder / name, ELECTION)

    async def rows(self, table: Any) -> list[Any]:
        database = open_database(f"sqlite:///{self.path('election.db')}")
        async with database.snapshot() as connection:
            found = list((await connection.execute(select(table))).all())
        await database.close()
        return found

    async def store(self, table: Any, **values: Any) -> None:
        database = open_database(f"sqlite:///{self.path('election.db')}")
        async with database.transaction() as connection:
            await connection.execute(insert(table).values(values))
        await database.close()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    (tmp_path / "passphrase").write_text("four random words here\n")
    (tmp_path / "election.toml").write_text(
        f'database_url = "sqlite:///{tmp_path}/election.db"\nstate_dir = "{tmp_path}/state"\n'
        f'master_key_file = "{tmp_path}/master.key"\npublic_url = "{URL}"\nworkers = 1\n'
    )
    (tmp_path / "election.toml").chmod(0o600)
    return Office(tmp_path)


def key_of(link: str) -> str:
    """The credential of a ballot link, base64url."""
    return b64(schnorr.public_key(credential_key(read_link(link)[2], ELECTION)))


def test_in_the_service_new_links_wait_as_mails_for_the_committee(office: Office) -> None:
    office.begin("--second-factor", "totp")
    office.run("registrar", "make", "--links", office.path("links.csv"), "--proposals", office.path("electorates.acts"))
    why = ("--reason", "the mail was deleted")
    said = office.run("registrar", "reissue", "s2", "s0", "--proposals", office.path("lost.acts"), *why)
    assert "2 re-issue(s) for the committee: election-service member propose" in said
    assert "no mail server is configured" in said
    assert "registrar totp --student s2 --student s0" in said
    old = {link.student_id: key_of(link.link) for link in read_links(office.folder / "links.csv")}
    acts = office.acts("lost.acts")
    assert [(act.kind, act.data["old"], act.data["reason"]) for act in acts] == [
        ("credential.replaced", old[student], "the mail was deleted") for student in ("s2", "s0")
    ]
    held = asyncio.run(office.rows(schema_mail.outbox))
    assert {(mail.kind, mail.recipient, mail.state) for mail in held} == {
        ("reissue", "s2", "held"),
        ("reissue", "s0", "held"),
    }
    again = office.run("registrar", "reissue", "s1", "--proposals", office.path("lost.acts"), *why, code=1)
    assert "exists already" in again
    unknown = office.run("registrar", "reissue", "s9", "--proposals", office.path("other.acts"), *why, code=1)
    assert "error: re-issue: s9: has no credential" in unknown
    assert len(asyncio.run(office.rows(schema_mail.outbox))) == 2
    office.run("registrar", "totp", "--out", office.path("totp.csv"), "--student", "s2")
    lines = (office.folder / "totp.csv").read_text().splitlines()
    assert [line.partition(",")[0] for line in lines] == ["student_id", "s2"]
    wrong = office.run("registrar", "totp", "--out", office.path("more.csv"), "--student", "s9", code=1)
    assert "error: --student s9: has no credential" in wrong


def test_a_registrar_on_another_computer_makes_the_links_and_the_operator_the_proposal(office: Office) -> None:
    key = ("--key", office.path("registrar.key"), *office.passphrase)
    found = re.search(r"registrar (\S+),", office.run("registrar", "new", *key))
    assert found is not None
    log = office.begin("--second-factor", "none", "--waiver", "a test", "--registrar", found[1])
    here = ("--roll", office.path("roll.csv"), "--public-url", URL, *key)
    document = ("--document", office.path("document.json"))
    made = ("--links", office.path("links.csv"), *document)
    office.run("registrar", "make-offline", *here, "--log", log, *made)
    proposals = ("--proposals", office.path("electorates.acts"))
    office.run("registrar", "import", office.path("document.json"), *proposals)
    new = ("--links", office.path("new.csv"), "--replacements", office.path("replacements.json"), "--reason", "lost")
    office.run("registrar", "reissue-offline", "s1", *here, *document, *new)
    [link] = read_links(office.folder / "new.csv")
    assert (link.student_id, link.email) == ("s1", "s1@example.edu")
    office.run("registrar", "import-reissue", office.path("replacements.json"), "--proposals", office.path("lost.acts"))
    [act] = office.acts("lost.acts")
    old = {link.student_id: key_of(link.link) for link in read_links(office.folder / "links.csv")}
    assert (act.data["old"], act.data["new"]) == (old["s1"], key_of(link.link))
    assert asyncio.run(office.rows(schema_mail.outbox)) == []
    stranger = ("--links", office.path("n.csv"), "--replacements", office.path("r.json"), "--reason", "lost")
    refused = office.run("registrar", "reissue-offline", "s9", *here, *document, *stranger, code=1)
    assert "error: s9: may not vote, or is not on this roll" in refused
    wrong = office.run("registrar", "reissue", "s1", "--proposals", office.path("x.acts"), "--reason", "x", code=1)
    assert "entry 0 names an offline registrar" in wrong


def test_who_asked_for_a_link_is_listed_and_settled(office: Office) -> None:
    office.begin("--second-factor", "totp")
    assert office.run("registrar", "requests") == "nobody waits for a link\n"
    row = {"election": ELECTION, "student_id": "s3", "requested": 1_800_000_000, "state": "open"}
    asyncio.run(office.store(schema_mail.link_requests, **row))
    assert office.run("registrar", "requests") == "s3  Student 3  s3@example.edu  2027-01-15 08:00 UTC  open\n"
    assert office.run("registrar", "requests", "--refuse", "s3") == "nobody waits for a link\n"
    assert "refused" in office.run("registrar", "requests", "--all")
    assert "error: s3: no open request" in office.run("registrar", "requests", "--refuse", "s3", code=1)
