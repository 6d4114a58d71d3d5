"""A second program, written from docs/protocol.md alone: plain integers, hashlib, json. It imports none of the code.

Slow (affine arithmetic, a millisecond a step) and not constant-time, which is why it is so short. It reads and makes
what the vectors hold, and so finds where the page and the code say different things.
"""

import base64
import hashlib
import hmac
import json
from typing import Any

P = 2**256 - 2**32 - 977
Q = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
Pt = tuple[int, int] | None  # None: the identity


# ---- §1 -------------------------------------------------------------------------------------------------------------


def add(p: Pt, q: Pt) -> Pt:
    if p is None or q is None:
        return p or q
    if p[0] == q[0]:
        if (p[1] + q[1]) % P == 0:
            return None
        slope = 3 * p[0] * p[0] * pow(2 * p[1], -1, P) % P
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P) % P
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def mul(k: int, p: Pt) -> Pt:
    out: Pt = None
    for bit in f"{k % Q:b}":
        out = add(out, out)
        if bit == "1":
            out = add(out, p)
    return out


def neg(p: Pt) -> Pt:
    return None if p is None else (p[0], -p[1] % P)


def enc(p: Pt) -> bytes:
    assert p is not None, "the identity has no encoding"
    return bytes([2 + (p[1] & 1)]) + p[0].to_bytes(32, "big")


