"""Attacks on casting, over HTTP, against the real service: nothing but the voter's own ballot ever counts.

A01 ballot copies, A12 ballots moved to another box, A13 malleable envelopes, A41 spend keyed on a signature, A47
receipts for something else, A63 and A65 order and time, A72 what public answers carry, A92 costly garbage.
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from ballot.ballot import BallotData, cast_message, owner_of, tracker
from ballot.receipt import RECEIPT_VERSION, Receipt, verify_receipt
from ballot.token import SpendableToken, token_message
from election_service import schema
from election_service.cast import cast_ballot
from election_service.poll import close_due
from election_service.schema_columns import metadata
from election_service.seal import seal_waiting
from keys import schnorr
from keys.canonical import b64, encode, unb64
from keys.curve import Point, Scalar, base_multiply
from keys.errors import DataError
from tests.service.house import ELECTION, HOUR, House, code_of


def resigned(ballot: BallotData, token: SpendableToken, t: bytes) -> BallotData:
    """The same choices, wrapped for another token: owner, token and signature are that token's own."""
    body = msgspec.structs.replace(ballot.body, owner=b64(owner_of(token.key, t)))
    wire = msgspec.structs.replace(
        ballot.token, key=b64(token.key), t=b64(t), prepared=b64(token.prepared), sig=b64(token.signature)
    )
    signature = schnorr.sign(token.secret, cast_message(encode(body)), os.urandom(32))
    return msgspec.structs.replace(ballot, body=body, token=wire, signature=b64(signature))


def rerandomised(ballot: BallotData, joint_key: Point) -> BallotData:
    """A + s·G, B + s·Y in every option: the same vote, another ciphertext."""
    s = Scalar(7)
    choices = [
        msgspec.structs.replace(
            choice,
            a=b64((Point.from_bytes(unb64(choice.a, 33, "")) + base_multiply(s)).to_bytes()),
            b=b64((Point.from_bytes(unb64(choice.b, 33, "")) + joint_key * s).to_bytes()),
        )
        for choice in ballot.body.choices
    ]
    return msgspec.structs.replace(ballot, body=msgspec.structs.replace(ballot.body, choices=choices))


async def test_a01_a_copied_ballot_is_refused_however_it_is_disguised(open_sqlite_house: House) -> None:
    """A01: verbatim, permuted, rerandomised, one ciphertext, proofs transplanted: 4xx, and nothing is stored."""
    house = open_sqlite_house
    rules = await house.rules(house.contexts[0])
    victim, attacker = house.people[:2]
    original = house.ballot(victim, rules, await house.token(victim, rules))
    assert (await house.post("/ballots", original)).status == 200
    token, t = await house.token(attacker, rules), os.urandom(32)
    own = house.ballot(attacker, rules, token, (0, 1, 0))
    first, *rest = original.body.choices
    copies = {
        "verbatim, the victim's envelope around the attacker's token": msgspec.structs.replace(
            original, token=own.token, signature=own.signature
        ),
        "verbatim, for the attacker's token": resigned(original, token, t),
        "options permuted": resigned(_with(original, [rest[0], first, *rest[1:]]), token, t),
        "rerandomised": resigned(rerandomised(original, rules.joint_key), token, t),
        "one ciphertext copied": resigned(_with(own, [first, *own.body.choices[1:]]), token, t),
        "proofs transplanted": resigned(
            _with(
                own,
                [
                    msgspec.structs.replace(mine, com=theirs.com, c=theirs.c, z=theirs.z)
                    for mine, theirs in zip(own.body.choices, original.body.choices, strict=True)
                ],
            ),
            token,
            t,
        ),
        "the victim's sum proof": resigned(_with(own, own.body.choices, original.body.sum), token, t),
    }
    before = await house.log_size()
    for name, copy in copies.items():
        answer = await house.post("/ballots", copy)
        assert 400 <= answer.status < 500, name
        assert await code_of(answer) in {"proof-invalid", "owner-mismatch", "signature-invalid"}, name
    assert await house.log_size() == before
    assert await stored(house) == 1
    assert (await house.post("/ballots", own)).status == 200  # the attacker's own token is still good


def _with(ballot: BallotData, choices: list[Any], total: Any = None) -> BallotData:
    body = msgspec.structs.replace(ballot.body, choices=choices, sum=total or ballot.body.sum)
    return msgspec.structs.replace(ballot, body=body)


async def stored(house: House) -> int:
    async with house.service.database.snapshot() as connection:
        query = select(func.count()).select_from(schema.receipts)
        return int((await connection.execute(query)).scalar_one())


