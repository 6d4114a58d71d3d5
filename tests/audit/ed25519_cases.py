"""Ed25519 signatures on which libraries disagree, made from the classes of C2SP/CCTV `ed25519` (A14).

Every case satisfies the verification equation with or without the cofactor, so that only rules about encodings and
subgroups can refuse it. All arithmetic is the textbook's, on integers; nothing is shared with audit.ed25519.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha512
from itertools import product

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Affine = tuple[int, int]
NEUTRAL: Affine = (0, 1)

# The eight points of small order, each with its other encodings behind it (list of C2SP/CCTV ed25519/README).
SMALL_ORDER = {
    "order 1": "01" + "00" * 31,
    "order 1, x = -0": "01" + "00" * 30 + "80",
    "order 1, y > p": "ee" + "ff" * 30 + "7f",
    "order 1, x = -0, y > p": "ee" + "ff" * 31,
    "order 2": "ec" + "ff" * 30 + "7f",
    "order 2, x = -0": "ec" + "ff" * 31,
    "order 4": "00" * 32,
    "order 4, y > p": "ed" + "ff" * 30 + "7f",
    "order 4, odd": "00" * 31 + "80",
    "order 4, odd, y > p": "ed" + "ff" * 31,
    "order 8, first": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "order 8, second": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "order 8, third": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "order 8, fourth": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
}


@dataclass(frozen=True)
class Case:
    """A signature that some library accepts. `strict`: whether both equations hold, not only the cofactored one."""

    name: str
    key: bytes
    message: bytes
    signature: bytes
    strict: bool


def add(p: Affine, q: Affine) -> Affine:
    cross = D * p[0] * q[0] * p[1] * q[1] % P
    x = (p[0] * q[1] + p[1] * q[0]) * pow(1 + cross, -1, P) % P
    y = (p[1] * q[1] + p[0] * q[0]) * pow(1 - cross, -1, P) % P
    return x, y


def multiply(point: Affine, scalar: int) -> Affine:
    result = NEUTRAL
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def decode(encoded: bytes) -> Affine:
    """As lenient as can be: y modulo p, any sign of zero."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, (number & (1 << 255) - 1) % P
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert x * x % P == square
    return (P - x if x & 1 != sign and x else x), y


def encode(point: Affine) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
TORSION = [multiply(decode(bytes.fromhex(SMALL_ORDER["order 8, first"])), n) for n in range(8)]


def challenge(r: bytes, key: bytes, message: bytes) -> int:
    return int.from_bytes(sha512(r + key + message).digest(), "little") % L


def residue(key: bytes, message: bytes, signature: bytes) -> Affine:
    """s·B - R - k·A: neutral for every verifier; of small order for those who multiply by the cofactor."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    k = challenge(r, key, message)
    right = add(decode(r), multiply(decode(key), k))
    left = multiply(BASE, s)
    return add(left, (P - right[0], right[1]))


def small_order_cases() -> Iterator[Case]:
    """Both A and R of small order, s = 0: one message on which the strict equation holds, where there is one."""
    for (a_name, a), (r_name, r) in product(SMALL_ORDER.items(), SMALL_ORDER.items()):
        key, signature = bytes.fromhex(a), bytes.fromhex(r) + bytes(32)
        messages = [b"small order %d" % number for number in range(64)]
        strict = next((m for m in messages if residue(key, m, signature) == NEUTRAL), None)
        yield Case(f"A {a_name}; R {r_name}", key, strict or messages[0], signature, strict is not None)


def mixed_cases(secret: int = 0x1234567, nonce: int = 0x7654321) -> Iterator[Case]:
    """A = a·B + T, R = r·B + T' for all small-order T, T'; the pair (0, 0) is an ordinary signature and left out."""
    for i, j in product(range(8), range(8)):
        if (i, j) == (0, 0):
            continue
        key = encode(add(multiply(BASE, secret), TORSION[i]))
        r = encode(add(multiply(BASE, nonce), TORSION[j]))
        for number in range(4):
            message = b"mixed order %d" % number
            s = (nonce + challenge(r, key, message) * secret) % L
            signature = r + s.to_bytes(32, "little")
            strict = residue(key, message, signature) == NEUTRAL
            yield Case(f"A + {i}T; R + {j}T; message {number}", key, message, signature, strict)


def small_key_cases(nonce: int = 0xABCDEF) -> Iterator[Case]:
    """A of small order, R an ordinary point or with a small-order part: anyone can sign for such a key."""
    for (name, a), j in product(SMALL_ORDER.items(), range(8)):
        key = bytes.fromhex(a)
        r = encode(add(multiply(BASE, nonce), TORSION[j]))
        signature = r + (nonce % L).to_bytes(32, "little")
        messages = [b"small key %d" % number for number in range(16)]
        strict = next((m for m in messages if residue(key, m, signature) == NEUTRAL), None)
        yield Case(f"A {name}; R + {j}T", key, strict or messages[0], signature, strict is not None)


def ordinary(secret: int = 0x1234567, nonce: int = 0x7654321, message: bytes = b"ordinary") -> Case:
    """A signature that every library accepts, made by the same arithmetic."""
    key, r = encode(multiply(BASE, secret)), encode(multiply(BASE, nonce))
    s = (nonce + challenge(r, key, message) * secret) % L
    return Case("ordinary", key, message, r + s.to_bytes(32, "little"), strict=True)
