"""A real service with a real election in it, as far as a test needs it: committee, trustees, voters with links.

    house = await build(url, folder, workers)      # an election with entry 0
    await house.open()                             # constitution, ceremony, electorates, contests, canaries, poll open

Time stands still until a test moves `house.clock.now`. Issuer keys are short (a rehearsal) unless a test asks for 3072.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import insert, select

from audit.approvals import make_approval
from audit.entries import Approval, decode_entry, format_time
from audit.source import FolderSource
from audit.verify import verify_log
from ballot.ballot import BallotData
from ballot.contest import ContestRules, Option
from ballot.encryption import make_ballot
from ballot.link import login_message
from ballot.recovery import seal_recovery
from ballot.token import BlindedToken, SpendableToken, TokenRequest, blind_token, finalize_token, make_request
from election_service import schema, schema_mail
from election_service.acts import approve, propose
from election_service.api_types import Act, ActProposal, VoterView
from election_service.app import make_app
from election_service.config import Config
from election_service.installation import install
from election_service.outbox import Letter
from election_service.poll import closing_data, opening_data
from election_service.publication import export_log, read_published
from election_service.service import Service, open_service
from election_service.setup import ContestPlan, ElectionPlan, create_election, plan_contests, store_blob
from election_service.tallying import advance_tally
from election_service.trustees import accept_message
from election_service.workers import Workers
from keys import schnorr
from keys.canonical import b64, decode, encode, unb64
from keys.curve import ORDER
from keys.derive import credential_key
from keys.trustee import Ceremony, JointKey, Stage, TrusteeSession
from keys.trustee.file import TrusteeFile, new_trustee_file
from keys.trustee.tool import canary, next_step
from tally.constitution import Constitution, dump_constitution
from tally.reasoning import Reasoning
from tally.share import make_share, share_context
from tally.sums import ContestSums
from tally.wire import DeclaredData, SeatResult, Task
from tests.service.promises import promises_kept
from tests.simulated.builders import Signer, make_electorate, make_signer
from tests.tally.law import make_constitution

ELECTION = "house-2026"
START = 1_800_000_000
HOUR = 3600
REVIEW = 600
STEPS = {
    "HashedData": "trustee.hashed",
    "CommittedData": "trustee.committed",
    "SharedData": "trustee.shared",
    "ConfirmedData": "trustee.confirmed",
    "ComplainedData": "trustee.complained",
}
WAIVER = "the committee of the test house, for tests"


@dataclass
class Clock:
    """The service's clock, moved by the test."""

    now: int = START

    def __call__(self) -> int:
        return self.now


@dataclass
class Person:
    """A voter: seed, credential, and what the booth keeps, by context."""

    seed: bytes
    waiting: dict[bytes, BlindedToken] = field(default_factory=dict)
    bearer: str = ""

    @property
    def secret(self) -> bytes:
        return credential_key(self.seed, ELECTION)

    @property
    def credential(self) -> bytes:
        return schnorr.public_key(self.secret)


def blank_or(*names: str) -> list[Option]:
    """Options of these ids, and a blank one."""
    options = [Option(id=name, name={"en": name.title()}, blank=False) for name in names]
    return [*options, Option(id="blank", name={"en": "None of these"}, blank=True)]


HOUSE_RULES = {  # of ibsu-direct, every reading settled to its default but these
    "positions.head-of-faculty.seat.approval": "none",
    "turnout.scope": "university",
}
DEFAULT_CONTESTS = (
    ContestPlan("head", "head-of-self-governance", "university", blank_or("ana", "beka")),
    ContestPlan("law", "head-of-faculty", "law", blank_or("nino", "gio"), recovery=False),
)


