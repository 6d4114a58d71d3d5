"""Cast or audit: an audited ballot is recomputed, and can never be cast (A49, docs/protocol.md §8)."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from ballot.audited import AuditedBallot, verify_audited
from ballot.ballot import BallotData, owner_of
from ballot.encryption import sign_ballot
from ballot.errors import ContextError, OwnerError, ProofError, VoteError
from keys.canonical import b64, decode, encode, unb64
from keys.errors import FormatError
from tests.simulated.randomness import seeded
from tests.strategies import cast, make_contest, make_token, verdict

CONTEST = make_contest(options=3, low=0, high=1)
VOTE = [0, 1, 0]
MADE = cast(CONTEST, VOTE)
REVEALED = AuditedBallot(context=b64(CONTEST.context), owner=MADE.data.body.owner, vote=VOTE, seed=b64(MADE.seed))


def test_an_honest_booth_passes_its_audit() -> None:
    verify_audited(CONTEST, decode(encode(REVEALED), AuditedBallot), MADE.tracker)


@pytest.mark.parametrize("shown", [[1, 0, 0], [0, 0, 1], [0, 0, 0]])
def test_a49_a_booth_that_encrypted_another_vote_is_caught(shown: list[int]) -> None:
    """The voter chose VOTE; the booth encrypted `shown`, and can reveal nothing that fits its tracker and VOTE."""
    cheated = cast(CONTEST, shown)
    for vote in ([0, 1, 0], shown):
        revealed = replace(REVEALED, vote=vote, owner=cheated.data.body.owner, seed=b64(cheated.seed))
        if vote == shown:
            verify_audited(CONTEST, revealed, cheated.tracker)  # the vote that is shown is not the voter's own
        else:
            with pytest.raises(ProofError, match="does not encrypt this vote"):
                verify_audited(CONTEST, revealed, cheated.tracker)


@pytest.mark.parametrize(
    ("changes", "error", "fault"),
    [
        ({"vote": [1, 0, 0]}, ProofError, "does not encrypt this vote"),
        ({"vote": [1, 1, 0]}, VoteError, "expected 0 to 1 choices"),
        ({"vote": [0, 1]}, VoteError, "expected 3 marks"),
        ({"owner": b64(b"x" * 32)}, ProofError, "does not encrypt this vote"),
        ({"owner": b64(b"x" * 31)}, FormatError, "owner: expected 32 bytes"),
        ({"seed": b64(b"x" * 32)}, ProofError, "does not encrypt this vote"),
        ({"seed": b64(b"x" * 33)}, FormatError, "seed: expected 32 bytes"),
        ({"context": b64(b"x" * 32)}, ContextError, "another contest"),
        ({"context": "AA"}, FormatError, "context: expected 32 bytes"),
    ],
)
def test_every_field_of_the_audit_matters(changes: dict[str, Any], error: type[Exception], fault: str) -> None:
    with pytest.raises(error, match=fault):
        verify_audited(CONTEST, replace(REVEALED, **changes), MADE.tracker)


@pytest.mark.parametrize("bit", [0, 99, 100, 128, 255])
def test_all_256_bits_of_the_tracker_are_compared(bit: int) -> None:
    """The hundred bits that are shown are for finding."""
    other = (int.from_bytes(MADE.tracker, "big") ^ 1 << (255 - bit)).to_bytes(32, "big")
    with pytest.raises(ProofError, match="does not encrypt this vote"):
        verify_audited(CONTEST, REVEALED, other)


@pytest.mark.parametrize("vote", ["[0,2,0]", "[0,-1,0]", "[0,true,0]", "[0,1.0,0]", '["0"]', "null"])
def test_an_audit_file_holds_marks_alone(vote: str) -> None:
    raw = encode(REVEALED).replace(b"[0,1,0]", vote.encode())
    with pytest.raises(FormatError, match="AuditedBallot: "):
        decode(raw, AuditedBallot)


def test_another_contests_document_does_not_pass_for_this_one() -> None:
    other = make_contest(options=3, low=0, high=1, contest="senate")
    with pytest.raises(ContextError, match="wrong context"):
        verify_audited(other, REVEALED, MADE.tracker)


def test_a49_an_audited_ballot_cannot_be_cast() -> None:
    """What an audit reveals has no token in it; and with another token the same body is somebody else's."""
    assert AuditedBallot.__struct_fields__ == ("context", "owner", "vote", "seed")
    with pytest.raises(FormatError, match="BallotData: "):
        decode(encode(REVEALED), BallotData)
    thief = make_token(CONTEST, seeded("thief"))
    for t in (b"t" * 32, unb64(MADE.data.token.t, 32, "t")):
        assert b64(owner_of(thief.key, t)) != REVEALED.owner
        error = verdict(CONTEST, sign_ballot(CONTEST, thief, t, MADE.body, b"", seeded("sign")).data)
        assert isinstance(error, OwnerError)


def test_a49_an_audit_does_not_give_away_token_key_or_t() -> None:
    revealed = encode(REVEALED)
    for secret in (MADE.data.token.key, MADE.data.token.t, MADE.data.token.prepared, MADE.data.token.sig):
        assert secret.encode() not in revealed
