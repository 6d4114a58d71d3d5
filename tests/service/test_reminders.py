"""Reminders go to those without a token, calls to those who may vote, results to all; nobody is written to twice."""

import pytest
from sqlalchemy import select, update

from election_service import schema
from election_service.api_types import ElectionTexts
from election_service.errors import ActRefusedError
from election_service.presentation import Presentation, store_presentation
from election_service.reminders import Queued, queue_calls, queue_reminders, queue_results
from election_service.schema_mail import outbox
from tests.service.house import ELECTION, HOUR, House

DAY = 24 * HOUR


async def furnish(house: House) -> House:
    """Addresses, a title in every language, and whom to ask."""
    await house.list_people()
    titles = {"en": "Spring election", "ka": "გაზაფხულის არჩევნები", "az": "Yaz seçkiləri", "ru": "Весенние выборы"}
    texts = {language: ElectionTexts(title=title, intro="") for language, title in titles.items()}
    shown = Presentation(texts=texts, contact="committee@example.edu", zone="Asia/Baku")
    async with house.service.database.transaction() as connection:
        await store_presentation(connection, ELECTION, shown)
    return house


async def remind(house: House, number: int | None = None) -> Queued:
    return await queue_reminders(house.service, ELECTION, 1, number)


async def test_who_has_a_token_in_every_contest_is_not_reminded(open_house: House) -> None:
    """p0 … p5; `law` is for the first half. One has all tokens, one has one of two, nobody is known to have cast."""
    house = await furnish(open_house)
    head, law = [await house.rules(context) for context in house.contexts]
    await house.token(house.people[0], head)
    await house.token(house.people[0], law)
    await house.vote(house.people[1], head)
    await house.token(house.people[5], head)
    assert await remind(house) == Queued(4, 0, 0)
    letters = dict(await house.letters("reminder"))
    assert set(letters) == {"p1", "p2", "p3", "p4"}
    one, two = letters["p1"], letters["p4"]
    assert one.language == "ka"
    assert "გაზაფხულის" in one.subject
    assert one.text.count("\n- ") == 1
    assert letters["p2"].text.count("\n- ") == 2
    assert (two.to, two.name, two.reply_to) == ("p4@example.edu", "Person 4", "committee@example.edu")
    assert "Head of" in two.text
    assert f"/elections/{ELECTION}/link?lang=en" in two.text
    assert "/vote/" not in two.text + two.html


async def test_the_closing_time_is_said_in_the_elections_zone(open_house: House) -> None:
    house = await furnish(open_house)
    await remind(house)
    letter = dict(await house.letters("reminder"))["p4"]
    assert "Friday, 15 January 2027, 14:00 (Baku time)" in " ".join(letter.text.split())


async def test_everybody_is_reminded_once_a_day_or_once_for_each_number(open_house: House) -> None:
    house = await furnish(open_house)
    assert await remind(house) == Queued(6, 0, 0)
    assert await remind(house) == Queued(0, 6, 0)
    assert await remind(house, 2) == Queued(6, 0, 0)
    assert await remind(house, 2) == Queued(0, 6, 0)
    await house.change_poll("poll.extended", closes=house.clock.now + 3 * DAY)
    house.clock.now += DAY
    assert await remind(house) == Queued(6, 0, 0)


async def test_a_reminder_is_not_sent_after_the_close_and_not_made_there(open_house: House) -> None:
    house = await furnish(open_house)
    await remind(house)
    async with house.service.database.snapshot() as connection:
        ends = set((await connection.execute(select(outbox.c.not_after))).scalars())
    assert ends == {(await house.service.facts(ELECTION)).poll(1).closes}
    house.clock.now += 3 * HOUR
    with pytest.raises(ActRefusedError, match="poll 1: is not open"):
        await remind(house)
    with pytest.raises(ActRefusedError, match="poll 7: there is none"):
        await queue_reminders(house.service, ELECTION, 7)


