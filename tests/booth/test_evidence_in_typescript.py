"""What the booth checks before it blinds (docs/protocol.md §5), with the verdict of audit/evidence.py beside it."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from ballot.contest import Contest, ContestRules
from election_service.api_types import VoterView
from election_service.voter import check_view
from keys.canonical import b64, encode, unb64
from keys.errors import DataError
from keys.transcript import Tag, digest
from tests.booth.harness import Booth, BoothRefusalError
from tests.booth.service import RecoverableElection, make_view, two_contests
from tests.simulated.people import Voter
from tests.simulated.plan import ContestPlan, Plan
from tests.simulator import ELECTION

View = dict[str, Any]


@pytest.fixture(scope="module")
def election() -> RecoverableElection:
    return two_contests().election


@pytest.fixture(scope="module")
def voter(election: RecoverableElection) -> Voter:
    return election.voters[2]


def booth_verdict(booth: Booth, view: View, log_id: bytes, voter: Voter) -> str:
    """ "accepted" or the code of the refusal."""
    try:
        booth.call(
            "evidence", view=view, prefix=log_id[:16].hex(), election=ELECTION, credential=voter.credential.hex()
        )
    except BoothRefusalError as error:
        return error.code
    return "accepted"


def python_accepts(view: View, log_id: bytes, voter: Voter) -> bool:
    try:
        check_view(msgspec.convert(view, VoterView), log_id[:16], voter.credential)
    except (DataError, msgspec.ValidationError, KeyError):
        return False
    return True


def test_an_honest_view_is_accepted(booth: Booth, election: RecoverableElection, voter: Voter) -> None:
    view = make_view(election, voter)
    result = booth.call(
        "evidence", view=view, prefix=election.log_id[:16].hex(), election=ELECTION, credential=voter.credential.hex()
    )
    assert result["contexts"] == [box.rules.context.hex() for box in election.boxes[1]]
    assert python_accepts(view, election.log_id, voter)


def copied(view: View) -> View:
    copy: View = json.loads(json.dumps(view))
    return copy


def flipped(text: str) -> str:
    raw = bytearray(unb64(text, None, "test"))
    raw[0] ^= 1
    return b64(bytes(raw))


def lies(view: View) -> Iterator[tuple[str, View]]:
    """Views in which one thing is not as the log has it."""
    for i, entry in enumerate(view["entries"]):
        changed = copied(view)
        text = entry["entry"]
        changed["entries"][i]["entry"] = text.replace('"seq":', '"seq":1', 1)
        yield f"entry {i} altered", changed
        if entry["proof"]:
            changed = copied(view)
            changed["entries"][i]["proof"][0] = flipped(entry["proof"][0])
            yield f"proof {i} altered", changed
            changed = copied(view)
            changed["entries"][i]["proof"] = entry["proof"][1:]
            yield f"proof {i} shortened", changed
        changed = copied(view)
        del changed["entries"][i]
        yield f"entry {i} dropped", changed
    for i, place in enumerate(view["contests"]):
        for member, value in (("leaf", flipped(place["leaf"])), ("index", place["index"] + 1), ("membership", [])):
            changed = copied(view)
            changed["contests"][i][member] = value
            yield f"contest {i}: {member}", changed
        for member in ("seq", "electorate_seq"):
            changed = copied(view)
            changed["contests"][i][member] = 1
            yield f"contest {i}: {member}", changed
    for old, new in (("\n\n", "\n\n\n"), ("vote.example", "other.example"), ("\n— ", "\n- ")):
        yield f"checkpoint {old!r}", copied(view) | {"checkpoint": view["checkpoint"].replace(old, new)}
    lines = view["checkpoint"].split("\n")
    yield "checkpoint of another size", copied(view) | {"checkpoint": "\n".join([lines[0], "7", *lines[2:]])}
    yield "checkpoint unsigned", copied(view) | {"checkpoint": "\n".join([*lines[:4], ""])}


def test_every_lie_about_the_log_is_refused_by_both(booth: Booth, election: RecoverableElection, voter: Voter) -> None:
    """A32, A53: nothing is believed that is not in the log."""
    view = make_view(election, voter)
    names = []
    for name, lie in lies(view):
        python = python_accepts(lie, election.log_id, voter)
        verdict = booth_verdict(booth, lie, election.log_id, voter)
        assert verdict != "accepted", name
        assert not python, name
        names.append(name)
    assert len(names) > 60


def test_another_issuer_key_for_one_voter_is_refused(booth: Booth, election: RecoverableElection, voter: Voter) -> None:
    """A32: a private issuer key would tag the voter; the contest entry that holds it is not in the log."""
    view = make_view(election, voter)
    seq = view["contests"][0]["seq"]
    entry = next(item for item in view["entries"] if item["seq"] == seq)
    document = json.loads(entry["entry"])
    modulus = bytearray(unb64(document["data"]["issuer_key"], None, "test"))
    modulus[5] ^= 1
    document["data"]["issuer_key"] = b64(bytes(modulus))
    entry["entry"] = encode(document).decode()
    assert booth_verdict(booth, view, election.log_id, voter) == "proof-invalid"


def test_a_stranger_is_not_in_the_electorate(booth: Booth, election: RecoverableElection, voter: Voter) -> None:
    view = make_view(election, voter)
    stranger = Voter("stranger", ELECTION, election.random)
    assert booth_verdict(booth, view, election.log_id, stranger) == "not-eligible"


# -- logs that are wrong although every proof is right: what a service could do on its own -----------------------------


class Rewriting:
    """The election's entries with one of them changed, chained and signed again by the log's own key."""

    def __init__(self, election: RecoverableElection) -> None:
        self.election = election

    def view(self, voter: Voter, kind: str, change: Callable[[dict[str, Any]], None], which: int = 0) -> View:
        raws = [json.loads(raw) for raw in self.election.log.entries]
        found = [entry for entry in raws if entry["kind"] == kind]
        change(found[which]["data"])
        entries: list[bytes] = []
        for entry in raws:
            entry["prev"] = b64(sha256(entries[-1]).digest()) if entries else entry["prev"]
            entries.append(encode(entry))
        honest, self.election.log.entries = self.election.log.entries, entries
        try:
            return make_view(self.election, voter)
        finally:
            self.election.log.entries = honest


def other_point(text: str) -> str:
    """The negative of a point: on the curve, and another."""
    raw = bytearray(unb64(text, 33, "test"))
    raw[0] ^= 1
    return b64(bytes(raw))


def drop_last(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda data: data[name].pop()


def change_commitment(member: str, j: int) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        commitment = data["message"]["commitments"][j]
        commitment[member] = flipped(commitment[member]) if member == "z" else other_point(commitment[member])

    return change


def set_to(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda data: data.update(values)


REWRITTEN: dict[str, tuple[str, Callable[[dict[str, Any]], None], int]] = {
    "A24: another joint key in the contest": ("contest", lambda d: d.update(joint_key=other_point(d["joint_key"])), 0),
    "a trustee fewer": ("trustee.opened", drop_last("trustees"), 0),
    "a lower threshold": ("trustee.opened", set_to(k=1), 0),
    "another attempt": ("trustee.opened", set_to(attempt=2), 0),
    "trustees without approval": ("trustee.opened", set_to(approvals=[]), 0),
    "one approval instead of two": ("trustee.opened", drop_last("approvals"), 0),
    "A20: a commitment exchanged": ("trustee.committed", change_commitment("point", 0), 1),
    "A20: a proof exchanged": ("trustee.committed", change_commitment("z", 1), 2),
    "A21: another hash": ("trustee.hashed", lambda d: d.update(hash=flipped(d["hash"])), 0),
    "a share exchanged": (
        "trustee.shared",
        lambda d: d["shares"][0].update(sealed=flipped(d["shares"][0]["sealed"])),
        0,
    ),
    "A24: another transcript": ("trustee.confirmed", lambda d: d.update(transcript=flipped(d["transcript"])), 1),
    "a signature of a trustee": ("trustee.confirmed", lambda d: d.update(signature=flipped(d["signature"])), 2),
    "a poll opened without approval": ("poll.opened", set_to(approvals=[]), 0),
    "a poll opened longer than approved": ("poll.opened", set_to(closes="2030-01-01T00:00:00Z"), 0),
    "a poll opened without the contest": ("poll.opened", drop_last("contexts"), 0),
    "an electorate of another size": ("electorate", lambda d: d.update(size=d["size"] + 1), 0),
    "an electorate the registrar did not sign": (
        "electorate",
        lambda d: d.update(signature=flipped(d["signature"])),
        1,
    ),
    "A31: an even issuer key": (
        "contest",
        lambda d: d.update(issuer_key=b64(unb64(d["issuer_key"], None, "")[:-1] + b"\x00")),
        0,
    ),
    "A31: a short issuer key": (
        "contest",
        lambda d: d.update(issuer_key=b64(unb64(d["issuer_key"], None, "")[:100])),
        1,
    ),
    "A53: two names swapped": (
        "contest",
        lambda d: d["options"].__setitem__(slice(0, 2), [d["options"][1], d["options"][0]]),
        0,
    ),
    "A53: an option dropped": ("contest", drop_last("options"), 1),
}


@pytest.mark.parametrize("name", REWRITTEN)
def test_a_log_that_the_service_rewrote_is_refused_by_both(
    booth: Booth, election: RecoverableElection, voter: Voter, name: str
) -> None:
    kind, change, which = REWRITTEN[name]
    view = Rewriting(election).view(voter, kind, change, which)
    assert booth_verdict(booth, view, election.log_id, voter) not in {"accepted", "proof-invalid"} or "A20" in name
    assert not python_accepts(view, election.log_id, voter)


class Colluding(RecoverableElection):
    """A committee that opens a contest whose issuer key would tag voters or could be factored."""

    issuer_key = b""

    def contest_document(self, poll: int, plan: ContestPlan) -> ContestRules:
        rules = super().contest_document(poll, plan)
        document: Contest = msgspec.structs.replace(rules.document, issuer_key=b64(self.issuer_key))
        raw = encode(document)
        return ContestRules(
            document, raw, digest(Tag.CONTEXT, raw), rules.log_id, rules.joint_key, self.issuer_key, rules.weights
        )


@pytest.mark.parametrize(
    "key",
    [b"\xff" * 127 + b"\xfe", b"\x7f" + b"\xff" * 127, b"\xff" * 127, b"\xff" * 385, b""],
    ids=["even", "top bit clear", "too short", "too long", "none"],
)
def test_a_bad_issuer_key_is_refused_although_everybody_approved_it(booth: Booth, key: bytes) -> None:
    """A31: the booth blinds nothing for it."""
    election = Colluding(Plan(voters=5))
    election.issuer_key = key
    for step in (election.open_log, election.ceremony, election.make_electorates, election.prepare_poll):
        step()
    election.open_poll()
    view = make_view(election, election.voters[0])
    assert booth_verdict(booth, view, election.log_id, election.voters[0]) == "malformed"


@pytest.mark.parametrize("size", [128, 256, 383])
def test_a_short_issuer_key_is_refused_outside_rehearsals(booth: Booth, size: int) -> None:
    """A38: entry 0 says whether the election is a rehearsal."""
    key = "ff" * size
    booth.call("check_modulus", modulus=key, rehearsal=True)
    with pytest.raises(BoothRefusalError, match="issuer key: malformed"):
        booth.call("check_modulus", modulus=key, rehearsal=False)


def test_a_poll_that_opens_before_its_contest_is_logged_opens_nothing(
    booth: Booth, election: RecoverableElection, voter: Voter
) -> None:
    """The order of the log counts: the contest first, then the opening that lists it."""
    entries = list(election.log.entries)
    opened = next(i for i, raw in enumerate(entries) if json.loads(raw)["kind"] == "poll.opened")
    first = next(i for i, raw in enumerate(entries) if json.loads(raw)["kind"] == "contest")
    documents = [json.loads(raw) for raw in [*entries[:first], entries[opened], *entries[first:opened]]]
    moved: list[bytes] = []
    for seq, entry in enumerate(documents):
        entry |= {"seq": seq, "prev": b64(sha256(moved[-1]).digest()) if moved else entry["prev"]}
        moved.append(encode(entry))
    honest, election.log.entries = election.log.entries, moved
    try:
        view = make_view(election, voter)
    finally:
        election.log.entries = honest
    assert booth_verdict(booth, view, election.log_id, voter) == "not-opened"
