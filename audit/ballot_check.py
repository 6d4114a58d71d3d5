"""Did the booth encrypt what it showed? For an opened ballot that was never cast (docs/protocol.md §8).

The contest comes from the log; the body is computed again from what the booth revealed; its tracker is compared with
the one that the booth showed before it knew that there would be a test (A49).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from audit.entries import decode_envelope
from audit.errors import AuditError, LogError
from audit.signed_entries import open_entry, signed_entries
from audit.source import LogSource
from ballot.audited import AuditedBallot
from ballot.ballot import tracker_of
from ballot.contest import ContestRules, context_of, load_contest
from ballot.encryption import make_body
from ballot.errors import RefusedBallotError, VoteError
from keys.canonical import b64, decode, unb64
from keys.ids import short_code

_PART: Final = 32  # bytes of context, owner, seed and tracker in a compact opening
_FULL: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_SHORT: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a booth reveals. ``marks``: the vote as 0 and 1, or as bits whose number is the contest's to say.

    ``claimed``: the tracker that the booth itself says it belongs to; None where it says none.
    """

    context: bytes
    owner: bytes
    seed: bytes
    marks: bytes | tuple[int, ...]
    claimed: bytes | None


@dataclass(frozen=True, slots=True)
class Checked:
    """The contest, the vote that was claimed, and the tracker of the ballot with it; None: no vote that is allowed."""

    contest: ContestRules
    vote: tuple[int, ...]
    tracker: bytes | None

    @property
    def names(self) -> list[str]:
        """The chosen options in English, or in what language there is."""
        options = zip(self.contest.document.options, self.vote, strict=True)
        return [option.name.get("en", next(iter(option.name.values()))) for option, mark in options if mark]


def read_opening(raw: bytes) -> Opening:
    """The file that the booth saved (JSON), or what its second QR code holds; FormatError or AuditError otherwise."""
    text = raw.strip()
    if text.startswith(b"{"):
        audited = decode(text, AuditedBallot)
        context, owner, seed = (
            unb64(value, 32, f"opened ballot: {name}")
            for name, value in (("context", audited.context), ("owner", audited.owner), ("seed", audited.seed))
        )
        return Opening(context, owner, seed, tuple(audited.vote), None)
    packed = unb64(text.decode("ascii", "replace").rpartition("#")[2], None, "opened ballot")
    if not 4 * _PART < len(packed) <= 4 * _PART + 13:
        raise AuditError(f"opened ballot: expected {4 * _PART + 1} to {4 * _PART + 13} bytes, got {len(packed)}")
    context, owner, seed, claimed = (packed[at : at + _PART] for at in range(0, 4 * _PART, _PART))
    return Opening(context, owner, seed, packed[4 * _PART :], claimed)


def encode_opening(context: bytes, owner: bytes, seed: bytes, tracker: bytes, vote: Sequence[int]) -> str:
    """What stands behind the # in the booth's second QR code: option i is bit 7 - i mod 8 of byte i // 8."""
    marks = bytearray((len(vote) + 7) // 8)
    for number, mark in enumerate(vote):
        marks[number // 8] |= mark << 7 - number % 8
    return b64(context + owner + seed + tracker + bytes(marks))


def read_code(text: str) -> bytes | str:
    """A tracking code as people hand it in: 32 bytes if in full (also as an address), else the short form."""
    code = text.strip().rpartition("#")[2].removeprefix("t=")
    if _FULL.fullmatch(code):
        return unb64(code, 32, "tracker")
    letters = code.replace("-", "").replace(" ", "").upper().translate(str.maketrans("OIL", "011"))
    if not _SHORT.fullmatch(letters):
        raise AuditError(f"tracker: expected 43 letters, or 20 in four groups, got {text[:80]!r}")
    return "-".join(letters[at : at + 5] for at in range(0, 20, 5))


def check_opening(source: LogSource, opening: Opening, log_id: bytes | None = None) -> Checked:
    """Compute the ballot again; DataError where the log does not hold or lacks the contest, or this is no opening."""
    contest = find_contest(source, opening.context, log_id)
    vote = _marks(opening, contest.options)
    try:
        body = make_body(contest, opening.owner, vote, opening.seed)
    except (VoteError, RefusedBallotError):
        return Checked(contest, vote, None)
    return Checked(contest, vote, tracker_of(body))


def agrees(checked: Checked, code: bytes | str) -> bool:
    """Whether a tracking code is that of the computed ballot: all 256 bits, or the 100 of the short form."""
    if checked.tracker is None:
        return False
    return code == (checked.tracker if isinstance(code, bytes) else short_code(checked.tracker))


def find_contest(source: LogSource, context: bytes, log_id: bytes | None = None) -> ContestRules:
    """The contest of this context, from the log; LogError where the log has none. The whole copy is read."""
    found, rehearsal = None, False
    for seq, raw in signed_entries(source, log_id):
        if seq == 0:
            rehearsal = open_entry(raw).rehearsal
        elif b'"kind":"contest"' in raw and found is None:
            envelope = decode_envelope(raw)
            if envelope.kind == "contest" and context_of(bytes(envelope.data)) == context:
                found = bytes(envelope.data)
    if found is None:
        raise LogError(f"contest: the log has none of context {b64(context)}")
    return load_contest(found, rehearsal=rehearsal)


def _marks(opening: Opening, options: int) -> tuple[int, ...]:
    if isinstance(opening.marks, tuple):
        return opening.marks if len(opening.marks) == options else _refuse(options, len(opening.marks))
    bits = "".join(f"{byte:08b}" for byte in opening.marks)
    if len(opening.marks) != (options + 7) // 8 or "1" in bits[options:]:
        return _refuse(options, len(bits))
    return tuple(map(int, bits[:options]))


def _refuse(options: int, got: int) -> tuple[int, ...]:
    raise AuditError(f"opened ballot: expected a vote over {options} options, got one over {got}")
