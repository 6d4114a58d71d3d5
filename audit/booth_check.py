"""Is the booth that strangers are served the one that the log names? (A83; docs/protocol.md §9, `booth`)

A service that wants to change votes may serve a changed program to a few only: to phones, to one language, to every
tenth visitor. So the page is fetched as several different browsers, more than once, and every difference is named.
What is compared: the page → its one script, by its integrity, its policy and the hash in the log → its texts, by the
hash in the script; and the page of complaints → its one script, by the hash in the booth's → its texts. A page may hold
nothing that a browser could read otherwise (audit/booth_page.py), and its policy, directive by directive, is the
booth's and no other. Style sheets and the pages' own words have no hash in the log; they are compared between visits.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256, sha384
from itertools import product
from typing import Final
from urllib.parse import urljoin

from audit.booth_page import BoothPage, read_page
from audit.entries import BoothData, decode_entry, decode_envelope
from audit.signed_entries import signed_entries
from audit.source import LogSource
from keys.canonical import b64
from keys.text import printable

ROUNDS: Final = 2  # visits of every client
_TEXTS: Final = re.compile(rb"\btexts\.([\w-]{32})\.json\b")
_COMPLAINT: Final = re.compile(rb"\bcomplaint\.([\w-]{32})\.js\b")
_NAMED: Final = 24  # bytes of SHA-256 in a file's name, base64url: all that a script knows of it (docs/adr/0008)
_POLICY: Final = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}  # with script-src, all that the booth's page is served with: one directive more can undo another
_REFUSED: Final = ("refresh", "link", "speculation-rules")  # headers that lead on, or load something
_HTML: Final = "text/html; charset=utf-8"
_SCRIPT: Final = ("text/javascript", "text/javascript; charset=utf-8")  # another charset makes other text of the bytes
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
        """Note a difference, once, as a terminal can show it."""
        text = printable(text)
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


def _visit(visit: _Visit) -> None:
    """Page → script, which the log names → texts; and the same for complaints, whose script the booth's names."""
    report, client = visit.report, visit.client.name
    script = _get_program(visit, visit.url, "")
    if script is None:
        return
    found = sha256(script).hexdigest()
    if report.bundle is not None and found != report.bundle:
        report.differs(f"script: its SHA-256 is {found}, the log names {report.bundle}, for {client}")
    _check_texts(visit, script, "")
    named = {digest.decode() for digest in _COMPLAINT.findall(script)}
    if len(named) != 1:
        report.differs(f"script: names {len(named)} programs for complaints, expected one")
    other = _get_program(visit, f"{visit.url}/complaint", "complaint: ")
    if other is None:
        return
    digest = _named(other)
    if digest not in named:
        report.differs(f"complaint: script: its hash is {digest}, the booth names {', '.join(named)}, for {client}")
    _check_texts(visit, other, "complaint: ")


def _get_program(visit: _Visit, url: str, which: str) -> bytes | None:
    """A page, and the bytes of its one script; None where there are none. ``which``: how differences begin."""
    answer = visit.get(url, f"{which}page")
    if answer is None:
        return None
    page = read_page(answer.body)
    for fault in [*page.faults, *_header_faults(answer.headers)]:
        visit.report.differs(f"{which}page: {fault}, for {visit.client.name}")
    for number, style in enumerate(page.styles, 1):
        visit.get(urljoin(url, style), f"{which}style sheet {number}")
    if len(page.scripts) != 1 or not page.scripts[0].get("src"):
        visit.report.differs(
            f"{which}page: expected one script from a file, got {len(page.scripts)}, for {visit.client.name}"
        )
        return None
    script = visit.get(urljoin(url, page.scripts[0]["src"]), f"{which}script")
    if script is not None:
        _check_script(visit, answer, page, script, which)
    return None if script is None else script.body


def _header_faults(headers: Mapping[str, str]) -> Iterator[str]:
    """What the page's headers make a browser do, beside the policy's script."""
    if _plain(headers.get("content-type", "")) != _HTML:
        yield f"its type is {headers.get('content-type', 'missing')}, expected {_HTML}"
    for name in _REFUSED:
        if name in headers:
            yield f"holds the header {name}: {headers[name]}"
    policy = _policy(headers.get("content-security-policy", ""))
    for name in {**policy, **_POLICY}:
        if name != "script-src" and policy.get(name) != _POLICY.get(name):
            found = f"holds {name} {policy[name]}" if name in policy else f"lacks {name}"
            yield f"its policy {found}, expected {_POLICY.get(name, 'no such directive')}"


def _check_script(visit: _Visit, answer: Answer, page: BoothPage, served: Answer, which: str) -> None:
    """A script is of the right type, and both integrity and policy of its page name these very bytes."""
    report, client, script = visit.report, visit.client.name, served.body
    integrity = page.scripts[0].get("integrity", "")
    if _plain(served.headers.get("content-type", "")) not in _SCRIPT:
        report.differs(
            f"{which}script: its type is {served.headers.get('content-type', 'missing')}, expected {_SCRIPT[0]}"
        )
    expected = f"sha384-{b64encode(sha384(script).digest()).decode()}"
    if integrity != expected:
        report.differs(
            f"{which}page: the script's integrity is {integrity or 'missing'}, its bytes have {expected}, for {client}"
        )
    allowed = _policy(answer.headers.get("content-security-policy", "")).get("script-src")
    if allowed != f"'{expected}'":
        report.differs(
            f"{which}page: its policy lets {allowed or 'any script'} run, expected '{expected}', for {client}"
        )


def _check_texts(visit: _Visit, script: bytes, which: str) -> None:
    """Script → texts."""
    texts = {digest.decode() for digest in _TEXTS.findall(script)}
    if not texts:
        visit.report.differs(f"{which}script: names no texts")
    for digest in sorted(texts):
        name = f"texts.{digest}.json"
        text = visit.get(urljoin(visit.url, f"/static/{name}"), name)
        if text is not None and _named(text.body) != digest:
            visit.report.differs(f"{name}: not the texts whose hash stands in the script, for {visit.client.name}")


def _named(content: bytes) -> str:
    """The hash of a file as its name holds it."""
    return b64(sha256(content).digest()[:_NAMED])


def _policy(header: str) -> dict[str, str]:
    """Directive → its values. Of one that stands twice browsers take the first; here both are shown as a difference."""
    found: dict[str, str] = {}
    for name, *values in filter(None, (part.split() for part in header.split(";"))):
        found[name.lower()] = " ".join([*([found[name.lower()]] if name.lower() in found else []), *values])
    return found


def _plain(media_type: str) -> str:
    """A media type in one form: small letters, one space after a semicolon."""
    return "; ".join(part.strip() for part in media_type.lower().replace('"', "").split(";"))
