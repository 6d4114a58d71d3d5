"""The constitutions of simulated elections: a small one of plain values, and the whole one of a preset."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tally.constitution import (
    BoardRule,
    CalendarRule,
    Constitution,
    Ground,
    OnePosition,
    PetitionRule,
    Plurality,
    Position,
    Resolution,
    SeatRule,
    TurnoutRule,
)
from tally.constitution_toml import load_toml, preset
from tally.parameter import Parameter
from tally.resolutions import ambiguities

Scope = Literal["university", "block", "both", "both-enforced", "none"]


def plain(value: Any, clause: str = "silent") -> Any:
    """A parameter that needs no resolution."""
    return Parameter(clause=clause, value=value, readings=[])


def open_question(clause: str, *readings: Any) -> Any:
    """A parameter with readings, the default first."""
    return Parameter(clause=clause, value=readings[0], readings=list(readings))


@dataclass(frozen=True)
class SmallRules:
    """What a test may want otherwise in the small constitution."""

    min_ballots: int = 3
    review_window: int = 3600
    scope: Scope = "both"
    complaints: int = 0
    one_position: bool = True
    tie: str = "members-vote"
    approval: str = "none"

    def constitution(self) -> Constitution:
        """Two offices, president and faculty, by most votes; a board; a petition; two open questions."""
        return Constitution(
            v="es1",
            schema=2,
            name="simulated university",
            regulation="Article 6",
            version="1",
            approved_by="the tests",
            min_ballots=self.min_ballots,
            review_window=self.review_window,
            max_slack=50,
            body="university",
            body_minimum=plain(0),
            permission=plain("none"),
            small_contest=plain("repeat"),
            discipline=plain("any-record"),
            complaints=plain(self.complaints),
            members_vote=plain("members-vote", "6.5.5"),
            turnout=self._turnout(),
            one_position=OnePosition(
                applies=plain(self.one_position, "6.12.5"), ex_position=plain("next-by-votes", "6.12.5")
            ),
            calendar=_calendar(),
            board=BoardRule(
                quorum=plain("> 1/2", "6.10.4"), threshold=plain("> 1/2", "6.10.4"), casting=plain("president")
            ),
            grounds=[
                Ground(id="resignation", clause="6.5.3a", bars=False, motion=""),
                Ground(id="discipline", clause="6.5.3d", bars=True, motion=""),
            ],
            petitions=[
                PetitionRule(
                    id="extraordinary-meeting", clause="6.8.4e", share=plain(">= 1/4", "6.8.4e"), minimum=plain(0)
                )
            ],
            procedures=[
                self._most_votes("heads", "block", self.tie),
                self._most_votes("members-vote", "members", "lot"),
            ],
            positions=[
                self._office("president", "6.12.6a", 1, "university"),
                self._office("faculty", "6.12.6b", 2, "faculty"),
            ],
            notes={},
        )

    def _turnout(self) -> TurnoutRule:
        return TurnoutRule(
            share=plain(">= 1/2", "6.12.4"),
            scope=open_question("6.12.4", self.scope, *({"both", "university"} - {self.scope})),
            second_tour=plain("same", "6.12.4"),
            failure=plain("repeat"),
            repeat_days=open_question("silent", 10, 5),
        )

    def _most_votes(self, identity: str, voters: str, tie: str) -> Plurality:
        return Plurality(
            id=identity,
            clause="6.12.6",
            voters=plain(voters, "6.12.6"),
            nomination=plain("self"),
            single=plain("plurality"),
            tie=plain(tie),
            again_days=plain(5),
        )

    def _office(self, identity: str, clause: str, rank: int, block: Any) -> Position:
        seat = SeatRule(
            approval=plain(self.approval if identity == "faculty" else "none", "6.4.1b"),
            refused=plain("runner-up"),
            succession=plain("runner-up", "6.5.5"),
            successor_tie=plain("members-vote", "6.5.5"),
            min_votes=plain(1),
            by_election=plain("heads"),
            by_election_days=plain(10),
            acting=plain(""),
        )
        return Position(
            id=identity,
            clause=clause,
            name={"en": identity.title()},
            rank=rank,
            block=block,
            procedure=plain("heads", clause),
            bars=plain([]),
            seat=seat,
        )


def _calendar() -> CalendarRule:
    return CalendarRule(
        semester_begins=plain("2026-09-20", "6.1.5"),
        first_poll_days=plain(20, "6.12.1"),
        first_poll_measure=plain("closes"),
        first_poll_late=plain("warn"),
        term_ends=plain("2027-06-30", "6.1.5(1)"),
        after_term=plain("none"),
        suspension_stops_clock=plain(True),
        utc_offset=240,
    )


def preset_rules(name: str) -> Constitution:
    """A constitution as the project ships it."""
    return load_toml(preset(name))


def default_resolutions(rules: Constitution, readings: Mapping[str, str]) -> list[Resolution]:
    """One resolution for each open question: the default, but for `readings`, the end of a path -> reading."""
    found = []
    for question in ambiguities(rules):
        wanted = [reading for path, reading in readings.items() if question.path.endswith(path)]
        found.append(Resolution(question.clause, wanted[0] if wanted else question.default))
    return found
