"""Shares and their proofs: good ones verify, every changed field is refused, no proof serves twice (A26)."""

from dataclasses import replace

import msgspec
import pytest

from keys import canonical, schnorr
from keys.canonical import b64, unb64
from keys.curve import GENERATOR, ORDER, Point, Scalar
from keys.errors import FormatError
from keys.transcript import Tag, digest, u64
from keys.trustee import JointKey, TrusteeSession
from tally.errors import ShareError, ShareSignatureError
from tally.share import (
    ShareContext,
    Statement,
    Trustee,
    judge_shares,
    make_share_proof,
    share_context,
    trustees_of,
    verify_share,
    verify_share_proof,
    verify_share_signature,
)
from tally.wire import PartialDecryption, ShareData
from tests.tally.box import WHERE, Box

BOX = Box(2, 3)
SUMS = BOX.sums([(1, 0, 0), (0, 1, 0), (0, 1, 0)])


def signed(box: Box, number: int, share: ShareData, where: ShareContext = WHERE) -> ShareData:
    """Sign again, as a rogue trustee can: written out here, not by the code under test."""
    data = {"context": share.context, "i": share.i, "shares": [msgspec.to_builtins(item) for item in share.shares]}
    message = digest(Tag.TRUSTEE_TALLY, where.session, u64(share.i), canonical.encode(data))
    return msgspec.structs.replace(share, signature=b64(schnorr.sign(box.identities[number], message, bytes(32))))


def forge(share: ShareData, option: int, **changes: str | None) -> ShareData:
    """Change one option's decryption and sign again."""
    items = list(share.shares)
    item = items[option]
    assert item is not None
    items[option] = None if "d" in changes and changes["d"] is None else msgspec.structs.replace(item, **changes)
    return signed(BOX, share.i, msgspec.structs.replace(share, shares=items))


def test_a_good_share_verifies_and_gives_its_decryptions() -> None:
    for number, trustee in BOX.trustees.items():
        decryptions = verify_share(WHERE, trustee, SUMS, BOX.share(number, SUMS))
        assert decryptions == tuple(a * BOX.secrets[number] for a, _ in SUMS.pairs)


def test_a_share_round_trips_as_canonical_json() -> None:
    share = BOX.share(1, SUMS)
    assert canonical.decode(canonical.encode(share), ShareData) == share


GOOD = BOX.share(1, SUMS)
FIRST, SECOND = GOOD.shares[0], GOOD.shares[1]
assert FIRST is not None
assert SECOND is not None
SHIFTED = b64((Point.from_bytes(unb64(FIRST.d, 33, "d")) + GENERATOR).to_bytes())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"d": SHIFTED}, "option 0: "),  # factor·G^delta
        ({"d": SECOND.d}, "option 0: "),  # another option's decryption
        ({"a": SECOND.a}, "option 0: "),
        ({"b": SECOND.b}, "option 0: "),
        ({"z": SECOND.z}, "option 0: "),
        ({"d": SECOND.d, "a": SECOND.a, "b": SECOND.b, "z": SECOND.z}, "option 0: "),  # another option's proof
        ({"z": b64(bytes(32))}, "option 0: proof: expected a challenge"),
        ({"z": b64(ORDER.to_bytes(32, "big"))}, "option 0: scalar"),
        ({"d": b64(b"\x02" + b"\xff" * 32)}, "option 0: point"),
        ({"d": b64(b"\x04" + bytes(32))}, "option 0: point"),
        ({"d": FIRST.d + "="}, "option 0: point: expected"),
        ({"a": ""}, "option 0: point: expected 33 bytes"),
        ({"d": None}, "option 0: expected a decryption"),
    ],
)
def test_a_changed_decryption_is_refused_and_names_trustee_and_option(changes: dict[str, str], message: str) -> None:
    bad = forge(GOOD, 0, **changes)
    with pytest.raises(ShareError, match=f"^share 1: {message}") as caught:
        verify_share(WHERE, BOX.trustees[1], SUMS, bad)
    assert caught.value.trustee == 1
    assert not isinstance(caught.value, ShareSignatureError)


