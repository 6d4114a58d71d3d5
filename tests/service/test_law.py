"""The law at the door: readings, founders, complaints, annulment, petitions, open votes, decisions."""

import os
from typing import Any

import pytest

from audit.entries import format_time
from election_service.errors import ActRefusedError, NotEligibleError
from election_service.follow_up import next_poll
from election_service.legal_rules import opening_notices
from election_service.overview import election_info
from election_service.voices import complain, support, vote_openly
from keys.errors import DataError
from tally.complaint import ComplaintData, make_complaint
from tally.open_vote import make_open_vote
from tally.petition import make_support
from tests.service.house import DEFAULT_CONTESTS, ELECTION, HOUR, House, Person, blank_or, code_of, new_seed
from tests.simulated.builders import make_replacement
from tests.tally.law import make_constitution, preset_constitution


async def vote_head(house: House, count: int = 4) -> None:
    """So many votes for the first candidate of the first contest; then the poll is closed and counted."""
    head = await house.rules(house.contexts[0])
    for person in house.people[:count]:
        await house.vote(person, head)
    await house.close_early()
    await house.tally()


async def heard(house: House) -> str | None:
    """Until when complaints about the first poll are heard, as anybody is told."""
    return (await election_info(house.service, ELECTION)).polls[0].complaints


def complaint_of(house: House, person: Person, text: str = "My name was missing.", poll: int = 1) -> ComplaintData:
    return make_complaint(house.log_id, poll, text, person.secret, os.urandom)


# ---- before the first poll -------------------------------------------------------------------------------------------


async def test_a_poll_with_an_unread_clause_does_not_open_and_the_refusal_says_what_to_sign(house: House) -> None:
    await house.prepare(law=preset_constitution())
    facts = await house.service.facts(ELECTION)
    missing = facts.record.missing()
    assert "6.12.4 turnout.scope" in missing
    with pytest.raises(ActRefusedError, match=r"clauses have no signed reading.*constitution resolve") as refused:
        await house.open_poll()
    assert f"{missing[0]}: " in str(refused.value)
    assert " or " in str(refused.value)


async def test_a_reading_is_one_of_the_constitution_s_and_is_in_force_at_once(house: House) -> None:
    await house.adopt(law=preset_constitution())
    await house.hold_ceremony()
    clause = "6.12.4 turnout.scope"
    for wrong in ({"clause": clause, "reading": "everybody"}, {"clause": "6.12.4 turnout.moon", "reading": "block"}):
        with pytest.raises(ActRefusedError, match="resolution"):
            await house.decide("resolution", wrong)
    await house.decide("resolution", {"clause": clause, "reading": "university"})
    await house.decide("resolution", {"clause": clause, "reading": "block"})
    record = (await house.service.facts(ELECTION)).record
    assert record.rules.turnout.scope.value == "block"
    assert clause not in record.missing()


async def test_case_22_an_organisation_with_too_few_members_cannot_open(house: House) -> None:
    await house.prepare(law=make_constitution({"body_minimum": 7, "complaints": 0}))
    with pytest.raises(ActRefusedError, match="expected at least 7 persons, got 6"):
        await house.open_poll()


async def test_a_late_opening_and_small_electorates_are_warned_of_with_their_clauses(house: House) -> None:
    await house.prepare()
    facts = await house.service.facts(ELECTION)
    notices = opening_notices(facts, 1, house.clock.now, house.clock.now + HOUR)
    assert [(notice.severity, notice.clause) for notice in notices] == [("warn", "6.12.1"), ("warn", "min_ballots")]
    at = "2027-01-15T08:00:00Z"
    answer = await (await house.get(f"/polls/1/notices?opens={at}&closes={at}")).json()
    assert [item["clause"] for item in answer["notices"]] == ["6.12.1", "min_ballots"]
    assert await code_of(await house.get(f"/polls/2/notices?opens={at}&closes={at}")) == "not-found"


# ---- after the result ------------------------------------------------------------------------------------------------


async def test_nothing_is_certified_before_complaints_were_heard_and_answered(house: House) -> None:
    await house.open(complaints=HOUR)
    with pytest.raises(ActRefusedError, match="not declared"):
        await complain(house.service, ELECTION, complaint_of(house, house.people[0]))
    assert await heard(house) is None
    await vote_head(house)
    assert await heard(house) == format_time(house.clock.now + HOUR)
    with pytest.raises(ActRefusedError, match="complaints are heard for 3600 seconds more"):
        await house.conclude()
    data = complaint_of(house, house.people[5])
    answer = await house.post("/complaints", data)
    assert answer.status == 200, await answer.text()
    seq = (await answer.json())["seq"]
    assert await complain(house.service, ELECTION, data) == seq  # an answer was lost, and it is sent again
    stranger = Person(new_seed())
    assert await code_of(await house.post("/complaints", complaint_of(house, stranger))) == "not-eligible"
    forged = complaint_of(house, house.people[0], "one thing")
    forged = ComplaintData(poll=1, credential=forged.credential, text="another", signature=forged.signature)
    assert await code_of(await house.post("/complaints", forged)) == "signature-invalid"
    house.clock.now += HOUR
    assert await heard(house) is None, "what is offered is what is taken"
    with pytest.raises(ActRefusedError, match=f"complaint of entry {seq} is not answered"):
        await house.conclude()
    with pytest.raises(ActRefusedError, match="upheld or rejected"):
        await house.record("complaint", number=seq, ground="ignored")
    await house.record("complaint", number=seq, ground="rejected")
    house.clock.now += 1
    assert await code_of(await house.post("/complaints", complaint_of(house, house.people[4]))) == "act-refused"
    await house.conclude()
    assert [data.person for data in await house.entries("seat.taken")] == ["ana"]
    await house.verify()


