"""Laws over whole elections: names and order mean nothing, votes never harm, one seat for one person, every reason is
a logged fact (A103)."""

import string
from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tally.constitution import Majority
from tally.outcome import Outcome
from tally.reasoning import Conclusion, Step
from tally.wire import SeatTakenData, SeatVacatedData
from tests.law.cases import BLOCKS
from tests.law.elections import NAMES
from tests.law.play import BLANK, Play, make_decision, result, seat

Votes = dict[str, dict[str, int]]
READINGS = {
    "procedures__president__base": ["ballots", "valid", "listed"],
    "procedures__president__tie_for_second": ["all-advance", "lot", "members-vote"],
    "procedures__head__tie": ["members-vote", "lot", "re-election", "second-tour"],
    "procedures__head__single": ["majority", "plurality"],
    "one_position__ex_position": ["next-by-votes", "by-election"],
    "turnout__scope": ["both", "university", "both-enforced", "block"],
}
CONTESTS = ("president", "law", "civil", "class-1")
SIZE = 46  # twice the most ballots that `elections` gives


def readings() -> st.SearchStrategy[dict[str, str]]:
    """Readings of what changes outcomes."""
    return st.fixed_dictionaries({path: st.sampled_from(values) for path, values in READINGS.items()})


@st.composite
def elections(draw: st.DrawFn) -> Votes:
    """Votes by contest and candidate, and blank; few distinct numbers, so that equal votes are frequent."""
    votes: Votes = {}
    for name in CONTESTS[: draw(st.integers(1, len(CONTESTS)))]:
        people = draw(st.lists(st.sampled_from(NAMES[:5]), min_size=1, max_size=5, unique=True))
        votes[name] = {person: draw(st.integers(0, 4)) for person in people} | {BLANK: draw(st.integers(0, 3))}
    return votes


def declare(votes: Votes, read: dict[str, str], names: dict[str, str] | None = None) -> tuple[Play, Outcome]:
    """One poll with these votes, of 40 in each electorate at most; `names`: as everybody is called instead.

    The lot of a person is that of the person's first name.
    """
    called = {name: name for name in (*NAMES, BLANK)} | (names or {})
    play = Play(**read)
    documents = []
    for name, counts in votes.items():
        electorate = "university" if name == "president" else name
        play.electorate(electorate, max(1, sum(counts.values())))
        people = [called[person] for person in counts if person != BLANK]
        documents.append(play.contest(name, BLOCKS[name], electorate, people))
    play.open(*documents)
    tickets = {
        name: {called[person]: f"{name} {person}".encode().rjust(32, b".") for person in counts}
        for name, counts in votes.items()
    }
    ballots: dict[str, dict[str, int] | int] = {}
    for name, counts in votes.items():
        few = 0 < sum(counts.values()) < play.record.rules.min_ballots
        ballots[name] = sum(counts.values()) if few else {called[person]: count for person, count in counts.items()}
    return play, play.count(ballots, tickets)


def said(play: Play, outcome: Outcome, back: dict[str, str]) -> Any:
    """Everything that an outcome says, under the old names, as sets where order is that of the document."""

    def old(name: str | None) -> str:
        return back.get(name or "", name or "")

    def step(one: Step) -> tuple[Any, ...]:
        inputs = sorted((".".join(old(part) for part in key.split(".")), number) for key, number in one.inputs.items())
        ordered = one.conclusion == Conclusion.DRAWN
        names = [old(name) for name in one.names]
        return (
            one.contest,
            one.rule,
            one.clause,
            inputs,
            one.comparison,
            one.conclusion,
            names if ordered else sorted(names),
        )

    results = [(one.contest, one.outcome, one.turnout, sorted(map(old, one.elected))) for one in outcome.results]
    seats = [
        (
            one.seat,
            one.status,
            old(one.person),
            sorted(map(old, one.possible)),
            sorted((branch.higher, old(branch.holder), old(branch.person)) for branch in one.branches),
        )
        for one in outcome.seats
    ]
    agenda = [(one.seat, one.kind, one.clause, one.days, sorted(map(old, one.options))) for one in outcome.agenda]
    taken = [(kind, getattr(data, "seat", ""), old(getattr(data, "person", ""))) for kind, data in play.certify()]
    return results, seats, agenda, sorted(map(step, outcome.steps), key=repr), taken


