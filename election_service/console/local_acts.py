"""Acts of the committee that stand in no log, because the log has no word for them: the freeze of the roll.

They are proposed, signed and approved like every other act, over the same bytes (audit/approvals.py), and need as many
members. What follows from them is in the log, and signed again: electorates are made from a frozen roll only
(docs/adr/0014).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.approvals import verify_approvals
from audit.entries import Approval, ApprovedData, decode_entry, decode_unsigned_as
from audit.errors import ApprovalError
from election_service import schema
from election_service.errors import ActRefusedError, RollFrozenError
from election_service.facts import read_kinds
from election_service.roll import freeze_roll, roll_to_freeze
from election_service.service import Writing
from keys.canonical import Hex32, Positive, decode, unb64

ROLL_FROZEN: Final = "roll.frozen"
_RESTORE: Final = "somebody changed the database; restore `acts`, `rolls`, `voters` from the backup made at the freeze"


class RollFrozenData(ApprovedData, frozen=True):
    """From here on nobody is added, removed or altered (A45): ``digest`` of the whole roll, ``size`` students."""

    digest: Hex32
    size: Positive


@dataclass(frozen=True, slots=True)
class LocalKind:
    """``check`` refuses what may not be done now, ``do`` does it; both inside the transaction that holds the log."""

    data: type[ApprovedData]
    check: Callable[[Writing, Any], Awaitable[None]]
    do: Callable[[Writing, Any], Awaitable[None]]


async def _check_freeze(writing: Writing, data: RollFrozenData) -> None:
    digest, size = await roll_to_freeze(writing.connection, writing.election.id)
    _compare(data, digest, size)


async def _freeze(writing: Writing, data: RollFrozenData) -> None:
    """Compared again: an import may have come between the check and the freeze."""
    _compare(data, await freeze_roll(writing.connection, writing.election.id), data.size)


def _compare(data: RollFrozenData, digest: bytes, size: int) -> None:
    if not compare_digest(digest, bytes.fromhex(data.digest)) or size != data.size:
        raise ActRefusedError(
            f"{ROLL_FROZEN}: expected the roll as it is now, {size} students with digest {digest.hex()}, got "
            f"{data.size} with {data.digest}: it was imported anew; look at it, and propose the freeze again"
        )


LOCAL: Final[Mapping[str, LocalKind]] = {ROLL_FROZEN: LocalKind(RollFrozenData, _check_freeze, _freeze)}


async def verify_freeze(connection: AsyncConnection, election: str) -> None:
    """Where members signed a freeze, the roll that is frozen is the one that they signed for; else RollFrozenError.

    Whoever changes the roll in the database can change its stored digest as well, but signs for no member (A45, A100).
    Nothing to say where the operator froze it.
    """
    acts, rolls = schema.acts, schema.rolls
    query = select(acts.c.data, acts.c.approvals).where(
        acts.c.election == election, acts.c.kind == ROLL_FROZEN, acts.c.state == "done"
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return
    data: RollFrozenData = decode_unsigned_as(ROLL_FROZEN, RollFrozenData, row.data)
    data = msgspec.structs.replace(data, approvals=tuple(decode(row.approvals, list[Approval])))
    if not await _was_approved(connection, election, data):
        raise RollFrozenError(f"roll of {election}: its freeze is not signed by members of the log", _RESTORE)
    stored = select(rolls.c.digest, rolls.c.size).where(rolls.c.election == election, rolls.c.frozen)
    found = (await connection.execute(stored)).one_or_none()
    if found is None or not compare_digest(found.digest, bytes.fromhex(data.digest)) or found.size != data.size:
        raise RollFrozenError(
            f"roll of {election}: expected the roll that members signed for, {data.size} students with digest "
            f"{data.digest}, got {'none that is frozen' if found is None else found.digest.hex()}",
            _RESTORE,
        )


async def _was_approved(connection: AsyncConnection, election: str, data: RollFrozenData) -> bool:
    """Whether enough members of one of the log's committees signed it; it has no place there that says of which."""
    entries = [decode_entry(raw) for raw in await read_kinds(connection, election, ["log.opened", "members"])]
    elections = schema.elections
    log_id = (await connection.execute(select(elections.c.log_id).where(elections.c.election == election))).scalar_one()
    for entry in entries:
        members = {member.id: unb64(member.key, 32, "member: key") for member in entry.data.members}
        try:
            verify_approvals(log_id, ROLL_FROZEN, data, members, entry.data.threshold)
        except ApprovalError:
            continue
        return True
    return False
