"""Recorded human acts that the rules read: `decision` entries (docs/protocol.md §9, docs/rules.md).

Grounds are codes of the constitution, never a story: the log is public for good (6.1.5(8)).
"""

from typing import Annotated, Literal

from msgspec import Meta

from keys.canonical import Natural, Wire

What = Literal[
    "vacancy",  # `person` leaves `seat` on `ground`; `motion`: the contest of the adopted motion, where one is needed
    "bar",  # `person` can be elected no more, on `ground`, and loses the seat held: in `seat`, or anywhere if it is ""
    "withdrawal",  # `person` withdraws as a candidate of `seat`
    "approval",  # the board approves that `person` takes `seat`
    "refusal",  # the board refuses it
    "appointment",  # `person` is appointed to the position `seat` (6.11, ATU 4), which no contest fills
    "attendance",  # `number` members attend the meeting that votes on the contest `seat` of the poll that is open
    "notice",  # the meeting that votes on `seat` was announced to its members now
    "suspension",  # the self-governance is at a standstill from now on (6.1.3)
    "resumption",  # and goes on
    "permission",  # the administration's permission to hold the election (ATU 3.3, 6)
    "paper",  # the vote on paper about `seat` elected `person`
    "honorary",  # `person`, who has no vote, is given an honorary title (6.5.4)
    "complaint",  # the complaint of entry `number` is answered: `ground` "upheld" or "rejected"
    "petition",  # a petition `seat` under the rule `ground`, supported by `electorate`, is open until `until`; under
    # "nomination" it names `person` as a candidate of the contest `motion`
    "petition-result",  # it is closed with `number` supporters: recomputed
    "board-vote",  # an open vote `seat` of the board `electorate` begins; `person` holds the casting vote's credential
    "board-result",  # it ends with `number` votes for: recomputed
]


class Decision(Wire, frozen=True):
    """What was decided; members without a meaning for `what` are "" or 0.

    seat       id of the seat, contest, petition or open vote
    person     option id of a candidate; for "board-vote" the credential with the casting vote (base64url)
    ground     id of a ground, or a code as above
    motion     id of the contest of an adopted motion, or for which a candidate is nominated
    electorate id of an electorate
    number     a number as above
    until      "YYYY-MM-DDTHH:MM:SSZ"
    text       a note for people; says nothing about a person that the code does not say
    """

    what: What
    seat: str
    person: str
    ground: str
    motion: str
    electorate: str
    number: Natural
    until: str
    text: Annotated[str, Meta(max_length=2000)]
