"""What all commands share: passphrases, questions, errors in the operator's style (``error:``, ``hint:``), tables."""

from __future__ import annotations

import asyncio
import functools
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, ParamSpec, TypeVar

import typer
from rich.console import Console

from keys.errors import ElectionError
from keys.text import printable

P = ParamSpec("P")
R = TypeVar("R")

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

PassphraseFile = Annotated[
    Path | None,
    typer.Option(help="Read the passphrase from the first line of this file instead of asking for it.", exists=True),
]
Server = Annotated[
    str, typer.Option(envvar="ELECTION_SERVER", help="Address of the service, e.g. https://vote.example.edu")
]
Election = Annotated[str, typer.Option(envvar="ELECTION_ID", help="Id of the election.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before signing.")]


def run(command: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, R]:
    """Make a coroutine a command. A mistake of the user's or a peer's ends in ``error:``, exit code 1 and no trace."""

    @functools.wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return asyncio.run(command(*args, **kwargs))
        except ElectionError as error:
            fail(str(error), getattr(error, "hint", ""))
        except FileNotFoundError as error:
            fail(f"{error.filename}: there is no such file")
        except PermissionError as error:
            fail(f"{error.filename}: not allowed to read or write this file")
        except KeyboardInterrupt:
            fail("interrupted")

    return wrapper


def fail(message: str, hint: str = "") -> NoReturn:
    """Say what went wrong, and what to do, on stderr; leave."""
    err.print("\n".join(map(printable, f"error: {message}".split("\n"))), markup=False)
    if hint:
        err.print(f"hint: {hint}", markup=False)
    sys.exit(1)


def ask_passphrase(file: Path | None, what: str, *, new: bool = False) -> str:
    """The passphrase of a key file: from a file, or asked for without echo (twice for a new one). Never from argv."""
    if file is not None:
        lines = file.read_text(encoding="utf-8").splitlines()
        passphrase = lines[0] if lines else ""
    else:
        passphrase = str(typer.prompt(f"passphrase for {what}", hide_input=True, confirmation_prompt=new))
    if new and len(passphrase) < MIN_PASSPHRASE:
        fail(f"passphrase for {what}: expected at least {MIN_PASSPHRASE} characters", "four random words do")
    return passphrase


MIN_PASSPHRASE = 12


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is signed; leave where the answer is no."""
    if not yes and not typer.confirm(question):
        fail("nothing was signed")
