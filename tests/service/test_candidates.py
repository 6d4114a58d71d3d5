"""The list of candidates: checked against the roll, all faults at once; the contests that follow from it."""

import pytest
from sqlalchemy import insert

from ballot.contest import Option
from election_service import schema
from election_service.candidate_law import CandidateLaw, candidate_law
from election_service.candidates import (
    BLANK,
    Standing,
    contest_plans,
    import_candidates,
    make_contest_plans,
    read_candidates,
)
from election_service.database import Database
from election_service.electorates import Elector, make_blocks
from election_service.errors import RollError
from election_service.log import open_log
from election_service.persons import assign_persons, number_persons, person_of, read_persons
from election_service.registration import register_in_service
from election_service.roll import RollFaultsError, freeze_roll, import_roll, read_roll
from election_service.secrets import REGISTRAR_KEY, MasterKey, store_secret
from keys.ids import check_id
from tests.examples import EXAMPLES
from tests.service.logs import ELECTION, NOW, counted_random, opened
from tests.service.logs import REGISTRAR_KEY as REGISTRAR
from tests.service.rolls import row, table
from tests.tally.law import make_constitution


def standing(number: int, department: str = "Finance", year: int = 1, bar: str = "") -> Standing:
    faculty = "Law" if "Law" in department else "Business"
    return Standing(f"Name {number}", Elector(str(number), faculty, department, year), not bar, bar)


STUDENTS = {
    "1": standing(1),
    "2": standing(2, year=2),
    "3": standing(3, "Civil Law"),
    "4": standing(4, "Tax Law"),
    "5": standing(5, bar="status is suspended, expected active"),
}


def listed(*lines: str) -> bytes:
    return "\n".join(["student_id,position,block", *lines]).encode()


def test_every_fault_is_named_at_once() -> None:
    raw = listed(
        "1,head-of-class,Finance / 1",
        "77,head-of-class,Finance / 1",
        "1,head-of-moon,Finance",
        "1,head-of-faculty,Medicine",
        "1,head-of-faculty,Law",
        "5,head-of-self-governance,",
        "1,head-of-class,Finance / 1",
        "88,head-of-faculty,Nowhere",
        "2,head-of-self-governance,Finance",
    )
    with pytest.raises(RollFaultsError, match="candidates: 9 faults, nothing imported") as refused:
        read_candidates(raw, STUDENTS)
    assert [(fault.row, fault.field, fault.reason) for fault in refused.value.faults] == [
        (3, "student_id", "unknown student"),
        (4, "position", "unknown position"),
        (5, "block", "unknown faculty"),
        (6, "block", "the student does not belong to this faculty"),
        (7, "student_id", "may not stand: status is suspended, expected active"),
        (8, "student_id", "the same candidacy as row 2"),
        (9, "block", "unknown faculty"),
        (9, "student_id", "unknown student"),
        (10, "block", "unknown university"),
    ]


def test_a_list_without_its_columns_is_refused() -> None:
    with pytest.raises(RollError, match="candidates: no column block"):
        read_candidates(b"student_id,position\n1,x", STUDENTS)


def test_contests_follow_from_the_list_with_a_blank_option_and_one_number_for_each_person() -> None:
    raw = listed("2,head-of-self-governance,", "1,head-of-self-governance,", "1,head-of-class,Finance / 1")
    candidacies = read_candidates(raw, STUDENTS)
    blocks = make_blocks([item.elector for item in STUDENTS.values() if item.eligible])
    names = {student: item.full_name for student, item in STUDENTS.items()}
    plans = make_contest_plans(candidacies, names, blocks)
    assert [(plan.contest, plan.position, plan.electorate) for plan in plans] == [
        ("head-of-self-governance", "head-of-self-governance", "university"),
        ("head-of-class.finance.1", "head-of-class", "class.finance.1"),
    ]
    assert list(plans[0].options) == [
        Option(id="c2", name={"en": "Name 2"}, blank=False),
        Option(id="c1", name={"en": "Name 1"}, blank=False),
        BLANK,
    ]
    assert [option.id for option in plans[1].options] == ["c1", "blank"]


def test_two_candidates_of_one_name_cannot_stand_beside_each_other() -> None:
    students = {**STUDENTS, "6": Standing("Name 1", Elector("6", "Business", "Finance", 1), True, "")}
    candidacies = read_candidates(listed("1,head-of-class,Finance / 1", "6,head-of-class,Finance / 1"), students)
    blocks = make_blocks([item.elector for item in students.values()])
    names = {student: item.full_name for student, item in students.items()}
    with pytest.raises(RollError, match="two candidates are called Name 1"):
        make_contest_plans(candidacies, names, blocks)


# ---- the constitution's bars ----------------------------------------------------------------------------------------


def faults_of(law: CandidateLaw, *lines: str, students: dict[str, Standing] | None = None) -> list[str]:
    try:
        read_candidates(listed(*lines), students or STUDENTS, law)
    except RollFaultsError as error:
        return [fault.reason for fault in error.faults]
    return []