def dec(raw: bytes) -> Pt:
    assert len(raw) == 33
    assert raw[0] in (2, 3)
    x = int.from_bytes(raw[1:], "big")
    assert x < P
    y = pow(x**3 + 7, (P + 1) // 4, P)
    assert y * y % P == (x**3 + 7) % P
    return x, y if y & 1 == raw[0] & 1 else P - y


def jcs(document: Any) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unb64(text: str) -> bytes:
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    assert b64(raw) == text
    return raw


def u64(n: int) -> bytes:
    return n.to_bytes(8, "big")


def lengths(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def h(tag: str, *parts: bytes) -> bytes:
    return hashlib.sha256(lengths(tag.encode(), *parts)).digest()


def hq(tag: str, *parts: bytes) -> int:
    return int.from_bytes(h(tag, *parts), "big") % Q


def kdf(secret: bytes, info: bytes, size: int) -> bytes:
    key, out, block, counter = hmac.digest(bytes(32), secret, "sha256"), b"", b"", 1
    while len(out) < size:
        block = hmac.digest(key, block + info + bytes([counter]), "sha256")
        out, counter = out + block, counter + 1
    return out[:size]


def shown(raw: bytes) -> str:
    number = int.from_bytes(raw, "big") >> (8 * len(raw) - 100)
    letters = "".join(CROCKFORD[number >> 5 * (19 - place) & 31] for place in range(20))
    return "-".join(letters[start : start + 5] for start in range(0, 20, 5))


def tagged(tag: str, message: bytes) -> bytes:
    prefix = hashlib.sha256(tag.encode()).digest()
    return hashlib.sha256(prefix + prefix + message).digest()


def x_only(secret: bytes) -> bytes:
    point = mul(int.from_bytes(secret, "big"), G)
    assert point is not None
    return point[0].to_bytes(32, "big")


def bip340(key: bytes, message: bytes, signature: bytes) -> bool:
    point = dec(b"\x02" + key)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if len(signature) != 64 or r >= P or s >= Q:
        return False
    e = int.from_bytes(tagged("BIP0340/challenge", signature[:32] + key + message), "big") % Q
    found = add(mul(s, G), neg(mul(e, point)))
    return found is not None and found[1] % 2 == 0 and found[0] == r


def merkle(leaves: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1 as it is written there."""
    if len(leaves) <= 1:
        return hashlib.sha256(b"\0" + leaves[0] if leaves else b"").digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + merkle(leaves[:k]) + merkle(leaves[k:])).digest()


# ---- §5 -------------------------------------------------------------------------------------------------------------


def mgf1(seed: bytes, size: int) -> bytes:
    return b"".join(hashlib.sha384(seed + i.to_bytes(4, "big")).digest() for i in range(-(-size // 48)))[:size]


def token_holds(n: int, prepared: bytes, signature: bytes) -> bool:
    """RSASSA-PSS, SHA-384, MGF1 with SHA-384, salt of 48 bytes, emBits 3071 (RFC 8017 §9.1.2)."""
    s = int.from_bytes(signature, "big")
    if len(signature) != 384 or s >= n:
        return False
    em = pow(s, 65537, n).to_bytes(384, "big")
    masked, hashed = em[:335], em[335:383]
    block = bytearray(a ^ b for a, b in zip(masked, mgf1(hashed, 335), strict=True))
    block[0] &= 0x7F
    salt = bytes(block[-48:])
    expected = hashlib.sha384(bytes(8) + hashlib.sha384(prepared).digest() + salt).digest()
    return em[383] == 0xBC and not masked[0] & 0x80 and bytes(block[:-48]) == bytes(286) + b"\1" and hashed == expected


# ---- §6 -------------------------------------------------------------------------------------------------------------


def weights(contest: dict[str, Any]) -> list[int]:
    return [contest["max"] if option["blank"] else 1 for option in contest["options"]]


def make_body(contest: dict[str, Any], w: bytes, vote: list[int], s: bytes) -> dict[str, Any]:
    context, y = h("es1/context", jcs(contest)), dec(unb64(contest["joint_key"]))

    def coin(label: str) -> int:
        raw = hashlib.sha512(lengths(b"es1/coin", s, context, w, bytes(vote), label.encode())).digest()
        return int.from_bytes(raw, "big") % Q

    gs = weights(contest)
    rs = [coin(f"r/{i}") for i in range(len(vote))]
    pairs = [(mul(r, G), add(mul(v, G), mul(r, y))) for r, v in zip(rs, vote, strict=True)]
    total, low, high = sum(g * v for g, v in zip(gs, vote, strict=True)), contest["min"], contest["max"]
    statements = [(str(i), rs[i], vote[i], range(2)) for i in range(len(vote))]
    statements.append(("sum", sum(g * r for g, r in zip(gs, rs, strict=True)) % Q, total, range(low, high + 1)))
    coms, cs, zs = [], [], []
    for label, r, v, values in statements:
        com, c, z = [], [], []
        for j, t in enumerate(values):
            if t == v:
                k = coin(f"w/{label}")
                c.append(-1)
                z.append(k)
                com.append((mul(k, G), mul(k, y)))
            else:
                c.append(coin(f"c/{label}/{j}"))
                z.append(coin(f"z/{label}/{j}"))
                a, b = mul(r, G), add(mul(v, G), mul(r, y))
                com.append(
                    (
                        add(mul(z[j], G), neg(mul(c[j], a))),
                        add(mul(z[j], y), neg(mul(c[j], add(b, mul(-t, G))))),
                    )
                )
        coms.append(com)
        cs.append(c)
        zs.append(z)
    points = [point for pair in pairs for point in pair] + [p for com in coms for pair in com for p in pair]
    e = hq("es1/ballot", context, w, enc(y), *map(enc, points))
    parts = []
    for (_, r, v, values), com, c, z in zip(statements, coms, cs, zs, strict=True):
        true = v - values[0]
        c[true] = (e - sum(c) - 1) % Q
        z[true] = (z[true] + c[true] * r) % Q
        parts.append(
            {
                "com": [[b64(enc(a)), b64(enc(b))] for a, b in com],
                "c": [b64(x.to_bytes(32, "big")) for x in c[:-1]],
                "z": [b64(x.to_bytes(32, "big")) for x in z],
            }
        )
    choices = [{"a": b64(enc(a)), "b": b64(enc(b)), **part} for (a, b), part in zip(pairs, parts, strict=False)]
    return {"v": "es1", "context": b64(context), "owner": b64(w), "choices": choices, "sum": parts[-1]}


def ballot_holds(contest: dict[str, Any], ballot: dict[str, Any]) -> bool:
    """Every equation of §5, §6 and §7 on one cast request."""
    context, y = h("es1/context", jcs(contest)), dec(unb64(contest["joint_key"]))
    body, token = ballot["body"], ballot["token"]
    key, w = unb64(token["key"]), unb64(body["owner"])
    prepared = unb64(token["prepared"])
    n = int.from_bytes(unb64(contest["issuer_key"]), "big")
    if not (
        unb64(ballot["context"]) == unb64(body["context"]) == context
        and prepared[32:] == h("es1/token", context, key)
        and token_holds(n, prepared, unb64(token["sig"]))
        and w == h("es1/owner", key, unb64(token["t"]))
        and bip340(key, h("es1/cast", jcs(body)), unb64(ballot["signature"]))
    ):
        return False
    pairs = [(dec(unb64(choice["a"])), dec(unb64(choice["b"]))) for choice in body["choices"]]
    parts = [*body["choices"], body["sum"]]
    coms = [[(dec(unb64(a)), dec(unb64(b))) for a, b in part["com"]] for part in parts]
    points = [point for pair in pairs for point in pair] + [p for com in coms for pair in com for p in pair]
    e = hq("es1/ballot", context, w, enc(y), *map(enc, points))
    sum_a: Pt = None
    sum_b: Pt = None
    for g, (a, b) in zip(weights(contest), pairs, strict=True):
        sum_a, sum_b = add(sum_a, mul(g, a)), add(sum_b, mul(g, b))
    values = [range(2)] * len(pairs) + [range(contest["min"], contest["max"] + 1)]
    for (a, b), part, com, ts in zip([*pairs, (sum_a, sum_b)], parts, coms, values, strict=True):
        c = [int.from_bytes(unb64(text), "big") for text in part["c"]]
        c.append((e - sum(c)) % Q)
        z = [int.from_bytes(unb64(text), "big") for text in part["z"]]
        for j, t in enumerate(ts):
            first = mul(z[j], G) == add(com[j][0], mul(c[j], a))
            if not first or mul(z[j], y) != add(com[j][1], mul(c[j], add(b, mul(-t, G)))):
                return False
    return True


# ---- §10 ------------------------------------------------------------------------------------------------------------


def lagrange(numbers: list[int], l: int) -> int:
    out = 1
    for j in numbers:
        if j != l:
            out = out * j * pow(j - l, -1, Q) % Q
    return out
