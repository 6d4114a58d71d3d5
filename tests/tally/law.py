"""Small builders for the tests of the law: a constitution and the facts of one poll."""

from tally.constitution import Constitution, Position, TurnoutRule
from tally.facts import ContestFacts, OptionFacts, PollFacts, make_poll_facts


def constitution(*, scope: str = "both", min_ballots: int = 3) -> Constitution:
    """IBSU as this version knows it: half of all students, most votes wins."""
    return Constitution(
        v="es1",
        name="IBSU",
        min_ballots=min_ballots,
        review_window=3600,
        max_slack=5,
        turnout=TurnoutRule(
            clause="6.12.4",
            numerator=1,
            denominator=2,
            scope=scope,  # type: ignore[arg-type]  # the tests' own parameter
            electorate="university",
        ),
        positions=[
            Position(id="president", clause="6.12.6a", rank=1, method="plurality"),
            Position(id="faculty", clause="6.12.6b", rank=2, method="plurality"),
        ],
    )


def contest(
    name: str,
    counts: dict[str, int] | None,
    *,
    size: int,
    ballots: int,
    position: str | None = "president",
    electorate: str = "university",
    options: str = "ana beka blank",
) -> ContestFacts:
    """Facts of one contest; an option called "blank" is the blank one."""
    names = list(counts) if counts is not None else options.split()
    return ContestFacts(
        contest=name,
        position=position,
        electorate=electorate,
        size=size,
        options=tuple(OptionFacts(option, option == "blank") for option in names),
        ballots=ballots,
        counts=None if counts is None else tuple(counts.values()),
    )


def poll(*contests: ContestFacts) -> PollFacts:
    """Poll 1 with these contests."""
    return make_poll_facts(1, contests)
