"""A13: other writings of one accepted ballot. None of them is a second ballot."""

from __future__ import annotations

import json

from ballot.ballot import BallotData, load_ballot, tracker
from ballot.verification import verify_ballot, verify_envelope
from keys.canonical import b64, encode, unb64
from keys.errors import DataError
from tests.attacks.prover import Attacker
from tests.strategies import cast, make_contest, resigned

CONTEST = make_contest(options=1, low=0, high=1)


def rewritings(data: BallotData) -> dict[str, bytes]:
    """The same ballot in other bytes, as a proxy or a malicious service could write it."""
    raw = encode(data)
    text = raw.decode()
    plain = json.loads(raw)
    found: dict[str, bytes] = {
        "a byte order mark": b"\xef\xbb\xbf" + raw,
        "utf-16": text.encode("utf-16"),
        "utf-16 without mark": text.encode("utf-16-le"),
        "a null byte at the end": raw + b"\x00",
        "twice": raw + raw,
        "in an array": b"[" + raw + b"]",
        "python's spaces": json.dumps(plain).encode(),
        "indented": json.dumps(plain, indent=1).encode(),
        "members backwards": json.dumps(dict(reversed(plain.items())), separators=(",", ":")).encode(),
        "inner members backwards": raw.replace(
            json.dumps(plain["token"], separators=(",", ":")).encode(),
            json.dumps(dict(reversed(plain["token"].items())), separators=(",", ":")).encode(),
        ),
        "a member twice": raw.replace(b'{"body":', b'{"signature":"","body":'),
        "the last member twice": raw[:-1] + b"," + raw[raw.rindex(b'"token"') : -1] + b"}",
        "an unknown member": raw[:-1] + b',"x":1}',
        "an unknown null": raw[:-1] + b',"x":null}',
        "a missing member": json.dumps(
            {k: v for k, v in plain.items() if k != "context"}, separators=(",", ":")
        ).encode(),
        "escaped letters": raw.replace(b'"es1"', b'"\\u0065s1"'),
        "escaped names": raw.replace(b'"owner"', b'"\\u006fwner"'),
        "a comment": raw[:-1] + b"/**/}",
        "a comma at the end": raw[:-1] + b",}",
        "single quotes": text.replace('"', "'").encode(),
    }
    for place, white in enumerate((b" ", b"\n", b"\t", b"\r")):
        found[f"white space {place} before"] = white + raw
        found[f"white space {place} after"] = raw + white
        found[f"white space {place} inside"] = raw.replace(b'"token":', b'"token":' + white)
        found[f"white space {place} in an array"] = raw.replace(b'"com":[', b'"com":[' + white)
    for name, value in {**plain, **plain["token"], "owner": plain["body"]["owner"]}.items():
        if isinstance(value, str):
            quoted = f'"{value}"'
            size = len(unb64(value, None, name))
            found[f"{name}: padded"] = text.replace(quoted, f'"{value}{"=" * (-len(value) % 4)}="').encode()
            found[f"{name}: a newline"] = text.replace(quoted, f'"{value}\\n"').encode()
            found[f"{name}: one zero more"] = text.replace(
                quoted, f'"{b64(bytes(1) + unb64(value, size, name))}"'
            ).encode()
            found[f"{name}: stray bits"] = text.replace(quoted, f'"{value[:-1]}{chr(ord(value[-1]) + 1)}"').encode()
            found[f"{name}: the other alphabet"] = text.replace(
                quoted, f'"{value.replace("-", "+").replace("_", "/")}"'
            ).encode()
    modulus = int.from_bytes(CONTEST.modulus, "big")
    sig = int.from_bytes(unb64(data.token.sig, None, "sig"), "big")
    if sig + modulus < 1 << 1024:
        found["sig + n"] = text.replace(data.token.sig, b64((sig + modulus).to_bytes(128, "big"))).encode()
    found["n - sig"] = text.replace(data.token.sig, b64((modulus - sig).to_bytes(128, "big"))).encode()
    return {name: other for name, other in found.items() if other != raw}


def is_refused(raw: bytes) -> bool:
    try:
        verify_ballot(CONTEST, load_ballot(raw))
    except DataError:
        return True
    return False


def test_a13_no_other_writing_of_a_ballot_is_a_second_ballot() -> None:
    data = cast(CONTEST, (1,)).data
    assert not is_refused(encode(data))
    others = rewritings(data)
    assert len(others) >= 50
    assert [name for name, raw in others.items() if not is_refused(raw)] == []


def test_a13_a_new_signature_of_the_owner_changes_neither_tracker_nor_key() -> None:
    """Only who holds the token can do it, and gets the receipt of the first: the service finds ballots by tracker."""
    data = cast(CONTEST, (1,)).data
    token = Attacker(CONTEST, "ballot").token
    again = resigned(data, data.body, token)
    assert token.key == unb64(data.token.key, 32, "key")
    assert again.signature != data.signature
    assert verify_envelope(CONTEST, again) == verify_envelope(CONTEST, data)
    assert tracker(again.body) == tracker(data.body)
