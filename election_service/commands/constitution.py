"""`election-service constitution`: the rules of an election, from a preset to the notice board and to the committee."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from audit.source import open_log
from audit.verify import verify_log
from election_service.client import ServiceClient
from election_service.commands.operator import ConfigFile, read_config
from election_service.commands.terminal import Election, err, fail, out, run
from election_service.proposals import write_proposals
from election_service.service import open_service
from election_service.setup import store_blob
from keys.errors import FormatError
from keys.text import printable
from tally.constitution import Constitution, Resolution, dump_constitution, load_constitution
from tally.constitution_toml import PRESETS, load_toml, preset
from tally.errors import ConstitutionError
from tally.plain import LANGUAGES, make_notice
from tally.resolutions import ambiguities, check_resolution, missing

app = typer.Typer(no_args_is_help=True, help="Write, check, show and propose the rules of an election.")

_NONE: list[Resolution] = []
FAULTY = 2  # the exit code where rules have faults
File = Annotated[Path, typer.Argument(help="The rules: TOML, or the canonical JSON that the log holds.", exists=True)]
Proposals = Annotated[Path, typer.Option("--proposals", help="Where the acts for the committee go.")]


@app.command("presets")
@run
async def presets() -> None:
    """List the sets of rules that come with this program."""
    for name in PRESETS:
        out.print(f"{name:<18}{_about(preset(name))}", markup=False)


@app.command("new")
@run
async def new(
    name: Annotated[str, typer.Argument(metavar="PRESET", help=f"One of: {', '.join(PRESETS)}.")],
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.")],
) -> None:
    """Copy a preset to a file of your own: set its dates, choose its values, then `check` it."""
    text = preset(name)
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        fail(f"{file}: exists already", "give another name")
    out.print(f"{file}: edit it, then run: election-service constitution check {file}", markup=False)


@app.command("check")
@run
async def check(file: File) -> None:
    """Name every fault of a file of rules, with line and clause. Exit code 2 if there is any."""
    rules = _read(file)
    waiting = len(ambiguities(rules))
    out.print(f"{file}: {rules.name}, version {rules.version}: no faults", markup=False)
    if waiting:
        out.print(f"{waiting} ambiguous clauses need a signed reading each: election-service constitution resolve")


@app.command("blob")
@run
async def blob(
    file: File,
    target: Annotated[Path, typer.Argument(metavar="OUT", help="Where the canonical JSON goes.")],
) -> None:
    """Write the rules as the canonical JSON that the log holds."""
    raw = dump_constitution(_read(file))
    target.write_bytes(raw)
    out.print(f"{target}: {len(raw)} bytes", markup=False)


@app.command("show")
@run
async def show(
    rules: Annotated[str | None, typer.Argument(help="A file of rules, or the name of a preset.")] = None,
    server: Annotated[str | None, typer.Option(envvar="ELECTION_SERVER", help="Or the address of a service,")] = None,
    election: Annotated[str | None, typer.Option(envvar="ELECTION_ID", help="and the election there.")] = None,
    language: Annotated[str, typer.Option(help=f"One of: {', '.join(LANGUAGES)}.")] = "en",
) -> None:
    """Print the rules in plain language, with their clauses, for the notice board; ambiguous ones are marked.

    From a log that this computer verified, with the readings that the committee signed; or from a file or preset.
    """
    if language not in LANGUAGES:
        fail(f"--language: expected one of {', '.join(LANGUAGES)}, got {language}")
    if rules is not None:
        found, resolutions = (load_toml(preset(rules)) if rules in PRESETS else _read(Path(rules))), _NONE
    elif server is not None and election is not None:
        found, resolutions = await _from_log(server, election)
    else:
        fail("expected a file, a preset, or --server and --election", "see: election-service constitution presets")
    for line in make_notice(found, resolutions, language).splitlines():
        out.print(printable(line), markup=False)


@app.command("propose")
@run
async def propose(file: File, election: Election, proposals: Proposals, config: ConfigFile = None) -> None:
    """Check the rules and hand them to the committee for approval."""
    rules = _read(file)
    async with open_service(read_config(config)) as service:
        name = await store_blob(service, election, dump_constitution(rules))
    write_proposals(proposals, election, [("constitution", {"blob": name})])
    out.print(f"{rules.name}: {proposals} is for the committee to approve", markup=False)


@app.command("resolve")
@run
async def resolve(
    file: File,
    election: Election,
    proposals: Proposals,
    reading: Annotated[
        list[str] | None, typer.Option(help='A reading: "CLAUSE PATH=READING", e.g. "6.12.4 turnout.scope=block".')
    ] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="The default reading for every other clause.")] = False,
) -> None:
    """Hand the committee one reading of each ambiguous clause to sign. `show` prints the clauses and their readings."""
    rules = _read(file)
    chosen = [_resolution(text) for text in reading or []]
    for resolution in chosen:
        check_resolution(rules, resolution)
    if defaults:
        named = {resolution.clause for resolution in chosen}
        chosen += [Resolution(item.clause, item.default) for item in ambiguities(rules) if item.clause not in named]
    open_clauses = missing(rules, chosen)
    acts = [("resolution", {"clause": item.clause, "reading": item.reading}) for item in chosen]
    if not acts:
        fail("--reading: expected at least one reading, or --defaults", "see: election-service constitution show")
    write_proposals(proposals, election, acts)
    out.print(f"{proposals}: {len(acts)} readings for the committee to sign", markup=False)
    for clause in open_clauses:
        out.print(f"  still open: {clause}", markup=False)


def _read(file: Path) -> Constitution:
    """The rules of a file, TOML or canonical JSON; prints every fault and leaves."""
    if not file.is_file():
        fail(f"{file}: there is no such file", f"presets: {', '.join(PRESETS)}")
    raw = file.read_bytes()
    try:
        return load_constitution(raw.strip()) if raw.lstrip().startswith(b"{") else load_toml(raw.decode("utf-8"))
    except ConstitutionError as error:
        _refuse(file, error.faults)
    except FormatError as error:
        _refuse(file, (str(error),))
    except UnicodeDecodeError as error:
        _refuse(file, (f"expected text in UTF-8: byte {error.start} is none",))


def _refuse(file: Path, faults: tuple[str, ...]) -> NoReturn:
    for fault in faults:
        err.print(printable(f"{file}: {fault}"), markup=False)
    err.print(f"error: {len(faults)} {'fault' if len(faults) == 1 else 'faults'}")
    raise typer.Exit(FAULTY)


def _resolution(text: str) -> Resolution:
    clause, separator, reading = text.partition("=")
    if not separator:
        fail(f'--reading: expected "CLAUSE PATH=READING", got {text!r}')
    return Resolution(clause.strip(), reading.strip())


def _about(text: str) -> str:
    """The first sentence of a preset's first comment."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("# "):
            break
        lines.append(line[2:])
    return " ".join(lines).partition(": ")[0].partition(". ")[0]


async def _from_log(server: str, election: str) -> tuple[Constitution, list[Resolution]]:
    async with ServiceClient(server, election) as client:
        with open_log(client.log_url) as source:
            report = await asyncio.to_thread(verify_log, source)
    if not report.ok:
        fail(f"the log does not verify: {report.failures[0]}", "show this to the committee")
    record = report.facts.record
    if record is None:
        fail(f"{election}: its log has no constitution yet")
    return record.state.constitution, list(record.state.resolutions)
