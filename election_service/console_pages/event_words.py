"""What happened in the console, in words. The codes are those that `console.events.record` is given."""

from typing import Final

from election_service.languages import translatable

EVENTS: Final = {
    "account-locked": translatable("account locked"),
    "act-approved": translatable("act approved"),
    "act-done": translatable("act done"),
    "act-proposed": translatable("act proposed"),
    "incident-closed": translatable("incident closed"),
    "incident-recorded": translatable("incident written down"),
    "invited": translatable("person invited"),
    "invited-again": translatable("person invited again"),
    "key-stored": translatable("signing key stored"),
    "link-request-refused": translatable("request for a ballot link settled without one"),
    "links-sent-again": translatable("ballot links sent again"),
    "message-closed": translatable("message dealt with"),
    "next-poll-made": translatable("next poll made"),
    "personal-data-deleted": translatable("what was personal was deleted"),
    "reminded": translatable("reminders sent"),
    "retention-set": translatable("days until the deletion set"),
    "role-given": translatable("role given"),
    "role-taken": translatable("role taken away"),
    "token-deleted": translatable("token for programs deleted"),
    "token-made": translatable("token for programs made"),
}


def event_words(what: str) -> str:
    """The English text to be translated; the code itself where there is none."""
    return EVENTS.get(what, what)
