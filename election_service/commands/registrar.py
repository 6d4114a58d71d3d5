"""`election-service registrar`: credentials and ballot links, on the registrar's own computer or in the service."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Annotated, Final

import pyotp
import typer

from ballot.token import draw_secret
from election_service.assemblies import import_assemblies, list_assemblies, sign_assemblies, sign_list
from election_service.commands.operator import ConfigFile, read_config
from election_service.commands.roll import Columns, Levels, Statuses, read_columns, read_rule
from election_service.commands.terminal import Election, PassphraseFile, ask_passphrase, confirm, fail, out, run
from election_service.database import open_database
from election_service.follow_up import assemblies_for, present_members
from election_service.invitations import queue_invitations
from election_service.links import write_links
from election_service.mail import finish_links, letterhead_of, send_links
from election_service.mail_server import MailServer
from election_service.proposals import electorate_acts, write_proposals
from election_service.registrar import RegistrarDocument, make_registration
from election_service.registration import (
    electorate_proposals,
    import_document,
    register_in_service,
    voters_with_credentials,
)
from election_service.roll import read_roll
from election_service.service import open_service
from election_service.state_dir import create_durably
from election_service.totp import enrol_totp
from keys import schnorr
from keys.canonical import b64, decode, encode, unb64
from keys.ids import fingerprint
from keys.keyfile import open_key_file, seal_key_file

app = typer.Typer(no_args_is_help=True, help="Credentials and ballot links.")

KIND: Final = "registrar"

Links = Annotated[Path, typer.Option("--links", help="Where the links go (mode 0600); keep it to yourself.")]
Proposals = Annotated[Path, typer.Option("--proposals", help="Where the acts for the committee go.")]


@app.command("new")
@run
async def new(
    key: Annotated[Path, typer.Option("--key", help="Where to put the key file.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make an offline registrar's key; give its public part to whoever makes the election (init --registrar)."""
    secret = draw_secret(secrets.token_bytes)
    public = b64(schnorr.public_key(secret))
    passphrase = ask_passphrase(passphrase_file, str(key), new=True)
    if not create_durably(key, seal_key_file(KIND, {"key": public}, secret, passphrase, secrets.token_bytes)):
        fail(f"{key}: exists already", "choose another name; keys are never overwritten")
    out.print(f"{key}: registrar {public}, fingerprint {fingerprint(schnorr.public_key(secret))}")


@app.command("make")
@run
async def make(
    election: Election,
    proposals: Proposals,
    links: Annotated[
        Path | None, typer.Option("--links", help="Where the links go (mode 0600); keep it to yourself.")
    ] = None,
    send_now: Annotated[bool, typer.Option("--send", help="Mail the links; no file ever holds them.")] = False,
    config: ConfigFile = None,
) -> None:
    """In the service: make a credential for everybody on the frozen roll. The links are written or mailed, not kept."""
    settings = read_config(config)
    if (links is None) != send_now:
        fail("expected either --send or --links FILE", "--send mails each voter the own link")
    if send_now:
        MailServer.from_config(settings)
    async with open_service(settings) as service:
        async with service.database.transaction() as connection:
            made = await register_in_service(connection, service.master, election, settings.public_url, service.random)
            if links is None:
                await queue_invitations(service, connection, election, made)
            else:
                write_links(links, made)
        async with service.database.snapshot() as connection:
            acts = electorate_acts(await electorate_proposals(connection, election))
    write_proposals(proposals, election, acts)
    where = "queued: they go out with `serve` or `election-service mail send`" if links is None else f"in {links}"
    out.print(f"{len(made)} ballot links {where}; {proposals}: {len(acts)} electorates for the committee to approve")


@app.command("totp")
@run
async def totp(
    election: Election,
    out_file: Annotated[Path, typer.Option("--out", help="Where the enrolment addresses go (mode 0600).")],
    config: ConfigFile = None,
    student: Annotated[
        list[str] | None, typer.Option(help="Only this student, as after a re-issue; may be repeated.")
    ] = None,
) -> None:
    """Give every voter a TOTP secret, for elections with this second factor; hand them over apart from the links.

    The file has an otpauth:// address for each student id, which authenticator apps read as a QR code.
    """
    if out_file.exists():
        fail(f"{out_file}: exists already", "give another name")
    async with open_service(read_config(config)) as service:
        async with service.database.snapshot() as connection:
            voters = await voters_with_credentials(connection, election)
        unknown = set(student or ()) - {name for name, _ in voters}
        if unknown:
            fail(f"--student {', '.join(sorted(unknown))}: has no credential", "give ids as the roll has them")
        voters = [(name, key) for name, key in voters if not student or name in student]
        rows = [(name, await enrol_totp(service, election, key)) for name, key in voters]
        title = (await service.election(election)).title
    lines = [f"{name},{pyotp.TOTP(secret, name=name, issuer=title).provisioning_uri()}" for name, secret in rows]
    create_durably(out_file, "\n".join(["student_id,otpauth", *lines, ""]).encode())
    out.print(f"{out_file}: {len(rows)} enrolments; hand them over apart from the ballot links, then destroy the file")


