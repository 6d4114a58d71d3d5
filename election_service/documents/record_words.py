"""What surrounds a result, in words: the election, committee and trustees, readings, complaints, approvals, the log."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from election_service.documents.paper import (
    Address,
    Heading,
    Notice,
    Pairs,
    Piece,
    Signatures,
    Table,
    Text,
    Verbatim,
)
from election_service.documents.record import ActRecord, PollRecord
from election_service.documents.speech import Speech
from election_service.languages import translatable
from election_service.pages.entry_words import TITLES
from keys.canonical import b64, unb64
from keys.ids import fingerprint
from tally.plain import make_lines

RULINGS: Final = {"upheld": translatable("upheld"), "rejected": translatable("rejected")}
_EMPTY_LINES: Final = 2  # to sign on, for whom the log does not list


def standing(record: PollRecord, speech: Speech) -> Iterator[Piece]:
    """Whether the result stands."""
    _ = speech.gettext
    if record.facts.rehearsal:
        yield Notice(f"{_('This is a rehearsal.')} {_('Nothing that is decided here counts.')}", alert=True)
    if record.standing == "certified":
        yield Notice(_("The committee has certified this result. It stands."))
    elif record.standing == "annulled":
        yield Notice(_("The committee has annulled this result. Nothing of it counts."), alert=True)
        yield Text(f"{_('The reason that it gave:')} {record.reason}")
    else:
        yield Notice(f"{_('This result is not certified yet.')} {_('This document is a draft.')}", alert=True)


def election(record: PollRecord, speech: Speech) -> Iterator[Piece]:
    """Which election, under which rules, and when what happened."""
    _, rules = speech.gettext, record.rules
    rows = [
        (_("Election"), record.facts.election),
        (_("Rules in force"), rules.name),
        (_("Regulation"), rules.regulation),
        (_("Version of the rules"), rules.version),
        (_("Set in force by"), rules.approved_by),
        (_("On the roll"), speech.number(_roll(record))),
        (_("Poll opened"), speech.when(record.opens)),
        (_("Poll closed"), speech.when(record.poll.closed)),
        (_("Review of tokens and receipts ended"), speech.when(record.poll.review_ends)),
        (_("Result declared"), speech.when(record.declared)),
    ]
    if record.concluded is not None:
        rows.append((_(TITLES[f"result.{record.standing}"]), speech.when(record.concluded)))
    yield Pairs(tuple(rows))


def _roll(record: PollRecord) -> int | None:
    """How many the whole body has; None where no electorate of it is logged."""
    known = record.facts.record
    return None if known is None else known.state.electorates.get(record.rules.body)


def people(record: PollRecord, speech: Speech) -> Iterator[Piece]:
    """The members with their keys; the trustees, and how many of them open a sum."""
    _ = speech.gettext
    yield Heading(_("Committee and trustees"))
    yield Text(
        speech.ngettext("%(count)s signature for every act", "%(count)s signatures for every act", record.threshold)
        % {"count": record.threshold}
    )
    yield Table(
        head=(_("Member"), _("Fingerprint of the key")),
        rows=tuple((member.id, fingerprint(unb64(member.key, 32, "member"))) for member in record.members),
        widths=(40, 60),
    )
    ceremony = record.facts.ceremony
    if ceremony is None:
        return
    session = ceremony.session
    yield Text(
        _("%(needed)s of %(all)s trustees together can open the sum of the ballots")
        % {"needed": session.k, "all": len(session.identities)}
    )
    used = {number for item in record.contests for number in item.trustees}
    yield Table(
        head=(_("Trustee"), _("Fingerprint of the key"), _("Share used")),
        rows=tuple(
            (_("Trustee %(trustee)s") % {"trustee": number}, fingerprint(key), _("yes") if number in used else "–")
            for number, key in enumerate(session.identities, 1)
        ),
        widths=(30, 50, 20),
    )


def readings(record: PollRecord, speech: Speech) -> Iterator[Piece]:
    """How the committee read what can be read in several ways: in the words of the notice of the rules."""
    _, known = speech.gettext, record.facts.record
    lines = [] if known is None else make_lines(known.state.constitution, known.state.resolutions, speech.language)
    rows = tuple((speech.clause(line.clause), line.heading, line.text) for line in lines if line.status == "resolved")
    if rows:
        yield Heading(_("How unclear clauses were read"))
        yield Text(_("The committee has signed a reading of each before the first poll."), small=True)
        yield Table((_("Clause"), _("What it is about"), _("Reading")), rows, (24, 40, 66))


def _when_head(speech: Speech) -> str:
    """The head of a column of times."""
    return f"{speech.gettext('When')} ({speech.zone})"


def complaints(record: PollRecord, speech: Speech) -> Iterator[Piece]:
    """Every complaint about the poll with its answer."""
    _ = speech.gettext
    yield Heading(_("Complaints"))
    if not record.complaints:
        yield Text(_("There were none."))
        return
    yield Table(
        head=(_("Entry"), _when_head(speech), _("Complaint"), _("Answer")),
        rows=tuple(
            (
                speech.number(item.seq),
                speech.moment(item.time),
                item.text,
                f"{_(RULINGS.get(item.ruling, item.ruling))}. {item.answer}".rstrip()
                if item.ruling
                else _("not answered yet"),
            )
            for item in record.complaints
        ),
        widths=(17, 28, 51, 38),
    )


# ---- approvals -------------------------------------------------------------------------------------------------------


def approvals(record: PollRecord, speech: Speech) -> Iterator[Piece]:
    """Every act of the committee that this poll rests on, and who signed it; a run of acts of one kind is one row."""
    _ = speech.gettext
    yield Heading(_("What the committee has signed"))
    groups = [list(group) for _, group in groupby(record.acts, key=lambda act: (act.kind, act.members))]
    yield Table(
        head=(_("Act"), _("Entries"), _when_head(speech), _("Signed by")),
        rows=tuple(
            (_act(group, speech), _entries(group, speech), speech.moment(group[-1].time), _by(group[0], speech))
            for group in groups
        ),
        widths=(44, 18, 38, 30),
    )


def _act(group: list[ActRecord], speech: Speech) -> str:
    title = speech.gettext(TITLES[group[0].kind])
    if len(group) > 1:
        return f"{title} (×{len(group)})"
    reason = getattr(group[0].data, "reason", "")
    return f"{title}. {speech.gettext('Reason: %(reason)s') % {'reason': reason}}" if reason else title


def _entries(group: list[ActRecord], speech: Speech) -> str:
    first, last = group[0].seq, group[-1].seq
    return speech.number(first) if first == last else f"{speech.number(first)}–{speech.number(last)}"


def _by(act: ActRecord, speech: Speech) -> str:
    return ", ".join(act.members) or speech.gettext("closed at its time")


# ---- the log ---------------------------------------------------------------------------------------------------------


def log(record: PollRecord, speech: Speech, checkpoint: str) -> Iterator[Piece]:
    """Which log this was made from, to the byte."""
    _, facts = speech.gettext, record.facts
    yield Heading(_("The log that this was made from"))
    yield Text(
        _("Everything in this document follows from the first entries of the public log, and from nothing else.")
    )
    yield Pairs(
        (
            (_("Log id"), b64(facts.log_id)),
            (_("Entries"), speech.number(facts.entries)),
            (_("Root of their tree"), b64(facts.root)),
            (_("Key of the log"), b64(record.log_key)),
            (_("Fingerprint of the key"), fingerprint(record.log_key)),
        )
    )
    yield Text(_("Signed checkpoint"))
    yield Verbatim(checkpoint.rstrip("\n"))


def verifying(record: PollRecord, speech: Speech, name: str) -> Iterator[Piece]:
    """The commands by which anybody checks this document and the election."""
    _, facts = speech.gettext, record.facts
    host = facts.origin.partition("/")[0]
    address, log_id = f"https://{host}/log/{facts.election}/", b64(facts.log_id)
    yield Heading(_("How to verify it yourself"))
    yield Text(_("Install the program in a copy of its sources. It needs Python 3.11 or newer and three libraries."))
    yield Verbatim("pip install .")
    yield Text(
        _("Let it fetch the log and check every entry, signature, proof and sum, and the result down to its clauses:")
    )
    yield Verbatim(f"election-audit verify {address} --log {log_id}")
    yield Text(_("See that the log signed this very document; its signature is a file beside it:"))
    yield Verbatim(f"election-audit document {name} {name}.sig {address} --log {log_id}")
    yield Text(_("Ask why a contest ended as it did:"))
    example = record.contests[0].result.contest if record.contests else "CONTEST"
    yield Verbatim(f"election-audit explain {example} {address} --lang {speech.language}")
    yield Address(
        f"https://{host}/elections/{facts.election}/results/{record.number}",
        _("Result, turnout, and how to check all of it yourself:"),
    )


def signatures(record: PollRecord, speech: Speech) -> Iterator[Piece]:
    """Lines for the members' hands, and some more."""
    _ = speech.gettext
    yield Signatures(
        heading=Heading(_("Signed by hand")),
        note=Text(_("What counts is signed in the log; these lines are for the paper."), small=True),
        rows=(*(member.id for member in record.members), *[""] * _EMPTY_LINES),
        name=_("Name"),
        signature=_("Signature"),
        date=_("Date"),
    )
