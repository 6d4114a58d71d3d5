"""From the outcome to the next poll, by itself: second tour, double winner, succession, a tie that members decide."""

import os
from typing import Any

import pytest

from election_service.assemblies import import_assemblies, list_assemblies, sign_assemblies, sign_list
from election_service.errors import ActRefusedError, InputError, RegistrarError
from election_service.follow_up import Wanted, assemblies_for, import_nominations, next_poll, present_members
from election_service.proposals import electorate_acts
from keys.errors import DataError
from tally.calendar import DAY
from tally.errors import OutcomeError
from tests.service.house import ELECTION, REVIEW
from tests.service.town import BUSINESS, CIVIL_LAW, HEADS, LAW, PRESIDENT, Town, candidates, elect_heads
from tests.simulated.builders import make_signer
from tests.tally.law import make_constitution


async def derived(town: Town) -> list[tuple[Any, ...]]:
    """Everything that happened to seats: (seat, person) taken or filled, (seat, person, ground) left."""
    found: list[tuple[Any, ...]] = []
    for data in await town.house.entries("seat.taken", "seat.filled", "seat.vacated"):
        ground = getattr(data, "ground", None)
        found.append((data.seat, data.person) if ground is None else (data.seat, data.person, ground))
    return found


async def test_second_tour_double_winner_and_vacancy_with_successor(town: Town) -> None:
    house = town.house
    await town.settle(
        candidates(
            f"s1 {PRESIDENT}",
            f"s6 {PRESIDENT}",
            f"s2 {PRESIDENT}",
            "s1 head-of-faculty Law",
            "s2 head-of-faculty Law",
            "s6 head-of-faculty Business",
            "s7 head-of-faculty Business",
        )
    )
    await town.hold(1, {PRESIDENT: {"s1": 3, "s6": 3, "s2": 1}, LAW: {"s1": 3, "s2": 2}, BUSINESS: {"s6": 2, "s7": 1}})
    one, two, six, seven = [await town.person(name) for name in ("s1", "s2", "s6", "s7")]
    seats = {seat.seat: seat for seat in await house.declared_seats()}
    assert (seats[PRESIDENT].status, seats[LAW].status) == ("open", "provisional")
    assert set(seats[LAW].possible) >= {one, two}
    with pytest.raises(ActRefusedError, match="neither certified nor annulled"):
        await next_poll(house.service, ELECTION)
    await house.conclude()
    assert await derived(town) == []

    planned = await town.prepare_next()
    (plan,) = planned.plans
    assert (plan.contest, plan.electorate) == (PRESIDENT, "university")
    assert [option.name["en"] for option in plan.options] == ["Student A", "Student F", "None of them"]
    await town.hold(2, {PRESIDENT: {"s1": 5, "s6": 3}})
    (result,) = (await house.declared(2)).results
    assert (result.vote, result.tour, result.elected) == ("second-tour", "second", [one])
    await house.conclude(2)
    assert await derived(town) == [(PRESIDENT, one), (BUSINESS, six), (LAW, two)]
    (_, _, law) = await house.entries("seat.taken")
    assert [(item.person, item.reason, item.seat) for item in law.skipped] == [(one, "holds-higher", PRESIDENT)]

    await house.record("vacancy", seat=BUSINESS, person=six, ground="resignation")
    assert (await derived(town))[3:] == [(BUSINESS, six, "resignation"), (BUSINESS, seven)]
    answer = await (await house.get("/seats")).json()
    held = {item["seat"]: (item["person"], item["name"].get("en"), item["by"]) for item in answer["seats"]}
    assert held == {
        PRESIDENT: (one, "Student A", "election"),
        LAW: (two, "Student B", "election"),
        BUSINESS: (seven, "Student G", "succession"),
    }
    assert (await next_poll(house.service, ELECTION)).plans == ()
    await house.verify()


