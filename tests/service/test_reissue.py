"""Re-issue: the new link goes out when two members have approved, the old one is void then, and never beside a token
(A100, A74).
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlalchemy import func, insert, select, update

from ballot.link import read_link
from election_service import schema, schema_mail
from election_service.acts import approve
from election_service.errors import ActRefusedError, RegistrarError
from election_service.link_requests import list_requests
from election_service.mail_text import read_letterhead
from election_service.outbox import queue
from election_service.registrar import IssuedKey, RegistrarDocument
from election_service.reissue import PlannedAct, import_replacements, reissue_links
from election_service.reissue_file import ReplacementFile, make_replacements, read_replacements
from election_service.roll_rules import Student
from election_service.totp import enrol_totp
from election_service.voter_mail import read_students
from election_service.workers import Workers
from keys.canonical import b64, encode
from keys.errors import FormatError
from tests.service.house import ELECTION, House, Person, built, code_of

URL = "http://localhost:8080"


async def settled(house: House) -> House:
    """The house with an open poll and everybody on the roll."""
    if (await house.service.election(ELECTION)).opened.registrar.mode == "service":
        await use_registrar_of_the_service(house)
    await house.open()
    await house.list_people()
    return house


async def use_registrar_of_the_service(house: House) -> None:
    """The electorates of the house are signed by its registrar: here with the key that the service keeps."""
    from dataclasses import replace

    from election_service.secrets import REGISTRAR_KEY, load_secret

    async with house.service.database.snapshot() as connection:
        secret = await load_secret(connection, house.service.master, ELECTION, REGISTRAR_KEY)
    house.registrar = replace(house.registrar, secret=secret)


@pytest.fixture
async def service_house(database_url: str, tmp_path: Path, workers: Workers) -> AsyncIterator[House]:
    """The service is the registrar, and sends codes by mail."""
    options: dict[str, Any] = {"registrar_in_service": True, "second_factor": "email", "mail_port": 1025, "people": 4}
    async with built(database_url, tmp_path, workers, **options) as house:
        yield await settled(house)


@pytest.fixture
async def offline_house(database_url: str, tmp_path: Path, workers: Workers) -> AsyncIterator[House]:
    async with built(database_url, tmp_path, workers, people=4) as house:
        yield await settled(house)


async def reissued(house: House, *students: str, reason: str = "the link was lost") -> list[PlannedAct]:
    return await reissue_links(house.service, ELECTION, students, reason)


async def mails(house: House) -> dict[tuple[str, str], list[str]]:
    """States of the mails, by kind and recipient."""
    table = schema_mail.outbox
    query = select(table.c.kind, table.c.recipient, table.c.state).order_by(table.c.kind, table.c.state)
    found: dict[tuple[str, str], list[str]] = {}
    async with house.service.database.snapshot() as connection:
        for row in await connection.execute(query):
            found.setdefault((row.kind, row.recipient), []).append(row.state)
    return found


async def link_in_the_mail(house: House, student: str) -> Person:
    [letter] = [letter for recipient, letter in await house.letters("reissue") if recipient == student]
    [link] = set(re.findall(r"http://\S+#\S+", letter.text))
    return Person(read_link(link)[2])


async def stored(house: House, table: Any) -> int:
    async with house.service.database.snapshot() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def queue_invitation(house: House, student: str) -> None:
    """The first link's mail still waits."""
    async with house.service.database.transaction() as connection:
        voter = (await read_students(connection, ELECTION, [student]))[student]
        head = await read_letterhead(connection, URL, ELECTION)
        letter = voter.letter(head, "invite", {"link": "http://localhost:8080/vote/x#old"})
        place = {"election": ELECTION, "kind": "invite", "recipient": student, "about": "first"}
        random = house.service.random
        await queue(connection, house.service.master, random, **place, mail=letter, now=house.clock.now)  # type: ignore[arg-type]


# ---- in the service --------------------------------------------------------------------------------------------------


