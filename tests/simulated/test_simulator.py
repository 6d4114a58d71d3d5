"""Whole elections in memory, compared act by act with the oracle (tests/simulated/oracle.py)."""

import json
from itertools import combinations

import pytest

from audit.entries import KINDS
from audit.source import MemorySource
from audit.verify import verify_log
from tally.errors import CountsError
from tests.simulated import oracle
from tests.simulated.everything import everything
from tests.simulator import ContestPlan, Election, Plan, set_up, simulate


def verified(plan: Plan) -> Election:
    """A whole election that the oracle followed act by act, and that the verifier accepts with all its receipts."""
    election = simulate(plan)
    report = verify_log(MemorySource(election.log.files()), log_id=election.log_id, receipts=election.receipts)
    assert [str(failure) for failure in report.failures] == []
    covered = {check.name: check.items for check in report.checks}
    assert covered["ballots"] == sum(len(box.ballots) for box in election.boxes[1])
    assert covered["receipts"] == len(election.receipts)
    return election


def results(election: Election, poll: int = 1) -> dict[str, tuple[str, list[str], list[int] | None]]:
    return {
        result.contest: (result.outcome, result.elected, result.counts) for result in election.outcomes[poll].results
    }


def test_every_kind_of_entry_happens_once_at_least() -> None:
    election = everything()
    kinds = [json.loads(raw)["kind"] for raw in election.log.entries]
    assert set(kinds) == set(KINDS)
    assert results(election) == {
        "head": ("elected", ["ana"], [3, 2, 1]),
        "law-head": ("elected", ["gio"], [3, 1]),
        "small-head": ("withheld", [], None),
        "zero-head": ("nobody", [], [0, 0]),
    }
    assert results(election, 2) == {"law-head": ("elected", ["dato"], [1, 2, 1])}
    assert [(term.mandate.seat, term.mandate.person) for term in election.record.register.history] == [
        ("head", "ana"),
        ("law-head", "gio"),
        ("law-head", "nino"),
    ]
    rules = election.box("head").rules
    assert list(election.bad_shares[rules.context]) == [1]


A08 = {
    "no ballots": ContestPlan("head", ()),
    "no votes for an option": ContestPlan("head", ("ana", "ana", "blank")),
    "all for one": ContestPlan("head", ("beka",) * 5),
    "blank only": ContestPlan("head", ("blank",) * 4),
    "no marks at all": ContestPlan("head", ("", "", ""), options="ana beka", minimum=0),
    "every option marked": ContestPlan("head", ("ana beka gio",) * 3, options="ana beka gio", minimum=0, maximum=3),
    "one option": ContestPlan("head", ("ana",) * 3, options="ana"),
    "yes or blank": ContestPlan("head", ("ana", "blank", "ana"), options="ana blank"),
}


@pytest.mark.parametrize("name", A08)
def test_elections_that_meet_the_identity_and_zero(name: str) -> None:  # A08
    """The oracle compares sums, counts and winners with its own arithmetic and with the plan."""
    verified(Plan(contests=(A08[name],), seed=name))


@pytest.mark.parametrize(("k", "n"), [(2, 2), (2, 3), (3, 4), (3, 5)])
def test_every_k_subset_gives_the_same_result_and_fewer_none(k: int, n: int) -> None:  # A29
    election = set_up(Plan(k=k, n=n, seed=f"{k} of {n}"))
    election.vote()
    election.close()
    (box,) = election.boxes[1]
    sums = election.sums()["head"]
    shares = {number: election.share(number, sums) for number in range(1, n + 1)}
    for subset in combinations(shares, k):
        before = len(election.log.entries)
        election.count(box, sums, [shares[number] for number in subset])
        assert list(election.counts_of(1).values()) == [[2, 1, 1]]
        del election.log.entries[before:]
    for subset in combinations(shares, k - 1):
        with pytest.raises(CountsError, match=f"expected valid shares of {k} trustees, got {k - 1}"):
            election.count(box, sums, [shares[number] for number in subset])


def test_one_trustee_never_returns() -> None:
    for number in (1, 2, 3):
        election = verified(Plan(absent=frozenset({number}), seed="absent"))
        assert results(election)["head"] == ("elected", ["ana"], [2, 1, 1])


def test_a_rogue_trustee_is_named_and_skipped() -> None:  # A26
    election = verified(Plan(rogue=frozenset({2}), seed="rogue"))
    assert results(election)["head"] == ("elected", ["ana"], [2, 1, 1])
    (bad,) = election.bad_shares.values()
    assert list(bad) == [2]
    assert bad[2].startswith("share 2: option 0: ")


def test_a_rogue_and_an_absent_trustee_are_too_many_for_two_of_three() -> None:
    with pytest.raises(CountsError, match="expected valid shares of 2 trustees, got 1"):
        simulate(Plan(rogue=frozenset({2}), absent=frozenset({3}), seed="rogue"))


def test_two_ballots_stay_closed() -> None:  # RULES C15
    election = verified(Plan(contests=(ContestPlan("head", ("ana", "ana")),), voters=4, seed="small"))
    assert results(election)["head"] == ("withheld", [], None)
    assert not [raw for raw in election.log.entries if b'"tally.s' in raw]


def test_a_low_turnout_is_declared_invalid() -> None:  # RULES C1
    election = verified(Plan(voters=9, seed="low"))
    assert results(election)["head"] == ("invalid-turnout", [], [2, 1, 1])


def test_a_real_election_has_3072_bit_issuer_keys() -> None:
    election = verified(Plan(rsa_bits=3072, seed="real"))
    assert json.loads(election.log.entries[0])["data"]["rehearsal"] is False
    assert len(election.box("head").rules.modulus) == 384


def test_a_longer_log_fills_tiles() -> None:
    contests = [
        ContestPlan(f"head-{number}", ("ana", "beka", "ana"), electorate=f"e{number}", position="faculty")
        for number in range(30)
    ]
    electorates = {f"e{number}": range(3) for number in range(30)}
    plan = Plan(
        (ContestPlan("whole", ("ana",) * 3), *contests),
        3,
        electorates,
        seed="long",
        review_window=0,
        one_position=False,
    )
    files = verified(plan).log.files()
    assert "tile/entries/000" in files
    assert "tile/0/000" in files
    assert "tile/1/000.p/1" in files
    oracle.check_log(files)


def test_the_same_plan_gives_the_same_ballots() -> None:
    one, two = (simulate(Plan(seed="again")) for _ in range(2))
    assert one.box("head").ballots == two.box("head").ballots
    assert one.outcomes[1].reasoning == two.outcomes[1].reasoning


def test_the_dump_has_a_line_for_every_entry() -> None:
    election = simulate(Plan())
    lines = election.dump().splitlines()
    assert len(lines) == len(election.log.entries)
    assert lines[0].split()[2] == "log.opened"
    assert lines[-2].split()[2] == "result.certified"
    assert lines[-1].split()[2] == "seat.taken"
