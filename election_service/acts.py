"""Acts of the committee: proposed with one approval, done when enough members have signed (docs/protocol.md §9).

The service proposes nothing and can approve nothing: an approval is a member's signature over exactly these bytes. An
act is done once, in the transaction that sees the last approval and writes its entry. One with `not_before` waits for
its time; the scheduler of any process does it then. One that has not found its approvals in a week finds none any more:
what was signed and forgotten is not done by somebody who comes across it later.
"""

from contextlib import suppress
from typing import Any, Final

import msgspec
from sqlalchemy import insert, select, update

from audit.approvals import verify_approval
from audit.entries import (
    KINDS,
    Approval,
    ApprovedData,
    decode_act,
    decode_unsigned,
    decode_unsigned_as,
    format_time,
    parse_time,
)
from audit.errors import ApprovalError
from election_service import schema
from election_service.act_effects import do_act
from election_service.act_rules import CHECKS, check_act, check_time
from election_service.api_types import Act, ActList, ActProposal, ActState
from election_service.console.act_events import record_approval
from election_service.console.local_acts import LOCAL
from election_service.errors import ActExpiredError, ActRefusedError, ApprovalRefusedError, NotFoundError
from election_service.poll import destroy_issuer_keys
from election_service.service import Service, Writing
from keys.canonical import b64, decode, encode
from keys.errors import DataError

MOST_WAITING: Final = 200  # acts of one member that wait for others: nobody fills the desk alone (A100)
DAY: Final = 86_400  # seconds
LIFE: Final = 7 * DAY  # from the proposal; within it an act finds its approvals


async def propose(service: Service, election: str, proposal: ActProposal) -> Act:
    """Propose an act with a member's first approval; done at once where one approval is enough.

    The same proposal again is the same act. ApprovalRefusedError for a signature that is no member's on these bytes;
    ActRefusedError where the state of the election does not allow the act.
    """
    unsigned = encode(proposal.data)
    data = read_act_data(proposal.kind, unsigned)
    act = decode_act(data.act)
    not_before = None if proposal.not_before is None else parse_time(proposal.not_before)
    if not_before is not None:
        check_time(not_before, f"{proposal.kind}: not_before")
    async with service.writing(election) as writing:
        _verify(writing, proposal.kind, unsigned, proposal.approval)
        row = await _find(writing, act)
        if row is not None and (row["kind"], row["data"], row["not_before"]) != (proposal.kind, unsigned, not_before):
            raise ActRefusedError(f"{proposal.kind}: another act has this number; draw a fresh one")
        if row is None:
            await check_act(writing, proposal.kind, data)
            await _check_room(writing, proposal, data, not_before)
            row = {
                "election": election,
                "act": act,
                "kind": proposal.kind,
                "data": unsigned,
                "not_before": not_before,
                "state": "waiting",
                "approvals": b"[]",
                "seq": None,
                "expires": writing.now + LIFE,
            }
            await writing.connection.execute(insert(schema.acts).values(row))
        done = await _add_approval(service, writing, row, proposal.approval)
    return await _after(service, election, done)


async def approve(service: Service, election: str, act: str, approval: Approval) -> Act:
    """Add a member's approval; the one that completes the act does it, or schedules it. NotFoundError, ActExpiredError,
    or as `propose`.
    """
    number = decode_act(act)
    async with service.writing(election) as writing:
        row = await _find(writing, number)
        if row is None:
            raise NotFoundError("act: none of this number was proposed")
        _verify(writing, row["kind"], row["data"], approval)
        done = await _add_approval(service, writing, row, approval)
    return await _after(service, election, done)


async def list_acts(service: Service, election: str) -> ActList:
    """All acts: those done in the order of the log, then the others by number."""
    await service.election(election)
    table = schema.acts
    async with service.database.snapshot() as connection:
        rows = (await connection.execute(select(table).where(table.c.election == election))).mappings().all()
    ordered = sorted(rows, key=lambda row: (row["seq"] is None, row["seq"] or 0, row["act"]))
    return ActList(acts=[_show(dict(row), service.clock()) for row in ordered])


async def run_due_acts(service: Service, election: str) -> list[Act]:
    """Do the scheduled acts whose time has come; one that the state no longer allows is refused for good."""
    table = schema.acts
    due = select(table.c.act).where(
        table.c.election == election, table.c.state == "scheduled", table.c.not_before <= service.clock()
    )
    async with service.database.snapshot() as connection:
        numbers = list((await connection.execute(due.order_by(table.c.not_before))).scalars())
    finished = []
    for number in numbers:
        async with service.writing(election) as writing:
            row = await _find(writing, number)
            if row is None or row["state"] != "scheduled":
                continue
            try:
                async with writing.connection.begin_nested():  # an act that is refused half-way leaves nothing behind
                    row = await _do(service, writing, row, _standing(writing, row))
            except DataError as error:
                row = await _refuse(writing, row, str(error))
        finished.append(await _after(service, election, row))
    return finished


def read_act_data(kind: str, unsigned: bytes) -> ApprovedData:
    """The data of an act from the bytes that members sign; ActRefusedError for a kind that is no act."""
    if kind in LOCAL:
        local: ApprovedData = decode_unsigned_as(kind, LOCAL[kind].data, unsigned)
        return local
    if kind not in CHECKS or not KINDS[kind].approved:
        raise ActRefusedError(f"act: expected one of {', '.join(CHECKS)}, got {kind[:40]!r}")
    data: ApprovedData = decode_unsigned(kind, unsigned)
    return data


