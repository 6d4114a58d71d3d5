"""Logging in with a ballot link: a signed nonce, then the second factor, then a bearer for minutes (docs/protocol.md
§4).

A nonce is the same work for every credential and is stored only once it has been used, so that nobody fills the
database by asking. The signature comes first: without it no counter moves and no mail goes out (A77). Whoever signs
with a key that has no vote gets the answers of a voter, as late, and no mail (A84).
"""

import asyncio
import hmac
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ballot.link import NONCE_SIZE, login_message
from election_service import schema
from election_service.api_types import BearerAnswer, LoginRequest, NonceAnswer
from election_service.credentials import is_voter, read_replacements
from election_service.election import Election
from election_service.errors import CodeSentError, CodeWrongError, LoginRefusedError, LoginRequiredError, ServiceError
from election_service.login_codes import SENT, WRONG, check_code, forget_codes, refuse_early, send_code
from election_service.login_windows import CLOCK_SLACK, DAY
from election_service.service import Service
from election_service.sql import insert_new
from election_service.totp import check_totp, refuse_locked, wrong_totp
from keys import schnorr
from keys.canonical import b64, unb64
from keys.errors import DataError

NONCE_SECONDS: Final = 900  # a code of ten minutes, and time to read the mail
BEARER_SECONDS: Final = 1800
BEARER_SIZE: Final = 32
REFUSED: Final = "login: refused: open your link again; if that does not help, ask the committee"
EVEN_SECONDS: Final = 0.1  # a login that is refused after its signature is answered no earlier

_KEPT: Final = 2 * DAY  # a used nonce is remembered, whatever the clock does meanwhile (A98)
_TIME_SIZE: Final = 6
_RANDOM_SIZE: Final = 10
_MAC_SIZE: Final = NONCE_SIZE - _TIME_SIZE - _RANDOM_SIZE


async def make_nonce(service: Service, election: str, credential: str) -> NonceAnswer:
    """A fresh nonce for this credential, known or not. FormatError for what is no key."""
    known = await service.election(election)
    key = unb64(credential, schnorr.KEY_SIZE, "login: credential")
    head = (service.clock() + NONCE_SECONDS).to_bytes(_TIME_SIZE, "big") + service.random(_RANDOM_SIZE)
    return NonceAnswer(nonce=b64(head + _nonce_mac(known, key, head)), expires_in=NONCE_SECONDS)


def _nonce_mac(election: Election, credential: bytes, head: bytes) -> bytes:
    """Binds a nonce to election, credential and end of life; under a key that all processes share."""
    return hmac.digest(election.login_key, election.log_id + credential + head, "sha256")[:_MAC_SIZE]


@dataclass(frozen=True, slots=True)
class _Claim:
    """A login whose signature holds."""

    credential: bytes
    nonce_hash: bytes
    code: str | None


async def login(service: Service, election: str, request: LoginRequest) -> BearerAnswer:
    """Check nonce, signature, credential and second factor.

    LoginRefusedError, with one text for every reason; where the election asks for a code: CodeSentError,
    CodeWrongError, CodeExpiredError, TooManyCodesError.
    """
    known = await service.election(election)
    now = service.clock()
    claim = _verify_claim(service, known, request, now)
    begun = time.monotonic()
    async with service.database.snapshot() as connection:  # a stranger costs a query and no write (A77, A92)
        refusal = await _refuse_early(connection, known, claim, now)
    if refusal is None:
        bearer = service.random(BEARER_SIZE)
        async with service.database.transaction() as connection:  # committed in every case: counters stay moved
            refusal = await _decide(service, connection, known, claim, now)
            if refusal is None:
                row = {"token_hash": _hash(bearer), "election": election, "credential": claim.credential}
                await connection.execute(schema.bearers.insert().values(**row, expires=now + BEARER_SECONDS))
        if refusal is None:
            return BearerAnswer(bearer=b64(bearer), expires_in=BEARER_SECONDS)
    await asyncio.sleep(begun + EVEN_SECONDS - time.monotonic())
    raise refusal


def _verify_claim(service: Service, election: Election, request: LoginRequest, now: int) -> _Claim:
    """Nonce and signature, before anything is read or written. Encoding faults are FormatError."""
    credential = unb64(request.credential, schnorr.KEY_SIZE, "login: credential")
    nonce = unb64(request.nonce, NONCE_SIZE, "login: nonce")
    signature = unb64(request.signature, schnorr.SIGNATURE_SIZE, "login: signature")
    head, mac = nonce[:-_MAC_SIZE], nonce[-_MAC_SIZE:]
    expires = int.from_bytes(head[:_TIME_SIZE], "big")
    in_time = now < expires <= now + NONCE_SECONDS + CLOCK_SLACK
    if not hmac.compare_digest(mac, _nonce_mac(election, credential, head)) or not in_time:
        raise LoginRefusedError(REFUSED)
    for origin in _origins(service, election):
        try:
            schnorr.verify(credential, login_message(election.log_id, origin, credential, nonce), signature)
        except DataError:
            continue
        return _Claim(credential, _hash(nonce), request.code)
    raise LoginRefusedError(REFUSED)


