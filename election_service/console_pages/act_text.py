"""What an act says to who is about to sign it: in words, what it holds, what follows, and the bytes with their code."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from audit.approvals import approval_message
from audit.entries import ClosedContest, Entry, ResolutionData, parse_time
from election_service.acts import read_act_data
from election_service.console.act_kinds import ACTS
from election_service.console.decision_kinds import DECISIONS
from election_service.console.local_acts import ROLL_FROZEN
from election_service.languages import translatable, translations
from election_service.law_view import agenda_of
from election_service.legal_rules import opening_notices
from election_service.pages.about import About
from election_service.pages.entry_words import TITLES, Words
from keys.canonical import encode, unb64
from keys.errors import DataError
from keys.ids import fingerprint, short_code
from tally.constitution import Resolution
from tally.decision import Decision
from tally.errors import OutcomeError
from tally.plain import LANGUAGES, make_lines
from tally.record import Event, Record
from tally.resolutions import check_resolution

_UNNUMBERED: Final = "A" * 22  # in the place of the number that the member's browser draws


@dataclass(frozen=True, slots=True)
class ActText:
    """An act in words.

    ``lines``: what it holds; ``follows``: what the rules make of it; ``warnings``: what to know before signing.
    ``raw``: the canonical bytes that are signed; of an act that nobody has proposed they lack its number, and ``code``
    is empty. ``code``: of the message that members sign, for comparing by voice.
    """

    kind: str
    title: str
    sentence: str
    raw: str
    code: str
    lines: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())


class ActWords:
    """In one language; on the event loop, for the facts of `about` are shared."""

    def __init__(self, about: About, language: str, served_booth: str = "") -> None:
        self.about = about
        self.language = language
        self._words = Words(about, language)
        self._texts = translations(language)
        self._served = served_booth

    def text(self, kind: str, data: dict[str, Any], extra: Sequence[str] = ()) -> ActText:
        """An act by its kind and unsigned data; ``extra``: lines that only the caller knows."""
        act = data.get("act")
        approved = read_act_data(kind, encode({"act": _UNNUMBERED, **data}))
        facts, raw = self.about.facts, encode(data)
        return ActText(
            kind=kind,
            title=self.title(kind, data),
            sentence=self._sentence(kind, approved),
            raw=raw.decode(),
            code=short_code(approval_message(facts.log_id, kind, raw)) if act is not None else "",
            lines=(*extra, *self._lines(kind, approved)),
            follows=tuple(self._follows(kind, approved)),
            warnings=tuple(self._warnings(kind, approved)),
        )

    def brief(self, kind: str, data: dict[str, Any]) -> ActText:
        """For a list: what it is, without what it holds and what follows."""
        return ActText(kind, self.title(kind, data), self._sentence(kind, read_act_data(kind, encode(data))), "", "")

    def title(self, kind: str, data: dict[str, Any]) -> str:
        """What is to be done."""
        what = str(data.get("decision", {}).get("what"))
        return self._texts.gettext(DECISIONS[what][0] if what in DECISIONS else ACTS[kind].title)

    def _say(self, text: str, /, **values: object) -> str:
        return self._texts.gettext(text) % values

    def _sentence(self, kind: str, data: Any) -> str:
        if kind == ROLL_FROZEN:
            return self._say(_FROZEN, size=self._words.number(data.size), digest=short_code(bytes.fromhex(data.digest)))
        return self._words.sentence(Entry(0, b"", kind, None, data, b""))

    # ---- what it holds -----------------------------------------------------------------------------------------------

    def _lines(self, kind: str, data: Any) -> Iterator[str]:
        match kind:
            case "poll.opened":
                yield from map(self._contest, sorted(data.contexts, key=self._place))
            case "poll.closed":
                yield from map(self._closed, sorted(data.contests, key=lambda item: self._place(item.context)))
            case "members":
                for member in data.members:
                    yield f"{member.id}: {fingerprint(unb64(member.key, 32, 'member: key'))}"
            case "trustee.opened":
                for number, key in enumerate(data.trustees, 1):
                    shown = fingerprint(unb64(key, 32, "trustee: key"))
                    yield self._say(_TRUSTEE, number=number, fingerprint=shown)
            case "resolution":
                yield from self._reading(data)
            case "decision":
                yield from self._decision(data.decision)
            case "booth" if data.bundle == self._served:
                yield self._say(_SERVED)

    def _closed(self, item: ClosedContest) -> str:
        values = {"ballots": self._words.number(item.ballots), "tokens": self._words.number(item.tokens)}
        return self._say(_CLOSED, contest=self._words.contest(item.context), **values)

    def _decision(self, decision: Decision) -> Iterator[str]:
        if decision.ground:
            yield self._say(_GROUND, ground=decision.ground, clause=self._clause(decision.ground))
        if decision.until:
            yield self._say(_UNTIL, time=self._words.when(decision.until))

    def _place(self, context: str) -> int:
        """Where a contest stands in the log, as on the ballot; acts name contests in the order of their hashes."""
        known = list(self.about.facts.contexts)
        raw = unb64(context, 32, "context")
        return known.index(raw) if raw in known else len(known)

    def _contest(self, context: str) -> str:
        raw = unb64(context, 32, "context")
        if raw not in self.about.facts.contexts:
            return context
        document = self.about.facts.contest(raw).rules.document
        names = ", ".join(self.about.option(option, self.language).text for option in document.options)
        name = self.about.contest(document, self.language).text
        return self._say(_CONTEST, contest=name, size=self._words.number(document.size), names=names)

    def _clause(self, ground: str) -> str:
        grounds = self.about.facts.rules.grounds if self.about.facts.law is not None else []
        return next((item.clause for item in grounds if item.id == ground), "–")

    def _reading(self, data: ResolutionData) -> Iterator[str]:
        """What the clause says if it is read so."""
        if self.about.facts.law is None:
            return
        state = self.about.facts.record.state
        resolution = Resolution(data.clause, data.reading)
        try:
            check_resolution(state.constitution, resolution)
            language = self.language if self.language in LANGUAGES else "en"
            lines = make_lines(state.constitution, [*state.resolutions, resolution], language)
        except OutcomeError:
            return
        path = data.clause.rpartition(" ")[2]
        yield from (line.text for line in lines if line.path == path and line.text)

    # ---- what follows ------------------------------------------------------------------------------------------------

    def _follows(self, kind: str, data: Any) -> Iterator[str]:
        """What the rules derive from it, tried on a copy; nothing where they refuse it, which is said elsewhere."""
        now = self.about.now
        acts: dict[str, Callable[[Record], Sequence[Event]]] = {
            "result.certified": lambda record: record.certify(data.poll, now),
            "result.annulled": lambda record: record.annul(data.poll, now),
            "decision": lambda record: record.decide(data.act, data.decision, now),
        }
        if kind not in acts or self.about.facts.law is None:
            return
        before = self.about.facts.record.agenda
        tried = self.about.facts.record.copy()
        try:
            events = acts[kind](tried)
        except OutcomeError:
            return
        for name, event in events:
            yield f"{self._texts.gettext(TITLES[name])}: {self._words.sentence(Entry(0, b'', name, None, event, b''))}"
        yield from self._agenda(before, tried)

    def _agenda(self, before: dict[str, Any], tried: Record) -> Iterator[str]:
        names = self._words.names
        for item in agenda_of(tried, self.about.facts.documents).tasks:
            if before.get(item.task.seat) != item.task:
                yield self._say(
                    _TASK,
                    seat=names.seat(item.task.seat),
                    task=names.texts.say("task", item.task.kind),
                    persons=", ".join(map(names.person, item.task.options)) or "–",
                    clause=names.clause(item.task.clause),
                )
        for seat in before:
            if seat not in tried.agenda:
                yield self._say(_NO_TASK, seat=names.seat(seat))

    def _warnings(self, kind: str, data: Any) -> Iterator[str]:
        """What the calendar says about an opening; a booth that is not the one here."""
        if kind == "booth" and self._served not in ("", data.bundle):
            yield self._say(_NOT_SERVED)
        if kind != "poll.opened":
            return
        try:
            notices = opening_notices(self.about.facts, data.poll, self.about.now, parse_time(data.closes))
        except DataError:
            return
        for notice in notices:
            yield self._say(_WARNING, clause=notice.clause, text=notice.text)


_FROZEN: Final = translatable("The roll of %(size)s students is frozen as it is now: %(digest)s")
_CLOSED: Final = translatable("%(contest)s: ballots %(ballots)s, tokens %(tokens)s")
_TRUSTEE: Final = translatable("Trustee %(number)s: fingerprint %(fingerprint)s")
_GROUND: Final = translatable("Ground: %(ground)s (%(clause)s)")
_UNTIL: Final = translatable("Until %(time)s")
_SERVED: Final = translatable("This service serves the program of this hash.")
_NOT_SERVED: Final = translatable("This service does NOT serve the program of this hash.")
_CONTEST: Final = translatable("%(contest)s: %(size)s may vote, between %(names)s")
_TASK: Final = translatable("What has to happen then: %(seat)s: %(task)s, %(persons)s (%(clause)s)")
_NO_TASK: Final = translatable("Nothing more has to happen: %(seat)s")
_WARNING: Final = translatable("The calendar warns (%(clause)s): %(text)s")
