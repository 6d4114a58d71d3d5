"""What the browser sends, keeps and says while a student votes: never the link's secret, never to anybody else."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
from playwright.async_api import Browser, Error, Playwright, Request, expect

from election_service.demo.preparation import ELECTION
from election_service.pages import BOOTH
from tests.browser.house import CONTESTS, House
from tests.browser.visitor import FLAGS, SLOW, Visitor, new_tab, visiting

pytestmark = pytest.mark.browser

_KEPT = """
  async () => JSON.stringify({
    href: location.href, referrer: document.referrer, state: history.state, cookie: document.cookie,
    local: {...localStorage}, session: {...sessionStorage}, window: window.name,
    databases: await indexedDB.databases(), caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  })
"""


async def _everything(request: Request) -> str:
    headers = await request.all_headers()
    return " ".join([request.url, json.dumps(headers), request.post_data or ""])


async def _kept(visitor: Visitor) -> dict[str, object]:
    kept: dict[str, object] = json.loads(await visitor.page.evaluate(_KEPT))
    return kept


async def test_a70_the_links_secret_stays_in_the_page(browser: Browser, house: House, link: str) -> None:
    """The address bar loses it at once; no request, history entry, storage, console line or document holds it."""
    async with visiting(browser, link) as visitor:
        await visitor.open()
        address = link.partition("#")[0]
        assert visitor.page.url == address
        assert await visitor.page.evaluate("location.href") == address
        await visitor.page.click("#start")
        await visitor.fill_in(*[0] * CONTESTS)
        await visitor.cast()
        devtools = await visitor.page.context.new_cdp_session(visitor.page)
        history = await devtools.send("Page.getNavigationHistory")
        assert {entry["url"] for entry in history["entries"]} <= {"about:blank", address}
        sent = [await _everything(request) for request in visitor.requests]
        kept = await _kept(visitor)
        said = [*visitor.console, json.dumps(kept), await visitor.page.content()]
        cookies = await visitor.page.context.cookies()
    assert len(sent) > 3 * CONTESTS
    # the seed is the first 32 bytes: 42 whole letters of the secret; a part of it would be a leak, too
    for secret in (visitor.secret, visitor.secret[:42], visitor.secret[:16]):
        assert [text for text in [*sent, *said] if secret in text] == []
    assert cookies == []
    assert isinstance(kept.pop("state"), int), "the number of a screen"
    nothing: dict[str, object] = {"referrer": "", "cookie": "", "local": {}, "session": {}, "window": ""}
    assert kept == {"href": address, **nothing, "databases": [], "caches": [], "workers": 0}


async def test_a70_the_pages_that_check_and_the_public_ones_never_learn_the_secret(
    browser: Browser, house: House, link: str
) -> None:
    """From the booth to the audit page, to the check page and to the public page: nothing of any tab has the link."""
    async with visiting(browser, link) as visitor:
        sent: list[Request] = []
        visitor.page.context.on("request", lambda request: sent.append(request))  # noqa: PLW0108
        await visitor.open()
        await visitor.page.click("#start")
        await visitor.fill_in(*[0] * CONTESTS)
        await visitor.seal()
        await visitor.page.locator("#audit > summary").click()
        await visitor.page.locator("[id^=audit-]").first.click()
        tabs = [await _follow(visitor, "#audit a[href*='/audit/']")]
        await visitor.page.click("#seal")
        await expect(visitor.page.locator("#cast")).to_be_visible()
        await visitor.page.click("#cast")
        await visitor.trackers()
        tabs.append(await _follow(visitor, "#receipt a[href*='/check/']"))
        await visitor.page.click("#finish")
        await visitor.page.wait_for_url("**/elections/**")
        tabs.append(visitor)
        paths = [urlsplit(tab.page.url).path.split("/")[1] for tab in tabs]
        assert paths == ["audit", "check", "elections"]
        for tab in tabs:
            kept = await _kept(tab)
            devtools = await tab.page.context.new_cdp_session(tab.page)
            history = [entry["url"] for entry in (await devtools.send("Page.getNavigationHistory"))["entries"]]
            said = [json.dumps(kept), *history, *tab.console, await tab.page.content()]
            assert kept["referrer"] == ""
            assert [text for text in said if visitor.secret[:16] in text] == []
            assert not any("#" in address for address in history), "what stood behind the # is gone, too"
        asked = [await _everything(request) for request in sent]
    assert len(asked) > 20
    assert [text for text in asked if visitor.secret[:16] in text] == []
    assert [text for text in asked if '"referer": "h' in text] == []


async def _follow(visitor: Visitor, selector: str) -> Visitor:
    """Open a link of the booth in its new tab, and wait until that has done its work."""
    async with visitor.page.context.expect_page() as opening:
        await visitor.page.locator(selector).first.click()
    page = await opening.value
    tab = Visitor(page, visitor.link)
    await page.wait_for_load_state("networkidle")
    await expect(page.locator("#result section, #result [data-outcome]").first).to_be_visible(timeout=SLOW)
    return tab


async def test_a70_on_disk_only_the_browsers_own_history_knows_the_link(
    playwright: Playwright, chromium: Path, link: str, tmp_path: Path
) -> None:
    """What a page cannot prevent: Chromium writes down each address as it was opened, before any program runs.

    So the page says that the history is to be cleared on a shared computer; nothing else in the profile has the secret.
    """
    context = await playwright.chromium.launch_persistent_context(
        tmp_path / "profile", executable_path=chromium, args=list(FLAGS)
    )
    async with new_tab(context, link) as visitor:
        await visitor.vote()
        await expect(visitor.page.get_by_text("delete the link from the browser's history")).to_be_visible()
    await context.close()
    found = await asyncio.to_thread(_files_with, tmp_path / "profile", visitor.secret[:42].encode())
    own = {"History", "History-journal", "Sessions", "segmentation_platform"}
    assert {name for name in found if not own & set(Path(name).parts)} == set()


def _files_with(folder: Path, secret: bytes) -> list[str]:
    files = [file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]
    assert len(files) > 10
    return [str(file.relative_to(folder)) for file in files if secret in file.read_bytes()]


async def test_a70_a_receipt_holds_no_secret_of_the_link(browser: Browser, link: str, tmp_path: Path) -> None:
    async with visiting(browser, link) as visitor:
        await visitor.vote()
        await visitor.download("[id^=download-] >> nth=0", tmp_path / "receipt.json")
    assert visitor.secret[:16].encode() not in (tmp_path / "receipt.json").read_bytes()


async def test_a_cast_carries_nothing_that_names_the_voter(browser: Browser, link: str) -> None:
    """No login, no cookie, no referrer; and the login is not named by anything else in it."""
    async with visiting(browser, link) as visitor:
        await visitor.vote()
        casts = visitor.sent(f"/api/elections/{ELECTION}/ballots")
        bearers = {(await item.all_headers()).get("authorization", "") for item in visitor.sent("/tokens")}
        assert len(casts) == CONTESTS
        assert len(bearers) == 1
        bearer = bearers.pop().removeprefix("Bearer ")
        assert len(bearer) > 20
        credential = json.loads(visitor.sent("/login/nonce")[0].post_data or "")["credential"]
        for cast in casts:
            headers = await cast.all_headers()
            assert not {"authorization", "cookie", "referer", "x-request-id"} & set(headers)
            assert set(json.loads(cast.post_data or "")) == {"context", "body", "token", "signature"}
            everything = await _everything(cast)
            assert bearer not in everything
            assert credential not in everything


async def test_a82_no_request_leaves_the_origin_and_no_policy_is_broken(
    browser: Browser, house: House, link: str
) -> None:
    async with visiting(browser, link) as visitor:
        await visitor.page.goto(house.address)
        await visitor.vote()
        assert await visitor.violations() == []
        origins = {f"{urlsplit(item.url).scheme}://{urlsplit(item.url).netloc}" for item in visitor.requests}
        assert origins <= {house.address, "blob://"}
    assert visitor.console == []


async def test_a82_the_policy_stops_whatever_script_gets_into_the_page(
    browser: Browser, house: House, link: str
) -> None:
    """The browser enforces the headers: no inline script, no markup from text, no other origin, no frame."""
    async with visiting(browser, link) as visitor:
        await visitor.open()
        await visitor.page.evaluate(
            """async () => {
              const script = document.createElement("script");
              try { script.textContent = "window.broken = 1"; document.body.append(script); } catch {}
              try { document.body.innerHTML = "<p>"; window.broken = 2; } catch {}
              try { await fetch("http://127.0.0.1:9/"); window.broken = 3; } catch {}
              const image = new Image();
              image.src = "http://127.0.0.1:9/pixel.png";
              document.body.append(image);
              await new Promise((done) => (image.onerror = done));
            }"""
        )
        assert await visitor.page.evaluate("window.broken") is None
        refused = {line.split()[0] for line in await visitor.violations()}
        assert {"require-trusted-types-for", "connect-src", "img-src"} <= refused


async def test_a86_no_other_page_can_frame_the_booth(browser: Browser, link: str) -> None:
    async with visiting(browser, link) as visitor:
        await visitor.page.set_content("<iframe></iframe>")
        frame = visitor.page.frames[1]
        with pytest.raises(Error, match="ERR_BLOCKED_BY_RESPONSE"):
            await frame.goto(link)
        assert await frame.locator("#booth").count() == 0
    assert any("frame-ancestors" in line for line in visitor.console)


async def test_a82_pages_and_assets_come_with_strict_headers(house: House) -> None:
    script = json.loads((BOOTH / "manifest.json").read_text())
    shared = {
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    page = shared | {
        "Cross-Origin-Opener-Policy": "same-origin",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
        "Cache-Control": "no-store",
    }
    policy = (
        "default-src 'none'; script-src {}; style-src 'self'; img-src 'self' data:; connect-src {}; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    asset = shared | {"Cache-Control": "public, max-age=31536000, immutable"}
    expected = {
        "/": page
        | {"Cache-Control": "public, max-age=60", "Content-Security-Policy": policy.format("'none'", "'none'")},
        f"/vote/{ELECTION}": page | {"Content-Security-Policy": policy.format(f"'{script['js_sri']}'", "'self'")},
        f"/static/{script['js']}": asset,
        f"/static/{script['css']}": asset,
    }
    async with aiohttp.ClientSession() as session:
        for path, headers in expected.items():
            async with session.get(house.address + path) as answer:
                assert answer.status == 200
                assert {name: answer.headers.get(name) for name in headers} == headers, path
                assert "Set-Cookie" not in answer.headers
                assert script["js_sri"] in await answer.text() or not path.startswith("/vote/")
