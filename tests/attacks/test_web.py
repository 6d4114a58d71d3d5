"""Attacks on the pages and the web side: headers, scanners, cookies, logs, enumeration, markup (A54, A64, A73,
A81-A86)."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import re
from typing import Any

import pytest

from election_service.pages import BOOTH, Pages
from election_service.pages.assets import TEMPLATES
from election_service.service_logging import HIDDEN, configure_logging, get_logger, redact_text
from election_service.voter_pages import AUDIT
from keys.canonical import b64, encode
from tests.service.house import ELECTION, House
from tests.service.pages_reader import counts_of, page_paths

needs_booth = pytest.mark.skipif(not (BOOTH / "manifest.json").is_file(), reason="booth: not built (pip install -e .)")


def policy_of(header: str) -> dict[str, list[str]]:
    return {name: values for name, *values in (part.split() for part in header.split(";"))}


async def get(house: House, path: str) -> Any:
    assert house.http is not None
    return await house.http.get(path)


COMPLAINT = f"/vote/{ELECTION}/complaint"
PAGES = ["/", *(pytest.param(path, marks=needs_booth) for path in (f"/vote/{ELECTION}", COMPLAINT))]


@pytest.mark.parametrize("path", PAGES)
async def test_a82_a86_every_page_has_the_strict_headers(open_sqlite_house: House, path: str) -> None:
    answer = await get(open_sqlite_house, path)
    assert answer.status == 200
    policy = policy_of(answer.headers["Content-Security-Policy"])
    assert policy["default-src"] == ["'none'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert policy["form-action"] == policy["style-src"] == ["'self'"]
    assert policy["img-src"] == ["'self'", "data:"]
    assert policy["require-trusted-types-for"] == ["'script'"]
    assert policy["trusted-types"] == ["'none'"]
    assert all("unsafe" not in value and "*" not in value for values in policy.values() for value in values)
    expected = {
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store" if path.startswith("/vote/") else "public, max-age=60",
    }
    assert {name: answer.headers[name] for name in expected} == expected
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Set-Cookie" not in answer.headers


@needs_booth
async def test_a83_the_page_of_complaints_runs_the_one_program_that_the_booth_s_names(open_sqlite_house: House) -> None:
    answer = await get(open_sqlite_house, COMPLAINT)
    text, pages = await answer.text(), Pages()
    assert pages.manifest is not None
    name, integrity = pages.assets.named["complaint_js"], pages.assets.named["complaint_js_sri"]
    assert policy_of(answer.headers["Content-Security-Policy"])["script-src"] == [f"'{integrity}'"]
    assert re.findall(r"<script[^>]*>", text) == [f'<script defer src="/static/{name}" integrity="{integrity}">']
    script = await (await get(open_sqlite_house, f"/static/{name}")).read()
    assert hashlib.sha256(script).hexdigest() in text
    booth = await (await get(open_sqlite_house, f"/static/{pages.manifest.js}")).read()
    assert name.encode() in booth


@needs_booth
async def test_a83_the_booth_s_script_is_the_one_in_the_policy_and_the_footer(open_sqlite_house: House) -> None:
    """The page names one script, with its integrity; its bytes have the hash that the footer and the log show."""
    answer = await get(open_sqlite_house, f"/vote/{ELECTION}")
    text = await answer.text()
    manifest = Pages().manifest
    assert manifest is not None
    policy = policy_of(answer.headers["Content-Security-Policy"])
    assert policy["script-src"] == [f"'{manifest.js_sri}'"]
    assert policy["connect-src"] == ["'self'"]
    scripts = re.findall(r"<script[^>]*>", text)
    assert len(scripts) == 1
    assert f'integrity="{manifest.js_sri}"' in scripts[0]
    asset = await get(open_sqlite_house, f"/static/{manifest.js}")
    body = await asset.read()
    assert hashlib.sha256(body).hexdigest() == manifest.bundle_sha256
    assert manifest.bundle_sha256 in text
    assert "immutable" in asset.headers["Cache-Control"]
    assert asset.headers["Content-Type"].startswith("text/javascript")


@pytest.mark.parametrize("path", PAGES)
async def test_a82_no_page_loads_anything_from_elsewhere_or_inline(open_sqlite_house: House, path: str) -> None:
    text = await (await get(open_sqlite_house, path)).text()
    assert re.findall(r'(?:src|href|action)="(?:https?:)?//', text) == []
    assert "style=" not in text
    assert re.findall(r"\son[a-z]+=", text) == []
    assert "javascript:" not in text


# Namespaces are names; nothing is loaded from them.
NAMES = {"http://www.w3.org"}
SOURCES = {"'self'", "'none'", "data:", "'script'"}
DELIVERED = sorted([*BOOTH.glob("*.*"), AUDIT, *TEMPLATES.glob("*.css"), *(TEMPLATES / "pages").rglob("*.html")])


def foreign(text: str) -> set[str]:
    """Other hosts that a text names as an address."""
    return set(re.findall(r"(?:https?:|wss?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+", text)) - NAMES


@needs_booth
def test_a82_nothing_that_is_delivered_names_another_host() -> None:
    """Every file of the build, the stand-alone page, the pages' templates and style."""
    kinds = {file.suffix for file in DELIVERED}
    assert {".js", ".css", ".html", ".json"} <= kinds
    assert {file.name.partition(".")[0] for file in DELIVERED} >= {"booth", "check", "audit", "pages", "texts"}
    assert foreign('<script src="//cdn.example.net/x.js"></script> https://a.example') != set()
    assert {file.name: found for file in DELIVERED if (found := foreign(file.read_text(encoding="utf-8")))} == {}


