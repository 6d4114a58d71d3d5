"""The next poll, made from what the last ones led to: second tours, re-elections, members' votes (tally/agenda.py).

The agenda says what has to be voted on, by whom and between whom; here it becomes contests with names and electorates.
Where candidates are nominated anew, they come from the list imported for this poll (candidates.py). What keeps a task
out of the poll is said in words; electorates of the members have to be approved before their contests are logged.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ballot.contest import Contest, Option
from election_service import schema
from election_service.assemblies import Assembly, find_assemblies, signed_electorates
from election_service.candidate_law import CandidateLaw, candidate_law
from election_service.candidates import Candidacy, contest_plans, import_candidates
from election_service.errors import ActRefusedError, InputError
from election_service.facts import LogFacts
from election_service.held_back import NO_VOTES, Waiting
from election_service.legal_rules import newest_poll
from election_service.persons import read_persons
from election_service.service import Service
from election_service.setup import ContestPlan
from keys.canonical import b64
from tally.constitution import Motion
from tally.wire import Task

MOTION_OPTIONS: Final = (
    Option(id="for", name={"en": "For", "ka": "მომხრე", "az": "Lehinə", "ru": "За"}, blank=False),
    Option(id="against", name={"en": "Against", "ka": "წინააღმდეგი", "az": "Əleyhinə", "ru": "Против"}, blank=False),
    Option(
        id="blank", name={"en": "Abstain", "ka": "თავს ვიკავებ", "az": "Bitərəf", "ru": "Воздерживаюсь"}, blank=True
    ),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the operator asks for beyond the agenda.

    ``seats``: these tasks and new seats alone, None for all. ``motions``: contest id → position of a motion. ``into``:
    seat → the larger electorate of a merge. ``questions``: contests as they are.
    """

    seats: Collection[str] | None = None
    motions: Mapping[str, str] = field(default_factory=dict)
    into: Mapping[str, str] = field(default_factory=dict)
    questions: Sequence[ContestPlan] = ()

    def has(self, seat: str) -> bool:
        """Whether a seat belongs to this poll."""
        return self.seats is None or seat in self.seats


@dataclass(frozen=True, slots=True)
class NextPoll:
    """The next poll as far as it can be made now.

    ``assemblies``: electorates of members that are not in the log yet. ``waiting``: what keeps a task out.
    """

    number: int
    plans: tuple[ContestPlan, ...]
    assemblies: tuple[Assembly, ...]
    waiting: tuple[Waiting, ...]


async def next_poll(service: Service, election: str, wanted: Wanted | None = None) -> NextPoll:
    """Make the next poll from agenda and list of candidates; nothing is stored.

    ActRefusedError while the poll before it is neither certified nor annulled: only then do agenda and seats stand.
    """
    facts = await service.facts(election)
    newest = newest_poll(facts)
    if newest is not None and newest.concluded is None:
        state = "prepared already" if newest.opened is None else "neither certified nor annulled"
        raise ActRefusedError(f"poll {newest.number}: is {state}; the next poll follows from its result")
    async with service.database.snapshot() as connection:
        return await draft_poll(connection, election, facts, wanted or Wanted())


async def draft_poll(connection: AsyncConnection, election: str, facts: LogFacts, wanted: Wanted) -> NextPoll:
    """See `next_poll`."""
    number = max(facts.polls, default=0) + 1
    plans = await contest_plans(connection, election, candidate_law(facts.rules).kinds)
    draft = _Draft(facts, wanted, {plan.contest: plan for plan in plans}, await _larger(connection, election))
    draft.fill()
    members = facts.record.members().keys()
    electorates = await find_assemblies(
        connection, election, facts, number, {name: members - barred for name, barred in draft.barred.items()}
    )
    named = [
        replace(plan, electorate=electorates[plan.contest].electorate.block.id) if plan.contest in electorates else plan
        for plan in draft.plans
    ]
    missing = {
        item.electorate.block.id: item
        for item in electorates.values()
        if item.electorate.block.id not in facts.electorates
    }
    return NextPoll(number, tuple(named), tuple(missing.values()), tuple(draft.waiting))


