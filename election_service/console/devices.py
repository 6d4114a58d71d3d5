"""Browsers in which somebody has signed in, and how often wrong passwords may be tried (OWASP: device cookies).

Whoever guesses passwords from anywhere has so many tries an hour for an address, together with all who guess at it.
A browser that somebody has signed in with has a count and a line of its own, so that no guessing keeps its owner out
(A77): what makes others wait is counted where the owner is not. Addresses of nobody are counted alike (A84).
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_console
from election_service.errors import SecretError, TooManyPasswordsError
from election_service.link_requests import as_on_the_roll
from election_service.roll_rules import is_address
from election_service.service import Service
from election_service.sql import insert_new
from keys.canonical import b64, unb64
from keys.errors import FormatError
from keys.transcript import u64

MOST_WRONG: Final = 20  # an hour, for an address from unknown browsers, or from one known browser
AGE: Final = 400 * 86_400  # seconds; browsers keep no cookie for longer
HOUR: Final = 3600
_NONCE: Final = 16  # bytes
_TIME: Final = 8


@dataclass(frozen=True, slots=True)
class Guesser:
    """Who gives a password. ``whose``: the row of the count, None where no password can be right; ``known``: it comes
    from a browser of the account's owner.
    """

    whose: bytes | None
    known: bool


def _place(account: str) -> str:
    return f"{account}/console-device"


def make_device(service: Service, account: str) -> str:
    """What the cookie of a browser holds after a sign-in: sealed, good for this account alone; it opens nothing."""
    plain = service.random(_NONCE) + u64(service.clock())
    return b64(service.master.seal(_place(account), plain, service.random))


def find_guesser(service: Service, email: str, account: str | None, cookie: str) -> Guesser:
    """As whom a try is counted. ``account``: of the address, if there is one; ``cookie``: of the browser, or empty."""
    nonce = None if account is None else _read_device(service, account, cookie)
    if nonce is not None:
        return Guesser(sha256(b"device" + nonce).digest(), known=True)
    address = as_on_the_roll(email)
    return Guesser(sha256(b"address" + address.encode()).digest() if is_address(address) else None, known=False)


def _read_device(service: Service, account: str, cookie: str) -> bytes | None:
    """The nonce of a cookie that was made for this account and is not too old."""
    try:
        plain = service.master.open(_place(account), unb64(cookie, None, "device"))
    except (FormatError, SecretError):
        return None
    made = int.from_bytes(plain[_NONCE:], "big")
    return plain[:_NONCE] if len(plain) == _NONCE + _TIME and service.clock() - made < AGE else None


async def check_tries(connection: AsyncConnection, guesser: Guesser, now: int, *, lock: bool = False) -> None:
    """TooManyPasswordsError while no further password is looked at.

    ``lock``: in a transaction that is to count; parallel tries come one after the other then, so that the count is
    exact, and a right password counts for nothing beyond it.
    """
    if guesser.whose is None:
        return
    table = schema_console.wrong_passwords
    query = select(table.c.hour, table.c.tries).where(table.c.whose == guesser.whose)
    if lock:
        fresh = insert_new(connection, table).values(whose=guesser.whose, hour=now // HOUR, tries=0)
        await connection.execute(fresh)
        query = query.with_for_update()
    row = (await connection.execute(query)).one_or_none()
    if row is not None and row.hour == now // HOUR and row.tries >= MOST_WRONG:
        raise TooManyPasswordsError("sign-in: too many wrong passwords for this address", HOUR - now % HOUR)


async def count_try(connection: AsyncConnection, guesser: Guesser, now: int, *, right: bool) -> None:
    """After `check_tries` with ``lock``, in the same transaction: a wrong password counts; a right one from a known
    browser ends its count, one from elsewhere leaves the others' as it is.
    """
    if guesser.whose is None or (right and not guesser.known):
        return
    table = schema_console.wrong_passwords
    mine = table.c.whose == guesser.whose
    row = (await connection.execute(select(table.c.hour, table.c.tries).where(mine))).one()
    tries = 0 if right else 1 + (row.tries if row.hour == now // HOUR else 0)
    await connection.execute(update(table).where(mine).values(hour=now // HOUR, tries=tries))


async def forget_tries(connection: AsyncConnection, now: int) -> None:
    """Delete the counts of other hours."""
    table = schema_console.wrong_passwords
    await connection.execute(delete(table).where(table.c.hour != now // HOUR))
