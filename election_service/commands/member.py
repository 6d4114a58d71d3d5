"""`election-service member`: a committee member's key, and the approval of acts."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

from election_service.api_types import Act
from election_service.client import ServiceClient
from election_service.commands.looking import LOOKED_AT, log_to_sign_for, look_at, verified_log
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
from election_service.committee import (
    act_code,
    approve,
    new_member_key,
    open_member_key,
    propose,
    read_member,
    waiting_acts,
)
from election_service.proposals import read_proposals
from election_service.state_dir import create_durably
from keys.canonical import encode
from keys.ids import check_id, fingerprint
from keys.text import printable

app = typer.Typer(no_args_is_help=True, help="A committee member's key, and the approval of acts.")

KeyFile = Annotated[Path, typer.Option("--key", help="The member's key file.")]


@app.command("new")
@run
async def new(
    member: Annotated[str, typer.Argument(help="Id of the member, e.g. nino.beridze")],
    key: Annotated[Path, typer.Option("--key", help="Where to put the key file.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a member's key, protected by a passphrase, in a new file."""
    check_id(member, "member")
    passphrase = ask_passphrase(passphrase_file, f"the key of {member}", new=True)
    if not create_durably(key, new_member_key(member, passphrase, secrets.token_bytes)):
        fail(f"{key}: exists already", "choose another name; keys are never overwritten")
    _, public = read_member(key)
    out.print(f"{key}: key of {member}, fingerprint {fingerprint(public)}")


@app.command("show")
@run
async def show(key: KeyFile) -> None:
    """Print id, public key and fingerprint of a key file."""
    member, public = read_member(key)
    out.print(f"{member}  {public.hex()}  {fingerprint(public)}")


@app.command("acts")
@run
async def acts(server: Server, election: Election) -> None:
    """List the acts that wait for approvals."""
    async with ServiceClient(server, election) as client:
        waiting = await waiting_acts(client)
    for act in waiting:
        describe(act)
    if not waiting:
        out.print("no act waits for an approval")


@app.command("approve")
@run
async def approve_acts(
    server: Server,
    election: Election,
    key: KeyFile,
    act: Annotated[list[str] | None, typer.Argument(help="Ids of acts; without any, all that wait for you.")] = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
) -> None:
    """Show the acts that wait for this member, ask, and sign."""
    async with ServiceClient(server, election) as client:
        member, _ = read_member(key)
        waiting = await waiting_acts(client, member)
        wanted = [item for item in waiting if not act or item.act in act]
        missing = set(act or []) - {item.act for item in wanted}
        if missing:
            fail(f"act {', '.join(sorted(missing))}: does not wait for {member}")
        if not wanted:
            out.print(f"no act waits for {member}")
            return
        log_id = await log_to_sign_for(client, key)
        looked = None
        for item in wanted:
            describe(item)
            out.print(f"  code {act_code(log_id, item)}", markup=False)
            if item.kind in LOOKED_AT:
                looked = looked or await verified_log(client, log_id)
                look_at(looked, item.kind, item.data, item.not_before)
        confirm(f"approve {len(wanted)} act(s) as {member}?", yes=yes)
        opened = open_member_key(key, ask_passphrase(passphrase_file, str(key)))
        for item in wanted:
            done = await approve(client, log_id, opened, item, secrets.token_bytes)
            out.print(f"{done.kind} {done.act}: {done.state}" + (f", entry {done.seq}" if done.seq is not None else ""))


@app.command("propose")
@run
async def propose_file(
    server: Server,
    election: Election,
    key: KeyFile,
    file: Annotated[Path, typer.Argument(help="A file of proposals, from the operator or the registrar.", exists=True)],
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
) -> None:
    """Propose the acts of a file, each approved by this member; another member approves them."""
    acts = read_proposals(file, election)
    async with ServiceClient(server, election) as client:
        log_id = await log_to_sign_for(client, key)
        looked = None
        for act in acts:
            out.print(f"{act.kind}\n  {encode(act.data).decode()}", markup=False)
            if act.kind in LOOKED_AT:
                looked = looked or await verified_log(client, log_id)
                look_at(looked, act.kind, act.data)
        confirm(f"propose {len(acts)} act(s) and approve them?", yes=yes)
        member = open_member_key(key, ask_passphrase(passphrase_file, str(key)))
        for act in acts:
            done = await propose(client, log_id, member, act.kind, act.data, secrets.token_bytes)
            out.print(f"{done.kind} {done.act}: {done.state}, code {act_code(log_id, done)}")


def describe(act: Act) -> None:
    """Show an act exactly: what is signed is these bytes."""
    approved = ", ".join(approval.member for approval in act.approvals) or "nobody"
    when = f", not before {act.not_before}" if act.not_before else ""
    out.print(printable(f"{act.kind}  {act.act}  approved by {approved}{when}"), markup=False)
    out.print(printable(f"  {encode(act.data).decode()}"), markup=False)
