"""Signed refusals: what a voter can hold against the service when it turned a request away (docs/protocol.md §7)."""

import msgspec

from election_service.errors import UnknownElectionError
from election_service.service import Service
from keys.canonical import b64, unb64
from keys.errors import DataError


class _Named(msgspec.Struct):
    """The one member that is looked at."""

    context: str


async def sign_refusal(service: Service, election: str, request: bytes, code: str) -> str | None:
    """base64url of the signature, 64 bytes; None where the election is unknown, and so has no key to sign with.

    The context is the one that the request names, if that can be read and is a contest of the election; else zeros.
    """
    try:
        known = await service.election(election)
    except UnknownElectionError:
        return None
    context: bytes | None
    try:
        context = unb64(msgspec.json.decode(request, type=_Named).context, 32, "context")
        await service.contest(known, context)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, DataError):
        context = None
    return b64(known.refusal(context, request, code, service.random))
