"""What the regulation says about small elections, written as definitions and searched by brute force (IBSU defaults).

Nothing here is an algorithm and nothing is shared with `tally`: every question is answered by trying everything. The
seats are the set of all futures: every assignment of persons to seats that no clause forbids. Elections are plain
dicts:

    contest  {"seat": id, "rank": int, "rule": "majority" | "plurality", "tour": "first" | "second", "size": int,
              "candidates": [id], "votes": [id or None for a blank ballot], "lot": {id: bytes}}
    law      {"scope": "university" | "block" | "none", "fewest": int, "strict": bool}
             (fewest: ballots below which none is opened; strict: see `members`)
    answer   {"contests": {seat: {"turnout", "outcome", "elected", "advance"}},
              "seats": {seat: {"status", "person", "possible", "next", "options"}}, "drawn": {seats settled by lot},
              "standing": {seat: who has it as things stand}}

The clauses: 6.12.4 (half of all students), 6.9.4 (second tour, re-election), 6.12.5 (one duty), 6.5.5 (equal votes).
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

Contest = dict[str, Any]
Future = dict[str, str | None]


def votes_of(contest: Contest, person: str) -> int:
    """How many ballots name this person."""
    return len([ballot for ballot in contest["votes"] if ballot == person])


def voted(contest: Contest) -> set[str]:
    """Everybody whom at least one ballot names; nobody else can win or follow anything."""
    return {ballot for ballot in contest["votes"] if ballot is not None}


def ahead(contest: Contest, person: str) -> set[str]:
    """Everybody with more votes than this person."""
    return {other for other in voted(contest) if votes_of(contest, other) > votes_of(contest, person)}


def half_took_part(contest: Contest) -> bool:
    """6.12.4: minimum half of all; blank ballots take part."""
    return bool(2 * len(contest["votes"]) >= contest["size"])


def acknowledged(contest: Contest, poll: list[Contest], law: dict[str, Any]) -> bool:
    """Whether the poll counts for this contest; the contest of rank 1 is that of all students."""
    deciders = {"none": [], "block": [contest], "university": [one for one in poll if one["rank"] == 1]}
    return all(half_took_part(decider) for decider in deciders[law["scope"]])


def judge(contest: Contest, poll: list[Contest], law: dict[str, Any]) -> dict[str, Any]:
    """What one contest says by itself: whom it elects, or who goes into its second tour."""
    took_part = half_took_part(contest)
    answer: dict[str, Any] = {
        "turnout": "waived" if law["scope"] == "none" else "valid" if took_part else "invalid",
        "outcome": "",
        "elected": set(),
        "advance": set(),
    }
    people, ballots = voted(contest), len(contest["votes"])
    first = {person for person in people if not ahead(contest, person)}
    majority = {person for person in people if 2 * votes_of(contest, person) > ballots}
    needs_majority = contest["rule"] == "majority" or len(contest["candidates"]) == 1
    best_two = {person for person in people if len(ahead(contest, person)) < 2}  # with all who tie for the last place
    if not acknowledged(contest, poll, law):
        answer["outcome"] = "invalid-turnout"
    elif 0 < ballots < law["fewest"]:
        answer["outcome"] = "withheld"
    elif not people:
        answer["outcome"] = "nobody"
    elif needs_majority and majority:
        answer |= {"outcome": "elected", "elected": majority}
    elif needs_majority:
        tours = contest["rule"] == "majority" and contest["tour"] == "first" and len(best_two) > 1
        answer |= {"outcome": "not-enough", "advance": best_two if tours else set()}
    else:
        alone = len(first) == 1
        answer |= {"outcome": "elected" if alone else "tie", "elected": first if alone else set()}
    return answer


def hopefuls(contest: Contest, verdict: dict[str, Any]) -> set[str] | None:
    """Who may win the vote that a contest still needs, as far as anybody can name them; None: it needs none."""
    if verdict["outcome"] in {"elected", "tie"}:
        return None
    if verdict["outcome"] in {"invalid-turnout", "withheld"}:  # the same question is put once more
        return set(contest["candidates"])
    return set(verdict["advance"])  # the second tour; empty: a re-election with new nominations


def beats(contest: Contest, one: str, other: str, drawn: set[str]) -> bool:
    """Whether `one` comes before `other`: more votes; where the lot was drawn, equal votes and the lower ticket."""
    if votes_of(contest, one) != votes_of(contest, other):
        return votes_of(contest, one) > votes_of(contest, other)
    return contest["seat"] in drawn and bool(contest["lot"][one] < contest["lot"][other])


def higher(contests: list[Contest], seat: str) -> set[str]:
    """The seats that go before this one."""
    rank = {contest["seat"]: contest["rank"] for contest in contests}
    return {other for other in rank if rank[other] < rank[seat]}


def forbidden(contests: list[Contest], waiting: dict[str, set[str]], drawn: set[str], future: Future) -> bool:
    """Whether a clause speaks against this way of filling the seats.

    One duty (6.12.5); nobody without a vote; nobody is passed over for somebody who comes after them, or for nobody,
    unless they are brought to a higher position.
    """
    persons = [person for person in future.values() if person is not None]
    if len(persons) != len(set(persons)):
        return True
    for contest in contests:
        seat = contest["seat"]
        if seat in waiting:
            continue
        raised = {future[other] for other in higher(contests, seat)}
        chosen = future[seat]
        for other in voted(contest) - raised - {chosen}:
            if chosen is None or beats(contest, other, chosen, drawn):
                return True
    return False


def every_future(contests: list[Contest], waiting: dict[str, set[str]], drawn: set[str]) -> Iterator[Future]:
    """Every lawful way in which the seats may still go, over all assignments of persons to seats."""
    seats = [contest["seat"] for contest in contests]
    choices = [sorted(waiting.get(one["seat"], voted(one))) for one in contests]
    for assignment in product(*([None, *persons] for persons in choices)):
        future = dict(zip(seats, assignment, strict=True))
        if not forbidden(contests, waiting, drawn, future):
            yield future


def stands(contests: list[Contest], waiting: dict[str, set[str]], drawn: set[str]) -> Future:
    """The seats as things stand: seats that wait have nobody, and of equals nobody comes first.

    It is the one assignment in which everybody comes before all others who hold nothing higher, and a seat is empty
    only where nobody does.
    """
    seats = [contest["seat"] for contest in contests]
    choices = [[] if one["seat"] in waiting else sorted(voted(one)) for one in contests]
    found = []
    for assignment in product(*([None, *persons] for persons in choices)):
        future = dict(zip(seats, assignment, strict=True))
        if all(one["seat"] in waiting or _is_first(contests, one, future, drawn) for one in contests):
            found.append(future)
    (only,) = found
    return only


def _is_first(contests: list[Contest], contest: Contest, future: Future, drawn: set[str]) -> bool:
    raised = {future[other] for other in higher(contests, contest["seat"])}
    free = voted(contest) - raised
    first = {one for one in free if all(beats(contest, one, other, drawn) for other in free - {one})}
    return future[contest["seat"]] in first if first else future[contest["seat"]] is None


def tied(contests: list[Contest], futures: list[Future], seat: str) -> set[str]:
    """Equal persons of whom one certainly gets the seat and none can get anything higher; empty: there is no tie."""
    reach = {future[seat] for future in futures}
    raised = {future[other] for future in futures for other in higher(contests, seat)}
    return set() if None in reach or len(reach) < 2 or reach & raised else {one for one in reach if one is not None}


def members(contests: list[Contest], reach: dict[str, set[str | None]], drawn: set[str], *, strict: bool) -> int:
    """How many persons have a seat of their own in every future.

    `strict`: where somebody before or beside them is still between two seats, theirs is not certified yet, either.
    """
    placed = {next(iter(persons)) for persons in reach.values() if len(persons) == 1}
    count = 0
    for contest in contests:
        (holder, *others) = reach[contest["seat"]]
        if others or holder is None:
            continue
        before = {one for one in voted(contest) - {holder} if not beats(contest, holder, one, drawn)}
        count += before <= placed or not strict
    return count


def settle(
    contests: list[Contest], verdicts: dict[str, Any], drawn: set[str], fewest: int, *, strict: bool
) -> dict[str, Any]:
    """The seats, after every tie was drawn for whose members' vote there are too few members (6.5.5)."""
    found = {one["seat"]: hopefuls(one, verdicts[one["seat"]]) for one in contests}
    waiting = {seat: persons for seat, persons in found.items() if persons is not None}
    while True:
        futures = list(every_future(contests, waiting, drawn))
        reach = {one["seat"]: {future[one["seat"]] for future in futures} for one in contests}
        ties = {seat: tied(contests, futures, seat) for seat in reach if seat not in waiting}
        few = members(contests, reach, drawn, strict=strict) < fewest
        lots = {seat for seat, persons in ties.items() if persons and few}
        if not lots:
            break
        drawn = drawn | lots
    standing = stands(contests, waiting, drawn)
    seats = {}
    for contest in contests:
        seat = contest["seat"]
        verdict, equal = verdicts[seat], ties.get(seat, set())
        following = follows(verdict, contest, equal, waits=seat in waiting)
        if seat not in waiting and reach[seat] == {None}:
            following = "by-election"
        filled = len(reach[seat]) == 1 and not following
        seats[seat] = {
            # "open": a vote about this very seat has to come first
            "status": "filled" if filled else "open" if following else "provisional",
            "person": next(iter(reach[seat])) if filled else standing[seat],
            "possible": set() if filled else reach[seat] - {None},
            "next": following,
            "options": options(verdict, contest, equal),
        }
    return {"contests": verdicts, "seats": seats, "drawn": drawn, "standing": standing}


