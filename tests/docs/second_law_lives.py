"""Random lives of an election, through the engine, without cryptography: the second law has to agree with them.

Constitution, electorates, candidates, counts and decisions are drawn from a seed; what the engine refuses is not there.
"""

import hashlib
import json
import random
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from audit.entries import format_time
from ballot.contest import Contest, Option, context_of
from keys.canonical import b64, encode
from keys.curve import Scalar, base_multiply
from keys.errors import ElectionError
from tally.constitution import Resolution, load_constitution
from tally.decision import Decision
from tally.declared import make_declared
from tally.outcome import Counted
from tally.record import Event, Record
from tally.resolutions import ambiguities
from tests.docs.second_law_rules import Json, ticket
from tests.simulated.logbook import START
from tests.simulated.rules import SmallRules, preset_rules

POINTS = [b64(base_multiply(Scalar(number)).to_bytes()) for number in range(2, 30)]
PEOPLE = ["ana", "beka", "dato", "eka", "gio", "luka", "maka", "nino", "otar", "pavle"]
TEXTS = ("seat", "person", "ground", "motion", "electorate", "until", "text")
BASES = ("ibsu-direct", "ibsu-direct", "ibsu-by-members", "small")
VALUES: dict[str, list[Any]] = {
    "ex_position": ["next-by-votes", "by-election"],
    "tie": ["members-vote", "members-vote", "lot", "re-election", "second-tour"],
    "single": ["majority", "plurality"],
    "tie_for_second": ["all-advance", "lot", "members-vote", "members-vote"],
    "base": ["ballots", "valid", "listed"],
    "succession": ["runner-up", "by-election"],
    "refused": ["runner-up", "by-election"],
    "successor_tie": ["members-vote", "lot", "by-election"],
    "min_votes": [1, 1, 2, 3],
    "approval": ["none", "none", "faculty-board"],
    "failure": ["repeat", "vacant"],
    "small_contest": ["repeat", "paper", "merge"],
    "scope": ["none", "block", "both", "both-enforced"],
    "applies": [True, True, True, False],
    "nomination": ["self"],
    "notice_days": [0],
}


def draw_values(node: Any, rng: random.Random, members_vote: bool = False) -> None:
    """Change about half of the parameters of a constitution in place."""
    if isinstance(node, list):
        for inner in node:
            draw_values(inner, rng, isinstance(inner, dict) and inner.get("id") == "members-vote")
    elif isinstance(node, dict):
        for name, inner in node.items():
            if isinstance(inner, dict) and set(inner) == {"clause", "value", "readings"}:
                choices = ["lot", "re-election"] if members_vote and name == "tie" else VALUES.get(name)
                if choices and (len(choices) == 1 or rng.random() < 0.5):
                    inner |= {"value": rng.choice(choices), "readings": []}
            else:
                draw_values(inner, rng)


