"""Why a contest ended as it did, or what the rules made of a person: the reasoning in the reader's language.

Everything is taken from the verifier's own computation, nothing from the declared blob; names come from the contest
documents. `election-audit explain CONTEST|PERSON` verifies first and prints this after.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from audit.catalog import Texts
from audit.entries import format_time
from audit.facts import Facts, PollFigures, TaskFigures
from ballot.contest import Contest
from keys.text import printable
from tally.constitution import Constitution
from tally.outcome import Outcome
from tally.reasoning import Conclusion, Rule, Step
from tally.register import Term


class UnknownSubjectError(LookupError):
    """No contest and no person of that name; `known` lists the contests."""

    def __init__(self, about: str, known: Sequence[str]) -> None:
        super().__init__(f"no contest and no candidate is called {about!r}")
        self.known = known


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked about: seats or motions by the id of their contest, persons by option id."""

    contests: frozenset[str]
    persons: frozenset[str]

    def concerns(self, step: Step) -> bool:
        """Whether a step is about it."""
        if step.contest in self.contests:
            return True
        named = set(step.names) | {name.partition(".")[2] for name in step.inputs}
        return bool(self.persons & named)


def find_subject(facts: Facts, about: str) -> Subject:
    """A contest id, an option id, or a name in any language, whatever its case; UnknownSubjectError."""
    contests = sorted({contest.contest for contest in facts.contests} | {term.mandate.seat for term in facts.terms})
    if about in contests:
        return Subject(frozenset({about}), frozenset())
    wanted = about.casefold()
    persons = {
        option.id
        for contest in facts.contests
        for option in (contest.document.options if contest.document else ())
        if not option.blank and wanted in {option.id, *(name.casefold() for name in option.name.values())}
    }
    persons |= {term.mandate.person for term in facts.terms if term.mandate.person == about}
    if not persons:
        raise UnknownSubjectError(about, contests)
    return Subject(frozenset(), frozenset(persons))


def explain(facts: Facts, about: str, texts: Texts) -> str:
    """The whole explanation, poll by poll, then mandates and what has to happen; UnknownSubjectError."""
    subject, names = find_subject(facts, about), Names.of(facts, texts)
    lines: list[str] = []
    for poll in facts.polls:
        lines += _poll_lines(poll, subject, names, readings=not lines)
    lines += _mandate_lines(facts.terms, subject, names)
    lines += _agenda_lines(facts.agenda, subject, names)
    return "\n".join(map(printable, lines))


def chosen_steps(outcome: Outcome, subject: Subject) -> list[int]:
    """The numbers of the steps that concern the subject, with those that they rest on; empty where none does."""
    steps = outcome.steps
    waiting = [number for number, step in enumerate(steps) if subject.concerns(step)]
    if not waiting:
        return []
    readings = _readings(outcome, {steps[number].contest for number in waiting})
    found = {number for number, step in enumerate(steps) if step.contest is None and step.rule is Rule.TURNOUT}
    found |= {n for n, step in enumerate(steps) if step.rule is Rule.RESOLUTION and _path(step).startswith(readings)}
    while waiting:
        number = waiting.pop()
        if number in found:
            continue
        found.add(number)
        grounds = (ground.partition(":") for ground in steps[number].grounds)
        waiting += [int(at) for kind, _, at in grounds if kind == "step" and at.isdecimal() and int(at) < len(steps)]
    return sorted(found)


def _readings(outcome: Outcome, contests: Collection[str | None]) -> tuple[str, ...]:
    """Where in the constitution the readings stand that can matter to these seats."""
    paths = ["turnout.", "one_position."]
    paths += [f"procedures.{result.procedure}." for result in outcome.results if result.contest in contests]
    paths += [f"positions.{seat.position}." for seat in outcome.seats if seat.seat in contests]
    return tuple(paths)


def _path(step: Step) -> str:
    """A resolution's clause is the clause of the text, then the path of the parameter."""
    return step.clause.rpartition(" ")[2]


def _poll_lines(poll: PollFigures, subject: Subject, names: "Names", *, readings: bool) -> Iterator[str]:
    """What concerns the subject; `readings`: the committee's readings too, which every poll repeats."""
    if poll.outcome is None:
        return
    steps = poll.outcome.steps
    numbers = chosen_steps(poll.outcome, subject)
    if not numbers:
        return
    say = names.texts.say
    yield say("label", "poll", number=poll.poll, state=say("state", poll.state))
    for number in numbers:
        if readings or steps[number].rule is not Rule.RESOLUTION:
            yield from (f"  {line}" for line in _step_lines(number, steps[number], names))
    yield ""


def _step_lines(number: int, step: Step, names: "Names") -> Iterator[str]:
    """Clause, rule and contest; the sentence; the comparison and where its numbers come from."""
    say = names.texts.say
    head = [names.clause(step.clause), say("rule", step.rule)]
    yield f"{number:3}. {', '.join([*head, *([names.seat(step.contest)] if step.contest else [])])}"
    yield f"     {names.sentence(step)}"
    if step.comparison:
        yield f"     {step.comparison}: {say('label', 'holds' if step.holds else 'fails')}"
    yield f"     {say('label', 'from')}: {', '.join(names.ground(ground) for ground in step.grounds)}"


