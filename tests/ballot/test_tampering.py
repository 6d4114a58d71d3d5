"""One tamper for each field of a cast request, and the name under which it is refused (docs/protocol.md §7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from ballot.ballot import BallotData, cast_message, owner_of
from ballot.encryption import sign_ballot
from ballot.token import recovery_message, token_message, verify_token
from ballot.verification import verify_ballot, verify_envelope
from keys import schnorr
from keys.canonical import b64, encode, unb64
from keys.curve import Point, Scalar, base_multiply
from keys.transcript import Tag, digest
from tests.simulated.randomness import seeded
from tests.strategies import cast, make_contest, make_token, resigned, verdict

CONTEST = make_contest(options=3, low=0, high=2)
TOKEN = make_token(CONTEST, seeded("ballot"))
GOOD = cast(CONTEST, (0, 1, 0), token=TOKEN).data


def other_bytes(text: str) -> str:
    """The bytes with one bit changed, canonically written."""
    raw = unb64(text, None, "text")
    return b64(bytes([raw[0] ^ 1]) + raw[1:]) if len(raw) != 33 else b64((-Point.from_bytes(raw)).to_bytes())


def in_body(**changes: Any) -> BallotData:
    """The body changed and signed again: so that what is wrong in it is found, and not the signature."""
    return resigned(GOOD, replace(GOOD.body, **changes), TOKEN)


def in_choice(**changes: Any) -> BallotData:
    first, *others = GOOD.body.choices
    return in_body(choices=[replace(first, **changes), *others])


def in_sum(**changes: Any) -> BallotData:
    return in_body(sum=replace(GOOD.body.sum, **changes))


def in_token(**changes: Any) -> BallotData:
    return replace(GOOD, token=replace(GOOD.token, **changes))


CHOICE, SUM = GOOD.body.choices[0], GOOD.body.sum
(FIRST_COM, SECOND_COM), *_ = CHOICE.com
OTHER_KEY = b64(schnorr.public_key((9).to_bytes(32, "big")))

TAMPERED: dict[str, tuple[Callable[[], BallotData], str]] = {
    "context": (lambda: replace(GOOD, context=other_bytes(GOOD.context)), "wrong-context"),
    "context, cut": (lambda: replace(GOOD, context=GOOD.context[:-4]), "malformed"),
    "signature": (lambda: replace(GOOD, signature=other_bytes(GOOD.signature)), "signature-invalid"),
    "signature, cut": (lambda: replace(GOOD, signature=GOOD.signature[:-3]), "malformed"),
    "signature of another purpose": (
        lambda: replace(
            GOOD, signature=b64(schnorr.sign(TOKEN.secret, digest(Tag.LOGIN, encode(GOOD.body)), bytes(32)))
        ),
        "signature-invalid",
    ),
    "signature of another key": (
        lambda: replace(
            GOOD, signature=b64(schnorr.sign((9).to_bytes(32, "big"), cast_message(encode(GOOD.body)), bytes(32)))
        ),
        "signature-invalid",
    ),
    "token: key": (lambda: in_token(key=OTHER_KEY), "token-invalid"),
    "token: t": (lambda: in_token(t=other_bytes(GOOD.token.t)), "owner-mismatch"),
    "token: prefix": (lambda: in_token(prepared=other_bytes(GOOD.token.prepared)), "token-invalid"),
    "token: message": (
        lambda: in_token(prepared=b64(unb64(GOOD.token.prepared, 64, "p")[:32] + bytes(32))),
        "token-invalid",
    ),
    "token: sig": (lambda: in_token(sig=other_bytes(GOOD.token.sig)), "token-invalid"),
    "token: sig, zero": (lambda: in_token(sig=b64(bytes(128))), "token-invalid"),
    "token: sig, cut": (lambda: in_token(sig=b64(bytes(127))), "malformed"),
    "body: v": (lambda: in_body(v="es2"), "malformed"),
    "body: context": (
        lambda: replace(in_body(context=other_bytes(GOOD.context)), context=GOOD.context),
        "wrong-context",
    ),
    "body: owner": (lambda: in_body(owner=other_bytes(GOOD.body.owner)), "owner-mismatch"),
    "body: no choices": (lambda: in_body(choices=[]), "malformed"),
    "choice: a": (lambda: in_choice(a=other_bytes(CHOICE.a)), "proof-invalid"),
    "choice: b": (lambda: in_choice(b=other_bytes(CHOICE.b)), "proof-invalid"),
    "choice: a off the curve": (lambda: in_choice(a=b64(b"\x02" + bytes(32))), "point-invalid"),
    "choice: first commitment": (
        lambda: in_choice(com=[(other_bytes(FIRST_COM), SECOND_COM), CHOICE.com[1]]),
        "proof-invalid",
    ),
    "choice: second commitment": (
        lambda: in_choice(com=[(FIRST_COM, other_bytes(SECOND_COM)), CHOICE.com[1]]),
        "proof-invalid",
    ),
    "choice: c": (lambda: in_choice(c=[other_bytes(CHOICE.c[0])]), "proof-invalid"),
    "choice: z_0": (lambda: in_choice(z=[other_bytes(CHOICE.z[0]), CHOICE.z[1]]), "proof-invalid"),
    "choice: z_1": (lambda: in_choice(z=[CHOICE.z[0], other_bytes(CHOICE.z[1])]), "proof-invalid"),
    "choice: z beyond q": (lambda: in_choice(z=[CHOICE.z[0], b64(b"\xff" * 32)]), "malformed"),
    "choice: z zero": (lambda: in_choice(z=[CHOICE.z[0], b64(bytes(32))]), "ballot-refused"),
    "choice: three branches": (lambda: in_choice(com=[*CHOICE.com, CHOICE.com[0]]), "malformed"),
    "sum: com": (lambda: in_sum(com=[(other_bytes(SUM.com[0][0]), SUM.com[0][1]), *SUM.com[1:]]), "proof-invalid"),
    "sum: c": (lambda: in_sum(c=[SUM.c[0], other_bytes(SUM.c[1])]), "proof-invalid"),
    "sum: z": (lambda: in_sum(z=[*SUM.z[:2], other_bytes(SUM.z[2])]), "proof-invalid"),
    "sum: one branch less": (lambda: in_sum(com=SUM.com[:2], c=SUM.c[:1], z=SUM.z[:2]), "malformed"),
}


def test_the_ballot_is_accepted_as_it_is() -> None:
    assert verdict(CONTEST, GOOD) is None
    assert verify_envelope(CONTEST, GOOD) == verify_token(CONTEST, GOOD) == TOKEN.key


@pytest.mark.parametrize("name", TAMPERED)
def test_a04_a_change_in_any_field_is_refused_by_its_name(name: str) -> None:
    make, code = TAMPERED[name]
    error = verdict(CONTEST, make())
    assert error is not None
    assert error.code == code, error


def test_the_table_has_every_field_of_a_cast_request() -> None:
    named = {name.split(":")[0].split(",")[0].split(" of")[0] for name in TAMPERED}
    assert {"context", "signature", "token", "body", "choice", "sum"} == named
    inner = {name.split(": ")[1].split(" ")[0].split(",")[0] for name in TAMPERED if ": " in name}
    assert {"key", "t", "prefix", "message", "sig", "v", "context", "owner", "a", "b", "c", "com", "z"} <= inner


def test_a92_cheap_checks_come_first() -> None:
    """What is wrong in many ways is refused for the cheapest: so nobody makes us compute for garbage."""
    everything = replace(in_choice(a=b64(b"\x02" + bytes(32)), z=[b64(bytes(32))] * 2), signature=b64(bytes(64)))
    broken = [
        (replace(everything, context=b64(bytes(32)), token=replace(GOOD.token, sig=b64(bytes(128)))), "wrong-context"),
        (replace(everything, token=replace(GOOD.token, sig=b64(bytes(128)), t=b64(bytes(32)))), "token-invalid"),
        (replace(everything, token=replace(GOOD.token, t=b64(bytes(32)))), "owner-mismatch"),
        (everything, "signature-invalid"),
        (in_choice(a=b64(b"\x02" + bytes(32)), z=[b64(bytes(32))] * 2), "point-invalid"),
        (in_choice(z=[b64(bytes(32))] * 2), "ballot-refused"),
    ]
    for data, code in broken:
        error = verdict(CONTEST, data)
        assert error is not None
        assert error.code == code


def test_messages_are_those_of_the_protocol() -> None:
    body = encode(GOOD.body)
    key, t = unb64(GOOD.token.key, 32, "key"), unb64(GOOD.token.t, 32, "t")
    assert cast_message(body) == digest(Tag.CAST, body)
    assert owner_of(key, t) == digest(Tag.OWNER, key, t) == unb64(GOOD.body.owner, 32, "owner")
    assert token_message(CONTEST.context, key) == digest(Tag.TOKEN, CONTEST.context, key)
    assert unb64(GOOD.token.prepared, 64, "prepared")[32:] == token_message(CONTEST.context, key)
    assert recovery_message(b"c", b"b", b"r") == digest(Tag.RECOVERY, b"c", b"b", b"r")


def test_a_body_that_was_swapped_under_its_signature_is_refused() -> None:
    other = cast(CONTEST, (1, 0, 0), name="again", token=TOKEN).data
    assert verdict(CONTEST, other) is None
    mixed = replace(GOOD, body=other.body, token=replace(GOOD.token, t=other.token.t))
    error = verdict(CONTEST, mixed)
    assert error is not None
    assert error.code == "signature-invalid"


def test_a_ballot_for_a_joint_key_that_is_not_the_documents_is_refused() -> None:
    other = make_contest(options=3, low=0, high=2, joint_key=b64(base_multiply(Scalar(5)).to_bytes()))
    body = replace(cast(other, (0, 1, 0)).data.body, context=b64(CONTEST.context), owner=GOOD.body.owner)
    made = sign_ballot(CONTEST, TOKEN, unb64(GOOD.token.t, 32, "t"), encode(body), b"", seeded("sign"))
    error = verdict(CONTEST, made.data)
    assert error is not None
    assert error.code == "proof-invalid"
    verify_ballot(CONTEST, GOOD)
