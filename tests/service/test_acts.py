"""Acts of the committee: two members for every one, each once, and only what the verifier would let stand (A100)."""

import asyncio
import os
from typing import Any

import msgspec
import pytest

from audit.entries import Approval, format_time
from audit.errors import ApprovalError
from election_service.acts import approve, list_acts, propose, run_due_acts
from election_service.api_types import ActProposal
from election_service.errors import ActRefusedError, NotFoundError
from election_service.poll import opening_data
from election_service.service import open_service
from election_service.setup import plan_contests, store_blob
from keys import schnorr
from keys.canonical import b64
from keys.errors import DataError
from tests.service.house import DEFAULT_CONTESTS, ELECTION, HOUR, House, code_of
from tests.simulated.builders import make_replacement, make_signer


def fresh(**fields: Any) -> dict[str, Any]:
    return {**fields, "act": b64(os.urandom(16))}


async def states(house: House) -> list[str]:
    return [act.state for act in (await list_acts(house.service, ELECTION)).acts]


async def test_one_approval_waits_and_the_second_does_it(house: House) -> None:
    data = fresh(bundle="0" * 64)
    await house.adopt()
    waiting = await house.propose("ana", "booth", data)
    assert (waiting.state, waiting.seq) == ("waiting", None)
    assert await house.entries("booth") == []
    done = await approve(house.service, ELECTION, waiting.act, house.approval("beka", "booth", data))
    assert done.state == "done"
    assert [item.member for item in done.approvals] == ["ana", "beka"]
    assert len(await house.entries("booth")) == 1


async def test_the_same_member_counts_once(house: House) -> None:
    await house.adopt()
    data = fresh(bundle="0" * 64)
    act = await house.propose("ana", "booth", data)
    for _ in range(3):
        act = await approve(house.service, ELECTION, act.act, house.approval("ana", "booth", data))
    assert act.state == "waiting"


async def test_approvals_in_parallel_do_it_once(house: House) -> None:
    """Two services on one database, both members at once, ten times each."""
    await house.adopt()
    data = fresh(bundle="0" * 64)
    act = await house.propose("ana", "booth", data)
    config, workers = house.service.config, house.service.workers
    async with open_service(config, clock=house.clock, workers=workers, check=False) as other:
        done = await asyncio.gather(
            *(
                approve(service, ELECTION, act.act, house.approval(member, "booth", data))
                for member in ("beka", "gio")
                for service in (house.service, other)
                for _ in range(5)
            )
        )
    assert {item.state for item in done} == {"done"}
    assert len(await house.entries("booth")) == 1
    await house.verify()


async def test_a_stranger_or_another_act_s_signature_approves_nothing(house: House) -> None:
    await house.adopt()
    data, other = fresh(bundle="0" * 64), fresh(bundle="1" * 64)
    act = await house.propose("ana", "booth", data)
    stranger = make_signer("stranger")
    cases = {
        "no member": Approval(member="stranger", signature=stranger.sign(bytes(32))),
        "a member's name, a stranger's key": Approval(member="beka", signature=stranger.sign(bytes(32))),
        "a signature on another act": house.approval("beka", "booth", other),
        "a signature on another kind": house.approval("beka", "resolution", data),
        "no base64": Approval(member="beka", signature="?"),
    }
    for name, approval in cases.items():
        with pytest.raises(ApprovalError, match=r"approval by"):
            await approve(house.service, ELECTION, act.act, approval)
        assert await house.entries("booth") == [], name


async def test_an_act_s_number_serves_once(house: House) -> None:
    """No approval serves twice: neither while it waits nor after it is done."""
    await house.adopt()
    data = fresh(bundle="0" * 64)
    await house.propose("ana", "booth", data)
    again = {**data, "bundle": "1" * 64}
    with pytest.raises(ActRefusedError, match="another act has this number"):
        await house.propose("beka", "booth", again)
    same = await house.propose("ana", "booth", data)  # an answer was lost, and it is sent again
    assert same.state == "waiting"
    assert len((await list_acts(house.service, ELECTION)).acts) == 2


MALFORMED: dict[str, tuple[str, dict[str, Any]]] = {
    "a kind that is no act": ("ballot", {}),
    "an unknown kind": ("poll.reopened", {}),
    "approvals inside": ("booth", {"bundle": "0" * 64, "approvals": []}),
    "a member too many": ("booth", {"bundle": "0" * 64, "extra": 1}),
    "a member missing": ("booth", {}),
    "an act number too short": ("booth", {"bundle": "0" * 64, "act": b64(bytes(15))}),
    "a hash in capitals": ("booth", {"bundle": "A" * 64}),
}


