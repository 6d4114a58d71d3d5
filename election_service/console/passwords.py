"""Passwords: Argon2id (RFC 9106) as PHC strings; what may be one follows NIST SP 800-63B §3.1.1: long enough, not known
to everybody, and no rules about kinds of letters.

A check takes the same time for everybody: for an unknown address a password that nobody has is checked (A84). Checks
wait in one line with a short end, so that nobody can make the service do nothing else (A93).
"""

import asyncio
import threading
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from election_service.errors import BusyError, InputError
from election_service.secrets import Random

Made = TypeVar("Made")

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 256
_FEW_LETTERS: Final = 5  # different ones
_PERSONAL: Final = 4  # letters of a name or address from which on it must not be most of the password
_MEMORY: Final = 64 * 1024  # KiB; RFC 9106 §4, second recommended option
_ITERATIONS: Final = 3
_LANES: Final = 4
_SALT: Final = 16  # bytes
_LENGTH: Final = 32  # bytes
# OpenSSL has one pool of threads for the lanes of all calls: two at a time take them from each other, and fail, or wait
# for ever (seen with cryptography 50.0.2)
_ONE_BY_ONE: Final = threading.Lock()
MOST_WAITING: Final = 40
MOST_NOTED: Final = 200  # failures an hour
_HOUR: Final = 3600
_HINT: Final = "several words that belong together for you alone are good, and easy to remember"

# what lists of leaked passwords have of this length, and what somebody here would think of first
_COMMON: Final = frozenset(
    {
        "123456789012",
        "1234567890123",
        "1234567890qwerty",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "1qaz2wsx3edc4rfv",
        "abcdefghijkl",
        "administrator",
        "administrator1",
        "changeme1234",
        "correcthorsebatterystaple",
        "electionelection",
        "iloveyou1234",
        "letmeinplease",
        "passwordpassword",
        "password1234",
        "password12345",
        "password123456",
        "password1234567",
        "qazwsxedcrfv",
        "qwertyuiop12",
        "qwertyuiop123",
        "qwertyuiopasdfghjkl",
        "qwertyuiop[]",
        "qwerty123456",
        "qwerty1234567",
        "studentstudent",
        "unbelievable",
        "universityuniversity",
        "welcome12345",
        "zxcvbnmasdfghjkl",
    }
)
_RUNS: Final = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


def clean_password(raw: str) -> str:
    """The password in the one spelling in which it is hashed: another keyboard may send é as two characters."""
    return unicodedata.normalize("NFC", raw)


def check_new_password(raw: str, personal: Iterable[str]) -> None:
    """InputError for a password that is too short or easily guessed; ``personal``: address, name, and the like."""
    password = clean_password(raw)
    if len(password) < MIN_LENGTH:
        raise InputError(f"password: expected at least {MIN_LENGTH} letters, got {len(password)}", _HINT)
    if len(password) > MAX_LENGTH:
        raise InputError(f"password: expected at most {MAX_LENGTH} letters", _HINT)
    if any(unicodedata.category(letter) == "Cc" for letter in password):
        raise InputError("password: expected no control characters", _HINT)
    folded = password.casefold()
    bare = "".join(letter for letter in folded if not letter.isspace())
    if bare in _COMMON or len(set(bare)) < _FEW_LETTERS or any(bare in run for run in _RUNS):
        raise InputError("password: this one is among the first that anybody tries", _HINT)
    rest = folded
    for word in sorted(_words(personal), key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(rest) < MIN_LENGTH // 2:
        raise InputError("password: it is hardly more than your name or address", _HINT)


def _words(personal: Iterable[str]) -> set[str]:
    found = set[str]()
    for text in personal:
        folded = text.casefold()
        parts = "".join(letter if letter.isalnum() else " " for letter in folded).split()
        found |= {word for word in (folded, "".join(parts), *parts) if len(word) >= _PERSONAL}
    return found


def _hash(password: str, salt: bytes) -> str:
    kind = Argon2id(salt=salt, length=_LENGTH, iterations=_ITERATIONS, lanes=_LANES, memory_cost=_MEMORY)
    with _ONE_BY_ONE:
        return kind.derive_phc_encoded(clean_password(password).encode())


def _matches(password: str, phc: str) -> bool:
    try:
        with _ONE_BY_ONE:
            Argon2id.verify_phc_encoded(clean_password(password).encode(), phc)
    except InvalidKey:
        return False
    return True


# of a password that nobody has; the parameters are those of _hash
_NOBODY: Final = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$KhgFZQEoNHtCYb6cfOPYv3Z3IuKU/GV/nX6ey7+arsU"


@dataclass(slots=True, eq=False)
class _Line:
    """One line of checks. ``turn``: one is worked on at a time; ``waiting``: how many are in it."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0

    async def wait(self, work: Callable[[], Made]) -> Made:
        """Do the work beside the event loop when it is its turn; BusyError where the line is too long."""
        if self.waiting >= MOST_WAITING:
            raise BusyError("sign-in: too many at once; try again in a minute")
        self.waiting += 1
        try:
            async with self.turn:
                return await asyncio.to_thread(work)
        finally:
            self.waiting -= 1


@dataclass(slots=True, eq=False)
class PasswordDesk:
    """The checks of one process: a line for everybody, and one for browsers in which somebody has signed in before, so
    that those do not stand behind whoever guesses (A77, A93). Owner of its counters.
    """

    _strangers: _Line = field(default_factory=_Line)
    _known: _Line = field(default_factory=_Line)
    _noted: int = 0
    _hour: int = 0

    async def hash(self, password: str, random: Random) -> str:
        """What is stored of a new password."""
        salt = random(_SALT)
        return await self._known.wait(lambda: _hash(password, salt))

    async def matches(self, password: str, phc: str | None, *, known: bool) -> bool:
        """Whether this is the password; None, of nobody, takes as long and is never right. ``known``: the browser."""
        line = self._known if known else self._strangers
        right = await line.wait(lambda: _matches(password[: MAX_LENGTH + 1], phc or _NOBODY))
        return right and phc is not None

    def is_noted(self, now: int) -> bool:
        """Whether one more failure is written down: so many an hour, and the same whoever it is about, so that nobody
        fills the disk by guessing.
        """
        if now // _HOUR != self._hour:
            self._hour, self._noted = now // _HOUR, 0
        self._noted += 1
        return self._noted <= MOST_NOTED
