"""Who asks an endpoint of the committee: somebody with a session of the console, or a program with a token."""

import hmac
from typing import Final

from aiohttp.web import Request

from election_service.console.api_tokens import identify_token
from election_service.console.revisions import parse_revision
from election_service.console.roles import SERVICE, Identity, require
from election_service.console.sessions import read_session
from election_service.console_routes import COOKIE
from election_service.errors import FormStaleError, SignInRequiredError
from election_service.routes.call import Endpoint
from election_service.service import Service
from keys.errors import FormatError

CSRF_HEADER: Final = "X-CSRF"
_READS: Final = frozenset({"GET"})


async def identify(service: Service, request: Request, endpoint: Endpoint) -> Identity:
    """Who asks, if this person or program may; SignInRequiredError, NotPermittedError or UnknownElectionError if not.

    A session that changes something gives the secret of its forms as well: a cookie alone is no proof of a will (A80).
    """
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind:
        if kind.lower() != "bearer":
            raise SignInRequiredError("authorization: expected Bearer and a token")
        identity = await identify_token(service, token)
    else:
        identity = await _identify_session(service, request)
    if endpoint.needs is not None:
        require(identity, request.match_info.get("e", SERVICE), endpoint.needs)
    return identity


async def _identify_session(service: Service, request: Request) -> Identity:
    known = await read_session(service, request.cookies.get(COOKIE, ""))
    if known is None or known[0].stage != "full":
        raise SignInRequiredError("console: expected a session that is signed in, or a token")
    session, identity = known
    if request.headers.get("Sec-Fetch-Site") not in (None, "same-origin", "none"):
        raise FormatError("request: expected it from a page of this service, got one from another site")
    given = request.headers.get(CSRF_HEADER, "").encode(errors="replace")  # a header may hold bytes that are no text
    if request.method not in _READS and not hmac.compare_digest(given, session.csrf.encode()):
        raise FormStaleError(f"{CSRF_HEADER}: expected the secret of a page of this session")
    return identity


def read_condition(request: Request, endpoint: Endpoint) -> int:
    """The number in `If-Match`; RevisionRequiredError where the endpoint needs one and there is none."""
    return parse_revision(request.headers.get("If-Match")) if endpoint.revised else 0
