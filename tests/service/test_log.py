"""The log is appended to whole or not at all, signed after it is durable, and never signed twice in two ways."""

import asyncio
import os
import shutil
import signal
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select, update

from audit.entries import decode_entry, format_time, parse_time
from audit.merkle import Frontier, leaf_hash, tree_root
from election_service import schema
from election_service.database import Database, open_database
from election_service.errors import ClockError, InputError, LogDamagedError, LogRollbackError, UnknownElectionError
from election_service.log import append, open_log, read_head
from election_service.log_signing import check_log
from election_service.migrations import upgrade
from tests.service.logs import NOW, Ledger, filler, open_ledger, opened

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def ledger(database: Database, tmp_path: Path) -> Ledger:
    return await open_ledger(database, tmp_path / "state")


def verify_chain(entries: list[bytes]) -> None:
    """The oracle: numbers and hash chain, read from the bytes alone."""
    prev = bytes(32)
    for seq, raw in enumerate(entries):
        entry = decode_entry(raw)
        assert (entry.seq, entry.prev) == (seq, prev)
        prev = sha256(raw).digest()


async def test_entries_are_chained_and_the_checkpoint_is_their_root(ledger: Ledger) -> None:
    assert await ledger.append(0, 3) == [1, 2, 3]
    assert await ledger.append(3, 700) == list(range(4, 701))
    assert await ledger.publish() == 701
    entries = await ledger.entries()
    verify_chain(entries)
    checkpoint = await ledger.checkpoint()
    assert (checkpoint.size, checkpoint.root) == (701, tree_root(map(leaf_hash, entries)))
    assert (await check_log(ledger.database, ledger.state, ledger.election)).size == 701


async def test_the_log_id_is_the_hash_of_entry_0(ledger: Ledger) -> None:
    async with ledger.database.snapshot() as connection:
        log_id = (await connection.execute(select(schema.elections.c.log_id))).scalar_one()
    assert sha256((await ledger.entries())[0]).digest() == log_id


async def test_an_election_gets_no_second_log(ledger: Ledger) -> None:
    async def again() -> None:
        async with ledger.database.transaction() as connection:
            await open_log(connection, opened(), title="again", config=b"", now=NOW)

    with pytest.raises(InputError, match="election spring: exists already"):
        await again()
    assert len(await ledger.entries()) == 1


async def test_an_unknown_election_has_no_log(ledger: Ledger) -> None:
    with pytest.raises(UnknownElectionError, match="no election 'autumn'"):
        async with ledger.database.snapshot() as connection:
            await read_head(connection, "autumn")


async def test_a_transaction_that_fails_appends_nothing(ledger: Ledger) -> None:
    async def fail() -> None:
        async with ledger.database.transaction() as connection:
            await append(connection, ledger.election, [filler(1)], NOW)
            raise RuntimeError("after the append")

    with pytest.raises(RuntimeError, match="after the append"):
        await fail()
    assert await ledger.size() == 1
    await ledger.append(5, 6)
    verify_chain(await ledger.entries())


async def test_times_never_decrease_even_if_the_clock_does(ledger: Ledger) -> None:
    await ledger.append(0, 1, NOW + 50)
    await ledger.append(1, 2, NOW - 1000)
    await ledger.append(2, 3, NOW + 60)
    times = [parse_time(decode_entry(raw).time or "") for raw in await ledger.entries()]
    assert times == [NOW, NOW + 50, NOW + 50, NOW + 60]
    assert format_time(NOW) == "2027-01-15T08:00:00Z"


async def test_nothing_is_served_before_it_is_published(ledger: Ledger) -> None:
    await ledger.publish()
    await ledger.append(0, 4)
    assert (await ledger.checkpoint()).size == 1
    await ledger.publish()
    assert (await ledger.checkpoint()).size == 5


async def test_two_logs_in_one_database_do_not_meet(ledger: Ledger, tmp_path: Path) -> None:
    other = await open_ledger(ledger.database, tmp_path / "other", "autumn")
    await asyncio.gather(ledger.append(0, 5), other.append(10, 13), ledger.append(5, 7))
    verify_chain(await ledger.entries())
    verify_chain(await other.entries())
    assert (await ledger.size(), await other.size()) == (8, 4)


