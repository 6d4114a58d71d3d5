"""CPU of one 5-option ballot: making it, checking it alone, checking it in batches of 1,000; tokens signed a second."""

import os
from collections.abc import Iterator

from audit.checks.batches import prepare_worker
from ballot.ballot import BallotData, load_ballot
from ballot.contest import Contest, ContestRules, Option, load_contest
from ballot.encryption import make_ballot
from ballot.token import SpendableToken, blind_token, finalize_token
from ballot.verification import verify_ballot, verify_ballots, verify_envelope
from bench.measure import Row, cpu_seconds, milliseconds
from keys.canonical import b64, encode
from keys.curve import Scalar, base_multiply
from keys.issuer import IssuerKey, blind_sign, generate_issuer_key

OPTIONS = 5
BATCH = 1000
DISTINCT, DISTINCT_QUICK = 250, 50  # ballots made; a batch repeats them, which the check does not notice


def rows(quick: bool) -> Iterator[Row]:
    """The rows of this part."""
    distinct = DISTINCT_QUICK if quick else DISTINCT
    issuer = generate_issuer_key(3072)
    contest = make_contest(issuer)
    tokens = [_token(contest, issuer) for _ in range(distinct)]
    blinded = [blind_token(contest, os.urandom).blinded for _ in range(50)]
    signing = cpu_seconds(lambda: [blind_sign(issuer, value, os.urandom) for value in blinded], 3)
    yield Row("blind signature, RSA-3072", milliseconds(signing, 50), "CRT, powmod_sec, base blinding, own check")
    yield Row("tokens signed a second, one core", f"{50 / signing[0]:.0f}", "the private operation")
    made = [encode(make_ballot(contest, t, _vote(i), bytes(32), os.urandom).data) for i, t in enumerate(tokens)]
    making = cpu_seconds(lambda: make_ballot(contest, tokens[0], _vote(0), bytes(32), os.urandom))
    yield Row("make a 5-option ballot (Python)", milliseconds(making, 1), "multiplications in constant time")
    ballots = [load_ballot(raw) for raw in made]
    loading = cpu_seconds(lambda: [load_ballot(raw) for raw in made])
    yield Row("parse a cast request, canonical", milliseconds(loading, distinct), "JSON read and written")
    cheap = cpu_seconds(lambda: [verify_envelope(contest, ballot) for ballot in ballots])
    yield Row("token, owner, signature", milliseconds(cheap, distinct), "RSA-PSS and BIP-340 verification")
    single = cpu_seconds(lambda: _verify_each(contest, ballots[:50]))
    yield Row("full check, one by one", milliseconds(single, 50), "44 multiplications")
    batch = [(contest, ballots[number % distinct]) for number in range(BATCH)]
    prepare_worker()  # as in every process that judges batches
    together = cpu_seconds(lambda: verify_ballots(batch, os.urandom))
    yield Row("full check, batches of 1,000", milliseconds(together, BATCH), "decompression of 32 points, bucket sum")


def make_contest(issuer: IssuerKey) -> ContestRules:
    """A contest of five options, the last blank, under a fresh joint key."""
    joint_key = base_multiply(Scalar.reduce(os.urandom(48)))
    options = [
        Option(id=f"o{number}", name={"en": f"Option {number}"}, blank=number == OPTIONS - 1)
        for number in range(OPTIONS)
    ]
    document = Contest(
        v="es1",
        log=b64(os.urandom(32)),
        election="bench",
        poll=1,
        contest="head",
        position=None,
        electorate="all",
        size=BATCH,
        root=b64(os.urandom(32)),
        options=options,
        min=1,
        max=1,
        joint_key=b64(joint_key.to_bytes()),
        issuer_key=b64(issuer.modulus),
        recovery=True,
    )
    return load_contest(encode(document))


def _token(contest: ContestRules, issuer: IssuerKey) -> SpendableToken:
    waiting = blind_token(contest, os.urandom)
    return finalize_token(contest, waiting, blind_sign(issuer, waiting.blinded, os.urandom))


def _vote(number: int) -> list[int]:
    return [int(option == number % OPTIONS) for option in range(OPTIONS)]


def _verify_each(contest: ContestRules, ballots: list[BallotData]) -> None:
    for ballot in ballots:
        verify_ballot(contest, ballot)
