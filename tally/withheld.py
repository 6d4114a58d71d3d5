"""Contests too small to be opened: no sum of fewer than `min_ballots` ballots is decrypted (docs/protocol.md §10)."""

from collections.abc import Mapping
from typing import Final

from keys.canonical import b64
from tally.calendar import Notice
from tally.errors import CountsError, OutcomeError
from tally.facts import ContestFacts
from tally.reasoning import Conclusion, Rule, Step
from tally.wire import WithheldData

FEW_VOTERS: Final = 10  # below it, that all vote alike is likely enough to be warned of


def is_withheld(ballots: int, min_ballots: int) -> bool:
    """Say whether a contest with this many ballots stays closed; zero ballots have nothing to hide."""
    return 1 <= ballots < min_ballots


def make_withheld(context: bytes, ballots: int, min_ballots: int) -> WithheldData:
    """Return the data of the `tally.withheld` entry; raises CountsError where the contest is to be counted."""
    data = WithheldData(context=b64(context), ballots=ballots)
    verify_withheld(data, context, ballots, min_ballots)
    return data


def verify_withheld(data: WithheldData, context: bytes, ballots: int, min_ballots: int) -> None:
    """Check a `tally.withheld` entry against the contest's logged ballots; raises CountsError."""
    if data.context != b64(context):
        raise CountsError(f"withheld: wrong context: expected {b64(context)}, got {data.context}")
    if data.ballots != ballots:
        raise CountsError(f"withheld: ballots: expected {ballots}, got {data.ballots}")
    if not is_withheld(ballots, min_ballots):
        raise CountsError(f"withheld: expected 1 to {min_ballots - 1} ballots, got {ballots}")


def withheld_step(contest: ContestFacts, min_ballots: int, *, poll: int) -> Step | None:
    """Return the step of a contest that stays closed, or None for one that is counted.

    Raises OutcomeError where there are counts that `min_ballots` withholds, or none where they are due.
    """
    withheld = is_withheld(contest.ballots, min_ballots)
    if withheld != (contest.counts is None):
        expected = "withheld" if withheld else "given"
        raise OutcomeError(f"contest {contest.contest}: counts: expected them {expected} at {contest.ballots} ballots")
    if not withheld:
        return None
    return Step(
        contest=contest.contest,
        rule=Rule.WITHHELD,
        clause="min_ballots",
        inputs={"ballots": contest.ballots, "min_ballots": min_ballots},
        comparison=f"{contest.ballots} < {min_ballots}",
        holds=True,
        conclusion=Conclusion.NOTHING_DECRYPTED,
        names=[],
        grounds=[f"count:{poll}/{contest.contest}", "constitution"],
    )


def warn_of_unanimity(sizes: Mapping[str, int], min_ballots: int) -> list[Notice]:
    """Say, before a poll opens, which contests have so few voters that the count may tell how somebody voted.

    `sizes`: contest -> persons in its electorate. Where all vote alike, the result says what each of them voted, and no
    encryption can hide that (docs/threat-model.md, A67).
    """
    few = sorted(contest for contest, size in sizes.items() if min_ballots <= size < FEW_VOTERS)
    never = sorted(contest for contest, size in sizes.items() if size < min_ballots)
    notices = []
    if few:
        text = f"fewer than {FEW_VOTERS} voters: if all of them vote alike, everybody knows how each voted: "
        notices.append(Notice("warn", "min_ballots", text + ", ".join(few), None))
    if never:
        text = f"fewer voters than the {min_ballots} ballots that are ever opened, so these cannot be counted: "
        notices.append(Notice("warn", "min_ballots", text + ", ".join(never), None))
    return notices
