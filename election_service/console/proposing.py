"""Acts on their way to their first signature: what a form says becomes the data that a member signs, or is refused.

Preparing changes nothing: the member's browser draws the act's number, signs, and sends both (acts.propose). Re-issues
alone leave something behind, because the new link has to lie somewhere until it may go (reissue.py).
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from audit.entries import ACT_SIZE, format_time
from election_service.act_rules import check_act
from election_service.acts import read_act_data
from election_service.console.act_decisions import prepare_decision
from election_service.console.act_values import ActValues
from election_service.console.form_faults import FieldFault, FormFaultsError
from election_service.console.local_acts import ROLL_FROZEN
from election_service.console.signing_keys import signing_keys
from election_service.errors import ActRefusedError, NotFoundError
from election_service.facts import LogFacts
from election_service.pages.assets import Assets
from election_service.poll import closing_data, opening_data
from election_service.roll import roll_to_freeze
from election_service.service import Service
from keys.canonical import b64, encode, unb64
from keys.errors import DataError
from keys.ids import ID_PATTERN
from keys.trustee.session import TrusteeSession


@dataclass(frozen=True, slots=True)
class Prepared:
    """An act that nobody has signed: ``data`` without `act` and `approvals`. ``not_before``: YYYY-MM-DDTHH:MM:SSZ.

    ``refusal``: why the election's state does not allow it now; empty for nothing against it.
    """

    kind: str
    data: dict[str, Any]
    not_before: str | None = None
    refusal: str = ""


Prepare = Callable[[Service, str, LogFacts, ActValues], Awaitable[dict[str, Any]]]


async def prepare(service: Service, election: str, kind: str, given: Mapping[str, Sequence[str]]) -> Prepared:
    """The data of an act of this kind as a form asks for it, and what stands against it.

    ``given``: name of a field → its values; times in the election's zone or as in the log. FormFaultsError names every
    field that does not fit; NotFoundError for a kind that has no form; what the use cases refuse.
    """
    if kind not in _PREPARE:
        raise NotFoundError(f"act: no form makes acts of the kind {kind[:40]!r}")
    facts = await service.facts(election)
    values = await ActValues.read(service, election, given)
    data = msgspec.to_builtins(await _PREPARE[kind](service, election, facts, values))
    not_before = values.time("opens") if kind == "poll.opened" else None
    values.raise_faults()
    return await examine(service, election, kind, data, not_before)


async def examine(
    service: Service, election: str, kind: str, data: dict[str, Any], not_before: str | None = None
) -> Prepared:
    """The same for data that is there already: tried as if it were proposed now, without a trace."""
    with_act = {**data, "act": data.get("act") or b64(service.random(ACT_SIZE))}
    refusal = ""
    try:
        approved = read_act_data(kind, encode(with_act))
        async with service.writing(election) as writing:
            await check_act(writing, kind, approved)
    except DataError as error:
        refusal = str(error)
    return Prepared(kind, data, not_before, refusal)


# ---- one function a kind ---------------------------------------------------------------------------------------------


async def _prepare_freeze(service: Service, election: str, _facts: LogFacts, _values: ActValues) -> dict[str, Any]:
    async with service.database.transaction() as connection:
        digest, size = await roll_to_freeze(connection, election)
    return {"digest": digest.hex(), "size": size}


async def _prepare_booth(_service: Service, _election: str, _facts: LogFacts, _values: ActValues) -> dict[str, Any]:
    manifest = Assets().manifest
    if manifest is None:
        raise ActRefusedError("booth: it was not built on this machine")
    return {"bundle": manifest.bundle_sha256}


async def _prepare_opening(service: Service, election: str, _facts: LogFacts, values: ActValues) -> dict[str, Any]:
    poll, closes = values.number("poll"), values.time("closes", needed=True)
    values.raise_faults()
    return await opening_data(service, election, poll, closes or "")


async def _prepare_change(service: Service, election: str, facts: LogFacts, values: ActValues) -> dict[str, Any]:
    """Extend, pause, resume: the contests of the opening, the closing time in force unless another is given."""
    poll, reason, closes = values.number("poll"), values.text("reason", needed=True), values.time("closes")
    values.raise_faults()
    in_force = facts.poll(poll).closes
    if in_force is None:
        raise ActRefusedError(f"poll {poll}: was never opened")
    return {**await opening_data(service, election, poll, closes or format_time(in_force)), "reason": reason}


async def _prepare_extension(service: Service, election: str, facts: LogFacts, values: ActValues) -> dict[str, Any]:
    values.time("closes", needed=True)
    return await _prepare_change(service, election, facts, values)


async def _prepare_close(service: Service, election: str, _facts: LogFacts, values: ActValues) -> dict[str, Any]:
    poll = values.number("poll")
    values.raise_faults()
    return await closing_data(service, election, poll)


async def _prepare_verdict(_service: Service, _election: str, facts: LogFacts, values: ActValues) -> dict[str, Any]:
    poll = values.number("poll")
    values.raise_faults()
    found = facts.poll(poll)
    if found.declared is None:
        raise ActRefusedError(f"poll {poll}: its result is not declared")
    return {"poll": poll, "declared": b64(found.declared_hash)}


async def _prepare_annulment(service: Service, election: str, facts: LogFacts, values: ActValues) -> dict[str, Any]:
    reason = values.text("reason", needed=True)
    return {**await _prepare_verdict(service, election, facts, values), "reason": reason}


async def _prepare_trustees(_service: Service, _election: str, facts: LogFacts, values: ActValues) -> dict[str, Any]:
    k, lines = values.number("k"), values.lines("trustees")
    values.raise_faults()
    attempt = len(facts.ceremonies) + 1
    try:
        keys = tuple(unb64(line, 32, f"line {number}") for number, line in enumerate(lines, 1))
        TrusteeSession(facts.log_id, attempt, k, keys)
    except DataError as error:
        raise FormFaultsError("trustees", [FieldFault("trustees", str(error))]) from error
    return {"attempt": attempt, "k": k, "trustees": [b64(key) for key in keys]}


async def _prepare_members(service: Service, election: str, facts: LogFacts, values: ActValues) -> dict[str, Any]:
    async with service.database.snapshot() as connection:
        held = {item.member: item.public_key for item in await signing_keys(connection, election)}
    known = {**facts.members, **{name: key for name, key in held.items() if name not in facts.members}}
    chosen: dict[str, bytes] = {}
    for choice in values.many("member"):
        name, _, key = choice.partition(" ")
        if key in {b64(found[name]) for found in (facts.members, held) if name in found}:
            chosen[name] = unb64(key, 32, "key")
        else:
            values.fault("member", f"{name[:64]}: expected one of {', '.join(sorted(known))}")
    for line in values.lines("others", needed=False):
        other, public = _read_member(line, values)
        chosen[other] = public
    threshold = values.number("threshold")
    values.raise_faults()
    members = [{"id": name, "key": b64(key)} for name, key in sorted(chosen.items())]
    return {"members": members, "threshold": threshold}


def _read_member(line: str, values: ActValues) -> tuple[str, bytes]:
    """`nino.beridze 00ff… 1234-…` as `member show` prints it: id, key in hex, and a fingerprint that is not read."""
    name, key = [*line.split(), "", ""][:2]
    if not re.match(ID_PATTERN, name) or len(key) != 64 or key.strip("0123456789abcdef"):
        values.fault("others", f"expected an id and a key of 64 hex digits in each line, got {line[:80]!r}")
        return "", b""
    return name, bytes.fromhex(key)


_PREPARE: Final[Mapping[str, Prepare]] = {
    ROLL_FROZEN: _prepare_freeze,
    "booth": _prepare_booth,
    "trustee.opened": _prepare_trustees,
    "members": _prepare_members,
    "poll.opened": _prepare_opening,
    "poll.extended": _prepare_extension,
    "poll.paused": _prepare_change,
    "poll.resumed": _prepare_change,
    "poll.closed": _prepare_close,
    "result.certified": _prepare_verdict,
    "result.annulled": _prepare_annulment,
    "decision": prepare_decision,
}
