"""A voter without a browser: the booth's steps in Python, over HTTP (docs/protocol.md §4 to §7).

For the demo, the load tests and whoever wants to vote from a terminal. It checks what the booth checks and trusts the
service no more than the booth does. Logging in and casting use separate connections: nothing ties one to the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from audit.evidence import Evidence, Membership, ProvenEntry, verify_evidence
from ballot.contest import ContestRules
from ballot.encryption import MadeBallot, make_ballot
from ballot.link import read_link, sign_login
from ballot.receipt import RECEIPT_VERSION, Receipt, verify_receipt
from ballot.recovery import open_recovery, seal_recovery
from ballot.token import BlindedToken, SpendableToken, blind_token, finalize_token, make_request
from election_service.api_types import (
    BearerAnswer,
    CastAnswer,
    ElectionInfo,
    IssuedInfo,
    LoginRequest,
    NonceAnswer,
    NonceRequest,
    TokenAnswer,
    VoterView,
)
from election_service.client import ServiceClient
from keys import schnorr
from keys.canonical import b64, encode, unb64
from keys.derive import credential_key

Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class VoterContest:
    """A contest that is this voter's, and the token request that is already stored for it, if any."""

    rules: ContestRules
    issued: IssuedInfo | None


@dataclass(frozen=True, slots=True)
class Voter:
    """A voter who has logged in and checked the evidence."""

    seed: bytes
    secret: bytes
    bearer: str
    evidence: Evidence
    contests: tuple[VoterContest, ...]

    def __repr__(self) -> str:
        return "Voter(…)"


async def log_in(client: ServiceClient, link: str, random: Random, code: str | None = None) -> Voter:
    """Open a ballot link: log in with its seed, fetch the view and check it."""
    base, election, seed, log_prefix = read_link(link)
    origin = f"{urlsplit(base).netloc.lower()}/{election}"  # as the booth's own location has it
    secret = credential_key(seed, election)
    credential = schnorr.public_key(secret)
    info = await client.get("", ElectionInfo)
    answer = await client.post("/login/nonce", NonceRequest(credential=b64(credential)), NonceAnswer)
    nonce = unb64(answer.nonce, 32, "login: nonce")
    signature = sign_login(seed, election, unb64(info.log, 32, "log"), origin, nonce, random)
    request = LoginRequest(credential=b64(credential), nonce=answer.nonce, signature=b64(signature), code=code)
    bearer = (await client.post("/login", request, BearerAnswer)).bearer
    view = await client.get("/voter", VoterView, bearer)
    evidence = check_view(view, log_prefix, credential)
    contests = tuple(VoterContest(evidence.contests[item.seq], item.issued) for item in view.contests)
    return Voter(seed, secret, bearer, evidence, contests)


def check_view(view: VoterView, log_prefix: bytes, credential: bytes) -> Evidence:
    """The evidence in a voter's view; DataError where it does not hold."""
    entries = [ProvenEntry(item.seq, item.entry.encode(), _hashes(item.proof)) for item in view.entries]
    memberships = [
        Membership(item.seq, item.electorate_seq, unb64(item.leaf, 32, "leaf"), item.index, _hashes(item.membership))
        for item in view.contests
    ]
    return verify_evidence(view.checkpoint.encode(), entries, memberships, log_prefix=log_prefix, credential=credential)


def _hashes(texts: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(unb64(text, 32, "proof") for text in texts)


async def get_token(client: ServiceClient, voter: Voter, contest: VoterContest, random: Random) -> SpendableToken:
    """The one-time token of a contest: asked for now, or recovered from what another device asked for."""
    rules = contest.rules
    if contest.issued is not None:
        return _recover(voter, rules, contest.issued)
    waiting = blind_token(rules, random)
    blob = seal_recovery(rules, waiting, voter.seed, random) if rules.document.recovery else None
    request = make_request(rules, waiting, voter.secret, blob, random)
    answer = await client.post("/tokens", request, TokenAnswer, voter.bearer)
    return _finish(rules, waiting, answer.blind_signature)


def _recover(voter: Voter, rules: ContestRules, issued: IssuedInfo) -> SpendableToken:
    blinded = unb64(issued.blinded, len(rules.modulus), "blinded")
    blob = unb64(issued.recovery or "", None, "recovery")
    return _finish(rules, open_recovery(rules, blinded, blob, voter.seed), issued.blind_signature)


def _finish(rules: ContestRules, waiting: BlindedToken, blind_signature: str) -> SpendableToken:
    return finalize_token(rules, waiting, unb64(blind_signature, len(rules.modulus), "blind signature"))


async def cast(client: ServiceClient, evidence: Evidence, ballot: MadeBallot) -> Receipt:
    """Send a ballot, without any login, and check the receipt against the voter's own bytes (A47)."""
    answer = await client.post_raw("/ballots", encode(ballot.data), CastAnswer)
    receipt = Receipt(
        v=RECEIPT_VERSION,
        log=b64(evidence.log_id),
        context=ballot.data.context,
        tracker=b64(ballot.tracker),
        signature=answer.signature,
    )
    verify_receipt(receipt, evidence.receipt_key, evidence.log_id)
    return receipt


async def vote(
    client: ServiceClient,
    casting: ServiceClient,
    link: str,
    choose: Callable[[ContestRules], list[int] | None],
    random: Random,
) -> list[Receipt]:
    """The whole journey of one link: log in, then token, ballot and receipt of each contest.

    ``choose`` marks a contest, or leaves it with None: those of earlier polls among the voter's contests are over.
    """
    voter = await log_in(client, link, random)
    made = []
    for contest in voter.contests:
        marks = choose(contest.rules)
        if marks is not None:
            token = await get_token(client, voter, contest, random)
            made.append(make_ballot(contest.rules, token, marks, voter.seed, random))
    made.sort(key=lambda ballot: ballot.tracker)  # an order that says nothing
    return [await cast(casting, voter.evidence, ballot) for ballot in made]
