"""Health on a port of its own, on the loopback address: for the supervisor and the operator, never for the public."""

from typing import Final

from aiohttp import web
from aiohttp.web import Request, StreamResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from election_service import schema
from election_service.metrics import METRICS
from election_service.service import Service
from election_service.workers import answer_alive
from keys.canonical import encode
from keys.errors import ElectionError

HEALTH_SERVICE: Final = web.AppKey("service", Service)
LOOPBACK: Final = "127.0.0.1"


def make_health_app(service: Service) -> web.Application:
    """`/healthz`: the process runs. `/readyz`: it can store and judge a ballot. `/metrics`: Prometheus."""
    app = web.Application()
    app[HEALTH_SERVICE] = service
    app.router.add_get("/healthz", show_health)
    app.router.add_get("/readyz", show_readiness)
    app.router.add_get("/metrics", show_metrics)
    return app


async def show_health(_request: Request) -> StreamResponse:
    """The event loop answers."""
    return _answer({"status": "ok"}, 200)


async def show_readiness(request: Request) -> StreamResponse:
    """Database and workers answer, and every log is published as far as it goes."""
    service = request.app[HEALTH_SERVICE]
    faults = await find_faults(service)
    return _answer({"status": "not ready" if faults else "ok", "faults": faults}, 503 if faults else 200)


async def find_faults(service: Service) -> list[str]:
    """Why this process should get no requests now; empty where it should."""
    faults = []
    try:
        await service.workers.run(answer_alive)
    except ElectionError as error:
        faults.append(f"workers: {error}")
    try:
        for election, size, published in await _read_heads(service):
            if published < size:
                faults.append(f"log {election}: {size - published} entries are not published")
    except (SQLAlchemyError, OSError) as error:
        faults.append(f"database: {type(error).__name__}")
    return faults


async def show_metrics(request: Request) -> StreamResponse:
    """The figures, gathered now."""
    service = request.app[HEALTH_SERVICE]
    METRICS.waiting.set(service.cast_desk.waiting)
    for election, size, published in await _read_heads(service):
        METRICS.log_size.labels(election).set(size)
        METRICS.published.labels(election).set(published)
    return web.Response(body=generate_latest(METRICS.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _read_heads(service: Service) -> list[tuple[str, int, int]]:
    table = schema.log_heads
    async with service.database.snapshot() as connection:
        rows = await connection.execute(select(table.c.election, table.c.size, table.c.published_size))
        return [(row.election, row.size, row.published_size) for row in rows]


def _answer(document: dict[str, object], status: int) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=encode(document), status=status, content_type="application/json", headers=headers)
