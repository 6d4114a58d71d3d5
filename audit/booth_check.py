"""Is the booth that strangers are served the one that the log names? (A83; docs/protocol.md §9, `booth`)

A service that wants to change votes may serve a changed program to a few only: to phones, to one language, to every
tenth visitor. So the page is fetched as several different browsers, more than once, and every difference is named.
What is compared: the page → its one script, by its integrity, its policy and the hash in the log → its texts, by the
hashes in the script. Style sheets have no hash in the log; they are compared between visits.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256, sha384
from html.parser import HTMLParser
from itertools import product
from typing import Final
from urllib.parse import urljoin, urlsplit

from audit.entries import BoothData, decode_entry, decode_envelope
from audit.signed_entries import signed_entries
from audit.source import LogSource

ROUNDS: Final = 2  # visits of every client
_TEXTS: Final = re.compile(rb'"?\b([a-z]{2})"?:"([0-9a-f]{64})"')
_LOADS: Final = {
    "script": "src",
    "link": "href",
    "img": "src",
    "iframe": "src",
    "object": "data",
    "embed": "src",
    "base": "href",
    "form": "action",
}
_NEVER: Final = ("iframe", "object", "embed", "base", "frame", "applet", "portal")
_AGENTS: Final = {
    "Chrome on Android": "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Mobile Safari/537.36",
    "Safari on an iPhone": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1",
    "Firefox on Windows": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
}
_LANGUAGES: Final = ("en", "ka,en;q=0.5", "az", "ru-RU,ru")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: the address after redirections, status, headers by lower-case name, content."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


Fetch = Callable[[str, Mapping[str, str]], Answer]


@dataclass(frozen=True, slots=True)
class Client:
    """Who the visit claims to be."""

    name: str
    headers: Mapping[str, str]


CLIENTS: Final = tuple(
    Client(f"{name}, {language[:2]}", {"User-Agent": agent, "Accept-Language": language, "Accept": "text/html,*/*"})
    for (name, agent), language in product(_AGENTS.items(), _LANGUAGES)
)


@dataclass(slots=True)
class BoothReport:
    """``bundle``: the hash that the log names last, hex, or None; ``differences``: one sentence each, in order."""

    bundle: str | None
    visits: int = 0
    files: set[str] = field(default_factory=set)
    differences: list[str] = field(default_factory=list)

    def differs(self, text: str) -> None:
        """Note a difference, once."""
        if text not in self.differences:
            self.differences.append(text)


def logged_bundle(source: LogSource) -> str | None:
    """The bundle of the last `booth` entry; None where the log has none. DataError where the log does not hold."""
    found: str | None = None
    for _, raw in signed_entries(source):
        if decode_envelope(raw).kind == "booth":
            data: BoothData = decode_entry(raw).data
            found = data.bundle
    return found


def check_booth(
    url: str, bundle: str | None, fetch: Fetch, clients: Sequence[Client] = CLIENTS, rounds: int = ROUNDS
) -> BoothReport:
    """Visit the booth as every client, ``rounds`` times; ``bundle``: the hash in the log. PeerError without answer."""
    report = BoothReport(bundle)
    if bundle is None:
        report.differs("the log names no booth: there is no `booth` entry to compare with")
    first: dict[str, tuple[str, bytes]] = {}
    for _, client in product(range(rounds), clients):
        report.visits += 1
        _visit(_Visit(url, client, fetch, first, report))
    return report


@dataclass(slots=True)
class _Visit:
    """One visit. ``first``: what the first visit got under each address."""

    url: str
    client: Client
    fetch: Fetch
    first: dict[str, tuple[str, bytes]]
    report: BoothReport

    def get(self, url: str, what: str) -> Answer | None:
        """A file, compared with what earlier visits got; None where it is not there."""
        answer = self.fetch(url, self.client.headers)
        if answer.url != url:
            self.report.differs(f"{what}: leads on to {answer.url}, for {self.client.name}")
        if answer.status != 200:
            self.report.differs(f"{what}: the server answers {answer.status}, for {self.client.name}")
            return None
        self.report.files.add(url)
        name, before = self.first.setdefault(url, (self.client.name, answer.body))
        if before != answer.body:
            self.report.differs(f"{what}: {self.client.name} gets other bytes than {name}")
        return answer


class _Page(HTMLParser):
    """What a page loads and runs."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.scripts: list[dict[str, str]] = []
        self.styles: list[str] = []
        self.faults: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag in _NEVER:
            self.faults.append(f"holds <{tag}>")
        if any(name.startswith("on") or "javascript:" in value.lower() for name, value in found.items()):
            self.faults.append(f"runs a program inside <{tag}>")
        if tag == "meta" and "http-equiv" in found:
            self.faults.append(f"holds <meta http-equiv={found['http-equiv']}>")
        where = found.get(_LOADS.get(tag, ""), "")
        if where.startswith("//") or urlsplit(where).scheme not in ("", "data"):
            self.faults.append(f"<{tag}> leads to {where}")
        if tag == "script":
            self.scripts.append(found)
        if tag == "link" and "stylesheet" in found.get("rel", ""):
            self.styles.append(found.get("href", ""))


def _visit(visit: _Visit) -> None:
    answer = visit.get(visit.url, "page")
    if answer is None:
        return
    page = _Page(answer.body.decode("utf-8", "replace"))
    for fault in page.faults:
        visit.report.differs(f"page: {fault}, for {visit.client.name}")
    for number, style in enumerate(page.styles, 1):
        visit.get(urljoin(visit.url, style), f"style sheet {number}")
    if len(page.scripts) != 1 or not page.scripts[0].get("src"):
        visit.report.differs(f"page: expected one script from a file, got {len(page.scripts)}, for {visit.client.name}")
        return
    script = visit.get(urljoin(visit.url, page.scripts[0]["src"]), "script")
    if script is not None:
        _check_script(visit, answer, page.scripts[0].get("integrity", ""), script.body)


def _check_script(visit: _Visit, page: Answer, integrity: str, script: bytes) -> None:
    """Page → script → texts."""
    report, client = visit.report, visit.client.name
    expected = f"sha384-{b64encode(sha384(script).digest()).decode()}"
    if integrity != expected:
        report.differs(
            f"page: the script's integrity is {integrity or 'missing'}, its bytes have {expected}, for {client}"
        )
    allowed = _policy(page.headers.get("content-security-policy", "")).get("script-src", [])
    if allowed != [f"'{expected}'"]:
        report.differs(
            f"page: its policy lets {' '.join(allowed) or 'any script'} run, expected '{expected}', for {client}"
        )
    found = sha256(script).hexdigest()
    if report.bundle is not None and found != report.bundle:
        report.differs(f"script: its SHA-256 is {found}, the log names {report.bundle}, for {client}")
    texts = _TEXTS.findall(script)
    if not texts:
        report.differs("script: names no texts")
    for language, digest in texts:
        name = f"texts.{language.decode()}.{digest[:16].decode()}.json"
        text = visit.get(urljoin(visit.url, f"/static/{name}"), name)
        if text is not None and sha256(text.body).hexdigest() != digest.decode():
            report.differs(f"{name}: not the text whose hash stands in the script, for {client}")


def _policy(header: str) -> dict[str, list[str]]:
    parts = (part.split() for part in header.split(";"))
    return {name.lower(): values for name, *values in filter(None, parts)}
