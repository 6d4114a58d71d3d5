"""A service for one voter's session, played from a simulated election: the real pure packages behind a dictionary.

Honest by default; `misbehave` maps a path to what happens to its answers, one after the other.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec

from audit.merkle import leaf_hash, leaf_reader, make_inclusion_proof
from ballot.ballot import BallotData, load_ballot, tracker
from ballot.contest import ContestRules, load_contest
from ballot.link import login_message, make_link
from ballot.receipt import make_receipt
from ballot.token import TokenRequest, issue_message, recovery_message
from ballot.verification import verify_ballot
from keys import schnorr
from keys.canonical import b64, decode, encode, unb64
from keys.errors import DataError
from keys.issuer import blind_sign
from tests.booth.harness import Answer, Fetch
from tests.simulated.people import Voter, issuer_key
from tests.simulated.plan import ContestPlan, Plan
from tests.simulator import ELECTION, Election

HOST = "https://vote.example"
ORIGIN = f"vote.example/{ELECTION}"  # what the login signature names
VIEWED = {"log.opened", "constitution", "poll.opened", "electorate", "contest", "credential.replaced"} | {
    f"trustee.{step}" for step in ("opened", "hashed", "committed", "shared", "confirmed")
}
BEARER = "bearer-of-the-test"

Change = Callable[[Answer], Answer | None]


class RecoverableElection(Election):
    """A simulated election whose contests keep recovery blobs, as real ones do."""

    def contest_document(self, poll: int, plan: ContestPlan) -> ContestRules:
        document = super().contest_document(poll, plan).document
        return load_contest(encode(msgspec.structs.replace(document, recovery=True)), rehearsal=True)


def open_election(plan: Plan) -> RecoverableElection:
    """An election up to the open poll."""
    election = RecoverableElection(plan)
    for step in (election.open_log, election.ceremony, election.make_electorates, election.prepare_poll):
        step()
    election.open_poll()
    return election


def prove(leaves: list[bytes], index: int) -> list[str]:
    return [b64(node) for node in make_inclusion_proof(index, len(leaves), leaf_reader(leaves))]


def make_view(election: Election, voter: Voter, entries: Iterable[bytes] | None = None) -> dict[str, Any]:
    """What GET /voter answers for a voter without tokens; other entries than the election's for lies."""
    raws = list(election.log.entries if entries is None else entries)
    logged = [json.loads(raw) for raw in raws]
    leaves = [leaf_hash(raw) for raw in raws]
    shown = [
        {"seq": seq, "entry": raw.decode(), "proof": prove(leaves, seq)}
        for seq, raw in enumerate(raws)
        if logged[seq]["kind"] in VIEWED
    ]
    places = [
        place
        for seq, entry in enumerate(logged)
        if entry["kind"] == "contest"
        for place in _place(election, voter, logged, seq)
    ]
    return {"checkpoint": election.log.files()["checkpoint"].decode(), "entries": shown, "contests": places}


def _place(election: Election, voter: Voter, logged: list[dict[str, Any]], seq: int) -> list[dict[str, Any]]:
    """The voter's place in the electorate of one contest; none where it does not stand there."""
    name = logged[seq]["data"]["electorate"]
    (at,) = [
        other for other, entry in enumerate(logged) if entry["kind"] == "electorate" and entry["data"]["id"] == name
    ]
    blob = election.log.blobs[logged[at]["data"]["blob"]]
    keys = [blob[start : start + 32] for start in range(0, len(blob), 32)]
    if voter.credential not in keys:
        return []
    index = keys.index(voter.credential)
    path = prove([leaf_hash(key) for key in keys], index)
    place = {"seq": seq, "electorate_seq": at, "leaf": b64(voter.credential), "index": index, "membership": path}
    return [{**place, "issued": None}]


