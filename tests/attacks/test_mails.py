"""What others can write into our mails: markup in names and titles (A81), and hosts and lines in requests (A85).

The mails are the ones that a real mail server has received.
"""

from __future__ import annotations

import ast
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from election_service import schema
from election_service.api_types import ElectionTexts
from election_service.languages import LANGUAGES
from election_service.letters import LETTERS
from election_service.mail_text import LetterHead, make_letter
from election_service.mailer import Mailer
from election_service.presentation import Presentation, store_presentation
from election_service.workers import Workers
from keys.errors import FormatError
from tests.attacks.payloads import INJECTIONS, MARKUP
from tests.service.house import ELECTION, House, built
from tests.service.mail_sink import SENDER, Sink, parts, running
from tests.service.pages_reader import Parsed

ROOT = Path(__file__).parents[2]
OURS = "http://localhost:8080"
EVIL = "evil.example"
COMMITTEE = "committee@example.edu"
SPOOFED: tuple[dict[str, str], ...] = (
    {"Host": EVIL},
    {"X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"},
    {"Forwarded": f"host={EVIL};proto=https", "X-Original-URL": f"//{EVIL}/", "Referer": f"https://{EVIL}/"},
)
VALUES: dict[str, dict[str, Any]] = {
    "invite": {"link": f"{OURS}/vote/x#AAAA"},
    "reissue": {"link": f"{OURS}/vote/x#AAAA"},
    "code": {"code": "123456", "minutes": 10},
    "issued": {"contests": ["@"]},
    "reminder": {"contests": ["@"], "closes": "@"},
    "call": {"contests": ["@"], "opens": "@", "closes": "@", "further": True},
    "result": {"standing": "declared", "poll": 1, "page": "results/1"},
    "message": {},
    "link-request": {"student": "@", "full_name": "@"},
    "mail-test": {"service": "@"},
}


@pytest.fixture
async def mailing_house(database_url: str, tmp_path: Path, workers: Workers) -> AsyncIterator[tuple[House, Sink]]:
    """Codes by mail, a roll, a committee with an address."""
    sink = Sink()
    with running(sink) as server:
        options: dict[str, Any] = {"people": 3, "second_factor": "email", "mail_port": server.port}
        async with built(database_url, tmp_path, workers, **options) as house:
            await house.open()
            await house.list_people()
            shown = Presentation(texts={"en": ElectionTexts(title="Spring", intro="")}, contact=COMMITTEE, zone="UTC")
            async with house.service.database.transaction() as connection:
                await store_presentation(connection, ELECTION, shown)
            yield house, sink


async def sent(house: House, sink: Sink) -> list[Any]:
    """What goes out now and in the next minutes, for which messages to the committee wait for each other."""
    before = len(sink.raws)
    await house.service.link_desk.close()
    for _ in range(2):
        await Mailer.of(house.service).send_due()
        house.clock.now += 601
    return sink.mails[before:]


def addresses_in(mail: Any) -> set[str]:
    """Scheme and host of everything in a mail that can be opened."""
    text, html = parts(mail)
    links = re.findall(r"https?://[^\s\"'<>]+", text) + [value for value in Parsed(html).attributes("href") if value]
    return {re.match(r"mailto:|\w+://[^/]*|", link)[0] for link in links}  # type: ignore[index]


@pytest.mark.parametrize("headers", SPOOFED, ids=["host", "forwarded", "rewritten"])
async def test_a85_no_header_of_a_request_reaches_a_mail(
    mailing_house: tuple[House, Sink], headers: dict[str, str]
) -> None:
    """The mails that a request by anybody can cause: a code, a request for the link, a message to the committee."""
    house, sink = mailing_house
    assert house.http is not None
    house.http.session.headers.update(headers)
    assert (await house.post("/login", await house.login_request(house.people[0]))).status == 401
    forms: dict[str, dict[str, str]] = {
        "help": {"text": "The page was slow.", "contact": "ana@example.edu", "kind": "question"},
        "link": {"address": "p1@example.edu"},
    }
    for name, form in forms.items():
        answer = await house.http.post(f"/elections/{ELECTION}/{name}", data=form)
        assert answer.status == 200
    mails = await sent(house, sink)
    assert sorted(mail["To"].addresses[0].addr_spec for mail in mails) == [COMMITTEE, COMMITTEE, "p0@example.edu"]
    for mail in mails:
        whole = "\n".join([*(f"{name}: {value}" for name, value in mail.items()), *parts(mail)])
        assert EVIL not in whole
        assert "203.0.113.9" not in whole
        assert addresses_in(mail) <= {OURS, "mailto:"}
        assert mail["From"].addresses[0].addr_spec == "house@example.edu" != SENDER


