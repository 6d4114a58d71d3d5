"""The demo's committee in the console: an account for each member, which its invitation opens, and the member's key."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from election_service.committee import read_member
from election_service.config import Config
from election_service.console.invitations import invitation_link
from election_service.console.people import invite_by_command
from election_service.console.roles import SERVICE, Role
from election_service.console.signing_keys import store_signing_key
from election_service.service import open_service

_CHAIRS: Final = 1  # of the members, in the order of their files, so many lead the election; the others are members


async def invite_committee(config: Config, election: str, key_files: list[Path]) -> dict[str, str]:
    """Member → a link that opens the member's account once; the sealed key is there when the person comes.

    The first member is a chair, of the service as well, who may make further elections.
    """
    links = {}
    async with open_service(config) as service:
        for number, path in enumerate(key_files):
            member, _ = read_member(path)
            role = Role.CHAIR if number < _CHAIRS else Role.MEMBER
            email, name = f"{member}@example.edu", member.capitalize()
            if role is Role.CHAIR:
                await invite_by_command(service, SERVICE, email=email, name=name, role=role)
            invited = await invite_by_command(service, election, email=email, name=name, role=role)
            await store_signing_key(service, election, invited.account.account, path.read_bytes())
            if invited.token is not None:
                links[member] = invitation_link(config.public_url, invited.token)
    return links
