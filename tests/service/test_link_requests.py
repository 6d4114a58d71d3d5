"""Asking for the link again: the answer and its time say nothing, and the roll's mailbox alone gets a mail (A84)."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from election_service import link_requests, schema, schema_mail
from election_service.api_types import ElectionTexts
from election_service.errors import BusyError, UnknownElectionError
from election_service.link_requests import (
    MOST_OF_ONE,
    MOST_WAITING,
    PAUSE,
    as_on_the_roll,
    ask_link_again,
    list_requests,
    refuse_request,
)
from election_service.mail_text import read_letterhead
from election_service.outbox import Letter, queue
from election_service.presentation import Presentation, store_presentation
from election_service.voter_mail import read_students
from election_service.workers import Workers
from keys.errors import FormatError
from tests.service.even_times import assert_alike
from tests.service.house import ELECTION, House, built

COMMITTEE = "committee@example.edu"


@pytest.fixture
async def listed_house(database_url: str, tmp_path: Path, workers: Workers) -> AsyncIterator[House]:
    """Everybody is on the roll; nothing else has happened."""
    async with built(database_url, tmp_path, workers, people=4, mail_port=1025) as house:
        await house.list_people()
        shown = Presentation(texts={"en": ElectionTexts(title="Spring", intro="")}, contact=COMMITTEE, zone="UTC")
        async with house.service.database.transaction() as connection:
            await store_presentation(connection, ELECTION, shown)
        yield house


async def ask(house: House, address: str) -> None:
    """Ask, and wait until the work is done."""
    await ask_link_again(house.service, ELECTION, address)
    await house.service.link_desk.close()


async def requests(house: House, *, settled: bool = False) -> list[tuple[str, str]]:
    async with house.service.database.snapshot() as connection:
        return [(item.student_id, item.state) for item in await list_requests(connection, ELECTION, settled=settled)]


async def count(house: House, table: Any) -> int:
    async with house.service.database.snapshot() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def invite(house: House, student: str, state: str) -> None:
    """An invitation that is so far."""
    async with house.service.database.transaction() as connection:
        voter = (await read_students(connection, ELECTION, [student]))[student]
        head = await read_letterhead(connection, "http://localhost:8080", ELECTION)
        letter = voter.letter(head, "invite", {"link": "http://localhost:8080/vote/x#seed"})
        place: dict[str, Any] = {"election": ELECTION, "kind": "invite", "recipient": student, "about": "first"}
        await queue(connection, house.service.master, house.service.random, **place, mail=letter, now=house.clock.now)
        values: dict[str, Any] = {"state": state, "reason": "550 no such user", "not_before": house.clock.now + 9999}
        if state in {"sent", "bounced"}:
            values["sealed"] = None
        await connection.execute(update(schema_mail.outbox).values(values))


async def invitation(house: House) -> tuple[str, int]:
    table = schema_mail.outbox
    async with house.service.database.snapshot() as connection:
        query = select(table.c.state, table.c.not_before).where(table.c.kind == "invite")
        row = (await connection.execute(query)).one()
    return row.state, row.not_before


async def to_committee(house: House) -> list[Letter]:
    return [letter for recipient, letter in await house.letters("message") if not recipient]


@pytest.mark.parametrize("state", ["waiting", "refused"])
async def test_an_invitation_that_is_not_out_is_queued_again(listed_house: House, state: str) -> None:
    house = listed_house
    await invite(house, "p1", state)
    await ask(house, "p1@example.edu")
    assert await invitation(house) == ("waiting", house.clock.now)
    assert await requests(house) == []
    assert await requests(house, settled=True) == [("p1", "done")]
    assert await to_committee(house) == []


@pytest.mark.parametrize("state", ["sent", "bounced", "dropped"])
async def test_what_is_out_cannot_be_sent_again_so_the_committee_is_asked(listed_house: House, state: str) -> None:
    house = listed_house
    await invite(house, "p1", state)
    await ask(house, "p1@example.edu")
    assert (await invitation(house))[0] == state
    assert await requests(house) == [("p1", "open")]
    [letter] = await to_committee(house)
    assert letter.to == COMMITTEE
    assert "p1" in letter.text
    assert "Person 1" in letter.text


async def test_asking_often_is_asking_once_an_hour(listed_house: House) -> None:
    house = listed_house
    for _ in range(3):
        await ask(house, "p1@example.edu")
    assert len(await to_committee(house)) == 1
    house.clock.now += PAUSE - 1
    await ask(house, "p1@example.edu")
    assert len(await to_committee(house)) == 1
    house.clock.now += 1
    await ask(house, "p1@example.edu")
    assert len(await to_committee(house)) == 2
    assert await requests(house) == [("p1", "open")]


async def test_a98_a_clock_that_went_back_keeps_nobody_waiting_for_a_day(listed_house: House) -> None:
    house = listed_house
    await ask(house, "p1@example.edu")
    house.clock.now -= 86_400
    await ask(house, "p1@example.edu")
    assert len(await to_committee(house)) == 2


async def test_many_at_once_are_one(listed_house: House) -> None:
    house = listed_house
    await asyncio.gather(*(ask_link_again(house.service, ELECTION, "p1@example.edu") for _ in range(50)))
    await house.service.link_desk.close()
    assert len(await to_committee(house)) == 1


async def test_an_address_that_is_not_on_the_roll_leaves_no_trace(listed_house: House) -> None:
    house = listed_house
    for address in ("stranger@example.edu", "", "p1", "p1@example.edu, p2@example.edu", "p%@example.edu", "'--"):
        await ask(house, address)
    async with house.service.database.transaction() as connection:
        await connection.execute(
            update(schema.voters).where(schema.voters.c.student_id == "p2").values(credential=None)
        )
    await ask(house, "p2@example.edu")  # on the roll, without a vote
    assert await count(house, schema_mail.outbox) == await count(house, schema_mail.link_requests) == 0


@pytest.mark.parametrize("address", ["P1@Example.EDU", "  p1@example.edu\n", "p1@EXAMPLE.edu"])
async def test_case_and_spaces_do_not_matter(listed_house: House, address: str) -> None:
    await ask(listed_house, address)
    assert await requests(listed_house) == [("p1", "open")]


@pytest.mark.parametrize(
    "address",
    [
        "p1@example.edu\u0307",
        "p1@\u212axample.edu",
        "\u0131@example.edu",
        "\u0130@example.edu",
        "\uff50\uff11@example.edu",
    ],
)
def test_no_address_of_another_script_becomes_one_of_the_roll(address: str) -> None:
    """The Azerbaijani i without and with its dot, the Kelvin sign, full-width letters: nothing is folded."""
    assert as_on_the_roll(address) == ""


async def test_without_a_mail_address_of_the_committee_the_request_is_listed_alone(listed_house: House) -> None:
    house = listed_house
    shown = Presentation(
        texts={"en": ElectionTexts(title="Spring", intro="")}, contact="https://example.edu/help", zone="UTC"
    )
    async with house.service.database.transaction() as connection:
        await store_presentation(connection, ELECTION, shown)
    await ask(house, "p1@example.edu")
    assert await requests(house) == [("p1", "open")]
    assert await to_committee(house) == []


async def test_a_request_is_refused_once(listed_house: House) -> None:
    house = listed_house
    await ask(house, "p1@example.edu")
    for expected in (True, False):
        async with house.service.database.transaction() as connection:
            assert await refuse_request(connection, ELECTION, "p1") is expected
    assert await requests(house) == []
    assert await requests(house, settled=True) == [("p1", "refused")]


async def test_too_much_at_once_is_refused_whoever_asks(listed_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    service, most = listed_house.service, 50
    monkeypatch.setattr(link_requests, "MOST_WAITING", most)
    with pytest.raises(UnknownElectionError):
        await ask_link_again(service, "other", "p1@example.edu")
    with pytest.raises(FormatError, match="at most 254"):
        await ask_link_again(service, ELECTION, "x" * 255)
    for number in range(most):
        await ask_link_again(service, ELECTION, f"x{number}@example.edu")
    for address in ("p1@example.edu", "stranger@example.edu", "x1@example.edu", "no address"):
        with pytest.raises(BusyError, match="ask again in a minute"):
            await ask_link_again(service, ELECTION, address)
    await service.link_desk.close()
    await ask(listed_house, "p1@example.edu")
    assert await requests(listed_house) == [("p1", "open")]


async def test_a84_few_requests_do_not_shut_the_desk_for_others(
    listed_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is no address waits for nothing, the same address waits once, and the wait is no queue of waits."""
    looked: list[str] = []
    work = asyncio.Event()

    async def noted(service: Any, election: str, address: str) -> None:
        looked.append(address)
        if address == "p1@example.edu":
            work.set()

    monkeypatch.setattr(link_requests, "_look_up", noted)
    monkeypatch.setattr(link_requests, "AFTER", 0.2)
    service = listed_house.service
    for number in range(3 * MOST_WAITING):
        await ask_link_again(service, ELECTION, f"junk {number}")
        await ask_link_again(service, ELECTION, "stranger@example.edu")
    for number in range(300):
        await ask_link_again(service, ELECTION, f"stranger{number}@example.edu")
    await ask_link_again(service, ELECTION, "p1@example.edu")
    await asyncio.wait_for(work.wait(), 10)  # not 300 times 0.2 seconds
    assert len(looked) == len(set(looked)) == 302


