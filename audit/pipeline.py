"""Work that may run in other processes and comes back in the order in which it was handed out."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

Result = TypeVar("Result")


class Pipeline:
    """Runs calls in an executor, at most `in_flight` at a time, or at once where there is none.

    Results are handled in order, in the caller's thread, during `submit` and `drain`.
    """

    def __init__(self, executor: Executor | None, in_flight: int) -> None:
        self._executor = executor
        self._in_flight = in_flight
        self._waiting: deque[tuple[Future[Any], Callable[[Any], None]]] = deque()

    def submit(self, handle: Callable[[Result], None], work: Callable[..., Result], *arguments: object) -> None:
        """Hand out a call; `handle` gets its result sooner or later."""
        if self._executor is None:
            handle(work(*arguments))
            return
        while len(self._waiting) >= self._in_flight:
            self._handle_next()
        self._waiting.append((self._executor.submit(work, *arguments), handle))

    def drain(self) -> None:
        """Wait for everything handed out, and have it handled."""
        while self._waiting:
            self._handle_next()

    def _handle_next(self) -> None:
        future, handle = self._waiting.popleft()
        handle(future.result())
