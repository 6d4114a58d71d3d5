"""Documents that two readers could take for two things (A87, A89, A90)."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
import pytest
import rfc8785
from msgspec import inspect

from ballot.ballot import BallotData, load_ballot
from ballot.contest import load_contest
from ballot.receipt import load_receipt, make_receipt
from ballot.token import TokenRequest, blind_token, make_request
from keys.canonical import MAX_INTEGER, Wire, b64, decode, encode
from keys.errors import FormatError
from keys.ids import check_id
from keys.text import check_text
from tests.simulated.randomness import seeded
from tests.strategies import cast, contest_document, make_contest
from tools import hostile_json

CONTEST = make_contest(options=2, low=0, high=1)
CASES = json.loads(hostile_json.FILE.read_text(encoding="utf-8"))["cases"]

# ---- A87 ----


def test_the_hostile_documents_are_those_of_their_generator() -> None:
    assert hostile_json.FILE.read_text(encoding="utf-8") == hostile_json.content()


def is_accepted(raw: bytes, kind: Any) -> bool:
    try:
        decode(raw, kind)
    except FormatError:
        return False
    return True


def test_a87_at_least_three_hundred_hostile_documents_are_refused_and_the_good_ones_read() -> None:
    cases = {bytes.fromhex(case["raw"]): case["accepted"] for case in CASES}
    assert len(cases) == len(CASES)
    assert sum(not accepted for accepted in cases.values()) >= 300
    assert [raw for raw, accepted in cases.items() if is_accepted(raw, Any) is not accepted] == []


def within_the_subset(value: Any, depth: int = 1) -> bool:
    """docs/protocol.md §1: integers up to 2^53-1, member names in ASCII, sixteen levels."""
    if isinstance(value, dict | list):
        names = value if isinstance(value, dict) else ()
        inner = value.values() if isinstance(value, dict) else value
        return depth <= 16 and all(map(str.isascii, names)) and all(within_the_subset(one, depth + 1) for one in inner)
    return not isinstance(value, float) and (not isinstance(value, int) or abs(value) <= MAX_INTEGER)


def test_a87_verdicts_are_those_of_the_standard_library_and_rfc8785_together() -> None:
    for case in CASES:
        raw = bytes.fromhex(case["raw"])
        try:
            value = json.loads(raw.decode())
            expected = within_the_subset(value) and rfc8785.dumps(value) == raw
        except (ValueError, RecursionError):
            expected = False
        assert case["accepted"] is expected, raw


@pytest.mark.parametrize("kind", [dict, BallotData, TokenRequest], ids=lambda kind: kind.__name__)
def test_a87_hostile_documents_are_no_requests_either(kind: Any) -> None:
    for case in CASES:
        raw = bytes.fromhex(case["raw"])
        assert not is_accepted(raw, kind) or (kind is dict and case["accepted"])


@pytest.mark.parametrize("name", ["poll", "size", "min", "max"])
@pytest.mark.parametrize(
    "text", ["1.0", "1e0", "true", '"1"', "01", "-0", "9007199254740992", "null", "[1]", "1E0", "+1"]
)
def test_a87_numbers_of_a_contest_are_plain_integers(name: str, text: str) -> None:
    raw = encode(contest_document() | {name: 7_777})
    assert raw.count(b"7777") == 1
    with pytest.raises(FormatError, match="Contest: "):
        load_contest(raw.replace(b"7777", text.encode()), rehearsal=True)


# ---- A90 ----


@cache
def wire_structs() -> list[type[Wire]]:
    """Every wire struct of every package that has any."""
    for package in ("keys", "ballot", "tally", "audit"):
        path = importlib.import_module(package).__path__
        for module in pkgutil.walk_packages(path, f"{package}."):
            if not module.name.endswith("cli"):
                importlib.import_module(module.name)
    importlib.import_module("election_service.api_types")

    def below(struct: type[Wire]) -> Iterator[type[Wire]]:
        for inner in struct.__subclasses__():
            yield inner
            yield from below(inner)

    packages = ("keys.", "ballot.", "tally.", "audit.", "election_service.")
    found = {struct for struct in below(Wire) if struct.__module__.startswith(packages)}
    return sorted(found, key=lambda struct: f"{struct.__module__}.{struct.__name__}")


def test_a90_every_wire_struct_refuses_a_member_it_does_not_know() -> None:
    assert len(wire_structs()) >= 60
    for struct in wire_structs():
        with pytest.raises(msgspec.ValidationError, match="unknown field `extra`"):
            msgspec.json.decode(b'{"extra":1}', type=struct)


def test_a90_every_wire_struct_is_frozen_and_every_member_required() -> None:
    """The one exception is `time`, which three kinds of entries must not have (docs/protocol.md §9)."""
    for struct in wire_structs():
        assert struct.__struct_config__.frozen, struct
        optional = [field.name for field in msgspec.structs.fields(struct) if not field.required]
        assert optional == (["time"] if struct.__name__ == "Envelope" else []), struct


def _open_places(info: object, path: str) -> Iterator[str]:
    """Where a type lets in floats, integers without bounds, or anything at all."""
    if isinstance(info, inspect.IntType):
        bounded = info.ge is not None and info.le is not None and -MAX_INTEGER <= info.ge <= info.le <= MAX_INTEGER
        yield from () if bounded else (path,)
    elif isinstance(info, inspect.FloatType | inspect.AnyType | inspect.RawType | inspect.CustomType):
        yield path
    elif isinstance(info, inspect.ListType | inspect.VarTupleType):
        yield from _open_places(info.item_type, f"{path}[]")
    elif isinstance(info, inspect.TupleType):
        for item in info.item_types:
            yield from _open_places(item, f"{path}[]")
    elif isinstance(info, inspect.DictType):
        yield from _open_places(info.key_type, f"{path} name")
        yield from _open_places(info.value_type, f"{path}.*")
    elif isinstance(info, inspect.UnionType):
        for item in info.types:
            yield from _open_places(item, path)
    elif isinstance(info, inspect.StructType):
        generic = getattr(info.cls, "__origin__", None) is not None  # a parameter of a constitution, of some type
        for field in info.fields if generic else ():
            yield from _open_places(field.type, f"{path}.{field.name}")
    else:
        plain = inspect.StrType | inspect.EnumType | inspect.BoolType | inspect.NoneType | inspect.LiteralType
        assert isinstance(info, plain)


def test_a87_no_wire_struct_lets_in_a_number_that_javascript_would_round() -> None:
    """Only `data` is open: what an entry, an act or a trustee's message holds is read again, by its kind. The rules in
    the making are shown as they are, and read by nobody.
    """
    found = set()
    for struct in wire_structs():
        if getattr(struct, "__parameters__", ()):
            continue  # judged where its type is given
        info = inspect.type_info(struct)
        assert isinstance(info, inspect.StructType)
        for field in info.fields:
            found |= {f"{field.name} of {struct.__name__}" for _ in _open_places(field.type, field.name)}
    assert {place.split(" ")[0] for place in found - {"rules of RulesView"}} == {"data"}, found
    assert "data of Envelope" in found


def _with_extra(value: Any) -> Iterator[Any]:
    """The document with one member more, in each of its objects in turn."""
    if isinstance(value, dict):
        yield value | {"extra": None}
        for key, inner in value.items():
            for other in _with_extra(inner):
                yield value | {key: other}
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            for other in _with_extra(inner):
                yield [*value[:place], other, *value[place + 1 :]]


def _requests() -> dict[str, tuple[bytes, Any]]:
    waiting = blind_token(CONTEST, seeded("token"))
    request = make_request(CONTEST, waiting, (5).to_bytes(32, "big"), b"r" * 40, seeded("request"))
    receipt = make_receipt((6).to_bytes(32, "big"), b"L" * 32, CONTEST.context, b"T" * 32, seeded("receipt"))
    return {
        "contest": (CONTEST.raw, lambda raw: load_contest(raw, rehearsal=True)),
        "ballot": (encode(cast(CONTEST, (1, 0)).data), load_ballot),
        "token request": (encode(request), lambda raw: decode(raw, TokenRequest)),
        "receipt": (encode(receipt), load_receipt),
    }


@pytest.mark.parametrize(("name", "objects"), [("contest", 3), ("ballot", 6), ("token request", 1), ("receipt", 1)])
def test_a90_one_member_more_or_less_anywhere_in_a_request_is_refused(name: str, objects: int) -> None:
    raw, read = _requests()[name]
    read(raw)
    document = json.loads(raw)
    extended = list(_with_extra(document))
    assert len(extended) >= objects
    for other in extended:
        with pytest.raises(FormatError, match=r"unknown field|Expected `str`"):
            read(encode(other))
    for member in document:
        with pytest.raises(FormatError, match=f"missing required field `{member}`"):
            read(encode({key: value for key, value in document.items() if key != member}))


# ---- A89 ----

ID_TWINS = [
    ("law", "l\u0430w"), ("law", "law\u200b"), ("law", "\uff4caw"), ("law", "LAW"), ("law", "la\u0077\u0301"),
    ("law", "law\u00ad"), ("law", "\u2113aw"), ("law", "law\u2060"), ("o", "0\u200d"), ("a1", "a\u00b9"),
    ("a1", "a\u0661"),
    ("a-b", "a\u2010b"), ("a-b", "a\u2212b"), ("a-b", "a\u00adb"), ("a.b", "a\u3002b"), ("a.b", "a\u2024b"),
]  # fmt: skip


@pytest.mark.parametrize(("good", "twin"), ID_TWINS)
def test_a89_ids_have_no_twins(good: str, twin: str) -> None:
    assert check_id(good, "option") == good
    with pytest.raises(FormatError, match="option: expected lower-case"):
        check_id(twin, "option")
    document = contest_document(2)
    document["options"][0]["id"] = twin
    with pytest.raises(FormatError, match="matching regex"):
        load_contest(encode(document), rehearsal=True)


def test_a89_a_name_is_hashed_as_it_is_written_and_only_one_writing_is_made() -> None:
    """A reader checks canonical form alone; the one who makes a document refuses the twin."""
    contexts = set()
    for name in ("\u00e9lise", "e\u0301lise"):
        document = contest_document(2)
        document["options"][0]["name"] = {"en": name}
        contexts.add(load_contest(encode(document), rehearsal=True).context)
    assert len(contexts) == 2
    assert check_text("\u00e9lise", "name")
    with pytest.raises(FormatError, match="normal form C"):
        check_text("e\u0301lise", "name")


def test_a89_bytes_that_are_no_text_do_not_become_some() -> None:
    good = encode(contest_document(2))
    assert load_contest(good, rehearsal=True).context
    for raw in (b"\xed\xa0\x80", b"\xc0\xaf", b"\xff", b64(b"x").encode() + b"\x00"):
        with pytest.raises(FormatError, match="Contest: "):
            load_contest(good.replace(b'"fr":"option-0"', b'"fr":"' + raw + b'"'), rehearsal=True)