async def test_one_credential_s_complaints_about_a_poll_are_limited(house: House) -> None:
    await house.open(complaints=HOUR)
    await vote_head(house)
    for number in range(3):
        await complain(house.service, ELECTION, complaint_of(house, house.people[0], f"reason {number}"))
    with pytest.raises(ActRefusedError, match="has made 3"):
        await complain(house.service, ELECTION, complaint_of(house, house.people[0], "one more"))


async def test_an_annulled_poll_is_held_again_between_the_same_persons(house: House) -> None:
    contests = (DEFAULT_CONTESTS[0],)
    await house.open(contests)
    await vote_head(house)
    await house.conclude(kind="result.annulled", reason="the booth was down")
    assert await house.entries("seat.taken") == []
    planned = await next_poll(house.service, ELECTION)
    (plan,) = planned.plans
    assert (await house.agenda())["head"].kind == "repeat"
    assert list(plan.options) == blank_or("ana", "beka")
    await house.plan(planned.number, planned.plans)
    await house.show_canaries(2)
    await house.open_poll(2)
    head = await house.rules(house.contexts[0])
    for person in house.people[:4]:
        person.bearer = ""
        await house.vote(person, head, (0, 1, 0))
    await house.close_early(2)
    await house.tally(2)
    await house.conclude(2)
    assert [data.person for data in await house.entries("seat.taken")] == ["beka"]
    await house.verify()


async def test_seats_follow_a_scheduled_certification_as_well(open_sqlite_house: House) -> None:
    from election_service.acts import run_due_acts
    from keys.canonical import b64

    house = open_sqlite_house
    await vote_head(house)
    declared = b64((await house.service.facts(ELECTION)).poll(1).declared_hash)
    later = house.clock.now + HOUR
    act = await house.decide("result.certified", {"poll": 1, "declared": declared}, not_before=later)
    assert act.state == "scheduled"
    house.clock.now = later
    (done,) = await run_due_acts(house.service, ELECTION)
    assert (done.state, len(await house.entries("seat.taken"))) == ("done", 1)
    await house.verify()


# ---- petitions and open votes ----------------------------------------------------------------------------------------


async def test_support_counts_once_for_a_person_and_from_the_roll_alone(house: House) -> None:
    await house.open()
    petition: dict[str, Any] = {"seat": "meeting", "ground": "extraordinary-meeting-members", "electorate": "law"}
    with pytest.raises(ActRefusedError, match="no electorate"):
        await house.record("petition", **{**petition, "electorate": "nobody"})
    await house.record("petition", **petition)
    first, second, _, outside = house.people[:4]

    def signed(person: Person) -> Any:
        return make_support(house.log_id, "meeting", "law", person.secret, os.urandom)

    assert (await house.post("/petitions", signed(first))).status == 200
    assert await code_of(await house.post("/petitions", signed(outside))) == "not-eligible"
    fresh = Person(new_seed())
    data = make_replacement(house.log_id, first.credential, fresh.credential, "lost", house.registrar, os.urandom(16))
    await house.decide(
        "credential.replaced", {name: getattr(data, name) for name in ("old", "new", "reason", "signature")}
    )
    with pytest.raises(ActRefusedError, match="double support"):
        await support(house.service, ELECTION, signed(fresh))
    with pytest.raises(NotEligibleError):
        await support(house.service, ELECTION, make_support(house.log_id, "meeting", "law", first.secret, os.urandom))
    (info,) = (await (await house.get("/agenda")).json())["petitions"]
    assert (info["supporters"], info["size"], info["closed"]) == (1, 3, False)
    with pytest.raises(ActRefusedError, match="petition-result"):
        await house.record("petition-result", seat="meeting", ground="supported", number=2)
    await house.record("petition-result", seat="meeting", ground="supported", number=1)
    with pytest.raises(ActRefusedError, match="late support"):
        await support(house.service, ELECTION, signed(second))
    await house.verify()


async def test_an_open_vote_is_cast_once_and_counted_by_everybody(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await house.record("board-vote", seat="plan", electorate="law")

    def signed(person: Person, choice: Any) -> Any:
        return make_open_vote(house.log_id, "plan", "law", choice, person.secret, os.urandom)

    assert (await house.post("/open-votes", signed(house.people[0], "for"))).status == 200
    with pytest.raises(ActRefusedError, match="second vote"):
        await vote_openly(house.service, ELECTION, signed(house.people[0], "against"))
    with pytest.raises(NotEligibleError):
        await vote_openly(house.service, ELECTION, signed(house.people[5], "for"))
    await vote_openly(house.service, ELECTION, signed(house.people[1], "for"))
    with pytest.raises(DataError):
        await house.record("board-result", seat="plan", ground="rejected", number=0)
    await house.record("board-result", seat="plan", ground="adopted", number=2)
    await house.verify()
