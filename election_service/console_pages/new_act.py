"""`/committee/{e}/acts/new/…`: forms of acts, what they would lead to, and the first signature.

A form that is sent prepares an act and shows it exactly; nothing changes by that. The member's browser signs and
proposes it; without a script, the act is a file for the command line. A re-issue alone leaves a held mail, and is sent
on by 303.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from audit.entries import parse_time
from election_service.console.act_kinds import ACTS, OFFLINE_REISSUE, ActKind, Field
from election_service.console.decision_kinds import DECISIONS
from election_service.console.form_faults import FormFaultsError
from election_service.console.planned_acts import plan_reissue, plan_replacements, planned_acts
from election_service.console.proposing import Prepared, examine, prepare
from election_service.console.roles import Capability
from election_service.console.schedule import read_schedule, write_local
from election_service.console.signing_keys import signing_keys
from election_service.console_pages.act_choices import choices
from election_service.console_pages.acts import BASE, SECTION, STATES, Shown, act_words, extra_lines
from election_service.console_pages.frame import render
from election_service.console_pages.logged import of_a_log
from election_service.console_pages.signing import integrity_of, signing_desk
from election_service.console_pages.visit import Answer, ConsoleVisit, Download, Redirect, Route
from election_service.errors import NotFoundError
from election_service.pages.about import About, about
from election_service.pages.shell import Pages
from election_service.proposals import make_proposals
from election_service.reissue import KIND as REISSUE
from keys.canonical import b64
from keys.errors import DataError, FormatError

PREPARED: Final = BASE + "/new/prepared"
NEW: Final = BASE + "/new/{kind}"
DOWNLOAD: Final = "download"  # the button that asks for a file in place of the page
_FILE: Final = "application/octet-stream"
_NAMES: Final = tuple(
    sorted(
        {field.name for kind in ACTS.values() for field in kind.fields}
        | {field.name for _, fields in DECISIONS.values() for field in fields}
    )
)


@of_a_log(SECTION)
async def show_form(pages: Pages, visit: ConsoleVisit) -> Answer:
    """The form of a kind, filled in from the address; for acts that need no form, the act itself."""
    kind = visit.parts["kind"]
    asked = _asked(kind)
    if asked.ready:
        return Redirect(visit.link(PREPARED.replace("{e}", visit.place), kind=kind))
    if not asked.fields and kind != "decision":
        return await _review(pages, visit, kind, {})
    given = {name: [value] for name, value in visit.query.items()}
    return await _form(pages, visit, kind, given)


@of_a_log(SECTION)
async def take_form(pages: Pages, visit: ConsoleVisit) -> Answer:
    """What a form would lead to; the form again, with what was typed, where it does not fit."""
    kind = visit.parts["kind"]
    if _asked(kind).ready:
        raise NotFoundError(f"act: no form makes acts of the kind {kind[:40]!r}")
    if kind == REISSUE:
        return await _plan_reissue(pages, visit)
    if visit.files:
        raise FormatError("form: expected no file")
    return await _review(pages, visit, kind, visit.fields)


def _asked(kind: str) -> ActKind:
    if kind not in ACTS:
        raise NotFoundError(f"act: there is no kind {kind[:40]!r}")
    return ACTS[kind]


async def _review(pages: Pages, visit: ConsoleVisit, kind: str, given: Mapping[str, Sequence[str]]) -> Answer:
    try:
        prepared = await prepare(visit.service, visit.place, kind, given)
    except FormFaultsError as error:
        faults = {fault.field: fault.text for fault in error.faults}
        return await _form(pages, visit, kind, given, faults=faults, status=400)
    except DataError as error:
        return await _form(pages, visit, kind, given, refusal=str(error), status=409)
    if DOWNLOAD in given:
        content = make_proposals(visit.place, [(kind, prepared.data)])
        return Download(content, _FILE, f"{visit.place}-{kind}.acts")
    return await _show_prepared(pages, visit, [prepared], kind, given)


async def _plan_reissue(pages: Pages, visit: ConsoleVisit) -> Answer:
    """A new link is made and held, or an offline registrar's file is taken; the acts wait on the page of what is
    ready.
    """
    ready = Redirect(visit.link(PREPARED.replace("{e}", visit.place), kind=REISSUE))
    if "file" in visit.files:
        try:
            await plan_replacements(visit.service, visit.place, visit.files["file"].content)
        except DataError as error:
            return await _form(pages, visit, REISSUE, visit.fields, refusal=str(error), status=409)
        return ready
    student, reason = (visit.form.get(name, "").strip() for name in ("student", "reason"))
    given = (("student", student), ("reason", reason))
    faults = {name: "expected something here" for name, value in given if not value}
    if faults:
        return await _form(pages, visit, REISSUE, visit.fields, faults=faults, status=400)
    try:
        await plan_reissue(visit.service, visit.place, visit.who.account, student, reason)
    except DataError as error:
        return await _form(pages, visit, REISSUE, visit.fields, refusal=str(error), status=409)
    return ready


# ---- what is ready ---------------------------------------------------------------------------------------------------


@of_a_log(SECTION)
async def show_prepared(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Acts that other pages have ready, all or of one kind, to be proposed with one passphrase."""
    return await _show_prepared(pages, visit, await _planned(visit), visit.query.get("kind", ""), {})