@pytest.mark.parametrize("case", MALFORMED)
async def test_malformed_data_is_refused_when_proposed(open_sqlite_house: House, case: str) -> None:
    kind, fields = MALFORMED[case]
    with pytest.raises(DataError):
        await open_sqlite_house.propose("ana", kind, {"act": b64(os.urandom(16)), **fields})
    assert "waiting" not in await states(open_sqlite_house)


async def test_what_comes_too_early_is_refused(house: House) -> None:
    """The order of docs/protocol.md §9, at the door instead of at the verifier."""
    with pytest.raises(ActRefusedError, match="constitution comes first"):
        await house.decide("booth", {"bundle": "0" * 64})
    with pytest.raises(ActRefusedError, match="store the file first"):
        await house.decide("constitution", {"blob": "0" * 64})
    broken = await store_blob(house.service, ELECTION, b"{}")
    with pytest.raises(ActRefusedError, match="missing"):
        await house.decide("constitution", {"blob": broken})
    await house.adopt()
    with pytest.raises(ActRefusedError, match="only one"):
        await house.adopt()
    with pytest.raises(ActRefusedError, match="joint key"):
        await house.decide("resolution", {"clause": "6.12.4 turnout.scope", "reading": "both"})
    with pytest.raises(ActRefusedError, match="joint key"):
        await plan_contests(house.service, ELECTION, 1, DEFAULT_CONTESTS)
    await house.hold_ceremony()
    with pytest.raises(ActRefusedError, match="confirmed their key"):
        await house.open_session(attempt=2)
    with pytest.raises(ActRefusedError, match="electorate university is not in the log"):
        await plan_contests(house.service, ELECTION, 1, DEFAULT_CONTESTS)
    await house.enrol({"university": range(6), "law": range(3)})
    with pytest.raises(ActRefusedError, match="logged already"):
        await house.decide("electorate", await logged_electorate(house))
    with pytest.raises(ActRefusedError, match="expected poll 1"):
        await plan_contests(house.service, ELECTION, 2, DEFAULT_CONTESTS)
    await house.plan()
    with pytest.raises(ActRefusedError, match="on its way"):
        await house.decide("resolution", {"clause": "6.12.4", "reading": "both"})
    with pytest.raises(ActRefusedError, match="expected canaries of 2 trustees, got 0"):
        await house.open_poll()
    await house.show_canaries(numbers=(2,))
    with pytest.raises(ActRefusedError, match="got 1"):
        await house.open_poll()
    await house.show_canaries(numbers=(3,))
    with pytest.raises(ActRefusedError, match="not in the future"):
        await house.open_poll(hours=0)
    assert (await house.open_poll()).state == "done"
    with pytest.raises(ActRefusedError, match="opened before"):
        await house.open_poll()
    await house.verify()


async def logged_electorate(house: House) -> dict[str, Any]:
    data = msgspec.to_builtins((await house.entries("electorate"))[0])
    return {name: data[name] for name in ("id", "size", "root", "blob", "signature")}


async def test_an_electorate_that_the_registrar_did_not_sign_is_refused(house: House) -> None:
    await house.adopt()
    await house.hold_ceremony()
    house.registrar = make_signer("another registrar")
    with pytest.raises(ActRefusedError, match="signature"):
        await house.enrol({"university": range(6)})


OPENINGS: dict[str, dict[str, Any]] = {
    "one contest left out": {"contexts": 1},
    "contests in another order": {"contexts": "reversed"},
    "another poll": {"poll": 2},
}


@pytest.mark.parametrize("case", OPENINGS)
async def test_an_opening_names_exactly_the_logged_contests(house: House, case: str) -> None:
    await house.prepare()
    fields = await opening_data(house.service, ELECTION, 1, format_time(house.clock.now + HOUR))
    change = OPENINGS[case]
    if change.get("contexts") == 1:
        fields["contexts"] = fields["contexts"][:1]
    elif change.get("contexts") == "reversed":
        fields["contexts"].reverse()
    else:
        fields |= change
    with pytest.raises(ActRefusedError):
        await house.decide("poll.opened", fields)


async def test_a_scheduled_opening_opens_at_its_time_once(house: House) -> None:
    await house.prepare()
    act = await house.open_poll(not_before=house.clock.now + HOUR)
    assert act.state == "scheduled"
    assert await run_due_acts(house.service, ELECTION) == []
    house.clock.now += HOUR
    config, workers = house.service.config, house.service.workers
    async with open_service(config, clock=house.clock, workers=workers, check=False) as other:
        both = await asyncio.gather(run_due_acts(house.service, ELECTION), run_due_acts(other, ELECTION))
    assert sorted(len(done) for done in both) == [0, 1]
    assert len(await house.entries("poll.opened")) == 1
    await house.verify()


