"""Who plays the year: students drawn by the seed for the persons of the script, and the rest of the candidates."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from election_service.demo.university import Draws, Student, write_candidates
from election_service.demo.year.script import (
    ANYWHERE_ELSE,
    CLASS,
    DEPARTMENT,
    FACULTY,
    FIRST_TOUR,
    PRESIDENT,
    SENIOR,
    Race,
)
from election_service.electorates import class_name
from election_service.errors import InputError

SMALLEST: Final = 6  # students of a block that elects a head: three candidates need 3, 2 and 1 votes to be told apart
_CLASSES: Final = 3  # the largest ones elect heads, the others not: for the demo's sake


@dataclass(frozen=True, slots=True)
class Contest:
    """A contest of the first tour: position and block as on the list of candidates, and student id → percent."""

    position: str
    block: str
    votes: Mapping[str, int]
    electors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roles:
    """The play with its players. ``person``: person of the script → student. ``place``: "A", "A1" → block's name."""

    students: tuple[Student, ...]
    person: Mapping[str, Student]
    place: Mapping[str, str]
    contests: tuple[Contest, ...]

    @classmethod
    def among(cls, students: Sequence[Student], seed: int, barred: Collection[str] = ()) -> Roles:
        """Draw the players among those who may vote, without the ``barred`` (student ids), who may not stand.

        InputError where there are too few students.
        """
        casting = _Casting(students, Draws(seed + 1), barred)
        races = [casting.race(race) for race in FIRST_TOUR]
        others = list(casting.others({(race.position, casting.place[race.place]) for race in FIRST_TOUR}))
        return cls(tuple(students), casting.person, casting.place, (*races, *others))

    def electors(self, position: str, block: str) -> tuple[str, ...]:
        """Student ids of a block."""
        return tuple(student.student_id for student in members(self.students, position, block))


def members(students: Sequence[Student], position: str, block: str) -> list[Student]:
    """The students of the block that a position's head is head of."""
    return [student for student in students if block_of(student, position) == block]


def block_of(student: Student, position: str) -> str:
    """The student's own block for a position, by its name."""
    return {
        PRESIDENT: "",
        FACULTY: student.faculty,
        DEPARTMENT: student.department,
        CLASS: class_name(student.department, student.year),
    }[position]


class _Casting:
    """Draws students for persons; nobody plays twice, and no two candidates have one name."""

    def __init__(self, students: Sequence[Student], draws: Draws, barred: Collection[str]) -> None:
        self._students = students
        self._drawn = [student for student in draws.shuffled(students) if student.student_id not in barred]
        self._names: set[str] = set()
        self.person: dict[str, Student] = {}
        self.place = _places(students)

    def race(self, race: Race) -> Contest:
        """The contest of a race; persons whom no earlier race has named are drawn from the smallest of their blocks."""
        block = self._block(race)
        votes = {self._player(name).student_id: percent for name, percent in race.votes.items()}
        return self._contest(race.position, block, votes)

    def others(self, played: set[tuple[str, str]]) -> Iterator[Contest]:
        """The contests of all other faculties and departments, and of a few classes."""
        for position, block in _blocks(self._students):
            if (position, block) not in played:
                if position == CLASS and len(self._free(position, block)) < len(ANYWHERE_ELSE):
                    continue
                free = [self._draw(position, block) for _ in ANYWHERE_ELSE]
                votes = dict(zip((student.student_id for student in free), ANYWHERE_ELSE, strict=True))
                yield self._contest(position, block, votes)

    def _contest(self, position: str, block: str, votes: Mapping[str, int]) -> Contest:
        electors = tuple(student.student_id for student in members(self._students, position, block))
        return Contest(position, block, votes, electors)

    def _player(self, name: str) -> Student:
        """The student who plays a person: of the smallest of all blocks where that person stands."""
        if name not in self.person:
            race = [race for race in FIRST_TOUR if name in race.votes][-1]
            block = self._block(race)
            self.person[name] = self._draw(race.position, block, senior=name in SENIOR)
        return self.person[name]

    def _block(self, race: Race) -> str:
        if race.place not in self.place:
            raise _refusal(f"there is no block {race.place}")
        return self.place[race.place]

    def _draw(self, position: str, block: str, *, senior: bool = False) -> Student:
        free = [student for student in self._free(position, block) if not senior or student.year > 1]
        if not free:
            raise _refusal(f"too few students in {block or 'the university'}")
        self._names.add(free[0].full_name)
        self._drawn.remove(free[0])
        return free[0]

    def _free(self, position: str, block: str) -> list[Student]:
        """Who could still stand there, each with another name than everybody who stands."""
        found: dict[str, Student] = {}
        for student in self._drawn:
            if block_of(student, position) == block and student.full_name not in self._names:
                found.setdefault(student.full_name, student)
        return list(found.values())


def _refusal(reason: str) -> InputError:
    return InputError(f"the year cannot be played: {reason}", "give more --students, or another --seed")


def _places(students: Sequence[Student]) -> dict[str, str]:
    """Blocks by the names of the script: faculties A, B, … and their departments A1, A2, …, the largest first."""
    places = {"": ""}
    for letter, faculty in zip("ABCDEFGH", _by_size(students, FACULTY), strict=False):
        places[letter] = faculty
        inside = [student for student in students if student.faculty == faculty]
        places |= {f"{letter}{number}": name for number, name in enumerate(_by_size(inside, DEPARTMENT), 1)}
    return places


def _blocks(students: Sequence[Student]) -> Iterator[tuple[str, str]]:
    for position, most in ((FACULTY, None), (DEPARTMENT, None), (CLASS, _CLASSES)):
        for block in _by_size(students, position)[:most]:
            if len(members(students, position, block)) >= SMALLEST or position == CLASS:
                yield position, block


def _by_size(students: Sequence[Student], position: str) -> list[str]:
    """The blocks of a position, the largest first, equal ones by name."""
    blocks = [block_of(student, position) for student in students]
    return sorted(set(blocks), key=lambda block: (-blocks.count(block), block))


def year_candidates(roles: Roles) -> bytes:
    """The list of candidates of the first tour."""
    return write_candidates(
        (student, contest.position, contest.block) for contest in roles.contests for student in contest.votes
    )
