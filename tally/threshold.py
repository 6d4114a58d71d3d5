"""A share that must be reached or exceeded: "> 1/2" (more than half), ">= 7/10" (at least 70 percent).

Compared in integers only: `denominator * count > numerator * base`.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Final

from msgspec import Meta

from tally.errors import ConstitutionError

PATTERN: Final = r"^(>|>=) ([1-9][0-9]{0,5})/([1-9][0-9]{0,5})\Z"
ThresholdText = Annotated[str, Meta(pattern=PATTERN)]


@dataclass(frozen=True, slots=True)
class Threshold:
    """`strict`: more than the share; otherwise the share itself is enough."""

    strict: bool
    numerator: int
    denominator: int

    @classmethod
    def parse(cls, text: str) -> "Threshold":
        """Read "> 1/2" or ">= 7/10"; ConstitutionError for another spelling or a share above one."""
        found = re.fullmatch(PATTERN, text)
        if found is None or int(found[2]) > int(found[3]):
            raise ConstitutionError((f'threshold: expected such as "> 1/2" or ">= 7/10", got {text!r}',))
        return cls(found[1] == ">", int(found[2]), int(found[3]))

    def holds(self, count: int, base: int) -> bool:
        """Whether `count` of `base` is enough."""
        left, right = self.denominator * count, self.numerator * base
        return left > right if self.strict else left >= right

    def comparison(self, count: int, base: int) -> str:
        """The comparison as it is written into a step: "2 * 3 > 1 * 5"."""
        return f"{self.denominator} * {count} {'>' if self.strict else '>='} {self.numerator} * {base}"
