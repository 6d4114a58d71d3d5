"""Mails in words: what they are for, and what became of them. The codes are those of the outbox."""

from typing import Final

from election_service.languages import translatable

MAIL_KINDS: Final = {
    "invite": translatable("ballot links"),
    "reissue": translatable("new ballot links"),
    "call": translatable("calls to vote"),
    "result": translatable("results"),
    "message": translatable("notes to the committee"),
}
MAIL_STATES: Final = {
    "held": translatable("wait for the committee's approval"),
    "waiting": translatable("wait to be sent"),
    "sent": translatable("are out"),
    "refused": translatable("were refused"),
    "bounced": translatable("came back"),
    "dropped": translatable("were given up"),
}
MESSAGE_KINDS: Final = {
    "question": translatable("Question"),
    "incident": translatable("Incident"),
    "complaint": translatable("Complaint"),
}