async def test_the_new_link_goes_when_the_act_is_done_and_the_old_one_is_void(service_house: House) -> None:
    house, old = service_house, service_house.people[1]
    await queue_invitation(house, "p1")
    request = await house.login_request(old)
    assert await code_of(await house.post("/login", request)) == "code-sent"
    [(kind, fields)] = await reissued(house, "p1")
    assert await mails(house) == {
        ("invite", "p1"): ["waiting"],
        ("code", "p1"): ["waiting"],
        ("reissue", "p1"): ["held"],
    }
    assert kind == "credential.replaced"
    waiting = await house.decide(kind, fields, by=("ana",))
    assert waiting.state == "waiting"
    assert (await mails(house))["reissue", "p1"] == ["held"]
    done = (await house.service.facts(ELECTION)).size
    second = house.approval("beka", kind, waiting.data)
    assert (await approve(house.service, ELECTION, waiting.act, second)).state == "done"
    assert (await house.service.facts(ELECTION)).size > done
    assert await mails(house) == {("invite", "p1"): ["dropped"], ("reissue", "p1"): ["waiting"]}
    assert await stored(house, schema_mail.login_codes) == 0
    assert await code_of(await house.post("/login", await house.login_request(old))) == "login-refused"
    new = await link_in_the_mail(house, "p1")
    asked = await house.login_request(new)
    assert await code_of(await house.post("/login", asked)) == "code-sent"
    [(_, letter)] = await house.letters("code")
    [code] = re.findall(r"\b\d{6}\b", letter.text)
    answer = await house.post("/login", {**asked, "code": code})
    assert answer.status == 200
    new.bearer = (await answer.json())["bearer"]
    view = await house.view(new)
    assert len(view.contests) == 2
    await house.verify()


async def test_a100_one_member_alone_re_issues_nothing(service_house: House) -> None:
    house = service_house
    [(kind, fields)] = await reissued(house, "p0")
    data = {**fields, "act": b64(os.urandom(16))}
    act = await house.propose("ana", kind, data)
    act = await approve(house.service, ELECTION, act.act, house.approval("ana", kind, data))
    assert act.state == "waiting"
    assert (await mails(house))["reissue", "p0"] == ["held"]
    assert await code_of(await house.post("/login", await house.login_request(house.people[0]))) == "code-sent"


async def test_a100_nothing_is_re_issued_beside_a_token(service_house: House) -> None:
    """When it is asked for, and when a token was issued between the request and the second approval."""
    house, voter = service_house, service_house.people[0]
    [(kind, fields)] = await reissued(house, "p0")
    data = {**fields, "act": b64(os.urandom(16))}
    act = await house.propose("ana", kind, data)
    await take_token(house, voter)
    with pytest.raises(ActRefusedError, match="has a token in an open poll"):
        await approve(house.service, ELECTION, act.act, house.approval("beka", kind, data))
    assert (await mails(house))["reissue", "p0"] == ["held"]
    with pytest.raises(RegistrarError, match="p0: has a token in an open poll"):
        await reissued(house, "p1", "p0")
    assert ("reissue", "p1") not in await mails(house)  # all of them or none
    await house.close_early()
    [(kind, fields)] = await reissued(house, "p0")
    assert (await house.decide(kind, fields)).state == "done"


async def take_token(house: House, voter: Person) -> None:
    """A token as `store_requests` leaves it."""
    row = {"election": ELECTION, "context": house.contexts[0], "credential": voter.credential}
    async with house.service.database.transaction() as connection:
        values = {**row, "blinded": b"", "signature": b"", "recovery_sealed": None}
        await connection.execute(insert(schema.issued).values(values))


async def test_a_newer_re_issue_voids_the_one_that_waits(service_house: House) -> None:
    """Else the voter would have a credential whose link was thrown away."""
    house = service_house
    [(kind, first)] = await reissued(house, "p2")
    [(_, second)] = await reissued(house, "p2")
    assert (await mails(house))["reissue", "p2"] == ["dropped", "held"]
    with pytest.raises(ActRefusedError, match="not held any more"):
        await house.decide(kind, first)
    assert (await house.decide(kind, second)).state == "done"
    new = await link_in_the_mail(house, "p2")
    assert b64(new.credential) == second["new"]


async def test_a_link_can_be_re_issued_again_and_again(service_house: House) -> None:
    house = service_house
    for _ in range(3):
        [(kind, fields)] = await reissued(house, "p3")
        assert (await house.decide(kind, fields)).state == "done"
    assert (await mails(house))["reissue", "p3"] == ["dropped", "dropped", "waiting"]
    new = await link_in_the_mail(house, "p3")
    assert await code_of(await house.post("/login", await house.login_request(new))) == "code-sent"
    await house.verify()


