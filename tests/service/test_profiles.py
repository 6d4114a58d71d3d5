"""Profiles of candidates: read whole or not at all, every fault named; photos served by their hash."""

import os
import unicodedata
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from election_service import schema, schema_mail
from election_service.errors import NotFoundError, RollError
from election_service.photos import make_photo, photo_name, read_photo
from election_service.profiles import (
    MAX_STATEMENT,
    count_profiles,
    import_profiles,
    list_photos,
    read_profile_rows,
    read_profiles,
)
from election_service.roll import RollFaultsError
from tests.attacks.payloads import INJECTIONS, MARKUP, TWINS
from tests.service.house import ELECTION, House, code_of
from tests.service.test_photos import encoded, portrait

KNOWN = {"1": "c1", "2": "c2", "3": "c3"}
HEADER = "student_id,photo,statement_en,statement_ka,statement_az,statement_ru"


def listed(*lines: str, header: str = HEADER) -> bytes:
    return "\r\n".join([header, *lines]).encode()


def quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two photos and a page."""
    made = tmp_path / "photos"
    made.mkdir()
    (made / "ana.jpg").write_bytes(encoded(portrait()))
    (made / "gülay.png").write_bytes(encoded(portrait(100, 100), "PNG"))
    (made / "page.jpg").write_bytes(b"<html>")
    return made


def faults_of(raw: bytes, photos: Path | None = None) -> list[tuple[int, str, str]]:
    try:
        read_profile_rows(raw, list_photos(photos), KNOWN)
    except RollFaultsError as error:
        return [(fault.row, fault.field, fault.reason) for fault in error.faults]
    return []


# ---- reading ---------------------------------------------------------------------------------------------------------


def test_a_list_is_read_with_photos_and_statements(folder: Path) -> None:
    statement = '"For a library\r\nthat is open at night."'
    raw = listed(f"1,ana.jpg,{statement},ღია ბიბლიოთეკა,,", "2,,,,,Библиотека", "3,,,,,")
    first, second, third = read_profile_rows(raw, list_photos(folder), KNOWN)
    assert first.statements == {"en": "For a library\nthat is open at night.", "ka": "ღია ბიბლიოთეკა"}
    assert first.photo == make_photo((folder / "ana.jpg").read_bytes())
    assert (second.statements, second.photo, second.empty) == ({"ru": "Библиотека"}, None, False)
    assert third.empty


def test_every_fault_is_named_at_once(folder: Path) -> None:
    raw = listed(
        "1,ana.jpg,fine,,,",
        "77,ana.jpg,,,,",
        "2,nobody.jpg,turned \u202eround,,,",
        f"3,page.jpg,,{'a' * (MAX_STATEMENT + 1)},hid\u200bden,",
        "1,,twice,,,",
    )
    assert faults_of(raw, folder) == [
        (3, "student_id", "is no candidate"),
        (4, "photo", "no such file in the folder of photos"),
        (4, "statement_en", "text: bidi control character U+202E"),
        (5, "photo", "not a picture that can be read: UnidentifiedImageError"),
        (5, "statement_az", "text: invisible character U+200B"),
        (5, "statement_ka", f"text: expected at most {MAX_STATEMENT} letters, got {MAX_STATEMENT + 1}"),
        (6, "student_id", "the same student as in row 2"),
    ]


HEADERS = {
    "no student_id": ("photo,statement_en", "no column student_id"),
    "a column twice": ("student_id,photo,photo", "unknown or repeated: photo"),
    "an unknown language": ("student_id,statement_fr", "unknown or repeated: statement_fr"),
    "an unknown column": ("student_id,password", "unknown or repeated: password"),
}


@pytest.mark.parametrize("case", HEADERS)
def test_columns_that_are_not_understood_are_named(case: str) -> None:
    header, reason = HEADERS[case]
    with pytest.raises(RollError, match=reason):
        read_profile_rows(listed(header=header), {}, KNOWN)


def test_columns_may_be_missing_and_in_any_order() -> None:
    (row,) = read_profile_rows(listed("Hallo,1", header="Statement_EN, student_id"), {}, KNOWN)
    assert (row.student_id, row.statements, row.photo) == ("1", {"en": "Hallo"}, None)


@pytest.mark.parametrize("text", MARKUP)
def test_a81_a_statement_is_text_whatever_it_looks_like(text: str) -> None:
    (row,) = read_profile_rows(listed(f"1,,{quoted(text)},,,"), {}, KNOWN)
    assert row.statements == {"en": text}


@pytest.mark.parametrize("name", INJECTIONS)
def test_a85_a_name_reaches_no_file_outside_the_folder(folder: Path, name: str) -> None:
    secret = folder.parent / "secret.jpg"
    secret.write_bytes(encoded(portrait()))
    (folder / "link.jpg").symlink_to(secret)
    for tried in (name, f"{name}/ana.jpg", "../secret.jpg", str(secret), "./ana.jpg", "link.jpg"):
        with pytest.raises(RollError, match=r"no such file in the folder|expected text, got a binary"):
            read_profile_rows(listed(f"1,{quoted(tried)},,,,"), list_photos(folder), KNOWN)


def test_what_is_no_ordinary_file_is_not_opened(folder: Path) -> None:
    """A pipe would wait for ever."""
    os.mkfifo(folder / "pipe.jpg")
    (folder / "deeper").mkdir()
    assert set(list_photos(folder)) == {"ana.jpg", "gülay.png", "page.jpg"}
    assert list_photos(None) == {}


def test_a_file_name_is_found_however_a_computer_spells_it(folder: Path) -> None:
    for form in ("NFC", "NFD"):
        name = unicodedata.normalize(form, "gülay.png")
        assert faults_of(listed(f"1,{name},,,,"), folder) == []


@pytest.mark.parametrize(("one", "other"), [pair for pair in TWINS if "`" not in pair[0]])
def test_a89_two_files_whose_names_look_the_same_are_refused(folder: Path, one: str, other: str) -> None:
    for name in (one, other):
        (folder / f"{name}.jpg").write_bytes(encoded(portrait()))
    with pytest.raises(RollError, match="two files are called"):
        list_photos(folder)


# ---- in the database, over HTTP --------------------------------------------------------------------------------------


async def name_candidates(house: House) -> None:
    """The persons of contest `head` are students 1 and 2."""
    async with house.service.database.transaction() as connection:
        rows = [
            {"election": ELECTION, "student_id": key, "person": name} for key, name in (("1", "ana"), ("2", "beka"))
        ]
        await connection.execute(insert(schema.persons), rows)


async def stored(house: House, raw: bytes, photos: Path | None = None, *, while_open: bool = True) -> None:
    async with house.service.database.transaction() as connection:
        await import_profiles(connection, ELECTION, raw, list_photos(photos), while_open=while_open)


async def photos_in(house: House) -> int:
    async with house.service.database.snapshot() as connection:
        return int(await connection.scalar(select(func.count()).select_from(schema_mail.photos)) or 0)


async def test_a_list_changes_its_own_students_alone(open_house: House, folder: Path) -> None:
    house = open_house
    await name_candidates(house)
    await stored(house, listed("1,ana.jpg,first,,,", "2,ana.jpg,other,,,"), folder)
    assert await photos_in(house) == 1
    await stored(house, listed("1,gülay.png,second,,,"), folder)
    async with house.service.database.snapshot() as connection:
        profiles = await read_profiles(connection, ELECTION, ["1", "2", "3"])
        counts = await count_profiles(connection, ELECTION)
    assert {student: item.statements["en"] for student, item in profiles.items()} == {"1": "second", "2": "other"}
    assert await photos_in(house) == 2
    assert (counts.candidates, counts.have["photo"], counts.have["statement_ka"]) == (2, 2, 0)
    await stored(house, listed("1,,,,,"), folder)
    async with house.service.database.snapshot() as connection:
        assert set(await read_profiles(connection, ELECTION, ["1", "2"])) == {"2"}
    assert await photos_in(house) == 1


async def test_with_one_fault_nothing_is_imported(open_house: House, folder: Path) -> None:
    house = open_house
    await name_candidates(house)
    with pytest.raises(RollFaultsError, match="1 faults, nothing imported; row 3: no such file"):
        await stored(house, listed("1,ana.jpg,first,,,", "2,lost.jpg,other,,,"), folder)
    assert await photos_in(house) == 0


async def test_while_a_poll_is_open_profiles_change_only_where_that_is_said(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await name_candidates(house)
    with pytest.raises(RollError, match="poll 1 is open"):
        await stored(house, listed("1,,late,,,"), while_open=False)
    await house.change_poll("poll.paused")
    with pytest.raises(RollError, match="poll 1 is open"):
        await stored(house, listed("1,,late,,,"), while_open=False)
    await stored(house, listed("1,,late,,,"))


async def test_a_photo_is_served_by_its_hash_for_ever(open_house: House, folder: Path) -> None:
    house = open_house
    await name_candidates(house)
    await stored(house, listed("1,ana.jpg,,,,"), folder)
    made = make_photo((folder / "ana.jpg").read_bytes())
    assert house.http is not None
    answer = await house.http.get(f"/photos/{ELECTION}/{photo_name(made)}.jpg")
    assert (answer.status, await answer.read()) == (200, made)
    assert answer.content_type == "image/jpeg"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "Set-Cookie" not in answer.headers


async def test_no_other_address_has_a_photo(open_sqlite_house: House, folder: Path) -> None:
    house = open_sqlite_house
    await name_candidates(house)
    await stored(house, listed("1,ana.jpg,,,,"), folder)
    name = photo_name(make_photo((folder / "ana.jpg").read_bytes()))
    assert house.http is not None
    for path in (name, f"{name}.png", f"{name.upper()}.jpg", f"{'0' * 64}.jpg", ".jpg", f"{name}.jpg.jpg"):
        answer = await house.http.get(f"/photos/{ELECTION}/{path}")
        assert (answer.status, await code_of(answer)) == (404, "not-found")
        assert answer.headers["Cache-Control"] == "no-store"
    answer = await house.http.get(f"/photos/nobody/{name}.jpg")
    assert (answer.status, await code_of(answer)) == (404, "unknown-election")


async def test_a_photo_belongs_to_its_election(open_sqlite_house: House, folder: Path) -> None:
    house = open_sqlite_house
    await name_candidates(house)
    await stored(house, listed("1,ana.jpg,,,,"), folder)
    name = photo_name(make_photo((folder / "ana.jpg").read_bytes()))
    async with house.service.database.snapshot() as connection:
        with pytest.raises(NotFoundError, match="no such file"):
            await read_photo(connection, "another", f"{name}.jpg")
