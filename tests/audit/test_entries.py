"""Entries: one canonical form, every member there and no other, times only where they belong (A87, A88, A90)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.entries import (
    KINDS,
    NO_ENTRY,
    BoothData,
    IssuerDestroyedData,
    SealedData,
    decode_entry,
    decode_unsigned,
    encode_entry,
    encode_unsigned,
    format_time,
    parse_time,
)
from audit.errors import EntryError
from keys.canonical import b64, encode
from tests.simulated.published import whole

TIME = "2026-10-05T08:00:00Z"
BOOTH = BoothData(act=b64(bytes(16)), approvals=(), bundle="b0" * 32)
GOOD = encode_entry(7, b"\x01" * 32, "booth", TIME, BOOTH)

MALFORMED = {
    "empty": b"",
    "not JSON": b"log.opened",
    "a list": b"[]",
    "white space before": b" " + GOOD,
    "white space behind": GOOD + b"\n",
    "white space inside": GOOD.replace(b",", b", "),
    "another order of members": b'{"seq":7,' + GOOD[1:].replace(b',"seq":7', b""),
    "a member twice": GOOD.replace(b'"seq":7', b'"seq":7,"seq":7'),
    "a member twice in the data": GOOD.replace(b'"approvals":[]', b'"approvals":[],"approvals":[]'),
    "an unknown member": GOOD.replace(b'"seq":7', b'"seq":7,"so":1'),
    "an unknown member in the data": GOOD.replace(b'"bundle"', b'"a":1,"bundle"'),
    "a missing member": GOOD.replace(b',"seq":7', b""),
    "a missing member in the data": GOOD.replace(b'"approvals":[],', b""),
    "seq as a float": GOOD.replace(b'"seq":7', b'"seq":7.0'),
    "seq as text": GOOD.replace(b'"seq":7', b'"seq":"7"'),
    "seq as a boolean": GOOD.replace(b'"seq":7', b'"seq":true'),
    "negative seq": GOOD.replace(b'"seq":7', b'"seq":-7'),
    "seq -0": GOOD.replace(b'"seq":7', b'"seq":-0'),
    "seq with a leading zero": GOOD.replace(b'"seq":7', b'"seq":07'),
    "seq with an exponent": GOOD.replace(b'"seq":7', b'"seq":7e0'),
    "seq 2^53": GOOD.replace(b'"seq":7', b'"seq":9007199254740992'),
    "seq NaN": GOOD.replace(b'"seq":7', b'"seq":NaN'),
    "prev null": GOOD.replace(b64(b"\x01" * 32).encode(), b"null").replace(b'"null"', b"null"),
    "prev with padding": GOOD.replace(b64(b"\x01" * 32).encode(), b64(b"\x01" * 32).encode() + b"="),
    "prev with bits left over": GOOD.replace(b64(b"\x01" * 32).encode(), b64(b"\x01" * 32).encode()[:-1] + b"F"),
    "prev in base64": GOOD.replace(b64(b"\x01" * 32).encode(), b"/" * 43),
    "prev of 31 bytes": GOOD.replace(b64(b"\x01" * 32).encode(), b64(b"\x01" * 31).encode()),
    "an unknown kind": GOOD.replace(b'"booth"', b'"booths"'),
    "a reserved kind": GOOD.replace(b'"booth"', b'"decision"'),
    "a kind in capitals": GOOD.replace(b'"booth"', b'"Booth"'),
    "a kind of another shape": GOOD.replace(b'"booth"', b'"resolution"'),
    "an escaped kind": GOOD.replace(b'"booth"', b'"\\u0062ooth"'),
    "a lone surrogate": GOOD.replace(b"b0b0", b"\\ud800"),
    "bytes that are not UTF-8": GOOD.replace(b"b0b0", b"\xff\xfe"),
    "hex in capitals": GOOD.replace(b"b0b0", b"B0B0"),
    "a hash with a newline": GOOD.replace(b'b0"', b'b0\\n"'),
    "time null": GOOD.replace(f'"{TIME}"'.encode(), b"null"),
    "no time": GOOD.replace(f',"time":"{TIME}"'.encode(), b""),
    "time without Z": GOOD.replace(b"00Z", b"00"),
    "time with an offset": GOOD.replace(b"00Z", b"00+00:00"),
    "time with a fraction": GOOD.replace(b"00Z", b"00.0Z"),
    "time with a space": GOOD.replace(b"05T08", b"05 08"),
    "the 30th of February": GOOD.replace(b"10-05", b"02-30"),
    "a leap second": GOOD.replace(b":00Z", b":60Z"),
    "the year 0": GOOD.replace(b"2026-", b"0000-"),
    "deep nesting": GOOD.replace(b"[]", b"[" * 40 + b"]" * 40),
    "very deep nesting": b"[" * 60_000,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_other_bytes_are_refused(name: str) -> None:
    assert MALFORMED[name] != GOOD
    with pytest.raises(EntryError):
        decode_entry(MALFORMED[name])


def test_the_entry_they_came_from_is_good() -> None:
    entry = decode_entry(GOOD)
    assert (entry.seq, entry.prev, entry.kind, entry.time, entry.data) == (7, b"\x01" * 32, "booth", TIME, BOOTH)
    assert entry.data_bytes == encode(BOOTH)


def test_every_kind_of_a_whole_log_reads_back() -> None:
    seen = set()
    for raw in whole().entries:
        entry = decode_entry(raw)
        seen.add(entry.kind)
        assert encode_entry(entry.seq, entry.prev, entry.kind, entry.time, entry.data) == raw
    assert seen == set(KINDS)


@pytest.mark.parametrize("kind", ["ballot", "token", "sealed"])
def test_a_time_is_refused_where_it_would_tell_who_voted(kind: str) -> None:
    """A63: an entry that could be matched with a moment carries none."""
    raw = next(raw for raw in whole().entries if decode_entry(raw).kind == kind)
    timed = raw[:-1] + f',"time":"{TIME}"'.encode() + b"}"
    with pytest.raises(EntryError, match=f"{kind}: expected no time"):
        decode_entry(timed)


def test_writing_is_as_strict_as_reading() -> None:
    with pytest.raises(EntryError, match="sealed: expected no time"):
        encode_entry(1, NO_ENTRY, "sealed", TIME, SealedData(poll=1, ballots=1))
    with pytest.raises(EntryError, match="booth: expected a time"):
        encode_entry(1, NO_ENTRY, "booth", None, BOOTH)
    with pytest.raises(EntryError, match="unknown kind"):
        encode_entry(1, NO_ENTRY, "poll.reopened", TIME, BOOTH)
    with pytest.raises(EntryError, match="sealed"):
        encode_entry(1, NO_ENTRY, "sealed", None, SealedData(poll=1, ballots=0))
    with pytest.raises(EntryError, match=r"issuer\.destroyed"):
        encode_entry(1, NO_ENTRY, "issuer.destroyed", TIME, BOOTH)
    with pytest.raises(EntryError, match="prev"):
        encode_entry(1, b"short", "issuer.destroyed", TIME, IssuerDestroyedData(context="x"))


def test_an_act_is_signed_without_its_approvals() -> None:
    raw = encode_unsigned(BOOTH)
    assert b"approvals" not in raw
    assert decode_unsigned("booth", raw) == BOOTH
    for kind, document, text in [
        ("booth", encode(BOOTH), "without approvals"),
        ("sealed", encode({"ballots": 1, "poll": 1}), "needs approvals"),
        ("nothing", raw, "needs approvals"),
        ("booth", raw + b" ", "canonical"),
        ("booth", b"[]", "Expected"),
        ("resolution", raw, "unknown field|missing"),
    ]:
        with pytest.raises(EntryError, match=text):
            decode_unsigned(kind, document)


@given(st.integers(0, 253_402_300_799))
def test_times_read_back(seconds: int) -> None:
    assert parse_time(format_time(seconds)) == seconds


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_with_an_entry_error(raw: bytes) -> None:
    with pytest.raises(EntryError):
        decode_entry(raw)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_one_byte_changed_is_refused_or_another_entry(at: int, byte: int) -> None:
    raw = GOOD[:at] + bytes([byte]) + GOOD[at + 1 :]
    try:
        entry = decode_entry(raw)
    except EntryError:
        return
    assert encode_entry(entry.seq, entry.prev, entry.kind, entry.time, entry.data) == raw


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


@given(JSON, st.sampled_from(sorted(KINDS)), JSON)
def test_any_json_in_the_place_of_data_is_refused(data: object, kind: str, seq: object) -> None:
    document = {"data": data, "kind": kind, "prev": b64(NO_ENTRY), "seq": seq}
    if KINDS[kind].timed:
        document["time"] = TIME
    with pytest.raises(EntryError):
        decode_entry(json.dumps(document, separators=(",", ":"), sort_keys=True).encode())
