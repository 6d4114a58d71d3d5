"""The committee and the trustees over HTTP, as stubborn as the voters: the same bytes until there is an answer."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select

from audit.approvals import make_approval
from audit.entries import format_time
from audit.source import FolderSource, UrlSource
from ballot.receipt import Receipt
from election_service import schema
from election_service.api_types import Act, ActProposal
from election_service.config import Config
from election_service.database import Database, open_database
from election_service.publication import export_log
from election_service.trustee_tool import TrusteeToolError, Workspace, check_log, decrypt
from keys.canonical import b64, encode
from keys.trustee.file import TrusteeFile
from tally.wire import ShareData
from tests.faults.promises import Counted, check_promises
from tests.faults.template import ELECTION, Template
from tests.faults.voters import PATIENCE, Line

_LOOK: float = 0.2  # seconds between two looks at the service


@dataclass(frozen=True, slots=True)
class Motion:
    """An act with everybody's approval, as bytes: the proposal of the first member, the approvals of the others."""

    act: str
    proposal: bytes
    approvals: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Office:
    """The committee's desk: what it signs once it sends until it is answered."""

    template: Template
    line: Line

    def move(self, kind: str, fields: Mapping[str, Any]) -> Motion:
        """Sign an act."""
        data = {**fields, "act": b64(os.urandom(16))}
        committee = self.template.committee
        first, *others = (
            make_approval(committee.log_id, kind, encode(data), member.id, member.secret, os.urandom)
            for member in committee.members
        )
        proposal = ActProposal(kind=kind, data=data, not_before=None, approval=first)
        return Motion(str(data["act"]), encode(proposal), tuple(encode(item) for item in others))

    async def decide(self, kind: str, fields: Mapping[str, Any]) -> Act:
        """Two members."""
        motion = self.move(kind, fields)
        await self.line.post_until_answered("/acts", motion.proposal, Act)
        act = await self.line.post_until_answered(f"/acts/{motion.act}/approvals", motion.approvals[0], Act)
        assert act.state == "done", act
        return act

    async def open_poll(self, seconds: int = 3600) -> int:
        """Open poll 1 for so many seconds; returns when it closes, POSIX seconds."""
        closes = int(time.time()) + seconds
        await self.decide("poll.opened", await self.opening(closes))
        return closes

    async def opening(self, closes: int) -> dict[str, Any]:
        """Contexts and closing time, as the service states them."""
        return await self.line.get_until_answered(f"/polls/1/opening?closes={format_time(closes)}")

    async def extend(self, closes: int) -> Act:
        """Poll 1 closes later than it was to."""
        return await self.decide("poll.extended", {**await self.opening(closes), "reason": "a test extends it"})

    async def pause(self) -> Act:
        """Pause poll 1; its closing time stays."""
        return await self.decide("poll.paused", await self.change("a test pauses it"))

    async def change(self, reason: str) -> dict[str, Any]:
        """The data of an act that leaves the closing time as it is."""
        info = await self.line.get_until_answered("")
        closes = info["polls"][0]["closes"]
        return {**await self.line.get_until_answered(f"/polls/1/opening?closes={closes}"), "reason": reason}

    async def close_early(self) -> Act:
        """Pause, then close with the numbers of the pause."""
        await self.pause()
        return await self.decide("poll.closed", await self.line.get_until_answered("/polls/1/closing"))

    async def wait_until(self, *states: str) -> None:
        """Until poll 1 is in one of the states."""
        deadline = time.monotonic() + PATIENCE
        while True:
            state = (await self.line.get_until_answered(""))["polls"][0]["state"]
            if state in states:
                return
            assert time.monotonic() < deadline, f"expected {' or '.join(states)}, the poll is {state}"
            await asyncio.sleep(_LOOK)

    async def tally(self, folder: Path) -> None:
        """Two of the three trustees, with the tool that verifies the log first; until the result is declared."""
        for number in (0, 2):
            file = self.template.trustees[number]
            shares = await asyncio.to_thread(_shares, self.line.log_url, self.template, file, folder)
            for share in shares:
                body = encode({"kind": "tally.share", "data": msgspec.to_builtins(share)})
                await self.line.post_until_answered("/trustee-messages", body, dict[str, int])
        await self.wait_until("declared")


def _shares(log_url: str, template: Template, file: TrusteeFile, folder: Path) -> list[ShareData]:
    """The tool is asked again until the review window is over and the sums are published."""
    workspace = Workspace(folder / f"trustee-{file.number}.key", "a test", file)
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with UrlSource(log_url) as source:
                log = check_log(workspace, source, template.committee.log_id, (), os.urandom)
            return decrypt(workspace, log, 1, int(time.time()), os.urandom)
        except TrusteeToolError:
            if time.monotonic() > deadline:
                raise
        time.sleep(_LOOK)


async def judge(config: Config, folder: Path, receipts: Sequence[Receipt], *, finished: bool = True) -> Counted:
    """Publish the log into a fresh folder and check every promise on it."""
    copy = folder / f"public-{os.urandom(4).hex()}"
    database = open_database(config.database_url)
    try:
        await _until_published(database)
        async with database.snapshot() as connection:
            await export_log(connection, ELECTION, copy)
    finally:
        await database.close()
    with FolderSource(copy) as source:
        return await asyncio.to_thread(check_promises, source, receipts, finished=finished)


async def _until_published(database: Database) -> None:
    """Until the signed checkpoint is that of the newest entry: a state is known a moment before its log is out."""
    heads, deadline = schema.log_heads, time.monotonic() + PATIENCE
    while True:
        async with database.snapshot() as connection:
            (head,) = (await connection.execute(select(heads.c.size, heads.c.published_size))).all()
        if head.size == head.published_size:
            return
        assert time.monotonic() < deadline, f"expected {head.size} published entries, got {head.published_size}"
        await asyncio.sleep(_LOOK)
