"""Whole simulated elections under the preset `ibsu-direct`, and what the tests of the law ask of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from audit.book import Report
from audit.entries import parse_time
from audit.source import MemorySource
from audit.verify import verify_log
from tally.wire import ContestResult, SeatResult
from tests.simulated.rules import preset_rules
from tests.simulator import ContestPlan, Election, Plan

SEPTEMBER = parse_time("2026-09-21T08:00:00Z")  # within the 20 days of 6.12.1
POSITIONS = {
    "president": "head-of-self-governance",
    "law": "head-of-faculty",
    "med": "head-of-faculty",
    "civil": "head-of-department",
    "dismissal": "dismissal",
    "survey": "question",
} | {f"class-{number}": "head-of-class" for number in range(1, 10)}
NO_APPROVAL = {"positions.head-of-faculty.seat.approval": "none"}


def contest(name: str, votes: Mapping[str, int], electorate: str = "", *, options: str = "") -> ContestPlan:
    """Votes by option id, as many voters each; "none" leaves voters out. Everybody named is an option, and blank."""
    cast = [marks if marks != "none" else None for marks, count in votes.items() for _ in range(count)]
    listed = options or " ".join(dict.fromkeys([*(o for o in votes if o not in ("none", "blank")), "blank"]))
    home = electorate or ("university" if name in ("president", "survey") else name)
    return ContestPlan(name, cast, listed, home, POSITIONS[name])


def direct(
    contests: Sequence[ContestPlan],
    voters: int,
    electorates: Mapping[str, Sequence[int]] | None = None,
    readings: Mapping[str, str] | None = None,
    seed: str = "law",
) -> Plan:
    """The plan of an election under `ibsu-direct`, in September."""
    return Plan(
        contests,
        voters,
        electorates or {},
        rules=preset_rules("ibsu-direct"),
        readings={**NO_APPROVAL, **(readings or {})},
        start=SEPTEMBER,
        seed=seed,
    )


def first_tour(
    contests: Sequence[ContestPlan],
    voters: int,
    electorates: Mapping[str, Sequence[int]] | None = None,
    readings: Mapping[str, str] | None = None,
    seed: str = "law",
) -> Election:
    """A whole first poll under `ibsu-direct`, declared. Faculty boards approve nothing unless `readings` say so."""
    election = Election(direct(contests, voters, electorates, readings, seed))
    election.open_log()
    election.ceremony()
    election.make_electorates()
    election.whole_poll(1)
    return election


def surveyed(contests: Sequence[ContestPlan], voters: int) -> Election:
    """A declared survey under the preset of that name."""
    election = Election(Plan(contests, voters, rules=preset_rules("survey"), start=SEPTEMBER, seed="survey"))
    election.open_log()
    election.ceremony()
    election.make_electorates()
    election.whole_poll(1)
    return election


def result(election: Election, name: str, poll: int = 1) -> ContestResult:
    return next(result for result in election.outcomes[poll].results if result.contest == name)


def seat(election: Election, name: str, poll: int = 1) -> SeatResult:
    return next(seat for seat in election.outcomes[poll].seats if seat.seat == name)


def holders(election: Election) -> dict[str, str]:
    """Who has which seat now."""
    terms = election.record.register.history
    return {term.mandate.seat: term.mandate.person for term in terms if term.end is None}


def entries(election: Election, kind: str) -> list[dict[str, Any]]:
    """The data of all entries of a kind."""
    return [entry["data"] for entry in election.check() if entry["kind"] == kind]


def verified(election: Election) -> Report:
    """The verifier computes the same from the log alone."""
    report = verify_log(MemorySource(election.log.files()), log_id=election.log_id, receipts=election.receipts)
    assert [str(failure) for failure in report.failures] == []
    logged = {term.mandate.seat: term.mandate.person for term in report.facts.terms if term.end is None}
    assert logged == holders(election)
    return report
