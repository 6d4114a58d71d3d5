"""The demo's rules: the preset of the university, with the dates of this year and without the long waits."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import msgspec

from election_service.demo.people import Committee
from election_service.service import Service
from tally.constitution import Constitution
from tally.constitution_toml import load_toml, preset
from tally.parameter import Parameter
from tally.resolutions import ambiguities

PRESET: Final = "ibsu-direct"
REVIEW_WINDOW: Final = 5  # seconds; an hour in a real election (docs/protocol.md §10)
COMPLAINTS: Final = 2  # seconds; three days in a real election
_SINCE_BEGIN: Final = 7  # days from the semester's first day to the demo
_YEAR: Final = 365
_LAST_MONTH: Final = 6  # June, in which the second semester ends


def demo_constitution(today: date | None = None) -> Constitution:
    """The preset in a year whose fall semester began a week before ``today``; what is ambiguous in it stays so."""
    rules = load_toml(preset(PRESET))
    today = today or datetime.now(UTC).date()
    begins = today - timedelta(days=_SINCE_BEGIN)
    june = date(today.year + (today.month >= _LAST_MONTH), _LAST_MONTH, 30)
    year_on = begins + timedelta(days=_YEAR - 1)
    calendar = msgspec.structs.replace(
        rules.calendar,
        semester_begins=_settled(rules.calendar.semester_begins, begins.isoformat()),
        term_ends=_readings(rules.calendar.term_ends, june.isoformat(), year_on.isoformat()),
    )
    return msgspec.structs.replace(
        rules,
        name=f"{rules.name}, as played in the demo",
        version=f"demo {today.isoformat()}",
        approved_by="the demo's committee",
        review_window=REVIEW_WINDOW,
        max_slack=10,
        complaints=_settled(rules.complaints, COMPLAINTS),
        calendar=calendar,
    )


def _settled(parameter: Parameter[Any], value: Any) -> Parameter[Any]:
    """The parameter with a value of the demo's own, which needs no resolution."""
    return Parameter(clause=parameter.clause, value=value, readings=[])


def _readings(parameter: Parameter[Any], *readings: Any) -> Parameter[Any]:
    """The parameter with other readings, the default first."""
    return Parameter(clause=parameter.clause, value=readings[0], readings=list(readings))


async def sign_readings(service: Service, committee: Committee) -> int:
    """Two members sign the default reading of every ambiguous clause; returns how many there are."""
    facts = await service.facts(committee.election)
    questions = ambiguities(facts.record.state.constitution)
    for question in questions:
        fields = {"clause": question.clause, "reading": question.default}
        await committee.decide(service, "resolution", fields)
    return len(questions)
