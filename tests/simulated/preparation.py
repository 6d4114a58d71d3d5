"""A simulated election up to the open poll: the state of everybody, and the acts before the first ballot."""

from collections.abc import Iterable, Sequence
from typing import Any

from audit.ed25519 import ed25519_public_key
from audit.entries import (
    BoothData,
    ConstitutionData,
    ElectorateData,
    LogOpenedData,
    Member,
    PollChangedData,
    PollOpenedData,
    Registrar,
    ResolutionData,
    TrusteeOpenedData,
    decode_entry,
    format_time,
    parse_time,
)
from ballot.contest import Contest, ContestRules, Option, load_contest
from keys.canonical import b64, encode
from keys.trustee import (
    Ceremony,
    CommittedData,
    ComplainedData,
    ConfirmedData,
    HashedData,
    JointKey,
    SharedData,
    Stage,
    TrusteeSession,
)
from keys.trustee.tool import canary, next_step
from tally.constitution import dump_constitution
from tally.outcome import Outcome
from tally.record import Record
from tests.simulated import oracle
from tests.simulated.builders import make_electorate, make_signer
from tests.simulated.logbook import Logbook
from tests.simulated.people import Voter, issuer_key, make_trustees, make_voters
from tests.simulated.plan import Box, ContestPlan, Plan
from tests.simulated.randomness import seeded

ELECTION = "sim-2026"
ORIGIN = f"vote.example/{ELECTION}"
STEP_KINDS: dict[type, str] = {
    HashedData: "trustee.hashed",
    CommittedData: "trustee.committed",
    SharedData: "trustee.shared",
    ConfirmedData: "trustee.confirmed",
    ComplainedData: "trustee.complained",
}


