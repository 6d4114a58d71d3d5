"""`election-service init | serve | doctor | export`: what the operator of the machine does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from election_service.commands.terminal import Election, fail, out, run
from election_service.committee import read_member
from election_service.config import Config, describe_config, load_config
from election_service.installation import install
from election_service.publication import export_log
from election_service.service import Service, open_service, system_clock
from election_service.service_logging import configure_logging
from election_service.setup import ElectionPlan, create_election
from keys.canonical import b64, unb64
from keys.ids import fingerprint

ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="TOML file; ELECTION_* variables win over it.", envvar="ELECTION_CONFIG")
]


def read_config(file: Path | None) -> Config:
    """The configuration of a command."""
    return load_config(os.environ, file)


@run
async def init(
    config: ConfigFile = None,
    election: Annotated[str | None, typer.Option(help="Id of an election to make, e.g. sg-2026.")] = None,
    title: Annotated[str, typer.Option(help="Its title, as voters see it.")] = "",
    member: Annotated[
        list[Path] | None, typer.Option(help="Key file of a committee member (its public part is read).", exists=True)
    ] = None,
    threshold: Annotated[int, typer.Option(help="How many members an act needs.")] = 2,
    registrar: Annotated[
        str | None, typer.Option(help="Public key of an offline registrar (base64url); without it, the service is.")
    ] = None,
    second_factor: Annotated[str, typer.Option(help="totp; email or none with a waiver.")] = "totp",
    waiver: Annotated[
        str | None, typer.Option(help="Who decided on no second factor, or on codes by mail, when, why.")
    ] = None,
    rehearsal: Annotated[bool, typer.Option("--rehearsal", help="A test election.")] = False,
) -> None:
    """Make what an installation needs, and, with --election, a new election with its log.

    The constitution, the roll and the trustees follow; docs/committee.md leads through them.
    """
    settings = read_config(config)
    for line in await install(settings):
        out.print(f"made: {line}")
    if election is None:
        return
    members = [read_member(path) for path in member or []]
    if len(members) < threshold:
        fail(f"--member: expected at least {threshold}, got {len(members)}", "make keys: election-service member new")
    plan = ElectionPlan(
        election=election,
        title=title or election,
        members=members,
        threshold=threshold,
        registrar_key=unb64(registrar, 32, "--registrar") if registrar else None,
        second_factor=_second_factor(second_factor),
        waiver=waiver,
        rehearsal=rehearsal,
    )
    async with open_service(settings) as service:
        log_id = await create_election(service, plan)
    out.print(f"election {election}: log {b64(log_id)}")
    for name, key in members:
        out.print(f"  member {name}: {fingerprint(key)}")


def _second_factor(text: str) -> Any:
    if text not in ("none", "totp", "email"):
        fail(f"--second-factor: expected totp, email or none, got {text}")
    return text


@run
async def serve(
    config: ConfigFile = None,
    check_config: Annotated[bool, typer.Option("--check-config", help="Read the settings, print them, stop.")] = False,
) -> None:
    """Serve until stopped."""
    settings = read_config(config)
    if check_config:
        out.print(repr(settings), markup=False)
        return
    configure_logging()
    from election_service.server import serve as serve_until_stopped  # every page: no other command waits for it

    def ready(_service: Service) -> None:
        out.print(f"listening on http://{settings.host}:{settings.port}, health on port {settings.health_port}")

    await serve_until_stopped(settings, ready)


@run
async def doctor(config: ConfigFile = None) -> None:
    """Look at configuration, storage, clock, keys and log, and say what to mend. Exit code 1 if anything is broken."""
    from election_service.doctor import examine, is_fit

    findings = await examine(read_config(config), system_clock)
    for finding in findings:
        out.print(f"{finding.level:<8}{finding.area:<15} {finding.text}", markup=False)
        if finding.hint:
            out.print(f"{'':<8}{'':<16}hint: {finding.hint}", markup=False)
    if not is_fit(findings):
        fail("this installation is not fit to serve")


@run
async def export(
    election: Election,
    folder: Annotated[Path, typer.Argument(help="Where to put the copy.")],
    config: ConfigFile = None,
) -> None:
    """Write the published log as a folder that `election-audit verify` takes."""
    async with open_service(read_config(config)) as service, service.database.snapshot() as connection:
        count = await export_log(connection, election, folder)
    out.print(f"{folder}: {count} files")


serve.__doc__ = (serve.__doc__ or "") + "\n\nSettings:\n\n" + describe_config()
