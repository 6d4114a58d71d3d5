"""Tokens: one value signed for a credential and contest, whatever race, restart or restored backup (A32, A39, A97)."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from ballot.receipt import verify_refusal
from ballot.recovery import open_recovery
from ballot.token import TokenRequest, finalize_token
from election_service import schema
from election_service.issue import issue_token
from election_service.issue_marker import read_marker
from election_service.issue_store import check_issuing
from election_service.poll import close_due
from election_service.service import open_service
from election_service.workers import Workers
from keys import schnorr
from keys.canonical import b64, encode, unb64
from keys.errors import DataError
from tests.service.house import ELECTION, HOUR, House, built, code_of


def changed(request: TokenRequest, **members: Any) -> dict[str, Any]:
    return {name: getattr(request, name) for name in request.__struct_fields__} | members


async def test_the_same_request_again_gets_the_same_answer(open_house: House) -> None:
    house, person = open_house, open_house.people[0]
    rules = await house.rules(house.contexts[0])
    await house.log_in(person)
    request = house.request_token(person, rules)
    answers = [await house.post("/tokens", request, person.bearer) for _ in range(3)]
    assert [answer.status for answer in answers] == [200] * 3
    assert len({await answer.read() for answer in answers}) == 1


async def test_another_blinded_message_gets_what_was_stored_and_a_second_device_goes_on(open_house: House) -> None:
    house, person = open_house, open_house.people[0]
    rules = await house.rules(house.contexts[0])
    token = await house.token(person, rules)
    answer = await house.post("/tokens", house.request_token(person, rules), person.bearer)
    assert (answer.status, await code_of(answer)) == (409, "token-already-issued")
    problem = await answer.json(content_type=None)
    blinded, blob = unb64(problem["blinded"], 128, ""), unb64(problem["recovery"], None, "")
    waiting = open_recovery(rules, blinded, blob, person.seed)
    found = finalize_token(rules, waiting, unb64(problem["blind_signature"], 128, ""))
    assert found.key == token.key
    view = (await house.view(person)).contests
    assert [item.issued is not None for item in view] == [True, False]


async def test_a_refusal_is_signed_and_the_signature_verifies(open_sqlite_house: House) -> None:
    """A47: what the service refused can be held against it."""
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    rules = await house.rules(house.contexts[0])
    await house.token(person, rules)
    request = encode(house.request_token(person, rules))
    problem = await (await house.post("/tokens", request, person.bearer)).json(content_type=None)
    key = unb64((await house.service.election(ELECTION)).opened.receipt_key, 32, "")
    refusal = unb64(problem["refusal"], 64, "")
    verify_refusal(refusal, key, house.log_id, rules.context, request, "token-already-issued")
    with pytest.raises(DataError):
        verify_refusal(refusal, key, house.log_id, rules.context, request, "token-spent")


BLINDED: dict[str, Any] = {
    "zero": lambda n: bytes(len(n)),
    "the modulus itself": lambda n: n,
    "one byte short": lambda n: n[:-1],
    "one byte long": lambda n: b"\0" + n,
}


@pytest.mark.parametrize("case", BLINDED)
async def test_a_blinded_message_out_of_range_is_refused(open_sqlite_house: House, case: str) -> None:
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    rules = await house.rules(house.contexts[0])
    await house.log_in(person)
    request = changed(house.request_token(person, rules), blinded=b64(BLINDED[case](rules.modulus)))
    assert await code_of(await house.post("/tokens", request, person.bearer)) == "malformed"
    await house.token(person, rules)  # nothing was stored


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "signature of nobody": ({"signature": b64(bytes(64))}, "signature-invalid"),
    "recovery signature of nobody": ({"recovery_signature": b64(bytes(64))}, "signature-invalid"),
    "recovery one byte short": ({"recovery": b64(bytes(251))}, "malformed"),
    "recovery missing": ({"recovery": None, "recovery_signature": None}, "malformed"),
    "recovery without its signature": ({"recovery_signature": None}, "malformed"),
    "context of no contest": ({"context": b64(bytes(32))}, "wrong-context"),
    "context too short": ({"context": b64(bytes(31))}, "malformed"),
}


@pytest.mark.parametrize("case", FAULTS)
async def test_a_faulty_request_is_refused_and_the_token_stays_available(open_sqlite_house: House, case: str) -> None:
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    rules = await house.rules(house.contexts[0])
    await house.log_in(person)
    members, code = FAULTS[case]
    request = changed(house.request_token(person, rules), **members)
    assert await code_of(await house.post("/tokens", request, person.bearer)) == code
    await house.token(person, rules)


async def test_recovery_is_refused_where_the_contest_has_none(open_sqlite_house: House) -> None:
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    rules = await house.rules(house.contexts[1])
    await house.log_in(person)
    members = {"recovery": b64(bytes(252)), "recovery_signature": b64(bytes(64))}
    request = changed(house.request_token(person, rules), **members)
    assert await code_of(await house.post("/tokens", request, person.bearer)) == "malformed"


async def test_who_is_not_in_the_electorate_gets_no_token(open_sqlite_house: House) -> None:
    house, stranger = open_sqlite_house, open_sqlite_house.people[-1]
    rules = await house.rules(house.contexts[1])
    await house.log_in(stranger)
    answer = await house.post("/tokens", house.request_token(stranger, rules), stranger.bearer)
    assert (answer.status, await code_of(answer)) == (403, "not-eligible")


async def test_a_request_signed_by_another_credential_is_refused(open_sqlite_house: House) -> None:
    """The bearer says who asks; the published signature must be the same person's (A43)."""
    house, (thief, victim) = open_sqlite_house, open_sqlite_house.people[:2]
    rules = await house.rules(house.contexts[0])
    await house.log_in(thief)
    answer = await house.post("/tokens", house.request_token(victim, rules), thief.bearer)
    assert await code_of(answer) == "signature-invalid"


