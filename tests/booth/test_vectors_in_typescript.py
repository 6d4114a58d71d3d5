"""Published vectors, and the project's own, through the booth's modules."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from audit.ed25519 import ed25519_public_key
from ballot.receipt import make_refusal
from keys import schnorr
from keys.curve import ORDER, Point
from keys.errors import DataError
from keys.transcript import Tag
from tests.booth.harness import Booth, BoothRefusalError
from tests.simulated.randomness import seeded

VECTORS = Path(__file__).parents[1] / "vectors"
FIELD = 2**256 - 2**32 - 977


def load(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


def rfc9474(name: str) -> dict[str, bytes]:
    """One case of the RFC, its numbers as bytes."""
    (case,) = [case for case in load("rfc9474.json")["vectors"] if case["name"] == name]
    texts = {member: value.removeprefix("0x") for member, value in case.items() if isinstance(value, str)}
    return {
        m: bytes.fromhex(text.zfill(len(text) + len(text) % 2))
        for m, text in texts.items()
        if m not in {"name", "sLen"}
    }


def test_rfc_9474_randomized_pss(booth: Booth) -> None:
    """Prepare, Blind, Finalize give the RFC's values; the variant is the one with salt 48."""
    case = rfc9474("RSABSSA-SHA384-PSS-Randomized")
    n = int.from_bytes(case["n"], "big")
    r = pow(int.from_bytes(case["inv"], "big"), -1, n).to_bytes(512, "big")
    assert booth.call("prepare", message=case["msg"].hex(), prefix=case["msg_prefix"].hex()) == case["input_msg"].hex()
    modulus, prepared = case["n"].hex(), case["input_msg"].hex()
    draws = [case["salt"].hex(), bytes(512).hex(), case["n"].hex(), r.hex()]  # 0 and n are drawn again
    made = booth.call("blind", modulus=modulus, prepared=prepared, draws=draws)
    assert made == {"blinded": case["blinded_msg"].hex(), "inverse": case["inv"].hex().zfill(1024)}
    arguments = {"modulus": modulus, "prepared": prepared, "inverse": made["inverse"], "service": None}
    assert booth.call("finalize", blind_signature=case["blind_sig"].hex(), **arguments) == case["sig"].hex()
    wrong = (int.from_bytes(case["blind_sig"], "big") ^ 1).to_bytes(512, "big")
    with pytest.raises(BoothRefusalError, match="token-invalid"):
        booth.call("finalize", blind_signature=wrong.hex(), **arguments)


def test_other_variants_of_rfc_9474_are_refused(booth: Booth) -> None:
    """A36: a salt of no bytes, a message without prefix, another message, a longer or larger signature."""
    own = rfc9474("RSABSSA-SHA384-PSS-Randomized")
    zero = rfc9474("RSABSSA-SHA384-PSSZERO-Randomized")
    n = int.from_bytes(own["n"], "big")
    larger = (int.from_bytes(own["sig"], "big") + n).to_bytes(513, "big")

    def accepted(case: dict[str, bytes], prepared: bytes, signature: bytes) -> bool:
        hexes = {"modulus": case["n"].hex(), "prepared": prepared.hex(), "signature": signature.hex()}
        return bool(booth.call("verify_token_signature", service=None, **hexes))

    assert accepted(own, own["input_msg"], own["sig"])
    assert not accepted(zero, zero["input_msg"], zero["sig"])
    assert not accepted(own, own["msg"], own["sig"])
    assert not accepted(own, own["input_msg"][::-1], own["sig"])
    assert not accepted(own, own["input_msg"], b"\x00" + own["sig"])
    assert not accepted(own, own["input_msg"], own["sig"][:-1])
    assert not accepted(own, own["input_msg"], larger)


def test_bip_340(booth: Booth) -> None:
    cases = load("bip340.json")["cases"]
    assert len(cases) >= 15
    for case in cases:
        # two cases say only that the key must not parse
        key, message, signature = case["pk"], case.get("msg", "00" * 32), case.get("sig", "00" * 64)
        if "sk" in case:
            assert booth.call("schnorr_public", secret=case["sk"]) == key.lower()
            made = booth.call("schnorr_sign", secret=case["sk"], message=message, aux=case["aux_rand"])
            assert made == signature.lower(), case["index"]
        assert booth.call("schnorr_verify", key=key, message=message, signature=signature) == case["verify"], case[
            "index"
        ]


def test_signatures_with_numbers_at_the_borders_are_refused(booth: Booth) -> None:
    """A13, A14: r = 0, p - 1, p; s = 0 (in range, but of no such signature), q, 2^256 - 1."""
    key = schnorr.public_key(b"\x05" * 32).hex()
    for r, s in ((1, 0), (1, ORDER), (1, 2**256 - 1), (FIELD, 1), (FIELD - 1, 1), (0, 1)):
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        assert booth.call("schnorr_verify", key=key, message=bytes(32).hex(), signature=signature.hex()) is False


