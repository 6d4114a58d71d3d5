"""The voter's way: nonce, login, view, token, ballot."""

from election_service.api_types import BearerAnswer, CastAnswer, NonceAnswer, TokenAnswer, VoterView
from election_service.cast import cast_ballot
from election_service.issue import issue_token
from election_service.login import login, make_nonce
from election_service.routes.call import Call
from election_service.voter_view import voter_view


async def ask_nonce(call: Call) -> NonceAnswer:
    """A nonce to sign."""
    return await make_nonce(call.service, call.election, call.request.credential)


async def log_in(call: Call) -> BearerAnswer:
    """A bearer for a signed nonce."""
    return await login(call.service, call.election, call.request)


async def show_voter(call: Call) -> VoterView:
    """What the voter's program checks and shows."""
    return await voter_view(call.service, call.election, call.credential)


async def ask_token(call: Call) -> TokenAnswer:
    """A blind signature."""
    return await issue_token(call.service, call.election, call.credential, call.request)


async def cast(call: Call) -> CastAnswer:
    """A receipt for a ballot."""
    return await cast_ballot(call.service, call.election, call.body)
