"""`election-service invite`: the first people of the console, and the way back in for who has lost every other one."""

from __future__ import annotations

from typing import Annotated

import typer

from election_service.commands.operator import ConfigFile, read_config
from election_service.commands.terminal import fail, out, run
from election_service.console.invitations import invitation_link
from election_service.console.people import invite_by_command
from election_service.console.roles import SERVICE, Role
from election_service.service import open_service


@run
async def invite(
    email: Annotated[str, typer.Argument(help="Mail address of the person; signs in with it.")],
    name: Annotated[str, typer.Option(help="Name by which the committee knows the person.")],
    role: Annotated[str, typer.Option(help=f"One of {', '.join(Role)}.")] = str(Role.CHAIR),
    election: Annotated[
        str, typer.Option(help="Id of an election; without it a chair of the service, who may make elections.")
    ] = SERVICE,
    config: ConfigFile = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Void password, authenticator, passkeys and sessions that are there.")
    ] = False,
) -> None:
    """Invite somebody to the committee's pages: prints a link that works once, for a week.

    Hand it over yourself. Chairs invite everybody else on the page of their election.
    """
    if role not in set(Role):
        fail(f"--role: expected one of {', '.join(Role)}, got {role}")
    if election == SERVICE and role != Role.CHAIR:
        fail(f"--role: expected chair for the service itself, got {role}", "give --election for a role in one")
    async with open_service(read_config(config), check=False) as service:
        made = await invite_by_command(service, election, email=email, name=name, role=Role(role), reset=reset)
        public_url = service.config.public_url
    if made.token is None:
        out.print(f"{made.account.name} has the role and can sign in already; nothing to hand over", markup=False)
        return
    out.print(f"for {made.account.name}, once, within a week:", markup=False)
    out.print(invitation_link(public_url, made.token), markup=False)