@app.command("make-offline")
@run
async def make_offline(
    roll: Annotated[Path, typer.Option(help="The roll that was frozen, CSV or XLSX.", exists=True)],
    key: Annotated[Path, typer.Option("--key", help="The registrar's key file.", exists=True)],
    election: Election,
    log: Annotated[str, typer.Option(help="Log id (base64url), as init printed it.")],
    public_url: Annotated[str, typer.Option(help="Where voters reach the service.")],
    links: Links,
    document: Annotated[Path, typer.Option(help="Where the document for the service goes.")],
    column: Columns = None,
    level: Levels = None,
    status: Statuses = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """On the registrar's own computer: seeds, links and signed electorates; the service gets public keys alone."""
    rule = read_rule(level, status)
    students = read_roll(roll.read_bytes(), columns=read_columns(column), rule=rule).eligible
    secret = open_key_file(key.read_bytes(), KIND, ask_passphrase(passphrase_file, str(key)))
    log_id = unb64(log, 32, "--log")
    made, content = make_registration(students, election, log_id, public_url, secret, secrets.token_bytes)
    if not create_durably(document, encode(content)):
        fail(f"{document}: exists already", "give another name")
    write_links(links, made)
    out.print(f"{links}: {len(made)} ballot links; {document}: give this to the operator, it holds no seed")


@app.command("import")
@run
async def import_(
    document: Annotated[Path, typer.Argument(help="What `registrar make-offline` wrote.", exists=True)],
    election: Election,
    proposals: Proposals,
    config: ConfigFile = None,
) -> None:
    """Take an offline registrar's document over; every fault is named, and nothing is stored while there is one."""
    database = open_database(read_config(config).database_url)
    try:
        async with database.transaction() as connection:
            acts = electorate_acts(await import_document(connection, election, document.read_bytes()))
    finally:
        await database.close()
    write_proposals(proposals, election, acts)
    out.print(f"{proposals}: {len(acts)} electorates for the committee to approve")


@app.command("members")
@run
async def members(
    election: Election,
    proposals: Annotated[Path | None, typer.Option(help="Where the act for the committee goes.")] = None,
    list_file: Annotated[Path | None, typer.Option("--list", help="Where an offline registrar's list goes.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="Id of a person who has no vote; may be repeated.")] = None,
    config: ConfigFile = None,
) -> None:
    """Make an electorate of all who hold a seat now: for petitions and open votes. `poll next` makes its own."""
    async with open_service(read_config(config)) as service:
        assembly = await present_members(service, election, without or ())
        name = assembly.electorate.block.id
        if list_file is not None:
            poll = max((await service.facts(election)).polls, default=0) + 1
            raw = list_assemblies(election, (await service.election(election)).log_id, poll, [assembly])
            if not create_durably(list_file, raw):
                fail(f"{list_file}: exists already", "give another name")
            out.print(f"{list_file}: {name} for the registrar: election-service registrar sign-members")
        elif proposals is not None:
            async with service.database.transaction() as connection:
                made = await sign_assemblies(connection, service.master, election, [assembly], service.random)
            write_proposals(proposals, election, electorate_acts(made))
            out.print(f"{proposals}: {name}, {len(assembly.persons)} members, for the committee to approve")
        else:
            fail("expected --proposals FILE, or --list FILE for an offline registrar")


@app.command("sign-members")
@run
async def sign_members(
    list_file: Annotated[Path, typer.Argument(metavar="LIST", help="The list that the operator gave.", exists=True)],
    document: Annotated[Path, typer.Option(help="Your document, as `make-offline` wrote it.", exists=True)],
    key: Annotated[Path, typer.Option("--key", help="The registrar's key file.", exists=True)],
    signed: Annotated[Path, typer.Option(help="Where the signed electorates go.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """On the registrar's own computer: sign electorates of members, from the student ids in the operator's list."""
    secret = open_key_file(key.read_bytes(), KIND, ask_passphrase(passphrase_file, str(key)))
    known = decode(document.read_bytes(), RegistrarDocument)
    if not create_durably(signed, sign_list(list_file.read_bytes(), known, secret, secrets.token_bytes)):
        fail(f"{signed}: exists already", "give another name")
    out.print(f"{signed}: give this to the operator; it names nobody")


@app.command("import-members")
@run
async def import_members(
    signed: Annotated[Path, typer.Argument(help="What `registrar sign-members` wrote.", exists=True)],
    election: Election,
    proposals: Proposals,
    config: ConfigFile = None,
) -> None:
    """Take the electorates of the next poll's members, as an offline registrar signed them."""
    async with open_service(read_config(config)) as service:
        raw = signed.read_bytes()
        assemblies = await assemblies_for(service, election, raw)
        async with service.database.transaction() as connection:
            acts = electorate_acts(await import_assemblies(connection, election, raw, assemblies))
    write_proposals(proposals, election, acts)
    out.print(f"{proposals}: {len(acts)} electorates for the committee to approve")


@app.command("send")
@run
async def send(
    links: Annotated[Path, typer.Option("--links", help="The links file.", exists=True)],
    title: Annotated[str, typer.Option(help="Title of the election, as voters know it.")],
    config: ConfigFile = None,
    contact: Annotated[str, typer.Option(help="The committee's mail address, or a page, for questions.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Try the refused addresses once more.")] = False,
    finish: Annotated[bool, typer.Option("--finish", help="Destroy the links file once all are out.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Send each voter the own link by mail; throttled, and it goes on where it stopped."""
    server = MailServer.from_config(read_config(config))
    confirm(f"send the links of {links} through {server.host}?", yes=yes)
    head = letterhead_of(links, title, contact)
    refused = await send_links(links, head, server, clock=lambda: int(time.time()), again=again)
    for item in refused:
        out.print(f"refused: {item.student_id}: {item.reason}", markup=False)
    out.print("all links are out" if not refused else f"{len(refused)} addresses were refused")
    if finish:
        finish_links(links)
        out.print(f"{links}: destroyed")
