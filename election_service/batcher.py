"""Many callers, one piece of work: what arrives while the last batch is under way makes the next one.

A transaction, a query or a proof check costs much the same for one item as for many. Callers wait for their own result
alone: one item's error is that item's, and a batch that fails as a whole fails each of its callers.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from election_service.errors import BusyError

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    """Gathers items and hands them to ``work``, which returns one result or exception for each, in order.

    ``largest``: items in a batch; ``pause``: seconds to gather before a batch starts; ``parallel``: batches at once;
    ``limit``: items that may wait before BusyError. Owner of the queue: the one collecting task.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        largest: int,
        pause: float = 0.0,
        parallel: int = 1,
        limit: int = 10_000,
    ) -> None:
        self._work = work
        self._largest = largest
        self._pause = pause
        self._slots = asyncio.Semaphore(parallel)
        self._queue: asyncio.Queue[tuple[Item, asyncio.Future[Result]]] = asyncio.Queue(maxsize=limit)
        self._running: set[asyncio.Task[None]] = set()
        self._collector: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def waiting(self) -> int:
        """Items that no batch has taken yet."""
        return self._queue.qsize()

    async def submit(self, item: Item) -> Result:
        """The item's result; BusyError where too many wait, or the service is going down."""
        if self._closed:
            raise BusyError("the service is stopping; send the same request again in a moment")
        if self._collector is None or self._collector.done():
            self._collector = asyncio.create_task(self._collect())
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait((item, future))
        except asyncio.QueueFull:
            raise BusyError("too many requests wait; send the same request again in a moment") from None
        return await future

    async def close(self) -> None:
        """Take no more, finish what is there."""
        self._closed = True
        while self._running or not self._queue.empty():
            await asyncio.wait([*self._running, asyncio.create_task(asyncio.sleep(0.01))])
        if self._collector is not None:
            self._collector.cancel()
            await asyncio.gather(self._collector, return_exceptions=True)

    async def _collect(self) -> None:
        while True:
            await self._slots.acquire()
            batch = [await self._queue.get()]
            # What is taken out of the queue counts as running from here on, so that `close` waits for it.
            task = asyncio.create_task(self._run(batch))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _run(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            await asyncio.sleep(self._pause)
            while len(batch) < self._largest and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            results = await self._work([item for item, _ in batch])
            for (_, future), result in zip(batch, results, strict=True):
                _settle(future, result)
        except BaseException as error:
            for _, future in batch:
                _settle(future, error)
            if not isinstance(error, Exception):
                raise
        finally:
            self._slots.release()


def _settle(future: "asyncio.Future[Result]", result: Result | BaseException) -> None:
    """Answer a caller, unless it has gone."""
    if future.done():
        return
    if isinstance(result, BaseException):
        future.set_exception(result)
    else:
        future.set_result(result)
