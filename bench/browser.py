"""Encrypting a 5-option ballot in Chromium with the booth's own modules: as it is, and with the CPU slowed."""

import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import hatch_build
from bench.ballots import make_contest
from bench.measure import Row
from keys.issuer import generate_issuer_key

BOOTH = Path(__file__).parents[1] / "ballot" / "booth"
CHROMIUM = which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
ADDRESS = "http://localhost/bench"  # answered by the test itself; WebCrypto wants a secure context
SLOWED = 6
ROUNDS, ROUNDS_QUICK = 7, 3

# One ballot: milliseconds in all, and of its longest piece between two moments in which the page can draw.
_ENCRYPT = """async (document) => {
  const contest = booth.loadContest(booth.utf8(document), true);
  const random = (size) => crypto.getRandomValues(new Uint8Array(size));
  const start = performance.now();
  let last = start, longest = 0;
  const pause = async () => {
    longest = Math.max(longest, performance.now() - last);
    await new Promise((resume) => setTimeout(resume));
    last = performance.now();
  };
  await booth.encryptVote(contest, [false, true, false, false, false], random(32), async () => random(32), pause);
  return [performance.now() - start, longest];
}"""


def rows(quick: bool) -> Iterator[Row]:
    """The rows of this part; one line where there is no browser."""
    if not Path(CHROMIUM).exists():
        yield Row("encrypt 5 options in Chromium", "not measured", "needs Chromium (tools/ensure_chromium)")
        return
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- only where there is a browser

    document = make_contest(generate_issuer_key(3072)).raw.decode()
    script = _library()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for factor, name in ((1, "as it is"), (SLOWED, f"CPU slowed {SLOWED}×")):
            page = browser.new_page()
            page.route("**/*", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
            page.goto(ADDRESS)
            page.add_script_tag(content=script)
            session = page.context.new_cdp_session(page)
            session.send("Emulation.setCPUThrottlingRate", {"rate": factor})
            taken: list[Any] = [page.evaluate(_ENCRYPT, document) for _ in range(ROUNDS_QUICK if quick else ROUNDS)]
            page.close()
            (first, _), later = taken[0], statistics.median(whole for whole, _ in taken[1:])
            longest = max(piece for _, piece in taken)
            figure = f"{first:.0f} ms first, {later:.0f} ms then; longest piece {longest:.0f} ms"
            yield Row(f"encrypt 5 options in Chromium, {name}", figure, "the table for Y, then BigInt multiplications")
        browser.close()


def _library() -> str:
    """The booth's modules as one script with a global name, built as the page is."""
    hatch_build.build_booth(BOOTH)
    _, node = hatch_build.node_commands()
    esbuild = BOOTH / "node_modules" / "esbuild" / "bin" / "esbuild"
    command = [*node, str(esbuild)] if _is_script(esbuild) else [str(esbuild)]
    options = ["--bundle", "--minify", "--format=iife", "--global-name=booth", "--target=es2020", "--charset=utf8"]
    result = subprocess.run([*command, "src/library.ts", *options], cwd=BOOTH, capture_output=True, check=True)
    return result.stdout.decode()


def _is_script(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"#!"
