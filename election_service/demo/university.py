"""A made-up university from a seed: the same seed gives the same students, faculties and candidates.

Everything here is invented; the shape is that of the registrar's exports (docs/committee.md).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from typing import Final, TypeVar

from election_service.candidate_law import POSITIONS
from election_service.roll_columns import FIELDS

T = TypeVar("T")

FACULTIES: Final = {
    "Business Management": ("Business Administration", "Finance", "Marketing", "Tourism"),
    "Computer Technologies and Engineering": ("Computer Engineering", "Computer Science", "Industrial Engineering"),
    "Education and Humanities": ("American Studies", "English Philology", "Turkish Philology"),
    "Law and International Relations": ("International Relations", "Law"),
}
CANDIDATES_HEADER: Final = ("student_id", "position", "block")

_GEORGIAN: Final = (
    *("ნინო", "გიორგი", "მარიამ", "ლუკა", "ანა", "დავით", "თამარ", "ირაკლი", "სალომე", "ლევან"),
    *("ეკა", "ნიკა"),
)
_GEORGIAN_FAMILIES: Final = (
    *("ბერიძე", "კაპანაძე", "გელაშვილი", "მაისურაძე", "ლომიძე", "ჩიქოვანი", "აბაშიძე", "წიკლაური", "ხარაძე"),
    *("ქავთარაძე", "გოგოლაძე", "მელაძე"),
)
# language, names, families that go with them; languages come as often as they stand here
_PEOPLE: Final = (
    ("ka", _GEORGIAN, _GEORGIAN_FAMILIES),
    ("ka", _GEORGIAN, _GEORGIAN_FAMILIES),
    ("ka", _GEORGIAN, _GEORGIAN_FAMILIES),
    ("az", ("Aysel", "Leyla", "Günel", "Nigar"), ("Məmmədova", "Quliyeva", "Hüseynli", "Əliyeva")),
    ("az", ("Elvin", "Rəşad", "Murad", "Tural"), ("Əliyev", "Rzayev", "Hüseynli", "Quliyev")),
    ("ru", ("Ольга", "Мария", "Артём", "Никита"), ("Коваленко", "Живаго", "Черных", "Шевчук")),
    ("en", ("Emma", "Daniel", "Grace", "Oliver"), ("Smith", "Young", "Baker", "Hill")),
)
_YEARS: Final = range(1, 5)
_LARGEST_FIRST: Final = 3  # candidates for the head of self-governance come from years 2 to 4 (IBSU 6.12.1)


@dataclass(frozen=True, slots=True)
class Student:
    """One row of the roll."""

    student_id: str
    full_name: str
    faculty: str
    department: str
    year: int
    language: str = "ka"

    @property
    def email(self) -> str:
        """An address that cannot exist (RFC 2606)."""
        return f"s{self.student_id}@students.example.edu"


class Draws:
    """Numbers from a seed, the same on every machine: SHA-256 in counter mode. For invented people, not for secrets."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._count = 0

    def below(self, bound: int) -> int:
        """A number from 0 to ``bound`` - 1."""
        self._count += 1
        return int.from_bytes(sha256(f"{self._seed}/{self._count}".encode()).digest(), "big") % bound

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """A new list in drawn order."""
        rest = list(items)
        result: list[T] = []
        while rest:
            result.append(rest.pop(self.below(len(rest))))
        return result


def make_students(count: int, seed: int) -> list[Student]:
    """``count`` students spread over all departments and years."""
    draws = Draws(seed)
    departments = [(faculty, name) for faculty, names in FACULTIES.items() for name in names]
    students = []
    for number in range(count):
        faculty, department = departments[draws.below(len(departments))]
        year = draws.below(len(_YEARS)) + 1
        language, names, families = _PEOPLE[draws.below(len(_PEOPLE))]
        name = f"{names[draws.below(len(names))]} {families[draws.below(len(families))]}"
        students.append(Student(f"{26 - year}{number:06d}", name, faculty, department, year, language))
    return students


def roll_csv(students: list[Student]) -> bytes:
    """The roll as a registrar would export it."""
    rows = (
        (s.student_id, s.full_name, s.email, s.faculty, s.department, "bachelor", s.year, "active", "", s.language)
        for s in students
    )
    return _csv(FIELDS, rows)


def candidates_csv(students: list[Student], seed: int) -> bytes:
    """Candidacies: four for the head of self-governance, two or three for every other block that has students."""
    draws = Draws(seed + 1)
    taken: set[str] = set()
    rows = []
    for position, block, members, wanted in _blocks(students):
        free = _stand(draws.shuffled(members), taken, wanted)
        taken.update(student.student_id for student in free)
        rows += [(student.student_id, position, block) for student in free]
    return write_candidates(rows)


def write_candidates(rows: Iterable[tuple[str, str, str]]) -> bytes:
    """A list of candidates: student id, position and block of each candidacy."""
    return _csv(CANDIDATES_HEADER, iter(rows))


def _blocks(students: list[Student]) -> Iterator[tuple[str, str, list[Student], int]]:
    """Position, block, its students, how many stand; in the order of the positions."""
    head, faculty_head, department_head, class_head = POSITIONS
    yield head, "", [student for student in students if student.year > 1], _LARGEST_FIRST + 1
    for faculty in sorted({student.faculty for student in students}):
        yield faculty_head, faculty, [student for student in students if student.faculty == faculty], _LARGEST_FIRST
    departments = {
        department: [student for student in students if student.department == department]
        for department in sorted({student.department for student in students})
    }
    for department, members in departments.items():
        yield department_head, department, members, _LARGEST_FIRST
    for department, members in departments.items():
        for year in sorted({student.year for student in members}):
            yield class_head, f"{department} / {year}", [s for s in members if s.year == year], 2


def _stand(students: list[Student], taken: set[str], wanted: int) -> list[Student]:
    """The first ``wanted`` who stand nowhere else, no two of one name."""
    standing: dict[str, Student] = {}
    for student in students:
        if student.student_id not in taken and len(standing) < wanted:
            standing.setdefault(student.full_name, student)
    return list(standing.values())


def _csv(header: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> bytes:
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()