@dataclass
class House:
    """The service and the people around it."""

    service: Service
    clock: Clock
    folder: Path
    members: dict[str, Signer]
    registrar: Signer
    people: list[Person]
    trustees: list[TrusteeFile]
    log_id: bytes = b""
    joint: JointKey | None = None
    session: TrusteeSession | None = None
    contexts: list[bytes] = field(default_factory=list)
    http: TestClient[Any, Any] | None = None

    # -- the committee -------------------------------------------------------------------------------------------------

    def approval(self, member: str, kind: str, data: Mapping[str, Any]) -> Approval:
        return make_approval(self.log_id, kind, encode(dict(data)), member, self.members[member].secret, os.urandom)

    async def propose(self, member: str, kind: str, data: Mapping[str, Any], not_before: int | None = None) -> Act:
        time = None if not_before is None else format_time(not_before)
        proposal = ActProposal(kind=kind, data=dict(data), not_before=time, approval=self.approval(member, kind, data))
        return await propose(self.service, ELECTION, proposal)

    async def decide(
        self, kind: str, fields: Mapping[str, Any], not_before: int | None = None, by: Sequence[str] = ("ana", "beka")
    ) -> Act:
        """An act by these members."""
        data = {**fields, "act": b64(os.urandom(16))}
        act = await self.propose(by[0], kind, data, not_before)
        for member in by[1:]:
            act = await approve(self.service, ELECTION, act.act, self.approval(member, kind, data))
        return act

    # -- setting up ----------------------------------------------------------------------------------------------------

    async def adopt(
        self,
        *,
        min_ballots: int = 2,
        review_window: int = REVIEW,
        max_slack: int = 50,
        complaints: int = 0,
        law: Constitution | None = None,
    ) -> Act:
        """The constitution of the house, or another one."""
        members: dict[str, Any] = {"min_ballots": min_ballots, "review_window": review_window, "max_slack": max_slack}
        constitution = law or make_constitution({**HOUSE_RULES, "complaints": complaints}, **members)
        blob = await store_blob(self.service, ELECTION, dump_constitution(constitution))
        return await self.decide("constitution", {"blob": blob})

    async def open_session(self, attempt: int = 1, k: int = 2) -> Ceremony:
        keys = tuple(file.identity_key for file in self.trustees)
        self.session = TrusteeSession(self.log_id, attempt, k, keys)
        await self.decide("trustee.opened", {"attempt": attempt, "k": k, "trustees": [b64(key) for key in keys]})
        return Ceremony(self.session)

    async def hold_ceremony(self) -> None:
        ceremony = await self.open_session()
        while ceremony.stage is not Stage.DONE:
            for number, file in enumerate(self.trustees):
                self.trustees[number], data = next_step(file, ceremony, os.urandom)
                if data is not None:
                    await self.send_trustee(STEPS[type(data).__name__], data)
                    ceremony = ceremony.add(data)
        for number, file in enumerate(self.trustees):
            self.trustees[number], _ = next_step(file, ceremony, os.urandom)
        self.joint = ceremony.joint_key

    async def send_trustee(self, kind: str, data: msgspec.Struct) -> int:
        return await accept_message(self.service, ELECTION, kind, msgspec.to_builtins(data))

    async def enrol(self, electorates: Mapping[str, Sequence[int]]) -> None:
        """Electorates by numbers of people: tables, blob, and the committee's act."""
        for name, numbers in electorates.items():
            credentials = [self.people[number].credential for number in numbers]
            data, blob = make_electorate(self.log_id, name, credentials, self.registrar, os.urandom(16))
            await store_blob(self.service, ELECTION, blob)
            async with self.service.database.transaction() as connection:
                row = {"election": ELECTION, "electorate": name, "kind": "faculty", "block": name, "size": data.size}
                signed = {"root": unb64(data.root, 32, ""), "blob_hash": data.blob}
                signature = unb64(data.signature, 64, "")
                await connection.execute(insert(schema.electorates).values({**row, **signed, "signature": signature}))
                rows = [
                    {"election": ELECTION, "electorate": name, "idx": index, "credential": credential}
                    for index, credential in enumerate(sorted(credentials))
                ]
                await connection.execute(insert(schema.electorate_members), rows)
            fields = msgspec.to_builtins(data)
            await self.decide("electorate", {key: fields[key] for key in ("id", "size", "root", "blob", "signature")})

    async def list_people(self) -> None:
        """Everybody on the roll, as p0, p1 …, with an address and in the four languages in turn."""
        shown = {"faculty": "Law", "department": "Civil Law", "level": "bachelor", "year": 1, "status": "active"}
        rows = [
            {
                **shown,
                "election": ELECTION,
                "student_id": f"p{number}",
                "full_name": f"Person {number}",
                "email": f"p{number}@example.edu",
                "disciplinary": "",
                "language": ("en", "ka", "az", "ru")[number % 4],
                "eligible": True,
                "reason": "",
                "credential": person.credential,
            }
            for number, person in enumerate(self.people)
        ]
        async with self.service.database.transaction() as connection:
            await connection.execute(insert(schema.voters), rows)

    async def letters(self, *kinds: str) -> list[tuple[str, Letter]]:
        """Recipient and mail of what lies in the outbox, oldest first, opened."""
        table = schema_mail.outbox
        query = select(table).where(table.c.kind.in_(kinds), table.c.sealed.is_not(None)).order_by(table.c.queued)
        async with self.service.database.snapshot() as connection:
            rows = (await connection.execute(query)).all()
        places = [(row, f"{row.election}/mail/{row.mail.hex()}") for row in rows]
        open_ = self.service.master.open
        return [(row.recipient, decode(open_(place, row.sealed), Letter)) for row, place in places]

    async def plan(self, poll: int = 1, contests: Sequence[ContestPlan] = DEFAULT_CONTESTS) -> list[ContestRules]:
        self.contexts = await plan_contests(self.service, ELECTION, poll, contests)
        return [await self.rules(context) for context in self.contexts]

    async def show_canaries(self, poll: int = 1, numbers: Sequence[int] = (1, 2, 3)) -> None:
        assert self.joint is not None
        for number in numbers:
            data = canary(self.trustees[number - 1], self.log_id, self.joint, poll, os.urandom)
            await self.send_trustee("trustee.canary", data)

    async def open_poll(self, poll: int = 1, hours: int = 2, not_before: int | None = None) -> Act:
        closes = format_time(self.clock.now + hours * HOUR)
        fields = await opening_data(self.service, ELECTION, poll, closes)
        return await self.decide("poll.opened", fields, not_before)

    async def prepare(self, contests: Sequence[ContestPlan] = DEFAULT_CONTESTS, **rules: Any) -> None:
        """Everything before the opening."""
        await self.adopt(**rules)
        await self.hold_ceremony()
        everybody = range(len(self.people))
        await self.enrol({"university": everybody, "law": everybody[: max(1, len(self.people) // 2)]})
        await self.plan(1, contests)
        await self.show_canaries()

    async def open(self, contests: Sequence[ContestPlan] = DEFAULT_CONTESTS, **rules: Any) -> None:
        """Everything up to the open poll."""
        await self.prepare(contests, **rules)
        await self.open_poll()

    async def change_poll(self, kind: str, poll: int = 1, closes: int | None = None) -> Act:
        """Extend, pause or resume; the closing time stays unless given."""
        facts = (await self.service.facts(ELECTION)).poll(poll)
        time = format_time(closes or facts.closes or 0)
        contexts = [b64(context) for context in facts.contexts]
        return await self.decide(
            kind, {"poll": poll, "contexts": contexts, "closes": time, "reason": "because of a test"}
        )

    async def close_early(self, poll: int = 1) -> Act:
        await self.change_poll("poll.paused", poll)
        return await self.decide("poll.closed", msgspec.to_builtins(await closing_data(self.service, ELECTION, poll)))

    # -- voters --------------------------------------------------------------------------------------------------------

    async def rules(self, context: bytes) -> ContestRules:
        return await self.service.contest(await self.service.election(ELECTION), context)

    async def log_in(self, person: Person, code: str | None = None) -> str:
        """Over HTTP; keeps and returns the bearer."""
        answer = await self.post("/login", await self.login_request(person, code))
        assert answer.status == 200, await answer.text()
        person.bearer = (await answer.json())["bearer"]
        return person.bearer

    async def login_request(self, person: Person, code: str | None = None) -> dict[str, Any]:
        answer = await self.post("/login/nonce", {"credential": b64(person.credential)})
        nonce = unb64((await answer.json())["nonce"], 32, "nonce")
        return self.signed_login(person, nonce, code)

    def signed_login(
        self, person: Person, nonce: bytes, code: str | None = None, origin: str = f"localhost:8080/{ELECTION}"
    ) -> dict[str, Any]:
        message = login_message(self.log_id, origin, person.credential, nonce)
        signature = schnorr.sign(person.secret, message, os.urandom(32))
        return {"credential": b64(person.credential), "nonce": b64(nonce), "signature": b64(signature), "code": code}

    def request_token(self, person: Person, rules: ContestRules) -> TokenRequest:
        """A fresh blinded message, remembered by the person."""
        waiting = person.waiting[rules.context] = blind_token(rules, os.urandom)
        blob = seal_recovery(rules, waiting, person.seed, os.urandom) if rules.document.recovery else None
        return make_request(rules, waiting, person.secret, blob, os.urandom)

    async def token(self, person: Person, rules: ContestRules) -> SpendableToken:
        """Log in if need be, and get a token over HTTP."""
        if not person.bearer:
            await self.log_in(person)
        answer = await self.post("/tokens", self.request_token(person, rules), person.bearer)
        assert answer.status == 200, await answer.text()
        signature = unb64((await answer.json())["blind_signature"], len(rules.modulus), "blind signature")
        return finalize_token(rules, person.waiting[rules.context], signature)

    def ballot(
        self, person: Person, rules: ContestRules, token: SpendableToken, vote: Sequence[int] = (1, 0, 0)
    ) -> BallotData:
        return make_ballot(rules, token, vote, person.seed, os.urandom).data

    async def vote(self, person: Person, rules: ContestRules, vote: Sequence[int] = (1, 0, 0)) -> dict[str, Any]:
        """Token, ballot, receipt."""
        token = await self.token(person, rules)
        answer = await self.post("/ballots", self.ballot(person, rules, token, vote))
        assert answer.status == 200, await answer.text()
        receipt: dict[str, Any] = await answer.json()
        return receipt

    # -- closing and counting ------------------------------------------------------------------------------------------

    async def shares(self, numbers: Sequence[int] = (1, 2), poll: int = 1) -> None:
        """Shares of everything that is to be decrypted."""
        from election_service.poll_facts import logged_sums

        assert self.joint is not None
        facts = await self.service.facts(ELECTION)
        for contest in facts.poll(poll).contests.values():
            if contest.sums is None or contest.sums.sums is None:
                continue
            for number in numbers:
                await self.send_trustee("tally.share", self.share(number, logged_sums(contest)))

    def share(self, number: int, sums: ContestSums) -> Any:
        assert self.joint is not None
        assert self.session is not None
        file = self.trustees[number - 1]
        where = share_context(self.session)
        return make_share(where, sums, number, file.secret_share(self.joint), file.identity_secret, os.urandom)

    async def tally(self, poll: int = 1) -> None:
        """Review window over, sums, shares of two, counts, declared."""
        self.clock.now += REVIEW
        await advance_tally(self.service, ELECTION, poll)
        await self.shares(poll=poll)
        await advance_tally(self.service, ELECTION, poll)

    async def declared(self, poll: int = 1) -> DeclaredData:
        """The result of a poll as it stands in the log."""
        found = (await self.service.facts(ELECTION)).poll(poll).declared
        assert found is not None
        return found

    async def declared_seats(self, poll: int = 1) -> list[SeatResult]:
        """The seats of a poll's result as they stand in the published reasoning."""
        async with self.service.database.snapshot() as connection:
            blob = await read_published(connection, ELECTION, f"blobs/{(await self.declared(poll)).reasoning}")
        return decode(blob, Reasoning).seats

    async def conclude(self, poll: int = 1, kind: str = "result.certified", **fields: str) -> Act:
        """Certify or annul the declared result."""
        declared = b64((await self.service.facts(ELECTION)).poll(poll).declared_hash)
        return await self.decide(kind, {"poll": poll, "declared": declared, **fields})

    async def record(self, what: str, **fields: Any) -> Act:
        """A decision."""
        members = {"seat": "", "person": "", "ground": "", "motion": "", "electorate": "", "until": "", "text": ""}
        return await self.decide("decision", {"decision": {**members, "number": 0, "what": what, **fields}})

    async def agenda(self) -> dict[str, Task]:
        """What the log asks for."""
        return (await self.service.facts(ELECTION)).record.agenda

    async def verify(self) -> None:
        """The published log, as far as it has come, passes the verifier."""
        folder = self.folder / f"copy-{os.urandom(4).hex()}"
        async with self.service.database.snapshot() as connection:
            await export_log(connection, ELECTION, folder)
        with FolderSource(folder) as source:
            report = verify_log(source, log_id=self.log_id)
        assert report.ok, "\n".join(str(failure) for failure in report.failures)

    async def entries(self, *kinds: str) -> list[Any]:
        """Data of all entries of these kinds, in the order of the log."""
        table = schema.log_entries
        query = select(table.c.entry).where(table.c.election == ELECTION, table.c.kind.in_(kinds))
        async with self.service.database.snapshot() as connection:
            rows = (await connection.execute(query.order_by(table.c.seq))).scalars()
            return [decode_entry(raw).data for raw in rows]

    async def log_size(self) -> int:
        async with self.service.database.snapshot() as connection:
            return int((await connection.execute(select(schema.log_heads.c.size))).scalar_one())

    # -- HTTP ----------------------------------------------------------------------------------------------------------

    async def post(self, path: str, body: Any, bearer: str | None = None) -> ClientResponse:
        """POST canonical JSON, or exactly these bytes."""
        assert self.http is not None
        headers = {"Content-Type": "application/json"}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        raw = body if isinstance(body, bytes) else encode(body)
        return await self.http.post(f"/api/elections/{ELECTION}{path}", data=raw, headers=headers)

    async def get(self, path: str, bearer: str | None = None) -> ClientResponse:
        assert self.http is not None
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        return await self.http.get(f"/api/elections/{ELECTION}{path}", headers=headers)

    async def view(self, person: Person) -> VoterView:
        answer = await self.get("/voter", person.bearer)
        assert answer.status == 200, await answer.text()
        return msgspec.json.decode(await answer.read(), type=VoterView)


async def code_of(answer: ClientResponse) -> str:
    """The problem's code."""
    document = await answer.json(content_type=None)
    assert answer.content_type == "application/problem+json", document
    assert document["type"] == f"urn:es1:problem:{document['code']}"
    assert document["status"] == answer.status
    return str(document["code"])


def house_config(url: str, folder: Path, port: int = 8080, mail_port: int | None = None) -> Config:
    """``mail_port``: of a mail server on this machine; without one, the house sends no mail."""
    mail = {"smtp_host": "localhost", "smtp_port": mail_port, "smtp_security": "none", "mail_from": "house@example.edu"}
    return msgspec.structs.replace(_bare_config(url, folder, port), **({} if mail_port is None else mail))


def _bare_config(url: str, folder: Path, port: int) -> Config:
    return Config(
        database_url=url,
        state_dir=folder / "state",
        master_key_file=folder / "master.key",
        public_url=f"http://localhost:{port}",
        workers=1,
    )


def new_seed() -> bytes:
    """A voter's seed."""
    while True:
        seed = os.urandom(32)
        if 0 < int.from_bytes(credential_key(seed, ELECTION), "big") < ORDER:
            return seed


@asynccontextmanager
async def built(
    url: str,
    folder: Path,
    workers: Workers,
    *,
    people: int = 6,
    second_factor: Any = "none",
    issuer_bits: int = 1024,
    registrar_in_service: bool = False,
    mail_port: int | None = None,
    began: int = START,
) -> AsyncIterator[House]:
    """A house with an election of which only entry 0 exists, served over HTTP; ``began``: what its clock shows."""
    config = house_config(url, folder, mail_port=mail_port)
    await install(config)
    members = {name: make_signer(name) for name in ("ana", "beka", "gio")}
    registrar = make_signer("registrar")
    plan = ElectionPlan(
        election=ELECTION,
        title="The house of tests",
        members=[(name, signer.public) for name, signer in members.items()],
        registrar_key=None if registrar_in_service else registrar.public,
        rehearsal=True,
        second_factor=second_factor,
        waiver=None if second_factor == "totp" else WAIVER,
        seal_minimum=2,
        issuer_bits=issuer_bits,
    )
    crowd = [Person(new_seed()) for _ in range(people)]
    trustees = [new_trustee_file(ELECTION, os.urandom) for _ in range(3)]
    clock = Clock(began)
    async with open_service(config, clock=clock, workers=workers) as service:
        log_id = await create_election(service, plan)
        async with served(House(service, clock, folder, members, registrar, crowd, trustees, log_id)) as house:
            yield house


@asynccontextmanager
async def served(house: House) -> AsyncIterator[House]:
    """The house, reachable over HTTP; what it answers is held to the description of its API."""
    with promises_kept(make_app(house.service, schedule=False)) as app:
        async with TestClient(TestServer(app)) as client:
            house.http = client
            yield house


@asynccontextmanager
async def copied(template: House, url: str, folder: Path, workers: Workers) -> AsyncIterator[House]:
    """A house like the template, on a copy of its database and state directory; the template stays as it is."""
    clock = Clock(template.clock.now)
    config = house_config(url, folder)
    async with open_service(config, clock=clock, workers=workers) as service:
        people = [Person(person.seed) for person in template.people]
        house = replace(
            template, service=service, clock=clock, folder=folder, people=people, trustees=list(template.trustees)
        )
        async with served(house):
            yield house
