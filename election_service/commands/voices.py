"""`election-service complaint | petition | open-vote`: for holders of a ballot link; what they sign is public."""

from __future__ import annotations

import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from ballot.link import read_link
from election_service.api_types import ElectionInfo, EntryAnswer
from election_service.client import ServiceClient
from election_service.commands.terminal import confirm, fail, out, run
from keys.canonical import Wire, unb64
from keys.derive import credential_key
from tally.complaint import make_complaint
from tally.open_vote import Choice, make_open_vote
from tally.petition import make_support

complaint = typer.Typer(no_args_is_help=True, help="Complain about a declared result.")
petition = typer.Typer(no_args_is_help=True, help="Support a petition.")
open_vote = typer.Typer(no_args_is_help=True, help="Vote in an open vote of a board.")

LinkFile = Annotated[
    Path | None, typer.Option("--link", help="File with your ballot link; without it, the link is read from stdin.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@complaint.command("file")
@run
async def file(
    text: Annotated[Path, typer.Argument(help="Text file with the complaint; it is published.", exists=True)],
    poll: Annotated[int, typer.Option(min=1, help="Number of the poll.")] = 1,
    link: LinkFile = None,
    yes: Yes = False,
) -> None:
    """Complain, with the credential of your ballot link. Everybody can read it and see which credential signed it."""
    content = text.read_text("utf-8").strip()
    async with _speaking(link) as speaker:
        confirm("publish this complaint for good?", yes=yes)
        data = make_complaint(speaker.log_id, poll, content, speaker.secret, secrets.token_bytes)
        out.print(f"complaint logged as entry {await speaker.say('/complaints', data)}")


@petition.command("support")
@run
async def support(
    identity: Annotated[str, typer.Argument(metavar="PETITION", help="Id of the petition.")],
    electorate: Annotated[str, typer.Option(help="Electorate that may support it, as it was opened.")],
    link: LinkFile = None,
    yes: Yes = False,
) -> None:
    """Support a petition, with the credential of your ballot link; everybody can see that this credential did."""
    async with _speaking(link) as speaker:
        confirm(f"support {identity} openly?", yes=yes)
        data = make_support(speaker.log_id, identity, electorate, speaker.secret, secrets.token_bytes)
        out.print(f"support logged as entry {await speaker.say('/petitions', data)}")


@open_vote.command("cast")
@run
async def cast(
    identity: Annotated[str, typer.Argument(metavar="VOTE", help="Id of the open vote.")],
    choice: Annotated[str, typer.Argument(help="for, against or abstain")],
    electorate: Annotated[str, typer.Option(help="Electorate of the board, as the vote began.")],
    link: LinkFile = None,
    yes: Yes = False,
) -> None:
    """Vote openly, with the credential of your ballot link; everybody can see how this credential voted."""
    if choice not in get_args(Choice):
        fail(f"choice: expected one of {', '.join(get_args(Choice))}, got {choice}")
    chosen: Any = choice
    async with _speaking(link) as speaker:
        confirm(f"vote {choice} in {identity}, openly and for good?", yes=yes)
        data = make_open_vote(speaker.log_id, identity, electorate, chosen, speaker.secret, secrets.token_bytes)
        out.print(f"vote logged as entry {await speaker.say('/open-votes', data)}")


@dataclass(frozen=True, slots=True)
class _Speaker:
    """The holder of a ballot link, connected to the service that the link names."""

    client: ServiceClient
    log_id: bytes
    secret: bytes

    async def say(self, path: str, data: Wire) -> int:
        """Send a signed document; returns the number of its entry."""
        return (await self.client.post(path, data, EntryAnswer)).seq

    def __repr__(self) -> str:
        return "_Speaker(…)"


@asynccontextmanager
async def _speaking(file: Path | None) -> AsyncIterator[_Speaker]:
    """Read the link, which is never on a command line, and hold the service to the log that the link names."""
    base, election, seed, prefix = read_link(_link_text(file).strip())
    async with ServiceClient(base, election) as client:
        log_id = unb64((await client.get("", ElectionInfo)).log, 32, "log")
        if log_id[: len(prefix)] != prefix:
            fail("the service names another log than your ballot link", "nothing was signed; tell the committee")
        yield _Speaker(client, log_id, credential_key(seed, election))


def _link_text(file: Path | None) -> str:
    if file is not None:
        return file.read_text("utf-8")
    if sys.stdin.isatty():
        return str(typer.prompt("your ballot link", hide_input=True))
    return sys.stdin.readline()