@needs_booth
async def test_a82_every_page_loads_from_here_alone_and_says_so(open_sqlite_house: House) -> None:
    """All server pages, booth, complaints and both checking pages: their elements, and what their policies allow."""
    house = open_sqlite_house
    own = [f"/{page}/{ELECTION}" for page in ("vote", "check", "audit")]
    for path in [*await page_paths(house), *own, COMPLAINT]:
        answer = await get(house, path)
        assert answer.status == 200, path
        policy = policy_of(answer.headers["Content-Security-Policy"])
        allowed = {value for name, values in policy.items() if name != "frame-ancestors" for value in values}
        assert all(value in SOURCES or re.fullmatch(r"'sha(256|384)-[\w+/]+=*'", value) for value in allowed), path
        assert {name for name in HARDENED if name not in answer.headers} == set(), path
        text = await answer.text()
        loads = re.findall(r"<(?:script|img|link|iframe|source|form)[^>]*?(?:src|href|action|srcset)=\"([^\"]*)", text)
        assert [value for value in loads if not re.match(r"/(?!/)|data:|\?|#|$", value)] == [], path


HARDENED = (
    *("Content-Security-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy"),
    *("Cross-Origin-Embedder-Policy", "Permissions-Policy", "Referrer-Policy", "Strict-Transport-Security"),
    *("X-Content-Type-Options", "Cache-Control"),
)


async def test_a73_opening_everything_changes_nothing(open_sqlite_house: House) -> None:
    """A73: scanners open links, by GET and HEAD, again and again; no row moves."""
    house = open_sqlite_house
    before = await counts_of(house)
    assert house.http is not None
    paths = [*await page_paths(house), *(f"/{page}/{ELECTION}" for page in ("vote", "check", "audit")), COMPLAINT]
    paths += [f"/api/elections/{ELECTION}", f"/api/elections/{ELECTION}/acts"]
    for path in paths:
        for _ in range(10):
            await house.http.get(path)
            await house.http.head(path)
    assert await counts_of(house) == before


