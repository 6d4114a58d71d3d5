"""`doctor`: is this installation fit to run an election? Every check is made, whatever the others find.

It changes nothing: what it writes to see whether writing works is taken back.
"""

import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.checkpoint import parse_checkpoint, verify_checkpoint
from audit.ed25519 import ed25519_public_key
from audit.merkle import leaf_hash, tree_root
from election_service import schema
from election_service.config import Config
from election_service.console.local_acts import verify_freeze
from election_service.database import Database, check_storage, open_database, sqlite_file
from election_service.election import ElectionSettings
from election_service.errors import InputError, InstallationError, LogDamagedError, StorageError
from election_service.log import read_head
from election_service.log_signing import check_clock, check_log
from election_service.migrations import check_revision
from election_service.registration import read_opened
from election_service.roll import check_frozen_roll
from election_service.schema_mail import outbox
from election_service.secrets import LOG_KEY, MasterKey, load_master_key, load_secret
from election_service.state_dir import StateDir
from keys.canonical import decode, unb64
from keys.errors import ElectionError

Level = Literal["ok", "warning", "error"]
LOW_DISK: Final = 1 << 30  # bytes
_PROBE: Final = "doctor writes here and takes it back"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; ``hint``: what to mend, empty where there is nothing to."""

    area: str
    level: Level
    text: str
    hint: str = ""


async def examine(config: Config, clock: Callable[[], int]) -> list[Finding]:
    """All findings about an installation, the good ones too, in the order in which they should be mended."""
    findings = [_configuration(config), _state(config), *_disk(config)]
    master = _master(config, findings)
    database = _open(config, findings)
    if database is None:
        return findings
    try:
        findings += [finding async for finding in _storage(database)]
        if all(finding.level != "error" for finding in findings if finding.area == "storage"):
            for election in await _elections(database):
                state = StateDir(config.state_dir)
                findings += [finding async for finding in _election(database, state, master, election, clock())]
                if not config.smtp_host:
                    findings += [finding async for finding in _without_mail(database, election)]
    finally:
        await database.close()
    return findings


def is_fit(findings: list[Finding]) -> bool:
    """No finding is an error."""
    return all(finding.level != "error" for finding in findings)


def _failed(area: str, error: Exception) -> Finding:
    hint = error.hint if isinstance(error, InstallationError | InputError) else ""
    return Finding(area, "error", str(error), hint or "keep a copy of everything, and see docs/operator.md")


# ---- the machine ---------------------------------------------------------------------------------------------------


def _configuration(config: Config) -> Finding:
    if config.public_url.startswith("http://"):
        return Finding(
            "configuration",
            "warning",
            f"public_url is {config.public_url}: good for trying things out, not for an election",
            "put a proxy with TLS in front, and give its https:// address",
        )
    return Finding("configuration", "ok", "complete")


def _state(config: Config) -> Finding:
    try:
        StateDir(config.state_dir).check()
    except (InstallationError, OSError) as error:
        return _failed("state directory", error)
    return Finding("state directory", "ok", f"{config.state_dir} is private and can be written")


def _disk(config: Config) -> list[Finding]:
    if not config.state_dir.is_dir():
        return []
    free = shutil.disk_usage(config.state_dir).free
    if free < LOW_DISK:
        return [Finding("disk", "warning", f"{free >> 20} MiB free", "make room: a full disk refuses ballots")]
    return [Finding("disk", "ok", f"{free >> 30} GiB free")]


def _master(config: Config, findings: list[Finding]) -> MasterKey | None:
    try:
        master = load_master_key(config.master_key_file)
    except InstallationError as error:
        findings.append(_failed("keys", error))
        return None
    findings.append(Finding("keys", "ok", f"the master key {config.master_key_file} is private"))
    return master


# ---- the database ----------------------------------------------------------------------------------------------------


def _open(config: Config, findings: list[Finding]) -> Database | None:
    try:
        return open_database(config.database_url)
    except (InstallationError, InputError) as error:
        findings.append(_failed("storage", error))
        return None


async def _storage(database: Database) -> AsyncIterator[Finding]:
    for name, check in (
        ("keeps what it acknowledges", check_storage),
        ("has the newest tables", check_revision),
        ("can be written", _write_and_take_back),
    ):
        try:
            await check(database)
        except (ElectionError, DBAPIError, OSError) as error:
            yield _failed("storage", error)
            return
        yield Finding("storage", "ok", f"{database.dialect} {name}")
    if database.dialect == "sqlite":
        file = sqlite_file(database.url)
        if file.stat().st_mode & 0o077:
            yield Finding("storage", "error", f"{file} can be read by others", f"chmod 600 {file}*")
        return
    async with database.snapshot() as connection:
        if (await connection.execute(text("SHOW track_commit_timestamp"))).scalar_one() == "on":
            yield Finding(
                "storage",
                "warning",
                "postgresql keeps the time of every commit (track_commit_timestamp), ballots included (A65)",
                "set track_commit_timestamp = off and restart PostgreSQL before the poll opens",
            )


async def _write_and_take_back(database: Database) -> None:
    """StorageError unless a row can be written; the row is taken back."""
    values = {"election": _PROBE, "origin": "", "title": "", "log_id": b"", "config": b""}
    try:
        async with database.transaction() as connection:
            probe = await connection.begin_nested()
            await connection.execute(insert(schema.elections).values(values))
            await probe.rollback()
    except (DBAPIError, OSError) as error:
        raise StorageError(f"database: cannot be written: {error}", "check the disk and the rights") from error


async def _elections(database: Database) -> list[str]:
    async with database.snapshot() as connection:
        return sorted((await connection.execute(select(schema.elections.c.election))).scalars())


# ---- one election


async def _election(
    database: Database, state: StateDir, master: MasterKey | None, election: str, now: int
) -> AsyncIterator[Finding]:
    """Every check of one election, on one snapshot but for the log's own."""
    area = f"election {election}"
    try:
        head = await check_log(database, state, election)
        yield Finding(area, "ok", f"log: {head.size} entries; chain, tree and signed head agree")
    except ElectionError as error:
        yield _failed(area, error)
    async with database.snapshot() as connection:
        for name, check in (
            ("clock: not before the last entry", _check_clock(connection, election, now)),
            ("keys: every stored secret opens", _check_secrets(connection, master, election)),
            ("checkpoint: signed by the log key", _check_checkpoint(connection, master, election)),
            ("roll: as it was frozen", _check_roll(connection, election)),
            ("electorates: those that the registrar signed", _check_electorates(connection, election)),
            ("recovery keys: there for every poll under way", _check_recovery(connection, state, election)),
        ):
            try:
                skipped = await check
            except (ElectionError, OSError) as error:
                yield _failed(area, error)
            else:
                yield Finding(area, "ok", f"{name.partition(':')[0]}: {skipped}" if skipped else name)


