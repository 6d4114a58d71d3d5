"""A64: the canary run. A whole election with texts that occur nowhere else; then everything that is kept is searched.

Marked are: the network address, the user agent, the address and the name on the roll, the seed, the one-time code, the
bearer, the help form's text and contact, and the address of a stranger who asks for a link. Searched are: every table,
every file of the database with its write-ahead log, the state directory, everything printed, the metrics, the public
log, and each mail. A memory dump is not searched: the running process has to know what it works with.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest
from sqlalchemy import select, text, update

from ballot.link import make_link
from election_service import schema
from election_service.api_types import ElectionTexts
from election_service.invitations import queue_invitations
from election_service.links import Link
from election_service.mailer import Mailer
from election_service.metrics import METRICS
from election_service.presentation import Presentation, store_presentation
from election_service.publication import export_log
from election_service.scheduler import Scheduler
from election_service.schema_columns import metadata
from election_service.seal import seal_waiting
from election_service.service_logging import configure_logging
from election_service.token_notices import queue_notices
from election_service.workers import Workers
from keys.canonical import b64
from tests.service.house import ELECTION, HOUR, House, Person, built
from tests.service.mail_sink import Sink, parts, running
from tests.service.pages_reader import page_paths

HEADERS = {
    "X-Forwarded-For": "203.0.113.77",
    "X-Real-IP": "203.0.113.78",
    "Forwarded": "for=203.0.113.79",
    "User-Agent": "canary-agent-8d21",
    "Cookie": "canary=cookie-8d21",
    "Referer": "https://canary-referrer-8d21.example/",
    "Accept": "text/html,application/json",
}
TEXT, CONTACT = "Canarytext-8d21: the page was slow.", "canary-contact-8d21@marker.example"
STRANGER = "canary-stranger-8d21@marker.example"
COMMITTEE = "committee@example.edu"


@pytest.fixture
async def marked_house(database_url: str, tmp_path: Path, workers: Workers) -> AsyncIterator[tuple[House, Sink]]:
    """A mail server of its own; people with marked names and addresses; codes by mail."""
    sink = Sink()
    with running(sink) as server:
        options: dict[str, Any] = {"people": 4, "second_factor": "email", "mail_port": server.port}
        async with built(database_url, tmp_path, workers, **options) as house:
            await house.open()
            await house.list_people()
            shown = Presentation(texts={"en": ElectionTexts(title="Spring", intro="")}, contact=COMMITTEE, zone="UTC")
            async with house.service.database.transaction() as connection:
                for number in range(4):
                    mine = schema.voters.c.student_id == f"p{number}"
                    marks = {"full_name": name_of(number), "email": address_of(number)}
                    await connection.execute(update(schema.voters).where(mine).values(marks))
                await store_presentation(connection, ELECTION, shown)
            yield house, sink


def name_of(number: int) -> str:
    return f"Canaryname-8d21-{number} ბერიძე"


def address_of(number: int) -> str:
    return f"canary-voter-8d21-{number}@marker.example"


def requests_of_people(house: House) -> None:
    """From now on everything the house sends carries the marked headers."""
    assert house.http is not None
    house.http.session.headers.update(HEADERS)


async def send(house: House) -> None:
    await Mailer.of(house.service).send_due()


async def log_in_by_mail(house: House, sink: Sink, number: int) -> str:
    """Ask for the code, mistype it, give it; the code."""
    person = house.people[number]
    request = await house.login_request(person)
    assert (await house.post("/login", request)).status == 401
    await assert_nothing_kept(house, secrets_of(house))
    await send(house)
    (code,) = re.findall(r"\b\d{6}\b", parts(mails_to(sink, address_of(number))[-1])[0])
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert (await house.post("/login", {**request, "code": wrong})).status == 401
    answer = await house.post("/login", {**request, "code": code})
    assert answer.status == 200, await answer.text()
    person.bearer = (await answer.json())["bearer"]
    return str(code)


def mails_to(sink: Sink, address: str) -> list[Any]:
    """The mails to one person, oldest first."""
    return [mail for mail in sink.mails if address in mail["To"]]


def secrets_of(house: House) -> dict[str, bytes]:
    """What may be kept nowhere at all, in every writing."""
    found = {name: value.encode() for name, value in HEADERS.items() if name != "Accept"}
    found |= {"help text": TEXT.encode(), "help contact": CONTACT.encode(), "stranger": STRANGER.encode()}
    for number, person in enumerate(house.people):
        found |= {f"seed {number}": person.seed, f"seed {number} hex": person.seed.hex().encode()}
        found |= {f"seed {number} text": b64(person.seed)[:42].encode()}
        if person.bearer:
            found[f"bearer {number}"] = person.bearer.encode()
    return found


async def dumped(house: House) -> dict[str, bytes]:
    """Every value of every table, by table and column."""
    found: dict[str, bytes] = {}
    async with house.service.database.snapshot() as connection:
        for table in metadata.sorted_tables:
            rows = (await connection.execute(select(table))).mappings().all()
            for column in table.columns:
                values = [row[column.name] for row in rows]
                raw = [value if isinstance(value, bytes) else str(value).encode() for value in values]
                found[f"{table.name}.{column.name}"] = b"\0".join(raw)
    return found


async def files_of(house: House) -> dict[str, bytes]:
    """Everything on disk: the database with its write-ahead log, state, configuration."""
    folders = [house.folder]
    if house.service.database.dialect != "sqlite":
        async with house.service.database.snapshot() as connection:
            folders.append(Path((await connection.execute(text("SHOW data_directory"))).scalar_one()))
    return {str(file): file.read_bytes() for folder in folders for file in walk(folder)}


def walk(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*"):
        with contextlib.suppress(OSError):  # PostgreSQL removes files of its own meanwhile
            if file.is_file() and not file.is_symlink() and os.access(file, os.R_OK):
                yield file


def hits(places: Mapping[str, bytes], needles: Mapping[str, bytes]) -> set[tuple[str, str]]:
    """(needle, place) of everything that was found."""
    return {(name, place) for name, needle in needles.items() for place, raw in places.items() if needle in raw}


async def assert_nothing_kept(house: House, needles: Mapping[str, bytes]) -> None:
    assert hits(await dumped(house), needles) == set()
    assert hits(await files_of(house), needles) == set()


async def invite(house: House) -> None:
    """The links of everybody into the outbox."""
    links = [
        Link(
            f"p{n}",
            name_of(n),
            address_of(n),
            "en",
            make_link("http://localhost:8080", ELECTION, person.seed, house.log_id),
        )
        for n, person in enumerate(house.people)
    ]
    async with house.service.database.transaction() as connection:
        await queue_invitations(house.service, connection, ELECTION, links)


async def read_everything(house: House) -> None:
    """All pages, the forms, the booth's pages, and a fault of the service's own."""
    assert house.http is not None
    booth = f"/vote/{ELECTION}"
    own = [booth, f"{booth}/complaint", f"/check/{ELECTION}", f"/audit/{ELECTION}"]
    paths = [*await page_paths(house), *own, "/nowhere"]
    for path in paths:
        await house.http.get(path)
    await house.http.post(f"/elections/{ELECTION}/help", data={"text": TEXT, "contact": CONTACT, "kind": "incident"})
    for address in (STRANGER, address_of(3)):
        await house.http.post(f"/elections/{ELECTION}/link", data={"address": address})
    await house.service.link_desk.close()
    database = house.service.database
    house.service.database = None  # type: ignore[assignment]
    try:
        for path in (f"/elections/{ELECTION}/help", f"/api/elections/{ELECTION}/acts"):
            assert (await house.http.get(path)).status == 500
        await house.post("/ballots", b"{}")
    finally:
        house.service.database = database


async def hold_the_election(house: House, sink: Sink) -> list[str]:
    """Invitations, logins, votes, notices, forms, close and tally; the codes that were mailed."""
    await invite(house)
    await assert_nothing_kept(house, secrets_of(house))
    await send(house)
    rules = await house.rules(house.contexts[0])
    codes = []
    for number in range(3):
        codes.append(await log_in_by_mail(house, sink, number))
        assert (await house.get("/voter", house.people[number].bearer)).status == 200
        token = await house.token(house.people[number], rules)  # the count of tokens is a file (A97)
        state = times_of(house.folder / "state")
        answer = await house.post("/ballots", house.ballot(house.people[number], rules, token))
        assert answer.status == 200
        assert times_of(house.folder / "state") == state, "a file that changes with a ballot says when it came (A63)"
    await read_everything(house)
    await seal_waiting(house.service, ELECTION)
    await queue_notices(house.service, ELECTION, scheduled=True)
    await assert_nothing_kept(house, secrets_of(house))
    await send(house)
    await Scheduler(house.service).tick()
    house.clock.now += 2 * HOUR
    await Scheduler(house.service).tick()
    await house.tally()
    await send(house)
    return codes


def times_of(folder: Path) -> dict[Path, int]:
    return {file: file.stat().st_mtime_ns for file in folder.rglob("*") if file.is_file()}


async def test_a64_after_a_whole_election_no_canary_is_anywhere_but_where_it_belongs(
    marked_house: tuple[House, Sink],
) -> None:
    house, sink = marked_house
    printed = io.StringIO()
    with contextlib.redirect_stderr(printed), contextlib.redirect_stdout(printed):
        configure_logging()
        requests_of_people(house)
        codes = await hold_the_election(house, sink)
    assert "request failed" in printed.getvalue(), "the faults were logged"
    everywhere = secrets_of(house) | {f"code {code}": code.encode() for code in codes}
    people = {
        f"{what} {n}": value.encode()
        for n in range(4)
        for what, value in (("name", name_of(n)), ("mail", address_of(n)))
    }
    # the roll is where names and addresses belong: nowhere else, in no other writing
    await assert_nothing_kept(house, everywhere)
    roll = {(name, f"voters.{'full_name' if name.startswith('name') else 'email'}") for name in people}
    assert hits(await dumped(house), people) == roll
    in_files = hits(await files_of(house), people)
    assert {name for name, _ in in_files} == set(people), "the search finds what is there"
    assert not [place for _, place in in_files if "/state/" in place or place.endswith((".key", ".toml"))]
    folder = house.folder / "published"
    async with house.service.database.snapshot() as connection:
        await export_log(connection, ELECTION, folder)
    public = {str(file): file.read_bytes() for file in walk(folder)}
    public |= {"printed": printed.getvalue().encode(), "metrics": generate_latest(METRICS.registry)}
    assert len(public) > 8
    ours = {"our own address": b"127.0.0.1"} | {
        f"credential {n}": b64(p.credential).encode() for n, p in enumerate(house.people)
    }
    assert hits(public, everywhere | people) == set()
    assert hits({"printed": public["printed"]}, ours) == set()
    assert_mails(house, sink)


def assert_mails(house: House, sink: Sink) -> None:
    """Each mail names its own reader alone; a link is in an invitation and nowhere else, a code in a mail of codes."""
    everything = secrets_of(house)
    raws = {f"{index}: {mail['To']}: {mail['Subject']}": whole(mail) for index, mail in enumerate(sink.mails)}
    assert len(raws) >= 4 + 3 + 3 + 2  # invitations, codes, notices, to the committee
    for name, place in hits(raws, everything):
        number = int(name.split()[1]) if name.startswith("seed") else -1
        assert (name, address_of(number) in place, "Your ballot:" in place) == (f"seed {number} text", True, True), (
            place
        )
    for number in range(4):
        marks = {"name": name_of(number).encode(), "mail": address_of(number).encode()}
        strange = {place for _, place in hits(raws, marks) if address_of(number) not in place}
        # who asks for the link again is named to the committee, which has to make sure who asks
        assert all(COMMITTEE in place and "Asks for the link" in place for place in strange), strange
        assert bool(strange) == (number == 3)


def whole(mail: Any) -> bytes:
    """Headers and both parts, decoded."""
    headers = "\n".join(f"{name}: {value}" for name, value in mail.items())
    return "\n".join([headers, *parts(mail)]).encode()


def test_a64_the_search_would_find_a_canary() -> None:
    """The needles are compared as bytes, in every place."""
    person = Person(bytes(range(32)))
    places = {"a": b"..." + person.seed + b"...", "b": f"x={b64(person.seed)[:42]}".encode(), "c": b"nothing"}
    needles = {"raw": person.seed, "text": b64(person.seed)[:42].encode()}
    assert hits(places, needles) == {("raw", "a"), ("text", "b")}
