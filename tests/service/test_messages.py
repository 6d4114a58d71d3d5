"""What people write to the committee: kept sealed, limited, and told to the committee without its content."""

import json
from typing import Any

import pytest
from sqlalchemy import select, update

from election_service import schema_mail
from election_service.api_types import ElectionTexts
from election_service.errors import BusyError, InputError, SecretError, UnknownElectionError
from election_service.messages_desk import (
    MAX_CONTACT,
    MAX_TEXT,
    MOST,
    MOST_OF_ONE,
    MessageDesk,
    MessageError,
    close_message,
    list_messages,
    take_message,
)
from election_service.outbox import Letter
from election_service.presentation import Presentation, store_presentation
from election_service.secrets import MasterKey
from keys.canonical import decode
from tests.attacks.payloads import INJECTIONS, MARKUP, TWINS
from tests.service.house import ELECTION, HOUR, House

COMMITTEE = "committee@example.edu"
PUBLIC = "185.1.2.3"


async def write(house: House, text: str = "The page is white.", **changes: Any) -> str:
    values = {"text": text, "contact": "", "kind": "incident", **changes}
    return await take_message(house.service, ELECTION, **values)


async def listed(house: House, *, closed: bool = False) -> list[Any]:
    async with house.service.database.snapshot() as connection:
        return await list_messages(connection, house.service.master, ELECTION, closed=closed)


async def set_contact(house: House, contact: str) -> None:
    texts = {"en": ElectionTexts(title="Spring", intro="")}
    async with house.service.database.transaction() as connection:
        shown = Presentation(texts=texts, contact=contact, zone="Asia/Tbilisi")
        await store_presentation(connection, ELECTION, shown)


async def mails(house: House) -> list[tuple[Any, Letter]]:
    """Rows of the outbox with what is in them."""
    table = schema_mail.outbox
    async with house.service.database.snapshot() as connection:
        rows = (await connection.execute(select(table).order_by(table.c.not_before))).all()
    master = house.service.master
    return [(row, decode(master.open(f"{ELECTION}/mail/{row.mail.hex()}", row.sealed), Letter)) for row in rows]


# ---- what is kept ----------------------------------------------------------------------------------------------------


async def test_a_message_waits_for_the_committee_and_has_a_number(house: House) -> None:
    size = await house.log_size()
    number = await write(house, " The page\r\nis white. ", contact=" ana@example.edu ", kind="question", language="ka")
    assert len(number) == 11
    (found,) = await listed(house)
    assert (found.number, found.received, found.state) == (number, house.clock.now, "open")
    message = found.message
    assert (message.kind, message.text, message.contact, message.language) == (
        "question",
        "The page\nis white.",
        "ana@example.edu",
        "ka",
    )
    assert await house.log_size() == size


async def test_who_has_the_database_alone_reads_nothing(house: House) -> None:
    await write(house, "Somebody stood behind me.", contact="ana@example.edu")
    async with house.service.database.snapshot() as connection:
        row = (await connection.execute(select(schema_mail.messages))).one()
        with pytest.raises(SecretError, match="does not open under this master key"):
            await list_messages(connection, MasterKey(bytes(32)), ELECTION)
    stored = b"|".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    for secret in (b"behind", b"ana@", b"incident", b"127.0.0.1"):
        assert secret not in stored


async def test_a_message_cannot_be_moved_to_another_place(house: House) -> None:
    await write(house, "one")
    async with house.service.database.transaction() as connection:
        await connection.execute(update(schema_mail.messages).values(message=bytes(16)))
    with pytest.raises(SecretError, match="does not open"):
        await listed(house)


async def test_a_second_tap_writes_nothing_twice(house: House) -> None:
    assert await write(house) == await write(house)
    assert len(await listed(house)) == 1
    assert await write(house, contact="a") != await write(house, contact="b")
    house.clock.now += 24 * HOUR
    await write(house)
    assert len(await listed(house)) == 4


BAD: dict[str, tuple[dict[str, str], str, str]] = {
    "nothing": ({"text": " \r\n "}, "text", "missing"),
    "too long": ({"text": "a" * (MAX_TEXT + 1)}, "text", "usable"),
    "letters that turn round": ({"text": "a\u202eb"}, "text", "usable"),
    "a terminal's command": ({"text": "a\x1b[2J"}, "text", "usable"),
    "a long contact": ({"contact": "a" * (MAX_CONTACT + 1)}, "contact", "usable"),
    "a contact of two lines": ({"contact": "a@example.edu\r\nBcc: b@example.edu"}, "contact", "usable"),
    "an unknown kind": ({"kind": "vote"}, "kind", "usable"),
    "no kind": ({"kind": ""}, "kind", "usable"),
}


@pytest.mark.parametrize("case", BAD)
async def test_a_message_that_cannot_be_taken_says_which_field(open_sqlite_house: House, case: str) -> None:
    changes, field, reason = BAD[case]
    with pytest.raises(MessageError, match=f"message: {field}: ") as caught:
        await write(open_sqlite_house, **changes)
    assert (caught.value.field, caught.value.reason) == (field, reason)
    assert await listed(open_sqlite_house) == []


async def test_no_other_election_takes_messages(house: House) -> None:
    with pytest.raises(UnknownElectionError):
        await take_message(house.service, "nobody", text="a", contact="", kind="question")


