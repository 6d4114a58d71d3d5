"""docs/rules.md §6.2: whether enough took part, written from the page alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.docs.second_law_rules import Counted, Difference, Json, Rules, compare, step

NO_TEST = ("members-vote", "advance-vote", "moot")


@dataclass(frozen=True)
class Whole:
    """The contest that was tested as the whole body."""

    electorate: str
    ballots: int
    size: int
    ground: str


@dataclass
class Turnout:
    """What is reported of each contest, and whether its result stands."""

    steps: list[Json] = field(default_factory=list)
    reported: dict[str, str] = field(default_factory=dict)
    stands: dict[str, bool] = field(default_factory=dict)
    whole: Whole | None = None


def is_tested(rules: Rules, contest: Counted) -> bool:
    procedure = rules.procedure(contest.procedure)
    if procedure["method"] not in ("plurality", "majority") or procedure["voters"]["value"] != "block":
        return False
    if contest.vote in NO_TEST or rules.get("turnout.scope") == "none":
        return False
    return contest.vote != "second-tour" or bool(rules.get("turnout.second_tour") == "same")


def judge_turnout(rules: Rules, contests: Sequence[Counted], before: Whole | None) -> Turnout:
    """`contests` ascending; `before` is the whole body of an earlier poll."""
    out, scope, share = Turnout(), rules.get("turnout.scope"), rules.get("turnout.share")
    clause, body = rules.clause("turnout.share"), rules.all["body"]
    tested = [contest for contest in contests if is_tested(rules, contest)]
    whole_holds, whole_contest = True, None
    if tested and scope in ("university", "both", "both-enforced"):
        here = [contest for contest in tested if contest.electorate == body]
        if here:
            most = max(here, key=lambda contest: contest.ballots)  # the first of several
            whole_contest = most.contest
            out.whole = Whole(body, most.ballots, most.size, most.count)
        whole = out.whole or before
        if whole is None:
            raise Difference("turnout: nobody was put to the whole body")
        text, whole_holds = compare(share, whole.ballots, whole.size)
        out.steps.append(
            step(
                None,
                "turnout",
                clause,
                "turnout-valid" if whole_holds else "turnout-invalid",
                inputs={"ballots": whole.ballots, "size": whole.size},
                comparison=text,
                holds=whole_holds,
                names=[whole.electorate],
                grounds=[whole.ground, "constitution"],
            )
        )
    for contest in contests:
        inputs = {"ballots": contest.ballots, "size": contest.size}
        grounds, names = [contest.count, "constitution"], [contest.electorate]
        text, holds = compare(share, contest.ballots, contest.size)
        if contest not in tested:
            out.reported[contest.contest], out.stands[contest.contest] = "waived", True
            out.steps.append(
                step(
                    contest.contest,
                    "turnout",
                    rules.clause("turnout.scope"),
                    "turnout-waived",
                    inputs=inputs,
                    names=names,
                    grounds=grounds,
                )
            )
            continue
        if scope != "university" and contest.contest != whole_contest:
            conclusion = "turnout-valid" if holds else "turnout-invalid"
            out.steps.append(
                step(
                    contest.contest,
                    "turnout",
                    clause,
                    conclusion,
                    inputs=inputs,
                    comparison=text,
                    holds=holds,
                    names=names,
                    grounds=grounds,
                )
            )
        reported = whole_holds if scope == "university" else holds
        out.reported[contest.contest] = "valid" if reported else "invalid"
        out.stands[contest.contest] = {
            "university": whole_holds,
            "block": holds,
            "both": whole_holds,
            "both-enforced": whole_holds and holds,
        }[scope]
    return out
