"""Every act of the committee as people choose it: what it is called, what it does, and what its form asks.

The rules about it stand in act_rules.py and local_acts.py; here are the words and the fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from election_service.languages import translatable

Look = Literal["line", "text", "number", "time", "choice", "suggested", "many", "lines", "file"]
"""How a field is asked: one line, a text, a number, a time in the election's zone, one of a list, a line with a list of
what is meant most often, any of a list, a list with one in a line, a file.
"""


@dataclass(frozen=True, slots=True)
class Field:
    """``choices``: the name of the list that it offers (act_choices.py); ``hint``: said below it."""

    name: str
    label: str
    look: Look
    needed: bool = True
    hint: str = ""
    choices: str = ""


@dataclass(frozen=True, slots=True)
class ActKind:
    """``title`` as something to do; ``says``: what it does, in a sentence. ``ready``: it needs no form, for it comes
    from what was prepared on other pages.
    """

    title: str
    says: str
    fields: tuple[Field, ...] = ()
    ready: bool = False


_POLL: Final = Field("poll", translatable("Poll"), "choice", choices="polls")
_REASON: Final = Field(
    "reason",
    translatable("Reason"),
    "text",
    hint=translatable("It is published in the log, for good. Write nothing about a single person."),
)


ACTS: Final[Mapping[str, ActKind]] = {
    "constitution": ActKind(
        translatable("Put the rules in force"),
        translatable("The rules of the election, as they are prepared on the page of the rules. Once, and for good."),
        ready=True,
    ),
    "resolution": ActKind(
        translatable("Sign the readings"),
        translatable(
            "How the committee reads a clause that can be read in several ways. No longer once a poll has opened."
        ),
        ready=True,
    ),
    "booth": ActKind(
        translatable("Approve the program of the voting page"),
        translatable("Its hash stands in the log, so that voters can compare what they are served."),
        ready=True,
    ),
    "roll.frozen": ActKind(
        translatable("Freeze the roll"),
        translatable("From then on nobody is added, removed or altered. Electorates are made from a frozen roll only."),
    ),
    "electorate": ActKind(
        translatable("Approve the lists of those who may vote"),
        translatable("One for each block, signed by the registrar. Names do not stand in the log."),
        ready=True,
    ),
    "trustee.opened": ActKind(
        translatable("Name the trustees"),
        translatable("They make the key together, in a ceremony that this act begins."),
        (
            Field("k", translatable("How many of them decrypt together"), "number"),
            Field(
                "trustees",
                translatable("Identity keys"),
                "lines",
                hint=translatable("One in a line, in the order of their numbers. Compare the fingerprints in person."),
            ),
        ),
    ),
    "members": ActKind(
        translatable("Change the committee"),
        translatable("From then on these members sign, and so many of them are needed for an act."),
        (
            Field("member", translatable("Members"), "many", needed=False, choices="members"),
            Field(
                "others",
                translatable("Members who keep their key elsewhere"),
                "lines",
                needed=False,
                hint=translatable("One in a line: id and public key, as the command “member show” prints them."),
            ),
            Field("threshold", translatable("Signatures needed for an act"), "number"),
        ),
    ),
    "poll.opened": ActKind(
        translatable("Open the poll"),
        translatable("Voters get their ballots, until the closing time."),
        (
            _POLL,
            Field(
                "opens",
                translatable("Opens"),
                "time",
                needed=False,
                hint=translatable("Empty: as soon as it is approved."),
            ),
            Field("closes", translatable("Closes"), "time"),
        ),
    ),
    "poll.extended": ActKind(
        translatable("Extend the poll"),
        translatable("The poll closes later. A closing time is never moved to an earlier one."),
        (_POLL, Field("closes", translatable("Closes"), "time"), _REASON),
    ),
    "poll.paused": ActKind(
        translatable("Pause the poll"),
        translatable("No tokens and no ballots until it goes on. What is cast already stays."),
        (_POLL, _REASON),
    ),
    "poll.resumed": ActKind(
        translatable("Let the poll go on"),
        translatable("Tokens and ballots again, until the closing time."),
        (_POLL, Field("closes", translatable("Closes"), "time", needed=False), _REASON),
    ),
    "poll.closed": ActKind(
        translatable("Close the poll early"),
        translatable(
            "Possible while it is paused, because members sign numbers that stand still. Closed is final. "
            "At its closing time a poll closes by itself."
        ),
        (_POLL,),
    ),
    "credential.replaced": ActKind(
        translatable("Replace a lost ballot link"),
        translatable(
            "The old link is void from that moment, and the new one is mailed. Not for somebody who has begun to vote."
        ),
        (Field("student", translatable("Student id"), "line"), _REASON),
    ),
    "result.certified": ActKind(
        translatable("Certify the result"),
        translatable("Seats are taken at that moment, by what follows from the rules. Have the log verified before."),
        (_POLL,),
    ),
    "result.annulled": ActKind(
        translatable("Annul the result"),
        translatable("The seats stand as before, and the vote is held again. Possible until the next poll opens."),
        (_POLL, _REASON),
    ),
    "decision": ActKind(
        translatable("Record a decision"),
        translatable("What happens to officers and candidates, and what the committee answers."),
    ),
}

OFFLINE_REISSUE: Final = (
    Field(
        "file",
        translatable("File of the registrar"),
        "file",
        hint=translatable(
            "The registrar of this election works offline: the command “registrar reissue-offline” writes it."
        ),
    ),
)
"""What the form of `credential.replaced` asks where entry 0 names an offline registrar."""
