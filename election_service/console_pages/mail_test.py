"""`/committee/{e}/mail`: a test mail to oneself, with what the mail server answered."""

from typing import Final

from election_service.console.drafts import RESOURCES, read_known
from election_service.console.flash import Flash
from election_service.console.mail_test import send_test
from election_service.console.roles import Capability
from election_service.console_pages.changing import (
    REFUSALS,
    Refused,
    begin_change,
    note_change,
    refused,
    revision_of,
    status_of,
)
from election_service.console_pages.flashes import said
from election_service.console_pages.frame import render
from election_service.console_pages.visit import Answer, ConsoleVisit, Redirect, Route
from election_service.languages import translatable
from election_service.pages.shell import Pages

RESOURCE: Final = RESOURCES.mail_test


async def show_mail(pages: Pages, visit: ConsoleVisit, why: Refused | None = None) -> Answer:
    """The last test, and a button."""
    config = visit.service.config
    async with visit.service.database.snapshot() as connection:
        draft = (await read_known(connection, visit.place)).draft
    return await render(
        pages,
        visit,
        "committee/mail.html",
        section="mail",
        status=status_of(why),
        why=why,
        revision=await revision_of(visit, RESOURCE),
        host=config.smtp_host,
        sender=config.mail_from,
        email=visit.who.email,
        test=draft.mail_test,
        words=draft.mail_words,
        contact=draft.presentation.contact,
    )


async def take_mail(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Send it to whoever is signed in, and nobody else. The test is counted before it is sent: twice is once."""
    who = visit.who
    try:
        await begin_change(visit, RESOURCE)
        result = await send_test(visit.service, visit.place, to=who.email, name=who.name, language=visit.language)
        await note_change(visit, "mail-tested", result.state)
    except REFUSALS as error:
        return await show_mail(pages, visit, refused(error))
    path = f"/committee/{visit.place}/mail"
    if result.state == "passed":
        return said(visit, path, translatable("The mail server took the mail. Now look whether it arrives."))
    text = translatable("The mail did not go out: %(words)s")
    return Redirect(visit.link(path), Flash(text, {"words": result.words}, bad=True))


READ: Final = {"/committee/{e}/mail": Route(show_mail, Capability.SEE)}
SENT: Final = {"/committee/{e}/mail": Route(take_mail, Capability.SET_UP)}
