"""The wizard's pages in Chromium: axe-core finds nothing, nothing scrolls sideways, a form is sent by the keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import pytest
from playwright.async_api import Browser, async_playwright, expect

from election_service.console.accounts import give_role
from election_service.console.readiness import KEYS
from election_service.console.roles import SERVICE, Role
from tests.browser.conftest import CHROMIUM
from tests.browser.visitor import FLAGS
from tests.console.desk import Desk
from tests.console.test_roll_pages import upload
from tests.console.test_running_pages_in_chromium import LONG, context_of, faults
from tests.console.test_set_up_flow import BASE, Wizard, revision
from tests.gallery.axe import findings
from tests.service.house import ELECTION
from tests.service.pages_reader import LANGUAGES
from tests.service.rolls import row, table
from tests.service.town import Town, student

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EARLY: Final = ("setup", "texts", "mail", "rehearsal", "clone", "rules", "roll", "roll/preview", "schedule")
LATER: Final = ("rules", "roll", "links", "contests", "candidates", "profiles/c1", "schedule")


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


async def test_pages_at_the_beginning(chromium: Browser, village: Town) -> None:
    wizard = await sit(village)
    await wizard.press("/rules", "/rules/begin", preset="ibsu-direct")
    await wizard.press("/rules", **{"value-version": "", "value-name": f"Rules of {LONG}"})
    await upload(wizard.desk, table(row(full_name=f"Ana {LONG[:90]}"), row(student_id="=1+1", email="broken")))
    await wizard.press("/schedule", opens="", closes="2027-01-20T18:00")
    assert await faults(chromium, wizard.desk, EARLY) == []
    assert await checklist_faults(chromium, wizard.desk) == []


async def checklist_faults(browser: Browser, desk: Desk) -> list[str]:
    """What is wrong with the checklist, in any language, light and dark."""
    found: list[str] = []
    context, address = await context_of(browser, desk)
    page = await context.new_page()
    for language in LANGUAGES:
        await page.goto(f"{address}{BASE}?lang={language}")
        await expect(page.locator(".checklist > li")).to_have_count(len(KEYS))
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += [f"{language}, {scheme}: {line}" for line in await findings(page)]
        if not await page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            found.append(f"{language}: the page scrolls sideways")
    await context.close()
    return found


async def test_pages_on_the_way(chromium: Browser, village: Town) -> None:
    wizard = await sit(village)
    await wizard.adopt_rules()
    await wizard.house.hold_ceremony()
    place = {"faculty": "Faculty of very long names", "department": "Department of long names as well"}
    more = row(student_id="s9", full_name="Nina Z", email="s9@example.edu", **place)
    await wizard.import_roll(more)
    await wizard.press("/candidates", student_id="s1", position="head-of-self-governance", block="")
    await wizard.press("/candidates", student_id="s2", position="head-of-faculty", block="Law")
    assert await faults(chromium, wizard.desk, LATER) == []


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