async def import_nominations(service: Service, election: str, raw: bytes) -> list[Candidacy]:
    """Take a list of candidates for the next poll, by the constitution's bars; ActRefusedError before there is one."""
    facts = await service.facts(election)
    async with service.database.transaction() as connection:
        return await import_candidates(connection, election, raw, await nomination_law(connection, election, facts))


async def nomination_law(connection: AsyncConnection, election: str, facts: LogFacts) -> CandidateLaw:
    """Who may stand for what now, by the constitution and by who holds a seat; ActRefusedError before there is one."""
    members = facts.record.members().keys()
    persons = await read_persons(connection, election)
    students = frozenset(student for student, person in persons.items() if person in members)
    return candidate_law(facts.rules, students)


async def present_members(service: Service, election: str, barred: Collection[str] = ()) -> Assembly:
    """The members of this moment as an electorate: for petitions and open votes of the board."""
    facts = await service.facts(election)
    persons = facts.record.members().keys() - set(barred)
    if not persons:
        raise ActRefusedError("members: nobody holds a seat")
    number = max(facts.polls, default=0) + 1
    async with service.database.snapshot() as connection:
        return (await find_assemblies(connection, election, facts, number, {"": persons}))[""]


async def assemblies_for(service: Service, election: str, raw: bytes) -> list[Assembly]:
    """The members' electorates that a registrar's document is about: of the next poll, and of all members now."""
    named = signed_electorates(raw)
    known = [await present_members(service, election), *(await next_poll(service, election)).assemblies]
    return list({key: item for item in known if (key := _name(item)) in named}.values())


def _name(assembly: Assembly) -> tuple[str, str]:
    return assembly.electorate.block.id, b64(assembly.electorate.root)


