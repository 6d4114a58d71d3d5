"""The committee's endpoints of a poll while it runs and after it; part of the one table (endpoints.py)."""

from typing import Final

from election_service.console.roles import Capability
from election_service.console.running_types import (
    IncidentItem,
    IncidentList,
    IncidentText,
    MessageList,
    MessageNumber,
    NextPollAnswer,
    NextPollRequest,
    ProgressView,
    Reminded,
    RequestList,
    RetentionDays,
    RetentionView,
    Retried,
    RetryRequest,
    ReviewView,
    StudentRequest,
)
from election_service.routes import console_running as running
from election_service.routes.call import Endpoint, Handler
from keys.canonical import Wire

_BASE: Final = "/api/committee/elections/{e}"


def _read(path: str, answer: type[Wire], handle: Handler, summary: str, needs: Capability) -> Endpoint:
    return Endpoint("GET", _BASE + path, "committee", None, answer, handle, summary, needs=needs)


def _post(
    path: str, request: type[Wire] | None, answer: type[Wire], handle: Handler, summary: str, needs: Capability
) -> Endpoint:
    return Endpoint("POST", _BASE + path, "committee", request, answer, handle, summary, needs=needs)


RUNNING_ENDPOINTS: Final = (
    _read(
        "/progress",
        ProgressView,
        running.show_progress,
        "Polls that run: turnout as everybody sees it, mails, complaints, and how much waits.",
        Capability.SEE,
    ),
    _post(
        "/polls/{n}/reminders",
        None,
        Reminded,
        running.send_reminders,
        "Remind whoever has no token yet, once a day; how many they are is told to nobody.",
        Capability.SEND_MAIL,
    ),
    _post(
        "/links/retry",
        RetryRequest,
        Retried,
        running.retry_links,
        "Send ballot links again that were refused or put off.",
        Capability.SEND_MAIL,
    ),
    _read(
        "/incidents", IncidentList, running.show_incidents, "Notes of incidents, the newest first.", Capability.INCIDENT
    ),
    _post(
        "/incidents", IncidentText, IncidentItem, running.write_incident, "Write an incident down.", Capability.INCIDENT
    ),
    _post(
        "/incidents/{number}/close",
        None,
        IncidentItem,
        running.settle_incident,
        "Mark an incident as dealt with.",
        Capability.INCIDENT,
    ),
    _read("/messages", MessageList, running.show_messages, "What people wrote by the help page.", Capability.MESSAGE),
    _post(
        "/messages/close",
        MessageNumber,
        MessageNumber,
        running.settle_message,
        "Mark a message as dealt with.",
        Capability.MESSAGE,
    ),
    _read(
        "/link-requests",
        RequestList,
        running.show_link_requests,
        "Who asked for the ballot link again.",
        Capability.SEE_VOTERS,
    ),
    _post(
        "/link-requests/refuse",
        StudentRequest,
        StudentRequest,
        running.refuse_link_request,
        "Settle a request without a new link.",
        Capability.SEND_MAIL,
    ),
    _read(
        "/polls/{n}/review",
        ReviewView,
        running.show_review,
        "A closed poll: receipts and requests against the log, slack, shares, complaints, what bars certifying it.",
        Capability.SEE,
    ),
    _post(
        "/next-poll",
        NextPollRequest,
        NextPollAnswer,
        running.make_poll,
        "Make the next poll from the agenda: its contests, or first the electorates of the members.",
        Capability.SET_UP,
    ),
    _read(
        "/retention", RetentionView, running.show_retention, "What is personal, and when it is deleted.", Capability.SEE
    ),
    Endpoint(
        "PUT",
        _BASE + "/retention",
        "committee",
        RetentionDays,
        RetentionView,
        running.set_retention,
        "Set how many days after the last poll what is personal is deleted.",
        needs=Capability.SET_UP,
        revised=True,
    ),
)
