"""What anybody may see of a contest: the list, the proofs without a voter, the candidates all at once."""

from hashlib import sha256

import pytest
from sqlalchemy import insert

from audit.checkpoint import parse_checkpoint, verify_checkpoint
from audit.entries import decode_entry
from audit.evidence import Membership, ProvenEntry, verify_evidence
from audit.merkle import leaf_hash, verify_inclusion_proof
from ballot.contest import load_contest
from election_service import schema, schema_mail
from election_service.contest_types import ContestEvidence, ContestList, ContestProfiles
from keys.canonical import b64, decode, encode, unb64
from tests.service.house import ELECTION, House, code_of

PUBLIC_MINUTE = "public, max-age=60"


async def read_evidence(house: House, context: bytes) -> ContestEvidence:
    answer = await house.get(f"/contests/{b64(context)}/evidence")
    assert answer.status == 200, await answer.text()
    assert answer.headers["Cache-Control"] == PUBLIC_MINUTE
    return decode(await answer.read(), ContestEvidence)


async def test_every_contest_is_listed_with_its_options(open_house: House) -> None:
    house = open_house
    answer = await house.get("/contests")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, PUBLIC_MINUTE)
    head, law = decode(await answer.read(), ContestList).contests
    assert [unb64(item.context, 32, "") for item in (head, law)] == house.contexts
    assert (head.poll, head.contest, head.position, head.electorate, head.size) == (
        1,
        "head",
        "head-of-self-governance",
        "university",
        6,
    )
    assert (law.contest, law.size, law.state) == ("law", 3, "open")
    assert [(option.id, option.blank) for option in head.options] == [("ana", False), ("beka", False), ("blank", True)]
    assert (head.min, head.max) == (1, 1)


async def test_contests_are_listed_before_and_after_their_poll(house: House) -> None:
    answer = await house.get("/contests")
    assert await answer.read() == b'{"contests":[]}'
    await house.prepare()
    before = decode(await (await house.get("/contests")).read(), ContestList)
    assert {item.state for item in before.contests} == {"planned"}
    await house.open_poll()
    await house.close_early()
    after = decode(await (await house.get("/contests")).read(), ContestList)
    assert {item.state for item in after.contests} == {"closed"}


async def test_a_contest_proves_itself_without_a_voter(open_house: House) -> None:
    """A24, A53: everything under one checkpoint, signed by the key of an entry 0 that the link pins."""
    house = open_house
    view = await read_evidence(house, house.contexts[0])
    checkpoint = parse_checkpoint(view.checkpoint.encode())
    entries = {item.seq: decode_entry(item.entry.encode()) for item in view.entries}
    assert sha256(view.entries[0].entry.encode()).digest() == house.log_id
    opened = entries[0].data
    verify_checkpoint(checkpoint, opened.origin, unb64(opened.log_key, 32, ""))
    for item in view.entries:
        proof = [unb64(text, 32, "") for text in item.proof]
        verify_inclusion_proof(item.seq, checkpoint.size, leaf_hash(item.entry.encode()), proof, checkpoint.root)
    assert load_contest(entries[view.seq].data_bytes, rehearsal=True).context == house.contexts[0]
    assert entries[view.electorate_seq].data.id == "university"
    kinds = {entry.kind for entry in entries.values()}
    assert kinds >= {"log.opened", "constitution", "trustee.confirmed", "poll.opened", "contest", "electorate"}


async def test_the_same_entries_convince_a_voter(open_sqlite_house: House) -> None:
    """What is shown to everybody is what a voter's program checks, but for the place in the electorate."""
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    await house.log_in(person)
    own = await house.view(person)
    view = await read_evidence(house, house.contexts[0])
    place = next(item for item in own.contests if item.seq == view.seq)
    assert place.electorate_seq == view.electorate_seq

    def hashes(texts: list[str]) -> tuple[bytes, ...]:
        return tuple(unb64(text, 32, "") for text in texts)

    evidence = verify_evidence(
        view.checkpoint.encode(),
        [ProvenEntry(item.seq, item.entry.encode(), hashes(item.proof)) for item in view.entries],
        [Membership(view.seq, view.electorate_seq, unb64(place.leaf, 32, ""), place.index, hashes(place.membership))],
        log_prefix=house.log_id[:16],
        credential=person.credential,
    )
    assert [rules.context for rules in evidence.contests.values()] == house.contexts[:1]


async def test_a_contest_that_is_not_open_yet_has_no_opening(house: House) -> None:
    await house.prepare()
    view = await read_evidence(house, house.contexts[1])
    kinds = {decode_entry(item.entry.encode()).kind for item in view.entries}
    assert kinds >= {"log.opened", "constitution", "trustee.confirmed", "contest", "electorate"}
    assert "poll.opened" not in kinds


async def test_both_views_hold_the_constitution(open_sqlite_house: House) -> None:
    """The names of positions come from its blob, whose hash stands in the entry."""
    house, person = open_sqlite_house, open_sqlite_house.people[0]
    await house.log_in(person)
    for view in (await house.view(person), await read_evidence(house, house.contexts[0])):
        blobs = [
            entry.data.blob
            for entry in (decode_entry(item.entry.encode()) for item in view.entries)
            if entry.kind == "constitution"
        ]
        assert blobs == [(await house.service.facts(ELECTION)).constitution]


@pytest.mark.parametrize("what", ["evidence", "profiles"])
async def test_a_context_that_is_none_is_refused_and_not_kept(open_sqlite_house: House, what: str) -> None:
    for context, expected in ((b64(bytes(32)), (422, "wrong-context")), ("x", (400, "malformed"))):
        answer = await open_sqlite_house.get(f"/contests/{context}/{what}")
        assert (answer.status, await code_of(answer)) == expected
        assert answer.headers["Cache-Control"] == "no-store"


async def test_no_other_election_is_shown(open_sqlite_house: House) -> None:
    assert open_sqlite_house.http is not None
    for path in ("", f"/{b64(open_sqlite_house.contexts[0])}/evidence", f"/{b64(bytes(32))}/profiles"):
        answer = await open_sqlite_house.http.get(f"/api/elections/nobody/contests{path}")
        assert (answer.status, await code_of(answer)) == (404, "unknown-election")


async def test_a66_profiles_come_for_the_whole_contest_at_once(open_house: House) -> None:
    house = open_house
    photo = "ab" * 32
    async with house.service.database.transaction() as connection:
        people = [("s1", "ana"), ("s2", "beka"), ("s3", "nino")]
        rows = [{"election": ELECTION, "student_id": student, "person": person} for student, person in people]
        await connection.execute(insert(schema.persons), rows)
        profiles = [("s1", {"en": "For all."}, photo), ("s3", {"ka": "ყველასთვის."}, None)]
        for student, texts, name in profiles:
            values = {"election": ELECTION, "student_id": student, "statements": encode(texts), "photo": name}
            await connection.execute(insert(schema_mail.profiles).values(values))
    answer = await house.get(f"/contests/{b64(house.contexts[0])}/profiles")
    assert (answer.status, answer.headers["Cache-Control"]) == (200, PUBLIC_MINUTE)
    found = decode(await answer.read(), ContestProfiles).profiles
    assert set(found) == {"ana"}
    assert found["ana"].statements == {"en": "For all."}
    assert found["ana"].photo == f"/photos/{ELECTION}/{photo}.jpg"
    other = decode(await (await house.get(f"/contests/{b64(house.contexts[1])}/profiles")).read(), ContestProfiles)
    assert {name: profile.photo for name, profile in other.profiles.items()} == {"nino": None}
