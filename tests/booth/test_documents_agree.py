"""Documents and texts get one verdict in Python and TypeScript: JSON (A87), base64url (A88), contest documents."""

import random as pseudorandom
import string
from collections.abc import Iterator
from typing import Any

from ballot.contest import load_contest
from keys.canonical import b64, decode, encode, unb64
from keys.errors import DataError, FormatError
from tests.booth.harness import Booth, BoothRefusalError
from tests.strategies import contest_document


def contest_verdicts(booth: Booth, document: Any) -> tuple[bool, bool]:
    raw = encode(document) if not isinstance(document, bytes) else document
    try:
        load_contest(raw, rehearsal=True)
        python = True
    except DataError:
        python = False
    try:
        booth.call("contest", contest=raw.decode())
        typescript = True
    except BoothRefusalError:
        typescript = False
    return python, typescript


def test_contest_documents_get_one_verdict(booth: Booth) -> None:
    good = contest_document(3, 1, 2, blank=2)
    names = good["options"]
    modulus = unb64(good["issuer_key"], None, "test")
    first, *others = names
    changes: list[dict[str, Any]] = [
        *({"min": low} for low in (0, 3, -1)),
        *({"max": high} for high in (0, 4, True, "2")),
        *({"size": size} for size in (0, 2**53, "500")),
        *({"contest": name} for name in ("A", "a-", "a" * 65, "a\n", "")),
        *({"position": name} for name in (None, "", 1)),
        {"poll": 0}, {"v": "es2"}, {"recovery": 1}, {"extra": None}, {"election": "é"},
        {"root": b64(bytes(31))}, {"log": b64(bytes(33))}, {"joint_key": b64(bytes(33))},
        {"options": []}, {"options": [first, first]}, {"options": [{**name, "blank": True} for name in names]},
        *({"options": [{**first, "name": name}, *others]} for name in ({}, {"EN": "x"}, {"en-GB": "x"}, {"en": 1})),
        {"options": [{**first, "extra": 1}, *others]},
        *({"issuer_key": b64(key)} for key in (modulus[:-1] + b"\x00", b"\x7f" + modulus[1:], b"")),
        *({"issuer_key": b64(key)} for key in (modulus[:126] + b"\x01", b"\xff" * 385)),
    ]  # fmt: skip
    allowed = []
    for change in changes:
        python, typescript = contest_verdicts(booth, good | change)
        assert python == typescript, change
        if python:
            allowed.append(change)
    assert [list(change) for change in allowed] == [["position"], ["options"]]  # null; a name in "en-GB"
    assert contest_verdicts(booth, good) == (True, True)
    wide = contest_document(100, 1, 32, blank=None)
    assert contest_verdicts(booth, wide) == (True, True)
    for options, low, high in [(101, 0, 1), (40, 0, 32)]:
        assert contest_verdicts(booth, contest_document(options, low, high)) == (False, False)
    big = {"name": {"en": "x" * 60_000}}
    assert contest_verdicts(booth, good | {"options": [{**names[0], **big}]}) == (False, False)
    for missing in good:
        rest = {name: value for name, value in good.items() if name != missing}
        assert contest_verdicts(booth, rest) == (False, False)


GOOD = [
    b"{}", b"[]", b"null", b"true", b"0", b"-1", b'""', b'{"a":1,"b":[1,2]}', b'"\\u0000\\n\\"\\\\"',
    b"9007199254740991", b"-9007199254740991", '"é\u2028\U0001f600"'.encode(), b'{"":0}', b'{"__proto__":1}',
    b'"\x7f"', b"[" * 16 + b"]" * 16,
]  # fmt: skip
NUMBERS = [
    "01", "-0", "1.0", "1.5", "1e2", "1E2", "+1", ".5", "5.", "0x1", "NaN", "Infinity", "-Infinity", "1_000", "１２",
    "9007199254740992", "-9007199254740992", "9007199254740993", "1e400", "-1e-9", "1e21", "10e0", "0.0", "--1",
    "-", "123456789012345678901234567890", "0e0", "-00", "1e-7", "4.9E-324", "1.7976931348623157e308",
]  # fmt: skip
STRINGS = [
    r"\ud800", r"\udc00", r"\ud800\ud800", r"\udc00\ud800", r"\ud83d\ude00", r"\u0041", r"\/", r"\u001F",
    r"\u007f", r"\u2028", r"\x41", r"\u{41}", r"\u00e9", r"\b\f\n\r\t", r"\u0008", r"\u000a", r"\u000A", r"\u000b",
    r"\a", r"\u12", r"a\u0001b", r"a\u001fb", r"\uD800", r"\udbff\udfff", r"\uDBFF\uDFFF", "\\", "\t", "\n",
    "\0", "a\x01b", "a\x1fb",
]  # fmt: skip
BROKEN = [
    b'{"a":1,"a":1}', b'{"a":1,"a":2}', b'{"b":1,"a":2}', b'{"a":1,}', b"[1,]", b"[,1]", b"{,}", b"{a:1}", b"{'a':1}",
    b'{"a" :1}', b'{"a": 1}', b' {"a":1}', b'{"a":1} ', b'{"a":1}\n', b'{"a":1}{}', b"[1]2", b"[1 ]", b"[1, 2]",
    b"\xef\xbb\xbf{}", '{"é":1}'.encode(), '{"\u200b":1}'.encode(), b'{"\\u0061":1}', b'{"a":undefined}',
    b"undefined", b"True", b"None", b"nul", b'{"aa":1,"a":2}', b'{"a":2,"aa":1}', b'{"A":1,"a":2}', b'{"a":1,"A":2}',
    b'{"10":1,"9":2}', b'{"9":1,"10":2}', b'{"constructor":1}', b'{"toString":{}}', b'{"__proto__":{"a":1}}',
    b'{"a":{"__proto__":null}}', b'{"length":1}', b"", b" ", b"\0", b"{", b"}", b"[", b"]", b'"', b'"a', b"{}}", b"[[]",
    b"//x\n{}", b"/**/{}", b"{}//", b"#", b"[1//\n]", b'"\xff"', b'"\xc0\xaf"', b'"\xed\xa0\x80"',
    b'"\xf4\x90\x80\x80"',
    b'"\xe2\x82"', b'"\x80"', b"\xfe\xff", b'"\xf0\x9f\x98\x80"', "{}".encode("utf-16"), "{}".encode("utf-16-le"),
    "{}".encode("utf-32"), b"\xa0{}", "\u2003{}".encode(), b"\x0b{}", b"\x0c{}",
]  # fmt: skip


