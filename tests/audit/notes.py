"""A signed checkpoint, and sixty ways to spell it wrong (A62)."""

import base64

from audit.checkpoint import make_checkpoint
from audit.ed25519 import ed25519_public_key

ORIGIN = "vote.example/sg-2026"
SECRET = bytes(range(32))
KEY = ed25519_public_key(SECRET)
ROOT = bytes(range(100, 132))
GOOD = make_checkpoint(ORIGIN, 1234, ROOT, SECRET)
TEXT, LINE = GOOD.decode().split("\n\n")
SIGNATURE = LINE.split(" ")[2].strip()
RAW = base64.b64decode(SIGNATURE)
ROOT_LINE = base64.b64encode(ROOT).decode()


def line(signature: str, name: str = ORIGIN, dash: str = "— ") -> bytes:
    return f"{TEXT}\n\n{dash}{name} {signature}\n".encode()


def replaced(old: str, new: str) -> bytes:
    assert old in GOOD.decode()
    return GOOD.decode().replace(old, new, 1).encode()


def with_signature(raw: bytes) -> bytes:
    return line(base64.b64encode(raw).decode())


def flipped(at: int) -> bytes:
    return RAW[:at] + bytes([RAW[at] ^ 1]) + RAW[at + 1 :]


MALFORMED: dict[str, bytes] = {
    "empty": b"",
    "a newline": b"\n",
    "an empty line": b"\n\n",
    "text alone": f"{TEXT}\n".encode(),
    "no signatures": f"{TEXT}\n\n".encode(),
    "no empty line": replaced("\n\n", "\n"),
    "no text": f"\n\n{LINE}".encode(),
    "no last newline": GOOD[:-1],
    "a second last newline": GOOD + b"\n",
    "text after the signatures": GOOD + b"more\n",
    "CRLF everywhere": GOOD.replace(b"\n", b"\r\n"),
    "CR after the origin": replaced(ORIGIN + "\n", ORIGIN + "\r\n"),
    "CR at the end": GOOD[:-1] + b"\r\n",
    "a tab in the text": replaced("1234", "1234\t"),
    "a NUL in the text": replaced("1234", "1234\0"),
    "a vertical tab in the text": replaced("1234", "1234\v"),
    "an escape character in the text": replaced(ORIGIN, ORIGIN + "\x1b[0m"),
    "a control character in the signature line": replaced(f"{ORIGIN} {SIGNATURE}", f"{ORIGIN}\x01 {SIGNATURE}"),
    "a byte that is not UTF-8": GOOD.replace(b"1234", b"12\xff34"),
    "a surrogate in UTF-8": GOOD.replace(b"1234", b"1234\xed\xa0\x80"),
    "an overlong newline": GOOD.replace(b"1234", b"1234\xc0\x8a"),
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "size with a leading zero": replaced("1234", "01234"),
    "size with a plus": replaced("1234", "+1234"),
    "negative size": replaced("1234", "-1234"),
    "size in hex": replaced("1234", "0x4d2"),
    "size with an underscore": replaced("1234", "1_234"),
    "size with a space": replaced("1234", " 1234"),
    "size as a float": replaced("1234", "1234.0"),
    "size in Arabic digits": replaced("1234", "١٢٣٤"),
    "size in fullwidth digits": replaced("1234", "１２３４"),
    "no size": replaced("1234\n", ""),
    "empty size": replaced("1234", ""),
    "size 2^63": replaced("1234", str(2**63)),
    "size of a thousand digits": replaced("1234", "1" * 1000),
    "root without padding": replaced(ROOT_LINE, ROOT_LINE.rstrip("=")),
    "root in base64url": replaced(ROOT_LINE, base64.urlsafe_b64encode(b"\xff" * 32).decode()),
    "root in hex": replaced(ROOT_LINE, ROOT.hex()),
    "root of 31 bytes": replaced(ROOT_LINE, base64.b64encode(ROOT[:31]).decode()),
    "root of 33 bytes": replaced(ROOT_LINE, base64.b64encode(ROOT + b"\0").decode()),
    "root with bits left over": replaced(ROOT_LINE, ROOT_LINE[:-2] + chr(ord(ROOT_LINE[-2]) + 1) + "="),
    "root with a space behind": replaced(ROOT_LINE, ROOT_LINE + " "),
    "no root": replaced(f"{ROOT_LINE}\n", ""),
    "no origin": replaced(f"{ORIGIN}\n", ""),
    "another origin, same key name": replaced(f"{ORIGIN}\n", "vote.example/other\n"),
    "an empty line in the text": replaced("1234\n", "1234\n\n"),
    "an extension line that was not signed": replaced(f"{ROOT_LINE}\n", f"{ROOT_LINE}\nmore\n"),
    "a hyphen for the dash": line(SIGNATURE, dash="- "),
    "an en dash": line(SIGNATURE, dash="– "),
    "no space behind the dash": line(SIGNATURE, dash="—"),
    "two spaces behind the dash": line(SIGNATURE, dash="—  "),
    "key name with a plus": line(SIGNATURE, name="vote.example+x"),
    "key name with a no-break space": line(SIGNATURE, name="vote.example\u00a0x"),
    "no key name": line(SIGNATURE, name=""),
    "three fields in a signature line": line(f"{SIGNATURE} more"),
    "signature without padding": line(SIGNATURE.rstrip("=")),
    "signature in base64url": line(base64.urlsafe_b64encode(b"\xff\xfe" * 34).decode().replace("/", "_")),
    "signature with bits left over": line(SIGNATURE[:-2] + chr(ord(SIGNATURE[-2]) + 1) + SIGNATURE[-1]),
    "key id and no signature": with_signature(RAW[:4]),
    "a signature of 63 bytes by a known key": with_signature(RAW[:-1]),
    "a signature of 65 bytes by a known key": with_signature(RAW + b"\0"),
    "a bad signature by a known key": with_signature(flipped(40)),
    "the key id of another key": with_signature(flipped(0)),
    "the name of another key": line(SIGNATURE, name="vote.example/other"),
    "the same signer twice": GOOD + f"— {ORIGIN} {SIGNATURE}\n".encode(),
    "a good signature and a bad one by the same key": GOOD
    + f"— {ORIGIN} {base64.b64encode(flipped(40)).decode()}\n".encode(),
    "an empty signature line": f"{TEXT}\n\n\n{LINE}".encode(),
    "a thousand signatures": GOOD + "— other.example/w AAAAAAA=\n".encode() * 1000,
    "two million bytes": GOOD.replace(b"\n\n", b"\n" + b"x" * 2_000_000 + b"\n\n"),
}
