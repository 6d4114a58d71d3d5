"""A malicious service mends everything that follows from its change, as far as its own keys allow.

Mostly one check alone is left that sees it; then the test says exactly which.
"""

from hashlib import sha256

import msgspec
import pytest

from audit.checkpoint import make_checkpoint
from audit.merkle import leaf_hash, tree_root
from ballot.ballot import BallotData
from ballot.contest import context_of
from keys.canonical import b64, decode, encode, unb64
from keys.curve import GENERATOR
from keys.transcript import Tag, digest, u64
from tally.sums import make_sums, sum_bodies
from tests.simulated.builders import make_signer
from tests.simulated.logbook import published
from tests.simulated.malice import Copy, Json
from tests.simulated.published import failed, uncertified, whole
from tests.simulated.replay import declared_again, logged_counts
from tests.simulator import ContestPlan, Plan, set_up

HEAD = ContestPlan("head", ("ana", "ana", "beka", "blank"))


def test_a_ballot_dropped_after_the_trustees_is_seen_by_their_shares() -> None:
    entries = uncertified().plain()
    summed = logged_counts(entries)
    at = uncertified().first("ballot", lambda data: data["context"] in summed)
    context = entries.pop(at)["data"]["context"]
    next(e for e in entries if e["kind"] == "sealed")["data"]["ballots"] -= 1
    closed = next(e for e in entries if e["kind"] == "poll.closed")
    next(c for c in closed["data"]["contests"] if c["context"] == context)["ballots"] -= 1
    bodies = [decode(encode(e["data"]), BallotData).body for e in entries if e["kind"] == "ballot"]
    own = [body for body in bodies if body.context == context]
    sums = next(e for e in entries if e["kind"] == "tally.sums" and e["data"]["context"] == context)
    raw_context = unb64(context, 32, "context")
    sums["data"] = msgspec.to_builtins(make_sums(sum_bodies(raw_context, len(own[0].choices), own)))
    blobs = declared_again(uncertified(), entries, logged_counts(entries))
    assert failed(uncertified().rewritten(entries, blobs)) == {"shares and counts"}


def test_other_counts_with_a_fitting_result_are_seen_by_the_shares() -> None:
    entries = uncertified().plain()
    counts = next(e for e in entries if e["kind"] == "tally.counts")["data"]["counts"]
    counts[0], counts[1] = counts[1], counts[0]
    blobs = declared_again(uncertified(), entries, logged_counts(entries))
    assert failed(uncertified().rewritten(entries, blobs)) == {"shares and counts"}


@pytest.mark.parametrize("change", [{"outcome": "tie", "elected": []}, {"elected": ["beka"]}, {"size": 9}])
def test_another_result_is_seen_by_the_rules(change: Json) -> None:
    entries = uncertified().plain()
    head = next(result for result in entries[-1]["data"]["results"] if result["contest"] == "head")
    head |= change
    assert failed(uncertified().rewritten(entries)) == {"result"}


def test_another_reasoning_is_seen_by_the_rules() -> None:
    entries = uncertified().plain()
    blob = uncertified().blobs[entries[-1]["data"]["reasoning"]].replace(b"2 * 6", b"2 * 7")
    entries[-1]["data"]["reasoning"] = sha256(blob).hexdigest()
    assert failed(uncertified().rewritten(entries, {sha256(blob).hexdigest(): blob})) == {"result"}


def reopened(entries: list[Json], contest: Json) -> None:
    """Let `poll.opened` list the changed document; everything after the opening is left out."""
    old, new = contest.pop("old"), b64(context_of(encode(contest["data"])))
    at = next(number for number, e in enumerate(entries) if e["kind"] == "poll.opened")
    contexts = [new if context == old else context for context in entries[at]["data"]["contexts"]]
    entries[at]["data"]["contexts"] = sorted(contexts, key=lambda text: unb64(text, 32, "context"))
    del entries[at + 1 :]


def with_contest(entries: list[Json], name: str, **change: object) -> list[Json]:
    contest = next(e for e in entries if e["kind"] == "contest" and e["data"]["contest"] == name)
    contest["old"] = b64(context_of(encode(contest["data"])))
    contest["data"] |= change
    reopened(entries, contest)
    return entries


def test_a_roll_with_an_invented_voter_needs_the_members() -> None:
    """Signed by the in-service registrar, with its root in the contest: only the members did not sign it (A45)."""
    copy, entries = uncertified(), uncertified().plain()
    electorate = next(e for e in entries if e["kind"] == "electorate" and e["data"]["id"] == "zero")["data"]
    blob = b"".join(sorted([copy.blobs[electorate["blob"]], make_signer("invented").public]))
    root = tree_root([leaf_hash(blob[:32]), leaf_hash(blob[32:])])
    message = digest(Tag.ELECTORATE, copy.log_id, b"zero", u64(2), root)
    signature = make_signer("everything/registrar").sign(message)
    name = sha256(blob).hexdigest()
    electorate |= {"size": 2, "root": b64(root), "blob": name, "signature": signature}
    with_contest(entries, "zero-head", size=2, root=b64(root))
    assert failed(copy.rewritten(entries, {name: blob})) == {"approvals"}


