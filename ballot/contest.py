"""The contest document: one question put to one electorate (docs/protocol.md §2).

Keys and bounds are always taken from the logged document, never from a message.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Final

from msgspec import Meta

from ballot.errors import ContestError
from keys.blind_rsa import check_modulus
from keys.canonical import MAX_CONTEST, Id, Natural, Positive, Wire, decode, unb64
from keys.curve import GENERATOR, Point, Scalar
from keys.transcript import Tag, digest

VERSION: Final = "es1"
MAX_OPTIONS: Final = 100  # so that the largest ballot's entry stays below 65,535 bytes (A61)
MAX_RANGE: Final = 31  # branches of the sum's proof, less one

Language = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")]


class Option(Wire, frozen=True):
    """One answer: an id, its name in each language, and whether it is the blank vote."""

    id: Id
    name: dict[Language, str]
    blank: bool


class Contest(Wire, frozen=True):
    """The document as logged. ``root``: base64url; ``joint_key``: a point; ``issuer_key``: the RSA modulus."""

    v: str
    log: str
    election: Id
    poll: Positive
    contest: Id
    position: Id | None
    electorate: Id
    size: Positive
    root: str
    options: list[Option]
    min: Natural
    max: Positive
    joint_key: str
    issuer_key: str
    recovery: bool


@dataclass(frozen=True)
class ContestRules:
    """A contest document that was read, checked and bound to its context."""

    document: Contest
    raw: bytes
    context: bytes
    log_id: bytes
    joint_key: Point
    modulus: bytes
    weights: tuple[int, ...]

    @property
    def options(self) -> int:
        """K, the number of options."""
        return len(self.weights)

    @property
    def sum_branches(self) -> int:
        """The number of values that the weighted sum may take: max - min + 1."""
        return self.document.max - self.document.min + 1

    @cached_property
    def sum_values(self) -> frozenset[Point]:
        """t·G for each t the sum may take; the identity stands for t = 0."""
        low, high = self.document.min, self.document.max
        return frozenset(GENERATOR * Scalar(value) for value in range(low, high + 1))


def context_of(raw: bytes) -> bytes:
    """``H("es1/context", contest document)``: what tokens, ballots and shares are bound to."""
    return digest(Tag.CONTEXT, raw)


def load_contest(raw: bytes, *, rehearsal: bool = False) -> ContestRules:
    """Read a contest document and check every bound of §2; FormatError or ContestError.

    ``rehearsal`` is what entry 0 says: only then may the issuer key be shorter than 3072 bits.
    """
    if len(raw) > MAX_CONTEST:
        message = f"contest: expected at most {MAX_CONTEST} bytes, got {len(raw)}"
        raise ContestError(message)
    document = decode(raw, Contest)
    _check_bounds(document)
    modulus = unb64(document.issuer_key, None, "contest: issuer_key")
    check_modulus(modulus, len(modulus) if rehearsal else None)
    unb64(document.root, 32, "contest: root")
    return ContestRules(
        document=document,
        raw=raw,
        context=context_of(raw),
        log_id=unb64(document.log, 32, "contest: log"),
        joint_key=Point.from_bytes(unb64(document.joint_key, 33, "contest: joint_key")),
        modulus=modulus,
        weights=tuple(document.max if option.blank else 1 for option in document.options),
    )


def _check_bounds(document: Contest) -> None:
    options, low, high = document.options, document.min, document.max
    blanks = sum(option.blank for option in options)
    faults = (
        (document.v != VERSION, f"v: expected {VERSION!r}, got {document.v!r}"),
        (not 1 <= len(options) <= MAX_OPTIONS, f"options: expected 1 to {MAX_OPTIONS}, got {len(options)}"),
        (len({option.id for option in options}) != len(options), "options: expected distinct ids"),
        (any(not option.name for option in options), "options: expected a name in at least one language"),
        (high > len(options), f"max: expected at most {len(options)} (the options), got {high}"),
        (low > high, f"min: expected at most max ({high}), got {low}"),
        (high - low > MAX_RANGE, f"max - min: expected at most {MAX_RANGE}, got {high - low}"),
        (blanks > 1, f"options: expected at most one blank, got {blanks}"),
        (blanks == 1 and low < 1, "min: expected at least 1 where there is a blank option"),
    )
    found = [text for wrong, text in faults if wrong]
    if found:
        message = f"contest {document.contest}: " + "; ".join(found)
        raise ContestError(message)