async def test_the_mail_of_the_link_that_is_good_now_is_not_given_up_before_the_next_act(service_house: House) -> None:
    """It may still wait, or have been refused: if the next re-issue is never approved, this link is the voter's."""
    house = service_house
    [(kind, first)] = await reissued(house, "p2")
    await house.decide(kind, first)
    [(_, second)] = await reissued(house, "p2")
    [(_, third)] = await reissued(house, "p2")
    assert (await mails(house))["reissue", "p2"] == ["dropped", "held", "waiting"]
    with pytest.raises(ActRefusedError, match="not held any more"):
        await house.decide(kind, second)
    await house.decide(kind, third)
    assert (await mails(house))["reissue", "p2"] == ["dropped", "dropped", "waiting"]


async def test_re_issues_and_acts_at_the_same_time_leave_every_voter_a_link(service_house: House) -> None:
    """Whichever comes first: the credential on the roll is that of a mail that goes out, or of the first link."""
    house = service_house
    [(kind, fields)] = await reissued(house, "p1")
    results = await asyncio.gather(
        house.decide(kind, fields), *(reissued(house, "p1") for _ in range(3)), return_exceptions=True
    )
    assert all(not isinstance(result, BaseException) or isinstance(result, ActRefusedError) for result in results)
    table = schema.voters
    async with house.service.database.snapshot() as connection:
        query = select(table.c.credential).where(table.c.student_id == "p1")
        now = (await connection.execute(query)).scalar_one()
        waiting = select(schema_mail.outbox.c.about).where(schema_mail.outbox.c.state == "waiting")
        goes = set((await connection.execute(waiting)).scalars())
    assert now == house.people[1].credential or now.hex() in goes


async def test_a_done_re_issue_settles_the_request_for_the_link(service_house: House) -> None:
    house = service_house
    async with house.service.database.transaction() as connection:
        row = {"election": ELECTION, "student_id": "p1", "requested": house.clock.now, "state": "open"}
        await connection.execute(insert(schema_mail.link_requests).values(row))
    [(kind, fields)] = await reissued(house, "p1")
    await house.decide(kind, fields)
    async with house.service.database.snapshot() as connection:
        assert await list_requests(connection, ELECTION) == []
        assert [item.state for item in await list_requests(connection, ELECTION, settled=True)] == ["done"]


@pytest.mark.parametrize(
    ("students", "match"), [(("p9",), "p9: has no credential"), (("p1", "p1"), "a student is named twice")]
)
async def test_who_cannot_have_a_new_link_is_named(service_house: House, students: tuple[str, ...], match: str) -> None:
    with pytest.raises(RegistrarError, match=match):
        await reissued(service_house, *students)


async def test_a_reason_that_cannot_stand_in_the_log_makes_nothing(service_house: House) -> None:
    with pytest.raises(FormatError, match="reason"):
        await reissued(service_house, "p1", reason="lost\u202e")
    assert await mails(service_house) == {}


async def test_no_seed_is_stored_but_in_the_sealed_mail(service_house: House) -> None:
    """A44."""
    house = service_house
    [(kind, fields)] = await reissued(house, "p1")
    await house.decide(kind, fields)
    seed = (await link_in_the_mail(house, "p1")).seed
    async with house.service.database.snapshot() as connection:
        for table in (schema_mail.outbox, schema.voters, schema.acts, schema.log_entries):
            for row in await connection.execute(select(table)):
                for value in row:
                    assert not isinstance(value, bytes) or (seed not in value and b64(seed).encode() not in value)


# ---- TOTP ------------------------------------------------------------------------------------------------------------


async def test_a_new_credential_needs_a_new_totp_secret(database_url: str, tmp_path: Path, workers: Workers) -> None:
    options: dict[str, Any] = {"registrar_in_service": True, "second_factor": "totp", "people": 2}
    async with built(database_url, tmp_path, workers, **options) as house:
        await settled(house)
        old = house.people[0]
        secret = await enrol_totp(house.service, ELECTION, old.credential)
        [(kind, fields)] = await reissued(house, "p0")
        await house.decide(kind, fields)
        assert await stored(house, schema.second_factors) == 0
        new = await link_in_the_mail(house, "p0")
        code = pyotp.TOTP(secret).at(house.clock.now)
        assert await code_of(await house.post("/login", await house.login_request(old, code))) == "login-refused"
        assert await code_of(await house.post("/login", await house.login_request(new, code))) == "code-wrong"
        fresh = await enrol_totp(house.service, ELECTION, new.credential)
        assert await house.log_in(new, pyotp.TOTP(fresh).at(house.clock.now))


