"""Canonical bytes: RFC 8785 (JCS) on the protocol's subset of JSON, and strict base64url (docs/protocol.md §1).

A document that is hashed or signed *is* its canonical bytes. A reader parses, writes again and compares, so that white
space, member order, escapes, duplicate members, floats and big numbers all end in the same refusal (A87, A88, A90).
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Any, Final, TypeVar

import msgspec
import msgspec.inspect
from msgspec import Meta

from keys.errors import FormatError
from keys.ids import ID_PATTERN

T = TypeVar("T")

MAX_DEPTH: Final = 16
MAX_INTEGER: Final = 2**53 - 1
MAX_BODY: Final = 256 * 1024  # an HTTP body
MAX_ENTRY: Final = 65_535  # a log entry: tile bundles count its length in 16 bits
MAX_CONTEST: Final = 60_000  # a contest document, so that its entry fits

SafeInt = Annotated[int, Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)]
Natural = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
Positive = Annotated[int, Meta(ge=1, le=MAX_INTEGER)]
Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Hex32 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
TIME_PATTERN: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z"
Time = Annotated[str, Meta(pattern=TIME_PATTERN)]

_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_DECODERS: Final[dict[Any, tuple[msgspec.json.Decoder[Any], bool]]] = {}
_OPEN: Final = (msgspec.inspect.AnyType, msgspec.inspect.CustomType, msgspec.inspect.FloatType)
_OPENING: Final = frozenset(b"[{")
_CLOSING: Final = frozenset(b"]}")


class Wire(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of every wire struct: all members required, unknown ones refused."""


def encode(document: object) -> bytes:
    """The canonical bytes of a wire struct or of plain dicts (ASCII keys), lists, strings, integers, booleans, null."""
    return _ENCODER.encode(document)


def decode(raw: bytes, kind: type[T]) -> T:
    """Parse canonical bytes into ``kind``; FormatError for anything but the one canonical form."""
    found = _DECODERS.get(kind)
    if found is None:
        found = _DECODERS[kind] = (msgspec.json.Decoder(kind), _leaves_open(msgspec.inspect.type_info(kind)))
    decoder, is_open = found
    name = getattr(kind, "__name__", str(kind))
    if is_open:  # other documents are no deeper than their type, and have no other values
        check_depth(raw, name)
    try:
        document = decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"{name}: {error}"
        raise FormatError(message) from error
    if _ENCODER.encode(document) != raw:
        message = f"{name}: expected canonical JSON (RFC 8785), got other bytes for the same content"
        raise FormatError(message)
    if is_open:
        _check_values(msgspec.json.decode(raw), name)
    return document  # type: ignore[no-any-return]  # the decoder is made for this type


def _leaves_open(info: object) -> bool:
    """Whether a type has a place for any value at all. Structs that contain themselves are not expected."""
    inner: list[object] = [field.type for field in getattr(info, "fields", ())]
    inner += [getattr(info, name) for name in ("item_type", "key_type", "value_type") if hasattr(info, name)]
    inner += [*getattr(info, "item_types", ()), *getattr(info, "types", ())]
    return isinstance(info, _OPEN) or any(map(_leaves_open, inner))


def _check_values(value: object, name: str) -> None:
    """Refuse what a type would: floats, big integers, member names outside ASCII."""
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > MAX_INTEGER):
        message = f"{name}: expected integers up to 2^53-1, got {value!r}"
        raise FormatError(message)
    if isinstance(value, dict):
        for key, item in value.items():
            if not str(key).isascii():
                message = f"{name}: expected member names in ASCII, got {key!r}"
                raise FormatError(message)
            _check_values(item, name)
    elif isinstance(value, list):
        for item in value:
            _check_values(item, name)


def check_depth(raw: bytes, name: str) -> None:
    """Refuse JSON nested deeper than 16 containers; the outermost is 1."""
    if raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH:
        return
    depth = 0
    quoted = escaped = False
    for byte in raw:
        if quoted:
            quoted = escaped or byte != ord('"')
            escaped = byte == ord("\\") and not escaped
        elif byte == ord('"'):
            quoted = True
        elif byte in _OPENING:
            depth += 1
            if depth > MAX_DEPTH:
                message = f"{name}: expected at most {MAX_DEPTH} levels of nesting"
                raise FormatError(message)
        elif byte in _CLOSING:
            depth -= 1


def b64(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str, size: int | None, what: str) -> bytes:
    """Decode base64url without padding, strictly; FormatError names ``what``. ``size`` None accepts any length."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error) as error:
        message = f"{what}: expected base64url without padding"
        raise FormatError(message) from error
    if b64(raw) != text:
        message = f"{what}: expected canonical base64url without padding"
        raise FormatError(message)
    if size is not None and len(raw) != size:
        message = f"{what}: expected {size} bytes, got {len(raw)}"
        raise FormatError(message)
    return raw


def unb64_all(texts: Sequence[str], size: int, what: str) -> list[bytes]:
    """Decode many values of one size as one text: each is filled up with zero bits to whole groups of 3 bytes."""
    length, fill = -(-size * 4 // 3), -size % 3
    for text in texts:
        if len(text) != length:
            message = f"{what}: expected {size} bytes as {length} letters of base64url, got {len(text)}"
            raise FormatError(message)
    padding = "A" * fill  # as many letters as bytes: 32 bytes are 43 letters, 33 bytes 44
    step = size + fill
    raw = unb64("".join([text + padding for text in texts]), step * len(texts), what)
    if fill and any(raw[start + size : start + step] != bytes(fill) for start in range(0, len(raw), step)):
        message = f"{what}: expected canonical base64url without padding"
        raise FormatError(message)
    return [raw[start : start + size] for start in range(0, len(raw), step)]
