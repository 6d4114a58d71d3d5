"""The legal record under any sequence of polls and decisions: nothing is lost or stuck, and nobody sits twice."""

from typing import Any, ClassVar

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ballot.contest import Contest
from tally.decision import Decision, What
from tally.declared import make_declared, verify_declared, verify_reasoning
from tally.errors import OutcomeError
from tally.one_position import allocate
from tally.plan import plan_contest
from tally.wire import SeatTakenData, SeatVacatedData
from tests.law.cases import BLOCKS
from tests.law.play import BLANK, Play, make_decision, settled

READINGS = {
    "procedures__president__tie_for_second": ["all-advance", "lot", "members-vote"],
    "procedures__head__tie": ["members-vote", "lot", "re-election", "second-tour"],
    "one_position__ex_position": ["next-by-votes", "by-election"],
    "turnout__scope": ["both", "block"],
    "small_contest": ["repeat", "paper", "merge"],
    "positions__head-of-faculty__seat__approval": ["faculty-board", "none"],
    "positions__head-of-faculty__seat__refused": ["runner-up", "by-election"],
    "positions__head-of-self-governance__seat__succession": ["by-election", "runner-up"],
    "positions__head-of-self-governance__seat__by_election": ["president-by-members", "president"],
}
SEATS = ("president", "law", "civil", "class-1", "class-2")
PEOPLE = ("ana", "beka", "gio", "nino", "dato")
SIZES = {"university": 60, "law": 40, "civil": 30, "class-1": 20, "class-2": 20}
OUTSIDE = ("paper", "approval")


