"""The protocol of a poll in one language: which pieces it has, in which order."""

from election_service.documents.paper import Heading, Paper
from election_service.documents.record import PollRecord
from election_service.documents.record_words import (
    approvals,
    complaints,
    election,
    log,
    people,
    readings,
    signatures,
    standing,
    verifying,
)
from election_service.documents.result_words import agenda, glance, seats, turnout, votes
from election_service.documents.speech import Speech
from keys.canonical import b64


def make_paper(record: PollRecord, language: str, checkpoint: str, name: str) -> Paper:
    """The protocol in one of LANGUAGES.

    ``checkpoint``: the signed note over the record's log; ``name``: of the file.
    """
    speech = Speech(record, language)
    _ = speech.gettext
    title = _("Protocol of the election committee: result of poll %(number)s") % {"number": record.number}
    return Paper(
        language=language,
        title=title,
        subject=f"{record.rules.name}, {record.facts.election}",
        head=f"{record.rules.name} · {record.facts.election}",
        foot=f"{_('Log id')}: {b64(record.facts.log_id)}",
        mark=_mark(record, speech),
        page=_("Page %(page)s of %(last)s"),
        pieces=(
            Heading(title, 1),
            *standing(record, speech),
            *election(record, speech),
            *glance(record, speech),
            *turnout(record, speech),
            *votes(record, speech),
            *seats(record, speech),
            *agenda(record, speech),
            *complaints(record, speech),
            *people(record, speech),
            *approvals(record, speech),
            *readings(record, speech),
            *log(record, speech, checkpoint),
            *verifying(record, speech, name),
            *signatures(record, speech),
        ),
    )


def _mark(record: PollRecord, speech: Speech) -> str:
    """What every page has to show: a test, a result that is not certified, or one that was annulled."""
    if record.facts.rehearsal:
        return speech.gettext("TEST")
    if record.standing == "declared":
        return speech.gettext("DRAFT")
    return speech.gettext("ANNULLED") if record.standing == "annulled" else ""
