"""The committee's door in Chromium: invitation, enrolment, sign-out, sign-in with a code and with a passkey; on a
telephone, by keyboard, without script; and nothing left behind (A81, A85, A86).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.booth.harness import node
from tests.browser.console_person import PASSWORD, Person, somebody
from tests.browser.console_service import EmptyService, empty_service
from tests.browser.visitor import PHONE, SLOW

LANGUAGES = ("en", "ka", "az", "ru")
DOORS = ("/committee/sign-in", "/committee/welcome")
_WATCH = """
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.effectiveDirective));
"""


@pytest.fixture(scope="module")
async def service(chromium: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmptyService]:
    """Where nobody is invited yet."""
    node()  # builds the bundle where it is not current
    async with empty_service(tmp_path_factory.mktemp("door") / "service") as made:
        yield made


@asynccontextmanager
async def newcomer(browser: Browser, service: EmptyService, name: str) -> AsyncIterator[Person]:
    """Somebody who has come in by an invitation."""
    link = await service.invite(f"{name.lower()}@example.edu", name)
    async with somebody(browser, service.address, name, "") as person:
        await person.page.add_init_script(_WATCH)
        await person.enrol(link)
        yield person


async def fits(page: Page) -> bool:
    """Nothing to scroll sideways."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def test_from_an_invitation_to_a_sign_in_with_a_code(browser: Browser, service: EmptyService) -> None:
    async with newcomer(browser, service, "Ana") as ana:
        cookies = await ana.page.context.cookies()
        assert sorted((found["name"], found["secure"], found["httpOnly"], found["sameSite"]) for found in cookies) == [
            ("__Host-device", True, True, "Strict"),
            ("__Host-session", True, True, "Strict"),
        ]
        await ana.sign_in()
        assert await ana.page.evaluate("window.violations") == []


async def test_a85_the_invitation_leaves_the_address_at_once_and_reaches_the_service_by_the_form_alone(
    browser: Browser, service: EmptyService
) -> None:
    link = await service.invite("gio@example.edu", "Gio")
    token = link.partition("#")[2]
    async with somebody(browser, service.address, "Gio", "") as gio:
        asked: list[str] = []
        gio.page.on("request", lambda request: asked.append(request.url))
        await gio.page.goto(link)
        await expect(gio.page.locator("#invitation")).to_have_value(token)
        assert token not in await gio.page.evaluate("location.href")
        assert not [url for url in asked if token in url.partition("#")[0]]
        await gio.press("Begin")
        await gio.see("Your password")
        assert not [url for url in asked if token in url.partition("#")[0]]


async def test_a_passkey_signs_in_and_a_code_is_not_asked_for(browser: Browser, service: EmptyService) -> None:
    async with newcomer(browser, service, "Beka") as beka:
        session = await beka.page.context.new_cdp_session(beka.page)
        await session.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
        await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        await beka.page.goto("/committee/account")
        await beka.write("Name of the new passkey, such as “my laptop”", "my laptop")
        await beka.page.fill("#password-passkey", PASSWORD)
        await beka.page.get_by_role("button", name="Add a passkey").click()
        await beka.see("The passkey is added.", "my laptop")
        await beka.page.get_by_role("button", name="Sign out", exact=True).click()
        await beka.page.get_by_role("button", name="Use a passkey").click()
        await beka.see("Your elections")
        assert await beka.page.evaluate("window.violations") == []


async def test_a86_after_signing_out_going_back_shows_nothing(browser: Browser, service: EmptyService) -> None:
    async with newcomer(browser, service, "Dato") as dato:
        await dato.page.goto("/committee/account")
        await dato.see("dato@example.edu")
        await dato.page.get_by_role("button", name="Sign out", exact=True).click()
        await dato.page.wait_for_url("**/committee/sign-in*")
        await dato.page.go_back()
        await dato.page.wait_for_load_state()
        await expect(dato.page.locator("h1")).to_have_text("Sign in", timeout=SLOW)
        assert "dato@example.edu" not in await dato.page.content()
        # what is left knows the browser, and opens nothing (console/devices.py)
        assert [found["name"] for found in await dato.page.context.cookies()] == ["__Host-device"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_of_the_door_fits_a_telephone(browser: Browser, service: EmptyService, language: str) -> None:
    async with newcomer(browser, service, f"Eka{language}") as eka:
        await eka.page.set_viewport_size({"width": PHONE, "height": 700})
        for path in ("/committee", "/committee/account", "/committee/recovery-codes"):
            await eka.page.goto(f"{path}?lang={language}")
            for closed in await eka.page.locator("summary").all():
                await closed.click()
            assert await fits(eka.page), path
        await eka.page.context.clear_cookies()
        for path in DOORS:
            await eka.page.goto(f"{path}?lang={language}")
            assert await fits(eka.page), path


async def test_a_telephone_shows_every_step_of_an_enrolment_whole(browser: Browser, service: EmptyService) -> None:
    link = await service.invite("fati@example.edu", "Fati")
    async with somebody(browser, service.address, "Fati", "") as fati:
        await fati.page.set_viewport_size({"width": PHONE, "height": 700})
        await fati.page.goto(link)
        assert await fits(fati.page)
        await fati.press("Begin")
        assert await fits(fati.page)
        await fati.write("Password", PASSWORD)
        await fati.write("The same password once more", PASSWORD)
        await fati.press("Go on")
        assert await fits(fati.page)
        picture = await fati.page.locator("img.qr").bounding_box()
        assert picture is not None
        assert picture["width"] >= 150


async def test_everything_goes_by_keyboard(browser: Browser, service: EmptyService) -> None:
    async with newcomer(browser, service, "Hana") as hana:
        await hana.page.get_by_role("button", name="Sign out", exact=True).click()
        await hana.page.wait_for_url("**/committee/sign-in*")
        await hana.page.focus("#email")
        await hana.page.keyboard.type("hana@example.edu")
        await hana.page.keyboard.press("Tab")
        await hana.page.keyboard.type(PASSWORD)
        await hana.page.keyboard.press("Enter")
        await expect(hana.page.locator("#code")).to_be_focused()
        await hana.page.keyboard.type(hana.recovery[0])
        await hana.page.keyboard.press("Enter")
        await hana.see("Your elections")
        await hana.page.goto("/committee/account")
        await hana.page.keyboard.press("Tab")
        assert await hana.page.evaluate("document.activeElement.className") == "skip"


async def test_without_script_the_invitation_is_pasted(browser: Browser, service: EmptyService) -> None:
    link = await service.invite("irma@example.edu", "Irma")
    context = await browser.new_context(base_url=service.address, java_script_enabled=False, locale="en-GB")
    page = await context.new_page()
    try:
        await page.goto("/committee/welcome")
        await page.fill("#invitation", link)
        await page.get_by_role("button", name="Begin").click()
        await expect(page.locator("h1")).to_have_text("Your account, Irma")
        await page.goto("/committee/sign-in")
        await expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    finally:
        await context.close()
