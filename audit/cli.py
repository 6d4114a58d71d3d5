"""`election-audit`: verify a published log, compare two copies, explain a result; what voters ask is next door.

Exit codes: 0 fine, 1 a check failed, 2 the input cannot be used.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from typing import TextIO

from audit.book import json_text
from audit.catalog import LANGUAGES, load_texts
from audit.checkpoint import parse_checkpoint
from audit.checks.batches import prepare_worker
from audit.checks.copies import verify_copy
from audit.command_line import COPY, FAILED, OK, UNUSABLE, UsageError, read_file, read_log_id
from audit.document_command import add_document_command
from audit.errors import SourceError
from audit.explain import UnknownSubjectError, explain
from audit.report_text import report_text, verdict
from audit.source import LogSource, open_log
from audit.verify import IN_FLIGHT, verify_log
from audit.voter_commands import add_voter_commands, read_receipt
from keys.errors import DataError
from keys.text import printable

PARALLEL_FROM = 2_000  # entries; below that, starting processes takes longer than they save


class ProgressBar:
    """One line on a terminal, rewritten at most ten times a second; nothing in a pipe."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = stream.isatty()
        self._next = 0.0

    def update(self, done: int, total: int) -> None:
        """Show how many entries of how many are verified."""
        now = time.monotonic()
        if not self._shown or not total or (now < self._next and done < total):
            return
        self._next = now + 0.1
        filled = 30 * done // total
        bar = "#" * filled + "-" * (30 - filled)
        self._stream.write(f"\r[{bar}] {100 * done // total:3} %  {done:,} of {total:,} entries")
        self._stream.flush()

    def clear(self) -> None:
        """Leave the line empty."""
        if self._shown:
            self._stream.write("\r" + " " * 78 + "\r")
            self._stream.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except UsageError as error:
        return _complain(str(error), error.hint)
    except SourceError as error:
        return _complain(str(error), "give the URL, folder or ZIP file that holds `checkpoint` and `tile/`")
    except BrokenProcessPool:
        return _complain("a worker process died", "try --jobs 1; most likely memory was short")
    except KeyboardInterrupt:
        return _complain("interrupted", "nothing was changed; start again")
    except BrokenPipeError:
        sys.stderr.close()
        return UNUSABLE
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="election-audit",
        description="Check a published election log.",
        epilog="exit codes: 0 fine, 1 a check failed, 2 unusable input",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    verify = commands.add_parser("verify", help="check everything", description="Check everything in a log.")
    verify.add_argument("copy", metavar="URL|DIR|ZIP", help=COPY)
    verify.add_argument("--log", metavar="ID", help="the log must be the one of this id")
    verify.add_argument("--receipt", metavar="FILE", action="append", default=[], help="must be honoured (repeatable)")
    verify.add_argument(
        "--copy", metavar="COPY", dest="copies", action="append", default=[], help="must agree (repeatable)"
    )
    verify.add_argument(
        "--checkpoint", metavar="FILE", action="append", default=[], help="saved earlier, must belong (repeatable)"
    )
    verify.add_argument("--json", action="store_true", help="print the report as JSON")
    verify.add_argument(
        "--jobs", metavar="N", type=int, default=os.cpu_count() or 1, help="processes (default: all cores)"
    )
    verify.set_defaults(run=_verify)

    add_voter_commands(commands)
    add_document_command(commands)

    diff = commands.add_parser(
        "diff",
        help="compare two copies",
        description="Compare two copies of a log: one must be the beginning of the other.",
    )
    diff.add_argument("first", metavar="A", help=COPY)
    diff.add_argument("second", metavar="B", help=COPY)
    diff.set_defaults(run=_diff)

    reasons = commands.add_parser(
        "explain",
        help="say why a contest ended as it did",
        description="Check a log, then print the reasoning about a contest, a seat or a person, clause by clause.",
    )
    reasons.add_argument("about", metavar="CONTEST|PERSON", help="id of a contest, or id or name of a candidate")
    reasons.add_argument("copy", metavar="URL|DIR|ZIP", nargs="?", default=".", help=f"{COPY} (default: this folder)")
    reasons.add_argument("--lang", choices=LANGUAGES, default="en", help="language (default: en)")
    reasons.add_argument(
        "--jobs", metavar="N", type=int, default=os.cpu_count() or 1, help="processes (default: all cores)"
    )
    reasons.set_defaults(run=_explain)
    return parser


def _verify(options: argparse.Namespace) -> int:
    receipts = [read_receipt(name, read_file(name)) for name in options.receipt]
    checkpoints = [read_file(name) for name in options.checkpoint]
    log_id = read_log_id(options.log) if options.log else None
    with ExitStack() as stack:
        source = stack.enter_context(open_log(options.copy))
        copies = [stack.enter_context(open_log(place)) for place in options.copies]
        pool = stack.enter_context(_workers(source, options.jobs))
        bar = ProgressBar(sys.stderr)
        stack.callback(bar.clear)
        report = verify_log(
            source,
            log_id=log_id,
            receipts=receipts,
            copies=copies,
            checkpoints=checkpoints,
            executor=pool,
            in_flight=max(IN_FLIGHT, options.jobs + 2),
            progress=bar.update,
            now=int(time.time()),
        )
    print(json_text(report) if options.json else report_text(report))
    return OK if report.ok else FAILED


def _explain(options: argparse.Namespace) -> int:
    """Reasons are given for a log that holds; where it does not, the report says why."""
    with ExitStack() as stack:
        source = stack.enter_context(open_log(options.copy))
        pool = stack.enter_context(_workers(source, options.jobs))
        bar = ProgressBar(sys.stderr)
        stack.callback(bar.clear)
        in_flight = max(IN_FLIGHT, options.jobs + 2)
        report = verify_log(source, executor=pool, in_flight=in_flight, progress=bar.update)
    if not report.ok:
        print(report_text(report))
        return FAILED
    try:
        text = explain(report.facts, options.about, load_texts(options.lang))
    except UnknownSubjectError as error:
        raise UsageError(str(error), f"contests: {', '.join(error.known)}; or the name of a candidate") from error
    print(f"{verdict(report)}\n\n{text}")
    return OK


def _diff(options: argparse.Namespace) -> int:
    with open_log(options.first) as first, open_log(options.second) as second:
        try:
            compared = verify_copy(first, second)
            sizes = [parse_checkpoint(source.checkpoint()).size for source in (first, second)]
        except DataError as error:
            print(printable(f"diff: failed: {error}"))
            return FAILED
    more = "" if sizes[0] == sizes[1] else f"; {(first if sizes[0] > sizes[1] else second).name} goes on"
    print(f"diff: ok: the first {compared} entries are the same{more}")
    return OK


@contextmanager
def _workers(source: LogSource, jobs: int) -> Iterator[ProcessPoolExecutor | None]:
    """A process pool where it pays; its processes are gone when this ends, whatever happened."""
    if jobs < 1:
        raise UsageError(f"--jobs: expected a number from 1, got {jobs}", "leave it out to use all cores")
    try:
        size = parse_checkpoint(source.checkpoint()).size
    except DataError:
        size = 0  # the verification will say what is wrong with it
    if jobs == 1 or size < PARALLEL_FROM:
        yield None
        return
    pool = ProcessPoolExecutor(jobs, initializer=prepare_worker)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _complain(text: str, hint: str) -> int:
    print(printable(f"error: {text}"), file=sys.stderr)
    print(f"hint: {hint}", file=sys.stderr)
    return UNUSABLE


if __name__ == "__main__":
    sys.exit(main())
