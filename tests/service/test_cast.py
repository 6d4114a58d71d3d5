"""Casting: accepted once, receipted when durable, refused with a reason; neighbours never suffer (A40–A42, A51,
A92)."""

import asyncio
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, func, select

from ballot.ballot import BallotData, tracker
from ballot.receipt import RECEIPT_VERSION, Receipt, verify_receipt, verify_refusal
from election_service import schema
from election_service.api_types import CastAnswer
from election_service.cast import cast_ballot
from election_service.cast_store import rebuild_spent
from election_service.poll import close_due
from election_service.seal import seal_waiting
from election_service.service import Service, open_service
from keys.canonical import b64, encode, unb64
from keys.errors import DataError
from tests.service.house import ELECTION, HOUR, House, code_of


async def count(house: House, table: Any) -> int:
    async with house.service.database.snapshot() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


def verify(house: House, service: Service, ballot: BallotData, answer: dict[str, Any]) -> None:
    """A receipt, as the voter checks it: against the own bytes."""
    assert unb64(answer["tracker"], 32, "") == tracker(ballot.body)
    receipt = Receipt(
        v=RECEIPT_VERSION,
        log=b64(house.log_id),
        context=ballot.context,
        tracker=b64(tracker(ballot.body)),
        signature=answer["signature"],
    )
    opened = service._elections[ELECTION].opened
    verify_receipt(receipt, unb64(opened.receipt_key, 32, ""), house.log_id)


def broken(ballot: BallotData) -> BallotData:
    """The same ballot with one response changed: everything cheap is right, the proof is not."""
    first = ballot.body.choices[0]
    z = [first.z[1], first.z[0]]
    choices = [msgspec.structs.replace(first, z=z), *ballot.body.choices[1:]]
    return msgspec.structs.replace(ballot, body=msgspec.structs.replace(ballot.body, choices=choices))


def signed(house: House, ballot: BallotData, secret: bytes) -> BallotData:
    """Signed again by the token key, as a malicious booth would."""
    from ballot.ballot import cast_message
    from keys import schnorr

    signature = schnorr.sign(secret, cast_message(encode(ballot.body)), bytes(32))
    return msgspec.structs.replace(ballot, signature=b64(signature))


async def test_a_receipt_verifies_and_the_same_ballot_gets_it_again_also_after_the_close(open_house: House) -> None:
    """A42: whatever reply was lost, the same bytes get the same receipt, and there is one ballot."""
    house, person = open_house, open_house.people[0]
    rules = await house.rules(house.contexts[0])
    ballot = house.ballot(person, rules, await house.token(person, rules))
    first = await (await house.post("/ballots", ballot)).json()
    verify(house, house.service, ballot, first)
    assert await (await house.post("/ballots", ballot)).json() == first
    await seal_waiting(house.service, ELECTION, 1)
    assert await (await house.post("/ballots", ballot)).json() == first
    house.clock.now += 2 * HOUR
    assert await (await house.post("/ballots", ballot)).json() == first
    await close_due(house.service, ELECTION)
    assert await (await house.post("/ballots", ballot)).json() == first
    assert len(await house.entries("ballot")) == 1


async def test_a_token_casts_once(open_house: House) -> None:
    """A51: no second vote."""
    house, person = open_house, open_house.people[0]
    rules = await house.rules(house.contexts[0])
    token = await house.token(person, rules)
    assert (await house.post("/ballots", house.ballot(person, rules, token))).status == 200
    answer = await house.post("/ballots", house.ballot(person, rules, token, (0, 1, 0)))
    assert (answer.status, await code_of(answer)) == (409, "token-spent")
    assert await count(house, schema.receipts) == 1