async def test_appends_in_parallel_follow_each_other(ledger: Ledger) -> None:
    numbers = await asyncio.gather(*(ledger.append(at, at + 3) for at in range(0, 60, 3)))
    assert sorted(number for some in numbers for number in some) == list(range(1, 61))
    verify_chain(await ledger.entries())
    await asyncio.gather(*(ledger.publish() for _ in range(5)))
    await check_log(ledger.database, ledger.state, ledger.election)


# ---- A56: an older database --------------------------------------------------------------------------------------


async def set_back(ledger: Ledger, size: int) -> None:
    """What a restored backup looks like: entries and head of an earlier moment, the newer ones gone."""
    entries = (await ledger.entries())[:size]
    leaves = [leaf_hash(entry) for entry in entries]
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    async with ledger.database.transaction() as connection:
        table = schema.log_entries
        await connection.execute(table.delete().where(table.c.seq >= size))
        await connection.execute(
            update(schema.log_heads).values(
                size=size,
                root=frontier.root(),
                nodes=b"".join(frontier.nodes),
                last_hash=sha256(entries[-1]).digest(),
                published_size=size,
            )
        )


async def test_an_older_database_does_not_start_and_is_not_signed(ledger: Ledger) -> None:
    """A56: 100 entries signed, a backup of 60 restored."""
    await ledger.append(0, 99)
    await ledger.publish()
    await set_back(ledger, 60)
    with pytest.raises(LogRollbackError, match="ends at entry 60, but 100 entries were signed") as refused:
        await check_log(ledger.database, ledger.state, ledger.election)
    assert "the newest one" in refused.value.hint
    with pytest.raises(LogRollbackError, match="100 entries were signed"):
        await ledger.publish()


async def test_an_older_database_that_grew_again_does_not_start(ledger: Ledger) -> None:
    """The rollback is not hidden by appending other entries until the size is reached."""
    await ledger.append(0, 19)
    await ledger.publish()
    await set_back(ledger, 10)
    await ledger.append(500, 510)
    with pytest.raises(LogRollbackError, match="two roots for size 20"):
        await ledger.publish()
    await ledger.append(510, 515)
    with pytest.raises(LogDamagedError, match="entry 20: does not follow entry 19"):
        await ledger.publish()
    with pytest.raises(LogDamagedError, match="changed after it was signed"):
        await check_log(ledger.database, ledger.state, ledger.election)


async def test_a_published_log_without_its_head_file_does_not_start(ledger: Ledger) -> None:
    await ledger.publish()
    ledger.state.head_file(ledger.election).unlink()
    with pytest.raises(LogRollbackError, match="the state directory has no signed head"):
        await check_log(ledger.database, ledger.state, ledger.election)
    with pytest.raises(LogRollbackError, match="the state directory has no signed head"):
        await ledger.publish()


async def test_a_damaged_head_file_is_named(ledger: Ledger) -> None:
    await ledger.append(0, 3)
    await ledger.publish()
    path = ledger.state.head_file(ledger.election)
    path.write_bytes(path.read_bytes().replace(b'"size":4', b'"size":3'))
    with pytest.raises(LogDamagedError, match=r"head file .*spring.json"):
        await check_log(ledger.database, ledger.state, ledger.election)


# ---- A57: two writers ---------------------------------------------------------------------------------------------


async def spawn(*arguments: object) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "tests.service.log_writer", *map(str, arguments)]
    return await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, cwd=ROOT)