async def _without_mail(database: Database, election: str) -> AsyncIterator[Finding]:
    """What an election loses where no mail server is configured."""
    hint = "set smtp_host and mail_from, and restart `serve`"
    async with database.snapshot() as connection:
        query = select(schema.elections.c.config).where(schema.elections.c.election == election)
        config = (await connection.execute(query)).scalar_one()
        waiting = select(func.count()).select_from(outbox).where(outbox.c.election == election)
        mails = (await connection.execute(waiting.where(outbox.c.state == "waiting"))).scalar_one()
    try:
        by_mail = decode(config, ElectionSettings).second_factor == "email"
    except ElectionError as error:
        yield _failed(f"election {election}", error)
        return
    if by_mail:
        lost = "mail: voters get their codes by mail, and no mail server is configured: nobody can log in"
        yield Finding(f"election {election}", "warning", lost, hint)
    if mails:
        lost = f"mail: {mails} mails wait, and no mail server is configured"
        yield Finding(f"election {election}", "warning", lost, hint)


async def _check_clock(connection: AsyncConnection, election: str, now: int) -> str:
    check_clock(election, await read_head(connection, election), now)
    return ""


async def _check_secrets(connection: AsyncConnection, master: MasterKey | None, election: str) -> str:
    if master is None:
        return "not looked at, without the master key"
    table, issuers = schema.secrets, schema.issuer_keys
    for row in (await connection.execute(select(table).where(table.c.election == election))).all():
        master.open(f"{election}/{row.name}", row.sealed)
    for row in (await connection.execute(select(issuers).where(issuers.c.election == election))).all():
        master.open(f"{election}/issuer/{row.context.hex()}", row.sealed)
    return ""


async def _check_checkpoint(connection: AsyncConnection, master: MasterKey | None, election: str) -> str:
    head = await read_head(connection, election)
    if head.published is None:
        return "none published yet"
    log_id, opened = await read_opened(connection, election)
    key = unb64(opened.log_key, 32, "log_key")
    checkpoint = parse_checkpoint(head.published.encode())
    verify_checkpoint(checkpoint, opened.origin, key)
    if checkpoint.size != head.published_size:
        raise LogDamagedError(f"log {election}: checkpoint of {checkpoint.size}, stored as {head.published_size}", "")
    if master is not None:
        own = ed25519_public_key(await load_secret(connection, master, election, LOG_KEY))
        if own != key:
            raise LogDamagedError(f"log {election}: the stored log key is not the one of entry 0 ({log_id.hex()})", "")
    return ""


async def _check_roll(connection: AsyncConnection, election: str) -> str:
    table = schema.rolls
    frozen = (await connection.execute(select(table.c.frozen).where(table.c.election == election))).scalar_one_or_none()
    if not frozen:
        return "not frozen yet" if frozen is not None else "none yet"
    await check_frozen_roll(connection, election)
    await verify_freeze(connection, election)
    return ""


async def _check_electorates(connection: AsyncConnection, election: str) -> str:
    table, members = schema.electorates, schema.electorate_members
    rows = (await connection.execute(select(table).where(table.c.election == election))).all()
    for row in rows:
        query = (
            select(members.c.credential)
            .where(members.c.election == election, members.c.electorate == row.electorate)
            .order_by(members.c.idx)
        )
        keys = list((await connection.execute(query)).scalars())
        if len(keys) != row.size or tree_root(leaf_hash(key) for key in keys) != row.root:
            raise StorageError(
                f"electorate {row.electorate}: its members are not those that the registrar signed",
                "restore the table `electorate_members`, or rebuild it from the published blob",
            )
    return "" if rows else "none yet"


async def _check_recovery(connection: AsyncConnection, state: StateDir, election: str) -> str:
    contests, polls = schema.contests, schema.polls
    query = (
        select(contests.c.context, contests.c.document)
        .join(polls, (polls.c.election == contests.c.election) & (polls.c.poll == contests.c.poll))
        .where(contests.c.election == election, polls.c.state.in_(["planned", "open", "paused"]))
    )
    rows = (await connection.execute(query)).all()
    for row in rows:
        if b'"recovery":true' in row.document:
            state.recovery_key(row.context)
    return "" if rows else "no poll under way"
