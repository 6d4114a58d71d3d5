"""Casting (docs/protocol.md §7): a ballot is accepted exactly when a verifier would, stored once, and then receipted.

First of all, a body already stored gets its stored receipt again. Then cheapest first, so that garbage costs a fraction
of a millisecond and never reaches the workers (A92): form, context, poll, spent, token, owner here; in a worker the one
judge over the whole ballot. One transaction stores a batch and reads the polls' states; nobody is answered before it is
durable. No address, time or order of a ballot is kept anywhere (A63-A65).
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ballot.ballot import BallotData, load_ballot, owner_of, tracker_of
from ballot.errors import ProofError
from ballot.token import verify_token
from election_service.api_types import CastAnswer
from election_service.batcher import Batcher
from election_service.cast_store import CastItem, FirstLook, SpentKey, first_look, store_ballots
from election_service.election import Election
from election_service.errors import PollNotOpenError, TokenSpentError, TooLargeError
from keys.canonical import MAX_BODY, b64, encode, unb64
from keys.errors import DataError

if TYPE_CHECKING:
    from election_service.service import Service

LARGEST: Final = 512  # ballots in a batch: a quarter of a second of proofs on one core
GATHER: Final = 0.003  # seconds
MOST_WAITING: Final = 8192  # ballots; some 40 MB
MOST_SUSPECTS: Final = 10_000  # token keys remembered for proofs that failed
MOST_ALONE: Final = 64  # ballots of suspects that may wait


async def cast_ballot(service: "Service", election: str, request: bytes) -> CastAnswer:
    """Accept a cast request, or raise why not; the same body again gets the same receipt, also after the close."""
    known = await service.election(election)
    item, data = await _read_request(service, known, request)
    look = await service.cast_desk.look(item)
    if look.receipt is not None and _is_owner(item, data):
        return _answer(item, look.receipt)
    if look.poll is None or not look.poll.accepts(service.clock()):
        raise PollNotOpenError(f"ballot: poll {item.poll} is not open")
    if look.spent:
        raise TokenSpentError("ballot: this token has already cast another ballot")
    verify_token(item.rules, data)  # signature, points and proofs are left to the worker, which checks this again
    return _answer(item, await service.cast_desk.cast(item))


async def _read_request(service: "Service", election: Election, request: bytes) -> tuple[CastItem, BallotData]:
    """Length, canonical form, and which contest it is for; TooLargeError, FormatError or WrongContextError."""
    if len(request) > MAX_BODY:
        raise TooLargeError(f"ballot: expected at most {MAX_BODY} bytes, got {len(request)}")
    data = load_ballot(request)
    rules = await service.contest(election, unb64(data.context, 32, "ballot: context"))
    token_key = unb64(data.token.key, 32, "token: key")
    return CastItem(election, rules, request, tracker_of(encode(data.body)), token_key), data


def _is_owner(item: CastItem, data: BallotData) -> bool:
    """Whether the request names the token whose ballot this body is: a stranger's copy goes the way of all copies
    (A01).
    """
    t = unb64(data.token.t, 32, "token: t")
    return b64(owner_of(item.token_key, t)) == data.body.owner


def _answer(item: CastItem, signature: bytes) -> CastAnswer:
    return CastAnswer(tracker=b64(item.tracker), signature=b64(signature))


class CastDesk:
    """The casting side of one process. Owner of the queues and of the list of suspects."""

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._suspects: OrderedDict[SpentKey, None] = OrderedDict()
        self._look = Batcher(self._look_batch, largest=LARGEST, parallel=2)
        parallel = service.workers.count + 1  # one batch is stored while the workers judge the next
        self._cast = Batcher(self._cast_batch, largest=LARGEST, pause=GATHER, parallel=parallel, limit=MOST_WAITING)
        self._alone = Batcher(self._cast_batch, largest=1, limit=MOST_ALONE)

    async def look(self, item: CastItem) -> FirstLook:
        """What the database says about a request."""
        return await self._look.submit(item)

    async def cast(self, item: CastItem) -> bytes:
        """Judge and store; the receipt's signature, or the error of this ballot alone.

        A token key whose proofs failed once is judged alone from then on, in a queue of its own, so that it never again
        makes anybody's batch fail.
        """
        queue = self._alone if item.spent_key in self._suspects else self._cast
        return await queue.submit(item)

    @property
    def waiting(self) -> int:
        """Ballots that wait to be judged."""
        return self._cast.waiting + self._alone.waiting

    async def close(self) -> None:
        """Judge, store and answer what is there."""
        await self._look.close()
        await self._cast.close()
        await self._alone.close()

    async def _look_batch(self, items: Sequence[CastItem]) -> Sequence[FirstLook | Exception]:
        return await first_look(self._service, items)

    async def _cast_batch(self, items: Sequence[CastItem]) -> list[bytes | Exception]:
        verdicts = await self._judge(items)
        results: dict[int, bytes | Exception] = {}
        good: dict[str, list[int]] = {}
        for number, (item, verdict) in enumerate(zip(items, verdicts, strict=True)):
            if verdict is None:
                good.setdefault(item.election.id, []).append(number)
            else:
                results[number] = verdict
                if isinstance(verdict, ProofError):  # all other faults are seen before the batch's equation
                    self._suspect(item)
        for election, numbers in good.items():
            answers = await store_ballots(self._service, election, [items[number] for number in numbers])
            results.update(zip(numbers, answers, strict=True))
        return [results[number] for number in range(len(items))]

    async def _judge(self, items: Sequence[CastItem]) -> list[DataError | None]:
        """The one judge, in the workers; real elections and rehearsals apart."""
        verdicts: list[DataError | None] = [None] * len(items)
        for rehearsal in (False, True):
            numbers = [number for number, item in enumerate(items) if item.election.rehearsal == rehearsal]
            if not numbers:
                continue
            contests = {items[number].context: items[number].rules.raw for number in numbers}
            pairs = [(items[number].context, items[number].request) for number in numbers]
            answers = await self._service.workers.verify(contests, pairs, rehearsal=rehearsal)
            for number, answer in zip(numbers, answers, strict=True):
                verdicts[number] = answer
        return verdicts

    def _suspect(self, item: CastItem) -> None:
        """Remember a token key whose proofs made a batch fail."""
        self._suspects[item.spent_key] = None
        while len(self._suspects) > MOST_SUSPECTS:
            self._suspects.popitem(last=False)
