"""The booth as strangers get it, against the hash in the log: every way to serve some of them something else (A83)."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256, sha384
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from audit.booth_check import CLIENTS, ROUNDS, Answer, BoothReport, check_booth, logged_bundle
from audit.cli import main
from audit.entries import BoothData
from audit.errors import LogError
from audit.source import MemorySource
from audit.web import MAX_PAGE, fetch_page
from election_service.pages.headers import page_headers
from keys.canonical import b64
from tests.simulated.malice import Copy
from tests.simulator import ELECTION, ContestPlan, Election, Plan, set_up

Capture = pytest.CaptureFixture[str]
HOST = "https://vote.example"
URL = f"{HOST}/vote/{ELECTION}"
TEXTS = b'{"en":{"1":"Vote"}}'
TEXTS_NAME = f"texts.{b64(sha256(TEXTS).digest()[:24])}.json"
COMPLAINT = f'T="{TEXTS_NAME}";complain()'.encode()
COMPLAINT_NAME = f"complaint.{b64(sha256(COMPLAINT).digest()[:24])}.js"


@dataclass
class Booth:
    """A service that serves a booth; ``change`` sees every answer and may send another."""

    script: bytes = f'T="{TEXTS_NAME}";run()\n//{COMPLAINT_NAME}'.encode()
    page: str = (
        '<!doctype html><link rel="stylesheet" href="/static/b.css">'
        '<script defer src="/static/b.js" integrity="{sri}"></script>'
    )
    policy: str = page_headers("{sri}")["Content-Security-Policy"]
    change: Callable[[str, Mapping[str, str], Answer], Answer] = lambda _path, _headers, answer: answer
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    @property
    def bundle(self) -> str:
        return sha256(self.script).hexdigest()

    def __call__(self, url: str, headers: Mapping[str, str]) -> Answer:
        self.asked.append((url, headers))
        path = url.removeprefix(HOST)
        of_complaint = path.endswith("/complaint")
        sri = f"sha384-{b64encode(sha384(COMPLAINT if of_complaint else self.script).digest()).decode()}"
        page = self.page.replace("{sri}", sri)
        files = {
            f"/vote/{ELECTION}": page.encode(),
            f"/vote/{ELECTION}/complaint": page.replace("b.js", COMPLAINT_NAME).encode(),
            f"/static/{COMPLAINT_NAME}": COMPLAINT,
            "/static/b.js": self.script,
            "/static/b.css": b"body{}",
            f"/static/{TEXTS_NAME}": TEXTS,
        }
        headers_ = {"content-security-policy": self.policy.replace("{sri}", sri), "content-type": kind_of(path)}
        answer = Answer(url, 200, headers_, files[path]) if path in files else Answer(url, 404, {}, b"")
        return self.change(path, headers, answer)


def kind_of(path: str) -> str:
    """As the service says it."""
    kinds = {"js": "text/javascript; charset=utf-8", "css": "text/css", "json": "application/json"}
    return kinds.get(path.rpartition(".")[2], "text/html; charset=utf-8")


def check(booth: Booth, bundle: str | None = None) -> BoothReport:
    return check_booth(URL, bundle or Booth().bundle, booth)


def test_a83_an_honest_booth_is_the_same_for_everybody() -> None:
    booth = Booth()
    report = check(booth)
    assert report.differences == []
    assert report.visits == len(CLIENTS) * ROUNDS >= 3
    assert len(report.files) == 6  # two pages, two scripts, style sheet, texts
    agents = {headers["User-Agent"] for _, headers in booth.asked}
    languages = {headers["Accept-Language"] for _, headers in booth.asked}
    assert len(agents) >= 3
    assert len(languages) == 4
    assert all("Cookie" not in headers for _, headers in booth.asked)


def only(where: str, who: str, replaced: Callable[[Answer], Answer]) -> Booth:
    """Other answers for one kind of visitor."""

    def change(path: str, headers: Mapping[str, str], answer: Answer) -> Answer:
        hit = where in path and who in headers["User-Agent"] + headers["Accept-Language"]
        return replaced(answer) if hit else answer

    return Booth(change=change)


def other(answer: Answer) -> Answer:
    return replace(answer, body=answer.body + b" ")


LIES: dict[str, tuple[Booth, str]] = {
    "another script for iPhones": (only("b.js", "iPhone", other), "script: Safari on an iPhone, en gets other bytes"),
    "another script for readers of Georgian": (only("b.js", "ka,en", other), "script: its SHA-256 is"),
    "another page for Firefox": (only("/vote/", "Firefox", other), "page: Firefox on Windows, en gets other bytes"),
    "another style sheet for Android": (
        only("b.css", "Android", other),
        "style sheet 1: Safari on an iPhone, en gets other bytes",
    ),
    "another text for readers of Azerbaijani": (
        only("texts.", "az", other),
        "not the texts whose hash stands in the script",
    ),
    "the texts are missing": (only("texts.", "", lambda a: replace(a, status=404)), "the server answers 404"),
    "the page leads elsewhere": (
        only("/vote/", "iPhone", lambda a: replace(a, url="https://evil.example/")),
        "page: leads on to https://evil.example/",
    ),
    "no integrity": (Booth(page='<script src="/static/b.js"></script>'), "integrity is missing"),
    "a wrong integrity": (
        Booth(page='<script src="/static/b.js" integrity="sha384-x"></script>'),
        "integrity is sha384-x",
    ),
    "a second script": (
        Booth(page=Booth.page + '<script src="/static/b.js"></script>'),
        "expected one script from a file, got 2",
    ),
    "a script inside the page": (
        Booth(page=Booth.page + "<script>steal()</script>"),
        "expected one script from a file, got 2",
    ),
    "no script": (Booth(page="<p>"), "expected one script from a file, got 0"),
    "a script of another host": (
        Booth(page=Booth.page.replace("/static/b.js", "//evil.example/b.js")),
        "leads to //evil",
    ),
    "a picture": (Booth(page=Booth.page + '<img src="/x.png">'), "holds <img>"),
    "a handler": (Booth(page=Booth.page + '<body onload="steal()">'), "holds onload in <body>"),
    "a handler without quotes": (
        Booth(page=Booth.page + "<body onload=steal()>"),
        "browsers may read otherwise: <body on",
    ),
    "a link that runs": (Booth(page=Booth.page + '<a href="JavaScript:x">'), "<a> leads to JavaScript:x"),
    "a frame": (Booth(page=Booth.page + '<iframe src="/x"></iframe>'), "holds <iframe>"),
    "another base": (Booth(page=Booth.page + '<base href="/x">'), "holds <base>"),
    "a form that leads away": (Booth(page=Booth.page + '<form action="https://evil.example/">'), "holds <form>"),
    "a refresh": (Booth(page=Booth.page + '<meta http-equiv="refresh" content="0">'), "holds http-equiv in <meta>"),
    "another program before it is needed": (
        Booth(page=Booth.page + '<link rel="modulepreload" href="/x.js">'),
        "holds <link rel=modulepreload>",
    ),
    "the same attribute twice": (
        Booth(page=Booth.page.replace(" integrity", ' src="/static/b.js" integrity')),
        "browsers may read otherwise: <script",
    ),
    "a page of other letters": (only("/vote/", "", lambda a: replace(a, body=b"\xff\xfe" + a.body)), "is not UTF-8"),
    "a byte order mark": (Booth(page="\ufeff" + Booth.page), "does not begin with <!doctype html>"),
    "no policy": (Booth(policy=""), "lets any script run"),
    "a policy for more": (
        Booth(policy=Booth.policy.replace("'{sri}'", "'{sri}' 'unsafe-inline'")),
        "'unsafe-inline' run, expected",
    ),
    "a policy twice": (Booth(policy=f"{Booth.policy}; {Booth.policy}"), "its policy holds style-src 'self' 'self'"),
    "a policy that lacks a line": (
        Booth(policy=Booth.policy.replace("connect-src 'self'; ", "")),
        "its policy lacks connect-src, expected 'self'",
    ),
    "a policy that reports": (
        Booth(policy=Booth.policy + "; report-uri https://evil.example/"),
        "its policy holds report-uri https://evil.example/, expected no such directive",
    ),
    "a program without texts": (Booth(script=b"run()"), "script: names no texts"),
    "a program without one for complaints": (
        Booth(script=f'T="{TEXTS_NAME}";run()'.encode()),
        "script: names 0 programs for complaints",
    ),
    "another program for complaints, for Firefox": (
        only("/static/complaint.", "Firefox", other),
        "complaint: script: its hash is",
    ),
    "complaints on a page that lets everything run": (
        only("/complaint", "", lambda a: replace(a, headers={**a.headers, "content-security-policy": ""})),
        "complaint: page: its policy lets any script run",
    ),
    "complaints on a page with another program's integrity": (
        only("/complaint", "", lambda a: replace(a, body=a.body.replace(b"sha384-", b"sha384-x"))),
        "complaint: page: the script's integrity is sha384-x",
    ),
    "complaints on a page with a second script": (
        only("/complaint", "iPhone", lambda a: replace(a, body=a.body + b'<script src="/static/b.js"></script>')),
        "complaint: page: expected one script from a file, got 2",
    ),
    "no page for complaints": (
        only("/complaint", "Android", lambda a: replace(a, status=404)),
        "complaint: page: the server answers 404",
    ),
    "the page is gone": (only("/vote/", "", lambda a: replace(a, status=500)), "page: the server answers 500"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a83_every_difference_is_named(lie: str) -> None:
    booth, text = LIES[lie]
    differences = check(booth).differences
    assert any(text in item for item in differences), differences
    assert len(differences) == len(set(differences))


def test_a83_a_program_served_once_in_many_visits_is_seen_if_a_visit_meets_it() -> None:
    """The visits are counted: what is served to nobody but a victim, no stranger can see; docs/auditor.md says so."""
    count = 0

    def every_tenth(path: str, _headers: Mapping[str, str], answer: Answer) -> Answer:
        nonlocal count
        count += path.endswith("b.js")
        return other(answer) if count % 10 == 9 else answer

    assert any("script: its SHA-256 is" in item for item in check(Booth(change=every_tenth)).differences)


def test_a_log_that_names_another_booth_or_none() -> None:
    assert any("the log names" in item for item in check(Booth(), "0" * 64).differences)
    report = check_booth(URL, None, Booth())
    assert report.differences == ["the log names no booth: there is no `booth` entry to compare with"]


# ---- the log and the command -----------------------------------------------------------------------------------------


def with_booths(*bundles: str) -> Election:
    election = set_up(Plan(contests=(ContestPlan("head", (), "ana beka"),)))
    for bundle in bundles:
        election.approved("booth", BoothData(act=b64(election.random(16)), approvals=(), bundle=bundle))
    return election


def test_the_last_booth_entry_counts() -> None:
    election = with_booths("1" * 64, "2" * 64)
    assert logged_bundle(MemorySource(election.log.files())) == "2" * 64
    copy = Copy.of(election)
    assert logged_bundle(MemorySource(copy.cut(copy.first("booth")).files())) is None
    entries = copy.plain()
    entries[copy.last("booth")]["data"]["bundle"] = "3" * 64
    unsigned = copy.rewritten(entries) | {"checkpoint": copy.files()["checkpoint"]}
    with pytest.raises(LogError, match="root of the checkpoint"):
        logged_bundle(MemorySource(unsigned))


@pytest.fixture
def served() -> Iterator[tuple[str, Booth]]:
    """Booth and log on a real port."""
    booth = Booth()
    files = with_booths(booth.bundle).log.files()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            log = files.get(self.path.removeprefix(f"/log/{ELECTION}/"))
            headers = {name.title(): value for name, value in self.headers.items()}
            answer = Answer("", 200, {}, log) if log is not None else booth(HOST + self.path, headers)
            self.send_response(answer.status)
            for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", booth
        server.shutdown()


def test_as_a_command(served: tuple[str, Booth], capsys: Capture) -> None:
    address, booth = served
    secret = "A" * 64
    assert main(["booth", f"{address}/vote/{ELECTION}#{secret}"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"booth: ok: {len(CLIENTS) * ROUNDS} visits as different browsers got the same 6 files\n")
    assert booth.bundle in out
    assert secret not in out + err
    assert all(secret not in url for url, _ in booth.asked)
    booth.change = LIES["another script for iPhones"][0].change
    assert main(["booth", f"{address}/vote/{ELECTION}"]) == 1
    assert "booth: failed: script: Safari on an iPhone" in capsys.readouterr().out
    for url in (f"{address}/", f"{address}/vote/", "vote", f"ftp://x/vote/{ELECTION}"):
        assert main(["booth", url]) == 2
        assert "error: the address is not that of a booth" in capsys.readouterr().err
    assert main(["booth", f"http://127.0.0.1:9/vote/{ELECTION}"]) == 2
    assert "refused" in capsys.readouterr().err


def test_a93_a_page_without_end_is_not_read_to_its_end(served: tuple[str, Booth]) -> None:
    address, booth = served
    booth.change = lambda _path, _headers, answer: replace(answer, body=b"x" * (MAX_PAGE + 1))
    with pytest.raises(Exception, match="larger than"):
        fetch_page(f"{address}/vote/{ELECTION}", {})
