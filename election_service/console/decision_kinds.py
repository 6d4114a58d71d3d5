"""The kinds of recorded decisions as people choose them: what each is called, and what its form asks."""

from collections.abc import Mapping
from typing import Final

from election_service.console.act_kinds import Field
from election_service.languages import translatable

_NOTE: Final = Field(
    "text",
    translatable("Note"),
    "text",
    needed=False,
    hint=translatable("Public for good. It says nothing about a person that the ground does not say."),
)
_SEAT: Final = Field("seat", translatable("Seat or contest"), "suggested", choices="seats")
_PERSON: Final = Field(
    "person",
    translatable("Person"),
    "suggested",
    choices="persons",
    hint=translatable("The id in the log, such as c12, or the name in full."),
)
_STUDENT: Final = Field(
    "student",
    translatable("Or the student id of somebody who never stood"),
    "line",
    needed=False,
    hint=translatable("The log gets a number for the person, never the student id."),
)
_GROUND: Final = Field("ground", translatable("Ground"), "choice", choices="grounds")
_MOTION: Final = Field(
    "motion",
    translatable("Adopted motion"),
    "suggested",
    needed=False,
    choices="seats",
    hint=translatable("Its contest."),
)
_ELECTORATE: Final = Field("electorate", translatable("Electorate"), "suggested", choices="electorates")
_UNTIL: Final = Field("until", translatable("Until"), "time", needed=False)


def _number(label: str) -> Field:
    return Field("number", label, "number")


DECISIONS: Final[Mapping[str, tuple[str, tuple[Field, ...]]]] = {
    "vacancy": (translatable("Somebody leaves a seat"), (_SEAT, _PERSON, _GROUND, _MOTION, _NOTE)),
    "bar": (
        translatable("Bar a candidate or officer"),
        (
            _PERSON,
            _GROUND,
            Field("seat", translatable("Only in this seat"), "suggested", needed=False, choices="seats"),
            _NOTE,
        ),
    ),
    "withdrawal": (translatable("A candidate withdraws"), (_SEAT, _PERSON, _NOTE)),
    "approval": (translatable("The board approves"), (_SEAT, _PERSON, _NOTE)),
    "refusal": (translatable("The board refuses"), (_SEAT, _PERSON, _NOTE)),
    "appointment": (
        translatable("Somebody is appointed"),
        (
            Field("seat", translatable("Position"), "suggested", choices="positions"),
            Field("person", translatable("Person"), "suggested", needed=False, choices="persons", hint=_PERSON.hint),
            _STUDENT,
            _NOTE,
        ),
    ),
    "attendance": (
        translatable("How many attend a meeting"),
        (_SEAT, _number(translatable("Persons who attend")), _NOTE),
    ),
    "notice": (translatable("A meeting is announced"), (_SEAT, _NOTE)),
    "suspension": (translatable("The self-governance is at a standstill"), (_NOTE,)),
    "resumption": (translatable("The standstill ends"), (_NOTE,)),
    "permission": (translatable("The administration permits the election"), (_NOTE,)),
    "paper": (translatable("A vote on paper elected somebody"), (_SEAT, _PERSON, _NOTE)),
    "honorary": (
        translatable("An honorary title"),
        (
            Field("person", translatable("Person"), "suggested", needed=False, choices="persons", hint=_PERSON.hint),
            _STUDENT,
            _NOTE,
        ),
    ),
    "complaint": (
        translatable("Answer a complaint"),
        (
            Field("number", translatable("Complaint"), "choice", choices="complaints"),
            Field("ground", translatable("Answer"), "choice", choices="answers"),
            _NOTE,
        ),
    ),
    "petition": (
        translatable("Open a petition"),
        (
            Field("seat", translatable("Id of the petition"), "line"),
            Field("ground", translatable("Rule"), "choice", choices="petition-rules"),
            _ELECTORATE,
            _UNTIL,
            Field("person", translatable("Nominates"), "suggested", needed=False, choices="persons", hint=_PERSON.hint),
            Field("motion", translatable("For the contest"), "suggested", needed=False, choices="seats"),
            _NOTE,
        ),
    ),
    "petition-result": (
        translatable("Close a petition"),
        (
            Field(
                "seat",
                translatable("Petition"),
                "choice",
                choices="petitions",
                hint=translatable("The supporters are counted from the log."),
            ),
            _NOTE,
        ),
    ),
    "board-vote": (
        translatable("An open vote of a board begins"),
        (
            Field("seat", translatable("Id of the vote"), "line"),
            _ELECTORATE,
            _UNTIL,
            Field("person", translatable("Credential with the casting vote"), "line", needed=False),
            _NOTE,
        ),
    ),
    "board-result": (
        translatable("An open vote of a board ends"),
        (
            Field(
                "seat",
                translatable("Vote"),
                "choice",
                choices="votes",
                hint=translatable("The votes are counted from the log."),
            ),
            _NOTE,
        ),
    ),
}
