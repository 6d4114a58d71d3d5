"""A constitution as people write it: each mistake gets one message, with its line and its clause."""

import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tally.constitution import dump_constitution, load_constitution
from tally.constitution_toml import PRESETS, load_toml, preset
from tally.errors import ConstitutionError
from tally.toml_lines import find_lines, line_of
from tests.tally.law import preset_constitution

# What is in the preset, what is written instead, and the message about it without its line.
MISTAKES: dict[str, tuple[str, str, str]] = {
    "a number with a point": (
        "max_slack = 5\n",
        "max_slack = 5.5\n",
        "max_slack (clause silent): expected a whole number from 0 to 100, got 5.5",
    ),
    "an unknown key": (
        "failure = {",
        "colour = 7\nfailure = {",
        "turnout.colour (clause 6.12.4): unknown key; expected one of share, scope, second_tour, failure, repeat_days",
    ),
    "a key with a slip of the pen": (
        "ex_position =",
        "ex_posittion =",
        'one_position.ex_posittion (clause 6.12.5): unknown key; did you mean "ex_position"?',
    ),
    "a missing value": (
        'casting = { clause = "6.10.4", value = "head-of-self-governance" }',
        'casting = { clause = "6.10.4" }',
        "board.casting.value (clause 6.10.4): missing",
    ),
    "a missing parameter": (
        'threshold = { clause = "6.8.4b", value = ">= 7/10" }\n',
        "",
        "procedures.dismissal.threshold (clause 6.8.4b): missing",
    ),
    "a share as a number": (
        'share = { clause = "6.9.3", value = ">= 1/5" }',
        'share = { clause = "6.9.3", value = 0.2 }',
        'petitions.nomination.share.value (clause 6.9.3): expected a share such as "> 1/2" or ">= 7/10", got 0.2',
    ),
    "a single reading": (
        'tie = { clause = "silent", readings = ["lot", "re-election"] }',
        'tie = { clause = "silent", readings = ["lot"] }',
        (
            "procedures.members-vote.tie.readings (clause silent): expected at least two readings, or none and a "
            "value; got a single one"
        ),
    ),
    "a value without its clause": (
        'applies = { clause = "6.12.5", value = true }',
        "applies = true",
        'one_position.applies (clause 6.12.5): expected a table { clause = "…", value = … }, got true',
    ),
    "an unknown position": (
        'acting = { clause = "6.9.7", value = "head-of-internal-department" }',
        'acting = { clause = "6.9.7", value = "internal-department" }',
        (
            "positions.head-of-self-governance.seat.acting (clause 6.9.7): unknown position "
            '"internal-department"; expected one of head-of-self-governance, head-of-faculty, head-of-department, '
            "head-of-class, head-of-internal-department, dismissal, impeachment, plan, amendment"
        ),
    ),
    "a day that does not exist": (
        'value = "2026-09-14"',
        'value = "2026-09-31"',
        'calendar.semester_begins (clause 6.1.5): "2026-09-31": there is no such day',
    ),
    "an id twice": (
        'id = "head-of-department"',
        'id = "head-of-faculty"',
        'positions.head-of-faculty.id (clause 6.12.6c): "head-of-faculty" stands 2 times, expected once',
    ),
    "a rank in words": (
        "rank = 4\n",
        'rank = "four"\n',
        'positions.head-of-class.rank (clause 6.12.6d): expected a whole number of 1 or more, got "four"',
    ),
    "a date without quotes": (
        'readings = ["2027-06-30", "2027-09-13"]',
        'readings = [2027-06-30, "2027-09-13"]',
        "",  # two: of the reading and of the value that follows from it; see below
    ),
    "a name with no English": (
        'en = "Head of the Class"\n',
        "",
        'positions.head-of-class.name (clause 6.12.6d): expected "en" at least',
    ),
    "a text that runs backwards": (
        'approved_by = "the election committee"',
        'approved_by = "the election \\u202ecommittee"',
        "approved_by (clause silent): bidi control character U+202E",
    ),
}
TEN = [
    "a number with a point",
    "an unknown key",
    "a key with a slip of the pen",
    "a missing value",
    "a missing parameter",
    "a share as a number",
    "a single reading",
    "an unknown position",
    "a day that does not exist",
    "a name with no English",
]


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(ConstitutionError) as caught:
        load_toml(text)
    return caught.value.faults


def seed(text: str, name: str) -> str:
    right, wrong, _ = MISTAKES[name]
    assert right in text, name
    return text.replace(right, wrong, 1)


def test_ten_mistakes_get_ten_messages_with_line_and_clause() -> None:
    text = preset("ibsu-direct")
    for name in TEN:
        text = seed(text, name)
    found = faults(text)
    assert len(found) == 10
    messages = dict(message.split(": ", 1)[::-1] for message in found)
    assert messages.keys() == {MISTAKES[name][2] for name in TEN}
    numbers = [int(line.removeprefix("line ")) for line in messages.values()]
    assert numbers == sorted(numbers)
    lines = text.splitlines()
    for name in TEN:
        wrong, message = MISTAKES[name][1:]
        line = lines[int(messages[message].removeprefix("line ")) - 1]
        if name in {"a missing parameter", "a name with no English"}:
            assert line.startswith(("[[procedures]]", "[positions.name]"))  # nearest to what is not there
        else:
            assert line.split(" #")[0] in wrong or wrong.split("\n")[0] in line, name


