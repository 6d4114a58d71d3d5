"""HKDF-SHA-256 with empty salt, against RFC 5869 and against HMAC by hand."""

from __future__ import annotations

import hmac
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import derive
from keys.curve import ORDER
from keys.derive import credential_key, derive_key, kdf
from keys.errors import DataError


def hkdf_by_hand(secret: bytes, info: bytes, size: int) -> bytes:
    """RFC 5869 §2.2, §2.3; an absent salt is as many zero bytes as a hash."""
    key = hmac.new(bytes(32), secret, sha256).digest()
    out = block = b""
    counter = 0
    while len(out) < size:
        counter += 1
        block = hmac.new(key, block + info + bytes([counter]), sha256).digest()
        out += block
    return out[:size]


def test_rfc_5869_test_case_3() -> None:
    """Appendix A.3: SHA-256, salt and info empty, 42 bytes."""
    expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    assert kdf(b"\x0b" * 22, b"", 42).hex() == expected


@given(st.binary(min_size=1, max_size=70), st.binary(max_size=70), st.integers(1, 200))
def test_kdf_agrees_with_hmac_by_hand(secret: bytes, info: bytes, size: int) -> None:
    assert kdf(secret, info, size) == hkdf_by_hand(secret, info, size)


def test_credential_key_is_that_of_docs_protocol_4() -> None:
    seed = bytes(range(32))
    assert credential_key(seed, "union-2026") == hkdf_by_hand(seed, b"es1/credential/union-2026", 32)
    assert credential_key(seed, "union-2026") != credential_key(seed, "union-2027")


@pytest.mark.parametrize("number", [0, ORDER, ORDER + 1, 2**256 - 1])
def test_seed_that_derives_no_key_is_to_be_discarded(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(derive_key(b"s" * 32, b"info")) == 32
    monkeypatch.setattr(derive, "kdf", lambda *_: number.to_bytes(32, "big"))
    with pytest.raises(DataError, match="discard it"):
        derive_key(b"s" * 32, b"info")


@pytest.mark.parametrize("number", [1, ORDER - 1])
def test_first_and_last_key_are_keys(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derive, "kdf", lambda *_: number.to_bytes(32, "big"))
    assert derive_key(b"s" * 32, b"info") == number.to_bytes(32, "big")
