"""After the close: what was promised is compared with the log, slack has a limit, and what bars certifying is said."""

from __future__ import annotations

import os
from typing import Final

import pytest
from sqlalchemy import delete, func, insert, select, update

from election_service import schema
from election_service.console.closing import Closing, read_closing, share_progress
from election_service.console.roles import Role
from election_service.errors import ActRefusedError, NotFoundError
from election_service.poll_facts import logged_sums
from election_service.tallying import advance_tally
from election_service.voices import complain
from keys.curve import GENERATOR
from tally.complaint import make_complaint
from tally.share import share_context
from tests.console.desk import Desk
from tests.service.house import ELECTION, HOUR, REVIEW, House
from tests.service.pages_reader import Parsed, vote_all
from tests.simulated.rogue import shifted_share

BASE: Final = f"/committee/{ELECTION}"


async def closing_of(house: House) -> Closing:
    found = await read_closing(house.service, ELECTION, 1)
    assert found is not None
    return found


def offered(page: Parsed, kind: str) -> bool:
    """Whether the page offers to propose an act of this kind."""
    return any(f"/acts/new/{kind}?poll=1" in link for link in page.attributes("href"))


async def test_before_the_close_there_is_nothing_to_see(open_house: House) -> None:
    await vote_all(open_house)
    assert await read_closing(open_house.service, ELECTION, 1) is None
    with pytest.raises(NotFoundError, match="poll 7"):
        await read_closing(open_house.service, ELECTION, 7)
    chair = await Desk.open(open_house, "chair", Role.CHAIR)
    page = await chair.read(f"{BASE}/results/1")
    assert "Until then nobody knows how it stands" in page.text
    assert not page.all("table")
    await chair.read(f"{BASE}/results/7", status=404)


async def test_from_the_close_to_the_certification(open_house: House) -> None:
    house = open_house
    chair = await Desk.open(house, "chair", Role.CHAIR)
    await vote_all(house, 3)
    await house.token(house.people[5], await house.rules(house.contexts[0]))  # and casts nothing
    await house.close_early()
    found = await closing_of(house)
    assert found.review_ends == house.clock.now + REVIEW
    assert all(item.kept for item in found.reviews)
    assert [(item.receipts, item.slack, item.allowed) for item in found.reviews] == [(3, 1, 2), (3, 0, 1)]
    page = await chair.read(f"{BASE}/results/1")
    assert "Voters check until" in page.text
    assert "Ana" not in page.text

    house.clock.now += REVIEW
    await advance_tally(house.service, ELECTION, 1)
    assert (await closing_of(house)).shares.ready == 0
    await house.shares([1])
    shares = (await closing_of(house)).shares
    assert (shares.k, shares.n, shares.wanted, shares.counted, shares.ready) == (2, 3, 2, 0, 1)
    page = await chair.read(f"{BASE}/results/1")
    assert "1 trustee has decrypted every contest. 2 of 3 are needed." in page.text
    assert "Ana" not in page.text, "no count before the declaration"
    await house.shares([3])
    await advance_tally(house.service, ELECTION, 1)
    page = await chair.read(f"{BASE}/results/1")
    assert "It can be certified now" in page.text
    assert "Ana elected" in page.text
    assert offered(page, "result.certified")
    assert offered(page, "result.annulled")
    await house.conclude()
    page = await chair.read(f"{BASE}/results/1")
    assert "Certified: the result stands" in page.text
    assert not offered(page, "result.certified")


async def test_a_receipt_without_a_ballot_and_a_ballot_without_a_receipt_are_found(open_house: House) -> None:
    """A hand in the database, or a service that dropped what it had acknowledged."""
    house = open_house
    await vote_all(house, 3)
    await house.close_early()
    receipts = schema.receipts
    async with house.service.database.transaction() as connection:
        row = (await connection.execute(select(receipts).where(receipts.c.context == house.contexts[0]))).first()
        assert row is not None
        await connection.execute(insert(receipts).values({**row._asdict(), "tracker": os.urandom(32)}))
        law = receipts.c.context == house.contexts[1]
        some = select(func.min(receipts.c.tracker)).where(law).scalar_subquery()
        await connection.execute(delete(receipts).where(receipts.c.tracker == some))
        issued = schema.issued
        mine = issued.c.context == house.contexts[1]
        await connection.execute(update(issued).where(mine).values(blinded=os.urandom(128)))
    first, second = sorted((await closing_of(house)).reviews, key=lambda item: -item.missing)
    assert (first.receipts, first.missing, first.unknown, first.requests) == (4, 1, 0, True)
    assert (second.receipts, second.missing, second.unknown, second.requests) == (2, 0, 1, False)
    chair = await Desk.open(house, "chair", Role.CHAIR)
    page = await chair.read(f"{BASE}/results/1")
    assert "1 of 4 receipts has no ballot in the log" in page.text
    assert "1 ballot in the log has no receipt" in page.text
    assert "not those of the log" in page.text


@pytest.mark.parametrize("allowed", [True, False])
async def test_the_page_bars_what_the_rules_bar(house: House, allowed: bool) -> None:
    """Slack of one in three tokens, with 50 percent allowed and with 20; two days for complaints."""
    await house.open(max_slack=50 if allowed else 20, complaints=2 * 24 * HOUR)
    head = await house.rules(house.contexts[0])
    await vote_all(house, 2)
    await house.token(house.people[5], head)
    await house.close_early()
    await house.tally()
    found = await closing_of(house)
    assert found.bars == (("complaint-window",) if allowed else ("complaint-window", "slack"))
    person = house.people[0]
    data = make_complaint(house.log_id, 1, "My name was <i>missing</i>.", person.secret, os.urandom)
    await complain(house.service, ELECTION, data)
    house.clock.now += 2 * 24 * HOUR
    found = await closing_of(house)
    assert "complaints" in found.bars
    chair = await Desk.open(house, "chair", Role.CHAIR)
    page = await chair.read(f"{BASE}/results/1")
    assert "My name was <i>missing</i>." in page.text
    assert not offered(page, "result.certified")
    (seq,) = [item.seq for item in found.complaints]
    answer = f"/acts/new/decision?what=complaint&number={seq}&ground=rejected"
    assert any(answer in link for link in page.attributes("href"))
    assert "My name was" in (await chair.read(f"{BASE}/progress")).text
    await house.record("complaint", number=seq, ground="rejected")
    page = await chair.read(f"{BASE}/results/1")
    assert offered(page, "result.certified") == allowed
    if allowed:
        await house.conclude()
    else:
        with pytest.raises(ActRefusedError, match="slack 1 is above 20 percent"):
            await house.conclude()


async def test_a_wrong_share_is_named(open_house: House) -> None:
    house = open_house
    await vote_all(house, 3)
    await house.close_early()
    house.clock.now += REVIEW
    await advance_tally(house.service, ELECTION, 1)
    facts = await house.service.facts(ELECTION)
    sums = logged_sums(next(iter(facts.poll(1).contests.values())))
    assert house.session is not None
    where = share_context(house.session)
    wrong = shifted_share(where, house.share(1, sums), house.trustees[0].identity_secret, GENERATOR)
    await house.send_trustee("tally.share", wrong)
    shares = await share_progress(house.service, ELECTION, 1)
    assert [(item.number, item.given, item.good) for item in shares.trustees] == [(1, 1, 0), (2, 0, 0), (3, 0, 0)]
