"""`election-service trustee`: key ceremony, canary and decryption of sums, on the trustee's own computer."""

from __future__ import annotations

import asyncio
import secrets
import time
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from audit.source import open_log
from ballot.receipt import Receipt, load_receipt
from election_service import trustee_tool
from election_service.api_types import EntryAnswer, TrusteeMessageRequest
from election_service.client import ServiceClient
from election_service.commands.terminal import Election, PassphraseFile, Server, ask_passphrase, fail, out, run
from election_service.proposals import write_proposals
from election_service.state_dir import create_durably
from election_service.trustee_tool import VerifiedLog, Workspace
from keys.canonical import b64, unb64
from keys.ids import check_id, fingerprint
from keys.trustee import (
    CommittedData,
    ComplainedData,
    ConfirmedData,
    HashedData,
    SharedData,
    StepData,
    TrusteeSession,
)
from keys.trustee.file import new_trustee_file, seal_trustee_file

app = typer.Typer(no_args_is_help=True, help="The trustees' key: ceremony, canary, decryption of sums.")

KeyFile = Annotated[Path, typer.Option("--key", help="The trustee's key file.")]
LogId = Annotated[str | None, typer.Option("--log", help="Log id as the committee printed it (base64url).")]
Poll = Annotated[int, typer.Option(min=1, help="Number of the poll.")]

STEP_KINDS: Final[dict[type[StepData], str]] = {
    HashedData: "trustee.hashed",
    CommittedData: "trustee.committed",
    SharedData: "trustee.shared",
    ConfirmedData: "trustee.confirmed",
    ComplainedData: "trustee.complained",
}


@app.command("new")
@run
async def new(
    election: Election,
    key: Annotated[Path, typer.Option("--key", help="Where to put the key file.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a trustee's file, offline. Tell the committee the identity key, and compare the fingerprint in person."""
    check_id(election, "election")
    passphrase = ask_passphrase(passphrase_file, str(key), new=True)
    file = new_trustee_file(election, secrets.token_bytes)
    if not create_durably(key, seal_trustee_file(file, passphrase, secrets.token_bytes)):
        fail(f"{key}: exists already", "choose another name; keys are never overwritten")
    out.print(f"{key}: identity {b64(file.identity_key)}, fingerprint {fingerprint(file.identity_key)}")


@app.command("session")
@run
async def session(
    election: Election,
    identity: Annotated[list[str], typer.Option(help="Identity keys (base64url), in order; repeat the option.")],
    k: Annotated[int, typer.Option("--k", help="How many trustees decrypt together.")],
    proposals: Annotated[Path, typer.Option("--proposals", help="Where the act for the committee goes.")],
    attempt: Annotated[int, typer.Option(min=1, help="1, and one more after a session that was void.")] = 1,
) -> None:
    """Prepare the act that opens a key ceremony of these trustees."""
    keys = tuple(unb64(text, 32, "--identity") for text in identity)
    TrusteeSession(bytes(32), attempt, k, keys)  # refuses what the protocol does not allow
    fields = {"attempt": attempt, "k": k, "trustees": [b64(key) for key in keys]}
    write_proposals(proposals, election, [("trustee.opened", fields)])
    for number, key in enumerate(keys, 1):
        out.print(f"trustee {number}: {fingerprint(key)}")


@app.command("commit")
@run
async def commit(
    server: Server, election: Election, key: KeyFile, log: LogId = None, passphrase_file: PassphraseFile = None
) -> None:
    """Publish the hash of this trustee's commitments; again, once all hashes are there, the commitments themselves."""
    await _step(server, election, key, log, passphrase_file, ("trustee.hashed", "trustee.committed"))


@app.command("share")
@run
async def share(
    server: Server, election: Election, key: KeyFile, log: LogId = None, passphrase_file: PassphraseFile = None
) -> None:
    """Publish the sealed shares for the other trustees."""
    await _step(server, election, key, log, passphrase_file, ("trustee.shared",))


@app.command("confirm")
@run
async def confirm(
    server: Server, election: Election, key: KeyFile, log: LogId = None, passphrase_file: PassphraseFile = None
) -> None:
    """Check every share received and sign the transcript; or publish a complaint that anyone can judge."""
    await _step(server, election, key, log, passphrase_file, ("trustee.confirmed", "trustee.complained"))


async def _step(
    server: str, election: str, key: Path, log: str | None, passphrase_file: Path | None, kinds: tuple[str, ...]
) -> None:
    workspace = Workspace.open(key, ask_passphrase(passphrase_file, str(key)))
    async with ServiceClient(server, election) as client:
        verified = await _verified(client, workspace, log, [])
        data = trustee_tool.advance(workspace, verified, secrets.token_bytes)
        stage = verified.ceremony.stage if verified.ceremony else "none"
        if data is None:
            out.print(f"nothing is due from this trustee now; the ceremony is at: {stage}")
            return
        kind = STEP_KINDS[type(data)]
        if kind not in kinds:
            fail(f"the ceremony is at another step: {kind} is due", f"run: election-service trustee {_COMMANDS[kind]}")
        await _publish(client, kind, data)


_COMMANDS: Final = {
    "trustee.hashed": "commit",
    "trustee.committed": "commit",
    "trustee.shared": "share",
    "trustee.confirmed": "confirm",
    "trustee.complained": "confirm",
}


@app.command("canary")
@run
async def prove(
    server: Server,
    election: Election,
    key: KeyFile,
    poll: Poll = 1,
    log: LogId = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Prove, before a poll opens, that this file works."""
    workspace = Workspace.open(key, ask_passphrase(passphrase_file, str(key)))
    async with ServiceClient(server, election) as client:
        verified = await _verified(client, workspace, log, [])
        trustee_tool.advance(workspace, verified, secrets.token_bytes)
        await _publish(client, "trustee.canary", trustee_tool.prove(workspace, verified, poll, secrets.token_bytes))


@app.command("decrypt")
@run
async def decrypt(
    server: Server,
    election: Election,
    key: KeyFile,
    poll: Poll = 1,
    log: LogId = None,
    receipt: Annotated[list[Path] | None, typer.Option(help="A receipt that the log must honour.", exists=True)] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Verify the whole log, add up the ballots anew, and publish this trustee's share of the sums of a closed poll."""
    receipts = [load_receipt(path.read_bytes()) for path in receipt or []]
    workspace = Workspace.open(key, ask_passphrase(passphrase_file, str(key)))
    async with ServiceClient(server, election) as client:
        verified = await _verified(client, workspace, log, receipts)
        shares = trustee_tool.decrypt(workspace, verified, poll, int(time.time()), secrets.token_bytes)
        for data in shares:
            await _publish(client, "tally.share", data)
        out.print(f"poll {poll}: shares of {len(shares)} contest(s) published")


async def _verified(
    client: ServiceClient, workspace: Workspace, log: str | None, receipts: list[Receipt]
) -> VerifiedLog:
    log_id = unb64(log, 32, "--log") if log else None
    with open_log(client.log_url) as source:
        return await asyncio.to_thread(trustee_tool.check_log, workspace, source, log_id, receipts, secrets.token_bytes)


async def _publish(client: ServiceClient, kind: str, data: msgspec.Struct) -> None:
    out.print(f"{kind}: published, entry {await publish_message(client, kind, data)}")


async def publish_message(client: ServiceClient, kind: str, data: msgspec.Struct) -> int:
    """Send a trustee's message to the service; returns its entry."""
    request = TrusteeMessageRequest(kind=kind, data=msgspec.to_builtins(data))
    return (await client.post("/trustee-messages", request, EntryAnswer)).seq
