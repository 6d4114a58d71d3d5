"""`/committee/{e}/texts`: what the election is called and says of itself in each language, whom to ask, the zone."""

from typing import Final

from election_service.api_types import ElectionTexts
from election_service.console.drafts import RESOURCES, read_known, store_texts
from election_service.console.roles import Capability
from election_service.console_pages.changing import REFUSALS, Refused, changing, refused, revision_of, status_of, typed
from election_service.console_pages.flashes import said
from election_service.console_pages.frame import render
from election_service.console_pages.new_election import ZONES
from election_service.console_pages.visit import Answer, ConsoleVisit, Route
from election_service.languages import LANGUAGES, translatable
from election_service.pages.shell import Pages
from election_service.plain_text import cleaned
from election_service.presentation import Presentation

RESOURCE: Final = RESOURCES.texts
_FIELDS: Final = (*(f"{what}_{name}" for name in LANGUAGES for what in ("title", "intro")), "contact", "zone")


async def show_texts(pages: Pages, visit: ConsoleVisit, why: Refused | None = None) -> Answer:
    """The form; a language without a title is shown in English."""
    async with visit.service.database.snapshot() as connection:
        known = await read_known(connection, visit.place)
    stored = _stored(known.draft.presentation)
    return await render(
        pages,
        visit,
        "committee/texts.html",
        section="texts",
        status=status_of(why),
        values=typed(visit, stored, why),
        stored=stored,
        why=why,
        revision=await revision_of(visit, RESOURCE),
        zones=ZONES,
    )


def _stored(shown: Presentation) -> dict[str, str]:
    values = {"contact": shown.contact, "zone": shown.zone}
    for language in LANGUAGES:
        text = shown.texts.get(language, ElectionTexts(title="", intro=""))
        values |= {f"title_{language}": text.title, f"intro_{language}": text.intro}
    return values


async def take_texts(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Replace all of it."""
    try:
        async with changing(visit, RESOURCE, "texts-changed") as connection:
            await store_texts(connection, visit.place, _read(visit))
    except REFUSALS as error:
        return await show_texts(pages, visit, refused(error))
    return said(visit, f"/committee/{visit.place}/texts", translatable("The texts are changed."))


def _read(visit: ConsoleVisit) -> Presentation:
    """The form; what cannot be cleaned stays as it is, for the check to name."""
    texts = {}
    for language in LANGUAGES:
        title, intro = (cleaned(visit.form.get(f"{what}_{language}", "")) for what in ("title", "intro"))
        if title or intro or language == "en":
            texts[language] = ElectionTexts(title=title, intro=intro)
    form = visit.form
    return Presentation(texts=texts, contact=form.get("contact", "").strip(), zone=form.get("zone", "").strip())


READ: Final = {"/committee/{e}/texts": Route(show_texts, Capability.SEE)}
SENT: Final = {"/committee/{e}/texts": Route(take_texts, Capability.SET_UP, fields=_FIELDS)}
