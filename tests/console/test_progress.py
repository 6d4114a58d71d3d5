"""While a poll runs: turnout as the public page tells it, mails without who has voted, and nothing of any result."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import insert, update

from election_service import schema_mail
from election_service.console.roles import Role
from election_service.mail_text import make_letter, read_letterhead
from election_service.messages_desk import take_message
from election_service.outbox import queue
from election_service.workers import Workers
from tests.console.desk import Desk
from tests.service.house import ELECTION, House, built
from tests.service.pages_reader import vote_all

BASE: Final = f"/committee/{ELECTION}"


async def mail(house: House, kind: str, number: int, state: str, reason: str = "") -> None:
    """A mail of this kind to a person, in this state."""
    service = house.service
    async with service.database.transaction() as connection:
        head = await read_letterhead(connection, service.config.public_url, ELECTION)
        values = {"contests": ["x"], "closes": "soon"}
        letter = make_letter("reminder", head, to=f"p{number}@example.edu", name="P", language="en", values=values)
        await queue(
            connection,
            service.master,
            service.random,
            election=ELECTION,
            kind=kind,  # type: ignore[arg-type]  # of the tests' own
            recipient=f"p{number}",
            about=f"{kind}-{number}",
            mail=letter,
            now=service.clock(),
        )
        mine = (schema_mail.outbox.c.kind == kind) & (schema_mail.outbox.c.recipient == f"p{number}")
        await connection.execute(update(schema_mail.outbox).where(mine).values(state=state, reason=reason))


async def test_the_committee_sees_what_everybody_sees_of_the_turnout(open_house: House) -> None:
    """Blocks of the house are small: nothing is told of them, however many have voted."""
    chair = await Desk.open(open_house, "chair", Role.CHAIR)
    before = await chair.read(f"{BASE}/progress")
    await vote_all(open_house, 4)
    open_house.clock.now += 600
    after = await chair.read(f"{BASE}/progress")
    assert "fewer than 50 voters" in after.text
    for page in (before, after):
        assert not page.all("rect"), "no bar of any contest"
        assert not re.search(r"\b(at least|of 6|of 3)\b", page.text)
    assert "in 2 hours" in before.text


async def test_of_a_large_block_the_committee_sees_tens(tmp_path: Path, workers: Workers) -> None:
    """A69: sixty may vote for the head, thirty in law; of thirteen ballots ten are told, of law nothing."""
    url = f"sqlite:///{tmp_path / 'election.db'}"
    async with built(url, tmp_path, workers, people=60) as house:
        await house.open()
        await vote_all(house, 13)
        observer = await Desk.open(house, "observer", Role.OBSERVER)
        page = await observer.read(f"{BASE}/progress")
        assert "at least 10 of 60" in page.text
        assert "of 30" not in page.text
        assert not re.search(r"\b13\b(?!:)", page.text)
        answer = await (await observer.get(f"/api/committee/elections/{ELECTION}/progress")).json()
        ballots = {item["contest"]: item["ballots"] for item in answer["polls"][0]["contests"]}
        assert ballots == {"head": 10, "law": None}


async def test_mails_are_counted_but_not_those_that_tell_who_has_voted(open_house: House) -> None:
    await open_house.list_people()
    await mail(open_house, "invite", 1, "sent")
    await mail(open_house, "invite", 2, "refused", "550 no such mailbox")
    for number in range(4):
        await mail(open_house, "issued", number, "refused", "550 p-with-a-token")
        await mail(open_house, "reminder", number, "refused", "550 p-without-a-token")
        await mail(open_house, "code", number, "waiting", "451 p-logging-in")
    chair = await Desk.open(open_house, "chair", Role.CHAIR)
    page = await chair.read(f"{BASE}/progress")
    assert "550 no such mailbox" in page.text
    assert "Person 2" in page.text
    assert "1 mail needs somebody's eye" in page.text
    for hidden in ("p-with-a-token", "p-without-a-token", "p-logging-in", "Person 3"):
        assert hidden not in page.text
    answer = await chair.do(f"{BASE}/progress/links", {"student": "p2"})
    assert "Ballot links that wait to be sent now: 1" in answer.text
    assert "550 no such mailbox" not in answer.text


async def test_an_observer_sees_no_names_and_can_do_nothing(open_house: House) -> None:
    await open_house.list_people()
    await mail(open_house, "invite", 2, "bounced", "550 Person 2 has left")
    async with open_house.service.database.transaction() as connection:
        row = {"election": ELECTION, "student_id": "p3", "requested": 1, "state": "open"}
        await connection.execute(insert(schema_mail.link_requests).values(row))
    await take_message(open_house.service, ELECTION, text="I am Person 4", contact="p4@example.edu", kind="question")
    chair = await Desk.open(open_house, "chair", Role.CHAIR)
    await chair.do(f"{BASE}/progress/incidents", {"text": "Person 5 shouted"})
    observer = await Desk.open(open_house, "observer", Role.OBSERVER)
    for tail in ("/progress", "/results", "/results/1", "/seats", "/log", "/retention"):
        page = await observer.read(BASE + tail)
        assert "Person" not in page.text, tail
        assert "example.edu" not in page.html.replace("observer@example.edu", ""), tail
        assert [form["action"] for form in page.all("form")] == ["/committee/sign-out"], tail
    for tail in ("/messages", "/requests"):
        assert (await observer.get(BASE + tail)).status == 403
    for tail, fields in SENT.items():
        answer = await observer.send(BASE + tail, fields)
        assert answer.status == 403, tail


SENT: Final = {
    "/progress/reminders": {"poll": "1"},
    "/progress/links": {"all": "1"},
    "/progress/incidents": {"text": "x"},
    "/progress/incidents/1/close": {},
    "/messages/close": {"number": "AAAAA-AAAAA"},
    "/requests/refuse": {"student": "p3"},
    "/retention": {"days": "40", "revision": "0"},
    "/seats/next-poll": {"poll": "2"},
}


@pytest.mark.parametrize("tail", sorted(SENT))
async def test_forms_of_another_session_another_site_or_with_other_fields_do_nothing(
    open_sqlite_house: House, tail: str
) -> None:
    """A80, A90."""
    chair = await Desk.open(open_sqlite_house, "chair", Role.CHAIR)
    assert (await chair.send(BASE + tail, SENT[tail], csrf="0" * 64)).status in (400, 403, 409)
    other = {"Sec-Fetch-Site": "cross-site"}
    assert (await chair.send(BASE + tail, SENT[tail], headers=other)).status == 400
    assert (await chair.send(BASE + tail, {**SENT[tail], "admin": "1"})).status == 400
    nobody = Desk(open_sqlite_house)
    assert (await nobody.send(BASE + tail, SENT[tail])).status == 401
    stranger = await Desk.open(open_sqlite_house, "stranger")
    assert (await stranger.send(BASE + tail, SENT[tail])).status == 404


async def test_reminders_go_out_and_their_number_is_told_to_nobody(open_house: House) -> None:
    await open_house.list_people()
    await vote_all(open_house, 2)
    chair = await Desk.open(open_house, "chair", Role.CHAIR)
    page = await chair.do(f"{BASE}/progress/reminders", {"poll": "1"})
    assert "is reminded, once a day at most" in page.text
    letters = await open_house.letters("reminder")
    assert len(letters) == 4  # two of six have all their ballots
    again = await chair.do(f"{BASE}/progress/reminders", {"poll": "1"})
    assert again.text.split("Progress")[-1] == page.text.split("Progress")[-1]
    assert await open_house.letters("reminder") == letters
    await open_house.close_early()
    closed = await chair.do(f"{BASE}/progress/reminders", {"poll": "1"})
    assert "nobody is to be reminded" in closed.text


async def test_incidents_are_written_down_closed_and_never_run(open_house: House) -> None:
    chair = await Desk.open(open_house, "chair", Role.CHAIR)
    member = await Desk.open(open_house, "member", Role.MEMBER)
    payload = "<script>alert(1)</script>\n{{ 7*7 }} ' OR 1=1 --"
    page = await chair.do(f"{BASE}/progress/incidents", {"text": payload})
    assert "Incident 1 is written down" in page.text
    assert "<script>alert(1)</script> {{ 7*7 }} ' OR 1=1 --" in page.text
    assert not page.all("script")
    answer = await chair.send(f"{BASE}/progress/incidents", {"text": "evil \u202e txt"})
    assert answer.status == 400
    assert "evil" in await answer.text(), "what was typed is shown again"
    assert (await chair.send(f"{BASE}/progress/incidents", {"text": " \n "})).status == 400
    closed = await member.do(f"{BASE}/progress/incidents/1/close", {})
    assert "Incident 1 is closed" in closed.text
    assert "It was closed before" in (await chair.do(f"{BASE}/progress/incidents/1/close", {})).text
    assert (await chair.send(f"{BASE}/progress/incidents/2/close", {})).status == 404


async def test_messages_and_requests_are_read_and_settled_once(open_house: House) -> None:
    await open_house.list_people()
    number = await take_message(
        open_house.service, ELECTION, text="Where is my <b>link</b>?", contact="p4@example.edu", kind="question"
    )
    async with open_house.service.database.transaction() as connection:
        row = {"election": ELECTION, "student_id": "p3", "requested": open_house.clock.now, "state": "open"}
        await connection.execute(insert(schema_mail.link_requests).values(row))
    chair = await Desk.open(open_house, "chair", Role.CHAIR)
    page = await chair.read(f"{BASE}/messages")
    assert "Where is my <b>link</b>?" in page.text
    assert "mailto:p4@example.edu" in page.attributes("href")
    page = await chair.do(f"{BASE}/messages/close", {"number": number})
    assert "Nothing waits" in page.text
    page = await chair.do(f"{BASE}/messages/close", {"number": number})
    assert "somebody was faster" in page.text
    assert "Where is my" in (await chair.read(f"{BASE}/messages?all=1")).text
    page = await chair.read(f"{BASE}/requests")
    assert "Person 3" in page.text
    assert any(f"{BASE}/acts/new/credential.replaced?student=p3" in link for link in page.attributes("href"))
    page = await chair.do(f"{BASE}/requests/refuse", {"student": "p3"})
    assert "settled without a new link" in page.text
    assert "Person 3" not in page.text
    assert "somebody was faster" in (await chair.do(f"{BASE}/requests/refuse", {"student": "p3"})).text