def test_a_decryption_where_the_sum_is_the_identity_is_refused() -> None:
    empty = replace(SUMS, pairs=((Point.IDENTITY, Point.IDENTITY), *SUMS.pairs[1:]))
    with pytest.raises(ShareError, match="share 1: option 0: expected null"):
        verify_share(WHERE, BOX.trustees[1], empty, GOOD)
    share = BOX.share(1, empty)
    assert share.shares[0] is None
    assert verify_share(WHERE, BOX.trustees[1], empty, share)[0].is_identity


@pytest.mark.parametrize("member", ["context", "i", "shares", "signature"])
def test_every_member_is_signed(member: str) -> None:
    flips: dict[str, object] = {"context": b64(b"D" * 32), "i": 2, "shares": [None], "signature": b64(bytes(64))}
    changed = msgspec.structs.replace(GOOD, **{member: flips[member]})
    with pytest.raises(ShareSignatureError, match=r"^share 1: "):
        verify_share_signature(WHERE, BOX.trustees[1], changed)


def test_a_share_of_another_election_is_another_signature_and_another_proof() -> None:
    elsewhere = ShareContext(log_id=b"M" * 32, session=WHERE.session)
    moved = BOX.share(1, SUMS, elsewhere)
    verify_share_signature(WHERE, BOX.trustees[1], moved)  # same session, by assumption
    with pytest.raises(ShareError, match="share 1: option 0: proof: z·G differs"):
        verify_share(WHERE, BOX.trustees[1], SUMS, moved)
    with pytest.raises(ShareSignatureError, match="share 1: not signed by its trustee"):
        verify_share(ShareContext(WHERE.log_id, b"T" * 32), BOX.trustees[1], SUMS, GOOD)


def test_a_share_moved_to_another_contest_is_refused() -> None:
    other = replace(SUMS, context=b"D" * 32)
    with pytest.raises(ShareError, match="share 1: wrong contest"):
        verify_share(WHERE, BOX.trustees[1], other, GOOD)
    moved = signed(BOX, 1, msgspec.structs.replace(GOOD, context=b64(other.context)))
    with pytest.raises(ShareError, match="share 1: option 0: proof"):
        verify_share(WHERE, BOX.trustees[1], other, moved)


def test_a_share_copied_by_another_trustee_is_refused() -> None:
    copied = signed(BOX, 2, msgspec.structs.replace(GOOD, i=2))
    with pytest.raises(ShareError, match="share 2: option 0: proof: z·G differs"):
        verify_share(WHERE, BOX.trustees[2], SUMS, copied)


def test_a_wrong_key_share_is_refused() -> None:
    rogue = Box(2, 3)
    rogue.secrets[1] = rogue.secrets[1] + Scalar.ONE
    with pytest.raises(ShareError, match="share 1: option 0: proof: z·G differs"):
        verify_share(WHERE, BOX.trustees[1], SUMS, rogue.share(1, SUMS))


def test_a_wrong_decryption_with_a_good_first_equation_is_refused() -> None:
    """Proof made honestly for x, but about a decryption shifted by G: only the second equation sees it."""
    a_sum, b_sum = SUMS.pairs[0]
    secret = BOX.secrets[1]
    shifted = a_sum * secret + GENERATOR
    key = BOX.trustees[1].verification_share
    statement = Statement(WHERE.log_id, SUMS.context, 0, 1, key, a_sum, b_sum, shifted)
    proof = make_share_proof(statement, secret, BOX.random)
    with pytest.raises(ShareError, match="share 1: option 0: proof: z·A differs"):
        verify_share_proof(statement, proof)


STATEMENT = Statement(
    WHERE.log_id,
    SUMS.context,
    0,
    1,
    BOX.trustees[1].verification_share,
    *SUMS.pairs[0],
    SUMS.pairs[0][0] * BOX.secrets[1],
)


@pytest.mark.parametrize(
    "change",
    [
        {"log_id": b"M" * 32},
        {"context": b"D" * 32},
        {"option": 1},
        {"number": 2},
        {"verification_share": BOX.trustees[2].verification_share},
        {"A": SUMS.pairs[1][0]},
        {"B": SUMS.pairs[1][1]},
        {"B": Point.IDENTITY},
        {"D": GENERATOR},
        {"D": Point.IDENTITY},
        {"A": Point.IDENTITY},
        {"verification_share": Point.IDENTITY},
    ],
)
def test_a_proof_holds_for_its_own_statement_alone(change: dict[str, object]) -> None:
    proof = make_share_proof(STATEMENT, BOX.secrets[1], BOX.random)
    verify_share_proof(STATEMENT, proof)
    with pytest.raises(ShareError):
        verify_share_proof(replace(STATEMENT, **change), proof)  # type: ignore[arg-type]  # one field of the table