async def test_no_login_no_token(open_sqlite_house: House) -> None:
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    request = house.request_token(person, await house.rules(house.contexts[0]))
    for bearer in (None, b64(os.urandom(32)), "short", "ä"):
        assert await code_of(await house.post("/tokens", request, bearer)) == "login-required"


async def test_a_paused_or_closed_poll_issues_nothing(open_house: House) -> None:
    house, person = open_house, open_house.people[0]
    rules = await house.rules(house.contexts[0])
    await house.log_in(person)
    request = house.request_token(person, rules)
    await house.change_poll("poll.paused")
    assert await code_of(await house.post("/tokens", request, person.bearer)) == "poll-not-open"
    await house.change_poll("poll.resumed")
    assert (await house.post("/tokens", request, person.bearer)).status == 200
    house.clock.now += 2 * HOUR  # the clock alone ends it
    await house.log_in(person)
    assert await code_of(await house.post("/tokens", request, person.bearer)) == "poll-not-open"
    await close_due(house.service, ELECTION)
    assert await code_of(await house.post("/tokens", request, person.bearer)) == "poll-not-open"


async def test_200_parallel_requests_sign_one_value(open_house: House) -> None:
    """A39: different blinded messages, two services on one database, exactly one distinct value is ever signed."""
    house, person = open_house, open_house.people[0]
    rules = await house.rules(house.contexts[0])
    requests = [house.request_token(person, rules) for _ in range(200)]
    config, workers = house.service.config, house.service.workers
    async with open_service(config, clock=house.clock, workers=workers, check=False) as other:
        results = await asyncio.gather(
            *(
                issue_token(service, ELECTION, person.credential, request)
                for request, service in zip(requests, [house.service, other] * 100, strict=True)
            ),
            return_exceptions=True,
        )
    good = [result for result in results if not isinstance(result, BaseException)]
    refused = [result for result in results if isinstance(result, BaseException)]
    assert len(good) == 1
    assert {getattr(error, "code", None) for error in refused} == {"token-already-issued"}
    assert {error.blind_signature for error in refused} == {good[0].blind_signature}  # type: ignore[attr-defined]
    async with house.service.database.snapshot() as connection:
        assert (await connection.execute(select(func.count()).select_from(schema.issued))).scalar_one() == 1


