"""Requests that are good as they stand, by operation id: what no generator finds, because it takes a key to make it.

They are sent as they are, and with one member changed; so the checks behind the first one are reached as well.
"""

from __future__ import annotations

import os
from typing import Any

import msgspec

from ballot.contest import ContestRules
from election_service.api_types import ActProposal
from election_service.messages_desk import list_messages
from keys import schnorr
from keys.canonical import b64
from keys.keyfile import seal_key_file
from tally.complaint import make_complaint
from tally.constitution_toml import preset
from tally.open_vote import make_open_vote
from tally.petition import make_support
from tests.service.house import ELECTION, Person
from tests.service.rolls import table
from tests.service.town import Town, student

_LOGINS = 20  # each is good once
_BEGINNINGS = 20
_BODY = "university"  # the electorate of all


async def valid_bodies(town: Town) -> tuple[dict[str, list[Any]], list[str]]:
    """The bodies, and numbers of acts that were proposed."""
    acts, proposals, approvals = await _acts(town)
    bodies = {
        "ask_nonce": [{"credential": b64(person.credential)} for person in town.people.values()],
        "log_in": [await town.house.login_request(town.people["s3"]) for _ in range(_LOGINS)],
        "ask_token": await _token_requests(town),
        "cast": await _ballots(town),
        "propose_act": proposals,
        "approve_act": approvals,
        "take_message": await _trustee_messages(town),
        "file_complaint": [make_complaint(town.house.log_id, 1, "Count again.", town.people["s3"].secret, os.urandom)],
        "support_petition": await _supports(town),
        "vote_openly": await _open_votes(town),
        "settle_message": [{"number": number} for number in await _messages(town)],
        "refuse_link_request": [{"student": "s7"}],
        **_console(),
    }
    return {name: msgspec.to_builtins(found) for name, found in bodies.items()}, acts


async def _rules(town: Town) -> ContestRules:
    return await town.house.rules(town.house.contexts[0])


async def _token_requests(town: Town) -> list[Any]:
    """Of the voter who is logged in while the service is fuzzed: one after another is asked for; one is given."""
    rules = await _rules(town)
    return [town.house.request_token(town.people["s1"], rules) for _ in range(3)]


async def _ballots(town: Town) -> list[Any]:
    rules, made = await _rules(town), []
    for name in ("s4", "s5", "s6", "s7", "s8"):
        person: Person = town.people[name]
        person.bearer = ""
        token = await town.house.token(person, rules)
        made.append(town.house.ballot(person, rules, token, (1, 0, 0)))
    return made


async def _acts(town: Town) -> tuple[list[str], list[Any], list[Any]]:
    """Extensions of the open poll: one that waits for its second approval, and others that nobody has proposed."""
    house = town.house
    contexts = [b64(context) for context in house.contexts]
    common = {"poll": 2, "contexts": contexts, "reason": "because of a test"}
    waiting = {**common, "closes": "2027-06-01T08:00:00Z", "act": b64(os.urandom(16))}
    act = await house.propose("ana", "poll.extended", waiting)
    others = [{**common, "closes": f"2027-06-{day:02}T08:00:00Z", "act": b64(os.urandom(16))} for day in range(2, 12)]
    proposals = [
        ActProposal(
            kind="poll.extended", data=data, not_before=None, approval=house.approval("gio", "poll.extended", data)
        )
        for data in others
    ]
    approvals = [house.approval(name, "poll.extended", waiting) for name in ("ana", "beka", "gio")]
    done = [item["act"] for item in (await (await house.get("/acts")).json())["acts"]][:2]
    return [act.act, *done, b64(bytes(16))], proposals, approvals


async def _trustee_messages(town: Town) -> list[Any]:
    """Messages that the log has: the same again is answered with its place."""
    found = await town.house.entries("trustee.canary")
    return [{"kind": "trustee.canary", "data": msgspec.to_builtins(data)} for data in found]


async def _supports(town: Town) -> list[Any]:
    """Of a petition that is open."""
    await town.house.record("petition", seat="meeting", ground="extraordinary-meeting-members", electorate=_BODY)
    log_id, secrets = town.house.log_id, [person.secret for person in town.people.values()]
    return [make_support(log_id, "meeting", _BODY, secret, os.urandom) for secret in secrets]


async def _open_votes(town: Town) -> list[Any]:
    """Of a vote that is open."""
    await town.house.record("board-vote", seat="plan", electorate=_BODY)
    log_id, secrets = town.house.log_id, [person.secret for person in town.people.values()]
    return [make_open_vote(log_id, "plan", _BODY, "for", secret, os.urandom) for secret in secrets]


async def _messages(town: Town) -> list[str]:
    service = town.house.service
    async with service.database.snapshot() as connection:
        return [item.number for item in await list_messages(connection, service.master, ELECTION, closed=False)]


def _console() -> dict[str, list[Any]]:
    """Of the committee; what they may say without any key."""
    half = table(*(student(number) for number in range(1, 5)))
    member = seal_key_file(
        "member", {"member": "ana", "key": b64(_public())}, os.urandom(32), "a passphrase", os.urandom
    )
    line = {"student_id": "s3", "position": "head-of-faculty", "block": "Law"}
    setup = {"second_factor": "none", "waiver": "The dean.", "threshold": 2, "trustees_k": 2, "trustees_n": 3}
    texts = {"texts": {"en": {"title": "Elections", "intro": ""}}, "contact": "", "zone": "Asia/Tbilisi"}
    fields = {"poll": ["2"], "reason": ["because of a test"], "closes": ["2027-06-01T08:00"]}
    roles = ("chair", "member", "observer", "registrar", "trustee")
    return {
        "invite_person": [{"email": f"{role}@example.edu", "name": role.title(), "role": role} for role in roles[1:]],
        "give_role": [{"role": role} for role in roles[1:]],
        "tell_key": [{"identity": b64(_public())}],
        "start": [
            {"election": f"sg-{number}", "title": "Elections", "zone": "Asia/Baku", "rehearsal": False}
            for number in range(_BEGINNINGS)
        ],
        "clone": [{"election": f"copy-{number}", "rehearsal": number % 2 == 0} for number in range(_BEGINNINGS)],
        "change_setup": [setup],
        "change_texts": [texts],
        "change_schedule": [{"opens": None, "closes": "2027-05-01T12:00:00Z"}],
        "waive": [{"waiver": "The committee, in its meeting."}],
        "change_rules": [{"rules": preset("ibsu-direct")}],
        "change_readings": [{"readings": {"6.12.4 turnout.scope": "block"}}, {"readings": {}}],
        "add_roll_part": [{"name": "roll.csv", "part": b64(half), "first": first} for first in (True, False)],
        "map_roll": [{"columns": {}, "levels": ["bachelor"], "statuses": ["active"]}],
        "enter_candidate": [line],
        "replace_list": [{"candidates": [line]}],
        "change_profile": [{"statements": {"en": "Hello."}, "photo": None}, {"statements": {}, "photo": ""}],
        "prepare_act": [{"kind": kind, "fields": fields} for kind in ("poll.extended", "poll.paused")],
        "prepare_reissue": [{"student": "s2", "reason": "The telephone is lost."}],
        "change_own_key": [{"key_file": member.decode(), "keep_file": keep, "replace": True} for keep in (True, False)],
        "retry_links": [{"student": None}, {"student": "s5"}],
        "write_incident": [{"text": "The printer burned."}],
        "make_poll": [{"poll": 3, "motions": {}}],
        "set_retention": [{"days": 90}],
    }


def _public() -> bytes:
    return schnorr.public_key(os.urandom(32))
