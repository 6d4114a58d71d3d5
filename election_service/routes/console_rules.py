"""The rules for programs: in the making, their readings, and the acts that the set-up has ready."""

import asyncio
import json

from msgspec.structs import replace

from election_service.console.drafts import RESOURCES, read_known, store_draft
from election_service.console.made_log import need_facts
from election_service.console.prepared_acts import check_unruled, prepared_acts, store_rules
from election_service.console.rules_draft import choose_readings, planned_readings, read_rules_file, rule_faults
from election_service.console.setup_types import (
    PreparedActs,
    ReadingsValues,
    RuleFaultItem,
    RulesValues,
    RulesView,
)
from election_service.proposals import PlannedAct
from election_service.routes.call import Call
from election_service.routes.console_changing import begin_change, changing, note_change, revision_of


async def show_rules(call: Call) -> RulesView:
    """The rules in the making, or the log's, with what is left to read."""
    async with call.service.database.snapshot() as connection:
        known = await read_known(connection, call.election)
    facts = await call.service.facts(call.election) if known.made else None
    law = None if facts is None else facts.law
    rules = known.draft.rules
    faults = rule_faults(rules) if rules and law is None else []
    return RulesView(
        revision=await revision_of(call, RESOURCES.rules),
        logged=law is not None,
        rules=json.loads(rules) if rules else None,
        faults=[RuleFaultItem(path=fault.path, clause=fault.clause, text=fault.text) for fault in faults],
        unread=[] if law is None else law.missing(),
        readings={} if law is None else planned_readings(law.state.constitution, known.draft.readings),
    )


async def change_rules(call: Call) -> RulesView:
    """Other rules, as a file."""
    request: RulesValues = call.request
    rules = await asyncio.to_thread(read_rules_file, request.rules.encode())
    async with changing(call, RESOURCES.rules, "rules-changed") as connection:
        known = await read_known(connection, call.election, lock=True)
        if known.made:
            check_unruled(await call.service.facts(call.election))
        await store_draft(connection, call.election, replace(known.draft, rules=rules))
    return await show_rules(call)


async def finish_rules(call: Call) -> PreparedActs:
    """Store what the act names; answers with all acts that are ready."""
    await begin_change(call, RESOURCES.rules)
    name = await store_rules(call.service, call.election)
    await note_change(call, "rules-finished", name)
    return await show_prepared_acts(call)


async def change_readings(call: Call) -> RulesView:
    """What the committee means to sign."""
    request: ReadingsValues = call.request
    facts = await need_facts(call.service, call.election)
    chosen = choose_readings(facts.record.state.constitution, request.readings)
    async with changing(call, RESOURCES.rules, "readings-chosen", str(len(chosen))) as connection:
        draft = (await read_known(connection, call.election, lock=True)).draft
        await store_draft(connection, call.election, replace(draft, readings={**draft.readings, **chosen}))
    return await show_rules(call)


async def show_prepared_acts(call: Call) -> PreparedActs:
    """Acts that wait for a first signature."""
    found = await prepared_acts(call.service, call.election)
    return PreparedActs(acts=[PlannedAct(kind=kind, data=data) for kind, data in found])
