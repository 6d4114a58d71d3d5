"""`python -m bench [--quick] [--only PART] [--write]`: measure, print one table, put it into docs/performance.md."""

import argparse
import sys
from collections.abc import Callable, Iterator

from bench import ballots, browser, casting, mails, outcome, timing, verification
from bench.measure import Row
from bench.table import machine, table, write_document

PARTS: dict[str, Callable[[bool], Iterator[Row]]] = {
    "ballots": ballots.rows,
    "timing": timing.rows,
    "casting": casting.rows,
    "mails": mails.rows,
    "verify": verification.rows,
    "outcome": outcome.rows,
    "browser": browser.rows,
}


def main() -> None:
    """Run the parts that were asked for; each row is shown as soon as it is known."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure, and print one table.")
    parser.add_argument("--quick", action="store_true", help="fewer ballots: rougher figures in a minute")
    parser.add_argument("--only", choices=PARTS, action="append", help="one part; may be given several times")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    arguments = parser.parse_args()
    if arguments.write and (arguments.only or arguments.quick):
        parser.error("--write: the document shows whole runs only")
    where, rows = machine(), []
    for name in arguments.only or PARTS:
        for row in PARTS[name](arguments.quick):
            print(f"{row.what}: {row.figure}", file=sys.stderr, flush=True)
            rows.append(row)
    print(f"{where}\n\n{table(rows)}")
    if arguments.write:
        write_document(where, rows)


if __name__ == "__main__":
    main()