def test_another_number_of_options_is_refused() -> None:
    for items in (GOOD.shares[:2], [*GOOD.shares, None]):
        short = signed(BOX, 1, msgspec.structs.replace(GOOD, shares=items))
        with pytest.raises(ShareError, match=f"share 1: expected 3 options, got {len(items)}"):
            verify_share(WHERE, BOX.trustees[1], SUMS, short)


def test_bad_shares_are_named_and_skipped_and_duplicates_count_once() -> None:
    bad = forge(GOOD, 0, d=SHIFTED)
    shares = [bad, BOX.share(2, SUMS), BOX.share(2, SUMS), BOX.share(3, SUMS)]
    verdict = judge_shares(WHERE, BOX.trustees, SUMS, shares)
    assert sorted(verdict.valid) == [2, 3]
    assert sorted(verdict.bad) == [1]
    assert str(verdict.bad[1]).startswith("share 1: option 0: ")


def test_a_trustee_may_mend_a_bad_share() -> None:
    verdict = judge_shares(WHERE, BOX.trustees, SUMS, [forge(GOOD, 0, d=SHIFTED), GOOD])
    assert (sorted(verdict.valid), sorted(verdict.bad)) == ([1], [1])


def test_an_unsigned_share_or_one_of_an_unknown_trustee_is_not_a_trustees_fault() -> None:
    with pytest.raises(ShareSignatureError, match="share 1: not signed by its trustee"):
        judge_shares(WHERE, BOX.trustees, SUMS, [msgspec.structs.replace(GOOD, signature=b64(bytes(64)))])
    with pytest.raises(ShareSignatureError, match=r"share 4: unknown trustee: expected one of \[1, 2, 3\]"):
        judge_shares(WHERE, BOX.trustees, SUMS, [msgspec.structs.replace(GOOD, i=4)])


def test_the_challenge_is_the_one_of_the_protocol() -> None:
    """Recomputed with hashlib from docs/protocol.md §10, so that the order of the fields cannot drift."""
    from hashlib import sha256

    proof = make_share_proof(STATEMENT, BOX.secrets[1], BOX.random)
    a_sum, b_sum = SUMS.pairs[0]
    parts = [
        b"es1/share-proof", WHERE.log_id, SUMS.context, bytes(8), (1).to_bytes(8, "big"),
        BOX.trustees[1].verification_share.to_bytes(), a_sum.to_bytes(), b_sum.to_bytes(), STATEMENT.D.to_bytes(),
        proof.a.to_bytes(), proof.b.to_bytes(),
    ]  # fmt: skip
    hashed = sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()
    assert STATEMENT.challenge(proof.a, proof.b).value == int.from_bytes(hashed, "big") % ORDER


def test_unknown_members_of_a_share_are_refused() -> None:
    item = PartialDecryption(d="", a="", b="", z="")
    raw = canonical.encode({**msgspec.to_builtins(item), "x": 1})
    with pytest.raises(FormatError, match="unknown field"):
        canonical.decode(raw, PartialDecryption)


def test_a_trustee_is_checked_by_number_too() -> None:
    wrong = Trustee(2, BOX.trustees[1].identity_key, BOX.trustees[1].verification_share)
    with pytest.raises(ShareSignatureError, match="share 2: wrong trustee: expected 2, got 1"):
        verify_share_signature(WHERE, wrong, GOOD)


def test_trustees_are_read_from_the_session_and_the_joint_key() -> None:

    identities = tuple(trustee.identity_key for trustee in BOX.trustees.values())
    session = TrusteeSession(WHERE.log_id, 1, 2, identities)
    shares = tuple(trustee.verification_share for trustee in BOX.trustees.values())
    joint = JointKey(session=session.id, k=2, n=3, point=BOX.joint_key, verification_shares=shares)
    assert trustees_of(session, joint) == BOX.trustees
    assert share_context(session) == ShareContext(WHERE.log_id, session.id)