async def test_200_parallel_casts_of_one_token_accept_one(open_house: House) -> None:
    """A40: different ballots, two services on one database."""
    house, person = open_house, open_house.people[0]
    rules = await house.rules(house.contexts[0])
    token = await house.token(person, rules)
    ballots = [encode(house.ballot(person, rules, token, vote)) for vote in ((1, 0, 0), (0, 1, 0))] + [
        encode(house.ballot(person, rules, token)) for _ in range(18)
    ]
    config, workers = house.service.config, house.service.workers
    async with open_service(config, clock=house.clock, workers=workers, check=False) as other:
        services = [house.service, other]
        results = await asyncio.gather(
            *(cast_ballot(services[number % 2], ELECTION, ballots[number % 20]) for number in range(200)),
            return_exceptions=True,
        )
    good = [result for result in results if not isinstance(result, BaseException)]
    assert len({answer.tracker for answer in good}) == 1  # ten times the same body, and one receipt
    assert len({answer.signature for answer in good}) == 1
    codes = {getattr(result, "code", None) for result in results if isinstance(result, BaseException)}
    assert codes == {"token-spent"}
    assert await count(house, schema.spent) == await count(house, schema.unsealed_ballots) == 1


async def test_one_bad_ballot_fails_alone_and_its_token_stays_usable(open_house: House) -> None:
    """A92: forty good ballots around one with a false proof, in one batch."""
    house = open_house
    rules = await house.rules(house.contexts[0])
    tokens = [await house.token(person, rules) for person in house.people]
    good = [encode(house.ballot(person, rules, token)) for person, token in zip(house.people, tokens, strict=True)]
    bad = encode(signed(house, broken(house.ballot(house.people[0], rules, tokens[0])), tokens[0].secret))
    results = await asyncio.gather(
        *(cast_ballot(house.service, ELECTION, request) for request in [bad, *good[1:]]), return_exceptions=True
    )
    assert getattr(results[0], "code", None) == "proof-invalid"
    assert not any(isinstance(result, BaseException) for result in results[1:])
    assert len(house.service.cast_desk._suspects) == 1
    await cast_ballot(house.service, ELECTION, good[0])  # judged alone, accepted
    assert await count(house, schema.receipts) == len(house.people)


