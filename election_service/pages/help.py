"""`/elections/{e}/help`: questions and answers, what to do if something goes wrong, and a form to the committee."""

from typing import Final

from election_service.errors import BusyError
from election_service.languages import translatable
from election_service.messages_desk import KINDS, MAX_CONTACT, MAX_TEXT, MessageError, take_message
from election_service.pages.about import about
from election_service.pages.faq import QUESTIONS
from election_service.pages.shell import Pages
from election_service.pages.visit import Page, Visit

KIND_NAMES: Final = {
    "question": translatable("a question"),
    "incident": translatable("something went wrong"),
    "complaint": translatable("a complaint"),
}
_FAULTS: Final = {
    ("text", "missing"): translatable("Please write what it is about."),
    ("text", "usable"): translatable("The text is too long or has characters that cannot be shown. Please change it."),
    ("contact", "usable"): translatable("The address for an answer is too long or not usable. Please change it."),
    ("kind", "usable"): translatable("Please choose what kind of message it is."),
}
_BUSY: Final = translatable("Too many messages came in this hour. Please write later, or to the committee's address.")
_REFUSED: Final = 400
_TOO_MANY: Final = 503


async def show_help(pages: Pages, visit: Visit) -> Page:
    """The page with an empty form."""
    known = await about(visit)

    async def make() -> str:
        return await _render(pages, visit)

    return await pages.kept(visit, ("help", known.id), (known.size, known.title, known.contact), make)


async def take_help(pages: Pages, visit: Visit) -> Page:
    """The form, sent: a number by which to ask about it, or the form again with what was written."""
    form = visit.form
    try:
        number = await take_message(
            visit.service,
            visit.election,
            text=form.get("text", ""),
            contact=form.get("contact", ""),
            kind=form.get("kind", ""),
            language=visit.language,
            address=visit.address,
        )
    except MessageError as error:
        fault = _FAULTS.get((error.field, error.reason), _FAULTS["text", "usable"])
        return Page(await _render(pages, visit, fault=fault, field=error.field), status=_REFUSED)
    except BusyError:
        return Page(await _render(pages, visit, fault=_BUSY), status=_TOO_MANY)
    return Page(await _render(pages, visit, number=number))


async def _render(pages: Pages, visit: Visit, *, fault: str = "", field: str = "", number: str = "") -> str:
    known = await about(visit)
    return await pages.render(
        "help.html",
        visit,
        about=known,
        section="help",
        questions=QUESTIONS,
        kinds={kind: KIND_NAMES[kind] for kind in KINDS},
        most_text=MAX_TEXT,
        most_contact=MAX_CONTACT,
        form={} if number else visit.form,
        fault=fault,
        field=field,
        sent=number,
    )