async def test_a12_only_the_diagonal_of_tokens_and_contests_is_accepted(open_sqlite_house: House) -> None:
    """A12: every token in every box, in one poll."""
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    contests = [await house.rules(context) for context in house.contexts]
    tokens = [await house.token(person, rules) for rules in contests]
    for box in contests:
        for home, token in zip(contests, tokens, strict=True):
            answer = await house.post("/ballots", house.ballot(person, box, token))
            if box is home:
                assert answer.status == 200
            else:
                assert await code_of(answer) == "token-invalid"
    assert await stored(house) == 2


async def test_a12_a_body_of_another_contest_is_refused_inside_a_good_envelope(open_sqlite_house: House) -> None:
    """A12: the box's id stands in token, body and proofs; none of them can be another's."""
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    head, law = [await house.rules(context) for context in house.contexts]
    token = await house.token(person, head)
    other = house.ballot(person, law, token)
    moved = msgspec.structs.replace(other, context=b64(head.context))
    assert await code_of(await house.post("/ballots", moved)) == "wrong-context"
    renamed = msgspec.structs.replace(moved.body, context=b64(head.context))
    moved = resigned(msgspec.structs.replace(moved, body=renamed), token, unb64(moved.token.t, 32, ""))
    assert await code_of(await house.post("/ballots", moved)) == "proof-invalid"


def variants(ballot: BallotData) -> dict[str, bytes]:
    """The same ballot in other bytes."""
    raw = encode(ballot)
    order = int("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", 16)
    signature = unb64(ballot.signature, 64, "")
    s = int.from_bytes(signature[32:], "big")
    higher = signature[:32] + ((s + order) % 2**256).to_bytes(32, "big")
    negated = signature[:32] + (order - s).to_bytes(32, "big")
    sig = unb64(ballot.token.sig, 128, "")
    z = ballot.body.choices[0].z[0]
    return {
        "a space at the end": raw + b" ",
        "a newline before": b"\n" + raw,
        "a space after a colon": raw.replace(b'":"', b'": "', 1),
        "members in another order": b"{" + b",".join(reversed(_members(raw))) + b"}",
        "a member twice": raw[:-1] + b',"signature":"' + ballot.signature.encode() + b'"}',
        "an unknown member": raw[:-1] + b',"x":1}',
        "an escaped letter": raw.replace(b'"es1"', b'"\\u0065s1"', 1),
        "s + q in the signature": raw.replace(ballot.signature.encode(), b64(higher).encode()),
        "-s in the signature": raw.replace(ballot.signature.encode(), b64(negated).encode()),
        "a leading zero in the RSA signature": raw.replace(ballot.token.sig.encode(), b64(b"\0" + sig).encode()),
        "stray bits at the end of a key": raw.replace(
            ballot.token.key.encode(), (ballot.token.key[:-1] + _next(ballot.token.key[-1])).encode(), 1
        ),
        "padding": raw.replace(z.encode(), z.encode() + b"=", 1),
        "base64 in the other alphabet": raw.replace(b"-", b"+").replace(b"_", b"/"),
        "a scalar too large": raw.replace(z.encode(), b64(b"\xff" * 32).encode(), 1),
        "a byte order mark": b"\xef\xbb\xbf" + raw,
        "two documents": raw + raw,
    }


def _next(letter: str) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[alphabet.index(letter) ^ 1]


def _members(raw: bytes) -> list[bytes]:
    document = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    return [f'"{name}":'.encode() + bytes(value) for name, value in document.items()]


async def test_a13_a_re_encoded_ballot_is_never_a_second_one(open_sqlite_house: House) -> None:
    """A13, A41: other bytes are refused, or are the ballot that is stored already; before and after the cast."""
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    rules = await house.rules(house.contexts[0])
    ballot = house.ballot(person, rules, await house.token(person, rules))
    for name, raw in variants(ballot).items():
        assert raw != encode(ballot), name
        assert 400 <= (await house.post("/ballots", raw)).status < 500, name
    assert (await house.post("/ballots", ballot)).status == 200
    for name, raw in variants(ballot).items():
        answer = await house.post("/ballots", raw)
        if answer.status == 200:
            assert (await answer.json())["tracker"] == b64(tracker(ballot.body)), name
    assert await stored(house) == 1


