"""The outbox empties itself into a real SMTP server, whatever that server's mood is."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from election_service.database import Database
from election_service.mail_server import MailError, MailServer, make_message
from election_service.mailer import Mailer, Pace
from election_service.outbox import URGENT
from tests.service.logs import ELECTION, NOW
from tests.service.mail_office import LINK, MASTER, letter, open_election, put, rows, states
from tests.service.mail_sink import SENDER, Sink, free_port, parts, running

SWIFT = Pace(patience=10.0, lease=11, first=0.05, most=0.5, server_most=0.3, urgent_most=0.3, idle=0.02)
STUDENTS = [str(number) for number in range(12)]


_BEGUN = time.monotonic()


def clock() -> int:
    """It begins at NOW and runs as clocks do."""
    return NOW + int(time.monotonic() - _BEGUN)


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Database]:
    await open_election(database)
    yield database


@pytest.fixture
def sink() -> Iterator[tuple[Sink, MailServer]]:
    taker = Sink()
    with running(taker) as server:
        yield taker, server


def mailer(database: Database, server: MailServer, pace: Pace = SWIFT) -> Mailer:
    return Mailer(database, MASTER, server, clock, pace)


async def test_every_mail_goes_out_once_over_one_connection(office: Database, sink: tuple[Sink, MailServer]) -> None:
    taker, server = sink
    await put(office, STUDENTS)
    await mailer(office, server).send_due()
    assert sorted(taker.recipients) == sorted(f"s{student}@example.edu" for student in STUDENTS)
    assert set((await states(office)).values()) == {"sent"}
    assert taker.connections == 1
    found = await rows(office)
    for mail, to in zip(taker.mails, taker.recipients, strict=True):
        row = found[to[1:].partition("@")[0]]
        assert mail["Message-ID"] == f"<{row.message}@example.edu>"
        assert row.sealed is None
    await mailer(office, server).send_due()
    assert len(taker.mails) == len(STUDENTS)


async def test_headers_say_what_it_is_and_whom_to_answer(office: Database, sink: tuple[Sink, MailServer]) -> None:
    taker, server = sink
    await put(office, ["1"])
    await mailer(office, replace(server, name="Student elections", bounces="bounce@example.edu")).send_due()
    mail = taker.mails[0]
    assert str(mail["From"]) == f"Student elections <{SENDER}>"
    assert mail["To"].addresses[0].addr_spec == "s1@example.edu"
    assert str(mail["Reply-To"]) == "committee@example.edu"
    assert mail["List-Id"] == f"<{ELECTION}.example.edu>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime.timestamp() == NOW
    assert mail["Content-Language"] == "en"
    text, html = parts(mail)
    assert LINK in text.splitlines()
    assert f'href="{LINK}"' in html
    for tracker in ("<img", "<table", "http://", "url(", "@import", " style=", "<script", "@font-face"):
        assert tracker not in html


async def test_a_moody_server_gets_everything_in_the_end(office: Database, sink: tuple[Sink, MailServer]) -> None:
    """4xx, connections lost before and after the mail was kept: what comes twice has the same Message-ID and bytes."""
    taker, server = sink
    taker.moods = {"later": 0.2, "drop": 0.2, "lose": 0.1}
    await put(office, STUDENTS)
    await asyncio.wait_for(mailer(office, server).send_due(wait=True), 60)
    assert set((await states(office)).values()) == {"sent"}
    assert set(taker.recipients) == {f"s{student}@example.edu" for student in STUDENTS}
    identities = Counter(str(mail["Message-ID"]) for mail in taker.mails)
    assert len(identities) == len(STUDENTS)
    assert len(set(taker.raws)) == len(STUDENTS)
    assert len(taker.raws) - len(STUDENTS) <= taker.troubles["lose"]


async def test_several_processes_send_each_mail_once(office: Database, sink: tuple[Sink, MailServer]) -> None:
    taker, server = sink
    taker.moods = {"slow": 0.3}
    taker.slow = 0.05
    await put(office, STUDENTS)
    await asyncio.gather(*(mailer(office, server).send_due() for _ in range(3)))
    assert Counter(taker.recipients) == Counter(f"s{student}@example.edu" for student in STUDENTS)


async def test_a_refused_address_keeps_its_mail_and_stops_nobody(
    office: Database, sink: tuple[Sink, MailServer]
) -> None:
    taker, server = sink
    taker.refuse, taker.later = {"s1@example.edu"}, {"s2@example.edu"}
    await put(office, ["1", "2", "3"])
    await mailer(office, server, replace(SWIFT, first=30.0, most=60.0)).send_due()
    found = await rows(office)
    assert {student: row.state for student, row in found.items()} == {"1": "refused", "2": "waiting", "3": "sent"}
    assert found["1"].reason == "550 5.1.1 no such user"
    assert found["2"].reason == "450 4.2.0 greylisted"
    assert 25 <= found["2"].not_before - clock() <= 31
    assert found["1"].sealed is not None


async def test_a_server_that_refuses_the_sender_costs_nobody_the_link(
    office: Database, sink: tuple[Sink, MailServer]
) -> None:
    """A wrong password or sender address is no fault of 1,200 recipients: all of them keep waiting."""
    taker, server = sink
    taker.sender_answer = "553 5.7.1 not your address"
    await put(office, ["1", "2"])
    with pytest.raises(MailError, match=r"553.*not your address"):
        await mailer(office, server).send_due()
    assert set((await states(office)).values()) == {"waiting"}
    taker.sender_answer = ""
    await asyncio.sleep(1.1)
    await mailer(office, server).send_due(wait=True)
    assert set((await states(office)).values()) == {"sent"}


async def test_nothing_travels_in_the_open_by_mistake(office: Database, sink: tuple[Sink, MailServer]) -> None:
    """The sink offers no TLS."""
    await put(office, ["1"])
    with pytest.raises(MailError):
        await mailer(office, replace(sink[1], security="starttls")).send_due()
    assert sink[0].mails == []


async def test_a_server_that_is_away_is_waited_for(office: Database) -> None:
    port = free_port()
    await put(office, STUDENTS[:3])
    server = MailServer("127.0.0.1", port, "none", SENDER, mails_per_minute=6000)
    with pytest.raises(MailError, match=r"127\.0\.0\.1"):
        await mailer(office, server).send_due()
    running_on = asyncio.ensure_future(mailer(office, server).send_due(wait=True))
    await asyncio.sleep(0.5)
    taker = Sink()
    with running(taker, port):
        await asyncio.wait_for(running_on, 30)
    assert len(taker.mails) == 3


async def test_codes_go_first_and_are_not_throttled(office: Database, sink: tuple[Sink, MailServer]) -> None:
    """Behind invitations that go one a minute, a code goes at once."""
    taker, server = sink
    await put(office, STUDENTS)
    sending = asyncio.ensure_future(mailer(office, replace(server, mails_per_minute=1)).run())
    try:
        await _until(lambda: len(taker.mails) == 1)
        code = letter("77", template="code", values={"code": "012345", "minutes": 10})
        begun, late = time.monotonic(), clock() + 600
        await put(office, ["77"], kind="code", priority=URGENT, not_after=late, mail=code, now=clock())
        await _until(lambda: "s77@example.edu" in taker.recipients)
        assert time.monotonic() - begun < 15  # a quarter of what the next invitation takes
        await asyncio.sleep(0.3)
        assert len(taker.mails) == 2
    finally:
        sending.cancel()
        await asyncio.wait([sending])
    assert "77" not in await rows(office)


async def test_all_processes_together_keep_to_the_mails_per_minute(
    office: Database, sink: tuple[Sink, MailServer]
) -> None:
    taker, server = sink
    await put(office, [*STUDENTS, *(f"x{number}" for number in range(30))])
    slow = replace(server, mails_per_minute=20)
    started = [asyncio.ensure_future(mailer(office, slow, SWIFT).run()) for _ in range(5)]
    await _until(lambda: len(taker.mails) >= 20, 60)
    await asyncio.sleep(2)
    for task in started:
        task.cancel()
    await asyncio.wait(started)
    assert len(taker.mails) <= 25  # 20, and what was under way in several processes at one moment


async def test_a_process_that_is_asked_to_stop_finishes_the_mail_in_hand(
    office: Database, sink: tuple[Sink, MailServer]
) -> None:
    taker, server = sink
    taker.moods, taker.slow = {"slow": 1.0}, 0.5
    await put(office, ["1", "2"])
    sending = asyncio.ensure_future(mailer(office, server).run())
    await asyncio.sleep(0.3)
    sending.cancel()
    await asyncio.wait([sending])
    assert len(taker.mails) == 1
    assert sorted((await states(office)).values()) == ["sent", "waiting"]


async def test_sent_links_leave_the_files_of_the_database(sqlite_url: str, tmp_path: Path) -> None:
    """A44: not the link, and not even its sealed form, which the master key would open."""
    from election_service.database import open_database
    from election_service.migrations import upgrade

    database = open_database(sqlite_url, create=True)
    await upgrade(database)
    await open_election(database)
    await put(database, STUDENTS)
    sealed = [row.sealed[200:264] for row in (await rows(database)).values()]
    await _checkpoint(database)
    assert all(any(part in content for content in _files(tmp_path)) for part in sealed)
    with running(Sink()) as server:
        await mailer(database, server).send_due()
    for content in _files(tmp_path):
        assert not [part for part in sealed if part in content]
        assert LINK.encode() not in content
    await database.close()


async def _checkpoint(database: Database) -> None:
    assert await database.empty_log()


def _files(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


async def _until(reached: object, patience: float = 30.0) -> None:
    assert callable(reached)
    deadline = time.monotonic() + patience
    while not reached():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("to", "s1@example.edu\r\nBcc: x@example.edu"),
        ("to", "s1@example.edu, x@example.edu"),
        ("reply_to", "c@example.edu\r\nBcc: x@example.edu"),
        ("subject", "Your ballot\r\nBcc: x@example.edu"),
        ("language", "en\r\nBcc: x@example.edu"),
    ],
)
def test_no_field_of_a_mail_can_end_its_header(field: str, value: str) -> None:
    """A85: even where a letter was made by other code than ours."""
    from msgspec.structs import replace as change

    server = MailServer("localhost", 25, "none", SENDER)
    with pytest.raises((ValueError, Exception), match=r"malformed|Header values|linefeed|carriage"):
        make_message(change(letter(), **{field: value}), server, election=ELECTION, message="00", date=NOW)


@pytest.mark.parametrize(
    "name", ["a, b@example.edu", '"<x@example.edu>', "a\r\nBcc: x", "=?utf-8?q?x?=", "ა" * 200, "(x)", "@", ""]
)
def test_a_name_makes_no_second_recipient(name: str) -> None:
    from msgspec.structs import replace as change

    server = MailServer("localhost", 25, "none", SENDER, name=name)
    mail = make_message(change(letter(), name=name), server, election=ELECTION, message="00", date=NOW)
    from email import message_from_bytes
    from email.policy import default

    read = message_from_bytes(mail.as_bytes(), policy=default)
    assert [address.addr_spec for address in read["To"].addresses] == ["s1@example.edu"]
    assert [address.addr_spec for address in read["From"].addresses] == [SENDER]
    assert read["Bcc"] is None


def test_a_claim_holds_longer_than_a_mail_can_take() -> None:
    with pytest.raises(ValueError, match="lease: expected more than 60"):
        Pace(lease=60)


def test_waiting_times_double_up_to_their_limits() -> None:
    pace = Pace()
    assert [pace.mail(attempts, urgent=False) for attempts in (1, 2, 3, 9, 10_000)] == [15, 30, 60, 3600, 3600]
    assert [pace.mail(attempts, urgent=True) for attempts in (1, 2, 3)] == [15, 30, 30]
    assert [pace.server(failures, urgent=False) for failures in (1, 4, 9)] == [15, 120, 300]
