"""docs/rules.md is enough to compute the law a second time: a program written from the pages agrees with every log."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.second_law import Fold, check
from tests.docs.second_law_lives import live
from tests.docs.second_law_rules import Difference
from tests.simulated import test_law as cases
from tests.simulated.everything import everything
from tests.simulated.replay import with_other_step
from tests.simulator import Election

Play = Callable[[], Election]
ELECTIONS: list[Play] = [
    everything,
    cases.second_tour_undecided,
    cases.provisional,
    cases.tied_next,
    cases.disciplined,
    cases.small_classes,
    cases.barred_midway,
    cases.dismissal,
    cases.drawn,
    cases.asked,
]


@pytest.mark.parametrize("play", ELECTIONS, ids=lambda play: play.__name__)
def test_a_whole_election_is_computed_a_second_time(play: Play) -> None:
    election = play()
    assert check(election.log.files()).declarations == len(election.outcomes)


@pytest.mark.parametrize("member", ["clause", "comparison", "conclusion", "inputs", "names", "grounds", "holds"])
def test_a_changed_step_is_named(member: str) -> None:
    election = cases.made(cases.provisional)
    other = {"inputs": {"votes.ana": 9}, "names": ["nobody"], "grounds": ["constitution"], "holds": False}

    def change(steps: list[dict[str, object]]) -> int:
        number = next(number for number, step in enumerate(steps) if step["conclusion"] == "provisional")
        steps[number][member] = other.get(member, "9.9.9")
        return number

    files, number = with_other_step(election, 1, change)
    with pytest.raises(Difference, match=rf"^poll 1: step {number} \(one-position, 6\.12\.5, law\)\.{member}"):
        check(files)


@pytest.mark.parametrize("start", range(0, 60, 10))
def test_random_lives_are_computed_a_second_time(start: int) -> None:
    """Constitutions, counts and decisions at random; the engine and the pages say the same to the last step."""
    declarations = 0
    for seed in range(start, start + 10):
        life = live(seed)
        declarations += Fold(life.entries, life.blobs).run().declarations
    assert declarations >= 10


def test_an_entry_that_must_follow_is_missed() -> None:
    election = cases.made(cases.disciplined)
    entries = [entry for entry in election.log.entries if b'"kind":"seat.vacated"' not in entry]
    with pytest.raises(Difference, match=r"kind: expected 'seat\.vacated', got 'seat\.filled'"):
        Fold(entries, election.log.blobs).run()
    with pytest.raises(Difference, match=r"the log ends where \['seat\.filled'\] must follow"):
        Fold(election.log.entries[:-1], election.log.blobs).run()


def test_the_second_law_imports_none_of_the_code() -> None:
    files = [path for path in Path(__file__).parent.glob("second_law*.py") if path.name != "second_law_lives.py"]
    assert len(files) == 12
    code = ("keys", "ballot", "tally", "audit", "election_service", "tests.simulated")
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            assert not line.startswith(tuple(f"{word} {name}" for word in ("from", "import") for name in code))
