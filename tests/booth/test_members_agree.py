"""A member's key file and approvals are the same bytes in Python and in the browser; each opens the other's (A91)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from audit.approvals import approval_message, make_approval, verify_approval
from audit.entries import Approval
from election_service.commands.app import app
from election_service.committee import new_member_key, open_member_key, read_member
from keys import schnorr
from keys.canonical import decode, encode
from keys.ids import fingerprint
from keys.keyfile import open_key_file, seal_key_file
from tests.booth.harness import Booth, BoothRefusalError
from tests.simulated.randomness import seeded

PASSPHRASE = "ნინოს გასაღები, café 7"
CHEAP = {"memory": 8 * 1024, "iterations": 1, "lanes": 1}
LOG = bytes(range(32))
ACTS: dict[str, dict[str, Any]] = {
    "booth": {"act": "AAAAAAAAAAAAAAAAAAAAAA", "bundle": "ab" * 32},
    "roll.frozen": {"act": "AQEBAQEBAQEBAQEBAQEBAQ", "digest": "cd" * 32, "size": 1200},
    "decision": {"act": "AgICAgICAgICAgICAgICAg", "decision": {"what": "bar", "text": 'ა\n"b" \u2028 😀', "number": 0}},
}


def made_in_browser(
    booth: Booth, passphrase: str = PASSPHRASE, random: str = "member", cost: dict[str, int] | None = None
) -> bytes:
    given: dict[str, Any] = {"cost": cost} if cost else {}
    return bytes.fromhex(booth.call("new_member", member="nino.beridze", passphrase=passphrase, random=random, **given))


def test_a_new_key_file_is_the_same_bytes(booth: Booth) -> None:
    """The full cost: 64 MiB, three passes, four lanes."""
    assert made_in_browser(booth) == new_member_key("nino.beridze", PASSPHRASE, seeded("member"))


def test_a_key_made_in_the_browser_opens_on_the_command_line(booth: Booth, tmp_path: Path) -> None:
    file = tmp_path / "nino.key"
    file.write_bytes(made_in_browser(booth, random=os.urandom(8).hex()))
    member, public = read_member(file)
    key = open_member_key(file, PASSPHRASE)
    assert (member, key.id, key.public) == ("nino.beridze", "nino.beridze", public)
    shown = CliRunner().invoke(app, ["member", "show", "--key", str(file)])
    assert shown.exit_code == 0
    assert shown.output.split() == ["nino.beridze", public.hex(), *fingerprint(public).split()]


def test_a_key_made_on_the_command_line_opens_in_the_browser(booth: Booth, tmp_path: Path) -> None:
    file, words = tmp_path / "levan.key", tmp_path / "passphrase"
    words.write_text(PASSPHRASE, "utf-8")
    made = CliRunner().invoke(
        app, ["member", "new", "levan", "--key", str(file), "--passphrase-file", str(words)], catch_exceptions=False
    )
    assert made.exit_code == 0, made.output
    raw = file.read_bytes()
    public = bytes.fromhex(booth.call("read_member", file=raw.hex())["key"])
    secret = bytes.fromhex(booth.call("open_member", file=raw.hex(), passphrase=PASSPHRASE))
    assert secret == open_key_file(raw, "member", PASSPHRASE)
    assert schnorr.public_key(secret) == public


def test_one_passphrase_however_it_is_composed(booth: Booth) -> None:
    raw = made_in_browser(booth, "cafe\u0301", cost=CHEAP)
    assert booth.call("open_member", file=raw.hex(), passphrase="café") == open_key_file(raw, "member", "café").hex()


@pytest.mark.parametrize("kind", ACTS)
def test_an_approval_is_the_same_bytes(booth: Booth, kind: str) -> None:
    raw = made_in_browser(booth, cost=CHEAP)
    secret, unsigned = open_key_file(raw, "member", PASSPHRASE), encode(ACTS[kind])
    arguments: dict[str, Any] = {"file": raw.hex(), "passphrase": PASSPHRASE, "log": LOG.hex(), "kind": kind}
    signed = booth.call("approve", **arguments, unsigned=unsigned.hex(), random="aux")
    python = make_approval(LOG, kind, unsigned, "nino.beridze", secret, seeded("aux"))
    assert encode(signed["approval"]) == encode(python)
    assert bytes.fromhex(signed["message"]) == approval_message(LOG, kind, unsigned)
    approval = decode(encode(signed["approval"]), Approval)
    verify_approval(LOG, kind, unsigned, approval, {"nino.beridze": schnorr.public_key(secret)})


def changed(raw: bytes, path: str, value: Any) -> bytes:
    document = decode(raw, dict)
    first, _, second = path.partition(".")
    if second:
        document[first][second] = value
    else:
        document[first] = value
    return encode(document)


REFUSED: dict[str, tuple[str, Any, str]] = {
    "another member's name": ("public.member", "levan", "wrong-passphrase"),
    "another public key": ("public.key", "A" * 43, "wrong-passphrase"),
    "a public member too many": ("public.more", "x", "malformed"),
    "another kind": ("kind", "trustee", "wrong-kind"),
    "no kind": ("kind", "ballot", "malformed"),
    "a member too many": ("more", 1, "malformed"),
    "memory of a gigabyte": ("kdf.memory", 1 << 20, "malformed"),
    "no passes": ("kdf.iterations", 0, "malformed"),
    "a hundred lanes": ("kdf.lanes", 100, "malformed"),
    "a short salt": ("kdf.salt", "AAAA", "malformed"),
    "another key derivation": ("kdf.name", "scrypt", "malformed"),
    "a short nonce": ("nonce", "AAAA", "malformed"),
    "another version": ("v", "es2", "malformed"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_changed_file_opens_nowhere(booth: Booth, case: str) -> None:
    path, value, code = REFUSED[case]
    raw = changed(made_in_browser(booth, cost=CHEAP), path, value)
    with pytest.raises(BoothRefusalError) as refusal:
        booth.call("open_member", file=raw.hex(), passphrase=PASSPHRASE)
    assert refusal.value.code == code


def test_a_wrong_or_empty_passphrase_opens_nothing(booth: Booth) -> None:
    raw = made_in_browser(booth, cost=CHEAP)
    for passphrase, code in (
        ("wrong", "wrong-passphrase"),
        ("", "empty-passphrase"),
        (PASSPHRASE + " ", "wrong-passphrase"),
    ):
        with pytest.raises(BoothRefusalError) as refusal:
            booth.call("open_member", file=raw.hex(), passphrase=passphrase)
        assert refusal.value.code == code


def test_a_file_whose_secret_is_not_the_key_that_it_shows_signs_nothing(booth: Booth) -> None:
    """Sealed with another secret inside: the passphrase is right, and the public key is somebody else's."""
    shown = decode(made_in_browser(booth, cost=CHEAP), dict)["public"]
    raw = seal_key_file("member", shown, bytes(31) + b"\x01", PASSPHRASE, os.urandom)
    with pytest.raises(BoothRefusalError) as refusal:
        booth.call("open_member", file=raw.hex(), passphrase=PASSPHRASE)
    assert refusal.value.code == "wrong-key"


def test_a_member_s_id_is_one_that_the_log_takes(booth: Booth) -> None:
    for name in ("", "Nino", "ნინო", "a b", "-a", "a" * 65):
        with pytest.raises(BoothRefusalError):
            booth.call("new_member", member=name, passphrase="x", random="x", cost=CHEAP)
