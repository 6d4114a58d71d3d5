"""Logging in with a ballot link: a signed nonce, then the second factor, then a bearer for minutes (docs/protocol.md
§4).

Nothing here tells whether a credential exists. A nonce is the same work for every credential and is stored only once it
has been used, so that nobody fills the database by asking. The signature comes first: without it no counter moves
(A77).
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ballot.link import NONCE_SIZE, login_message
from election_service import schema
from election_service.api_types import BearerAnswer, LoginRequest, NonceAnswer
from election_service.credentials import is_voter
from election_service.election import Election
from election_service.errors import LoginRefusedError, LoginRequiredError
from election_service.service import Service
from election_service.sql import insert_new
from keys import schnorr
from keys.canonical import b64, unb64
from keys.errors import DataError

NONCE_SECONDS: Final = 300
BEARER_SECONDS: Final = 1800
BEARER_SIZE: Final = 32
REFUSED: Final = "login: refused: open your link again; if that does not help, ask the committee"

TOTP_PERIOD: Final = 30  # seconds, RFC 6238
TOTP_WINDOW: Final = 1  # steps before and after that are accepted, for clocks that are off
TOTP_FAILURES: Final = 20  # wrong codes in a window: 20 of 3·10^5 guesses a day
TOTP_FAILURE_SECONDS: Final = 86_400
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
    nonce: bytes
    code: str | None


async def login(service: Service, election: str, request: LoginRequest) -> BearerAnswer:
    """Check nonce, signature, credential and second factor; LoginRefusedError, with one text for every reason."""
    known = await service.election(election)
    now = service.clock()
    claim = _verify_claim(service, known, request, now)
    async with service.database.snapshot() as connection:  # a stranger costs a query and no write (A77, A92)
        if not await is_voter(connection, election, claim.credential):
            raise LoginRefusedError(REFUSED)
    bearer = service.random(BEARER_SIZE)
    async with service.database.transaction() as connection:
        accepted = await _use_nonce(connection, known, claim, now) and await is_voter(
            connection, election, claim.credential
        )
        if accepted and known.settings.second_factor == "totp":
            accepted = await _check_totp(service, connection, known, claim, now)
        if accepted:
            row = {"token_hash": _hash(bearer), "election": election, "credential": claim.credential}
            await connection.execute(schema.bearers.insert().values(**row, expires=now + BEARER_SECONDS))
    if not accepted:
        raise LoginRefusedError(REFUSED)
    return BearerAnswer(bearer=b64(bearer), expires_in=BEARER_SECONDS)


def _verify_claim(service: Service, election: Election, request: LoginRequest, now: int) -> _Claim:
    """Nonce and signature, before anything is read or written. Encoding faults are FormatError."""
    credential = unb64(request.credential, schnorr.KEY_SIZE, "login: credential")
    nonce = unb64(request.nonce, NONCE_SIZE, "login: nonce")
    signature = unb64(request.signature, schnorr.SIGNATURE_SIZE, "login: signature")
    head, mac = nonce[:-_MAC_SIZE], nonce[-_MAC_SIZE:]
    expires = int.from_bytes(head[:_TIME_SIZE], "big")
    if not hmac.compare_digest(mac, _nonce_mac(election, credential, head)) or expires <= now:
        raise LoginRefusedError(REFUSED)
    for origin in _origins(service, election):
        try:
            schnorr.verify(credential, login_message(election.log_id, origin, credential, nonce), signature)
        except DataError:
            continue
        return _Claim(credential, nonce, request.code)
    raise LoginRefusedError(REFUSED)


def _origins(service: Service, election: Election) -> list[str]:
    """Where a booth of ours may stand: the log's origin, and this process's own public address."""
    own = f"{urlsplit(service.config.public_url).netloc.lower()}/{election.id}"
    return [election.origin] if own == election.origin else [election.origin, own]


async def _use_nonce(connection: AsyncConnection, election: Election, claim: _Claim, now: int) -> bool:
    """Whether this is the nonce's first use; of parallel uses one wins. Those that are over are forgotten."""
    table = schema.login_nonces
    await connection.execute(delete(table).where(table.c.expires < now))
    row = {
        "nonce_hash": _hash(claim.nonce),
        "election": election.id,
        "credential": claim.credential,
        "expires": now + NONCE_SECONDS,
    }
    fresh = insert_new(connection, table).values(row).returning(table.c.nonce_hash)
    return (await connection.execute(fresh)).one_or_none() is not None


