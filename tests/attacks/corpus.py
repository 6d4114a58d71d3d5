"""Encodings that are none: of points, scalars and x-only keys (A05, A07). Every decoder must refuse every one."""

from __future__ import annotations

from typing import Final

from keys.curve import ORDER, Scalar, base_multiply

FIELD: Final = 2**256 - 2**32 - 977
GOOD: Final = base_multiply(Scalar(7)).to_bytes()
OFF_CURVE_X: Final = (5).to_bytes(32, "big")  # 5^3 + 7 is no square modulo the field's prime


def _uncompressed() -> bytes:
    x = int.from_bytes(GOOD[1:], "big")
    y = pow(pow(x, 3, FIELD) + 7, (FIELD + 1) // 4, FIELD)
    if y % 2 != GOOD[0] % 2:
        y = FIELD - y
    return b"\x04" + GOOD[1:] + y.to_bytes(32, "big")


UNCOMPRESSED: Final = _uncompressed()

BAD_POINTS: Final[dict[str, bytes]] = {
    "empty": b"",
    "one zero byte, the identity of SEC 1": b"\x00",
    "33 zero bytes": bytes(33),
    "prefix only": b"\x02",
    "one byte short": GOOD[:-1],
    "one byte long": GOOD + b"\x00",
    "x without prefix": GOOD[1:],
    "uncompressed, 65 bytes": UNCOMPRESSED,
    "hybrid, 65 bytes": bytes([6 + UNCOMPRESSED[-1] % 2]) + UNCOMPRESSED[1:],
    **{f"prefix {prefix:02x}": bytes([prefix]) + GOOD[1:] for prefix in (0, 1, 4, 5, 6, 7, 0x0A, 0x82, 0xFF)},
    "x not on the curve": b"\x02" + OFF_CURVE_X,
    "x not on the curve, odd": b"\x03" + OFF_CURVE_X,
    "x = 0": b"\x02" + bytes(32),
    "x = p": b"\x02" + FIELD.to_bytes(32, "big"),
    "x = p + 1, which is on the curve modulo p": b"\x02" + (FIELD + 1).to_bytes(32, "big"),
    "x = 2^256 - 1": b"\x03" + b"\xff" * 32,
}

BAD_SCALARS: Final[dict[str, bytes]] = {
    "empty": b"",
    "31 bytes, a leading zero cut off": (5).to_bytes(31, "big"),
    "33 bytes, a leading zero put on": (5).to_bytes(33, "big"),
    "33 bytes, a trailing zero put on": (5).to_bytes(32, "big") + b"\x00",
    "64 bytes": bytes(63) + b"\x05",
    "q": ORDER.to_bytes(32, "big"),
    "q + 1": (ORDER + 1).to_bytes(32, "big"),
    "q + 5, which is 5 modulo q": (ORDER + 5).to_bytes(32, "big"),
    "2^256 - 1": b"\xff" * 32,
}

BAD_KEYS: Final[dict[str, bytes]] = {
    "empty": b"",
    "31 bytes": GOOD[1:-1],
    "33 bytes, a compressed point": GOOD,
    "x not on the curve": OFF_CURVE_X,
    "x = 0": bytes(32),
    "x = p": FIELD.to_bytes(32, "big"),
    "x = p + 1": (FIELD + 1).to_bytes(32, "big"),
    "2^256 - 1": b"\xff" * 32,
}