async def test_a_scheduled_act_that_is_overtaken_is_refused_for_good(house: House) -> None:
    await house.prepare()
    await house.open_poll(hours=2, not_before=house.clock.now + HOUR)
    await house.open_poll(hours=3)
    house.clock.now += HOUR
    (late,) = await run_due_acts(house.service, ELECTION)
    assert late.state == "refused"
    assert await run_due_acts(house.service, ELECTION) == []
    assert len(await house.entries("poll.opened")) == 1


async def test_a_new_committee_decides_from_then_on(open_house: House) -> None:
    house = open_house
    rector = make_signer("rector")
    keep = {"beka": house.members["beka"], "rector": rector}
    members = [{"id": name, "key": b64(signer.public)} for name, signer in sorted(keep.items())]
    await house.decide("members", {"members": members, "threshold": 2})
    with pytest.raises(ApprovalError, match="no member"):
        await house.decide("booth", {"bundle": "0" * 64})
    house.members = {**house.members, **keep}
    done = await house.decide("booth", {"bundle": "0" * 64}, by=("beka", "rector"))
    assert done.state == "done"
    await house.verify()


async def test_approvals_of_former_members_no_longer_count(open_house: House) -> None:
    house = open_house
    data = fresh(bundle="0" * 64)
    act = await house.propose("ana", "booth", data)
    keep = {name: house.members[name] for name in ("beka", "gio")}
    members = [{"id": name, "key": b64(signer.public)} for name, signer in sorted(keep.items())]
    await house.decide("members", {"members": members, "threshold": 2}, by=("beka", "gio"))
    act = await approve(house.service, ELECTION, act.act, house.approval("beka", "booth", data))
    assert (act.state, [item.member for item in act.approvals]) == ("waiting", ["beka"])
    act = await approve(house.service, ELECTION, act.act, house.approval("gio", "booth", data))
    assert (act.state, [item.member for item in act.approvals]) == ("done", ["beka", "gio"])


async def test_a_credential_with_a_token_in_an_open_poll_is_not_replaced(open_house: House) -> None:
    house = open_house
    rules = await house.rules(house.contexts[0])
    holder, other = house.people[:2]
    await house.token(holder, rules)
    new = make_signer("new credential").public
    for person, allowed in ((holder, False), (other, True)):
        data = make_replacement(house.log_id, person.credential, new, "link lost", house.registrar, os.urandom(16))
        fields = {name: getattr(data, name) for name in ("old", "new", "reason", "signature")}
        if allowed:
            await house.log_in(other)
            assert (await house.decide("credential.replaced", fields)).state == "done"
        else:
            with pytest.raises(ActRefusedError, match="has a token"):
                await house.decide("credential.replaced", fields)
    answer = await house.get("/voter", other.bearer)
    assert await code_of(answer) == "login-required"  # the old link is dead
    assert await code_of(await house.post("/login", await house.login_request(other))) == "login-refused"
    await house.verify()


async def test_a_replaced_credential_votes_with_the_new_link(open_house: House) -> None:
    """Electorates are read through the chain, on the service's side and on the voter's."""
    from audit.evidence import Membership, ProvenEntry, verify_evidence
    from tests.service.house import Person, new_seed

    house, old = open_house, open_house.people[0]
    new = Person(new_seed())
    data = make_replacement(house.log_id, old.credential, new.credential, "link lost", house.registrar, os.urandom(16))
    await house.decide(
        "credential.replaced", {name: getattr(data, name) for name in ("old", "new", "reason", "signature")}
    )
    rules = await house.rules(house.contexts[0])
    await house.vote(new, rules)
    view = await house.view(new)
    from keys.canonical import unb64

    def hashes(texts: list[str]) -> tuple[bytes, ...]:
        return tuple(unb64(text, 32, "") for text in texts)

    evidence = verify_evidence(
        view.checkpoint.encode(),
        [ProvenEntry(item.seq, item.entry.encode(), hashes(item.proof)) for item in view.entries],
        [
            Membership(item.seq, item.electorate_seq, unb64(item.leaf, 32, ""), item.index, hashes(item.membership))
            for item in view.contests
        ],
        log_prefix=house.log_id[:16],
        credential=new.credential,
    )
    assert {rules.context for rules in evidence.contests.values()} == set(house.contexts)


async def test_an_unknown_act_cannot_be_approved(house: House) -> None:
    data = fresh(bundle="0" * 64)
    with pytest.raises(NotFoundError):
        await approve(house.service, ELECTION, data["act"], house.approval("ana", "booth", data))


async def test_a_proposal_without_a_member_s_signature_stores_nothing(house: House) -> None:
    await house.adopt()
    forged = ActProposal(
        kind="booth",
        data=fresh(bundle="0" * 64),
        not_before=None,
        approval=Approval(member="ana", signature=b64(schnorr.sign(b"\x01" * 32, bytes(32), bytes(32)))),
    )
    with pytest.raises(ApprovalError):
        await propose(house.service, ELECTION, forged)
    assert await states(house) == ["done"]
