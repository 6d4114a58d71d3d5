"""One serving process: the application on its port, health on its own, until a signal; then the queues drain."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

from aiohttp import web

from election_service.app import make_app, make_runner
from election_service.config import Config
from election_service.errors import ConfigError
from election_service.health import make_health_app
from election_service.service import Service, open_service

_LOOPBACK = "127.0.0.1"
_GRACE = 20.0  # seconds for requests under way when the process is asked to stop


async def serve(config: Config, ready: Callable[[Service], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT. ``ready`` is called once both ports listen. ConfigError for a taken port."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with open_service(config) as service:
        health = web.AppRunner(make_health_app(service), access_log=None)
        public = make_runner(make_app(service), _GRACE)
        try:
            await _listen(health, _LOOPBACK, config.health_port, "health_port")
            await _listen(public, config.host, config.port, "port")
            if ready is not None:
                ready(service)
            await stop.wait()
        finally:
            await public.cleanup()
            await health.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int, field: str) -> None:
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        message = f"{field}: cannot listen on {host}:{port}: {error.strerror}"
        raise ConfigError(message, "stop what uses the port, or choose another one") from error