async def test_no_answer_sets_a_cookie_or_allows_other_sites(open_sqlite_house: House) -> None:
    """A80: there is no ambient authority to ride on; only the public log is readable from everywhere."""
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    rules = await house.rules(house.contexts[0])
    ballot = house.ballot(person, rules, await house.token(person, rules))
    answers = [
        await house.get(""),
        await house.get("/voter", person.bearer),
        await house.post("/login", await house.login_request(person)),
        await house.post("/ballots", ballot),
        await house.post("/ballots", b"{}"),
    ]
    for answer in answers:
        assert "Set-Cookie" not in answer.headers
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a64_the_operator_s_log_holds_no_trace_of_a_voter(open_sqlite_house: House) -> None:
    """A64: a vote, refusals and a fault, with marked headers; then everything that was written is searched."""
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    rules = await house.rules(house.contexts[0])
    written = io.StringIO()
    with contextlib.redirect_stderr(written), contextlib.redirect_stdout(written):
        configure_logging()
        assert house.http is not None
        headers = {"User-Agent": "marker-agent", "X-Forwarded-For": "203.0.113.77", "Cookie": "marker=cookie"}
        ballot = house.ballot(person, rules, await house.token(person, rules))
        for body in (encode(ballot), b"{}", encode(ballot)[:-1]):
            await house.http.post(
                f"/api/elections/{ELECTION}/ballots",
                data=body,
                headers={**headers, "Content-Type": "application/json"},
            )
        database = house.service.database
        house.service.database = None  # type: ignore[assignment]
        try:
            await house.http.get(f"/api/elections/{ELECTION}/voter", headers={**headers, "Authorization": "Bearer x"})
            await house.http.get(f"/api/elections/{ELECTION}/acts", headers=headers)
        finally:
            house.service.database = database
    text = written.getvalue()
    assert "request failed" in text
    secrets = [
        "marker",
        "203.0.113.77",
        "127.0.0.1",
        b64(person.credential),
        person.credential.hex(),
        person.bearer,
        b64(person.seed),
        ballot.token.key,
        ballot.signature,
    ]
    for secret in secrets:
        assert secret not in text


@pytest.mark.parametrize(
    "text",
    [
        "from 203.0.113.7 port 1",
        "peer 2001:db8:0:1::7 gone",
        "mail to ana.beridze@example.edu",
        "credential " + "A" * 43,
        "key " + "ab" * 32,
    ],
)
def test_a64_addresses_mails_and_keys_are_taken_out_of_any_text(text: str) -> None:
    assert HIDDEN in redact_text(text)


def test_a64_fields_are_redacted_by_their_names() -> None:
    written = io.StringIO()
    with contextlib.redirect_stderr(written):
        configure_logging(json=True)
        get_logger("test").info("event", bearer="short", peername="1", code="123456", poll=3)
    text = written.getvalue()
    for word in ("short", "123456"):
        assert word not in text
    assert '"poll": 3' in text


async def test_a84_known_and_unknown_credentials_take_the_same_way(open_sqlite_house: House) -> None:
    """A84: neither reads the database before the signature holds, so neither can differ in time."""
    from tests.service.house import Person, new_seed

    house = open_sqlite_house
    requests = []
    for person in (house.people[0], Person(new_seed())):
        request = await house.login_request(person)
        requests.append({**request, "signature": b64(bytes(64))})
    database = house.service.database
    house.service.database = None  # type: ignore[assignment]
    try:
        answers = [await house.post("/login", request) for request in requests]
    finally:
        house.service.database = database
    assert [answer.status for answer in answers] == [401, 401]
    assert await answers[0].read() == await answers[1].read()


async def test_a85_spoofed_hosts_change_nothing_that_is_signed(open_sqlite_house: House) -> None:
    """A85: the origin is entry 0's; no header moves it, and no answer repeats a header."""
    house = open_sqlite_house
    assert house.http is not None
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    for path in (f"/api/elections/{ELECTION}", "/", "/nowhere"):
        answer = await house.http.get(path, headers=headers)
        assert "evil.example" not in await answer.text()
        assert all("evil.example" not in value for value in answer.headers.values())
    document = await (await house.http.get(f"/api/elections/{ELECTION}", headers=headers)).json()
    assert document["origin"] == f"localhost:8080/{ELECTION}"


async def test_a93_a_compressed_body_is_refused_unopened(open_sqlite_house: House) -> None:
    """A93: no decompression bomb: a body with a content-encoding is not read."""
    import gzip

    house = open_sqlite_house
    assert house.http is not None
    bomb = gzip.compress(b"0" * 50_000_000)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = await house.http.post(f"/api/elections/{ELECTION}/ballots", data=bomb, headers=headers)
    assert answer.status == 400


async def test_many_readers_at_once_are_all_served(open_sqlite_house: House) -> None:
    answers = await asyncio.gather(*(open_sqlite_house.get("") for _ in range(50)))
    assert {answer.status for answer in answers} == {200}
