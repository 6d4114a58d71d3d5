"""A second program for the law of an election, written from docs/rules.md and docs/protocol.md alone.

It reads a published log, computes every declaration, its reasoning and the entries that follow from a certification or
a decision, and names the first member that differs. The cryptography is second_program's business; this one takes the
counts as they are logged.
"""

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.docs.second_law_count import Judge, Verdict, Whole, judge_turnout
from tests.docs.second_law_register import Register, Term, give_for_good
from tests.docs.second_law_rules import Counted, Json, Rules, expect, same, ticket
from tests.docs.second_law_seats import branches
from tests.docs.second_law_settle import Context, Settled, settle
from tests.docs.second_law_state import Seat, Tasks, apply_vote
from tests.docs.second_law_support import Supports
from tests.docs.second_program import h, jcs, unb64

DERIVED = ("seat.taken", "seat.filled", "seat.vacated")
WITHOUT_TASK = ("paper", "approval")


def read_entries(files: Mapping[str, bytes]) -> list[bytes]:
    """§9, Publication: the entries of a copy, each after its length in 2 bytes."""
    size = int(files["checkpoint"].split(b"\n")[1])
    entries: list[bytes] = []
    while len(entries) < size:
        number = len(entries) // 256
        name = f"{number % 1000:03d}"
        while number := number // 1000:
            name = f"x{number % 1000:03d}/{name}"
        width = min(256, size - len(entries))
        bundle = files[f"tile/entries/{name}" + (f".p/{width}" if width < 256 else "")]
        at = 0
        while at < len(bundle):
            length = int.from_bytes(bundle[at : at + 2], "big")
            entries.append(bundle[at + 2 : at + 2 + length])
            at += 2 + length
    return entries


def seconds(time: str) -> int:
    return int(datetime.fromisoformat(time).timestamp())


@dataclass
class Poll:
    """A poll that is open or later; `before` is what an annulment goes back to."""

    number: int
    contests: list[Counted]
    declared: str = ""  # its time
    before: "tuple[dict[str, Seat], Whole | None] | None" = None
    ended: bool = False


