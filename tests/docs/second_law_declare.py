"""docs/rules.md §6.1, §6.4, §6.6 and §6.7: the data of `result.declared`; from the page alone."""

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping

from tests.docs.second_law_count import Judge, Verdict
from tests.docs.second_law_facts import Facts, Poll
from tests.docs.second_law_rules import Counted, Json, expect, same
from tests.docs.second_law_seats import branches
from tests.docs.second_law_settle import Settled, settle
from tests.docs.second_law_state import Seat, apply_vote
from tests.docs.second_law_turnout import judge_turnout
from tests.docs.second_program import jcs


class Declaring(Facts):
    """The result of a poll."""

    def on_result_declared(self, data: Json, time: str, seq: int) -> None:
        poll = self.polls[data["poll"]]
        declared, reasoning = self.declare(poll, time)
        steps = reasoning["steps"]
        blob = json.loads(self.blobs[data["reasoning"]])
        for number, (one, other) in enumerate(zip(steps, blob["steps"], strict=False)):
            where = f"poll {poll.number}: step {number} ({one['rule']}, {one['clause']}, {one['contest'] or 'poll'})"
            same(where, one, other)
        expect(len(steps) == len(blob["steps"]), f"poll {poll.number}: {len(steps)} steps, {len(blob['steps'])} logged")
        same(f"poll {poll.number}", reasoning, blob)
        same(f"poll {poll.number}", declared, data)
        self.declarations += 1

    def declare(self, poll: Poll, time: str) -> tuple[Json, Json]:
        """§6, in its order."""
        steps: list[Json] = [
            {
                "contest": None,
                "rule": "resolution",
                "clause": clause,
                "inputs": {},
                "comparison": "",
                "holds": True,
                "conclusion": "read-as",
                "names": [reading],
                "grounds": [f"resolution:{clause}"],
            }
            for clause, reading in sorted(self.rules.resolutions.items())
        ]
        poll.before = (copy.deepcopy(self.seats), self.whole)
        poll.declared = time
        turnout = judge_turnout(self.rules, poll.contests, self.whole)
        steps += turnout.steps
        self.whole = turnout.whole or self.whole
        verdicts: dict[str, Verdict] = {}
        for contest in poll.contests:
            contest.void, contest.attended = self.void(contest), self.attended.get(contest.contest)
            verdicts[contest.contest] = Judge(self.rules, contest).verdict(turnout.stands[contest.contest])
            steps += verdicts[contest.contest].steps
        able = {contest.contest: self.able(contest) for contest in poll.contests}
        for contest in poll.contests:
            self.attended.pop(contest.contest, None)
            if contest.vote != "moot":
                verdict = verdicts[contest.contest]
                apply_vote(self.rules, self.seat_of(contest), contest, verdict, time, able[contest.contest])
        settled = settle(self.context(f"poll:{poll.number}", time))
        for claim in settled.claims:
            steps += settled.steps[claim.seat]
        steps += self.agenda_steps(poll)
        reasoning = {
            "v": "es1",
            "poll": poll.number,
            "steps": steps,
            "seats": self.seat_results(settled),
            "agenda": [seat.task.data for _, seat in sorted(self.seats.items()) if seat.task is not None],
        }
        results = [self.result(contest, verdicts[contest.contest], turnout.reported) for contest in poll.contests]
        return {
            "poll": poll.number,
            "results": results,
            "reasoning": hashlib.sha256(jcs(reasoning)).hexdigest(),
        }, reasoning

    def seat_of(self, contest: Counted) -> Seat:
        motion = self.rules.position(contest.position)["seat"] is None
        return self.seats.setdefault(contest.contest, Seat(contest.position, contest.electorate, motion))

    def void(self, contest: Counted) -> dict[str, str]:
        """Who is void in a contest, with the act of the decision."""
        found, since = {}, contest.poll if contest.fresh else None
        for person in contest.candidates:
            place = (contest.contest, person)
            reason = self.why_void(contest.contest, person, since)
            if reason:
                found[person] = self.barred.get(person) or self.barred_from.get(place) or self.withdrawn[place][1]
        return found

    def able(self, contest: Counted) -> int:
        """How many of the candidates can have the seat."""
        seat = self.seats.get(contest.contest)
        if contest.vote != "members-vote" or seat is None:
            return 0
        context = self.context("", "")
        passed = context.passed(contest.contest, contest.candidates)
        rank = self.rules.position(contest.position)["rank"]
        high = {
            person
            for name, person in context.holders.items()
            if name != contest.contest and self.rules.position(self.seats[name].position)["rank"] <= rank
        }
        applies = self.rules.get("one_position.applies")
        return sum(name not in passed and not (applies and name in high) for name in contest.candidates)

    def agenda_steps(self, poll: Poll) -> Iterator[Json]:
        assert poll.before is not None
        voted = {contest.contest for contest in poll.contests}  # as moot, too
        for name, seat in sorted(self.seats.items()):
            if seat.task is None:
                continue
            old = poll.before[0].get(name)
            if name not in voted and old is not None and old.task is not None and old.task.data == seat.task.data:
                continue
            task = seat.task.data
            grounds = [f"count:{poll.number}/{name}"] if name in voted else seat.grounds or [f"poll:{poll.number}"]
            yield {
                "contest": name,
                "rule": "agenda",
                "clause": task["clause"],
                "inputs": {"days": task["days"]} if task["days"] else {},
                "comparison": "",
                "holds": True,
                "conclusion": "follows",
                "names": [task["kind"], *task["options"]],
                "grounds": list(grounds),
            }

    @staticmethod
    def result(contest: Counted, verdict: Verdict, turnout: Mapping[str, str]) -> Json:
        return {
            "contest": contest.contest,
            "position": contest.position,
            "electorate": contest.electorate,
            "vote": contest.vote,
            "tour": contest.tour,
            "procedure": contest.procedure,
            "size": contest.size,
            "ballots": contest.ballots,
            "turnout": turnout[contest.contest],
            "counts": contest.counts,
            "outcome": verdict.outcome,
            "elected": verdict.ranks[0] if verdict.outcome == "elected" else [],
        }

    def seat_results(self, settled: Settled) -> list[Json]:
        applies, rows = bool(self.rules.get("one_position.applies")), []
        for claim in settled.claims:
            seat, given = self.seats[claim.seat], settled.given[claim.seat]
            status = {"filled": "filled", "provisional": "provisional", "open": "provisional"}.get(given.status)
            waits = given.status in ("provisional", "open")
            rows.append(
                {
                    "seat": claim.seat,
                    "position": seat.position,
                    "status": status or ("open" if seat.task is not None else "vacant"),
                    "person": given.person,
                    "possible": [] if given.status == "filled" else given.possible,
                    "branches": branches(settled.claims, settled.given, claim.seat, applies) if waits else [],
                }
            )
        return rows
