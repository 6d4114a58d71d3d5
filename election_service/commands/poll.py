"""`election-service poll`: open, close, extend, pause and resume a poll; each is an act of two members."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated, Any

import typer

from audit.entries import parse_time
from election_service.api_types import ElectionInfo, PollInfo
from election_service.client import ServiceClient
from election_service.commands.looking import LOOKED_AT, log_to_sign_for, look_at, verified_log
from election_service.commands.member import KeyFile, describe
from election_service.commands.next_poll import poll_next
from election_service.commands.terminal import (
    Election,
    PassphraseFile,
    Server,
    Yes,
    ask_passphrase,
    confirm,
    fail,
    out,
    run,
)
from election_service.committee import open_member_key, propose, waiting_acts
from keys.canonical import encode
from keys.text import printable

app = typer.Typer(no_args_is_help=True, help="Prepare, open, close, extend, pause and resume a poll.")

app.command("next")(poll_next)

Poll = Annotated[int, typer.Option(min=1, help="Number of the poll.")]
Closes = Annotated[str, typer.Option(help="Closing time, UTC: YYYY-MM-DDTHH:MM:SSZ")]
Reason = Annotated[str, typer.Option(help="Reason, published in the log.")]


@app.command("status")
@run
async def status(server: Server, election: Election) -> None:
    """Print the state of each poll."""
    async with ServiceClient(server, election) as client:
        info = await client.get("", ElectionInfo)
    for poll in info.polls:
        out.print(f"poll {poll.poll}: {poll.state}, opens {poll.opens or '—'}, closes {poll.closes or '—'}")
    if not info.polls:
        out.print("no poll is prepared yet")


@app.command("open")
@run
async def open_poll(
    server: Server,
    election: Election,
    key: KeyFile,
    closes: Closes,
    poll: Poll = 1,
    at: Annotated[str | None, typer.Option(help="Open at this time (UTC), not as soon as approved.")] = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
) -> None:
    """Propose to open a poll until its closing time; another member approves with `member approve`."""
    for time in (closes, *([at] if at else [])):
        parse_time(time)
    async with ServiceClient(server, election) as client:
        data = await _unsigned(client, f"/polls/{poll}/opening?closes={closes}", poll=poll, closes=closes)
        await propose_act(client, key, passphrase_file, "poll.opened", data, yes=yes, not_before=at)


@app.command("close")
@run
async def close(
    server: Server,
    election: Election,
    key: KeyFile,
    poll: Poll = 1,
    reason: Reason = "closed early by the committee",
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
) -> None:
    """Close a poll before its time: first this proposes a pause; once that is approved, say it again to close.

    What members sign at a close are the numbers of ballots and tokens, so the poll must stand still first. At its
    closing time a poll closes by itself.
    """
    async with ServiceClient(server, election) as client:
        info = await _poll(client, poll)
        if info.state == "open":
            await _change(client, key, passphrase_file, "poll.paused", info, reason, yes=yes)
            out.print("once the pause is approved, run this command again to close")
        elif info.state == "paused":
            data = await _unsigned(client, f"/polls/{poll}/closing", poll=poll)
            await propose_act(client, key, passphrase_file, "poll.closed", data, yes=yes)
        else:
            fail(f"poll {poll}: expected an open or paused poll, got one that is {info.state}")


@app.command("pause")
@run
async def pause(
    server: Server,
    election: Election,
    key: KeyFile,
    reason: Reason,
    poll: Poll = 1,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
) -> None:
    """Propose to pause an open poll: no tokens, no ballots until it is resumed."""
    async with ServiceClient(server, election) as client:
        info = await _poll(client, poll)
        await _change(client, key, passphrase_file, "poll.paused", info, reason, yes=yes)


@app.command("resume")
@run
async def resume(
    server: Server,
    election: Election,
    key: KeyFile,
    reason: Reason,
    poll: Poll = 1,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
) -> None:
    """Propose to resume a paused poll."""
    async with ServiceClient(server, election) as client:
        info = await _poll(client, poll)
        await _change(client, key, passphrase_file, "poll.resumed", info, reason, yes=yes)


@app.command("extend")
@run
async def extend(
    server: Server,
    election: Election,
    key: KeyFile,
    closes: Closes,
    reason: Reason,
    poll: Poll = 1,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
) -> None:
    """Propose a later closing time."""
    parse_time(closes)
    async with ServiceClient(server, election) as client:
        info = await _poll(client, poll)
        await _change(client, key, passphrase_file, "poll.extended", info, reason, yes=yes, closes=closes)


async def _poll(client: ServiceClient, number: int) -> PollInfo:
    polls = [poll for poll in (await client.get("", ElectionInfo)).polls if poll.poll == number]
    if not polls:
        fail(f"poll {number}: the election has no such poll")
    return polls[0]


async def _unsigned(client: ServiceClient, path: str, **asked: Any) -> dict[str, Any]:
    """The data that the service prepares to be signed. Leaves where ``asked``, what the member said, is not in it."""
    data = await client.get_document(path)
    for name, value in asked.items():
        if data.get(name) != value:
            fail(f"{name}: asked for {value}, the service prepared {data.get(name)!r}", "nothing was signed")
    return data


async def _change(
    client: ServiceClient,
    key: Path,
    passphrase_file: Path | None,
    kind: str,
    info: PollInfo,
    reason: str,
    *,
    yes: bool,
    closes: str | None = None,
) -> None:
    """Pause, resume, extend: the data of the opening with the closing time in force, and the reason."""
    if info.closes is None:
        fail(f"poll {info.poll}: was never opened")
    until = closes or info.closes
    data = await _unsigned(client, f"/polls/{info.poll}/opening?closes={until}", poll=info.poll, closes=until)
    await propose_act(client, key, passphrase_file, kind, {**data, "reason": reason}, yes=yes)


async def propose_act(
    client: ServiceClient,
    key: Path,
    passphrase_file: Path | None,
    kind: str,
    data: dict[str, Any],
    *,
    yes: bool,
    not_before: str | None = None,
    subject: str = "poll",
) -> None:
    """Show an act in words and exactly, ask, and propose it with the own approval; once for each subject."""
    for waiting in await waiting_acts(client):
        if waiting.kind == kind and waiting.data.get(subject) == data[subject]:
            describe(waiting)
            fail(f"{kind}: already proposed", f"approve it: election-service member approve --key {key}")
    out.print(printable(kind), printable(f"  {encode(data).decode()}"), sep="\n", markup=False)
    log_id = await log_to_sign_for(client, key)
    if kind in LOOKED_AT:
        look_at(await verified_log(client, log_id), kind, data, not_before)
    confirm("propose this and approve it?", yes=yes)
    member = open_member_key(key, ask_passphrase(passphrase_file, str(key)))
    act = await propose(client, log_id, member, kind, data, secrets.token_bytes, not_before)
    place = f", entry {act.seq}" if act.seq is not None else ""
    out.print(f"{act.kind} {act.act}: {act.state}, approved by {len(act.approvals)}{place}")
