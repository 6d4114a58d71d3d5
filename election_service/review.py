"""The review window: voters look whether a token was issued in their name and whether their ballot is there (§10)."""

from election_service.poll_facts import PollFacts
from tally.constitution import Constitution


def review_ends(poll: PollFacts, constitution: Constitution) -> int | None:
    """When the window of a closed poll ends, POSIX seconds; None while its issuer keys are not all destroyed.

    It begins at the `issuer.destroyed` entries, which are logged after the checkpoint that holds all tokens is
    published: so it never ends early, and everybody computes the same end from the log.
    """
    destroyed = [contest.destroyed for contest in poll.contests.values()]
    if poll.closed is None or any(time is None for time in destroyed):
        return None
    return max(time for time in destroyed if time is not None) + constitution.review_window
