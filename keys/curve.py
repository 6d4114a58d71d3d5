"""The group: secp256k1 (SEC 2) by libsecp256k1. The only module that touches the library.

The library aborts the process on an empty sum and on a zeroed point, reads hybrid encodings (06, 07), and reports a
sum that is the identity as a failure. All of that ends here: callers see ``Point`` and ``Scalar``, which cannot hold
anything else than members of the group and of Z_q. Multiplication of a variable point is in variable time, except
``Point.multiply_secret``.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from coincurve._libsecp256k1 import ffi, lib  # type: ignore[import-not-found]  # a compiled module without stubs
from coincurve.context import GLOBAL_CONTEXT

from keys.errors import InternalError, PointError, ScalarError, SignatureError

ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
POINT_SIZE: Final = 33
SCALAR_SIZE: Final = 32

_RAW_SIZE: Final = 64  # the library's own affine form of a point; never leaves the process
_COMPRESSED: Final[int] = lib.SECP256K1_EC_COMPRESSED
_CONTEXT: Final = GLOBAL_CONTEXT.ctx

# From how many points on which digits are the fastest, in bits (measured in 2026); below, one multiplication each.
_WIDTHS: Final = ((24_000, 8), (12_000, 7), (3_000, 6), (1_500, 5), (400, 4))


@dataclass(frozen=True, slots=True)
class Scalar:
    """An integer modulo the group order; refuses values outside 0 … q-1."""

    value: int

    ZERO: ClassVar[Scalar]
    ONE: ClassVar[Scalar]

    def __post_init__(self) -> None:
        if not 0 <= self.value < ORDER:
            message = "scalar: expected 0 <= value < q, got a value outside"
            raise ScalarError(message)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Scalar:
        """Decode exactly 32 bytes big-endian below q; the one decoder of scalars (docs/protocol.md §1)."""
        if len(raw) != SCALAR_SIZE:
            message = f"scalar: expected {SCALAR_SIZE} bytes, got {len(raw)}"
            raise ScalarError(message)
        return cls(int.from_bytes(raw, "big"))

    @classmethod
    def reduce(cls, raw: bytes) -> Scalar:
        """Read bytes big-endian, modulo q."""
        return cls(int.from_bytes(raw, "big") % ORDER)

    def to_bytes(self) -> bytes:
        """32 bytes big-endian."""
        return self.value.to_bytes(SCALAR_SIZE, "big")

    def __bool__(self) -> bool:
        return self.value != 0

    def __add__(self, other: Scalar) -> Scalar:
        return Scalar((self.value + other.value) % ORDER)

    def __sub__(self, other: Scalar) -> Scalar:
        return Scalar((self.value - other.value) % ORDER)

    def __mul__(self, other: Scalar) -> Scalar:
        return Scalar(self.value * other.value % ORDER)

    def __neg__(self) -> Scalar:
        return Scalar(-self.value % ORDER)

    def inverse(self) -> Scalar:
        """The multiplicative inverse; of zero there is none (InternalError)."""
        if not self.value:
            message = "scalar: zero has no inverse"
            raise InternalError(message)
        return Scalar(pow(self.value, -1, ORDER))

    def __repr__(self) -> str:
        return "Scalar(…)"  # may be secret


Scalar.ZERO = Scalar(0)
Scalar.ONE = Scalar(1)


@dataclass(frozen=True, slots=True)
class Point:
    """A member of the group, the identity included. Make one with ``from_bytes``, ``base_multiply`` or arithmetic."""

    _raw: bytes  # 64 bytes in the library's form; empty for the identity

    IDENTITY: ClassVar[Point]

    @classmethod
    def from_bytes(cls, encoded: bytes) -> Point:
        """Decode the 33-byte compressed form; the one decoder of points (docs/protocol.md §1). Never the identity."""
        if len(encoded) != POINT_SIZE or encoded[0] not in (2, 3):
            message = (
                f"point: expected {POINT_SIZE} bytes with prefix 02 or 03, got {len(encoded)}: {encoded[:1].hex()}…"
            )
            raise PointError(message)
        out = ffi.new("secp256k1_pubkey *")
        if not lib.secp256k1_ec_pubkey_parse(_CONTEXT, out, encoded, POINT_SIZE):
            message = f"point: {encoded.hex()} is not on the curve"
            raise PointError(message)
        return cls(bytes(ffi.buffer(out)))

    @classmethod
    def all_from_bytes(cls, encoded: Sequence[bytes]) -> list[Point]:
        """``from_bytes`` of each, in less time: the same refusals."""
        store = ffi.new("secp256k1_pubkey[]", len(encoded))
        for number, raw in enumerate(encoded):
            if (
                len(raw) != POINT_SIZE
                or raw[0] not in (2, 3)
                or not lib.secp256k1_ec_pubkey_parse(_CONTEXT, store + number, raw, POINT_SIZE)
            ):
                return [cls.from_bytes(item) for item in encoded]  # says what is wrong
        whole = bytes(ffi.buffer(store))
        return [cls(whole[start : start + _RAW_SIZE]) for start in range(0, len(whole), _RAW_SIZE)]

    @property
    def is_identity(self) -> bool:
        """Whether this is the neutral element."""
        return not self._raw

    def to_bytes(self) -> bytes:
        """The 33-byte compressed form; the identity has none (InternalError)."""
        if not self._raw:
            message = "point: the identity has no encoding"
            raise InternalError(message)
        out = ffi.new("unsigned char[33]")
        size = ffi.new("size_t *", POINT_SIZE)
        lib.secp256k1_ec_pubkey_serialize(_CONTEXT, out, size, _library_point(self._raw), _COMPRESSED)
        return bytes(ffi.buffer(out))

    def __add__(self, other: Point) -> Point:
        return point_sum((self, other))

    def __sub__(self, other: Point) -> Point:
        return point_sum((self, -other))

    def __neg__(self) -> Point:
        if not self._raw:
            return self
        out = _library_copy(self._raw)
        lib.secp256k1_ec_pubkey_negate(_CONTEXT, out)
        return Point(bytes(ffi.buffer(out)))

    def __mul__(self, scalar: Scalar) -> Point:
        """Multiple of the point, in variable time: for public scalars."""
        if not self._raw or not scalar.value:
            return Point.IDENTITY
        out = _library_copy(self._raw)
        if not lib.secp256k1_ec_pubkey_tweak_mul(_CONTEXT, out, scalar.to_bytes()):
            message = "point: the library refused a multiplication by a valid scalar"
            raise InternalError(message)
        return Point(bytes(ffi.buffer(out)))

    def multiply_secret(self, scalar: Scalar) -> Point:
        """Multiple of the point, in constant time: for secret scalars (vote randomness, trustees' keys)."""
        if not self._raw or not scalar.value:
            return Point.IDENTITY
        out = ffi.new("unsigned char[65]")
        if not lib.secp256k1_ecdh(_CONTEXT, out, _library_point(self._raw), scalar.to_bytes(), _WHOLE_POINT, ffi.NULL):
            message = "point: the library refused a multiplication by a valid scalar"
            raise InternalError(message)
        point = ffi.new("secp256k1_pubkey *")
        if not lib.secp256k1_ec_pubkey_parse(_CONTEXT, point, out, 65):
            message = "point: the library returned a point that it does not read"
            raise InternalError(message)
        return Point(bytes(ffi.buffer(point)))

    def __repr__(self) -> str:
        return f"Point({self.to_bytes().hex() if self._raw else 'identity'})"


Point.IDENTITY = Point(b"")


@ffi.callback("int(unsigned char *, const unsigned char *, const unsigned char *, void *)")  # type: ignore[untyped-decorator]
def _WHOLE_POINT(output: Any, x: Any, y: Any, _data: Any) -> int:
    """Hands the product of ``secp256k1_ecdh`` out unhashed, as an uncompressed point."""
    output[0] = 4
    ffi.memmove(output + 1, x, 32)
    ffi.memmove(output + 33, y, 32)
    return 1


def _library_point(raw: bytes) -> Any:
    return ffi.from_buffer("secp256k1_pubkey *", raw)


def _library_copy(raw: bytes) -> Any:
    out = ffi.new("secp256k1_pubkey *")
    ffi.memmove(out, raw, _RAW_SIZE)
    return out


def base_multiply(scalar: Scalar) -> Point:
    """``scalar``·G in constant time."""
    if not scalar.value:
        return Point.IDENTITY
    out = ffi.new("secp256k1_pubkey *")
    if not lib.secp256k1_ec_pubkey_create(_CONTEXT, out, scalar.to_bytes()):
        message = "point: the library refused a valid scalar"
        raise InternalError(message)
    return Point(bytes(ffi.buffer(out)))


GENERATOR: Final = base_multiply(Scalar.ONE)


def point_sum(points: Iterable[Point]) -> Point:
    """The sum of any number of points; of none, the identity."""
    raws = [point._raw for point in points if point._raw]  # noqa: SLF001 -- same module
    if not raws:
        return Point.IDENTITY
    if len(raws) == 1:
        return Point(raws[0])
    buffer = ffi.from_buffer("secp256k1_pubkey[]", b"".join(raws))
    first = int(ffi.cast("uintptr_t", buffer))
    out = ffi.new("secp256k1_pubkey *")
    found = _combine(out, array("Q", range(first, first + _RAW_SIZE * len(raws), _RAW_SIZE)))
    return Point(bytes(ffi.buffer(out))) if found else Point.IDENTITY


def _combine(out: Any, addresses: array[int]) -> bool:
    """Sum at least one library point into ``out``; False where the sum is the identity (``out`` is then undefined)."""
    if not addresses:
        message = "point: empty sum must not reach the library"
        raise InternalError(message)
    pointers = ffi.from_buffer("secp256k1_pubkey *[]", addresses)
    return bool(lib.secp256k1_ec_pubkey_combine(_CONTEXT, out, pointers, len(addresses)))


def multi_multiply(pairs: Sequence[tuple[Scalar, Point]]) -> Point:
    """Σ scalar·point in variable time: one by one when few, by buckets (Pippenger) when many."""
    return weighted_sum([(scalar.value, point) for scalar, point in pairs])


def weighted_sum(pairs: Sequence[tuple[int, Point]]) -> Point:
    """``multi_multiply`` on integers already reduced (0 <= integer < q), as the batch verification holds them."""
    terms = [(value, point._raw) for value, point in pairs if value and point._raw]  # noqa: SLF001
    for smallest, width in _WIDTHS:
        if len(terms) >= smallest:
            return _bucket_sum(terms, width)
    return point_sum([Point(raw) * Scalar(value) for value, raw in terms])


def _bucket_sum(terms: list[tuple[int, bytes]], width: int) -> Point:
    """Sum the points of each digit of ``width`` bits first, then combine digits bit by bit, most significant first."""
    terms.sort(key=lambda term: term[0] < 1 << 128)  # long scalars first: the high windows stop before the short ones
    longs = sum(value >= 1 << 128 for value, _ in terms)
    buffer = ffi.from_buffer("secp256k1_pubkey[]", b"".join(raw for _, raw in terms))
    addresses = _addresses(buffer, len(terms))
    digits = [_digits(value, width, 256 if number < longs else 128) for number, (value, _) in enumerate(terms)]
    store = ffi.new("secp256k1_pubkey[]", 1 << width)
    total, spare = ffi.new("secp256k1_pubkey *"), ffi.new("secp256k1_pubkey *")  # the library clears the result first
    started = False
    for window in reversed(range(-(-256 // width))):
        count = longs if window * width >= 128 else len(terms)
        sums = _digit_sums(store, addresses[:count], digits, window, width)
        for bit in reversed(range(width)):
            parts = [int(ffi.cast("uintptr_t", total))] * 2 if started else []
            parts += [found for digit, found in sums if digit >> bit & 1]
            started = bool(parts) and _combine(spare, array("Q", parts))
            total, spare = spare, total
    return Point(bytes(ffi.buffer(total))) if started else Point.IDENTITY


def _addresses(points: Any, count: int) -> list[int]:
    first = int(ffi.cast("uintptr_t", points))
    return list(range(first, first + _RAW_SIZE * count, _RAW_SIZE))


def _digits(value: int, width: int, bits: int) -> bytes:
    """Digits of ``width`` bits, at most 8, of a value below 2^``bits``; least significant first."""
    if width == 8:
        return value.to_bytes(bits // 8, "little")
    mask = (1 << width) - 1
    return bytes([value >> shift & mask for shift in range(0, bits, width)])


def _digit_sums(
    store: Any, addresses: list[int], digits: list[bytes], window: int, width: int
) -> list[tuple[int, int]]:
    """(digit, address of the sum of the points that have it in this window); without the identity. Fills ``store``."""
    buckets: list[list[int]] = [[] for _ in range(1 << width)]
    for address, own in zip(addresses, digits, strict=False):
        buckets[own[window]].append(address)
    sums = []
    for digit, place in enumerate(_addresses(store, 1 << width)):
        bucket = buckets[digit]
        if digit and len(bucket) == 1:
            sums.append((digit, bucket[0]))
        elif digit and bucket and _combine(store + digit, array("Q", bucket)):
            sums.append((digit, place))
    return sums


def x_only(scalar: Scalar) -> bytes:
    """The 32-byte BIP-340 public key of a secret scalar (not zero)."""
    if not scalar.value:
        message = "key: zero is no secret key"
        raise ScalarError(message)
    return base_multiply(scalar).to_bytes()[1:]


def check_x_only(key: bytes) -> None:
    """Refuse what is no BIP-340 public key: 32 bytes, the x-coordinate of a point (PointError)."""
    _x_only(key)


def _x_only(key: bytes) -> Any:
    out = ffi.new("secp256k1_xonly_pubkey *")
    if len(key) != SCALAR_SIZE or not lib.secp256k1_xonly_pubkey_parse(_CONTEXT, out, key):
        message = f"key: expected 32 bytes, the x-coordinate of a point, got {len(key)} bytes {key[:8].hex()}…"
        raise PointError(message)
    return out


def schnorr_sign(secret: Scalar, message: bytes, auxiliary: bytes) -> bytes:
    """BIP-340 signature (64 bytes) on exactly 32 bytes, with 32 bytes of auxiliary randomness."""
    if len(message) != SCALAR_SIZE or len(auxiliary) != SCALAR_SIZE or not secret.value:
        text = "signature: expected a non-zero key, a message and auxiliary input of 32 bytes each"
        raise InternalError(text)
    pair = ffi.new("secp256k1_keypair *")
    signature = ffi.new("unsigned char[64]")
    made = lib.secp256k1_keypair_create(_CONTEXT, pair, secret.to_bytes()) and lib.secp256k1_schnorrsig_sign32(
        _CONTEXT, signature, message, pair, auxiliary
    )
    ffi.memmove(pair, bytes(96), 96)
    if not made:
        text = "signature: the library refused to sign"
        raise InternalError(text)
    return bytes(ffi.buffer(signature))


def schnorr_verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Verify a BIP-340 signature on a message of any length; raises PointError or SignatureError."""
    key = _x_only(public)
    if len(signature) != 64 or not lib.secp256k1_schnorrsig_verify(_CONTEXT, signature, message, len(message), key):
        text = f"signature: does not verify under key {public.hex()}"
        raise SignatureError(text)
