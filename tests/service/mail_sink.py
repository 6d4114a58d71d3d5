"""A mail server for tests: real SMTP, with the moods of one. It keeps what it has answered "250" to."""

from __future__ import annotations

import asyncio
import random
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from election_service.mail_server import MailServer

SENDER = "vote@example.edu"


@dataclass
class Sink:
    """``moods``: chance of each trouble, by name: "later" (4xx), "drop" (connection lost before the answer),
    "lose" (connection lost after the mail was kept), "slow". ``refuse``: addresses refused for good.
    """

    moods: dict[str, float] = field(default_factory=dict)
    refuse: set[str] = field(default_factory=set)
    later: set[str] = field(default_factory=set)
    slow: float = 0.5  # seconds
    sender_answer: str = ""
    dice: random.Random = field(default_factory=lambda: random.Random(4))
    raws: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    troubles: Counter[str] = field(default_factory=Counter)
    connections: int = 0

    @property
    def mails(self) -> list[EmailMessage]:
        return [BytesParser(EmailMessage, policy=default).parsebytes(raw) for raw in self.raws]

    def mood(self, name: str) -> bool:
        happens = self.dice.random() < self.moods.get(name, 0.0)
        self.troubles[name] += happens
        return happens


class _Handler:
    """What aiosmtpd sees of a sink: it evaluates every property of its handler at each connection."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def handle_EHLO(
        self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self._sink.connections += 1
        return responses

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self._sink.sender_answer:
            return self._sink.sender_answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address in self._sink.refuse:
            return "550 5.1.1 no such user"
        if address in self._sink.later or self._sink.mood("later"):
            return "450 4.2.0 greylisted"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        if self._sink.mood("slow"):
            await asyncio.sleep(self._sink.slow)
        if self._sink.mood("drop"):
            server.transport.abort()
            return "421 gone"
        self._sink.raws.append(envelope.content)
        self._sink.recipients += envelope.rcpt_tos
        if self._sink.mood("lose"):
            server.transport.abort()
        return "250 OK"


@contextmanager
def running(sink: Sink, port: int | None = None) -> Iterator[MailServer]:
    """The sink on a port of its own, and how to reach it."""
    controller = Controller(
        _Handler(sink), hostname="127.0.0.1", port=port or free_port(), server_hostname="sink.example.edu"
    )
    controller.start()
    try:
        yield MailServer("127.0.0.1", controller.port, "none", SENDER, mails_per_minute=6000)
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def parts(mail: EmailMessage) -> tuple[str, str]:
    """Text and HTML of a mail."""
    text, html = (part.get_content() for part in mail.iter_parts())
    return text, html