def _verify(writing: Writing, kind: str, unsigned: bytes, approval: Approval) -> None:
    verify_approval(writing.facts.log_id, kind, unsigned, approval, writing.facts.members)


async def _find(writing: Writing, act: bytes) -> dict[str, Any] | None:
    table = schema.acts
    query = select(table).where(table.c.election == writing.election.id, table.c.act == act)
    row = (await writing.connection.execute(query)).mappings().one_or_none()
    return None if row is None else dict(row)


async def _check_room(writing: Writing, proposal: ActProposal, data: ApprovedData, not_before: int | None) -> None:
    """Not too many acts of this member wait, and none of them is this one: what two members propose at a time is not
    done twice.
    """
    table, member = schema.acts, proposal.approval.member
    waiting = (table.c.state == "waiting") & ((table.c.expires > writing.now) | table.c.expires.is_(None))
    query = select(table).where(table.c.election == writing.election.id, waiting)
    rows = [dict(row) for row in (await writing.connection.execute(query)).mappings()]
    if sum(member in {item.member for item in _approvals(row)} for row in rows) >= MOST_WAITING:
        raise ActRefusedError(f"act: {MOST_WAITING} acts wait that {member} has approved; finish those first")
    for row in rows:
        same = (row["kind"], row["not_before"]) == (proposal.kind, not_before)
        if same and msgspec.structs.replace(read_act_data(row["kind"], row["data"]), act=data.act) == data:
            raise ActRefusedError(f"{proposal.kind}: somebody has proposed the same already: approve that one")


def _approvals(row: dict[str, Any]) -> list[Approval]:
    return decode(row["approvals"], list[Approval])


def _standing(writing: Writing, row: dict[str, Any]) -> list[Approval]:
    """The approvals that count now: not those of people who are no members any more, or have another key."""
    standing = []
    for approval in _approvals(row):
        with suppress(ApprovalError):
            _verify(writing, row["kind"], row["data"], approval)
            standing.append(approval)
    return standing


async def _add_approval(service: Service, writing: Writing, row: dict[str, Any], approval: Approval) -> dict[str, Any]:
    """Count a verified approval, once for each member; at the threshold do the act, or schedule it. An act that is done
    takes no more of them.
    """
    if row["state"] not in {"waiting", "scheduled"}:
        return row
    if _is_over(row, writing.now):
        raise ActExpiredError(
            f"{row['kind']}: approvals were due by {format_time(row['expires'])}; propose it anew, if still wanted"
        )
    first = not _approvals(row)
    approvals = {item.member: item for item in _standing(writing, row)}
    if approval.member in approvals:
        return row
    approvals[approval.member] = approval
    done = await _count(service, writing, row, approvals)
    await record_approval(service, writing, done, approval.member, first=first)
    return done


def _is_over(row: dict[str, Any], now: int) -> bool:
    """Whether an act has found too few approvals in its time."""
    return row["state"] == "waiting" and row["expires"] is not None and row["expires"] <= now


async def _count(
    service: Service, writing: Writing, row: dict[str, Any], approvals: dict[str, Approval]
) -> dict[str, Any]:
    ordered = [approvals[member] for member in sorted(approvals)]
    if row["state"] == "waiting" and len(ordered) >= writing.facts.threshold:
        not_before = row["not_before"]
        if not_before is None or not_before <= writing.now:
            return await _do(service, writing, row, ordered)
        row["state"] = "scheduled"
    row["approvals"] = encode(ordered)
    return await _save(writing, row)


async def _do(service: Service, writing: Writing, row: dict[str, Any], approvals: list[Approval]) -> dict[str, Any]:
    """Check once more and do it: the entry and its effect are one transaction. ``approvals``: those that stand."""
    if len(approvals) < writing.facts.threshold:
        raise ApprovalRefusedError(f"{row['kind']}: expected {writing.facts.threshold} approvals, got {len(approvals)}")
    data = read_act_data(row["kind"], row["data"])
    await check_act(writing, row["kind"], data)
    approved = msgspec.structs.replace(data, approvals=tuple(approvals))
    row["seq"] = await do_act(service, writing, row["kind"], approved)
    row["state"] = "done"
    row["approvals"] = encode(approvals)
    return await _save(writing, row)


async def _refuse(writing: Writing, row: dict[str, Any], _reason: str) -> dict[str, Any]:
    row["state"] = "refused"
    return await _save(writing, row)


async def _save(writing: Writing, row: dict[str, Any]) -> dict[str, Any]:
    table = schema.acts
    mine = (table.c.election == writing.election.id) & (table.c.act == row["act"])
    values = {name: row[name] for name in ("state", "approvals", "seq")}
    await writing.connection.execute(update(table).where(mine).values(values))
    return row


async def _after(service: Service, election: str, row: dict[str, Any]) -> Act:
    """What follows an act that is done and published."""
    if row["kind"] == "poll.closed" and row["state"] == "done":
        await destroy_issuer_keys(service, election, decode(row["data"], dict)["poll"])
    return _show(row, service.clock())


def _show(row: dict[str, Any], now: int) -> Act:
    state: ActState = "expired" if _is_over(row, now) else row["state"]
    not_before, expires = row["not_before"], row["expires"]
    return Act(
        act=b64(row["act"]),
        kind=row["kind"],
        data=decode(row["data"], dict),
        not_before=None if not_before is None else format_time(not_before),
        expires=None if expires is None else format_time(expires),
        state=state,
        approvals=_approvals(row),
        seq=row["seq"],
    )
