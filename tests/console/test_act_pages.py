"""Acts at the console: what a form prepares is shown exactly, signed by one, approved by another, and done once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from audit.entries import format_time
from election_service.acts import LIFE, list_acts
from election_service.console.act_kinds import ACTS
from election_service.console.decision_kinds import DECISIONS
from election_service.console.roles import Role
from election_service.proposals import ProposalFile
from keys.canonical import b64, decode
from tests.attacks.payloads import MARKUP
from tests.console.act_cases import list_students
from tests.console.desk import Desk
from tests.console.signatures import acts_on, can_sign, give_key, sign
from tests.service.house import ELECTION, HOUR, House
from tests.service.pages_reader import ACTIVE, Parsed
from tests.service.test_reissue import replaced_offline
from tests.service.town import Town, candidates

ACTS_PATH = f"/committee/{ELECTION}/acts"
NEW = f"{ACTS_PATH}/new"


async def committee(house: House) -> tuple[Desk, Desk]:
    """Two members at their browsers."""
    ana, beka = await Desk.open(house, "ana", Role.CHAIR), await Desk.open(house, "beka", Role.MEMBER)
    await give_key(ana, "ana")
    await give_key(beka, "beka")
    return ana, beka


async def by_two(house: House, ana: Desk, beka: Desk, kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """One fills the form in and signs what it shows; another looks at what waits, and signs that."""
    form = await ana.send(f"{NEW}/{kind}", fields)
    text = await form.text()
    assert form.status == 200, text[:2000]
    page = Parsed(text)
    (prepared,) = acts_on(page)
    assert (prepared.kind, prepared.act, can_sign(page)) == (kind, "", True)
    waiting = await sign(house, "ana", prepared)
    assert waiting["state"] == "waiting"
    own = await ana.read(f"{ACTS_PATH}/{waiting['act']}")
    assert not can_sign(own)
    (seen,) = [item for item in acts_on(await beka.read(f"{ACTS_PATH}/waiting")) if item.act == waiting["act"]]
    (alone,) = acts_on(await beka.read(f"{ACTS_PATH}/{waiting['act']}"))
    assert seen == alone
    done = await sign(house, "beka", seen)
    assert done["state"] == "done"
    assert not can_sign(await beka.read(f"{ACTS_PATH}/{waiting['act']}"))
    return done


async def test_a_poll_is_paused_extended_resumed_and_closed_from_the_pages(open_house: House) -> None:
    house = open_house
    ana, beka = await committee(house)
    await by_two(house, ana, beka, "poll.paused", {"poll": "1", "reason": "the power is out"})
    later = format_time(house.clock.now + 5 * HOUR)
    await by_two(house, ana, beka, "poll.extended", {"poll": "1", "closes": later, "reason": "an hour was lost"})
    await by_two(house, ana, beka, "poll.resumed", {"poll": "1", "closes": "", "reason": "the power is back"})
    assert (await house.entries("poll.resumed"))[0].closes == later
    await by_two(house, ana, beka, "poll.paused", {"poll": "1", "reason": "to close early"})
    await by_two(house, ana, beka, "poll.closed", {"poll": "1"})
    await house.tally()
    await by_two(house, ana, beka, "result.annulled", {"poll": "1", "reason": "wrong names"})
    await house.verify()


async def test_decisions_and_a_verdict_from_the_pages(open_house: House) -> None:
    house = open_house
    ana, beka = await committee(house)
    ground = next(
        item.id for item in (await house.service.facts(ELECTION)).rules.grounds if item.bars and not item.motion
    )
    await by_two(
        house, ana, beka, "decision", {"what": "bar", "person": "Nino", "ground": ground, "seat": "", "text": ""}
    )
    assert (await house.entries("decision"))[0].decision.person == "nino"
    await house.close_early()
    await house.tally()
    await by_two(house, ana, beka, "result.certified", {"poll": "1"})
    await house.verify()


async def test_the_roll_is_frozen_by_two(house: House) -> None:
    ana, beka = await committee(house)
    await list_students(house)
    page = await ana.read(f"{NEW}/roll.frozen")
    (prepared,) = acts_on(page)
    waiting = await sign(house, "ana", prepared)
    assert (waiting["state"], waiting["seq"]) == ("waiting", None)
    await list_students(house, 4)  # an import comes between
    answer = await house.post(
        f"/acts/{waiting['act']}/approvals", house.approval("beka", "roll.frozen", waiting["data"])
    )
    assert answer.status == 409
    assert "imported anew" in (await answer.json())["detail"]
    done = await by_two(house, ana, beka, "roll.frozen", {})
    assert (done["state"], done["seq"], done["data"]["size"]) == ("done", None, 4)


async def test_the_committee_changes_itself(open_house: House) -> None:
    house = open_house
    ana, beka = await committee(house)
    keep = [f"{name} {b64(house.members[name].public)}" for name in ("ana", "beka")]
    done = await by_two(house, ana, beka, "members", {"member": keep, "others": "", "threshold": "2"})
    assert [item["id"] for item in done["data"]["members"]] == ["ana", "beka"]


async def test_a44_a_lost_link_is_replaced_by_two(town: Town) -> None:
    await town.settle(candidates("s1 head-of-self-governance", "s2 head-of-self-governance"))
    house = town.house
    ana, beka = await committee(house)
    page = await ana.do(f"{NEW}/credential.replaced", {"student": "s3", "reason": "telephone stolen"})
    (prepared,) = acts_on(page)
    assert "s3" in page.text
    waiting = await sign(house, "ana", prepared)
    assert acts_on(await ana.read(f"{NEW}/prepared?kind=credential.replaced")) == []
    (seen,) = acts_on(await beka.read(f"{ACTS_PATH}/{waiting['act']}"))
    assert (await sign(house, "beka", seen))["state"] == "done"
    (kind, letter) = (await house.letters("reissue"))[-1]
    assert kind == "s3", letter


async def test_a100_an_observer_sees_acts_and_can_neither_propose_nor_approve(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    ana, _ = await committee(house)
    observer = await Desk.open(house, "olga", Role.OBSERVER)
    form = await ana.send(f"{NEW}/poll.paused", {"poll": "1", "reason": "a test"})
    waiting = await sign(house, "ana", acts_on(Parsed(await form.text()))[0])
    for path in (ACTS_PATH, f"{ACTS_PATH}/waiting", f"{ACTS_PATH}/{waiting['act']}"):
        assert not can_sign(await observer.read(path)), path
    assert (await observer.get(f"{NEW}/poll.paused")).status == 403
    for kind in ("poll.paused", "credential.replaced", "roll.frozen"):
        assert (await observer.send(f"{NEW}/{kind}", {})).status == 403, kind
    assert (await observer.send(f"/committee/{ELECTION}/key", {"key_file": "{}"})).status == 403
    stranger = await Desk.open(house, "pavel", Role.CHAIR, election="another-election")
    assert (await stranger.get(ACTS_PATH)).status == 404


@pytest.mark.parametrize("kind", sorted(ACTS))
async def test_every_form_can_be_read(open_sqlite_house: House, kind: str) -> None:
    house = open_sqlite_house
    ana, _ = await committee(house)
    answer = await ana.get(f"{NEW}/{kind}")
    if ACTS[kind].ready:
        assert answer.headers["Location"] == f"{NEW}/prepared?kind={kind}"
        await ana.read(answer.headers["Location"])
    elif kind == "roll.frozen":
        assert answer.status == 409  # nothing is on the roll
    else:
        assert answer.status == 200


@pytest.mark.parametrize("what", sorted(DECISIONS))
async def test_every_form_of_a_decision_can_be_read(open_sqlite_house: House, what: str) -> None:
    ana, _ = await committee(open_sqlite_house)
    page = await ana.read(f"{NEW}/decision?what={what}&seat=law&person=nino")
    names = {found.get("name") for tag in ("input", "select", "textarea") for found in page.all(tag)}
    assert {field.name for field in DECISIONS[what][1]} <= names


async def test_a90_what_is_not_asked_is_refused(open_sqlite_house: House) -> None:
    """A90: a field too many, a kind that is none, a number of no act."""
    ana, _ = await committee(open_sqlite_house)
    good = {"poll": "1", "reason": "a test"}
    assert (await ana.send(f"{NEW}/poll.paused", {**good, "extra": "1"})).status == 400
    assert (await ana.send(f"{NEW}/poll.reopened", good)).status == 404
    assert (await ana.send(f"{NEW}/booth", {})).status == 404
    assert (await ana.send(f"{NEW}/poll.paused", good, csrf="wrong")).status == 403
    assert (await ana.send(f"{NEW}/poll.paused", good, headers={"Sec-Fetch-Site": "cross-site"})).status == 400
    for number in ("AAAAAAAAAAAAAAAAAAAAAA", "x", "..%2f"):
        assert (await ana.get(f"{ACTS_PATH}/{number}")).status == 404
    assert "waiting" not in {act.state for act in (await list_acts(open_sqlite_house.service, ELECTION)).acts}


UNFIT: dict[str, tuple[str, dict[str, str]]] = {
    "no reason": ("poll.paused", {"poll": "1", "reason": ""}),
    "a reason that turns the direction (A89)": ("poll.paused", {"poll": "1", "reason": "lost \u202etsol"}),
    "a reason with a control character": ("poll.paused", {"poll": "1", "reason": "a\x07b"}),
    "letters that are not composed (A89)": ("poll.paused", {"poll": "1", "reason": "cafe\u0301"}),
    "a letter that is none": ("poll.paused", {"poll": "1", "reason": "\uffff"}),
    "a poll that is no number": ("poll.paused", {"poll": "one", "reason": "a test"}),
    "a time that is none": ("poll.extended", {"poll": "1", "closes": "tomorrow", "reason": "a test"}),
    "no time": ("poll.extended", {"poll": "1", "closes": "", "reason": "a test"}),
    "a decision that is none": ("decision", {"what": "coup"}),
    "an identity key that is none": ("trustee.opened", {"k": "2", "trustees": "abc\ndef"}),
    "a member that nobody knows": ("members", {"member": "eve AAAA", "others": "", "threshold": "2"}),
    "a member's line without a key": ("members", {"others": "eve", "threshold": "2"}),
}


@pytest.mark.parametrize("case", UNFIT)
async def test_a89_a_text_that_does_not_fit_the_log_is_shown_again(open_sqlite_house: House, case: str) -> None:
    ana, _ = await committee(open_sqlite_house)
    kind, fields = UNFIT[case]
    answer = await ana.send(f"{NEW}/{kind}", fields)
    text = await answer.text()
    assert answer.status in {400, 200} if kind == "decision" else answer.status == 400
    assert 'id="signing"' not in text


async def test_a81_what_was_typed_is_shown_as_text(open_sqlite_house: House) -> None:
    """A81: a reason that would be a script somewhere else stands on the page as it was typed, and in the bytes."""
    ana, _ = await committee(open_sqlite_house)
    for payload in MARKUP[::20]:
        reason = f"a test {payload}".strip()
        answer = await ana.send(f"{NEW}/poll.paused", {"poll": "1", "reason": reason})
        page = Parsed(await answer.text())
        scripts = [found for found in page.all("script") if found.get("src", "").startswith("/static/committee.")]
        assert len(page.all("script")) == len(scripts)
        assert not {tag for tag, _ in page.elements} & (ACTIVE - {"script"}), payload
        if answer.status == 200:
            assert acts_on(page)[0].data["reason"] == reason


async def test_what_cannot_be_done_now_is_said_and_signed_by_nobody(open_sqlite_house: House) -> None:
    ana, _ = await committee(open_sqlite_house)
    answer = await ana.send(f"{NEW}/poll.closed", {"poll": "1"})
    assert answer.status == 409
    assert "Pause the poll first" in await answer.text()
    answer = await ana.send(f"{NEW}/result.certified", {"poll": "1"})
    assert answer.status == 409
    assert "not declared" in await answer.text()


async def test_an_act_can_go_to_the_command_line_as_a_file(open_sqlite_house: House) -> None:
    ana, _ = await committee(open_sqlite_house)
    answer = await ana.send(f"{NEW}/poll.paused", {"poll": "1", "reason": "a test", "download": "1"})
    assert "attachment" in answer.headers["Content-Disposition"]
    file = decode(await answer.read(), ProposalFile)
    assert [(act.kind, act.data["reason"]) for act in file.acts] == [("poll.paused", "a test")]


async def test_an_expired_act_says_so_and_cannot_be_signed(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    ana, beka = await committee(house)
    form = await ana.send(f"{NEW}/poll.paused", {"poll": "1", "reason": "a test"})
    waiting = await sign(house, "ana", acts_on(Parsed(await form.text()))[0])
    path = f"{ACTS_PATH}/{waiting['act']}"
    assert can_sign(await beka.read(path))
    house.clock.now += LIFE
    beka = await Desk.open(house, "beka", Role.MEMBER)  # the session is over, too
    page = await beka.read(path)
    assert not can_sign(page)
    assert "Too few members approved it in time" in page.text
    assert acts_on(await beka.read(f"{ACTS_PATH}/waiting")) == []


async def test_a44_an_offline_registrar_s_re_issue_needs_two_members(open_house: House) -> None:
    """Its file comes by the page; without two members nothing of it counts."""
    house = open_house
    await house.list_people()
    ana, beka = await committee(house)
    page = await ana.read(f"{NEW}/credential.replaced")
    assert [found["name"] for found in page.all("input") if found.get("type") == "file"] == ["file"]
    _, raw = replaced_offline(house, 1)
    answer = await ana.send(f"{NEW}/credential.replaced", {}, files={"file": ("lost.json", raw[:-1])})
    assert answer.status == 409
    assert "reissue-offline" in await answer.text()
    page = await ana.do(f"{NEW}/credential.replaced", {}, files={"file": ("lost.json", raw)})
    (prepared,) = acts_on(page)
    waiting = await sign(house, "ana", prepared)
    assert (waiting["state"], await house.entries("credential.replaced")) == ("waiting", [])
    (seen,) = acts_on(await beka.read(f"{ACTS_PATH}/{waiting['act']}"))
    assert (await sign(house, "beka", seen))["state"] == "done"
    assert acts_on(await ana.read(f"{NEW}/prepared?kind=credential.replaced")) == []
    refused = await ana.send(f"{NEW}/poll.paused", {"poll": "1", "reason": "x"}, files={"file": ("x", b"x")})
    assert refused.status == 400
