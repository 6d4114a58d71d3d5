"""All pages of a process: templates, assets, and what was rendered lately. It decides nothing about any page."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from election_service.errors import NotFoundError
from election_service.pages.act_numbers import ActNumbers
from election_service.pages.assets import BOOTH, TEMPLATES, Assets, Manifest
from election_service.pages.headers import SHORT
from election_service.pages.rendering import Renderer
from election_service.pages.visit import Page, Visit

_KEPT: Final = 16 << 20  # letters of rendered pages that a process keeps

Key = tuple[str, ...]
Stamp = tuple[object, ...]


class Pages:
    """Immutable but for ``_rendered``, which ``kept`` alone changes, and ``act_numbers`` (owner: log_pages.py); both on
    the event loop.
    """

    def __init__(self) -> None:
        self.assets = Assets(BOOTH)
        self._renderer = Renderer(self.assets, (TEMPLATES / "pages", TEMPLATES, BOOTH))
        self._rendered: dict[Key, tuple[Stamp, str]] = {}
        self.act_numbers: dict[str, ActNumbers] = {}
        self._building: dict[tuple[Key, Stamp], asyncio.Task[str]] = {}

    @property
    def manifest(self) -> Manifest | None:
        """What the booth's build left behind; None where it was never built."""
        return self.assets.manifest

    async def render(self, template: str, visit: Visit, **values: Any) -> str:
        """A page's HTML, made beside the event loop: a large one takes a while."""
        return await asyncio.to_thread(self._renderer.render, template, visit, **values)

    async def kept(self, visit: Visit, name: Key, stamp: Stamp, make: Callable[[], Awaitable[str]]) -> Page:
        """A page that is the same for everybody: made once for each ``stamp``, by the first who asks for it."""
        key = (*name, visit.language, str(visit.chosen))
        known = self._rendered.get(key)
        if known is None or known[0] != stamp:
            known = (stamp, await self._build(key, stamp, make))
            self._keep(key, known)
        return Page(known[1], max_age=SHORT)

    async def _build(self, key: Key, stamp: Stamp, make: Callable[[], Awaitable[str]]) -> str:
        """Whoever asks while it is being made waits for the same one; who goes away stops it for nobody."""
        task = self._building.get((key, stamp))
        if task is None:
            task = asyncio.ensure_future(_run(make))
            self._building[key, stamp] = task
            task.add_done_callback(lambda _: self._building.pop((key, stamp), None))
        return await asyncio.shield(task)

    def _keep(self, key: Key, rendered: tuple[Stamp, str]) -> None:
        self._rendered.pop(key, None)
        self._rendered[key] = rendered
        room = _KEPT - sum(len(html) for _, html in self._rendered.values())
        for oldest in list(self._rendered):
            if room >= 0:
                break
            room += len(self._rendered.pop(oldest)[1])

    async def booth(self, visit: Visit) -> Page:
        """The booth of an election: the same bytes for everybody; NotFoundError where it was not built."""
        if self.manifest is None:
            raise NotFoundError("booth: not built on this machine")
        html = await self.render("booth.html", visit, election=visit.election, **self.assets.named)
        return Page(html, self.manifest.js_sri)


async def _run(make: Callable[[], Awaitable[str]]) -> str:
    return await make()
