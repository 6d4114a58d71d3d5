"""The committee's side of the gallery: what stands on its desks, made by the use cases and not by its pages.

In the service of the open election: that election, with things that wait, and those that are set up (set_up.py). In the
service of the certified election: a chair who looks at what was decided.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import insert, update

from audit.approvals import make_approval
from audit.entries import format_time
from election_service import schema_console, schema_mail
from election_service.acts import list_acts, propose
from election_service.api_types import ActProposal
from election_service.config import Config, load_config
from election_service.console.accounts import ACTIVE
from election_service.console.api_tokens import make_api_token
from election_service.console.enrolment import set_password
from election_service.console.incidents import record_incident
from election_service.console.roles import SERVICE, Capability, Identity, Role
from election_service.console.sessions import open_session
from election_service.console.signing_keys import store_signing_key
from election_service.console.trustee_desk import store_identity
from election_service.demo.people import Committee
from election_service.demo.preparation import ELECTION
from election_service.mail_text import make_letter, read_letterhead
from election_service.messages_desk import take_message
from election_service.outbox import Kind, queue
from election_service.poll import opening_data
from election_service.service import Service, open_service
from keys.canonical import b64, encode
from keys.keyfile import Cost, seal_key_file
from tests.browser.house import House
from tests.gallery.set_up import set_up_elections
from tests.gallery.sitters import CHAIR, PEOPLE, TRUSTEES, Rooms, address_of, give, set_state, sit

PASSWORD: Final = "seven grey herons on a wire"
_CHEAP: Final = Cost(memory=8 * 1024, iterations=1, lanes=1)
_DAY: Final = 86_400


@asynccontextmanager
async def furnished_rooms(house: House, done: Path, *, long: str = "") -> AsyncIterator[Rooms]:
    """The rooms of both services. ``done``: folder of the certified one; ``long``: a word that stands in free texts."""
    rooms = Rooms()
    async with _beside(house.config) as service, _beside(load_config({}, done / "election.toml")) as other:
        rooms.sitters[CHAIR] = await sit(service, CHAIR, Role.CHAIR)
        rooms.sitters["later"] = await sit(other, CHAIR, Role.CHAIR)
        rooms.places["over"] = (await list_acts(other, ELECTION)).acts[0].act
        await _newcomers(service, rooms)
        await _seat_people(service, rooms, house)
        await _furnish(service, rooms, house, long)
        await _wait_for_signatures(service, rooms, house.prepared.committee, long)
        await set_up_elections(service, rooms)
        yield rooms


@asynccontextmanager
async def _beside(config: Config) -> AsyncIterator[Service]:
    """The use cases, beside a service that serves."""
    async with open_service(msgspec.structs.replace(config, workers=1), check=False) as service:
        yield service


# ---- people ----------------------------------------------------------------------------------------------------------


async def _newcomers(service: Service, rooms: Rooms) -> None:
    """Those on their way in: before the code, before the password, before the authenticator; one with an account."""
    rooms.sitters["code"] = await sit(service, "Salome Lomidze", stage="code")
    rooms.sitters["enrol"] = await sit(service, "Davit Meladze", stage="enrol")
    for place, name in (("authenticator", "Mariam Kobakhidze"), ("account", "Ana Chikovani")):
        sitter = rooms.sitters[place] = await sit(service, name, stage="enrol")
        await set_password(service, Identity(sitter.account, name, address_of(name), "en", {}), PASSWORD)
    sitter = rooms.sitters["account"]
    row = {"account": sitter.account, "public_key": os.urandom(32), "sign_count": 0}
    passkey = {**row, "credential_id": os.urandom(16), "name": "my laptop", "created": service.clock() - _DAY}
    async with service.database.transaction() as connection:
        await set_state(connection, sitter.account, ACTIVE)
        await connection.execute(insert(schema_console.passkeys).values(passkey))
        await open_session(service, connection, sitter.account, "full", "Chrome on Windows")
        sitter.cookie = await open_session(service, connection, sitter.account, "full", "Safari on iPhone")


async def _seat_people(service: Service, rooms: Rooms, house: House) -> None:
    """The chair's key and the others; trustees with the keys that the log names."""
    chair, nino = rooms.sitters[CHAIR], house.prepared.committee.members[0]
    await give(service, chair.account, SERVICE, Role.CHAIR)
    public = {"member": nino.id, "key": b64(nino.public)}
    raw = seal_key_file("member", public, nino.secret, PASSWORD, os.urandom, _CHEAP)
    await store_signing_key(service, ELECTION, chair.account, raw)
    for number, (name, role) in enumerate(PEOPLE):
        rooms.sitters[name] = await sit(service, name, role, email=f"{role}.{number}@example.edu")
    for workspace, name in zip(house.prepared.trustees, TRUSTEES, strict=True):
        await store_identity(service, ELECTION, rooms.sitters[name].account, b64(workspace.file.identity_key))


