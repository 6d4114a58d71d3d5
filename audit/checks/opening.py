"""entries: entry 0, which says whose log this is; everything else is bound to its hash."""

import re
from typing import Final

from audit.checkpoint import Witness, WitnessPolicy
from audit.ed25519 import check_ed25519_key
from audit.entries import LogOpenedData, Member
from audit.errors import LogError
from audit.note import check_key_name
from audit.state import Committee, LogState, Opening
from keys import schnorr
from keys.canonical import b64, unb64

NONCE_SIZE: Final = 16
_ORIGIN: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?/(?P<election>[a-z0-9.-]+)", re.ASCII)


def verify_opening(log: LogState, data: LogOpenedData, digest: bytes, pinned: bytes | None) -> None:
    """Entry 0 is well formed, and its hash is the log id that was asked for (A12, A55)."""
    log.committee = make_committee(data.members, data.threshold)
    note_single_approval(log, data.threshold)
    witnesses = tuple(Witness(item.name, unb64(item.key, 32, f"witness {item.name}")) for item in data.witnesses)
    log.opening = Opening(
        log_id=digest,
        election=data.election,
        origin=data.origin,
        log_key=unb64(data.log_key, 32, "log_key"),
        receipt_key=unb64(data.receipt_key, 32, "receipt_key"),
        registrar_key=unb64(data.registrar.key, 32, "registrar: key"),
        policy=WitnessPolicy(witnesses, data.quorum),
        rehearsal=data.rehearsal,
    )
    if pinned is not None and not digest.startswith(pinned):
        raise LogError(f"wrong log: expected one whose id begins with {b64(pinned)}, got {b64(digest)}")
    unb64(data.nonce, NONCE_SIZE, "nonce")
    match = _ORIGIN.fullmatch(data.origin)
    if not match or match["election"] != data.election:
        raise LogError(f"origin: expected host[:port]/{data.election} in lower case, got {data.origin[:80]!r}")
    check_ed25519_key(log.opening.log_key)
    schnorr.check_public_key(log.opening.receipt_key)
    schnorr.check_public_key(log.opening.registrar_key)
    _check_witnesses(log.opening.policy)


def make_committee(members: tuple[Member, ...], threshold: int) -> Committee:
    """Distinct members with distinct keys, and no more approvals asked for than there are members."""
    keys = {member.id: unb64(member.key, 32, f"member {member.id}") for member in members}
    for key in keys.values():
        schnorr.check_public_key(key)
    if len(keys) != len(members) or len(set(keys.values())) != len(members):
        raise LogError("members: expected distinct ids and distinct keys")
    if threshold > len(members):
        raise LogError(f"threshold: expected at most the {len(members)} members, got {threshold}")
    return Committee(keys, threshold)


def note_single_approval(log: LogState, threshold: int) -> None:
    """Allowed, and worth knowing: such a committee does not act together (A100)."""
    if threshold == 1:
        log.book.note("from here on one member's approval is enough for every act of the committee")


def _check_witnesses(policy: WitnessPolicy) -> None:
    for witness in policy.witnesses:
        check_key_name(witness.name)
        check_ed25519_key(witness.key)
    count = len(policy.witnesses)
    if len({item.name for item in policy.witnesses}) != count or len({item.key for item in policy.witnesses}) != count:
        raise LogError("witnesses: expected distinct names and distinct keys")
    if policy.quorum > count:
        raise LogError(f"quorum: expected at most the {count} witnesses, got {policy.quorum}")
