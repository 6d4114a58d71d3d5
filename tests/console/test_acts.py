"""Nothing happens twice or alone: every kind of act, by one, by an observer, expired, replayed, raced (A100)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from audit.approvals import make_approval
from audit.entries import KINDS, Approval
from election_service import schema
from election_service.act_rules import CHECKS
from election_service.acts import LIFE, approve, list_acts, propose
from election_service.api_types import ActProposal
from election_service.console.act_kinds import ACTS
from election_service.console.local_acts import LOCAL
from election_service.errors import ActExpiredError, ActRefusedError
from election_service.service import open_service
from election_service.setup import ElectionPlan, create_election, store_blob
from keys.canonical import b64, encode
from keys.errors import DataError
from tally.constitution import dump_constitution
from tests.console.act_cases import BARE, OPEN, Case
from tests.service.house import ELECTION, HOUSE_RULES, House, code_of
from tests.simulated.builders import Signer, make_signer
from tests.tally.law import make_constitution

PARALLEL = 20


def test_every_kind_of_act_is_tried_here() -> None:
    """The kinds of the log that need approvals, and the local ones; each has its words for people."""
    kinds = {kind for kind, found in KINDS.items() if found.approved} | LOCAL.keys()
    assert set(ACTS) == kinds == CHECKS.keys() | LOCAL.keys()


def proposal(house: House, member: str, kind: str, data: Mapping[str, Any]) -> ActProposal:
    return ActProposal(kind=kind, data=dict(data), not_before=None, approval=house.approval(member, kind, data))


async def marks(house: House) -> dict[str, Any]:
    """What an act changes: the log, and the tables that follow from it."""
    async with house.service.database.snapshot() as connection:
        rolls = (await connection.execute(select(schema.rolls.c.frozen))).scalars().all()
        polls = (await connection.execute(select(schema.polls.c.state, schema.polls.c.closes))).all()
    return {"log": await house.log_size(), "rolls": rolls, "polls": [tuple(row) for row in polls]}


async def never_alone(house: House, kind: str, data: dict[str, Any]) -> None:
    """One member's signature, however often and in whosever name, leaves it waiting."""
    before = await marks(house)
    act = await propose(house.service, ELECTION, proposal(house, "ana", kind, data))
    assert act.state == "waiting"
    for _ in range(3):
        act = await approve(house.service, ELECTION, act.act, house.approval("ana", kind, data))
    mine = house.approval("ana", kind, data)
    as_beka = Approval(member="beka", signature=mine.signature)
    answer = await house.post(f"/acts/{act.act}/approvals", as_beka)
    assert (answer.status, await code_of(answer)) == (403, "approval-refused")
    (waiting,) = [item for item in (await list_acts(house.service, ELECTION)).acts if item.act == act.act]
    assert (waiting.state, [item.member for item in waiting.approvals]) == ("waiting", ["ana"])
    assert await marks(house) == before


async def never_by_others(house: House, kind: str, data: dict[str, Any]) -> None:
    """An observer has a key of their own, and the service its registrar's: neither is a member's."""
    before = await marks(house)
    others: dict[str, Signer] = {"observer": make_signer("observer"), "registrar": house.registrar}
    for name, signer in others.items():
        house.members = {**house.members, name: signer}
        approval = house.approval(name, kind, data)
        for given in (approval, Approval(member="beka", signature=approval.signature)):
            answer = await house.post(f"/acts/{data['act']}/approvals", given)
            assert (answer.status, await code_of(answer)) == (403, "approval-refused")
        fresh = {**data, "act": b64(os.urandom(16))}
        answer = await house.post("/acts", proposal(house, name, kind, fresh))
        assert (answer.status, await code_of(answer)) == (403, "approval-refused")
        del house.members[name]
    assert await marks(house) == before


async def never_too_late(house: House, kind: str, data: dict[str, Any]) -> None:
    """After a week nobody can approve it; the proposal again does not bring it back."""
    before, now = await marks(house), house.clock.now
    house.clock.now += LIFE
    answer = await house.post(f"/acts/{data['act']}/approvals", house.approval("beka", kind, data))
    assert (answer.status, await code_of(answer)) == (409, "act-expired")
    with pytest.raises(ActExpiredError, match="approvals were due by"):
        await propose(house.service, ELECTION, proposal(house, "beka", kind, data))
    (found,) = [item for item in (await list_acts(house.service, ELECTION)).acts if item.act == data["act"]]
    assert (found.state, len(found.approvals)) == ("expired", 1)
    assert await marks(house) == before
    house.clock.now = now


