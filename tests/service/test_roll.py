"""A roll is read whole, checked whole, imported whole or not at all, and does not change after the freeze."""

import csv
import io
import json
import unicodedata

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from election_service.errors import RollError
from election_service.roll import (
    RollFaultsError,
    fault_report,
    preview_roll,
    read_roll,
)
from election_service.roll_rules import EligibilityRule
from election_service.roll_sheet import read_sheet
from tests.examples import EXAMPLES
from tests.service.rolls import GOOD, HEADER, row, table


def faults(*rows: str) -> list[tuple[int, str, str]]:
    with pytest.raises(RollFaultsError, match="nothing imported") as refused:
        read_roll(table(*rows))
    return [(fault.row, fault.field, fault.reason) for fault in refused.value.faults]


# ---- the example rolls -------------------------------------------------------------------------------------------


@pytest.mark.examples
def test_the_clean_roll_of_1200_is_read_whole() -> None:
    roll = read_roll((EXAMPLES / "roll-ibsu-1200.csv").read_bytes())
    assert (len(roll.students), len(roll.eligible)) == (1200, 1186)
    assert set(roll.ineligible.values()) == {"status is suspended, expected active"}
    assert len({student.faculty for student in roll.students}) == 4
    assert len({student.department for student in roll.students}) == 13
    assert len({(student.department, student.year) for student in roll.students}) == 52
    assert sum(bool(student.disciplinary) for student in roll.students) == 9


@pytest.mark.examples
def test_a_registrars_export_is_read_with_its_zeros_levels_and_years() -> None:
    raw = (EXAMPLES / "roll-registrar-export.csv").read_bytes()
    roll = read_roll(raw)
    assert len(roll.students) == 300
    assert all(len(student.student_id) == 10 and student.student_id.startswith("00") for student in roll.students)
    assert {student.faculty for student in roll.students} == {
        "Business Management",
        "Computer Technologies and Engineering",
        "Education and Humanities",
        "Law and International Relations",
    }
    by_id = {student.student_id: student for student in roll.students}
    assert by_id["0024000302"].full_name == '"რატი აბაშიძე; უმცროსი"'
    assert by_id["0024000302"].email == "s24000302@students.example.edu"
    assert roll.ineligible["0024000302"] == "level is master, expected bachelor"
    assert (by_id["0024000210"].year, by_id["0023000927"].full_name) == (3, "ია კახაძე")
    assert sum(reason.startswith("level is master") for reason in roll.ineligible.values()) == 11
    assert len(roll.eligible) == 288


@pytest.mark.examples
def test_every_fault_of_the_broken_roll_is_named_at_once() -> None:
    expected = json.loads((EXAMPLES / "roll-broken.expected.json").read_text("utf-8"))
    raw = (EXAMPLES / "roll-broken.csv").read_bytes()
    with pytest.raises(RollFaultsError, match="12 faults, nothing imported") as refused:
        read_roll(raw)
    assert fault_report(refused.value.faults) == expected
    assert fault_report(preview_roll(raw).faults) == expected


# ---- spelling ------------------------------------------------------------------------------------------------------


def test_text_is_brought_to_one_spelling() -> None:
    raw = row(
        student_id=" 007 ",
        full_name="  " + unicodedata.normalize("NFD", "Rövşanə") + "\u00a0 Əlioğlu ",
        email=" ANA@Example.EDU ",
        level="ბაკალავრიატი",
        year="III კურსი",
        status="აქტიური",
        language="",
    )
    student = read_roll(table(raw)).students[0]
    assert (student.student_id, student.full_name) == ("007", "Rövşanə Əlioğlu")
    assert (student.email, student.level, student.year) == ("ana@example.edu", "bachelor", 3)
    assert (student.status, student.language) == ("active", "en")