@given(elections(), readings(), st.data())
def test_other_names_and_another_order_change_nothing_but_names(votes: Votes, read: dict[str, str], data: Any) -> None:
    play, outcome = declare(votes, read)
    others = data.draw(st.permutations([f"{letter}-person" for letter in string.ascii_lowercase[: len(NAMES)]]))
    names = dict(zip(NAMES, others, strict=True))
    reordered = {
        name: dict(data.draw(st.permutations(list(counts.items())))) for name, counts in data.draw(_shuffled(votes))
    }
    again, renamed = declare(reordered, read, names)
    assert said(again, renamed, {new: name for name, new in names.items()}) == said(play, outcome, {})


def _shuffled(votes: Votes) -> st.SearchStrategy[list[tuple[str, dict[str, int]]]]:
    return st.permutations(list(votes.items()))


@given(elections(), readings(), st.sampled_from(CONTESTS[1:]))
def test_one_more_vote_for_the_winner_never_unseats_the_winner(votes: Votes, read: dict[str, str], name: str) -> None:
    """Of a plurality: the heads of blocks; the new voter enters the roll, too, so that turnout does not fall."""
    _, outcome = declare(votes, read)
    if name not in votes or result(outcome, name).outcome != "elected":
        return
    (winner,) = result(outcome, name).elected
    more = votes | {name: votes[name] | {winner: votes[name][winner] + 1}}
    _, after = declare(more, read)
    assert result(after, name).elected == [winner]
    before, now = seat(outcome, name), seat(after, name)
    if before.person == winner:
        assert (now.status, now.person) == (before.status, winner)


# ---- a whole year ----------------------------------------------------------------------------------------------------


