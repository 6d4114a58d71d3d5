"""Ed25519 for checkpoints (RFC 8032), through one function, with one verdict in every library (A14).

Libraries disagree on keys and signatures with small-order parts, on non-canonical encodings and on the cofactor. Where
the key A and the point R are canonical and lie in the subgroup of prime order, and s is below its order, all of them
agree; so everything else is refused first. The arithmetic here is on public values only and runs a few times per log.
"""

from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit.errors import NoteError

KEY_SIZE: Final = 32
SIGNATURE_SIZE: Final = 64

_P: Final = 2**255 - 19
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_ONE: Final = pow(2, (_P - 1) // 4, _P)

_Extended = tuple[int, int, int, int]  # X, Y, Z, T of RFC 8032 §5.1.4
_NEUTRAL: Final[_Extended] = (0, 1, 1, 0)


def ed25519_public_key(secret: bytes) -> bytes:
    """The 32-byte public key of a 32-byte secret seed."""
    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def ed25519_sign(secret: bytes, message: bytes) -> bytes:
    """The 64-byte signature under a 32-byte secret seed."""
    return Ed25519PrivateKey.from_private_bytes(secret).sign(message)


def check_ed25519_key(public: bytes) -> None:
    """Refuse what is no canonical encoding of a point of the prime-order subgroup other than the neutral one."""
    _check_point(public, "Ed25519 key")


@lru_cache(maxsize=256)  # one checkpoint is verified again and again; what is refused is not remembered
def verify_ed25519(public: bytes, message: bytes, signature: bytes) -> None:
    """Verify a signature; NoteError where key, R or s is not canonical, or the equation does not hold."""
    check_ed25519_key(public)
    if len(signature) != SIGNATURE_SIZE:
        raise NoteError(f"Ed25519 signature: expected {SIGNATURE_SIZE} bytes, got {len(signature)}")
    _check_point(signature[:32], "Ed25519 signature: R")
    if int.from_bytes(signature[32:], "little") >= _ORDER:
        raise NoteError("Ed25519 signature: expected s below the group order")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature as error:
        raise NoteError(f"Ed25519 signature: does not verify under key {public.hex()}") from error


def _check_point(encoded: bytes, what: str) -> None:
    if len(encoded) != KEY_SIZE:
        raise NoteError(f"{what}: expected {KEY_SIZE} bytes, got {len(encoded)}")
    point = _decode(encoded)
    if point is None:
        raise NoteError(f"{what}: not a canonical encoding of a point")
    if _is_neutral(point) or not _is_neutral(_multiply(point, _ORDER)):
        raise NoteError(f"{what}: not in the subgroup of prime order")


def _decode(encoded: bytes) -> _Extended | None:
    """RFC 8032 §5.1.3, strictly: None for y >= p, for no point, and for x = 0 with the sign bit set."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if x * x % _P != square or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


def _add(p: _Extended, q: _Extended) -> _Extended:
    """RFC 8032 §5.1.4; complete, so it doubles as well."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % _P
    b = (p[1] + p[0]) * (q[1] + q[0]) % _P
    c = 2 * p[3] * q[3] * _D % _P
    d = 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _multiply(point: _Extended, scalar: int) -> _Extended:
    result = _NEUTRAL
    for bit in f"{scalar:b}":
        result = _add(result, result)
        if bit == "1":
            result = _add(result, point)
    return result


def _is_neutral(point: _Extended) -> bool:
    return point[0] == 0 and point[1] == point[2]
