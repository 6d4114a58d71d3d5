"""What each act of the committee asks of the election's state: checked when it is proposed, and again when it is done.

The rules are those of the verifier (audit/checks): what it would refuse in the log is refused before it gets there.
They run inside a transaction that holds the log, so that nothing changes between check and entry.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.checks.electorates import credential_replaced_message, electorate_message, verify_blob
from audit.checks.opening import make_committee
from audit.entries import (
    ApprovedData,
    ConstitutionData,
    CredentialReplacedData,
    DecisionData,
    ElectorateData,
    MembersData,
    PollChangedData,
    PollClosedData,
    PollOpenedData,
    TrusteeOpenedData,
    decode_act,
    parse_time,
)
from election_service import schema
from election_service.console.local_acts import LOCAL
from election_service.errors import ActRefusedError, NotFoundError
from election_service.legal_rules import (
    check_annulled,
    check_certified,
    check_decision,
    check_law_of_opening,
    check_reading,
    require_preparation,
)
from election_service.poll_facts import PollFacts
from election_service.publication import read_published
from election_service.reissue import check_link_is_held, has_open_token
from election_service.service import Writing
from election_service.sql import lock_polls, read_polls
from keys import schnorr
from keys.canonical import b64, unb64
from keys.errors import DataError
from keys.text import check_text
from keys.trustee.session import TrusteeSession
from tally.constitution import load_constitution

MAX_TEXT: Final = 2000  # characters of a reason, clause or reading
LATEST: Final = 253_370_764_800  # 9999-01-01: every clock of the world can show it
TWO_PERSONS: Final = 2  # who sign an act outside rehearsals, at least

Check = Callable[[Writing, Any], Awaitable[None]]


async def check_act(writing: Writing, kind: str, data: ApprovedData) -> None:
    """Refuse an act that the election's state does not allow now; ActRefusedError says what stands against it."""
    decode_act(data.act)
    if data.act in writing.facts.acts:
        raise ActRefusedError(f"{kind}: its number stands in entry {writing.facts.acts[data.act]} already")
    if kind != "constitution" and kind not in LOCAL and writing.facts.constitution is None:
        raise ActRefusedError(f"{kind}: the constitution comes first")
    for name in ("reason", "clause", "reading"):
        text = getattr(data, name, None)
        if text is not None and not 1 <= len(check_text(text, f"{kind}: {name}")) <= MAX_TEXT:
            raise ActRefusedError(f"{kind}: {name}: expected 1 to {MAX_TEXT} characters")
    for name, time in (("closes", getattr(data, "closes", "")), ("until", _until(data))):
        if time:
            check_time(parse_time(time), f"{kind}: {name}")
    try:
        await (LOCAL[kind].check if kind in LOCAL else CHECKS[kind])(writing, data)
    except ActRefusedError:
        raise
    except DataError as error:
        raise ActRefusedError(f"{kind}: {error}") from error


def check_time(seconds: int, what: str) -> None:
    """Refuse a time that pages cannot show in every zone; ActRefusedError."""
    if not 0 <= seconds <= LATEST:
        raise ActRefusedError(f"{what}: expected a time from 1970 to 9998")


def _until(data: ApprovedData) -> str:
    return data.decision.until if isinstance(data, DecisionData) else ""


async def read_blob(connection: AsyncConnection, election: str, name: str) -> bytes:
    """A stored blob; ActRefusedError where it is not there."""
    try:
        return await read_published(connection, election, f"blobs/{name}")
    except NotFoundError:
        raise ActRefusedError(f"blob {name}: store the file first, then approve its hash") from None


# ---- rules and roll ------------------------------------------------------------------------------------------------


async def _check_constitution(writing: Writing, data: ConstitutionData) -> None:
    if writing.facts.constitution is not None:
        raise ActRefusedError("constitution: there is one, and there is only one")
    load_constitution(await read_blob(writing.connection, writing.election.id, data.blob))


async def _check_booth(_writing: Writing, _data: ApprovedData) -> None:
    """Any bundle may be announced; who opens the booth compares its hash."""


async def _check_electorate(writing: Writing, data: ElectorateData) -> None:
    facts = writing.facts
    require_preparation(facts, "electorate")
    if data.id in facts.electorates:
        raise ActRefusedError(f"electorate {data.id}: is logged already")
    root = unb64(data.root, 32, f"electorate {data.id}: root")
    _verify_registrar(writing, electorate_message(facts.log_id, data.id, data.size, root), data.signature)
    blob = await read_blob(writing.connection, writing.election.id, data.blob)
    verify_blob(blob, data.id, data.size, root)
    if set(facts.replaced.values()) & {blob[at : at + 32] for at in range(0, len(blob), 32)}:
        raise ActRefusedError(f"electorate {data.id}: holds a credential that replaced another: name the first one")


async def _check_replaced(writing: Writing, data: CredentialReplacedData) -> None:
    facts, election = writing.facts, writing.election.id
    old, new = unb64(data.old, 32, "old"), unb64(data.new, 32, "new")
    schnorr.check_public_key(new)
    _verify_registrar(writing, credential_replaced_message(facts.log_id, old, new, data.reason), data.signature)
    first = facts.first_of_chain(old)
    if first is None:
        raise ActRefusedError("credential.replaced: the old credential was replaced before")
    known = schema.electorate_members
    for key, wanted in ((first, True), (new, False)):
        query = select(known.c.idx).where(known.c.election == election, known.c.credential == key).limit(1)
        if ((await writing.connection.execute(query)).first() is not None) != wanted:
            text = "the old credential is in no electorate" if wanted else "the new credential is in an electorate"
            raise ActRefusedError(f"credential.replaced: {text}")
    if new in facts.replaced or new in facts.replaced.values():
        raise ActRefusedError("credential.replaced: the new credential was in use before")
    polls = await read_polls(writing.connection, election)
    running = {poll for poll, row in polls.items() if row.state in {"open", "paused"}}
    await lock_polls(writing.connection, election, running, exclusive=True)
    if await has_open_token(writing.connection, election, old):
        raise ActRefusedError("credential.replaced: the old credential has a token in an open poll")
    await check_link_is_held(writing.connection, election, data)


