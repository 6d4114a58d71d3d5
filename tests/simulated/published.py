"""The logs that the tampering tests tamper with, and the names of the checks that fail on what becomes of them.

The log holds every kind of entry. Up to the first declaration it is tampered with as it stood before certification,
because `result.certified` carries the hash of the declaration and with it of all that came before: from then on every
change is seen there as well (tests/simulated/test_unseen.py).
"""

from functools import cache
from typing import Any

from audit.source import MemorySource
from audit.verify import verify_log
from tests.simulated.everything import everything
from tests.simulated.malice import Copy

Files = dict[str, bytes]


@cache
def whole() -> Copy:
    """Both polls, to the end."""
    return Copy.of(everything())


@cache
def uncertified() -> Copy:
    """Up to the first declaration: nothing yet binds what is written to what members certified."""
    return whole().cut(whole().first("result.declared") + 1)


@cache
def foreign() -> Copy:
    """The same acts in another log."""
    return Copy.of(everything("elsewhere"))


def base_of(kind: str) -> Copy:
    """The log in which the first entry of a kind is tampered with."""
    return uncertified() if kind in {entry["kind"] for entry in uncertified().plain()} else whole()


def failed(files: Files, log_id: bytes | None = None, **options: Any) -> set[str]:
    """The names of the checks that fail, the log being pinned as ballot links do."""
    report = verify_log(MemorySource(files), log_id=whole().log_id if log_id is None else log_id, **options)
    return {failure.check for failure in report.failures}