@pytest.mark.parametrize("name", [name for name, (_, _, message) in MISTAKES.items() if message])
def test_each_mistake_alone_gets_one_message(name: str) -> None:
    (found,) = faults(seed(preset("ibsu-direct"), name))
    assert found.partition(": ")[2] == MISTAKES[name][2]


def test_a_date_without_quotes_is_no_text() -> None:
    assert [fault for fault in faults(seed(preset("ibsu-direct"), "a date without quotes")) if "readings[0]" in fault]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("schema = 2\nname = \n", "line 2: not TOML: Invalid value"),
        ("schema = [1,", "line 1: not TOML: Invalid value"),
        ("[board]\n\n[board]\n", "line 3: not TOML: Cannot declare ('board',) twice"),
        ("a = " + "[" * 100_000, "line 1: not TOML: nested too deeply"),
        ("a = 1\n" + "b." * 120_000 + "b = 1", "line 2: not TOML: nested too deeply"),  # A93: not minutes later
        ("\n\nschema = 2 #\x00", "line 3: not TOML: Found invalid character '\\x00'"),
    ],
)
def test_what_is_no_toml_has_one_fault_with_its_line(text: str, expected: str) -> None:
    assert faults(text) == (expected,)


def test_readings_give_the_value_and_a_value_gives_no_readings() -> None:
    rules = preset_constitution()
    assert rules.turnout.scope.value == "both"
    assert rules.turnout.scope.readings[0] == "both"
    assert rules.turnout.share.readings == []


def test_a_file_of_windows_reads_the_same() -> None:
    text = "\ufeff" + preset("survey").replace("\n", "\r\n")
    assert load_toml(text) == preset_constitution("survey")
    assert faults(text.replace("rank = 1", "rank = 0"))[0].startswith("line 74: positions.question.rank")


@pytest.mark.parametrize("name", PRESETS)
def test_toml_and_json_are_the_same_rules(name: str) -> None:
    rules = load_toml(preset(name))
    assert load_constitution(dump_constitution(rules)) == rules


@pytest.mark.parametrize("name", PRESETS)
def test_each_key_of_a_preset_has_its_own_line(name: str) -> None:
    text = preset(name)
    lines, shown = find_lines(text), text.splitlines()

    def look(value: object, path: tuple[str | int, ...]) -> None:
        if path and isinstance(path[-1], str):
            assert re.search(rf'(^|[\[{{., "]){re.escape(path[-1])}"?( =|\])', shown[lines[path] - 1]), path
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for step, item in items:
            look(item, (*path, step))

    look(tomllib.loads(text), ())


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a.b = 1\na.c = 2", ("a", "c"), 2),
        ("\"a b\".'c.d' = 1", ("a b", "c.d"), 1),
        ('a = """\n[x]\n"""\nb = 1', ("b",), 4),
        ("a = '''\n]'''\nb = 1", ("b",), 3),
        ('a = [\n  1, # ]\n  "]",\n  { b = "}" },\n]\nc = 1', ("a", 2, "b"), 4),
        ('a = [\n  1, # ]\n  "]",\n  { b = "}" },\n]\nc = 1', ("c",), 6),
        ("[[a]]\nx = 1\n[a.b]\nc = 2\n[[a]]\n[a.b]\nc = 3", ("a", 1, "b", "c"), 7),
        ("[[a]]\n[[a.b]]\n[[a.b]]\nc = 1", ("a", 0, "b", 1, "c"), 4),
        ("[[a]]\nx = 1\n[[a]]\nx = 2", ("a", 1, "missing"), 3),
        ("x = 1", ("missing", 3), 1),
    ],
)
def test_lines_of_every_kind_of_toml(text: str, path: tuple[str | int, ...], line: int) -> None:
    tomllib.loads(text)
    assert line_of(find_lines(text), path) == line


@given(st.text(alphabet="ab=[]{}\"'.,#\n 1-\\", max_size=40))
def test_any_text_ends_in_our_own_error(text: str) -> None:
    with pytest.raises(ConstitutionError, match="line "):
        load_toml(text)


@given(st.integers(0, 10_000), st.sampled_from(["", "x", "]", '"', "=", "\n", "0.5", "{}"]))
def test_a_preset_with_one_change_loads_or_names_its_faults(place: int, change: str) -> None:
    text = preset("ibsu-direct")
    place %= len(text)
    found: tuple[str, ...] = ()
    try:
        load_toml(text[:place] + change + text[place + 1 :])
    except ConstitutionError as error:
        found = error.faults
    assert all(re.match(r"line [1-9][0-9]*: ", fault) for fault in found)
