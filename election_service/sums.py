"""The sums of a closed contest, recomputed from the logged ballots by the workers."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from audit.entries import decode_entry
from ballot.contest import ContestRules
from election_service import schema
from election_service.service import Service
from election_service.workers import sum_part
from keys.canonical import b64, encode
from tally.sums import Accumulator, ContestSums

_CHUNK: Final = 1000  # ballots read and handed out at a time: memory stays flat


async def add_up(service: Service, election: str, contests: Sequence[ContestRules]) -> dict[bytes, ContestSums]:
    """The sums of these contests over all logged ballots, in one pass over the log."""
    totals = {rules.context: Accumulator(rules.context, rules.options) for rules in contests}
    table = schema.log_entries
    after = -1
    while True:
        query = select(table.c.seq, table.c.entry).where(
            table.c.election == election, table.c.kind == "ballot", table.c.seq > after
        )
        async with service.database.snapshot() as connection:
            rows = (await connection.execute(query.order_by(table.c.seq).limit(_CHUNK))).all()
        if not rows:
            return {context: total.sums() for context, total in totals.items()}
        await _add_part(service, totals, contests, [row.entry for row in rows])
        after = rows[-1].seq


async def _add_part(
    service: Service, totals: dict[bytes, Accumulator], contests: Sequence[ContestRules], entries: Sequence[bytes]
) -> None:
    options = {b64(rules.context): (rules.context, rules.options) for rules in contests}
    parts: dict[str, list[bytes]] = {}
    for raw in entries:
        data = decode_entry(raw).data
        if data.context in options:
            parts.setdefault(data.context, []).append(encode(data))
    for name, requests in parts.items():
        context, number = options[name]
        totals[context].merge(await service.workers.run(sum_part, context, number, requests))
