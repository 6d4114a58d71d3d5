"""`election-service booth`: the hash of the booth's program, for the committee to announce in the log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from election_service.commands.terminal import Election, fail, out, run
from election_service.pages.assets import BOOTH, Assets
from election_service.proposals import write_proposals


@run
async def booth(
    election: Election,
    proposals: Annotated[Path, typer.Option("--proposals", help="Where the act for the committee goes.")],
    built: Annotated[
        Path, typer.Option("--built", help="Folder of a built booth.", exists=True, file_okay=False)
    ] = BOOTH,
) -> None:
    """Write the act that announces the booth of this installation: its hash, which anybody can compare (A53).

    Two members build the program themselves before they sign; the build gives the same bytes everywhere.
    """
    manifest = Assets(built).manifest
    if manifest is None:
        fail(f"{built}: the booth was never built", "build it: pip install -e .")
    write_proposals(proposals, election, [("booth", {"bundle": manifest.bundle_sha256})])
    out.print(f"booth {manifest.bundle_sha256}: {proposals} is for the committee to approve", markup=False)


def booth_words(bundle: str, built: Path = BOOTH) -> str:
    """Whether an announced hash is that of the booth on this computer, for a member who is about to sign it."""
    manifest = Assets(built).manifest
    if manifest is None:
        return f"booth {bundle}: no booth was built on this computer, so nothing is compared"
    if manifest.bundle_sha256 == bundle:
        return f"booth {bundle}: the one on this computer"
    return f"booth {bundle}: NOT the one on this computer, which is {manifest.bundle_sha256}"
