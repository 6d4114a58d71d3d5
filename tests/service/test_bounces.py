"""Mails that came back are recognised in what servers really write, and nothing else is believed."""

import mailbox
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from election_service.bounces import Report, note_bounces, read_mailbox, read_report, split_mailbox
from election_service.database import Database
from election_service.errors import InputError
from election_service.mail_server import MailServer, make_message
from election_service.outbox import claim, note_sent
from tests.service.logs import ELECTION, NOW
from tests.service.mail_office import MASTER, letter, open_election, put, rows, states
from tests.service.mail_sink import SENDER

IDENTITY = "0123456789" * 4
SERVER = MailServer("localhost", 25, "none", SENDER)


def original(message: str = IDENTITY) -> EmailMessage:
    return make_message(letter(), SERVER, election=ELECTION, message=message, date=NOW)


def report(
    message: str = IDENTITY, action: str = "failed", *, headers_only: bool = False, reason: str = "no such user"
) -> bytes:
    """As Postfix writes it (RFC 3464)."""
    made = MIMEMultipart("report", report_type="delivery-status")
    made["From"], made["To"], made["Subject"] = "MAILER-DAEMON@mx.example.edu", SENDER, "Undelivered Mail"
    made["Auto-Submitted"] = "auto-replied"
    made.attach(MIMEText("I am sorry to have to inform you …"))
    status = MIMEBase("message", "delivery-status")
    status.set_payload(
        [
            _block({"Reporting-MTA": "dns; mx.example.edu", "X-Postfix-Queue-ID": "4ABC"}),
            _block(
                {
                    "Final-Recipient": "rfc822; s1@example.edu",
                    "Action": action,
                    "Status": "5.1.1",
                    "Diagnostic-Code": f"smtp; 550 5.1.1 {reason}",
                }
            ),
        ]
    )
    made.attach(status)
    if headers_only:
        headers = "".join(f"{name}: {value}\n" for name, value in original(message).items())
        made.attach(MIMEText(headers, "rfc822-headers", "utf-8"))
    else:
        made.attach(MIMEMessage(original(message)))
    return made.as_bytes()


def _block(fields: dict[str, str]) -> EmailMessage:
    block = EmailMessage()
    for name, value in fields.items():
        block[name] = value
    return block


def exchange_report() -> bytes:
    """Without the mail that it is about: the Message-ID stands in what it answers."""
    return f"""From: postmaster@example.edu
To: {SENDER}
Subject: Undeliverable: Your ballot
In-Reply-To: <{IDENTITY}@example.edu>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your message wasn't delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns;mail.example.edu

Final-recipient: RFC822;s1@example.edu
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound

--b--
""".encode()


async def test_reports_are_read_in_the_forms_that_servers_send(subtests: pytest.Subtests) -> None:
    failed = Report(IDENTITY, failed=True, reason="5.1.1 smtp; 550 5.1.1 no such user")
    late = Report(IDENTITY, failed=False, reason="")
    cases = {
        "with the mail": (report(), failed),
        "with its header": (report(headers_only=True), failed),
        "only late": (report(action="delayed"), late),
        "Exchange": (
            exchange_report(),
            Report(IDENTITY, failed=True, reason="5.1.10 smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound"),
        ),
        "a mail of somebody else": (report("not-one-of-ours"), None),
        "an ordinary answer": (b"Subject: Re: Your ballot\n\nThank you!", None),
        "the mail itself": (original().as_bytes(), None),
        "nothing": (b"", None),
    }
    for name, (raw, expected) in cases.items():
        with subtests.test(name):
            assert read_report(raw) == expected


def test_a_reason_cannot_act_on_a_terminal() -> None:
    found = read_report(report(reason="\x1b[2J cleared"))
    assert found is not None
    assert "\x1b" not in found.reason


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_no_mail_whatever_it_holds_is_more_than_no_report(head: bytes, tail: bytes) -> None:
    raw = exchange_report()
    for mail in (head, head + raw + tail, raw.replace(b"failed", head), raw.replace(b"In-Reply-To", head)):
        found = read_report(mail)
        assert found is None or found.message == IDENTITY


@pytest.mark.parametrize(
    "layer", [b"Content-Type: message/rfc822\n\n", b'Content-Type: multipart/mixed; boundary="%04d"\n\n--%04d\n']
)
def test_a93_mails_in_mails_do_not_stop_a_mailbox(tmp_path: Path, layer: bytes) -> None:
    """A mail under 100 KB that is nested deeper than a program can follow; the reports after it are read."""
    layers = [layer % ((depth,) * layer.count(b"%04d")) for depth in range(1200)]
    hostile = b"".join(layers) + b"Subject: x\n\nhi\n"
    with pytest.raises(RecursionError):
        list(message_from_bytes(hostile).walk())
    assert len(hostile) < 100_000
    (tmp_path / "box").write_bytes(b"".join(b"From x\n" + mail + b"\n" for mail in (report(), hostile, report())))
    found = [read_report(mail) for mail in read_mailbox(tmp_path / "box")]
    assert [item.message if item else None for item in found] == [IDENTITY, None, IDENTITY]


def test_mailboxes_of_every_kind_give_the_same_mails(tmp_path: Path) -> None:
    mails = [report(), b"Subject: hello\n\nworld\nFrom nobody, inside\n", exchange_report()]
    box = mailbox.mbox(tmp_path / "mbox")
    folder = mailbox.Maildir(tmp_path / "maildir")
    for mail in mails:
        box.add(mail)
        folder.add(mail)
    box.close()
    (tmp_path / "one.eml").write_bytes(mails[0])
    assert [read_report(mail) for mail in read_mailbox(tmp_path / "mbox")] == [read_report(mail) for mail in mails]
    found = [read_report(mail) for mail in read_mailbox(tmp_path / "maildir")]
    assert sorted(map(str, found)) == sorted(str(read_report(mail)) for mail in mails)
    assert [read_report(mail) for mail in read_mailbox(tmp_path / "one.eml")] == [read_report(mails[0])]
    assert list(split_mailbox(b"")) == []
    with pytest.raises(InputError, match="no maildir"):
        list(read_mailbox(tmp_path))


@pytest_asyncio.fixture
async def office(database: Database) -> AsyncIterator[Database]:
    """s1 and s2 have their mail, s3 waits."""
    await open_election(database)
    await put(database, ["1", "2"])
    async with database.transaction() as connection:
        for _ in range(2):
            claimed = await claim(connection, MASTER, now=NOW, lapses=NOW + 60, urgent=False)
            assert claimed is not None
            await note_sent(connection, claimed, NOW)
    await put(database, ["3"])
    yield database


async def test_only_sent_mails_come_back_and_only_once(office: Database) -> None:
    found = await rows(office)
    reports = [
        Report(found["1"].message, failed=True, reason="5.1.1 no such user"),
        Report(found["2"].message, failed=False, reason="4.4.7 late"),
        Report(found["3"].message, failed=True, reason="forged"),
        Report("f" * 40, failed=True, reason="unknown"),
    ]
    async with office.transaction() as connection:
        returned = await note_bounces(connection, reports, NOW + 5)
    assert [(item.kind, item.recipient, item.reason) for item in returned] == [("invite", "1", "5.1.1 no such user")]
    async with office.transaction() as connection:
        assert await note_bounces(connection, reports, NOW + 6) == []
    assert await states(office) == {"1": "bounced", "2": "sent", "3": "waiting"}
