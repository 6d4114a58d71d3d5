"""What is fetched travels compressed where the client accepts it; answers to what is sent never do."""

from __future__ import annotations

import gzip

import pytest

from tests.service.house import ELECTION, House

PATHS = (f"/elections/{ELECTION}", f"/elections/{ELECTION}/verify", "/api/openapi.json")


async def _raw(house: House, path: str, accepted: str | None) -> tuple[bytes, str | None, str]:
    assert house.http is not None
    headers = {} if accepted is None else {"Accept-Encoding": accepted}
    skip = {"Accept-Encoding"} if accepted is None else set()
    async with house.http.get(path, headers=headers, skip_auto_headers=skip) as answer:
        coding = answer.headers.get("Content-Encoding")
        return await answer.content.read(), coding, answer.headers.get("Vary", "")


@pytest.mark.parametrize("path", PATHS)
async def test_text_is_compressed_for_whoever_accepts_it(open_sqlite_house: House, path: str) -> None:
    plain, coding, varying = await _raw(open_sqlite_house, path, "identity")
    assert (coding, "Accept-Encoding" in varying) == (None, True)
    for accepted in ("gzip", "br, gzip;q=0.5", "GZIP", "*"):
        packed, coding, varying = await _raw(open_sqlite_house, path, accepted)
        assert coding == "gzip", accepted
        assert "Accept-Encoding" in varying
        unpacked = packed if packed[:2] != b"\x1f\x8b" else gzip.decompress(packed)
        assert len(unpacked) == len(plain)
    for refused in (None, "gzip;q=0", "br"):
        _, coding, _ = await _raw(open_sqlite_house, path, refused)
        assert coding is None, refused


async def test_answers_to_what_is_sent_are_never_compressed(open_sqlite_house: House) -> None:
    """Lengths of compressed answers could tell what stands in them."""
    house = open_sqlite_house
    assert house.http is not None
    form = {"address": "nobody@example.edu"}
    headers = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}
    async with house.http.post(f"/elections/{ELECTION}/link", data=form, headers=headers) as answer:
        assert answer.status == 200
        assert "Content-Encoding" not in answer.headers
        assert len(await answer.read()) > 1024
