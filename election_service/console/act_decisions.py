"""Recorded decisions as their forms ask for them: persons by id or name, results counted from the log."""

from typing import Any, Final

from ballot.contest import Contest
from election_service.console.act_values import ActValues
from election_service.console.decision_kinds import DECISIONS
from election_service.errors import ActRefusedError, RollError
from election_service.facts import LogFacts
from election_service.law_view import names_of
from election_service.persons import person_of
from election_service.service import Service

_LINES: Final = ("seat", "person", "ground", "motion", "electorate")


async def prepare_decision(service: Service, election: str, facts: LogFacts, values: ActValues) -> dict[str, Any]:
    """The data of a `decision`: members that its kind does not use stay empty."""
    what = values.line("what", needed=True)
    if what not in DECISIONS:
        values.fault("what", f"expected one of {', '.join(DECISIONS)}")
        values.raise_faults()
    asked = {field.name: field for field in DECISIONS[what][1]}
    fields: dict[str, Any] = dict.fromkeys(_LINES, "")
    for name in _LINES:
        if name in asked:
            fields[name] = values.line(name, needed=asked[name].needed)
    fields |= {"what": what, "number": 0, "until": "", "text": values.text("text")}
    if "number" in asked:
        fields["number"] = values.number("number")
    if "until" in asked:
        fields["until"] = values.time("until") or ""
    if what != "board-vote":
        fields["person"] = find_person(facts.documents, str(fields["person"]), values)
    if "student" in asked:
        fields["person"] = fields["person"] or await _person_of(service, election, values)
    values.raise_faults()
    fields |= _counted(facts, what, str(fields["seat"]))
    return {"decision": fields}


def find_person(documents: list[Contest], person: str, values: ActValues) -> str:
    """The option id of somebody who is named by id or in full; a fault where two are called so."""
    names = names_of(documents)
    if not person or person in names:
        return person
    called = sorted(
        identity for identity, name in names.items() if person.casefold() in {text.casefold() for text in name.values()}
    )
    if len(called) > 1:
        values.fault("person", f"{', '.join(called)} are called so: give the id")
    return called[0] if called else person


async def _person_of(service: Service, election: str, values: ActValues) -> str:
    """The number of somebody on the roll, who gets one now if need be."""
    student = values.line("student")
    if not student:
        values.fault("person", "expected a person, or a student id")
        return ""
    try:
        async with service.database.transaction() as connection:
            return await person_of(connection, election, student)
    except RollError as error:
        values.fault("student", str(error))
        return ""


def _counted(facts: LogFacts, what: str, seat: str) -> dict[str, Any]:
    """Outcome and number of a petition or open vote, as everybody counts them from the log."""
    if what not in ("petition-result", "board-result"):
        return {}
    state = facts.record.state
    if what == "petition-result":
        petition = state.petitions.get(seat)
        if petition is None:
            raise ActRefusedError(f"decision petition-result: no petition {seat!r} was opened")
        rule = next(rule for rule in state.rules.petitions if rule.id == state.petition_rules[seat])
        verdict = petition.result(state.electorates[petition.electorate], rule)
        return {"ground": "supported" if verdict.supported else "not-supported", "number": verdict.supporters}
    vote, board = state.open_votes.get(seat), state.rules.board
    if vote is None or board is None:
        raise ActRefusedError(f"decision board-result: no open vote {seat!r} has begun")
    result = vote.result(state.electorates[vote.electorate], board)
    return {"ground": result.outcome, "number": result.votes_for}
