"""The ways of deciding that a constitution can name. A new one is one struct, one file and one case here."""

from tally.constitution import Majority, Motion, Plurality, Procedure, Survey
from tally.facts import ContestFacts
from tally.majority import judge_majority
from tally.motion import judge_motion
from tally.plurality import judge_plurality
from tally.survey import judge_survey
from tally.verdict import Verdict
from tally.wire import Tour


def judge(procedure: Procedure, contest: ContestFacts, *, poll: int, tour: Tour) -> Verdict:
    """Apply `procedure` to the count of one contest of `poll`; raises OutcomeError where the rules have no answer."""
    match procedure:
        case Plurality():
            return judge_plurality(procedure, contest, poll=poll, tour=tour)
        case Majority():
            return judge_majority(procedure, contest, poll=poll, tour=tour)
        case Motion():
            return judge_motion(procedure, contest, poll=poll)
        case Survey():
            return judge_survey(procedure, contest, poll=poll)
