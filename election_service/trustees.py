"""Trustees' messages on their way into the log: each is checked by the functions that the verifier uses (§3, §10).

No login: a message is its trustee's by signature, a canary by its proof. What does not verify is refused and not
logged; the one exception is a share that its trustee signed and that is wrong: it is logged, so that everybody sees
whose it is.
"""

from typing import Any, Final

from audit.entries import KINDS, decode_entry
from election_service.errors import ActRefusedError
from election_service.facts import CEREMONY, LogFacts, read_kinds
from election_service.legal_rules import newest_poll
from election_service.log import append
from election_service.poll_facts import logged_sums
from election_service.review import review_ends
from election_service.service import Service, Writing
from keys.canonical import Wire, decode, encode, unb64
from keys.trustee.canary import verify_canary
from keys.trustee.messages import CanaryData, StepData
from tally.errors import ShareError, ShareSignatureError
from tally.share import share_context, trustees_of, verify_share
from tally.wire import ShareData

CANARY: Final = "trustee.canary"
SHARE: Final = "tally.share"
MESSAGES: Final = (*CEREMONY, CANARY, SHARE)
MOST_SHARES: Final = 3  # signed shares of one trustee in a contest: mistakes are shown, not collected


async def accept_message(service: Service, election: str, kind: str, data: dict[str, Any]) -> int:
    """Log a trustee's message; returns its number. The same message again returns the number it has.

    ActRefusedError where it is not due; the protocol's own errors (CeremonyError, TrusteeProofError,
    ShareSignatureError …) where it does not hold.
    """
    if kind not in MESSAGES:
        raise ActRefusedError(f"trustee's message: expected one of {', '.join(MESSAGES)}, got {kind[:40]!r}")
    message: Wire = decode(encode(data), KINDS[kind].data)
    async with service.writing(election) as writing:
        known = await _find(writing, kind, message)
        if known is not None:
            return known
        if isinstance(message, CanaryData):
            _check_canary(writing.facts, message)
        elif isinstance(message, ShareData):
            _check_share(writing, message)
        else:
            _check_step(writing.facts, kind, message)
        return (await append(writing.connection, election, [(kind, message)], writing.now))[0]


async def _find(writing: Writing, kind: str, message: Wire) -> int | None:
    """The entry that holds this very message, if there is one: an answer was lost, and the trustee sends it again."""
    for raw in await read_kinds(writing.connection, writing.election.id, [kind]):
        entry = decode_entry(raw)
        if entry.data == message:
            return entry.seq
    return None


def _check_step(facts: LogFacts, kind: str, message: Any) -> None:
    """A message of the ceremony, in its turn: the value `Ceremony` decides."""
    if not facts.ceremonies:
        raise ActRefusedError(f"{kind}: no session of the trustees is open")
    step: StepData = message
    facts.ceremonies[-1].add(step)


def _check_canary(facts: LogFacts, message: CanaryData) -> None:
    """One canary of each trustee for each poll, between its contests and its opening."""
    joint, newest = facts.joint_key, newest_poll(facts)
    if joint is None:
        raise ActRefusedError("canary: the trustees have not confirmed a joint key yet")
    if newest is None or newest.number != message.poll or newest.opened is not None:
        raise ActRefusedError(f"canary: poll {message.poll} is not about to open")
    if message.i in newest.canaries:
        raise ActRefusedError(f"canary: trustee {message.i} has shown one for poll {message.poll}")
    verify_canary(facts.log_id, joint, message)


def _check_share(writing: Writing, message: ShareData) -> None:
    """A share is due after the review window and before the counts; a signed wrong one passes, to be seen."""
    facts = writing.facts
    contest = facts.contest(unb64(message.context, 32, "share: context"))
    poll = facts.poll(contest.rules.document.poll)
    ends = review_ends(poll, facts.rules)
    if ends is None or writing.now < ends:
        raise ActRefusedError("share: too early: the review window has not ended")
    joint = facts.joint_key
    if joint is None or contest.sums is None or contest.sums.sums is None or contest.settled:
        raise ActRefusedError("share: nothing of this contest is to be decrypted now")
    session = facts.ceremonies[-1].session
    trustees = trustees_of(session, joint)
    if message.i not in trustees:
        raise ShareSignatureError(message.i, f"unknown trustee: expected one of {sorted(trustees)}")
    where, sums = share_context(session), logged_sums(contest)
    given = [share for share in contest.shares if share.i == message.i]
    if len(given) >= MOST_SHARES:
        raise ActRefusedError(f"share: trustee {message.i} has given {len(given)} shares of this contest")
    for share in given:
        try:
            verify_share(where, trustees[share.i], sums, share)
        except ShareError:
            continue
        raise ActRefusedError(f"share: trustee {message.i} has given a good share of this contest")
    try:
        verify_share(where, trustees[message.i], sums, message)
    except ShareSignatureError:
        raise
    except ShareError:
        return
