"""Encrypting a 5-option ballot in Chromium with the booth's own modules: as it is, and with the CPU slowed."""

import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import TypedDict

import hatch_build
from bench.ballots import make_contest
from bench.measure import Row
from keys.issuer import generate_issuer_key

BOOTH = Path(__file__).parents[1] / "ballot" / "booth"
CHROMIUM = which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
ADDRESS = "http://localhost/bench"  # answered by the test itself; WebCrypto wants a secure context
SLOWED = 6
ROUNDS, ROUNDS_QUICK = 7, 4


class Visit(TypedDict):
    """What one visit took: [whole, longest piece] in milliseconds, for the tables and for each ballot."""

    tables: list[float]
    taken: list[list[float]]


# A visit: the tables while the voter reads, then ballots. Milliseconds in all, and of the longest piece between two
# moments in which the page can draw, for each of them.
_VISIT = """async ([document, ballots]) => {
  const contest = booth.loadContest(booth.utf8(document), true);
  const random = (size) => crypto.getRandomValues(new Uint8Array(size));
  const timed = async (act) => {
    const start = performance.now();
    let last = start, longest = 0;
    const pause = async () => {
      longest = Math.max(longest, performance.now() - last);
      await new Promise((resume) => setTimeout(resume));
      last = performance.now();
    };
    await act(pause);
    return [performance.now() - start, Math.max(longest, performance.now() - last)];
  };
  const tables = await timed(async (pause) => {
    for (const point of [booth.GENERATOR, contest.jointKey]) await booth.warm(point, pause);
  });
  const vote = [false, true, false, false, false];
  const seal = (pause) => booth.encryptVote(contest, vote, random(32), async () => random(32), pause);
  const taken = [];
  for (let i = 0; i < ballots; i++) taken.push(await timed(seal));
  return { tables, taken };
}"""
# The same without tables made beforehand: somebody who seals at once.
_AT_ONCE = _VISIT.replace("[booth.GENERATOR, contest.jointKey]", "[]")


def rows(quick: bool) -> Iterator[Row]:
    """The rows of this part; one line where there is no browser."""
    if not Path(CHROMIUM).exists():
        yield Row("encrypt 5 options in Chromium", "not measured", "needs Chromium (tools/ensure_chromium)")
        return
    for factor, name in ((1, "as it is"), (SLOWED, f"CPU slowed {SLOWED}×")):
        for tables, what in ((True, "tables first"), (False, "at once")):
            measured = measure(factor, ROUNDS_QUICK if quick else ROUNDS, tables=tables)
            yield Row(f"encrypt 5 options in Chromium, {name}, {what}", _figure(measured), "BigInt additions")


def measure(factor: int, ballots: int, *, tables: bool) -> Visit:
    """One visit in a fresh page, the processor slowed by ``factor``; ``tables``: whether they are made beforehand."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- only where there is a browser

    document = make_contest(generate_issuer_key(3072)).raw.decode()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.route("**/*", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
        page.goto(ADDRESS)
        page.add_script_tag(content=_library())
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": factor})
        measured: Visit = page.evaluate(_VISIT if tables else _AT_ONCE, [document, ballots])
        browser.close()
    return measured


def _figure(measured: Visit) -> str:
    """First and typical time, the longest piece of either, and what the tables took before."""
    (first, _), later = measured["taken"][0], statistics.median(whole for whole, _ in measured["taken"][1:])
    longest = max(piece for _, piece in [measured["tables"], *measured["taken"]])
    before = f"; tables {measured['tables'][0]:.0f} ms before" if measured["tables"][0] > 1 else ""
    return f"{first:.0f} ms first, {later:.0f} ms then; longest piece {longest:.0f} ms{before}"


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
