"""The HTTP side of our own commands: requests in canonical JSON, problem documents as errors."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
import msgspec

from keys.canonical import Wire, encode
from keys.errors import PeerError

T = TypeVar("T")

_TIMEOUT = aiohttp.ClientTimeout(total=60)


class ProblemError(PeerError):
    """The service refused; ``code`` is the problem type, ``document`` the whole problem."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(document)  # the argument comes back when the error crosses to another process
        self.document = document

    def __str__(self) -> str:
        return str(self.document.get("detail") or self.document.get("title"))

    @property
    def problem(self) -> str:
        """The stable code of the problem."""
        return str(self.document.get("code"))


class ServiceClient:
    """One election on one service. Keeps no cookie; the bearer, if any, is given by the caller for each request."""

    def __init__(self, server: str, election: str) -> None:
        self.server = server.rstrip("/")
        self.election = election
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=_TIMEOUT)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def log_url(self) -> str:
        """Where the published log is."""
        return f"{self.server}/log/{self.election}/"

    async def get(self, path: str, kind: type[T], bearer: str | None = None) -> T:
        """GET below ``/api/elections/ELECTION``; the answer as ``kind``. ProblemError or PeerError."""
        return _read(await self._send("GET", path, None, bearer), kind)

    async def get_document(self, path: str, bearer: str | None = None) -> dict[str, Any]:
        """GET a document whose members are the log's business; as a plain dict."""
        return _read(await self._send("GET", path, None, bearer), dict[str, Any])

    async def post(self, path: str, body: Wire, kind: type[T], bearer: str | None = None) -> T:
        """POST a document; the answer as ``kind``. ProblemError or PeerError."""
        return await self.post_raw(path, encode(body), kind, bearer)

    async def post_raw(self, path: str, body: bytes, kind: type[T], bearer: str | None = None) -> T:
        """POST exactly these bytes: what is sent again after a lost answer must be the same."""
        return _read(await self._send("POST", path, body, bearer), kind)

    async def _send(self, method: str, path: str, body: bytes | None, bearer: str | None) -> bytes:
        if self._session is None:
            message = "client: used outside `async with`"
            raise RuntimeError(message)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        url = f"{self.server}/api/elections/{self.election}{path}"
        try:
            async with self._session.request(method, url, data=body, headers=headers) as response:
                raw = await response.read()
                if response.status >= 400:
                    raise _problem(raw, response.status)
                return raw
        except (aiohttp.ClientError, TimeoutError) as error:
            message = f"{method} {url}: no answer ({type(error).__name__}): {error}"
            raise PeerError(message) from error


def _read(raw: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.DecodeError as error:
        message = f"service: expected {kind}, got something else: {error}"
        raise PeerError(message) from error


def _problem(raw: bytes, status: int) -> PeerError:
    try:
        document = msgspec.json.decode(raw, type=dict[str, Any])
    except msgspec.DecodeError:
        return PeerError(f"service: status {status} without a problem document")
    return ProblemError(document)
