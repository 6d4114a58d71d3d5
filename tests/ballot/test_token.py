"""The blind client: requests, tokens, and what it does with a wrong answer (A31, A33, docs/protocol.md §5)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from ballot.errors import TokenError
from ballot.token import (
    TokenRequest,
    blind_token,
    draw_secret,
    finalize_token,
    issue_message,
    make_request,
    recovery_message,
    token_message,
    verify_token,
)
from keys import schnorr
from keys.blind_rsa import BlindSignatureError, ModulusError
from keys.canonical import b64, decode, encode, unb64
from keys.curve import ORDER
from keys.errors import SignatureError
from keys.issuer import blind_sign
from keys.transcript import Tag, digest
from tests.simulated.randomness import seeded
from tests.strategies import cast, contest_document, contest_from, issuer, make_contest, make_token

CONTEST = make_contest()
CREDENTIAL = (5).to_bytes(32, "big")
WAITING = blind_token(CONTEST, seeded("waiting"))


def test_a_token_goes_round_and_the_issuer_sees_nothing_of_it() -> None:
    answer = blind_sign(issuer(), WAITING.blinded, seeded("issuer"))
    token = finalize_token(CONTEST, WAITING, answer)
    assert token.key == schnorr.public_key(WAITING.secret)
    assert token.prepared[32:] == token_message(CONTEST.context, token.key)
    assert verify_token(CONTEST, cast(CONTEST, (0, 1, 0), token=token).data) == token.key
    seen = WAITING.blinded + answer
    for part in (token.key, token.prepared, token.prepared[:32], token.prepared[32:], token.signature):
        assert part not in seen
    assert (repr(token), repr(WAITING)) == ("SpendableToken(…)", "BlindedToken(…)")


@pytest.mark.parametrize("recovery", [None, b"r" * 508])
def test_a_request_is_signed_for_what_is_published_and_apart_for_what_is_not(recovery: bytes | None) -> None:
    request = make_request(CONTEST, WAITING, CREDENTIAL, recovery, seeded("request"))
    assert decode(encode(request), TokenRequest) == request
    public = schnorr.public_key(CREDENTIAL)
    message = issue_message(CONTEST.context, WAITING.blinded)
    assert message == digest(Tag.ISSUE, CONTEST.context, WAITING.blinded)
    schnorr.verify(public, message, unb64(request.signature, 64, "signature"))
    assert (request.recovery is None) is (request.recovery_signature is None) is (recovery is None)
    if recovery is not None and request.recovery_signature is not None:
        second = unb64(request.recovery_signature, 64, "signature")
        schnorr.verify(public, recovery_message(CONTEST.context, WAITING.blinded, recovery), second)
        with pytest.raises(SignatureError, match="does not verify"):
            schnorr.verify(public, recovery_message(CONTEST.context, WAITING.blinded, recovery[:-1]), second)
        with pytest.raises(SignatureError, match="does not verify"):
            schnorr.verify(public, message, second)


def test_a33_a_wrong_answer_is_refused_and_the_right_one_still_works() -> None:
    good = blind_sign(issuer(), WAITING.blinded, seeded("issuer"))
    other = make_contest(contest="senate", issuer_key=b64(issuer("other").modulus))
    wrong = {
        "of another request": blind_sign(issuer(), blind_token(CONTEST, seeded("another")).blinded, seeded("issuer")),
        "of another issuer": blind_sign(issuer("other"), blind_token(other, seeded("other")).blinded, seeded("issuer")),
        "zero": bytes(128),
        "one": bytes(127) + b"\x01",
        "the modulus": CONTEST.modulus,
        "one bit": good[:-1] + bytes([good[-1] ^ 1]),
        "short": good[:-1],
        "long": good + b"\x00",
        "nothing": b"",
    }
    for answer in wrong.values():
        with pytest.raises(BlindSignatureError, match="signature"):
            finalize_token(CONTEST, WAITING, answer)
    assert finalize_token(CONTEST, WAITING, good).key == schnorr.public_key(WAITING.secret)


def test_a31_no_token_is_blinded_for_an_issuer_key_outside_the_protocol() -> None:
    """The client reads the contest document first, and the document is refused."""
    for modulus in (issuer().modulus[:-1] + b"\x00", issuer().modulus[1:], b"\x01" + issuer().modulus[1:]):
        with pytest.raises(ModulusError, match="issuer key"):
            contest_from(contest_document() | {"issuer_key": b64(modulus)})


def test_a_token_of_one_contest_is_none_of_another_even_under_one_issuer_key() -> None:
    other = make_contest(contest="senate")
    token = make_token(CONTEST, seeded("token"))
    data = cast(other, (0, 1, 0), token=token).data
    with pytest.raises(TokenError, match="not that of this key in this contest"):
        verify_token(other, data)
    with pytest.raises(TokenError, match="not that of this key in this contest"):
        verify_token(CONTEST, replace(cast(CONTEST, (0, 1, 0)).data, token=replace(data.token, key=b64(b"k" * 32))))


def test_a18_token_keys_are_drawn_by_rejection() -> None:
    draws = iter([bytes(32), ORDER.to_bytes(32, "big"), b"\xff" * 32, (ORDER - 1).to_bytes(32, "big"), b"x" * 32])
    assert draw_secret(lambda _: next(draws)) == (ORDER - 1).to_bytes(32, "big")
    assert next(draws) == b"x" * 32


def test_two_requests_of_one_voter_have_nothing_in_common() -> None:
    random = seeded("booth")
    first, second = blind_token(CONTEST, random), blind_token(CONTEST, random)
    parts = [{one.secret, one.prepared[:32], one.prepared[32:], one.blinded, one.inverse} for one in (first, second)]
    assert len(parts[0] | parts[1]) == 10
