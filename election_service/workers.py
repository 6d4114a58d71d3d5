"""Worker processes for what costs milliseconds: proofs, private RSA operations, sums. The event loop never waits for
them.

A worker holds no database and no file. It gets what it needs with each task, over a private pipe; the only thing it
keeps is parsed contest documents. A worker that dies takes its task with it, not the service: the task is run again
once.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from multiprocessing.connection import wait
from typing import Final, ParamSpec, TypeVar

from audit.checks.batches import prepare_worker
from ballot.ballot import load_ballot
from ballot.contest import ContestRules, load_contest
from ballot.verification import verify_ballots
from election_service.errors import BusyError
from keys.errors import DataError, ElectionError, InternalError
from keys.issuer import IssuerKey, blind_sign, generate_issuer_key
from tally.sums import ContestSums, sum_bodies

P = ParamSpec("P")
T = TypeVar("T")

SMALLEST_PART: Final = 64  # ballots: below, one bucket sum in one worker takes less CPU than two smaller ones


class Workers:
    """A pool of processes. ``_pool`` is replaced by whoever finds it broken, under ``_mending``."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool = self._make()
        self._mending = asyncio.Lock()

    def _make(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.count, mp_context=context, initializer=_prepare)

    async def run(self, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a module-level function in a worker. BusyError where workers keep dying."""
        for _ in range(2):
            pool = self._pool
            try:
                return await asyncio.wrap_future(pool.submit(task, *args, **kwargs))
            except BrokenProcessPool:
                await self._mend(pool)
        raise BusyError("a worker process died twice over one task; the operator's log says more")

    async def _mend(self, broken: ProcessPoolExecutor) -> None:
        async with self._mending:
            if self._pool is broken:
                broken.shutdown(wait=False, cancel_futures=True)
                self._pool = self._make()

    async def warm_up(self) -> None:
        """Start all processes before the first voter waits for one."""
        await asyncio.gather(*(self.run(answer_alive) for _ in range(self.count)))

    async def close(self) -> None:
        """End the processes after the tasks that are under way."""
        await asyncio.to_thread(self._pool.shutdown, wait=True)

    # ---- tasks ---------------------------------------------------------------------------------------------------

    async def verify(
        self, contests: Mapping[bytes, bytes], items: Sequence[tuple[bytes, bytes]], *, rehearsal: bool
    ) -> list[DataError | None]:
        """The one judge over (context, cast request) pairs, spread over the workers; None for a good ballot."""
        size = max(SMALLEST_PART, -(-len(items) // self.count))
        parts = [items[start : start + size] for start in range(0, len(items), size)]
        tasks = [self.run(verify_part, _only(contests, part), part, rehearsal) for part in parts]
        return [verdict for verdicts in await asyncio.gather(*tasks) for verdict in verdicts]

    async def sign(self, items: Sequence[tuple[IssuerKey, bytes]]) -> list[bytes | ElectionError]:
        """BlindSign of each (key, blinded message); an error stands in the place of a signature that must not leave."""
        size = -(-len(items) // self.count) or 1
        parts = [items[start : start + size] for start in range(0, len(items), size)]
        answers = await asyncio.gather(*(self.run(sign_part, part) for part in parts))
        return [answer for part in answers for answer in part]


def _prepare() -> None:
    """In a worker: Ctrl-C is the service's to handle, and a service that was killed leaves no worker behind."""
    prepare_worker()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def answer_alive() -> int:
    """In a worker: its process id."""
    return os.getpid()


def _only(contests: Mapping[bytes, bytes], part: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    return {context: contests[context] for context in {context for context, _ in part}}


@lru_cache(maxsize=512)
def _rules(document: bytes, rehearsal: bool) -> ContestRules:  # noqa: FBT001 -- part of the cache's key
    return load_contest(document, rehearsal=rehearsal)


def verify_part(
    contests: dict[bytes, bytes],
    items: Sequence[tuple[bytes, bytes]],
    rehearsal: bool,  # noqa: FBT001
) -> list[DataError | None]:
    """In a worker: parse and judge cast requests; ``contests``: context → document."""
    rules = {context: _rules(document, rehearsal) for context, document in contests.items()}
    return verify_ballots([(rules[context], load_ballot(request)) for context, request in items], os.urandom)


def sign_part(items: Sequence[tuple[IssuerKey, bytes]]) -> list[bytes | ElectionError]:
    """In a worker: BlindSign; what fails its own check stays inside as an error (A34)."""
    answers: list[bytes | ElectionError] = []
    for key, blinded in items:
        try:
            answers.append(blind_sign(key, blinded, os.urandom))
        except (DataError, InternalError) as error:
            answers.append(error)
    return answers


def make_issuer_keys(count: int, bits: int, rehearsal: bool) -> list[IssuerKey]:  # noqa: FBT001
    """In a worker: fresh issuer keys."""
    return [generate_issuer_key(bits, rehearsal=rehearsal) for _ in range(count)]


def sum_part(context: bytes, options: int, requests: Sequence[bytes]) -> ContestSums:
    """In a worker: the sums over some logged ballots of one contest, given as the data of their entries."""
    return sum_bodies(context, options, (load_ballot(request).body for request in requests))