@pytest.mark.parametrize(
    ("written", "year"),
    [("1", 1), ("IV", 4), ("iv კურსი", 4), ("3 курс", 3), ("2nd year", 2), ("1st", 1), ("3.", 3), ("2-ci kurs", 2)],
)
def test_years_are_understood(written: str, year: int) -> None:
    assert read_roll(table(row(year=written))).students[0].year == year


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separators_byte_order_marks_and_line_ends(separator: str, encoding: str, end: str) -> None:
    rows = [HEADER, GOOD, "", row(student_id="002", email="b@example.edu", full_name='"B, C; D"')]
    text = end.join(line if '"' in line else line.replace(",", separator) for line in rows)
    if separator != ",":
        text = text.replace(rows[3], rows[3].replace(",", separator).replace('"B' + separator + " C", '"B, C'))
    roll = read_roll(text.encode(encoding))
    assert [(student.student_id, student.row) for student in roll.students] == [("001", 2), ("002", 4)]
    assert roll.students[1].full_name == "B, C; D"


# ---- faults --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"student_id": ""}, "student_id", "missing student_id"),
        ({"student_id": "=1"}, "student_id", "formula instead of a value"),
        ({"student_id": "a b"}, "student_id", "malformed student_id"),
        ({"student_id": "x" * 65}, "student_id", "malformed student_id"),
        ({"full_name": " "}, "full_name", "missing full_name"),
        ({"full_name": "@SUM(A1)"}, "full_name", "formula instead of a name"),
        ({"full_name": "+995"}, "full_name", "formula instead of a name"),
        ({"full_name": "Ana\u200bB"}, "full_name", "invisible character"),
        ({"full_name": "Ana\x07B"}, "full_name", "control or unassigned character"),
        ({"full_name": "Ana\u2067B"}, "full_name", "bidi control character"),
        ({"full_name": "\u202eAna"}, "full_name", "bidi control character"),
        ({"full_name": "x" * 201}, "full_name", "longer than 200 characters"),
        ({"full_name": '"Ana\nB"'}, "full_name", "line break in full_name"),
        ({"email": "ana"}, "email", "malformed email"),
        ({"email": "ana@x"}, "email", "malformed email"),
        ({"email": "a..b@example.edu"}, "email", "malformed email"),
        ({"email": "a b@example.edu"}, "email", "malformed email"),
        ({"email": '"a@example.edu,b@example.edu"'}, "email", "malformed email"),
        ({"email": "<a@example.edu>"}, "email", "malformed email"),
        ({"email": '"a@example.edu\r\nBcc: x@example.edu"'}, "email", "line break in email"),
        ({"email": "ანა@example.edu"}, "email", "malformed email"),
        ({"faculty": ""}, "faculty", "missing faculty"),
        ({"department": "-"}, "department", "missing department"),
        ({"level": "guest"}, "level", "unknown level"),
        ({"level": ""}, "level", "missing level"),
        ({"year": "second"}, "year", "year is not a number"),
        ({"year": "0"}, "year", "year out of range"),
        ({"year": "7"}, "year", "year out of range"),
        ({"year": "2026"}, "year", "year is not a number"),
        ({"year": "iix"}, "year", "year is not a number"),
        ({"status": "maybe"}, "status", "unknown status"),
        ({"language": "klingon"}, "language", "unknown language"),
        ({"disciplinary": "=1"}, "disciplinary", "formula instead of a value"),
    ],
)
def test_a_fault_is_named_with_its_row_and_field(changes: dict[str, str], field: str, reason: str) -> None:
    assert faults(row(student_id="9", email="z@example.edu"), row(**changes)) == [(3, field, reason)]


def test_all_faults_of_all_rows_come_at_once_in_order() -> None:
    rows = [
        row(student_id="1", year="x", email="bad"),
        row(student_id="2", email="b@example.edu", department="Tax Law"),
        row(student_id="3", email="c@example.edu", department="Tax Law"),
        row(student_id="4", email="B@example.edu", department="Tax Law", faculty="Business"),
        row(student_id="2", email="e@example.edu", department="tax law"),
    ]
    assert faults(*rows) == [
        (2, "email", "malformed email"),
        (2, "year", "year is not a number"),
        (5, "email", "duplicate email of row 3"),
        (5, "department", "department does not belong to this faculty (seen in another faculty)"),
        (6, "student_id", "duplicate student_id of row 3"),
        (6, "department", "department is spelled in another way in row 3"),
    ]


