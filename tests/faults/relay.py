"""A network that loses answers: a relay between clients and services that cuts connections at drawn points (A42)."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from election_service.demo.university import Draws

_CHUNK = 65_536


@dataclass(slots=True)
class Relay:
    """Forwards each connection to one of the services. Owner of its tasks: the server that it runs."""

    targets: Sequence[int]
    draws: Draws
    port: int = 0
    cuts: Counter[str] = field(default_factory=Counter)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client."""
        target = self.targets[self.draws.below(len(self.targets))]
        try:
            away, home = await asyncio.open_connection("127.0.0.1", target)
        except OSError:
            writer.close()
            return
        pipes = [asyncio.create_task(self._requests(reader, home)), asyncio.create_task(self._answers(away, writer))]
        await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
        for pipe in pipes:
            pipe.cancel()
        await asyncio.gather(*pipes, return_exceptions=True)
        for end in (writer, home):
            end.close()
            with contextlib.suppress(OSError):
                await end.wait_closed()

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Requests arrive, or only their beginning does."""
        while chunk := await reader.read(_CHUNK):
            if self.draws.below(12) == 0:
                self.cuts["request"] += 1
                writer.write(chunk[: self.draws.below(len(chunk))])
                await writer.drain()
                return
            writer.write(chunk)
            await writer.drain()

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers arrive, get lost, or break off."""
        while chunk := await reader.read(_CHUNK):
            fate = self.draws.below(10)
            if fate < 2:
                self.cuts["answer"] += 1
                return
            if fate == 2:
                self.cuts["part of an answer"] += 1
                writer.write(chunk[: self.draws.below(len(chunk))])
                await writer.drain()
                return
            writer.write(chunk)
            await writer.drain()


@asynccontextmanager
async def relaying(targets: Sequence[int], seed: int) -> AsyncIterator[Relay]:
    """A relay to the services at these ports."""
    relay = Relay(targets, Draws(seed))
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
