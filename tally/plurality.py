"""Most votes wins: the rule of IBSU 6.12.5 for heads of blocks, and the default where a text is silent.

The blank option is no candidate. Equal leaders are a tie, which this rule does not break; a candidate without a
single vote is never elected.
"""

from tally.facts import ContestFacts
from tally.reasoning import Step
from tally.verdict import Verdict


def elect(clause: str, contest: ContestFacts) -> Verdict:
    """Return who is elected under `clause`; raises OutcomeError where the counts are withheld.

    Cost: one pass over the options. Order and names of the options have no influence.
    """
    votes = contest.candidate_votes()
    most = max((count for _, count in votes), default=0)
    inputs = {f"votes.{option}": count for option, count in votes}
    cast = Step(
        contest=contest.contest,
        rule="plurality",
        clause=clause,
        inputs=inputs,
        comparison=f"{most} >= 1",
        holds=most >= 1,
        conclusion="somebody has a vote" if most >= 1 else "nobody has a vote, nobody is elected",
    )
    if most < 1:
        return Verdict("nobody", (), (cast,))
    leaders = tuple(option for option, count in votes if count == most)
    second = max((count for option, count in votes if option not in leaders), default=0)
    lead = Step(
        contest=contest.contest,
        rule="plurality",
        clause=clause,
        inputs={"most": most, "second": second if len(leaders) == 1 else most},
        comparison=f"{most} > {second if len(leaders) == 1 else most}",
        holds=len(leaders) == 1,
        conclusion=f"elected: {leaders[0]}" if len(leaders) == 1 else f"tie between {', '.join(leaders)}",
    )
    if len(leaders) > 1:
        return Verdict("tie", (), (cast, lead))
    return Verdict("elected", leaders, (cast, lead))
