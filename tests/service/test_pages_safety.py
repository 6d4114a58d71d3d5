"""Attacks on the public pages: other sites' forms (A80), spoofed hosts (A85), foreign origins (A82), and errors that
repeat or reveal something. Markup (A81) is in test_pages_markup.py."""

from __future__ import annotations

import re

import pytest
from yarl import URL

from election_service.messages_desk import MAX_TEXT
from election_service.pages.assets import TEMPLATES
from election_service.pages.headers import page_headers
from keys.canonical import b64
from tests.attacks.payloads import INJECTIONS
from tests.service.house import ELECTION, House
from tests.service.pages_reader import FORMS, LANGUAGES, Parsed, assert_inert, counts_of, page_paths, read, send

HOME = f"/elections/{ELECTION}"
EVIL = "evil.example"


# ---- A80 -------------------------------------------------------------------------------------------------------------

GOOD = {"text": "a question", "contact": "", "kind": "question", "address": "nobody@example.edu"}
SITES: dict[str, tuple[dict[str, str], bool]] = {
    "a browser of today, from our page": ({"Sec-Fetch-Site": "same-origin"}, True),
    "a browser of today, from another site": ({"Sec-Fetch-Site": "cross-site"}, False),
    "a browser of today, from a sister host": ({"Sec-Fetch-Site": "same-site"}, False),
    "from another site that hides its origin": ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, False),
    "an old browser, from our page": ({"Origin": "http://localhost:8080"}, True),
    "an old browser that tells no origin": ({"Origin": "null"}, True),
    "an old browser, from another site": ({"Origin": f"https://{EVIL}"}, False),
    "an old browser, from another port": ({"Origin": "http://localhost:8081"}, False),
    "an old browser, over another scheme": ({"Origin": "https://localhost:8080"}, False),
}


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("case", SITES)
async def test_a80_forms_of_other_sites_are_refused(open_sqlite_house: House, path: str, case: str) -> None:
    house, (headers, allowed) = open_sqlite_house, SITES[case]
    before = await counts_of(house)
    answer = await send(house, path, GOOD, headers)
    assert answer.status == (200 if allowed else 400)
    if not allowed:
        assert await counts_of(house) == before
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", b"text=a&kind=question", 400),
        ("application/json", b'{"text":"a"}', 400),
        ("multipart/form-data; boundary=x", b"--x--", 400),
        ("application/x-www-form-urlencoded", b"text=%ff&kind=question&address=%ff", 400),
        ("application/x-www-form-urlencoded", b"text=" + b"a" * 70_000, 413),
        ("application/x-www-form-urlencoded", b"&".join(b"x%d=1" % at for at in range(50)), 400),
    ],
)
async def test_a80_a_body_that_is_no_form_is_refused(
    open_sqlite_house: House, path: str, kind: str, body: bytes, status: int
) -> None:
    house = open_sqlite_house
    assert house.http is not None
    headers = {"Content-Type": kind, "Accept": "text/html", "Accept-Language": "ka"}
    answer = await house.http.post(path, data=body, headers=headers)
    assert (answer.status, answer.content_type) == (status, "text/html")


async def test_a80_pages_answer_to_no_other_method(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    assert house.http is not None
    before = await counts_of(house)
    for path in await page_paths(house):
        for method in ("PUT", "PATCH", "DELETE"):
            answer = await house.http.request(method, path)
            assert answer.status == 405, (method, path)
        if path not in FORMS:
            assert (await house.http.post(path, data=GOOD)).status == 405, path
    assert await counts_of(house) == before


async def test_a_message_reaches_the_committee_and_gets_a_number(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    longest = {**GOOD, "text": "ა" * MAX_TEXT}
    for fields in (GOOD, longest):
        answer = await send(house, f"{HOME}/help", fields)
        assert answer.status == 200
        assert re.search(r"Its number is [0-9A-Z]{5}-[0-9A-Z]{5}", Parsed(await answer.text()).text)
    assert (await counts_of(house))["messages"] == 2


async def test_an_empty_message_is_asked_for_again_with_what_was_written(open_sqlite_house: House) -> None:
    answer = await send(open_sqlite_house, f"{HOME}/help", {**GOOD, "text": " ", "contact": "ana@example.edu"})
    page = Parsed(await answer.text())
    assert answer.status == 400
    assert "Please write what it is about." in page.text
    assert [found["value"] for found in page.all("input") if found.get("name") == "contact"] == ["ana@example.edu"]


async def test_a84_send_my_link_again_says_the_same_to_everybody(open_sqlite_house: House) -> None:
    bodies = set()
    for address in ("ana@example.edu", "nobody@example.edu", "", "x" * 300, "not an address", *INJECTIONS[:20]):
        answer = await send(open_sqlite_house, f"{HOME}/link", {"address": address})
        assert answer.status == 200, address
        bodies.add(await answer.text())
    assert len(bodies) == 1


# ---- A82, A85 --------------------------------------------------------------------------------------------------------


async def test_a82_no_page_names_another_origin(open_sqlite_house: House) -> None:
    for path in await page_paths(open_sqlite_house):
        assert_inert(await read(open_sqlite_house, path))
    for script in (None, "sha384-x"):
        policy = page_headers(script)["Content-Security-Policy"]
        assert not re.search(r"https?:|//|\*|unsafe", policy)
    style = (TEMPLATES / "pages.css").read_text(encoding="utf-8")
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": EVIL},
        {"X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"},
        {"Forwarded": f"host={EVIL};proto=https", "X-Original-URL": f"//{EVIL}/", "X-Rewrite-URL": f"//{EVIL}/"},
        {"Referer": f"https://{EVIL}/", "Accept-Language": f"{EVIL},ka;q=<script>"},
    ],
)
async def test_a85_no_header_moves_a_link(open_sqlite_house: House, headers: dict[str, str]) -> None:
    house = open_sqlite_house
    assert house.http is not None
    root = str(house.http.make_url("/")).rstrip("/")
    for path in [*await page_paths(house), "/nowhere", f"//{EVIL}/", f"/%2f{EVIL}"]:
        sent = {"Accept": "text/html", **headers}
        answer = await house.http.session.get(URL(root + path, encoded=True), headers=sent, allow_redirects=False)
        assert answer.status in (200, 404), path
        assert EVIL not in await answer.text(), path
        assert all(EVIL not in value for value in answer.headers.values()), path