async def test_refusals_come_cheapest_first_and_garbage_never_reaches_a_worker(open_sqlite_house: House) -> None:
    """A92: whatever has no valid token is refused before any proof."""
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    rules, other = [await house.rules(context) for context in house.contexts]
    token = await house.token(person, rules)
    ballot = house.ballot(person, rules, token)
    stranger = await house.token(house.people[1], rules)
    calls: list[int] = []
    verify_in_workers = house.service.workers.verify

    async def watched(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        return await verify_in_workers(*arguments, **named)

    house.service.workers.verify = watched  # type: ignore[method-assign]
    try:
        cases: list[tuple[str, Any]] = [
            ("malformed", b"{}"),
            ("malformed", b"\xff" * 1000),
            ("malformed", encode(ballot) + b" "),
            ("wrong-context", msgspec.structs.replace(ballot, context=b64(bytes(32)))),
            ("token-invalid", msgspec.structs.replace(ballot, context=b64(other.context))),
            ("token-invalid", _token(ballot, sig=b64(bytes(128)))),
            ("token-invalid", _token(ballot, key=b64(stranger.key))),
            ("owner-mismatch", _token(ballot, t=b64(bytes(32)))),
        ]
        for code, request in cases:
            assert await code_of(await house.post("/ballots", request)) == code
        assert calls == []
        for request in (msgspec.structs.replace(ballot, signature=b64(bytes(64))), broken(ballot)):
            assert await code_of(await house.post("/ballots", request)) == "signature-invalid"
        assert (await house.post("/ballots", ballot)).status == 200
        assert calls == [1] * 3
    finally:
        house.service.workers.verify = verify_in_workers  # type: ignore[method-assign]


def _token(ballot: BallotData, **members: str) -> BallotData:
    return msgspec.structs.replace(ballot, token=msgspec.structs.replace(ballot.token, **members))


async def test_every_refusal_of_a_cast_is_signed(open_sqlite_house: House) -> None:
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    rules = await house.rules(house.contexts[0])
    ballot = house.ballot(person, rules, await house.token(person, rules))
    key = unb64((await house.service.election(ELECTION)).opened.receipt_key, 32, "")
    spoilt = encode(msgspec.structs.replace(ballot, signature=b64(bytes(64))))
    for request, context, code in ((spoilt, rules.context, "signature-invalid"), (b"[]", None, "malformed")):
        problem = await (await house.post("/ballots", request)).json(content_type=None)
        verify_refusal(unb64(problem["refusal"], 64, ""), key, house.log_id, context, request, code)
        with pytest.raises(DataError):
            verify_refusal(unb64(problem["refusal"], 64, ""), key, house.log_id, context, request + b" ", code)


async def test_a_paused_poll_takes_no_ballot(open_house: House) -> None:
    house, person = open_house, open_house.people[0]
    rules = await house.rules(house.contexts[0])
    ballot = house.ballot(person, rules, await house.token(person, rules))
    await house.change_poll("poll.paused")
    assert await code_of(await house.post("/ballots", ballot)) == "poll-not-open"
    await house.change_poll("poll.resumed")
    assert (await house.post("/ballots", ballot)).status == 200


async def test_a_close_with_ballots_in_flight_is_a_clean_cut(open_house: House) -> None:
    """A99: every receipt's ballot is in the log before poll.closed, and none after; the verifier agrees."""
    house = open_house
    contests = [await house.rules(context) for context in house.contexts]
    requests = []
    for person in house.people:
        for rules in contests[: 2 if person in house.people[:3] else 1]:
            token = await house.token(person, rules)
            requests.append(encode(house.ballot(person, rules, token)))
    config, workers = house.service.config, house.service.workers
    async with open_service(config, clock=house.clock, workers=workers, check=False) as other:

        async def close() -> None:
            await asyncio.sleep(0.01)
            house.clock.now += 2 * HOUR
            await close_due(other, ELECTION)

        casts = [cast_ballot(house.service, ELECTION, request) for request in requests]
        *results, _ = await asyncio.gather(*casts, close(), return_exceptions=True)
    receipts = {answer.tracker for answer in results if isinstance(answer, CastAnswer)}
    refused = {getattr(error, "code", None) for error in results if isinstance(error, BaseException)}
    assert refused <= {"poll-not-open"}
    logged = {b64(tracker(data.body)) for data in await house.entries("ballot")}
    assert logged == receipts
    assert sum(item.ballots for item in (await house.entries("poll.closed"))[0].contests) == len(receipts)
    await house.tally()
    await house.verify()


async def test_the_spent_set_is_rebuilt_from_the_log(open_house: House) -> None:
    """A97: the tables are lost, the log is there; no token casts twice, and receipts come back."""
    house, person = open_house, open_house.people[0]
    rules = await house.rules(house.contexts[0])
    token = await house.token(person, rules)
    ballot = house.ballot(person, rules, token)
    await house.post("/ballots", ballot)
    await seal_waiting(house.service, ELECTION, 1)
    async with house.service.database.transaction() as connection:
        await connection.execute(delete(schema.spent))
        await connection.execute(delete(schema.receipts))
    assert await rebuild_spent(house.service, ELECTION) == 1
    assert await rebuild_spent(house.service, ELECTION) == 0
    answer = await house.post("/ballots", house.ballot(person, rules, token, (0, 1, 0)))
    assert await code_of(answer) == "token-spent"
    verify(house, house.service, ballot, await (await house.post("/ballots", ballot)).json())


async def test_nobody_is_answered_where_the_commit_fails(open_sqlite_house: House) -> None:
    """A94: an error at the commit is no receipt, and the ballot can be cast again."""
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    rules = await house.rules(house.contexts[0])
    ballot = house.ballot(person, rules, await house.token(person, rules))
    database = house.service.database

    class Broken:
        dialect = database.dialect

        def snapshot(self) -> Any:
            return database.snapshot()

        def transaction(self) -> Any:
            raise OSError("disk full")

    house.service.database = Broken()  # type: ignore[assignment]
    try:
        answer = await house.post("/ballots", ballot)
    finally:
        house.service.database = database
    assert answer.status == 500
    assert "disk full" not in await answer.text()
    assert await count(house, schema.receipts) == 0
    assert (await house.post("/ballots", ballot)).status == 200
