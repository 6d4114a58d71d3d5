"""Attacks on every page of the console at once: other sites' forms (A80), headers and cookies (A86), fields that no
page has (A90), roles (A100), and addresses that nobody meant to have (A101).
"""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Final

import pytest
from aiohttp.web_urldispatcher import ResourceRoute

from election_service.app import make_app
from election_service.console.drafts import RESERVED
from election_service.console.roles import SERVICE, Capability, Identity, Role
from election_service.console.sessions import csrf_of
from election_service.console_endpoints import CONSOLE_ENDPOINTS
from election_service.console_pages.forms import MAX_FORM
from election_service.console_pages.onward import is_onward
from election_service.console_routes import COOKIE, routes
from election_service.openapi import make_openapi
from tests.console.desk import Desk
from tests.console.newcomer import Newcomer
from tests.service.house import ELECTION, House
from tests.service.pages_reader import counts_of

EVIL: Final = "evil.example"
READ: Final = routes("READ")
SENT: Final = routes("SENT")
FILLED: Final = {"e": ELECTION, "n": "1", "act": "A" * 22, "kind": "poll.opened", "name": "protocol.pdf"}


def filled(path: str) -> str:
    return re.sub(r"\{(\w+)(?::[^}]*)?\}", lambda match: FILLED.get(match[1], "1"), path)


async def everything_of(house: House, *names: str) -> Desk:
    """Somebody with every role: nothing but the attack itself is in the way."""
    desk = await Desk.open(house, names[0] if names else "ana", *Role)
    await Desk.open(house, names[0] if names else "ana", Role.CHAIR, election=SERVICE)
    return desk


# ---- A80 -------------------------------------------------------------------------------------------------------------

SITES: Final[dict[str, tuple[dict[str, str], bool]]] = {
    "a browser of today, from our page": ({"Sec-Fetch-Site": "same-origin"}, True),
    "a browser of today, typed by hand": ({"Sec-Fetch-Site": "none"}, True),
    "a browser of today, from another site": ({"Sec-Fetch-Site": "cross-site"}, False),
    "a browser of today, from a sister host": ({"Sec-Fetch-Site": "same-site"}, False),
    "from another site that hides its origin": ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, False),
    "an old browser, from our page": ({"Sec-Fetch-Site": "", "Origin": "http://localhost:8080"}, True),
    "an old browser, from another site": ({"Sec-Fetch-Site": "", "Origin": f"https://{EVIL}"}, False),
    "an old browser, from another port": ({"Sec-Fetch-Site": "", "Origin": "http://localhost:8081"}, False),
    "an old browser, over another scheme": ({"Sec-Fetch-Site": "", "Origin": "https://localhost:8080"}, False),
}


async def send_raw(desk: Desk, path: str, body: bytes, kind: str, headers: dict[str, str]) -> int:
    assert desk.house.http is not None
    sent = {"Accept": "text/html", "Content-Type": kind, **headers}
    sent = {name: value for name, value in sent.items() if value}
    if desk.cookie:
        sent["Cookie"] = f"{COOKIE}={desk.cookie}"
    answer = await desk.house.http.post(path, data=body, headers=sent, allow_redirects=False)
    return answer.status


@pytest.mark.parametrize("case", [case for case, (_, allowed) in SITES.items() if not allowed])
async def test_a80_no_form_of_another_site_is_taken_even_with_cookie_and_secret(
    open_sqlite_house: House, case: str
) -> None:
    desk = await everything_of(open_sqlite_house)
    before = await counts_of(open_sqlite_house)
    body = f"csrf={desk.csrf}".encode()
    for path in SENT:
        kind = "application/x-www-form-urlencoded"
        status = await send_raw(desk, filled(path), body, kind, SITES[case][0])
        assert status in (400, 401), (path, status)
    assert await counts_of(open_sqlite_house) == before
    assert (await desk.get("/committee/account")).status == 200, "not even signing out was done"


@pytest.mark.parametrize("case", [case for case, (_, allowed) in SITES.items() if allowed])
async def test_a80_our_own_forms_are_taken(open_sqlite_house: House, case: str) -> None:
    desk = await everything_of(open_sqlite_house)
    body = f"csrf={desk.csrf}&language=ka".encode()
    kind = "application/x-www-form-urlencoded"
    assert await send_raw(desk, "/committee/account/language", body, kind, SITES[case][0]) == 303


