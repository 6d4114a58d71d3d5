"""Write tests/vectors/es1/hostile-json.json: ``python -m tools.hostile_json``. Twice gives the same bytes (A87).

Documents that a reader of canonical JSON must refuse, and some that it must not, so that a reader who refuses all of
them is found out. Read by Python and TypeScript, who must agree. `raw` is lower-case hex, as much of it is no text.
"""

import json
from collections.abc import Iterator
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "tests" / "vectors" / "es1" / "hostile-json.json"
SOURCE = "tools/hostile_json.py (make vectors); docs/protocol.md §1"

GOOD = b'{"a":[1,-2,0],"b":{"c":"x \\" \\\\ \\n","d":null},"e":true}'

ACCEPTED = [
    b"{}", b"[]", b"null", b"true", b"false", b"0", b"-1", b'""', b'{"":0}', b'{"a":{},"b":[]}', GOOD,
    b"9007199254740991", b"-9007199254740991", b'{"A":1,"B":2,"a":3}', b'{"1":1,"10":2,"2":3}', b'{"a":1,"aa":2}',
    b'{"__proto__":{"x":1}}', b'{"constructor":null,"toString":1}', b"[" * 16 + b"]" * 16,
    b'{"a":' * 16 + b"1" + b"}" * 16, b'"\\b\\t\\n\\f\\r\\u0000\\u000b\\u001f\\"\\\\/"', b'"\x7f"',
    '"\x80\xa0\u2028\u2029\ufeff"'.encode(), '"\u00e9 e\u0301 \uffff \U0001f600 \U0010ffff"'.encode(),
    b'"[[[[[[[[[[[[[[[[[[[["', b'"\\"[{[{[{[{[{[{[{[{[{[{"',
]  # fmt: skip

NUMBERS = [
    "01", "00", "-0", "-00", "-01", "+1", "+0", "1.", ".5", "-.5", "1.0", "0.0", "-0.0", "1.5", "0.1", "1e0", "1e2",
    "1E2", "1e+2", "1e-2", "10e-1", "1e21", "1e400", "-1e400", "1e-400", "1.7976931348623157e308", "4.9e-324", "0x1",
    "0b1", "0o7", "1_000", "1,000", "1 0", "1n", "1f", "NaN", "nan", "Infinity", "-Infinity", "infinity", "--1", "-",
    "+", "e1", "1e", "9007199254740992", "-9007199254740992", "9007199254740993", "18446744073709551615",
    "18446744073709551616", "9223372036854775808", "-9223372036854775809", "123456789012345678901234567890",
    "9" * 400, "\uff11\uff12", "\u0661", "\u00b2", "\u2160", "1\u00a0", "\u22121",
]  # fmt: skip

LITERALS = [
    "True", "False", "None", "TRUE", "nul", "nulll", "undefined", "tru", "truee", "t", "n", "null null", "!true",
    "''", "'a'", "`a`", "a", '"a', 'a"', '"a" "b"', '"a"b', "/a/", "<a>", "\\u0061", "@", "#", "${a}", "()",
    "function(){}",
]  # fmt: skip

ESCAPES = [
    r"\u0041", r"\u0061", r"\u00e9", r"\u20ac", r"\u2028", r"\u007f", r"\u0022", r"\u005c", r"\u002f", r"\/",
    r"\u0008", r"\u0009", r"\u000a", r"\u000c", r"\u000d", r"\u000B", r"\u001F", r"\u000A", r"\U00000041", r"\x41",
    r"\101", r"\0", r"\a", r"\v", r"\e", r"\'", r"\ ", r"\u{41}", r"\u", r"\u0", r"\u00", r"\u004", r"\u004g",
    r"\u+041", r"\u 041", r"\uD83D\uDE00", r"\ud83d\ude00", r"\ud800", r"\udbff", r"\udc00", r"\udfff",
    r"\ud800\ud800", r"\udc00\ud800", r"\ud800x", r"\ud800\n", r"\ud800\u0041", r"\udead\ud800", r"\ud83dx\ude00",
    "\\", "\\\\\\",
]  # fmt: skip

BYTES = [
    b"\x00", b"\x01", b"\x08", b"\t", b"\n", b"\x0b", b"\x0c", b"\r", b"\x1f", b"\x80", b"\xbf", b"\xc0", b"\xc0\x80",
    b"\xc0\xaf", b"\xc1\xbf", b"\xc3", b"\xc3\x28", b"\xe0\x80\xaf", b"\xe2\x82", b"\xe2\x28\xa1", b"\xed\xa0\x80",
    b"\xed\xbf\xbf", b"\xed\xa0\xbd\xed\xb8\x80", b"\xef\xbf", b"\xf0\x80\x80\xaf", b"\xf0\x9f\x98",
    b"\xf0\x28\x8c\xbc", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80",
    b"\xfc\x84\x80\x80\x80\x80", b"\xfe", b"\xff",
]  # fmt: skip

