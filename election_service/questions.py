"""Questions of a survey, or motions with other words, from a TOML file: contests as they are.

[[question]]
contest = "food"            # id, once and for all
position = "survey"         # of the constitution
electorate = "university"
min = 1                     # how many options a voter marks
max = 2
blank = true                # with an option "None of them"
[[question.option]]
id = "soup"
name = { en = "Soup", ka = "…" }
"""

import tomllib
from typing import Final

import msgspec

from ballot.contest import Option
from election_service.candidates import BLANK
from election_service.errors import InputError
from election_service.setup import ContestPlan
from keys.canonical import Id, Natural, Positive, Wire

_HINT: Final = (
    "give [[question]] tables with contest, position, electorate, min, max and blank, and in each of them "
    "[[question.option]] tables with id and name"
)


class _Option(Wire, frozen=True):
    id: Id
    name: dict[str, str]


class _Question(Wire, frozen=True):
    contest: Id
    position: Id
    electorate: Id
    min: Natural
    max: Positive
    blank: bool
    option: list[_Option]


class _File(Wire, frozen=True):
    question: list[_Question]


def read_questions(text: str) -> list[ContestPlan]:
    """The contests of a file; InputError names what is wrong."""
    try:
        found = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InputError(f"questions: {error}", _HINT) from error
    return [_plan(question) for question in found.question]


def _plan(question: _Question) -> ContestPlan:
    options = [Option(id=option.id, name=option.name, blank=False) for option in question.option]
    options += [BLANK] if question.blank else []
    return ContestPlan(question.contest, question.position, question.electorate, options, question.min, question.max)
