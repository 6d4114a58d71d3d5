"""`election-service demo`: a made-up university with an open poll, or, with ``--finish``, its whole election."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from audit.report_text import report_text
from audit.source import FolderSource, UrlSource
from audit.verify import verify_log
from ballot.receipt import Receipt, load_receipt
from election_service.api_types import ElectionInfo
from election_service.client import ServiceClient
from election_service.commands.terminal import out
from election_service.commands.trustee import publish_message
from election_service.committee import MemberKey, approve, propose, waiting_acts
from election_service.config import Config
from election_service.database import open_database
from election_service.demo.crowd import Crowd, vote_all
from election_service.demo.people import THRESHOLD
from election_service.demo.preparation import Prepared, Wishes, prepare
from election_service.demo.university import Draws
from election_service.errors import InputError
from election_service.installation import install, write_config
from election_service.publication import export_log
from election_service.trustee_tool import TrusteeToolError, Workspace, check_log, decrypt
from keys.errors import PeerError
from tally.wire import ShareData

_MARK: Final = ".election-demo"
_PATIENCE: Final = 120.0  # seconds to wait for a step of the service
_LOOK_EVERY: Final = 0.3


@dataclass(frozen=True, slots=True)
class Demo:
    """What was asked for. ``turnout``: percent of the links that vote with ``finish``."""

    folder: Path
    wishes: Wishes
    database_url: str | None
    port: int
    processes: int
    turnout: int
    finish: bool

    @property
    def ports(self) -> tuple[int, ...]:
        """The port of each serving process; the port after it is that of its health page."""
        return tuple(self.port + 2 * number for number in range(self.processes))

    @property
    def servers(self) -> tuple[str, ...]:
        """The address of each serving process."""
        return tuple(f"http://localhost:{port}" for port in self.ports)


async def run_demo(demo: Demo) -> None:
    """Prepare, serve, and then wait for visitors or play the election to its end. InputError, PeerError."""
    started = time.monotonic()
    config = make_folder(demo)
    await install(config)
    prepared = await prepare(config, demo.folder, demo.wishes)
    out.print(f"prepared in {time.monotonic() - started:.0f} seconds")
    servers = [await _start(demo, port) for port in demo.ports]
    try:
        for address in demo.servers:
            await _wait_until(prepared.election, address, "open")
        if demo.finish:
            await _finish(demo, config, prepared)
            out.print(f"whole election in {time.monotonic() - started:.0f} seconds")
        else:
            _invite(demo, prepared)
            await _until_interrupted(servers)
    finally:
        await _stop(servers)


def make_folder(demo: Demo) -> Config:
    """A fresh folder for the demo; an older demo there is removed, anything else is not."""
    folder = demo.folder
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).exists():
            message = f"{folder}: is not empty, and no demo"
            raise InputError(message, "give another folder with --folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()
    config = Config(
        database_url=demo.database_url or f"sqlite:///{folder}/election.db",
        state_dir=folder / "state",
        master_key_file=folder / "master.key",
        public_url=demo.servers[0],
        port=demo.port,
        health_port=demo.port + 1,
    )
    write_config(config, folder / "election.toml")
    return config


# ---- serving -------------------------------------------------------------------------------------------------------


async def _start(demo: Demo, port: int) -> asyncio.subprocess.Process:
    environment = {**os.environ, "ELECTION_PORT": str(port), "ELECTION_HEALTH_PORT": str(port + 1)}
    command = ("-m", "election_service.cli", "serve", "--config", str(demo.folder / "election.toml"))
    with (demo.folder / f"service-{port}.log").open("wb") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable, *command, stdout=log, stderr=log, env=environment, start_new_session=True
        )


async def _stop(servers: Sequence[asyncio.subprocess.Process]) -> None:
    for server in servers:
        if server.returncode is None:
            server.terminate()
    for server in servers:
        await server.wait()


async def _until_interrupted(servers: Sequence[asyncio.subprocess.Process]) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    ended = [asyncio.create_task(server.wait()) for server in servers]
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([*ended, stopping], return_when=asyncio.FIRST_COMPLETED)
    for task in (*ended, stopping):
        task.cancel()
    if not stop.is_set():
        message = "the service stopped by itself"
        raise InputError(message, "look into service-*.log in the demo's folder")


async def _wait_until(election: str, server: str, *states: str) -> None:
    """Wait until poll 1 is in one of the states; what does not answer yet is asked again."""
    deadline = time.monotonic() + _PATIENCE
    async with ServiceClient(server, election) as client:
        while True:
            try:
                state: str = (await client.get("", ElectionInfo)).polls[0].state
            except PeerError:
                state = "silent"
            if state in states:
                return
            if time.monotonic() > deadline:
                message = f"{server}: expected the poll to be {' or '.join(states)}, it is {state}"
                raise PeerError(message)
            await asyncio.sleep(_LOOK_EVERY)


# ---- with visitors -------------------------------------------------------------------------------------------------


def _invite(demo: Demo, prepared: Prepared) -> None:
    """Print the links to try and the commands that end the election."""
    keys, server = demo.folder / "keys", demo.servers[0]
    common = f"--server {server} --election {prepared.election} --passphrase-file {keys / 'passphrase'}"
    out.print(f"\n{prepared.title}: the poll is open at [bold]{server}[/bold]\n")
    out.print("Three ballot links to try (all links: " + str(prepared.links_file) + "):")
    for link in prepared.links[:3]:
        out.print(f"  {link}", markup=False)
    members, trustees = (sorted(keys.glob(f"{kind}-*.key")) for kind in ("member", "trustee"))
    tool = Path(sys.executable).parent / "election-service"
    audit = tool.with_name("election-audit")
    out.print("\nThe committee closes the poll, two members for each act (first a pause, then the close):")
    for _ in range(2):
        out.print(f"  {tool} poll close {common} --key {members[0]} --yes", markup=False)
        out.print(f"  {tool} member approve {common} --key {members[1]} --yes", markup=False)
    out.print(f"\nAfter the review window ({prepared.review_window} seconds) two of three trustees decrypt the sums:")
    for key in trustees[:2]:
        out.print(f"  {tool} trustee decrypt {common} --key {key}", markup=False)
    out.print("\nAnybody checks all of it, and a voter the own receipt:")
    out.print(f"  {audit} verify {server}/log/{prepared.election}/", markup=False)
    out.print(f"  {audit} receipt RECEIPT.json {server}/log/{prepared.election}/", markup=False)
    out.print("\nCtrl-C stops the demo.")


# ---- to the end ----------------------------------------------------------------------------------------------------


async def _finish(demo: Demo, config: Config, prepared: Prepared) -> None:
    """Vote for the rest, close, tally, declare, publish, verify."""
    receipts = await asyncio.to_thread(_vote, demo, prepared)
    async with ServiceClient(demo.servers[0], prepared.election) as client:
        await _close(client, prepared)
        out.print("poll closed by two members; review window …")
        await _decrypt(client, prepared)
    await _wait_until(prepared.election, demo.servers[0], "declared")
    folder = demo.folder / "public"
    database = open_database(config.database_url)
    async with database.snapshot() as connection:
        await export_log(connection, prepared.election, folder)
    await database.close()
    await asyncio.to_thread(_verify, folder, receipts)


def _vote(demo: Demo, prepared: Prepared) -> list[Receipt]:
    """The voters, chosen by the seed, with a progress bar."""
    draws = Draws(demo.wishes.seed + 2)
    links = [link for link in prepared.links if draws.below(100) < demo.turnout]
    receipts: list[Receipt] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out) as progress:
        ballots = progress.add_task("ballots cast", total=len(links) * prepared.contests_each)
        for raw in vote_all(Crowd(demo.servers, prepared.election, demo.wishes.seed), links, os.cpu_count() or 1):
            receipts += [load_receipt(item) for item in raw]
            progress.update(ballots, advance=len(raw))
        progress.update(ballots, total=len(receipts))
    return receipts


async def _close(client: ServiceClient, prepared: Prepared) -> None:
    """Before its time: pause, then close; two members each, over HTTP, as they would."""
    info = (await client.get("", ElectionInfo)).polls[0]
    data = await client.get_document(f"/polls/1/opening?closes={info.closes}")
    await _decide(client, prepared, "poll.paused", {**data, "reason": "the demo closes early"})
    await _decide(client, prepared, "poll.closed", await client.get_document("/polls/1/closing"))


async def _decide(client: ServiceClient, prepared: Prepared, kind: str, data: dict[str, object]) -> None:
    first, *others = prepared.committee.members[:THRESHOLD]
    log_id = prepared.committee.log_id
    act = await propose(client, log_id, first, kind, data, os.urandom)
    for member in others:
        await _approve(client, log_id, member, act.act)


async def _approve(client: ServiceClient, log_id: bytes, member: MemberKey, number: str) -> None:
    for act in await waiting_acts(client, member.id):
        if act.act == number:
            await approve(client, log_id, member, act, os.urandom)


async def _decrypt(client: ServiceClient, prepared: Prepared) -> None:
    """Trustees 1 and 3 decrypt; trustee 2 never comes back, and is not needed."""
    await asyncio.sleep(prepared.review_window)
    for trustee in (prepared.trustees[0], prepared.trustees[2]):
        shares = await _shares(client, prepared, trustee)
        for share in shares:
            await publish_message(client, "tally.share", share)
        out.print(f"trustee {trustee.file.number}: verified the log, decrypted the sums of {len(shares)} contests")


async def _shares(client: ServiceClient, prepared: Prepared, trustee: Workspace) -> list[ShareData]:
    """The trustee's tool, asked again until the review window is over and the sums are there."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return await asyncio.to_thread(_verify_and_decrypt, client.log_url, prepared.committee.log_id, trustee)
        except TrusteeToolError:
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(_LOOK_EVERY)


def _verify_and_decrypt(log_url: str, log_id: bytes, trustee: Workspace) -> list[ShareData]:
    with UrlSource(log_url) as source, _pool() as pool:
        log = check_log(trustee, source, log_id, (), os.urandom, pool)
        return decrypt(trustee, log, 1, int(time.time()), os.urandom)


def _verify(folder: Path, receipts: list[Receipt]) -> None:
    """What an auditor does with the folder, all receipts in hand; InputError where it fails."""
    started = time.monotonic()
    with _pool() as pool:
        report = verify_log(FolderSource(folder), receipts=receipts, executor=pool)
    taken = time.monotonic() - started
    out.print(f"\n{folder}: the published log, verified with all {len(receipts)} receipts in {taken:.1f} s\n")
    out.print(report_text(report), markup=False)
    if not report.ok:
        message = "the published log does not verify"
        raise InputError(message)


def _pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(mp_context=get_context("spawn"))
