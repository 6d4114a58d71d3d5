"""One-time codes by mail: six digits, good for ten minutes, five tries, and the one login that asked (docs/protocol.md
§4).

A code belongs to a nonce, which its login has signed: a code of another session is none (A76), and a newer code voids
the older one. The database has its MAC alone; the code itself is in the sealed mail until that is out. One row for each
credential, locked while it is looked at: counters are exact, whatever comes in parallel and in whichever process (A74).
"""

import hmac
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_mail
from election_service.election import Election
from election_service.errors import (
    CodeExpiredError,
    CodeSentError,
    CodeWrongError,
    ServiceError,
    StorageError,
    TooManyCodesError,
)
from election_service.login_windows import CLOCK_SLACK, DAY, FAILURES, HOUR, current_window, seconds_left
from election_service.mail_text import read_letterhead
from election_service.outbox import URGENT, drop, queue
from election_service.secrets import Random
from election_service.service import Service
from election_service.sql import insert_new
from election_service.voter_mail import VoterMail, read_voter
from keys.derive import kdf

DIGITS: Final = 6
CODE_SECONDS: Final = 600
TRIES: Final = 5  # of one code
CODES: Final = 5  # in an hour
SENT: Final = "login: a code is on its way to your mail address"
EXPIRED: Final = "login: this code is no longer good; ask for a new one"
WRONG: Final = "login: the code is wrong; look at the newest mail"
_TOO_MANY: Final = "login: too many codes; wait, or ask the committee"
_BLANK: Final[dict[str, Any]] = {
    "nonce_hash": b"",
    "code_hash": b"",
    "expires": 0,
    "tries": 0,
    "codes": 0,
    "window": 0,
    "failures": 0,
    "day": 0,
}


def draw_code(random: Random) -> str:
    """Six digits, all of them equally likely: numbers beyond the last whole million are drawn again."""
    whole = 2**32 - 2**32 % 10**DIGITS
    while True:
        number = int.from_bytes(random(4), "big")
        if number < whole:
            return f"{number % 10**DIGITS:0{DIGITS}}"


async def refuse_early(
    connection: AsyncConnection, election: str, credential: bytes, nonce_hash: bytes, code: str | None, now: int
) -> ServiceError | None:
    """What is refused without lock or write, so that a flood of it stands in nobody's way; None to go on."""
    query = select(schema_mail.login_codes).where(_is({"election": election, "credential": credential}))
    row = dict((await connection.execute(query)).mappings().one_or_none() or _BLANK)
    return None if _is_ahead(row, now) else _standing(_at(row, now), nonce_hash, code, now)


def _standing(row: dict[str, Any], nonce_hash: bytes, code: str | None, now: int) -> ServiceError | None:
    """The answer as far as it does not depend on the code itself; None where one is to be made, or compared."""
    if row["failures"] >= FAILURES:
        return TooManyCodesError(_TOO_MANY, seconds_left(row["day"], now, DAY))
    good = row["nonce_hash"] == nonce_hash and _is_good(row, now)
    if code is not None:
        return None if good else CodeExpiredError(EXPIRED)
    if good:
        return CodeSentError(SENT)  # asked again: no second mail
    if row["codes"] >= CODES:
        return TooManyCodesError(_TOO_MANY, seconds_left(row["window"], now, HOUR))
    return None


async def send_code(
    service: Service, connection: AsyncConnection, election: Election, credential: bytes, nonce_hash: bytes, now: int
) -> ServiceError:
    """Make a code for this login and queue its mail, in the caller's transaction, which is to be committed.

    Returns the answer: CodeSentError, or TooManyCodesError. Asked again while the code is good, no second one is made.
    """
    row = await _lock(connection, election.id, credential, now)
    refusal = _standing(row, nonce_hash, None, now)
    if refusal is not None:
        return refusal
    code = draw_code(service.random)
    row |= {
        "nonce_hash": nonce_hash,
        "code_hash": _mac(election, credential, nonce_hash, code),
        "expires": now + CODE_SECONDS,
        "tries": 0,
        "codes": row["codes"] + 1,
    }
    await _save(connection, row)
    voter = await read_voter(connection, election.id, credential)
    if voter is None:
        raise StorageError("login: the roll has no address for a credential that may vote", "run doctor")
    await _queue(service, connection, election.id, voter, code, now)
    return CodeSentError(SENT)


