"""The set-up for programs: a new election, its checklist, what entry 0 fixes, texts, schedule, mail test."""

from msgspec.structs import asdict, replace

from audit.entries import format_time, parse_time
from election_service.console.accounts import give_role
from election_service.console.checklist_facts import read_checklist
from election_service.console.clone import clone_election
from election_service.console.drafts import (
    RESOURCES,
    check_draft,
    check_unmade,
    create_draft,
    new_draft,
    read_known,
    store_draft,
    store_texts,
)
from election_service.console.events import record
from election_service.console.mail_test import send_test
from election_service.console.make_log import make_log
from election_service.console.rehearsals import read_rehearsals, waive_rehearsal
from election_service.console.roles import SERVICE, Capability, Role, require
from election_service.console.schedule import Schedule, calendar_notices, set_schedule
from election_service.console.setup_types import (
    ChecklistView,
    ElectionClone,
    ElectionStart,
    MailTestView,
    NoticeItem,
    RehearsalItem,
    RehearsalView,
    ScheduleValues,
    ScheduleView,
    SetupValues,
    SetupView,
    Started,
    StepItem,
    TextsValues,
    TextsView,
    WaiverValues,
)
from election_service.presentation import Presentation
from election_service.routes.call import Call
from election_service.routes.console_changing import begin_change, changing, note_change, revision_of
from keys.canonical import b64


async def start(call: Call) -> Started:
    """Begin an election; whoever does is its chair."""
    request: ElectionStart = call.request
    draft = new_draft(request.title, zone=request.zone, rehearsal=request.rehearsal)
    async with call.service.database.transaction() as connection:
        await create_draft(connection, request.election, draft)
        await give_role(connection, request.election, call.who.account, Role.CHAIR)
        await record(call.service, connection, request.election, call.who.account, "election-begun")
    return Started(election=request.election)


async def clone(call: Call) -> Started:
    """Begin another one with the same set-up, or a rehearsal of this one."""
    request: ElectionClone = call.request
    if request.rehearsal:
        require(call.who, call.election, Capability.INVITE)
    else:
        require(call.who, SERVICE, Capability.CREATE)
    async with call.service.database.snapshot() as connection:
        known = await read_known(connection, call.election)
    facts = await call.service.facts(call.election) if known.made else None
    async with call.service.database.transaction() as connection:
        await clone_election(
            connection,
            request.election,
            source=call.election,
            draft=known.draft,
            facts=facts,
            rehearsal=request.rehearsal,
        )
        await give_role(connection, request.election, call.who.account, Role.CHAIR)
        await record(call.service, connection, request.election, call.who.account, "election-cloned", call.election)
    return Started(election=request.election)


async def show_checklist(call: Call) -> ChecklistView:
    """What is missing before the next poll can open."""
    found = await read_checklist(call.service, call.election)
    steps = [
        StepItem(
            key=step.key,
            state=step.state,
            missing=str(step.missing),
            who=step.who,
            page=step.page,
            blocked_by=list(step.blocked_by),
            advised=step.advised,
        )
        for step in found.steps
    ]
    return ChecklistView(poll=found.poll, ready=found.ready, steps=steps)


async def show_setup(call: Call) -> SetupView:
    """What entry 0 fixes."""
    async with call.service.database.snapshot() as connection:
        known = await read_known(connection, call.election)
    made = await call.service.election(call.election) if known.made else None
    draft = known.draft
    return SetupView(
        second_factor=draft.second_factor,
        waiver=draft.waiver,
        threshold=draft.threshold if made is None else made.opened.threshold,
        trustees_k=draft.trustees_k,
        trustees_n=draft.trustees_n,
        revision=await revision_of(call, RESOURCES.setup),
        rehearsal=draft.rehearsal if made is None else made.rehearsal,
        log=None if made is None else b64(made.log_id),
    )