def test_case_21_a_first_year_nominated_for_president_is_refused_by_6_12_1() -> None:
    """6.9.1 would admit a student of any year; 6.12.1 is the article on elections and bars (docs/rules.md)."""
    law = candidate_law(make_constitution())
    assert faults_of(law, "1,head-of-self-governance,") == [
        "may not stand: first-year students cannot stand for head-of-self-governance (6.12.1)"
    ]
    assert faults_of(law, "2,head-of-self-governance,", "1,head-of-faculty,Business") == []
    any_year = candidate_law(make_constitution({"positions.head-of-self-governance.bars": []}))
    assert faults_of(any_year, "1,head-of-self-governance,") == []


def test_who_had_four_years_and_did_not_graduate_cannot_be_president() -> None:
    law = candidate_law(make_constitution())
    students = {"4": standing(4, year=4), "5": standing(5, year=5)}
    assert faults_of(law, "4,head-of-self-governance,", students=students) == []
    (reason,) = faults_of(law, "5,head-of-self-governance,", students=students)
    assert reason.endswith("did not graduate cannot stand for head-of-self-governance (6.12.1)")
    assert faults_of(law, "5,head-of-faculty,Business", students=students) == []


@pytest.mark.parametrize(
    ("record", "reading", "barred"),
    [
        ("warning of 2025", "any-record", True),
        ("expired: warning of 2025", "any-record", True),
        ("warning of 2025", "active-only", True),
        ("Expired: warning of 2025", "active-only", False),
    ],
)
def test_a_penalty_bars_as_the_committee_reads_6_1_5(record: str, reading: str, barred: bool) -> None:
    law = candidate_law(make_constitution({"discipline": reading}))
    students = {"2": Standing("Name 2", Elector("2", "Business", "Finance", 2), True, "", record)}
    reasons = faults_of(law, "2,head-of-class,Finance / 2", students=students)
    assert reasons == (["may not stand: there is a disciplinary record (6.1.5(8))"] if barred else [])


def test_where_members_elect_the_president_only_a_member_stands() -> None:
    rules = make_constitution({"positions.head-of-self-governance.bars": ["not-a-member"]})
    assert faults_of(candidate_law(rules), "1,head-of-self-governance,")[0].startswith("may not stand: only members")
    assert faults_of(candidate_law(rules, frozenset({"1"})), "1,head-of-self-governance,") == []


# ---- numbers of persons ---------------------------------------------------------------------------------------------


def test_a_person_keeps_the_number_that_was_given_once() -> None:
    first = number_persons(["30", "20"])
    assert first == {"20": "c1", "30": "c2"}
    assert number_persons(["10", "30", "25"], first) == {"20": "c1", "30": "c2", "10": "c3", "25": "c4"}


async def test_numbers_start_over_until_a_contest_is_logged(database: Database) -> None:
    async with database.transaction() as connection:
        await open_log(connection, opened(), title="Spring", config=b"{}", now=NOW)
        roll = read_roll(table(row(student_id="1"), row(student_id="2", email="b@example.edu", full_name="Beka")))
        await import_roll(connection, ELECTION, roll)
        assert await assign_persons(connection, ELECTION, ["2"]) == {"2": "c1"}
        assert await assign_persons(connection, ELECTION, ["1", "2"]) == {"1": "c1", "2": "c2"}
        contest = {"election": ELECTION, "context": bytes(32), "poll": 1, "contest": "head"}
        rest = {"electorate": "university", "document": b"{}"}
        await connection.execute(insert(schema.contests).values({**contest, **rest}))
        assert await assign_persons(connection, ELECTION, ["0", "2"]) == {"1": "c1", "2": "c2", "0": "c3"}
        assert await person_of(connection, ELECTION, "2") == "c2"
        with pytest.raises(RollError, match="is not on the roll"):
            await person_of(connection, ELECTION, "77")
        assert await read_persons(connection, ELECTION) == {"1": "c1", "2": "c2", "0": "c3"}


@pytest.mark.examples
async def test_the_example_list_makes_70_contests(database: Database) -> None:
    master = MasterKey(bytes(32))
    async with database.transaction() as connection:
        await open_log(connection, opened(), title="Spring", config=b"{}", now=NOW)
        await store_secret(connection, master, ELECTION, REGISTRAR_KEY, REGISTRAR, counted_random)
        await import_roll(connection, ELECTION, read_roll((EXAMPLES / "roll-ibsu-1200.csv").read_bytes()))
        await freeze_roll(connection, ELECTION)
        links = await register_in_service(connection, master, ELECTION, "http://localhost:8080", counted_random)
        await import_candidates(connection, ELECTION, (EXAMPLES / "candidates-ibsu-1200.csv").read_bytes())
        await import_candidates(connection, ELECTION, (EXAMPLES / "candidates-ibsu-1200.csv").read_bytes())
    async with database.snapshot() as connection:
        plans = await contest_plans(connection, ELECTION)
    assert (len(links), len(plans)) == (1186, 70)
    assert sum(len(plan.options) - 1 for plan in plans) == 160
    assert len({plan.contest for plan in plans}) == 70
    for plan in plans:
        check_id(plan.contest, "contest")
        assert plan.options[-1] is BLANK
        assert len({option.id for option in plan.options}) == len(plan.options)
