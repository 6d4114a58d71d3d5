"""The people of an election: whoever invites, gives and takes roles, resets and locks; and what protects the others."""

from __future__ import annotations

import asyncio
import re

import pytest

from election_service.console.accounts import give_role
from election_service.console.people import people_and_revision
from election_service.console.roles import SERVICE, Capability, Identity, Role, require
from election_service.errors import NotPermittedError, UnknownElectionError
from tests.attacks.payloads import INJECTIONS, MARKUP
from tests.console.desk import Desk
from tests.console.newcomer import Newcomer
from tests.service.house import ELECTION, House
from tests.service.pages_reader import assert_inert

PEOPLE = f"/committee/{ELECTION}/people"
EVIL = "evil.example"


async def revision_of(house: House) -> str:
    return str((await people_and_revision(house.service, ELECTION))[1])


async def invite(desk: Desk, name: str, role: Role, email: str | None = None) -> str:
    """Invite by the page; returns the link that is shown."""
    fields = {"name": name, "email": email or f"{name.lower()}@example.edu", "role": str(role)}
    page = await desk.do(PEOPLE, {**fields, "revision": await revision_of(desk.house)})
    found = re.search(r"\S+/committee/welcome#[A-Za-z0-9_-]{43}", page.text)
    return found[0] if found else ""


async def roles_of(house: House) -> dict[str, list[str]]:
    return {person.name: person.roles for person in (await people_and_revision(house.service, ELECTION))[0]}


async def test_a_chair_invites_and_the_link_is_shown_once(open_house: House) -> None:
    chair = await Desk.open(open_house, "ana", Role.CHAIR)
    link = await invite(chair, "Beka", Role.MEMBER)
    assert link.startswith(open_house.service.config.public_url + "/committee/welcome#")
    assert "welcome#" not in (await chair.read(PEOPLE)).text
    beka = Newcomer(open_house, email="beka@example.edu", token=link.rpartition("#")[2])
    await beka.enrol()
    assert PEOPLE.removesuffix("/people") in (await beka.read("/committee")).attributes("href")
    assert await roles_of(open_house) == {"Ana": ["chair"], "Beka": ["member"]}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CHAIR])
async def test_a100_only_a_chair_changes_who_may_do_what(open_sqlite_house: House, role: Role) -> None:
    house = open_sqlite_house
    chair = await Desk.open(house, "ana", Role.CHAIR)
    other = await Desk.open(house, "beka", role)
    before = await roles_of(house)
    forms = {
        PEOPLE: {"name": "Eve", "email": "eve@example.edu", "role": "chair"},
        f"{PEOPLE}/role": {"account": other.account, "role": "chair"},
        f"{PEOPLE}/role/remove": {"account": chair.account, "role": "chair"},
        f"{PEOPLE}/again": {"account": chair.account},
        f"{PEOPLE}/lock": {"account": chair.account},
    }
    for path, fields in forms.items():
        answer = await other.send(path, {**fields, "revision": await revision_of(house)})
        assert answer.status == 403, path
    assert await roles_of(house) == before
    assert (await chair.get("/committee")).status == 200
    page = await other.read(PEOPLE)
    assert not [form for form in page.all("form") if form.get("action", "").startswith(PEOPLE)]


async def test_an_election_keeps_a_chair_who_can_sign_in(open_house: House) -> None:
    house = open_house
    chair = await Desk.open(house, "ana", Role.CHAIR)
    await invite(chair, "Beka", Role.CHAIR)  # has not come yet
    fields = {"account": chair.account, "role": "chair", "revision": await revision_of(house)}
    answer = await chair.send(f"{PEOPLE}/role/remove", fields)
    assert answer.status == 409
    assert "an election needs a chair" in await answer.text()
    assert (await roles_of(house))["Ana"] == ["chair"]


async def test_of_two_chairs_who_remove_each_other_at_once_one_stays(open_house: House) -> None:
    house = open_house
    ana, beka = await Desk.open(house, "ana", Role.CHAIR), await Desk.open(house, "beka", Role.CHAIR)
    revision = await revision_of(house)
    answers = await asyncio.gather(
        *(
            one.send(f"{PEOPLE}/role/remove", {"account": other.account, "role": "chair", "revision": revision})
            for one, other in [(ana, beka), (beka, ana)] * 10
        )
    )
    assert [answer.status for answer in answers].count(303) == 1
    assert list((await roles_of(house)).values()) == [["chair"]]


