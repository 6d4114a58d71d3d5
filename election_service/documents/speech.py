"""A record in one language: names, dates, numbers and sentences. Everything comes from the log, the time zone too."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from babel.dates import format_datetime

from audit.catalog import load_texts
from audit.explain import Names
from ballot.contest import Contest, Option
from election_service.documents.paper import Reason
from election_service.documents.record import PollRecord
from election_service.languages import format_number, format_percent, translations
from tally.reasoning import Step

_WHEN: Final = "d MMMM y, HH:mm"


class Speech(Names):
    """The words of one record in one of LANGUAGES. A name that is not in the reader's language keeps its own."""

    def __init__(self, record: PollRecord, language: str) -> None:
        facts = record.facts
        documents = [contest.document for contest in facts.contests if contest.document is not None]
        positions: dict[str, str | None] = {seat.seat: seat.position for seat in record.outcome.seats}
        super().__init__(load_texts(language), documents, positions, record.rules)
        self.language = language
        self.gettext = translations(language).gettext
        self.ngettext = translations(language).ngettext
        self._body = record.rules.body
        self._zone = timezone(timedelta(minutes=record.rules.calendar.utc_offset))

    # -- names ---------------------------------------------------------------------------------------------------------

    def title(self, position: str | None, otherwise: str) -> str:
        """What the rules call a position."""
        return _in_language(self._titles.get(position or "", {}), self.language, otherwise)

    def seat(self, contest: str) -> str:
        """The office, and the id by which the log knows it."""
        title = self.title(self._positions.get(contest), "")
        return f"{title} ({contest})" if title else contest

    def contest(self, document: Contest) -> str:
        """As `seat`; the id is what tells two of one office apart."""
        title = self.title(document.position, "")
        return f"{title} · {document.contest}" if title else document.contest

    def electorate(self, electorate: str) -> str:
        """Who votes; that it is everybody, where it is."""
        whole = self.gettext("the whole body")
        return f"{whole} ({electorate})" if electorate == self._body else electorate

    def option(self, option: Option) -> str:
        """As on the ballot."""
        if option.blank and self.language not in option.name:
            return self.gettext("None of these (blank vote)")
        return _in_language(option.name, self.language, option.id)

    def reason(self, number: int, step: Step) -> Reason:
        """A step of the reasoning."""
        say = self.texts.say
        verdict = say("label", "holds" if step.holds else "fails")
        parts = [f"{number}", self.clause(step.clause), say("rule", step.rule)]
        return Reason(
            head=" · ".join([*parts, self.seat(step.contest)] if step.contest else parts),
            sentence=self.sentence(step),
            comparison=f"{step.comparison}: {verdict}" if step.comparison else "",
            grounds=f"{say('label', 'from')}: {', '.join(self.ground(ground) for ground in step.grounds)}",
        )

    # -- numbers -------------------------------------------------------------------------------------------------------

    def when(self, seconds: int | None) -> str:
        """A moment on the institution's clocks, with how far they are from UTC; a dash for none."""
        return "–" if seconds is None else f"{self.moment(seconds)} ({self.zone})"

    def moment(self, seconds: int) -> str:
        """The same under a head that names the zone."""
        moment = datetime.fromtimestamp(seconds, UTC).astimezone(self._zone)
        return format_datetime(moment, _WHEN, locale=self.language)

    @property
    def zone(self) -> str:
        """The zone of the constitution's calendar: UTC+4, UTC−3:30."""
        minutes = int((self._zone.utcoffset(None)).total_seconds()) // 60
        hours, rest = divmod(abs(minutes), 60)
        sign = "−" if minutes < 0 else "+"
        return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")

    def number(self, number: int | None) -> str:
        """A whole number; a dash for none."""
        return "–" if number is None else format_number(number, self.language)

    def share(self, part: int, whole: int) -> str:
        """Part of a whole in percent."""
        return format_percent(part, whole, self.language)


def _in_language(names: Mapping[str, str], language: str, otherwise: str) -> str:
    return names.get(language) or names.get("en") or next(iter(names.values()), otherwise)
