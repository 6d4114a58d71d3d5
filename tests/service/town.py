"""A house whose registrar is the service, with a roll and candidates: eight students, two faculties, real polls.

    town = Town(house)
    await town.settle(CANDIDATES)              # everything up to the open first poll
    await town.hold(1, {"head-of-self-governance": {"s1": 5, "s2": 3}})
    await town.prepare_next()                  # the next poll, as the rules ask for it, open

Students s1 to s5 are of Law (Civil Law), s6 to s8 of Business (Finance); all in their second year.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ballot.link import read_link
from election_service.assemblies import sign_assemblies
from election_service.follow_up import NextPoll, Wanted, import_nominations, next_poll, present_members
from election_service.links import Link
from election_service.persons import person_of, read_persons
from election_service.proposals import electorate_acts
from election_service.registrar import RegistrarDocument, make_registration
from election_service.registration import electorate_proposals, import_document, register_in_service
from election_service.roll import Roll, freeze_roll, import_roll, read_roll
from election_service.setup import plan_contests
from election_service.voices import support
from keys.canonical import encode
from tally.petition import make_support
from tests.service.house import ELECTION, House, Person
from tests.service.rolls import row, table

PRESIDENT = "head-of-self-governance"
LAW, BUSINESS = "head-of-faculty.law", "head-of-faculty.business"
CIVIL_LAW = "head-of-department.civil-law"


def student(number: int) -> str:
    faculty, department = ("Law", "Civil Law") if number <= 5 else ("Business", "Finance")
    return row(
        student_id=f"s{number}",
        full_name=f"Student {chr(64 + number)}",
        email=f"s{number}@example.edu",
        faculty=faculty,
        department=department,
    )


def candidates(*lines: str) -> bytes:
    """Lines such as "s1 head-of-faculty Law"."""
    rows = [line.split(" ", maxsplit=2) for line in lines]
    return "\n".join(["student_id,position,block", *(",".join([*cells, ""][:3]) for cells in rows)]).encode()


@dataclass
class Town:
    """The house and its students."""

    house: House
    people: dict[str, Person] = field(default_factory=dict)
    document: RegistrarDocument | None = None  # of a registrar on another computer

    async def settle(self, listed: bytes, **rules: Any) -> None:
        """Everything up to the open first poll."""
        house = self.house
        await house.adopt(**rules)
        await house.hold_ceremony()
        roll = read_roll(table(*(student(number) for number in range(1, 9))))
        async with house.service.database.transaction() as connection:
            await import_roll(connection, ELECTION, roll)
            await freeze_roll(connection, ELECTION)
            links = await self._register(connection, roll)
            proposals = await electorate_proposals(connection, ELECTION)
        self.people = {link.student_id: Person(read_link(link.link)[2]) for link in links}
        for kind, fields in electorate_acts(proposals):
            await house.decide(kind, fields)
        await import_nominations(house.service, ELECTION, listed)
        await self.prepare_next()

    async def _register(self, connection: AsyncConnection, roll: Roll) -> list[Link]:
        """By the service itself, or by the registrar of the house, on another computer."""
        service = self.house.service
        url = service.config.public_url
        if (await service.election(ELECTION)).opened.registrar.mode == "service":
            return await register_in_service(connection, service.master, ELECTION, url, service.random)
        secret = self.house.registrar.secret
        links, self.document = make_registration(roll.eligible, ELECTION, self.house.log_id, url, secret, os.urandom)
        await import_document(connection, ELECTION, encode(self.document))
        return links

    async def prepare_next(self, wanted: Wanted | None = None, *, hours: int = 2) -> NextPoll:
        """The next poll as the rules ask for it: the members' electorates, contests, canaries, opening."""
        service = self.house.service
        planned = await next_poll(service, ELECTION, wanted)
        if planned.assemblies:
            async with service.database.transaction() as connection:
                made = await sign_assemblies(connection, service.master, ELECTION, planned.assemblies, service.random)
            for kind, fields in electorate_acts(made):
                await self.house.decide(kind, fields)
            planned = await next_poll(service, ELECTION, wanted)
            assert planned.assemblies == ()
        self.house.contexts = await plan_contests(service, ELECTION, planned.number, planned.plans)
        await self.house.show_canaries(planned.number)
        await self.house.open_poll(planned.number, hours)
        return planned

    async def person(self, student_id: str) -> str:
        """The option id of a student."""
        async with self.house.service.database.snapshot() as connection:
            return (await read_persons(connection, ELECTION))[student_id]

    async def hold(self, poll: int, votes: Mapping[str, Mapping[str, int]], voters: Sequence[str] = ()) -> None:
        """Vote as told (contest → student id or "blank" → votes), close, count, declare.

        The voters of a contest are those of its electorate in order, or ``voters``.
        """
        house = self.house
        for context in house.contexts:
            rules = await house.rules(context)
            marks = votes.get(rules.document.contest, {})
            wanted = [choice for choice, count in marks.items() for _ in range(count)]
            entitled = list(voters) or self.entitled(rules.document.electorate)
            for name, choice in zip(entitled, wanted, strict=False):
                option = "blank" if choice == "blank" else await self.person(choice)
                ids = [item.id for item in rules.document.options]
                self.people[name].bearer = ""
                await house.vote(self.people[name], rules, [int(item == option) for item in ids])
        await house.close_early(poll)
        await house.tally(poll)

    def entitled(self, electorate: str) -> list[str]:
        """Who stands in an electorate of the roll."""
        law = [f"s{number}" for number in range(1, 6)]
        business = [f"s{number}" for number in range(6, 9)]
        if "law" in electorate:
            return law
        return business if "business" in electorate or "finance" in electorate else law + business

    async def name_members(self) -> str:
        """The members of this moment as an electorate in the log; returns its id."""
        service = self.house.service
        assembly = await present_members(service, ELECTION)
        async with service.database.transaction() as connection:
            made = await sign_assemblies(connection, service.master, ELECTION, [assembly], service.random)
        for kind, fields in electorate_acts(made):
            await self.house.decide(kind, fields)
        return assembly.electorate.block.id

    async def nominate(self, student_id: str, contest: str, electorate: str, supporters: Sequence[str]) -> None:
        """A petition that nominates a student, supported by these and closed."""
        house = self.house
        async with house.service.database.transaction() as connection:
            person = await person_of(connection, ELECTION, student_id)
        name = f"nomination-{student_id}"
        asked = {"ground": "nomination", "electorate": electorate, "person": person, "motion": contest}
        await house.record("petition", seat=name, **asked)
        for supporter in supporters:
            secret = self.people[supporter].secret
            await support(house.service, ELECTION, make_support(house.log_id, name, electorate, secret, os.urandom))
        await house.record("petition-result", seat=name, ground="supported", number=len(supporters))


HEADS = candidates(f"s1 {PRESIDENT}", "s2 head-of-faculty Law", "s6 head-of-faculty Business")
HEADS_VOTES = {PRESIDENT: {"s1": 6}, LAW: {"s2": 4}, BUSINESS: {"s6": 2}}


async def elect_heads(town: Town) -> None:
    """A president and two heads of faculty hold their seats."""
    await town.settle(HEADS)
    await town.hold(1, HEADS_VOTES)
    await town.house.conclude()
    assert len(await town.house.entries("seat.taken")) == 3
