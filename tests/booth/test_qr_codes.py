"""The booth's QR codes, compared module by module with another encoder and read by a reader of our own."""

from __future__ import annotations

import pytest
import segno

from tests.booth.harness import Booth
from tests.booth.qr_reader import read_qr

# How many bytes fill a symbol of level M, by version. (segno fills others up in a way of its own.)
CAPACITY = {7: 122, 11: 251, 13: 331}


def text_of(length: int) -> str:
    return ("https://vote.example/check/union-2026#" + "aZ0_-9bY" * 60)[:length]


@pytest.mark.parametrize(("version", "length"), CAPACITY.items())
def test_a_full_symbol_is_the_one_that_segno_draws(booth: Booth, version: int, length: int) -> None:
    text = text_of(length)
    expected = segno.make(text, error="m", mode="byte", mask=0, version=version, boost_error=False, micro=False)
    assert booth.call("qr", text=text) == [[int(module & 1) for module in row] for row in expected.matrix]


@pytest.mark.parametrize("length", [1, 60, 100, 121, 123, 151, 153, 179, 181, 212, 214, 250, 252, 286, 288, 330])
def test_a_symbol_that_is_filled_up_is_read_back(booth: Booth, length: int) -> None:
    rows = booth.call("qr", text=text_of(length))
    assert read_qr([[module == 1 for module in row] for row in rows]) == text_of(length)


def test_a_text_that_is_too_long_gets_no_symbol(booth: Booth) -> None:
    assert booth.call("qr", text=text_of(332)) is None