async def test_who_has_no_invitation_is_not_told_to_use_it(open_house: House) -> None:
    house = await furnish(open_house)
    async with house.service.database.transaction() as connection:
        from tests.service.mail_office import letter as some_letter

        for number, state in enumerate(("sent", "waiting", "bounced", "refused")):
            from election_service.outbox import queue

            await queue(
                connection,
                house.service.master,
                house.service.random,
                election=ELECTION,
                kind="invite",
                recipient=f"p{number}",
                about="first",
                mail=some_letter(),
                now=house.clock.now,
            )
            mine = (outbox.c.recipient == f"p{number}") & (outbox.c.kind == "invite")
            await connection.execute(update(outbox).where(mine).values(state=state))
    assert await remind(house) == Queued(3, 0, 3)
    assert {student for student, _ in await house.letters("reminder")} == {"p0", "p4", "p5"}


async def test_everybody_who_may_vote_is_called_once(open_house: House) -> None:
    house = await furnish(open_house)
    await house.token(house.people[0], await house.rules(house.contexts[0]))
    assert await queue_calls(house.service, ELECTION, 1) == Queued(6, 0, 0)
    assert await queue_calls(house.service, ELECTION, 1) == Queued(0, 6, 0)
    letters = dict(await house.letters("call"))
    assert letters["p0"].text.count("\n- ") == 2
    assert letters["p4"].text.count("\n- ") == 1
    assert "Voting ends: Friday, 15 January 2027, 14:00" in " ".join(letters["p4"].text.split())
    assert "Voting begins" not in letters["p4"].text


async def test_a_poll_that_will_open_is_called_when_its_opening_is_approved(house: House) -> None:
    await house.prepare()
    await furnish(house)
    with pytest.raises(ActRefusedError, match="poll 1: is not open, and no approved act opens it"):
        await queue_calls(house.service, ELECTION, 1)
    await house.open_poll(hours=48, not_before=house.clock.now + DAY)
    assert await queue_calls(house.service, ELECTION, 1) == Queued(6, 0, 0)
    text = " ".join(dict(await house.letters("call"))["p4"].text.split())
    assert "Voting begins: Saturday, 16 January 2027, 12:00 (Baku time)." in text
    assert "Voting ends: Sunday, 17 January 2027, 12:00 (Baku time)." in text


async def test_the_result_is_told_when_declared_and_when_final(open_house: House) -> None:
    house = await furnish(open_house)
    head = await house.rules(house.contexts[0])
    for person in house.people:
        await house.vote(person, head)
    with pytest.raises(ActRefusedError, match="poll 1: has no declared result yet"):
        await queue_results(house.service, ELECTION, 1)
    await house.close_early()
    await house.tally()
    assert await queue_results(house.service, ELECTION, 1) == Queued(6, 0, 0)
    assert await queue_results(house.service, ELECTION, 1) == Queued(0, 6, 0)
    await house.conclude()
    assert await queue_results(house.service, ELECTION, 1) == Queued(6, 0, 0)
    texts = [" ".join(letter.text.split()) for student, letter in await house.letters("result") if student == "p4"]
    assert len(texts) == 2
    assert any("not final yet" in text for text in texts)
    assert any("The result is final." in text for text in texts)
    for text in texts:
        assert f"http://localhost:8080/elections/{ELECTION}/results/1?lang=en" in text
    facts = await house.service.facts(ELECTION)
    assert facts.poll(1).concluded == "result.certified"


async def test_a_replaced_credential_is_the_same_voter(open_sqlite_house: House) -> None:
    """The electorate has the first credential of the chain, the roll the last one."""
    from election_service.registrar import make_replacement
    from tests.service.house import Person

    house = await furnish(open_sqlite_house)
    old = house.people[5]
    made = make_replacement(
        ELECTION, house.log_id, old.credential, "lost", house.registrar.secret, house.service.random
    )
    await house.decide("credential.replaced", made[1])
    new = Person(made[0])
    assert (await remind(house)).queued == 6
    await house.token(new, await house.rules(house.contexts[0]))
    assert (await remind(house, 2)).queued == 5
    assert "p5" not in {student for student, letter in (await house.letters("reminder"))[6:]}
    async with house.service.database.snapshot() as connection:
        row = (await connection.execute(select(schema.voters).where(schema.voters.c.student_id == "p5"))).one()
    assert row.credential == new.credential