async def test_a85_there_is_no_redirect_and_no_address_comes_back(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    assert house.http is not None
    names = ("next", "url", "return", "lang", "page", "all")
    for injection in INJECTIONS:
        for name in names:
            answer = await house.http.get(
                f"{HOME}/log", params={name: injection}, headers={"Accept": "text/html"}, allow_redirects=False
            )
            assert answer.status in (200, 404), (name, injection)
            assert "Location" not in answer.headers
            page = Parsed(await answer.text())
            assert_inert(page)


# ---- problems --------------------------------------------------------------------------------------------------------

PROBLEMS: dict[str, tuple[str, str, int, str]] = {
    "nothing there": ("GET", "/nowhere", 404, "There is nothing at this address"),
    "no such election": ("GET", "/elections/nobody", 404, "There is no such election here"),
    "no such poll": ("GET", f"{HOME}/results/9", 404, "There is nothing at this address"),
    "no number": ("GET", f"{HOME}/results/one", 404, "There is nothing at this address"),
    "a number too many": ("GET", f"{HOME}/log/{'9' * 12}", 404, "There is nothing at this address"),
    "a number that is too long": ("GET", f"{HOME}/log/{'9' * 40}", 404, "There is nothing at this address"),
    "a leading zero": ("GET", f"{HOME}/log/01", 404, "There is nothing at this address"),
    "no such page of the log": ("GET", f"{HOME}/log?page=99", 404, "There is nothing at this address"),
    "no such contest": ("GET", f"{HOME}/contests/{'A' * 43}", 404, "There is nothing at this address"),
    "no context": ("GET", f"{HOME}/contests/x", 404, "There is nothing at this address"),
    "a booth of no election": ("GET", "/vote/nobody", 404, "There is no such election here"),
    "another method": ("DELETE", HOME, 405, "This address does not work that way"),
}


@pytest.mark.parametrize("case", PROBLEMS)
async def test_a_problem_is_a_page_for_people_and_a_document_for_programs(open_sqlite_house: House, case: str) -> None:
    house, (method, path, status, title) = open_sqlite_house, PROBLEMS[case]
    assert house.http is not None
    answer = await house.http.request(method, path, headers={"Accept": "text/html", "Accept-Language": "en"})
    page = Parsed(await answer.text())
    assert (answer.status, answer.content_type) == (status, "text/html")
    assert title in page.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == page_headers(None)["Content-Security-Policy"]
    assert_inert(page)
    for accept in ("*/*", "application/json"):
        answer = await house.http.request(method, path, headers={"Accept": accept})
        assert (answer.status, answer.content_type) == (status, "application/problem+json")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_problem_speaks_the_reader_s_language(open_sqlite_house: House, language: str) -> None:
    page = await read(open_sqlite_house, "/nowhere", status=404, accept=language)
    assert page.all("html") == [{"lang": language}]


async def test_programs_addresses_never_answer_with_a_page(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    assert house.http is not None
    for path in (f"/api/elections/{ELECTION}/nothing", f"/log/{ELECTION}/nothing", "/static/nothing"):
        answer = await house.http.get(path, headers={"Accept": "text/html"})
        assert (answer.status, answer.content_type) == (404, "application/problem+json")


async def test_a_fault_of_ours_is_a_page_that_says_nothing_of_its_inside(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    database = house.service.database
    house.service.database = None  # type: ignore[assignment]
    try:
        page = await read(house, HOME, status=500)
    finally:
        house.service.database = database
    assert "The service has a fault" in page.text
    assert not re.search("Traceback|NoneType|snapshot", page.text)


async def test_a72_no_page_names_a_voter(open_sqlite_house: House) -> None:
    """A72, A64: before the close, no page has a credential, a bearer or a token that was not spent."""
    house = open_sqlite_house
    rules = await house.rules(house.contexts[0])
    voted, waiting = house.people[:2]
    await house.vote(voted, rules)
    token = await house.token(waiting, rules)
    for path in await page_paths(house):
        html = (await read(house, path)).html
        for person in (voted, waiting):
            for secret in (b64(person.credential), person.credential.hex(), person.bearer, b64(person.seed)):
                assert secret not in html, path
        assert b64(token.key) not in html, path
