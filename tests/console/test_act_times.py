"""Times in acts: everybody's pages show them, so no act holds one that a zone's calendar has no day for."""

from __future__ import annotations

import os

import msgspec
import pytest

from election_service.acts import propose
from election_service.console.roles import Role
from election_service.errors import ActRefusedError
from keys.canonical import b64
from tests.console.act_cases import OPEN, decision
from tests.console.desk import Desk
from tests.console.test_acts import proposal
from tests.service.house import ELECTION, House, code_of


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
async def test_no_act_holds_a_time_that_no_clock_shows(open_sqlite_house: House, time: str) -> None:
    """The pages of everybody show it, in the election's zone."""
    house = open_sqlite_house
    _, extension = await OPEN["extend the poll"](house)
    petition = decision("petition", seat="p", ground="nomination", electorate="law", until=time)
    for kind, fields in (("poll.extended", {**extension, "closes": time}), petition):
        data = {**fields, "act": b64(os.urandom(16))}
        answer = await house.post("/acts", proposal(house, "ana", kind, data))
        assert (answer.status, await code_of(answer)) == (409, "act-refused")
        assert "expected a time from 1970 to 9998" in (await answer.json())["detail"]
    data = {**extension, "act": b64(os.urandom(16))}
    late = msgspec.structs.replace(proposal(house, "ana", "poll.extended", data), not_before=time)
    with pytest.raises(ActRefusedError, match="expected a time from 1970"):
        await propose(house.service, ELECTION, late)
    desk = await Desk.open(house, "ana", Role.CHAIR)
    await desk.read(f"/committee/{ELECTION}/acts/new/poll.extended?poll=1&closes={time}")
    fields = {"poll": "1", "closes": time, "reason": "x"}
    answer = await desk.send(f"/committee/{ELECTION}/acts/new/poll.extended", fields)
    assert answer.status in (200, 409)
    assert "would be refused" in (text := await answer.text()) or "cannot be proposed now" in text
