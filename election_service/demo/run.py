"""`election-service demo`: a made-up university with an open poll, its whole election (``--finish``), or its year."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from audit.book import Report
from audit.report_text import report_text, verdict
from ballot.receipt import Receipt
from election_service.client import ServiceClient
from election_service.commands.terminal import out
from election_service.config import Config
from election_service.database import open_database
from election_service.demo.accounts import invite_committee
from election_service.demo.course import Course, processes, wait_until
from election_service.demo.preparation import Prepared, prepare
from election_service.demo.rules import COMPLAINTS
from election_service.demo.serving import Demo, make_folder, start, stop, until_interrupted
from election_service.demo.university import Draws
from election_service.demo.words import print_agenda, print_seats
from election_service.demo.year.play import play_year
from election_service.installation import install
from election_service.languages import LANGUAGES
from election_service.publication import export_log

PUBLIC: Final = "public"


async def run_demo(demo: Demo) -> None:
    """Prepare, serve, and then wait for visitors or play the election to its end. InputError, PeerError."""
    started = time.monotonic()
    config = make_folder(demo)
    await install(config)
    prepared = await prepare(config, demo.folder, demo.wishes)
    out.print(f"prepared in {time.monotonic() - started:.0f} seconds")
    servers = [await start(demo, port) for port in demo.ports]
    try:
        for address in demo.servers:
            async with ServiceClient(address, prepared.election) as client:
                await wait_until(client, 1, "open")
        if demo.finish:
            await _finish(demo, config, prepared)
            what = "year" if demo.wishes.year else "election"
            out.print(f"whole {what} in {time.monotonic() - started:.0f} seconds")
        else:
            key_files = sorted((demo.folder / "keys").glob("member-*.key"))
            _invite(demo, prepared, await invite_committee(config, prepared.election, key_files))
            await until_interrupted(servers)
    finally:
        await stop(servers)


# ---- with visitors -------------------------------------------------------------------------------------------------


def _invite(demo: Demo, prepared: Prepared, committee: Mapping[str, str]) -> None:
    """Print the links to try, also those of ``committee`` (member → link), and the commands that end the election."""
    server = demo.servers[0]
    out.print(f"\n{prepared.title}: the poll is open at [bold]{server}[/bold]\n")
    out.print("Three ballot links to try (all links: " + str(prepared.links_file) + "):")
    _print_lines(prepared.links[:3])
    pages = f"{server}/elections/{prepared.election}"
    out.print("\nWhat everybody sees, and a ballot to try out without a link:")
    _print_lines(["  ".join(f"{pages}?lang={language}" for language in LANGUAGES)])
    _print_lines([f"{server}/vote/{prepared.election}#test"])
    out.print("\nThe committee's pages. Each link is for one person, once: a password, then an authenticator app:")
    _print_lines(f"{member}: {link}" for member, link in committee.items())
    _print_lines([f"(their keys are there already; the passphrase is in {demo.folder / 'keys' / 'passphrase'})"])
    _print_commands(demo, prepared)
    out.print("\nCtrl-C stops the demo.")


def _print_commands(demo: Demo, prepared: Prepared) -> None:
    """Print how the election comes to its end by commands alone."""
    keys, server = demo.folder / "keys", demo.servers[0]
    common = f"--server {server} --election {prepared.election} --passphrase-file {keys / 'passphrase'}"
    members, trustees = (sorted(keys.glob(f"{kind}-*.key")) for kind in ("member", "trustee"))
    tool = Path(sys.executable).parent / "election-service"
    audit = tool.with_name("election-audit")
    approve = f"{tool} member approve {common} --key {members[1]} --yes"
    out.print("\nThe same by commands. Two members close the poll (first a pause, then the close):")
    _print_lines([f"{tool} poll close {common} --key {members[0]} --yes", approve] * 2)
    out.print(f"\nAfter the review window ({prepared.review_window} seconds) two of three trustees decrypt the sums:")
    _print_lines(f"{tool} trustee decrypt {common} --key {key}" for key in trustees[:2])
    out.print(f"\nAfter the time for complaints ({COMPLAINTS} seconds) two members certify the result:")
    _print_lines([f"{tool} certify {common} --key {members[0]} --yes", approve])
    out.print("\nAnybody checks all of it, and a voter the own receipt:")
    _print_lines([f"{audit} {what} {server}/log/{prepared.election}/" for what in ("verify", "receipt RECEIPT.json")])


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        out.print(f"  {line}", markup=False)


# ---- to the end ----------------------------------------------------------------------------------------------------


async def _finish(demo: Demo, config: Config, prepared: Prepared) -> None:
    """Play it, show who holds what and what is still to do, publish, verify."""
    address = demo.servers[0]
    async with ServiceClient(address, prepared.election) as client:
        with processes() as pool:
            course = Course(client, demo.servers, prepared, demo.wishes.seed, pool)
            year = None if prepared.roles is None else await play_year(course, config, prepared.roles, demo.turnout)
            receipts = await _play_poll(course, demo.turnout) if year is None else year.receipts
            await print_seats(client)
            await print_agenda(client)
            if year is not None:
                await year.explain_double_winner()
            report = await _publish(course, config, demo.folder / PUBLIC, receipts)
    out.print(verdict(report) if demo.wishes.year else report_text(report), markup=False)


async def _play_poll(course: Course, turnout: int) -> list[Receipt]:
    """Vote for the rest, close, tally, declare, certify."""
    prepared, draws = course.prepared, Draws(course.seed + 2)
    links = [link for link in prepared.links if draws.below(100) < turnout]
    receipts = await course.vote(links, 1, total=len(links) * prepared.contests_each)
    await course.close(1)
    out.print("poll closed by two members; review window …")
    facts = await course.tally(1)
    await course.certify(1, facts, COMPLAINTS)
    out.print("result certified by two members, after the time for complaints")
    return receipts


async def _publish(course: Course, config: Config, folder: Path, receipts: list[Receipt]) -> Report:
    """The log as a folder, verified with all receipts in hand."""
    database = open_database(config.database_url)
    async with database.snapshot() as connection:
        await export_log(connection, course.prepared.election, folder)
    await database.close()
    started = time.monotonic()
    report = await course.verify_folder(folder, receipts)
    taken = time.monotonic() - started
    out.print(f"\n{folder}: the published log, verified with all {len(receipts)} receipts in {taken:.1f} s\n")
    return report