async def test_a80_an_origin_that_is_hidden_passes_with_the_secret_of_a_session_alone(open_sqlite_house: House) -> None:
    desk = await everything_of(open_sqlite_house)
    kind, hidden = "application/x-www-form-urlencoded", {"Origin": "null"}
    language = f"csrf={desk.csrf}&language=ka".encode()
    assert await send_raw(desk, "/committee/account/language", language, kind, hidden) == 303
    assert await send_raw(Desk(open_sqlite_house), "/committee/sign-in", b"email=a&password=b", kind, hidden) == 400


@pytest.mark.parametrize("secret", ["", "A" * 43, "other"])
async def test_a80_no_form_works_without_the_secret_of_its_session(open_sqlite_house: House, secret: str) -> None:
    desk = await everything_of(open_sqlite_house)
    other = await Desk.open(open_sqlite_house, "eve", *Role)
    before = await counts_of(open_sqlite_house)
    given = other.csrf if secret == "other" else secret
    for path, route in SENT.items():
        if route.access in ("full", "anyone"):
            answer = await desk.send(filled(path), {}, csrf=given)
            assert answer.status == 403, path
            assert "form-stale" in await answer.text()
    assert await counts_of(open_sqlite_house) == before


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", b"csrf={csrf}"),
        ("application/json", b'{"csrf":"{csrf}"}'),
        ("application/x-www-form-urlencoded", b"csrf={csrf}&x=%ff"),
        ("application/x-www-form-urlencoded", b"csrf={csrf}&" + b"&".join(b"x%d=1" % at for at in range(3000))),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nnothing\r\n--x--"),
        ("multipart/form-data", b"no boundary"),
        ("", b"csrf={csrf}"),
    ],
)
async def test_a80_a_body_that_is_no_form_is_refused(open_sqlite_house: House, kind: str, body: bytes) -> None:
    desk = await everything_of(open_sqlite_house)
    before = await counts_of(open_sqlite_house)
    filled_body = body.replace(b"{csrf}", desk.csrf.encode())
    for path in SENT:
        status = await send_raw(desk, filled(path), filled_body, kind, {"Sec-Fetch-Site": "same-origin"})
        assert status in (400, 401, 403), (path, status)
    assert await counts_of(open_sqlite_house) == before


async def test_a80_a_form_that_is_too_large_is_refused_before_it_is_read(open_sqlite_house: House) -> None:
    desk = await everything_of(open_sqlite_house)
    answer = await desk.send("/committee/account/language", {"language": "x" * MAX_FORM})
    assert answer.status == 413


async def test_a93_a_form_of_countless_empty_parts_is_refused(open_sqlite_house: House) -> None:
    """Parts of nothing take no room of a form, and each of them would be kept."""
    desk = await everything_of(open_sqlite_house)
    part = b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n\r\n'
    kind = "multipart/form-data; boundary=x"
    status = await send_raw(
        desk, filled("/committee/{e}/roll"), part * 3000 + b"--x--\r\n", kind, {"Sec-Fetch-Site": "none"}
    )
    assert status == 400


async def test_a80_reading_changes_nothing(open_sqlite_house: House) -> None:
    """Every page of the console, read twice by somebody who may see everything."""
    desk = await everything_of(open_sqlite_house)
    before = await counts_of(open_sqlite_house)
    for path in READ:
        for _ in range(2):
            assert (await desk.get(filled(path))).status in (200, 303, 404, 409), path
    assert await counts_of(open_sqlite_house) == before


async def test_a80_the_api_wants_the_secret_as_well_for_all_but_reading(open_sqlite_house: House) -> None:
    desk = await everything_of(open_sqlite_house)
    assert desk.house.http is not None
    for endpoint in CONSOLE_ENDPOINTS:
        if endpoint.method == "GET":
            continue
        for headers in ({}, {"X-CSRF": csrf_of("A" * 43)}, {"X-CSRF": desk.csrf, "Sec-Fetch-Site": "cross-site"}):
            sent = {"Cookie": f"{COOKIE}={desk.cookie}", "Content-Type": "application/json", **headers}
            answer = await desk.house.http.request(endpoint.method, filled(endpoint.path), data=b"{}", headers=sent)
            assert answer.status in (400, 403), endpoint.path


# ---- A86: cookies and headers ----------------------------------------------------------------------------------------


async def test_a86_the_cookie_is_for_this_host_alone_and_no_script_reads_it(open_sqlite_house: House) -> None:
    ana = await Newcomer.invited(open_sqlite_house, "ana", Role.CHAIR)
    answer = await ana.redeem()
    flags = answer.headers["Set-Cookie"]
    assert flags.startswith(f"{COOKIE}=")
    assert {part.strip().lower() for part in flags.split(";")[1:]} == {
        "secure",
        "httponly",
        "samesite=strict",
        "path=/",
    }
    assert COOKIE.startswith("__Host-")
    assert len(SimpleCookie(flags)[COOKIE].value) == 43


