"""A35: the time of the private RSA operation says nothing about what it works on."""

from __future__ import annotations

import os

import pytest

from bench.timing import LIMIT, welch
from keys.issuer import blind_sign, generate_issuer_key

SIGNATURES, POWERS = 500, 250  # of low inputs, and as many of high ones


@pytest.mark.slow
def test_a35_the_times_of_low_and_high_inputs_are_alike_and_the_measure_would_tell() -> None:
    """Welch's t; ``python -m bench --only timing`` takes 2 × 10,000 signatures with a key of 3072 bits.

    The same measure does see Python's unmasked ``pow``. That the first masking multiplication is shorter for a short
    number tells who sent it nothing new.
    """
    key = generate_issuer_key(1024, rehearsal=True)
    signing = welch(key, lambda value: blind_sign(key, value.to_bytes(key.size, "big"), os.urandom), SIGNATURES)
    unmasked = welch(key, lambda value: pow(value, key.dp, key.p), POWERS)
    assert abs(signing) < LIMIT < unmasked
