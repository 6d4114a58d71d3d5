"""What is delivered to browsers: reproducible, from one origin, of a known size, and built from checked sources."""

import gzip
import json
import os
import re
import shutil
import subprocess
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256, sha384
from pathlib import Path
from typing import Any

import pytest

import hatch_build
from election_service.pages.assets import Assets
from keys.canonical import b64
from tests.booth.harness import BOOTH, node
from tests.scale import scaled

DIST = BOOTH / "dist"
PAGE_BUDGET = 60_000  # bytes over the wire, DESIGN §8
SCRIPT_BUDGET = 20_480  # bytes, gzip -9
COMPLAINT_BUDGET = 9_600


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    hatch_build.build_booth(BOOTH)
    found: dict[str, Any] = json.loads((DIST / "manifest.json").read_text())
    return found


def name_of(name: str, extension: str, content: bytes) -> str:
    """A file's name, with 24 bytes of its SHA-256 in base64url."""
    return f"{name}.{b64(sha256(content).digest()[:24])}.{extension}"


def test_two_builds_are_the_same_bytes(manifest: dict[str, Any], tmp_path: Path) -> None:
    """A83: anybody can rebuild what the log names."""
    built = []
    for name in ("one", "two"):
        target = tmp_path / name
        subprocess.run([node(), "build.mjs", str(target)], cwd=BOOTH, check=True)
        built.append({file.name: file.read_bytes() for file in target.iterdir()})
    assert built[0] == built[1]
    assert built[0][manifest["js"]] == (DIST / manifest["js"]).read_bytes()


@pytest.mark.parametrize(
    ("page", "script", "integrity", "hashed", "texts"),
    [
        ("booth", "js", "js_sri", "bundle_sha256", "texts"),
        ("complaint", "complaint_js", "complaint_js_sri", "complaint_js_sha256", "texts"),
        ("check", "check_js", "check_js_sri", "check_js_sha256", "check_texts"),
    ],
)
def test_the_manifest_names_what_is_there(
    manifest: dict[str, Any], page: str, script: str, integrity: str, hashed: str, texts: str
) -> None:
    """A83: names hold hashes, and the hash of a script covers every word that it shows."""
    js = (DIST / manifest[script]).read_bytes()
    assert manifest[hashed] == sha256(js).hexdigest()
    assert manifest[integrity] == f"sha384-{b64encode(sha384(js).digest()).decode()}"
    assert manifest[script] == name_of(page, "js", js)
    assert set(manifest[texts]) == {"en", "ka", "az", "ru"}
    for name in manifest[texts].values():
        assert name == name_of("texts-check" if page == "check" else "texts", "json", (DIST / name).read_bytes())
        assert name in js.decode()
    css = (DIST / manifest["css"]).read_bytes()
    assert manifest["css"] == name_of("booth", "css", css)


def test_the_server_fills_the_booths_page_from_the_manifest(manifest: dict[str, Any]) -> None:
    placeholders = set(re.findall(r"\{\{ (\w+) \}\}", (DIST / "booth.html").read_text()))
    assert {"js", "css", "js_sri", "bundle_sha256"} <= placeholders <= {"election", *manifest}


def test_the_first_page_fits_its_budget(manifest: dict[str, Any]) -> None:
    """With its longest texts and without a cache."""
    texts = max(manifest["texts"].values(), key=lambda name: len(gzip.compress((DIST / name).read_bytes(), 9)))
    names = (manifest["js"], manifest["css"], "booth.html", texts)
    assert sum(len(gzip.compress((DIST / name).read_bytes(), 9)) for name in names) < PAGE_BUDGET


@pytest.mark.parametrize(("script", "budget"), [("js", SCRIPT_BUDGET), ("complaint_js", COMPLAINT_BUDGET)])
def test_the_programs_fit_their_budgets(manifest: dict[str, Any], script: str, budget: int) -> None:
    """docs/adr/0008-size-of-the-booth.md."""
    program = (DIST / manifest[script]).read_bytes()
    result = subprocess.run(["gzip", "-9", "-n"], input=program, capture_output=True, check=True)
    assert len(result.stdout) <= budget


def test_the_booth_names_the_program_of_complaints(manifest: dict[str, Any]) -> None:
    """A83: what the log names covers it, too."""
    assert (DIST / manifest["js"]).read_text().endswith(f";// {manifest['complaint_js']}")


def names_in_documents() -> set[str]:
    """Members of everything that the booth reads or writes: in its shapes, and in what it encodes."""
    found: set[str] = set()
    others = {"committee", "trustee"}  # programs whose members keep their names
    for file in (BOOTH / "src").rglob("*.ts"):
        if others & set(file.relative_to(BOOTH / "src").parts):
            continue
        text = file.read_text()
        for start in re.finditer(r"(?:\b(?:object|answer|encode)\(|(?:Shape|members|step) = )\{", text):
            end, depth = start.end(), 1
            while depth:
                depth += {"{": 1, "}": -1}.get(text[end], 0)
                end += 1
            found |= set(re.findall(r"[{,]\s*([A-Za-z_]\w*)\s*(?=[:,}])", text[start.end() - 1 : end]))
    return found


