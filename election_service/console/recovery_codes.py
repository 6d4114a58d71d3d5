"""Recovery codes: ten of 80 bits, each good once in the place of the authenticator's code. Only hashes are stored."""

from base64 import b32encode
from hashlib import sha256
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema_console
from election_service.secrets import Random

HOW_MANY: Final = 10
_SIZE: Final = 10  # bytes: 16 letters of base32
_GROUP: Final = 4
_SEEN_AS: Final = str.maketrans({"0": "O", "1": "I", "8": "B", "-": None, " ": None, "\t": None})


async def new_recovery_codes(connection: AsyncConnection, account: str, random: Random) -> list[str]:
    """Ten fresh codes instead of whatever there was, in the caller's transaction."""
    table = schema_console.recovery_codes
    codes = [b32encode(random(_SIZE)).decode() for _ in range(HOW_MANY)]
    await connection.execute(delete(table).where(table.c.account == account))
    await connection.execute(
        table.insert(), [{"account": account, "code_hash": _hash(account, code)} for code in codes]
    )
    return ["-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP)) for code in codes]


async def use_recovery_code(connection: AsyncConnection, account: str, typed: str) -> bool:
    """Whether this is a code that was never used; it is gone then: of any number at a time one is right."""
    table = schema_console.recovery_codes
    code = typed.upper().translate(_SEEN_AS)
    mine = (table.c.account == account) & (table.c.code_hash == _hash(account, code))
    return (await connection.execute(delete(table).where(mine))).rowcount == 1


async def count_recovery_codes(connection: AsyncConnection, account: str) -> int:
    """How many are left."""
    table = schema_console.recovery_codes
    query = select(func.count()).select_from(table).where(table.c.account == account)
    return int((await connection.execute(query)).scalar_one())


def _hash(account: str, code: str) -> bytes:
    """80 random bits need no slow hash; the account keeps equal codes of two people apart."""
    return sha256(f"es1/recovery-code/{account}/{code}".encode()).digest()