async def test_twenty_invitations_from_one_page_make_one(open_house: House) -> None:
    """Double clicks and stale pages: nothing happens twice."""
    chair = await Desk.open(open_house, "ana", Role.CHAIR)
    fields = {"name": "Beka", "email": "beka@example.edu", "role": "member", "revision": await revision_of(open_house)}
    answers = await asyncio.gather(*(chair.send(PEOPLE, fields) for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [303, *[412] * 19]


async def test_a_stale_page_says_so_and_keeps_what_was_typed(open_sqlite_house: House) -> None:
    chair = await Desk.open(open_sqlite_house, "ana", Role.CHAIR)
    stale = await revision_of(open_sqlite_house)
    await invite(chair, "Beka", Role.MEMBER)
    fields = {"name": "Gio", "email": "gio@example.edu", "role": "observer", "revision": stale}
    answer = await chair.send(PEOPLE, fields)
    text = await answer.text()
    assert answer.status == 412
    assert "Somebody changed this meanwhile" in text
    assert 'value="gio@example.edu"' in text
    assert (await chair.send(PEOPLE, {key: value for key, value in fields.items() if key != "revision"})).status == 428


async def test_whoever_never_came_is_forgotten_with_the_last_role(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    chair = await Desk.open(house, "ana", Role.CHAIR)
    link = await invite(chair, "Beka", Role.MEMBER)
    account = next(
        person.account for person in (await people_and_revision(house.service, ELECTION))[0] if person.name == "Beka"
    )
    await chair.do(
        f"{PEOPLE}/role/remove", {"account": account, "role": "member", "revision": await revision_of(house)}
    )
    beka = Newcomer(house, token=link.rpartition("#")[2])
    assert (await beka.redeem()).status == 410
    assert "beka@example.edu" not in (await chair.read(PEOPLE)).text


async def test_who_is_locked_is_out_at_once_and_comes_back_by_a_new_invitation(open_house: House) -> None:
    house = open_house
    chair = await Desk.open(house, "ana", Role.CHAIR)
    beka = await (await Newcomer.invited(house, "beka", Role.MEMBER)).enrol()
    await chair.do(f"{PEOPLE}/lock", {"account": beka.account, "revision": await revision_of(house)})
    assert (await beka.get("/committee")).status == 303
    beka.cookie = ""
    assert (await beka.give_password()).status == 401
    page = await chair.do(f"{PEOPLE}/again", {"account": beka.account, "revision": await revision_of(house)})
    found = re.search(r"welcome#([A-Za-z0-9_-]{43})", page.text)
    assert found is not None
    beka.token = found[1]
    await beka.enrol()
    await beka.sign_in()


async def test_a_chair_cannot_take_over_an_account_that_matters_elsewhere(open_sqlite_house: House) -> None:
    """Whoever leads one election would otherwise get into every other one by inviting its people and resetting them."""
    house = open_sqlite_house
    eve = await Desk.open(house, "eve", Role.CHAIR)
    beka = await Desk.open(house, "beka", Role.CHAIR, election="another-2026")
    assert await invite(eve, "Beka", Role.OBSERVER) == "", "Beka can sign in already: no link is shown"
    operator = await Desk.open(house, "op", Role.CHAIR, election=SERVICE)
    assert await invite(eve, "Op", Role.OBSERVER) == ""
    for account in (beka.account, operator.account, eve.account):
        for way in ("again", "lock"):
            answer = await eve.send(f"{PEOPLE}/{way}", {"account": account, "revision": await revision_of(house)})
            assert answer.status == 403, way
    assert (await beka.get("/committee/account")).status == 200


async def test_an_account_that_others_opened_is_named_as_such(open_sqlite_house: House) -> None:
    """Nothing proves an address: whoever invited it first may have kept the link, and would be let in by a name."""
    house = open_sqlite_house
    await Desk.open(house, "beka", Role.OBSERVER, election="another-2026")
    chair = await Desk.open(house, "ana", Role.CHAIR)
    fields = {"name": "Beka", "email": "beka@example.edu", "role": "registrar"}
    page = await chair.do(PEOPLE, {**fields, "revision": await revision_of(house)})
    assert "Ask in person whether it is theirs" in page.text
    await Desk.open(house, "gio", Role.OBSERVER)
    own = {"name": "Gio", "email": "gio@example.edu", "role": "member"}
    page = await chair.do(PEOPLE, {**own, "revision": await revision_of(house)})
    assert "Ask in person" not in page.text
    assert "can sign in already" in page.text


async def test_a_chair_gets_no_link_for_somebody_whom_others_have_invited(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    beka = await Newcomer.invited(house, "beka", Role.MEMBER)
    async with house.service.database.transaction() as connection:
        await give_role(connection, "another-2026", beka.account, Role.CHAIR)
    eve = await Desk.open(house, "eve", Role.CHAIR)
    fields = {"name": "Beka", "email": "beka@example.edu", "role": "member", "revision": await revision_of(house)}
    answer = await eve.send(PEOPLE, fields)
    assert answer.status == 409
    assert (await beka.redeem()).status == 303, "the invitation of the others is good as it was"


async def test_a_stranger_s_account_cannot_be_touched_by_its_id(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    chair = await Desk.open(house, "ana", Role.CHAIR)
    stranger = await Desk.open(house, "eve", Role.CHAIR, election="another-2026")
    for path in ("again", "lock", "role", "role/remove"):
        fields = {"account": stranger.account, "revision": await revision_of(house)}
        answer = await chair.send(f"{PEOPLE}/{path}", fields | ({"role": "chair"} if "role" in path else {}))
        assert answer.status == 404, path


async def test_an_observer_has_no_page_with_names_of_voters(open_sqlite_house: House) -> None:
    observer = await Desk.open(open_sqlite_house, "gio", Role.OBSERVER)
    page = await observer.read(PEOPLE)
    assert f"/committee/{ELECTION}/roll" not in page.attributes("href")
    assert (await observer.get(f"/committee/{ELECTION}/roll")).status in (403, 404)


# ---- A81, A85, A89: what people are called ---------------------------------------------------------------------------


async def test_a81_names_are_shown_and_never_act(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    chair = await Desk.open(house, "ana", Role.CHAIR)
    shown = 0
    for number, payload in enumerate(MARKUP[::8]):
        fields = {"name": payload, "email": f"x{number}@example.edu", "role": "observer"}
        answer = await chair.send(PEOPLE, {**fields, "revision": await revision_of(house)})
        assert answer.status in (303, 400)
        shown += answer.status == 303
    page = await chair.read(PEOPLE)
    assert_inert(page)
    assert shown > 5


async def test_a85_what_would_break_a_header_or_an_address_is_refused(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    chair = await Desk.open(house, "ana", Role.CHAIR)
    revision = await revision_of(house)
    addresses = [payload for payload in INJECTIONS if "\n" in payload or "\r" in payload]
    for text in (
        *addresses,
        "a@b\r\nBcc: c@d.edu",
        "a@example.edu,b@example.edu",
        "a b@example.edu",
        "<a@example.edu>",
    ):
        answer = await chair.send(PEOPLE, {"name": "X", "email": text, "role": "member", "revision": revision})
        assert answer.status == 400, text
    for name in ("Ana\r\nBcc: x", "Ana\0", "\u202eanA", "", "x" * 101):
        answer = await chair.send(PEOPLE, {"name": name, "email": "x@y.edu", "role": "member", "revision": revision})
        assert answer.status == 400, name
    assert await roles_of(house) == {"Ana": ["chair"]}


@pytest.mark.parametrize(
    "headers",
    [{"Host": EVIL}, {"X-Forwarded-Host": EVIL, "Forwarded": f"host={EVIL}"}, {"Referer": f"https://{EVIL}/"}],
)
async def test_a85_the_link_is_of_the_configuration_whatever_the_request_says(
    open_sqlite_house: House, headers: dict[str, str]
) -> None:
    house = open_sqlite_house
    chair = await Desk.open(house, "ana", Role.CHAIR)
    fields = {"name": "Beka", "email": "beka@example.edu", "role": "member", "revision": await revision_of(house)}
    answer = await chair.send(PEOPLE, fields, headers=headers)
    assert answer.headers["Location"] == PEOPLE
    text = await (await chair.get(PEOPLE, headers)).text()
    assert EVIL not in text
    assert f"{house.service.config.public_url}/committee/welcome#" in text


# ---- the table of capabilities ---------------------------------------------------------------------------------------


def test_roles_of_one_election_are_worth_nothing_in_another() -> None:
    ana = Identity("a-1", "Ana", "ana@example.edu", "en", {"one": frozenset(Role)})
    require(ana, "one", Capability.INVITE)
    with pytest.raises(UnknownElectionError, match="none here is called 'two'"):
        require(ana, "two", Capability.SEE)
    with pytest.raises(NotPermittedError, match="create"):
        require(ana, SERVICE, Capability.CREATE)


def test_scopes_take_away_and_never_add() -> None:
    roles = {"one": frozenset({Role.OBSERVER})}
    token = Identity("a-1", "Ana", "", "en", roles, "token", frozenset({Capability.SEE, Capability.INVITE}))
    assert token.capabilities("one") == {Capability.SEE}


def test_an_observer_only_sees() -> None:
    observer = Identity("a-1", "Ana", "", "en", {"one": frozenset({Role.OBSERVER})})
    assert observer.capabilities("one") == {Capability.SEE, Capability.TOKENS}