class Year(RuleBasedStateMachine):
    """A first poll, and then whatever may happen: more polls, vacancies, bars, approvals, annulments."""

    def __init__(self) -> None:
        super().__init__()
        self.play = Play()
        self.declared = False
        self.seen = 0
        self.holders: dict[str, str] = {}

    # -- polls ---------------------------------------------------------------------------------------------------------

    @initialize(votes=elections(), read=readings(), board=st.sampled_from(["faculty-board", "none"]))
    def first(self, votes: Votes, read: dict[str, str], board: str) -> None:
        self.play = Play.resolved(**read, **{"positions__head-of-faculty__seat__approval": board})
        documents = []
        for name, counts in votes.items():
            electorate = "university" if name == "president" else name
            self.play.electorate(electorate, SIZE)
            people = [person for person in counts if person != BLANK]
            documents.append(self.play.contest(name, BLOCKS[name], electorate, people))
        self.play.open(*documents)
        self.count({name: {person: 2 * count for person, count in counts.items()} for name, counts in votes.items()})

    @precondition(lambda self: not self.declared and self.due())
    @rule(data=st.data())
    def next_poll(self, data: Any) -> None:
        """Some of what is due, with new candidates where new ones are asked for."""
        names = data.draw(st.lists(st.sampled_from(self.due()), min_size=1, max_size=3, unique=True), "seats")
        if self.play.record.state.whole is None and "president" in self.due() and "president" not in names:
            names.append("president")  # no poll has told yet whether half of all students take part (6.12.4)
        documents, standing = [], set[str]()
        for name in names:
            task = self.play.task(name)
            standing |= set(task.options)
            free = [person for person in NAMES if person not in standing and self.may_stand(person, name)]
            people = data.draw(st.lists(st.sampled_from(free), max_size=3, unique=True), name) if free else []
            standing |= set() if task.options else set(people)
            procedure = self.play.record.rules.procedure(task.procedure)
            if not task.options and isinstance(procedure, Majority) and procedure.nomination.value == "petition":
                for person in people:
                    self.play.nominate(name, person)
            documents.append(self.play.answer(name, people))
        self.play.open(*documents)
        votes = {}
        for document in documents:
            choices = [option.id for option in document.options]
            cast = data.draw(st.lists(st.sampled_from(choices), max_size=min(12, document.size)), document.contest)
            scale = document.size // 12 if document.size > 12 else 1
            votes[document.contest] = {choice: scale * cast.count(choice) for choice in choices}
        self.count(votes)

    def count(self, votes: Votes) -> None:
        few = self.play.record.rules.min_ballots
        sums = {name: sum(counts.values()) for name, counts in votes.items()}
        self.play.count({name: sums[name] if 0 < sums[name] < few else counts for name, counts in votes.items()})
        self.declared = True
        verify_reasons(self.play)

    @precondition(lambda self: self.declared)
    @rule()
    def certify(self) -> None:
        self.play.certify()
        self.declared = False

    @precondition(lambda self: self.declared)
    @rule()
    def annul(self) -> None:
        self.play.now += 1
        self.play.events += self.play.record.annul(self.play.polls, self.play.now)
        self.declared = False

    def due(self) -> list[str]:
        """Seats that a vote may be held about now."""
        members = set(self.play.record.members())
        return [
            name
            for name, task in self.play.record.agenda.items()
            if task.kind not in {"approval", "paper"}
            and (task.voters == "block" or not members or members - set(task.barred))
        ]

    def may_stand(self, person: str, name: str) -> bool:
        seats = self.play.record.seats
        held = self.play.record.members().get(person)
        gone = person in self.play.record.barred or person in self.play.record.state.void(name)
        return not gone and (held is None or held == name or _rank(seats[held]) > _rank(seats[name]))

    # -- decisions -----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.play.holders())
    @rule(data=st.data(), ground=st.sampled_from(["resignation", "not-a-student", "discipline"]))
    def vacancy(self, data: Any, ground: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.play.holders())))
        self.decide("vacancy", name, self.play.holders()[name], ground=ground)

    @rule(data=st.data())
    def bar(self, data: Any) -> None:
        free = [person for person in NAMES if person not in self.play.record.barred]
        if free:
            self.decide("bar", "", data.draw(st.sampled_from(free)), ground="discipline")

    @rule(data=st.data())
    def withdraw(self, data: Any) -> None:
        standing = [
            (name, person)
            for name, state in self.play.record.seats.items()
            for person in sorted({one for rank in state.ranking for one in rank.persons} | set(state.possible))
            if self.play.holders().get(name) != person
        ]
        if standing:
            self.decide("withdrawal", *data.draw(st.sampled_from(standing)))

    @precondition(lambda self: not self.declared and self.waiting())
    @rule(data=st.data(), what=st.sampled_from(["approval", "refusal"]))
    def board(self, data: Any, what: Any) -> None:
        name = data.draw(st.sampled_from(self.waiting()))
        self.decide(what, name, self.play.task(name).options[0])

    def waiting(self) -> list[str]:
        return [name for name, task in self.play.record.agenda.items() if task.kind == "approval"]

    @rule(person=st.sampled_from(NAMES))
    def appoint(self, person: str) -> None:
        if person not in self.play.record.barred:
            self.decide("appointment", "head-of-internal-department", person)

    def decide(self, what: Any, name: str, person: str, **members: Any) -> None:
        self.play.decide(make_decision(what, name, person, **members))

    # -- what always holds ---------------------------------------------------------------------------------------------

    @invariant()
    def nobody_holds_two_positions(self) -> None:
        for kind, data in self.play.events[self.seen :]:
            if kind == "seat.vacated":
                assert isinstance(data, SeatVacatedData)
                assert self.holders.pop(data.seat) == data.person
            else:
                assert isinstance(data, SeatTakenData)
                assert data.seat not in self.holders
                self.holders[data.seat] = data.person
            assert len(set(self.holders.values())) == len(self.holders)
        self.seen = len(self.play.events)
        assert self.play.holders() == self.holders

    @invariant()
    def every_mandate_comes_from_a_poll_or_a_decision(self) -> None:
        for _, data in self.play.events:
            kind, _, name = getattr(data, "cause", "").partition(":")
            assert kind in {"poll", "decision"}
            assert name in (self.play.acts if kind == "decision" else {str(n) for n in range(1, self.play.polls + 1)})


def _rank(state: Any) -> int:
    return ["head-of-self-governance", "head-of-faculty", "head-of-department", "head-of-class"].index(state.position)


def verify_reasons(play: Play) -> None:
    """Follow the grounds of every step of the last outcome down to logged facts."""
    outcome = play.outcomes[-1]
    facts = {f"poll:{number}" for number in range(1, outcome.poll)} | {f"decision:{act}" for act in play.acts}
    facts |= {f"count:{one.poll}/{result.contest}" for one in play.outcomes for result in one.results}
    facts |= {f"resolution:{one.clause}" for one in play.record.state.resolutions}
    facts |= {f"seat:{name}" for name in play.holders()}
    logged: list[bool] = []
    for number, step in enumerate(outcome.steps):
        assert step.grounds, step
        reached = False
        for ground in step.grounds:
            kind, _, name = ground.partition(":")
            assert kind != "step" or int(name) < number, step
            assert kind in {"step", "constitution"} or ground in facts, (step, ground)
            reached |= ground in facts or (kind == "step" and logged[int(name)])
        assert reached, step
        logged.append(reached)
    told = {step.contest for one in play.outcomes for step in one.steps}
    assert {one.seat for one in outcome.seats} <= told


TestYear = Year.TestCase
TestYear.settings = settings(stateful_step_count=25)
