"""What plurality and majority have in common: who has how many votes, and how the steps about it are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from tally.errors import OutcomeError
from tally.facts import ContestFacts, OptionFacts
from tally.reasoning import Conclusion, Rule, Step
from tally.verdict import Rank


@dataclass(frozen=True, slots=True)
class Scribe:
    """Writes the steps of one contest under one rule; every step rests on the contest's count at least."""

    contest: ContestFacts
    rule: Rule
    poll: int

    @property
    def ground(self) -> str:
        """The count of this contest, as steps name it."""
        return f"count:{self.poll}/{self.contest.contest}"

    def counted(
        self,
        clause: str,
        inputs: Mapping[str, int],
        comparison: tuple[str, bool],
        conclusion: Conclusion,
        names: Sequence[str] = (),
    ) -> Step:
        """Return a step that needs the count alone; `comparison`: as written, and whether it holds."""
        text, holds = comparison
        return Step(
            contest=self.contest.contest,
            rule=self.rule,
            clause=clause,
            inputs=dict(inputs),
            comparison=text,
            holds=holds,
            conclusion=conclusion,
            names=list(names),
            grounds=[self.ground],
        )

    def ruled(
        self,
        clause: str,
        inputs: Mapping[str, int],
        comparison: tuple[str, bool],
        conclusion: Conclusion,
        names: Sequence[str] = (),
    ) -> Step:
        """Return a step in which a number or choice of the constitution decides, too."""
        step = self.counted(clause, inputs, comparison, conclusion, names)
        return replace(step, grounds=[*step.grounds, "constitution"])


def option_votes(contest: ContestFacts) -> list[tuple[OptionFacts, int]]:
    """Return every option with its votes, blank and void ones too; OutcomeError where the counts are withheld."""
    if contest.counts is None:
        raise OutcomeError(f"contest {contest.contest}: counts are withheld")
    return list(zip(contest.options, contest.counts, strict=True))


def rank(contest: ContestFacts) -> tuple[Rank, ...]:
    """Group the candidates by votes, most first; nobody without a vote, no blank option, no void votes."""
    votes = contest.candidate_votes()
    levels = sorted({count for _, count in votes if count}, reverse=True)
    return tuple(Rank(level, tuple(person for person, count in votes if count == level)) for level in levels)


def in_order(contest: ContestFacts, persons: Sequence[str]) -> tuple[str, ...]:
    """Return `persons` in the document's order."""
    return tuple(option.id for option in contest.options if option.id in persons)


def void_steps(clause: str, contest: ContestFacts, poll: int) -> list[Step]:
    """Return one step for each candidate whose votes do not count (6.1.5(8)): the ballots remain, for the turnout."""
    scribe = Scribe(contest, Rule.VOID, poll)
    return [
        scribe.counted(clause, {f"votes.{option.id}": count}, ("", True), Conclusion.VOTES_VOID, [option.id])
        for option, count in option_votes(contest)
        if option.id in contest.void and not option.blank
    ]


def votes_step(scribe: Scribe, clause: str) -> Step:
    """Return the step that says every candidate's votes, and whether there is a vote at all."""
    votes = scribe.contest.candidate_votes()
    most = max((count for _, count in votes), default=0)
    conclusion = Conclusion.SOMEBODY_HAS_VOTES if most >= 1 else Conclusion.NOBODY_HAS_VOTES
    inputs = {f"votes.{person}": count for person, count in votes}
    return scribe.counted(clause, inputs, (f"{most} >= 1", most >= 1), conclusion)


def lead_step(scribe: Scribe, clause: str, ranking: Sequence[Rank]) -> Step:
    """Return the step that compares the most votes with the next most; equal leaders are each other's next."""
    most, leaders = ranking[0].votes, ranking[0].persons
    alone = len(leaders) == 1
    second = most if not alone else ranking[1].votes if len(ranking) > 1 else 0
    conclusion = Conclusion.LEADS if alone else Conclusion.EQUAL_LEADERS
    comparison = (f"{most} > {second}", most > second)
    return scribe.counted(clause, {"most": most, "second": second}, comparison, conclusion, leaders)


def tickets_of(contest: ContestFacts) -> dict[str, bytes]:
    """Return the ticket of every option by its id; empty where the facts hold none."""
    if not contest.tickets:
        return {}
    return {option.id: ticket for option, ticket in zip(contest.options, contest.tickets, strict=True)}
