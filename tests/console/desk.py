"""Somebody who sits at the console: a signed-in browser for tests, with cookie, hidden fields and redirects.

chair = await Desk.open(house, "ana", Role.CHAIR)     # an account with a role in the house's election
page = await chair.read(f"/committee/{ELECTION}/people")
answer = await chair.send(f"/committee/{ELECTION}/people", {"email": "x@example.edu"})
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import ClientResponse, FormData
from sqlalchemy import update

from election_service import schema_console
from election_service.console.accounts import ACTIVE, give_role, make_account
from election_service.console.roles import Role
from election_service.console.sessions import csrf_of, open_session
from election_service.console_routes import COOKIE, DEVICE
from tests.service.house import ELECTION, House
from tests.service.pages_reader import Parsed

BROWSER: Final = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}

Fields = Mapping[str, str | Sequence[str]]


@dataclass
class Desk:
    """A browser. ``cookie`` empty: nobody is signed in; the cookies that answers set are kept here."""

    house: House
    account: str = ""
    cookie: str = ""
    device: str = field(default="", kw_only=True)

    @classmethod
    async def open(cls, house: House, name: str, *roles: Role, election: str = ELECTION) -> Desk:
        """Whoever is called this, with an active account, these roles, and a full session."""
        service = house.service
        async with service.database.transaction() as connection:
            account = (await make_account(service, connection, f"{name}@example.edu", name.title())).account
            table = schema_console.accounts
            await connection.execute(update(table).where(table.c.account == account).values(state=ACTIVE))
            for role in roles:
                await give_role(connection, election, account, role)
            cookie = await open_session(service, connection, account, "full", "a test")
        return cls(house, account, cookie)

    @property
    def csrf(self) -> str:
        return csrf_of(self.cookie) if self.cookie else ""

    def _headers(self, headers: Mapping[str, str] | None) -> dict[str, str]:
        held = "; ".join(f"{name}={value}" for name, value in ((COOKIE, self.cookie), (DEVICE, self.device)) if value)
        return {**BROWSER, **({"Cookie": held} if held else {}), **(headers or {})}

    def _keep(self, answer: ClientResponse) -> ClientResponse:
        if COOKIE in answer.cookies:
            self.cookie = answer.cookies[COOKIE].value
        if DEVICE in answer.cookies:
            self.device = answer.cookies[DEVICE].value
        return answer

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> ClientResponse:
        """An answer as it came; nothing is followed."""
        assert self.house.http is not None
        return self._keep(await self.house.http.get(path, headers=self._headers(headers), allow_redirects=False))

    async def read(self, path: str, *, status: int = 200) -> Parsed:
        """A page."""
        answer = await self.get(path)
        text = await answer.text()
        assert answer.status == status, (path, answer.status, text[:800])
        return Parsed(text)

    async def send(
        self,
        path: str,
        fields: Fields,
        *,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        headers: Mapping[str, str] | None = None,
        csrf: str | None = None,
    ) -> ClientResponse:
        """A form of this session, with its hidden field; nothing is followed. ``files``: name of the field → file."""
        assert self.house.http is not None
        form = FormData(default_to_multipart=bool(files))
        for name, value in {**({"csrf": self.csrf if csrf is None else csrf} if self.cookie else {}), **fields}.items():
            for one in [value] if isinstance(value, str) else value:
                form.add_field(name, one)
        for name, (file, content) in (files or {}).items():
            form.add_field(name, content, filename=file, content_type="application/octet-stream")
        sent: Any = form
        answer = await self.house.http.post(path, data=sent, headers=self._headers(headers), allow_redirects=False)
        return self._keep(answer)

    async def do(self, path: str, fields: Fields, files: Mapping[str, tuple[str, bytes]] | None = None) -> Parsed:
        """Send a form, and read the page that it leads to."""
        answer = await self.send(path, fields, files=files)
        text = await answer.text()
        assert answer.status == 303, (path, answer.status, Parsed(text).text[:800])
        return await self.read(answer.headers["Location"])

    async def read_refused(
        self, path: str, fields: Fields, *, status: int, files: Mapping[str, tuple[str, bytes]] | None = None
    ) -> Parsed:
        """Send a form that is not taken, and read the page that says why."""
        answer = await self.send(path, fields, files=files)
        text = await answer.text()
        assert answer.status == status, (path, answer.status, Parsed(text).text[:800])
        return Parsed(text)
