"""The ways of electing that a constitution can name. A new one is one file and one line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tally import plurality
from tally.verdict import Method

METHODS: Final[Mapping[str, Method]] = MappingProxyType({"plurality": plurality.elect})
