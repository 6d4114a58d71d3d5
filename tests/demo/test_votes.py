"""The choreography of the year: who plays it, and votes that fall exactly as the script has them."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from election_service.demo.rules import PRESET, demo_constitution
from election_service.demo.university import Draws, make_students
from election_service.demo.year.roles import Roles, block_of
from election_service.demo.year.script import FIRST_TOUR, PRESIDENT, SECOND_TOUR, SENIOR, SPRING
from election_service.demo.year.votes import Question, choose_voters, least, mark_ballots, split_votes
from election_service.errors import InputError
from tally.constitution import dump_constitution, load_constitution
from tally.constitution_toml import load_toml, preset
from tally.resolutions import ambiguities

SHARES = st.lists(st.integers(1, 45), min_size=1, max_size=4).map(lambda found: sorted(found, reverse=True))


@given(SHARES, st.integers(0, 400))
def test_counts_fall_strictly_unless_their_percent_are_equal(shares: list[int], ballots: int) -> None:
    shares = [share for share in shares if sum(shares) <= 100] or [60, 30]
    if sum(least(shares)) > ballots:
        with pytest.raises(InputError, match="too few"):
            split_votes(ballots, shares)
        return
    counts = split_votes(ballots, shares)
    assert sum(counts) <= ballots
    assert min(counts) > 0
    for (share, count), (next_share, next_count) in zip(
        zip(shares, counts, strict=True), list(zip(shares, counts, strict=True))[1:], strict=False
    ):
        assert (count == next_count) == (share == next_share)
        assert count >= next_count


def test_every_voter_marks_every_contest_of_the_own_blocks_once_and_the_counts_are_those_of_the_script() -> None:
    everybody, members = tuple(f"s{number:02}" for number in range(40)), ("s03", "s07", "s11", "s30")
    questions = [
        Question("head", everybody, {"c1": 50, "c2": 30}),
        Question("tie", members, {"c3": 40, "c4": 40}, all_vote=True),
    ]
    voters = choose_voters(questions, 60, Draws(1))
    marks = mark_ballots(questions, voters, Draws(2))
    assert set(members) <= set(voters)
    assert 24 <= len(voters) <= 24 + len(members)
    head = Counter(mark["head"] for mark in marks.values() if "head" in mark)
    tie = Counter(mark["tie"] for mark in marks.values() if "tie" in mark)
    assert [head["c1"], head["c2"]] == split_votes(len(voters), [50, 30])
    assert tie == {"c3": 1, "c4": 1}


@pytest.mark.parametrize("students", [120, 240, 600, 1200])
@pytest.mark.parametrize("seed", [2026, 1, 7])
def test_the_year_has_its_players_at_any_size(students: int, seed: int) -> None:
    made = make_students(students, seed)
    roles = Roles.among(made, seed)
    assert roles.person.keys() == {name for race in FIRST_TOUR for name in race.votes}
    assert len({student.student_id for student in roles.person.values()}) == len(roles.person)
    assert all(roles.person[name].year > 1 for name in SENIOR)
    known = {student.student_id: student for student in made}
    for contest in roles.contests:
        assert all(block_of(known[student], contest.position) == contest.block for student in contest.votes)
    names = {student for contest in roles.contests for student in contest.votes}
    assert len({known[student].full_name for student in names}) == len(names)
    for race in FIRST_TOUR:
        assert (race.position, roles.place[race.place]) in {(item.position, item.block) for item in roles.contests}


@pytest.mark.parametrize("turnout", [55, 70, 100])
def test_the_smallest_university_that_is_promised_has_ballots_enough(turnout: int) -> None:
    roles = Roles.among(make_students(120, 2026), 2026)
    questions = [Question(f"{item.position} {item.block}", item.electors, dict(item.votes)) for item in roles.contests]
    voters = choose_voters(questions, turnout, Draws(2))
    assert 2 * len(voters) >= 120
    marks = mark_ballots(questions, voters, Draws(3))
    assert all(set(mark.values()) <= roles_students(roles) for mark in marks.values())


def roles_students(roles: Roles) -> set[str]:
    return {student for contest in roles.contests for student in contest.votes}


def test_nobody_who_may_not_stand_plays_a_part() -> None:
    made = make_students(240, 2026)
    first = Roles.among(made, 2026)
    barred = {first.person["Ana"].student_id, first.person["Gio"].student_id}
    again = Roles.among(made, 2026, barred)
    assert not barred & roles_students(again)
    assert barred <= {student for contest in again.contests for student in contest.electors}


def test_a_university_without_the_blocks_of_the_year_is_refused() -> None:
    with pytest.raises(InputError, match="the year cannot be played: there is no block B"):
        Roles.among([student for student in make_students(240, 1) if student.faculty.startswith("Law")], 1)


def test_the_second_tour_and_the_spring_are_about_persons_and_seats_of_the_first_tour() -> None:
    races = {race.key: race for race in FIRST_TOUR}
    for script in (SECOND_TOUR, SPRING):
        assert script.keys() <= races.keys()
    assert SECOND_TOUR[PRESIDENT, ""].keys() < races[PRESIDENT, ""].votes.keys()


@pytest.mark.parametrize("day", [0, 100, 190, 280, 364])
def test_the_rules_of_the_demo_are_the_preset_in_a_year_that_has_just_begun(day: int) -> None:
    today = date(2026, 9, 1) + timedelta(days=day)
    rules = demo_constitution(today)
    assert load_constitution(dump_constitution(rules)) == rules
    begins = date.fromisoformat(rules.calendar.semester_begins.value)
    ends = date.fromisoformat(rules.calendar.term_ends.value)
    assert begins < today < ends
    assert (ends.month, ends.day) == (6, 30)
    open_questions = {item.clause for item in ambiguities(load_toml(preset(PRESET)))}
    assert {item.clause for item in ambiguities(rules)} == open_questions - {"silent complaints"}
