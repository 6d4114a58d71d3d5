"""The service's side: documents are made from the log alone, kept, signed, and never handed out changed."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import update

from audit.cli import main
from audit.document import SUFFIX, parse_document, verify_document
from audit.source import FolderSource
from audit.verify import verify_log
from election_service import schema
from election_service.documents import desk
from election_service.documents.archive import Made
from election_service.documents.desk import FOLDER
from election_service.documents.errors import NoRecordError
from election_service.documents.names import DocumentName, ordinary, parse_name
from election_service.documents.process import make_apart
from election_service.errors import LogDamagedError, NotFoundError
from election_service.publication import export_log
from tests.service.house import ELECTION, House
from tests.service.pages_reader import play_to_the_result

TABLE = parse_name("result-1.csv")


async def read(house: House, name: str, *, draft: bool = False) -> bytes:
    return await house.service.document_desk.read(ELECTION, parse_name(name), draft=draft)


async def copy_of(house: House, folder: Path) -> Path:
    async with house.service.database.snapshot() as connection:
        await export_log(connection, ELECTION, folder)
    return folder


async def test_there_is_nothing_before_the_declaration(open_sqlite_house: House) -> None:
    with pytest.raises(NoRecordError, match="poll 1: no result is declared"):
        await read(open_sqlite_house, "result-1.csv", draft=True)


async def test_a_draft_is_for_the_committee_and_the_result_for_everybody(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await play_to_the_result(house)
    with pytest.raises(NoRecordError, match="poll 1: its result is not certified yet"):
        await read(house, "result-1.csv")
    draft = await read(house, "result-1.csv", draft=True)
    assert b",declared," in draft
    await house.conclude()
    final = await read(house, "result-1.csv")
    assert b",certified," in final
    assert b",declared," not in final


async def test_documents_stay_the_same_whatever_is_logged_later(open_house: House, tmp_path: Path) -> None:
    """On both databases: byte for byte, made again from nothing; the copy that they are compared with has grown."""
    house = open_house
    await play_to_the_result(house)
    await house.conclude()
    names = [name.document for name in ordinary(1)] + ["archive-1.zip", "protocol-1-ka-az.pdf"]
    await house.service.document_desk.prepare(ELECTION, 1, [parse_name(name) for name in names])
    first = {name: await read(house, name) for name in names}
    first |= {name + SUFFIX: await read(house, name + SUFFIX) for name in names}
    assert (await house.record("suspension")).state == "done"
    kept = house.service.state.root / FOLDER / ELECTION
    assert len(list(kept.iterdir())) == 1
    shutil.rmtree(kept)
    await house.service.document_desk.prepare(ELECTION, 1, [parse_name(name) for name in names])
    assert {name: await read(house, name) for name in first} == first
    with FolderSource(await copy_of(house, tmp_path / "copy")) as source:
        for name in names:
            found = verify_document(io.BytesIO(first[name]), first[name + SUFFIX], source, house.log_id)
            assert found.document.name == name
            assert found.entries == await house.log_size()
            assert found.document.size == found.entries - 1


async def test_the_archive_verifies_as_it_is_and_holds_every_document(
    open_sqlite_house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = open_sqlite_house
    await play_to_the_result(house)
    await house.conclude()
    archive = tmp_path / "archive-1.zip"
    archive.write_bytes(await read(house, "archive-1.zip"))
    assert await asyncio.to_thread(main, ["verify", str(archive), "--jobs", "1"]) == 0
    capsys.readouterr()
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
        assert names == sorted(names)
        opened.extractall(tmp_path / "unpacked")
    held = {name.document for name in ordinary(1)}
    assert {name for name in names if name.startswith("documents/")} == {
        f"documents/{name}{suffix}" for name in held for suffix in ("", SUFFIX)
    }
    assert {"README.txt", "keys.json", "log-key.pem", "log/checkpoint"} <= set(names)
    for name in held:
        file = tmp_path / "unpacked" / "documents" / name
        arguments = ["document", str(file), f"{file}{SUFFIX}", str(archive)]
        assert await asyncio.to_thread(main, arguments) == 0
    assert f"document: ok: the log signed this file as {name}" in capsys.readouterr().out


async def test_an_archive_takes_the_documents_that_are_kept(
    open_sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_sqlite_house
    await play_to_the_result(house)
    await house.conclude()
    drawn: list[list[str]] = []

    async def make_and_note(log: Path, poll: int, names: Sequence[DocumentName]) -> Made:
        drawn.append([name.document for name in names])
        return await make_apart(log, poll, names)

    monkeypatch.setattr(desk, "make_apart", make_and_note)
    csv = await read(house, "result-1.csv")
    (folder,) = (house.service.state.root / FOLDER / ELECTION).iterdir()
    (folder / f"protocol-1-ru.pdf{SUFFIX}").unlink()
    archive = await read(house, "archive-1.zip")
    assert sorted(drawn[0]) == sorted(name.document for name in ordinary(1))
    assert drawn[1:] == [["protocol-1-ru.pdf"]]
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.read("documents/result-1.csv") == csv
    (folder / "archive-1.zip.sig").unlink()
    (folder / "result-1.csv").write_bytes(csv.replace(b"head", b"tail"))
    with pytest.raises(LogDamagedError, match="not the file that was signed"):
        await read(house, "archive-1.zip")


async def test_older_drafts_go_and_what_a_dead_process_left(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await play_to_the_result(house)
    await read(house, "result-1.csv", draft=True)
    home = house.service.state.root / FOLDER / ELECTION
    (draft,) = home.iterdir()
    await house.conclude()
    folder = home / f"1-{await house.log_size()}"
    fresh, left = folder / ".making-fresh", folder / ".making-left"
    for place in (fresh, left):
        place.mkdir(parents=True)
    os.utime(left, (1, 1))
    await read(house, "result-1.csv")
    assert list(home.iterdir()) == [folder]
    assert not draft.exists()
    made = {name.document + suffix for name in ordinary(1) for suffix in ("", SUFFIX)}
    assert {file.name for file in folder.iterdir()} == {".making-fresh", *made}  # the log is verified once for all


async def test_twenty_who_ask_at_once_get_one_document(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await play_to_the_result(house)
    await house.conclude()
    found = await asyncio.gather(*(read(house, "result-1.json") for _ in range(20)))
    assert len(set(found)) == 1


async def test_a_file_that_was_changed_by_hand_is_not_handed_out(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await play_to_the_result(house)
    await house.conclude()
    good = await read(house, "result-1.csv")
    (kept,) = (house.service.state.root / FOLDER / ELECTION).iterdir()
    (kept / "result-1.csv").write_bytes(good.replace(b"head", b"tail"))
    for name in ("result-1.csv", "result-1.csv.sig"):
        with pytest.raises(LogDamagedError, match="not the file that was signed"):
            await read(house, name)
    await read(house, "result-1.json")  # another good signature of the same log
    for suffix in ("", SUFFIX):
        (kept / f"result-1.csv{suffix}").write_bytes((kept / f"result-1.json{suffix}").read_bytes())
    with pytest.raises(LogDamagedError, match="not the file that was signed"):
        await read(house, "result-1.csv")


async def test_tables_that_a_hand_changed_change_no_document(open_sqlite_house: House) -> None:
    """Titles, names of blocks, states of polls stand in tables; the protocol is made from the log."""
    house = open_sqlite_house
    await play_to_the_result(house)
    await house.conclude()
    before = await read(house, "protocol-1-en.pdf")
    (kept,) = (house.service.state.root / FOLDER / ELECTION).iterdir()
    shutil.rmtree(kept)
    async with house.service.database.transaction() as connection:
        await connection.execute(update(schema.elections).values(title="FORGED"))
        await connection.execute(update(schema.electorates).values(block="FORGED", size=1))
        await connection.execute(update(schema.polls).values(closes=1, opens=1))
    assert await read(house, "protocol-1-en.pdf") == before


async def test_nothing_is_signed_over_entries_that_were_changed(open_sqlite_house: House) -> None:
    """A58: the stored log is compared with what was signed before anything new is signed."""
    house = open_sqlite_house
    await play_to_the_result(house)
    await house.conclude()
    table = schema.log_entries
    async with house.service.database.transaction() as connection:
        await connection.execute(update(table).where(table.c.seq == 3).values(leaf=bytes(32)))
    with pytest.raises(LogDamagedError, match="do not have the root of the checkpoint"):
        await read(house, "result-1.csv")


async def test_entries_that_are_not_what_their_leaves_say_make_no_document(open_sqlite_house: House) -> None:
    house = open_sqlite_house
    await play_to_the_result(house)
    await house.conclude()
    table = schema.log_entries
    async with house.service.database.transaction() as connection:
        raw = (await connection.execute(table.select().where(table.c.seq == 2))).one().entry
        await connection.execute(
            update(table).where(table.c.seq == 2).values(entry=raw.replace(b'"act":"', b'"act":"A'))
        )
    with pytest.raises(LogDamagedError, match="documents: verify: failed"):
        await read(house, "result-1.csv")


async def test_a_document_is_signed_at_the_end_of_its_poll(open_sqlite_house: House, tmp_path: Path) -> None:
    house = open_sqlite_house
    await play_to_the_result(house)
    await house.conclude()
    size = await house.log_size()
    signed = parse_document(await read(house, "protocol-1-ru.pdf.sig"))
    assert (signed.size, signed.name) == (size, "protocol-1-ru.pdf")
    with FolderSource(await copy_of(house, tmp_path / "copy")) as source:
        assert verify_log(source, heads=[(signed.size, signed.root)]).ok


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "../../state/heads/house-2026.json", "result-1.csv/..", "result-0.csv", "result-01.csv"),
        *("result-1.CSV", "protocol-1.pdf", "protocol-1-de.pdf", "protocol-1-ka-ka.pdf", "protocol-1-ka-az-en.pdf"),
        *("archive-1.zip.sig.sig", "archive-99999.zip", "result-1.csv\n", "result-1.csv\x00.sig", "résult-1.csv"),
    ],
)
def test_no_other_name_is_a_document(name: str) -> None:
    with pytest.raises(NotFoundError, match="documents: none is called"):
        parse_name(name)


def test_names_go_round() -> None:
    for name in [*ordinary(7), DocumentName(7, "archive"), DocumentName(7, "protocol", ("ka", "az"), signature=True)]:
        assert parse_name(name.file) == name
