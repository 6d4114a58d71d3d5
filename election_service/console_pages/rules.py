"""`/committee/{e}/rules`: the rules in the making with their faults, then the readings, then the rules in force."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final

from msgspec.structs import replace

from election_service.console.drafts import RESOURCES, Draft, read_known, store_draft
from election_service.console.made_log import need_facts
from election_service.console.prepared_acts import check_unruled, store_rules
from election_service.console.roles import Capability
from election_service.console.rules_draft import (
    begin_rules,
    change_rules,
    choose_readings,
    constitution_of,
    past_dates,
    planned_readings,
    read_rules_file,
    rule_faults,
    rule_fields,
)
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
from election_service.console_pages.flashes import said, said_with_faults
from election_service.console_pages.frame import render
from election_service.console_pages.visit import Answer, ConsoleVisit, Redirect, Route
from election_service.errors import InputError
from election_service.facts import LogFacts
from election_service.languages import translatable
from election_service.pages.shell import Pages
from tally.constitution_toml import PRESETS
from tally.plain import Line, make_lines
from tally.resolutions import missing

RESOURCE: Final = RESOURCES.rules
FIELD_NAMES: Final = {
    "name": translatable("Name of these rules"),
    "regulation": translatable("Regulation that they are taken from"),
    "version": translatable("Version"),
    "approved_by": translatable("Approved by"),
    "min_ballots": translatable("Ballots that a contest needs to be opened"),
    "review_window": translatable("Seconds between the publication of all tokens and the count"),
    "max_slack": translatable("Percent of tokens that may be without a ballot"),
    "calendar.semester_begins": translatable("First day of the semester"),
    "calendar.term_ends": translatable("Last day of the term"),
}
YEARLY: Final = ("version", "approved_by", "calendar.semester_begins", "calendar.term_ends")
PRESET_NAMES: Final = {
    "ibsu-direct": translatable("Students elect the head of the self-governance and of faculty, department and class"),
    "ibsu-by-members": translatable("Students elect the heads; they are the members and elect the president"),
    "atu-organisation": translatable("Chair, vice-chair, secretary and treasurer of one organisation"),
    "motion": translatable("A motion by itself: dismissal, impeachment, plan, amendment"),
    "survey": translatable("Questions without consequences"),
}


_NOTHING: Final[dict[str, Any]] = {
    **dict.fromkeys(("yearly", "fields", "faults", "paths", "old", "parts", "open", "hidden"), ()),
    **{name: dict[str, str]() for name in ("plain", "chosen")},
    "names": FIELD_NAMES,
}


async def show_rules(pages: Pages, visit: ConsoleVisit, why: Refused | None = None) -> Answer:
    """What the rules are now, and what can still be changed of them."""
    async with visit.service.database.snapshot() as connection:
        known = await read_known(connection, visit.place)
    facts = await visit.service.facts(visit.place) if known.made else None
    logged = facts is not None and facts.law is not None
    around: dict[str, Any] = {
        "made": known.made,
        "logged": logged,
        "why": why,
        "revision": await revision_of(visit, RESOURCE),
        "presets": [(name, PRESET_NAMES[name]) for name in PRESETS],
        "begun": bool(known.draft.rules),
        "key": facts is not None and facts.joint_key is not None,
        "typed": visit.form if why is not None else {},
    }
    if facts is not None and logged:
        found = _in_force(facts, known.draft, visit.language)
    else:
        found = _in_making(visit, known.draft)
    status = status_of(why)
    return await render(pages, visit, "committee/rules.html", section="rules", status=status, **around, **found)


def _in_making(visit: ConsoleVisit, draft: Draft) -> dict[str, Any]:
    """The values to be set, every fault, and the rules in plain words once there is none."""
    if not draft.rules:
        return {**_NOTHING, "frozen": False}
    faults = rule_faults(draft.rules)
    today = datetime.fromtimestamp(visit.service.clock(), UTC).date().isoformat()
    lines = [] if faults else make_lines(constitution_of(draft.rules), [], visit.language)
    fields = rule_fields(draft.rules)
    return {
        **_NOTHING,
        "yearly": [field for field in fields if field.path in YEARLY],
        "fields": [field for field in fields if field.path not in YEARLY],
        "plain": {line.path: line.text for line in lines},
        "faults": faults,
        "paths": {field.path for field in fields},
        "old": past_dates(draft.rules, today),
        "parts": _parts(lines),
        "frozen": False,
    }


def _in_force(facts: LogFacts, draft: Draft, language: str) -> dict[str, Any]:
    """The rules of the log with the readings that are signed; the open ones with what each reading means."""
    state = facts.record.state
    lines = make_lines(state.constitution, state.resolutions, language)
    unread = set(missing(state.constitution, state.resolutions))
    return {
        **_NOTHING,
        "parts": _parts(lines),
        "open": [line for line in lines if line.status == "open"],
        "hidden": sorted(unread - {f"{line.clause} {line.path}" for line in lines}),
        "chosen": planned_readings(state.constitution, draft.readings),
        "frozen": bool(facts.record.polls),
    }


def _parts(lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    """The lines under their headings."""
    return [(heading, list(inner)) for heading, inner in groupby(lines, key=lambda line: line.heading)]


# ---- changing them ---------------------------------------------------------------------------------------------------


async def take_begin(pages: Pages, visit: ConsoleVisit) -> Answer:
    """A preset, or a file of one's own, instead of what there is."""
    file = visit.files.get("file")
    try:
        given = b"" if file is None else file.content
        rules = await asyncio.to_thread(read_rules_file, given) if given else begin_rules(visit.form.get("preset", ""))
        await _store(visit, rules, "rules-begun")
    except REFUSALS as error:
        return await show_rules(pages, visit, refused(error))
    return said(visit, f"/committee/{visit.place}/rules", translatable("Now set the dates, and look at every value."))


