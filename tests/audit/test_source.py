"""Copies of a log from a folder, a ZIP file and a server: the same report; and what hostile copies try."""

import gzip
import http.server
import os
import struct
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from audit.checkpoint import make_checkpoint
from audit.errors import AuditError, MissingError, SourceError, TileError
from audit.merkle import leaf_hash
from audit.source import MAX_BLOB, FolderSource, MemorySource, UrlSource, ZipSource, open_log
from audit.tiles import TileName, bundle_names, log_files
from audit.verify import verify_log
from tests.audit.notes import ORIGIN, ROOT, SECRET
from tests.simulated.logbook import write_folder
from tests.simulated.published import Files, whole

Answers = dict[str, tuple[int, dict[str, str], bytes]]


@pytest.fixture(scope="module")
def files() -> Files:
    return whole().files()


@pytest.fixture(scope="module")
def folder(files: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(files, tmp_path_factory.mktemp("log"))


def make_zip(file: Path, files: Files, prefix: str = "") -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(prefix + path, content)
    return file


@contextmanager
def server(answers: Answers) -> Iterator[str]:
    """A server on a free port: path → (status, headers, body); 404 for the rest."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answers.get(self.path, (404, {}, b"not here"))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}/log/sim-2026"
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def test_folder_zip_and_server_give_the_same_report(files: Files, folder: Path, tmp_path: Path) -> None:
    expected = verify_log(MemorySource(files)).to_json()
    assert expected["ok"]
    answers: Answers = {f"/log/sim-2026/{path}": (200, {}, content) for path, content in files.items()}
    with server(answers) as url:
        places = [str(folder), str(make_zip(tmp_path / "a.zip", files)), url, url + "/"]
        places.append(str(make_zip(tmp_path / "b.zip", files, "published/log/")))
        for place in places:
            with open_log(place) as source:
                assert verify_log(source).to_json() == expected


def test_a_server_may_compress(files: Files) -> None:
    answers = {
        f"/log/sim-2026/{path}": (200, {"Content-Encoding": "gzip"}, gzip.compress(content))
        for path, content in files.items()
    }
    with server(answers) as url, open_log(url) as source:
        assert verify_log(source).ok


def test_a_grown_log_may_have_dropped_its_partial_bundles() -> None:
    entries = [b"entry %d" % number for number in range(300)]
    grown = dict(log_files(entries)) | {"checkpoint": make_checkpoint(ORIGIN, 300, ROOT, SECRET)}
    assert list(MemorySource(grown).entries(40)) == entries[:40]
    assert list(MemorySource(grown).entries(270)) == entries[:270]
    assert list(MemorySource(grown).entries(300)) == entries
    leaves = [leaf_hash(entry) for entry in entries]
    for name in (TileName(0, 0, 40), TileName(0, 1, 10), TileName(0, 1, 44), TileName(0, 0)):
        first = 256 * name.index
        assert MemorySource(grown).tile(name) == b"".join(leaves[first : first + name.width])
    assert MemorySource(grown).tile(TileName(0, 1)) is None
    with pytest.raises(MissingError, match=r"tile/entries/001\.p/45: missing"):
        list(MemorySource(grown).entries(301))


def test_what_is_no_copy_of_a_log_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("not a ZIP")
    (tmp_path / "cut.zip").write_bytes(b"PK\x05\x06" + bytes(10))
    (tmp_path / "empty.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    for place, text in [
        (str(tmp_path / "nothing"), "no such folder or file"),
        (str(tmp_path), "no checkpoint there"),
        (str(tmp_path / "text.zip"), "no folder and no ZIP file"),
        (str(tmp_path / "cut.zip"), "no folder and no ZIP file"),
        (str(tmp_path / "empty.zip"), "no checkpoint there"),
        ("ftp://vote.example/log", "http:// or https://"),
        ("file:///etc/passwd", "http:// or https://"),
        ("https://", "http:// or https://"),
    ]:
        with pytest.raises(SourceError, match=text), open_log(place) as source:
            source.checkpoint()


def test_trouble_with_a_server_is_no_verdict_on_the_log(files: Files) -> None:
    broken = (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b broken")
    for answer, text in [
        ((500, {}, b""), "the server answered 500"),
        ((403, {}, b""), "the server answered 403"),
        (broken, "."),
        ((200, {"Content-Encoding": "br"}, b""), "expected no encoding but gzip"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "."),
    ]:
        with server({"/log/sim-2026/checkpoint": answer}) as url, pytest.raises(SourceError, match=text):
            UrlSource(url, timeout=5).checkpoint()
    with pytest.raises(SourceError, match="refused"):
        UrlSource(url, timeout=5).checkpoint()
    answers: Answers = {f"/log/sim-2026/{path}": (200, {}, content) for path, content in files.items()}
    answers[f"/log/sim-2026/{next(bundle_names(len(whole().entries))).path}"] = (503, {}, b"")
    with server(answers) as url, pytest.raises(SourceError, match="503"):
        verify_log(UrlSource(url, timeout=5))


def test_no_bomb_unpacks_in_memory(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("checkpoint", "w") as file:
        for _ in range(8):
            file.write(bytes(1 << 20))
    with ZipSource(bomb) as source, pytest.raises(AuditError, match="expected at most 1048576 bytes"):
        source.checkpoint()
    packed = gzip.compress(bytes(8 << 20))
    answers = {"/log/sim-2026/checkpoint": (200, {"Content-Encoding": "gzip"}, packed)}
    with server(answers) as url, pytest.raises(AuditError, match="expected at most 1048576 bytes"):
        UrlSource(url).checkpoint()


def test_a_zip_that_claims_a_huge_directory_is_not_opened(tmp_path: Path) -> None:
    file = tmp_path / "huge.zip"
    file.write_bytes(b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0))
    with pytest.raises(SourceError, match="too many files"):
        ZipSource(file)


def test_a_zip_with_two_files_of_one_name_is_refused(files: Files, tmp_path: Path) -> None:
    file = make_zip(tmp_path / "twice.zip", files)
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("checkpoint", b"another")
    with pytest.raises(SourceError, match="two files of one name"):
        ZipSource(file)


def test_a_damaged_zip_is_said_plainly(files: Files, tmp_path: Path) -> None:
    file = make_zip(tmp_path / "damaged.zip", files)
    raw = bytearray(file.read_bytes())
    raw[60] ^= 0xFF  # inside the first file, the checkpoint
    file.write_bytes(raw)
    with ZipSource(file) as source, pytest.raises(SourceError, match="checkpoint"):
        source.checkpoint()


def test_a_zip_cannot_lead_outside(tmp_path: Path, files: Files) -> None:
    """Names like ../x are never asked for; nothing is ever written."""
    secret = tmp_path / "secret"
    secret.write_text("outside")
    file = make_zip(tmp_path / "copy.zip", files | {"../secret": b"inside", "/etc/passwd": b"x"})
    before = sorted(tmp_path.rglob("*"))
    with ZipSource(file) as source:
        assert verify_log(source).ok
    assert sorted(tmp_path.rglob("*")) == before
    assert secret.read_text() == "outside"


def test_a_pipe_in_a_folder_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "checkpoint")
    with pytest.raises(SourceError, match="no checkpoint there"):
        FolderSource(tmp_path).checkpoint()


def test_an_unreadable_file_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").mkdir()
    with pytest.raises(SourceError, match="no checkpoint there"):
        FolderSource(tmp_path).checkpoint()
    with pytest.raises(SourceError, match="File name too long"):
        FolderSource(tmp_path).read("x" * 300, 10)


def test_a_blob_is_what_its_name_says(files: Files) -> None:
    name = next(path for path in files if path.startswith("blobs/"))
    source = MemorySource(files)
    assert source.blob(name.removeprefix("blobs/")) == files[name]
    with pytest.raises(AuditError, match="wrong content"):
        MemorySource({name: files[name] + b"x"}).blob(name.removeprefix("blobs/"))
    with pytest.raises(MissingError, match="missing from this copy"):
        source.blob("0" * 64)
    for bad in ("", "../checkpoint", "0" * 63, "A" * 64, "0" * 64 + "\n"):
        with pytest.raises(AuditError, match="expected a SHA-256"):
            source.blob(bad)
    assert MAX_BLOB >= 32 * 1_000_000


def test_cut_bundles_and_lying_tiles_are_found(files: Files) -> None:
    bundle = next(path for path in files if path.startswith("tile/entries/"))
    with pytest.raises(TileError, match="bundle"):
        list(MemorySource(files | {bundle: files[bundle][:-1]}).entries(len(whole().entries)))
    tile = next(path for path in files if path.startswith("tile/0/"))
    assert TileName.from_path(tile).level == 0
    lying = files | {tile: bytes(len(files[tile]))}
    (failure,) = verify_log(MemorySource(lying)).failures
    assert str(failure) == f"{tile}: not the hashes of the entries"
    bare = {path: raw for path, raw in files.items() if not path.startswith(("tile/0", "tile/1"))}
    report = verify_log(MemorySource(bare))
    assert report.ok
    assert any("no hash tiles" in note for note in report.notes)