async def _queue(
    service: Service, connection: AsyncConnection, election: str, voter: VoterMail, code: str, now: int
) -> None:
    """The mail with the code; one of an older code that has not gone yet is void and goes away."""
    await drop(connection, election, "code", voter.student_id)
    head = await read_letterhead(connection, service.config.public_url, election)
    letter = voter.letter(head, "code", {"code": code, "minutes": CODE_SECONDS // 60})
    await queue(
        connection,
        service.master,
        service.random,
        election=election,
        kind="code",
        recipient=voter.student_id,
        about=service.random(16).hex(),
        mail=letter,
        now=now,
        priority=URGENT,
        not_after=now + CODE_SECONDS,
    )


async def check_code(
    connection: AsyncConnection, election: Election, credential: bytes, nonce_hash: bytes, code: str, now: int
) -> ServiceError | None:
    """What is wrong with a code, None for the right one, which is then used; in the caller's transaction, which is to
    be committed.
    """
    row = await _lock(connection, election.id, credential, now)
    refusal = _standing(row, nonce_hash, code, now)
    if refusal is not None:
        return refusal
    right = hmac.compare_digest(_mac(election, credential, nonce_hash, code), row["code_hash"])
    if right:
        row |= {"code_hash": b"", "expires": 0}
    else:
        row |= {"tries": row["tries"] + 1, "failures": row["failures"] + 1}
    await _save(connection, row)
    return None if right else CodeWrongError(WRONG)


def _is_good(row: dict[str, Any], now: int) -> bool:
    """Whether the code of a row may still be tried. One that was made after ``now`` is void: the clock has gone back
    (A98).
    """
    in_time: bool = now < row["expires"] <= now + CODE_SECONDS + CLOCK_SLACK
    return in_time and bool(row["tries"] < TRIES)


def _mac(election: Election, credential: bytes, nonce_hash: bytes, code: str) -> bytes:
    key = kdf(election.login_key, b"election-service/login-code", 32)
    return hmac.digest(key, credential + nonce_hash + code.encode(), "sha256")


async def _lock(connection: AsyncConnection, election: str, credential: bytes, now: int) -> dict[str, Any]:
    """The credential's row, made if need be and locked."""
    table = schema_mail.login_codes
    mine = {"election": election, "credential": credential}
    await connection.execute(insert_new(connection, table).values({**mine, **_BLANK}))
    query = select(table).where(_is(mine)).with_for_update()
    row = dict((await connection.execute(query)).mappings().one())
    ahead = _is_ahead(row, now)
    row = _at(row, now)
    if ahead:
        await _save(connection, row)
    return row


def _is_ahead(row: dict[str, Any], now: int) -> bool:
    """Whether the clock has gone back behind the row: then its stretches have to begin anew, and be stored so (A98)."""
    return bool(row["window"] > now or row["day"] > now)


def _at(row: dict[str, Any], now: int) -> dict[str, Any]:
    """The row with its stretches of time brought up to ``now``."""
    row["window"], row["codes"] = current_window(row["window"], row["codes"], now, HOUR)
    row["day"], row["failures"] = current_window(row["day"], row["failures"], now, DAY)
    return row


async def _save(connection: AsyncConnection, row: dict[str, Any]) -> None:
    values = {name: row[name] for name in _BLANK}
    await connection.execute(update(schema_mail.login_codes).where(_is(row)).values(values))


def _is(row: dict[str, Any]) -> Any:
    table = schema_mail.login_codes
    return (table.c.election == row["election"]) & (table.c.credential == row["credential"])


async def forget_codes(connection: AsyncConnection, now: int) -> None:
    """Remove rows that limit nothing any more: they say when somebody logged in."""
    table = schema_mail.login_codes
    over = (table.c.expires <= now) & (table.c.window <= now - HOUR) & (table.c.day <= now - DAY)
    await connection.execute(delete(table).where(over))