async def change_setup(call: Call) -> SetupView:
    """Until the log is made."""
    request: SetupValues = call.request
    async with changing(call, RESOURCES.setup, "setup-changed") as connection:
        known = await read_known(connection, call.election, lock=True)
        check_unmade(known)
        draft = replace(known.draft, **asdict(request))
        check_draft(draft)
        await store_draft(connection, call.election, draft)
    return await show_setup(call)


async def begin_log(call: Call) -> SetupView:
    """Make the log with the keys that there are."""
    await begin_change(call, RESOURCES.setup)
    await make_log(call.service, call.election)
    await note_change(call, "log-made")
    return await show_setup(call)


async def show_texts(call: Call) -> TextsView:
    """Titles, introductions, contact, zone."""
    async with call.service.database.snapshot() as connection:
        shown = (await read_known(connection, call.election)).draft.presentation
    return TextsView(
        texts=shown.texts, contact=shown.contact, zone=shown.zone, revision=await revision_of(call, RESOURCES.texts)
    )


async def change_texts(call: Call) -> TextsView:
    """Replace all of them."""
    request: TextsValues = call.request
    async with changing(call, RESOURCES.texts, "texts-changed") as connection:
        shown = Presentation(texts=request.texts, contact=request.contact, zone=request.zone)
        await store_texts(connection, call.election, shown)
    return await show_texts(call)


async def show_schedule(call: Call) -> ScheduleView:
    """When the next poll is to be open, and what the rules say to it."""
    async with call.service.database.snapshot() as connection:
        known = await read_known(connection, call.election)
    facts = await call.service.facts(call.election) if known.made else None
    schedule = Schedule(known.draft.opens, known.draft.closes)
    return ScheduleView(
        revision=await revision_of(call, RESOURCES.schedule),
        opens=_time(schedule.opens),
        closes=_time(schedule.closes),
        notices=[
            NoticeItem(severity=item.severity, clause=item.clause, text=item.text, due=_time(item.due))
            for item in calendar_notices(facts, schedule, call.service.clock())
        ],
    )


async def change_schedule(call: Call) -> ScheduleView:
    """Replace both times."""
    request: ScheduleValues = call.request
    opens = None if request.opens is None else parse_time(request.opens)
    async with changing(call, RESOURCES.schedule, "schedule-changed") as connection:
        schedule = Schedule(opens, parse_time(request.closes))
        await set_schedule(connection, call.election, schedule, call.service.clock())
    return await show_schedule(call)


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else format_time(seconds)


async def show_mail_test(call: Call) -> MailTestView:
    """The last test mail."""
    async with call.service.database.snapshot() as connection:
        draft = (await read_known(connection, call.election)).draft
    revision = await revision_of(call, RESOURCES.mail_test)
    return MailTestView(revision=revision, state=draft.mail_test, words=draft.mail_words)


async def mail_test(call: Call) -> MailTestView:
    """Send one to whoever asks, and nobody else."""
    who = call.who
    await begin_change(call, RESOURCES.mail_test)
    result = await send_test(call.service, call.election, to=who.email, name=who.name, language=who.language)
    await note_change(call, "mail-tested", result.state)
    return await show_mail_test(call)


async def show_rehearsals(call: Call) -> RehearsalView:
    """Test elections with this set-up, and why there are none."""
    async with call.service.database.snapshot() as connection:
        known = await read_known(connection, call.election)
        found = await read_rehearsals(connection, call.election)
    return RehearsalView(
        revision=await revision_of(call, RESOURCES.rehearsal),
        waiver=known.draft.rehearsal_waiver,
        rehearsals=[RehearsalItem(election=item.election, held=item.held) for item in found],
    )


async def waive(call: Call) -> RehearsalView:
    """Write down why no rehearsal is held."""
    request: WaiverValues = call.request
    async with changing(call, RESOURCES.rehearsal, "rehearsal-waived") as connection:
        await waive_rehearsal(connection, call.election, request.waiver)
    return await show_rehearsals(call)