def _mandate_lines(terms: Iterable[Term], subject: Subject, names: "Names") -> Iterator[str]:
    found = [term for term in terms if term.mandate.seat in subject.contests or term.mandate.person in subject.persons]
    yield names.texts.say("label", "mandates" if found else "no-mandates")
    yield from (f"  {_mandate_line(term, names)}" for term in found)


def _mandate_line(term: Term, names: "Names") -> str:
    say, mandate = names.texts.say, term.mandate
    text = say(
        "label",
        "mandate",
        person=names.person(mandate.person),
        seat=names.seat(mandate.seat),
        since=format_time(mandate.since),
        by=say("by", mandate.by),
        cause=names.ground(mandate.cause),
    )
    if term.end is not None:
        ended = say("label", "ended", until=format_time(term.end.at), ground=term.end.ground)
        return f"{text}; {ended} ({names.ground(term.end.cause)})"
    return f"{text}; {say('label', 'term', until=mandate.until)}" if mandate.until else text


def _agenda_lines(agenda: Iterable[TaskFigures], subject: Subject, names: "Names") -> Iterator[str]:
    say = names.texts.say
    found = [
        item for item in agenda if item.task.seat in subject.contests or subject.persons.intersection(item.task.options)
    ]
    if found:
        yield ""
        yield say("label", "agenda")
    for item in found:
        due = "" if item.due is None else f"; {say('label', 'due', due=format_time(item.due))}"
        clause = names.clause(item.task.clause)
        sentence = say("conclusion", Conclusion.FOLLOWS, **names.follows([item.task.kind, *item.task.options]))
        yield f"  {names.seat(item.task.seat)}: {sentence} ({clause}){due}"


class Names:
    """Ids as people know them, in one language.

    `documents`: every contest document; `positions`: seat -> position, besides those of the documents; `rules`: what
    the positions are called.
    """

    def __init__(
        self,
        texts: Texts,
        documents: Iterable[Contest],
        positions: Mapping[str, str | None],
        rules: Constitution | None,
    ) -> None:
        self.texts = texts
        self._persons: dict[str, Mapping[str, str]] = {}
        self._positions = dict(positions)
        for document in documents:
            self._positions[document.contest] = document.position
            self._persons |= {option.id: option.name for option in document.options}
        self._titles = {position.id: position.name for position in rules.positions} if rules else {}

    @classmethod
    def of(cls, facts: Facts, texts: Texts) -> "Names":
        """The names of a verified log."""
        documents = [contest.document for contest in facts.contests if contest.document is not None]
        positions = {term.mandate.seat: term.mandate.position for term in facts.terms}
        return cls(texts, documents, positions, facts.rules)

    def person(self, identity: str) -> str:
        """The candidate's name."""
        return self._translated(self._persons.get(identity, {}), identity)

    def persons(self, identities: Iterable[str]) -> str:
        """Names, or that there is nobody."""
        return ", ".join(map(self.person, identities)) or self.texts.say("label", "nobody")

    def seat(self, contest: str) -> str:
        """The id of the contest, with the office behind it."""
        title = self._titles.get(self._positions.get(contest) or "", {})
        return f"{contest} ({self._translated(title, '')})" if title else contest

    def electorate(self, electorate: str) -> str:
        """Who took part."""
        return electorate

    def clause(self, clause: str) -> str:
        """A clause, with the path of the parameter in a resolution; "silent" where the regulation says nothing."""
        text, _, path = clause.partition(" ")
        if text != "silent":
            return self.texts.say("label", "clause", clause=clause)
        return f"{self.texts.say('label', 'silent')} {path}".rstrip()

    def ground(self, ground: str) -> str:
        """Where a number comes from."""
        kind, _, name = ground.partition(":")
        text = self.texts.sections["ground"].get(kind)
        return ground if text is None else text.format(name)

    def sentence(self, step: Step) -> str:
        """What follows from a step."""
        return self.texts.say("conclusion", step.conclusion, **self._values(step))

    def follows(self, names: Sequence[str]) -> dict[str, str]:
        """A task: its kind, then its candidates."""
        options = names[1:]
        candidates = self.persons(options) if options else self.texts.say("label", "new-nominations")
        return {"task": self.texts.say("task", names[0]) if names else "", "persons": candidates}

    def _values(self, step: Step) -> dict[str, str]:
        """What the text of the conclusion may name; see `Conclusion` for what `names` holds."""
        names = step.names
        first, second = (names[index] if len(names) > index else "" for index in (0, 1))
        match step.conclusion:
            case Conclusion.FOLLOWS:
                return self.follows(names)
            case Conclusion.PROVISIONAL:
                return {"person": self.person(first), "persons": self.persons(names[1:])}
            case Conclusion.HOLDS_HIGHER:
                return {"person": self.person(first), "seat": self.seat(second)}
            case Conclusion.PASSED_OVER:
                return {"person": self.person(first), "reason": self.texts.say("reason", second) if second else ""}
            case Conclusion.CASTING_VOTE:
                nobody = self.texts.say("label", "nobody")
                return {"choice": self.texts.say("choice", first) if first else nobody}
        return {
            "reading": first,
            "electorate": self.electorate(first),
            "person": self.person(first),
            "persons": self.persons(names),
        }

    def _translated(self, names: Mapping[str, str], otherwise: str) -> str:
        return names.get(self.texts.language) or names.get("en") or next(iter(names.values()), otherwise)
