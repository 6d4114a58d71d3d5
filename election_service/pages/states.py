"""How far a poll is, in words; the codes are those of the API and of the declared result."""

from typing import Final

from election_service.languages import translatable
from election_service.poll_facts import PollFacts
from election_service.sql import PollRow

POLL_STATES: Final = {
    "planned": translatable("not open yet"),
    "open": translatable("open"),
    "paused": translatable("paused"),
    "closed": translatable("closed, being counted"),
    "tallied": translatable("closed, being counted"),
    "declared": translatable("result declared"),
    "certified": translatable("result certified"),
    "annulled": translatable("result annulled"),
}
OUTCOMES: Final = {
    "elected": translatable("Elected"),
    "tie": translatable("Equal votes"),
    "not-enough": translatable("Nobody has the majority that is needed"),
    "tie-for-second": translatable("Equal votes for the second place"),
    "nobody": translatable("No candidate has a vote"),
    "invalid-turnout": translatable("Not valid: too few people voted"),
    "withheld": translatable("Not opened: too few ballots to keep them secret"),
    "adopted": translatable("Adopted"),
    "rejected": translatable("Rejected"),
    "no-quorum": translatable("No quorum"),
    "counted": translatable("Counted"),
}
SEAT_STATES: Final = {
    "filled": translatable("filled"),
    "provisional": translatable("provisional"),
    "open": translatable("to be decided"),
    "vacant": translatable("vacant"),
    "held": translatable("in office"),
    "caretaker": translatable("in office until there is a successor"),
    "ended": translatable("term is over"),
    "pending": translatable("waits for the approval of the board"),
}
BY: Final = {
    "election": translatable("by election"),
    "succession": translatable("by succession"),
    "appointment": translatable("by appointment"),
    "": "",
}


def state_of(row: PollRow, facts: PollFacts | None) -> str:
    """The state that people are told: of the table, and whether the result was certified or annulled."""
    if facts is not None and facts.concluded is not None:
        return facts.concluded.removeprefix("result.")
    return row.state
