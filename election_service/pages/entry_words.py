"""Every kind of log entry in words: what it is called, and a sentence about the one at hand."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from audit.entries import Entry, parse_time
from ballot.ballot import tracker
from election_service.languages import format_number, format_when, translatable, translations
from election_service.pages.about import About
from election_service.pages.naming import PageNames
from keys.canonical import unb64
from keys.ids import short_code

Values = Callable[["Words", Any], Mapping[str, object]]

TITLES: Final = {
    "log.opened": translatable("The log begins"),
    "constitution": translatable("Rules put in force"),
    "resolution": translatable("Reading of a clause signed"),
    "booth": translatable("Program of the voting page approved"),
    "trustee.opened": translatable("Trustees named"),
    "trustee.hashed": translatable("Trustees make their key, step 1"),
    "trustee.committed": translatable("Trustees make their key, step 2"),
    "trustee.shared": translatable("Trustees make their key, step 3"),
    "trustee.confirmed": translatable("Trustees make their key, step 4"),
    "trustee.complained": translatable("A trustee complains about another"),
    "trustee.canary": translatable("A trustee shows that the key is at hand"),
    "electorate": translatable("List of those who may vote approved"),
    "credential.replaced": translatable("Ballot link replaced"),
    "contest": translatable("Ballot made"),
    "poll.opened": translatable("Poll opened"),
    "poll.extended": translatable("Poll extended"),
    "poll.paused": translatable("Poll paused"),
    "poll.resumed": translatable("Poll goes on"),
    "ballot": translatable("Encrypted ballot"),
    "sealed": translatable("Ballots sealed"),
    "poll.closed": translatable("Poll closed"),
    "token": translatable("Ballot token handed out"),
    "issuer.destroyed": translatable("Key for ballot tokens destroyed"),
    "tally.sums": translatable("Encrypted ballots summed"),
    "tally.share": translatable("A trustee opens a part of a sum"),
    "tally.counts": translatable("Votes counted"),
    "tally.withheld": translatable("Too few ballots: not opened"),
    "result.declared": translatable("Result declared"),
    "result.certified": translatable("Result certified"),
    "result.annulled": translatable("Result annulled"),
    "decision": translatable("Decision recorded"),
    "complaint": translatable("Complaint"),
    "petition": translatable("Support of a petition"),
    "vote.open": translatable("Open vote of a board member"),
    "seat.taken": translatable("Seat taken"),
    "seat.vacated": translatable("Seat left"),
    "seat.filled": translatable("Seat filled by succession"),
    "members": translatable("Committee changed"),
}

_DECISIONS: Final = {
    "vacancy": translatable("%(person)s leaves the seat: %(seat)s"),
    "bar": translatable("%(person)s can be elected no more"),
    "withdrawal": translatable("%(person)s withdraws as a candidate: %(seat)s"),
    "approval": translatable("The board approves that %(person)s takes the seat: %(seat)s"),
    "refusal": translatable("The board refuses that %(person)s takes the seat: %(seat)s"),
    "appointment": translatable("%(person)s is appointed: %(seat)s"),
    "attendance": translatable("Number of persons who attend the meeting: %(number)s"),
    "notice": translatable("The meeting that votes is announced to its members: %(seat)s"),
    "suspension": translatable("The self-governance is at a standstill"),
    "resumption": translatable("The standstill of the self-governance ends"),
    "permission": translatable("The administration permits the election"),
    "paper": translatable("The vote on paper elected %(person)s: %(seat)s"),
    "honorary": translatable("%(person)s is given an honorary title"),
    "complaint": translatable("The complaint of entry %(number)s is answered: %(ground)s"),
    "petition": translatable("A petition is open for signatures: %(seat)s"),
    "petition-result": translatable("A petition is closed with %(number)s supporters: %(seat)s"),
    "board-vote": translatable("An open vote of the board begins: %(seat)s"),
    "board-result": translatable("An open vote of the board ends with %(number)s votes for: %(seat)s"),
}


class Words:
    """Sentences in one language; ``about`` and its facts are read, so: on the event loop."""

    def __init__(self, about: About, language: str) -> None:
        self.about = about
        self.language = language
        self.names = PageNames(about, language)
        self._texts = translations(language)

    def title(self, kind: str) -> str:
        """What an entry of this kind is called."""
        return self._texts.gettext(TITLES[kind])

    def sentence(self, entry: Entry) -> str:
        """What this entry says; empty where the title says all."""
        if entry.kind == "decision":
            return self._decision(entry.data.decision)
        known = _SENTENCES.get(entry.kind)
        return "" if known is None else self._texts.gettext(known[0]) % known[1](self, entry.data)

    def _decision(self, decision: Any) -> str:
        text = self._texts.gettext(_DECISIONS[decision.what]) % {
            "person": self.names.person(decision.person),
            "seat": self.names.seat(decision.seat),
            "number": format_number(decision.number, self.language),
            "ground": decision.ground,
        }
        return f"{text}. {decision.text}" if decision.text else text

    def contest(self, context: str) -> str:
        """The contest of a context, base64url."""
        raw = unb64(context, 32, "context")
        if raw not in self.about.facts.contexts:
            return context
        return self.about.contest(self.about.facts.contest(raw).rules.document, self.language).text

    def when(self, time: str) -> str:
        """A time of the log in the election's zone."""
        return format_when(parse_time(time), self.language, self.about.zone)

    def number(self, number: int) -> str:
        """A number in the reader's spelling."""
        return format_number(number, self.language)


