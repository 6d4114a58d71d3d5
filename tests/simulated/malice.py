"""A malicious service: it holds the log key, the receipt key and (in-service) the registrar's key, and so can chain,
number and sign anew whatever it changed. It does not hold the keys of members, trustees and voters."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from audit.entries import format_time, parse_time
from keys.canonical import b64, encode, unb64
from keys.errors import FormatError
from tests.simulated.logbook import published
from tests.simulator import Election

Json = dict[str, Any]
_HEX = re.compile(r"[0-9a-f]{64}\Z")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
_SIZES = {16, 32, 33, 64, 80, 128, 384}


@dataclass(frozen=True)
class Copy:
    """A log in the hands of the service: entries as plain JSON, blobs by name."""

    origin: str
    log_secret: bytes
    entries: tuple[bytes, ...]
    blobs: dict[str, bytes]

    @classmethod
    def of(cls, election: Election) -> "Copy":
        log = election.log
        return cls(log.origin, log.log_secret, tuple(log.entries), dict(log.blobs))

    @property
    def log_id(self) -> bytes:
        return sha256(self.entries[0]).digest()

    def plain(self) -> list[Json]:
        return [json.loads(raw) for raw in self.entries]

    def cut(self, size: int) -> "Copy":
        return Copy(self.origin, self.log_secret, self.entries[:size], self.blobs)

    def first(self, kind: str, where: Callable[[Json], bool] = lambda _: True) -> int:
        """The seq of the first entry of a kind (whose data is such)."""
        return next(seq for seq, e in enumerate(self.plain()) if e["kind"] == kind and where(e["data"]))

    def last(self, kind: str) -> int:
        return max(seq for seq, e in enumerate(self.plain()) if e["kind"] == kind)

    def files(self) -> dict[str, bytes]:
        """Published honestly, as it stands."""
        return published(self.origin, self.log_secret, list(self.entries), self.blobs)

    def rewritten(self, entries: list[Json], blobs: dict[str, bytes] | None = None) -> dict[str, bytes]:
        """Number and chain the entries anew, sign the checkpoint anew, publish."""
        return published(self.origin, self.log_secret, rechain(entries), self.blobs | (blobs or {}))


def rechain(entries: list[Json], forced: dict[int, Json] | None = None) -> list[bytes]:
    """New `seq` and `prev` for every entry, in the order given; `forced` members of an entry stay as they are."""
    raws: list[bytes] = []
    prev = bytes(32)
    for seq, entry in enumerate(entries):
        raws.append(encode({**entry, "seq": seq, "prev": b64(prev), **(forced or {}).get(seq, {})}))
        prev = sha256(raws[-1]).digest()
    return raws


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of all members, lists and single values inside a document."""
    if isinstance(value, dict):
        for name in sorted(value):
            yield from leaves(value[name], (*path, name))
    else:
        yield path
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from leaves(item, (*path, index))


def shape(path: tuple[str | int, ...]) -> str:
    """A path with its indices left out, as the tables name it: `contests.*.ballots`."""
    return ".".join("*" if isinstance(step, int) else step for step in path)


def get(document: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


def put(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """A copy of the document with one value replaced."""
    if not path:
        return value
    changed: Any = list(document) if isinstance(document, list) else dict(document)
    changed[path[0]] = put(changed[path[0]], path[1:], value)
    return changed


def flips(value: Any) -> list[Any]:
    """Other values of the same type, as plausible as can be: valid points, scalars, ids, times."""
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, *([value - 1] if value else [])]
        case None:
            return []
        case str():
            return [_flip_text(value)]
        case list():
            return _flip_list(value)
    raise AssertionError(value)


def _flip_list(value: list[Any]) -> list[Any]:
    changed = [value[:-1], [*value, value[0]]] if value else []
    if len(value) > 1 and value[0] != value[1]:
        changed.append([value[1], value[0], *value[2:]])
    return changed


def _flip_text(value: str) -> str:
    if _TIME.match(value):
        return format_time(parse_time(value) + 1)
    if _HEX.match(value):
        return sha256(value.encode()).hexdigest()
    try:
        raw = unb64(value, None, "value")
    except FormatError:
        raw = b""
    if len(raw) not in _SIZES:
        return "x" + value
    if len(raw) == 33 and raw[0] in (2, 3):
        return b64(bytes([raw[0] ^ 1]) + raw[1:])  # the negated point
    return b64(raw[:-1] + bytes([raw[-1] ^ 1]))