class Preparation:
    """The state of everybody; each method is one act. Owner of the state: the test."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.random = seeded(plan.seed)
        self.members = {name: make_signer(f"{plan.seed}/{name}") for name in ("dean", "secretary", "student")}
        self.registrar, self.receipt = (make_signer(f"{plan.seed}/{name}") for name in ("registrar", "receipt"))
        self.log = Logbook(ORIGIN, self.random(32), plan.start)
        self.record = Record(plan.constitution)
        self.voters: list[Voter] = make_voters(plan.voters, ELECTION, self.random)
        self.trustees = make_trustees(plan.n, ELECTION, self.random)
        self.electorates: dict[str, ElectorateData] = {}
        self.listed: dict[str, str] = {}  # a new credential -> the one that stands on the rolls
        self.rolls: dict[str, list[int]] = {}  # electorate -> numbers of its voters
        self.boxes: dict[int, list[Box]] = {}
        self.outcomes: dict[int, Outcome] = {}
        self.declared: dict[int, bytes] = {}  # the entries
        self.bad_shares: dict[bytes, dict[int, str]] = {}
        self.session: TrusteeSession
        self.joint: JointKey

    # -- helpers -------------------------------------------------------------------------------------------------------

    @property
    def log_id(self) -> bytes:
        return self.log.log_id

    def act(self, kind: str, type_: Any, **fields: Any) -> bytes:
        """Log an act approved by two members."""
        data = type_(act=b64(self.random(16)), approvals=(), **fields)
        return self.approved(kind, data)

    def approved(self, kind: str, data: Any) -> bytes:
        members = dict(list(self.members.items())[:2])
        return self.log.act(kind, data, members)

    def check(self) -> list[dict[str, Any]]:
        """Let the oracle read what is published; returns the entries as plain JSON."""
        entries = oracle.check_log(self.log.files())
        assert entries[-1]["kind"]
        return entries

    def wait(self, seconds: int) -> None:
        self.log.now += seconds

    def box(self, contest: str, poll: int = 1) -> Box:
        (found,) = [box for box in self.boxes[poll] if box.plan.id == contest]
        return found

    @property
    def receipts(self) -> list[Any]:
        return [receipt for voter in self.voters for receipt in voter.receipts]

    # -- setting up ----------------------------------------------------------------------------------------------------

    def open_log(self) -> None:
        opened = LogOpenedData(
            v="es1",
            election=ELECTION,
            origin=ORIGIN,
            log_key=b64(ed25519_public_key(self.log.log_secret)),
            receipt_key=b64(self.receipt.public),
            registrar=Registrar(mode="service", key=b64(self.registrar.public)),
            members=tuple(Member(id=name, key=b64(self.members[name].public)) for name in sorted(self.members)),
            threshold=2,
            witnesses=(),
            quorum=0,
            nonce=b64(self.random(16)),
            rehearsal=self.plan.rehearsal,
        )
        self.log.append("log.opened", opened)
        blob = self.log.add_blob(dump_constitution(self.plan.constitution))
        self.act("constitution", ConstitutionData, blob=blob)
        self.act("booth", BoothData, bundle="b0" * 32)
        self.check()

    def ceremony(self, attempt: int = 1) -> None:
        """All steps of the trustees, each by its own file."""
        self.open_session(attempt)
        ceremony = Ceremony(self.session)
        while ceremony.stage is not Stage.DONE:
            ceremony = self.round(ceremony)
        self.joint = ceremony.joint_key
        self.trustees = [next_step(file, ceremony, self.random)[0] for file in self.trustees]
        self.check()

    def open_session(self, attempt: int) -> None:
        identities = tuple(file.identity_key for file in self.trustees)
        self.session = TrusteeSession(self.log_id, attempt, self.plan.k, identities)
        keys = tuple(map(b64, identities))
        self.act("trustee.opened", TrusteeOpenedData, attempt=attempt, k=self.plan.k, trustees=keys)

    def round(self, ceremony: Ceremony) -> Ceremony:
        """One round: every trustee who owes a message gives it."""
        stage = ceremony.stage
        for number, file in enumerate(self.trustees):
            self.trustees[number], data = next_step(file, ceremony, self.random)
            if data is not None and ceremony.stage is stage:
                self.log.append(STEP_KINDS[type(data)], data)
                ceremony = ceremony.add(data)
        return ceremony

    def make_electorates(self) -> None:
        """The committee's readings; then the registrar signs every electorate of the plan."""
        for resolution in self.plan.resolutions:
            self.record.resolve(resolution)
            self.act("resolution", ResolutionData, clause=resolution.clause, reading=resolution.reading)
        everybody = {"university": range(len(self.voters)), **self.plan.electorates}
        for name, numbers in everybody.items():
            self.make_electorate(name, numbers)
        self.check()

    def make_electorate(self, name: str, numbers: Iterable[int]) -> None:
        """One electorate of these voters, who are remembered by its name."""
        self.rolls[name] = list(numbers)
        keys = [self.voters[number].credential for number in self.rolls[name]]
        data, blob = make_electorate(self.log_id, name, keys, self.registrar, self.random(16))
        self.log.add_blob(blob)
        self.approved("electorate", data)
        self.electorates[name] = data
        self.record.add_electorate(name, data.size)

    def prepare_poll(self, poll: int = 1, contests: Sequence[ContestPlan] | None = None) -> None:
        """The contest documents."""
        contests = self.plan.contests if contests is None else contests
        self.boxes[poll] = [Box(plan, self.contest_document(poll, plan)) for plan in contests]
        documents = [box.rules.document for box in self.boxes[poll]]
        self.record.plan(poll, documents)
        for document in documents:
            self.record.add_contest(document)
            self.log.append("contest", document)
        self.check()

    def contest_document(self, poll: int, plan: ContestPlan) -> ContestRules:
        electorate = self.electorates[plan.electorate]
        options = [Option(id=name, name={"en": name.title()}, blank=name == "blank") for name in plan.options.split()]
        issuer = issuer_key(f"{self.plan.seed}/{poll}/{plan.id}", self.plan.rsa_bits)
        document = Contest(
            v="es1",
            log=b64(self.log_id),
            election=ELECTION,
            poll=poll,
            contest=plan.id,
            position=plan.position,
            electorate=plan.electorate,
            size=electorate.size,
            root=electorate.root,
            options=options,
            min=plan.minimum,
            max=plan.maximum,
            joint_key=b64(self.joint.point.to_bytes()),
            issuer_key=b64(issuer.modulus),
            recovery=False,
        )
        return load_contest(encode(document), rehearsal=self.plan.rehearsal)

    def open_poll(self, poll: int = 1) -> None:
        """Canaries of all trustees, then the opening."""
        for file in self.trustees:
            self.log.append("trustee.canary", canary(file, self.log_id, self.joint, poll, self.random))
        contexts = sorted(box.rules.context for box in self.boxes[poll])
        closes = self.log.now + 3600 * self.plan.hours
        self.closes = format_time(closes)
        documents = [box.rules.document for box in self.boxes[poll]]
        self.record.open_poll(poll, documents, self.log.now + 1, closes)
        self.act("poll.opened", PollOpenedData, poll=poll, contexts=tuple(map(b64, contexts)), closes=self.closes)
        self.check()

    def change_poll(self, change: str, poll: int = 1, minutes: int = 0) -> None:
        """`poll.paused`, `poll.resumed` or `poll.extended`."""
        contexts = sorted(box.rules.context for box in self.boxes[poll])
        if minutes:
            self.closes = format_time(self.log.now + 60 * minutes)
        fields = {"poll": poll, "contexts": tuple(map(b64, contexts)), "closes": self.closes, "reason": "simulated"}
        self.act(f"poll.{change}", PollChangedData, **fields)
        if change != "paused":
            self.record.extend_poll(poll, parse_time(self.closes))

    def dump(self) -> str:
        """The log for a human: one line per entry."""
        lines = []
        for raw in self.log.entries:
            entry = decode_entry(raw)
            lines.append(f"{entry.seq:4} {entry.time or '':20} {entry.kind:18} {entry.data_bytes[:120].decode()}")
        return "\n".join(lines)
