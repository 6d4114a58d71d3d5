"""docs/protocol.md is enough to write a second program: it agrees with the vectors byte for byte, and with the code."""

import hashlib
import json
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest

from ballot.ballot import load_ballot
from ballot.contest import load_contest
from ballot.verification import verify_ballot, verify_ballots
from tests.docs import second_program as second

FOLDER = Path(__file__).parent.parent / "vectors" / "es1"


def read(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return] # JSON


CONTESTS = [
    (json.loads(entry["contest"]), ballot) for entry in read("ballots")["contests"] for ballot in entry["ballots"]
]
NAMES = [f"{contest['contest']} {ballot['vote']}" for contest, ballot in CONTESTS]


def test_hashes_scalars_and_short_codes_agree() -> None:
    document = read("hashing")
    for row in document["hashes"]:
        parts = [bytes.fromhex(part) for part in row["parts"]]
        assert second.h(row["tag"], *parts).hex() == row["digest"]
        assert second.hq(row["tag"], *parts) == int(row["scalar"], 16)
    for row in document["short_codes"]:
        raw = bytes.fromhex(row["bytes"])
        assert second.shown(raw) == row["code"]
        assert second.shown(second.h("es1/fingerprint", raw)) == row["fingerprint"]


def test_bytes_moved_across_the_border_of_a_field_change_the_hash_a17() -> None:
    rows = [row for row in read("hashing")["hashes"] if row["tag"] == "es1/context"]
    assert len({row["digest"] for row in rows}) == len(rows)


def test_credential_is_derived_as_the_page_says() -> None:
    row = read("hashing")["credential"]
    secret = second.kdf(bytes.fromhex(row["seed"]), b"es1/credential/" + row["election"].encode(), 32)
    assert secret.hex() == row["secret"]


def test_log_id_chain_leaves_root_and_approvals_agree() -> None:
    document = read("log")
    raw = [entry.encode() for entry in document["entries"]]
    entries = [json.loads(entry) for entry in document["entries"]]
    log_id = hashlib.sha256(raw[0]).digest()
    assert log_id.hex() == document["log_id"]
    assert [second.jcs(entry) for entry in entries] == raw
    assert second.unb64(entries[0]["prev"]) == bytes(32)
    assert second.unb64(entries[1]["prev"]) == log_id
    assert second.merkle(raw).hex() == document["root"]
    members = {member["id"]: second.unb64(member["key"]) for member in entries[0]["data"]["members"]}
    act = entries[1]["data"]
    unsigned = second.jcs({name: value for name, value in act.items() if name != "approvals"})
    message = second.h("es1/approve", log_id, b"constitution", unsigned)
    for approval in act["approvals"]:
        assert second.bip340(members[approval["member"]], message, second.unb64(approval["signature"]))
    assert hashlib.sha256(document["constitution"].encode()).hexdigest() == act["blob"]


def test_electorate_and_its_signature_agree() -> None:
    document = read("log")
    electorate, opened = document["electorate"], json.loads(document["entries"][0])["data"]
    blob, root = bytes.fromhex(electorate["blob"]), bytes.fromhex(electorate["root"])
    keys = [blob[start : start + 32] for start in range(0, len(blob), 32)]
    assert keys == sorted(set(keys))
    assert second.merkle(keys) == root
    message = second.h("es1/electorate", bytes.fromhex(document["log_id"]), b"all", second.u64(len(keys)), root)
    assert second.bip340(second.unb64(opened["registrar"]["key"]), message, bytes.fromhex(electorate["signature"]))


def test_session_proofs_joint_key_and_shares_agree() -> None:
    document = read("ceremony")
    identities = [bytes.fromhex(key) for key in document["identities"]]
    counts = [second.u64(n) for n in (document["attempt"], document["k"], len(identities))]
    session = second.h("es1/session", bytes.fromhex(document["log_id"]), *counts, *identities)
    assert session.hex() == document["session"]
    joint: second.Pt = None
    polynomials = [[int(a, 16) for a in row] for row in document["coefficients"]]
    for i, (text, coefficients) in enumerate(zip(document["messages"], polynomials, strict=True), start=1):
        message = json.loads(text)
        assert second.jcs(message) == text.encode()
        assert second.h("es1/trustee-message", text.encode()).hex() == document["message_hashes"][i - 1]
        for j, (commitment, a) in enumerate(zip(message["commitments"], coefficients, strict=True)):
            point, r = second.dec(second.unb64(commitment["point"])), second.dec(second.unb64(commitment["r"]))
            place = (session, second.u64(i), second.u64(j), identities[i - 1])
            c = second.hq("es1/trustee-pok", *place, second.enc(point), second.enc(r))
            assert point == second.mul(a, second.G)
            z = int.from_bytes(second.unb64(commitment["z"]), "big")
            assert second.mul(z, second.G) == second.add(r, second.mul(c, point))
        joint = second.add(joint, second.mul(coefficients[0], second.G))
    assert second.enc(joint).hex() == document["joint_key"]
    for l, (share, public) in enumerate(
        zip(document["secret_shares"], document["verification_shares"], strict=True), start=1
    ):
        x = sum(a * l**j for row in polynomials for j, a in enumerate(row)) % second.Q
        assert x == int(share, 16)
        assert second.enc(second.mul(x, second.G)).hex() == public