class Years(RuleBasedStateMachine):
    """One election's record, driven by whatever people may do."""

    preset = "ibsu-direct"
    readings: ClassVar = READINGS
    offices: ClassVar = {name: (BLOCKS[name], "university" if name == "president" else name) for name in SEATS}

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        chosen = {path: data.draw(st.sampled_from(values), label=path) for path, values in self.readings.items()}
        self.play = Play(settled(self.preset, **chosen))
        self.held: dict[str, str] = {}
        self.replayed = 0
        self.fresh = 0
        self.waiting: list[Contest] = []
        for name, size in SIZES.items():
            self.play.electorate(name, size)
        self.play.decide(make_decision("permission"))
        first, *others = self.offices
        documents = []
        standing: dict[int, set[str]] = {}
        for name in (first, *data.draw(st.lists(st.sampled_from(others), unique=True, max_size=4))):
            position, electorate = self.offices[name]
            rank = self.play.record.state.position(position, name).rank
            free = [person for person in PEOPLE if person not in standing.get(rank, set())]
            people = data.draw(st.lists(st.sampled_from(free), unique=True, max_size=4)) if free else []
            standing.setdefault(rank, set()).update(people)
            documents.append(self.play.contest(name, position, electorate, people))
        self._open(documents)

    def _open(self, documents: list[Contest]) -> None:
        self.play.open(*documents)
        self.documents = documents

    @property
    def newest(self) -> Any:
        return self.play.record.polls[self.play.polls]

    def idle(self) -> bool:
        return self.newest.concluded is not None

    def counting(self) -> bool:
        return self.newest.declared is None

    # -- polls -------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.idle() and self._votes() and not self.waiting)
    @rule(data=st.data())
    def prepare_next(self, data: st.DataObject) -> None:
        wanted = data.draw(st.lists(st.sampled_from(self._votes()), unique=True, min_size=1))
        documents: list[Contest] = []
        ranks: dict[int, set[str]] = {}
        for name in wanted:
            task = self.play.task(name)
            people = [] if task.options else self._candidates(name, data)
            document = self._answer(name, people)
            rank = self.play.record.state.rank(name)
            names = {option.id for option in document.options}
            if task.kind not in ("members-vote", "advance-vote"):
                if (names - {BLANK}) & ranks.get(rank, set()):
                    continue
                ranks.setdefault(rank, set()).update(names)
            documents.append(document)
        try:
            self.play.record.check_poll(self.play.polls + 1, documents, self.play.now, self.play.now + 1)
        except OutcomeError as error:
            assert "turnout" in str(error), error  # noqa: PT017 -- a poll of the whole body has to come first
            return
        for document in documents if data.draw(st.booleans()) else []:
            self.play.record.add_contest(document)
        self.waiting = documents

    @precondition(lambda self: self.idle() and self.waiting)
    @rule()
    def open_what_waits(self) -> None:
        """Whatever was decided since its contests were logged, a poll that was logged opens."""
        frozen = self.play.record.state.planned.get(self.play.polls + 1, {})
        documents, self.waiting = self.waiting, []
        if set(frozen) != {document.contest for document in documents}:
            try:
                self.play.record.copy().open_poll(self.play.polls + 1, documents, self.play.now, self.play.now + 1)
            except OutcomeError:
                return
        self._open(documents)

    def _votes(self) -> list[str]:
        return [name for name, task in self.play.record.agenda.items() if task.kind not in OUTSIDE]

    def _candidates(self, name: str, data: st.DataObject) -> list[str]:
        """People who may stand, and one whom nobody has heard of; with nominations where they are needed."""
        state = self.play.record.state
        drawn = data.draw(st.lists(st.sampled_from(PEOPLE), unique=True, max_size=3))
        people = [person for person in drawn if person not in state.void(name, 99)]
        people = [
            person
            for person in people
            if (held := state.members().get(person)) is None or held == name or state.rank(held) > state.rank(name)
        ]
        self.fresh += 1
        people.append(f"new-{self.fresh}")
        procedure: Any = state.procedure(self.play.task(name).procedure)
        if procedure.nomination.value == "petition":
            for person in people:
                self.play.nominate(name, person)
        return people

    def _answer(self, name: str, people: list[str]) -> Contest:
        task, electorate = self.play.task(name), ""
        if task.kind == "merge":
            electorate = "university"
        return self.play.answer(name, people, electorate=electorate)

    @precondition(lambda self: self.counting())
    @rule(data=st.data())
    def count(self, data: st.DataObject) -> None:
        ballots: dict[str, dict[str, int] | int] = {}
        for document in self.documents:
            names = [option.id for option in document.options]
            votes = {name: data.draw(st.sampled_from([0, 0, 1, 2, 2, 9])) for name in names if name != BLANK}
            votes = {name: min(count, document.size // max(1, len(votes))) for name, count in votes.items()}
            cast = sum(votes.values())
            more = data.draw(st.sampled_from([0, document.size - cast, max(0, -(-document.size // 2) - cast)]))
            votes[BLANK] = more
            cast += more
            ballots[document.contest] = cast if 1 <= cast < self.play.record.rules.min_ballots else votes
        before = self.play.record.state.copy()
        twin = self.play.copy()
        outcome = self.play.count(ballots)
        assert twin.record.state == before  # a copy is a copy, and declaring changes nothing but by taking it
        again = twin.count(ballots)
        assert (outcome.reasoning, make_declared(outcome)) == (again.reasoning, make_declared(again))
        verify_declared(make_declared(outcome), again)
        verify_reasoning(outcome.reasoning, again)

    @precondition(lambda self: not self.counting() and not self.idle())
    @rule()
    def certify(self) -> None:
        self.play.certify()

    @precondition(lambda self: not self.counting() and not self.idle())
    @rule()
    def annul(self) -> None:
        self.play.events += self.play.record.annul(self.play.polls, self.play.now)

    # -- people ------------------------------------------------------------------------------------------------------

    @rule(data=st.data())
    def decide(self, data: st.DataObject) -> None:
        record = self.play.record
        what: What = data.draw(st.sampled_from(["vacancy", "bar", "withdrawal", "approval", "refusal", "paper"]))
        seat = data.draw(st.sampled_from(sorted(record.seats) or sorted(self.offices)))
        person = data.draw(st.sampled_from(PEOPLE))
        state = record.seats.get(seat)
        if what == "vacancy":
            person = record.register.holder(seat) or person
        elif what in ("approval", "refusal") and state is not None:
            person = state.pending or person
        ground = data.draw(st.sampled_from(self._grounds())) if what in ("vacancy", "bar") else ""
        if what == "bar":
            seat = data.draw(st.sampled_from(["", seat]))
        self._try(make_decision(what, seat, person, ground=ground))

    @precondition(lambda self: any(task.kind in OUTSIDE for task in self.play.record.agenda.values()))
    @rule(data=st.data())
    def do_as_asked(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from([n for n, t in self.play.record.agenda.items() if t.kind in OUTSIDE]))
        task = self.play.task(name)
        if task.kind == "approval":
            self._try(make_decision(data.draw(st.sampled_from(["approval", "refusal"])), name, task.options[0]))
        elif task.options:
            self._try(make_decision("paper", name, data.draw(st.sampled_from(task.options))))

    def _grounds(self) -> list[str]:
        return [ground.id for ground in self.play.record.rules.grounds if not ground.motion]

    def _try(self, decision: Decision) -> None:
        before = self.play.record.state.copy()
        try:
            self.play.decide(decision)
        except OutcomeError:
            assert self.play.record.state == before  # a refusal changes nothing

    # -- what always holds -------------------------------------------------------------------------------------------

    @invariant()
    def entries_give_the_register(self) -> None:
        for kind, data in self.play.events[self.replayed :]:
            if isinstance(data, SeatVacatedData):
                assert self.held.pop(data.seat) == data.person
            else:
                assert isinstance(data, SeatTakenData)
                assert kind in ("seat.taken", "seat.filled")
                assert data.seat not in self.held
                self.held[data.seat] = data.person
        self.replayed = len(self.play.events)
        register = self.play.record.register
        assert self.held == {mandate.seat: mandate.person for mandate in register.mandates()}
        assert len(set(self.held.values())) == len(self.held)  # one duty for one person

    @invariant()
    def nobody_sits_who_is_barred(self) -> None:
        assert not set(self.held.values()) & set(self.play.record.barred)

    @invariant()
    def every_empty_seat_waits_for_something(self) -> None:
        if not self.idle():
            return
        state = self.play.record.state
        applies = state.rules.one_position.applies
        claims = state.claims(certified_only=True)
        for item in allocate(claims, applies.value, applies.clause):
            seat = state.seats[item.seat]
            if state.holder(item.seat) is None and seat.task is None:
                assert item.status in ("provisional", "open"), (item.status, seat)
                assert state.agenda(), seat
        for seat in state.seats.values():
            assert state.holder(seat.seat) is None or seat.task is None, seat

    @invariant()
    def every_task_can_be_answered(self) -> None:
        if not self.idle():
            return
        for name, task in self.play.record.agenda.items():
            if task.kind in OUTSIDE:
                void = self.play.record.state.void(name)
                assert not task.options or set(task.options) - void, (name, task)
                continue
            twin = self.play.copy()
            people = [] if task.options else ["somebody"]
            procedure: Any = twin.record.state.procedure(task.procedure)
            if people and procedure.nomination.value == "petition":
                twin.nominate(name, "somebody")
            electorate = "university" if task.kind == "merge" else ""
            plan_contest(twin.record.state, twin.answer(name, people, electorate=electorate))


class MembersYears(Years):
    """Where the members elect the president: heads of blocks first."""

    preset = "ibsu-by-members"
    readings: ClassVar = {
        "procedures__president__tie_for_second": ["all-advance", "lot", "members-vote"],
        "procedures__head__tie": ["members-vote", "lot", "re-election", "second-tour"],
        "one_position__ex_position": ["next-by-votes", "by-election"],
        "turnout__scope": ["block", "none"],
        "small_contest": ["repeat", "paper", "merge"],
    }
    offices: ClassVar = {name: Years.offices[name] for name in SEATS[1:]}


class OrganisationYears(Years):
    """An organisation of ATU: every office by everybody."""

    preset = "atu-organisation"
    readings: ClassVar = {
        "positions__chair__procedure": ["office", "office-majority"],
        "positions__chair__seat__approval": ["none", "faculty-board"],
        "positions__vice-chair__seat__approval": ["none", "faculty-board"],
        "positions__vice-chair__seat__succession": ["by-election", "runner-up"],
        "positions__chair__seat__refused": ["by-election", "runner-up"],
        "positions__secretary__seat__successor_tie": ["by-election", "lot", "members-vote"],
        "procedures__office__tie": ["re-election", "second-tour", "lot", "members-vote"],
        "procedures__office-majority__tie_for_second": ["all-advance", "lot", "members-vote"],
        "procedures__officers-vote__tie": ["lot", "re-election"],
        "one_position__ex_position": ["next-by-votes", "by-election"],
        "turnout__scope": ["none", "block"],
        "small_contest": ["repeat", "paper"],
    }
    offices: ClassVar = {name: (name, "university") for name in ("chair", "vice-chair", "secretary", "treasurer")}


def case(machine: type[Years], examples: int) -> Any:
    """The machine as a test."""
    machine.TestCase.settings = settings(
        max_examples=examples, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )
    return machine.TestCase


TestYears = case(Years, 40)
TestMembersYears = case(MembersYears, 25)
TestOrganisationYears = case(OrganisationYears, 25)
