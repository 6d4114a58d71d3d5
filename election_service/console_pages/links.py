"""`/committee/{e}/links`: credentials and ballot links, an offline registrar's document, authenticator secrets."""

from typing import Any, Final

from sqlalchemy import select

from election_service import schema
from election_service.console.ballot_links import make_links, make_secrets, read_links, take_document
from election_service.console.drafts import RESOURCES, read_known
from election_service.console.prepared_acts import prepared_acts
from election_service.console.roles import Capability
from election_service.console_pages.changing import (
    REFUSALS,
    Refused,
    begin_change,
    changing,
    note_change,
    refused,
    revision_of,
    status_of,
)
from election_service.console_pages.flashes import said
from election_service.console_pages.frame import render
from election_service.console_pages.visit import Answer, ConsoleVisit, Download, Route
from election_service.errors import InputError
from election_service.languages import translatable
from election_service.pages.shell import Pages

RESOURCE: Final = RESOURCES.links
STATES: Final = {
    "held": translatable("wait for an act"),
    "waiting": translatable("on their way"),
    "sent": translatable("out"),
    "refused": translatable("refused by the mail server"),
    "bounced": translatable("came back"),
    "dropped": translatable("given up"),
}


async def show_links(pages: Pages, visit: ConsoleVisit, why: Refused | None = None) -> Answer:
    """What is made and what is out, and the one thing to do next."""
    election, service = visit.place, visit.service
    found: dict[str, Any] = {"state": None, "frozen": False, "logged": 0, "ready": 0, "factor": ""}
    async with service.database.snapshot() as connection:
        known = await read_known(connection, election)
        if known.made:
            rolls = schema.rolls
            frozen = await connection.scalar(select(rolls.c.frozen).where(rolls.c.election == election))
            found |= {"state": await read_links(connection, election), "frozen": bool(frozen)}
    if known.made:
        ready = [kind for kind, _ in await prepared_acts(service, election) if kind == "electorate"]
        facts = await service.facts(election)
        found |= {"logged": len(facts.electorates), "ready": len(ready), "factor": known.draft.second_factor}
    return await render(
        pages,
        visit,
        "committee/links.html",
        section="links",
        status=status_of(why),
        why=why,
        revision=await revision_of(visit, RESOURCE),
        host=service.config.smtp_host,
        states=STATES,
        **found,
    )


async def take_make(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Make them all, once, and queue the mails."""
    try:
        async with changing(visit, RESOURCE, "links-made") as connection:
            made = await make_links(visit.service, connection, visit.place)
    except REFUSALS as error:
        return await show_links(pages, visit, refused(error))
    text = translatable("%(links)s ballot links are made; the mails are on their way.")
    return said(visit, f"/committee/{visit.place}/links", text, links=made)


async def take_offline(pages: Pages, visit: ConsoleVisit) -> Answer:
    """The document of a registrar on another computer."""
    file = visit.files.get("document")
    try:
        if file is None or not file.content:
            raise InputError("document: expected a file, got none", "choose what `registrar make-offline` wrote")
        async with changing(visit, RESOURCE, "links-made") as connection:
            made = await take_document(connection, visit.place, file.content)
    except REFUSALS as error:
        return await show_links(pages, visit, refused(error))
    text = translatable("The registrar's document is taken over, with %(electorates)s electorates.")
    return said(visit, f"/committee/{visit.place}/links", text, electorates=made)


async def take_secrets(pages: Pages, visit: ConsoleVisit) -> Answer:
    """The authenticator secrets as a file; they are shown this once."""
    try:
        await begin_change(visit, RESOURCE)
        content = await make_secrets(visit.service, visit.place)
        await note_change(visit, "secrets-made")
    except REFUSALS as error:
        return await show_links(pages, visit, refused(error))
    return Download(content, "text/csv", f"{visit.place}-totp.csv")


READ: Final = {"/committee/{e}/links": Route(show_links, Capability.SEE_VOTERS)}
SENT: Final = {
    "/committee/{e}/links": Route(take_make, Capability.SEND_MAIL),
    "/committee/{e}/links/document": Route(take_offline, Capability.SEND_MAIL, fields=("document",), upload=True),
    "/committee/{e}/links/secrets": Route(take_secrets, Capability.SEND_MAIL),
}