def test_other_names_on_the_ballot_need_the_members() -> None:
    options = [
        {"blank": False, "id": "eka", "name": {"en": "Somebody else"}},
        {"blank": True, "id": "blank", "name": {"en": "Blank"}},
    ]
    entries = with_contest(uncertified().plain(), "small-head", options=options)
    assert failed(uncertified().rewritten(entries)) == {"approvals"}


def test_a_joint_key_of_the_service_is_no_joint_key() -> None:  # A24, A25
    own = b64((GENERATOR + GENERATOR).to_bytes())
    entries = with_contest(uncertified().plain(), "zero-head", joint_key=own)
    assert failed(uncertified().rewritten(entries)) == {"approvals", "contests"}


def test_one_issuer_key_for_two_contests_is_seen() -> None:  # A37
    entries = uncertified().plain()
    issuer = next(e for e in entries if e["kind"] == "contest")["data"]["issuer_key"]
    entries = with_contest(entries, "zero-head", issuer_key=issuer)
    assert failed(uncertified().rewritten(entries)) == {"approvals", "contests"}


@pytest.mark.parametrize(("kind", "into"), [("poll.paused", "poll.resumed"), ("poll.resumed", "poll.extended")])
def test_approvals_of_one_kind_of_act_do_not_serve_another(kind: str, into: str) -> None:  # A100
    entries = uncertified().plain()
    entries[uncertified().first(kind)]["kind"] = into
    assert "approvals" in failed(uncertified().rewritten(entries))


def test_approvals_of_one_act_do_not_serve_the_next() -> None:  # A100
    entries = uncertified().plain()
    paused, resumed = (entries[uncertified().first(f"poll.{change}")]["data"] for change in ("paused", "resumed"))
    resumed["approvals"] = paused["approvals"]
    assert failed(uncertified().rewritten(entries)) == {"approvals"}


def test_closing_early_needs_the_members() -> None:  # A28
    election = set_up(Plan((HEAD,), seed="hasty"))
    election.vote()
    election.close()
    entries = Copy.of(election).plain()
    closed = next(e for e in entries if e["kind"] == "poll.closed")
    closed["time"] = next(e for e in entries if e["kind"] == "poll.opened")["time"]
    assert failed(Copy.of(election).rewritten(entries), election.log_id) >= {"approvals", "phases"}


def test_shares_before_the_review_window_ends_are_seen() -> None:  # A28
    entries = uncertified().plain()
    at = uncertified().first("poll.closed")
    for entry in entries[at:]:
        if "time" in entry:
            entry["time"] = entries[at]["time"]
    assert failed(uncertified().rewritten(entries)) == {"phases"}


def test_a_ballot_after_the_close_is_seen() -> None:  # A99
    entries = uncertified().plain()
    sealed = uncertified().last("sealed")
    late = [entries.pop(sealed - 1), {**entries.pop(sealed - 1), "data": {"ballots": 1, "poll": 1}}]
    entries.insert(
        sealed - 1, {"kind": "sealed", "data": {"ballots": sealed - 1 - uncertified().first("ballot"), "poll": 1}}
    )
    closed = next(number for number, e in enumerate(entries) if e["kind"] == "poll.closed")
    entries[closed + 1 : closed + 1] = late
    assert "phases" in failed(uncertified().rewritten(entries))


# ---- the published files ---------------------------------------------------------------------------------------------


def test_a_checkpoint_of_another_key_origin_root_or_size_is_seen() -> None:  # A56, A62
    copy = whole()
    leaves = [leaf_hash(entry) for entry in copy.entries]
    root, size = tree_root(leaves), len(leaves)
    good = copy.files()
    for checkpoint, check in [
        (make_checkpoint(copy.origin, size, root, bytes(32)), "checkpoints"),
        (make_checkpoint("vote.example/other", size, root, copy.log_secret), "checkpoints"),
        (make_checkpoint(copy.origin, size, bytes(32), copy.log_secret), "entries"),
        (make_checkpoint(copy.origin, size - 1, root, copy.log_secret), "entries"),
        (make_checkpoint(copy.origin, size + 1, root, copy.log_secret), "entries"),
        (b"", "checkpoints"),
    ]:
        assert check in failed(good | {"checkpoint": checkpoint}), check


def test_every_published_file_that_changes_or_goes_is_seen() -> None:  # A57, A60
    good = whole().files()
    for path, content in good.items():
        if not content:
            continue
        bent = content[:-1] + bytes([content[-1] ^ 1])
        assert failed(good | {path: bent}), path
        without = {name: other for name, other in good.items() if name != path}
        if path == "checkpoint":
            continue  # no copy at all: SourceError or MissingError, see tests/audit
        assert failed(without) or path.startswith("tile/0"), path


def test_bytes_that_are_not_chained_anew_are_seen() -> None:
    entries = list(whole().entries)
    at = whole().first("tally.counts")
    entries[at] = entries[at].replace(b'"counts":[3,2,1]', b'"counts":[2,3,1]')
    assert failed(published(whole().origin, whole().log_secret, entries, whole().blobs)) >= {"entries"}
