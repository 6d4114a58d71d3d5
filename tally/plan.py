"""Before a poll opens: whether every contest of it has a place in the law, so that nothing stays open after the vote.

A contest either begins a seat (its id is new), or does what the agenda asks for about that seat. That is judged when it
is logged; electorate and candidates are frozen then. If nobody needs it any more when its poll opens, it is moot: it is
counted, and nothing follows. So nothing that happens in between keeps a poll from opening.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from ballot.contest import Contest
from tally.calendar import Notice, first_poll, meeting_notice, second_tour, task_notices
from tally.constitution import Majority, Motion, Plurality, Position, Procedure, Survey
from tally.errors import OutcomeError
from tally.facts import OptionFacts
from tally.legal_state import LegalState
from tally.matters import PlannedContest, PollState, SeatState
from tally.resolutions import missing
from tally.room import check_room
from tally.turnout import WholeBody
from tally.wire import Task, VoteKind
from tally.withheld import warn_of_unanimity

MOTION_OPTIONS = ("against", "for")
TESTED_VOTES = frozenset({"election", "re-election", "repeat", "merge", "second-tour", "by-election"})


def check_opening(
    state: LegalState, poll: int, contests: Sequence[Contest], opens: int, closes: int
) -> tuple[list[PlannedContest], list[Notice]]:
    """Return the contests as planned and the warnings; OutcomeError where the poll may not open."""
    unread = missing(state.constitution, state.resolutions)
    if unread:
        raise OutcomeError(
            f"poll {poll}: no resolution yet of {'; '.join(unread)}: the committee signs one reading of each"
        )
    before = state.polls.get(poll - 1)
    if poll != len(state.polls) + 1 or (before is not None and before.concluded is None):
        raise OutcomeError(f"poll {poll}: opens when the poll before it is certified or annulled")
    if state.suspended:
        raise OutcomeError(f"poll {poll}: the self-governance is at a standstill (resume it first)")
    _check_permission(state)
    frozen = state.planned.get(poll, {})
    planned = [
        _reconsider(state, frozen[document.contest]) if document.contest in frozen else plan_contest(state, document)
        for document in contests
    ]
    check_together(state, poll, planned)
    notices = check_calendar(state, poll, planned, opens, closes)
    sizes = {contest.contest: contest.size for contest in planned}
    return planned, [*notices, *warn_of_unanimity(sizes, state.rules.min_ballots)]


def _check_permission(state: LegalState) -> None:
    rules = state.rules
    if rules.permission.value == "required" and not state.permitted:
        raise OutcomeError(f"clause {rules.permission.clause}: no permission of the administration is recorded")
    least, size = rules.body_minimum.value, state.electorates.get(rules.body, 0)
    if size < least:
        raise OutcomeError(
            f"clause {rules.body_minimum.clause}: {rules.body}: expected at least {least} persons, got {size}"
        )


def check_calendar(
    state: LegalState, poll: int, planned: Sequence[PlannedContest], opens: int, closes: int
) -> list[Notice]:
    """Return the calendar's warnings about a poll; OutcomeError where it refuses these times."""
    rules = state.rules
    found = first_poll(rules.calendar, opens, closes, state.suspensions) if poll == 1 else []
    agenda = {name: (task, _asked(state, name)) for name, task in state.agenda().items()}
    for contest in planned:
        procedure = state.procedure(contest.procedure)
        if isinstance(procedure, Motion):
            found += meeting_notice(procedure, state.notices.get(contest.contest), opens)
        if contest.contest in agenda:
            task, asked = agenda[contest.contest]
            if asked is not None:
                found += task_notices(task, asked, closes, rules.calendar, state.suspensions)
            found += second_tour(rules.calendar, closes, state.suspensions) if task.kind == "second-tour" else []
    refused = [f"{notice.text} (clause {notice.clause})" for notice in found if notice.severity == "refuse"]
    if refused:
        raise OutcomeError(f"poll {poll}: {'; '.join(refused)}")
    return found


def _asked(state: LegalState, name: str) -> int | None:
    matter = state.seats.get(name) or state.motions.get(name)
    return matter.asked if matter is not None else None


def _reconsider(state: LegalState, planned: PlannedContest) -> PlannedContest:
    """The contest as it was logged, or moot, where nothing has to be voted on there any more."""
    task = state.agenda().get(planned.contest)
    if planned.vote == "election":
        wanted = planned.contest not in state.seats and planned.contest not in state.motions
    else:
        same = task is not None and (task.kind, task.tour) == (planned.vote, planned.tour)
        wanted = same and task is not None and _asks_for(state, task, planned)
    return planned if wanted else replace(planned, vote="moot")


