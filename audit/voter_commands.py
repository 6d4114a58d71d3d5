"""The commands for voters: is my ballot there, did the booth encrypt what I chose, is it the booth of the log?"""

import argparse
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from audit.ballot_check import Checked, Opening, agrees, check_opening, read_code, read_opening
from audit.booth_check import check_booth, logged_bundle
from audit.command_line import COPY, FAILED, OK, UsageError, read_file, read_log_id, write_file
from audit.receipt_search import find_receipt
from audit.report_text import tracker_text
from audit.source import open_log
from audit.tlog_proof import (
    copy_goes_on,
    encode_tlog_proof,
    is_tlog_proof,
    make_ballot_proof,
    parse_tlog_proof,
    verify_ballot_proof,
)
from audit.web import fetch_page
from ballot.receipt import Receipt, load_receipt
from keys.canonical import b64, unb64
from keys.errors import DataError, FormatError
from keys.text import printable

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def add_voter_commands(commands: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """receipt, ballot, booth."""
    receipt = commands.add_parser(
        "receipt",
        help="find a receipt's ballot",
        description="Confirm that the ballot of a receipt, or of a .tlog-proof file, is in the log.",
    )
    receipt.add_argument("file", metavar="FILE", help="the receipt as the booth saved it, or a .tlog-proof")
    receipt.add_argument(
        "copy", metavar="URL|DIR|ZIP", nargs="?", help=f"{COPY}; without one, a proof is checked off line"
    )
    receipt.add_argument("--log", metavar="ID", help="the log must be the one of this id")
    receipt.add_argument("--save-proof", metavar="FILE", help="write the ballot's .tlog-proof, which needs no copy")
    receipt.set_defaults(run=_receipt)

    ballot = commands.add_parser(
        "ballot",
        help="check an opened ballot",
        description="Confirm that the booth encrypted exactly the choice in a ballot that it opened for a test.",
    )
    ballot.add_argument("file", metavar="FILE", help="what the booth revealed: its file, or the text of its QR code")
    ballot.add_argument("copy", metavar="URL|DIR|ZIP", help=COPY)
    ballot.add_argument(
        "--tracker", metavar="CODE", help="the tracking code that the booth showed before, best in full"
    )
    ballot.add_argument("--log", metavar="ID", help="the log must be the one of this id")
    ballot.set_defaults(run=_ballot)

    booth = commands.add_parser(
        "booth",
        help="compare the booth with the log",
        description="Visit the booth as several strangers and compare its program with the hash in the log.",
    )
    booth.add_argument("url", metavar="URL", help="address of the booth: https://HOST/vote/ELECTION")
    booth.add_argument("--copy", metavar="COPY", help=f"{COPY} (default: the log of the same host)")
    booth.set_defaults(run=_booth)


def read_receipt(name: str, raw: bytes) -> Receipt:
    """A receipt from the bytes of a file; UsageError."""
    try:
        return load_receipt(raw)
    except FormatError as error:
        raise UsageError(
            f"{name}: no receipt: {error}", "give the file that the booth offered after casting"
        ) from error


# ---- receipt ---------------------------------------------------------------------------------------------------------


def _receipt(options: argparse.Namespace) -> int:
    raw = read_file(options.file)
    log_id = read_log_id(options.log) if options.log else None
    try:
        if is_tlog_proof(raw):
            return _proof(raw, options, log_id)
        return _search(read_receipt(options.file, raw), options, log_id)
    except DataError as error:
        print(printable(f"receipt: failed: {error}"))
        return FAILED


def _search(receipt: Receipt, options: argparse.Namespace, log_id: bytes | None) -> int:
    """A receipt is only a promise: it takes a copy of the log to see that it was kept."""
    if options.copy is None:
        raise UsageError("a receipt needs a copy of the log", "give its address or folder, or give a .tlog-proof file")
    with open_log(options.copy) as source:
        found = find_receipt(source, receipt, log_id)
        if found.entry is not None and options.save_proof:
            write_file(options.save_proof, encode_tlog_proof(make_ballot_proof(source, found.entry, receipt)))
    tracker = tracker_text(unb64(receipt.tracker, 32, "tracker"))
    if found.entry is not None:
        print(f"receipt: ok: ballot {tracker} is entry {found.entry} of {found.size} that the log signed")
        return OK
    if found.closed:
        print(f"receipt: failed: ballot {tracker} is missing, though its poll is closed and the receipt is signed")
        print("keep this receipt and this copy of the log: together they prove that the service dropped a ballot")
    else:
        print(
            f"receipt: not yet: ballot {tracker} is not among the {found.size} entries; it is due when the poll closes"
        )
    return FAILED


def _proof(raw: bytes, options: argparse.Namespace, log_id: bytes | None) -> int:
    """A proof stands by itself, once it is known which log is meant; a copy shows that the log went on from there."""
    if options.save_proof:
        raise UsageError("--save-proof: this file is a proof already", "give a receipt to make a proof of")
    proof = parse_tlog_proof(raw)
    if options.copy is None:
        if log_id is None:
            raise UsageError("a proof alone needs the log's id", "give --log ID, from the printed notice, or a copy")
        proven, note = verify_ballot_proof(proof, log_id), ""
    else:
        with open_log(options.copy) as source:
            log_id = log_id or source.log_id()
            proven = verify_ballot_proof(proof, log_id)
            known = copy_goes_on(proven, source, log_id)
        note = "; the copy begins with the same entries" if known else "; the copy is older than the proof"
    kind = "with its signed receipt" if proven.receipt else "without a receipt"
    where = f"entry {proven.seq} of {proven.size} that the log signed"
    print(f"receipt: ok: ballot {tracker_text(proven.tracker)} is {where} ({kind}{note})")
    print(f"log: {b64(log_id)}")
    return OK


# ---- ballot ----------------------------------------------------------------------------------------------------------


def _ballot(options: argparse.Namespace) -> int:
    raw = read_file(options.file)
    log_id = read_log_id(options.log) if options.log else None
    try:
        opening, code = read_opening(raw), read_code(options.tracker) if options.tracker else None
    except DataError as error:
        raise UsageError(
            f"{options.file if options.tracker is None else 'input'}: {error}",
            "give the file that the booth saved for the test, and the tracking code as it showed it",
        ) from error
    try:
        with open_log(options.copy) as source:
            checked = check_opening(source, opening, log_id)
    except DataError as error:
        print(printable(f"ballot: failed: {error}"))
        return FAILED
    return _say_ballot(opening, code, checked)


def _say_ballot(opening: Opening, code: bytes | str | None, checked: Checked) -> int:
    shown = [item for item in (opening.claimed, code) if item is not None]
    if checked.tracker is None:
        print("ballot: failed: the booth did NOT encrypt a choice that this contest allows")
    elif not all(agrees(checked, item) for item in shown):
        print("ballot: failed: the booth did NOT encrypt this choice: the tracking codes differ")
    elif code is None:
        print(
            "ballot: ok: this choice is in the ballot of the code below: compare it with the one seen before the test"
        )
    elif isinstance(code, str):
        print("ballot: ok: the booth encrypted exactly this choice (only 20 letters of the code were compared)")
    else:
        print("ballot: ok: the booth encrypted exactly this choice")
    document = checked.contest.document
    print(printable(f"contest: {document.contest} (poll {document.poll})"))
    print(printable(f"choice: {', '.join(checked.names) or 'none'}"))
    if checked.tracker is not None:
        print(f"tracking code of this choice: {tracker_text(checked.tracker)}")
    for item in shown:
        print(f"tracking code shown: {tracker_text(item) if isinstance(item, bytes) else item}")
    print(f"log: {b64(checked.contest.log_id)}")
    return OK if all(agrees(checked, item) for item in shown) and checked.tracker is not None else FAILED


# ---- booth -----------------------------------------------------------------------------------------------------------


def _booth(options: argparse.Namespace) -> int:
    address = urlsplit(options.url)
    parts = address.path.rstrip("/").split("/")
    if address.scheme not in ("http", "https") or len(parts) != 3 or parts[1] != "vote":
        hint = "give it as in a ballot link, without what stands behind the #"
        raise UsageError("the address is not that of a booth, https://HOST/vote/ELECTION", hint)
    url = urlunsplit((address.scheme, address.netloc, "/".join(parts), "", ""))  # never the secret of a link
    copy = options.copy or urlunsplit((address.scheme, address.netloc, f"/log/{parts[2]}/", "", ""))
    try:
        with open_log(copy) as source:
            bundle = logged_bundle(source)
    except DataError as error:
        print(printable(f"booth: failed: {error}"))
        return FAILED
    report = check_booth(url, bundle, fetch_page)
    for difference in report.differences:
        print(printable(f"booth: failed: {difference}"))
    if report.differences:
        return FAILED
    print(f"booth: ok: {report.visits} visits as different browsers got the same {len(report.files)} files")
    print(f"script: {report.bundle}, as the log says; the style sheet has no hash in the log")
    return OK