def hostile_documents() -> list[bytes]:
    """Bytes that a careless reader takes for a canonical document, after some that are one."""
    documents = [form % text for form in ("%s", '{"a":%s}', "[%s]") for text in NUMBERS]
    documents += [form % text for form in ('"%s"', '{"k":"%s"}', '{"%s":0}') for text in STRINGS]
    nested = [b"[" * depth + b"]" * depth for depth in (15, 17, 18, 100, 10_000, 200_000)]
    nested += [b'{"a":' * depth + b"1" + b"}" * depth for depth in (15, 16, 17, 100, 10_000)]
    bad = [document.encode() for document in documents] + BROKEN + nested
    return GOOD + bad + [document.replace(b":", b": ") for document in bad if b":" in document]


def test_hostile_json_documents_get_one_verdict(booth: Booth) -> None:
    """A87: 300 and more documents."""
    documents = hostile_documents()
    assert len(set(documents)) >= 300
    python = []
    for document in documents:
        try:
            decode(document, object)
            python.append(True)
        except FormatError:
            python.append(False)
    typescript = booth.call("decode", documents=[document.hex() for document in documents])
    assert [d[:60] for d, p, t in zip(documents, python, typescript, strict=True) if p != t] == []
    assert all(python[: len(GOOD)])
    assert len(GOOD) <= sum(python) < 60


def test_random_documents_are_encoded_to_the_same_bytes(booth: Booth) -> None:
    dice = pseudorandom.Random(8785)
    letters = string.printable + "éß\u200d\u2028\u2029\ufeff\U0001f5f3\x7f\x00"

    def value(depth: int) -> Any:
        kind = dice.randrange(7 if depth < 4 else 5)
        text = "".join(dice.choice(letters) for _ in range(dice.randrange(8)))
        if kind == 5:
            return [value(depth + 1) for _ in range(dice.randrange(4))]
        if kind == 6:
            names = ("".join(dice.choice(string.printable) for _ in range(dice.randrange(5))) for _ in range(4))
            return {name: value(depth + 1) for name in names}
        return [None, dice.random() < 0.5, dice.randint(-(2**53) + 1, 2**53 - 1), text, dice.randint(-9, 9)][kind]

    for _ in range(300):
        document = value(0)
        assert bytes.fromhex(booth.call("encode", value=document)) == encode(document)


def mutants(text: str) -> Iterator[str]:
    """All texts that differ in one place: changed, added, removed."""
    letters = string.ascii_letters + string.digits + "-_+/= .\n\0é%"
    for place in range(len(text) + 1):
        for letter in letters:
            yield text[:place] + letter + text[place:]
            if place < len(text):
                yield text[:place] + letter + text[place + 1 :]
        yield text[:place] + text[place + 1 :]


def test_one_character_mutants_of_base64url_get_one_verdict(booth: Booth) -> None:
    """A88: no two texts stand for the same bytes, and both readers know the same texts."""
    for size in (0, 1, 2, 3, 4, 5, 16, 32, 33):
        text = b64(bytes((37 * i + size) % 256 for i in range(size)))
        candidates = sorted({text, *mutants(text)})
        seen: dict[bytes, str] = {}
        python = []
        for candidate in candidates:
            try:
                raw = unb64(candidate, None, "test")
            except FormatError:
                python.append(False)
                continue
            python.append(True)
            assert seen.setdefault(raw, candidate) == candidate
        typescript = booth.call("unb64", texts=candidates)
        assert [c for c, p, t in zip(candidates, python, typescript, strict=True) if p != t] == []