async def take_values(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Values by their paths; faults are kept, and named on the page."""
    values = {name.removeprefix("value-"): text for name, text in visit.form.items() if name.startswith("value-")}
    try:
        async with visit.service.database.snapshot() as connection:
            draft = (await read_known(connection, visit.place)).draft
        if not draft.rules:
            raise InputError("rules: there are none yet", "begin with a preset, or give a file")
        rules = change_rules(draft.rules, values)
        await _store(visit, rules, "rules-changed")
    except REFUSALS as error:
        return await show_rules(pages, visit, refused(error))
    here = f"/committee/{visit.place}/rules"
    if left := len(rule_faults(rules)):
        text = translatable("What you typed is stored. Faults that remain in the rules: %(count)s.")
        return said_with_faults(visit, here, text, translatable("See the faults"), "#faults", count=left)
    return said(visit, here, translatable("The rules are changed."))


async def _store(visit: ConsoleVisit, rules: str, event: str) -> None:
    async with changing(visit, RESOURCE, event) as connection:
        known = await read_known(connection, visit.place, lock=True)
        if known.made:
            check_unruled(await visit.service.facts(visit.place))
        await store_draft(connection, visit.place, replace(known.draft, rules=rules))


async def take_proposal(pages: Pages, visit: ConsoleVisit) -> Answer:
    """The rules are finished: store what the act names, and go on to sign it."""
    try:
        await begin_change(visit, RESOURCE)
        name = await store_rules(visit.service, visit.place)
        await note_change(visit, "rules-finished", name)
    except REFUSALS as error:
        return await show_rules(pages, visit, refused(error))
    return Redirect(visit.link(f"/committee/{visit.place}/acts/new/prepared", kind="constitution"))


async def take_readings(pages: Pages, visit: ConsoleVisit) -> Answer:
    """The readings that the committee means to sign, and on to signing them."""
    values = {name.removeprefix("reading-"): text for name, text in visit.form.items() if name.startswith("reading-")}
    try:
        facts = await need_facts(visit.service, visit.place)
        chosen = choose_readings(facts.record.state.constitution, values)
        async with changing(visit, RESOURCE, "readings-chosen", str(len(chosen))) as connection:
            draft = (await read_known(connection, visit.place, lock=True)).draft
            await store_draft(connection, visit.place, replace(draft, readings={**draft.readings, **chosen}))
    except REFUSALS as error:
        return await show_rules(pages, visit, refused(error))
    return Redirect(visit.link(f"/committee/{visit.place}/acts/new/prepared", kind="resolution"))


READ: Final = {"/committee/{e}/rules": Route(show_rules, Capability.SEE)}
SENT: Final = {
    "/committee/{e}/rules": Route(take_values, Capability.SET_UP, fields=("value-*",)),
    "/committee/{e}/rules/begin": Route(take_begin, Capability.SET_UP, fields=("preset", "file"), upload=True),
    "/committee/{e}/rules/propose": Route(take_proposal, Capability.SET_UP),
    "/committee/{e}/rules/readings": Route(take_readings, Capability.SET_UP, fields=("reading-*",)),
}
