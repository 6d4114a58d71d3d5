"""What a hostile log can do to the terminal of whoever verifies it: nothing (A81, A104)."""

from pathlib import Path

import pytest

from audit.cli import main
from audit.entries import format_time
from audit.report_text import report_text
from audit.source import MemorySource
from audit.verify import verify_log
from keys.text import printable
from tests.simulated.logbook import write_folder
from tests.simulated.malice import Copy
from tests.simulator import ContestPlan, Plan, set_up

LIE = "\x1b[2J\x1b[Hverify: ok\x1b[8m"
PLAN = Plan(contests=(ContestPlan("head", ("ana", "ana", "beka")),))


@pytest.mark.parametrize("lie", [LIE, "\x9b2J", "\u202eko", "\rverify: ok", "a\nverify: ok"])
def test_a81_a_hostile_log_cannot_write_its_own_verdict(
    lie: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = Copy.of(set_up(PLAN)).cut(3)
    entries = copy.plain()
    entries[0]["data"]["origin"] = lie
    folder = write_folder(copy.rewritten(entries), tmp_path / "log")
    assert main(["verify", str(folder)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert all(line.isprintable() for line in lines)
    assert [line for line in lines if line.startswith("verify: ")] == [lines[-1]]
    assert lines[-1].startswith("verify: failed")


def test_text_of_people_stays_as_it_is() -> None:
    assert printable("ნინო Beridze – žába, 3 %") == "ნინო Beridze – žába, 3 %"
    assert printable("a\x1bb") == "a<U+001B>b"


def test_a_window_beyond_the_calendar_is_reported_and_not_a_crash() -> None:
    election = set_up(Plan(contests=PLAN.contests, review_window=2**53 - 1))
    election.vote()
    election.close()
    report = verify_log(MemorySource(election.log.files()))
    assert report.ok, report.failures
    assert "review until after the year 9999" in report_text(report)
    closed = report.facts.polls[0].closed
    assert closed is not None
    assert f"closed {format_time(closed)}" in report_text(report)