async def test_a86_no_page_is_kept_framed_or_told_about(open_sqlite_house: House) -> None:
    desk = await everything_of(open_sqlite_house)
    for path in READ:
        answer = await desk.get(filled(path))
        assert answer.headers["Cache-Control"] == "no-store", path
        assert answer.headers["Referrer-Policy"] == "no-referrer", path
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        policy = answer.headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
            assert part in policy, path
        assert "trusted-types 'none'" in policy, path
        assert not re.search(r"https?:|//|\*|unsafe", policy), path


async def test_a86_signing_out_leaves_nothing_to_go_back_to(open_sqlite_house: House) -> None:
    desk = await everything_of(open_sqlite_house)
    answer = await desk.send("/committee/sign-out", {})
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert SimpleCookie(answer.headers["Set-Cookie"])[COOKIE]["max-age"] == "0"


async def test_a_session_ends_when_nobody_uses_it_and_after_half_a_day_anyway(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    desk = await everything_of(house)
    idle = await everything_of(house)
    began = house.clock.now
    while house.clock.now - began < 12 * 3600 - 1500:
        house.clock.now += 1500
        assert (await desk.get("/committee")).status == 200
    assert (await idle.get("/committee")).status == 303
    house.clock.now = began + 12 * 3600
    assert (await desk.get("/committee")).status == 303


async def test_a_planted_cookie_is_worth_nothing(open_sqlite_house: House) -> None:
    """Session fixation: the service takes no session that it did not make, and every step makes a new one."""
    ana = await (await Newcomer.invited(open_sqlite_house, "ana", Role.CHAIR)).enrol()
    for planted in ("A" * 43, "", "x", "../../etc/passwd", ana.cookie[:-1] + "!", ana.cookie + "A"):
        desk = Desk(open_sqlite_house, cookie="")
        answer = await desk.get("/committee", {"Cookie": f"{COOKIE}={planted}"})
        assert answer.status == 303, planted
    browser = ana.another_browser()
    await browser.give_password()
    waiting = browser.cookie
    await browser.give_code()
    assert browser.cookie not in (waiting, ana.cookie)
    browser.cookie = waiting
    assert (await browser.get("/committee")).status == 303
    assert (await browser.get("/committee/code")).status == 303


# ---- A85: redirects --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        f"https://{EVIL}/", f"//{EVIL}", f"/\\{EVIL}", "/committee/../elections", "/committee/%2e%2e", "/", "",
        f"/committee\r\nLocation: https://{EVIL}", "/committee?next=x", "/committeeevil", "javascript:alert(1)",
        "/committee/" + "a" * 300,
    ],
)  # fmt: skip
async def test_a85_a_sign_in_goes_on_to_pages_of_the_console_alone(open_sqlite_house: House, path: str) -> None:
    assert not is_onward(path)
    desk = await everything_of(open_sqlite_house)
    assert desk.house.http is not None
    headers = {"Cookie": f"{COOKIE}={desk.cookie}", "Accept": "text/html"}
    answer = await desk.house.http.get(
        "/committee/sign-in", params={"next": path}, headers=headers, allow_redirects=False
    )
    assert (answer.status, answer.headers["Location"]) == (303, "/committee")


async def test_who_is_not_signed_in_is_led_back_to_the_page(open_sqlite_house: House) -> None:
    ana = (await (await Newcomer.invited(open_sqlite_house, "ana", Role.CHAIR)).enrol()).another_browser()
    wanted = f"/committee/{ELECTION}/people"
    answer = await ana.get(wanted)
    assert answer.headers["Location"] == f"/committee/sign-in?next={wanted}"
    fields = {"email": ana.email, "password": ana.password, "next": wanted}
    answer = await ana.send("/committee/sign-in", fields)
    assert answer.headers["Location"] == f"/committee/code?next={wanted.replace('/', '%2F')}"
    answer = await ana.send("/committee/code", {"code": ana.code(), "next": wanted})
    assert answer.headers["Location"] == wanted


# ---- A90, A100, A101 -------------------------------------------------------------------------------------------------


async def test_a90_no_form_takes_a_field_that_its_page_does_not_have(open_sqlite_house: House) -> None:
    desk = await everything_of(open_sqlite_house)
    before = await counts_of(open_sqlite_house)
    for path, route in SENT.items():
        if route.access not in ("full", "anyone"):
            continue
        for field in ("is_admin", "account_id", "state", "__proto__"):
            if field not in route.fields:
                answer = await desk.send(filled(path), {field: "1"})
                assert answer.status == 400, (path, field)
    assert await counts_of(open_sqlite_house) == before