def follows(verdict: dict[str, Any], contest: Contest, equal: set[str], *, waits: bool) -> str:
    """Which vote a contest or a tie asks for; a vote without a result is held again as what it was."""
    if verdict["outcome"] in {"invalid-turnout", "withheld"}:
        return "second-tour" if contest["tour"] == "second" else "repeat"
    if waits:
        return "second-tour" if verdict["advance"] else "re-election"
    return "members-vote" if equal else ""


def options(verdict: dict[str, Any], contest: Contest, equal: set[str]) -> set[str]:
    """Between whom that vote is; empty: new nominations."""
    again = verdict["outcome"] in {"invalid-turnout", "withheld"}
    return set(contest["candidates"]) if again else verdict["advance"] | equal


def decide(contests: list[Contest], law: dict[str, Any]) -> dict[str, Any]:
    """One poll with first tours."""
    verdicts = {contest["seat"]: judge(contest, contests, law) for contest in contests}
    return settle(contests, verdicts, set(), law["fewest"], strict=law["strict"])


def decide_second(first: list[Contest], before: dict[str, Any], second: Contest, law: dict[str, Any]) -> dict[str, Any]:
    """The second tour of one contest, held after `first`, which was answered with `before`."""
    contests = [second if one["seat"] == second["seat"] else one for one in first]
    verdicts = before["contests"] | {second["seat"]: judge(second, [second], law)}
    return settle(contests, verdicts, before["drawn"], law["fewest"], strict=law["strict"])
