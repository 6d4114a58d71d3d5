"""docs/rules.md §3 and §4: what is folded of a log up to a count; from the page alone."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tests.docs.second_law_register import Register
from tests.docs.second_law_rules import Counted, Json, Rules, expect, same, ticket
from tests.docs.second_law_settle import Context
from tests.docs.second_law_state import Seat
from tests.docs.second_law_support import Supports
from tests.docs.second_law_turnout import Whole
from tests.docs.second_program import h, jcs, unb64

WITHOUT_TASK = ("paper", "approval")


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
class Facts:
    """The facts of §3, entry by entry."""

    raw: list[bytes]
    blobs: Mapping[str, bytes]
    rules: Rules = field(init=False)
    sizes: dict[str, int] = field(default_factory=dict)
    logged: dict[bytes, Counted] = field(default_factory=dict)
    sums: dict[bytes, list[list[str | None]]] = field(default_factory=dict)
    slack: set[int] = field(default_factory=set)  # polls with too much of it
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
        self.sums[contest.context] = data["sums"] or [[None, None] for _ in contest.options]

    def on_tally_counts(self, data: Json, time: str, seq: int) -> None:
        contest = self.logged[unb64(data["context"])]
        contest.counts = data["counts"]
        rows = zip(contest.options, self.sums[contest.context], data["counts"], strict=True)
        contest.tickets = {name: ticket(self.log_id, contest.context, pair, votes) for name, pair, votes in rows}

    def on_poll_closed(self, data: Json, time: str, seq: int) -> None:
        for closed in data["contests"]:
            slack = 100 * (closed["tokens"] - closed["ballots"])
            if slack > self.rules.all["max_slack"] * closed["tokens"]:
                self.slack.add(data["poll"])

    def context(self, cause: str, time: str, *, for_good: bool = False) -> Context:
        voted = {}
        if for_good and self.polls:
            newest = self.polls[len(self.polls)]
            if not newest.ended:
                voted = {one.contest: one.candidates for one in newest.contests if one.vote != "moot"}
        return Context(self.rules, self.seats, self.why_void, self.register.elected(), cause, time, voted)