# ---- what waits ------------------------------------------------------------------------------------------------------


async def _furnish(service: Service, rooms: Rooms, house: House, long: str) -> None:
    """Mails in trouble, a request, a message, an incident, a token."""
    account = rooms.sitters[CHAIR].account
    students = list(house.prepared.voters)
    await _mail(service, "invite", students[0], "sent", "")
    await _mail(service, "invite", students[1], "bounced", f"550 5.1.1 no such mailbox {long}".strip())
    await _mail(service, "reissue", students[2], "refused", "550 mailbox full")
    async with service.database.transaction() as connection:
        asked = {"election": ELECTION, "student_id": students[3], "requested": service.clock() - 600, "state": "open"}
        await connection.execute(insert(schema_mail.link_requests).values(asked))
    text = f"I cannot find my ballot link. Until when can I vote?\n\n{long}".strip()
    await take_message(service, ELECTION, text=text, contact="student@example.edu", kind="question")
    what = f"At ten the network was away for five minutes. Two people came back later and voted. {long}".strip()
    await record_incident(service, ELECTION, account, what)
    identity = Identity(account, CHAIR, address_of(CHAIR), "en", {ELECTION: frozenset({Role.CHAIR})})
    await make_api_token(service, identity, ELECTION, "turnout on the notice board", frozenset({Capability.SEE}), 30)


async def _mail(service: Service, kind: Kind, student: str, state: str, reason: str) -> None:
    """A mail of this kind, in this state."""
    async with service.database.transaction() as connection:
        head = await read_letterhead(connection, service.config.public_url, ELECTION)
        values = {"contests": ["x"], "closes": "soon"}
        letter = make_letter("reminder", head, to=f"{student}@example.edu", name="P", language="en", values=values)
        await queue(
            connection,
            service.master,
            service.random,
            election=ELECTION,
            kind=kind,
            recipient=student,
            about=f"{kind}-{student}",
            mail=letter,
            now=service.clock(),
        )
        table = schema_mail.outbox
        mine = (table.c.kind == kind) & (table.c.recipient == student)
        await connection.execute(update(table).where(mine).values(state=state, reason=reason))


async def _wait_for_signatures(service: Service, rooms: Rooms, committee: Committee, long: str) -> None:
    """An extension and a pause that the second member proposed."""
    reason = f"The network was away for an hour. {long}".strip()
    later = format_time(service.clock() + 2 * _DAY)
    extended = {**await opening_data(service, ELECTION, 1, later), "reason": reason}
    rooms.places["act"] = await _propose(service, committee, "poll.extended", extended)
    in_force = (await service.facts(ELECTION)).poll(1).closes
    assert in_force is not None
    paused = {**await opening_data(service, ELECTION, 1, format_time(in_force)), "reason": reason}
    await _propose(service, committee, "poll.paused", paused)


async def _propose(service: Service, committee: Committee, kind: str, fields: Mapping[str, Any]) -> str:
    """An act that the second member signed, and that waits for the first; its number."""
    data = {**fields, "act": b64(os.urandom(16))}
    giorgi = committee.members[1]
    approval = make_approval(committee.log_id, kind, encode(data), giorgi.id, giorgi.secret, os.urandom)
    act = await propose(service, ELECTION, ActProposal(kind=kind, data=data, not_before=None, approval=approval))
    return act.act
