"""A poll of the demo from its opening to the certified result: everybody works over HTTP, with the own key."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from audit.book import Report
from audit.entries import format_time
from audit.facts import Facts
from audit.source import FolderSource, UrlSource
from audit.verify import verify_log
from ballot.receipt import Receipt, load_receipt
from election_service.api_types import Act, ElectionInfo
from election_service.client import ServiceClient
from election_service.commands.result import declared_hash
from election_service.commands.terminal import out
from election_service.commands.trustee import publish_message
from election_service.committee import MemberKey, approve, propose
from election_service.demo.crowd import Crowd, Marks, vote_all
from election_service.demo.people import THRESHOLD
from election_service.demo.preparation import Prepared
from election_service.errors import InputError
from election_service.trustee_tool import TrusteeToolError, VerifiedLog, Workspace, check_log, decrypt
from keys.canonical import b64
from keys.errors import PeerError
from keys.trustee.tool import canary
from tally.wire import ShareData

PATIENCE: Final = 120.0  # seconds to wait for a step of the service
LOOK_EVERY: Final = 0.3


@dataclass(frozen=True, slots=True)
class Course:
    """The people of one prepared election, and how they reach the service. ``pool``: processes for all of them."""

    client: ServiceClient
    servers: tuple[str, ...]
    prepared: Prepared
    seed: int
    pool: Executor

    # -- voters ------------------------------------------------------------------------------------------------------

    async def vote(
        self, links: Sequence[str], poll: int, told: Mapping[str, Marks] | None = None, total: int | None = None
    ) -> list[Receipt]:
        """Vote with these links, with a progress bar up to ``total`` ballots; see `vote_all`."""
        return await asyncio.to_thread(self._vote, links, poll, told, total)

    def _vote(
        self, links: Sequence[str], poll: int, told: Mapping[str, Marks] | None, total: int | None
    ) -> list[Receipt]:
        crowd = Crowd(self.servers, self.prepared.election, self.seed, poll)
        receipts: list[Receipt] = []
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=out) as progress:
            ballots = progress.add_task("ballots cast", total=total)
            for raw in vote_all(crowd, links, self.pool, told):
                receipts += [load_receipt(item) for item in raw]
                progress.update(ballots, advance=len(raw))
            progress.update(ballots, total=len(receipts))
        return receipts

    # -- the committee -----------------------------------------------------------------------------------------------

    async def act(self, kind: str, data: Mapping[str, Any]) -> Act:
        """One member proposes, the others approve, until it is done."""
        log_id = self.prepared.committee.log_id
        first, *others = self.prepared.committee.members[:THRESHOLD]
        act = await propose(self.client, log_id, first, kind, dict(data), os.urandom)
        for member in others:
            act = await self._approve(member, act)
        return act

    async def _approve(self, member: MemberKey, act: Act) -> Act:
        return await approve(self.client, self.prepared.committee.log_id, member, act, os.urandom)

    async def open(self, poll: int, hours: int) -> None:
        """Two trustees show canaries; two members open the poll for some hours."""
        facts = await self.verified()
        if facts.joint_key is None:
            message = "the trustees have no joint key"
            raise PeerError(message)
        for trustee in self.prepared.trustees[:THRESHOLD]:
            data = canary(trustee.file, facts.log_id, facts.joint_key, poll, os.urandom)
            await publish_message(self.client, "trustee.canary", data)
        closes = format_time(int(time.time()) + 3600 * hours)
        await self.act("poll.opened", await self.client.get_document(f"/polls/{poll}/opening?closes={closes}"))
        await wait_until(self.client, poll, "open")

    async def close(self, poll: int) -> None:
        """Before its time: pause, then close."""
        info = next(item for item in (await self.client.get("", ElectionInfo)).polls if item.poll == poll)
        data = await self.client.get_document(f"/polls/{poll}/opening?closes={info.closes}")
        await self.act("poll.paused", {**data, "reason": "the demo closes early"})
        await self.act("poll.closed", await self.client.get_document(f"/polls/{poll}/closing"))

    async def certify(self, poll: int, facts: Facts, complaints: int) -> Act:
        """After the time for complaints (seconds), two members certify the result that they have verified."""
        await asyncio.sleep(complaints + 1)
        return await self.act("result.certified", {"poll": poll, "declared": b64(declared_hash(facts, poll))})

    # -- trustees and everybody --------------------------------------------------------------------------------------

    async def tally(self, poll: int) -> Facts:
        """Trustees 1 and 3 decrypt; trustee 2 never comes back, and is not needed. Returns the log as verified then."""
        await asyncio.sleep(self.prepared.review_window)
        for place in (0, 2):  # one after the other: OpenSSL has threads for one Argon2id at a time in a process
            await self._decrypt(self.prepared.trustees[place], poll)
        await wait_until(self.client, poll, "declared")
        return await self._declared(poll)

    async def _declared(self, poll: int) -> Facts:
        """The verified log with the result in it: another process may still be about to publish what it has stored."""
        deadline = time.monotonic() + PATIENCE
        while True:
            facts = await self.verified()
            if any(figures.poll == poll and figures.declared is not None for figures in facts.polls):
                return facts
            if time.monotonic() > deadline:
                message = f"poll {poll}: its result is stored, and not published"
                raise PeerError(message)
            await asyncio.sleep(LOOK_EVERY)

    async def _decrypt(self, trustee: Workspace, poll: int) -> None:
        shares = await self._shares(trustee, poll)
        for share in shares:
            await publish_message(self.client, "tally.share", share)
        contests = "contest" if len(shares) == 1 else "contests"
        out.print(f"trustee {trustee.file.number}: verified the log, decrypted the sums of {len(shares)} {contests}")

    async def _shares(self, trustee: Workspace, poll: int) -> list[ShareData]:
        """The trustee's tool, asked again until the review window is over and the sums are there."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return await asyncio.to_thread(self._verify_and_decrypt, trustee, poll)
            except TrusteeToolError:
                if time.monotonic() > deadline:
                    raise
            await asyncio.sleep(LOOK_EVERY)

    def _verify_and_decrypt(self, trustee: Workspace, poll: int) -> list[ShareData]:
        with UrlSource(self.client.log_url) as source:
            log: VerifiedLog = check_log(trustee, source, self.prepared.committee.log_id, (), os.urandom, self.pool)
        return decrypt(trustee, log, poll, int(time.time()), os.urandom)

    async def verified(self) -> Facts:
        """The published log, verified by a member before anything is signed; PeerError where it does not hold."""
        report = await asyncio.to_thread(self._verify_url)
        if not report.ok:
            message = f"the published log does not verify: {report.failures[0]}"
            raise PeerError(message)
        return report.facts

    def _verify_url(self) -> Report:
        with UrlSource(self.client.log_url) as source:
            return verify_log(source, log_id=self.prepared.committee.log_id, executor=self.pool)

    async def verify_folder(self, folder: Path, receipts: Sequence[Receipt]) -> Report:
        """What an auditor does with the folder, all receipts in hand; InputError where it fails."""
        source = FolderSource(folder)
        report = await asyncio.to_thread(verify_log, source, receipts=list(receipts), executor=self.pool)
        if not report.ok:
            message = f"{folder}: the published log does not verify: {report.failures[0]}"
            raise InputError(message)
        return report


async def wait_until(client: ServiceClient, poll: int, *states: str) -> None:
    """Wait until a poll is in one of the states; what does not answer yet is asked again."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            polls = (await client.get("", ElectionInfo)).polls
            state = next((str(item.state) for item in polls if item.poll == poll), "unknown")
        except PeerError:
            state = "silent"
        if state in states:
            return
        if time.monotonic() > deadline:
            message = f"{client.server}: expected poll {poll} to be {' or '.join(states)}, it is {state}"
            raise PeerError(message)
        await asyncio.sleep(LOOK_EVERY)


@contextmanager
def processes() -> Iterator[Executor]:
    """Processes to vote and to verify in: starting them takes longer than a small log."""
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        yield pool


def plain(data: Any) -> dict[str, Any]:
    """A struct as the JSON that is signed."""
    built: dict[str, Any] = msgspec.to_builtins(data)
    return built