WHITE = [
    b" ", b"\t", b"\n", b"\r", b"\x0b", b"\x0c", b"\xc2\xa0", b"\xe2\x80\xa8", b"\xe3\x80\x80", b"\xef\xbb\xbf",
    b"\x00",
]  # fmt: skip
PLACES = [
    b"~{'a':1}", b"{~'a':1}", b"{'a'~:1}", b"{'a':~1}", b"{'a':1~}", b"{'a':1}~", b"[1~,2]",
    b"[1,~2]", b"[~]",
]  # fmt: skip

MEMBERS = [
    '{"a":1,"a":1}', '{"a":1,"a":2}', '{"a":null,"a":null}', '{"a":1,"b":2,"a":3}',
    '{"b":1,"a":1}', '{"a":1,"B":1}', '{"a":1,"1":1}', '{"10":1,"9":1,"1":1}', '{"aa":1,"a":1}',
    '{"a":{"c":1,"b":1}}', '[{"b":1,"a":1}]', '{"":1,"":1}', '{"a":1,"\\u0061":1}', '{"\\u0061":1}',
    '{"\\u0000a":1,"a\\/":1}', '{"\u00e9":1}', '{"e\u0301":1}', '{"\u0430":1}', '{"\U0001f600":1}', '{"\x80":1}',
    '{"a\u200b":1}', '{"__proto__":1,"__proto__":2}', '{"a":1,}', '{,"a":1}', '{"a":1,,"b":1}', '{"a"}', '{"a":}',
    "{:1}", '{"a":1:2}', '{"a" 1}', '{"a":1 "b":2}', '{"a";1}', "{a:1}", "{'a':1}", "{1:1}", "{null:1}", '{["a"]:1}',
    '{"a":1', '"a":1}', '{"a":1}}', '{{"a":1}}', '{"a":1}{"b":1}', '{"a":1},', '{"a":1};', '{"a":1]', "[1}", "[1,]",
    "[,1]", "[,]", "[1,,2]", "[1 2]", "[1;2]", "[", "]", "[[]", "[]]", "[]{}", "{", "}", ",", ":", '"', "",
    '{"a":1}//', '{"a":1}/**/', '/**/{"a":1}', '{"a":/**/1}', '{"a":1}#', ")]}'\n{}", "while(1);{}", '\x1e{"a":1}\n',
    "{}\n{}", "[...[]]", '{"$ref":"#"', '{"a":[1,2}', "{\"a\":\"b'}",
]  # fmt: skip


def refused() -> Iterator[bytes]:
    """Every document that is not in canonical form, or is no JSON, or is beyond the protocol's subset."""
    for text in (*NUMBERS, *LITERALS):
        yield f'{{"a":{text}}}'.encode()
        yield f'[[],{{"a":[0,{text}]}}]'.encode()
    for text in ESCAPES:
        yield f'{{"a":"{text}"}}'.encode()
    for raw in BYTES:
        yield b'{"a":"' + raw + b'"}'
        yield b'{"a":1}' + raw
    for white in WHITE:
        for place in PLACES:
            yield place.replace(b"'", b'"').replace(b"~", white)
    for text in MEMBERS:
        yield text.encode()
        yield f"[[{text}],0]".encode() if text else b"[[],,0]"
    yield from (GOOD[:size] for size in range(1, len(GOOD)))
    yield from (GOOD.decode().encode(name) for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp037"))
    yield from (GOOD + GOOD, GOOD + b"\n" + GOOD, b"\xef\xbb\xbf" + GOOD, GOOD[::-1], GOOD.upper())
    for depth in (17, 18, 64, 1000):
        yield b"[" * depth + b"]" * depth
        yield b'{"a":' * depth + b"1" + b"}" * depth
        yield b'[{"a":' * (depth // 2 + 1) + b"1" + b"}]" * (depth // 2 + 1)
    yield b'{"a":' + b"[" * 16 + b"]" * 16 + b"}"
    yield b'{"a":"\\"","b":' + b"[" * 16 + b"]" * 16 + b"}"
    yield b'{"a":"\\\\","b":' + b"[" * 16 + b"]" * 16 + b"}"
    yield b"[" * 3000
    yield b'{"a":' * 1500


def content() -> str:
    """Return the file's text."""
    cases = [{"raw": raw.hex(), "accepted": True} for raw in ACCEPTED]
    cases += [{"raw": raw.hex(), "accepted": False} for raw in dict.fromkeys(refused())]
    return json.dumps({"source": SOURCE, "cases": cases}, indent=1) + "\n"


def main() -> None:
    """Write the file."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(content(), encoding="utf-8")
    print(f"{FILE.name}: {len(content())} bytes")


if __name__ == "__main__":
    main()
