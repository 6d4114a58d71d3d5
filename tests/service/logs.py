"""A small log to try things on: keys from fixed bytes, entries that need no election around them."""

import itertools
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from sqlalchemy import select

from audit.checkpoint import Checkpoint, parse_checkpoint, verify_checkpoint
from audit.ed25519 import ed25519_public_key
from audit.entries import IssuerDestroyedData, LogOpenedData, Member, Registrar
from election_service import schema
from election_service.database import Database
from election_service.log import append, open_log, read_head
from election_service.log_signing import publish
from election_service.state_dir import StateDir
from keys import schnorr
from keys.canonical import b64

ELECTION = "spring"
ORIGIN = "localhost:8080/spring"
LOG_KEY = sha256(b"log key").digest()
RECEIPT_KEY = sha256(b"receipt key").digest()
REGISTRAR_KEY = sha256(b"registrar key").digest()
NOW = 1_800_000_000
_COUNTER = itertools.count(1)


def counted_random(size: int) -> bytes:
    """Bytes that differ from call to call, and are the same in every run."""
    return sha256(b"random %d" % next(_COUNTER)).digest()[:size].ljust(size, b"\0")


def opened(election: str = ELECTION, mode: Literal["service", "offline"] = "service") -> LogOpenedData:
    """Data of entry 0, with a committee of two."""
    members = [(name, sha256(name.encode()).digest()) for name in ("ana", "beka")]
    return LogOpenedData(
        v="es1",
        election=election,
        origin=f"localhost:8080/{election}",
        log_key=b64(ed25519_public_key(LOG_KEY)),
        receipt_key=b64(schnorr.public_key(RECEIPT_KEY)),
        registrar=Registrar(mode=mode, key=b64(schnorr.public_key(REGISTRAR_KEY))),
        members=tuple(Member(id=name, key=b64(schnorr.public_key(secret))) for name, secret in members),
        threshold=2,
        witnesses=(),
        quorum=0,
        nonce=b64(bytes(16)),
        rehearsal=True,
    )


def filler(number: int) -> tuple[str, IssuerDestroyedData]:
    """An entry of no consequence; each number gives another one."""
    return "issuer.destroyed", IssuerDestroyedData(context=b64(sha256(b"%d" % number).digest()))


@dataclass(slots=True)
class Ledger:
    """A log under test, with the state directory of the process that signs it."""

    database: Database
    state: StateDir
    election: str = ELECTION

    async def append(self, start: int, end: int, now: int = NOW) -> list[int]:
        async with self.database.transaction() as connection:
            return await append(connection, self.election, [filler(number) for number in range(start, end)], now)

    async def publish(self) -> int:
        return await publish(self.database, self.state, self.election, ORIGIN, LOG_KEY)

    async def size(self) -> int:
        async with self.database.snapshot() as connection:
            return (await read_head(connection, self.election)).size

    async def entries(self) -> list[bytes]:
        async with self.database.snapshot() as connection:
            table = schema.log_entries
            query = select(table.c.entry).where(table.c.election == self.election).order_by(table.c.seq)
            return list((await connection.execute(query)).scalars())

    async def checkpoint(self) -> Checkpoint:
        async with self.database.snapshot() as connection:
            published = (await read_head(connection, self.election)).published
        assert published is not None
        checkpoint = parse_checkpoint(published.encode())
        verify_checkpoint(checkpoint, ORIGIN, ed25519_public_key(LOG_KEY))
        return checkpoint


async def open_ledger(database: Database, folder: Path, election: str = ELECTION) -> Ledger:
    """A log with entry 0, not yet published."""
    state = StateDir(folder)
    state.create()
    async with database.transaction() as connection:
        await open_log(connection, opened(election), title="Spring", config=b"{}", now=NOW)
    return Ledger(database, state, election)
