"""A second process of the service, which is asked to log in many times at once.

    python -m tests.attacks.guesser FOLDER NOW < requests

FOLDER/config.json: the configuration; NOW: the service's clock; requests: a JSON list of login requests. Prints what
became of them: {"ok": 1, "code-wrong": 5, …}.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from election_service.api_types import LoginRequest
from election_service.config import Config, load_config
from election_service.login import login
from election_service.problems import problem_code
from election_service.service import Service, open_service
from keys.errors import ElectionError
from tests.service.house import ELECTION, House

AT_ONCE = 64


async def guess(service: Service, requests: list[LoginRequest]) -> Counter[str]:
    """Log in with all of these, many at once."""
    room, answers = asyncio.Semaphore(AT_ONCE), Counter[str]()

    async def one(request: LoginRequest) -> None:
        async with room:
            try:
                await login(service, ELECTION, request)
                answers["ok"] += 1
            except ElectionError as error:
                answers[problem_code(error)] += 1

    await asyncio.gather(*(one(request) for request in requests))
    return answers


async def main(folder: Path, now: int) -> None:
    requests = msgspec.json.decode(sys.stdin.buffer.read(), type=list[LoginRequest])
    config = load_config({}, folder / "config.toml")
    async with open_service(config, clock=lambda: now, check=False) as service:
        print(json.dumps(await guess(service, requests)))


def write_config(config: Config, path: Path) -> None:
    """The fields that a house sets."""
    default = {field.name: field.default for field in msgspec.structs.fields(config)}
    fields = {name: getattr(config, name) for name in config.__struct_fields__}
    shown = {name: str(value) if isinstance(value, Path) else value for name, value in fields.items()}
    changed = [f"{name} = {json.dumps(value)}\n" for name, value in shown.items() if fields[name] != default[name]]
    path.write_text("".join(changed))


async def guess_in_two_processes(house: House, requests: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """Deal the requests out to two processes that serve the same database, and add their answers up."""
    write_config(house.service.config, house.folder / "config.toml")
    command = (sys.executable, "-m", "tests.attacks.guesser", str(house.folder), str(house.clock.now))
    pipe = asyncio.subprocess.PIPE
    running = [await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe) for _ in range(2)]
    shares = [json.dumps(requests[number::2]).encode() for number in range(2)]
    pairs = zip(running, shares, strict=True)
    outputs = await asyncio.gather(*(process.communicate(share) for process, share in pairs))
    assert [process.returncode for process in running] == [0, 0]
    return sum((Counter(json.loads(output)) for output, _ in outputs), Counter[str]())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
