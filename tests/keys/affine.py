"""secp256k1 once more, in affine coordinates and nothing but Python's integers: the oracle for keys.curve.

Slow and in variable time, so for tests only. ``None`` is the identity.
"""

from __future__ import annotations

from typing import Final, TypeAlias

P: Final = 2**256 - 2**32 - 977
Q: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G: Final = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)

Affine: TypeAlias = tuple[int, int] | None


def add(first: Affine, second: Affine) -> Affine:
    """The chord, or the tangent."""
    if first is None or second is None:
        return first or second
    (x1, y1), (x2, y2) = first, second
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = 3 * x1 * x1 * pow(2 * y1, -1, P) if first == second else (y2 - y1) * pow(x2 - x1, -1, P)
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def multiply(point: Affine, number: int) -> Affine:
    """Double and add."""
    total: Affine = None
    while number:
        if number & 1:
            total = add(total, point)
        point = add(point, point)
        number >>= 1
    return total


def lift(x: int) -> tuple[int, int] | None:
    """The point with this x and an even y, or None where there is none."""
    if x >= P:
        return None
    square = (pow(x, 3, P) + 7) % P
    y = pow(square, (P + 1) // 4, P)
    if y * y % P != square:
        return None
    return x, y if y % 2 == 0 else P - y


def compressed(point: Affine) -> bytes:
    """SEC 1; the identity has none."""
    assert point is not None
    return bytes([2 + point[1] % 2]) + point[0].to_bytes(32, "big")
