"""The reasoning about one seat: who was skipped, who gets it, and who waits (tally/one_position.py)."""

from collections.abc import Mapping, Sequence

from msgspec import structs

from tally import lot
from tally.claim import Claim, Group, Status
from tally.reasoning import Conclusion, Rule, Step
from tally.wire import Skipped


def make_steps(
    claim: Claim,
    head: Group | None,
    status: Status,
    possible: tuple[str, ...],
    skipped: tuple[Skipped, ...],
    clause: str,
    seated: Mapping[str, str],
) -> tuple[Step, ...]:
    """Write down how a seat was given; a holder who stays for certain needs no step.

    `head` of its line, None for an empty one; `clause` of one position for one person; `seated`: seat -> holder of
    all seats, as the register has it.
    """
    steps = [_skip(claim, one, clause, seated) for one in skipped]
    if head is not None and head.drawn:
        drawn = lot.draw_step(claim.seat, claim.clause, claim.tickets, head.drawn, "constitution")
        steps.append(structs.replace(drawn, grounds=_grounds(claim)))
    # What one position for one person has changed stands under its clause, the rest under the seat's own.
    own = clause if any(one.reason == "holds-higher" for one in skipped) else claim.clause
    match status:
        case "filled" if head is not None and head.kind == "ranked":
            steps.append(_step(claim, own, Conclusion.TAKES, possible[:1]))
        case "provisional":
            steps.append(_step(claim, clause, Conclusion.PROVISIONAL, (possible[0], *possible)))
        case "open":
            steps.append(_step(claim, clause, Conclusion.WAITS, possible))
        case "undecided" if possible:
            steps.append(_step(claim, own, Conclusion.WAITS, possible))
        case "exhausted":
            steps.append(_step(claim, own, Conclusion.LIST_EXHAUSTED, ()))
        case "tie" if head is not None:
            steps.append(_equals(claim, own, head.persons))
    return tuple(steps)


def _skip(claim: Claim, skipped: Skipped, clause: str, seated: Mapping[str, str]) -> Step:
    person, reason = skipped.person, skipped.reason
    if reason == "holds-higher":
        mandate = [f"seat:{skipped.seat}"] if seated.get(skipped.seat) == person else []
        return _step(claim, clause, Conclusion.HOLDS_HIGHER, (person,), skipped.seat, mandate)
    passed = _step(claim, claim.clause, Conclusion.PASSED_OVER, (person,), reason)
    if reason != "too-few-votes":
        return passed
    comparison = f"{passed.inputs[f'votes.{person}']} >= {claim.min_votes}"
    return structs.replace(passed, inputs=passed.inputs | {"min": claim.min_votes}, comparison=comparison, holds=False)


def _equals(claim: Claim, clause: str, persons: tuple[str, ...]) -> Step:
    leaders = persons[0] in claim.ranking[0].persons
    step = _step(claim, clause, Conclusion.EQUAL_LEADERS if leaders else Conclusion.EQUAL_NEXT, persons)
    votes = step.inputs[f"votes.{persons[0]}"]
    return structs.replace(step, comparison=f"{votes} > {votes}", holds=False)


def _step(
    claim: Claim,
    clause: str,
    conclusion: Conclusion,
    persons: tuple[str, ...],
    other: str = "",
    mandate: Sequence[str] = (),
) -> Step:
    """Return a step about this seat that names `persons`, and `other` after them.

    Its inputs are the persons' votes, where they have any; `mandate`: another ground.
    """
    votes = {person: rank.votes for rank in claim.ranking for person in rank.persons}
    return Step(
        contest=claim.seat,
        rule=Rule.ONE_POSITION,
        clause=clause,
        inputs={f"votes.{person}": votes[person] for person in persons if person in votes},
        comparison="",
        holds=True,
        conclusion=conclusion,
        names=[*persons, other] if other else list(persons),
        grounds=_grounds(claim, mandate),
    )


def _grounds(claim: Claim, mandate: Sequence[str] = ()) -> list[str]:
    own = [f"seat:{claim.seat}"] if claim.holder is not None else []
    return list(dict.fromkeys((*claim.grounds, *own, *mandate, "constitution")))
