"""One act of every kind, in a house that has come as far as that act needs."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from audit.entries import format_time
from election_service.poll import closing_data, opening_data
from election_service.roll import import_roll, read_roll, roll_to_freeze
from election_service.setup import store_blob
from keys.canonical import b64
from tally.constitution import dump_constitution
from tally.resolutions import ambiguities
from tests.service.house import ELECTION, HOUR, HOUSE_RULES, House
from tests.service.rolls import row, table
from tests.simulated.builders import make_electorate, make_replacement, make_signer
from tests.tally.law import make_constitution

Act = tuple[str, dict[str, Any]]
"""Kind, and data without `act` and `approvals`."""
Case = Callable[[House], Awaitable[Act]]

NOTHING = {"seat": "", "person": "", "ground": "", "motion": "", "electorate": "", "number": 0, "until": "", "text": ""}
BUNDLE = "5a" * 32


def decision(what: str, **fields: Any) -> Act:
    return "decision", {"decision": {**NOTHING, "what": what, **fields}}


# ---- in a house of which only entry 0 exists -------------------------------------------------------------------------


async def _constitution(house: House) -> Act:
    blob = await store_blob(house.service, ELECTION, dump_constitution(make_constitution(HOUSE_RULES, min_ballots=2)))
    return "constitution", {"blob": blob}


async def _resolution(house: House) -> Act:
    law = make_constitution(settled=False)
    await house.adopt(law=law)
    await house.hold_ceremony()
    clause = ambiguities(law)[0]
    return "resolution", {"clause": clause.clause, "reading": clause.default}


async def _booth(house: House) -> Act:
    await house.adopt()
    return "booth", {"bundle": BUNDLE}


async def _trustees(house: House) -> Act:
    await house.adopt()
    return "trustee.opened", {"attempt": 1, "k": 2, "trustees": [b64(file.identity_key) for file in house.trustees]}


async def _electorate(house: House) -> Act:
    await house.adopt()
    await house.hold_ceremony()
    credentials = [person.credential for person in house.people]
    data, blob = make_electorate(house.log_id, "university", credentials, house.registrar, os.urandom(16))
    await store_blob(house.service, ELECTION, blob)
    fields = msgspec.to_builtins(data)
    return "electorate", {name: fields[name] for name in ("id", "size", "root", "blob", "signature")}


async def list_students(house: House, students: int = 3) -> None:
    """A roll that is not frozen."""
    rows = [row(student_id=f"00{number}", email=f"s{number}@example.edu") for number in range(1, students + 1)]
    async with house.service.database.transaction() as connection:
        await import_roll(connection, ELECTION, read_roll(table(*rows)))


async def freeze_of(house: House) -> Act:
    async with house.service.database.transaction() as connection:
        digest, size = await roll_to_freeze(connection, ELECTION)
    return "roll.frozen", {"digest": digest.hex(), "size": size}


async def _freeze(house: House) -> Act:
    await list_students(house)
    return await freeze_of(house)


async def _opening(house: House) -> Act:
    await house.prepare()
    closes = format_time(house.clock.now + 2 * HOUR)
    return "poll.opened", await opening_data(house.service, ELECTION, 1, closes)


BARE: Mapping[str, Case] = {
    "put the rules in force": _constitution,
    "sign a reading": _resolution,
    "approve the booth": _booth,
    "name the trustees": _trustees,
    "approve an electorate": _electorate,
    "freeze the roll": _freeze,
    "open the poll": _opening,
}


# ---- in a house with an open poll ------------------------------------------------------------------------------------


async def _changed(house: House, kind: str, more: int = 0) -> Act:
    poll = (await house.service.facts(ELECTION)).poll(1)
    closes = format_time((poll.closes or 0) + more)
    contexts = [b64(context) for context in poll.contexts]
    return kind, {"poll": 1, "contexts": contexts, "closes": closes, "reason": "because of a test"}


async def _extension(house: House) -> Act:
    return await _changed(house, "poll.extended", HOUR)


async def _pause(house: House) -> Act:
    return await _changed(house, "poll.paused")


async def _resumption(house: House) -> Act:
    await house.change_poll("poll.paused")
    return await _changed(house, "poll.resumed")


async def _close(house: House) -> Act:
    await house.change_poll("poll.paused")
    return "poll.closed", msgspec.to_builtins(await closing_data(house.service, ELECTION, 1))


async def _reissue(house: House) -> Act:
    old, new = house.people[1].credential, make_signer("new credential").public
    data = msgspec.to_builtins(make_replacement(house.log_id, old, new, "link lost", house.registrar, os.urandom(16)))
    return "credential.replaced", {name: data[name] for name in ("old", "new", "reason", "signature")}


async def _members(house: House) -> Act:
    members = [{"id": name, "key": b64(signer.public)} for name, signer in sorted(house.members.items())]
    return "members", {"members": members, "threshold": 2}


async def _bar(house: House) -> Act:
    grounds = [item for item in (await house.service.facts(ELECTION)).rules.grounds if item.bars and not item.motion]
    return decision("bar", person="nino", ground=grounds[0].id)


async def _withdrawal(house: House) -> Act:
    return decision("withdrawal", seat="law", person="nino")


async def _standstill(house: House) -> Act:
    return decision("suspension", text="by order of the university")


async def _declared(house: House) -> str:
    await house.close_early()
    await house.tally()
    return b64((await house.service.facts(ELECTION)).poll(1).declared_hash)


async def _certification(house: House) -> Act:
    return "result.certified", {"poll": 1, "declared": await _declared(house)}


async def _annulment(house: House) -> Act:
    return "result.annulled", {"poll": 1, "declared": await _declared(house), "reason": "because of a test"}


OPEN: Mapping[str, Case] = {
    "extend the poll": _extension,
    "pause the poll": _pause,
    "resume the poll": _resumption,
    "close the poll": _close,
    "replace a ballot link": _reissue,
    "change the committee": _members,
    "bar a candidate": _bar,
    "a candidate withdraws": _withdrawal,
    "record a standstill": _standstill,
    "certify the result": _certification,
    "annul the result": _annulment,
}
