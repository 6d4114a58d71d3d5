"""What a member looks at before signing: which log it is for, and what stands behind the hashes in an act.

The service prepares most acts; here they are held against a log that this computer verified itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audit.facts import ContestFigures
from audit.source import open_log
from audit.verify import verify_log
from election_service.client import ServiceClient
from election_service.commands.terminal import fail, out
from election_service.committee import pinned_log_id
from keys.canonical import b64
from keys.ids import fingerprint
from keys.text import printable


async def log_to_sign_for(client: ServiceClient, key: Path) -> bytes:
    """The log id beside the key; the first time it is shown, to be compared with the committee's own note."""
    log_id, first = await pinned_log_id(client, key)
    if first:
        out.print(f"log {b64(log_id)}, fingerprint {fingerprint(log_id)}", markup=False)
        out.print("signing for this log for the first time: is it the one in the committee's own note?", markup=False)
    return log_id


async def look_at_opening(client: ServiceClient, log_id: bytes, data: Mapping[str, Any]) -> None:
    """Verify the log and show every contest behind the contexts of `poll.opened`; leaves where they are not its own.

    Who signs contexts that nobody looked up would sign for any candidates (A53).
    """
    with open_log(client.log_url) as source:
        report = await asyncio.to_thread(verify_log, source, log_id=log_id)
    if not report.ok:
        fail(f"the log does not verify: {report.failures[0]}", "nothing was signed; show this to the committee")
    logged = {b64(item.context): item for item in report.facts.contests if item.poll == data.get("poll")}
    contexts = list(data.get("contexts", ()))
    if sorted(contexts) != sorted(logged):
        fail("poll.opened: its contexts are not the contests in the log", "nothing was signed; ask the operator")
    for context in contexts:
        out.print(printable(_contest_line(logged[context])), markup=False)


def _contest_line(contest: ContestFigures) -> str:
    options = contest.document.options if contest.document is not None else []
    names = [option.name.get("en") or next(iter(option.name.values())) for option in options]
    rules = "" if contest.document is None else f", choose {contest.document.min} to {contest.document.max}"
    return f"  {contest.contest}: {contest.size} voters of {contest.electorate}{rules}: {', '.join(names)}"
