"""Secrets at rest: sealed under a master key that comes from a file or a systemd credential, never from the database.

AES-256-GCM, 12 random bytes ‖ ciphertext; the additional data names the election and the secret, so that a sealed value
cannot be moved to another place. Who holds the database alone learns no key.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema
from election_service.errors import SecretError
from election_service.state_dir import create_durably
from keys.canonical import b64, unb64
from keys.errors import FormatError

Random = Callable[[int], bytes]

MASTER_SIZE: Final = 32
_NONCE_SIZE: Final = 12
LOG_KEY: Final = "log-key"  # names in the table `secrets`
RECEIPT_KEY: Final = "receipt-key"
REGISTRAR_KEY: Final = "registrar-key"


class MasterKey:
    """The key over all keys. It shows itself to nobody."""

    __slots__ = ("_cipher",)

    def __init__(self, raw: bytes) -> None:
        if len(raw) != MASTER_SIZE:
            raise SecretError(f"master key: expected {MASTER_SIZE} bytes, got {len(raw)}", _MAKE)
        self._cipher = AESGCM(raw)

    def __repr__(self) -> str:
        return "MasterKey(…)"

    def seal(self, place: str, plain: bytes, random: Random) -> bytes:
        """Seal ``plain`` for one place (such as ``election/log-key``)."""
        nonce = random(_NONCE_SIZE)
        return nonce + self._cipher.encrypt(nonce, plain, place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """What was sealed for that place; SecretError under another key, at another place, or altered."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise SecretError(f"secret {place}: does not open under this master key", _RIGHT) from error


_MAKE: Final = (
    "make one with `election-service init`, or: head -c 32 /dev/urandom | basenc --base64url | tr -d = > FILE"
)
_RIGHT: Final = "give the master key file that was in use when this secret was made"


def make_master_key(path: Path, random: Random) -> MasterKey:
    """Write a fresh master key (base64url text, mode 0600) to a file that must not exist yet."""
    raw = random(MASTER_SIZE)
    if not create_durably(path, b64(raw).encode() + b"\n"):
        raise SecretError(f"master key: {path} exists already", "keep it; an old key is not overwritten")
    return MasterKey(raw)


def load_master_key(path: Path) -> MasterKey:
    """Read the master key; SecretError if it is missing, open to others, or no key.

    A systemd credential is shared by an access list, whose mask stands in the group's bits; the directory is private.
    """
    try:
        text = path.read_text("ascii").strip()
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(f"master key: {path}: {error}", _MAKE) from error
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    if mode & (0o007 if credentials and path.is_relative_to(credentials) else 0o077):
        raise SecretError(f"master key: {path} can be read by others", f"chmod 600 {path}")
    try:
        return MasterKey(unb64(text, MASTER_SIZE, f"master key: {path}"))
    except FormatError as error:
        raise SecretError(str(error), _MAKE) from error


async def store_secret(
    connection: AsyncConnection, master: MasterKey, election: str, name: str, plain: bytes, random: Random
) -> None:
    """Seal and store one secret of an election; an IntegrityError if it is there already."""
    sealed = master.seal(f"{election}/{name}", plain, random)
    await connection.execute(insert(schema.secrets).values(election=election, name=name, sealed=sealed))


async def load_secret(connection: AsyncConnection, master: MasterKey, election: str, name: str) -> bytes:
    """One secret of an election; SecretError if it is not there or does not open."""
    table = schema.secrets
    query = select(table.c.sealed).where(table.c.election == election, table.c.name == name)
    sealed = (await connection.execute(query)).scalar_one_or_none()
    if sealed is None:
        raise SecretError(f"secret {election}/{name}: not in the database", "was this election made by `init`?")
    return master.open(f"{election}/{name}", sealed)


async def destroy_secret(connection: AsyncConnection, election: str, name: str) -> None:
    """Remove one secret (SQLite overwrites it: secure_delete)."""
    table = schema.secrets
    await connection.execute(delete(table).where(table.c.election == election, table.c.name == name))