@dataclass
class PlayedService:
    """Owner of all state: the test. `requests`: every request, in order."""

    election: RecoverableElection
    voter: Voter
    requests: list[Fetch] = field(default_factory=list)
    tokens: dict[str, TokenRequest] = field(default_factory=dict)
    signed: dict[str, bytes] = field(default_factory=dict)
    stored: dict[str, tuple[str, str]] = field(default_factory=dict)  # token key → body, tracker
    received: dict[str, BallotData] = field(default_factory=dict)  # token key → what came
    logged: dict[str, int] = field(default_factory=dict)  # token key → number of the ballot's entry
    listed: dict[str, dict[str, Any]] = field(default_factory=dict)  # token key → a row that the list has instead
    files: dict[str, bytes] | None = None  # the published log, where it is not the election's
    sealed: bool = False  # ballots go into the log when the list is asked for
    second_factor: str = "none"
    host: str = HOST
    title: str = "Union"
    misbehave: dict[str, deque[Change]] = field(default_factory=dict)

    @property
    def link(self) -> str:
        return make_link(self.host, ELECTION, self.voter.seed, self.election.log_id)

    def misbehaves(self, path: str, *changes: Change) -> None:
        """The next answers on this path go through these changes."""
        self.misbehave[path] = deque(changes)

    def of(self, path: str) -> list[Fetch]:
        """The requests on one path."""
        return [request for request in self.requests if request.path == f"/api/elections/{ELECTION}{path}"]

    def __call__(self, request: Fetch) -> Answer | None:
        self.requests.append(request)
        path = request.path.removeprefix(f"/api/elections/{ELECTION}")
        if path.startswith("/log/"):
            return self.file(path.removeprefix(f"/log/{ELECTION}/"))
        body = json.loads(request.body) if request.body else {}
        if path.startswith("/contests/"):
            return self.list_of(path.split("/")[2]) if path.endswith("/ballots") else problem(404, "not-found")
        handlers: dict[str, Callable[[Fetch, dict[str, Any]], Answer]] = {
            "": self.about,
            "/login/nonce": lambda _request, _body: Answer(200, {"nonce": b64(bytes(32)), "expires_in": 60}),
            "/login": self.login,
            "/voter": self.view,
            "/tokens": self.issue,
            "/ballots": self.cast,
            "/complaints": lambda _request, _body: Answer(200, {"seq": 41}),
        }
        answer = handlers[path](request, body)
        changes = self.misbehave.get(path)
        return changes.popleft()(answer) if changes else answer

    def file(self, path: str) -> Answer | None:
        """A file of the log; `misbehave` knows blobs as "/blobs"."""
        content = (self.files or self.election.log.files()).get(path)
        blob = path.startswith("blobs/")
        answer = Answer(200, {}, content.decode() if blob else content) if content else problem(404, "not-found")
        changes = self.misbehave.get("/blobs") if blob else None
        return changes.popleft()(answer) if changes else answer

    def about(self, _request: Fetch, _body: dict[str, Any]) -> Answer:
        polls = [{"poll": 1, "state": "open", "opens": None, "closes": None, "complaints": None}]
        info = {
            "election": ELECTION,
            "origin": self.host,
            "log": b64(self.election.log_id),
            "title": self.title,
            "texts": {"en": {"title": self.title, "intro": ""}},
            "contact": "committee@vote.example",
            "zone": "Asia/Tbilisi",
            "now": "2026-10-01T09:00:00Z",
            "rehearsal": True,
            "polls": polls,
        }
        return Answer(200, info | {"second_factor": self.second_factor})

    def login(self, _request: Fetch, body: dict[str, Any]) -> Answer:
        key = unb64(body["credential"], 32, "credential")
        origin = f"{urlsplit(self.host).netloc}/{ELECTION}"
        message = login_message(self.election.log_id, origin, key, unb64(body["nonce"], 32, "nonce"))
        schnorr.verify(key, message, unb64(body["signature"], 64, "signature"))
        assert key == self.voter.credential
        return Answer(200, {"bearer": BEARER, "expires_in": 600})

    def view(self, request: Fetch, _body: dict[str, Any]) -> Answer:
        assert request.headers["authorization"] == f"Bearer {BEARER}"
        view = make_view(self.election, self.voter)
        for place in view["contests"]:
            context = b64(
                next(box.rules.context for box in self.election.boxes[1] if self.seq_of(box.rules) == place["seq"])
            )
            place["issued"] = self.issued(context)
        return Answer(200, view)

    def seq_of(self, rules: ContestRules) -> int:
        return next(seq for seq, raw in enumerate(self.election.log.entries) if rules.raw in raw)

    def issued(self, context: str) -> dict[str, Any] | None:
        request = self.tokens.get(context)
        if request is None:
            return None
        blob = {"blinded": request.blinded, "recovery": request.recovery}
        return {**blob, "blind_signature": b64(self.signed[context])}

    def issue(self, request: Fetch, body: dict[str, Any]) -> Answer:
        assert request.headers["authorization"] == f"Bearer {BEARER}"
        wanted = decode((request.body or "").encode(), TokenRequest)
        context, blinded = unb64(wanted.context, 32, "context"), unb64(wanted.blinded, None, "blinded")
        schnorr.verify(self.voter.credential, issue_message(context, blinded), unb64(wanted.signature, 64, "signature"))
        blob = unb64(body["recovery"], None, "recovery")
        message = recovery_message(context, blinded, blob)
        schnorr.verify(self.voter.credential, message, unb64(body["recovery_signature"], 64, "signature"))
        stored = self.tokens.setdefault(wanted.context, wanted)
        box = next(box for box in self.election.boxes[1] if box.rules.context == context)
        key = issuer_key(f"{self.election.plan.seed}/1/{box.plan.id}", self.election.plan.rsa_bits)
        self.signed[wanted.context] = blind_sign(key, unb64(stored.blinded, None, "blinded"), self.election.random)
        if stored.blinded != wanted.blinded:
            return problem(409, "token-already-issued", **(self.issued(wanted.context) or {}))
        return Answer(200, {"blind_signature": b64(self.signed[wanted.context])})

    def cast(self, request: Fetch, _body: dict[str, Any]) -> Answer:
        """The service's whole judgement; a body already stored gets its receipt again."""
        data = load_ballot((request.body or "").encode())
        rules = next(box.rules for box in self.election.boxes[1] if b64(box.rules.context) == data.context)
        body, own = encode(data.body).decode(), tracker(data.body)
        stored = self.stored.get(data.token.key)
        if stored is not None and stored[0] != body:
            return problem(409, "token-spent")
        try:
            verify_ballot(rules, data)
        except DataError as error:
            return problem(422, error.code)
        self.stored[data.token.key] = body, b64(own)
        self.received[data.token.key] = data
        receipt = make_receipt(
            self.election.receipt.secret, self.election.log_id, rules.context, own, self.election.random
        )
        return Answer(200, {"tracker": receipt.tracker, "signature": receipt.signature})

    def list_of(self, context: str) -> Answer | None:
        """`misbehave` knows the lists as "/list"."""
        changes = self.misbehave.get("/list")
        return changes.popleft()(self.ballots(context)) if changes else self.ballots(context)

    def ballots(self, context: str) -> Answer:
        """The sealed ballots of a contest."""
        keys = [key for key in self.stored if self.sealed and self.received[key].context == context]
        for key in keys:
            if key not in self.logged:
                self.logged[key] = len(self.election.log.entries)
                self.election.log.append("ballot", self.received[key])
        return Answer(200, {"ballots": [self.listed.get(key) or self.row(key) for key in keys]})

    def row(self, key: str) -> dict[str, Any]:
        return {"key": key, "tracker": self.stored[key][1], "seq": self.logged[key]}


def problem(status: int, code: str, **more: Any) -> Answer:
    return Answer(status, {"type": f"urn:es1:problem:{code}", "title": code, "status": status, "code": code, **more})


def two_contests() -> PlayedService:
    """One voter of two contests, of an election whose poll is open."""
    plan = Plan(
        contests=(
            ContestPlan("head", (), "ana beka blank"),
            ContestPlan(
                "council", (), "ana beka gio nino", electorate="faculty", position="faculty", minimum=0, maximum=2
            ),
        ),
        voters=5,
        electorates={"faculty": (1, 2, 4)},
    )
    election = open_election(plan)
    return PlayedService(election, election.voters[2])