def test_no_name_that_others_read_is_shortened() -> None:
    """build.mjs, MEMBERS: neither in documents and answers nor as a place in a text."""
    listed = re.search(r"MEMBERS = \[(.*?)\]", (BOOTH / "build.mjs").read_text(), re.DOTALL)
    assert listed
    short = set(re.findall(r'"(\w+)"', listed[1]))
    outside = names_in_documents()
    assert {"act", "approvals", "joint_key", "tracker", "blind_signature", "seq"} <= outside
    assert short & outside == set()
    for file in BOOTH.glob("texts/*.json"):
        assert short & set(re.findall(r"\{(\w+)\}", file.read_text())) == set()


def test_every_sentence_has_its_number(manifest: dict[str, Any]) -> None:
    """src/page/keys.ts: whatever the program says by number is in every language; nothing is lost by the build."""
    keys = re.sub(r"//.*", "", (BOOTH / "src/page/keys.ts").read_text()).partition("{")[2]
    names = re.findall(r"[A-Za-z]+", keys)
    assert len(names) == len(set(names))
    for language, built in manifest["texts"].items():
        source = json.loads((BOOTH / "texts" / f"{language}.json").read_text())
        number = {name: str(i) for i, name in enumerate(names, 1)}
        assert set(names) <= set(source)
        expected = {number.get(name, name): text for name, text in source.items()}
        assert json.loads((DIST / built).read_text()) == expected


def test_nothing_comes_from_another_origin(manifest: dict[str, Any]) -> None:
    """A82: no address of anybody else in what is delivered; the name of SVG is an address that nobody asks."""
    programs = [manifest[name] for name in ("js", "complaint_js", "check_js")]
    for name in (*programs, manifest["css"], "booth.html", "complaint.html", "check.html"):
        assert (
            re.findall(
                rb"https?://[^\s\"'`]+|//[a-z0-9.-]+\.[a-z]{2,}/",
                (DIST / name).read_bytes().replace(b"http://www.w3.org/2000/svg", b""),
            )
            == []
        )


@pytest.mark.parametrize(
    "banned",
    [
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write",  # A81
        r"Math\.random",  # A18
        r"localStorage|sessionStorage|indexedDB|document\.cookie",  # A70
        r"\beval\(|new Function|setTimeout\(\s*[\"'`]",
        r"console\.",
    ],
)
def test_the_bundle_has_none_of(manifest: dict[str, Any], banned: str) -> None:
    for script in ("js", "complaint_js"):
        assert re.findall(banned, (DIST / manifest[script]).read_text()) == []


def test_a_ballot_has_no_time() -> None:
    """A63: only the countdown looks at a clock; nothing that makes or sends a ballot can."""
    with_clock = {
        file.relative_to(BOOTH / "src").as_posix()
        for file in (BOOTH / "src").rglob("*.ts")
        if re.search(r"\bDate\b|performance\.", file.read_text())
    }
    trustees = {name for name in with_clock if name.startswith("trustee/")}  # they make no ballots, and wait for times
    assert with_clock - trustees <= {"page/when.ts", "check/when.ts"}


def test_the_page_has_no_inline_script_or_style() -> None:
    """UX.md: the policy allows neither."""
    for name in hatch_build.PAGES:
        page = (DIST / name).read_text()
        assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=", page) == []
    sources = "".join(file.read_text() for file in (BOOTH / "src").rglob("*.ts"))
    assert re.findall(r"\bstyle:|\.style\b|\"style\"", sources) == []


@pytest.mark.parametrize("script", ["js", "complaint_js"])
def test_the_seed_leaves_the_address_bar_first(manifest: dict[str, Any], script: str) -> None:
    """A70: before anything else of the bundle runs, the curve's tables included."""
    bundle = (DIST / manifest[script]).read_text()
    before = bundle[: bundle.index('history.replaceState(null,"",location.pathname)')]
    assert before.endswith("location.hash;")
    assert len(before) < 600, "only the compiler's helpers may stand before it"
    assert re.findall(r"document|fetch|crypto|navigator|BigInt|\bnew\b", before) == []


def test_the_lockfile_names_no_registry_and_pins_every_package() -> None:
    """A102: hashes instead of hosts; nothing runs at install."""
    lock = json.loads((BOOTH / "package-lock.json").read_text())
    assert "resolved" not in json.dumps(lock)
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    delivered = {name for name, package in packages.items() if not package.get("dev")}
    assert delivered == set(), "no code of others is in the booth"