class Life:
    """One election: `entries` and `blobs` are what a log would hold."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.entries: list[bytes] = []
        self.blobs: dict[str, bytes] = {}
        self.now, self.acts, self.poll = START - 14 * 86_400, 0, 0
        self.document = self.constitution()
        raw = encode(self.document)
        self.record = Record(load_constitution(raw))
        self.log("log.opened", {"seed": seed})
        self.log_id = hashlib.sha256(self.entries[0]).digest()
        self.log("constitution", {"blob": self.blob(raw)})
        for question in ambiguities(self.record.rules):
            self.record.resolve(Resolution(question.clause, question.default))
            self.log("resolution", {"clause": question.clause, "reading": question.default})
        self.sizes: dict[str, int] = {}
        self.home: dict[str, tuple[str, str]] = {}  # contest -> position, electorate
        self.stood: dict[str, set[str]] = {}
        self.waiting: list[Contest] = []
        self.electorate(self.document["body"], self.rng.randint(4, 11))

    def constitution(self) -> Json:
        base = self.rng.choice(BASES)
        rules = SmallRules().constitution() if base == "small" else preset_rules(base)
        while True:
            document: Json = json.loads(encode(rules))
            draw_values(document, self.rng)
            document["min_ballots"] = self.rng.choice([2, 2, 3])
            try:
                load_constitution(encode(document))
            except ElectionError:
                continue
            return document

    # ---- entries

    def log(self, kind: str, data: Json, *, tick: bool = True) -> None:
        self.now += tick
        entry = {"seq": len(self.entries), "kind": kind, "time": format_time(self.now), "data": data}
        self.entries.append(encode(entry))

    def derive(self, events: Iterable[Event]) -> None:
        for kind, data in events:
            self.log(kind, msgspec.to_builtins(data), tick=False)

    def blob(self, raw: bytes) -> str:
        name = hashlib.sha256(raw).hexdigest()
        self.blobs[name] = raw
        return name

    def electorate(self, name: str, size: int) -> str:
        if name not in self.sizes:
            keys = sorted(self.rng.randbytes(32) for _ in range(size))
            self.sizes[name] = size
            self.record.add_electorate(name, size)
            self.log("electorate", {"id": name, "size": size, "blob": self.blob(b"".join(keys))})
        return name

    def contest(self, name: str, position: str, electorate: str, options: Sequence[str]) -> None:
        if any(contest.contest == name for contest in self.waiting):
            return
        document = Contest(
            v="es1",
            log="",
            election="lives",
            poll=self.poll + 1,
            contest=name,
            position=position,
            electorate=electorate,
            size=self.sizes[electorate],
            root="",
            options=[Option(id=option, name={"en": option}, blank=option == "blank") for option in options],
            min=1,
            max=1,
            joint_key="",
            issuer_key=str(len(self.entries)),
            recovery=False,
        )
        try:
            self.record.copy().add_contest(document)
        except ElectionError:
            return
        self.record.add_contest(document)
        self.log("contest", msgspec.to_builtins(document))
        self.waiting.append(document)
        self.stood.setdefault(name, set()).update(set(options) - {"blank"})

    def decide(self, what: str, **members: Any) -> None:
        data = {"what": what, **dict.fromkeys(TEXTS, ""), "number": 0, **members}
        decision = msgspec.convert(data, Decision)
        self.acts += 1
        act = b64(self.acts.to_bytes(16, "big"))
        try:
            self.record.copy().decide(act, decision, self.now + 1)
        except ElectionError:
            return
        self.log("decision", {"act": act, "decision": data})
        self.derive(self.record.decide(act, decision, self.now))

    # ---- what people do

    def elections(self) -> None:
        """A first vote on every kind of office that blocks elect."""
        for position in self.document["positions"]:
            procedure = position["procedure"]["value"]
            voters = next(item["voters"]["value"] for item in self.document["procedures"] if item["id"] == procedure)
            if position["seat"] is None or voters != "block":
                continue
            whole = position["block"] == "university"
            for letter in "a" if whole else "abc"[: self.rng.randint(1, 3)]:
                name = f"{position['id']}-{letter}"
                home = self.document["body"] if whole else self.electorate(f"at-{name}", self.rng.randint(2, 10))
                self.home[name] = (position["id"], home)
                people = self.rng.sample(PEOPLE, self.rng.randint(1, 5))
                self.contest(name, position["id"], home, [*people, *["blank"][: self.rng.randint(0, 1)]])

    def tasks(self) -> None:
        """What the agenda asks for, mostly."""
        for name, task in list(self.record.agenda.items()):
            if task.kind in ("paper", "approval") or name not in self.home or self.rng.random() < 0.1:
                continue
            position, home = self.home[name]
            if task.kind == "merge":
                home = self.document["body"]
            elif task.voters == "members":
                members = {term.mandate.person for term in self.record.register.history if term.end is None}
                count = len(members - set(task.barred))
                home = self.electorate(f"members-{len(self.entries)}", count) if count else self.document["body"]
            people = self.rng.sample([*task.options] or PEOPLE, len(task.options) or self.rng.randint(1, 5))
            self.contest(name, position, home, [*people, *["blank"][: self.rng.randint(0, 1)]])

    def happen(self) -> None:
        """One decision about somebody."""
        rng = self.rng
        grounds = [ground["id"] for ground in self.document["grounds"] if not ground["motion"]]
        terms = [term.mandate for term in self.record.register.history if term.end is None]
        waits = [(name, task) for name, task in self.record.agenda.items() if task.kind in ("approval", "paper")]
        if waits and rng.random() < 0.6:
            name, task = rng.choice(waits)
            what = "paper" if task.kind == "paper" else rng.choice(["approval", "approval", "refusal"])
            self.decide(what, seat=name, person=rng.choice([*task.options] or PEOPLE))
        elif terms and rng.random() < 0.4:
            term = rng.choice(terms)
            self.decide("vacancy", seat=term.seat, person=term.person, ground=rng.choice(grounds))
        elif self.stood:
            name = rng.choice(sorted(self.stood))
            person = rng.choice(sorted(self.stood[name]))
            if rng.random() < 0.5:
                self.decide("withdrawal", seat=name, person=person)
            else:
                self.decide("bar", seat=rng.choice(["", name]), person=person, ground=rng.choice(grounds))

    def run_poll(self) -> bool:
        """From the opening to the end; false where the rules do not let it open or be declared."""
        listed = {context_of(encode(document)): document for document in self.waiting}
        self.waiting = []
        order = sorted(listed)
        while order:
            try:
                self.record.copy().open_poll(self.poll + 1, [listed[c] for c in order], self.now + 1, self.now + 3600)
                break
            except ElectionError:
                order.remove(self.rng.choice(order))
        if not order:
            return False
        self.poll += 1
        contexts, closes = [b64(context) for context in order], self.now + 3600
        self.log("poll.opened", {"poll": self.poll, "contexts": contexts, "closes": format_time(closes)})
        self.record.open_poll(self.poll, [listed[context] for context in order], self.now, closes)
        for _ in range(self.rng.choice([0, 0, 1])):
            self.happen()
        counted = [self.count(context, listed[context]) for context in order]
        try:
            self.record.copy().declare(self.poll, counted)
        except ElectionError:
            return False
        self.blob((outcome := self.record.declare(self.poll, counted)).reasoning)
        self.log("result.declared", msgspec.to_builtins(make_declared(outcome)))
        self.record.take(outcome, self.now)
        self.end()
        return True

    def count(self, context: bytes, document: Contest) -> Counted:
        size, options = document.size, len(document.options)
        ballots = size if self.rng.random() < 0.6 else self.rng.randint(0, size)
        for _ in range(ballots):
            self.log("ballot", {"context": b64(context)})
        self.decide("attendance", seat=document.contest, number=size)
        if 0 < ballots < self.document["min_ballots"]:
            self.log("tally.withheld", {"context": b64(context), "ballots": ballots})
            return Counted(document.contest, ballots, None)
        first = self.rng.randrange(options) if self.rng.random() < 0.4 else None  # leads; the others are often equal
        votes = [0] * options
        for number in range(ballots):
            leads = first is not None and number < ballots // 2
            votes[first if leads and first is not None else self.rng.randrange(options)] += 1
        pairs: list[list[str | None]] = [[self.rng.choice([*POINTS, None]), self.rng.choice(POINTS)] for _ in votes]
        sums: list[list[str | None]] = pairs if ballots else [[None, None]] * options
        self.log("tally.sums", {"context": b64(context), "ballots": ballots, "sums": pairs if ballots else None})
        self.log("tally.counts", {"context": b64(context), "trustees": [], "counts": votes})
        rows = zip(sums, votes, strict=True)
        tickets = tuple(ticket(self.log_id, context, pair, number) for pair, number in rows)
        return Counted(document.contest, ballots, tuple(votes), tickets)

    def end(self) -> None:
        """Certified or annulled, now and then after a decision or with the next contests logged before."""
        for _ in range(self.rng.choice([0, 0, 1])):
            self.happen()
        if self.rng.random() < 0.2:
            self.tasks()
        if self.rng.random() < 0.85:
            self.now += self.document["complaints"]["value"]
            self.log("result.certified", {"poll": self.poll})
            self.derive(self.record.certify(self.poll, self.now))
        else:
            self.log("result.annulled", {"poll": self.poll})
            self.derive(self.record.annul(self.poll, self.now))


def live(seed: int) -> Life:
    """A life of up to five polls."""
    life = Life(seed)
    life.elections()
    for _ in range(5):
        if not life.run_poll():
            break
        for _ in range(life.rng.randint(0, 3)):
            life.happen()
        life.tasks()
    return life
