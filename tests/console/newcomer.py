"""Somebody who follows an invitation: redeems it, chooses a password, sets up an authenticator, keeps recovery codes.

ana = await Newcomer.invited(house, "ana", Role.CHAIR)   # by the operator's command
await ana.enrol()                                        # through the pages
await ana.sign_in()
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import pyotp
from aiohttp import ClientResponse

from election_service.console.people import invite_by_command
from election_service.console.roles import Role
from election_service.console_pages.welcome import ENROL
from tests.console.desk import Desk
from tests.service.house import ELECTION, House

PASSWORD: Final = "three green bicycles"
STEP: Final = 30  # seconds of a code


@dataclass
class Newcomer(Desk):
    """A browser with an invitation; ``secret``: of the authenticator."""

    email: str = ""
    token: str = ""
    password: str = PASSWORD
    secret: str = ""
    codes: list[str] = field(default_factory=list)

    @classmethod
    async def invited(cls, house: House, name: str, role: Role, election: str = ELECTION) -> Newcomer:
        email = f"{name}@example.edu"
        made = await invite_by_command(house.service, election, email=email, name=name.title(), role=role)
        assert made.token is not None
        return cls(house, made.account.account, email=email, token=made.token)

    def code(self) -> str:
        """What the authenticator shows now."""
        return str(pyotp.TOTP(self.secret).at(self.house.clock.now))

    def later(self) -> None:
        """Until the next code."""
        self.house.clock.now += STEP

    async def redeem(self) -> ClientResponse:
        return await self.send("/committee/welcome", {"invitation": self.token})

    async def choose_password(self, password: str | None = None) -> ClientResponse:
        chosen = password or self.password
        return await self.send("/committee/enrol/password", {"password": chosen, "again": chosen})

    async def enrol(self) -> Newcomer:
        """All the way to the recovery codes."""
        assert (await self.redeem()).status == 303
        assert (await self.choose_password()).status == 303
        page = await self.read(ENROL)
        found = re.search(r"Key: ((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})", page.text)
        assert found is not None, page.text
        self.secret = found[1].replace(" ", "")
        page = await self.do("/committee/enrol/code", {"code": self.code()})
        self.codes = re.findall(r"\b[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}\b", page.text)
        assert len(self.codes) == 10
        self.later()
        return self

    async def give_password(self, password: str | None = None) -> ClientResponse:
        fields = {"email": self.email, "password": self.password if password is None else password}
        return await self.send("/committee/sign-in", fields)

    async def give_code(self, code: str | None = None) -> ClientResponse:
        return await self.send("/committee/code", {"code": self.code() if code is None else code})

    async def sign_in(self) -> Newcomer:
        """With password and code, in a browser that has no cookie."""
        self.cookie = ""
        assert (await self.give_password()).status == 303
        answer = await self.give_code()
        assert answer.status == 303, await answer.text()
        self.later()
        return self

    def another_browser(self) -> Newcomer:
        """The same person, elsewhere."""
        return Newcomer(
            self.house, self.account, "", self.email, self.token, self.password, self.secret, list(self.codes)
        )
