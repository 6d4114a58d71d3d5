"""Every decoder of every message; what the library would do (A03, A05, A06, A07)."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ballot.contest import load_contest
from keys import schnorr
from keys.canonical import b64, decode, encode, unb64
from keys.curve import ORDER, Scalar
from keys.errors import DataError, FormatError
from keys.shares import lagrange_coefficients
from keys.trustee.canary import make_canary, verify_canary
from keys.trustee.commitment import verify_message
from keys.trustee.messages import CanaryData, TrusteeMessage
from tally.share import _message, verify_share
from tally.wire import ShareData
from tests.attacks.corpus import BAD_KEYS, BAD_POINTS, BAD_SCALARS
from tests.attacks.prover import Attacker, with_choice, with_sum
from tests.keys.trustees import LOG_ID, finished
from tests.simulated.randomness import seeded
from tests.strategies import cast, contest_document, make_contest, verdict, verify_body
from tests.tally.box import WHERE, Box

ROOT = Path(__file__).parent.parent.parent
CONTEST = make_contest(options=1, low=0, high=1)

Judge = Callable[[Any], object]
"""Accepts a plain document, or raises a DataError."""


# ---- the messages that carry points and scalars, as plain documents with their judges ----


def _contest() -> tuple[dict[str, Any], Judge]:
    return contest_document(), lambda document: load_contest(encode(document), rehearsal=True)


@cache
def _voter() -> Attacker:
    return Attacker(CONTEST)


def _ballot() -> tuple[dict[str, Any], Judge]:
    body = _voter().forge([1])
    document: dict[str, Any] = json.loads(encode(body))
    return document, lambda changed: verify_body(CONTEST, decode(encode(changed), type(body)))


def _share() -> tuple[dict[str, Any], Judge]:
    box = Box(2, 3)
    sums = box.sums([(1, 0), (0, 1)])
    share = box.share(1, sums)

    def judge(changed: Any) -> None:
        """The trustee signs whatever it says: so that what is refused is what is in it."""
        said = decode(encode(changed), ShareData)
        signature = schnorr.sign(box.identities[1], _message(WHERE, said), bytes(32))
        verify_share(WHERE, box.trustees[1], sums, msgspec.structs.replace(said, signature=b64(signature)))

    return json.loads(encode(share)), judge


def _commitments() -> tuple[dict[str, Any], Judge]:
    ceremony = finished().ceremony
    message = ceremony.committed[1].message
    return json.loads(encode(message)), lambda changed: verify_message(
        ceremony.session, decode(encode(changed), TrusteeMessage)
    )


def _canary() -> tuple[dict[str, Any], Judge]:
    done = finished()
    secret = Scalar.ZERO
    for dealer in range(1, 4):
        secret = secret + done.polynomial(dealer).at(1)
    data = make_canary(LOG_ID, done.joint, 1, 1, secret, seeded("canary"))
    return json.loads(encode(data)), lambda changed: verify_canary(
        LOG_ID, done.joint, decode(encode(changed), CanaryData)
    )


MESSAGES = {
    "contest": _contest,
    "ballot": _ballot,
    "share": _share,
    "ceremony message": _commitments,
    "canary": _canary,
}


def _texts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], bytes]]:
    """Every text of a document that is base64url, with its path and its bytes."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(inner, (*path, key))
    elif isinstance(value, str):
        try:
            yield path, unb64(value, None, "text")
        except FormatError:
            return


def _changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(document))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copy


def _point_fields(document: Any) -> list[tuple[Any, ...]]:
    return [path for path, raw in _texts(document) if len(raw) == 33]


def _scalar_fields(document: Any) -> list[tuple[Any, ...]]:
    names = {"c", "z"}
    return [path for path, raw in _texts(document) if len(raw) == 32 and names & set(map(str, path))]


FIELDS = {"contest": (1, 0), "ballot": (10, 6), "share": (6, 2), "ceremony message": (4, 2), "canary": (3, 1)}
"""How many points and scalars each message has: so that no test below runs over nothing."""


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_is_accepted_as_it_is_and_has_its_points_and_scalars(name: str) -> None:
    document, judge = MESSAGES[name]()
    judge(document)
    assert (len(_point_fields(document)), len(_scalar_fields(document))) == FIELDS[name]


@pytest.mark.parametrize("bad", BAD_POINTS)
@pytest.mark.parametrize("name", MESSAGES)
def test_a05_a_bad_encoding_is_refused_in_every_point_of_every_message(name: str, bad: str) -> None:
    document, judge = MESSAGES[name]()
    for path in _point_fields(document):
        with pytest.raises(DataError, match=r"point|expected 33 bytes"):
            judge(_changed(document, path, b64(BAD_POINTS[bad])))


@pytest.mark.parametrize("bad", BAD_SCALARS)
@pytest.mark.parametrize("name", [name for name in MESSAGES if FIELDS[name][1]])
def test_a07_a_bad_encoding_is_refused_in_every_scalar_of_every_message(name: str, bad: str) -> None:
    document, judge = MESSAGES[name]()
    for path in _scalar_fields(document):
        with pytest.raises(DataError, match=r"scalar|challenge|response|z: expected|expected 32 bytes"):
            judge(_changed(document, path, b64(BAD_SCALARS[bad])))