def _origins(service: Service, election: Election) -> list[str]:
    """Where a booth of ours may stand: the log's origin, and this process's own public address."""
    own = f"{urlsplit(service.config.public_url).netloc.lower()}/{election.id}"
    return [election.origin] if own == election.origin else [election.origin, own]


async def _refuse_early(
    connection: AsyncConnection, election: Election, claim: _Claim, now: int
) -> ServiceError | None:
    """What reading alone refuses: a used nonce, a key without a vote, a credential over its limits."""
    if await _nonce_is_used(connection, claim):
        return LoginRefusedError(REFUSED)
    if not await is_voter(connection, election.id, claim.credential):
        return await _refuse_stranger(connection, election, claim)
    match election.settings.second_factor:
        case "totp":
            return await refuse_locked(connection, election.id, claim.credential, now)
        case "email":
            return await refuse_early(connection, election.id, claim.credential, claim.nonce_hash, claim.code, now)
        case _:
            return None


async def _refuse_stranger(connection: AsyncConnection, election: Election, claim: _Claim) -> ServiceError:
    """What a key without a vote is told: as a voter would be. That a key was replaced is public, and said."""
    factor = election.settings.second_factor
    if factor == "none" or claim.credential in await read_replacements(connection, election.id):
        return LoginRefusedError(REFUSED)
    if factor == "totp":
        return wrong_totp()
    return CodeSentError(SENT) if claim.code is None else CodeWrongError(WRONG)


async def _decide(
    service: Service, connection: AsyncConnection, election: Election, claim: _Claim, now: int
) -> ServiceError | None:
    """What stands against a voter's login, None for nothing; the nonce is used up by the login that is accepted."""
    if await _nonce_is_used(connection, claim) or not await is_voter(connection, election.id, claim.credential):
        return LoginRefusedError(REFUSED)
    factor, place = election.settings.second_factor, (claim.credential, claim.nonce_hash)
    refusal: ServiceError | None = None
    if factor == "totp":
        refusal = await check_totp(service, connection, election.id, claim.credential, claim.code, now)
    elif factor == "email" and claim.code is None:
        return await send_code(service, connection, election, *place, now)
    elif factor == "email" and claim.code is not None:
        refusal = await check_code(connection, election, *place, claim.code, now)
    if refusal is None and not await _use_nonce(connection, election, claim, now):
        return LoginRefusedError(REFUSED)
    return refusal


async def _nonce_is_used(connection: AsyncConnection, claim: _Claim) -> bool:
    table = schema.login_nonces
    query = select(table.c.nonce_hash).where(table.c.nonce_hash == claim.nonce_hash)
    return (await connection.execute(query)).first() is not None


async def _use_nonce(connection: AsyncConnection, election: Election, claim: _Claim, now: int) -> bool:
    """Whether this is the nonce's first use; of parallel uses one wins. The row says neither whose it is nor when."""
    row = {
        "nonce_hash": claim.nonce_hash,
        "election": election.id,
        "credential": b"",
        "expires": ((now + _KEPT) // DAY + 1) * DAY,
    }
    table = schema.login_nonces
    fresh = insert_new(connection, table).values(row).returning(table.c.nonce_hash)
    return (await connection.execute(fresh)).one_or_none() is not None


async def bearer_credential(service: Service, election: str, bearer: str | None) -> bytes:
    """The credential that logged in with this bearer; LoginRequiredError for an unknown one or one that is over."""
    try:
        raw = unb64(bearer or "", BEARER_SIZE, "bearer")
    except DataError:
        raise LoginRequiredError("log in first: there is no bearer token, or it is no longer good") from None
    table, now = schema.bearers, service.clock()
    query = select(table.c.credential).where(
        table.c.token_hash == _hash(raw),
        table.c.election == election,
        table.c.expires > now,
        table.c.expires <= now + BEARER_SECONDS + CLOCK_SLACK,  # a clock that goes back lengthens no login (A98)
    )
    async with service.database.snapshot() as connection:
        credential = (await connection.execute(query)).scalar_one_or_none()
    if credential is None:
        raise LoginRequiredError("log in first: there is no bearer token, or it is no longer good")
    return bytes(credential)


async def forget_expired(service: Service) -> None:
    """Remove what is over: bearers, used nonces, codes."""
    now = service.clock()
    async with service.database.transaction() as connection:
        for table in (schema.bearers, schema.login_nonces):
            await connection.execute(delete(table).where(table.c.expires < now))
        await forget_codes(connection, now)


def _hash(secret: bytes) -> bytes:
    """What the database knows of a nonce or bearer."""
    return sha256(secret).digest()
