"""axe-core on a page: the rules of WCAG 2.2 AA and its best practices, run beside the page's own policy."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Page

from tests.booth.harness import BOOTH

TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_RUN: Final = "async (tags) => (await axe.run(document, {runOnly: {type: 'tag', values: tags}})).violations"


@cache
def _source() -> str:
    return (BOOTH / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


async def findings(page: Page) -> list[str]:
    """What axe finds, a line for each rule and place; empty for a clean page."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_source())
    violations: list[dict[str, Any]] = await page.evaluate(_RUN, list(TAGS))
    return [
        f"{item['id']}: {item['help']}: {' '.join(map(str, node['target']))}: {node['html'][:200]}"
        for item in violations
        for node in item["nodes"]
    ]


def axe_file() -> Path:
    """Where npm put it."""
    return BOOTH / "node_modules" / "axe-core" / "axe.min.js"