def _poll(words: Words, data: Any) -> dict[str, object]:
    return {"poll": data.poll, "time": words.when(data.closes), "reason": getattr(data, "reason", "")}


def _contest(words: Words, data: Any) -> dict[str, object]:
    return {"contest": words.contest(data.context), "trustee": getattr(data, "i", "")}


def _trustee(_words: Words, data: Any) -> dict[str, object]:
    return {"trustee": data.i}


def _seat(words: Words, data: Any) -> dict[str, object]:
    return {"person": words.names.person(data.person), "seat": words.names.seat(data.seat)}


def _poll_alone(_words: Words, data: Any) -> dict[str, object]:
    return {"poll": data.poll, "reason": getattr(data, "reason", "")}


_TRUSTEE: Final = (translatable("Trustee %(trustee)s"), _trustee)
_IN_CONTEST: Final = (translatable("%(contest)s"), _contest)
_SENTENCES: Final[dict[str, tuple[str, Values]]] = {
    "resolution": (
        translatable("Clause %(clause)s is read as “%(reading)s”"),
        lambda _, data: {"clause": data.clause, "reading": data.reading},
    ),
    "booth": (translatable("SHA-256: %(bundle)s"), lambda _, data: {"bundle": data.bundle}),
    "trustee.opened": (
        translatable("%(needed)s of %(all)s trustees together can open the sum of the ballots"),
        lambda _, data: {"needed": data.k, "all": len(data.trustees)},
    ),
    "trustee.hashed": _TRUSTEE,
    "trustee.committed": (_TRUSTEE[0], lambda _, data: {"trustee": data.message.i}),
    "trustee.shared": _TRUSTEE,
    "trustee.confirmed": _TRUSTEE,
    "trustee.complained": _TRUSTEE,
    "trustee.canary": _TRUSTEE,
    "electorate": (
        translatable("%(name)s: %(size)s may vote"),
        lambda words, data: {
            "name": words.about.electorate(data.id, words.language),
            "size": words.number(data.size),
        },
    ),
    "credential.replaced": (translatable("Reason: %(reason)s"), lambda _, data: {"reason": data.reason}),
    "contest": (
        translatable("%(contest)s, poll %(poll)s"),
        lambda words, data: {"contest": words.about.contest(data, words.language).text, "poll": data.poll},
    ),
    "poll.opened": (translatable("Poll %(poll)s is open until %(time)s"), _poll),
    "poll.extended": (translatable("Poll %(poll)s is open until %(time)s. Reason: %(reason)s"), _poll),
    "poll.paused": (translatable("Poll %(poll)s takes no ballots for now. Reason: %(reason)s"), _poll),
    "poll.resumed": (translatable("Poll %(poll)s is open until %(time)s. Reason: %(reason)s"), _poll),
    "ballot": (
        translatable("Tracking code %(code)s: %(contest)s"),
        lambda words, data: {"code": short_code(tracker(data.body)), "contest": words.contest(data.context)},
    ),
    "sealed": (
        translatable("Ballots before this entry: %(number)s"),
        lambda words, data: {"number": words.number(data.ballots)},
    ),
    "poll.closed": (
        translatable("Poll %(poll)s: ballots in all contests together: %(number)s"),
        lambda words, data: {
            "poll": data.poll,
            "number": words.number(sum(contest.ballots for contest in data.contests)),
        },
    ),
    "token": _IN_CONTEST,
    "issuer.destroyed": _IN_CONTEST,
    "tally.sums": _IN_CONTEST,
    "tally.share": (translatable("Trustee %(trustee)s: %(contest)s"), _contest),
    "tally.counts": _IN_CONTEST,
    "tally.withheld": _IN_CONTEST,
    "result.declared": (translatable("Poll %(poll)s"), _poll_alone),
    "result.certified": (translatable("Poll %(poll)s"), _poll_alone),
    "result.annulled": (translatable("Poll %(poll)s. Reason: %(reason)s"), _poll_alone),
    "complaint": (
        translatable("Poll %(poll)s: “%(text)s”"),
        lambda _, data: {"poll": data.poll, "text": data.text},
    ),
    "petition": (translatable("Petition: %(name)s"), lambda _, data: {"name": data.petition}),
    "vote.open": (translatable("Vote: %(name)s"), lambda _, data: {"name": data.vote}),
    "seat.taken": (translatable("%(person)s: %(seat)s"), _seat),
    "seat.vacated": (translatable("%(person)s: %(seat)s"), _seat),
    "seat.filled": (translatable("%(person)s: %(seat)s"), _seat),
    "members": (
        translatable("Members: %(names)s. Signatures needed: %(number)s"),
        lambda _, data: {"names": ", ".join(member.id for member in data.members), "number": data.threshold},
    ),
}
