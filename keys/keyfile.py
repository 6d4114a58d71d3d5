"""Key files: a secret under a passphrase, Argon2id → AES-256-GCM (docs/protocol.md §3; RFC 9106, NIST SP 800-38D).

Canonical JSON. Everything but the ciphertext is bound as additional data, so that no public member (whose key this is,
for which election) can be changed without the file failing to open. Pure: the caller reads and writes, atomically.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar, Final, Literal

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from msgspec import Meta

from keys import canonical
from keys.canonical import Id, Wire, b64, unb64
from keys.errors import DataError, FormatError

Kind = Literal["member", "trustee", "registrar"]

SALT_SIZE: Final = 16
NONCE_SIZE: Final = 12
MAX_FILE: Final = 256 * 1024
_KEY_SIZE: Final = 32
_MAX_PUBLIC: Final = 16

# Bounds on reading: a file from elsewhere must not take a gigabyte or an hour before the passphrase is even tried.
_MIN_MEMORY: Final = 8 * 1024
_MAX_MEMORY: Final = 256 * 1024
_MAX_ITERATIONS: Final = 10
_MAX_LANES: Final = 16


class KeyFileError(DataError):
    """A key file that is none, is of another kind, or does not open."""

    code: ClassVar[str] = "malformed"


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What one attempt at the passphrase costs: memory in KiB, passes, lanes (RFC 9106 §4: 64 MiB, 3, 4)."""

    memory: int = 64 * 1024
    iterations: int = 3
    lanes: int = 4


DEFAULT_COST: Final = Cost()


class KdfParameters(Wire, frozen=True, kw_only=True):
    """How the file's key comes from the passphrase."""

    name: Literal["argon2id"]
    memory: Annotated[int, Meta(ge=_MIN_MEMORY, le=_MAX_MEMORY)]
    iterations: Annotated[int, Meta(ge=1, le=_MAX_ITERATIONS)]
    lanes: Annotated[int, Meta(ge=1, le=_MAX_LANES)]
    salt: str


class KeyFile(Wire, frozen=True, kw_only=True):
    """The file. ``public`` is what may be shown without the passphrase: election, number, fingerprint …"""

    v: Literal["es1"]
    kind: Kind
    public: Annotated[dict[Id, str], Meta(max_length=_MAX_PUBLIC)]
    kdf: KdfParameters
    nonce: str
    ciphertext: str


def seal_key_file(
    kind: Kind,
    public: Mapping[str, str],
    secret: bytes,
    passphrase: str,
    random: Callable[[int], bytes],
    cost: Cost = DEFAULT_COST,
) -> bytes:
    """The bytes of a new key file; fresh salt and nonce each time."""
    kdf = KdfParameters(
        name="argon2id",
        memory=cost.memory,
        iterations=cost.iterations,
        lanes=cost.lanes,
        salt=b64(random(SALT_SIZE)),
    )
    nonce = random(NONCE_SIZE)
    blank = KeyFile(v="es1", kind=kind, public=dict(public), kdf=kdf, nonce=b64(nonce), ciphertext="")
    ciphertext = AESGCM(_derive(kdf, passphrase)).encrypt(nonce, secret, _bound(blank))
    raw = canonical.encode(msgspec.structs.replace(blank, ciphertext=b64(ciphertext)))
    read_key_file(raw, kind)  # what cannot be read again is not written
    return raw


def read_key_file(raw: bytes, kind: Kind) -> KeyFile:
    """Parse a key file without opening it; KeyFileError for one of another kind, FormatError for anything else."""
    if len(raw) > MAX_FILE:
        message = f"key file: expected at most {MAX_FILE} bytes, got {len(raw)}"
        raise FormatError(message)
    file = canonical.decode(raw, KeyFile)
    if file.kind != kind:
        message = f"key file: expected a {kind}'s file, got a {file.kind}'s"
        raise KeyFileError(message)
    unb64(file.kdf.salt, SALT_SIZE, "key file: salt")
    unb64(file.nonce, NONCE_SIZE, "key file: nonce")
    unb64(file.ciphertext, None, "key file: ciphertext")
    return file


def open_key_file(raw: bytes, kind: Kind, passphrase: str) -> bytes:
    """The secret in a key file; KeyFileError for a wrong passphrase or a changed file."""
    file = read_key_file(raw, kind)
    key = _derive(file.kdf, passphrase)
    ciphertext = unb64(file.ciphertext, None, "key file: ciphertext")
    try:
        return AESGCM(key).decrypt(unb64(file.nonce, NONCE_SIZE, "key file: nonce"), ciphertext, _bound(file))
    except InvalidTag:
        message = "key file: wrong passphrase, or the file was changed"
        raise KeyFileError(message) from None


def _bound(file: KeyFile) -> bytes:
    document = msgspec.structs.asdict(file)
    del document["ciphertext"]
    return canonical.encode(document)


def _derive(kdf: KdfParameters, passphrase: str) -> bytes:
    if not passphrase:
        message = "key file: the passphrase is empty"
        raise KeyFileError(message)
    if any("\ud800" <= letter <= "\udfff" for letter in passphrase):
        message = "key file: the passphrase is no text (lone surrogate)"
        raise KeyFileError(message)
    salt = unb64(kdf.salt, SALT_SIZE, "key file: salt")
    derivation = Argon2id(
        salt=salt, length=_KEY_SIZE, iterations=kdf.iterations, lanes=kdf.lanes, memory_cost=kdf.memory
    )
    # one passphrase, however the keyboard composes its letters
    return derivation.derive(unicodedata.normalize("NFC", passphrase).encode())
