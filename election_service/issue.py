"""Issuing one-time tokens blindly (docs/protocol.md §5): one value signed for a credential and contest, by whatever
race.

Requests that arrive together share one transaction (issue_store.py); BlindSign runs in the workers. Issuer keys are
unwrapped once in a process and travel to a worker with the task, over a private pipe.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ballot.contest import ContestRules
from ballot.recovery import blob_size
from ballot.token import TokenRequest, issue_message, recovery_message
from election_service import schema
from election_service.api_types import IssuedInfo, TokenAnswer
from election_service.batcher import Batcher
from election_service.election import Election
from election_service.errors import PollNotOpenError, TokenAlreadyIssuedError
from election_service.issue_store import (
    IssueItem,
    StoredRequest,
    mark_issued,
    read_counts,
    store_requests,
    unwrap_recovery,
)
from keys import schnorr
from keys.canonical import b64, unb64
from keys.errors import DataError, FormatError
from keys.issuer import IssuerKey

if TYPE_CHECKING:
    from election_service.service import Service

LARGEST: Final = 128  # requests in a transaction: some 170 ms of private operations on two cores
REMEMBERED: Final = 4096  # blind signatures kept, so that a request repeated costs no private operation

Place = tuple[str, bytes]
"""Election and context."""


async def issue_token(service: "Service", election: str, credential: bytes, request: TokenRequest) -> TokenAnswer:
    """The blind signature for a credential that has logged in.

    The same blinded message again gives the same answer. Another one: TokenAlreadyIssuedError, with what was stored.
    Else WrongContextError, PollNotOpenError, NotEligibleError, FormatError or SignatureError; then nothing is stored.
    """
    known = await service.election(election)
    rules = await service.contest(known, unb64(request.context, 32, "token request: context"))
    item = _read_request(known, rules, credential, request)
    stored = await service.issue_desk.store(item)
    signature = await service.issue_desk.sign(known, rules, stored.blinded)
    if stored.blinded != item.blinded:
        raise TokenAlreadyIssuedError(
            "token request: this credential has its token in this contest; go on with that one",
            b64(stored.blinded),
            None if stored.recovery is None else b64(stored.recovery),
            b64(signature),
        )
    return TokenAnswer(blind_signature=b64(signature))


def _read_request(election: Election, rules: ContestRules, credential: bytes, request: TokenRequest) -> IssueItem:
    """Everything about a request that needs no database; a fault is kept for later."""
    blinded = signature = b""
    recovery = None
    fault: DataError | None = None
    try:
        blinded = unb64(request.blinded, len(rules.modulus), "token request: blinded")
        if not any(blinded) or blinded >= rules.modulus:  # same length: the order of bytes is that of numbers
            raise FormatError("token request: blinded: expected a number in 1 … n-1")
        signature = unb64(request.signature, schnorr.SIGNATURE_SIZE, "token request: signature")
        schnorr.verify(credential, issue_message(rules.context, blinded), signature)
        recovery = _read_recovery(rules, credential, blinded, request)
    except DataError as error:
        fault = error
    return IssueItem(election, rules, credential, blinded, signature, recovery, fault)


def _read_recovery(rules: ContestRules, credential: bytes, blinded: bytes, request: TokenRequest) -> bytes | None:
    """The recovery blob, signed; both members null exactly where the contest says so."""
    given = (request.recovery is not None, request.recovery_signature is not None)
    if given != (rules.document.recovery,) * 2:
        expected = "present" if rules.document.recovery else "null"
        raise FormatError(f"token request: recovery and recovery_signature: expected both to be {expected}")
    if request.recovery is None or request.recovery_signature is None:
        return None
    blob = unb64(request.recovery, blob_size(rules), "token request: recovery")
    signature = unb64(request.recovery_signature, schnorr.SIGNATURE_SIZE, "token request: recovery_signature")
    schnorr.verify(credential, recovery_message(rules.context, blinded, blob), signature)
    return blob


class IssueDesk:
    """The issuing side of one process. Owner of the unwrapped issuer keys and of the remembered signatures."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._keys: dict[Place, IssuerKey] = {}
        self._unwrapping = asyncio.Lock()
        self._signed: OrderedDict[tuple[Place, bytes], bytes] = OrderedDict()
        self._store = Batcher(self._store_batch, largest=LARGEST, parallel=1)
        self._sign = Batcher(self._sign_batch, largest=LARGEST, parallel=2)

    async def store(self, item: IssueItem) -> StoredRequest:
        """Store the request, or learn what was stored before; durable on return."""
        return await self._store.submit(item)

    async def sign(self, election: Election, rules: ContestRules, blinded: bytes) -> bytes:
        """BlindSign of a stored request."""
        place = (election.id, rules.context)
        remembered = self._signed.get((place, blinded))
        if remembered is not None:
            return remembered
        key = await self._key(election, rules)
        signature = await self._sign.submit((key, blinded))
        self._signed[place, blinded] = signature
        while len(self._signed) > REMEMBERED:
            self._signed.popitem(last=False)
        return signature

    def forget(self, election: str, context: bytes) -> None:
        """Drop the key of a contest whose poll has closed."""
        self._keys.pop((election, context), None)
        for place, blinded in [name for name in self._signed if name[0] == (election, context)]:
            del self._signed[place, blinded]

    @property
    def held(self) -> list[Place]:
        """The contests whose issuer keys this process holds."""
        return list(self._keys)

    async def close(self) -> None:
        """Finish what was asked for."""
        await self._store.close()
        await self._sign.close()

    async def _key(self, election: Election, rules: ContestRules) -> IssuerKey:
        """The contest's key, unwrapped once; PollNotOpenError where it has been destroyed."""
        place = (election.id, rules.context)
        async with self._unwrapping:
            if place not in self._keys:
                self._keys[place] = await self._unwrap(election, rules)
            return self._keys[place]

    async def _unwrap(self, election: Election, rules: ContestRules) -> IssuerKey:
        table = schema.issuer_keys
        query = select(table.c.sealed).where(table.c.election == election.id, table.c.context == rules.context)
        async with self._service.database.snapshot() as connection:
            sealed = (await connection.execute(query)).scalar_one_or_none()
        if sealed is None:
            raise PollNotOpenError("token request: the poll is closed and its issuer key is destroyed")
        raw = self._service.master.open(issuer_place(election.id, rules.context), sealed)
        return IssuerKey.from_bytes(raw, rehearsal=election.rehearsal)

    async def _sign_batch(self, items: Sequence[tuple[IssuerKey, bytes]]) -> list[bytes | Exception]:
        return list(await self._service.workers.sign(items))

    async def _store_batch(self, items: Sequence[IssueItem]) -> list[StoredRequest | Exception]:
        """One transaction for each election."""
        results: dict[int, StoredRequest | Exception] = {}
        for election in {item.election.id for item in items}:
            numbers = [number for number, item in enumerate(items) if item.election.id == election]
            answers = await store_requests(self._service, election, [items[number] for number in numbers])
            results.update(zip(numbers, answers, strict=True))
        return [results[number] for number in range(len(items))]


def issuer_place(election: str, context: bytes) -> str:
    """Where an issuer key belongs, for the seal on it."""
    return f"{election}/issuer/{context.hex()}"


async def issued_to(
    service: "Service", connection: AsyncConnection, election: Election, credential: bytes
) -> dict[bytes, IssuedInfo]:
    """What is stored for a credential, by context, with the blind signature: for a second device of the same voter."""
    table = schema.issued
    query = select(table.c.context, table.c.blinded, table.c.recovery_sealed).where(
        table.c.election == election.id, table.c.credential == credential
    )
    found = {}
    rows = (await connection.execute(query)).all()
    polls = {(await service.contest(election, row.context)).document.poll for row in rows}
    await mark_issued(service, election.id, await read_counts(connection, election.id, polls))
    for row in rows:
        rules = await service.contest(election, row.context)
        try:
            signature = await service.issue_desk.sign(election, rules, row.blinded)
        except PollNotOpenError:
            continue  # closed: the key is gone, and so is the use of the token
        recovery = unwrap_recovery(service, row.context, credential, row.recovery_sealed)
        found[row.context] = IssuedInfo(
            blinded=b64(row.blinded),
            recovery=None if recovery is None else b64(recovery),
            blind_signature=b64(signature),
        )
    return found
