"""The table as it is printed, and as it stands in docs/performance.md."""

import datetime as dt
import os
import platform
from collections.abc import Sequence
from pathlib import Path

from bench.measure import Row

DOCUMENT = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
_HEADER = Row("what", "figure", "what limits it")


def machine() -> str:
    """Cores, processor, Python, date, and how busy the machine was before: a busy one makes figures worse."""
    date = dt.datetime.now(dt.UTC).date().isoformat()
    processor = f"{os.cpu_count()} cores, {_processor()}"
    load = f"load {os.getloadavg()[0]:.1f} at the start"
    return f"{processor}; Python {platform.python_version()}; {platform.system()}; {date}; {load}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def table(rows: Sequence[Row]) -> str:
    """The rows in columns; also a table of Markdown."""
    lines = [_HEADER, *rows]
    what, figure = (max(len(getattr(line, column)) for line in lines) for column in ("what", "figure"))
    shown = [f"| {line.what:{what}} | {line.figure:{figure}} | {line.limit} |" for line in lines]
    return "\n".join([shown[0], "|---|---|---|", *shown[1:]])


def write_document(where: str, rows: Sequence[Row]) -> None:
    """Replace what stands between the markers of docs/performance.md."""
    text = DOCUMENT.read_text("utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        message = f"{DOCUMENT}: expected the markers {BEGIN} and {END}"
        raise SystemExit(message)
    DOCUMENT.write_text(f"{before}{BEGIN}\nMachine: {where}.\n\n{table(rows)}\n{END}{after}", "utf-8")
