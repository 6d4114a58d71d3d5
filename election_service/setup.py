"""Making an election: its log with entry 0, and the contests of a poll with fresh issuer keys (docs/protocol.md §2,
§5).

The constitution, the electorates and the trustees' session are acts of the committee (acts.py); the electorates' keys
come from the registrar (registrar.py).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import insert

from audit.checks.opening import make_committee
from audit.ed25519 import check_ed25519_key, ed25519_public_key
from audit.entries import ElectorateData, LogOpenedData, Member, Registrar, WitnessKey
from ballot.contest import VERSION, Contest, ContestRules, Option, load_contest
from ballot.token import draw_secret
from election_service import publication, schema
from election_service.act_rules import TWO_PERSONS
from election_service.election import LOGIN_KEY, SEAL_EVERY, SEAL_MINIMUM, ElectionSettings, check_settings
from election_service.errors import ActRefusedError, InputError
from election_service.issue import issuer_place
from election_service.legal_rules import newest_poll
from election_service.log import append, open_log
from election_service.secrets import LOG_KEY, RECEIPT_KEY, REGISTRAR_KEY, store_secret
from election_service.service import Service, Writing
from election_service.workers import make_issuer_keys
from keys import schnorr
from keys.blind_rsa import verify_moduli_coprime
from keys.canonical import b64, encode, unb64
from keys.ids import check_id
from keys.issuer import KEY_BITS, IssuerKey
from keys.text import check_text

_KEY_SIZE: Final = 32
_NONCE_SIZE: Final = 16


@dataclass(frozen=True, slots=True)
class ElectionPlan:
    """What `init` decides once and for all; it becomes entry 0.

    ``members``: (id, x-only key 32 bytes). ``registrar_key``: x-only key of an offline registrar, None where the
    service is the registrar. ``witnesses``: (name, Ed25519 key). ``second_factor`` "none" and "email" need ``waiver``,
    "email" a mail server too.
    ``rehearsal``: a test election, the only kind that may have smaller issuer keys.
    """

    election: str
    title: str
    members: Sequence[tuple[str, bytes]]
    threshold: int = TWO_PERSONS
    registrar_key: bytes | None = None
    witnesses: Sequence[tuple[str, bytes]] = ()
    quorum: int = 0
    rehearsal: bool = False
    second_factor: Literal["none", "totp", "email"] = "totp"
    waiver: str | None = None
    seal_minimum: int = SEAL_MINIMUM
    seal_every: int = SEAL_EVERY
    issuer_bits: int = KEY_BITS


async def create_election(service: Service, plan: ElectionPlan) -> bytes:
    """Make the keys, entry 0 and the first checkpoint; returns the log id. InputError where it exists or cannot be."""
    settings = ElectionSettings(
        second_factor=plan.second_factor,
        waiver=plan.waiver,
        seal_minimum=plan.seal_minimum,
        seal_every=plan.seal_every,
        issuer_bits=plan.issuer_bits,
    )
    check_settings(settings, rehearsal=plan.rehearsal)
    if plan.second_factor == "email" and not service.config.smtp_host:
        raise InputError("second_factor: email: no mail server is configured", "set smtp_host and mail_from")
    check_id(plan.election, "election")
    check_text(plan.title, "title")
    secrets = {
        LOG_KEY: service.random(_KEY_SIZE),
        RECEIPT_KEY: draw_secret(service.random),
        LOGIN_KEY: service.random(_KEY_SIZE),
    }
    if plan.registrar_key is None:
        secrets[REGISTRAR_KEY] = draw_secret(service.random)
    opened = _make_opened(service, plan, secrets)
    async with service.database.transaction() as connection:
        now = service.clock()
        log_id = await open_log(connection, opened, title=plan.title, config=encode(settings), now=now)
        for name, secret in secrets.items():
            await store_secret(connection, service.master, plan.election, name, secret, service.random)
    await service.publish(await service.election(plan.election))
    return log_id


def _make_opened(service: Service, plan: ElectionPlan, secrets: dict[str, bytes]) -> LogOpenedData:
    """Entry 0; everything in it was checked as the verifier will."""
    members = tuple(Member(id=check_id(name, "member"), key=b64(key)) for name, key in plan.members)
    if plan.threshold < TWO_PERSONS and not plan.rehearsal:
        raise InputError(f"threshold: expected at least {TWO_PERSONS}, got {plan.threshold}", "no act by one person")
    make_committee(members, plan.threshold)
    for _, key in plan.witnesses:
        check_ed25519_key(key)
    if plan.quorum:
        raise InputError(
            f"quorum: expected 0, got {plan.quorum}: this release does not fetch cosignatures, so no booth would open",
            "name the witnesses, so that they can cosign, and leave the quorum at 0",
        )
    if plan.registrar_key is None:
        registrar = Registrar(mode="service", key=b64(schnorr.public_key(secrets[REGISTRAR_KEY])))
    else:
        schnorr.check_public_key(plan.registrar_key)
        registrar = Registrar(mode="offline", key=b64(plan.registrar_key))
    return LogOpenedData(
        v="es1",
        election=plan.election,
        origin=service.config.origin(plan.election),
        log_key=b64(ed25519_public_key(secrets[LOG_KEY])),
        receipt_key=b64(schnorr.public_key(secrets[RECEIPT_KEY])),
        registrar=registrar,
        members=members,
        threshold=plan.threshold,
        witnesses=tuple(WitnessKey(name=name, key=b64(key)) for name, key in plan.witnesses),
        quorum=plan.quorum,
        nonce=b64(service.random(_NONCE_SIZE)),
        rehearsal=plan.rehearsal,
    )


async def store_blob(service: Service, election: str, content: bytes) -> str:
    """Store a file that an entry will name, such as the constitution; returns its hash in hex."""
    await service.election(election)
    async with service.database.transaction() as connection:
        return await publication.store_blob(connection, election, content)


# ---- contests ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ContestPlan:
    """One question: ``electorate`` is the id of a logged electorate; ``options`` in the order of the ballot."""

    contest: str
    position: str | None
    electorate: str
    options: Sequence[Option]
    min: int = 1
    max: int = 1
    recovery: bool = True


async def plan_contests(service: Service, election: str, poll: int, plans: Sequence[ContestPlan]) -> list[bytes]:
    """Log the contests of the next poll, each with a fresh issuer key; returns their contexts in the order of the
    plans.

    All of them or none: InputError or ActRefusedError before anything is stored. The poll is "planned" from then on; it
    opens by an act of the committee, after the trustees' canaries.
    """
    known = await service.election(election)
    _check_plans(plans)
    bits, rehearsal = known.settings.issuer_bits, known.rehearsal
    made = [service.workers.run(make_issuer_keys, 1, bits, rehearsal) for _ in plans]
    keys = [part[0] for part in await asyncio.gather(*made)]
    async with service.writing(election) as writing:
        _check_next(writing, poll)
        contests = [_make_contest(writing, poll, plan, key) for plan, key in zip(plans, keys, strict=True)]
        writing.facts.record.plan(poll, [rules.document for rules in contests])
        _check_coprime(writing, contests)
        await _store_contests(service, writing, poll, contests, keys)
    await service.refresh_contests(known)
    return [rules.context for rules in contests]


def _check_plans(plans: Sequence[ContestPlan]) -> None:
    if not plans or len({plan.contest for plan in plans}) != len(plans):
        raise InputError("contests: expected at least one, each with an id of its own", "look at the ids")
    for plan in plans:
        check_id(plan.contest, "contest")
        for option in plan.options:
            for text in option.name.values():
                check_text(text, f"contest {plan.contest}: option {option.id}")


def _check_next(writing: Writing, poll: int) -> None:
    """Polls come one after the other, and all contests of a poll at once, before its canaries."""
    newest = newest_poll(writing.facts)
    expected = 1 if newest is None else newest.number + 1
    if newest is not None and newest.declared is None:
        raise ActRefusedError(f"contests: poll {newest.number} is on its way; the next is planned when it is declared")
    if poll != expected:
        raise ActRefusedError(f"contests: expected poll {expected}, got {poll}")
    if writing.facts.joint_key is None:
        raise ActRefusedError("contests: the trustees have not confirmed a joint key yet")


def _make_contest(writing: Writing, poll: int, plan: ContestPlan, key: IssuerKey) -> ContestRules:
    facts = writing.facts
    if plan.electorate not in facts.electorates:
        raise ActRefusedError(f"contest {plan.contest}: electorate {plan.electorate} is not in the log")
    electorate: ElectorateData = facts.electorates[plan.electorate][1]
    joint = facts.joint_key
    if joint is None:
        raise ActRefusedError("contests: the trustees have not confirmed a joint key yet")
    document = Contest(
        v=VERSION,
        log=b64(facts.log_id),
        election=writing.election.id,
        poll=poll,
        contest=plan.contest,
        position=plan.position,
        electorate=plan.electorate,
        size=electorate.size,
        root=electorate.root,
        options=list(plan.options),
        min=plan.min,
        max=plan.max,
        joint_key=b64(joint.point.to_bytes()),
        issuer_key=b64(key.modulus),
        recovery=plan.recovery,
    )
    return load_contest(encode(document), rehearsal=writing.election.rehearsal)


def _check_coprime(writing: Writing, contests: Sequence[ContestRules]) -> None:
    """All moduli of a log, earlier polls included, are pairwise coprime (A37)."""
    earlier = [
        unb64(contest.rules.document.issuer_key, None, "issuer_key")
        for poll in writing.facts.polls.values()
        for contest in poll.contests.values()
    ]
    verify_moduli_coprime([*earlier, *(rules.modulus for rules in contests)])


async def _store_contests(
    service: Service, writing: Writing, poll: int, contests: Sequence[ContestRules], keys: Sequence[IssuerKey]
) -> None:
    connection, election = writing.connection, writing.election.id
    await append(connection, election, [("contest", rules.document) for rules in contests], writing.now)
    for rules, key in zip(contests, keys, strict=True):
        document = rules.document
        row = {"election": election, "context": rules.context}
        shown = {"poll": poll, "contest": document.contest, "electorate": document.electorate, "document": rules.raw}
        await connection.execute(insert(schema.contests).values({**row, **shown}))
        sealed = service.master.seal(issuer_place(election, rules.context), key.to_bytes(), service.random)
        await connection.execute(insert(schema.issuer_keys).values({**row, "sealed": sealed}))
        if document.recovery:
            await asyncio.to_thread(service.state.make_recovery_key, rules.context, service.random)
    values = {"election": election, "poll": poll, "state": "planned", "opens": None, "closes": None, "issuing": False}
    await connection.execute(insert(schema.polls).values(values))
