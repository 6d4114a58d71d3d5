"""The load: what the voters' booths compute, made beforehand in processes, and many connections that only send it."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import TypeVar
from urllib.parse import urlsplit

import aiohttp
import msgspec

from ballot.contest import load_contest
from ballot.encryption import make_ballot
from ballot.link import read_link, sign_login
from ballot.recovery import seal_recovery
from ballot.token import BlindedToken, blind_token, finalize_token, make_request
from bench.office import ELECTION, Office
from election_service.api_types import BearerAnswer, LoginRequest, NonceAnswer, NonceRequest, TokenAnswer
from keys import schnorr
from keys.canonical import Wire, b64, encode, unb64
from keys.derive import credential_key

CONNECTIONS = 64
_CHUNK = 50

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A token request as it is sent, and what its booth keeps. ``contest``: the document's bytes."""

    bearer: str
    seed: bytes
    contest: bytes
    waiting: BlindedToken
    request: bytes


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load: the answers in order, seconds by the clock, seconds until each answer."""

    answers: list[bytes]
    seconds: float
    latencies: list[float]


def in_processes(work: Callable[[Sequence[Item]], list[Result]], items: Sequence[Item]) -> list[Result]:
    """``work`` over chunks of the items, on all cores."""
    chunks = [items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK)]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return [result for part in pool.map(work, chunks) for result in part]


def prepare_requests(contests: Sequence[bytes], voters: Sequence[tuple[bytes, str]]) -> list[Prepared]:
    """A token request for each voter (seed, bearer) and contest."""
    pairs = [(seed, bearer, contest) for seed, bearer in voters for contest in contests]
    return in_processes(_prepare_requests, pairs)


def _prepare_requests(pairs: Sequence[tuple[bytes, str, bytes]]) -> list[Prepared]:
    prepared = []
    for seed, bearer, contest in pairs:
        rules = load_contest(contest)
        waiting = blind_token(rules, os.urandom)
        blob = seal_recovery(rules, waiting, seed, os.urandom)
        request = make_request(rules, waiting, credential_key(seed, ELECTION), blob, os.urandom)
        prepared.append(Prepared(bearer, seed, contest, waiting, encode(request)))
    return prepared


def prepare_ballots(prepared: Sequence[Prepared], answers: Sequence[bytes]) -> list[bytes]:
    """A cast request for each answered token request."""
    return in_processes(_prepare_ballots, list(zip(prepared, answers, strict=True)))


def _prepare_ballots(pairs: Sequence[tuple[Prepared, bytes]]) -> list[bytes]:
    requests = []
    for number, (item, answer) in enumerate(pairs):
        rules = load_contest(item.contest)
        signature = msgspec.json.decode(answer, type=TokenAnswer).blind_signature
        token = finalize_token(rules, item.waiting, unb64(signature, len(rules.modulus), "blind signature"))
        vote = [int(option == number % rules.options) for option in range(rules.options)]
        requests.append(encode(make_ballot(rules, token, vote, item.seed, os.urandom).data))
    return requests


def log_in_all(office: Office) -> tuple[list[tuple[bytes, str]], float]:
    """(seed, bearer) of every link, and the seconds it took. Two requests each: nonce, login."""
    start = time.perf_counter()
    voters = asyncio.run(_at_once([partial(_log_in, office, link) for link in office.links]))
    return voters, time.perf_counter() - start


async def _log_in(office: Office, link: str, session: aiohttp.ClientSession) -> tuple[bytes, str]:
    base, election, seed, _ = read_link(link)
    credential = b64(schnorr.public_key(credential_key(seed, election)))
    url = _url(office)
    raw = await _post(session, f"{url}/login/nonce", encode(NonceRequest(credential=credential)))
    nonce = msgspec.json.decode(raw, type=NonceAnswer).nonce
    origin = f"{urlsplit(base).netloc}/{election}"
    signature = sign_login(seed, election, office.log_id, origin, unb64(nonce, 32, "nonce"), os.urandom)
    request: Wire = LoginRequest(credential=credential, nonce=nonce, signature=b64(signature), code=None)
    raw = await _post(session, f"{url}/login", encode(request))
    return seed, msgspec.json.decode(raw, type=BearerAnswer).bearer


def send_all(office: Office, path: str, bodies: Sequence[tuple[bytes, str | None]]) -> Load:
    """POST every (body, bearer), CONNECTIONS at a time; SystemExit at the first refusal."""
    latencies = [0.0] * len(bodies)

    async def send(number: int, session: aiohttp.ClientSession) -> bytes:
        began = time.perf_counter()
        raw = await _post(session, f"{_url(office)}{path}", *bodies[number])
        latencies[number] = time.perf_counter() - began
        return raw

    start = time.perf_counter()
    answers = asyncio.run(_at_once([partial(send, number) for number in range(len(bodies))]))
    return Load(answers, time.perf_counter() - start, latencies)


async def _at_once(jobs: Sequence[Callable[[aiohttp.ClientSession], Awaitable[Result]]]) -> list[Result]:
    """Run the jobs over CONNECTIONS connections; their results in order."""
    results: dict[int, Result] = {}
    numbers = iter(range(len(jobs)))
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def connection() -> None:
            for number in numbers:
                results[number] = await jobs[number](session)

        await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return [results[number] for number in range(len(jobs))]


async def _post(session: aiohttp.ClientSession, url: str, body: bytes, bearer: str | None = None) -> bytes:
    headers = {"Content-Type": "application/json"}
    if bearer is not None:
        headers["Authorization"] = f"Bearer {bearer}"
    async with session.post(url, data=body, headers=headers) as response:
        raw = await response.read()
        if response.status != 200:
            message = f"{url}: status {response.status}: {raw.decode()}"
            raise SystemExit(message)
        return raw


def _url(office: Office) -> str:
    return f"{office.config.public_url}/api/elections/{ELECTION}"
