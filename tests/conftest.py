"""What every test shares: the Hypothesis profiles, and the rule that a skip is a failure where CI=true.

A test that needs Chromium, npm or PostgreSQL says so with `pytest.skip(reason)` or a mark. On a developer's machine
the reasons are listed at the end of the run; with `CI=true` each of them fails the run, so that nothing goes missing
in silence. `HYPOTHESIS_PROFILE` picks a profile by name; otherwise CI=true means `ci`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Generator

    from _pytest.terminal import TerminalReporter

pytest_plugins = ["tests.databases", "tests.service.fixtures"]  # databases of both kinds; services with an election

CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}

_COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("dev", _COMMON, max_examples=50)
settings.register_profile("ci", _COMMON, max_examples=200, derandomize=True)
settings.register_profile("long", _COMMON, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if CI else "dev"))


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
    """On a developer's machine: say plainly what was not run, and why."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped and not CI:
        terminalreporter.section("not run here")
        for reason in sorted({_reason(report) for report in skipped}):
            terminalreporter.write_line(f"  {reason}")
