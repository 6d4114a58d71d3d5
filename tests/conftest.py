"""What every test shares: the Hypothesis profiles, and the rule that a skip is a failure where CI=true.

A test that needs Chromium, npm or PostgreSQL says so with `pytest.skip(reason)` or a mark. On a developer's machine
the reasons are listed at the end of the run; with `CI=true` each of them fails the run, so that nothing goes missing
in silence. Tests marked `examples` are left out where there are no example rolls. `HYPOTHESIS_PROFILE` picks a
profile by name; otherwise CI=true means `ci`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.examples import EXAMPLES
from tests.scale import scaled

if TYPE_CHECKING:
    from collections.abc import Generator

    from _pytest.terminal import TerminalReporter

pytest_plugins = ["tests.databases", "tests.service.fixtures"]  # databases of both kinds; services with an election

CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}

_COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("dev", _COMMON, max_examples=50)
settings.register_profile("ci", _COMMON, max_examples=scaled(200, 50), derandomize=True)
settings.register_profile("long", _COMMON, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if CI else "dev"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave tests of missing example rolls out; start with the files that hold slow tests: none ends a run alone."""
    left_out = [] if EXAMPLES.is_dir() else [item for item in items if item.get_closest_marker("examples")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a report was skipped, without pytest's own prefix."""
    longrepr = report.longrepr
    text = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return text.removeprefix("Skipped: ")


def _fail_the_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure that names its reason. An expected failure (xfail) is not a skip."""
    if CI and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        report.longrepr = f"skipped, and CI=true allows no skips: {_reason(report)}"
        report.outcome = "failed"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test fails where CI=true."""
    report = yield
    _fail_the_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A module skipped as a whole (importorskip) fails where CI=true."""
    report = yield
    _fail_the_skip(report)
    return report


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Say plainly what was not run, and why."""
    if not EXAMPLES.is_dir():
        terminalreporter.write_line("tests of the example rolls: left out, EXAMPLE_ROLLS names no folder with them")
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped and not CI:
        terminalreporter.section("not run here")
        for reason in sorted({_reason(report) for report in skipped}):
            terminalreporter.write_line(f"  {reason}")