@dataclass(slots=True)
class _Draft:
    """Contests in the making. ``barred``: for every contest of the members, who of them has no vote in it."""

    facts: LogFacts
    wanted: Wanted
    nominated: Mapping[str, ContestPlan]
    larger: Mapping[str, str]
    plans: list[ContestPlan] = field(default_factory=list)
    barred: dict[str, frozenset[str]] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)

    def fill(self) -> None:
        """The agenda, then seats that are new, then motions and other questions."""
        agenda = self.facts.record.agenda
        for seat, task in agenda.items():
            if self.wanted.has(seat):
                self.add_task(task)
        for seat, plan in self.nominated.items():
            if seat not in agenda and self.wanted.has(seat):
                self.add_election(plan)
        for contest, position in self.wanted.motions.items():
            self.add_motion(contest, position)
        self.plans += self.wanted.questions
        unknown = set(self.wanted.seats or ()) - agenda.keys() - self.nominated.keys()
        if unknown:
            raise InputError(
                f"{', '.join(sorted(unknown))}: nothing is to be voted on there, and nobody was nominated",
                "look at the agenda: `election-service poll next`",
            )

    def add_task(self, task: Task) -> None:
        """The contest that answers a task, or why it cannot be held yet."""
        if task.kind in NO_VOTES:
            self.waiting.append(Waiting(task.seat, NO_VOTES[task.kind], task.kind, task.clause))
            return
        plan = self._again(task) if task.options else self.nominated.get(task.seat)
        if plan is None:
            self.waiting.append(Waiting(task.seat, "nominations", task.kind, task.clause))
            return
        self._add(replace(plan, electorate=self._electorate(task)), task.voters, frozenset(task.barred))

    def add_election(self, plan: ContestPlan) -> None:
        """A seat that no poll was about yet."""
        position = next(item for item in self.facts.rules.positions if item.id == plan.position)
        if plan.contest in self.facts.record.seats:
            self.waiting.append(Waiting(plan.contest, "settled"))
            return
        self._add(plan, self.facts.rules.procedure(position.procedure.value).voters.value, frozenset())

    def add_motion(self, contest: str, position: str) -> None:
        """For, against, or neither."""
        found = [item for item in self.facts.rules.positions if item.id == position]
        procedure = self.facts.rules.procedure(found[0].procedure.value) if found else None
        if not isinstance(procedure, Motion):
            motions = [
                item.id
                for item in self.facts.rules.positions
                if isinstance(self.facts.rules.procedure(item.procedure.value), Motion)
            ]
            raise InputError(
                f"motion {position}: expected one of {', '.join(motions) or 'none'}", "see the constitution"
            )
        plan = ContestPlan(contest, position, self.facts.rules.body, MOTION_OPTIONS)
        self._add(plan, procedure.voters.value, frozenset())

    def _add(self, plan: ContestPlan, voters: str, barred: frozenset[str]) -> None:
        """Before anybody holds a seat, what members decide is decided by the whole body."""
        if voters == "members":
            plan = replace(plan, electorate=self.facts.rules.body)
            if self.facts.record.members():
                self.barred[plan.contest] = barred
        self.plans.append(plan)

    def _again(self, task: Task) -> ContestPlan:
        """The same persons before the voters again, with a blank option if they had one."""
        last = self._last_about(task.seat)
        names = {option.id: option for option in self._options(task.seat)}
        missing = [person for person in task.options if person not in names]
        if missing:
            raise InputError(f"{task.seat}: no contest names {', '.join(missing)}", "compare with a copy of the log")
        options = [names[person] for person in task.options]
        options += [option for option in last.options if option.blank]
        high = min(last.max, len(task.options))
        return ContestPlan(
            task.seat, last.position, last.electorate, options, min(last.min, high), high, recovery=last.recovery
        )

    def _electorate(self, task: Task) -> str:
        """Where the seat's own block votes; for a merge, the next larger one."""
        seat = self.facts.record.seats.get(task.seat)
        home = seat.electorate if seat is not None else self._last_about(task.seat).electorate
        if task.kind != "merge":
            return home
        larger = self.wanted.into.get(task.seat) or self._larger_than(home)
        if larger is None:
            raise InputError(f"{task.seat}: no electorate is larger than {home}", "name one: --into SEAT=ELECTORATE")
        return larger

    def _larger_than(self, home: str) -> str | None:
        """The first block around this one in which there are more voters."""
        around = self.larger.get(home)
        while around is not None and self._size(around) <= self._size(home):
            around = self.larger.get(around)
        return around

    def _size(self, electorate: str) -> int:
        known = self.facts.electorates.get(electorate)
        return known[1].size if known is not None else 0

    def _last_about(self, contest: str) -> Contest:
        """The newest document of a contest of this id."""
        return [document for document in self.facts.documents if document.contest == contest][-1]

    def _options(self, contest: str) -> list[Option]:
        """Every option that was ever named, those of this contest last."""
        documents = sorted(self.facts.documents, key=lambda document: document.contest == contest)
        return [option for document in documents for option in document.options]


async def _larger(connection: AsyncConnection, election: str) -> dict[str, str]:
    """Electorate → the next larger block: a class in its department, that in its faculty, that in the university."""
    table, voters = schema.electorates, schema.voters
    rows = (await connection.execute(select(table).where(table.c.election == election))).all()
    ids = {(row.kind, row.block): str(row.electorate) for row in rows}
    places = select(voters.c.faculty, voters.c.department, voters.c.year).where(voters.c.election == election)
    found: dict[str, str] = {}
    for place in (await connection.execute(places.distinct())).all():
        chain = [
            ids.get(("class", f"{place.department} / {place.year}")),
            ids.get(("department", place.department)),
            ids.get(("faculty", place.faculty)),
            ids.get(("university", "")),
        ]
        present = [identity for identity in chain if identity is not None]
        found.update(pairwise(present))
    return found