def test_the_preview_says_what_an_import_would_do() -> None:
    rows = [row(student_id=str(n), email=f"s{n}@example.edu") for n in range(3)]
    rows += [row(student_id="8", email="m@example.edu", level="master"), row(student_id="9", email="bad")]
    preview = preview_roll(table(*rows))
    assert (preview.total, preview.eligible) == (5, 3)
    assert preview.ineligible == {"level is master, expected bachelor": 1}
    assert preview.blocks == {"Law / Civil Law / 2": 3}
    assert [fault.row for fault in preview.faults] == [6]
    assert [student.student_id for student in preview.sample] == ["0", "1", "2", "8"]


def test_who_may_vote_is_a_rule_of_the_set_up() -> None:
    rows = [row(student_id="1", level="master"), row(student_id="2", email="b@example.edu", status="leave")]
    assert read_roll(table(*rows)).eligible == []
    rule = EligibilityRule(levels=("bachelor", "master"), statuses=("active", "leave"))
    assert len(read_roll(table(*rows), rule=rule).eligible) == 2


# ---- files that are no rolls


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "table: empty"),
        (HEADER.encode(), "no students in it"),
        (b"\n\n", "expected the names of the columns"),
        (table(GOOD).decode().encode("utf-16"), "expected UTF-8, got UTF-16"),
        (b"student_id\xff", "expected UTF-8: byte 10"),
        (b"a\0b", "binary file"),
        (b"\xd0\xcf\x11\xe0", "old .xls"),
        (b"PK\x03\x04 no zip", "not XLSX"),
        (table(GOOD + ",one,more"), "row 2: expected 10 cells, got 12"),
        (table('1,"unclosed'), "not CSV"),
        (table(GOOD, header=HEADER.replace("email", "post")), "columns: email: no column"),
        (
            table(GOOD, header=HEADER.replace("faculty", "E-Mail")),
            "email: 2 columns: email, E-Mail; faculty: no column",
        ),
    ],
)
def test_what_is_no_roll_is_refused_as_a_whole(raw: bytes, reason: str) -> None:
    with pytest.raises(RollError, match=reason) as refused:
        read_roll(raw)
    assert refused.value.hint


def test_columns_can_be_mapped() -> None:
    header = HEADER.replace("email", "Post").replace("year", "Studienjahr").replace("student_id", "ID")
    roll = read_roll(table(GOOD, header=header), columns={"email": "Post", "year": "studienjahr"})
    assert (roll.students[0].email, roll.students[0].student_id) == ("ana@example.edu", "001")
    with pytest.raises(RollError, match="unknown field mail; email: no column 'X'; year: no column"):
        read_roll(table(GOOD, header=header), columns={"email": "X", "mail": "Post"})


def test_optional_columns_may_be_absent() -> None:
    header = HEADER.replace(",disciplinary,language", "")
    assert read_roll(table(GOOD.removesuffix(",,ka"), header=header)).students[0].language == "en"


@given(st.binary(max_size=400))
def test_any_bytes_are_a_sheet_or_a_named_refusal(raw: bytes) -> None:
    try:
        sheet = read_sheet(raw)
    except RollError:
        return
    assert all(len(cells) == len(sheet.header) for _, cells in sheet.rows)


@given(st.lists(st.lists(st.text(max_size=12), min_size=10, max_size=10), min_size=1, max_size=5))
def test_any_cells_are_a_roll_or_named_faults(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER.split(","), *rows])
    try:
        raw = text.getvalue().encode()
    except UnicodeEncodeError:
        return
    try:
        roll = read_roll(raw)
    except RollError:
        return
    assert roll.students


# ---- XLSX ----------------------------------------------------------------------------------------------------------


def workbook(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for cells in rows:
        book.active.append(cells)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def test_an_xlsx_file_reads_like_the_csv() -> None:
    second: list[object] = [22000507, "B", "b@example.edu", "Law", "Civil Law", "bachelor", 3, "active", None, "az"]
    raw = workbook(list(HEADER.split(",")), list(GOOD.split(",")), [None] * 10, second)
    roll = read_roll(raw)
    assert [(s.student_id, s.year, s.row) for s in roll.students] == [("001", 2, 2), ("22000507", 3, 4)]


def test_formulas_in_a_sheet_are_refused_with_their_cell() -> None:
    raw = workbook(list(HEADER.split(",")), list(GOOD.replace("Ana B", "=A1").split(",")))
    with pytest.raises(RollError, match=r"sheet1\.xml: cell B2: formula instead of a value"):
        read_roll(raw)
