"""Decisions about complaints, petitions and open votes: their beginnings, and results that are recomputed."""

from typing import Final

from tally.calendar import read_time
from tally.decision import Decision
from tally.errors import OutcomeError
from tally.legal_state import LegalState
from tally.open_vote import OpenVote
from tally.petition import Petition
from tally.settlement import Event

NOMINATION: Final = "nomination"


def complaint(state: LegalState, _cause: str, decision: Decision, _time: int) -> list[Event]:
    """A complaint is answered."""
    complaint = state.complaints.get(decision.number)
    if complaint is None or complaint.answer:
        raise OutcomeError(f"decision complaint: entry {decision.number} is no complaint that waits for an answer")
    if decision.ground not in ("upheld", "rejected"):
        raise OutcomeError(f"decision complaint: ground: expected upheld or rejected, got {decision.ground!r}")
    complaint.answer = decision.ground
    return []


def _check_electorate(state: LegalState, decision: Decision) -> None:
    if decision.electorate not in state.electorates:
        raise OutcomeError(f"decision {decision.what}: no electorate {decision.electorate!r} is logged")


def _until(decision: Decision) -> int | None:
    return read_time(decision.until) if decision.until else None


def petition(state: LegalState, _cause: str, decision: Decision, _time: int) -> list[Event]:
    """A petition begins."""
    _check_electorate(state, decision)
    if decision.seat in state.petitions:
        raise OutcomeError(f"decision petition: {decision.seat} was opened before")
    if decision.ground not in {rule.id for rule in state.rules.petitions}:
        raise OutcomeError(f"decision petition: ground: no rule {decision.ground!r} for petitions")
    named = bool(decision.person), bool(decision.motion)
    if named != (decision.ground == NOMINATION, decision.ground == NOMINATION):
        raise OutcomeError(f"decision petition: person and motion: expected them for {NOMINATION}, and only there")
    if decision.ground == NOMINATION:
        _check_nominators(state, decision)
    state.petitions[decision.seat] = Petition(decision.seat, decision.electorate, _until(decision))
    state.petition_rules[decision.seat] = decision.ground
    if decision.ground == NOMINATION:
        state.nominees[decision.seat] = decision.motion, decision.person
    return []


def _check_nominators(state: LegalState, decision: Decision) -> None:
    """A fifth of the members nominates (6.9.3); before there are any, a fifth of the whole body."""
    members, size = len(state.members()), state.electorates[decision.electorate]
    if members and size != members:
        raise OutcomeError(f"decision petition: {decision.electorate}: expected the {members} members, got {size}")
    if not members and decision.electorate != state.rules.body:
        raise OutcomeError(f"decision petition: expected {state.rules.body}, got {decision.electorate}")


def petition_result(state: LegalState, _cause: str, decision: Decision, time: int) -> list[Event]:
    """A petition is closed: its supporters are counted again here."""
    petition = state.petitions.get(decision.seat)
    if petition is None:
        raise OutcomeError(f"decision petition-result: no petition {decision.seat!r} was opened")
    rule = next(rule for rule in state.rules.petitions if rule.id == state.petition_rules[decision.seat])
    verdict = petition.result(state.electorates[petition.electorate], rule)
    if petition.until is not None and time <= petition.until and not verdict.supported:
        raise OutcomeError(f"decision petition-result: {decision.seat}: support is collected until its time is over")
    expected = ("supported" if verdict.supported else "not-supported", verdict.supporters)
    got = (decision.ground, decision.number)
    if got != expected:
        raise OutcomeError(f"decision petition-result: {decision.seat}: expected {expected}, got {got}")
    state.petitions[decision.seat] = petition.close()
    if verdict.supported and decision.seat in state.nominees:
        state.nominated[state.nominees[decision.seat]] = len(state.polls)
    return []


def board_vote(state: LegalState, _cause: str, decision: Decision, _time: int) -> list[Event]:
    """An open vote of a board begins."""
    _check_electorate(state, decision)
    if state.rules.board is None:
        raise OutcomeError("decision board-vote: these rules know no board")
    if decision.person and not state.rules.board.casting.value:
        raise OutcomeError("decision board-vote: person: these rules know no casting vote")
    if decision.seat in state.open_votes:
        raise OutcomeError(f"decision board-vote: {decision.seat} was opened before")
    vote = OpenVote(decision.seat, decision.electorate, decision.person, _until(decision))
    state.open_votes[decision.seat] = vote
    return []


def board_result(state: LegalState, _cause: str, decision: Decision, time: int) -> list[Event]:
    """An open vote ends: its votes are counted again here."""
    vote, rule = state.open_votes.get(decision.seat), state.rules.board
    if vote is None or rule is None:
        raise OutcomeError(f"decision board-result: no open vote {decision.seat!r} has begun")
    size = state.electorates[vote.electorate]
    if vote.until is not None and time <= vote.until and len(vote.choices) < size:
        raise OutcomeError(f"decision board-result: {decision.seat}: members vote until its time is over")
    verdict = vote.result(size, rule)
    got, expected = (decision.ground, decision.number), (verdict.outcome, verdict.votes_for)
    if got != expected:
        raise OutcomeError(f"decision board-result: {decision.seat}: expected {expected}, got {got}")
    state.open_votes[decision.seat] = vote.close()
    return []
