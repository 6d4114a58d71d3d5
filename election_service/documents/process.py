"""Where documents are made: a process of its own, so that no open poll has to wait for a verification.

Only that process loads the fonts and the library that draws.
"""

import asyncio
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from audit.checks.batches import prepare_worker
from election_service.documents.archive import Made
from election_service.documents.names import DocumentName
from election_service.errors import BusyError


async def make_apart(log: Path, poll: int, names: Sequence[DocumentName]) -> Made:
    """As `making.make_documents`, in a fresh process; BusyError where it dies, most likely of too little memory."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(1, mp_context=context, initializer=prepare_worker)
    try:
        return await asyncio.wrap_future(pool.submit(_make, log, poll, names))
    except BrokenProcessPool as error:
        raise BusyError("documents: the process that makes them died; the operator's log says more") from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _make(log: Path, poll: int, names: Sequence[DocumentName]) -> Made:
    from election_service.documents.making import make_documents  # noqa: PLC0415 -- see the module's text

    return make_documents(log, poll, names)
