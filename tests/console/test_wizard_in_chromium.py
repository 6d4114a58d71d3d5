"""The wizard's pages in Chromium: a form is sent by the keyboard, nothing typed is lost. Looks: tests/gallery."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright, expect

from election_service.console.accounts import give_role
from election_service.console.roles import SERVICE, Role
from tests.browser.conftest import CHROMIUM
from tests.browser.visitor import FLAGS
from tests.console.desk import Desk
from tests.console.test_running_pages_in_chromium import context_of
from tests.console.test_set_up_flow import BASE, Wizard, revision
from tests.service.house import ELECTION
from tests.service.rolls import table
from tests.service.town import Town, student

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("needs Chromium (tools/ensure_chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        await browser.close()


async def sit(town: Town) -> Wizard:
    """A chair of the election and of the service."""
    wizard = Wizard(town, await Desk.open(town.house, "nino", Role.CHAIR))
    async with town.house.service.database.transaction() as connection:
        await give_role(connection, SERVICE, wizard.desk.account, Role.CHAIR)
    return wizard


async def test_a_roll_is_imported_by_the_keyboard_alone(chromium: Browser, village: Town) -> None:
    wizard = await sit(village)
    context, address = await context_of(chromium, wizard.desk)
    page = await context.new_page()
    await page.goto(f"{address}{BASE}/roll")
    raw = table(*(student(number) for number in range(1, 9)))
    await page.get_by_label("File").set_input_files({"name": "roll.csv", "mimeType": "text/csv", "buffer": raw})
    await page.get_by_label("File").focus()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Look at the roll")).to_be_visible()
    button = page.get_by_role("button", name="Import 8 students")
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("8 students, of whom 8 may vote")
    assert page.url == f"{address}{BASE}/roll"
    await context.close()


async def test_what_was_typed_is_there_again_when_somebody_else_was_faster(chromium: Browser, village: Town) -> None:
    wizard = await sit(village)
    context, address = await context_of(chromium, wizard.desk)
    page = await context.new_page()
    await page.goto(f"{address}{BASE}/texts")
    await page.get_by_label("Contact").fill("mine@example.edu")
    other = await wizard.desk.read(f"{BASE}/texts")
    form = {field["name"]: field.get("value", "") for field in other.all("input") if field.get("name", "") != "csrf"}
    form |= {f"intro_{name}": "" for name in ("en", "ka", "az", "ru")}
    await wizard.desk.do(f"{BASE}/texts", {**form, "contact": "theirs@example.edu", "revision": revision(other)})
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_contain_text("Somebody changed this meanwhile")
    await expect(page.get_by_label("Contact")).to_have_value("mine@example.edu")
    await expect(page.get_by_text("theirs@example.edu")).to_be_visible()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_contain_text("The texts are changed.")
    await page.goto(f"{address}/elections/{ELECTION}")
    await expect(page.get_by_role("link", name="mine@example.edu")).to_be_visible()
    await context.close()
