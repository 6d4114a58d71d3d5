"""Ballots that were tampered with get one verdict, with one code, in Python and TypeScript (A91)."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from ballot.ballot import cast_message, load_ballot
from ballot.contest import ContestRules
from ballot.token import SpendableToken
from ballot.verification import verify_ballot
from keys import schnorr
from keys.canonical import b64, encode, unb64
from keys.curve import GENERATOR
from keys.errors import DataError
from tests.booth.harness import Booth, BoothRefusalError
from tests.simulated.randomness import seeded
from tests.strategies import cast, make_contest, make_token


def leaves(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all strings in a document."""
    if isinstance(node, dict):
        for name in node:
            yield from leaves(node[name], (*path, name))
    elif isinstance(node, list):
        for place, item in enumerate(node):
            yield from leaves(item, (*path, place))
    else:
        yield path


def replaced(document: Any, path: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    """A copy with one leaf changed."""
    copy = json.loads(json.dumps(document))
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = change(place[path[-1]])
    return copy


def python_verdict(contest: ContestRules, raw: bytes) -> str:
    try:
        verify_ballot(contest, load_ballot(raw))
    except DataError as error:
        return error.code
    return "accepted"


def booth_verdict(booth: Booth, contest: ContestRules, raw: bytes) -> str:
    try:
        booth.call("verify", contest=contest.raw.decode(), request=raw.hex())
    except BoothRefusalError as error:
        return error.code
    return "accepted"


def flipped(text: str) -> str:
    """Other bytes of the same length."""
    raw = bytearray(unb64(text, None, "test"))
    raw[len(raw) // 2] ^= 1
    return b64(bytes(raw))


def test_every_field_of_a_ballot_tampered_with_is_refused_by_both_with_one_code(booth: Booth) -> None:
    contest = make_contest(3, 1, 2, blank=2)
    document = json.loads(encode(cast(contest, (1, 1, 0), "tamper").data))
    codes = set()
    for path in leaves(document):
        raw = encode(replaced(document, path, (lambda _: "es2") if path[-1] == "v" else flipped))
        python = python_verdict(contest, raw)
        assert python == booth_verdict(booth, contest, raw) != "accepted", path
        codes.add(python)
    assert codes == {"wrong-context", "token-invalid", "owner-mismatch", "signature-invalid"}


def test_bodies_signed_by_their_owner_but_wrong_are_refused_by_both_with_one_code(booth: Booth) -> None:
    """Past the signature: points, refusals, proofs; cut, repeated and swapped parts (A09, A10, A11)."""
    contest = make_contest(3, 0, 2)
    token = make_token(contest, seeded("resigned"))
    data = cast(contest, (1, 0, 0), "resigned", token).data
    body = json.loads(encode(data.body))
    one, two = body["choices"][:2]
    zero = b64(bytes(32))
    changes: dict[str, Any] = {
        "options swapped": {**body, "choices": [two, one, body["choices"][2]]},
        "an option missing": {**body, "choices": body["choices"][:2]},
        "an option more": {**body, "choices": [*body["choices"], one]},
        "the same A twice": {**body, "choices": [one, {**two, "a": one["a"]}, body["choices"][2]]},
        "B is the generator": {**body, "choices": [{**one, "b": b64(generator())}, *body["choices"][1:]]},
        "a zero challenge": {**body, "choices": [{**one, "c": [zero]}, *body["choices"][1:]]},
        "a zero response": {**body, "sum": {**body["sum"], "z": [zero, *body["sum"]["z"][1:]]}},
        "a challenge above q": {**body, "choices": [{**one, "c": [b64(b"\xff" * 32)]}, *body["choices"][1:]]},
        "a challenge sent that is computed": {**body, "choices": [{**one, "c": one["c"] * 2}, *body["choices"][1:]]},
        "a branch of the sum missing": {**body, "sum": {part: body["sum"][part][:-1] for part in ("com", "c", "z")}},
        "a point off the curve": {**body, "choices": [{**one, "a": b64(b"\x02" + b"\x05" * 32)}, *body["choices"][1:]]},
        "a hybrid encoding": {
            **body,
            "choices": [{**one, "a": b64(b"\x07" + bytes(31) + b"\x01")}, *body["choices"][1:]],
        },
        "commitments swapped": {**body, "choices": [{**one, "com": one["com"][::-1]}, *body["choices"][1:]]},
        "a commitment of one point": {
            **body,
            "choices": [{**one, "com": [[one["a"]], one["com"][1]]}, *body["choices"][1:]],
        },
        "another contest": {**body, "context": b64(bytes(32))},
        "a member more": {**body, "note": "x"},
    }
    codes = {}
    for name, changed in changes.items():
        raw = encode({**json.loads(encode(data)), "body": changed, "signature": signed(token, changed)})
        codes[name] = python_verdict(contest, raw)
        assert codes[name] == booth_verdict(booth, contest, raw) != "accepted", name
    assert {"malformed", "point-invalid", "ballot-refused", "proof-invalid", "wrong-context"} <= set(codes.values())


def generator() -> bytes:
    return GENERATOR.to_bytes()


def signed(token: SpendableToken, body: Any) -> str:
    return b64(schnorr.sign(token.secret, cast_message(encode(body)), bytes(32)))


def test_a_ballot_of_another_contest_is_refused_by_both(booth: Booth) -> None:
    """A12: only the diagonal of contests and ballots is accepted."""
    contests = [make_contest(2, 0, 1, contest=f"matrix-{i}", poll=i + 1) for i in range(3)]
    ballots = [encode(cast(contest, (1, 0), "matrix").data) for contest in contests]
    for i, contest in enumerate(contests):
        for j, raw in enumerate(ballots):
            python = python_verdict(contest, raw)
            assert python == booth_verdict(booth, contest, raw) == ("accepted" if i == j else "wrong-context")
