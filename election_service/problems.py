"""RFC 9457 problem details: the one map from an error's code to an HTTP status (docs/protocol.md §A)."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from election_service.errors import TokenAlreadyIssuedError, TooManyCodesError
from keys.canonical import encode
from keys.errors import DataError, ElectionError, PeerError

CONTENT_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:es1:problem:"
INTERNAL_CODE: Final = "internal"
RETRY_AFTER: Final = 2  # seconds
_INTERNAL_DETAIL: Final = "the service could not do this; the operator's log says why"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """Status and title of a problem; the title says the same in every instance."""

    status: HTTPStatus
    title: str


CONSOLE_PROBLEMS: Final[dict[str, ProblemType]] = {  # of the committee's console; no part of the protocol
    "not-permitted": ProblemType(HTTPStatus.FORBIDDEN, "Your role does not allow this."),
    "sign-in-required": ProblemType(HTTPStatus.UNAUTHORIZED, "Sign in first."),
    "sign-in-refused": ProblemType(HTTPStatus.UNAUTHORIZED, "Signing in was refused."),
    "invitation-refused": ProblemType(HTTPStatus.GONE, "The invitation is not good any more."),
    "form-stale": ProblemType(HTTPStatus.FORBIDDEN, "The form is of another session: load the page anew."),
    "revision-stale": ProblemType(HTTPStatus.PRECONDITION_FAILED, "Somebody changed this meanwhile: look again."),
    "revision-required": ProblemType(HTTPStatus.PRECONDITION_REQUIRED, "Say which state you change (If-Match)."),
}
PROBLEMS: Final[dict[str, ProblemType]] = {
    **CONSOLE_PROBLEMS,
    "malformed": ProblemType(HTTPStatus.BAD_REQUEST, "The request is not in the form that the protocol asks for."),
    "too-large": ProblemType(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large."),
    "not-found": ProblemType(HTTPStatus.NOT_FOUND, "There is nothing here."),
    "unknown-election": ProblemType(HTTPStatus.NOT_FOUND, "There is no such election here."),
    "wrong-context": ProblemType(HTTPStatus.UNPROCESSABLE_ENTITY, "This belongs to another contest or election."),
    "poll-not-open": ProblemType(HTTPStatus.CONFLICT, "The poll is not open."),
    "not-eligible": ProblemType(HTTPStatus.FORBIDDEN, "This credential has no vote in this contest."),
    "login-refused": ProblemType(HTTPStatus.UNAUTHORIZED, "The login was refused."),
    "code-sent": ProblemType(HTTPStatus.UNAUTHORIZED, "A code is on its way by mail."),
    "code-wrong": ProblemType(HTTPStatus.UNAUTHORIZED, "The code is wrong."),
    "code-expired": ProblemType(HTTPStatus.UNAUTHORIZED, "The code is no longer good."),
    "too-many-codes": ProblemType(HTTPStatus.TOO_MANY_REQUESTS, "Too many codes or wrong tries."),
    "login-required": ProblemType(HTTPStatus.UNAUTHORIZED, "Log in first."),
    "token-already-issued": ProblemType(HTTPStatus.CONFLICT, "Another token was already issued."),
    "token-spent": ProblemType(HTTPStatus.CONFLICT, "This token has already cast a ballot."),
    "token-invalid": ProblemType(HTTPStatus.UNPROCESSABLE_ENTITY, "The token was not issued for this contest."),
    "owner-mismatch": ProblemType(HTTPStatus.UNPROCESSABLE_ENTITY, "The ballot was not made with this token."),
    "signature-invalid": ProblemType(HTTPStatus.UNPROCESSABLE_ENTITY, "A signature does not verify."),
    "point-invalid": ProblemType(HTTPStatus.UNPROCESSABLE_ENTITY, "An encoded point is not a point of the group."),
    "proof-invalid": ProblemType(HTTPStatus.UNPROCESSABLE_ENTITY, "A proof does not hold."),
    "ballot-refused": ProblemType(HTTPStatus.UNPROCESSABLE_ENTITY, "The ballot is degenerate; encrypt again."),
    "approval-refused": ProblemType(HTTPStatus.FORBIDDEN, "The approval was refused."),
    "act-refused": ProblemType(HTTPStatus.CONFLICT, "This does not fit the state of the election."),
    "act-expired": ProblemType(HTTPStatus.CONFLICT, "The time for approvals is over."),
    "busy": ProblemType(HTTPStatus.SERVICE_UNAVAILABLE, "The service is busy; try again."),
    INTERNAL_CODE: ProblemType(HTTPStatus.INTERNAL_SERVER_ERROR, "The service has a fault."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem document ready to send: `members` beyond the standard ones, `headers` as RFC 9110 asks for."""

    code: str
    status: HTTPStatus
    detail: str
    members: dict[str, Any]
    headers: dict[str, str]

    def to_bytes(self) -> bytes:
        """The document as canonical JSON."""
        return encode(
            {
                "type": TYPE_PREFIX + self.code,
                "title": PROBLEMS[self.code].title,
                "status": int(self.status),
                "detail": self.detail,
                "code": self.code,
                **self.members,
            }
        )


def problem_code(error: BaseException) -> str:
    """The stable code of an error.

    Data that is refused by a code of no HTTP answer is `malformed`, a peer's failure `busy`, all else our own fault.
    """
    if isinstance(error, ElectionError) and error.code in PROBLEMS:
        return error.code
    if isinstance(error, DataError):
        return "malformed"
    return "busy" if isinstance(error, PeerError) else INTERNAL_CODE


def make_problem(error: BaseException, refusal: str | None = None) -> Problem:
    """The problem of an error. What is our own fault says nothing of its inside; `refusal` is the signature of §7."""
    code = problem_code(error)
    members: dict[str, Any] = {}
    headers: dict[str, str] = {}
    if isinstance(error, TokenAlreadyIssuedError):
        members = {
            "blinded": error.blinded,
            "recovery": error.recovery,
            "blind_signature": error.blind_signature,
        }
    if code == "busy":
        headers["Retry-After"] = str(RETRY_AFTER)
    if isinstance(error, TooManyCodesError):
        headers["Retry-After"] = str(error.retry_after)
    status = PROBLEMS[code].status
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if refusal is not None:
        members["refusal"] = refusal
    detail = _INTERNAL_DETAIL if code == INTERNAL_CODE else str(error)
    return Problem(code, status, detail, members, headers)


def http_problem(status: HTTPStatus, detail: str) -> Problem:
    """The problem for what the web server itself refuses: no such address, wrong method, a body that is too large."""
    codes = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too-large", HTTPStatus.BAD_REQUEST: "malformed"}
    code = codes.get(status, "not-found" if status < HTTPStatus.INTERNAL_SERVER_ERROR else INTERNAL_CODE)
    return Problem(code, status, detail, {}, {})