def _asks_for(state: LegalState, task: Task, planned: PlannedContest) -> bool:
    """Whether a contest has the candidates of a task, and besides only some whose votes are void."""
    if not task.options:
        return planned.fresh
    return set(task.options) <= set(planned.options) <= set(task.options) | state.void(planned.contest)


def check_together(state: LegalState, poll: int, planned: Sequence[PlannedContest]) -> None:
    """OutcomeError where contests that have a place each cannot be put to the vote together."""
    planned = sorted(planned, key=lambda contest: contest.contest)
    if len({contest.contest for contest in planned}) != len(planned) or not planned:
        raise OutcomeError(f"poll {poll}: expected contests, each with an id of its own")
    if state.rules.one_position.applies.value:
        _check_one_candidacy(state, planned)
    _check_new_seats(state, planned)
    whole_body(state, poll, planned)
    check_room(poll, planned)


def plan_contest(state: LegalState, document: Contest) -> PlannedContest:
    """Return a contest as the law sees it; OutcomeError where it has no place."""
    name = f"contest {document.contest}"
    position = state.position(document.position, name)
    task = state.agenda().get(document.contest)
    seat = state.seats.get(document.contest)
    if task is None and (seat is not None or document.contest in state.motions):
        raise OutcomeError(f"{name}: nothing has to be voted on there; a new question needs a new id")
    identity = task.procedure if task is not None else position.procedure.value
    procedure = state.procedure(identity)
    planned = PlannedContest(
        contest=document.contest,
        position=position.id,
        electorate=document.electorate,
        size=document.size,
        all_options=tuple(OptionFacts(option.id, option.blank) for option in document.options),
        vote="election" if task is None else _vote(task, name),
        tour="first" if task is None else task.tour,
        procedure=identity,
        fresh=task is None or not task.options,
    )
    if task is not None:
        _check_task(state, planned, task, seat)
    _check_form(planned, document, procedure, position)
    _check_electorate(state, planned, procedure, task)
    if planned.fresh:  # otherwise the same persons again; votes for somebody barred are void
        _check_candidates(state, planned, procedure)
    return planned


def _vote(task: Task, name: str) -> VoteKind:
    if task.kind == "paper" or task.kind == "approval":  # noqa: PLR1714 -- narrows the type
        raise OutcomeError(f"{name}: what has to happen there is no vote of this service: {task.kind}")
    return task.kind


def _check_task(state: LegalState, planned: PlannedContest, task: Task, seat: SeatState | None) -> None:
    name = f"contest {planned.contest} ({task.kind})"
    matter = seat if seat is not None else state.motions[planned.contest]
    if planned.position != matter.position:
        raise OutcomeError(f"{name}: position: expected {matter.position}, got {planned.position}")
    if task.options and sorted(task.options) != sorted(planned.options):
        raise OutcomeError(f"{name}: candidates: expected {sorted(task.options)}, got {sorted(planned.options)}")
    home = matter.electorate
    if home and task.voters == "block" and task.kind != "merge" and planned.electorate != home:
        raise OutcomeError(f"{name}: electorate: expected {home}, got {planned.electorate}")
    if home and task.kind == "merge" and state.electorates.get(home, 0) >= planned.size:
        raise OutcomeError(f"{name}: electorate: expected a larger one than {home}, got {planned.electorate}")


def _check_form(planned: PlannedContest, document: Contest, procedure: Procedure, position: Position) -> None:
    name = f"contest {planned.contest}"
    if isinstance(procedure, Motion) and tuple(sorted(planned.options)) != MOTION_OPTIONS:
        raise OutcomeError(f"{name}: expected the options for and against, got {sorted(planned.options)}")
    if isinstance(procedure, Majority | Motion) and document.max != 1:
        raise OutcomeError(f"{name}: max: expected 1, got {document.max} (clause {procedure.clause})")
    if (position.seat is None) != isinstance(procedure, Motion | Survey):
        raise OutcomeError(f"{name}: procedure {procedure.id} does not fit the position {position.id}")


def _check_electorate(state: LegalState, planned: PlannedContest, procedure: Procedure, task: Task | None) -> None:
    """A vote of the members: exactly those who hold seats, without the barred; before there are any, the whole body."""
    voters = task.voters if task is not None else procedure.voters.value
    if voters != "members":
        return
    members = state.members()
    name = f"contest {planned.contest}: electorate {planned.electorate}"
    if not members:
        if planned.electorate != state.rules.body:
            raise OutcomeError(f"{name}: expected {state.rules.body}: nobody holds a seat yet")
        return
    barred = set(task.barred) & set(members) if task is not None else set()
    expected = len(members) - len(barred)
    if planned.size != expected:
        raise OutcomeError(f"{name}: expected the {expected} members who vote on this, got {planned.size} voters")