async def test_a81_a85_whatever_is_written_stays_text(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await set_contact(house, COMMITTEE)
    written = [*MARKUP[:60], *(item for item in INJECTIONS if item.isprintable())]
    for number, text in enumerate(written):
        house.clock.now += HOUR // 30
        await write(house, f"{number} {text}", contact=text[:MAX_CONTACT])
    found = await listed(house)
    assert [item.message.text for item in found] == [f"{number} {text}" for number, text in enumerate(written)]
    for _, letter in await mails(house):
        assert letter.to == COMMITTEE
        assert not any(text in letter.text or text in letter.subject for text in written if len(text) > 4)


@pytest.mark.parametrize(("one", "other"), TWINS[:3])
async def test_a89_twins_are_one_message(open_sqlite_house: House, one: str, other: str) -> None:
    assert await write(open_sqlite_house, one) == await write(open_sqlite_house, other)
    assert len(await listed(open_sqlite_house)) == 1


# ---- limits ----------------------------------------------------------------------------------------------------------


async def test_an_hour_is_full_at_some_time_and_the_next_one_is_not(house: House) -> None:
    for number in range(MOST):
        await write(house, f"message {number}")
    with pytest.raises(BusyError, match="too many in this hour"):
        await write(house, "one more")
    house.clock.now += HOUR
    await write(house, "one more")
    assert len(await listed(house)) == MOST + 1


async def test_one_public_address_cannot_fill_the_hour(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    for number in range(MOST_OF_ONE):
        await write(house, f"message {number}", address=PUBLIC)
    with pytest.raises(BusyError, match="too many from one place"):
        await write(house, "one more", address=PUBLIC)
    await write(house, "a neighbour's", address="185.1.2.4")
    house.clock.now += HOUR
    await write(house, "one more", address=PUBLIC)


SHARED = ["127.0.0.1", "::1", "10.0.0.7", "192.168.1.1", "fe80::1", "100.64.0.1", "", "unix:", None]


@pytest.mark.parametrize("address", SHARED)
def test_a_proxy_s_or_campus_address_is_no_limit(address: str | None) -> None:
    desk = MessageDesk(bytes)
    for _ in range(2 * MOST_OF_ONE):
        desk.note(address, 0)
    assert desk.has_room(address, 0)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (PUBLIC, PUBLIC, True),
        (PUBLIC, f"::ffff:{PUBLIC}", True),
        (PUBLIC, "185.1.2.4", False),
        ("2a00:1450:4001:80e::1", "2a00:1450:4001:80e:ffff::2", True),
        ("2a00:1450:4001:80e::1", "2a00:1450:4001:80f::1", False),
    ],
)
def test_addresses_of_one_household_count_as_one(one: str, other: str, same: bool) -> None:
    desk = MessageDesk(lambda size: b"k" * size)
    for _ in range(MOST_OF_ONE):
        desk.note(one, 0)
    assert desk.has_room(other, 0) is not same


def test_what_is_remembered_of_an_address_ends_with_the_day() -> None:
    keys = iter([b"a" * 32, b"b" * 32])
    desk = MessageDesk(lambda _size: next(keys))
    for _ in range(MOST_OF_ONE):
        desk.note(PUBLIC, 24 * HOUR - 1)
    assert not desk.has_room(PUBLIC, 24 * HOUR - 1)
    kept = set(desk._taken)
    assert desk.has_room(PUBLIC, 24 * HOUR)
    desk.note(PUBLIC, 24 * HOUR)
    assert len(desk._taken) == 1
    assert not kept & set(desk._taken)


# ---- the committee ---------------------------------------------------------------------------------------------------


async def test_the_committee_is_told_once_in_ten_minutes_and_not_what(house: House) -> None:
    await set_contact(house, COMMITTEE)
    await write(house, "Somebody stood behind me.", contact="ana@example.edu")
    house.clock.now += 100
    await write(house, "And he laughed.")
    house.clock.now += 600
    await write(house, "He is gone.")
    first, second = await mails(house)
    row, letter = first
    assert (row.kind, row.recipient, row.state) == ("message", "", "waiting")
    assert row.not_before == house.clock.now - 700 + 600
    assert second[0].not_before == row.not_before + 600
    assert (letter.to, letter.reply_to) == (COMMITTEE, COMMITTEE)
    assert "election-service messages list" in " ".join(letter.text.split())
    for word in ("behind", "laughed", "ana@"):
        assert word not in json.dumps([letter.subject, letter.text, letter.html])


@pytest.mark.parametrize("contact", ["", "https://example.edu/help"])
async def test_without_a_mail_address_messages_only_wait(open_sqlite_house: House, contact: str) -> None:
    await set_contact(open_sqlite_house, contact)
    await write(open_sqlite_house)
    assert await mails(open_sqlite_house) == []
    assert len(await listed(open_sqlite_house)) == 1


async def test_a_message_is_closed_by_its_number(house: House) -> None:
    first, second = await write(house, "one"), await write(house, "two")
    async with house.service.database.transaction() as connection:
        await close_message(connection, ELECTION, f" {first.lower()} ")
    assert [item.number for item in await listed(house)] == [second]
    assert {item.number: item.state for item in await listed(house, closed=True)} == {first: "closed", second: "open"}
    for number in (first, "nonsense", ""):
        async with house.service.database.transaction() as connection:
            with pytest.raises(InputError, match="no open message has this number"):
                await close_message(connection, ELECTION, number)