async def test_a85_nothing_typed_into_a_form_adds_a_header_or_a_recipient(mailing_house: tuple[House, Sink]) -> None:
    house, sink = mailing_house
    assert house.http is not None
    for injection in INJECTIONS:
        form = {"text": injection, "contact": injection, "kind": "question"}
        answer = await house.http.post(f"/elections/{ELECTION}/help", data=form)
        assert answer.status in (200, 400, 503)
        await house.http.post(f"/elections/{ELECTION}/link", data={"address": f"p1@example.edu{injection}"})
        await house.http.post(f"/elections/{ELECTION}/link", data={"address": injection})
    for mail in await sent(house, sink):
        assert {name.lower() for name in mail} <= HEADERS
        assert len(mail.get_all("To")) == len(mail.get_all("Subject")) == 1
    assert set(sink.recipients) <= {COMMITTEE}


HEADERS = {
    *("from", "to", "reply-to", "subject", "date", "message-id", "auto-submitted", "x-auto-response-suppress"),
    *("mime-version", "content-type", "content-language", "list-id", "precedence", "x-mailfrom", "x-rcptto", "x-peer"),
    "content-transfer-encoding",
}


async def test_a85_a_name_on_the_roll_that_could_end_a_header_stops_its_mail_alone(
    mailing_house: tuple[House, Sink],
) -> None:
    """Names are checked on import; this one got into the database all the same."""
    house, sink = mailing_house
    name = "Ana\r\nBcc: victim@example.edu\r\n\r\nhello"
    async with house.service.database.transaction() as connection:
        mine = schema.voters.c.student_id == "p0"
        await connection.execute(update(schema.voters).where(mine).values(full_name=name))
    for person in house.people[:2]:
        await house.post("/login", await house.login_request(person))
    mails = await sent(house, sink)
    assert "p1@example.edu" in sink.recipients
    assert set(sink.recipients) <= {"p0@example.edu", "p1@example.edu"}
    assert all("victim" not in str(mail["Bcc"]) and mail["Cc"] is None for mail in mails)


def filled(value: Any, payload: str) -> Any:
    """The values of a letter with the payload in every text that somebody else has written."""
    if isinstance(value, dict):
        return {name: filled(inner, payload) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, payload) for inner in value]
    return payload if value == "@" else value


def letters_with(payload: str, language: str) -> Iterator[tuple[str, Any]]:
    texts = {language: ElectionTexts(title=payload, intro=payload), "en": ElectionTexts(title=payload, intro=payload)}
    head = LetterHead("x", texts, COMMITTEE, "Asia/Tbilisi", OURS, rehearsal=False)
    for kind in LETTERS:
        values = filled(VALUES[kind], payload)
        try:
            yield kind, make_letter(kind, head, to="ana@example.edu", name=payload, language=language, values=values)
        except FormatError:
            assert "\n" in payload or not payload.isprintable(), "only what could break a line is refused"


def test_a81_markup_in_names_and_titles_is_text_in_every_mail() -> None:
    """Every kind of mail, every text in it that somebody writes, 225 payloads: the HTML has our elements alone."""
    assert set(VALUES) == set(LETTERS)
    plain = {kind: skeleton(letter.html) for kind, letter in letters_with("Plain", "en")}
    assert len(MARKUP) >= 200
    for number, payload in enumerate(MARKUP):
        language = LANGUAGES[number % len(LANGUAGES)]
        made = list(letters_with(payload, language))
        assert len(made) == len(LETTERS)
        for kind, letter in made:
            page = Parsed(letter.html)
            assert skeleton(letter.html) == plain[kind], (kind, payload)
            assert all(link.startswith((f"{OURS}/", "mailto:committee@")) for link in page.attributes("href"))
            assert " ".join(payload.split()) in page.text, (kind, payload)
            assert "%3C" not in letter.subject or "%3C" in payload


def skeleton(html: str) -> list[str]:
    return [name for name, _ in Parsed(html).elements]


def calls_with_a_shell(source: str) -> list[str]:
    """Calls that hand a text to a shell."""
    banned = {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "create_subprocess_shell"}
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            shell = [word for word in node.keywords if word.arg == "shell"]
            if shell or any(ast.unparse(node.func).endswith(name) for name in banned):
                found.append(ast.unparse(node))
    return found


def test_a85_nothing_goes_through_a_shell() -> None:
    assert (
        len(calls_with_a_shell("subprocess.run(x, shell=True); os.system(x); asyncio.create_subprocess_shell(x)")) == 3
    )
    sources = [
        file
        for name in ("keys", "ballot", "tally", "audit", "election_service")
        for file in (ROOT / name).rglob("*.py")
    ]
    sources = [file for file in sources if "node_modules" not in file.parts]
    assert len(sources) > 200
    assert [(file, found) for file in sources if (found := calls_with_a_shell(file.read_text(encoding="utf-8")))] == []