@of_a_log(SECTION)
async def take_prepared(_pages: Pages, visit: ConsoleVisit) -> Answer:
    """The same as a file for the command line."""
    acts = [(item.kind, item.data) for item in await _planned(visit)]
    return Download(make_proposals(visit.place, acts), _FILE, f"{visit.place}.acts")


async def _planned(visit: ConsoleVisit) -> list[Prepared]:
    wanted = visit.query.get("kind", "")
    found = await planned_acts(visit.service, visit.place)
    return [await examine(visit.service, visit.place, kind, data) for kind, data in found if wanted in ("", kind)]


async def _show_prepared(
    pages: Pages, visit: ConsoleVisit, acts: Sequence[Prepared], kind: str, given: Mapping[str, Sequence[str]]
) -> Answer:
    known = await about(visit)
    desk = await signing_desk(pages, visit, known.facts)
    words = act_words(pages, known, visit.language)
    to_sign = [
        Shown(
            words.text(item.kind, item.data, await extra_lines(visit, item.kind, item.data)),
            not_before=item.not_before,
            refusal=item.refusal,
        )
        for item in acts
    ]
    return await render(
        pages,
        visit,
        "committee/acts_to_sign.html",
        section=SECTION,
        script=integrity_of(desk, to_sign),
        about=known,
        desk=desk,
        to_sign=to_sign,
        states=STATES,
        new=True,
        kind=kind,
        given=given,
    )


# ---- the form --------------------------------------------------------------------------------------------------------


async def _form(
    pages: Pages,
    visit: ConsoleVisit,
    kind: str,
    given: Mapping[str, Sequence[str]],
    *,
    faults: Mapping[str, str] | None = None,
    refusal: str = "",
    status: int = 200,
) -> Answer:
    """The form with these values; of decisions, first the question which one."""
    known = await about(visit)
    async with visit.service.database.snapshot() as connection:
        keys = await signing_keys(connection, visit.place)
        schedule = await read_schedule(connection, visit.place)
    what = (given.get("what") or [""])[0]
    if kind == "decision" and what not in DECISIONS:
        return await render(pages, visit, "committee/decisions.html", section=SECTION, decisions=DECISIONS)
    title, fields = DECISIONS[what] if kind == "decision" else (ACTS[kind].title, ACTS[kind].fields)
    if kind == REISSUE and known.election.opened.registrar.mode == "offline":
        fields = OFFLINE_REISSUE
    first = {"closes": schedule.closes, "opens": schedule.opens} if kind == "poll.opened" else {}
    return await render(
        pages,
        visit,
        "committee/new_act.html",
        section=SECTION,
        status=status,
        about=known,
        kind=kind,
        title=title,
        says=ACTS[kind].says,
        fields=fields,
        values=_values(known, kind, fields, given, {name: write_local(at, known.zone) for name, at in first.items()}),
        choices=choices(known, visit.language, keys),
        what=what,
        faults=faults or {},
        refusal=refusal,
    )


def _values(
    known: About,
    kind: str,
    fields: Sequence[Field],
    given: Mapping[str, Sequence[str]],
    first: Mapping[str, str],
) -> dict[str, list[str]]:
    """What the fields show: what was given, else what is meant most often. Times as the election's clocks show them."""
    facts = known.facts
    usual: dict[str, list[str]] = {name: [value] for name, value in first.items()}
    if kind == "members":
        usual["member"] = [f"{name} {b64(key)}" for name, key in facts.members.items()]
        usual["threshold"] = [str(facts.threshold)]
    values: dict[str, list[str]] = {}
    for field in fields:
        found = list(given.get(field.name, usual.get(field.name, [""])))
        values[field.name] = [_local(item, known.zone) for item in found] if field.look == "time" else found
    return values


def _local(text: str, zone: str) -> str:
    """A time of the log as the form has it; anything else as it was typed."""
    try:
        return write_local(parse_time(text), zone) if text.endswith("Z") else text
    except (DataError, OverflowError):  # no time, or one that the zone's calendar ends before
        return text


READ: Final = {
    PREPARED: Route(show_prepared, Capability.SEE),
    NEW: Route(show_form, Capability.PROPOSE),
}
SENT: Final = {
    PREPARED: Route(take_prepared, Capability.PROPOSE, fields=(DOWNLOAD,)),
    NEW: Route(take_form, Capability.PROPOSE, fields=(*_NAMES, "file", "what", DOWNLOAD), upload=True),
}
