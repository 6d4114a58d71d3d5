"""Which parameters say nothing, because another one makes them pointless: the notice board leaves them out."""

from typing import Any

from tally.constitution import Constitution, SeatRule
from tally.parameter import Parameter
from tally.resolutions import reading_text


def is_relevant(rules: Constitution, path: str, parameter: Parameter[Any]) -> bool:
    """Whether the parameter at this dotted path can matter. An ambiguous one always does: somebody has to sign it."""
    section, _, rest = path.partition(".")
    place, _, member = rest.rpartition(".")
    reading = reading_text(parameter.value)
    if parameter.ambiguous:
        return True
    if section == "turnout":
        return member == "scope" or not is_clearly(rules.turnout.scope, "none")
    if section == "calendar":
        return _calendar(rules, member, reading)
    if section == "positions":
        return _seat(rules, place, member) and (member != "bars" or reading != "none")
    return _elsewhere(rules, section, place, member, reading)


def is_used(rules: Constitution, procedure: str) -> bool:
    """Whether anything can be judged by the procedure of this id."""
    seats = [position.seat for position in rules.positions if position.seat is not None]
    named = [position.procedure for position in rules.positions] + [seat.by_election for seat in seats]
    named += [rules.members_vote] if seats else []
    return any(procedure in (parameter.readings or [parameter.value]) for parameter in named)


def is_clearly(parameter: Parameter[Any], reading: str) -> bool:
    """Whether a parameter has this reading and can have no other."""
    return not parameter.ambiguous and reading_text(parameter.value) == reading


def _has_offices(rules: Constitution) -> bool:
    return any(position.seat is not None for position in rules.positions)


def _elsewhere(rules: Constitution, section: str, place: str, member: str, reading: str) -> bool:
    if section in {"members_vote", "discipline"}:
        return _has_offices(rules)
    if section == "one_position":
        return _has_offices(rules) and (member == "applies" or not is_clearly(rules.one_position.applies, "false"))
    if section == "petitions":
        return member != "minimum" or reading != "0"
    if section == "procedures":
        return not is_clearly(rules.members_vote, place) or member in {"voters", "tie"}
    return section != "complaints" or reading != "0"


def _calendar(rules: Constitution, member: str, reading: str) -> bool:
    if member in {"semester_begins", "first_poll_days", "first_poll_measure", "first_poll_late"}:
        return not is_clearly(rules.calendar.first_poll_days, "0")
    if member in {"term_ends", "after_term"}:
        return not is_clearly(rules.calendar.term_ends, "none")
    return reading != "none"


def _seat(rules: Constitution, place: str, member: str) -> bool:
    identity, is_seat, _ = place.partition(".seat")
    seat = next((position.seat for position in rules.positions if position.id == identity), None)
    return not is_seat or seat is None or not _is_pointless(seat, member)


def _is_pointless(seat: SeatRule, member: str) -> bool:
    if member == "refused":
        return is_clearly(seat.approval, "none")
    if member in {"successor_tie", "min_votes"}:
        return is_clearly(seat.succession, "by-election")
    return member == "acting" and is_clearly(seat.acting, "none")
