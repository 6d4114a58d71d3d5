"""Acts on their way to their signatures, and one's own signing key."""

from collections.abc import Mapping, Sequence

from audit.approvals import approval_message
from election_service.acts import list_acts
from election_service.console.act_kinds import ACTS
from election_service.console.act_types import ActDetail, OwnKey, PreparedAct, PreparedList
from election_service.console.decision_kinds import DECISIONS
from election_service.console.form_faults import FieldFault, FormFaultsError
from election_service.console.planned_acts import plan_reissue, planned_acts
from election_service.console.proposing import Prepared, examine, prepare
from election_service.console.revisions import read_revision
from election_service.console.signing_keys import key_resource, read_signing_key, store_signing_key
from election_service.errors import NotFoundError
from election_service.facts import LogFacts
from election_service.routes.call import Call
from keys.canonical import b64, encode
from keys.ids import short_code


async def list_planned(call: Call) -> PreparedList:
    """What is ready."""
    await call.service.election(call.election)
    acts = [
        await examine(call.service, call.election, *item) for item in await planned_acts(call.service, call.election)
    ]
    return PreparedList(acts=[_shown(item) for item in acts])


async def prepare_act(call: Call) -> PreparedAct:
    """The data of an act; nothing changes."""
    await call.service.election(call.election)
    _check_names(call.request.kind, call.request.fields)
    return _shown(await prepare(call.service, call.election, call.request.kind, call.request.fields))


def _check_names(kind: str, given: Mapping[str, Sequence[str]]) -> None:
    """FormFaultsError for what the form of this kind does not ask (A90)."""
    fields = ACTS[kind].fields if kind in ACTS else ()
    known = {field.name for field in fields}
    if kind == "decision":
        what = next(iter(given.get("what", ())), "")
        known = {"what", *(field.name for field in (DECISIONS[what][1] if what in DECISIONS else ()))}
    unknown = [name for name in given if name not in known]
    if kind in ACTS and unknown:
        raise FormFaultsError("act", [FieldFault(name, "is not asked here") for name in unknown])


async def prepare_reissue(call: Call) -> PreparedAct:
    """A new link, held until its act is done."""
    await call.service.election(call.election)
    student, reason = call.request.student, call.request.reason
    kind, data = await plan_reissue(call.service, call.election, call.who.account, student, reason)
    return _shown(await examine(call.service, call.election, kind, data))


def _shown(item: Prepared) -> PreparedAct:
    return PreparedAct(kind=item.kind, data=item.data, not_before=item.not_before, refusal=item.refusal)


async def show_one_act(call: Call) -> ActDetail:
    """One act."""
    for act in (await list_acts(call.service, call.election)).acts:
        if act.act == call.path["act"]:
            log_id = (await call.service.election(call.election)).log_id
            code = short_code(approval_message(log_id, act.kind, encode(act.data)))
            pending = act.state in ("waiting", "scheduled")
            refusal = (await examine(call.service, call.election, act.kind, act.data)).refusal if pending else ""
            return ActDetail(act=act, code=code, refusal=refusal)
    raise NotFoundError("act: none of this number was proposed")


async def show_own_key(call: Call) -> OwnKey:
    """One's key."""
    async with call.service.database.snapshot() as connection:
        key = await read_signing_key(connection, call.election, call.who.account)
        revision = await read_revision(connection, call.election, key_resource(call.who.account))
    if key is None:
        raise NotFoundError("key: you have none in this election")
    return OwnKey(
        member=key.member,
        key=b64(key.public_key),
        fingerprint=key.fingerprint,
        key_file=None if key.key_file is None else key.key_file.decode(),
        revision=revision,
    )


async def change_own_key(call: Call) -> OwnKey:
    """Another file, or another key."""
    await store_signing_key(
        call.service,
        call.election,
        call.who.account,
        call.request.key_file.encode(),
        keep_file=call.request.keep_file,
        replace=call.request.replace,
        facts=await _facts(call),
        revision=call.revision,
    )
    return await show_own_key(call)


async def _facts(call: Call) -> LogFacts | None:
    """The facts of the log; None for a draft."""
    return await call.service.facts(call.election) if call.election in await call.service.elections() else None
