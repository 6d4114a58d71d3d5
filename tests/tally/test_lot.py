"""Lots drawn by the ballots themselves: tickets are fixed at the close, and order and names are of no matter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.curve import Point, Scalar, base_multiply
from keys.transcript import Tag, digest, u64
from tally.errors import OutcomeError
from tally.lot import draw, draw_step, make_tickets
from tally.sums import ContestSums
from tests.tally.counted import compared

LOG = b"L" * 32
CONTEXT = b"C" * 32
ONE, TWO, THREE = (base_multiply(Scalar(k)) for k in (1, 2, 3))
SUMS = ContestSums(CONTEXT, 5, ((ONE, TWO), (TWO, THREE), (Point.IDENTITY, THREE)))

NAMES = ["ana", "beka", "gio", "luka", "nino"]
TICKETS = st.lists(st.binary(min_size=32, max_size=32), min_size=2, max_size=5, unique=True).map(
    lambda tickets: dict(zip(NAMES, tickets, strict=False))
)


def test_a_ticket_is_the_hash_that_the_protocol_names() -> None:
    first, _, third = make_tickets(LOG, SUMS, [2, 2, 1])
    assert first == digest(Tag.LOT, LOG, CONTEXT, ONE.to_bytes(), TWO.to_bytes(), u64(2))
    assert third == digest(Tag.LOT, LOG, CONTEXT, b"", THREE.to_bytes(), u64(1))


def test_everything_that_goes_in_changes_the_ticket() -> None:
    (ticket, *_) = make_tickets(LOG, SUMS, [2, 2, 1])
    others = [
        make_tickets(b"M" * 32, SUMS, [2, 2, 1]),
        make_tickets(LOG, ContestSums(b"D" * 32, 5, SUMS.pairs), [2, 2, 1]),
        make_tickets(LOG, ContestSums(CONTEXT, 5, ((TWO, TWO), *SUMS.pairs[1:])), [2, 2, 1]),
        make_tickets(LOG, ContestSums(CONTEXT, 5, ((ONE, THREE), *SUMS.pairs[1:])), [2, 2, 1]),
        make_tickets(LOG, SUMS, [3, 2, 1]),
    ]
    assert len({ticket, *(other[0] for other in others)}) == 6


def test_the_position_of_an_option_does_not_go_in() -> None:
    straight = make_tickets(LOG, SUMS, [2, 2, 1])
    turned = make_tickets(LOG, ContestSums(CONTEXT, 5, SUMS.pairs[::-1]), [1, 2, 2])
    assert turned == straight[::-1]


def test_sums_and_counts_of_different_options_are_refused() -> None:
    with pytest.raises(OutcomeError, match="lot: counts: expected 3 options, got 2"):
        make_tickets(LOG, SUMS, [2, 2])


def test_the_lowest_ticket_goes_first() -> None:
    assert draw({"ana": b"\x02", "beka": b"\x01", "gio": b"\x03"}, ["ana", "gio", "beka"]) == ("beka", "ana", "gio")


def test_a_person_without_a_ticket_is_refused() -> None:
    with pytest.raises(OutcomeError, match="lot: gio: expected a ticket, got none"):
        draw({"ana": b"\x02"}, ["ana", "gio"])


@given(TICKETS, st.data())
def test_a_lot_is_a_permutation_whatever_the_order(tickets: dict[str, bytes], data: st.DataObject) -> None:
    order = draw(tickets, list(tickets))
    assert sorted(order) == sorted(tickets)
    assert draw(tickets, data.draw(st.permutations(list(tickets)))) == order


@given(TICKETS, st.permutations(NAMES))
def test_names_do_not_influence_a_lot(tickets: dict[str, bytes], renamed: list[str]) -> None:
    name = dict(zip(NAMES, renamed, strict=True))
    order = draw({name[person]: ticket for person, ticket in tickets.items()}, [name[person] for person in tickets])
    assert order == tuple(name[person] for person in draw(tickets, list(tickets)))


@given(TICKETS, st.data())
def test_who_else_draws_does_not_change_the_order_of_two(tickets: dict[str, bytes], data: st.DataObject) -> None:
    some = data.draw(st.lists(st.sampled_from(sorted(tickets)), min_size=1, unique=True))
    assert draw(tickets, some) == tuple(person for person in draw(tickets, list(tickets)) if person in some)


@given(TICKETS)
def test_the_step_shows_the_order_and_what_was_compared(tickets: dict[str, bytes]) -> None:
    step = draw_step("head", "6.5.5", tickets, list(tickets), "count:1/head")
    assert tuple(step.names) == draw(tickets, list(tickets))
    assert step.inputs == {f"ticket.{person}": int.from_bytes(ticket[:6]) for person, ticket in tickets.items()}
    assert (step.conclusion, step.grounds) == ("drawn", ["count:1/head"])
    assert compared(step)
    assert step.holds


def test_equal_tickets_still_give_one_order() -> None:
    assert draw({"beka": b"\x01", "ana": b"\x01"}, ["beka", "ana"]) == ("ana", "beka")
