"""The booth as a process: Python calls its modules through ballot/booth/test/harness.mjs, one JSON line each way."""

from __future__ import annotations

import json
import subprocess
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import hatch_build

BOOTH = Path(__file__).parents[2] / "ballot" / "booth"


class BoothRefusalError(Exception):
    """The booth refused what it was given; `code` is its problem code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


@dataclass(frozen=True)
class Fetch:
    """A request that the booth's session makes, as the browser would send it."""

    path: str
    method: str
    headers: dict[str, str]
    body: str | None
    credentials: str
    referrer: str


@dataclass(frozen=True)
class Answer:
    """What the test answers; None instead of an Answer loses the connection."""

    status: int
    document: dict[str, Any]
    raw: str | bytes | None = None  # instead of the document, for files


Service = Callable[[Fetch], Answer | None]


def node() -> str:
    """The Node.js that built the bundle, which is current then."""
    hatch_build.build_booth(BOOTH)
    return node_command()


def node_command() -> str:
    """Node.js; the booth's packages are installed where they are missing. The bundle need not be built for it."""
    npm, command = hatch_build.node_commands()
    hatch_build.install(npm, BOOTH)
    return command[0]


class Booth:
    """One Node.js process that runs the booth's own modules."""

    def __init__(self, script: str = "harness.mjs") -> None:
        self._process = subprocess.Popen(
            [node_command(), str(BOOTH / "test" / script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._calls = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def call(self, op: str, *, service: Service | None = None, **arguments: Any) -> Any:
        """Run one operation; BoothRefusalError where the booth refuses, AssertionError where it crashes."""
        self._calls += 1
        self._put({"id": self._calls, "op": op, **arguments})
        while True:
            message = self._get()
            if "fetch" in message:
                assert service is not None, f"unexpected request: {message}"
                self._answer(message, service)
                continue
            assert message["id"] == self._calls
            if "error" not in message:
                return message["ok"]
            error = message["error"]
            assert error["data"], f"the booth crashed: {error['message']}"
            raise BoothRefusalError(error["code"], error["message"])

    def _answer(self, message: dict[str, Any], service: Service) -> None:
        number = message.pop("fetch")
        answer = service(Fetch(**message))
        if answer is None:
            self._put({"fetch": number, "lost": True})
        else:
            raw = json.dumps(answer.document) if answer.raw is None else answer.raw
            body = b64encode(raw.encode() if isinstance(raw, str) else raw).decode()
            self._put({"fetch": number, "status": answer.status, "body": body})

    def _put(self, message: dict[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def _get(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, f"the booth's process ended with status {self._process.wait()}"
        answer: dict[str, Any] = json.loads(line)
        return answer
