"""Who kills: at a moment drawn from a seed, never at a convenient one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from election_service.demo.university import Draws
from tests.faults.server import Server

Phase = Literal["issuing", "casting", "sealing", "marking", "starting", "voting"]
PHASES: Final[tuple[Phase, ...]] = ("issuing", "casting", "sealing", "marking", "casting", "starting", "voting")
LATEST: Final = 4.0  # seconds after which it strikes in any case
_BLINK: Final = 0.0004  # seconds between two looks at a file

_PATHS: Final = {"issuing": "/tokens", "casting": "/ballots", "voting": "/login"}


@dataclass(frozen=True, slots=True)
class Moment:
    """When to strike: ``nth`` request of a path or change of a file, and then ``delay`` seconds."""

    phase: str
    nth: int
    delay: float

    def __str__(self) -> str:
        return f"{self.phase}: event {self.nth}, and {1000 * self.delay:.1f} ms"


def draw_moment(phase: str, draws: Draws, most: int) -> Moment:
    """A moment of a phase in which about ``most`` requests are sent."""
    if phase in {"sealing", "marking"}:
        return Moment(phase, 1 + draws.below(2), draws.below(40) / 10_000)  # a file moves within milliseconds
    if phase == "starting":
        return Moment(phase, 1, draws.below(1500) / 1000)
    return Moment(phase, 1 + draws.below(most), draws.below(600) / 10_000)


@dataclass(slots=True)
class Nemesis:
    """Kills one server, once, and starts it again; ``watch`` is told of every request that is about to leave."""

    server: Server
    heads: Path
    moment: Moment
    seen: int = 0
    struck: str = ""
    _reached: asyncio.Event = field(default_factory=asyncio.Event)

    def watch(self, path: str) -> None:
        """A request is about to be sent."""
        wanted = _PATHS.get(self.moment.phase, self.moment.phase)
        if path.startswith(wanted):
            self.seen += 1
            if self.seen >= self.moment.nth:
                self._reached.set()

    async def strike(self) -> None:
        """Wait for the moment, kill -9, start again."""
        if self.moment.phase == "starting":
            await self.server.kill()
            await self.server.launch()
            await asyncio.sleep(self.moment.delay)
            self.struck = "while starting"
        else:
            self.struck = await self._wait()
        await self.server.kill()
        await self.server.start()

    async def _wait(self) -> str:
        files = {"sealing": "*.json", "closing": "*.json", "marking": "*.issued"}
        pattern = files.get(self.moment.phase)
        try:
            await asyncio.wait_for(self._reached.wait() if pattern is None else self._moved(pattern), LATEST)
        except TimeoutError:
            return "late"
        if self.moment.delay:
            await asyncio.sleep(self.moment.delay)
        return "at its moment"

    async def _moved(self, pattern: str) -> None:
        """Until a file of the state directory has been replaced ``nth`` times."""
        for _ in range(self.moment.nth):
            before = self._stamps(pattern)
            while self._stamps(pattern) == before:  # noqa: ASYNC110 -- another process moves the file
                await asyncio.sleep(_BLINK)

    def _stamps(self, pattern: str) -> dict[str, int]:
        """The new file under its temporary name counts: between it and the rename is a moment too."""
        stamps = {}
        for file in (*self.heads.glob(pattern), *self.heads.glob(f".{pattern}.*")):
            try:
                stamps[file.name] = file.stat().st_mtime_ns
            except FileNotFoundError:
                continue
        return stamps
