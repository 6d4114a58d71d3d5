"""`election-service registrar reissue …`: new ballot links for single voters, and who asked for one."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from election_service.commands.operator import ConfigFile, read_config
from election_service.commands.registrar import KIND, Links, Proposals
from election_service.commands.roll import Columns, Levels, Statuses, read_columns, read_rule
from election_service.commands.terminal import Election, PassphraseFile, ask_passphrase, fail, out, run
from election_service.database import open_database
from election_service.link_requests import list_requests, refuse_request
from election_service.links import write_links
from election_service.proposals import write_proposals
from election_service.registrar import RegistrarDocument
from election_service.reissue import PlannedAct, import_replacements, reissue_links
from election_service.reissue_file import make_replacements, read_replacements
from election_service.roll import read_roll
from election_service.roll_rules import Student
from election_service.service import open_service
from election_service.state_dir import create_durably
from keys.canonical import decode, encode
from keys.keyfile import open_key_file

Students = Annotated[list[str], typer.Argument(metavar="STUDENT…", help="Student ids, as on the roll.")]
Reason = Annotated[str, typer.Option(help="Why; everybody can read it in the log, so name nobody.")]


@run
async def reissue(
    students: Students,
    election: Election,
    proposals: Proposals,
    reason: Reason,
    config: ConfigFile = None,
) -> None:
    """In the service: make new links. Each is mailed when two members have approved, and the old one is void then.

    Refused for who has a token in an open poll. Made again for the same student, the earlier proposal is void.
    """
    settings = read_config(config)
    _check_free(proposals)
    async with open_service(settings) as service:
        acts = await reissue_links(service, election, students, reason)
        factor = (await service.election(election)).settings.second_factor
    _write(proposals, election, acts)
    if not settings.smtp_host:
        out.print("no mail server is configured: the mails wait until there is one")
    if factor == "totp":
        names = " ".join(f"--student {student}" for student in students)
        out.print(f"when it is done, a new second factor: election-service registrar totp {names}", markup=False)


@run
async def reissue_offline(
    students: Students,
    roll: Annotated[Path, typer.Option(help="The roll that was frozen, CSV or XLSX.", exists=True)],
    document: Annotated[Path, typer.Option(help="Your document, as `make-offline` wrote it.", exists=True)],
    key: Annotated[Path, typer.Option("--key", help="The registrar's key file.", exists=True)],
    public_url: Annotated[str, typer.Option(help="Where voters reach the service.")],
    reason: Reason,
    links: Links,
    replacements: Annotated[Path, typer.Option(help="Where the file for the operator goes; keep a copy.")],
    earlier: Annotated[
        list[Path] | None, typer.Option(help="That file of each re-issue that was done, oldest first.", exists=True)
    ] = None,
    column: Columns = None,
    level: Levels = None,
    status: Statuses = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """On the registrar's own computer: new links and a signed file. Send the links when the committee has approved."""
    _check_free(replacements)
    known = decode(document.read_bytes(), RegistrarDocument)
    done = [read_replacements(path.read_bytes()) for path in earlier or []]
    eligible = read_roll(roll.read_bytes(), columns=read_columns(column), rule=read_rule(level, status)).eligible
    wanted = _choose(eligible, students)
    secret = open_key_file(key.read_bytes(), KIND, ask_passphrase(passphrase_file, str(key)))
    made, file = make_replacements(known, done, wanted, reason, public_url, secret, secrets.token_bytes)
    write_links(links, made)
    create_durably(replacements, encode(file))
    out.print(f"{links}: {len(made)} ballot links; {replacements}: give this to the operator, it holds no seed")


def _choose(eligible: Sequence[Student], students: Sequence[str]) -> list[Student]:
    found = {student.student_id: student for student in eligible}
    missing = [student for student in students if student not in found]
    if missing:
        fail(f"{', '.join(missing)}: may not vote, or is not on this roll", "give ids as the roll has them")
    return [found[student] for student in dict.fromkeys(students)]


@run
async def import_reissue(
    replacements: Annotated[Path, typer.Argument(help="What `registrar reissue-offline` wrote.", exists=True)],
    election: Election,
    proposals: Proposals,
    config: ConfigFile = None,
) -> None:
    """Take an offline registrar's re-issues over, checked against log and roll, as proposals for the committee."""
    _check_free(proposals)
    database = open_database(read_config(config).database_url)
    try:
        async with database.transaction() as connection:
            acts = await import_replacements(connection, election, replacements.read_bytes())
    finally:
        await database.close()
    _write(proposals, election, acts)


@run
async def requests(
    election: Election,
    config: ConfigFile = None,
    refuse: Annotated[list[str] | None, typer.Option(help="Settle this student's request without a link.")] = None,
    settled: Annotated[bool, typer.Option("--all", help="Show settled ones too.")] = False,
) -> None:
    """Who asked for the link again and could not be served by sending it once more; answer by `reissue`."""
    database = open_database(read_config(config).database_url)
    try:
        async with database.transaction() as connection:
            for student in refuse or []:
                if not await refuse_request(connection, election, student):
                    fail(f"{student}: no open request")
            found = await list_requests(connection, election, settled=settled)
    finally:
        await database.close()
    for item in found:
        when = datetime.fromtimestamp(item.requested, UTC).strftime("%Y-%m-%d %H:%M UTC")
        out.print(f"{item.student_id}  {item.full_name}  {item.email}  {when}  {item.state}", markup=False)
    if not found:
        out.print("nobody waits for a link")


def _check_free(path: Path) -> None:
    """Before anything is made, so that nothing is made for nothing."""
    if path.exists():
        fail(f"{path}: exists already", "give another name")


def _write(proposals: Path, election: str, acts: list[PlannedAct]) -> None:
    write_proposals(proposals, election, acts)
    out.print(f"{proposals}: {len(acts)} re-issue(s) for the committee: election-service member propose {proposals}")
