"""Trustees on their way through the pages: one with the stand-alone tool in Chromium, the others at the command line.

Both take the log as the file that the page hands out, and bring what they made back to the page as a file.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
from playwright.async_api import expect

from audit.source import ZipSource
from election_service import trustee_tool
from election_service.trustee_tool import Workspace
from keys.canonical import b64, encode, unb64
from keys.keyfile import Cost
from keys.trustee.file import new_trustee_file, seal_trustee_file
from keys.trustee.tool import canary
from tests.browser.console_person import PATIENCE, Person
from tests.service.house import STEPS
from tests.trustee.person import PASSPHRASE, AtThePage

_CHEAP: Final = Cost(memory=8 * 1024, iterations=1, lanes=1)
Messages = list[dict[str, Any]]


class Tool(Protocol):
    """What a trustee works with. ``make``: a new file, gives the identity key; ``act``: what is due in this log."""

    async def make(self, election: str) -> str: ...

    async def act(self, duty: str, archive: Path, log_id: str) -> Messages: ...


@dataclass(slots=True)
class InTheBrowser:
    """The page that works offline. ``page``: opened from the disk."""

    page: AtThePage

    async def make(self, election: str) -> str:
        return await self.page.make(election)

    async def act(self, duty: str, archive: Path, log_id: str) -> Messages:
        await self.page.check(archive, log_id)
        (button,) = [name for name in await self.page.duties() if name.startswith(duty)]
        return await self.page.act(button)


@dataclass(slots=True)
class AtTheCommandLine:
    """What `election-service trustee` runs, with a log in a file."""

    folder: Path
    _path: Path = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._path = self.folder / "trustee.key"

    async def make(self, election: str) -> str:
        file = new_trustee_file(election, os.urandom)
        self._path.write_bytes(seal_trustee_file(file, PASSPHRASE, os.urandom, _CHEAP))
        return b64(file.identity_key)

    async def act(self, duty: str, archive: Path, log_id: str) -> Messages:
        return await asyncio.to_thread(self._act, duty, archive, log_id)

    def _act(self, duty: str, archive: Path, log_id: str) -> Messages:
        workspace = Workspace.open(self._path, PASSPHRASE)
        with ZipSource(archive) as source:
            log = trustee_tool.check_log(workspace, source, unb64(log_id, 32, "log id"), (), os.urandom)
        poll = len(log.facts.polls)
        if duty == "decrypt":
            shares = trustee_tool.decrypt(workspace, log, poll, int(time.time()), os.urandom)
            return [_message("tally.share", share) for share in shares]
        if duty == "canary":
            assert log.facts.joint_key is not None
            made = canary(workspace.file, log.facts.log_id, log.facts.joint_key, poll, os.urandom)
            return [_message("trustee.canary", made)]
        data = trustee_tool.advance(workspace, log, os.urandom)
        assert data is not None
        return [_message(STEPS[type(data).__name__], data)]


def _message(kind: str, data: Any) -> dict[str, Any]:
    return {"kind": kind, "data": msgspec.to_builtins(data)}


@dataclass(slots=True)
class Trustee:
    """A person, their tool, and the folder where their files are."""

    person: Person
    tool: Tool
    folder: Path

    async def tell_key(self) -> None:
        """Make a file, and tell the identity key."""
        await self.person.at("/trustee")
        key = await self.tool.make(self.person.election)
        await self.person.write("Identity key, as the tool shows it", key)
        await self.person.press("Tell it")
        await self.person.see("Your key is noted")

    async def act(self, duty: str, log_id: str) -> None:
        """Download the log, do what is due, upload the message."""
        await self.person.at("/trustee")
        archive = await self.person.save(self.folder / "log.zip", "Download the log")
        messages = await self.tool.act(duty, archive, log_id)
        file = self.folder / "message-to-upload.json"
        file.write_bytes(b"\n".join(map(encode, messages)))
        await self.person.at("/trustee")
        await self.person.page.set_input_files("#message-file", file)
        await self.person.press("Upload", patience=PATIENCE)
        await expect(self.person.main.locator(".notice.bad")).to_have_count(0)
