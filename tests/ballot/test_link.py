"""Ballot links and the login that they allow (A79, docs/protocol.md §4)."""

from __future__ import annotations

import base64

import pytest

from ballot.link import login_message, make_link, read_link, sign_login
from keys import schnorr
from keys.derive import credential_key
from keys.errors import FormatError, SignatureError
from keys.transcript import Tag, digest
from tests.simulated.randomness import seeded

SEED, LOG, NONCE = bytes(range(32)), b"L" * 32, b"N" * 32
URL, ELECTION = "https://vote.example.org", "union-2026"
LINK = make_link(URL, ELECTION, SEED, LOG)


@pytest.mark.parametrize(
    "url", [URL, URL + "/", "https://example.org:8443", "http://localhost:8080", "https://x/sub/vote"]
)
def test_a_link_goes_round(url: str) -> None:
    link = make_link(url, ELECTION, SEED, LOG)
    assert read_link(link) == (url.rstrip("/"), ELECTION, SEED, LOG[:16])


def test_a_link_is_what_the_protocol_says() -> None:
    secret = base64.urlsafe_b64encode(SEED + LOG[:16]).decode()
    assert f"https://vote.example.org/vote/union-2026#{secret}" == LINK
    assert len(secret) == 64  # 48 bytes, and no padding


@pytest.mark.parametrize(
    ("link", "fault"),
    [
        ("", "expected https://HOST/vote"),
        (LINK.replace("#", ""), "expected https://HOST/vote"),
        (LINK.replace("/vote/", "/"), "expected https://HOST/vote"),
        (LINK[:-1], "the part after #"),
        (LINK[:-4], "expected 48 bytes, got 45"),
        (LINK + "AAAA", "expected 48 bytes, got 51"),
        (LINK + "=", "the part after #"),
        (LINK + " ", "the part after #"),
        (LINK.replace(ELECTION, "Union"), "election: expected lower-case"),
        (LINK.replace(ELECTION, ""), "election: expected lower-case"),
        (LINK.replace(ELECTION, "a/b"), "election: expected lower-case"),
        (LINK.replace(ELECTION, "a?x=1"), "election: expected lower-case"),
    ],
)
def test_a70_what_is_no_link_is_refused_without_saying_its_secret(link: str, fault: str) -> None:
    with pytest.raises(FormatError, match=fault) as caught:
        read_link(link)
    assert LINK.partition("#")[2][:20] not in str(caught.value)


def test_a79_a_login_is_for_one_log_origin_credential_and_nonce() -> None:
    key = schnorr.public_key(credential_key(SEED, ELECTION))
    signature = sign_login(SEED, ELECTION, LOG, URL, NONCE, seeded("login"))
    assert login_message(LOG, URL, key, NONCE) == digest(Tag.LOGIN, LOG, URL.encode(), key, NONCE)
    schnorr.verify(key, login_message(LOG, URL, key, NONCE), signature)
    for other in (
        (b"M" * 32, URL, key, NONCE),
        (LOG, "https://vote.example.com", key, NONCE),
        (LOG, URL + "/", key, NONCE),
        (LOG, URL, schnorr.public_key(credential_key(SEED, "union-2027")), NONCE),
        (LOG, URL, key, b"O" * 32),
    ):
        with pytest.raises(SignatureError, match="does not verify"):
            schnorr.verify(key, login_message(*other), signature)


def test_a19_a_login_is_no_request_for_a_token() -> None:
    key = schnorr.public_key(credential_key(SEED, ELECTION))
    signature = sign_login(SEED, ELECTION, LOG, URL, NONCE, seeded("login"))
    with pytest.raises(SignatureError, match="does not verify"):
        schnorr.verify(key, digest(Tag.ISSUE, LOG, URL.encode(), key, NONCE), signature)
