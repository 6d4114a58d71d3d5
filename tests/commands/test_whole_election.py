"""A whole election as a script: public commands only, from empty folders to the certified result."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from audit.cli import main as election_audit
from ballot.contest import ContestRules
from election_service.client import ServiceClient
from election_service.commands.app import app
from election_service.demo.university import Student, candidates_csv, roll_csv
from election_service.links import read_links
from election_service.voter import vote
from keys.canonical import encode

ELECTION = "sg-script"
REVIEW_WINDOW = 5  # seconds
COMPLAINTS = 12
CLASS = "head-of-class.physics.2"
STUDENTS = [
    Student(f"2500{number:04d}", f"Student {chr(65 + number)}", "Science", "Physics", 2) for number in range(12)
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class House:
    """Folders, addresses and a way to run commands as a person would."""

    folder: Path
    server: str

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def run(self, *command: str, code: int = 0, said: str | None = None) -> str:
        env = {"ELECTION_CONFIG": self.path("election.toml")}
        result = CliRunner().invoke(app, list(command), env=env, input=said)
        assert result.exit_code == code, f"{' '.join(command)}\n{result.output}\n{result.exception!r}"
        return result.output

    def remote(self, *command: str, key: str, code: int = 0) -> str:
        """A command of a member or trustee, over HTTP, with the own key."""
        where = ("--server", self.server, "--election", ELECTION)
        secret = ("--key", self.path(key), "--passphrase-file", self.path("passphrase"))
        return self.run(*command, *where, *secret, code=code)

    def agree(self, *command: str) -> None:
        """Ana proposes, Beka approves."""
        self.remote(*command, "--yes", key="ana.key")
        self.remote("member", "approve", "--yes", key="beka.key")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    port, health = free_port(), free_port()
    house = House(folder, f"http://localhost:{port}")
    (folder / "passphrase").write_text("four random words here\n")
    (folder / "election.toml").write_text(
        f'database_url = "sqlite:///{folder}/election.db"\nstate_dir = "{folder}/state"\n'
        f'master_key_file = "{folder}/master.key"\npublic_url = "{house.server}"\n'
        f"port = {port}\nhealth_port = {health}\nworkers = 1\n"
    )
    (folder / "election.toml").chmod(0o600)
    for member in ("ana", "beka"):
        house.run("member", "new", member, "--key", house.path(f"{member}.key"), *passphrase(house))
    members = [text for name in ("ana", "beka") for text in ("--member", house.path(f"{name}.key"))]
    house.run("init", "--election", ELECTION, "--title", "Script", *members, "--rehearsal", *no_second_factor())
    command = [sys.executable, "-m", "election_service.cli", "serve", "--config", house.path("election.toml")]
    with (folder / "service.log").open("wb") as log:
        service = subprocess.Popen(command, stdout=log, stderr=log, env=dict(os.environ))
    try:
        wait_until_ready(health)
        yield house
    finally:
        service.terminate()
        service.wait(30)


def passphrase(house: House) -> tuple[str, str]:
    return ("--passphrase-file", house.path("passphrase"))


def no_second_factor() -> tuple[str, ...]:
    return ("--second-factor", "none", "--waiver", "test: made-up voters")


def wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except OSError:
            assert time.monotonic() < deadline, "the service does not get ready"
            time.sleep(0.2)


async def vote_all(house: House, choose: int) -> list[bytes]:
    """Eight of twelve students vote for the candidate of that number in every contest."""

    def mark(rules: ContestRules) -> list[int]:
        return [int(number == choose) for number in range(rules.options)]

    receipts = []
    async with ServiceClient(house.server, ELECTION) as client, ServiceClient(house.server, ELECTION) as casting:
        for link in read_links(house.folder / "links.csv")[:8]:
            receipts += await vote(client, casting, link.link, mark, os.urandom)
    return [encode(receipt) for receipt in receipts]


def write_rules(house: House) -> None:
    """The preset of the university, with times that a test can wait for."""
    house.run("constitution", "new", "ibsu-direct", house.path("rules.toml"))
    path = house.folder / "rules.toml"
    text = path.read_text()
    for pattern, line in (
        (r"^name = .*$", 'name = "Elections of the script"'),
        (r"^review_window = .*$", f"review_window = {REVIEW_WINDOW}"),
        (r"^complaints = .*$", f'complaints = {{ clause = "silent", value = {COMPLAINTS} }}'),
    ):
        text, changed = re.subn(pattern, line, text, count=1, flags=re.MULTILINE)
        assert changed
    path.write_text(text)


def hear_a_complaint(house: House) -> None:
    """A voter complains with the own link; nothing is certified before the committee has answered."""
    (house.folder / "voter.link").write_text(read_links(house.folder / "links.csv")[11].link)
    (house.folder / "complaint.txt").write_text("The poll was closed before the time.\n")
    said = house.run("complaint", "file", house.path("complaint.txt"), "--link", house.path("voter.link"), "--yes")
    found = re.search(r"entry (\d+)", said)
    assert found
    assert "complaints are heard" in house.remote("certify", "--yes", key="ana.key", code=1)
    answer = ("decision", "new", "complaint", "--number", found[1], "--ground", "rejected")
    assert f"complaint of entry {found[1]} is rejected" in house.remote(*answer, "--yes", key="ana.key")
    house.remote("member", "approve", "--yes", key="beka.key")


def fill_a_vacancy(house: House) -> None:
    """The head of the class resigns; who comes next by votes succeeds, or there is a new vote."""
    where = ("--server", house.server, "--election", ELECTION)
    register = json.loads(house.run("seats", *where, "--json"))
    held = {item["seat"]: item for item in register["seats"]}
    assert {item["state"] for item in held.values()} == {"held"}
    assert house.run("seats", *where) == house.run("seats", *where, "--verify")
    name = held[CLASS]["name"]["en"]
    vacancy = ("decision", "new", "vacancy", "--seat", CLASS, "--person", name, "--ground", "resignation")
    said = house.remote(*vacancy, "--yes", key="ana.key")
    assert f"then seat.vacated: {name} ({held[CLASS]['person']}) leaves {CLASS}: resignation (6.5.3a)" in said
    assert "then agenda" in house.remote("member", "approve", "--yes", key="beka.key")
    assert f"{CLASS}: by-election" in house.run("poll", "next", "--election", ELECTION)


def ask_for_a_meeting(house: House) -> None:
    """A member supports a petition and votes openly, with the own link from stdin or a file, once."""
    election = ("--election", ELECTION)
    house.run("registrar", "members", *election, "--proposals", house.path("members.acts"))
    house.agree("member", "propose", house.path("members.acts"))
    member = json.loads(house.run("seats", "--server", house.server, *election, "--json"))["seats"][-1]
    (link,) = [item for item in read_links(house.folder / "links.csv") if item.full_name == member["name"]["en"]]
    assert house.run("roll", "person", link.student_id, *election).strip() == member["person"]
    (house.folder / "member.link").write_text(link.link)

    roll = ("--electorate", "members.2")
    rule = ("--ground", "extraordinary-meeting-members")
    house.agree("decision", "new", "petition", "--seat", "meeting", *rule, *roll)
    support = ("petition", "support", "meeting", *roll)
    assert "support logged as entry" in house.run(*support, "--yes", said=f"{link.link}\n")
    again = house.run(*support, "--link", house.path("member.link"), "--yes", code=1)
    assert "double support" in again
    house.agree("decision", "new", "board-vote", "--seat", "budget", *roll)
    cast = ("open-vote", "cast", "budget", "for", *roll, "--link", house.path("member.link"))
    assert "vote logged as entry" in house.run(*cast, "--yes")
    refused = house.run("open-vote", "cast", "budget", "against", *cast[4:], "--yes", code=1)
    assert "second vote" in refused
    assert link.link.partition("#")[2] not in refused


@pytest.mark.slow
def test_an_election_from_empty_folders_to_the_certified_result_by_public_commands(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    election = ("--election", ELECTION)
    write_rules(house)
    house.run("constitution", "propose", house.path("rules.toml"), *election, "--proposals", house.path("rules.acts"))
    assert "Elections of the script" in house.remote(
        "member", "propose", house.path("rules.acts"), "--yes", key="ana.key"
    )
    assert "6.12.4" in house.remote("member", "approve", "--yes", key="beka.key")

    identities = []
    for number in (1, 2, 3):
        said = house.run("trustee", "new", *election, "--key", house.path(f"t{number}.key"), *passphrase(house))
        found = re.search(r"identity (\S+),", said)
        assert found
        identities += ["--identity", found[1]]
    house.run("trustee", "session", *election, *identities, "--k", "2", "--proposals", house.path("trustees.acts"))
    house.agree("member", "propose", house.path("trustees.acts"))
    for step in ("commit", "commit", "share", "confirm"):
        for number in (1, 2, 3):
            house.remote("trustee", step, key=f"t{number}.key")

    readings = ("--reading", "6.4.1b positions.head-of-faculty.seat.approval=none", "--defaults")
    acts = house.path("readings.acts")
    house.run("constitution", "resolve", house.path("rules.toml"), *election, *readings, "--proposals", acts)
    house.agree("member", "propose", acts)

    (house.folder / "roll.csv").write_bytes(roll_csv(STUDENTS))
    (house.folder / "candidates.csv").write_bytes(candidates_csv(STUDENTS, 1))
    assert "12 may vote" in house.run("roll", "import", house.path("roll.csv"), *election, "--preview")
    house.run("roll", "import", house.path("roll.csv"), *election)
    house.run("roll", "freeze", *election)
    house.run("roll", "candidates", house.path("candidates.csv"), *election)
    links, acts = house.path("links.csv"), house.path("electorates.acts")
    house.run("registrar", "make", *election, "--links", links, "--proposals", acts)
    house.agree("member", "propose", acts)
    assert "12 enrolments" in house.run("registrar", "totp", *election, "--out", house.path("totp.csv"))
    assert (house.folder / "totp.csv").read_text().count("otpauth://totp/") == 12
    assert (house.folder / "totp.csv").stat().st_mode & 0o077 == 0
    assert "exists already" in house.run("registrar", "totp", *election, "--out", house.path("totp.csv"), code=1)
    assert "4 contests" in house.run("roll", "contests", *election)
    for number in (1, 2, 3):
        house.remote("trustee", "canary", key=f"t{number}.key")

    house.agree("poll", "open", "--closes", "2099-01-01T00:00:00Z")
    receipts = asyncio.run(vote_all(house, 0))
    assert len(receipts) == 8 * 4
    refused = house.remote("trustee", "decrypt", key="t1.key", code=1)
    assert "nothing is decrypted" in refused
    house.agree("poll", "close")
    house.agree("poll", "close")
    assert "closed" in house.run("poll", "status", "--server", house.server, *election)

    time.sleep(REVIEW_WINDOW + 2)
    for number in (3, 1):
        assert "shares of 4 contest(s) published" in house.remote("trustee", "decrypt", key=f"t{number}.key")
    time.sleep(2)
    assert "poll 1: declared" in house.run("tally", *election)
    declared = time.monotonic()
    hear_a_complaint(house)
    time.sleep(max(0.0, COMPLAINTS + 2 - (time.monotonic() - declared)))
    annulled = house.remote(
        "annul", "--reason", "tried out", "--yes", key="beka.key"
    )  # waits for ever: one is not enough
    assert "then agenda: head-of-self-governance: repeat" in annulled
    certified = house.remote("certify", "--yes", key="ana.key")
    assert "declared" in certified
    assert "then seat.taken: Student" in certified
    assert "then seat.taken: Student" in house.remote("member", "approve", "--yes", key="beka.key")
    fill_a_vacancy(house)
    ask_for_a_meeting(house)

    house.run("export", *election, house.path("public"))
    house.run("backup", house.path("backup"))
    house.run("doctor")
    (house.folder / "receipt.json").write_bytes(receipts[5])
    capsys.readouterr()
    assert election_audit(["verify", house.path("public"), "--receipt", house.path("receipt.json")]) == 0
    said = capsys.readouterr().out
    assert said.rstrip().endswith("verify: ok")
    assert "poll 1: certified" in said
    assert "head-of-self-governance: 8 of 12 (66.7 %), slack 0" in said
    assert election_audit(["receipt", house.path("receipt.json"), f"{house.server}/log/{ELECTION}/"]) == 0


def test_a_roll_with_faults_is_named_row_by_row_and_nothing_is_imported(house: House) -> None:
    broken = roll_csv(STUDENTS).replace(b"Student C", b"=HYPERLINK()").replace(b"25000004", b"25000003")
    (house.folder / "broken.csv").write_bytes(broken)
    said = house.run("roll", "import", house.path("broken.csv"), "--election", ELECTION, code=1)
    assert "formula instead of a name" in said
    assert "duplicate student_id of row" in said
    assert "nothing imported" in said


def test_a_missing_file_and_a_wrong_passphrase_end_in_one_line(house: House) -> None:
    said = house.run("member", "show", "--key", house.path("nobody.key"), code=1)
    assert "error:" in said
    assert "Traceback" not in said
    (house.folder / "wrong").write_text("not the passphrase\n")
    where = ("--server", house.server, "--election", ELECTION, "--poll", "1")
    key = ("--key", house.path("ana.key"), "--passphrase-file", house.path("wrong"))
    said = house.run("poll", "pause", *where, *key, "--reason", "x", "--yes", code=1)
    assert "error:" in said
    assert "Traceback" not in said