async def _check_totp(
    service: Service, connection: AsyncConnection, election: Election, claim: _Claim, now: int
) -> bool:
    """Whether the code is right, newer than the last one accepted (A75), and not one guess too many (A74)."""
    table = schema.second_factors
    mine = (table.c.election == election.id) & (table.c.credential == claim.credential)
    row = (await connection.execute(select(table).where(mine).with_for_update())).mappings().one_or_none()
    if row is None or claim.code is None:
        return False
    fresh_window = now - row["window"] >= TOTP_FAILURE_SECONDS
    failures = 0 if fresh_window else row["failures"]
    if failures >= TOTP_FAILURES:
        return False
    place = totp_place(election.id, claim.credential)
    step = matching_step(service.master.open(place, row["sealed"]).decode(), claim.code, now)
    if step is None or step <= row["last_step"]:
        window = now if fresh_window else row["window"]
        await connection.execute(update(table).where(mine).values(failures=failures + 1, window=window))
        return False
    await connection.execute(update(table).where(mine).values(last_step=step, failures=0))
    return True


def totp_place(election: str, credential: bytes) -> str:
    """Where a TOTP secret belongs, for the seal on it."""
    return f"{election}/totp/{credential.hex()}"


def matching_step(secret: str, code: str, now: int) -> int | None:
    """The time step, within the window, of which this is the code; None for a wrong code."""
    totp = pyotp.TOTP(secret, interval=TOTP_PERIOD)
    current = now // TOTP_PERIOD
    found = None
    for step in range(current - TOTP_WINDOW, current + TOTP_WINDOW + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            found = step
    return found


async def enrol_totp(service: Service, election: str, credential: bytes) -> str:
    """Make, store and return the TOTP secret (base32) of a credential; a new one replaces the old one."""
    await service.election(election)
    secret = pyotp.random_base32()
    table = schema.second_factors
    sealed = service.master.seal(totp_place(election, credential), secret.encode(), service.random)
    async with service.database.transaction() as connection:
        mine = (table.c.election == election) & (table.c.credential == credential)
        await connection.execute(delete(table).where(mine))
        row = {"election": election, "credential": credential, "sealed": sealed}
        await connection.execute(table.insert().values(**row, last_step=0, failures=0, window=0))
    return secret


async def bearer_credential(service: Service, election: str, bearer: str | None) -> bytes:
    """The credential that logged in with this bearer; LoginRequiredError for an unknown one or one that is over."""
    try:
        raw = unb64(bearer or "", BEARER_SIZE, "bearer")
    except DataError:
        raise LoginRequiredError("log in first: there is no bearer token, or it is no longer good") from None
    table = schema.bearers
    query = select(table.c.credential).where(
        table.c.token_hash == _hash(raw), table.c.election == election, table.c.expires > service.clock()
    )
    async with service.database.snapshot() as connection:
        credential = (await connection.execute(query)).scalar_one_or_none()
    if credential is None:
        raise LoginRequiredError("log in first: there is no bearer token, or it is no longer good")
    return bytes(credential)


async def forget_expired(service: Service) -> None:
    """Remove bearers and nonces that are over."""
    now = service.clock()
    async with service.database.transaction() as connection:
        for table in (schema.bearers, schema.login_nonces):
            await connection.execute(delete(table).where(table.c.expires < now))


def _hash(secret: bytes) -> bytes:
    """What the database knows of a nonce or bearer."""
    return sha256(secret).digest()
