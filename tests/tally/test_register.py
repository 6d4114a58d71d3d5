"""The register of mandates: who has which seat, since when, on what ground, and until when (IBSU 6.5.2 to 6.5.5)."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tally.constitution import CalendarRule
from tally.errors import OutcomeError
from tally.register import By, End, Mandate, Register, Term, Title
from tests.tally.law import make_constitution

OCTOBER = int(datetime(2026, 10, 5, 12, tzinfo=UTC).timestamp())
MARCH = int(datetime(2027, 3, 1, 12, tzinfo=UTC).timestamp())


def mandate(seat: str, person: str, *, since: int = OCTOBER, until: str = "2027-06-30", by: By = "election") -> Mandate:
    return Mandate(seat, seat.split("-", maxsplit=1)[0], person, since, until, "poll:1", by)


def calendar(*, after_term: str = "none", utc_offset: int = 240) -> CalendarRule:
    rules = make_constitution({"calendar.after_term": after_term}).calendar
    return msgspec.structs.replace(rules, utc_offset=utc_offset)


def test_a_seat_is_taken_left_and_filled_again_and_the_register_keeps_all_of_it() -> None:
    register = Register()
    elected = mandate("faculty-law", "luka")
    successor = mandate("faculty-law", "nino", since=MARCH, by="succession")
    register.take(elected)
    assert register.vacate("faculty-law", MARCH, "disciplined", "decision:a") == elected
    assert register.holder("faculty-law") is None
    register.take(successor)
    assert register.holder("faculty-law") == "nino"
    assert register.history == [Term(elected, End(MARCH, "disciplined", "decision:a")), Term(successor, None)]


def test_a_held_seat_is_not_taken() -> None:
    register = Register()
    register.take(mandate("faculty-law", "luka"))
    with pytest.raises(OutcomeError, match="seat faculty-law: expected nobody in it, got luka"):
        register.take(mandate("faculty-law", "nino"))


def test_an_empty_seat_is_not_left() -> None:
    with pytest.raises(OutcomeError, match="seat faculty-law: expected a holder, got nobody"):
        Register().vacate("faculty-law", MARCH, "resigned", "decision:a")


def test_who_is_appointed_is_no_member_and_is_replaced_by_the_next() -> None:
    register = Register()
    register.take(mandate("president", "ana"))
    register.appoint(mandate("internal", "gio", by="appointment"))
    assert register.members() == {"ana": "president"}
    register.appoint(mandate("internal", "tato", since=MARCH, by="appointment"))
    assert register.holder("internal") == "tato"
    assert register.history[1].end == End(MARCH, "replaced", "poll:1")


def test_appointment_is_neither_election_nor_over_an_elected_head() -> None:
    register = Register()
    register.take(mandate("internal", "ana"))
    with pytest.raises(OutcomeError, match="seat internal: ana is elected: nobody is appointed to it"):
        register.appoint(mandate("internal", "gio", by="appointment"))
    with pytest.raises(OutcomeError, match="seat external: expected an appointment, got election"):
        register.appoint(mandate("external", "gio"))


def test_the_only_holder_of_a_position_acts() -> None:
    register = Register()
    assert register.holder_of("vice") is None
    register.take(mandate("vice", "gio"))
    assert register.holder_of("vice") == "gio"
    register.take(mandate("faculty-law", "nino"))
    register.take(mandate("faculty-art", "tato"))
    assert register.holder_of("faculty") is None


def test_an_honorary_title_is_no_seat_and_no_vote() -> None:
    register = Register()
    register.honour("eka", MARCH, "decision:b")
    assert register.titles == [Title("eka", MARCH, "decision:b")]
    assert register.members() == {}
    assert register.seat_of("eka") is None
    with pytest.raises(OutcomeError, match="honorary title: eka has it already"):
        register.honour("eka", MARCH, "decision:c")
    register.take(mandate("president", "ana"))
    with pytest.raises(OutcomeError, match="honorary title: ana holds seat president"):
        register.honour("ana", MARCH, "decision:d")


@pytest.mark.parametrize(
    ("utc_offset", "last"),
    [(240, "2027-06-30T19:59:59+00:00"), (0, "2027-06-30T23:59:59+00:00"), (-60, "2027-07-01T00:59:59+00:00")],
)
def test_a_term_ends_with_the_last_second_of_its_last_day_on_the_institutions_clock(utc_offset: int, last: str) -> None:
    one, end = mandate("president", "ana"), int(datetime.fromisoformat(last).timestamp())
    rule_ = calendar(utc_offset=utc_offset)
    assert Register.in_force(one, OCTOBER, rule_)
    assert Register.in_force(one, end, rule_)
    assert not Register.in_force(one, end + 1, rule_)
    assert not Register.in_force(one, OCTOBER - 1, rule_)


def test_a_caretaker_stays_until_there_is_a_successor_where_the_rules_say_so() -> None:
    one, late = mandate("president", "ana"), MARCH + 200 * 86_400
    stays = calendar(after_term="until-successor")
    assert Register.in_force(one, late, stays)
    assert Register.is_caretaker(one, late, stays)
    assert not Register.is_caretaker(one, MARCH, stays)
    assert not Register.is_caretaker(one, late, calendar())
    endless = mandate("president", "ana", until="")
    assert Register.in_force(endless, late, calendar())
    assert not Register.is_caretaker(endless, late, stays)


class RegisterMachine(RuleBasedStateMachine):
    """The register against a plain dict, and copies against what they were copied from."""

    def __init__(self) -> None:
        super().__init__()
        self.register = Register()
        self.model: dict[str, str] = {}
        self.begun = 0
        self.kept: tuple[Register, dict[str, str]] = (self.register.copy(), {})

    @rule(seat=st.sampled_from("abc"), person=st.sampled_from(["ana", "beka", "gio", "nino"]))
    def take(self, seat: str, person: str) -> None:
        if seat in self.model:
            with pytest.raises(OutcomeError, match="expected nobody in it"):
                self.register.take(mandate(seat, person))
            return
        self.register.take(mandate(seat, person))
        self.model[seat] = person
        self.begun += 1

    @rule(seat=st.sampled_from("abc"))
    def vacate(self, seat: str) -> None:
        if seat not in self.model:
            with pytest.raises(OutcomeError, match="expected a holder"):
                self.register.vacate(seat, MARCH, "resigned", "decision:a")
            return
        assert self.register.vacate(seat, MARCH, "resigned", "decision:a").person == self.model.pop(seat)

    @rule()
    def keep(self) -> None:
        self.kept = (self.register.copy(), dict(self.model))

    @invariant()
    def holders_are_the_models(self) -> None:
        for register, model in ((self.register, self.model), self.kept):
            assert {seat: register.holder(seat) for seat in "abc"} == {seat: model.get(seat) for seat in "abc"}
            assert [one.seat for one in register.mandates()] == sorted(model)
            for person in ("ana", "beka", "gio", "nino"):
                seats = sorted(seat for seat, holder in model.items() if holder == person)
                assert register.seat_of(person) == (seats[0] if seats else None)
                assert register.members().get(person) == register.seat_of(person)

    @invariant()
    def every_mandate_is_in_the_history_and_ends_once(self) -> None:
        assert len(self.register.history) == self.begun
        going_on = [term.mandate.seat for term in self.register.history if term.end is None]
        assert sorted(going_on) == sorted(self.model)


test_register_machine = RegisterMachine.TestCase
