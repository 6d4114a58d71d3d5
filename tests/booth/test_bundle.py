"""What is delivered to browsers: reproducible, from one origin, of a known size, and built from checked sources."""

import gzip
import json
import re
import subprocess
from base64 import b64encode
from hashlib import sha256, sha384
from pathlib import Path

import pytest

import hatch_build
from tests.booth.harness import BOOTH, node

DIST = BOOTH / "dist"
PAGE_BUDGET = 60_000  # bytes over the wire, DESIGN §8


@pytest.fixture(scope="module")
def manifest() -> dict[str, str]:
    hatch_build.build_booth(BOOTH)
    found: dict[str, str] = json.loads((DIST / "manifest.json").read_text())
    return found


def test_two_builds_are_the_same_bytes(manifest: dict[str, str], tmp_path: Path) -> None:
    """A83: anybody can rebuild what the log names."""
    built = []
    for name in ("one", "two"):
        target = tmp_path / name
        subprocess.run([node(), "build.mjs", str(target)], cwd=BOOTH, check=True)
        built.append({file.name: file.read_bytes() for file in target.iterdir()})
    assert built[0] == built[1]
    assert built[0][manifest["js"]] == (DIST / manifest["js"]).read_bytes()


def test_the_manifest_names_what_is_there(manifest: dict[str, str]) -> None:
    js, css = (DIST / manifest["js"]).read_bytes(), (DIST / manifest["css"]).read_bytes()
    assert manifest["bundle_sha256"] == sha256(js).hexdigest()
    assert manifest["js_sri"] == f"sha384-{b64encode(sha384(js).digest()).decode()}"
    assert manifest["js"] == f"booth.{sha256(js).hexdigest()[:16]}.js"
    assert manifest["css"] == f"booth.{sha256(css).hexdigest()[:16]}.css"
    template = (DIST / "booth.html").read_text()
    placeholders = set(re.findall(r"\{\{ (\w+) \}\}", template))
    assert placeholders <= set(manifest), "the server fills the template from the manifest"


def test_the_first_page_fits_its_budget(manifest: dict[str, str]) -> None:
    sizes = [
        len(gzip.compress((DIST / name).read_bytes(), 9)) for name in (manifest["js"], manifest["css"], "booth.html")
    ]
    assert sum(sizes) < PAGE_BUDGET


def test_nothing_comes_from_another_origin(manifest: dict[str, str]) -> None:
    """A82: no address of anybody else in what is delivered."""
    for name in (manifest["js"], manifest["css"], "booth.html"):
        assert re.findall(rb"https?://[^\s\"']+|//[a-z0-9.-]+\.[a-z]{2,}/", (DIST / name).read_bytes()) == []


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
def test_the_bundle_has_none_of(manifest: dict[str, str], banned: str) -> None:
    assert re.findall(banned, (DIST / manifest["js"]).read_text()) == []


def test_a_ballot_has_no_time() -> None:
    """A63: only the countdown looks at a clock; nothing that makes or sends a ballot can."""
    with_clock = {
        file.relative_to(BOOTH / "src").as_posix()
        for file in (BOOTH / "src").rglob("*.ts")
        if re.search(r"\bDate\b|performance\.", file.read_text())
    }
    assert with_clock <= {"page/when.ts", "check/when.ts"}


def test_the_page_has_no_inline_script_or_style() -> None:
    """UX.md: the policy allows neither."""
    page = (BOOTH / "booth.html").read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=", page) == []
    sources = "".join(file.read_text() for file in (BOOTH / "src").rglob("*.ts"))
    assert re.findall(r"\bstyle:|\.style\b|\"style\"", sources) == []


def test_the_seed_leaves_the_address_bar_first(manifest: dict[str, str]) -> None:
    """A70: before anything else of the bundle runs, the curve's tables included."""
    bundle = (DIST / manifest["js"]).read_text()
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
    assert delivered == {"node_modules/@noble/curves", "node_modules/@noble/hashes"}


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


def test_a_build_that_fails_says_which_command_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(hatch_build.BoothBuildError, match=r"missing source: .*package\.json"):
        hatch_build.build_booth(tmp_path)
    with pytest.raises(hatch_build.BoothBuildError, match=r"exit 3 failed with status 3\noops\nhint: do this"):
        hatch_build.run(["sh", "-c", "echo oops; exit 3"], tmp_path, "do this")
