"""The checklist: what is missing before the next poll can open, who does it, and where. A pure function of facts.

A poll can open when no step waits and none is blocked; what is optional may stay open. That is exactly when the service
and the verifier accept `poll.opened` (act_rules.py); tests hold the two together. A step that only leads to another is
optional as soon as that one is done: an election whose rolls were made elsewhere needs no roll here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from election_service.console import readiness_rules as rules
from election_service.console.preparations import Preparations
from election_service.console.readiness_rules import Finding, Sentence
from election_service.languages import translatable

State = Literal["done", "waiting", "blocked", "optional"]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the checklist.

    missing     what is missing, or what is there; a text to be translated, with its values
    who         by whom it is done, to be translated
    page        behind /committee/{e}
    blocked_by  keys of the steps that come first; empty unless it is blocked
    advised     optional, and still nothing to leave out without a thought
    """

    key: str
    title: str
    state: State
    missing: Sentence
    who: str
    page: str
    blocked_by: tuple[str, ...] = ()
    advised: bool = False


@dataclass(frozen=True, slots=True)
class _Rule:
    """How a step is judged. ``needs``: what must be done first; ``until``: it is needed only until that is done."""

    key: str
    title: str
    who: str
    page: str
    look: Callable[[Preparations], Finding]
    needs: tuple[str, ...] = ()
    until: str = ""
    optional: bool = False
    advised: bool = False


_COMMITTEE: Final = translatable("the committee")
_MEMBERS: Final = translatable("two members")
_CHAIR: Final = translatable("the chair")
_EACH: Final = translatable("each member")
_REGISTRAR: Final = translatable("the registrar or the chair")
_TRUSTEES: Final = translatable("the trustees")

_RULES: Final = (
    _Rule("factor", translatable("Second factor"), _COMMITTEE, "/setup", rules.factor, until="log"),
    _Rule("members", translatable("Members and their keys"), _EACH, "/people", rules.members, until="log"),
    _Rule("log", translatable("The log is made"), _CHAIR, "/setup", rules.log, ("factor", "members")),
    _Rule("texts", translatable("Texts in each language"), _COMMITTEE, "/texts", rules.texts, optional=True),
    _Rule("rules", translatable("Rules of the election"), _MEMBERS, "/rules", rules.rules, ("log",)),
    _Rule("trustees", translatable("The trustees' key"), _TRUSTEES, "/trustees", rules.trustees, ("rules",)),
    _Rule("readings", translatable("Readings of the rules"), _MEMBERS, "/rules", rules.readings, ("trustees",)),
    _Rule("roll", translatable("Roll of voters"), _REGISTRAR, "/roll", rules.roll, ("log",), "contests"),
    _Rule("freeze", translatable("Roll frozen"), _MEMBERS, "/roll", rules.freeze, ("roll",), "contests"),
    _Rule("links", translatable("Ballot links made"), _REGISTRAR, "/links", rules.links, ("freeze",), "contests"),
    _Rule(
        "electorates",
        translatable("Electorates signed"),
        _MEMBERS,
        "/links",
        rules.electorates,
        ("links", "trustees"),
        "contests",
    ),
    _Rule(
        "candidates",
        translatable("Candidates"),
        _COMMITTEE,
        "/candidates",
        rules.candidates,
        ("rules", "freeze"),
        "contests",
    ),
    _Rule(
        "profiles",
        translatable("Photos and statements"),
        _COMMITTEE,
        "/candidates",
        rules.profiles,
        ("candidates",),
        optional=True,
    ),
    _Rule(
        "contests",
        translatable("Contests made from blocks"),
        _COMMITTEE,
        "/contests",
        rules.contests,
        ("electorates", "candidates", "readings"),
    ),
    _Rule(
        "canaries",
        translatable("Trustees' files tested"),
        _TRUSTEES,
        "/trustees",
        rules.canaries,
        ("trustees", "contests"),  # a poll is about to open once it has contests (trustees.py)
    ),
    _Rule("schedule", translatable("Opening and closing"), _COMMITTEE, "/schedule", rules.schedule),
    _Rule(
        "law", translatable("Nothing in the rules stands against it"), _COMMITTEE, "/schedule", rules.law, ("contests",)
    ),
    _Rule(
        "booth",
        translatable("Program of the voting page announced"),
        _MEMBERS,
        "/acts/new/prepared?kind=booth",
        rules.booth,
        ("rules",),
        optional=True,
        advised=True,
    ),
    _Rule("mail", translatable("Mail test"), _COMMITTEE, "/mail", rules.mail, optional=True, advised=True),
    _Rule(
        "sent",
        translatable("Ballot links sent"),
        _REGISTRAR,
        "/links",
        rules.sent,
        ("links",),
        optional=True,
        advised=True,
    ),
    _Rule(
        "rehearsal",
        translatable("Rehearsal"),
        _COMMITTEE,
        "/rehearsal",
        rules.rehearsal,
        optional=True,
        advised=True,
    ),
)
KEYS: Final = tuple(rule.key for rule in _RULES)


@dataclass(frozen=True, slots=True)
class Checklist:
    """The steps in the order in which they are best done."""

    poll: int
    steps: tuple[Step, ...]
    titles: dict[str, str] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Whether the poll can open now."""
        return all(step.state in ("done", "optional") for step in self.steps)

    @property
    def missing(self) -> list[Step]:
        """What keeps the poll from opening."""
        return [step for step in self.steps if step.state in ("waiting", "blocked")]

    @property
    def advised(self) -> list[Step]:
        """What may be left out, but not without a thought."""
        return [step for step in self.steps if step.state == "optional" and step.advised]


def checklist(known: Preparations) -> Checklist:
    """Every step with its state. What is missing first comes first in ``missing``."""
    found = {rule.key: rule.look(known) for rule in _RULES}
    done = {key for key, finding in found.items() if finding.done}
    poll = 1 if known.log is None else known.log.poll
    return Checklist(poll, tuple(_step(rule, found[rule.key], done) for rule in _RULES), _titles(_RULES))


def _step(rule: _Rule, finding: Finding, done: set[str]) -> Step:
    first = tuple(key for key in rule.needs if key not in done)
    place = (finding.sentence, rule.who, rule.page)
    if finding.done:
        return Step(rule.key, rule.title, "done", *place)
    if rule.optional or (rule.until and rule.until in done):
        return Step(rule.key, rule.title, "optional", *place, advised=rule.advised)
    if first:
        return Step(rule.key, rule.title, "blocked", *place, blocked_by=first)
    return Step(rule.key, rule.title, "waiting", *place)


def _titles(known: Sequence[_Rule]) -> dict[str, str]:
    return {rule.key: rule.title for rule in known}
