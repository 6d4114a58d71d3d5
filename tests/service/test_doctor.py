"""Doctor makes every check, says what to mend, and changes nothing."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from sqlalchemy import delete, insert, select, text, update

from election_service import schema
from election_service.config import Config
from election_service.database import open_database
from election_service.doctor import Finding, examine, is_fit
from election_service.election import ElectionSettings
from election_service.log import append, open_log
from election_service.log_signing import check_log, publish
from election_service.migrations import newest_revision, upgrade
from election_service.registration import register_in_service
from election_service.roll import freeze_roll, import_roll, read_roll
from election_service.secrets import LOG_KEY, RECEIPT_KEY, REGISTRAR_KEY, load_master_key, make_master_key, store_secret
from election_service.state_dir import StateDir
from keys.canonical import encode
from tests.service import logs
from tests.service.logs import ELECTION, NOW, ORIGIN, counted_random, filler, opened
from tests.service.mail_office import put
from tests.service.rolls import row, table


@dataclass(slots=True)
class Installation:
    """A whole installation with one election, and a way to break it."""

    config: Config
    state: StateDir

    async def examine(self, now: int = NOW + 100) -> list[Finding]:
        return await examine(self.config, lambda: now)

    async def problems(self, now: int = NOW + 100) -> list[tuple[str, str]]:
        findings = await self.examine(now)
        for finding in findings:
            assert bool(finding.hint) == (finding.level != "ok"), finding
        return [(finding.area, finding.text) for finding in findings if finding.level == "error"]

    async def change(self, *statements: object) -> None:
        database = open_database(self.config.database_url)
        async with database.transaction() as connection:
            for statement in statements:
                await connection.execute(statement)  # type: ignore[call-overload]  # any statement of the test
        await database.close()


def _settings(second_factor: Literal["totp", "email"]) -> bytes:
    waiver = "links on paper" if second_factor == "email" else None
    return encode(ElectionSettings(second_factor, waiver, seal_minimum=20, seal_every=3600, issuer_bits=3072))


@pytest.fixture
async def installation(database_url: str, tmp_path: Path) -> Installation:
    config = Config(
        database_url=database_url,
        state_dir=tmp_path / "state",
        master_key_file=tmp_path / "master-key",
        public_url="https://vote.example.edu",
    )
    state = StateDir(config.state_dir)
    state.create()
    master = make_master_key(config.master_key_file, counted_random)
    database = open_database(database_url, create=True)
    await upgrade(database)
    async with database.transaction() as connection:
        await open_log(connection, opened(), title="Spring", config=_settings("totp"), now=NOW)
        for name, secret in (
            (LOG_KEY, logs.LOG_KEY),
            (RECEIPT_KEY, logs.RECEIPT_KEY),
            (REGISTRAR_KEY, logs.REGISTRAR_KEY),
        ):
            await store_secret(connection, master, ELECTION, name, secret, counted_random)
        rows = [row(student_id=str(n), email=f"s{n}@example.edu") for n in range(3)]
        await import_roll(connection, ELECTION, read_roll(table(*rows)))
        await freeze_roll(connection, ELECTION)
        await register_in_service(connection, master, ELECTION, config.public_url, counted_random)
        await append(connection, ELECTION, [filler(n) for n in range(300)], NOW)
    await publish(database, state, ELECTION, ORIGIN, logs.LOG_KEY)
    await database.close()
    return Installation(config, state)


async def test_a_sound_installation_has_nothing_to_mend(installation: Installation) -> None:
    findings = await installation.examine()
    assert is_fit(findings)
    texts = {finding.text for finding in findings if finding.area == f"election {ELECTION}"}
    assert texts == {
        "log: 301 entries; chain, tree and signed head agree",
        "clock: not before the last entry",
        "keys: every stored secret opens",
        "checkpoint: signed by the log key",
        "roll: as it was frozen",
        "electorates: those that the registrar signed",
        "recovery keys: no poll under way",
    }
    assert {finding.area for finding in findings} >= {"configuration", "state directory", "disk", "keys", "storage"}


async def test_doctor_changes_nothing(installation: Installation) -> None:
    await installation.examine()
    database = open_database(installation.config.database_url)
    async with database.snapshot() as connection:
        elections = list((await connection.execute(select(schema.elections.c.election))).scalars())
    assert elections == [ELECTION]
    assert (await check_log(database, installation.state, ELECTION)).size == 301
    await database.close()


async def test_several_faults_are_found_in_one_run(installation: Installation) -> None:
    installation.config.master_key_file.unlink()
    installation.state.root.chmod(0o755)
    await installation.change(update(schema.voters).values(faculty="Elsewhere"))
    problems = await installation.problems(NOW - 3600)
    assert [area for area, _ in problems] == [
        "state directory",
        "keys",
        f"election {ELECTION}",
        f"election {ELECTION}",
    ]
    assert "is open to others" in problems[0][1]
    assert "master-key" in problems[1][1]
    assert "clock: expected at least 2027-01-15T08:00:00Z (the last entry), got 2027-01-15T07:00:00Z" in problems[2][1]
    assert "changed after the freeze" in problems[3][1]


async def test_a_wrong_master_key_is_found(installation: Installation) -> None:
    installation.config.master_key_file.unlink()
    make_master_key(installation.config.master_key_file, lambda size: b"\x07" * size)
    problems = await installation.problems()
    assert len(problems) == 2  # the secrets, and the checkpoint's key
    assert all("does not open under this master key" in found for _, found in problems)


async def test_a_master_key_that_others_can_read_is_found(installation: Installation) -> None:
    installation.config.master_key_file.chmod(0o640)
    assert [found for _, found in await installation.problems()] == [
        f"master key: {installation.config.master_key_file} can be read by others"
    ]


async def test_a_changed_entry_is_named(installation: Installation) -> None:
    changed = update(schema.log_entries).where(schema.log_entries.c.seq == 123).values(entry=b"{}")
    await installation.change(changed)
    assert await installation.problems() == [
        (f"election {ELECTION}", f"log {ELECTION}: entry 123: stored bytes and leaf hash differ")
    ]


async def test_a_changed_checkpoint_is_found(installation: Installation) -> None:
    await installation.change(update(schema.log_heads).values(published_size=300))
    assert await installation.problems() == [
        (f"election {ELECTION}", f"log {ELECTION}: checkpoint of 301, stored as 300")
    ]


async def test_a_changed_electorate_is_found(installation: Installation) -> None:
    members = schema.electorate_members
    await installation.change(delete(members).where(members.c.electorate == "university", members.c.idx == 1))
    problems = await installation.problems()
    assert [found for _, found in problems] == [
        "electorate university: its members are not those that the registrar signed"
    ]


async def test_a_missing_recovery_key_of_an_open_poll_is_found(installation: Installation) -> None:
    contest = {"election": ELECTION, "context": bytes(32), "poll": 1, "contest": "head", "electorate": "university"}
    poll = {"election": ELECTION, "poll": 1, "state": "open", "opens": NOW, "closes": NOW + 9, "issuing": True}
    await installation.change(
        insert(schema.contests).values(**contest, document=b'{"recovery":true}'),
        insert(schema.polls).values(**poll),
    )
    assert [found for _, found in await installation.problems()] == ["recovery key of contest 0000000000000000: gone"]
    installation.state.make_recovery_key(bytes(32), counted_random)
    assert await installation.problems() == []


async def test_another_revision_is_found_and_the_rest_left_alone(installation: Installation) -> None:
    await installation.change(text("UPDATE alembic_version SET version_num = '0000'"))
    problems = await installation.problems()
    assert [area for area, _ in problems] == ["storage"]
    assert f"wrong revision: expected {newest_revision()}, got 0000" in problems[0][1]


async def test_codes_by_mail_without_a_mail_server_are_a_warning(installation: Installation) -> None:
    async def warnings() -> list[str]:
        findings = [finding for finding in await installation.examine() if finding.level == "warning"]
        assert all("smtp_host" in finding.hint for finding in findings)
        return [finding.text.partition(", and")[0] for finding in findings]

    assert await warnings() == []
    await installation.change(update(schema.elections).values(config=_settings("email")))
    assert await warnings() == ["mail: voters get their codes by mail"]
    database = open_database(installation.config.database_url)
    await put(database, ["1", "2"])
    await database.close()
    assert await warnings() == ["mail: voters get their codes by mail", "mail: 2 mails wait"]
    configured = {"smtp_host": "localhost", "smtp_security": "none", "mail_from": "vote@example.edu"}
    installation.config = msgspec.structs.replace(installation.config, **configured)
    assert await warnings() == []


async def test_a_public_url_without_tls_is_a_warning(installation: Installation) -> None:
    config = Config(
        database_url=installation.config.database_url,
        state_dir=installation.config.state_dir,
        master_key_file=installation.config.master_key_file,
        public_url="http://localhost:8080",
    )
    findings = await examine(config, lambda: NOW + 1)
    warnings = [finding for finding in findings if finding.level == "warning"]
    assert [finding.area for finding in warnings] == ["configuration"]
    assert is_fit(findings)


async def test_a_missing_database_is_found(tmp_path: Path) -> None:
    config = Config(
        database_url=f"sqlite:///{tmp_path / 'none.db'}",
        state_dir=tmp_path / "none",
        master_key_file=tmp_path / "none-key",
        public_url="https://vote.example.edu",
    )
    findings = await examine(config, lambda: NOW)
    assert [finding.area for finding in findings if finding.level == "error"] == ["state directory", "keys", "storage"]
    assert not (tmp_path / "none.db").exists()


async def test_an_sqlite_file_that_others_can_read_is_found(sqlite_url: str, tmp_path: Path) -> None:
    database = open_database(sqlite_url, create=True)
    await upgrade(database)
    await database.close()
    (tmp_path / "election.db").chmod(0o644)
    make_master_key(tmp_path / "key", counted_random)
    StateDir(tmp_path / "state").create()
    config = Config(
        database_url=sqlite_url,
        state_dir=tmp_path / "state",
        master_key_file=tmp_path / "key",
        public_url="https://vote.example.edu",
    )
    findings = await examine(config, lambda: NOW)
    assert [finding.text for finding in findings if finding.level == "error"] == [
        f"{tmp_path / 'election.db'} can be read by others"
    ]
    assert load_master_key(tmp_path / "key") is not None
