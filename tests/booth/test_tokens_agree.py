"""Token requests and recovery blobs are the same bytes in Python and TypeScript (A91)."""

from typing import Any

import msgspec
import pytest

from ballot.recovery import open_recovery, seal_recovery
from ballot.token import blind_token, make_request
from keys.canonical import encode, unb64
from keys.derive import credential_key
from keys.issuer import blind_sign
from tests.booth.harness import Booth, BoothRefusalError
from tests.simulated.randomness import seeded
from tests.strategies import VOTER_SEED, issuer, make_contest


@pytest.mark.parametrize("recovery", [True, False])
def test_token_requests_are_the_same_bytes(booth: Booth, recovery: bool) -> None:
    contest = make_contest(2, 0, 1, recovery=recovery)
    random = seeded("token request")
    secret = credential_key(VOTER_SEED, "union-2026")
    waiting = blind_token(contest, random)
    blob = seal_recovery(contest, waiting, VOTER_SEED, random) if recovery else None
    python = encode(make_request(contest, waiting, secret, blob, random))
    arguments: dict[str, Any] = {"contest": contest.raw.decode(), "seed": VOTER_SEED.hex(), "election": "union-2026"}
    assert bytes.fromhex(booth.call("token_request", random="token request", **arguments)) == python


def test_a_recovery_blob_of_either_program_opens_in_the_other(booth: Booth) -> None:
    contest = make_contest(2, 0, 1)
    arguments: dict[str, Any] = {"contest": contest.raw.decode(), "seed": VOTER_SEED.hex(), "election": "union-2026"}
    request = msgspec.json.decode(bytes.fromhex(booth.call("token_request", random="blob", **arguments)))
    blinded, blob = unb64(request["blinded"], None, "blinded"), unb64(request["recovery"], None, "recovery")
    waiting = open_recovery(contest, blinded, blob, VOTER_SEED)
    signature = blind_sign(issuer(), blinded, seeded("issuer"))
    stored: dict[str, Any] = {"blinded": blinded.hex(), "recovery": blob.hex(), "blind_signature": signature.hex()}
    assert booth.call("resume", **arguments, **stored)["secret"] == waiting.secret.hex()
    for name in ("blinded", "recovery"):
        damaged = stored | {name: stored[name][:-2] + f"{int(stored[name][-2:], 16) ^ 1:02x}"}
        with pytest.raises(BoothRefusalError, match="recovery-alarm"):
            booth.call("resume", **arguments, **damaged)
    with pytest.raises(BoothRefusalError, match="recovery-alarm"):
        booth.call("resume", **{**arguments, "seed": bytes(32).hex()}, **stored)