def test_a07_a_scalar_plus_q_is_refused_where_the_scalar_itself_is_accepted() -> None:
    """A forger may choose a small challenge, whose second writing fits into 32 bytes, and means the same modulo q."""
    attacker = _voter()
    honest = attacker.coin([0])
    body = attacker.forge([1], coin=lambda label: Scalar(5) if label in ("c/0/0", "c/sum/0") else honest(label))
    assert attacker.cast(body) is None
    assert unb64(body.choices[0].c[0], 32, "c") == (5).to_bytes(32, "big")
    twin = b64((5 + ORDER).to_bytes(32, "big"))
    for other in (with_choice(body, 0, c=[twin]), with_sum(body, c=[twin])):
        error = attacker.cast(other)
        assert error is not None
        assert "below q" in str(error)


def test_a07_a_zero_written_as_q_is_no_way_around_the_refusal_of_zero() -> None:
    """Its equations hold modulo q, and it is not the number zero: but it is no scalar."""
    attacker = _voter()
    honest = attacker.coin([0])
    body = attacker.forge([1], coin=lambda label: Scalar.ZERO if label == "z/0/0" else honest(label))
    assert "is zero" in str(attacker.cast(body))
    error = attacker.cast(with_choice(body, 0, z=[b64(ORDER.to_bytes(32, "big")), body.choices[0].z[1]]))
    assert "response: expected a scalar below q" in str(error)


@pytest.mark.parametrize("bad", BAD_KEYS)
def test_a05_a_bad_token_key_is_refused(bad: str) -> None:
    made = cast(CONTEST, (1,)).data
    error = verdict(
        CONTEST, msgspec.structs.replace(made, token=msgspec.structs.replace(made.token, key=b64(BAD_KEYS[bad])))
    )
    assert error is not None


def test_a05_coincurve_is_imported_in_one_module_alone() -> None:
    importers = set()
    for package in ("keys", "ballot", "tally", "audit", "election_service"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                if any(name.split(".")[0] == "coincurve" for name in names):
                    importers.add(path.relative_to(ROOT).as_posix())
    assert importers == {"keys/curve.py"}


# ---- A03: the group is no parameter ----


@pytest.mark.parametrize("member", ["group", "curve", "generator", "g", "order", "q", "p", "field"])
@pytest.mark.parametrize("name", MESSAGES)
def test_a03_no_message_names_a_group(name: str, member: str) -> None:
    document, judge = MESSAGES[name]()
    with pytest.raises(FormatError, match=f"unknown field `{member}`"):
        judge(document | {member: "secp256r1"})


# ---- A06: what the library does, and that it does not get the chance ----


def _library(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)


def test_a06_the_library_still_aborts_on_an_empty_sum_and_ours_does_not() -> None:
    """If this changes with an upgrade, keys/curve.py may become simpler; until then it must not be."""
    assert _library("from coincurve import PublicKey; PublicKey.combine_keys([])").returncode == -6
    ours = _library(
        "from keys.curve import point_sum, multi_multiply\nassert point_sum([]) == multi_multiply([])\nprint('ok')"
    )
    assert (ours.returncode, ours.stdout) == (0, "ok\n")


def test_a06_the_library_still_reads_hybrid_encodings_and_short_scalars() -> None:
    code = """
from coincurve import PrivateKey, PublicKey
key = PrivateKey(b"\\x07".rjust(32, b"\\x00")).public_key
long = key.format(compressed=False)
assert PublicKey(bytes([6 + long[-1] % 2]) + long[1:]) == key
key.multiply(b"\\x02")
print("ok")
"""
    assert _library(code).stdout == "ok\n"


def test_a06_the_identity_is_a_failure_to_the_library_and_a_zero_to_us() -> None:
    code = """
from coincurve import PrivateKey, PublicKey
from keys.curve import ORDER, Scalar, base_multiply
one = PrivateKey(b"\\x01".rjust(32, b"\\x00")).public_key
minus = PrivateKey((ORDER - 1).to_bytes(32, "big")).public_key
try:
    PublicKey.combine_keys([one, minus])
except ValueError:
    assert (base_multiply(Scalar(1)) + base_multiply(Scalar(ORDER - 1))).is_identity
    print("ok")
"""
    assert _library(code).stdout == "ok\n"


def test_a06_no_contest_and_no_ballot_reaches_an_empty_sum() -> None:
    with pytest.raises(DataError, match="expected 1 to 100, got 0"):
        load_contest(encode(contest_document(0, 0, 1)), rehearsal=True)
    body = _voter().forge([1])
    error = _voter().cast(msgspec.structs.replace(body, choices=[]))
    assert "expected 1 choices, got 0" in str(error)
    with pytest.raises(DataError, match="expected distinct numbers"):
        lagrange_coefficients([])
