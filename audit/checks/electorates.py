"""electorates: who may vote, as the registrar signed it; and replaced credentials (A15, A45)."""

from bisect import bisect_left
from typing import Final

from audit.entries import CredentialReplacedData, ElectorateData, Entry
from audit.errors import LogError
from audit.merkle import Frontier, leaf_hash
from audit.state import Electorate, LogState
from keys import schnorr
from keys.canonical import b64, unb64
from keys.transcript import Tag, digest, u64

CHECK: Final = "electorates"
KEY_SIZE: Final = 32


class Roll:
    """The credentials of an electorate: its blob, N x-only keys of 32 bytes, strictly ascending."""

    __slots__ = ("blob",)

    def __init__(self, blob: bytes) -> None:
        self.blob = blob

    def __len__(self) -> int:
        return len(self.blob) // KEY_SIZE

    def __getitem__(self, index: int) -> bytes:
        return self.blob[index * KEY_SIZE : (index + 1) * KEY_SIZE]

    def __contains__(self, key: bytes) -> bool:
        at = bisect_left(self, key)
        return at < len(self) and self[at] == key


def electorate_message(log_id: bytes, identity: str, size: int, root: bytes) -> bytes:
    """What the registrar signs: H("es1/electorate", log id, id, size, root)."""
    return digest(Tag.ELECTORATE, log_id, identity.encode(), u64(size), root)


def credential_replaced_message(log_id: bytes, old: bytes, new: bytes, reason: str) -> bytes:
    """What the registrar signs: H("es1/credential-replaced", log id, old, new, reason)."""
    return digest(Tag.CREDENTIAL_REPLACED, log_id, old, new, reason.encode())


def verify_electorates(log: LogState, entry: Entry) -> None:
    """An electorate is new, signed, and its blob has the size and root; a replacement is signed and ends a chain."""
    if isinstance(entry.data, ElectorateData):
        _verify_electorate(log, entry.data)
    elif isinstance(entry.data, CredentialReplacedData):
        _verify_replacement(log, entry.data)
    else:
        return
    log.book.count(CHECK)


def _verify_electorate(log: LogState, data: ElectorateData) -> None:
    if data.id in log.electorates:
        raise LogError(f"electorate {data.id}: logged a second time")
    root = unb64(data.root, 32, f"electorate {data.id}: root")
    log.electorates[data.id] = Electorate(data.size, root, data.blob)
    _verify_registrar(log, electorate_message(log.log_id, data.id, data.size, root), data.signature)
    verify_blob(log.source.blob(data.blob), data.id, data.size, root)


def verify_blob(blob: bytes, identity: str, size: int, root: bytes) -> None:
    """The blob holds `size` valid keys, strictly ascending, under that root; LogError or PointError otherwise."""
    if len(blob) != size * KEY_SIZE:
        raise LogError(f"electorate {identity}: expected {size} keys in {size * KEY_SIZE} bytes, got {len(blob)} bytes")
    tree = Frontier()
    before = b""
    for at in range(0, len(blob), KEY_SIZE):
        key = blob[at : at + KEY_SIZE]
        if key <= before:
            raise LogError(f"electorate {identity}: key {at // KEY_SIZE}: expected strictly ascending keys")
        schnorr.check_public_key(key)
        tree.append(leaf_hash(key))
        before = key
    if tree.root() != root:
        raise LogError(f"electorate {identity}: expected root {b64(root)}, got {b64(tree.root())}")


def _verify_replacement(log: LogState, data: CredentialReplacedData) -> None:
    old = unb64(data.old, KEY_SIZE, "credential.replaced: old")
    new = unb64(data.new, KEY_SIZE, "credential.replaced: new")
    schnorr.check_public_key(new)
    _verify_registrar(log, credential_replaced_message(log.log_id, old, new, data.reason), data.signature)
    if old in log.replaced_by:
        raise LogError("credential.replaced: the old credential was replaced before")
    if old == new or new in log.replaced_by or new in log.replaces:
        raise LogError("credential.replaced: the new credential was in use before")
    log.replaced_by[old] = new
    log.replaces[new] = old


def _verify_registrar(log: LogState, message: bytes, signature: str) -> None:
    if log.opening is None:
        raise LogError("the registrar's key is unknown, since entry 0 cannot be read")
    schnorr.verify(log.opening.registrar_key, message, unb64(signature, 64, "registrar's signature"))


def read_roll(log: LogState, identity: str) -> Roll:
    """The roll of a logged electorate, from its blob; only the one read last is kept. MissingError, KeyError: none."""
    if log.roll is None or log.roll[0] != identity:
        log.roll = (identity, log.source.blob(log.electorates[identity].blob))
    return Roll(log.roll[1])


def is_entitled(log: LogState, roll: Roll, credential: bytes) -> bool:
    """Whether the credential is the last of its chain of replacements, and the chain begins or passes in the roll."""
    return find_place(log, roll, credential) is not None


def find_place(log: LogState, roll: Roll, credential: bytes) -> bytes | None:
    """The first credential of the chain of replacements that this one ends: the person, whatever link is in use now.

    None where none of the chain is in the roll, and where the credential was replaced itself.
    """
    if credential in log.replaced_by:
        return None
    first, entitled = credential, credential in roll
    while (before := log.replaces.get(first)) is not None:
        first, entitled = before, entitled or before in roll
    return first if entitled else None


def is_place(log: LogState, roll: Roll, credential: bytes) -> bool:
    """Whether the credential is the first of a chain of which one is in the roll: what `find_place` could return."""
    link: bytes | None = credential
    while link is not None:
        if link in roll:
            return credential not in log.replaces
        link = log.replaced_by.get(link)
    return False
