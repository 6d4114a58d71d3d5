"""The list of candidates: checked against the roll, all faults at once; the contests that follow from it."""

import pytest

from ballot.contest import Option
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
from election_service.registration import register_in_service
from election_service.roll import RollFaultsError, freeze_roll, import_roll, read_roll
from election_service.secrets import REGISTRAR_KEY, MasterKey, store_secret
from keys.ids import check_id
from tests.examples import EXAMPLES
from tests.service.logs import ELECTION, NOW, counted_random, opened
from tests.service.logs import REGISTRAR_KEY as REGISTRAR


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
