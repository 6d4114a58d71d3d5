"""The result of a poll in words: at a glance, turnout, votes, seats, and what has to happen next."""

from collections.abc import Iterator
from typing import Final

from election_service.documents.paper import Bar, Bars, Heading, Pairs, Piece, Reason, Reasons, Table, Text
from election_service.documents.record import ContestRecord, PollRecord
from election_service.documents.speech import Speech
from election_service.languages import format_day, translatable
from election_service.pages.entry_words import TITLES
from election_service.pages.states import OUTCOMES, SEAT_STATES
from tally.reasoning import Conclusion, Rule
from tally.threshold import Threshold
from tally.wire import SeatResult, SeatTakenData, SeatVacatedData

_MOVES: Final = frozenset({Conclusion.HOLDS_HIGHER, Conclusion.PROVISIONAL, Conclusion.WAITS})
TESTS: Final = {
    "valid": translatable("enough"),
    "invalid": translatable("too few"),
    "waived": translatable("not tested"),
}


def glance(record: PollRecord, speech: Speech) -> Iterator[Piece]:
    """Contest by contest, on one table."""
    _ = speech.gettext
    yield Heading(_("The result at a glance"))
    yield Table(
        head=(_("Contest"), _("Result"), _("Entitled"), _("Ballots")),
        rows=tuple(
            (
                _title(item, speech),
                outcome_line(item, speech),
                speech.number(item.result.size),
                _said(speech, item.result.ballots, item.result.size),
            )
            for item in record.contests
        ),
        widths=(40, 40, 14, 20),
        numbers=frozenset({2, 3}),
    )


def _title(item: ContestRecord, speech: Speech) -> str:
    document = item.figures.document
    return item.result.contest if document is None else speech.contest(document)


def outcome_line(item: ContestRecord, speech: Speech) -> str:
    """What a contest came to: "Elected: Nino Beridze"."""
    said = speech.gettext(OUTCOMES[item.result.outcome])
    return f"{said}: {speech.persons(item.result.elected)}" if item.result.elected else said


# ---- turnout ---------------------------------------------------------------------------------------------------------


def turnout(record: PollRecord, speech: Speech) -> Iterator[Piece]:
    """Every contest and unit: entitled, ballots, the test, and the slack; then the clauses of the test."""
    _ = speech.gettext
    yield Heading(_("Turnout"))
    yield Text(_("Those who took part are the ballots in the log, blank ones included."))
    yield Table(
        head=(_("Contest"), _("Who votes"), _("Entitled"), _("Took part"), _("Share"), _("Test")),
        rows=tuple(
            (
                _title(item, speech),
                speech.electorate(item.result.electorate),
                speech.number(item.result.size),
                speech.number(item.result.ballots),
                speech.share(item.result.ballots, item.result.size),
                _(TESTS[item.result.turnout]),
            )
            for item in record.contests
        ),
        widths=(38, 28, 15, 15, 14, 16),
        numbers=frozenset({2, 3, 4}),
    )
    steps = [
        speech.reason(number, step)
        for number, step in enumerate(record.outcome.steps)
        if step.rule is Rule.TURNOUT and step.contest is None
    ]
    if steps:
        yield Reasons(tuple(steps))
    yield from _slack(record, speech)


def _slack(record: PollRecord, speech: Speech) -> Iterator[Piece]:
    """Tokens that were handed out and cast no ballot: as many ballots the service itself could have added."""
    _ = speech.gettext
    found = [item for item in record.contests if item.figures.slack]
    yield Heading(_("Ballot tokens without a ballot"), 3)
    if not found:
        yield Text(_("None: every ballot token that was handed out has cast its ballot."))
        return
    limit = speech.number(record.rules.max_slack)
    yield Text(_("At most %(limit)s percent are allowed in a contest; the log lists each of them.") % {"limit": limit})
    yield Table(
        head=(_("Contest"), _("Tokens"), _("Ballots"), _("Without a ballot")),
        rows=tuple(
            (
                _title(item, speech),
                speech.number(item.figures.tokens),
                speech.number(item.result.ballots),
                speech.number(item.figures.slack),
            )
            for item in found
        ),
        widths=(60, 20, 20, 26),
        numbers=frozenset({1, 2, 3}),
    )


# ---- votes -----------------------------------------------------------------------------------------------------------


def votes(record: PollRecord, speech: Speech) -> Iterator[Piece]:
    """Contest by contest: what happened, bars, the seat, and why."""
    _ = speech.gettext
    yield Heading(_("Votes, contest by contest"))
    yield Text(_("Shares are of all ballots of a contest, blank ones included."), small=True)
    seats = {seat.seat: seat for seat in record.outcome.seats}
    reasons = _reasons(record, speech)
    mark = _mark(record)
    for item in record.contests:
        name = item.result.contest
        yield Heading(_title(item, speech), 3)
        yield Text(outcome_line(item, speech))
        yield Bars(tuple(_bars(item, speech, mark)))
        if name in seats:
            yield Text(f"{_('The seat')}: {seat_line(seats[name], speech)}")
        if item.trustees:
            numbers = ", ".join(map(str, item.trustees))
            yield Text(_("Opened with the key shares of the trustees %(numbers)s") % {"numbers": numbers}, small=True)
        if name in reasons:
            yield Reasons(tuple(reasons[name]))


def _reasons(record: PollRecord, speech: Speech) -> dict[str, list[Reason]]:
    """The steps about each contest, but for its seat: those stand with the other seats."""
    found: dict[str, list[Reason]] = {}
    for number, step in enumerate(record.outcome.steps):
        if step.contest is not None and step.rule is not Rule.ONE_POSITION:
            found.setdefault(step.contest, []).append(speech.reason(number, step))
    return found


