"""Acts in the four languages, and who did what among the events."""

from __future__ import annotations

import pytest

from election_service.acts import list_acts
from election_service.console.events import read_events
from election_service.console.roles import Role
from election_service.languages import LANGUAGES
from tests.console.desk import Desk
from tests.console.signatures import can_sign, give_key
from tests.console.test_act_pages import ACTS_PATH, NEW, committee
from tests.service.house import ELECTION, House


@pytest.mark.parametrize("language", LANGUAGES)
async def test_acts_are_told_in_every_language(open_sqlite_house: House, language: str) -> None:
    """Everything that was done to open the poll, forms, and an act that waits: no page breaks on its words."""
    house = open_sqlite_house
    ana, _ = await committee(house)
    waiting = await house.decide("booth", {"bundle": "0" * 64}, by=("beka",))
    acts = (await list_acts(house.service, ELECTION)).acts
    assert {"constitution", "trustee.opened", "electorate", "poll.opened"} <= {act.kind for act in acts}
    paths = [ACTS_PATH, f"{ACTS_PATH}/waiting", f"{NEW}/prepared", f"{NEW}/decision", f"{NEW}/members"]
    paths += [f"{ACTS_PATH}/{act.act}" for act in acts]
    for path in paths:
        page = await ana.read(f"{path}?lang={language}")
        assert page.all("html")[0]["lang"] == language
    assert can_sign(await ana.read(f"{ACTS_PATH}/{waiting.act}?lang={language}"))


async def test_who_proposed_and_who_approved_is_among_the_events(open_house: House) -> None:
    """Members by their accounts; who has none, by the id in the log alone. Neither texts nor signatures."""
    house = open_house
    ana = await Desk.open(house, "ana", Role.CHAIR)
    await give_key(ana, "ana")
    act = await house.change_poll("poll.paused")
    async with house.service.database.snapshot() as connection:
        events = [item for item in await read_events(connection, ELECTION) if act.act in item.subject][::-1]
    assert [(item.what, item.account) for item in events] == [
        ("act-proposed", ana.account),
        ("act-approved", ""),
        ("act-done", ""),
    ]
    assert [item.subject for item in events] == [f"poll.paused {act.act} {name}" for name in ("ana", "beka", "beka")]
