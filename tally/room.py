"""Whether the result of a poll will fit into its log entry, asked before the poll opens: afterwards it is too late.

An entry has at most 65,535 bytes (docs/protocol.md §1). Some 200 contests fit; more of them are put to the vote in two
polls, of which the second takes the whole body's turnout from the first.
"""

from collections.abc import Sequence
from typing import Final

from keys import canonical
from tally.errors import OutcomeError
from tally.matters import PlannedContest
from tally.wire import ContestResult

ENVELOPE: Final = 1024  # of the entry and of its data around the results, with room to spare


def check_room(poll: int, planned: Sequence[PlannedContest]) -> None:
    """OutcomeError where the largest result that these contests can have does not fit."""
    size = ENVELOPE + sum(len(canonical.encode(_largest(contest))) + 1 for contest in planned)
    if size > canonical.MAX_ENTRY:
        raise OutcomeError(
            f"poll {poll}: its result may have {size} bytes, expected at most {canonical.MAX_ENTRY}: put some of its "
            f"{len(planned)} contests into a poll of their own"
        )


def _largest(contest: PlannedContest) -> ContestResult:
    return ContestResult(
        contest=contest.contest,
        position=contest.position,
        electorate=contest.electorate,
        vote=contest.vote,
        tour=contest.tour,
        procedure=contest.procedure,
        size=contest.size,
        ballots=contest.size,
        turnout="invalid",
        counts=[contest.size] * len(contest.all_options),
        outcome="invalid-turnout",
        elected=[max(contest.options, key=len, default="")],
    )