def _verify_registrar(writing: Writing, message: bytes, signature: str) -> None:
    key = unb64(writing.election.opened.registrar.key, 32, "registrar: key")
    schnorr.verify(key, message, unb64(signature, 64, "registrar's signature"))


# ---- trustees, members ---------------------------------------------------------------------------------------------


async def _check_trustees(writing: Writing, data: TrusteeOpenedData) -> None:
    facts = writing.facts
    if facts.joint_key is not None:
        raise ActRefusedError("trustee.opened: the trustees have confirmed their key already")
    if data.attempt != len(facts.ceremonies) + 1:
        raise ActRefusedError(f"trustee.opened: expected attempt {len(facts.ceremonies) + 1}, got {data.attempt}")
    keys = tuple(unb64(key, 32, "trustee.opened: key") for key in data.trustees)
    TrusteeSession(facts.log_id, data.attempt, data.k, keys)


async def _check_members(writing: Writing, data: MembersData) -> None:
    make_committee(data.members, data.threshold)
    if data.threshold < TWO_PERSONS and not writing.election.rehearsal:
        raise ActRefusedError(f"members: threshold: expected at least {TWO_PERSONS}, got {data.threshold}")


# ---- polls ---------------------------------------------------------------------------------------------------------


async def _check_opened(writing: Writing, data: PollOpenedData) -> None:
    facts = writing.facts
    poll = facts.poll(data.poll)
    joint = facts.joint_key
    if joint is None:
        raise ActRefusedError("poll.opened: the trustees have not confirmed a joint key yet")
    if poll.opened is not None:
        raise ActRefusedError(f"poll.opened: poll {data.poll} was opened before")
    if not poll.contexts or list(data.contexts) != [b64(context) for context in poll.contexts]:
        raise ActRefusedError("poll.opened: expected all logged contests of the poll, ascending by context")
    if len(poll.canaries) < joint.k:
        raise ActRefusedError(f"poll.opened: expected canaries of {joint.k} trustees, got {len(poll.canaries)}")
    if parse_time(data.closes) <= writing.now:
        raise ActRefusedError(f"poll.opened: closes at {data.closes}, which is not in the future")
    check_law_of_opening(writing, data)


async def _check_changed(writing: Writing, kind: str, data: PollChangedData) -> PollFacts:
    """What extending, pausing and resuming have in common: a running poll, its contexts, a closing time not earlier."""
    poll = writing.facts.poll(data.poll)
    closes = parse_time(data.closes)
    if poll.opened is None or poll.closed is not None or poll.closes is None:
        raise ActRefusedError(f"{kind}: poll {data.poll} is not open")
    if list(data.contexts) != [b64(context) for context in poll.contexts]:
        raise ActRefusedError(f"{kind}: expected the contexts of the opening")
    if not poll.paused and writing.now >= poll.closes:
        raise ActRefusedError(f"{kind}: the closing time has passed")
    if closes < poll.closes:
        raise ActRefusedError(f"{kind}: closes at {data.closes}, earlier than before")
    return poll


async def _check_extended(writing: Writing, data: PollChangedData) -> None:
    poll = await _check_changed(writing, "poll.extended", data)
    if parse_time(data.closes) == poll.closes:
        raise ActRefusedError(f"poll.extended: closes at {data.closes} as before")
    writing.facts.record.copy().extend_poll(data.poll, parse_time(data.closes))


async def _check_paused(writing: Writing, data: PollChangedData) -> None:
    poll = await _check_changed(writing, "poll.paused", data)
    if poll.paused:
        raise ActRefusedError(f"poll.paused: poll {data.poll} is paused already")
    if parse_time(data.closes) != poll.closes:
        raise ActRefusedError("poll.paused: expected the closing time as it was")


async def _check_resumed(writing: Writing, data: PollChangedData) -> None:
    poll = await _check_changed(writing, "poll.resumed", data)
    if not poll.paused:
        raise ActRefusedError(f"poll.resumed: poll {data.poll} is not paused")
    if parse_time(data.closes) <= writing.now:
        raise ActRefusedError(f"poll.resumed: closes at {data.closes}, which is not in the future")
    writing.facts.record.copy().extend_poll(data.poll, parse_time(data.closes))


async def _check_closed(writing: Writing, data: PollClosedData) -> None:
    poll = writing.facts.poll(data.poll)
    if poll.opened is None or poll.closed is not None:
        raise ActRefusedError(f"poll.closed: poll {data.poll} is not open")
    if not poll.paused:
        raise ActRefusedError("poll.closed: pause the poll first: only a paused poll's numbers can be signed")
    if [item.context for item in data.contests] != [b64(context) for context in poll.contexts]:
        raise ActRefusedError("poll.closed: expected the contests of the opening, ascending by context, each once")


CHECKS: Final[dict[str, Check]] = {
    "constitution": _check_constitution,
    "resolution": check_reading,
    "booth": _check_booth,
    "trustee.opened": _check_trustees,
    "electorate": _check_electorate,
    "credential.replaced": _check_replaced,
    "poll.opened": _check_opened,
    "poll.extended": _check_extended,
    "poll.paused": _check_paused,
    "poll.resumed": _check_resumed,
    "poll.closed": _check_closed,
    "result.certified": check_certified,
    "result.annulled": check_annulled,
    "decision": check_decision,
    "members": _check_members,
}