async def test_a_tie_of_successors_goes_to_the_members_without_the_tied(town: Town) -> None:
    """Case 12: equal next-in-line; both are barred from voting, though one of them is a member."""
    house = town.house
    await town.settle(
        candidates(
            f"s1 {PRESIDENT}",
            "s5 head-of-faculty Law",
            "s2 head-of-faculty Law",
            "s3 head-of-faculty Law",
            "s6 head-of-faculty Business",
            "s2 head-of-department Civil Law",
            "s4 head-of-department Civil Law",
        )
    )
    await town.hold(
        1,
        {
            PRESIDENT: {"s1": 6},
            LAW: {"s5": 3, "s2": 1, "s3": 1},
            BUSINESS: {"s6": 2},
            CIVIL_LAW: {"s2": 3, "s4": 1},
        },
    )
    await house.conclude()
    one, two, three, four, five, six = [await town.person(f"s{number}") for number in range(1, 7)]
    assert await derived(town) == [(PRESIDENT, one), (BUSINESS, six), (LAW, five), (CIVIL_LAW, two)]
    await house.record("vacancy", seat=LAW, person=five, ground="resignation")
    task = (await house.agenda())[LAW]
    assert (task.kind, task.barred, task.voters) == ("members-vote", [two, three], "members")

    planned = await town.prepare_next()
    (plan,) = planned.plans
    assert plan.electorate == "members.2"
    electorate = (await house.entries("electorate"))[-1]
    assert (electorate.id, electorate.size) == ("members.2", 2)
    rules = await house.rules(house.contexts[0])
    assert [option.id for option in rules.document.options if not option.blank] == task.options
    barred = town.people["s2"]
    await house.log_in(barred)
    contest = (await house.service.facts(ELECTION)).contest(house.contexts[0])
    assert contest.seq not in {item.seq for item in (await house.view(barred)).contests}
    answer = await house.post("/tokens", house.request_token(barred, rules), barred.bearer)
    assert (await answer.json())["code"] == "not-eligible"
    await town.hold(2, {LAW: {"s2": 2}}, voters=["s1", "s6"])
    await house.conclude(2)
    assert (await derived(town))[5:] == [
        (CIVIL_LAW, two, "higher-position"),
        (LAW, two),
        (CIVIL_LAW, four),
    ]
    await house.verify()


# ---- one database is enough from here on -----------------------------------------------------------------------------


async def test_an_early_end_of_the_president_s_term_asks_for_new_nominations_before_the_members(village: Town) -> None:
    """Case 14: not the runner-up; the members elect within ten days (6.9.7)."""
    house = village.house
    await elect_heads(village)
    one = await village.person("s1")
    await house.record("vacancy", seat=PRESIDENT, person=one, ground="president-resignation")
    task = (await house.agenda())[PRESIDENT]
    assert (task.kind, task.voters, task.days, task.options) == ("by-election", "members", 10, [])
    planned = await next_poll(house.service, ELECTION)
    assert planned.plans == ()
    (held,) = planned.waiting
    assert await village.name_members() == "members.2"
    assert str(held) == f"{PRESIDENT}: by-election (6.9.7) waits for nominations"
    await import_nominations(house.service, ELECTION, candidates(f"s2 {PRESIDENT}", f"s8 {PRESIDENT}"))
    with pytest.raises(OutcomeError, match="not nominated by a petition"):
        await village.prepare_next()
    for student in ("s2", "s8"):
        await village.nominate(student, PRESIDENT, "members.2", ["s6"])
    planned = await village.prepare_next()
    (plan,) = planned.plans
    assert plan.electorate == "members.2"
    two, eight = await village.person("s2"), await village.person("s8")
    assert [option.id for option in plan.options] == [two, eight, "blank"]
    await village.hold(2, {PRESIDENT: {"s2": 2}}, voters=["s2", "s6"])
    await house.conclude(2)
    assert (await derived(village))[-2:] == [(LAW, two, "higher-position"), (PRESIDENT, two)]
    await house.verify()


