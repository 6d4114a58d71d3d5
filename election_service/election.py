"""One election as a process needs it at every request: what never changes, read once (docs/protocol.md §2, §9 entry
0).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from msgspec import Meta
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.entries import LogOpenedData, decode_entry
from ballot.receipt import make_refusal
from election_service import schema
from election_service.errors import InputError, StorageError, UnknownElectionError
from election_service.secrets import LOG_KEY, RECEIPT_KEY, MasterKey, load_secret
from keys.canonical import Natural, Wire, decode

Random = Callable[[int], bytes]

LOGIN_KEY: Final = "login-key"  # 32 bytes: authenticates login nonces; name in the table `secrets`
SEAL_MINIMUM: Final = 20  # ballots that must wait in a contest before it is sealed on schedule (docs/protocol.md §7)
SEAL_EVERY: Final = 3600  # seconds


# Factors that are no second way to a voter where the link goes by mail (A78), and what the waiver has to say
_WEAK: Final = (
    (
        "none",
        "whoever reads a voter's mail can vote in the voter's place",
        "give the waiver: who decided to do without a second factor, when, and why",
    ),
    (
        "email",
        "link and code reach one mailbox, and whoever reads it can vote in the voter's place",
        "give the waiver: who decided so, when, and why; where links are handed over on paper, say that",
    ),
)


class ElectionSettings(Wire, frozen=True):
    """The election's settings as given to the set-up; canonical JSON in `elections.config`.

    second_factor  "totp", "email" (a code by mail), or "none"
    waiver         who decided to do with less than two ways to a voter, and why; required with "none" and "email"
    seal_minimum   ballots that must wait in a contest before it is sealed on schedule
    seal_every     seconds between sealings
    issuer_bits    size of the issuer keys; below 3072 only in a rehearsal
    """

    second_factor: Literal["none", "totp", "email"]
    waiver: str | None
    seal_minimum: Natural
    seal_every: Annotated[int, Meta(ge=1, le=86_400)]
    issuer_bits: Annotated[int, Meta(ge=1024, le=3072)]


def check_settings(settings: ElectionSettings, *, rehearsal: bool) -> None:
    """Refuse settings that this release cannot honour, or that give up a protection without saying so; InputError."""
    for factor, reason, hint in _WEAK:
        if settings.second_factor == factor and not (settings.waiver or "").strip():
            raise InputError(f"second_factor: {factor}: {reason}, so this needs a waiver", hint)
    if settings.issuer_bits != 3072 and not rehearsal:
        raise InputError(
            f"issuer_bits: expected 3072, got {settings.issuer_bits}", "smaller issuer keys are for rehearsals"
        )


@dataclass(frozen=True, slots=True)
class Election:
    """Entry 0, settings and keys. ``log_key``: Ed25519 seed; ``receipt_key``: BIP-340 secret; ``login_key``: MAC
    key.
    """

    id: str
    title: str
    log_id: bytes
    opened: LogOpenedData
    settings: ElectionSettings
    log_key: bytes = field(repr=False)
    receipt_key: bytes = field(repr=False)
    login_key: bytes = field(repr=False)

    @property
    def origin(self) -> str:
        """``host[:port]/election``, lower case."""
        return self.opened.origin

    @property
    def rehearsal(self) -> bool:
        """Whether entry 0 calls this a rehearsal."""
        return self.opened.rehearsal

    def refusal(self, context: bytes | None, request: bytes, code: str, random: Random) -> bytes:
        """The signed refusal of a token request or cast (docs/protocol.md §7); 64 bytes."""
        return make_refusal(self.receipt_key, self.log_id, context, request, code, random)


async def load_election(connection: AsyncConnection, master: MasterKey, election: str) -> Election:
    """Read an election; UnknownElectionError where the database holds none of this id."""
    table, entries = schema.elections, schema.log_entries
    row = (await connection.execute(select(table).where(table.c.election == election))).mappings().one_or_none()
    if row is None:
        raise UnknownElectionError(f"no election {election[:64]!r} here")
    query = select(entries.c.entry).where(entries.c.election == election, entries.c.seq == 0)
    opened = decode_entry((await connection.execute(query)).scalar_one()).data
    if not isinstance(opened, LogOpenedData):
        raise StorageError(f"election {election}: entry 0 is not log.opened", "compare with a published copy")
    return Election(
        id=election,
        title=row["title"],
        log_id=row["log_id"],
        opened=opened,
        settings=decode(row["config"], ElectionSettings),
        log_key=await load_secret(connection, master, election, LOG_KEY),
        receipt_key=await load_secret(connection, master, election, RECEIPT_KEY),
        login_key=await load_secret(connection, master, election, LOGIN_KEY),
    )