async def test_a_restored_database_issues_no_further_token(open_house: House) -> None:
    """A97: two tokens leave, the database forgets the second, and from then on the poll issues none."""
    house, (first, second, third) = open_house, open_house.people[:3]
    rules = await house.rules(house.contexts[0])
    await house.token(first, rules)
    await house.token(second, rules)
    assert read_marker(house.service.state, ELECTION, 1) == 2
    async with house.service.database.transaction() as connection:  # as a backup taken between the two would be
        await connection.execute(delete(schema.issued).where(schema.issued.c.credential == second.credential))
        await connection.execute(update(schema.issue_counts).values(tokens=1))
    for person in (third, second):
        await house.log_in(person)
        answer = await house.post("/tokens", house.request_token(person, rules), person.bearer)
        assert await code_of(answer) == "poll-not-open"
        assert "older than the last token" in (await answer.json(content_type=None))["detail"]
    async with house.service.database.snapshot() as connection:
        assert (await connection.execute(select(schema.issued.c.credential))).scalars().all() == [first.credential]
        assert (await connection.execute(select(schema.polls.c.issuing))).scalar_one() is False


async def test_a_restored_database_is_found_at_start(open_house: House) -> None:
    house = open_house
    await house.token(house.people[0], await house.rules(house.contexts[0]))
    assert await check_issuing(house.service, ELECTION) == []
    async with house.service.database.transaction() as connection:
        await connection.execute(delete(schema.issued))
        await connection.execute(update(schema.issue_counts).values(tokens=0))
    assert await check_issuing(house.service, ELECTION) == [1]


async def test_a_crash_between_commit_and_marker_is_repaired(open_house: House) -> None:
    """The database may be ahead of the marker: then nothing left, and issuing goes on."""
    house = open_house
    rules = await house.rules(house.contexts[0])
    async with house.service.database.transaction() as connection:
        await connection.execute(update(schema.issue_counts).values(tokens=5))
    assert await check_issuing(house.service, ELECTION) == []
    await house.token(house.people[0], rules)
    assert read_marker(house.service.state, ELECTION, 1) == 6


@pytest.mark.parametrize("way", ["again", "view", "restart"])
async def test_a97_no_token_leaves_before_it_is_counted(
    open_house: House, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row is committed, the marker's disk fails, and the voter asks again: the marker comes first, then the token.

    Otherwise a backup from before the row would be as good as the marker, and one credential would get two tokens.
    """
    house, person = open_house, open_house.people[0]
    rules = await house.rules(house.contexts[0])
    await house.log_in(person)
    request = house.request_token(person, rules)

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr("election_service.issue_store.advance_marker", fail)
        assert (await house.post("/tokens", request, person.bearer)).status == 500
        if way == "view":
            assert (await house.get("/voter", person.bearer)).status == 500
    assert read_marker(house.service.state, ELECTION, 1) == 0
    if way == "restart":
        assert await check_issuing(house.service, ELECTION) == []
    elif way == "again":
        assert (await house.post("/tokens", request, person.bearer)).status == 200
    else:
        assert (await house.view(person)).contests[0].issued is not None
    assert read_marker(house.service.state, ELECTION, 1) == 1


async def test_the_recovery_blob_is_wrapped_under_a_key_outside_the_database(open_sqlite_house: House) -> None:
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    rules = await house.rules(house.contexts[0])
    await house.log_in(person)
    request = house.request_token(person, rules)
    await house.post("/tokens", request, person.bearer)
    async with house.service.database.snapshot() as connection:
        sealed = (await connection.execute(select(schema.issued.c.recovery_sealed))).scalar_one()
    blob = unb64(request.recovery or "", None, "")
    assert blob not in sealed
    assert len(sealed) == len(blob) + 28
    assert (house.folder / "state" / "recovery" / f"{rules.context.hex()}.key").is_file()


async def test_tokens_of_real_size(sqlite_url: str, tmp_path: Path, workers: Workers) -> None:
    """RSA-3072, as in a real election."""
    async with built(sqlite_url, tmp_path, workers, people=3, issuer_bits=3072) as house:
        await house.open()
        rules = await house.rules(house.contexts[0])
        assert len(rules.modulus) == 384
        request = house.request_token(house.people[0], rules)
        assert len(unb64(request.recovery or "", 508, "")) == 508
        receipt = await house.vote(house.people[0], rules)
        assert len(unb64(receipt["tracker"], 32, "")) == schnorr.KEY_SIZE
