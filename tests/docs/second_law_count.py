"""docs/rules.md §6.3: what each contest of a poll comes to, written from the page alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.docs.second_law_rules import Counted, Difference, Json, Ranks, Rules, compare, lot_order, lot_step, step

BASES = {"ballots": "ballots", "valid": "valid", "listed": "size", "attending": "attended"}


@dataclass
class Verdict:
    """What a contest comes to; `certain` and `tied` where the members choose who goes into the second tour."""

    outcome: str
    steps: list[Json]
    ranks: Ranks = field(default_factory=list)
    votes: dict[str, int] = field(default_factory=dict)
    advance: list[str] = field(default_factory=list)
    certain: list[str] = field(default_factory=list)
    tied: list[str] = field(default_factory=list)


class Judge:
    """One contest under its procedure."""

    def __init__(self, rules: Rules, contest: Counted) -> None:
        self.rules, self.contest = rules, contest
        self.procedure = rules.procedure(contest.procedure)
        self.steps: list[Json] = []
        self.rule = str(self.procedure["method"])
        self.with_rules = [contest.count, "constitution"]

    def say(self, conclusion: str, clause: str, *, rule: str = "", **members: object) -> None:
        members.setdefault("grounds", [self.contest.count])
        self.steps.append(step(self.contest.contest, rule or self.rule, clause, conclusion, **members))  # type: ignore[arg-type] # passed on

    def clause(self, name: str = "") -> str:
        return str(self.procedure[name]["clause"] if name else self.procedure["clause"])

    def value(self, name: str) -> str:
        return str(self.procedure[name]["value"])

    def verdict(self, stands: bool) -> Verdict:
        contest = self.contest
        if contest.vote == "moot":
            self.say("moot", "silent", rule="agenda")
            return Verdict("counted", self.steps)
        least = self.rules.all["min_ballots"]
        if 0 < contest.ballots < least:
            self.say(
                "nothing-decrypted",
                "min_ballots",
                rule="withheld",
                inputs={"ballots": contest.ballots, "min_ballots": least},
                comparison=f"{contest.ballots} < {least}",
                grounds=self.with_rules,
            )
            found = Verdict("withheld", self.steps)
        else:
            judges = {
                "plurality": self.plurality,
                "majority": self.majority,
                "motion": self.motion,
                "survey": self.survey,
            }
            found = judges[self.rule]()
        if not stands:
            self.say("result-void", self.rules.clause("turnout.share"), rule="turnout", holds=False)
            found.outcome = "invalid-turnout"
        return found

    # ---- plurality and majority

    def ranks(self) -> tuple[dict[str, int], Ranks]:
        """The votes that count, the ranks, and the steps that both methods begin with."""
        all_votes, void = self.contest.votes(), self.contest.void or {}
        for name in self.contest.candidates:
            if name in void:
                self.say(
                    "votes-void",
                    self.clause(),
                    rule="void",
                    inputs={f"votes.{name}": all_votes[name]},
                    names=[name],
                    grounds=[self.contest.count, f"decision:{void[name]}"],
                )
        votes = {name: all_votes[name] for name in self.contest.candidates if name not in void}
        most = max(votes.values(), default=0)
        self.say(
            "somebody-has-votes" if most else "nobody-has-votes",
            self.clause(),
            inputs=self.inputs(votes, votes),
            comparison=f"{most} >= 1",
            holds=most >= 1,
        )
        levels = sorted({number for number in votes.values() if number}, reverse=True)
        return votes, [[name for name in votes if votes[name] == level] for level in levels]

    @staticmethod
    def inputs(votes: dict[str, int], names: Sequence[str] | dict[str, int]) -> dict[str, int]:
        return {f"votes.{name}": votes[name] for name in names}

    def leader(self, votes: dict[str, int], ranks: Ranks) -> bool:
        """The step "leads" or "equal-leaders"; whether one leads."""
        most = votes[ranks[0][0]]
        alone = len(ranks[0]) == 1
        second = (votes[ranks[1][0]] if len(ranks) > 1 else 0) if alone else most
        self.say(
            "leads" if alone else "equal-leaders",
            self.clause(),
            inputs={"most": most, "second": second},
            comparison=f"{most} > {second}",
            holds=alone,
            names=ranks[0],
        )
        return alone

    def draw(self, clause: str, names: Sequence[str]) -> list[str]:
        tickets = self.contest.tickets or {}
        self.steps.append(lot_step(self.contest.contest, clause, names, tickets, [self.contest.count]))
        return lot_order(names, tickets)

    def plurality(self) -> Verdict:
        votes, ranks = self.ranks()
        found = Verdict("nobody", self.steps, ranks, votes)
        if not ranks:
            return found
        if len(self.contest.candidates) == 1 and self.value("single") == "majority":
            (name,) = ranks[0]
            text, enough = compare("> 1/2", votes[name], self.contest.ballots)
            self.say(
                "enough" if enough else "not-enough",
                self.clause("single"),
                inputs={f"votes.{name}": votes[name], "ballots": self.contest.ballots},
                comparison=text,
                holds=enough,
                names=[name],
                grounds=self.with_rules,
            )
            found.outcome = "elected" if enough else "not-enough"
        elif self.leader(votes, ranks):
            found.outcome = "elected"
        elif self.value("tie") == "lot":
            first = self.draw(self.clause("tie"), ranks[0])[0]
            found.ranks = [[first], [name for name in ranks[0] if name != first], *ranks[1:]]
            found.outcome = "elected"
        elif self.value("tie") == "second-tour" and self.contest.tour == "first":
            self.say(
                "advance",
                self.clause("tie"),
                rule="second-tour",
                inputs=self.inputs(votes, ranks[0]),
                names=ranks[0],
                grounds=self.with_rules,
            )
            found.outcome, found.advance = "not-enough", ranks[0]
        else:
            found.outcome = "tie"
        return found

    def base(self, valid: int) -> tuple[str, int, list[str]]:
        """The base by its name in the inputs, its number, and the decision that recorded it."""
        name = BASES[self.value("base")]
        if name == "attended":
            return name, *self.attendance()
        if name == "valid" and valid > self.contest.ballots:
            raise Difference(f"{self.contest.contest}: more votes than ballots")
        return name, {"ballots": self.contest.ballots, "valid": valid, "size": self.contest.size}[name], []

    def attendance(self) -> tuple[int, list[str]]:
        if self.contest.attended is None:
            raise Difference(f"{self.contest.contest}: nobody has recorded who attends")
        if self.contest.attended[0] < self.contest.ballots:
            raise Difference(f"{self.contest.contest}: fewer attend than have voted")
        return self.contest.attended[0], [f"decision:{self.contest.attended[1]}"]

    def majority(self) -> Verdict:
        votes, ranks = self.ranks()
        found = Verdict("not-enough" if ranks else "nobody", self.steps, ranks, votes)
        if ranks:
            base, number, recorded = self.base(sum(votes.values()))
            share = self.value("threshold")
            text, enough = compare(share, votes[ranks[0][0]], number)
            self.say(
                "enough" if enough else "not-enough",
                self.clause("threshold"),
                inputs={**self.inputs(votes, ranks[0]), base: number},
                comparison=text,
                holds=enough,
                names=ranks[0],
                grounds=[*self.with_rules, *recorded],
            )
            next_too = len(ranks) > 1 and compare(share, votes[ranks[1][0]], number)[1]
            if enough and (len(ranks[0]) > 1 or next_too):
                self.leader(votes, ranks)
            if enough and len(ranks[0]) == 1:
                found.outcome = "elected"
                return found
        if self.contest.tour == "second" or self.value("second_tour") == "none":
            return found
        self.second_tour(found)
        return found

    def second_tour(self, found: Verdict) -> None:
        ranks = found.ranks
        persons = sum(map(len, ranks))
        about: Json = {
            "rule": "second-tour",
            "inputs": {"persons": persons},
            "comparison": f"{persons} >= 2",
            "grounds": self.with_rules,
        }
        if persons < 2:
            self.say("second-tour-impossible", self.clause("second_tour"), holds=False, **about)
            return
        certain, rest, places = (ranks[0], ranks[1], 1) if len(ranks[0]) == 1 else ([], ranks[0], 2)
        chosen = list(rest)
        if len(rest) > places:
            self.say(
                "tie-for-second",
                self.clause("tie_for_second"),
                rule="second-tour",
                inputs={"persons": len(rest), "places": places},
                comparison=f"{len(rest)} > {places}",
                names=rest,
                grounds=self.with_rules,
            )
            how = self.value("tie_for_second")
            if how == "lot":
                chosen = self.draw(self.clause("tie_for_second"), rest)[:places]
            elif how == "members-vote" and certain:
                found.outcome, found.certain, found.tied = "tie-for-second", list(certain), list(rest)
                return
        found.advance = [name for name in self.contest.candidates if name in certain or name in chosen]
        self.say("advance", self.clause("second_tour"), names=found.advance, **about)

    # ---- motions and surveys

    def motion(self) -> Verdict:
        votes = self.contest.votes()
        if self.value("quorum"):
            attended, recorded = self.attendance()
            text, quorate = compare(self.value("quorum"), attended, self.contest.size)
            self.say(
                "quorate" if quorate else "not-quorate",
                self.clause("quorum"),
                inputs={"attended": attended, "size": self.contest.size},
                comparison=text,
                holds=quorate,
                grounds=[*self.with_rules, *recorded],
            )
            if not quorate:
                return Verdict("no-quorum", self.steps)
        base, number, recorded = self.base(votes["for"] + votes["against"])
        text, adopted = compare(self.value("threshold"), votes["for"], number) if votes["for"] else ("0 >= 1", False)
        self.say(
            "adopted" if adopted else "rejected",
            self.clause("threshold"),
            inputs={"votes.for": votes["for"], "votes.against": votes["against"], base: number},
            comparison=text,
            holds=adopted,
            grounds=[*self.with_rules, *recorded],
        )
        return Verdict("adopted" if adopted else "rejected", self.steps)

    def survey(self) -> Verdict:
        votes = self.contest.votes()
        self.say("counted", self.clause(), inputs={**self.inputs(votes, votes), "ballots": self.contest.ballots})
        return Verdict("counted", self.steps)
