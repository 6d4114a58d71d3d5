"""Signing in: address and password, then a code of the authenticator or a recovery code.

Wrong passwords are counted apart for browsers in which somebody has signed in before (devices.py): otherwise anybody
who knows an address could lock its owner out (A77). Wrong codes count only after a right password; from the fifth on
each makes the wait longer, up to four hours, so that about twenty a day can be tried (A74). A right recovery code has
80 bits and waits for nothing: it is the way in for somebody whose codes another person tries.
"""

from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_console
from election_service.console.accounts import ACTIVE
from election_service.console.devices import check_tries, count_try, find_guesser
from election_service.console.events import record
from election_service.console.recovery_codes import use_recovery_code
from election_service.console.roles import SERVICE
from election_service.console.sessions import Session, close_session, open_session
from election_service.errors import ServiceError, SignInRefusedError, TooManyCodesError
from election_service.link_requests import as_on_the_roll
from election_service.service import Service
from election_service.service_logging import get_logger
from election_service.totp import TOTP_PERIOD, TOTP_WINDOW, matching_step

FREE_FAILURES: Final = 5
FIRST_WAIT: Final = 30  # seconds
LONGEST_WAIT: Final = 4 * 3600
CODE_DIGITS: Final = 6

log = get_logger("sign-in")


def totp_place(account: str) -> str:
    """Where an account's TOTP secret belongs, for the seal on it."""
    return f"{account}/console-totp"


async def sign_in(service: Service, email: str, password: str, agent: str, device: str = "") -> str:
    """The first step: a session that waits for the code; SignInRefusedError, in the same time, for anything wrong.

    ``device``: the cookie of a browser in which somebody has signed in before. BusyError; TooManyPasswordsError where
    this browser, or all unknown ones together, have given too many wrong ones for this address in this hour.
    """
    table = schema_console.accounts
    query = select(table.c.account, table.c.password).where(
        table.c.email == as_on_the_roll(email), table.c.state == ACTIVE
    )
    async with service.database.snapshot() as connection:
        row = (await connection.execute(query)).one_or_none()
        guesser = find_guesser(service, email, None if row is None else row.account, device)
        await check_tries(connection, guesser, service.clock())
    phc = None if row is None else row.password
    right = await service.password_desk.matches(password, phc, known=guesser.known)
    async with service.database.transaction() as connection:
        now = service.clock()
        await check_tries(connection, guesser, now, lock=True)
        right = right and row is not None and await _is_still(connection, row.account, row.password)
        await count_try(connection, guesser, now, right=right)
        if right and row is not None:
            return await open_session(service, connection, row.account, "code", agent)
        if service.password_desk.is_noted(service.clock()):
            await record(service, connection, SERVICE, "" if row is None else row.account, "password-wrong")
    raise SignInRefusedError("sign-in: expected an address and its password")


async def _is_still(connection: AsyncConnection, account: str, password: str) -> bool:
    """Whether the password that was right is the account's still: it may have been reset or locked meanwhile."""
    table = schema_console.accounts
    query = select(table.c.password).where(table.c.account == account, table.c.state == ACTIVE).with_for_update()
    return (await connection.execute(query)).scalar_one_or_none() == password


async def check_password(service: Service, account: str, password: str) -> None:
    """Before something of weight is changed: SignInRefusedError unless this is the account's password."""
    table = schema_console.accounts
    async with service.database.snapshot() as connection:
        query = select(table.c.password).where(table.c.account == account)
        phc = (await connection.execute(query)).scalar_one_or_none()
    if not await service.password_desk.matches(password, phc, known=True):
        raise SignInRefusedError("password: expected the one of this account")


async def give_code(service: Service, session: Session, code: str, agent: str) -> str:
    """The second step: a full session for the right code, in place of the one that waited for it.

    SignInRefusedError for a wrong code or one that was used; TooManyCodesError while the account has to wait.
    """
    async with service.database.transaction() as connection:
        way, error = await _check_code(service, connection, session.account, code)
        if error is None and not await close_session(connection, session.key):
            error = SignInRefusedError("sign-in: this sign-in has ended; begin again")
        if error is None:
            token = await open_session(service, connection, session.account, "full", agent)
        if not isinstance(error, TooManyCodesError):
            await record(service, connection, SERVICE, session.account, "code-wrong" if error else "signed-in", way)
    if error is not None:
        raise error
    return token


async def _check_code(
    service: Service, connection: AsyncConnection, account: str, typed: str
) -> tuple[str, ServiceError | None]:
    """Which way in it is, and what is wrong with it, in the caller's transaction, which is to be committed.

    The row's lock lets parallel tries come one after the other: counters are exact, and a code signs in once (A75).
    """
    table = schema_console.accounts
    mine = table.c.account == account
    row = (await connection.execute(select(table).where(mine).with_for_update())).mappings().one_or_none()
    if row is None or row["state"] != ACTIVE:
        return "", SignInRefusedError("sign-in: this account cannot sign in")
    code, now = "".join(typed.split()), service.clock()
    way = "totp" if len(code) == CODE_DIGITS else "recovery-code"
    if way == "recovery-code" and await use_recovery_code(connection, account, code):
        await connection.execute(update(table).where(mine).values(failures=0, window=0))
        return way, None
    wait = min(row["window"] - now, LONGEST_WAIT)  # A98: a clock that went back makes nobody wait for longer
    if row["failures"] >= FREE_FAILURES and wait > 0:
        return way, TooManyCodesError("code: too many wrong ones; wait, or use a recovery code", wait)
    step = _good_step(service, row, code, now) if way == "totp" else None
    if step is None:
        failures = row["failures"] + 1
        await connection.execute(update(table).where(mine).values(failures=failures, window=now + wait_after(failures)))
        return way, SignInRefusedError("code: expected the one that your authenticator shows now, used once")
    await connection.execute(update(table).where(mine).values(failures=0, window=0, totp_step=step))
    return way, None


def wait_after(failures: int) -> int:
    """Seconds to wait after so many wrong codes in a row."""
    if failures < FREE_FAILURES:
        return 0
    return min(FIRST_WAIT << min(failures - FREE_FAILURES, 16), LONGEST_WAIT)


def _good_step(service: Service, row: Any, code: str, now: int) -> int | None:
    """The time step of a right code that was not used; None for any other (RFC 6238 §5.2)."""
    secret = service.master.open(totp_place(row["account"]), row["totp_sealed"]).decode()
    last = row["totp_step"]
    if last > now // TOTP_PERIOD + TOTP_WINDOW:  # A98: the clock went back; not refused, or nobody could sign in
        log.warning("the clock stands before a code that was accepted", seconds=last * TOTP_PERIOD - now)
        last = now // TOTP_PERIOD - TOTP_WINDOW - 1
    step = matching_step(secret, code, now)
    return None if step is None or step <= last else step