async def test_a84_one_public_address_shuts_the_desk_for_itself_only(listed_house: House) -> None:
    service = listed_house.service
    for number in range(MOST_OF_ONE):
        await ask_link_again(service, ELECTION, f"x{number}@example.edu", asked_from="8.8.8.8")
    for address in ("p1@example.edu", "stranger@example.edu"):
        with pytest.raises(BusyError, match="ask again in a minute"):
            await ask_link_again(service, ELECTION, address, asked_from="::ffff:8.8.8.8")
    for asked_from in ("9.9.9.9", "127.0.0.1", None):
        await ask_link_again(service, ELECTION, "p1@example.edu", asked_from=asked_from)
    await service.link_desk.close()
    await ask_link_again(service, ELECTION, "p2@example.edu", asked_from="8.8.8.8")
    await service.link_desk.close()
    assert await requests(listed_house) == [("p1", "open"), ("p2", "open")]


async def test_a84_the_answer_comes_before_anything_is_looked_up(
    listed_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither of them has been read when it is given, so it cannot depend on the address; its time neither."""
    house = listed_house
    looked: list[str] = []
    look_up = link_requests._look_up

    async def noted(service: Any, election: str, address: str) -> None:
        looked.append(address)
        await look_up(service, election, address)

    monkeypatch.setattr(link_requests, "_look_up", noted)
    seconds: dict[str, list[float]] = {"p1@example.edu": [], "stranger@example.edu": []}
    for _ in range(40):
        for address, measured in seconds.items():
            begun = time.perf_counter()
            await ask_link_again(house.service, ELECTION, address)
            measured.append(time.perf_counter() - begun)
            assert looked == []
            await house.service.link_desk.close()
            assert looked.pop() == address
            async with house.service.database.transaction() as connection:
                await connection.execute(delete(schema_mail.link_requests))
    assert_alike(*seconds.values())


async def test_a84_the_page_answers_alike_and_as_fast_for_every_address(listed_house: House) -> None:
    """Over HTTP: same status, same bytes, medians within five milliseconds; the work comes later, and once."""
    house = listed_house
    assert house.http is not None
    bodies, seconds = set(), dict[str, list[float]]()
    for number in range(40):
        for address in ("p1@example.edu", f"p{number % 10}@example.com"):
            begun = time.perf_counter()
            answer = await house.http.post(f"/elections/{ELECTION}/link", data={"address": address})
            seconds.setdefault(address[-3:], []).append(time.perf_counter() - begun)
            bodies.add((answer.status, (await answer.read())))
    assert len(bodies) == 1
    assert_alike(*seconds.values())
    await house.service.link_desk.close()
    assert await requests(house) == [("p1", "open")]
    assert len(await to_committee(house)) == 1


async def test_the_work_is_done_without_being_waited_for(listed_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_requests, "AFTER", 0.01)
    await ask_link_again(listed_house.service, ELECTION, "p1@example.edu")
    for _ in range(200):
        await asyncio.sleep(0.05)
        if await requests(listed_house):
            break
    assert await requests(listed_house) == [("p1", "open")]
