"""Trustees' messages at the service's door: the verifier's own checks, in their turn, nothing logged that does not
hold."""

import os
from typing import Any

import msgspec
import pytest

from election_service.errors import ActRefusedError
from election_service.tallying import advance_tally, publish_sums
from keys.canonical import b64
from keys.errors import DataError, SignatureError
from keys.trustee import CeremonyError, TrusteeProofError
from keys.trustee.tool import canary, next_step
from tally.errors import ShareSignatureError
from tests.service.house import ELECTION, HOUR, REVIEW, STEPS, House, code_of


async def first_step(house: House) -> Any:
    """Trustee 1's hash, in a session that is open."""
    await house.adopt()
    ceremony = await house.open_session()
    house.trustees[0], data = next_step(house.trustees[0], ceremony, os.urandom)
    return data


async def test_a_message_is_logged_once_and_found_again(house: House) -> None:
    data = await first_step(house)
    seq = await house.send_trustee(STEPS[type(data).__name__], data)
    assert await house.send_trustee(STEPS[type(data).__name__], data) == seq
    assert len(await house.entries("trustee.hashed")) == 1


async def test_a_message_out_of_turn_or_by_another_is_refused(house: House) -> None:
    data = await first_step(house)
    with pytest.raises(SignatureError, match="trustee 2"):
        await house.send_trustee("trustee.hashed", msgspec.structs.replace(data, i=2))
    with pytest.raises(SignatureError, match="trustee 1"):
        await house.send_trustee("trustee.hashed", msgspec.structs.replace(data, hash=b64(bytes(32))))
    with pytest.raises(CeremonyError, match="wrong session"):
        await house.send_trustee("trustee.hashed", msgspec.structs.replace(data, session=b64(bytes(32))))
    assert await house.entries("trustee.hashed") == []


async def test_a_stalled_session_ends_by_the_next_attempt(house: House) -> None:
    data = await first_step(house)
    await house.send_trustee("trustee.hashed", data)
    with pytest.raises(ActRefusedError, match="expected attempt 2, got 3"):
        await house.open_session(attempt=3)
    await house.open_session(attempt=2)
    assert (await house.service.facts(ELECTION)).joint_key is None


async def test_kinds_that_are_no_trustee_s_are_refused(open_sqlite_house: House) -> None:
    for kind in ("ballot", "poll.opened", "log.opened", "nonsense"):
        answer = await open_sqlite_house.post("/trustee-messages", {"kind": kind, "data": {}})
        assert await code_of(answer) == "act-refused"


async def test_a_canary_is_for_the_poll_about_to_open_once_each_and_must_hold(house: House) -> None:
    await house.adopt()
    await house.hold_ceremony()
    await house.enrol({"university": range(6), "law": range(3)})
    assert house.joint is not None
    made = canary(house.trustees[0], house.log_id, house.joint, 1, os.urandom)
    with pytest.raises(ActRefusedError, match="not about to open"):
        await house.send_trustee("trustee.canary", made)
    await house.plan()
    other = canary(house.trustees[0], house.log_id, house.joint, 2, os.urandom)
    with pytest.raises(ActRefusedError, match="not about to open"):
        await house.send_trustee("trustee.canary", other)
    with pytest.raises(TrusteeProofError, match="canary"):
        await house.send_trustee("trustee.canary", msgspec.structs.replace(other, poll=1))
    with pytest.raises(TrusteeProofError, match="trustee 2"):
        await house.send_trustee("trustee.canary", msgspec.structs.replace(made, i=2))
    await house.send_trustee("trustee.canary", made)
    again = canary(house.trustees[0], house.log_id, house.joint, 1, os.urandom)
    with pytest.raises(ActRefusedError, match="has shown one"):
        await house.send_trustee("trustee.canary", again)
    assert len(await house.entries("trustee.canary")) == 1


async def closed(house: House, votes: int = 3) -> Any:
    """A closed poll with some ballots in `head`, its review window over, and the sums of `head`."""
    from election_service.poll_facts import logged_sums

    rules = await house.rules(house.contexts[0])
    for person in house.people[:votes]:
        await house.vote(person, rules)
    await house.close_early()
    house.clock.now += REVIEW
    await publish_sums(house.service, ELECTION, 1)
    return logged_sums((await house.service.facts(ELECTION)).contest(rules.context))


