"""A poll while it runs and after its close, for programs of the committee."""

from audit.entries import format_time
from election_service.console.closing import read_closing
from election_service.console.deletion import TABLES
from election_service.console.events import record
from election_service.console.incidents import Incident, close_incident, list_incidents, record_incident
from election_service.console.next_polls import make_next_poll
from election_service.console.progress import ComplaintLine, PollProgress, read_progress, remind
from election_service.console.retention import RESOURCE, look_ahead, store_days
from election_service.console.revisions import read_revision
from election_service.console.running_types import (
    ComplaintItem,
    ContestReviewItem,
    IncidentItem,
    IncidentList,
    MailCount,
    MessageItem,
    MessageList,
    MessageNumber,
    NextPollAnswer,
    ProgressView,
    Reminded,
    RequestItem,
    RequestList,
    RetentionView,
    Retried,
    ReviewView,
    RunningContest,
    RunningPoll,
    StudentRequest,
    TrusteeSharesItem,
)
from election_service.errors import ActRefusedError, NotFoundError
from election_service.follow_up import Wanted, next_poll
from election_service.link_requests import list_requests, refuse_request
from election_service.messages_desk import close_message, list_messages
from election_service.outbox import queue_again
from election_service.overview import state_of
from election_service.routes.call import Call
from keys.canonical import b64


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else format_time(seconds)


def _complaint(item: ComplaintLine) -> ComplaintItem:
    return ComplaintItem(
        seq=item.seq,
        poll=item.poll,
        text=item.text,
        time=format_time(item.time),
        until=format_time(item.until),
        answer=item.answer,
    )


# ---- while it runs ---------------------------------------------------------------------------------------------------


async def show_progress(call: Call) -> ProgressView:
    """Turnout, mails, complaints, and how much waits."""
    progress = await read_progress(call.service, call.election)
    return ProgressView(
        now=format_time(progress.now),
        polls=[_poll(poll) for poll in progress.polls],
        mails=[MailCount(kind=item.kind, state=item.state, mails=item.mails) for item in progress.mails],
        complaints=[_complaint(item) for item in progress.complaints],
        requests=progress.requests,
        messages=progress.messages,
    )


def _poll(poll: PollProgress) -> RunningPoll:
    return RunningPoll(
        poll=poll.row.poll,
        state=state_of(poll.row),
        closes=_time(poll.row.closes),
        left=poll.left,
        counted=_time(poll.turnout.at),
        contests=[
            RunningContest(
                context=b64(item.contest.rules.context),
                contest=item.contest.rules.document.contest,
                size=item.contest.rules.document.size,
                ballots=item.ballots,
            )
            for item in poll.contests
        ],
    )


async def send_reminders(call: Call) -> Reminded:
    """Remind whoever has no token yet."""
    await remind(call.service, call.election, call.poll)
    async with call.service.database.transaction() as connection:
        await record(call.service, connection, call.election, call.who.account, "reminded", f"poll {call.poll}")
    return Reminded(poll=call.poll)


async def retry_links(call: Call) -> Retried:
    """Send ballot links again that were refused or put off."""
    async with call.service.database.transaction() as connection:
        tried = await queue_again(connection, call.election, call.request.student, call.service.clock())
        await record(call.service, connection, call.election, call.who.account, "links-sent-again", str(tried))
    return Retried(links=tried)


async def show_incidents(call: Call) -> IncidentList:
    """All notes of incidents."""
    return IncidentList(incidents=[_incident(item) for item in await _incidents(call)])


async def write_incident(call: Call) -> IncidentItem:
    """Write an incident down; the same again within ten minutes is the same."""
    number = await record_incident(call.service, call.election, call.who.account, call.request.text)
    return await _incident_of(call, number)


async def settle_incident(call: Call) -> IncidentItem:
    """Mark an incident as dealt with; again is the same."""
    text = call.path["number"]
    if not (text.isascii() and text.isdecimal()) or text.startswith("0") or len(text) > 9:
        raise NotFoundError("incident: expected a number from 1")
    await close_incident(call.service, call.election, call.who.account, int(text))
    return await _incident_of(call, int(text))


async def _incidents(call: Call) -> list[Incident]:
    async with call.service.database.snapshot() as connection:
        return await list_incidents(connection, call.service.master, call.election)


async def _incident_of(call: Call, number: int) -> IncidentItem:
    return next(_incident(item) for item in await _incidents(call) if item.number == number)


