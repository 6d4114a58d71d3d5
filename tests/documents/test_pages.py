"""Documents over HTTP: drafts for who has a role, results that stand for everybody, and no other file."""

from __future__ import annotations

import base64
import io
import json
import zipfile

import pypdfium2
import pytest

from audit.document import parse_document, verify_document_signature
from audit.ed25519 import ed25519_public_key
from election_service.console.roles import Role
from election_service.documents.listing import documents_of
from tests.console.desk import Desk
from tests.service.house import ELECTION, House
from tests.service.pages_reader import assert_inert, play_to_the_result, read

PUBLIC = f"/elections/{ELECTION}/documents"
PRIVATE = f"/committee/{ELECTION}/documents"


async def get(house: House, path: str) -> tuple[int, bytes, dict[str, str]]:
    assert house.http is not None
    answer = await house.http.get(path)
    return answer.status, await answer.read(), dict(answer.headers)


async def test_a_certified_result_has_its_documents_on_its_page(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await play_to_the_result(house)
    before = await read(house, f"/elections/{ELECTION}/results/1")
    assert not [link for link in before.attributes("href") if "/documents/" in link]
    assert (await get(house, f"{PUBLIC}/result-1.csv"))[0] == 404
    await house.conclude()
    page = await read(house, f"/elections/{ELECTION}/results/1")
    assert_inert(page)
    links = [link for link in page.attributes("href") if "/documents/" in link]
    assert links == [f"{PUBLIC}/{name.document}{suffix}" for name in documents_of(1) for suffix in ("", ".sig")]
    found = {link.rpartition("/")[2]: await get(house, link) for link in links}
    key = ed25519_public_key((await house.service.election(ELECTION)).log_key)
    for name, (status, content, headers) in found.items():
        assert status == 200, name
        assert headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["Cache-Control"] == "public, max-age=60"
        if name.endswith(".sig"):
            verify_document_signature(parse_document(content), f"localhost:8080/{ELECTION}", key)
    assert found["result-1.csv"][2]["Content-Type"] == "text/csv; charset=utf-8"
    assert found["protocol-1-ka.pdf"][2]["Content-Type"] == "application/pdf"
    assert zipfile.ZipFile(io.BytesIO(found["archive-1.zip"][1])).testzip() is None
    with pypdfium2.PdfDocument(found["protocol-1-en.pdf"][1]) as document:
        text = document[0].get_textpage().get_text_bounded()
    assert "Protocol of the election committee: result of poll 1" in text


@pytest.mark.parametrize(
    "name",
    ["result-2.csv", "result-1.xlsx", "%2e%2e%2fheads%2fhouse-2026.json", "protocol-1-fr.pdf", ".making-x", "%00"],
)
async def test_nothing_else_is_handed_out(open_sqlite_house: House, name: str) -> None:
    house = open_sqlite_house
    status, content, _ = await get(house, f"{PUBLIC}/{name}")
    assert status in (400, 404)
    assert b"root" not in content
    assert (await get(house, f"/elections/nowhere/documents/{name}"))[0] in (400, 404)


async def test_whoever_has_a_role_gets_drafts_and_nobody_else(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    observer = await Desk.open(house, "olga", Role.OBSERVER)
    empty = await observer.read(PRIVATE)
    assert "There are none yet" in empty.text
    await play_to_the_result(house)
    page = await observer.read(PRIVATE)
    assert "these are drafts" in page.text
    assert f"{PRIVATE}/protocol-1-ka-az.pdf" in page.attributes("href")
    answer = await observer.get(f"{PRIVATE}/protocol-1-en.pdf")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="protocol-1-en.pdf"'
    with pypdfium2.PdfDocument(await answer.read()) as document:
        for number in range(len(document)):
            assert "TEST" in document[number].get_textpage().get_text_bounded()  # a rehearsal before all
        assert "This document is a draft." in document[0].get_textpage().get_text_bounded()
    stranger = await Desk.open(house, "stranger")
    assert (await stranger.get(f"{PRIVATE}/protocol-1-en.pdf")).status == 404
    assert (await get(house, f"{PRIVATE}/protocol-1-en.pdf"))[0] == 200  # the page to sign in at
    assert (await Desk(house).get(f"{PRIVATE}/protocol-1-en.pdf")).status == 303
    assert (await get(house, f"{PUBLIC}/protocol-1-en.pdf"))[0] == 404


async def test_the_committee_s_archive_is_sent_from_its_file(open_sqlite_house: House) -> None:
    """In pieces, as a browser asks for them when a download was cut off; never held in memory as a whole."""
    house = open_sqlite_house
    await play_to_the_result(house)
    observer = await Desk.open(house, "olga", Role.OBSERVER)
    answer = await observer.get(f"{PRIVATE}/archive-1.zip")
    whole = await answer.read()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/zip")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="archive-1.zip"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert zipfile.ZipFile(io.BytesIO(whole)).testzip() is None
    piece = await observer.get(f"{PRIVATE}/archive-1.zip", {"Range": "bytes=4-19"})
    assert (piece.status, await piece.read()) == (206, whole[4:20])


async def test_programs_list_documents_and_fetch_drafts(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    observer = await Desk.open(house, "olga", Role.OBSERVER)
    assert house.http is not None
    listing = f"/api/elections/{ELECTION}/documents"
    assert await (await house.http.get(listing)).json() == {"polls": []}
    await play_to_the_result(house)
    size = await house.log_size()
    draft = {"poll": 1, "entries": size, "final": False, "files": []}
    assert await (await house.http.get(listing)).json() == {"polls": [draft]}
    path = f"/api/committee/elections/{ELECTION}/documents"
    assert (await house.http.get(f"{path}/result-1.json")).status == 401
    answer = await observer.get(f"{path}/result-1.json")
    assert answer.status == 200
    found = await answer.json()
    assert (found["name"], found["media"]) == ("result-1.json", "application/json")
    assert json.loads(base64.urlsafe_b64decode(found["content"] + "=="))["standing"] == "declared"
    assert (await observer.get(f"{path}/archive-1.zip")).status == 404
    assert (await observer.get(f"{path}/result-2.json")).status == 404
    await house.conclude()
    (poll,) = (await (await house.http.get(listing)).json())["polls"]
    assert poll["final"]
    assert {"archive-1.zip", "protocol-1-ka.pdf.sig"} <= set(poll["files"])
