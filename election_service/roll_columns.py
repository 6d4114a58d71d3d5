"""Which column of a registrar's table is which field: by the names in use, or as the committee maps them."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from election_service.errors import RollError

FIELDS: Final = (
    "student_id",
    "full_name",
    "email",
    "faculty",
    "department",
    "level",
    "year",
    "status",
    "disciplinary",
    "language",
)
OPTIONAL: Final = frozenset({"disciplinary", "language"})

# Names that are recognised without a mapping, in the languages of the region.
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "student_id": ("student id", "id", "student number", "სტუდენტის ნომერი", "tələbə nömrəsi", "номер студента"),
    "full_name": ("full name", "name", "სახელი და გვარი", "ad və soyad", "фамилия и имя", "имя и фамилия", "фио"),
    "email": ("email", "e-mail", "ელფოსტა", "ელ. ფოსტა", "e-poçt", "эл. почта", "почта"),
    "faculty": ("faculty", "school", "ფაკულტეტი", "fakültə", "факультет"),
    "department": (
        "department",
        "programme",
        "program",
        "დეპარტამენტი",
        "პროგრამა",
        "kafedra",
        "departament",
        "кафедра",
    ),
    "level": ("level", "degree", "საფეხური", "təhsil səviyyəsi", "səviyyə", "ступень", "уровень"),
    "year": ("year", "course", "კურსი", "kurs", "курс"),
    "status": ("status", "სტატუსი", "статус"),
    "disciplinary": ("disciplinary", "დისციპლინური", "intizam", "дисциплинарные взыскания"),
    "language": ("language", "ენა", "dil", "язык"),
}


def _fold(name: str) -> str:
    """A column's name without case, padding and underscores."""
    return " ".join(unicodedata.normalize("NFC", name).replace("_", " ").casefold().split())


def guess_columns(header: Sequence[str]) -> dict[str, str]:
    """Field → name of the column that is recognised as it; a field with no column, or with two, is left out."""
    guessed = {}
    for field in FIELDS:
        known = {_fold(name) for name in (field, *_NAMES[field])}
        found = [name for name in header if _fold(name) in known]
        if len(found) == 1:
            guessed[field] = found[0]
    return guessed


def map_columns(header: Sequence[str], given: Mapping[str, str] | None = None) -> dict[str, int]:
    """Field → column index. ``given`` (field → column name, empty for none) goes before the known names.

    RollError names every field without a column, every unknown field or column of ``given``, and columns found twice.
    """
    folded = [_fold(name) for name in header]
    wanted = {field: (given[field],) if given and field in given else (field, *_NAMES[field]) for field in FIELDS}
    faults = [f"unknown field {field}" for field in given or {} if field not in FIELDS]
    columns: dict[str, int] = {}
    for field, names in wanted.items():
        known = {_fold(name) for name in names} - {""}
        found = [index for index, name in enumerate(folded) if name in known]
        if len(found) > 1:
            faults.append(f"{field}: {len(found)} columns: " + ", ".join(header[index] for index in found))
        elif found:
            columns[field] = found[0]
        elif given and given.get(field):
            faults.append(f"{field}: no column {given[field]!r}")
        elif field not in OPTIONAL:
            faults.append(f"{field}: no column")
    if faults:
        raise RollError(
            "columns: " + "; ".join(faults),
            "map them: --column FIELD=NAME. The table has: " + ", ".join(name for name in header if name),
        )
    return columns
