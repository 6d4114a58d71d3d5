"""`election-service decision | seats`: what people decide and the log records, and who holds which seat."""

from __future__ import annotations

import time
from typing import Annotated, Any, get_args

import msgspec
import typer

from audit.entries import parse_time
from ballot.contest import Contest
from election_service.api_types import SeatInfo, SeatRegister
from election_service.client import ServiceClient
from election_service.commands.looking import log_to_sign_for, verified_log
from election_service.commands.member import KeyFile
from election_service.commands.poll import propose_act
from election_service.commands.terminal import Election, PassphraseFile, Server, Yes, fail, out, run
from election_service.law_view import names_of, seats_of
from keys.canonical import encode
from keys.text import printable
from tally.decision import Decision, What

app = typer.Typer(no_args_is_help=True, help="Recorded decisions: vacancies, approvals, complaints, petitions …")

Kind = Annotated[str, typer.Argument(metavar="WHAT", help=f"One of: {', '.join(get_args(What))}.")]
Text = Annotated[str, typer.Option(help="A note for people, public for good; nothing about a person but the code.")]


@app.command("new")
@run
async def new(
    server: Server,
    election: Election,
    key: KeyFile,
    what: Kind,
    seat: Annotated[str, typer.Option(help="Seat, contest, petition or open vote.")] = "",
    person: Annotated[str, typer.Option(help="Id of a person in the log (c12), or the name in full.")] = "",
    ground: Annotated[str, typer.Option(help="Code of the constitution; of a complaint: upheld or rejected.")] = "",
    motion: Annotated[str, typer.Option(help="Contest of the adopted motion, or that a nomination is for.")] = "",
    electorate: Annotated[str, typer.Option(help="Electorate of a petition or open vote.")] = "",
    number: Annotated[int, typer.Option(min=0, help="Number of persons or votes, or the entry of a complaint.")] = 0,
    until: Annotated[str, typer.Option(help="UTC: YYYY-MM-DDTHH:MM:SSZ")] = "",
    text: Text = "",
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
) -> None:
    """Propose a decision; another member approves it.

    Before anything is signed this verifies the log, says the decision in words, and shows what follows from it: who
    leaves and takes which seat, and what has to happen next.
    """
    if what not in get_args(What):
        fail(f"decision: expected one of {', '.join(get_args(What))}, got {what}")
    if until:
        parse_time(until)
    async with ServiceClient(server, election) as client:
        log = await verified_log(client, await log_to_sign_for(client, key))
        fields: dict[str, Any] = {
            "what": what,
            "seat": seat,
            "person": person if what == "board-vote" else find_person(log.documents, person),
            "ground": ground,
            "motion": motion,
            "electorate": electorate,
            "number": number,
            "until": until,
            "text": text,
        }
        msgspec.convert(fields, Decision)
        data = {"decision": fields}
        await propose_act(client, key, passphrase_file, "decision", data, yes=yes, subject="decision")


def find_person(documents: list[Contest], person: str) -> str:
    """The option id of somebody who is named by id or in full; leaves where two are called so."""
    names = names_of(documents)
    if not person or person in names:
        return person
    called = sorted(
        identity for identity, name in names.items() if person.casefold() in {text.casefold() for text in name.values()}
    )
    if len(called) > 1:
        fail(f"{person}: {', '.join(called)} are called so", "give the id")
    return called[0] if called else person


@run
async def seats(
    server: Server,
    election: Election,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Compute it from the log, verified here.")] = False,
) -> None:
    """Show who holds which seat until when, who waits for a board's approval, and who acts for a seat that is empty."""
    async with ServiceClient(server, election) as client:
        if verify:
            log = await verified_log(client, None)
            register = seats_of(log.record(), log.documents, int(time.time()))
        else:
            register = await client.get("/seats", SeatRegister)
    if json:
        out.print(encode(register).decode(), markup=False)
        return
    for item in register.seats:
        out.print(printable(seat_line(item)), markup=False)
    for person in register.honorary:
        out.print(f"honorary title: {person}")
    if not register.seats:
        out.print("no seat was voted on yet")


def seat_line(item: SeatInfo) -> str:
    """One seat."""
    name = item.name.get("en") or next(iter(item.name.values()), "")
    person = f"{name} ({item.person})" if name else item.person or "nobody"
    if item.state in ("held", "caretaker", "ended"):
        until = f" until {item.until}" if item.until else ""
        state = "" if item.state == "held" else f", {item.state}"
        return f"{item.seat}: {person} by {item.by}{until}{state}"
    if item.state == "pending":
        return f"{item.seat}: {person} waits for the board's approval"
    acting = item.acting_name.get("en") or item.acting
    meanwhile = f"; {acting} does the work meanwhile" if acting else ""
    return f"{item.seat}: {item.state}{meanwhile}"
