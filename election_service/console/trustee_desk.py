"""The trustees as the console shows them: who they are, who has done what, and whether their key can still decrypt.

Their secrets never come here. What does are identity keys and messages, both made to be published: a message is its
trustee's by signature or proof, and goes the way of `POST /trustee-messages` (trustees.py).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_console
from election_service.api_types import TrusteeMessageRequest
from election_service.console.accounts import people_of
from election_service.console.closing import Shares, share_progress
from election_service.console.drafts import read_known
from election_service.console.events import record
from election_service.console.roles import Role
from election_service.errors import InputError, InstallationError
from election_service.facts import LogFacts
from election_service.legal_rules import newest_poll
from election_service.pages.assets import BOOTH
from election_service.service import Service
from election_service.sql import insert_new
from election_service.trustees import accept_message
from keys import schnorr
from keys.canonical import MAX_BODY, decode, unb64
from keys.errors import DataError
from keys.ids import fingerprint
from keys.trustee.ceremony import Ceremony, Stage

TOOL: Final = "trustee.html"
MOST_MESSAGES: Final = 2000  # in one file: the shares of all contests of a poll
_SEALED: Final = b'"ciphertext"'

State = Literal["planned", "ceremony", "void", "ready"]
Round = Literal["hashed", "committed", "shared", "confirmed"]
ROUNDS: Final[tuple[Round, ...]] = ("hashed", "committed", "shared", "confirmed")


@dataclass(frozen=True, slots=True)
class IdentityKey:
    """What a trustee made offline and told the committee; ``key`` None: not yet."""

    account: str
    name: str
    key: bytes | None

    @property
    def fingerprint(self) -> str:
        """What is compared in person."""
        return "" if self.key is None else fingerprint(self.key)


@dataclass(frozen=True, slots=True)
class TrusteeLine:
    """One trustee of the newest session: ``name`` "" where no account has this key; ``done``: rounds taken part in.

    ``canary``: the file was shown to work for the newest poll; ``good``: contests whose share is there and good.
    """

    number: int
    name: str
    key: bytes
    done: frozenset[Round]
    canary: bool
    good: int

    @property
    def fingerprint(self) -> str:
        """What is compared in person."""
        return fingerprint(self.key)


@dataclass(frozen=True, slots=True)
class TrusteesView:
    """Where the trustees stand. ``keys``: of the accounts with that role; ``waits``: the round that is due.

    ``poll``: the newest one, 0 for none; ``awaits_canaries``: it is about to open; ``shares``: of a poll that is being
    decrypted.
    """

    state: State
    k: int
    n: int
    attempt: int
    waits: Round | None
    guilty: int | None
    lines: tuple[TrusteeLine, ...]
    keys: tuple[IdentityKey, ...]
    log_id: bytes
    poll: int
    awaits_canaries: bool
    shares: Shares | None

    @property
    def able(self) -> int:
        """How many have shown for the newest poll that their files work."""
        return sum(line.canary for line in self.lines)

    def line_of(self, key: bytes | None) -> TrusteeLine | None:
        """The trustee of the session with this identity key."""
        return next((line for line in self.lines if line.key == key), None)

    @property
    def owing(self) -> tuple[int, ...]:
        """The numbers of those whose message of the present round is missing."""
        return tuple(line.number for line in self.lines if self.waits is not None and self.waits not in line.done)


async def read_trustees(service: Service, election: str) -> TrusteesView:
    """Everything about the trustees of an election or a draft; UnknownElectionError."""
    async with service.database.snapshot() as connection:
        known = await read_known(connection, election)
        keys = await identity_keys(connection, election)
    planned = (known.draft.trustees_k, known.draft.trustees_n)
    if not known.made:
        return _planned(planned, keys, b"")
    facts = await service.facts(election)
    if not facts.ceremonies:
        return _planned(planned, keys, facts.log_id)
    shares = await _shares(service, election, facts)
    return _begun(facts, keys, shares)


def _planned(planned: tuple[int, int], keys: Sequence[IdentityKey], log_id: bytes) -> TrusteesView:
    k, n = planned
    return TrusteesView("planned", k, n, 0, None, None, (), tuple(keys), log_id, 0, awaits_canaries=False, shares=None)


def _begun(facts: LogFacts, keys: Sequence[IdentityKey], shares: Shares | None) -> TrusteesView:
    ceremony, poll = facts.ceremonies[-1], newest_poll(facts)
    session, stage = ceremony.session, ceremony.stage
    state: State = "ready" if stage is Stage.DONE else "void" if stage is Stage.VOID else "ceremony"
    return TrusteesView(
        state=state,
        k=session.k,
        n=session.n,
        attempt=session.attempt,
        waits=next((name for name in ROUNDS if name == stage), None),
        guilty=ceremony.guilty,
        lines=_lines(ceremony, keys, frozenset(poll.canaries if poll else ()), shares),
        keys=tuple(keys),
        log_id=facts.log_id,
        poll=poll.number if poll else 0,
        awaits_canaries=poll is not None and poll.opened is None,
        shares=shares,
    )


def _lines(
    ceremony: Ceremony, keys: Sequence[IdentityKey], canaries: frozenset[int], shares: Shares | None
) -> tuple[TrusteeLine, ...]:
    names = {item.key: item.name for item in keys if item.key is not None}
    given: dict[Round, Mapping[int, object]] = {
        "hashed": ceremony.hashed,
        "committed": ceremony.committed,
        "shared": ceremony.shared,
        "confirmed": ceremony.confirmed,
    }
    good = {item.number: item.good for item in shares.trustees} if shares else {}
    return tuple(
        TrusteeLine(
            number=number,
            name=names.get(key, ""),
            key=key,
            done=frozenset(name for name in ROUNDS if number in given[name]),
            canary=number in canaries,
            good=good.get(number, 0),
        )
        for number, key in enumerate(ceremony.session.identities, 1)
    )


async def _shares(service: Service, election: str, facts: LogFacts) -> Shares | None:
    """Of the newest poll, once it has sums and as long as it is not declared."""
    poll = newest_poll(facts)
    if poll is None or poll.closed is None or poll.declared is not None:
        return None
    found = await share_progress(service, election, poll.number)
    return found if found.wanted else None


# ---- identity keys ---------------------------------------------------------------------------------------------------


async def identity_keys(connection: AsyncConnection, election: str) -> list[IdentityKey]:
    """Every account with the role of a trustee, by name, with the key that it told."""
    table = schema_console.trustee_keys
    query = select(table.c.account, table.c.public_key).where(table.c.election == election)
    told = {row.account: row.public_key for row in (await connection.execute(query)).all()}
    people = [account for account, roles in await people_of(connection, election) if Role.TRUSTEE in roles]
    return [IdentityKey(person.account, person.name, told.get(person.account)) for person in people]


async def store_identity(service: Service, election: str, account: str, text: str) -> IdentityKey:
    """Note the identity key that a trustee tells, base64url; InputError for what is none, or another trustee's.

    It decides nothing: an act names the trustees, and members compare fingerprints before they sign it.
    """
    try:
        key = unb64(text.strip(), schnorr.KEY_SIZE, "identity key")
        schnorr.check_public_key(key)
    except DataError as error:
        raise InputError(str(error), "copy the 43 letters that the tool shows") from error
    table = schema_console.trustee_keys
    async with service.database.transaction() as connection:
        for other in await identity_keys(connection, election):
            if other.key == key and other.account != account:
                raise InputError("identity key: another trustee has it", "each trustee makes a file of their own")
        row = {"election": election, "account": account, "public_key": key}
        made = await connection.execute(insert_new(connection, table).values(row).returning(table.c.account))
        if made.one_or_none() is None:
            mine = (table.c.election == election) & (table.c.account == account)
            await connection.execute(update(table).where(mine).values(public_key=key))
        await record(service, connection, election, account, "trustee-key-told", fingerprint(key))
    return IdentityKey(account, "", key)


# ---- messages --------------------------------------------------------------------------------------------------------


def read_messages(raw: bytes) -> list[TrusteeMessageRequest]:
    """The messages of a file that the tool made, one in a line; InputError for any other file.

    A trustee's own file is recognised and named as such: it must not have been sent, and nothing of it is kept.
    """
    if _SEALED in raw[:MAX_BODY]:
        raise InputError(
            "that is a key file, not a message; nothing of it was kept",
            "never send it anywhere; it is sealed, so nothing is lost: upload the message that the tool made",
        )
    lines = [line for line in raw.splitlines() if line.strip()]
    if not 1 <= len(lines) <= MOST_MESSAGES:
        raise InputError("message: expected the file that the tool made", "choose the message, not another file")
    try:
        return [decode(line, TrusteeMessageRequest) for line in lines]
    except DataError as error:
        raise InputError(
            "message: expected the file that the tool made", "choose the message as it was saved"
        ) from error


async def take_messages(service: Service, election: str, account: str, raw: bytes) -> list[int]:
    """Log every message of the file; returns their entries. What is in the log already keeps its place.

    InputError for another file; for a message that is refused, the protocol's own error: those before it stay logged.
    """
    requests = read_messages(raw)
    entries = [await accept_message(service, election, request.kind, request.data) for request in requests]
    async with service.database.transaction() as connection:
        await record(service, connection, election, account, "trustee-message-taken", requests[0].kind)
    return entries


# ---- the tool --------------------------------------------------------------------------------------------------------


async def read_tool() -> tuple[bytes, str]:
    """The stand-alone tool with its SHA-256 in hex; InstallationError where it was never built."""
    try:
        content = await asyncio.to_thread((BOOTH / TOOL).read_bytes)
    except OSError as error:
        raise InstallationError(f"{TOOL}: cannot be read: {error}", "build it: pip install -e .") from error
    return content, sha256(content).hexdigest()