async def test_no_share_before_the_review_window_ends(open_sqlite_house: House) -> None:
    """A28: not while the poll is open, not a second too early."""
    house = open_sqlite_house
    rules = await house.rules(house.contexts[0])
    for person in house.people[:3]:
        await house.vote(person, rules)
    await house.close_early()
    house.clock.now += REVIEW - 1
    assert await advance_tally(house.service, ELECTION, 1) == []
    from election_service.sums import add_up

    sums = (await add_up(house.service, ELECTION, [rules]))[rules.context]
    with pytest.raises(ActRefusedError, match="too early"):
        await house.send_trustee("tally.share", house.share(1, sums))
    house.clock.now += 1
    assert "tally.sums" in await advance_tally(house.service, ELECTION, 1)
    await house.send_trustee("tally.share", house.share(1, sums))


async def test_a_signed_wrong_share_is_shown_and_passed_over(open_sqlite_house: House) -> None:
    """A26: k good ones and one bad one still tally, and the bad one's trustee is named by the verifier."""
    from audit.source import FolderSource
    from audit.verify import verify_log
    from election_service.publication import export_log
    from keys.curve import GENERATOR
    from tests.simulated.rogue import shifted_share

    house = open_sqlite_house
    sums = await closed(house)
    await advance_tally(house.service, ELECTION, 1)  # the empty contest needs no share
    assert house.session is not None
    from tally.share import share_context

    where = share_context(house.session)
    bad = shifted_share(where, house.share(1, sums), house.trustees[0].identity_secret, GENERATOR)
    await house.send_trustee("tally.share", bad)
    await house.send_trustee("tally.share", house.share(2, sums))
    assert await advance_tally(house.service, ELECTION, 1) == []  # one good share is not enough
    await house.send_trustee("tally.share", house.share(3, sums))
    assert await advance_tally(house.service, ELECTION, 1) == ["tally.counts", "result.declared"]
    counts = {item.context: item for item in await house.entries("tally.counts")}
    assert counts[b64(house.contexts[0])].trustees == [2, 3]
    async with house.service.database.snapshot() as connection:
        await export_log(connection, ELECTION, house.folder / "copy")
    with FolderSource(house.folder / "copy") as source:
        report = verify_log(source)
    assert report.ok
    assert any("share 1" in note for note in report.notes)


async def test_an_unsigned_share_and_one_too_many_are_not_logged(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    sums = await closed(house)
    share = house.share(1, sums)
    with pytest.raises(ShareSignatureError):
        await house.send_trustee("tally.share", msgspec.structs.replace(share, i=2))
    with pytest.raises(ShareSignatureError):
        await house.send_trustee("tally.share", msgspec.structs.replace(share, signature=b64(bytes(64))))
    with pytest.raises(DataError):
        await house.send_trustee("tally.share", msgspec.structs.replace(share, i=9))
    await house.send_trustee("tally.share", share)
    with pytest.raises(ActRefusedError, match="has given a good share"):
        await house.send_trustee("tally.share", house.share(1, sums))
    await house.send_trustee("tally.share", house.share(2, sums))
    await advance_tally(house.service, ELECTION, 1)
    with pytest.raises(ActRefusedError, match="nothing of this contest"):
        await house.send_trustee("tally.share", house.share(3, sums))
    assert len(await house.entries("tally.share")) == 2
    await house.verify()


async def test_no_share_for_an_open_poll(open_sqlite_house: House) -> None:
    """A27: the service asks for nothing before the close, and takes nothing."""
    from election_service.sums import add_up

    house = open_sqlite_house
    rules = await house.rules(house.contexts[0])
    sums = (await add_up(house.service, ELECTION, [rules]))[rules.context]
    house.clock.now += HOUR
    with pytest.raises(ActRefusedError, match="too early"):
        await house.send_trustee("tally.share", house.share(1, sums))
