"""Before a poll opens: the rules must have an answer for every contest that it will put (A103)."""

import pytest

from ballot.contest import Contest, Option
from tally.constitution import Resolution
from tally.errors import OutcomeError
from tally.outcome import contest_facts, verify_plan
from tests.tally.law import constitution


def document(name: str, *, position: str | None = "president", electorate: str = "university") -> Contest:
    """A contest document as far as the rules read it; keys and hashes are left empty."""
    options = [Option(id=option, name={"en": option}, blank=option == "blank") for option in ("ana", "beka", "blank")]
    return Contest(
        v="es1", log="", election="e", poll=1, contest=name, position=position, electorate=electorate, size=9, root="",
        options=options, min=1, max=1, joint_key="", issuer_key="", recovery=False,
    )  # fmt: skip


LAW = document("law", position="faculty", electorate="law")


def test_a_plan_with_an_answer_for_every_contest_passes() -> None:
    verify_plan(constitution(), [], 1, [document("head"), LAW])
    verify_plan(constitution(scope="block"), [], 1, [LAW])
    verify_plan(constitution(), [Resolution("6.12.4", "block")], 1, [LAW])


@pytest.mark.parametrize(
    ("contests", "message"),
    [
        ([document("head", position="king")], "contest head: position: expected one of president, faculty, got 'king'"),
        ([document("head", position=None)], "contest head: position: expected one of president, faculty, got None"),
        ([LAW], r"clause 6\.12\.4: turnout of university: expected one contest with this electorate, got 0"),
        ([document("head"), document("again")], "turnout of university: expected one contest .* got 2"),
        ([document("head"), document("head")], "poll 1: contest head stands twice"),
    ],
)
def test_a_plan_without_is_refused(contests: list[Contest], message: str) -> None:
    with pytest.raises(OutcomeError, match=message):
        verify_plan(constitution(), [], 1, contests)


def test_a_reading_that_is_none_is_refused_while_it_can_be_mended() -> None:
    with pytest.raises(OutcomeError, match="expected one of university, block, both, got 'faculty'"):
        verify_plan(constitution(), [Resolution("6.12.4", "faculty")], 1, [document("head")])


@pytest.mark.parametrize("counts", [None, (3, 1, 0)])
def test_the_facts_of_a_document_are_its_own(counts: tuple[int, ...] | None) -> None:
    facts = contest_facts(document("head"), 4, counts)
    assert (facts.contest, facts.position, facts.electorate, facts.size) == ("head", "president", "university", 9)
    assert [(option.id, option.blank) for option in facts.options] == [("ana", False), ("beka", False), ("blank", True)]
    assert (facts.ballots, facts.counts) == (4, counts)
