"""Ed25519 through one function: what libraries disagree on is refused (A14)."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit.ed25519 import check_ed25519_key, ed25519_public_key, ed25519_sign, verify_ed25519
from audit.errors import NoteError
from tests.audit.ed25519_cases import SMALL_ORDER, Case, L, mixed_cases, ordinary, small_key_cases, small_order_cases

CASES = [*small_order_cases(), *mixed_cases(), *small_key_cases()]


def openssl_accepts(case: Case) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(case.key).verify(case.signature, case.message)
    except InvalidSignature:
        return False
    return True


def test_rfc_8032_vectors() -> None:
    """§7.1, tests 1 to 3."""
    table = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ]
    for secret, public, message, signature in table:
        raw = bytes.fromhex(secret)
        assert ed25519_public_key(raw).hex() == public
        assert ed25519_sign(raw, bytes.fromhex(message)).hex() == signature
        verify_ed25519(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))


def test_an_ordinary_signature_by_the_same_arithmetic_is_accepted() -> None:
    case = ordinary()
    verify_ed25519(case.key, case.message, case.signature)


def test_openssl_accepts_many_of_the_disputed_signatures() -> None:
    """So the refusals below are ours: without them these would pass."""
    assert sum(openssl_accepts(case) for case in CASES) > 100
    assert sum(case.strict for case in CASES) > 100


def test_every_disputed_signature_is_refused() -> None:
    accepted = []
    for case in CASES:
        try:
            verify_ed25519(case.key, case.message, case.signature)
        except NoteError:
            continue
        accepted.append(case.name)
    assert len(CASES) == 14 * 14 + 63 * 4 + 14 * 8
    assert accepted == []


@pytest.mark.parametrize("name", SMALL_ORDER)
def test_a_key_of_small_order_is_refused(name: str) -> None:
    with pytest.raises(NoteError, match="Ed25519 key: not"):
        check_ed25519_key(bytes.fromhex(SMALL_ORDER[name]))


def test_s_plus_the_group_order_is_refused() -> None:
    """A13: the same signature in a second spelling."""
    case = ordinary()
    s = int.from_bytes(case.signature[32:], "little") + L
    with pytest.raises(NoteError, match="below the group order"):
        verify_ed25519(case.key, case.message, case.signature[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_keys_and_signatures_of_other_lengths_are_refused(size: int) -> None:
    case = ordinary()
    with pytest.raises(NoteError, match="expected 32 bytes"):
        check_ed25519_key(bytes(size))
    with pytest.raises(NoteError, match="expected 64 bytes"):
        verify_ed25519(case.key, case.message, (case.signature + b"\0")[: size if size != 64 else 65])


def test_another_message_or_key_is_refused() -> None:
    case, other = ordinary(), ordinary(secret=99)
    with pytest.raises(NoteError, match="does not verify"):
        verify_ed25519(case.key, case.message + b".", case.signature)
    with pytest.raises(NoteError, match="does not verify"):
        verify_ed25519(other.key, case.message, case.signature)