def _incident(item: Incident) -> IncidentItem:
    return IncidentItem(
        number=item.number, at=format_time(item.at), account=item.account, text=item.text, state=item.state
    )


async def show_messages(call: Call) -> MessageList:
    """What people wrote by the help page."""
    async with call.service.database.snapshot() as connection:
        messages = await list_messages(connection, call.service.master, call.election, closed=True)
    return MessageList(
        messages=[
            MessageItem(
                number=item.number,
                received=format_time(item.received),
                state=item.state,
                kind=item.message.kind,
                text=item.message.text,
                contact=item.message.contact,
                language=item.message.language,
            )
            for item in messages
        ]
    )


async def settle_message(call: Call) -> MessageNumber:
    """Mark a message as dealt with."""
    async with call.service.database.transaction() as connection:
        await close_message(connection, call.election, call.request.number)
        await record(call.service, connection, call.election, call.who.account, "message-closed", call.request.number)
    return MessageNumber(number=call.request.number)


async def show_link_requests(call: Call) -> RequestList:
    """Who asked for the ballot link again."""
    async with call.service.database.snapshot() as connection:
        requests = await list_requests(connection, call.election, settled=True)
    return RequestList(
        requests=[
            RequestItem(
                student_id=item.student_id,
                full_name=item.full_name,
                email=item.email,
                requested=format_time(item.requested),
                state=item.state,
            )
            for item in requests
        ]
    )


async def refuse_link_request(call: Call) -> StudentRequest:
    """Settle a request without a new link."""
    async with call.service.database.transaction() as connection:
        if not await refuse_request(connection, call.election, call.request.student):
            raise NotFoundError("request: this student has no open one")
        await record(call.service, connection, call.election, call.who.account, "link-request-refused")
    return StudentRequest(student=call.request.student)


# ---- after it --------------------------------------------------------------------------------------------------------


async def show_review(call: Call) -> ReviewView:
    """A closed poll on its way to the certification."""
    found = await read_closing(call.service, call.election, call.poll)
    if found is None or found.poll.closed is None:
        raise ActRefusedError(f"poll {call.poll}: is not closed; before the close nobody knows how it stands")
    return ReviewView(
        poll=found.poll.number,
        closed=format_time(found.poll.closed),
        review_ends=_time(found.review_ends),
        declared=_time(found.declared),
        complaints_end=_time(found.complaints_end),
        contests=[
            ContestReviewItem(
                context=b64(item.contest.rules.context),
                contest=item.contest.rules.document.contest,
                receipts=item.receipts,
                missing=item.missing,
                unknown=item.unknown,
                requests=item.requests,
                slack=item.slack,
                allowed=item.allowed,
            )
            for item in found.reviews
        ],
        k=found.shares.k,
        n=found.shares.n,
        wanted=found.shares.wanted,
        counted=found.shares.counted,
        shares=[
            TrusteeSharesItem(trustee=item.number, given=item.given, good=item.good) for item in found.shares.trustees
        ],
        complaints=[_complaint(item) for item in found.complaints],
        bars=list(found.bars),
    )


async def make_poll(call: Call) -> NextPollAnswer:
    """Make the next poll: its contests, or the electorates of the members that the committee approves first."""
    planned = await next_poll(call.service, call.election)
    if planned.number != call.request.poll:
        raise ActRefusedError(f"poll {call.request.poll}: the next one is poll {planned.number}; look at the agenda")
    made = await make_next_poll(call.service, call.election, Wanted(motions=call.request.motions))
    async with call.service.database.transaction() as connection:
        subject = f"poll {planned.number}"
        await record(call.service, connection, call.election, call.who.account, "next-poll-made", subject)
    return NextPollAnswer(
        poll=planned.number,
        contexts=[b64(context) for context in made.contexts],
        electorates=[str(data["id"]) for _, data in made.acts],
    )


async def show_retention(call: Call) -> RetentionView:
    """What will be deleted when."""
    outlook = await look_ahead(call.service, call.election)
    async with call.service.database.snapshot() as connection:
        revision = await read_revision(connection, call.election, RESOURCE)
    return RetentionView(
        revision=revision,
        days=outlook.retention.days,
        due=_time(outlook.due),
        waits=list(outlook.waits),
        done=_time(outlook.retention.done),
        personal=[what for what in TABLES if outlook.retention.deleted is None or what in outlook.retention.deleted],
    )


async def set_retention(call: Call) -> RetentionView:
    """Set the days until the deletion."""
    await store_days(call.service, call.election, call.who.account, call.request.days, call.revision)
    return await show_retention(call)