async def test_a_list_of_an_earlier_poll_nominates_nobody_for_the_next(village: Town) -> None:
    house = village.house
    await village.settle(HEADS)
    await village.hold(1, {PRESIDENT: {"blank": 6}})
    await house.conclude()
    assert {task.kind for task in (await house.agenda()).values()} == {"re-election"}
    planned = await next_poll(house.service, ELECTION)
    assert (planned.plans, len(planned.waiting)) == ((), 3)
    await import_nominations(house.service, ELECTION, candidates(f"s3 {PRESIDENT}", "s3 head-of-faculty Law"))
    planned = await next_poll(house.service, ELECTION, Wanted(seats={LAW}))
    assert [plan.contest for plan in planned.plans] == [LAW]
    with pytest.raises(InputError, match="nothing is to be voted on there"):
        await next_poll(house.service, ELECTION, Wanted(seats={"head-of-moon"}))


async def test_a_small_contest_is_merged_into_the_next_larger_block(village: Town) -> None:
    """Case 15: two ballots are never opened; the class votes again within its department."""
    house = village.house
    rules = {"small_contest": "merge", "complaints": 0, "turnout.scope": "university"}
    law = make_constitution(rules, min_ballots=3, review_window=REVIEW)
    seat = "head-of-class.finance.2"
    await village.settle(candidates(f"s1 {PRESIDENT}", "s6 head-of-class Finance / 2"), law=law)
    await village.hold(1, {PRESIDENT: {"s1": 6}, seat: {"s6": 2}})
    await house.conclude()
    assert (await house.agenda())[seat].kind == "merge"
    # The department has the same three students, so it is no larger; the university is.
    (plan,) = (await next_poll(house.service, ELECTION, Wanted(into={seat: "university"}))).plans
    assert (plan.contest, plan.electorate) == (seat, "university")
    (plan,) = (await next_poll(house.service, ELECTION)).plans
    assert plan.electorate == "university"


async def test_a_motion_is_put_to_the_members_and_needs_its_notice(village: Town) -> None:
    house = village.house
    await elect_heads(village)
    wanted = Wanted(motions={"dismissal-1": "dismissal"})
    with pytest.raises(InputError, match="motion nothing: expected one of dismissal"):
        await next_poll(house.service, ELECTION, Wanted(motions={"x": "nothing"}))
    with pytest.raises(ActRefusedError, match="was not announced"):
        await village.prepare_next(wanted)
    (contest,) = (await house.service.facts(ELECTION)).poll(2).documents
    assert (contest.electorate, contest.size) == ("members.2", 3)
    assert [option.id for option in contest.options] == ["for", "against", "blank"]
    await house.record("notice", seat="dismissal-1")
    house.clock.now += 7 * DAY
    await house.open_poll(2)
    await house.verify()


@pytest.mark.parametrize("village", ["offline"], indirect=True)
async def test_an_offline_registrar_signs_the_members_from_a_list_of_student_ids(village: Town) -> None:
    house = village.house
    await elect_heads(village)
    assembly = await present_members(house.service, ELECTION, [await village.person("s1")])
    assert assembly.students == ("s2", "s6")
    listed = list_assemblies(ELECTION, house.log_id, 2, [await present_members(house.service, ELECTION)])
    assert village.document is not None
    stranger = sign_list(listed, village.document, make_signer("stranger").secret, os.urandom)
    signed = sign_list(listed, village.document, house.registrar.secret, os.urandom)
    assert b'"s2"' not in signed
    for raw, fault in ((stranger, "signature"), (b"{}", "sign-members|missing")):
        with pytest.raises(DataError, match=fault):
            await take_over(village, raw)
    (proposal,) = await take_over(village, signed)
    assert (proposal.id, proposal.kind, proposal.size) == ("members.2", "members", 3)
    (fields,) = [fields for _, fields in electorate_acts([proposal])]
    await house.decide("electorate", fields)
    service = house.service
    async with service.database.transaction() as connection:
        with pytest.raises(RegistrarError, match="offline registrar"):
            await sign_assemblies(connection, service.master, ELECTION, [assembly], service.random)
    await house.verify()


async def take_over(town: Town, raw: bytes) -> list[Any]:
    """What `registrar import-members` does."""
    assemblies = await assemblies_for(town.house.service, ELECTION, raw)
    async with town.house.service.database.transaction() as connection:
        return list(await import_assemblies(connection, ELECTION, raw, assemblies))
