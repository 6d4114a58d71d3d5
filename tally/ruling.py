"""What recorded decisions change: one function for each `what` (tally/decision.py).

Each checks everything before it changes anything, and returns the entries that follow: mandates that end and begin.
"""

from collections.abc import Callable
from typing import Final

from tally import seat_rulings, voice_rulings
from tally.calendar import Suspension
from tally.constitution import Motion
from tally.decision import Decision
from tally.errors import OutcomeError
from tally.legal_state import LegalState
from tally.settlement import Event

Ruling = Callable[[LegalState, str, Decision, int], list[Event]]
"""(state, cause "decision:ACT", decision, POSIX time of its entry) -> entries that follow."""


def rule_on(state: LegalState, act: str, decision: Decision, time: int) -> list[Event]:
    """Apply one decision; OutcomeError where it has no ground in the rules or in the log."""
    _check_members(decision)
    return RULINGS[decision.what](state, f"decision:{act}", decision, time)


_USED: Final[dict[str, tuple[str, ...]]] = {
    "vacancy": ("seat", "person", "ground", "motion"),
    "bar": ("seat", "person", "ground"),
    "withdrawal": ("seat", "person"),
    "approval": ("seat", "person"),
    "refusal": ("seat", "person"),
    "appointment": ("seat", "person"),
    "attendance": ("seat", "number"),
    "notice": ("seat",),
    "suspension": (),
    "resumption": (),
    "permission": (),
    "paper": ("seat", "person"),
    "honorary": ("person",),
    "complaint": ("number", "ground"),
    "petition": ("seat", "ground", "electorate", "until", "person", "motion"),
    "petition-result": ("seat", "number", "ground"),
    "board-vote": ("seat", "electorate", "person", "until"),
    "board-result": ("seat", "number", "ground"),
}
_OPTIONAL: Final = {
    ("vacancy", "motion"),
    ("bar", "seat"),
    ("board-vote", "person"),
    ("board-vote", "until"),
    ("petition", "until"),
    ("petition", "person"),
    ("petition", "motion"),
    ("attendance", "number"),
    ("petition-result", "number"),
    ("board-result", "number"),
}


def _check_members(decision: Decision) -> None:
    used = _USED[decision.what]
    for name in ("seat", "person", "ground", "motion", "electorate", "number", "until"):
        value = getattr(decision, name)
        if value and name not in used:
            raise OutcomeError(f"decision {decision.what}: {name}: has no meaning there, got {value!r}")
        if not value and name in used and (decision.what, name) not in _OPTIONAL:
            raise OutcomeError(f"decision {decision.what}: {name}: missing")


# ---- meetings, standstill, permission --------------------------------------------------------------------------------


def _attendance(state: LegalState, cause: str, decision: Decision, _time: int) -> list[Event]:
    newest = state.polls.get(len(state.polls))
    planned = newest.contests.get(decision.seat) if newest is not None and newest.declared is None else None
    if planned is None:
        raise OutcomeError(f"decision attendance: no poll that is open votes on {decision.seat}")
    if decision.number > planned.size:
        raise OutcomeError(f"decision attendance: expected at most {planned.size} persons, got {decision.number}")
    state.attended[decision.seat] = decision.number
    state.causes["attendance", decision.seat] = cause
    return []


def _notice(state: LegalState, _cause: str, decision: Decision, time: int) -> list[Event]:
    if decision.seat in state.notices:
        raise OutcomeError(f"decision notice: of {decision.seat} is recorded already")
    if not any(isinstance(procedure, Motion) for procedure in state.rules.procedures):
        raise OutcomeError("decision notice: these rules know no motions")
    state.notices[decision.seat] = time
    return []


def _suspension(state: LegalState, _cause: str, _decision: Decision, time: int) -> list[Event]:
    if state.suspended:
        raise OutcomeError("decision suspension: the self-governance is at a standstill already")
    state.suspensions.append(Suspension(time, None))
    return []


def _resumption(state: LegalState, _cause: str, _decision: Decision, time: int) -> list[Event]:
    if not state.suspended:
        raise OutcomeError("decision resumption: the self-governance is not at a standstill")
    state.suspensions[-1] = Suspension(state.suspensions[-1].start, time)
    return []


def _permission(state: LegalState, _cause: str, _decision: Decision, _time: int) -> list[Event]:
    state.permitted = True
    return []


RULINGS: Final[dict[str, Ruling]] = {
    "vacancy": seat_rulings.vacancy,
    "bar": seat_rulings.bar,
    "withdrawal": seat_rulings.withdrawal,
    "approval": seat_rulings.approval,
    "refusal": seat_rulings.refusal,
    "appointment": seat_rulings.appointment,
    "attendance": _attendance,
    "notice": _notice,
    "suspension": _suspension,
    "resumption": _resumption,
    "permission": _permission,
    "paper": seat_rulings.paper,
    "honorary": seat_rulings.honorary,
    "complaint": voice_rulings.complaint,
    "petition": voice_rulings.petition,
    "petition-result": voice_rulings.petition_result,
    "board-vote": voice_rulings.board_vote,
    "board-result": voice_rulings.board_result,
}
