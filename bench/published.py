"""A finished log of any size: the simulator's acts, with RSA-3072, five options, and ballots from processes."""

import copy
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from ballot.ballot import BallotData
from ballot.contest import load_contest
from ballot.encryption import make_ballot
from ballot.token import TokenRequest, blind_token, finalize_token, make_request
from bench.voters import in_processes
from keys.canonical import decode, encode, unb64
from keys.derive import credential_key
from keys.issuer import blind_sign
from tests.simulated.logbook import write_folder
from tests.simulated.people import issuer_key
from tests.simulated.plan import Box, ContestPlan, Plan
from tests.simulated.preparation import ELECTION
from tests.simulator import Election, finish

OPTIONS = ("ana", "beka", "gio", "nino", "blank")
_MANY = frozenset({"ballot", "token"})


class BenchElection(Election):
    """Without the oracle, which tests the simulator and not the log: it would take longer than everything else."""

    def check(self) -> list[dict[str, Any]]:
        """All entries but ballots and tokens, as plain JSON."""
        entries = []
        for raw in self.log.entries:
            kind = msgspec.json.decode(raw, type=_Kind).kind
            if kind not in _MANY:
                entries.append(msgspec.json.decode(raw))
        return entries

    def tally(self, poll: int = 1) -> None:
        """As the simulator's, without the oracle's decryption."""
        self.wait(self.plan.review_window)
        sums = self.sums(poll)
        for box in self.boxes[poll]:
            own = sums[box.plan.id]
            shares = [self.share(number, own) for number in range(1, self.plan.k + 1)]
            for share in shares:
                self.log.append("tally.share", share)
            self.count(box, own, shares)

    def check_winners(self, poll: int = 1) -> None:
        """Nobody planned the votes."""


class _Kind(msgspec.Struct):
    kind: str


def open_election(voters: int) -> BenchElection:
    """One contest, and everybody may vote in it."""
    plan = Plan(contests=(ContestPlan("head", (), options=" ".join(OPTIONS)),), voters=voters, rsa_bits=3072)
    election = BenchElection(plan)
    election.open_log()
    election.ceremony()
    election.make_electorates()
    election.prepare_poll()
    election.open_poll()
    return election


def make_votes(election: BenchElection) -> list[tuple[TokenRequest, BallotData]]:
    """A token request and a ballot for every voter, computed on all cores."""
    (box,) = election.boxes[1]
    name = f"{election.plan.seed}/1/{box.plan.id}"
    raws = in_processes(partial(_make_votes, box.rules.raw, name), [voter.seed for voter in election.voters])
    return [(decode(request, TokenRequest), decode(ballot, BallotData)) for request, ballot in raws]


def _make_votes(document: bytes, issuer: str, seeds: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    contest, key = load_contest(document), issuer_key(issuer, 3072)
    made = []
    for seed in seeds:
        waiting = blind_token(contest, os.urandom)
        request = make_request(contest, waiting, credential_key(seed, ELECTION), None, os.urandom)
        token = finalize_token(contest, waiting, blind_sign(key, waiting.blinded, os.urandom))
        vote = [int(option == seed[0] % len(OPTIONS)) for option in range(len(OPTIONS))]
        made.append((encode(request), encode(make_ballot(contest, token, vote, seed, os.urandom).data)))
    return made


def publish(opened: BenchElection, votes: Sequence[tuple[TokenRequest, BallotData]], folder: Path) -> int:
    """The election in which the first voters cast these ballots, to its end, as a folder; returns its size in bytes."""
    election = copy.deepcopy(opened)
    box: Box = election.boxes[1][0]
    for voter, (request, ballot) in zip(election.voters, votes, strict=False):
        box.requests.append((voter.credential, request))
        box.ballots.append(ballot)
        assert unb64(ballot.context, 32, "context") == box.rules.context
    files = finish(election).log.files()
    write_folder(files, folder)
    return sum(map(len, files.values()))
