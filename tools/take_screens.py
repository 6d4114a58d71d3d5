"""Pictures of every page for docs/screens, from the scenes that the accessibility tests walk through.

    python -m tools.take_screens [--only NAME …] [--folder docs/screens]

Each scene four times, so that every language, both widths and both schemes are seen. Small files: WebP, at most two
screens high.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from tests.booth.harness import node
from tests.browser.conftest import CHROMIUM
from tests.browser.house import served_house
from tests.browser.visitor import FLAGS
from tests.gallery.scenes import SCENES, Scene, Stage, show_in
from tests.gallery.served import certified_election

FOLDER: Final = Path(__file__).parents[1] / "docs" / "screens"
_SHORTEST: Final = 480  # CSS pixels
_TALLEST: Final = 1400
_WIDEST: Final = 960  # pixels of a picture
_QUALITY: Final = 35


@dataclass(frozen=True, slots=True)
class View:
    """A language on a screen."""

    language: str
    width: int
    scheme: Literal["light", "dark"]


VIEWS: Final = (
    View("en", 1280, "light"),
    View("ka", 320, "light"),
    View("az", 320, "dark"),
    View("ru", 1280, "dark"),
)


async def take(browser: Browser, stage: Stage, scene: Scene) -> list[bytes]:
    """The pictures of a scene as WebP, one for each view."""
    context = await browser.new_context(reduced_motion="reduce")
    try:
        page = await context.new_page()
        await scene.act(page, stage, VIEWS[0].language)
        return [await _take(page, stage, scene, view) for view in VIEWS]
    finally:
        await context.close()


async def _take(page: Page, stage: Stage, scene: Scene, view: View) -> bytes:
    await page.set_viewport_size({"width": view.width, "height": _SHORTEST})
    await page.emulate_media(color_scheme=view.scheme, reduced_motion="reduce")
    await show_in(view.language, page, stage, scene)
    height = min(_TALLEST, await page.evaluate("document.documentElement.scrollHeight"))
    await page.set_viewport_size({"width": view.width, "height": max(height, _SHORTEST)})
    picture = Image.open(BytesIO(await page.screenshot()))
    picture.thumbnail((_WIDEST, _TALLEST))
    content = BytesIO()
    picture.save(content, "WEBP", quality=_QUALITY, method=6)
    return content.getvalue()


async def take_all(folder: Path, names: list[str]) -> None:
    """All pictures of the scenes of these names; of all where there are none."""
    node()
    with tempfile.TemporaryDirectory() as scratch:
        async with (
            certified_election(Path(scratch) / "certified") as done_at,
            served_house(Path(scratch) / "open") as house,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            stage = Stage(house.address, done_at, lambda: next(house.links))
            for scene in SCENES:
                if names and scene.name not in names:
                    continue
                for view, content in zip(VIEWS, await take(browser, stage, scene), strict=True):
                    name = f"{scene.name}.{view.language}.{view.width}.{view.scheme}.webp"
                    (folder / name).write_bytes(content)
                    print(name, len(content))
            await browser.close()


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
