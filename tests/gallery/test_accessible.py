"""axe-core finds nothing on any page, in any language, light and dark, on the narrowest phone, and nothing scrolls
sideways there or on a desk.

Pages with a program have their language switched where they are, as a reader would; the others are opened anew.
"""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.async_api import Browser, Page

from tests.browser.visitor import PHONE
from tests.gallery.axe import findings
from tests.gallery.console_scenes import CONSOLE
from tests.gallery.scenes import LANGUAGES, SCENES, Scene, Stage, show_in
from tests.scale import FULL

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DESK = 1280  # CSS pixels
HEIGHT = 640
BOTH: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# colours are the same in every language: every day, each language but the first is seen in one scheme
SCHEMES = {"en": BOTH, "ka": BOTH[1:], "az": BOTH[:1], "ru": BOTH[1:]} if not FULL else dict.fromkeys(LANGUAGES, BOTH)


@pytest.mark.parametrize("scene", [*SCENES, *CONSOLE], ids=lambda scene: scene.name)
async def test_every_page_in_every_language_light_and_dark(
    gallery_browser: Browser, stage: Stage, scene: Scene
) -> None:
    found: list[str] = []
    context = await gallery_browser.new_context(viewport={"width": PHONE, "height": HEIGHT}, reduced_motion="reduce")
    try:
        page = await context.new_page()
        await scene.act(page, stage, LANGUAGES[0])
        for language in LANGUAGES:
            await show_in(language, page, stage, scene)
            for scheme in SCHEMES[language]:
                await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                found += [f"{language}, {scheme}: {line}" for line in await findings(page)]
            found += [f"{language}: {line}" for line in await sideways(page)]
    finally:
        await context.close()
    assert found == []


async def sideways(page: Page) -> list[str]:
    """On a phone, and on a desk."""
    found = []
    for width in (DESK, PHONE):
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        if not await page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            found.append(f"the page scrolls sideways at {width} px")
    return found
