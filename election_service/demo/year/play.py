"""The year of script.py, played over HTTP by students, committee, trustees and boards; the operator prepares polls.

Nothing here decides anything: polls follow from the agenda, seats from counts and recorded decisions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from audit.catalog import load_texts
from audit.entries import decode_entry
from audit.explain import explain
from ballot.contest import Contest
from ballot.link import read_link
from ballot.receipt import Receipt
from election_service.act_words import decision_words, speaker, task_words
from election_service.api_types import EntryAnswer
from election_service.assemblies import sign_assemblies
from election_service.candidate_law import candidate_law
from election_service.candidates import import_candidates
from election_service.commands.terminal import out
from election_service.config import Config
from election_service.demo.course import Course, plain
from election_service.demo.rules import COMPLAINTS
from election_service.demo.university import Draws, write_candidates
from election_service.demo.words import clause_of, print_events, print_result, say, title
from election_service.demo.year.roles import Roles
from election_service.demo.year.script import (
    APPOINTED,
    DEPARTMENT,
    DOUBLE_WINNER,
    FACULTY,
    FIRST_TOUR,
    INTERNAL,
    NOMINEES,
    PRESIDENT,
    SECOND_TOUR,
    SPRING,
)
from election_service.demo.year.votes import Question, choose_voters, mark_ballots
from election_service.facts import LogFacts, read_kinds
from election_service.follow_up import next_poll
from election_service.persons import read_persons
from election_service.proposals import electorate_acts
from election_service.service import Service, open_service
from election_service.setup import plan_contests
from keys.derive import credential_key
from tally.decision import Decision, What
from tally.petition import make_support
from tally.wire import Task

_HOURS: Final = 24
_SEATS: Final = ("seat.taken", "seat.filled", "seat.vacated")

Votes = Mapping[tuple[str, str], Mapping[str, int]]
"""(position, place) → person of the script → percent."""


async def play_year(course: Course, config: Config, roles: Roles, turnout: int) -> Year:
    """Play it from the open first tour on. ``turnout``: percent of the students."""
    async with open_service(config) as service:
        year = Year(course, service, roles, turnout)
        await year.begin()
        await year.first_tour()
        await year.second_tour()
        await year.march()
        await year.april()
    return year


@dataclass(slots=True)
class Year:
    """The year as far as it has been played.

    ``option``: person of the script → option id. ``seat``: (position, place) → contest id.
    """

    course: Course
    service: Service
    roles: Roles
    turnout: int
    option: dict[str, str] = field(default_factory=dict)
    seat: dict[tuple[str, str], str] = field(default_factory=dict)
    student: dict[str, str] = field(default_factory=dict)  # option id → student id
    receipts: list[Receipt] = field(default_factory=list)

    async def begin(self) -> None:
        """Find out which options and contests the persons of the script have on the ballots."""
        async with self.service.database.snapshot() as connection:
            persons = await read_persons(connection, self.election)
        self.student = {option: student for student, option in persons.items()}
        self.option = {name: persons[item.student_id] for name, item in self.roles.person.items()}
        documents = (await self.facts()).documents
        for race in FIRST_TOUR:
            options = {self.option[name] for name in race.votes}
            self.seat[race.key] = _about(documents, race.position, options).contest

    @property
    def election(self) -> str:
        """The id of the election."""
        return self.course.prepared.election

    async def facts(self) -> LogFacts:
        """The log as the operator's computer has it."""
        return await self.service.facts(self.election)

    # ---- the year --------------------------------------------------------------------------------------------------

    async def first_tour(self) -> None:
        """Every student votes for four heads."""
        out.print()
        say("A year in minutes: ballots, acts and proofs are real, only the dates of the headings are not.")
        title("September: the first tour (6.12.1, 6.12.5)")
        documents = (await self.facts()).documents
        questions = []
        options = {student: option for option, student in self.student.items()}
        for contest in self.roles.contests:
            votes = {options[student]: percent for student, percent in contest.votes.items()}
            found = _about(documents, contest.position, votes)
            questions.append(Question(found.contest, contest.electors, votes))
        await self.hold(1, questions)
        await self.approve_heads()
        await self.decide("appointment", seat=INTERNAL, person=self.option[APPOINTED])

    async def second_tour(self) -> None:
        """The poll that the agenda asks for: two candidates for president, and the members' vote on a tie."""
        title("October: the second tour, and the members' vote on equal votes (6.9.4, 6.5.5)")
        await self.hold(await self.follow_up(), await self.questions(SECOND_TOUR))
        await self.approve_heads()

    async def march(self) -> None:
        """A head is disciplined, another one resigns: who follows is on the lists of the first tour."""
        title("March: vacancies and who follows (6.5.3, 6.5.5)")
        await self.decide("bar", person=self.option["Levan"], ground="not-a-student")
        seat = self.seat[DEPARTMENT, "C1"]
        await self.decide("vacancy", seat=seat, person=self.option["Salome"], ground="discipline")
        seat = self.seat[FACULTY, "B"]
        await self.decide("vacancy", seat=seat, person=self.option["Zaza"], ground="resignation")

    async def april(self) -> None:
        """The president resigns; the members elect another, and choose the head of faculty B in the same poll."""
        title("April: the president resigns (6.9.7)")
        seat = self.seat[PRESIDENT, ""]
        await self.decide("vacancy", seat=seat, person=self.option["Ana"], ground="president-resignation")
        await self.nominate(seat)
        await self.hold(await self.follow_up(), await self.questions(SPRING))
        await self.approve_heads()

    # ---- polls -----------------------------------------------------------------------------------------------------

    async def follow_up(self) -> int:
        """Prepare and open the poll that follows from the agenda, as `poll next --make` does; returns its number."""
        await self.sign_electorates()
        planned = await next_poll(self.service, self.election)
        await plan_contests(self.service, self.election, planned.number, planned.plans)
        say(f"  poll {planned.number} follows from the agenda: {', '.join(plan.contest for plan in planned.plans)}")
        for line in planned.waiting:
            say(f"  waits: {line}")
        await self.course.open(planned.number, _HOURS)
        return planned.number

    async def sign_electorates(self) -> dict[str, str]:
        """The registrar signs the electorates of members that the next poll needs; returns contest → electorate."""
        planned = await next_poll(self.service, self.election)
        if planned.assemblies:
            async with self.service.database.transaction() as connection:
                proposals = await sign_assemblies(
                    connection, self.service.master, self.election, planned.assemblies, self.service.random
                )
            for kind, data in electorate_acts(proposals):
                await self.course.act(kind, data)
                say(f"  electorate {data['id']}: {data['size']} members, as the register of seats has them")
        return {plan.contest: plan.electorate for plan in planned.plans}

    async def questions(self, script: Votes) -> list[Question]:
        """The contests of the newest poll, with their voters: of a block, or the members who are not barred."""
        facts = await self.facts()
        agenda, members = facts.record.agenda, facts.record.members()
        questions = []
        for key, votes in script.items():
            task = agenda[self.seat[key]]
            electors = self.roles.electors(key[0], self.roles.place[key[1]])
            if task.voters == "members":
                electors = tuple(self.student[person] for person in members if person not in task.barred)
            named = {self.option[name]: percent for name, percent in votes.items()}
            questions.append(Question(task.seat, electors, named, all_vote=task.voters == "members"))
        return questions

    async def hold(self, poll: int, questions: list[Question]) -> None:
        """Vote, close, tally, declare, certify; and say what the rules make of it."""
        draws = Draws(self.course.seed + 100 * poll)
        voters = choose_voters(questions, self.turnout, draws)
        marks = mark_ballots(questions, voters, draws)
        links = {self.course.prepared.voters[student]: marks[student] for student in voters}
        self.receipts += await self.course.vote(list(links), poll, links)
        await self.course.close(poll)
        before = (await self.facts()).record.agenda
        facts = await self.course.tally(poll)
        print_result(facts, poll, self.seat.values())
        await self.print_agenda(before)
        act = await self.course.certify(poll, facts, COMPLAINTS)
        say(f"  poll {poll}: certified by two members, after the time for complaints")
        await self.print_seats(act.seq or 0, set(self.seat.values()))

    # ---- decisions -------------------------------------------------------------------------------------------------

    async def decide(self, what: What, **fields: Any) -> None:
        """Two members record a decision; what follows from it is printed."""
        nothing = dict.fromkeys(("seat", "person", "ground", "motion", "electorate", "until", "text"), "")
        decision = Decision(what=what, **{**nothing, "number": 0, **fields})
        facts = await self.facts()
        before = facts.record.agenda
        say(f"  {decision_words(decision, facts.rules, speaker(facts.documents))}{clause_of(decision, facts.record)}")
        act = await self.course.act("decision", {"decision": plain(decision)})
        await self.print_seats(act.seq or 0)
        await self.print_agenda(before)

    async def approve_heads(self) -> None:
        """The boards of the faculties approve whom the agenda names (6.4.1b), until nobody waits any more."""
        while True:
            waiting = [task for task in (await self.facts()).record.agenda.values() if task.kind == "approval"]
            if not waiting:
                return
            for task in waiting:
                await self.decide("approval", seat=task.seat, person=task.options[0])

    async def nominate(self, seat: str) -> None:
        """A fifth of the members nominates each candidate by signed petitions (6.9.3)."""
        rows = [(self.roles.person[name].student_id, PRESIDENT, "") for name in NOMINEES]
        facts = await self.facts()
        async with self.service.database.transaction() as connection:
            await import_candidates(connection, self.election, write_candidates(rows), candidate_law(facts.rules))
        electorate = (await self.sign_electorates())[seat]
        members = sorted(facts.record.members())
        enough = -(-len(members) // 5)
        for number, name in enumerate(NOMINEES):
            petition = f"nomination-{number + 1}"
            fields = {"ground": "nomination", "electorate": electorate, "motion": seat}
            await self.decide("petition", seat=petition, person=self.option[name], **fields)
            for person in members[number * enough : (number + 1) * enough]:
                await self.support(petition, electorate, person)
            say(f"  {enough} of {len(members)} members have signed it")
            await self.decide("petition-result", seat=petition, ground="supported", number=enough)

    async def support(self, petition: str, electorate: str, person: str) -> None:
        """A member signs with the credential of the own ballot link."""
        _, election, seed, _ = read_link(self.course.prepared.voters[self.student[person]])
        log_id = self.course.prepared.committee.log_id
        data = make_support(log_id, petition, electorate, credential_key(seed, election), self.service.random)
        await self.course.client.post("/petitions", data, EntryAnswer)

    # ---- words -----------------------------------------------------------------------------------------------------

    async def print_seats(self, seq: int, story: Collection[str] | None = None) -> None:
        """The mandates that entry ``seq`` has begun and ended, which are the entries behind it."""
        async with self.service.database.snapshot() as connection:
            raw = await read_kinds(connection, self.election, _SEATS, seq + 1)
        print_events([decode_entry(item) for item in raw], speaker((await self.facts()).documents), story)

    async def print_agenda(self, before: Mapping[str, Task]) -> None:
        """What has to happen now, and had not before."""
        facts = await self.facts()
        words = speaker(facts.documents)
        for name, task in facts.record.agenda.items():
            if before.get(name) != task:
                say(f"  next: {task_words(task, None, words)}")

    async def explain_double_winner(self) -> None:
        """What `election-audit explain` says about her, but for the first poll with all its readings."""
        option = self.option[DOUBLE_WINNER]
        _, *later = explain(await self.course.verified(), option, load_texts("en")).split("\n\n")
        title(f"election-audit explain {option} (without its part about poll 1)")
        out.print("\n\n".join(later), markup=False)


def _about(documents: Iterable[Contest], position: str, persons: Collection[str]) -> Contest:
    """The contest for a position between these persons."""
    return next(
        item
        for item in documents
        if item.position == position and {option.id for option in item.options if not option.blank} == set(persons)
    )