def _check_candidates(state: LegalState, planned: PlannedContest, procedure: Procedure) -> None:
    if isinstance(procedure, Motion | Survey):
        return
    for person in planned.options:
        if person in state.void(planned.contest, len(state.polls) + 1):
            raise OutcomeError(f"contest {planned.contest}: {person} is barred or has withdrawn")
    if procedure.nomination.value == "petition":
        newest = max((number for number, poll in state.polls.items() if _counts(poll, planned)), default=0)
        for person in planned.options:
            if state.nominated.get((planned.contest, person), -1) < newest:
                clause = procedure.nomination.clause
                raise OutcomeError(
                    f"contest {planned.contest}: {person} is not nominated by a petition (clause {clause})"
                )
    rank = state.position(planned.position, planned.contest).rank
    for person in planned.options if state.rules.one_position.applies.value else ():
        held = state.members().get(person)
        if held is not None and held != planned.contest and state.rank(held) <= rank:
            raise OutcomeError(f"contest {planned.contest}: {person} holds {held}, which is no lower")


def _counts(poll: PollState, planned: PlannedContest) -> bool:
    """Whether a poll has used up the nominations for a contest: one that was annulled has not."""
    return planned.contest in poll.contests and poll.concluded != "annulled"


def _check_new_seats(state: LegalState, planned: Sequence[PlannedContest]) -> None:
    """A block has one seat of a kind: whoever wants to fill it anew asks the agenda, not for another seat."""
    taken = {_block_seat(state, seat.position, seat.electorate, name): name for name, seat in state.seats.items()}
    for contest in planned:
        if contest.vote != "election":
            continue
        key = _block_seat(state, contest.position, contest.electorate, contest.contest)
        other = taken.setdefault(key, contest.contest)
        if other != contest.contest:
            raise OutcomeError(
                f"contest {contest.contest}: {contest.position} of {contest.electorate} is the seat {other} already"
            )


def _block_seat(state: LegalState, position: str, electorate: str, name: str) -> tuple[str, str]:
    """What there is one seat of: a position in a block; no block elects the others."""
    found = state.position(position, name)
    if found.seat is None or not found.block:
        return position, f"contest {name}"
    return position, "" if found.block == "university" else electorate


def _check_one_candidacy(state: LegalState, planned: Sequence[PlannedContest]) -> None:
    """Nobody stands for two offices of one rank: none of them would be the higher one (6.12.5)."""
    offices = [
        (state.position(contest.position, contest.contest), contest)
        for contest in planned
        if contest.vote not in ("members-vote", "advance-vote", "moot")
    ]
    seats = [(position.rank, contest) for position, contest in offices if position.seat is not None]
    for (first_rank, first), (second_rank, second) in combinations(seats, 2):
        both = set(first.options) & set(second.options) if first_rank == second_rank else set()
        if both:
            clause = state.rules.one_position.applies.clause
            raise OutcomeError(
                f"contests {first.contest} and {second.contest} have one rank and a candidate in common, "
                f"{min(both)} (clause {clause})"
            )


# ---- turnout ---------------------------------------------------------------------------------------------------------


def is_tested(state: LegalState, contest: PlannedContest) -> bool:
    """Whether the turnout of a contest is tested: votes of blocks for offices; second tours where the rules say so."""
    procedure = state.procedure(contest.procedure)
    if contest.vote not in TESTED_VOTES or not isinstance(procedure, Plurality | Majority):
        return False
    if procedure.voters.value != "block" or state.rules.turnout.scope.value == "none":
        return False
    return contest.vote != "second-tour" or state.rules.turnout.second_tour.value == "same"


def whole_body(
    state: LegalState, poll: int, planned: Sequence[PlannedContest]
) -> list[PlannedContest] | WholeBody | None:
    """The contests whose electorate is the whole body: of this poll, or as it was counted in an earlier one.

    Where several offices are elected by everybody, at least as many took part as in the one with the most ballots. None
    where no test needs it. OutcomeError where one does and there is none.
    """
    tested = [contest for contest in planned if is_tested(state, contest)]
    mine = [contest for contest in tested if contest.electorate == state.rules.body]
    if not tested or state.rules.turnout.scope.value in ("block", "none"):
        return None
    if mine:
        return mine
    if state.whole is None:
        clause = state.rules.turnout.scope.clause
        raise OutcomeError(
            f"poll {poll}: clause {clause}: turnout of {state.rules.body}: expected a contest with this electorate, "
            "got none"
        )
    return state.whole