@pytest.mark.parametrize(("contest", "ballot"), CONTESTS, ids=NAMES)
def test_second_program_makes_the_same_ballot(contest: dict[str, Any], ballot: dict[str, Any]) -> None:
    token_key = second.x_only(bytes.fromhex(ballot["token_secret"]))
    assert token_key.hex() == ballot["token_key"]
    owner = second.h("es1/owner", token_key, bytes.fromhex(ballot["t"]))
    assert owner.hex() == ballot["owner"]
    body = second.jcs(second.make_body(contest, owner, ballot["vote"], bytes.fromhex(ballot["s"])))
    assert body == ballot["body"].encode()
    assert second.h("es1/tracker", body).hex() == ballot["tracker"]
    assert second.shown(bytes.fromhex(ballot["tracker"])) == ballot["tracker_shown"]


@pytest.mark.parametrize(("contest", "ballot"), CONTESTS, ids=NAMES)
def test_both_programs_accept_the_ballot_and_its_receipt(contest: dict[str, Any], ballot: dict[str, Any]) -> None:
    cast, receipt = json.loads(ballot["cast"]), json.loads(ballot["receipt"])
    assert second.ballot_holds(contest, cast)
    rules, data = load_contest(second.jcs(contest)), load_ballot(ballot["cast"].encode())
    verify_ballot(rules, data)
    log = read("log")
    key = second.unb64(json.loads(log["entries"][0])["data"]["receipt_key"])
    parts = [second.unb64(receipt[name]) for name in ("log", "context", "tracker")]
    assert second.bip340(key, second.h("es1/receipt", *parts), second.unb64(receipt["signature"]))


def test_both_programs_refuse_a_ballot_with_any_scalar_or_point_of_another() -> None:
    contest, ballot = CONTESTS[1]
    other = json.loads(CONTESTS[2][1]["cast"])
    cast = json.loads(ballot["cast"])
    rules = load_contest(second.jcs(contest))
    changes: list[tuple[str, Any]] = [("a", 0), ("b", 0), ("c", [0]), ("z", [0])]
    for name, _ in changes:
        changed = json.loads(json.dumps(cast))
        changed["body"]["choices"][0][name] = other["body"]["choices"][0][name]
        assert not second.ballot_holds(contest, changed)
        assert verify_ballots([(rules, load_ballot(second.jcs(changed)))], token_bytes) != [None]


def test_token_request_is_signed_and_unblinds_to_the_token() -> None:
    for contest, ballot in CONTESTS[:3]:
        request, n = json.loads(ballot["request"]), int.from_bytes(second.unb64(contest["issuer_key"]), "big")
        credential = second.x_only(
            second.kdf(bytes.fromhex(ballot["credential_seed"]), b"es1/credential/" + contest["election"].encode(), 32)
        )
        message = second.h("es1/issue", second.h("es1/context", second.jcs(contest)), second.unb64(request["blinded"]))
        assert second.bip340(credential, message, second.unb64(request["signature"]))
        blind = int(ballot["blind_signature"], 16)
        assert pow(blind, 65537, n) == int(ballot["blinded"], 16)
        assert blind * int(ballot["inverse"], 16) % n == int(ballot["token_signature"], 16)


def test_sums_shares_and_counts_agree() -> None:
    document, log_id = read("tally"), bytes.fromhex(read("log")["log_id"])
    contest = json.loads(document["contest"])
    context, session = second.h("es1/context", second.jcs(contest)), bytes.fromhex(read("ceremony")["session"])
    identities = [bytes.fromhex(key) for key in read("ceremony")["identities"]]
    publics = [second.dec(bytes.fromhex(key)) for key in read("ceremony")["verification_shares"]]
    shares = [json.loads(text) for text in document["shares"]]
    numbers = [share["i"] for share in shares]
    for option in range(len(contest["options"])):
        sum_a: second.Pt = None
        sum_b: second.Pt = None
        for text in document["bodies"]:
            choice = json.loads(text)["choices"][option]
            sum_a = second.add(sum_a, second.dec(second.unb64(choice["a"])))
            sum_b = second.add(sum_b, second.dec(second.unb64(choice["b"])))
        assert [second.enc(sum_a).hex(), second.enc(sum_b).hex()] == document["sums"][option]
        point = sum_b
        for share in shares:
            part, l = share["shares"][option], share["i"]
            d, a, b = (second.dec(second.unb64(part[name])) for name in ("d", "a", "b"))
            z, public = int.from_bytes(second.unb64(part["z"]), "big"), publics[l - 1]
            encoded = [second.enc(p) for p in (public, sum_a, sum_b, d, a, b)]
            c = second.hq("es1/share-proof", log_id, context, second.u64(option), second.u64(l), *encoded)
            assert second.mul(z, second.G) == second.add(a, second.mul(c, public))
            assert second.mul(z, sum_a) == second.add(b, second.mul(c, d))
            point = second.add(point, second.neg(second.mul(second.lagrange(numbers, l), d)))
        assert point == second.mul(document["counts"][option], second.G)
    for share in shares:
        unsigned = second.jcs({name: value for name, value in share.items() if name != "signature"})
        message = second.h("es1/trustee-tally", session, second.u64(share["i"]), unsigned)
        assert second.bip340(identities[share["i"] - 1], message, second.unb64(share["signature"]))