@dataclass
class Fold:
    """The facts of §3, folded entry by entry."""

    raw: list[bytes]
    blobs: Mapping[str, bytes]
    rules: Rules = field(init=False)
    sizes: dict[str, int] = field(default_factory=dict)
    logged: dict[bytes, Counted] = field(default_factory=dict)
    polls: dict[int, Poll] = field(default_factory=dict)
    seats: dict[str, Seat] = field(default_factory=dict)  # and motions
    register: Register = field(default_factory=Register)
    barred: dict[str, str] = field(default_factory=dict)  # person -> act
    barred_from: dict[tuple[str, str], str] = field(default_factory=dict)
    withdrawn: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)  # the poll noted, and the act
    attended: dict[str, tuple[int, str]] = field(default_factory=dict)
    answered: dict[int, int | None] = field(default_factory=dict)  # complaint -> poll, None when answered
    whole: Whole | None = None
    supports: Supports = field(default_factory=Supports)
    expected: list[tuple[str, Json]] = field(default_factory=list)  # entries that must follow
    declarations: int = 0

    def __post_init__(self) -> None:
        self.log_id = hashlib.sha256(self.raw[0]).digest()

    def run(self) -> "Fold":
        for raw in self.raw:
            entry = json.loads(raw)
            kind, data, time = entry["kind"], entry["data"], entry.get("time", "")
            if self.expected or kind in DERIVED:
                self.follow(entry["seq"], kind, data)
                continue
            name = kind.replace(".", "_")
            if hasattr(self, f"on_{name}"):
                getattr(self, f"on_{name}")(data, time, entry["seq"])
        return self

    def follow(self, seq: int, kind: str, data: Json) -> None:
        expect(bool(self.expected), f"entry {seq} ({kind}): nothing follows here")
        expected_kind, expected = self.expected.pop(0)
        same(f"entry {seq}: kind", expected_kind, kind)
        same(f"entry {seq} ({kind})", expected, data)

    # ---- what stands before a poll

    def on_constitution(self, data: Json, time: str, seq: int) -> None:
        self.rules = Rules(json.loads(self.blobs[data["blob"]]))

    def on_resolution(self, data: Json, time: str, seq: int) -> None:
        expect(not self.polls, "resolution: the rules are frozen")
        self.rules.resolve(data["clause"], data["reading"])

    def on_electorate(self, data: Json, time: str, seq: int) -> None:
        self.sizes[data["id"]] = data["size"]
        blob = self.blobs[data["blob"]]
        self.supports.rolls[data["id"]] = {blob[at : at + 32] for at in range(0, len(blob), 32)}

    def on_credential_replaced(self, data: Json, time: str, seq: int) -> None:
        self.supports.replace(unb64(data["old"]), unb64(data["new"]))

    def on_contest(self, data: Json, time: str, seq: int) -> None:
        """§4: judged when it is logged."""
        name, position = data["contest"], self.rules.position(data["position"])
        blank = next((option["id"] for option in data["options"] if option["blank"]), None)
        contest = Counted(
            data["poll"],
            name,
            data["position"],
            data["electorate"],
            data["size"],
            [option["id"] for option in data["options"]],
            blank,
            "election",
            "first",
            position["procedure"]["value"],
            True,
            h("es1/context", jcs(data)),
        )
        same(f"contest {name}: size", self.sizes[contest.electorate], contest.size)
        seat = self.seats.get(name)
        if seat is not None:
            expect(seat.task is not None, f"contest {name}: nothing is asked for")
            assert seat.task is not None
            task = seat.task.data
            expect(task["kind"] not in WITHOUT_TASK, f"contest {name}: {task['kind']} is no vote")
            contest.vote, contest.tour, contest.procedure = task["kind"], task["tour"], task["procedure"]
            contest.fresh = not task["options"]
            expect(
                sorted(task["options"] or contest.candidates) == sorted(contest.candidates), f"contest {name}: options"
            )
            same(f"contest {name}: position", seat.position, contest.position)
        self.logged[contest.context] = contest

    # ---- a poll

    def on_poll_opened(self, data: Json, time: str, seq: int) -> None:
        number = data["poll"]
        same("poll.opened: number", len(self.polls) + 1, number)
        expect(set(self.rules.resolutions) == set(self.rules.open), "poll.opened: a reading is missing")
        expect(all(poll.ended for poll in self.polls.values()), "poll.opened: the poll before has no end")
        contests = sorted((self.logged[unb64(text)] for text in data["contexts"]), key=lambda found: found.contest)
        for contest in contests:
            if self.is_moot(contest):
                contest.vote = "moot"
        self.polls[number] = Poll(number, contests)

    def is_moot(self, contest: Counted) -> bool:
        """Whether nobody needs it any more."""
        seat = self.seats.get(contest.contest)
        if contest.vote == "election":
            return seat is not None
        if seat is None or seat.task is None:
            return True
        task, names = seat.task.data, contest.candidates
        if (task["kind"], task["tour"]) != (contest.vote, contest.tour):
            return True
        if not task["options"]:
            return not contest.fresh
        others = [name for name in names if name not in task["options"]]
        return not set(task["options"]) <= set(names) or not all(
            self.why_void(contest.contest, name) for name in others
        )

    def why_void(self, name: str, person: str, since: int | None = None) -> str:
        """ "barred", "withdrawn" or "" (§3); `since` where it is not the seat's."""
        if since is None:
            since = self.seats[name].since if name in self.seats else 0
        noted = self.withdrawn.get((name, person))
        if noted is not None and noted[0] >= since:
            return "withdrawn"
        return "barred" if person in self.barred or (name, person) in self.barred_from else ""

    def on_ballot(self, data: Json, time: str, seq: int) -> None:
        self.logged[unb64(data["context"])].ballots += 1

    def on_tally_sums(self, data: Json, time: str, seq: int) -> None:
        contest = self.logged[unb64(data["context"])]
        same(f"tally.sums {contest.contest}: ballots", contest.ballots, data["ballots"])
        pairs = data["sums"] or [[None, None] for _ in contest.options]
        self.sums(contest)[:] = pairs

    def sums(self, contest: Counted) -> list[Any]:
        return self.__dict__.setdefault("_sums", {}).setdefault(contest.context, [])  # type: ignore[no-any-return] # a list

    def on_tally_counts(self, data: Json, time: str, seq: int) -> None:
        contest = self.logged[unb64(data["context"])]
        contest.counts = data["counts"]
        rows = zip(contest.options, self.sums(contest), data["counts"], strict=True)
        contest.tickets = {name: ticket(self.log_id, contest.context, pair, votes) for name, pair, votes in rows}

    # ---- its result

    def on_result_declared(self, data: Json, time: str, seq: int) -> None:
        poll = self.polls[data["poll"]]
        declared, steps = self.declare(poll, time)
        blob = json.loads(self.blobs[data["reasoning"]])
        for number, (one, other) in enumerate(zip(steps, blob["steps"], strict=False)):
            where = f"poll {poll.number}: step {number} ({one['rule']}, {one['clause']}, {one['contest'] or 'poll'})"
            same(where, one, other)
        expect(len(steps) == len(blob["steps"]), f"poll {poll.number}: {len(steps)} steps, {len(blob['steps'])} logged")
        same(f"poll {poll.number}", declared, data)
        self.declarations += 1

    def declare(self, poll: Poll, time: str) -> tuple[Json, list[Json]]:
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
            if contest.vote != "moot":
                verdict = verdicts[contest.contest]
                apply_vote(self.rules, self.seat_of(contest), contest, verdict, time, able[contest.contest])
                self.attended.pop(contest.contest, None)
        settled = settle(self.context(f"poll:{poll.number}", time))
        for claim in settled.claims:
            steps += settled.steps[claim.seat]
        steps += self.agenda_steps(poll)
        blob = jcs({"v": "es1", "poll": poll.number, "steps": steps})
        results = [self.result(contest, verdicts[contest.contest], turnout.reported) for contest in poll.contests]
        return {
            "poll": poll.number,
            "results": results,
            "seats": self.seat_results(settled),
            "agenda": [seat.task.data for _, seat in sorted(self.seats.items()) if seat.task is not None],
            "reasoning": hashlib.sha256(blob).hexdigest(),
        }, steps

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

    def context(self, cause: str, time: str, *, for_good: bool = False) -> Context:
        voted = {}
        if for_good and self.polls:
            newest = self.polls[len(self.polls)]
            if not newest.ended:
                voted = {one.contest: one.candidates for one in newest.contests if one.vote != "moot"}
        return Context(self.rules, self.seats, self.why_void, self.register.elected(), cause, time, voted)

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

    # ---- §7

    def on_result_certified(self, data: Json, time: str, seq: int) -> None:
        poll = self.polls[data["poll"]]
        window = self.rules.get("complaints")
        expect(seconds(time) >= seconds(poll.declared) + window, f"poll {poll.number}: certified too early")
        expect(poll.number not in self.answered.values(), f"poll {poll.number}: a complaint has no answer")
        poll.ended = True
        self.expected = give_for_good(self.context(f"poll:{poll.number}", time, for_good=True), self.register, [])

    def on_result_annulled(self, data: Json, time: str, seq: int) -> None:
        poll = self.polls[data["poll"]]
        assert poll.before is not None
        poll.ended = True
        cause = f"poll:{poll.number}"
        old, self.whole = poll.before
        voted = {contest.contest: contest for contest in poll.contests if contest.vote != "moot"}
        for name, seat in self.seats.items():
            if name in voted:
                before = seat if seat.motion else old.get(name)
                if before is None:
                    before = Seat(seat.position, seat.electorate, seat.motion, procedure=voted[name].procedure)
                before.passed |= seat.passed
                self.seats[name] = before
                if before.task is None and not before.ranks:
                    before.ask(Tasks(self.rules).again(voted[name], "annulled"), time, cause)
                    before.possible = list(voted[name].candidates)
                    before.grounds = before.grounds or [cause]
                continue
            if seat.pending is not None and seat.pending_cause == cause:
                seat.pending, seat.pending_cause = old[name].pending, old[name].pending_cause
            if seat.task is not None and seat.task.cause == cause:
                seat.task = old[name].task
        self.expected = give_for_good(self.context(cause, time, for_good=True), self.register, [])

    # ---- §10, §11

    def on_complaint(self, data: Json, time: str, seq: int) -> None:
        self.answered[seq] = data["poll"]

    def on_petition(self, data: Json, time: str, seq: int) -> None:
        self.supports.sign(data["petition"], unb64(data["credential"]), "for")

    def on_vote_open(self, data: Json, time: str, seq: int) -> None:
        self.supports.sign(data["vote"], unb64(data["credential"]), data["choice"])

    def on_decision(self, data: Json, time: str, seq: int) -> None:
        decision, act = data["decision"], data["act"]
        name = "rule_" + decision["what"].replace("-", "_")
        if hasattr(self, name):
            getattr(self, name)(decision, act, time)

    def rule_complaint(self, decision: Json, act: str, time: str) -> None:
        expect(self.answered.get(decision["number"]) is not None, "decision: no such complaint without an answer")
        self.answered[decision["number"]] = None

    def rule_petition(self, decision: Json, act: str, time: str) -> None:
        self.supports.open(decision)

    def rule_petition_result(self, decision: Json, act: str, time: str) -> None:
        self.supports.petition_result(self.rules, decision)

    def rule_board_vote(self, decision: Json, act: str, time: str) -> None:
        self.supports.open(decision)

    def rule_board_result(self, decision: Json, act: str, time: str) -> None:
        self.supports.board_result(self.rules, decision)

    def rule_attendance(self, decision: Json, act: str, time: str) -> None:
        self.attended[decision["seat"]] = (decision["number"], act)

    def rule_appointment(self, decision: Json, act: str, time: str) -> None:
        self.register.end_appointments(position=decision["seat"])
        self.register.terms.append(Term(decision["seat"], decision["seat"], decision["person"], False))

    def give(self, act: str, time: str, events: list[tuple[str, Json]]) -> None:
        """† of §10."""
        context = self.context(f"decision:{act}", time, for_good=True)
        self.expected = give_for_good(context, self.register, events)

    def ground(self, name: str) -> Json:
        return next(dict(found) for found in self.rules.all["grounds"] if found["id"] == name)

    def leave(self, person: str, terms: list[Term], ground: Json, act: str, time: str) -> None:
        """Leaving: what follows where mandates end."""
        events = []
        for term in terms:
            if not term.elected:
                self.register.terms.remove(term)
        for name, seat in self.seats.items():
            decided = seat.poll is None or self.polls[seat.poll].ended
            listed = any(person in rank for rank in seat.ranks)
            if terms and listed and decided:
                seat.passed.setdefault(person, "left")
        for term in sorted(terms, key=lambda term: term.seat):
            if term.elected:
                cause = f"decision:{act}"
                events.append(self.register.end(self.rules, term, ground["id"], ground["clause"], cause))
                seat = self.seats[term.seat]
                seat.passed[person] = "left"
                self.after(term.seat, seat, act, time, self.rules.position(seat.position)["seat"]["succession"])
        self.give(act, time, events)

    def after(self, name: str, seat: Seat, act: str, time: str, how: Json) -> None:
        """`how` is the parameter `succession` or `refused`."""
        cause = f"decision:{act}"
        if how["value"] == "by-election":
            seat.empty([cause])
            seat.possible, seat.pending = [], None
            seat.ask(Tasks(self.rules).by_election(name, seat.position, how["clause"]), time, cause)
        else:
            seat.succession = True
            seat.grounds = [*seat.grounds, cause]

    def rule_vacancy(self, decision: Json, act: str, time: str) -> None:
        person, ground = decision["person"], self.ground(decision["ground"])
        term = self.register.find(decision["seat"], person)
        expect(term is not None, "vacancy: the person does not hold the seat")
        terms = [other for other in self.register.terms if other.person == person and (ground["bars"] or other == term)]
        if ground["bars"]:
            self.barred[person] = act
        self.leave(person, terms, ground, act, time)

    def rule_bar(self, decision: Json, act: str, time: str) -> None:
        person, only = decision["person"], decision["seat"]
        terms = [term for term in self.register.terms if term.person == person and only in ("", term.seat)]
        if only:
            self.barred_from[only, person] = act
        else:
            self.barred[person] = act
        self.leave(person, terms, self.ground(decision["ground"]), act, time)

    def rule_withdrawal(self, decision: Json, act: str, time: str) -> None:
        name, person = decision["seat"], decision["person"]
        stood = [one.poll for one in self.logged.values() if one.contest == name and person in one.candidates]
        expect(bool(stood), "withdrawal: no candidate")
        self.withdrawn[name, person] = (max(stood), act)
        self.give(act, time, [])

    def rule_approval(self, decision: Json, act: str, time: str) -> None:
        seat = self.seats[decision["seat"]]
        same("approval: person", seat.pending, decision["person"])
        seat.pending, seat.approved = None, decision["person"]
        self.give(act, time, [])

    def rule_refusal(self, decision: Json, act: str, time: str) -> None:
        seat = self.seats[decision["seat"]]
        same("refusal: person", seat.pending, decision["person"])
        seat.pending = None
        seat.passed[decision["person"]] = "refused"
        seat.succession = True
        refused = self.rules.position(seat.position)["seat"]["refused"]
        if refused["value"] == "by-election":
            grounds = [*seat.grounds, f"decision:{act}"]
            self.after(decision["seat"], seat, act, time, refused)
            seat.grounds = grounds
        else:
            self.after(decision["seat"], seat, act, time, refused)
        self.give(act, time, [])

    def rule_paper(self, decision: Json, act: str, time: str) -> None:
        seat, person = self.seats[decision["seat"]], decision["person"]
        expect(seat.task is not None and seat.task.data["kind"] == "paper", "paper: nothing was to be voted on paper")
        seat.ranks, seat.votes, seat.poll, seat.grounds = [[person]], {person: 1}, None, [f"decision:{act}"]
        seat.held, seat.possible, seat.certain, seat.approved = False, [], [], None
        self.give(act, time, [])


def check(files: Mapping[str, bytes]) -> Fold:
    """Compute the law of a published log again; raises Difference with the first member that differs."""
    blobs = {path.removeprefix("blobs/"): content for path, content in files.items() if path.startswith("blobs/")}
    return Fold(read_entries(files), blobs).run()
