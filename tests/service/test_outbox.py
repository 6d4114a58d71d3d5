"""Mails are kept from the transaction that causes them until they are out: sealed, claimed by one, then forgotten."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from election_service.database import Database
from election_service.outbox import (
    URGENT,
    Claim,
    claim,
    drop,
    drop_stale,
    is_held,
    note_deferred,
    note_refused,
    note_sent,
    queue,
    queue_again,
    release,
)
from election_service.secrets import MasterKey
from tests.service.logs import ELECTION, NOW
from tests.service.mail_office import LINK, MASTER, letter, open_election, put, rows, states


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Database]:
    await open_election(database)
    yield database


async def take(database: Database, now: int = NOW, *, urgent: bool = False, lapses: int = 60) -> Claim | None:
    async with database.transaction() as connection:
        return await claim(connection, MASTER, now=now, lapses=now + lapses, urgent=urgent)


async def took(database: Database, now: int = NOW, *, urgent: bool = False) -> Claim:
    found = await take(database, now, urgent=urgent)
    assert found is not None
    return found


async def test_a_mail_of_one_kind_about_one_thing_is_queued_once(office: Database) -> None:
    assert await put(office, ["1", "1", "2"]) == [True, False, True]
    assert await put(office, ["1"], about="second") == [True]
    assert await put(office, ["1"], kind="call") == [True]


async def test_a_mail_goes_back_with_the_transaction_that_caused_it(office: Database) -> None:
    async def fail() -> None:
        async with office.transaction() as connection:
            names = {"election": ELECTION, "kind": "invite", "recipient": "1", "about": "first"}
            assert await queue(connection, MASTER, os.urandom, **names, mail=letter(), now=NOW)  # type: ignore[arg-type]
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    assert await rows(office) == {}


async def test_a_waiting_mail_is_sealed_and_a_sent_one_empty(office: Database) -> None:
    """A44: whoever has the database alone learns no link; when the mail is out, nobody does."""
    await put(office, ["1"])
    row = (await rows(office))["1"]
    assert LINK.encode() not in row.sealed
    assert b"ballot" not in row.sealed
    claimed = await took(office)
    assert claimed.letter == letter("1")
    assert LINK not in repr(claimed) + repr(claimed.letter)
    async with office.transaction() as connection:
        await note_sent(connection, claimed, NOW + 1)
    row = (await rows(office))["1"]
    assert (row.state, row.sealed, row.reason) == ("sent", None, "")
    assert row.message == claimed.message


async def test_a_claimed_mail_is_nobody_elses_until_the_claim_lapses(office: Database) -> None:
    await put(office, ["1"])
    first = await took(office)
    assert await take(office, NOW + 59) is None
    second = await took(office, NOW + 60)
    assert (second.message, second.letter, second.queued) == (first.message, first.letter, first.queued)
    async with office.transaction() as connection:  # the first comes back late: its refusal no longer counts
        await note_refused(connection, first, "550 no", NOW + 61)
        await note_deferred(connection, first, "450 later", NOW)
    assert (await states(office))["1"] == "waiting"
    assert await take(office, NOW + 62) is None
    async with office.transaction() as connection:  # but that it is out is true whoever says so
        await note_sent(connection, first, NOW + 63)
    assert (await states(office))["1"] == "sent"


async def test_many_claim_at_once_and_each_mail_is_claimed_once(office: Database) -> None:
    students = [str(number) for number in range(40)]
    await put(office, students)

    async def claim_all() -> list[Claim]:
        found = []
        while (item := await take(office)) is not None:
            found.append(item)
        return found

    claimed = [item for some in await asyncio.gather(*(claim_all() for _ in range(5))) for item in some]
    assert sorted(item.letter.to for item in claimed) == sorted(f"s{student}@example.edu" for student in students)


async def test_codes_have_a_lane_of_their_own_and_leave_no_row(office: Database) -> None:
    await put(office, ["1", "2"])
    code = letter("3", template="code", values={"code": "012345", "minutes": 10})
    await put(office, ["3"], kind="code", priority=URGENT, not_after=NOW + 600, mail=code)
    claimed = await took(office, urgent=True)
    assert "012345" in claimed.letter.text
    assert await take(office, urgent=True) is None
    async with office.transaction() as connection:
        await note_sent(connection, claimed, NOW)
    assert set(await rows(office)) == {"1", "2"}


async def test_what_is_too_late_is_not_sent_and_given_up(office: Database) -> None:
    await put(office, ["1"], kind="reminder", not_after=NOW + 100)
    await put(office, ["2"], kind="code", not_after=NOW + 100, priority=URGENT)
    await put(office, ["3"])
    await took(office, NOW + 100)
    assert await take(office, NOW + 100) is None
    assert await take(office, NOW + 100, urgent=True) is None
    async with office.transaction() as connection:
        assert await drop_stale(connection, NOW + 99) == 0
        assert await drop_stale(connection, NOW + 100) == 2
    found = await rows(office)
    assert set(found) == {"1", "3"}
    assert (found["1"].state, found["1"].sealed, found["1"].reason) == ("dropped", None, "too late")


async def test_a_held_mail_waits_for_its_act(office: Database) -> None:
    await put(office, ["1"], kind="reissue", about="new-key", held=True)
    assert await take(office) is None
    async with office.transaction() as connection:
        assert await is_held(connection, ELECTION, "reissue", "1", "new-key")
        assert not await release(connection, ELECTION, "reissue", "1", "another", NOW + 5)
        assert await release(connection, ELECTION, "reissue", "1", "new-key", NOW + 5)
        assert not await release(connection, ELECTION, "reissue", "1", "new-key", NOW + 5)
        assert not await is_held(connection, ELECTION, "reissue", "1", "new-key")
    assert (await took(office, NOW + 5)).queued == NOW + 5


async def test_a_dropped_mail_is_emptied_and_stays_away(office: Database) -> None:
    await put(office, ["1", "2"])
    await put(office, ["1"], about="second", now=NOW + 1)
    async with office.transaction() as connection:
        assert await drop(connection, ELECTION, "invite", "1", keep="second") == 1
        assert await drop(connection, ELECTION, "invite", "1", keep="second") == 0
    assert await states(office) == {"1": "waiting", "2": "waiting"}
    async with office.transaction() as connection:
        assert await drop(connection, ELECTION, "invite", None) == 2
    found = await rows(office)
    assert {row.sealed for row in found.values()} == {None}
    assert await put(office, ["1"]) == [False]


async def test_refused_mails_are_tried_again_by_hand_and_running_ones_left_alone(office: Database) -> None:
    await put(office, ["1", "2", "3", "4"])
    for number, until in (("refused", 0), ("deferred", NOW + 3600), ("running", 0)):
        claimed = await took(office)
        async with office.transaction() as connection:
            if number == "refused":
                await note_refused(connection, claimed, "550 5.1.1 no\r\nsuch\x1b user", NOW)
            elif number == "deferred":
                await note_deferred(connection, claimed, "450 full", until)
    found = sorted((row.state, row.reason) for row in (await rows(office)).values())
    assert found[0] == ("refused", "550 5.1.1 no such<U+001B> user")
    assert [state for state, _ in found] == ["refused", "waiting", "waiting", "waiting"]
    async with office.transaction() as connection:
        assert await queue_again(connection, ELECTION, None, NOW + 1) == 4
        assert await queue_again(connection, ELECTION, "9", NOW + 1) == 0
    due = [await take(office, NOW + 1) for _ in range(4)]
    assert [item is not None for item in due] == [True, True, True, False]  # one is still being sent


async def test_a_mail_that_does_not_open_stops_nobody(office: Database) -> None:
    await put(office, ["1", "2"])
    async with office.transaction() as connection:
        foreign = await claim(connection, MasterKey(bytes(32)), now=NOW, lapses=NOW + 60, urgent=False)
    assert foreign is None
    assert {row.reason for row in (await rows(office)).values()} != {""}
    assert set((await states(office)).values()) == {"refused"}