def test_the_sources_type_check() -> None:
    result = subprocess.run(
        [node(), "node_modules/typescript/bin/tsc", "--noEmit"], cwd=BOOTH, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout


def test_the_booths_own_tests() -> None:
    """`node --test`: the second implementation of RFC 9474 as an oracle, and what needs no Python."""
    files = sorted(str(file) for file in (BOOTH / "test").glob("*.test.mjs"))
    result = subprocess.run(
        [node(), "--test", *files], cwd=BOOTH, capture_output=True, text=True, check=False, timeout=300
    )
    assert result.returncode == 0, result.stdout
    assert re.search(r"# pass [1-9]", result.stdout)


@pytest.mark.slow
def test_thousands_of_paths_of_taps_and_answers() -> None:
    """A49: no path opens a ballot and casts it (ballot/booth/test/cast_or_audit.test.mjs)."""
    command = [node(), "--test", "--test-name-pattern", "A49", str(BOOTH / "test" / "cast_or_audit.test.mjs")]
    environment = {"PATHS": str(scaled(10_000, 1000)), **os.environ}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=900)
    assert result.returncode == 0, result.stdout
    assert "# pass 1" in result.stdout


def test_a_current_bundle_is_not_built_again_and_a_stale_one_is(tmp_path: Path) -> None:
    copy = tmp_path / "booth"
    (copy / "src").mkdir(parents=True)
    (copy / "dist").mkdir()
    for name in hatch_build.SINGLE_INPUTS:
        (copy / name).write_text(name)
    (copy / "src" / "a.ts").write_text("a")
    assert not hatch_build.is_current(copy)
    for name, text in {
        "x.js": "",
        "x.css": "",
        "booth.html": "",
        "check.html": "",
        "trustee.html": "",
        "complaint.html": "",
        "manifest.json": '{"js":"x.js","css":"x.css"}',
    }.items():
        (copy / "dist" / name).write_text(text)
    (copy / "dist" / hatch_build.STAMP).write_text(hatch_build.inputs_hash(copy))
    assert hatch_build.is_current(copy)
    assert hatch_build.build_booth(copy) is False
    (copy / "src" / "a.ts").write_text("b")
    assert not hatch_build.is_current(copy)
    (copy / "src" / "a.ts").write_text("a")
    (copy / "dist" / "x.css").unlink()
    assert not hatch_build.is_current(copy)


def test_dist_is_whole_at_every_moment_of_a_build(tmp_path: Path) -> None:
    """A service that starts while the bundle is built finds the old one or the new one, all of it."""
    copy = tmp_path / "booth"
    ignored = shutil.ignore_patterns("node_modules", "dist", ".dist-*", "dist.*")
    shutil.copytree(BOOTH, copy, ignore=ignored)
    (copy / "node_modules").symlink_to(BOOTH / "node_modules")
    assert hatch_build.build_booth(copy)
    found = [Assets(copy / "dist").manifest]
    with (copy / "booth.css").open("a") as style, (copy / "src" / "page" / "main.ts").open("a") as script:
        style.write("\n.other { color: red }\n")
        script.write('\nself.name = "other";\n')
    with ThreadPoolExecutor(1) as pool:
        built = pool.submit(hatch_build.build_booth, copy)
        while not built.done():
            assert (copy / "dist" / hatch_build.STAMP).is_file()
            found.append(Assets(copy / "dist").manifest)
            time.sleep(0.005)
    assert built.result()
    found.append(Assets(copy / "dist").manifest)
    assert None not in found
    assert len({one and one.js for one in found}) == 2
    assert not list(copy.glob(".dist-*"))
    assert hatch_build.is_current(copy)


@pytest.mark.parametrize("can_swap", [True, False])
def test_a_new_bundle_takes_the_place_of_an_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_swap: bool
) -> None:
    if not can_swap:
        monkeypatch.setattr(hatch_build, "exchange", lambda one, other: False)
    for content in ("old", "new"):
        fresh = tmp_path / "fresh" / "dist"
        shutil.rmtree(fresh.parent, ignore_errors=True)
        fresh.mkdir(parents=True)
        (fresh / content).write_text(content)
        hatch_build.put_in_place(fresh, tmp_path / "dist")
    assert [file.name for file in (tmp_path / "dist").iterdir()] == ["new"]


def test_a_build_that_fails_says_which_command_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(hatch_build.BoothBuildError, match=r"missing source: .*package\.json"):
        hatch_build.build_booth(tmp_path)
    with pytest.raises(hatch_build.BoothBuildError, match=r"exit 3 failed with status 3\noops\nhint: do this"):
        hatch_build.run(["sh", "-c", "echo oops; exit 3"], tmp_path, "do this")
