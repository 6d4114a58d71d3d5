"""How the demo's election is shown: portraits that are photos, texts that can be set, students of four languages."""

import csv
import unicodedata
from pathlib import Path

from election_service.demo.portraits import draw_portrait
from election_service.demo.showing import write_profiles
from election_service.demo.speeches import PRESENTATION, statement
from election_service.demo.university import Draws, make_students, roll_csv
from election_service.languages import LANGUAGES
from election_service.photos import MAX_PHOTO, make_photo
from election_service.presentation import check_presentation
from election_service.profiles import list_photos, read_profile_rows
from election_service.roll import read_roll

STUDENTS = [f"{number}" for number in range(1000, 1120)]


def test_the_same_seed_draws_the_same_person() -> None:
    assert draw_portrait(Draws(7)) == draw_portrait(Draws(7))
    assert len({draw_portrait(Draws(seed)) for seed in range(30)}) == 30
    assert len(make_photo(draw_portrait(Draws(7)))) <= MAX_PHOTO


def test_the_election_has_a_text_in_every_language() -> None:
    check_presentation(PRESENTATION)
    assert set(PRESENTATION.texts) == set(LANGUAGES)


def test_a_candidate_says_the_same_in_every_language() -> None:
    said = [statement(Draws(seed)) for seed in range(40)]
    assert all(set(item) == set(LANGUAGES) for item in said)
    assert all(item[language].count("\n\n") == 1 for item in said for language in LANGUAGES)
    for language in LANGUAGES:
        assert len({item[language] for item in said}) == len({item["en"] for item in said}) > 20


def test_profiles_can_be_imported_and_show_every_fall_back(tmp_path: Path) -> None:
    raw = write_profiles(tmp_path, STUDENTS, 2026)
    rows = read_profile_rows(raw, list_photos(tmp_path / "photos"), dict.fromkeys(STUDENTS, ""))
    assert 90 < len(rows) < len(STUDENTS)
    assert 0 < sum(row.photo is None for row in rows) < 30
    assert {frozenset(row.statements) for row in rows} > {frozenset(LANGUAGES), frozenset({"ka"})}
    assert (tmp_path / "profiles.csv").read_bytes() == raw
    assert len(list(csv.reader(raw.decode().splitlines(), strict=True))) > len(rows)


def test_students_are_written_to_in_the_language_of_their_names() -> None:
    roll = read_roll(roll_csv(make_students(240, 2026)))
    languages = {student.full_name.split()[0]: student.language for student in roll.students}
    expected = {"ნინო": "ka", "Aysel": "az", "Rəşad": "az", "Emma": "en", "Daniel": "en", "Ольга": "ru", "Артём": "ru"}
    assert expected.items() <= languages.items()
    for student in roll.students:
        assert len({unicodedata.name(letter).split()[0] for letter in student.full_name if letter.isalpha()}) == 1