def _mark(record: PollRecord) -> int | None:
    """Where the turnout that is needed stands on a bar, in thousandths."""
    if record.rules.turnout.scope.value == "none":
        return None
    share = Threshold.parse(record.rules.turnout.share.value)
    return 1000 * share.numerator // share.denominator


def _bars(item: ContestRecord, speech: Speech, mark: int | None) -> Iterator[Bar]:
    """Turnout first, then most votes first and the blank vote last; in the ballot's order where votes are equal."""
    result, document = item.result, item.figures.document
    tested = mark if result.turnout != "waived" else None
    yield Bar(
        speech.gettext("Turnout"), result.ballots, result.size, _said(speech, result.ballots, result.size), mark=tested
    )
    if document is None or result.counts is None:
        return
    rows = sorted(zip(document.options, result.counts, strict=True), key=lambda row: (row[0].blank, -row[1]))
    for option, count in rows:
        strong = option.id in result.elected
        yield Bar(speech.option(option), count, result.ballots, _said(speech, count, result.ballots), strong)


def _said(speech: Speech, part: int, whole: int) -> str:
    return f"{speech.number(part)}  ({speech.share(part, whole)})"


# ---- seats -----------------------------------------------------------------------------------------------------------


def seat_line(seat: SeatResult, speech: Speech) -> str:
    """How it stands with a seat: "filled – Nino Beridze"."""
    state = speech.gettext(SEAT_STATES[seat.status])
    if seat.person is None:
        return state
    provisional = f" ({speech.gettext('as things stand')})" if seat.status == "provisional" else ""
    return f"{state} – {speech.person(seat.person)}{provisional}"


def seats(record: PollRecord, speech: Speech) -> Iterator[Piece]:
    """Every seat of the log, how one position for one person moved people, and the mandates that begin."""
    _, outcome = speech.gettext, record.outcome
    if not outcome.seats:
        return
    yield Heading(_("Who holds which seat"))
    yield Table(
        head=(_("Seat"), _("How it stands"), _("Who may still get it")),
        rows=tuple(
            (
                speech.seat(seat.seat),
                seat_line(seat, speech),
                speech.persons(seat.possible) if seat.possible else "–",
            )
            for seat in outcome.seats
        ),
        widths=(44, 44, 30),
    )
    if any(step.rule is Rule.ONE_POSITION for step in outcome.steps):
        yield Heading(_("One position for one person"), 3)
        moves = tuple(_moves(record, speech))
        if moves:
            yield Text(_("Who is elected to several positions takes the highest; the others go to the next by votes."))
            yield Reasons(moves)
        else:
            yield Text(_("Nobody was elected to several positions."))
        yield from _branches(record, speech)
    if record.began:
        yield Heading(_("Mandates that begin or end with this result"), 3)
        yield Pairs(
            tuple((speech.seat(entry.data.seat), _mandate(entry.kind, entry.data, speech)) for entry in record.began)
        )


def _moves(record: PollRecord, speech: Speech) -> Iterator[Reason]:
    """The steps of the seats that do not simply go to the first of their list; what was walked twice is said once."""
    steps = [(number, step) for number, step in enumerate(record.outcome.steps) if step.rule is Rule.ONE_POSITION]
    moved = {step.contest for __, step in steps if step.conclusion in _MOVES}
    said: set[tuple[str | None, str]] = set()
    for number, step in steps:
        sentence = speech.sentence(step)
        if step.contest in moved and (step.contest, sentence) not in said:
            said.add((step.contest, sentence))
            yield speech.reason(number, step)


def _branches(record: PollRecord, speech: Speech) -> Iterator[Piece]:
    """Who gets a provisional seat in which case."""
    nobody = speech.texts.say("label", "nobody")
    for seat in record.outcome.seats:
        for branch in seat.branches:
            names = {
                "seat": speech.seat(branch.higher),
                "holder": speech.person(branch.holder) if branch.holder else nobody,
                "person": speech.person(branch.person) if branch.person else nobody,
            }
            sentence = speech.gettext("If the seat “%(seat)s” goes to %(holder)s, this one goes to %(person)s.") % names
            yield Text(f"{speech.seat(seat.seat)}: {sentence}")


def _mandate(kind: str, data: SeatTakenData | SeatVacatedData, speech: Speech) -> str:
    """Who begins or ends it, until when, by which clause."""
    parts = [speech.gettext(TITLES[kind]), speech.person(data.person)]
    if isinstance(data, SeatTakenData) and data.until:
        parts.append(speech.gettext("term until %(day)s") % {"day": format_day(data.until, speech.language)})
    return ", ".join([*parts, speech.clause(data.clause)])


def agenda(record: PollRecord, speech: Speech) -> Iterator[Piece]:
    """What has to happen next, and until when."""
    _ = speech.gettext
    yield Heading(_("What has to happen next"))
    tasks = record.facts.agenda
    if not tasks:
        yield Text(_("Nothing: every seat is settled."))
        return
    yield Table(
        head=(_("Seat"), _("What"), _("Clause"), _("Until")),
        rows=tuple(
            (
                speech.seat(item.task.seat),
                "{task}: {persons}".format(**speech.follows([item.task.kind, *item.task.options])),
                speech.clause(item.task.clause),
                speech.when(item.due),
            )
            for item in tasks
        ),
        widths=(34, 46, 22, 24),
    )