async def test_a41_a_second_signature_on_one_token_key_spends_nothing_more(open_sqlite_house: House) -> None:
    """A41: spent is (context, token key). A malicious issuer signs the same key under another prefix: still spent."""
    from keys.blind_rsa import blind, finalize, prepare
    from keys.issuer import blind_sign

    house, person = open_sqlite_house, open_sqlite_house.people[0]
    rules = await house.rules(house.contexts[0])
    token = await house.token(person, rules)
    assert (await house.post("/ballots", house.ballot(person, rules, token))).status == 200
    prepared = prepare(token_message(rules.context, token.key), os.urandom(32))
    blinded, inverse = blind(rules.modulus, prepared, os.urandom)
    key = await house.service.issue_desk._key(await house.service.election(ELECTION), rules)
    signature = finalize(rules.modulus, prepared, blind_sign(key, blinded, os.urandom), inverse)
    twin = SpendableToken(token.secret, token.key, prepared, signature)
    answer = await house.post("/ballots", house.ballot(person, rules, twin, (0, 1, 0)))
    assert await code_of(answer) == "token-spent"


async def test_a47_a_receipt_is_for_this_ballot_this_contest_and_this_log(open_sqlite_house: House) -> None:
    """A47: what the voter checks fails for any other tracker, context, log or signature."""
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    rules = await house.rules(house.contexts[0])
    ballot = house.ballot(person, rules, await house.token(person, rules))
    answer = await (await house.post("/ballots", ballot)).json()
    key = unb64((await house.service.election(ELECTION)).opened.receipt_key, 32, "")
    good = Receipt(
        v=RECEIPT_VERSION,
        log=b64(house.log_id),
        context=ballot.context,
        tracker=b64(tracker(ballot.body)),
        signature=answer["signature"],
    )
    verify_receipt(good, key, house.log_id)
    other = (await house.rules(house.contexts[1])).context
    for change in ({"tracker": b64(bytes(32))}, {"context": b64(other)}, {"signature": b64(bytes(64))}):
        with pytest.raises(DataError):
            verify_receipt(msgspec.structs.replace(good, **change), key, house.log_id)
    with pytest.raises(DataError):
        verify_receipt(good, key, bytes(32))


async def test_a43_ballots_never_outnumber_tokens_and_every_token_is_a_voter_s_signature(open_house: House) -> None:
    """A43: what the service logs at the close reconciles; the verifier counts it again."""
    house = open_house
    head, law = [await house.rules(context) for context in house.contexts]
    for person in house.people[:3]:
        await house.vote(person, head)
    await house.token(house.people[3], head)
    await house.vote(house.people[0], law)
    house.clock.now += 2 * HOUR
    await close_due(house.service, ELECTION)
    (closed,) = await house.entries("poll.closed")
    numbers = {item.context: (item.ballots, item.tokens) for item in closed.contests}
    assert numbers == {b64(head.context): (3, 4), b64(law.context): (1, 1)}
    tokens = await house.entries("token")
    order = [(unb64(item.context, 32, ""), unb64(item.credential, 32, "")) for item in tokens]
    assert order == sorted(order)
    await house.verify()


async def test_a63_the_log_tells_nothing_about_when_a_ballot_came(open_sqlite_house: House) -> None:
    """A63: in a sealing, the order is that of the trackers; whoever voted first is no nearer the front."""
    house = open_sqlite_house
    rules = await house.rules(house.contexts[0])
    cast = [(await house.vote(person, rules))["tracker"] for person in house.people]
    await seal_waiting(house.service, ELECTION, 1)
    logged = [b64(tracker(item.body)) for item in await house.entries("ballot")]
    assert logged == sorted(cast, key=lambda text: unb64(text, 32, ""))


def test_a63_a65_no_table_on_the_casting_path_has_a_time_an_order_or_an_address() -> None:
    """A63, A64, A65: what is not stored cannot leak; rows are kept in the order of random keys."""
    for table in schema.UNORDERED:
        names = {column.name for column in table.columns}
        assert names <= {
            "election",
            "context",
            "credential",
            "blinded",
            "signature",
            "recovery_sealed",
            "token_key",
            "tracker",
            "request",
        }, table.name
        assert not any(column.autoincrement is True for column in table.columns)
        assert table.dialect_options["sqlite"]["with_rowid"] is False
    linking = [table.name for table in metadata.sorted_tables if {"credential", "token_key"} <= set(table.c.keys())]
    assert linking == []


async def test_a65_a_dump_of_the_tables_is_not_in_the_order_of_arrival(open_sqlite_house: House) -> None:
    """A65: SQLite keeps the rows by their random keys."""
    house = open_sqlite_house
    rules = await house.rules(house.contexts[0])
    cast = [unb64((await house.vote(person, rules))["tracker"], 32, "") for person in house.people]
    async with house.service.database.snapshot() as connection:
        rows = await connection.exec_driver_sql("SELECT tracker FROM unsealed_ballots")
        dumped = [row[0] for row in rows]
    assert dumped == sorted(cast)


