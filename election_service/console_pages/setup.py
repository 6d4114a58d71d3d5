"""`/committee/{e}/setup`: what entry 0 fixes, and the log itself."""

from typing import Any, Final

from msgspec.structs import replace

from election_service.console.drafts import (
    RESOURCES,
    Draft,
    check_draft,
    check_unmade,
    read_draft,
    read_known,
    store_draft,
)
from election_service.console.form_faults import FieldFault, FormFaultsError
from election_service.console.make_log import make_log, wanted_members
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
    typed,
)
from election_service.console_pages.flashes import said
from election_service.console_pages.frame import render
from election_service.console_pages.visit import Answer, ConsoleVisit, Route
from election_service.languages import translatable
from election_service.pages.shell import Pages
from election_service.plain_text import cleaned
from keys.canonical import b64
from keys.ids import fingerprint

RESOURCE: Final = RESOURCES.setup
FACTORS: Final = (
    ("totp", translatable("A code of an authenticator on the phone; its secret is handed over apart from the link")),
    ("email", translatable("A code by mail at each login")),
    ("none", translatable("None: the link alone")),
)
_FIELDS: Final = ("second_factor", "waiver", "threshold", "trustees_k", "trustees_n")
_NUMBERS: Final = ("threshold", "trustees_k", "trustees_n")
_DIGITS: Final = 3


async def show_setup(pages: Pages, visit: ConsoleVisit, why: Refused | None = None) -> Answer:
    """The form until the log is made, then what stands in it."""
    async with visit.service.database.snapshot() as connection:
        known = await read_known(connection, visit.place)
        members = await wanted_members(connection, visit.place)
    stored = _stored(known.draft)
    facts = await visit.service.facts(visit.place) if known.made else None
    return await render(
        pages,
        visit,
        "committee/setup.html",
        section="setup",
        status=status_of(why),
        made=known.made,
        values=typed(visit, stored, why if why is not None and _FIELDS[0] in visit.form else None),
        stored=stored,
        why=why,
        revision=await revision_of(visit, RESOURCE),
        factors=FACTORS,
        members=[(item.name, item.member, fingerprint(item.key) if item.key else "") for item in members],
        logged=[] if facts is None else [(name, fingerprint(key)) for name, key in sorted(facts.members.items())],
        threshold=known.draft.threshold if facts is None else facts.threshold,
        enough=sum(bool(item.key) for item in members) >= known.draft.threshold,
        log_id="" if facts is None else b64(facts.log_id),
    )


def _stored(draft: Draft) -> dict[str, str]:
    return {name: str(getattr(draft, name)) for name in _FIELDS}


async def take_setup(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Change what the log will be made with."""
    try:
        async with changing(visit, RESOURCE, "setup-changed") as connection:
            known = await read_known(connection, visit.place, lock=True)
            check_unmade(known)
            draft = replace(await read_draft(connection, visit.place), **_read(visit))
            check_draft(draft)
            await store_draft(connection, visit.place, draft)
    except REFUSALS as error:
        return await show_setup(pages, visit, refused(error))
    return said(visit, f"/committee/{visit.place}/setup", translatable("The set-up is changed."))


def _read(visit: ConsoleVisit) -> dict[str, Any]:
    """The form's values; FormFaultsError for what is no choice and no number."""
    form, faults = visit.form, []
    factor = form.get("second_factor", "")
    if factor not in {name for name, _ in FACTORS}:
        faults.append(FieldFault("second_factor", "expected one of the choices"))
    numbers = {}
    for name in _NUMBERS:
        text = form.get(name, "").strip()
        if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
            faults.append(FieldFault(name, "expected a number"))
            continue
        numbers[name] = int(text)
    if faults:
        raise FormFaultsError("set-up", faults)
    return {"second_factor": factor, "waiver": cleaned(form.get("waiver", "")), **numbers}


async def take_log(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Make the log, once."""
    try:
        await begin_change(visit, RESOURCE)
        await make_log(visit.service, visit.place)
        await note_change(visit, "log-made")
    except REFUSALS as error:
        return await show_setup(pages, visit, refused(error))
    text = translatable("The log is made. Note its id, and compare it whenever you sign.")
    return said(visit, f"/committee/{visit.place}/setup", text)


READ: Final = {"/committee/{e}/setup": Route(show_setup, Capability.SEE)}
SENT: Final = {
    "/committee/{e}/setup": Route(take_setup, Capability.SET_UP, fields=_FIELDS),
    "/committee/{e}/setup/log": Route(take_log, Capability.INVITE),
}