async def test_a90_no_endpoint_takes_a_member_that_its_request_does_not_have(open_sqlite_house: House) -> None:
    desk = await everything_of(open_sqlite_house)
    assert desk.house.http is not None
    for endpoint in CONSOLE_ENDPOINTS:
        if endpoint.request is None:
            continue
        headers = {"Cookie": f"{COOKIE}={desk.cookie}", "X-CSRF": desk.csrf, "Content-Type": "application/json"}
        headers["If-Match"] = '"0"'
        body = b'{"is_admin":true}'
        answer = await desk.house.http.request(endpoint.method, filled(endpoint.path), data=body, headers=headers)
        assert answer.status == 400, endpoint.path


def test_a100_every_page_of_an_election_says_what_one_must_be_able_to_do() -> None:
    for path, route in {**READ, **SENT}.items():
        assert ("{e}" not in path) or route.needs is not None, path
        assert route.access == "full" or route.needs is None, path


# who may make elections, which is a role of the service, copies one that this person may see
OF_THE_SERVICE: Final = {"/committee/{e}/clone"}


def test_a100_an_observer_sends_nothing_but_what_concerns_the_own_account() -> None:
    observer = Identity("a-1", "Gio", "", "en", {ELECTION: frozenset({Role.OBSERVER})})
    allowed = {path for path, route in SENT.items() if route.needs and observer.may(ELECTION, route.needs)}
    assert {path for path in allowed if "/tokens" not in path} == OF_THE_SERVICE


async def test_a100_whoever_makes_no_elections_copies_none(open_sqlite_house: House) -> None:
    chair = await Desk.open(open_sqlite_house, "ana", *Role)
    for path in OF_THE_SERVICE:
        fields = dict.fromkeys(SENT[path].fields, "copy-2027")
        assert (await chair.send(filled(path), fields)).status == 403


async def test_a100_nobody_without_a_role_reads_or_sends_anything_of_an_election(open_sqlite_house: House) -> None:
    """It looks as if there were no such election."""
    stranger = await Desk.open(open_sqlite_house, "eve", Role.CHAIR, election="another-2026")
    for path in READ:
        if "{e}" in path:
            assert (await stranger.get(filled(path))).status == 404, path
    for path in SENT:
        if "{e}" in path:
            assert (await stranger.send(filled(path), {})).status == 404, path


async def test_a100_nobody_who_is_not_signed_in_gets_past_the_door(open_sqlite_house: House) -> None:
    nobody = Desk(open_sqlite_house)
    for path, route in READ.items():
        expected = 200 if route.access == "anyone" else 303
        assert (await nobody.get(filled(path))).status == expected, path
    for path, route in SENT.items():
        if route.access != "anyone":
            assert (await nobody.send(filled(path), {})).status == 401, path


DOORS: Final = {"/committee/sign-in", "/committee/passkey", "/committee/welcome"}


def test_a101_nothing_is_open_to_everybody_but_the_ways_in() -> None:
    assert {path for path, route in {**READ, **SENT}.items() if route.access == "anyone"} == DOORS


async def test_a101_the_service_has_these_addresses_and_no_others(open_sqlite_house: House) -> None:
    """No back door, test page or debug address: every route is of one of the tables, or named here."""
    app = make_app(open_sqlite_house.service, schedule=False)
    found = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if isinstance(route, ResourceRoute) and route.resource is not None and route.method != "HEAD"
    }
    console = {("GET", path) for path in READ} | {("POST", path) for path in SENT}
    assert {(method, path) for method, path in found if path.startswith("/committee")} == console
    for method, path in found:
        assert not re.search(r"/(tests?|debug|admin|console|eval|shell|metrics|internal)(/|$)", path), (method, path)


def test_a101_the_console_has_no_way_round_its_second_factor() -> None:
    """Secret scan and the words of back doors, over the sources of the console."""
    sources = Path("election_service").rglob("*.py")
    for file in (path for path in sources if "console" in str(path)):
        text = file.read_text("utf-8")
        assert not re.search(r"master.?password|backdoor|bypass|DEBUG|skip_|TODO|FIXME", text, re.IGNORECASE), file
        assert not re.search(r"shell=True|\beval\(|\bexec\(|pickle|yaml", text), file


def test_the_document_of_the_api_says_how_to_authenticate() -> None:
    text = make_openapi().decode()
    assert '"token":[]' in text
    assert '"X-CSRF"' in text
    assert Capability.SEE in set(Capability)


def test_no_election_is_called_like_a_page_of_none() -> None:
    own = {path.split("/")[2] for path in {**READ, **SENT} if path.count("/") > 1} - {"{e}"}
    assert own == RESERVED
