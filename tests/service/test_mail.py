"""Links go out by a real SMTP server: one mail each, resumable, and nothing in a header that does not belong there."""

import asyncio
import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from ballot.link import make_link
from election_service.api_types import ElectionTexts
from election_service.config import load_config
from election_service.errors import InputError
from election_service.links import Link, write_links
from election_service.mail import finish_links, letterhead_of, make_mail, send_links
from election_service.mail_server import MailError, MailServer
from election_service.mail_text import LetterHead
from keys.errors import FormatError
from tests.service.logs import NOW

SENDER = "committee@example.edu"


class Sink:
    """Takes mails; refuses ``refuse`` for good, and drops the connection after ``limit`` mails."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse: set[str] = set()
        self.limit = 10_000

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address in self.refuse:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if len(self.mails) >= self.limit:
            return "421 closing down"
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        assert envelope.rcpt_tos == [mail["To"].addresses[0].addr_spec]
        self.mails.append(mail)
        return "250 OK"


@pytest.fixture
def sink() -> Iterator[tuple[Sink, MailServer]]:
    taker = Sink()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(taker, hostname="127.0.0.1", port=port)
    controller.start()
    yield taker, MailServer("127.0.0.1", port, "none", SENDER, mails_per_minute=6000)
    controller.stop()


def letterhead(title: str) -> LetterHead:
    texts = {"en": ElectionTexts(title=title, intro="")}
    return LetterHead("spring", texts, "", "Asia/Tbilisi", "https://vote.example.edu", rehearsal=False)


def links(count: int) -> list[Link]:
    languages = ["en", "ka", "az", "ru", "fr"]
    return [
        Link(
            f"00{n}",
            f"ნინო Əliyeva {n}",
            f"s{n}@example.edu",
            languages[n % 5],
            make_link("https://vote.example.edu", "spring", bytes([n]) * 32, bytes(32)),
        )
        for n in range(count)
    ]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "links.csv"
    write_links(path, links(7))
    return path


async def send(file: Path, server: MailServer, **options: Any) -> list[tuple[str, str]]:
    head = letterhead_of(file, "Spring election", "committee@example.edu")
    refused = await send_links(file, head, server, clock=lambda: NOW, **options)
    return [(item.student_id, item.reason) for item in refused]


async def test_every_voter_gets_one_mail_with_the_own_link(sink: tuple[Sink, MailServer], file: Path) -> None:
    taker, server = sink
    seen: list[tuple[int, int]] = []
    assert await send(file, server, progress=lambda done, all_: seen.append((done, all_))) == []
    assert seen == [(n, 7) for n in range(1, 8)]
    for link, mail in zip(links(7), taker.mails, strict=True):
        assert mail["To"].addresses[0].addr_spec == link.email
        assert str(mail["From"]) == SENDER
        assert "Spring election" in mail["Subject"]
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["Reply-To"].addresses[0].addr_spec == "committee@example.edu"
        assert mail["List-Id"] == "<spring.example.edu>"
        assert mail.get_content_type() == "multipart/alternative"
        text, html = (part.get_content() for part in mail.iter_parts())
        assert link.link in text.splitlines()
        assert f'href="{link.link}"' in html
        assert link.full_name in text
        assert link.full_name in html
    assert "Your ballot" in taker.mails[4]["Subject"]
    assert len({mail["Message-ID"] for mail in taker.mails}) == 7
    assert await send(file, server) == []
    assert len(taker.mails) == 7


async def test_the_links_file_is_gone_when_all_links_are_out(sink: tuple[Sink, MailServer], file: Path) -> None:
    """A44: nothing with a seed is left after the distribution."""
    with pytest.raises(InputError, match="7 are not sent yet"):
        finish_links(file)
    await send(file, sink[1])
    finish_links(file)
    assert await asyncio.to_thread(lambda: list(file.parent.iterdir())) == []


async def test_an_interrupted_distribution_goes_on_where_it_stopped(sink: tuple[Sink, MailServer], file: Path) -> None:
    taker, server = sink
    taker.limit = 3
    with pytest.raises(MailError, match=r"421.*3 of 7 are done"):
        await send(file, server)
    taker.limit = 100
    assert await send(file, server) == []
    assert sorted(mail["To"].addresses[0].addr_spec for mail in taker.mails) == [link.email for link in links(7)]


async def test_a_crash_before_the_outcome_is_noted_sends_that_mail_again_recognisably(
    sink: tuple[Sink, MailServer], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taker, server = sink

    def crash(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("election_service.mail._note_outcome", crash)
        with pytest.raises(KeyboardInterrupt):
            await send(file, server)
    await send(file, server)
    identities = [mail["Message-ID"] for mail in taker.mails]
    assert (len(identities), len(set(identities))) == (8, 7)


async def test_a_cut_off_outcome_counts_for_nothing(sink: tuple[Sink, MailServer], file: Path) -> None:
    file.with_name("links.csv.sent").write_text("000\t\n00", "utf-8")
    await send(file, sink[1])
    assert len(sink[0].mails) == 6


async def test_a_refused_address_is_named_and_does_not_stop_the_others(
    sink: tuple[Sink, MailServer], file: Path
) -> None:
    taker, server = sink
    taker.refuse = {"s2@example.edu"}
    assert await send(file, server) == [("002", "550 5.1.1 no such user")]
    assert len(taker.mails) == 6
    assert await send(file, server) == [("002", "550 5.1.1 no such user")]
    with pytest.raises(InputError, match="1 were refused"):
        finish_links(file)
    taker.refuse = set()
    assert await send(file, server, again=True) == []
    finish_links(file)


async def test_a_server_that_is_not_there_is_an_error_after_three_attempts(file: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(MailError, match="0 of 7 are done"):
        await send(file, MailServer("127.0.0.1", port, "none", SENDER, mails_per_minute=6000))


async def test_links_do_not_travel_in_the_open_by_mistake(sink: tuple[Sink, MailServer], file: Path) -> None:
    """The sink offers no TLS, so a server that must speak STARTTLS gets nothing."""
    plain = sink[1]
    with pytest.raises(MailError, match="0 of 7 are done"):
        await send(file, MailServer(plain.host, plain.port, "starttls", SENDER))
    assert sink[0].mails == []


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Spring\r\nBcc: x@example.edu", "Nino"),
        ("Spring", "Nino\nBcc: x@example.edu"),
        ("Spring", "Nino\u2028Bcc: x"),
        ("Spring \u202eelection", "Nino"),
        ("Spring\x00", "Nino"),
    ],
)
def test_nothing_can_be_injected_into_a_header(title: str, name: str) -> None:
    """A85: line breaks and controls in a title or a name."""
    link = Link("1", name, "s@example.edu", "en", "https://vote.example.edu/vote/spring#x")
    with pytest.raises(FormatError, match=r"title|name"):
        make_mail(link, letterhead(title), MailServer("localhost", 25, "none", SENDER), NOW)


def test_an_address_with_more_than_one_recipient_is_no_address() -> None:
    for address in ("a@example.edu, b@example.edu", "a@example.edu\r\nBcc: b@example.edu", "a b@example.edu"):
        link = Link("1", "Nino", address, "en", "https://vote.example.edu/vote/spring#x")
        with pytest.raises(InputError, match="links: 1: mail: malformed address"):
            make_mail(link, letterhead("Spring"), MailServer("localhost", 25, "none", SENDER), NOW)


def test_the_server_comes_from_the_configuration(tmp_path: Path) -> None:
    needed = {
        "ELECTION_DATABASE_URL": "sqlite:////x/e.db",
        "ELECTION_STATE_DIR": "/x",
        "ELECTION_MASTER_KEY_FILE": "/k",
        "ELECTION_PUBLIC_URL": "https://vote.example.edu",
    }
    with pytest.raises(InputError, match="no mail server is configured"):
        MailServer.from_config(load_config(needed))
    password = tmp_path / "password"
    password.write_text("geheim\n")
    mail = {
        "ELECTION_SMTP_HOST": "mail.example.edu",
        "ELECTION_MAIL_FROM": SENDER,
        "ELECTION_SMTP_USER": "votes",
        "ELECTION_SMTP_PASSWORD_FILE": str(password),
    }
    server = MailServer.from_config(load_config({**needed, **mail}))
    assert (server.host, server.port, server.security, server.password) == (
        "mail.example.edu",
        587,
        "starttls",
        "geheim",
    )
    assert "geheim" not in repr(server)
    password.unlink()
    with pytest.raises(InputError, match="smtp_password_file"):
        MailServer.from_config(load_config({**needed, **mail}))
