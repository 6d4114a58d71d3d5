"""One duty for one person: the seats when all contests are taken together (RULES C9 to C13; IBSU 6.12.5, 6.5.5)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tally.errors import OutcomeError
from tally.one_position import Allocation, Claim, allocate, branches
from tally.reasoning import Conclusion
from tally.verdict import Rank
from tally.wire import Branch, Skipped

ONE = "6.12.5"
RANKS = {"president": 1, "faculty": 2, "department": 3, "class": 4}


def claim(seat: str, votes: dict[str, int] | None = None, **changes: object) -> Claim:
    """A claim on a seat of RANKS ("faculty-law" is a faculty's); `votes` None: undecided."""
    position = seat.split("-", maxsplit=1)[0]
    counts = sorted(set((votes or {}).values()), reverse=True)
    ranking = tuple(Rank(n, tuple(p for p, v in (votes or {}).items() if v == n)) for n in counts if n > 0)
    base = Claim(
        seat=seat,
        position=position,
        clause="6.12.6",
        rank=RANKS[position],
        ranking=ranking,
        possible=(),
        holder=None,
        passed={},
        min_votes=1,
        tie="re-election",
        next_tie="members-vote",
        tickets={},
        refill="next-by-votes",
        grounds=(f"count:1/{seat}",),
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # the tests' own members


def by_seat(*claims: Claim, applies: bool = True) -> dict[str, Allocation]:
    return {one.seat: one for one in allocate(claims, applies, ONE)}


def persons(*claims: Claim, applies: bool = True) -> dict[str, str | None]:
    return {seat: one.person for seat, one in by_seat(*claims, applies=applies).items()}


def conclusions(one: Allocation) -> list[tuple[str, list[str]]]:
    return [(step.conclusion, step.names) for step in one.steps]


# ---- the cases of the rules ------------------------------------------------------------------------------------------


def ana_wins_president_and_faculty() -> None:
    seats = by_seat(
        claim("president", {"ana": 60, "beka": 40}), claim("faculty-law", {"ana": 30, "nino": 20, "gio": 10})
    )
    assert (seats["president"].status, seats["president"].person) == ("filled", "ana")
    assert (seats["faculty-law"].status, seats["faculty-law"].person) == ("filled", "nino")
    assert seats["faculty-law"].skipped == (Skipped(person="ana", reason="holds-higher", seat="president"),)
    assert conclusions(seats["faculty-law"]) == [
        (Conclusion.HOLDS_HIGHER, ["ana", "president"]),
        (Conclusion.TAKES, ["nino"]),
    ]
    assert {step.clause for step in seats["faculty-law"].steps} == {ONE}
    assert {step.clause for step in seats["president"].steps} == {"6.12.6"}


def ana_leads_faculty_and_is_in_the_second_tour() -> None:
    claims = [claim("president", possible=("ana", "beka")), claim("faculty-law", {"ana": 30, "nino": 20, "gio": 10})]
    seats = by_seat(*claims)
    assert seats["president"].status == "undecided"
    assert (seats["faculty-law"].status, seats["faculty-law"].person) == ("provisional", "ana")
    assert seats["faculty-law"].possible == ("ana", "nino")
    assert conclusions(seats["faculty-law"]) == [(Conclusion.PROVISIONAL, ["ana", "ana", "nino"])]
    assert branches(claims, applies=True, clause=ONE) == {
        "faculty-law": [
            Branch(higher="president", holder="ana", person="nino"),
            Branch(higher="president", holder="beka", person="ana"),
            Branch(higher="president", holder=None, person="ana"),
        ]
    }
    for winner, head in (("ana", "nino"), ("beka", "ana")):
        later = by_seat(claim("president", {winner: 50}), claims[1])
        assert (later["faculty-law"].status, later["faculty-law"].person) == ("filled", head)


def next_for_faculty_has_won_department() -> None:
    contests = [
        claim("president", {"ana": 60}),
        claim("faculty-law", {"ana": 30, "nino": 20}),
        claim("department-tax", {"nino": 9, "gio": 8, "luka": 7}),
    ]
    expected = {"president": "ana", "faculty-law": "nino", "department-tax": "gio"}
    assert persons(*contests) == expected
    # The same when nino has sat in the department for months, and the faculty seat falls to her in March.
    seated = [
        replace(contests[0], holder="ana"),
        replace(contests[1], passed={"luka": "left"}),
        replace(contests[2], holder="nino"),
    ]
    seats = by_seat(*seated)
    assert {seat: one.person for seat, one in seats.items()} == expected
    assert conclusions(seats["department-tax"]) == [
        (Conclusion.HOLDS_HIGHER, ["nino", "faculty-law"]),
        (Conclusion.TAKES, ["gio"]),
    ]


def two_next_in_line_with_equal_votes() -> None:
    seats = by_seat(
        claim("president", {"ana": 60}), claim("faculty-law", {"ana": 30, "nino": 20, "gio": 20, "luka": 1})
    )
    one = seats["faculty-law"]
    assert (one.status, one.person, one.tied, one.tie_rule) == ("tie", None, ("nino", "gio"), "members-vote")
    assert one.possible == ("nino", "gio")
    assert conclusions(one)[-1] == (Conclusion.EQUAL_NEXT, ["nino", "gio"])
    assert (one.steps[-1].comparison, one.steps[-1].holds) == ("20 > 20", False)


def a_head_is_disciplined_in_march() -> None:
    votes = {"luka": 50, "nino": 30, "gio": 20}
    ended = claim("faculty-law", votes, passed={"luka": "barred"})
    assert persons(ended) == {"faculty-law": "nino"}
    one = by_seat(replace(ended, passed={"luka": "barred", "nino": "left"}))["faculty-law"]
    assert (one.status, one.person) == ("filled", "gio")
    assert conclusions(one) == [
        (Conclusion.PASSED_OVER, ["luka", "barred"]),
        (Conclusion.PASSED_OVER, ["nino", "left"]),
        (Conclusion.TAKES, ["gio"]),
    ]
    assert [(skipped.person, skipped.reason) for skipped in one.skipped] == [("luka", "barred"), ("nino", "left")]


CASES: dict[str, Callable[[], None]] = {
    "C9: Ana wins president and faculty: Ana president; faculty seat -> next by votes, citing 6.12.5": (
        ana_wins_president_and_faculty
    ),
    "C10: Ana leads faculty, is in presidential second tour: provisional; both branches computed": (
        ana_leads_faculty_and_is_in_the_second_tour
    ),
    "C11: next-in-line for faculty already won department: moves up; department -> its next": (
        next_for_faculty_has_won_department
    ),
    "C12: next-in-line are two with equal votes: stop": two_next_in_line_with_equal_votes,
    "C13: faculty head disciplined in March: runner-up serves; runner-up graduated -> skip with reason": (
        a_head_is_disciplined_in_march
    ),
}


@pytest.mark.parametrize("sentence", CASES)
def test_case_of_the_rules(sentence: str) -> None:
    CASES[sentence]()


# ---- what else the clauses leave to one seat -------------------------------------------------------------------------


def test_a_holder_keeps_the_seat_without_a_step() -> None:
    one = by_seat(claim("faculty-law", {"ana": 3, "nino": 2}, holder="nino"))["faculty-law"]
    assert one == Allocation("faculty-law", "filled", "nino", ("nino",), (), "", (), ())


def test_a_holder_of_an_equal_seat_does_not_move_sideways() -> None:
    seats = by_seat(
        claim("faculty-art", {"ana": 3, "nino": 2}), claim("faculty-law", {"gio": 5, "ana": 1}, holder="ana")
    )
    assert seats["faculty-art"].person == "nino"
    assert seats["faculty-art"].skipped == (Skipped(person="ana", reason="holds-higher", seat="faculty-law"),)


def test_a_left_seat_waits_for_a_by_election_where_the_rules_say_so() -> None:
    contests = [
        claim("president", {"ana": 3}),
        claim("faculty-law", {"ana": 3, "nino": 2}, refill="by-election"),
        claim("department-tax", {"gio": 2, "luka": 1}, refill="by-election"),
    ]
    seats = by_seat(*contests)
    assert seats["faculty-law"].status == "exhausted"
    assert conclusions(seats["faculty-law"])[-1] == (Conclusion.LIST_EXHAUSTED, [])
    assert seats["department-tax"].person == "gio"
    held = replace(contests[1], holder="ana", ranking=(Rank(3, ("nino", "ana")),))
    assert by_seat(contests[0], held)["faculty-law"].status == "exhausted"


def test_a_successor_with_too_few_votes_is_passed_over_and_the_elected_is_not() -> None:
    short = claim("faculty-law", {"ana": 2, "nino": 1}, min_votes=3)
    assert persons(short) == {"faculty-law": "ana"}
    one = by_seat(replace(short, passed={"ana": "left"}))["faculty-law"]
    assert (one.status, one.person, one.possible) == ("exhausted", None, ())
    assert one.skipped[1] == Skipped(person="nino", reason="too-few-votes", seat="")
    assert (one.steps[1].comparison, one.steps[1].holds) == ("1 >= 3", False)
    assert one.steps[1].inputs == {"votes.nino": 1, "min": 3}


def test_the_lot_picks_the_lowest_ticket_and_skips_who_has_gone_higher() -> None:
    tickets = {"gio": b"\x01", "nino": b"\x02", "luka": b"\x03"}
    tied = claim("faculty-law", {"nino": 5, "luka": 5, "gio": 5}, tie="lot", tickets=tickets)
    one = by_seat(tied)["faculty-law"]
    assert (one.status, one.person) == ("filled", "gio")
    assert conclusions(one) == [(Conclusion.DRAWN, ["gio", "nino", "luka"]), (Conclusion.TAKES, ["gio"])]
    assert persons(claim("president", {"gio": 1}), tied)["faculty-law"] == "nino"
    open_above = by_seat(claim("president", possible=("gio",)), tied)["faculty-law"]
    assert (open_above.status, open_above.person, open_above.possible) == ("provisional", "gio", ("gio", "nino"))


def test_a_lot_without_a_ticket_is_refused() -> None:
    tied = claim("faculty-law", {"nino": 5, "luka": 5}, tie="lot", tickets={"nino": b"\x01"})
    with pytest.raises(OutcomeError, match="luka: expected a ticket, got none"):
        allocate([tied], applies=True, clause=ONE)


def test_equal_leaders_of_whom_one_may_go_higher_are_open() -> None:
    claims = [
        claim("president", possible=("ana", "beka")),
        claim("faculty-law", {"ana": 3, "nino": 3, "gio": 1}, tie="members-vote"),
    ]
    one = by_seat(*claims)["faculty-law"]
    assert (one.status, one.person, one.possible) == ("open", None, ("ana", "nino"))
    assert (one.tied, one.tie_rule) == (("ana", "nino"), "members-vote")
    assert conclusions(one) == [(Conclusion.WAITS, ["ana", "nino"])]
    assert branches(claims, applies=True, clause=ONE)["faculty-law"] == [
        Branch(higher="president", holder="ana", person="nino"),
        Branch(higher="president", holder="beka", person=None),
        Branch(higher="president", holder=None, person=None),
    ]


def test_who_has_a_seat_or_goes_higher_is_away_below_in_every_way() -> None:
    seats = by_seat(
        claim("president", possible=("ana", "beka")),
        claim("faculty-law", {"ana": 3, "nino": 2}),
        claim("department-tax", {"ana": 9, "gio": 1}),
        claim("class-1", {"nino": 9, "luka": 1}),
    )
    assert (seats["department-tax"].status, seats["department-tax"].person) == ("filled", "gio")
    assert (seats["class-1"].status, seats["class-1"].person) == ("provisional", "nino")


def test_a_branch_runs_through_the_seats_in_between() -> None:
    claims = [
        claim("president", possible=("ana", "beka")),
        claim("faculty-law", {"ana": 3, "nino": 2}),
        claim("faculty-art", possible=("salome", "tato")),
        claim("department-tax", {"nino": 9, "gio": 1}),
    ]
    assert branches(claims, applies=True, clause=ONE)["department-tax"] == [
        Branch(higher="president", holder="ana", person="gio"),
        Branch(higher="president", holder="beka", person="nino"),
        Branch(higher="president", holder=None, person="nino"),
    ]


def test_one_open_seat_takes_one_person_away_and_two_may_take_two() -> None:
    claims = [
        claim("president", possible=("ana", "beka")),
        claim("faculty-law", {"ana": 3, "beka": 3, "gio": 1}, tie="members-vote"),
        claim("department-tax", {"gio": 9, "luka": 1}),
    ]
    seats = by_seat(*claims)
    assert seats["faculty-law"].possible == ("ana", "beka")
    assert (seats["department-tax"].status, seats["department-tax"].person) == ("filled", "gio")
    more = [claim("president-2", possible=("beka",)), *claims]
    seats = by_seat(*more)
    assert seats["faculty-law"].possible == ("ana", "beka", "gio")
    assert (seats["department-tax"].status, seats["department-tax"].possible) == ("provisional", ("gio", "luka"))
    # As things stand gio does not get the faculty seat, so there is no branch in which it does.
    rows = branches(more, applies=True, clause=ONE)["department-tax"]
    assert [(row.higher, row.holder) for row in rows] == [
        ("president", "ana"),
        ("president", "beka"),
        ("president", None),
        ("president-2", "beka"),
        ("president-2", None),
        ("faculty-law", "ana"),
        ("faculty-law", "beka"),
        ("faculty-law", None),
    ]
    assert {row.person for row in rows} == {"gio"}


def test_a_holder_without_a_list_leaves_an_exhausted_seat_or_one_that_is_voted_on() -> None:
    left = claim("faculty-law", holder="ana")
    assert by_seat(claim("president", {"ana": 3}), left)["faculty-law"].status == "exhausted"
    voted = by_seat(claim("president", {"ana": 3}), replace(left, possible=("nino",)))["faculty-law"]
    assert (voted.status, voted.possible) == ("undecided", ("nino",))


def test_a_decided_list_leaves_nothing_to_its_contest() -> None:
    one = by_seat(claim("faculty-law", {"ana": 3}, possible=("nino",), passed={"ana": "left"}))["faculty-law"]
    assert (one.status, one.possible) == ("exhausted", ())


def test_an_undecided_seat_names_who_may_still_get_it() -> None:
    seats = by_seat(
        claim("president", {"ana": 3}), claim("faculty-law", possible=("ana", "nino", "gio"), passed={"gio": "barred"})
    )
    one = seats["faculty-law"]
    assert (one.status, one.person, one.possible, one.tied) == ("undecided", None, ("nino",), ())
    assert by_seat(claim("faculty-law"))["faculty-law"].status == "undecided"


def test_a_holder_who_may_go_higher_leaves_the_seat_to_its_list() -> None:
    seats = by_seat(
        claim("president", possible=("ana", "beka")), claim("faculty-law", {"ana": 3, "nino": 2}, holder="ana")
    )
    assert (seats["faculty-law"].status, seats["faculty-law"].possible) == ("provisional", ("ana", "nino"))


def test_where_the_rule_does_not_apply_one_person_may_hold_two_seats() -> None:
    contests = [claim("president", {"ana": 3}), claim("faculty-law", {"ana": 3, "nino": 2}, holder="nino")]
    assert persons(*contests, applies=False) == {"president": "ana", "faculty-law": "nino"}
    again = replace(contests[1], holder=None)
    assert persons(contests[0], again, applies=False) == {"president": "ana", "faculty-law": "ana"}


def test_every_step_has_grounds_and_a_clause() -> None:
    for one in allocate([claim("president"), claim("faculty-law", {"ana": 1})], applies=True, clause=ONE):
        for step in one.steps:
            assert step.clause
            assert step.grounds == [f"count:1/{one.seat}", "constitution"]


def test_who_sits_higher_since_an_earlier_poll_is_skipped_on_the_ground_of_that_mandate() -> None:
    seats = by_seat(claim("president", holder="ana"), claim("faculty-law", {"ana": 3, "nino": 2}))
    assert seats["faculty-law"].steps[0].grounds == ["count:1/faculty-law", "seat:president", "constitution"]
    moved = by_seat(claim("president", {"ana": 3}), claim("faculty-law", {"ana": 3, "nino": 2}, holder="ana"))
    assert moved["faculty-law"].steps[0].grounds == ["count:1/faculty-law", "seat:faculty-law", "constitution"]


def test_inputs_are_the_votes_of_persons_and_of_nothing_else_of_the_same_name() -> None:
    one = by_seat(claim("faculty-law", {"ana": 3, "barred": 2}, passed={"ana": "barred"}))["faculty-law"]
    assert [step.inputs for step in one.steps] == [{"votes.ana": 3}, {"votes.barred": 2}]


# ---- against every way that the open seats may go --------------------------------------------------------------------

Choice = Callable[[str, tuple[str, ...]], str | None]


def resolve(claims: Sequence[Claim], choose: Choice, applies: bool = True) -> dict[str, str | None]:
    """The clauses taken literally, when the winner of every open contest and tie is known: top down, seat by seat."""
    result: dict[str, str | None] = {}
    above: set[str] = set()
    for rank in sorted({one.rank for one in claims}):
        peers = sorted((one for one in claims if one.rank == rank), key=lambda one: one.seat)
        taken = set(above)
        for one in peers:
            others = {peer.holder for peer in peers if peer is not one and peer.holder is not None}
            barred = (taken | others if applies else set()) | set(one.passed)
            result[one.seat] = person = _one_seat(one, above if applies else set(), barred, choose)
            taken |= {person} if person is not None else set()
        above = taken | {one.holder for one in peers if one.holder is not None}
    return result


def _one_seat(one: Claim, above: set[str], away: set[str], choose: Choice) -> str | None:
    if one.holder is not None and one.holder not in above:
        return one.holder
    if one.holder is not None and one.refill == "by-election" and one.ranking:
        return None
    if not one.ranking:
        return choose(one.seat, tuple(p for p in one.possible if p not in away and p != one.holder))
    for index, rank in enumerate(one.ranking):
        left = [p for p in rank.persons if p not in away and p != one.holder]
        if index > 0 and (rank.votes < one.min_votes or one.refill == "by-election"):
            return None
        if len(left) == 1:
            return left[0]
        if left and (one.tie if index == 0 else one.next_tie) == "lot":
            return min(left, key=lambda p: one.tickets[p])
        if left:
            return choose(one.seat, tuple(left))
    return None


class _NeedsChoice(Exception):
    def __init__(self, options: tuple[str, ...]) -> None:
        super().__init__()
        self.options = options


Way = tuple[dict[str, str | None], dict[str, tuple[str, ...]]]


def ways(claims: Sequence[Claim]) -> Iterator[Way]:
    """Every way: who has which seat, and among whom there was a choice."""
    scripts: list[tuple[str | None, ...]] = [()]
    while scripts:
        script = scripts.pop()
        asked: dict[str, tuple[str, ...]] = {}

        def choose(
            seat: str,
            options: tuple[str, ...],
            script: tuple[str | None, ...] = script,
            asked: dict[str, tuple[str, ...]] = asked,
        ) -> str | None:
            asked[seat] = options
            if len(asked) > len(script):
                raise _NeedsChoice(options)
            return script[len(asked) - 1]

        try:
            yield resolve(claims, choose), asked
        except _NeedsChoice as needs:
            scripts += [(*script, option) for option in (*needs.options, None)]


PEOPLE = ("ana", "beka", "gio", "luka", "nino", "salome")


@st.composite
def claim_lists(draw: st.DrawFn) -> list[Claim]:
    """Up to five seats of three ranks; candidates of one rank stand for one seat, and each person holds at most one."""
    layout = draw(st.sampled_from([(1, 2), (1, 2, 1), (1, 1, 2), (2, 2), (1, 1, 1, 1), (2, 1, 2)]))
    free = draw(st.permutations(PEOPLE))
    claims: list[Claim] = []
    for rank, count in enumerate(layout, start=1):
        where = {person: draw(st.integers(0, count * 3 - 1)) for person in PEOPLE}
        for number in range(count):
            votes = {p: draw(st.integers(1, 3)) for p in PEOPLE if where[p] % count == number and where[p] < count * 2}
            holder = free.pop() if free and draw(st.integers(0, 3)) == 0 else None
            undecided = draw(st.integers(0, 2)) == 0
            seat = f"{('president', 'faculty', 'department', 'class')[rank - 1]}-{number}"
            built = claim(
                seat,
                None if undecided else votes,
                possible=tuple(votes) if undecided else (),
                holder=holder,
                passed={p: "barred" for p in votes if p != holder and draw(st.integers(0, 7)) == 0},
                min_votes=draw(st.integers(1, 2)),
                tie=draw(st.sampled_from(["members-vote", "lot", "re-election", "second-tour"])),
                next_tie=draw(st.sampled_from(["members-vote", "lot", "by-election"])),
                tickets={p: bytes([i]) for i, p in enumerate(draw(st.permutations(PEOPLE)))},
                refill=draw(st.sampled_from(["next-by-votes", "next-by-votes", "by-election"])),
            )
            claims.append(built)
    return draw(st.permutations(claims))


@given(claim_lists())
def test_every_way_the_open_seats_may_go_is_among_the_possible(claims: list[Claim]) -> None:
    seats = by_seat(*claims)
    for result, asked in ways(claims):
        for seat, person in result.items():
            one = seats[seat]
            assert person is None or person in one.possible
            if one.status == "filled":
                assert person == one.person
            if one.status == "tie":
                assert asked[seat] == one.tied
            if one.status == "exhausted":
                assert person is None
                assert seat not in asked or asked[seat] == ()


@given(claim_lists())
def test_as_things_stand_the_open_seats_give_nobody(claims: list[Claim]) -> None:
    asked: dict[str, tuple[str, ...]] = {}

    def nobody(seat: str, options: tuple[str, ...]) -> None:
        asked[seat] = options

    result = resolve(claims, nobody)
    for seat, one in by_seat(*claims).items():
        assert one.person == result[seat]
        if one.status in {"open", "tie"}:
            assert one.tied == asked[seat]


@given(claim_lists())
def test_a_branch_is_what_the_rules_give_when_one_open_seat_is_known(claims: list[Claim]) -> None:
    seats = by_seat(*claims)
    found = branches(claims, applies=True, clause=ONE)
    assert set(found) == {seat for seat, one in seats.items() if one.status in {"provisional", "open"}}
    for seat, rows in found.items():
        assert rows
        for row in rows:
            asked: dict[str, tuple[str, ...]] = {}

            def choose(
                name: str,
                options: tuple[str, ...],
                row: Branch = row,
                asked: dict[str, tuple[str, ...]] = asked,
            ) -> str | None:
                asked[name] = options
                return row.holder if name == row.higher else None

            assert row.person == resolve(claims, choose)[seat]
            assert row.holder is None or row.holder in asked[row.higher]
            assert row.person is None or row.person in seats[seat].possible


@given(claim_lists())
def test_nobody_ever_holds_two_positions(claims: list[Claim]) -> None:
    held = [one.person for one in allocate(claims, applies=True, clause=ONE) if one.person is not None]
    assert len(held) == len(set(held))
    for result, _ in ways(claims):
        found = [person for person in result.values() if person is not None]
        assert len(found) == len(set(found))


@given(claim_lists())
def test_a_holder_loses_the_seat_to_a_higher_one_alone(claims: list[Claim]) -> None:
    rank = {one.seat: one.rank for one in claims}
    seats = by_seat(*claims)
    for one in claims:
        given_ = seats[one.seat]
        if one.holder is not None and given_.person != one.holder:
            assert given_.skipped[0].person == one.holder
            assert given_.skipped[0].reason == "holds-higher"
            assert rank[given_.skipped[0].seat] < one.rank


@given(claim_lists())
def test_giving_the_seats_again_changes_nothing(claims: list[Claim]) -> None:
    filled = {seat: one.person for seat, one in by_seat(*claims).items() if one.status == "filled"}
    seated = [replace(one, holder=filled[one.seat]) for one in claims if one.seat in filled]
    assert persons(*seated) == filled
    assert all(one.steps == () for one in allocate(seated, applies=True, clause=ONE))


# ---- names and order -------------------------------------------------------------------------------------------------


def renamed(one: Claim, person: dict[str, str], seat: dict[str, str]) -> Claim:
    return replace(
        one,
        seat=seat[one.seat],
        ranking=tuple(Rank(rank.votes, tuple(person[p] for p in rank.persons)) for rank in one.ranking),
        possible=tuple(person[p] for p in one.possible),
        holder=None if one.holder is None else person[one.holder],
        passed={person[p]: reason for p, reason in one.passed.items()},
        tickets={person[p]: ticket for p, ticket in one.tickets.items()},
    )


@given(claim_lists(), st.permutations(PEOPLE), st.data())
def test_other_names_change_nothing_but_names(claims: list[Claim], people: list[str], data: st.DataObject) -> None:
    person = dict(zip(PEOPLE, people, strict=True))
    names = [one.seat for one in claims]
    seat = dict(zip(names, data.draw(st.permutations(names)), strict=True))
    before = by_seat(*claims)
    after = by_seat(*data.draw(st.permutations([renamed(one, person, seat) for one in claims])))
    for name, one in before.items():
        other = after[seat[name]]
        assert other.status == one.status
        assert other.person == (None if one.person is None else person[one.person])
        assert other.possible == tuple(person[p] for p in one.possible)
        assert other.tied == tuple(person[p] for p in one.tied)
        assert [(s.person, s.reason, s.seat) for s in other.skipped] == [
            (person[s.person], s.reason, seat.get(s.seat, "")) for s in one.skipped
        ]
        assert [step.conclusion for step in other.steps] == [step.conclusion for step in one.steps]


@given(claim_lists(), st.data())
def test_the_order_of_the_options_has_no_influence(claims: list[Claim], data: st.DataObject) -> None:
    before = by_seat(*claims)
    shuffled = [
        replace(
            one,
            ranking=tuple(Rank(r.votes, tuple(data.draw(st.permutations(r.persons)))) for r in one.ranking),
            possible=tuple(data.draw(st.permutations(one.possible))),
        )
        for one in claims
    ]
    for seat, one in by_seat(*shuffled).items():
        assert (one.status, one.person) == (before[seat].status, before[seat].person)
        assert (set(one.possible), set(one.tied)) == (set(before[seat].possible), set(before[seat].tied))
