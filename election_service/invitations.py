"""Invitations of an in-service registrar: queued in the transaction that makes the credentials, so that no file ever
holds the links (A44).
"""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from election_service.links import Link
from election_service.mail_text import make_letter, read_letterhead
from election_service.outbox import queue
from election_service.service import Service

FIRST = "first"  # what an invitation is about: a student has one; what follows is a re-issue


async def queue_invitations(service: Service, connection: AsyncConnection, election: str, links: Iterable[Link]) -> int:
    """Queue everybody's invitation inside the caller's transaction; returns how many."""
    head = await read_letterhead(connection, service.config.public_url, election)
    queued = 0
    for link in links:
        values = {"link": link.link}
        letter = make_letter("invite", head, to=link.email, name=link.full_name, language=link.language, values=values)
        queued += await queue(
            connection,
            service.master,
            service.random,
            election=election,
            kind="invite",
            recipient=link.student_id,
            about=FIRST,
            mail=letter,
            now=service.clock(),
        )
    return queued
