"""What a stranger makes of a published log, with nothing of ours: hashlib, json, integers, textbook formulas.

No module of the project is imported here, on purpose: the writer and its judge must not share a mistake.
"""

import base64
import json
from collections import Counter
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

P = 2**256 - 2**32 - 977
Q = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)
Affine = tuple[int, int] | None  # None: the identity


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def tree(leaves: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha256(b"\x01" + tree(leaves[:k]) + tree(leaves[k:])).digest()


def read_entries(files: dict[str, bytes]) -> list[bytes]:
    """All entries from the bundles, of whatever name, in order."""
    entries: list[bytes] = []
    bundles = {path: raw for path, raw in files.items() if path.startswith("tile/entries/")}
    size = int(files["checkpoint"].split(b"\n")[1])
    for index in range(-(-size // 256)):
        width = min(256, size - 256 * index)
        raw = bundles[f"tile/entries/{index:03d}" + (f".p/{width}" if width < 256 else "")]
        while raw:
            length = int.from_bytes(raw[:2], "big")
            entries.append(raw[2 : 2 + length])
            raw = raw[2 + length :]
    return entries


def check_log(files: dict[str, bytes]) -> list[dict[str, Any]]:
    """Chain, numbering, tree, checkpoint signature and blobs; returns the parsed entries."""
    raws = read_entries(files)
    entries: list[dict[str, Any]] = [json.loads(raw) for raw in raws]
    prev = bytes(32)
    for seq, (raw, entry) in enumerate(zip(raws, entries, strict=True)):
        assert entry["seq"] == seq
        assert unb64(entry["prev"]) == prev
        assert json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == raw
        prev = sha256(raw).digest()
    origin, size, root = files["checkpoint"].decode().split("\n")[:3]
    opened = entries[0]["data"]
    assert (origin, int(size), base64.b64decode(root)) == (opened["origin"], len(raws), tree(raws))
    text, _, signatures = files["checkpoint"].decode().rpartition("\n\n")
    signature = base64.b64decode(signatures.split("\n")[0].split(" ")[2])[4:]
    Ed25519PublicKey.from_public_bytes(unb64(opened["log_key"])).verify(signature, (text + "\n").encode())
    for path, content in files.items():
        if path.startswith("blobs/"):
            assert sha256(content).hexdigest() == path.removeprefix("blobs/")
    hashes = [sha256(b"\x00" + raw).digest() for raw in raws]
    for index in range(-(-len(raws) // 256)):
        row = hashes[256 * index : 256 * (index + 1)]
        name = f"tile/0/{index:03d}" + (f".p/{len(row)}" if len(row) < 256 else "")
        assert files[name] == b"".join(row)
    return entries


def add(one: Affine, two: Affine) -> Affine:
    """The chord and tangent rule of y² = x³ + 7."""
    if one is None or two is None:
        return two if one is None else one
    if one[0] == two[0] and (one[1] + two[1]) % P == 0:
        return None
    if one == two:
        slope = 3 * one[0] * one[0] * pow(2 * one[1], -1, P) % P
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, P) % P
    x = (slope * slope - one[0] - two[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def multiply(k: int, point: Affine) -> Affine:
    total: Affine = None
    for bit in f"{k % Q:b}":
        total = add(total, total)
        if bit == "1":
            total = add(total, point)
    return total


def decode(text: str | None) -> Affine:
    if text is None:
        return None
    raw = unb64(text)
    x = int.from_bytes(raw[1:], "big")
    y = pow(x**3 + 7, (P + 1) // 4, P)
    assert (y * y - x**3 - 7) % P == 0
    return x, y if y % 2 == raw[0] % 2 else P - y


def check_tally(entries: list[dict[str, Any]]) -> dict[str, list[int]]:
    """Sums over the logged ballots, and counts from the logged shares by Lagrange; returns counts by context."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        kinds.setdefault(entry["kind"], []).append(entry["data"])
    for sums in kinds.get("tally.sums", []):
        ballots = [ballot for ballot in kinds.get("ballot", []) if ballot["context"] == sums["context"]]
        assert sums["ballots"] == len(ballots)
        for option, pair in enumerate(sums["sums"] or []):
            for name, total in zip("ab", pair, strict=True):
                expected: Affine = None
                for ballot in ballots:
                    expected = add(expected, decode(ballot["body"]["choices"][option][name]))
                assert decode(total) == expected
    found = {}
    for counts in kinds.get("tally.counts", []):
        (sums,) = [data for data in kinds["tally.sums"] if data["context"] == counts["context"]]
        shares = {s["i"]: s["shares"] for s in kinds.get("tally.share", []) if s["context"] == counts["context"]}
        for option, count in enumerate(counts["counts"]):
            point = None if sums["sums"] is None else decode(sums["sums"][option][1])
            for i in counts["trustees"]:
                weight = 1
                for j in counts["trustees"]:
                    if j != i:
                        weight = weight * j * pow(j - i, -1, Q) % Q
                share = shares[i][option]
                point = add(point, multiply(-weight, decode(None if share is None else share["d"])))
            assert point == multiply(count, G)
        found[counts["context"]] = counts["counts"]
    return found


def winners(counts: dict[str, int]) -> tuple[str, list[str]]:
    """Who is elected by most votes; `counts` without the blank option."""
    order = Counter(counts).most_common()
    if not order or order[0][1] == 0:
        return "nobody", []
    if len(order) > 1 and order[1][1] == order[0][1]:
        return "tie", []
    return "elected", [order[0][0]]


def rules_of(entries: list[dict[str, Any]], blobs: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    """The procedures of the logged constitution, id -> plain values, with the committee's readings."""
    document = json.loads(blobs[entries[1]["data"]["blob"]])
    chosen = {e["data"]["clause"]: e["data"]["reading"] for e in entries if e["kind"] == "resolution"}
    found: dict[str, dict[str, Any]] = {}
    for procedure in document["procedures"]:
        plain = {}
        for name, item in procedure.items():
            if isinstance(item, dict):
                clause = f"{item['clause']} procedures.{procedure['id']}.{name}"
                plain[name] = chosen.get(clause, item["value"])
            else:
                plain[name] = item
        found[procedure["id"]] = plain
    return found


def void(entries: list[dict[str, Any]], contest: str) -> set[str]:
    """Candidates who were barred or have withdrawn by now: nobody votes for them any more."""
    decisions = [entry["data"]["decision"] for entry in entries if entry["kind"] == "decision"]
    barred = {d["person"] for d in decisions if d["what"] == "bar" and d["seat"] in ("", contest)}
    return barred | {d["person"] for d in decisions if d["what"] == "withdrawal" and d["seat"] == contest}


def elected(rule: dict[str, Any], counts: dict[str, int], ballots: int, size: int) -> list[str] | None:
    """Who is elected by a procedure, judged from its plain values; None where a lot or the attendance decides."""
    if rule["method"] not in ("plurality", "majority"):
        return []
    kind, winner = winners(counts)
    if rule["method"] == "plurality":
        if rule["tie"] == "lot" and kind == "tie":
            return None
        alone = len(counts) == 1 and rule["single"] == "majority"
        return [] if alone and 2 * sum(counts.values()) <= ballots else winner
    if rule["base"] == "attending":
        return None
    base = {"ballots": ballots, "valid": sum(counts.values()), "listed": size}[rule["base"]]
    sign, share = rule["threshold"].split(" ")
    top, bottom = (int(part) for part in share.split("/"))
    return [name for name in winner if bottom * counts[name] > top * base - (sign == ">=")]