# ---- an offline registrar --------------------------------------------------------------------------------------------


def document_of(house: House) -> RegistrarDocument:
    """What the registrar keeps: whose key is whose."""
    keys = tuple(IssuedKey(student_id=f"p{n}", key=b64(person.credential)) for n, person in enumerate(house.people))
    return RegistrarDocument(
        v="es1-registrar", election=ELECTION, log=b64(house.log_id), credentials=keys, electorates=()
    )


def student(number: int) -> Student:
    return Student(0, f"p{number}", f"Person {number}", f"p{number}@example.edu", "", "", "", 1, "", "", "en")


def replaced_offline(house: House, *numbers: int, earlier: tuple[ReplacementFile, ...] = ()) -> tuple[Person, bytes]:
    """The first student's new link, and the file for the operator."""
    students = [student(number) for number in numbers]
    secret = house.registrar.secret
    links, file = make_replacements(document_of(house), earlier, students, "lost", URL, secret, os.urandom)
    assert [link.email for link in links] == [f"p{number}@example.edu" for number in numbers]
    return Person(read_link(links[0].link)[2]), encode(file)


async def imported(house: House, raw: bytes) -> list[PlannedAct]:
    async with house.service.database.transaction() as connection:
        return await import_replacements(connection, ELECTION, raw)


async def test_an_offline_registrar_re_issues_twice(offline_house: House) -> None:
    house = offline_house
    first, raw = replaced_offline(house, 1)
    [(kind, fields)] = await imported(house, raw)
    assert (await house.decide(kind, fields)).state == "done"
    assert await code_of(await house.post("/login", await house.login_request(house.people[1]))) == "login-refused"
    assert await house.log_in(first)
    _, forgetful = replaced_offline(house, 1)
    with pytest.raises(RegistrarError, match="not the present one"):
        await imported(house, forgetful)
    second, raw = replaced_offline(house, 1, earlier=(read_replacements(raw),))
    [(kind, fields)] = await imported(house, raw)
    assert (await house.decide(kind, fields)).state == "done"
    assert await house.log_in(second)
    assert await mails(house) == {}
    await house.verify()


async def test_a_file_that_the_registrar_did_not_sign_is_refused(offline_house: House) -> None:
    house = offline_house
    _, raw = replaced_offline(house, 1)
    for part in (b'"reason":"lost"', b'"student_id":"p1"', b'"election":"house-2026"'):
        assert part in raw
        broken = raw.replace(part, part[:-2] + b'x"')
        with pytest.raises(RegistrarError, match=r"p1: .*signature|has no credential|wrong log"):
            await imported(house, broken)
    with pytest.raises(RegistrarError, match="re-issue: ReplacementFile"):
        await imported(house, raw[:-1])


async def test_an_offline_re_issue_beside_a_token_is_refused(offline_house: House) -> None:
    house = offline_house
    _, raw = replaced_offline(house, 1, 0)
    await take_token(house, house.people[0])
    with pytest.raises(RegistrarError, match="p0: has a token in an open poll"):
        await imported(house, raw)


async def test_each_registrar_has_the_own_way(service_house: House, tmp_path: Path) -> None:
    _, raw = replaced_offline(service_house, 1)
    with pytest.raises(RegistrarError, match="the service is the registrar"):
        await imported(service_house, raw)


async def test_the_service_makes_no_links_for_an_offline_registrar(offline_house: House) -> None:
    with pytest.raises(RegistrarError, match="offline registrar"):
        await reissued(offline_house, "p1")


async def test_a_student_who_is_not_in_the_document_is_named(offline_house: House) -> None:
    with pytest.raises(RegistrarError, match="p7: is not in the document"):
        replaced_offline(offline_house, 7)


async def test_a_held_link_of_another_student_does_not_serve(service_house: House) -> None:
    """The roll decides whose link it is."""
    house = service_house
    [(kind, fields)] = await reissued(house, "p1")
    table = schema_mail.outbox
    async with house.service.database.transaction() as connection:
        await connection.execute(update(table).values(recipient="p2"))
    with pytest.raises(ActRefusedError, match="not held any more"):
        await house.decide(kind, fields)
