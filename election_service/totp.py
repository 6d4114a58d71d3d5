"""TOTP (RFC 6238) as second factor: each code once, few wrong ones a day (A74, A75; docs/protocol.md §4).

A secret belongs to one credential. A credential that is replaced loses it; the new one needs a new secret, handed over
apart from the new link (`election-service registrar totp --student ID`).
"""

import hmac
from typing import Final

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema
from election_service.errors import CodeExpiredError, CodeWrongError, ServiceError, TooManyCodesError
from election_service.login_windows import DAY, FAILURES, current_window, seconds_left
from election_service.service import Service
from election_service.service_logging import get_logger

TOTP_PERIOD: Final = 30  # seconds, RFC 6238
TOTP_WINDOW: Final = 1  # steps before and after that are accepted, for clocks that are off

log = get_logger("totp")


async def check_totp(
    service: Service, connection: AsyncConnection, election: str, credential: bytes, code: str | None, now: int
) -> ServiceError | None:
    """What is wrong with a code, None for the right one, in the caller's transaction, which is to be committed.

    The row's lock lets parallel tries come one after the other: counters are exact, and a code logs in once.
    """
    table = schema.second_factors
    mine = (table.c.election == election) & (table.c.credential == credential)
    row = (await connection.execute(select(table).where(mine).with_for_update())).mappings().one_or_none()
    if row is None or code is None:
        return wrong_totp()
    window, failures = current_window(row["window"], row["failures"], now, DAY)
    if window < row["window"]:  # the clock has gone back: the day begins anew, and is stored so (A98)
        await connection.execute(update(table).where(mine).values(window=window))
    if failures >= FAILURES:
        return _too_many(window, now)
    current = now // TOTP_PERIOD
    step = matching_step(service.master.open(totp_place(election, credential), row["sealed"]).decode(), code, now)
    last = row["last_step"]
    if last > current + TOTP_WINDOW:  # A98: not refused, or a day of a wrong clock would lock for another day
        log.warning("the clock stands before a code that was accepted", seconds=(last - current) * TOTP_PERIOD)
        last = current - TOTP_WINDOW - 1
    if step is None or step <= last:
        await connection.execute(update(table).where(mine).values(failures=failures + 1, window=window))
        if step is None:
            return wrong_totp()
        return CodeExpiredError("login: this code was used already; wait for the next one")
    await connection.execute(update(table).where(mine).values(last_step=step))
    return None


async def refuse_locked(
    connection: AsyncConnection, election: str, credential: bytes, now: int
) -> TooManyCodesError | None:
    """The answer to a credential that is locked: it needs neither a lock nor a write, and stands in nobody's way."""
    table = schema.second_factors
    mine = (table.c.election == election) & (table.c.credential == credential)
    row = (await connection.execute(select(table.c.window, table.c.failures).where(mine))).one_or_none()
    if row is None or row.window > now:
        return None
    window, failures = current_window(row.window, row.failures, now, DAY)
    return _too_many(window, now) if failures >= FAILURES else None


def _too_many(window: int, now: int) -> TooManyCodesError:
    text = "login: too many wrong codes; wait, or ask the committee"
    return TooManyCodesError(text, seconds_left(window, now, DAY))


def wrong_totp() -> CodeWrongError:
    """The answer to a missing or wrong code, and to whoever has no secret."""
    return CodeWrongError("login: expected the code that your authenticator shows now")


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
