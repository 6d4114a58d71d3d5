"""What secrets say of themselves in a message, a log or a stack trace: nothing (A64, A70)."""

import os

from election_service.links import Link
from keys.canonical import b64
from keys.trustee.file import TrusteeFile, new_trustee_file
from tests.simulator import ContestPlan, Plan, set_up


def secrets_of(file: TrusteeFile) -> list[str]:
    found = [file.seed]
    if file.current is not None:
        found += file.current.coefficients
        found += [file.current.confirmed.secret_share] if file.current.confirmed is not None else []
    return found


def test_a64_a_trustee_s_file_shows_no_secret() -> None:
    confirmed = set_up(Plan(contests=(ContestPlan("head", ("ana",)),))).trustees[0]
    for file in (new_trustee_file("spring", os.urandom), confirmed):
        shown = "".join(map(repr, (file, file.current, file.current and file.current.confirmed)))
        assert [secret for secret in secrets_of(file) if secret in shown] == []
    assert len(secrets_of(confirmed)) == 4


def test_a70_a_ballot_link_shows_no_seed() -> None:
    seed = b64(os.urandom(48))
    shown = repr(Link("1", "Nino", "nino@example.edu", "ka", f"https://vote.example.edu/vote/spring#{seed}"))
    assert seed not in shown
    assert "Nino" in shown
