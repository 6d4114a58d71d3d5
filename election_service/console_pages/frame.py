"""What every page of the console has around it: whose election it is, where else one can go, what was just done."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from election_service.console.drafts import read_known
from election_service.console.flash import take_flash
from election_service.console.roles import ROLE_NAMES, SERVICE, Capability
from election_service.console_pages.refusal_words import said
from election_service.console_pages.visit import ConsoleVisit
from election_service.languages import translatable
from election_service.pages.about import in_language
from election_service.pages.shell import Pages
from election_service.pages.visit import Page
from election_service.service import Service

Section = tuple[str, str, Capability, str]  # name, path after the election, who sees it, text

_SECTIONS: Final[tuple[tuple[str, tuple[Section, ...]], ...]] = (  # by group; those of none are always in sight
    (
        "",
        (
            ("checklist", "", Capability.SEE, translatable("Checklist")),
            ("acts", "/acts", Capability.SEE, translatable("Acts")),
        ),
    ),
    (
        translatable("Prepare"),
        (
            ("setup", "/setup", Capability.SET_UP, translatable("Set-up")),
            ("rules", "/rules", Capability.SEE, translatable("Rules")),
            ("roll", "/roll", Capability.SEE_VOTERS, translatable("Roll")),
            ("contests", "/contests", Capability.SEE, translatable("Contests")),
            ("candidates", "/candidates", Capability.SEE, translatable("Candidates")),
            ("trustees", "/trustees", Capability.SEE, translatable("Trustees")),
            ("schedule", "/schedule", Capability.SEE, translatable("Schedule")),
            ("texts", "/texts", Capability.SET_UP, translatable("Texts")),
            ("mail", "/mail", Capability.SEND_MAIL, translatable("Mail")),
            ("links", "/links", Capability.SEND_MAIL, translatable("Ballot links")),
        ),
    ),
    (
        translatable("During the poll"),
        (
            ("progress", "/progress", Capability.SEE, translatable("Progress")),
            ("messages", "/messages", Capability.MESSAGE, translatable("Messages")),
            ("requests", "/requests", Capability.SEE_VOTERS, translatable("Link requests")),
        ),
    ),
    (
        translatable("Afterwards"),
        (
            ("results", "/results", Capability.SEE, translatable("Results")),
            ("seats", "/seats", Capability.SEE, translatable("Seats")),
            ("documents", "/documents", Capability.SEE, translatable("Documents")),
        ),
    ),
    (
        translatable("Committee"),
        (
            ("people", "/people", Capability.SEE, translatable("People")),
            ("key", "/key", Capability.APPROVE, translatable("Your key")),
            ("log", "/log", Capability.SEE, translatable("Events")),
            ("tokens", "/tokens", Capability.TOKENS, translatable("Tokens for programs")),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Place:
    """The election that a page belongs to. ``draft``: it has no log yet."""

    id: str
    title: str
    rehearsal: bool
    draft: bool


async def read_place(service: Service, election: str, language: str) -> Place:
    """The election or draft of this id; UnknownElectionError where there is neither."""
    async with service.database.snapshot() as connection:
        known = await read_known(connection, election)
    texts = {name: text.title for name, text in known.draft.presentation.texts.items()}
    rehearsal = (await service.election(election)).rehearsal if known.made else known.draft.rehearsal
    return Place(election, in_language(texts, language, election).text, rehearsal, draft=not known.made)


def navigation(visit: ConsoleVisit) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """The pages of the election that this person may see, by group: name, address, text to be translated."""
    base = f"/committee/{visit.place}"
    found = [
        (group, [(name, base + path, text) for name, path, needs, text in sections if visit.may(needs)])
        for group, sections in _SECTIONS
    ]
    return [(group, sections) for group, sections in found if sections]


async def render(
    pages: Pages,
    visit: ConsoleVisit,
    template: str,
    *,
    section: str = "",
    status: int = 200,
    script: str | None = None,
    **values: Any,
) -> Page:
    """A page of the console: ``template`` extends committee/base.html; ``section``: its name in the navigation.

    ``script``: integrity of the one script that the page may run. The template gets `place`, `navigation`, `identity`,
    `csrf`, `role_names`, `flash` and `said` (refusal_words.py, in the reader's language) besides ``values``.
    """
    around = {
        "place": None if visit.place == SERVICE else await read_place(visit.service, visit.place, visit.language),
        "navigation": [] if visit.place == SERVICE else navigation(visit),
        "identity": visit.identity if visit.session is not None and visit.session.stage == "full" else None,
        "csrf": visit.csrf,
        "section": section,
        "role_names": ROLE_NAMES,
        "said": partial(said, language=visit.language),
        "committee_js": pages.assets.named.get("committee_js"),
        "committee_js_sri": pages.assets.named.get("committee_js_sri"),
        "flash": None if visit.session is None else await take_flash(visit.service, visit.session),
    }
    return Page(await pages.render(template, visit, **{**around, **values}), script, status=status)