async def never_proposed_twice(house: House, kind: str, data: dict[str, Any]) -> None:
    """The same content under another number waits already; another content under the same number is another act."""
    again = {**data, "act": b64(os.urandom(16))}
    answer = await house.post("/acts", proposal(house, "beka", kind, again))
    assert (answer.status, await code_of(answer)) == (409, "act-refused")
    assert "proposed the same already" in (await answer.json())["detail"]


async def raced(house: House, kind: str, data: dict[str, Any]) -> int:
    """Two approvers, two services, twenty requests at once: done once; returns how much longer the log is."""
    size = await house.log_size()
    config, workers = house.service.config, house.service.workers
    async with open_service(config, clock=house.clock, workers=workers, check=False) as other:
        done = await asyncio.gather(
            *(
                approve(service, ELECTION, data["act"], house.approval(member, kind, data))
                for member in ("beka", "gio")
                for service in (house.service, other)
                for _ in range(PARALLEL // 4)
            )
        )
    assert len(done) == PARALLEL
    assert {item.state for item in done} == {"done"}
    assert len({item.seq for item in done}) == 1
    assert {tuple(approval.member for approval in item.approvals) for item in done} <= {("ana", "beka"), ("ana", "gio")}
    return await house.log_size() - size


async def never_again(house: House, kind: str, data: dict[str, Any]) -> None:
    """What was once good: the same again is the act that was done, anything else is refused."""
    before = await marks(house)
    for member in ("ana", "beka", "gio"):
        same = await propose(house.service, ELECTION, proposal(house, member, kind, data))
        assert same.state == "done"
        same = await approve(house.service, ELECTION, data["act"], house.approval(member, kind, data))
        assert (same.state, len(same.approvals)) == ("done", 2)
    signature = house.approval("ana", kind, data)
    for fresh in ({**data, "act": b64(os.urandom(16))},):
        answer = await house.post("/acts", ActProposal(kind=kind, data=fresh, not_before=None, approval=signature))
        assert (answer.status, await code_of(answer)) == (403, "approval-refused")
    assert await marks(house) == before


async def _once_by_two(house: House, case: Case) -> None:
    kind, fields = await case(house)
    data = {**fields, "act": b64(os.urandom(16))}
    await never_alone(house, kind, data)
    await never_by_others(house, kind, data)
    await never_too_late(house, kind, data)
    await never_proposed_twice(house, kind, data)
    grown = await raced(house, kind, data)
    entries = await house.entries(kind) if kind not in LOCAL else []
    assert [entry.act for entry in entries].count(data["act"]) == (0 if kind in LOCAL else 1)
    assert grown == 0 if kind in LOCAL else grown >= 1
    await never_again(house, kind, data)
    await house.verify()


@pytest.mark.parametrize("case", BARE)
async def test_a100_an_act_before_the_poll_is_done_by_two_and_once(house: House, case: str) -> None:
    await _once_by_two(house, BARE[case])


@pytest.mark.parametrize("case", OPEN)
async def test_a100_an_act_around_the_poll_is_done_by_two_and_once(open_house: House, case: str) -> None:
    await _once_by_two(open_house, OPEN[case])


@pytest.mark.parametrize("case", ["pause the poll", "approve the booth"])
async def test_a100_twenty_proposals_of_one_act_are_one(house: House, case: str) -> None:
    """The same bytes from two browsers at once, and the same content under numbers of their own."""
    if case in OPEN:
        await house.open()
    kind, fields = await {**BARE, **OPEN}[case](house)
    data = {**fields, "act": b64(os.urandom(16))}
    same = [propose(house.service, ELECTION, proposal(house, "ana", kind, data)) for _ in range(PARALLEL // 2)]
    others = [
        propose(house.service, ELECTION, proposal(house, "beka", kind, {**data, "act": b64(os.urandom(16))}))
        for _ in range(PARALLEL // 2)
    ]
    results = await asyncio.gather(*same, *others, return_exceptions=True)
    acts = {item.act for item in results if not isinstance(item, BaseException)}
    refusals = [item for item in results if isinstance(item, BaseException)]
    assert all(isinstance(item, DataError) and "proposed the same already" in str(item) for item in refusals)
    assert len(acts) == 1
    waiting = [item for item in (await list_acts(house.service, ELECTION)).acts if item.state == "waiting"]
    assert [item.act for item in waiting] == list(acts)


async def test_an_act_that_was_overtaken_is_refused_and_stays_undone(open_house: House) -> None:
    """A stale page: what is approved was proposed before somebody else's act was done."""
    house = open_house
    kind, fields = await OPEN["pause the poll"](house)
    stale = {**fields, "act": b64(os.urandom(16))}
    await propose(house.service, ELECTION, proposal(house, "ana", kind, stale))
    await house.decide(kind, {**fields, "reason": "another reason"}, by=("beka", "gio"))
    size = await house.log_size()
    answer = await house.post(f"/acts/{stale['act']}/approvals", house.approval("gio", kind, stale))
    assert (answer.status, await code_of(answer)) == (409, "act-refused")
    assert await house.log_size() == size


async def test_an_expired_act_makes_room_for_the_same_anew(open_house: House) -> None:
    house = open_house
    kind, fields = await OPEN["record a standstill"](house)
    old = {**fields, "act": b64(os.urandom(16))}
    await propose(house.service, ELECTION, proposal(house, "ana", kind, old))
    house.clock.now += LIFE
    assert (await house.decide(kind, fields)).state == "done"
    answer = await house.post(f"/acts/{old['act']}/approvals", house.approval("beka", kind, old))
    assert (answer.status, await code_of(answer)) == (409, "act-expired")


async def test_a_scheduled_act_does_not_expire(house: House) -> None:
    """It has its approvals: it waits for its time, not for people."""
    from election_service.acts import run_due_acts

    await house.prepare()
    act = await house.open_poll(hours=24 * 10, not_before=house.clock.now + LIFE + 60)
    assert act.state == "scheduled"
    house.clock.now += LIFE + 60
    (done,) = await run_due_acts(house.service, ELECTION)
    assert done.state == "done"


UNFIT = {
    "a direction that turns": "lost \u202etsol",
    "a control character": "a\x07b",
    "letters that are not composed": "cafe\u0301",
    "a character that is none": "a\uffff",
}
TEXTS: dict[str, Case] = {
    "the reason of a pause": OPEN["pause the poll"],
    "the reason of a re-issue": OPEN["replace a ballot link"],
    "the note of a decision": OPEN["record a standstill"],
    "the seat of a decision": OPEN["a candidate withdraws"],
}


@pytest.mark.parametrize("where", TEXTS)
@pytest.mark.parametrize("case", UNFIT)
async def test_a89_no_act_holds_text_that_deceives(open_sqlite_house: House, where: str, case: str) -> None:
    house, bad = open_sqlite_house, UNFIT[case]
    kind, fields = await TEXTS[where](house)
    if kind == "decision":
        name = "text" if "note" in where else "seat"
        fields = {"decision": {**fields["decision"], name: bad}}
    else:
        fields = {**fields, "reason": bad}
    data = {**fields, "act": b64(os.urandom(16))}
    answer = await house.post("/acts", proposal(house, "ana", kind, data))
    expected = (409, "act-refused") if kind == "decision" else (400, "malformed")
    assert (answer.status, await code_of(answer)) == expected
    assert "waiting" not in {item.state for item in (await list_acts(house.service, ELECTION)).acts}


async def test_a90_no_act_has_a_member_too_many(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    for case in ("pause the poll", "record a standstill", "change the committee"):
        kind, fields = await OPEN[case](house)
        for data in (
            {**fields, "extra": 1},
            {**fields, "approvals": []},
            {name: value for name, value in fields.items() if name != next(iter(fields))},
        ):
            numbered = {**data, "act": b64(os.urandom(16))}
            answer = await house.post("/acts", proposal(house, "ana", kind, numbered))
            assert answer.status == 400, (case, data)


async def test_a100_no_committee_lets_one_member_act_outside_a_rehearsal(house: House) -> None:
    """Two members cannot decide that one is enough from then on."""
    members = [(name, signer.public) for name, signer in sorted(house.members.items())]
    plan = ElectionPlan("real-2026", "A real one", members, second_factor="none", waiver="for a test")
    log_id = await create_election(house.service, plan)
    blob = await store_blob(house.service, "real-2026", dump_constitution(make_constitution(HOUSE_RULES)))
    asked = {"members": [{"id": name, "key": b64(key)} for name, key in members], "threshold": 1}
    for kind, fields, refused in (("constitution", {"blob": blob}, False), ("members", asked, True)):
        data = {**fields, "act": b64(os.urandom(16))}
        for member in ("ana", "beka"):
            secret = house.members[member].secret
            approval = make_approval(log_id, kind, encode(data), member, secret, os.urandom)
            given = ActProposal(kind=kind, data=data, not_before=None, approval=approval)
            if refused:
                with pytest.raises(ActRefusedError, match="threshold: expected at least 2, got 1"):
                    await propose(house.service, "real-2026", given)
            else:
                await propose(house.service, "real-2026", given)


# ---- one member against the others -----------------------------------------------------------------------------------


async def without_gio(house: House) -> None:
    """The committee goes on without one of its members."""
    members = [{"id": name, "key": b64(house.members[name].public)} for name in ("ana", "beka")]
    await house.decide("members", {"members": members, "threshold": 2})


async def test_a100_an_act_that_a_former_member_proposed_is_done_by_the_others(open_house: House) -> None:
    """What is left of somebody who had to go counts for nothing, and stands in nobody's way."""
    house = open_house
    kind, fields = await OPEN["pause the poll"](house)
    data = {**fields, "act": b64(os.urandom(16))}
    await propose(house.service, ELECTION, proposal(house, "gio", kind, data))
    await without_gio(house)
    act = await approve(house.service, ELECTION, data["act"], house.approval("ana", kind, data))
    assert act.state == "waiting", "one of the committee has signed"
    act = await approve(house.service, ELECTION, data["act"], house.approval("beka", kind, data))
    assert (act.state, [item.member for item in act.approvals]) == ("done", ["ana", "beka"])
    await house.verify()


async def test_a100_an_approval_with_a_key_that_was_replaced_counts_no_more(open_house: House) -> None:
    house = open_house
    kind, fields = await OPEN["pause the poll"](house)
    data = {**fields, "act": b64(os.urandom(16))}
    await propose(house.service, ELECTION, proposal(house, "gio", kind, data))
    fresh = make_signer("gio, with a new key")
    keys = {**{name: signer.public for name, signer in house.members.items()}, "gio": fresh.public}
    members = [{"id": name, "key": b64(key)} for name, key in sorted(keys.items())]
    await house.decide("members", {"members": members, "threshold": 2})
    act = await approve(house.service, ELECTION, data["act"], house.approval("ana", kind, data))
    assert act.state == "waiting"
    house.members = {**house.members, "gio": fresh}
    act = await approve(house.service, ELECTION, data["act"], house.approval("gio", kind, data))
    assert act.state == "done"
    await house.verify()


async def test_a100_a_member_who_fills_the_desk_keeps_no_other_from_acting(
    open_sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever proposes without end is stopped; the others pause the poll, and send that member away."""
    house, most = open_sqlite_house, 5
    monkeypatch.setattr("election_service.acts.MOST_WAITING", most)
    for number in range(most):
        data = {"bundle": f"{number:064x}", "act": b64(os.urandom(16))}
        await propose(house.service, ELECTION, proposal(house, "gio", "booth", data))
    data = {"bundle": "f" * 64, "act": b64(os.urandom(16))}
    with pytest.raises(ActRefusedError, match="5 acts wait that gio has approved"):
        await propose(house.service, ELECTION, proposal(house, "gio", "booth", data))
    kind, fields = await OPEN["pause the poll"](house)
    assert (await house.decide(kind, fields)).state == "done"
    await without_gio(house)
    assert set((await house.service.facts(ELECTION)).members) == {"ana", "beka"}