def test_points_and_scalars_are_decoded_strictly(booth: Booth) -> None:
    """A05, A07: lengths, prefixes, x ≥ p, off the curve; 31 and 33 bytes, q and above."""
    x = schnorr.public_key(b"\x05" * 32)
    good = [b"\x02" + x, b"\x03" + x]
    bad = [bytes([prefix]) + x for prefix in (0, 1, 4, 5, 6, 7, 255)]
    bad += [b"", b"\x00", b"\x02", b"\x02" + x[1:], b"\x02" + x + b"\x00", b"\x04" + x + x, b"\x02" + bytes(32)]
    bad += [b"\x02" + (FIELD + 1).to_bytes(32, "big"), b"\x02" + b"\xff" * 32, b"\x02" + b"\x05" + bytes(31)]
    verdicts = booth.call("points", points=[point.hex() for point in good + bad])
    assert verdicts[:2] == [True, True]
    for point, verdict in zip(good + bad, verdicts, strict=True):
        try:
            Point.from_bytes(point)
            assert verdict, point.hex()
        except DataError:
            assert not verdict, point.hex()
    sizes = [
        bytes(32),
        (ORDER - 1).to_bytes(32, "big"),
        ORDER.to_bytes(32, "big"),
        b"\xff" * 32,
        bytes(31),
        bytes(33),
        b"",
    ]
    assert booth.call("scalars", scalars=[raw.hex() for raw in sizes]) == [True, True, *[False] * 5]


def test_merkle_inclusion_proofs(booth: Booth) -> None:
    """RFC 9162, good and bad (A60)."""
    cases = load("merkle/inclusion.json")["cases"]
    cases = list(cases.values()) if isinstance(cases, dict) else cases
    fit = [case for case in cases if case["leafIdx"] >= 0 and case["treeSize"] >= 1]
    assert len(fit) > 80

    def hexed(text: str | None) -> str:
        return base64.b64decode(text or "").hex()

    given = [
        {
            "leaf": hexed(case["leafHash"]),
            "index": case["leafIdx"],
            "size": case["treeSize"],
            "proof": [hexed(node) for node in case["proof"] or []],
            "root": hexed(case["root"]),
        }
        for case in fit
    ]
    verdicts = booth.call("inclusion", cases=given)
    assert [case["desc"] for case, fine in zip(fit, verdicts, strict=True) if fine == case["wantErr"]] == []
    assert {True, False} == set(verdicts)


def test_the_projects_own_hashes(booth: Booth) -> None:
    vectors = load("es1/hashing.json")
    for case in vectors["hashes"]:
        if case["tag"] in booth.call("tags"):
            assert booth.call("hash", tag=case["tag"], parts=case["parts"]) == case["digest"]
            assert booth.call("scalar", tag=case["tag"], parts=case["parts"]) == case["scalar"]
    for case in vectors["short_codes"]:
        assert booth.call("short_code", bytes=case["bytes"]) == case["code"]
    own = vectors["credential"]
    assert booth.call("credential", seed=own["seed"], election=own["election"])["secret"] == own["secret"]


def test_the_booths_tags_are_those_of_the_registry(booth: Booth) -> None:
    """A19: distinct, and none that the registry does not have."""
    tags = booth.call("tags")
    assert len(set(tags)) == len(tags)
    assert set(tags) <= {tag.value for tag in Tag}


def test_the_projects_own_ballots(booth: Booth) -> None:
    for contest in load("es1/ballots.json")["contests"]:
        document = contest["contest"]
        assert booth.call("contest", contest=document, rehearsal=True) == contest["context"]
        for ballot in contest["ballots"]:
            made = booth.call("make_body", contest=document, vote=ballot["vote"], s=ballot["s"], owner=ballot["owner"])
            assert bytes.fromhex(made["body"]).decode() == ballot["body"]
            assert made["tracker"] == ballot["tracker"]
            verdict = booth.call("verify", contest=document, request=ballot["cast"].encode().hex())
            assert verdict["tracker"] == ballot["tracker"]
            assert booth.call("short_code", bytes=ballot["tracker"]) == ballot["tracker_shown"]


def test_the_projects_own_log(booth: Booth) -> None:
    log = load("es1/log.json")
    public = ed25519_public_key(bytes.fromhex(log["log_key_seed"]))
    origin = log["checkpoint"].split("\n")[0]
    policy: dict[str, Any] = {"origin": origin, "key": public.hex(), "witnesses": [], "quorum": 0}
    assert booth.call("checkpoint", note=log["checkpoint"], **policy) == {"size": 2, "root": log["root"]}
    _, _, fragment = log["link"].partition("#")
    link = booth.call("link", pathname="/vote/example-2026", fragment=f"#{fragment}")
    assert link["prefix"] == log["log_id"][:32]


def test_signed_refusals_verify(booth: Booth) -> None:
    """A105: a refusal can be shown to others."""
    secret, log, request = b"r" * 32, b"l" * 32, b'{"a":1}'
    for context in (None, b"c" * 32):
        signature = make_refusal(secret, log, context, request, "token-spent", seeded("refusal"))
        arguments: dict[str, Any] = {
            "key": schnorr.public_key(secret).hex(),
            "log": log.hex(),
            "context": None if context is None else context.hex(),
            "request": request.hex(),
            "code": "token-spent",
            "signature": signature.hex(),
        }
        booth.call("verify_refusal", **arguments)
        for change in (
            {"code": "token-invalid"},
            {"request": "00"},
            {"log": bytes(32).hex()},
            {"context": bytes([1] * 32).hex()},
        ):
            with pytest.raises(BoothRefusalError, match="signature-invalid"):
                booth.call("verify_refusal", **arguments | change)
