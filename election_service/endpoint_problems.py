"""Which problems an endpoint answers with, so that the published description promises every status that can come.

What follows from an endpoint's shape (its path, body, role, condition) is derived here; what its use case refuses is
the table below. Held to the service by tests/fuzz, and by every test that asks over HTTP (tests/service/promises.py).
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from election_service.problems import INTERNAL_CODE, PROBLEMS
from election_service.routes.call import Endpoint

_LOGIN: Final = ("login-refused", "code-sent", "code-wrong", "code-expired", "too-many-codes")
_TOKEN: Final = ("wrong-context", "not-eligible", "signature-invalid", "token-already-issued", "poll-not-open", "busy")
_BALLOT: Final = (
    "wrong-context",
    "poll-not-open",
    "token-spent",
    "token-invalid",
    "owner-mismatch",
    "signature-invalid",
    "point-invalid",
    "proof-invalid",
    "ballot-refused",
    "busy",
)
_ACT: Final = ("act-refused", "act-expired", "approval-refused")
_MESSAGE: Final = ("act-refused", "signature-invalid", "point-invalid", "proof-invalid")
_VOICE: Final = ("act-refused", "not-eligible", "signature-invalid")
_STATE: Final = ("act-refused",)  # of the election: no log yet, a poll that is not open, rules that are signed

REFUSALS: Final[Mapping[str, tuple[str, ...]]] = {  # by the name of the handler, which is the operation's id
    "log_in": _LOGIN,
    "show_voter": ("not-eligible",),
    "ask_token": _TOKEN,
    "cast": _BALLOT,
    "propose_act": _ACT,
    "approve_act": _ACT,
    "show_closing": _STATE,
    "take_message": _MESSAGE,
    "show_agenda": _STATE,
    "show_seats": _STATE,
    "show_notices": _STATE,
    "file_complaint": _VOICE,
    "support_petition": _VOICE,
    "vote_openly": _VOICE,
    "invite_person": _STATE,
    "take_role": _STATE,
    "lock_person": _STATE,
    "change_rules": _STATE,
    "finish_rules": _STATE,
    "change_readings": _STATE,
    "show_prepared_acts": _STATE,
    "show_roll": _STATE,
    "add_roll_part": _STATE,
    "map_roll": _STATE,
    "import_roll": _STATE,
    "cancel_roll": _STATE,
    "show_links": _STATE,
    "send_links": _STATE,
    "take_registration": _STATE,
    "show_candidates": _STATE,
    "enter_candidate": _STATE,
    "replace_list": _STATE,
    "change_profile": ("busy",),
    "show_next_contests": _STATE,
    "make_contests": _STATE,
    "list_planned": _STATE,
    "prepare_act": _STATE,
    "prepare_reissue": _STATE,
    "send_reminders": _STATE,
    "show_review": _STATE,
    "make_poll": _STATE,
    "set_retention": _STATE,
    "fetch_document": ("busy",),
}


def problem_codes(endpoint: Endpoint) -> frozenset[str]:
    """Every code that the endpoint may answer with."""
    return frozenset({INTERNAL_CODE, *_of_shape(endpoint), *REFUSALS.get(endpoint.handle.__name__, ())})


def problems_by_status(endpoint: Endpoint) -> dict[HTTPStatus, list[str]]:
    """The same by status, ascending."""
    found: dict[HTTPStatus, list[str]] = {}
    for code in sorted(problem_codes(endpoint)):
        found.setdefault(PROBLEMS[code].status, []).append(code)
    return dict(sorted(found.items()))


def _of_shape(endpoint: Endpoint) -> set[str]:
    codes: set[str] = set()
    if "{" in endpoint.path:
        codes |= {"not-found"}
    if "{e}" in endpoint.path:
        codes |= {"unknown-election"}
    if "{context}" in endpoint.path:
        codes |= {"malformed", "wrong-context"}
    if endpoint.request is not None:
        codes |= {"malformed", "too-large"}
    if endpoint.query:
        codes |= {"malformed"}
    if endpoint.revised:
        codes |= {"malformed", "revision-required", "revision-stale"}
    if endpoint.role == "bearer":
        codes |= {"login-required"}
    if endpoint.role == "committee":
        codes |= {"sign-in-required", "malformed"}  # malformed: a cookie that came with a request of another site
        codes |= {"not-permitted"} if endpoint.needs is not None else set()
        codes |= {"form-stale"} if endpoint.method != "GET" else set()
    return codes
