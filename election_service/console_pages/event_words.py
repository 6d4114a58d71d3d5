"""What happened in the console, in words. The codes are those that `console.events.record` is given."""

from typing import Final

from election_service.languages import translatable

EVENTS: Final = {
    "account-locked": translatable("account locked"),
    "act-approved": translatable("act approved"),
    "act-done": translatable("act done"),
    "act-proposed": translatable("act proposed"),
    "authenticator-changed": translatable("authenticator changed"),
    "candidate-entered": translatable("candidate entered"),
    "candidate-removed": translatable("candidate taken off the list"),
    "candidates-imported": translatable("list of candidates imported"),
    "code-wrong": translatable("wrong code at a sign-in"),
    "contests-made": translatable("contests made"),
    "election-begun": translatable("election begun"),
    "election-cloned": translatable("election begun with the set-up of another"),
    "enrolled": translatable("account opened"),
    "incident-closed": translatable("incident closed"),
    "incident-recorded": translatable("incident written down"),
    "invitation-redeemed": translatable("invitation redeemed"),
    "invited": translatable("person invited"),
    "invited-again": translatable("person invited again"),
    "key-stored": translatable("signing key stored"),
    "link-request-refused": translatable("request for a ballot link settled without one"),
    "links-made": translatable("ballot links made"),
    "links-sent-again": translatable("ballot links sent again"),
    "log-made": translatable("log made"),
    "mail-tested": translatable("mail tested"),
    "members-listed": translatable("electorates of the members prepared for signing"),
    "message-closed": translatable("message dealt with"),
    "next-poll-made": translatable("next poll made"),
    "passkey-added": translatable("passkey added"),
    "passkey-deleted": translatable("passkey deleted"),
    "password-changed": translatable("password changed"),
    "password-wrong": translatable("wrong password at a sign-in"),
    "personal-data-deleted": translatable("what was personal was deleted"),
    "profile-changed": translatable("profile of a candidate changed"),
    "readings-chosen": translatable("readings chosen"),
    "recovery-codes-made": translatable("recovery codes made"),
    "rehearsal-waived": translatable("decision about a rehearsal written down"),
    "reminded": translatable("reminders sent"),
    "retention-set": translatable("days until the deletion set"),
    "role-given": translatable("role given"),
    "role-taken": translatable("role taken away"),
    "roll-columns-mapped": translatable("columns of the roll chosen"),
    "roll-imported": translatable("roll imported"),
    "roll-upload-deleted": translatable("uploaded roll deleted"),
    "roll-uploaded": translatable("roll uploaded"),
    "rules-begun": translatable("rules begun"),
    "rules-changed": translatable("rules changed"),
    "rules-finished": translatable("rules finished"),
    "schedule-changed": translatable("schedule changed"),
    "secrets-made": translatable("authenticator secrets made"),
    "setup-changed": translatable("set-up changed"),
    "signed-in": translatable("signed in"),
    "texts-changed": translatable("texts changed"),
    "token-deleted": translatable("token for programs deleted"),
    "token-made": translatable("token for programs made"),
    "trustee-key-told": translatable("identity key of a trustee told"),
    "trustee-message-taken": translatable("message of a trustee taken"),
}


def event_words(what: str) -> str:
    """The English text to be translated; the code itself where there is none."""
    return EVENTS.get(what, what)
