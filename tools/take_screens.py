"""Pictures of every page for docs/screens, from the scenes that the accessibility tests walk through.

    python -m tools.take_screens [--only NAME …] [--folder docs/screens]

Each scene of the voters four times, so that every language, both widths and both schemes are seen; those of the
committee, and the screens of the trustees' tool, twice. Small files: WebP, at most two screens high.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from election_service.workers import Workers
from tests.booth.harness import BOOTH, node
from tests.browser.conftest import CHROMIUM
from tests.browser.house import served_house
from tests.browser.visitor import FLAGS
from tests.gallery.console_scenes import CONSOLE
from tests.gallery.rooms import furnished_rooms
from tests.gallery.scenes import SCENES, Scene, Stage, show_in
from tests.gallery.served import certified_election
from tests.gallery.tool import tool_context, walk_through_tool
from tests.service.house import built

FOLDER: Final = Path(__file__).parents[1] / "docs" / "screens"
_SHORTEST: Final = 480  # CSS pixels
_TALLEST: Final = 1400
_WIDEST: Final = 960  # pixels of a picture
_QUALITY: Final = 35
_DESK_WIDE: Final = 800  # of the committee's pages, which are many
_DESK_TALL: Final = 1000
_COLOURS: Final = 16  # of theirs: flat as they are, sharper and smaller than with loss
TOOL: Final = "trustee-tool"


@dataclass(frozen=True, slots=True)
class View:
    """A language on a screen. ``flat``: in few colours."""

    language: str
    width: int
    scheme: Literal["light", "dark"]
    flat: bool = False


VIEWS: Final = (
    View("en", 1280, "light"),
    View("ka", 320, "light"),
    View("az", 320, "dark"),
    View("ru", 1280, "dark"),
)
DESKS: Final = (
    (View("en", 1280, "light", flat=True), View("ka", 320, "dark", flat=True)),
    (View("en", 1280, "light", flat=True), View("ka", 320, "light", flat=True)),
)


def views_of(scene: Scene) -> tuple[View, ...]:
    """How a scene is seen; the committee's pages on a phone light and dark by turns."""
    return DESKS[CONSOLE.index(scene) % 2] if scene in CONSOLE else VIEWS


async def take(browser: Browser, stage: Stage, scene: Scene, views: Sequence[View]) -> list[bytes]:
    """The pictures of a scene as WebP, one for each view."""
    context = await browser.new_context(reduced_motion="reduce")
    try:
        page = await context.new_page()
        await scene.act(page, stage, views[0].language)
        return [await _take(page, stage, scene, view) for view in views]
    finally:
        await context.close()


async def _take(page: Page, stage: Stage, scene: Scene, view: View) -> bytes:
    await page.set_viewport_size({"width": view.width, "height": _SHORTEST})
    await page.emulate_media(color_scheme=view.scheme, reduced_motion="reduce")
    await show_in(view.language, page, stage, scene)
    return await _picture(page, view)


async def take_tool(browser: Browser, scratch: Path, keep: Callable[[str, View, bytes], None]) -> None:
    """The screens of the trustees' tool; refusals are seen with the screen that they stand on."""
    screens: list[str] = []

    async def look(page: Page, name: str) -> None:
        if " " in name:
            return
        for view in DESKS[len(screens) % 2]:
            await page.set_viewport_size({"width": view.width, "height": _SHORTEST})
            await page.emulate_media(color_scheme=view.scheme, reduced_motion="reduce")
            await page.select_option("#language", view.language)
            keep(f"trustee-tool-{name}", view, await _picture(page, view))
        screens.append(name)

    workers = Workers(1)
    try:
        async with built(f"sqlite:///{scratch / 'election.db'}", scratch, workers) as house:
            context = await tool_context(browser)
            await walk_through_tool(await context.new_page(), BOOTH / "dist" / "trustee.html", house, scratch, look)
            await context.close()
    finally:
        await workers.close()


async def _picture(page: Page, view: View) -> bytes:
    height = min(_TALLEST, await page.evaluate("document.documentElement.scrollHeight"))
    await page.set_viewport_size({"width": view.width, "height": max(height, _SHORTEST)})
    picture = Image.open(BytesIO(await page.screenshot()))
    content = BytesIO()
    if view.flat:
        picture.thumbnail((_DESK_WIDE, picture.height))
        flat = picture.crop((0, 0, picture.width, min(picture.height, _DESK_TALL))).convert("RGB")
        flat = flat.quantize(_COLOURS)
        flat.convert("RGB").save(content, "WEBP", lossless=True, quality=100, method=6)
    else:
        picture.thumbnail((_WIDEST, _TALLEST))
        picture.save(content, "WEBP", quality=_QUALITY, method=6)
    return content.getvalue()


async def take_all(folder: Path, names: list[str]) -> None:
    """All pictures of the scenes of these names; of all where there are none."""
    node()

    def keep(name: str, view: View, content: bytes) -> None:
        file = folder / f"{name}.{view.language}.{view.width}.{view.scheme}.webp"
        file.write_bytes(content)
        print(file.name, len(content))

    with tempfile.TemporaryDirectory() as scratch:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            if not names or TOOL in names:
                (Path(scratch) / "tool").mkdir()
                await take_tool(browser, Path(scratch) / "tool", keep)
            scenes = [scene for scene in (*SCENES, *CONSOLE) if scene.name in names or (not names and scene.pictured)]
            if scenes:
                await _take_scenes(browser, Path(scratch), scenes, keep)
            await browser.close()


async def _take_scenes(
    browser: Browser, scratch: Path, scenes: Sequence[Scene], keep: Callable[[str, View, bytes], None]
) -> None:
    async with (
        certified_election(scratch / "certified") as done_at,
        served_house(scratch / "open") as house,
        furnished_rooms(house, scratch / "certified") as rooms,
    ):
        stage = Stage(house.address, done_at, lambda: next(house.links), rooms)
        for scene in scenes:
            views = views_of(scene)
            for view, content in zip(views, await take(browser, stage, scene, views), strict=True):
                keep(scene.name, view, content)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Take the pictures of docs/screens.")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take_all(options.folder, options.only))


if __name__ == "__main__":
    main()
