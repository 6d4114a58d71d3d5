"""A member's program faces a lying service: it signs for one log, and only contests that it looked up (A53, A55)."""

from pathlib import Path
from typing import Any, TypeVar

import pytest

from election_service.api_types import ElectionInfo
from election_service.client import ServiceClient
from election_service.commands.looking import log_to_sign_for, look_at_opening
from election_service.commands.poll import _unsigned
from election_service.committee import AnotherLogError
from keys.canonical import b64
from tests.simulated.logbook import write_folder
from tests.simulator import ELECTION, ContestPlan, Election, Plan, set_up

T = TypeVar("T")
LOG, OTHER = bytes(range(32)), bytes(32)
Capture = pytest.CaptureFixture[str]


class LyingClient(ServiceClient):
    """A service that says what the test wants; its log is a folder."""

    def __init__(self, log: bytes, folder: Path, document: dict[str, Any] | None = None) -> None:
        super().__init__("http://localhost", ELECTION)
        self._log, self._folder, self._document = log, folder, document or {}

    @property
    def log_url(self) -> str:
        return str(self._folder)

    async def get(self, path: str, kind: type[T], bearer: str | None = None) -> T:
        assert (path, kind, bearer) == ("", ElectionInfo, None)
        info: Any = ElectionInfo(
            election=ELECTION,
            origin="",
            log=b64(self._log),
            title="",
            texts={},
            contact="",
            zone="Asia/Tbilisi",
            now="2026-10-01T08:00:00Z",
            rehearsal=True,
            second_factor="none",
            polls=[],
        )
        answer: T = info
        return answer

    async def get_document(self, path: str, bearer: str | None = None) -> dict[str, Any]:
        return self._document


@pytest.fixture(scope="module")
def election() -> Election:
    contests = (
        ContestPlan("head", ("ana", "beka")),
        ContestPlan("class", ("gio",), "gio nino blank", "class", "faculty"),
    )
    return set_up(Plan(contests=contests, electorates={"class": (0, 1)}))


@pytest.fixture(scope="module")
def folder(election: Election, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(election.log.files(), tmp_path_factory.mktemp("log"))


def contexts(election: Election) -> list[str]:
    return [b64(context) for context in sorted(box.rules.context for box in election.boxes[1])]


async def test_a55_a_member_signs_for_one_log_of_an_election(tmp_path: Path, capsys: Capture) -> None:
    key = tmp_path / "ana.key"
    assert await log_to_sign_for(LyingClient(LOG, tmp_path), key) == LOG
    assert f"log {b64(LOG)}" in capsys.readouterr().out
    assert await log_to_sign_for(LyingClient(LOG, tmp_path), key) == LOG
    assert capsys.readouterr().out == ""
    kept = (tmp_path / "ana.key.logs").read_bytes()
    with pytest.raises(AnotherLogError, match=f"expected {b64(LOG)}, as before, got {b64(OTHER)}"):
        await log_to_sign_for(LyingClient(OTHER, tmp_path), key)
    assert (tmp_path / "ana.key.logs").read_bytes() == kept


async def test_a53_who_opens_a_poll_sees_the_contests_behind_the_contexts(
    election: Election, folder: Path, capsys: Capture
) -> None:
    data = {"poll": 1, "contexts": contexts(election), "closes": "2026-10-05T20:00:00Z"}
    await look_at_opening(LyingClient(election.log_id, folder), election.log_id, data)
    lines = capsys.readouterr().out.splitlines()
    shown = {line.split(":")[0].strip(): line.lower() for line in lines}
    assert "ana" in shown["head"]
    assert "nino" in shown["class"]


@pytest.mark.parametrize("change", ["unknown", "missing", "poll"])
async def test_a53_contexts_that_are_not_the_contests_in_the_log_are_not_signed(
    change: str, election: Election, folder: Path, capsys: Capture
) -> None:
    listed = contexts(election)
    data = {
        "unknown": {"poll": 1, "contexts": [listed[0], b64(OTHER)]},
        "missing": {"poll": 1, "contexts": listed[:1]},
        "poll": {"poll": 2, "contexts": listed},
    }[change]
    with pytest.raises(SystemExit):
        await look_at_opening(LyingClient(election.log_id, folder), election.log_id, data)
    assert "not the contests in the log" in capsys.readouterr().err


async def test_a55_another_log_than_the_one_signed_for_is_not_looked_at(
    election: Election, folder: Path, capsys: Capture
) -> None:
    data = {"poll": 1, "contexts": contexts(election)}
    with pytest.raises(SystemExit):
        await look_at_opening(LyingClient(OTHER, folder), OTHER, data)
    assert "wrong log" in capsys.readouterr().err


async def test_what_the_service_prepares_is_what_the_member_asked_for(tmp_path: Path, capsys: Capture) -> None:
    prepared = {"poll": 1, "closes": "2027-01-01T00:00:00Z"}
    client = LyingClient(LOG, tmp_path, prepared)
    assert await _unsigned(client, "", poll=1, closes="2027-01-01T00:00:00Z") == prepared
    with pytest.raises(SystemExit):
        await _unsigned(client, "", poll=1, closes="2026-10-05T20:00:00Z")
    assert "closes: asked for 2026-10-05T20:00:00Z" in capsys.readouterr().err