async def test_two_processes_never_sign_two_roots_for_one_size(ledger: Ledger, database_url: str) -> None:
    """A57: two processes on one database append and publish as fast as they can."""
    writers = [await spawn(database_url, ledger.state.root, first, 12) for first in (100, 200)]
    outputs = [(await writer.communicate())[0].decode() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    entries = await ledger.entries()
    verify_chain(entries)
    assert len(entries) == 25
    for line in "".join(outputs).splitlines():
        size, root = line.split()
        assert tree_root(map(leaf_hash, entries[: int(size)])).hex() == root
    assert (await check_log(ledger.database, ledger.state, ledger.election)).size == 25


async def test_a_stopped_writer_loses_its_turn(postgresql_url: str, tmp_path: Path) -> None:
    """A57: a process is stopped inside its transaction, another goes on, the first wakes up: it cannot commit."""
    database = open_database(postgresql_url)
    await upgrade(database)
    ledger = await open_ledger(database, tmp_path / "state")
    writer = await spawn(postgresql_url, ledger.state.root, 100, 1, 1.0)
    assert writer.stdout is not None
    assert await writer.stdout.readline() == b"holding\n"
    writer.send_signal(signal.SIGSTOP)
    await asyncio.wait_for(ledger.append(0, 2), 20)
    assert await ledger.publish() == 3
    writer.send_signal(signal.SIGCONT)
    await writer.communicate()
    assert writer.returncode != 0
    verify_chain(await ledger.entries())
    assert await ledger.size() == 3
    await database.close()


async def test_a_copied_database_cannot_be_signed_beside_the_original(sqlite_url: str, tmp_path: Path) -> None:
    """Two services on two copies of a database with one state directory: the second that signs a size is refused."""
    database = open_database(sqlite_url, create=True)
    await upgrade(database)
    first = await open_ledger(database, tmp_path / "state")
    await first.publish()
    await database.close()
    shutil.copy(tmp_path / "election.db", tmp_path / "copy.db")
    first = Ledger(open_database(sqlite_url), first.state)
    second = Ledger(open_database(f"sqlite:///{tmp_path / 'copy.db'}"), first.state)
    await first.append(0, 3)
    await second.append(10, 13)
    await first.publish()
    with pytest.raises(LogRollbackError, match="two roots for size 4"):
        await second.publish()
    await first.database.close()
    await second.database.close()


async def test_a_clock_before_the_last_entry_does_not_start(ledger: Ledger) -> None:
    await ledger.append(0, 3, NOW + 500)
    assert (await check_log(ledger.database, ledger.state, ledger.election, NOW + 450)).size == 4
    with pytest.raises(ClockError, match="clock: expected at least 2027-01-15T08:08:20Z"):
        await check_log(ledger.database, ledger.state, ledger.election, NOW + 400)


# ---- A58: stored bits that changed ----------------------------------------------------------------------------------


async def overwrite(ledger: Ledger, seq: int, **values: bytes) -> None:
    table = schema.log_entries
    async with ledger.database.transaction() as connection:
        await connection.execute(update(table).where(table.c.seq == seq).values(**values))


def flipped(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


async def test_one_flipped_bit_of_an_entry_stops_the_signing_and_names_it(ledger: Ledger) -> None:
    """A58: before it is signed for the first time, and at the next start for what was signed long ago."""
    await ledger.append(0, 9)
    entry = (await ledger.entries())[4]
    await overwrite(ledger, 4, entry=flipped(entry, len(entry) // 2))
    with pytest.raises(LogDamagedError, match="entry 4: stored bytes and leaf hash differ"):
        await ledger.publish()
    assert not ledger.state.head_file(ledger.election).exists()
    await overwrite(ledger, 4, entry=entry)
    await ledger.publish()
    await overwrite(ledger, 4, entry=flipped(entry, 3))
    with pytest.raises(LogDamagedError, match="entry 4: stored bytes and leaf hash differ"):
        await check_log(ledger.database, ledger.state, ledger.election)


async def test_an_entry_changed_with_its_leaf_breaks_the_chain(ledger: Ledger) -> None:
    await ledger.append(0, 9)
    await ledger.publish()
    forged = (await ledger.entries())[4].replace(b"2027-01-15", b"2027-01-16")
    await overwrite(ledger, 4, entry=forged, leaf=leaf_hash(forged))
    with pytest.raises(LogDamagedError, match="entry 5: does not follow entry 4"):
        await check_log(ledger.database, ledger.state, ledger.election)


async def test_a_changed_last_entry_is_found_by_the_signed_head(ledger: Ledger) -> None:
    await ledger.append(0, 9)
    await ledger.publish()
    forged = (await ledger.entries())[9].replace(b"2027-01-15", b"2027-01-16")
    await overwrite(ledger, 9, entry=forged, leaf=leaf_hash(forged))
    with pytest.raises(LogDamagedError, match="changed after it was signed"):
        await check_log(ledger.database, ledger.state, ledger.election)


async def test_a_missing_entry_is_named(ledger: Ledger) -> None:
    await ledger.append(0, 9)
    async with ledger.database.transaction() as connection:
        await connection.execute(schema.log_entries.delete().where(schema.log_entries.c.seq == 6))
    with pytest.raises(LogDamagedError, match="entry 6 is missing"):
        await ledger.publish()
    with pytest.raises(LogDamagedError, match="expected 10 entries, got 9"):
        await check_log(ledger.database, ledger.state, ledger.election)


@pytest.mark.parametrize("column", ["root", "nodes", "last_hash"])
async def test_a_changed_head_is_not_signed(ledger: Ledger, column: str) -> None:
    await ledger.append(0, 6)
    async with ledger.database.transaction() as connection:
        head = (await connection.execute(select(schema.log_heads))).mappings().one()
        await connection.execute(update(schema.log_heads).values({column: flipped(head[column], 5)}))
    with pytest.raises(LogDamagedError, match="the stored head of 7 entries is not theirs"):
        await ledger.publish()


async def test_a_changed_tile_root_is_found_at_the_start(ledger: Ledger) -> None:
    await ledger.append(0, 600)
    await ledger.publish()
    async with ledger.database.transaction() as connection:
        table = schema.log_tile_roots
        await connection.execute(update(table).where(table.c.idx == 1).values(root=bytes(32)))
    with pytest.raises(LogDamagedError, match="stored root 1 of tile level 1 is wrong"):
        await check_log(ledger.database, ledger.state, ledger.election)


# ---- A59: a crash between any two durable steps ---------------------------------------------------------------------


class Crash(BaseException):
    """The process ends here."""


async def crash_while_publishing(ledger: Ledger) -> None:
    with pytest.raises((Crash, OSError)):
        await ledger.publish()


async def assert_start_goes_on(ledger: Ledger) -> None:
    """What start-up does: check, publish. Then the newest checkpoint covers every entry and appends go on."""
    await check_log(ledger.database, ledger.state, ledger.election)
    size = await ledger.publish()
    entries = await ledger.entries()
    assert size == len(entries)
    assert (await ledger.checkpoint()).root == tree_root(map(leaf_hash, entries))
    await ledger.append(900, 902)
    assert await ledger.publish() == size + 2
    await check_log(ledger.database, ledger.state, ledger.election)


@pytest.mark.parametrize("call", range(8))
async def test_a_fault_at_any_file_operation_is_repaired_by_the_next_start(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    """A59: open, write, fsync, rename or the folder's fsync fails (EIO) while the head file is written."""
    await ledger.append(0, 5)
    await ledger.publish()
    before = await ledger.checkpoint()
    await ledger.append(5, 9)
    calls = 0

    def faulty(real: object) -> object:
        def run(*arguments: object, **options: object) -> object:
            nonlocal calls
            calls += 1
            if calls == call + 1:
                raise OSError(5, "Input/output error")
            return real(*arguments, **options)  # type: ignore[operator]

        return run

    with monkeypatch.context() as patch:
        for name in ("open", "write", "fsync", "close"):
            patch.setattr(f"election_service.state_dir.os.{name}", faulty(getattr(os, name)))
        patch.setattr(Path, "replace", faulty(Path.replace))
        try:
            await ledger.publish()
        except OSError:
            assert (await ledger.checkpoint()).root == before.root  # nothing newer is served
    assert calls >= min(call + 1, 7)
    await assert_start_goes_on(ledger)


@pytest.mark.parametrize("step", ["advance_head_file", "make_checkpoint"])
async def test_a_crash_between_commit_head_file_and_checkpoint_is_repaired(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    await ledger.append(0, 5)

    def crash(*_arguments: object) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(f"election_service.log_signing.{step}", crash)
        await crash_while_publishing(ledger)
    await assert_start_goes_on(ledger)


async def test_a_crash_after_the_head_file_is_written_is_repaired(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ledger.publish()
    await ledger.append(0, 5)
    with monkeypatch.context() as patch:
        patch.setattr(Database, "transaction", lambda _self: (_ for _ in ()).throw(Crash()))
        await crash_while_publishing(ledger)
    assert (await ledger.checkpoint()).size == 1
    await assert_start_goes_on(ledger)
