"""Voters who keep the very bytes of every request until it is answered, as the booth does (docs/protocol.md §5, §7).

What gets no answer is sent again, the same bytes, until there is one: to the service that came back, or to another
process. Nothing else is ever tried: a service that loses or doubles something is seen by the answers.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from ballot.contest import ContestRules
from ballot.encryption import MadeBallot, make_ballot
from ballot.receipt import RECEIPT_VERSION, Receipt, verify_receipt
from ballot.recovery import seal_recovery
from ballot.token import BlindedToken, SpendableToken, blind_token, finalize_token, make_request
from election_service.api_types import CastAnswer, TokenAnswer
from election_service.client import ProblemError, ServiceClient
from election_service.voter import Voter, log_in
from keys.canonical import b64, encode, unb64
from keys.errors import PeerError
from tests.faults.template import ELECTION

T = TypeVar("T")
Watch = Callable[[str], None]
"""Told the path of every request just before it is sent."""

PATIENCE: Final = 90.0  # seconds for one answer, restarts included
_AGAIN: Final = 0.2  # seconds between two tries


class Line(ServiceClient):
    """A connection that tells somebody what it is about to send."""

    def __init__(self, server: str, watch: Watch | None = None) -> None:
        super().__init__(server, ELECTION)
        self.watch = watch
        self.tries = 0

    async def _send(self, method: str, path: str, body: bytes | None, bearer: str | None) -> bytes:
        self.tries += 1
        if self.watch is not None:
            self.watch(path)
        return await super()._send(method, path, body, bearer)

    async def post_until_answered(self, path: str, raw: bytes, kind: type[T], bearer: str | None = None) -> T:
        """The same bytes until there is an answer; ProblemError where the answer is a refusal."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return await self.post_raw(path, raw, kind, bearer)
            except ProblemError as error:
                if error.problem != "busy" or time.monotonic() > deadline:
                    raise
            except PeerError:
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(_AGAIN)

    async def get_until_answered(self, path: str) -> dict[str, Any]:
        """GET a document, from a service that may be away for a while."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return await self.get_document(path)
            except ProblemError:
                raise
            except PeerError:
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(_AGAIN)


@dataclass(slots=True)
class Paper:
    """What the voter holds in one contest; filled from above to below. ``sent``: the bytes of the cast request."""

    rules: ContestRules
    waiting: BlindedToken
    request: bytes
    blind_signature: str = ""
    token: SpendableToken | None = None
    ballot: MadeBallot | None = None
    sent: bytes = b""
    receipt: Receipt | None = None
    refused: str = ""


@dataclass(slots=True)
class Booth:
    """One voter's device."""

    link: str
    voter: Voter | None = None
    papers: list[Paper] = field(default_factory=list)

    async def enter(self, line: Line) -> None:
        """Log in, check the evidence, and prepare one token request for each contest."""
        deadline = time.monotonic() + PATIENCE
        while self.voter is None:
            try:
                self.voter = await log_in(line, self.link, os.urandom)
            except ProblemError as error:  # a nonce whose answer was lost is spent: ask for another
                if error.problem not in {"login-refused", "busy"} or time.monotonic() > deadline:
                    raise
            except PeerError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(_AGAIN)
        self.papers = [self.new_paper(contest.rules) for contest in self.voter.contests]

    def new_paper(self, rules: ContestRules) -> Paper:
        """A fresh blinded message and the request that carries it."""
        voter = self.known
        waiting = blind_token(rules, os.urandom)
        blob = seal_recovery(rules, waiting, voter.seed, os.urandom) if rules.document.recovery else None
        return Paper(rules, waiting, encode(make_request(rules, waiting, voter.secret, blob, os.urandom)))

    @property
    def known(self) -> Voter:
        assert self.voter is not None
        return self.voter

    async def get_token(self, line: Line, paper: Paper) -> SpendableToken:
        """The token; asked for again, the answer must be the same."""
        answer = await line.post_until_answered("/tokens", paper.request, TokenAnswer, self.known.bearer)
        assert paper.blind_signature in {"", answer.blind_signature}, "one request got two blind signatures"
        paper.blind_signature = answer.blind_signature
        signature = unb64(answer.blind_signature, len(paper.rules.modulus), "blind signature")
        paper.token = finalize_token(paper.rules, paper.waiting, signature)
        return paper.token

    def mark(self, paper: Paper, vote: Sequence[int] = (1, 0, 0)) -> bytes:
        """Encrypt; the bytes are kept from now on."""
        assert paper.token is not None
        paper.ballot = make_ballot(paper.rules, paper.token, vote, self.known.seed, os.urandom)
        paper.sent = encode(paper.ballot.data)
        return paper.sent

    async def cast(self, line: Line, paper: Paper) -> Receipt:
        """Cast, and check the receipt; cast again, it must be the same one."""
        assert paper.ballot is not None
        answer = await line.post_until_answered("/ballots", paper.sent, CastAnswer)
        return self.keep(paper, answer)

    def keep(self, paper: Paper, answer: CastAnswer) -> Receipt:
        """Check an answer to the cast of this paper, and keep the receipt."""
        assert paper.ballot is not None
        receipt = Receipt(
            v=RECEIPT_VERSION,
            log=b64(self.known.evidence.log_id),
            context=b64(paper.rules.context),
            tracker=b64(paper.ballot.tracker),
            signature=answer.signature,
        )
        assert answer.tracker == receipt.tracker
        verify_receipt(receipt, self.known.evidence.receipt_key, self.known.evidence.log_id)
        assert paper.receipt in {None, receipt}, "one ballot got two receipts"
        paper.receipt = receipt
        return receipt

    async def vote(self, line: Line, casting: Line) -> None:
        """The whole journey."""
        await self.enter(line)
        for paper in self.papers:
            await self.get_token(line, paper)
            self.mark(paper)
            try:
                await self.cast(casting, paper)
            except ProblemError as error:
                paper.refused = error.problem


def receipts_of(booths: Sequence[Booth]) -> list[Receipt]:
    """Everything that was acknowledged."""
    return [paper.receipt for booth in booths for paper in booth.papers if paper.receipt is not None]