async def test_a72_public_answers_carry_no_credential_and_no_unspent_token(open_sqlite_house: House) -> None:
    """A72: before the close, nothing that anybody may ask for names a credential or a token that was not spent."""
    house = open_sqlite_house
    rules = await house.rules(house.contexts[0])
    voted, waiting = house.people[:2]
    await house.vote(voted, rules)
    token = await house.token(waiting, rules)
    await seal_waiting(house.service, ELECTION, 1)
    assert house.http is not None
    pages = ["/", f"/vote/{ELECTION}", *(f"/elections/{ELECTION}{path}" for path in ("", "/log?all=1", "/results/1"))]
    pages += [f"/log/{ELECTION}/checkpoint", "/api/openapi.json"]
    api = ["", "/acts", f"/contests/{b64(rules.context)}/ballots", "/polls/1/opening?closes=2030-01-01T00:00:00Z"]
    paths = [*pages, *(f"/api/elections/{ELECTION}{path}" for path in api)]
    size = await house.log_size()
    paths.append(f"/log/{ELECTION}/tile/entries/000.p/{size}")
    for path in paths:
        answer = await house.http.get(path)
        assert answer.status == 200, path
        text = await answer.read()
        for person in (voted, waiting):
            assert b64(person.credential).encode() not in text, path
            assert person.credential not in text, path
            assert person.bearer.encode() not in text, path
        assert b64(token.key).encode() not in text, path


async def test_a77_unsigned_requests_move_nothing(open_sqlite_house: House) -> None:
    """A77: logins and tokens with nobody's signature leave every table as it was."""
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    rules = await house.rules(house.contexts[0])

    async def rows() -> dict[str, int]:
        found = {}
        async with house.service.database.snapshot() as connection:
            for table in metadata.sorted_tables:
                query = select(func.count()).select_from(table)
                found[table.name] = int((await connection.execute(query)).scalar_one())
        return found

    await house.log_in(person)
    before = await rows()
    for _ in range(20):
        request = await house.login_request(person)
        await house.post("/login", {**request, "signature": b64(os.urandom(64))})
        token = house.request_token(person, rules)
        await house.post("/tokens", msgspec.structs.replace(token, signature=b64(bytes(64))), person.bearer)
    assert await rows() == before


async def test_a92_garbage_is_refused_before_the_workers_and_leaves_honest_ballots_quick(
    open_sqlite_house: House,
) -> None:
    """A92: 300 forgeries at once, each refused without a proof being looked at, around honest ballots."""
    house = open_sqlite_house
    rules = await house.rules(house.contexts[0])
    tokens = [await house.token(person, rules) for person in house.people]
    honest = [encode(house.ballot(person, rules, token)) for person, token in zip(house.people, tokens, strict=True)]
    forged = msgspec.json.decode(honest[0], type=BallotData)
    garbage = [
        encode(
            msgspec.structs.replace(
                forged,
                token=msgspec.structs.replace(
                    forged.token, key=b64(schnorr.public_key(bytes([1] * 31 + [n % 250 + 1])))
                ),
            )
        )
        for n in range(300)
    ]
    started = time.perf_counter()
    results = await asyncio.gather(
        *(cast_ballot(house.service, ELECTION, request) for request in [*garbage, *honest]), return_exceptions=True
    )
    spent = time.perf_counter() - started
    assert {getattr(item, "code", None) for item in results[:300]} == {"token-invalid"}
    assert not any(isinstance(item, BaseException) for item in results[300:])
    assert spent < 30  # a bound for a broken machine, not a measurement: bench/ measures


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
async def test_a01_mutants_of_an_accepted_ballot_are_never_accepted(
    open_sqlite_house: House, data: st.DataObject
) -> None:
    """A01, A13: change any one byte of the text, by anything: refused, or the very ballot that is stored."""
    house = open_sqlite_house
    if not house.people[0].waiting:
        rules = await house.rules(house.contexts[0])
        house.people[0].bearer = ""
        ballot = house.ballot(house.people[0], rules, await house.token(house.people[0], rules))
        await cast_ballot(house.service, ELECTION, encode(ballot))
        MUTATED[id(house)] = ballot
    ballot = MUTATED[id(house)]
    raw = bytearray(encode(ballot))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    try:
        answer = await cast_ballot(house.service, ELECTION, bytes(raw))
    except DataError:
        pass
    else:
        assert answer.tracker == b64(tracker(ballot.body))
    assert await stored(house) == 1


MUTATED: dict[int, BallotData] = {}
