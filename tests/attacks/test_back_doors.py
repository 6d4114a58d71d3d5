"""A101: no back door for tests, no secret in the sources, no debug page: what an attacker looks for first."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from aiohttp.web_urldispatcher import ResourceRoute

from election_service.app import make_app
from election_service.console_routes import routes
from election_service.endpoints import ENDPOINTS
from election_service.page_routes import READ, SENT
from tests.console.desk import Desk
from tests.service.house import House

ROOT: Final = Path(__file__).parents[2]
FILES: Final = {  # what is served besides pages and endpoints
    "/api/openapi.json",
    "/audit/{e}",
    "/check/{e}",
    "/elections/{e}/documents/{name}",
    "/log/{e}.zip",
    "/log/{e}/{path}",
    "/photos/{e}/{name}",
    "/static/{name}",
    "/vote/{e}/complaint",
}
SECRETS: Final = (
    re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
    re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b"),
    re.compile(r"\bxox[abpr]-[A-Za-z0-9-]{10,}"),
    re.compile(r"\bes1_[A-Za-z0-9_-]{43}\b"),
    re.compile(r"://[A-Za-z0-9]+:[^@\s/'\"{}$…]{8,}@"),  # a password in an address
)
LOOKED_FOR: Final = (
    *("/admin", "/debug", "/test", "/api/test", "/api/test/reset", "/api/debug", "/console", "/shell", "/metrics"),
    *("/healthz", "/readyz", "/.env", "/.git/config", "/server-status", "/phpinfo.php", "/actuator", "/graphql"),
    *("/committee/test", "/committee/debug", "/committee/login-as", "/api/committee/test", "/api/committee/sessions"),
    *("/static/../app.py", "/static/%2e%2e/app.py", "/election.toml", "/master.key", "/api/docs", "/swagger"),
)


def source_files() -> list[Path]:
    """What is ours, without what is built or installed."""
    left_out = {".git", ".venv", "node_modules", "dist", "__pycache__", "demo"}
    kinds = {".py", ".ts", ".mjs", ".html", ".toml", ".md", ".yml", ".yaml", ".json", ".service", ".sh", ".cfg", ""}
    return [
        path
        for path in ROOT.rglob("*")
        if path.is_file() and path.suffix in kinds and not left_out & set(path.relative_to(ROOT).parts)
    ]


async def test_a101_every_address_stands_in_a_table(open_sqlite_house: House) -> None:
    """A snapshot of the routes of production: what is added has to be added here, or in the one table of its kind."""
    app = make_app(open_sqlite_house.service)
    found = {
        (route.method, re.sub(r"\{(\w+):[^}]*\}", r"{\1}", route.resource.canonical))
        for route in app.router.routes()
        if isinstance(route, ResourceRoute) and route.resource is not None and route.method != "HEAD"
    }
    pages = {("GET", path) for path in (*READ, *routes("READ"), *FILES)}
    forms = {("POST", path) for path in (*SENT, *routes("SENT"))}
    assert found == {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS} | pages | forms


@pytest.mark.parametrize("path", LOOKED_FOR)
async def test_a101_what_attackers_look_for_is_not_there(open_sqlite_house: House, path: str) -> None:
    nobody = Desk(open_sqlite_house)
    for answer in (await nobody.get(path), await nobody.send(path, {"a": "b"})):
        assert answer.status in (303, 401, 404, 405), path
        if answer.status == 303:
            assert answer.headers["Location"].startswith("/committee/sign-in")


def test_a101_no_source_holds_a_secret() -> None:
    files = source_files()
    assert len(files) > 500
    found = []
    for file in files:
        text = file.read_text("utf-8", "replace")
        found += [f"{file.relative_to(ROOT)}: {match[0][:40]}" for kind in SECRETS for match in kind.finditer(text)]
    assert found == []


async def test_a101_a_fault_says_nothing_of_the_inside(
    open_sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trace goes to the operator's log; the answer names neither file nor line nor class."""

    def break_down(*_given: object) -> None:
        secret = "swordfish"
        raise RuntimeError(f"a fault with {secret} inside")

    monkeypatch.setattr("election_service.console_pages.sign_in.sign_in_options", break_down)
    nobody = Desk(open_sqlite_house)
    for accept in ("text/html", "application/json"):
        answer = await nobody.get("/committee/sign-in", {"Accept": accept})
        text = await answer.text()
        assert answer.status == 500
        assert not re.search(r"swordfish|Traceback|File \"|\.py|RuntimeError|jinja|aiohttp|sqlalchemy", text), text
