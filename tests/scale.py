"""How many: the numbers of every day, and with TEST_SCALE=full (`make full`) those that are asked for once.

What a test claims is the same on both scales; only how often it is tried differs.
"""

from __future__ import annotations

import os
from typing import Final

FULL: Final = os.environ.get("TEST_SCALE") == "full"


def scaled(full: int, everyday: int) -> int:
    """The number of the scale that is asked for."""
    return full if FULL else everyday
