"""What one record of a roll must be, and how its spelling is made one: the same student is written in one way only.

Text is NFC with single spaces; ids stay text and keep their zeros; addresses are in lower case; levels, years and
statuses are understood in the registrars' languages. A fault has the field and a reason; nothing is guessed.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from keys.text import BIDI_CONTROLS

MAX_TEXT: Final = 200  # characters of a name
MAX_ADDRESS: Final = 254  # RFC 5321 §4.5.3.1.3
LANGUAGES: Final = frozenset({"en", "ka", "az", "ru"})
_INVISIBLE: Final = frozenset("\u00ad\u200b\u2060\ufeff")
_LINE_BREAKS: Final = frozenset("\r\n\v\f\x85\u2028\u2029")
_NOTHING: Final = frozenset({"-", "\u2013", "\u2014"})  # how an empty cell is often written
_NO_TEXT: Final = frozenset({"Cc", "Cn", "Co", "Cs"})
_FORMULA: Final = ("=", "+", "-", "@")
_NOUNS: Final = {"full_name": "name", "faculty": "name", "department": "name"}
_STUDENT_ID: Final = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z._/-]{0,62}[0-9A-Za-z])?\Z")
_ADDRESS: Final = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\Z"
)
_YEAR: Final = re.compile(r"(?P<year>[0-9]{1,3}|[ivx]{1,4})(?:st|nd|rd|th|\.|-\w{1,3})?\s*(?:year|კურსი|kurs|курс)?\Z")
_ROMAN: Final = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8}

_LEVELS: Final = {
    "bachelor": [
        *("bachelor", "bachelors", "bachelor's", "ba", "bsc", "undergraduate"),
        *("ბაკალავრიატი", "ბაკალავრი", "bakalavr", "bakalavriat", "бакалавр", "бакалавриат"),
    ],
    "master": [
        *("master", "masters", "master's", "ma", "msc"),
        *("მაგისტრატურა", "მაგისტრი", "magistr", "magistratura", "магистр", "магистратура"),
    ],
    "doctor": ["doctor", "doctoral", "phd", "დოქტორანტურა", "დოქტორი", "doktorantura", "докторантура"],
    "exchange": ["exchange", "გაცვლითი", "mübadilə", "обмен"],
}
_STATUSES: Final = {
    "active": ["active", "აქტიური", "aktiv", "активный", "активен"],
    "suspended": ["suspended", "შეჩერებული", "dayandırılıb", "приостановлен"],
    "leave": ["leave", "academic leave", "აკადემიური", "akademik məzuniyyət", "академический отпуск"],
    "graduated": ["graduated", "კურსდამთავრებული", "məzun", "выпускник"],
    "expelled": ["expelled", "გარიცხული", "xaric edilib", "отчислен"],
}

LEVELS: Final = tuple(_LEVELS)
STATUSES: Final = tuple(_STATUSES)


def is_address(email: str) -> bool:
    """Whether a mail address, in lower case, has the form that a roll asks for."""
    return len(email) <= MAX_ADDRESS and _ADDRESS.match(email) is not None and ".." not in email


@dataclass(frozen=True, slots=True)
class Student:
    """One record in its one spelling. ``row``: where it stood in the table."""

    row: int
    student_id: str
    full_name: str
    email: str
    faculty: str
    department: str
    level: str
    year: int
    status: str
    disciplinary: str
    language: str


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong in one field of one row. Orders by row."""

    row: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class EligibilityRule:
    """Who of a roll may vote. The defaults are article 6.2.1d: students who study for a bachelor's degree.

    ``max_year``: the highest year of study that is no mistake.
    """

    levels: tuple[str, ...] = ("bachelor",)
    statuses: tuple[str, ...] = ("active",)
    max_year: int = 6

    def reason_against(self, student: Student) -> str:
        """Why this student may not vote; empty for one who may."""
        if student.level not in self.levels:
            return f"level is {student.level}, expected {' or '.join(self.levels)}"
        if student.status not in self.statuses:
            return f"status is {student.status}, expected {' or '.join(self.statuses)}"
        return ""


def read_record(row: int, cells: Mapping[str, str], rule: EligibilityRule) -> tuple[Student | None, list[Fault]]:
    """The student of a record, or its faults: at most one for a field, all fields looked at."""
    faults: dict[str, str] = {}

    def text(field: str, *, required: bool = True) -> str:
        value, reason = _clean(cells.get(field, ""), field)
        if reason or (required and not value):
            faults.setdefault(field, reason or f"missing {field}")
        return value

    values = {field: text(field) for field in ("student_id", "full_name", "email", "faculty", "department")}
    choices = {"level": text("level"), "year": text("year"), "status": text("status")}
    disciplinary, language = text("disciplinary", required=False), text("language", required=False)
    email = values["email"].lower()
    if not _STUDENT_ID.match(values["student_id"]):
        faults.setdefault("student_id", "malformed student_id")
    if not is_address(email):
        faults.setdefault("email", "malformed email")
    level, status = _known(_LEVELS, choices["level"]), _known(_STATUSES, choices["status"])
    if level is None:
        faults.setdefault("level", "unknown level")
    if status is None:
        faults.setdefault("status", "unknown status")
    year, reason = _year(choices["year"], rule.max_year)
    if reason:
        faults.setdefault("year", reason)
    language = language.lower() or "en"
    if language not in LANGUAGES:
        faults.setdefault("language", "unknown language")
    if faults or level is None or status is None:
        return None, [Fault(row, field, reason) for field, reason in faults.items()]
    names = {**values, "email": email, "level": level, "status": status}
    return Student(row=row, year=year, disciplinary=disciplinary, language=language, **names), []


def _clean(raw: str, field: str) -> tuple[str, str]:
    """The one spelling of a cell, and what is wrong with it."""
    value = unicodedata.normalize("NFC", raw).strip()
    if any(character in _LINE_BREAKS for character in value):
        return "", f"line break in {field}"
    value = " ".join(value.split())
    if value in _NOTHING:
        return "", ""
    reason = ""
    if any(character in BIDI_CONTROLS for character in value):
        reason = "bidi control character"
    elif any(character in _INVISIBLE for character in value):
        reason = "invisible character"
    elif any(unicodedata.category(character) in _NO_TEXT for character in value):
        reason = "control or unassigned character"
    elif value.startswith(_FORMULA):
        reason = f"formula instead of a {_NOUNS.get(field, 'value')}"
    elif len(value) > MAX_TEXT:
        reason = f"longer than {MAX_TEXT} characters"
    return ("", reason) if reason else (value, "")


def _known(names: Mapping[str, Sequence[str]], value: str) -> str | None:
    folded = value.casefold()
    return next((key for key, known in names.items() if folded in known), None)


def _year(value: str, highest: int) -> tuple[int, str]:
    """The year of study from ``3``, ``III``, ``III კურსი``, ``3rd year``, ``3 курс``."""
    match = _YEAR.match(value.casefold())
    if not match:
        return 0, "year is not a number"
    number = match["year"]
    year = int(number) if number.isdecimal() else _ROMAN.get(number, 0)
    if not year and not number.isdecimal():
        return 0, "year is not a number"
    if not 1 <= year <= highest:
        return 0, "year out of range"
    return year, ""
