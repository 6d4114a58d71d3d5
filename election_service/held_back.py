"""What keeps a seat out of the next poll (follow_up.py).

Only what it is stands here. What is to be done about it is said where it can be done: on a page of the console
(console_pages/held_back_words.py), or by a command (commands/next_poll.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Why = Literal["approval", "paper", "nominations", "settled"]

NO_VOTES: Final[Mapping[str, Why]] = {"approval": "approval", "paper": "paper"}  # kinds of tasks that no poll answers
_SAID: Final[Mapping[Why, str]] = {
    "approval": "waits for the board",
    "paper": "is voted on on paper",
    "nominations": "waits for nominations",
    "settled": "nothing is to be voted on there; its candidates are left out",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A seat that is not in the poll; ``kind``, ``clause``: of its task, empty where there is none."""

    seat: str
    why: Why
    kind: str = ""
    clause: str = ""

    def __str__(self) -> str:
        task = f"{self.kind} ({self.clause}) " if self.kind else ""
        return f"{self.seat}: {task}{_SAID[self.why]}"
