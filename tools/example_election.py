"""A tiny election from fixed seeds: the source of tests/vectors/es1/ and of the worked examples in docs/protocol.md.

Everything is made by the functions that the service, the trustees and the booth use; only the randomness is fixed:
`stream(label)` is SHA-256("es1 example/" ‖ label ‖ "/" ‖ counter), counter from 0, block after block. Nothing here may
ever be used in an election.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

import gmpy2

from audit.approvals import make_approval
from audit.ed25519 import ed25519_public_key
from audit.entries import NO_ENTRY, ConstitutionData, LogOpenedData, Member, Registrar, encode_entry, encode_unsigned
from audit.merkle import leaf_hash, tree_root
from ballot.ballot import owner_of
from ballot.contest import Contest, ContestRules, Option, load_contest
from ballot.encryption import MadeBallot, make_body, sign_ballot
from ballot.receipt import Receipt, make_receipt
from ballot.token import BlindedToken, SpendableToken, TokenRequest, blind_token, finalize_token, make_request
from keys import schnorr
from keys.canonical import b64, encode
from keys.curve import Scalar
from keys.derive import credential_key
from keys.issuer import IssuerKey, blind_sign
from keys.shares import Polynomial, draw_polynomial
from keys.transcript import Tag, digest, u64
from keys.trustee.ceremony import JointKey, joint_key_of
from keys.trustee.commitment import make_message
from keys.trustee.messages import TrusteeMessage
from keys.trustee.session import TrusteeSession, hpke_secret, identity_secret

ELECTION = "example-2026"
ORIGIN = "vote.example.edu/example-2026"
OPENED = "2026-10-01T08:00:00Z"
CONSTITUTION = (
    b'{"max_slack":10,"min_ballots":3,"name":"Example","positions":[{"clause":"6.12.5","id":"president",'
    b'"method":"plurality","rank":1}],"review_window":3600,"turnout":{"clause":"6.12.4","denominator":2,'
    b'"electorate":"all","numerator":1,"scope":"university"},"v":"es1"}'
)
TRUSTEES, NEEDED = 3, 2
VOTERS = 3
_PRIME_SIZE = 192  # bytes: two primes make RSA-3072

Random = Callable[[int], bytes]


def stream(label: str) -> Random:
    """A source of fixed bytes for one purpose."""
    counter, buffer = 0, b""

    def source(size: int) -> bytes:
        nonlocal counter, buffer
        while len(buffer) < size:
            buffer += sha256(f"es1 example/{label}/{counter}".encode()).digest()
            counter += 1
        taken, buffer = buffer[:size], buffer[size:]
        return taken

    return source


def secret_key(label: str) -> bytes:
    """A fixed BIP-340 secret key: 32 bytes of the stream of that name."""
    return stream(label)(32)


@cache
def issuer_key(label: str) -> IssuerKey:
    """A fixed RSA-3072 key: the first suitable primes from two numbers of the stream with their two top bits set."""
    source = stream(label)

    def prime() -> int:
        number = gmpy2.mpz(int.from_bytes(source(_PRIME_SIZE), "big") | (3 << 8 * _PRIME_SIZE - 2))
        while True:
            number = gmpy2.next_prime(number)
            if gmpy2.gcd(number - 1, 65537) == 1:
                return int(number)

    return IssuerKey.from_primes(prime(), prime())


@dataclass(frozen=True, slots=True)
class Ceremony:
    """The trustees' keys: session, polynomials, messages, and what follows from them."""

    session: TrusteeSession
    polynomials: tuple[Polynomial, ...]
    messages: tuple[TrusteeMessage, ...]
    joint: JointKey

    def secret_share(self, number: int) -> Scalar:
        """x_l of trustee `number`."""
        total = Scalar.ZERO
        for polynomial in self.polynomials:
            total = total + polynomial.at(number)
        return total


@dataclass(frozen=True, slots=True)
class Voter:
    """One voter: seed, credential secret key and public key."""

    seed: bytes
    secret: bytes
    credential: bytes


@dataclass(frozen=True, slots=True)
class Vote:
    """One voter's way from the blinded token to the receipt, each step with its bytes."""

    waiting: BlindedToken
    request: TokenRequest
    blind_signature: bytes
    token: SpendableToken
    t: bytes
    choices: tuple[int, ...]
    ballot: MadeBallot
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Electorate:
    """N credentials, ascending, with root and the registrar's signature."""

    blob: bytes
    root: bytes
    signature: bytes


@cache
def log_opened() -> bytes:
    """Entry 0."""
    members = tuple(
        Member(id=name, key=b64(schnorr.public_key(secret_key(f"member/{name}")))) for name in ("ana", "levan")
    )
    data = LogOpenedData(
        v="es1",
        election=ELECTION,
        origin=ORIGIN,
        log_key=b64(log_public_key()),
        receipt_key=b64(schnorr.public_key(secret_key("receipt key"))),
        registrar=Registrar(mode="offline", key=b64(schnorr.public_key(secret_key("registrar")))),
        members=members,
        threshold=2,
        witnesses=(),
        quorum=0,
        nonce=b64(stream("nonce")(16)),
        rehearsal=False,
    )
    return encode_entry(0, NO_ENTRY, "log.opened", OPENED, data)


def log_public_key() -> bytes:
    """The Ed25519 key of the log."""
    return ed25519_public_key(stream("log key")(32))


@cache
def log_id() -> bytes:
    """SHA-256 of entry 0."""
    return sha256(log_opened()).digest()


@cache
def constitution_entry() -> bytes:
    """Entry 1: the constitution, approved by both members."""
    unsigned = ConstitutionData(act=b64(stream("act")(16)), approvals=(), blob=sha256(CONSTITUTION).hexdigest())
    approvals = tuple(
        make_approval(
            log_id(),
            "constitution",
            encode_unsigned(unsigned),
            name,
            secret_key(f"member/{name}"),
            stream(f"approval/{name}"),
        )
        for name in ("ana", "levan")
    )
    data = ConstitutionData(act=unsigned.act, approvals=approvals, blob=unsigned.blob)
    return encode_entry(1, sha256(log_opened()).digest(), "constitution", OPENED, data)


@cache
def ceremony() -> Ceremony:
    """Three trustees, any two of whom decrypt."""
    seeds = [stream(f"trustee/{i}")(32) for i in range(1, TRUSTEES + 1)]
    identities = tuple(schnorr.public_key(identity_secret(seed, ELECTION)) for seed in seeds)
    session = TrusteeSession(log_id=log_id(), attempt=1, k=NEEDED, identities=identities)
    polynomials = tuple(draw_polynomial(NEEDED, stream(f"polynomial/{i}")) for i in range(1, TRUSTEES + 1))
    messages = tuple(
        make_message(session, i, hpke_secret(seeds[i - 1], session.id), polynomials[i - 1], stream(f"commitment/{i}"))
        for i in range(1, TRUSTEES + 1)
    )
    return Ceremony(session, polynomials, messages, joint_key_of(session, messages))


@cache
def voters() -> tuple[Voter, ...]:
    """The three voters, in the order of their credentials."""
    found = []
    for number in range(VOTERS):
        seed = stream(f"voter/{number}")(32)
        secret = credential_key(seed, ELECTION)
        found.append(Voter(seed, secret, schnorr.public_key(secret)))
    return tuple(sorted(found, key=lambda voter: voter.credential))


@cache
def electorate() -> Electorate:
    """The electorate `all`."""
    keys = [voter.credential for voter in voters()]
    root = tree_root(leaf_hash(key) for key in keys)
    message = digest(Tag.ELECTORATE, log_id(), b"all", u64(len(keys)), root)
    return Electorate(b"".join(keys), root, schnorr.sign(secret_key("registrar"), message, stream("electorate")(32)))


@cache
def contest(name: str, options: int, least: int, most: int, *, blank: bool, recovery: bool = True) -> ContestRules:
    """A contest of poll 1 with options `option-0` … , the last of them blank where asked for."""
    document = Contest(
        v="es1",
        log=b64(log_id()),
        election=ELECTION,
        poll=1,
        contest=name,
        position="president",
        electorate="all",
        size=VOTERS,
        root=b64(electorate().root),
        options=[
            Option(id=f"option-{i}", name={"en": f"Option {i}"}, blank=blank and i == options - 1)
            for i in range(options)
        ],
        min=least,
        max=most,
        joint_key=b64(ceremony().joint.point.to_bytes()),
        issuer_key=b64(issuer_key("issuer key").modulus),
        recovery=recovery,
    )
    return load_contest(encode(document))


def vote(rules: ContestRules, voter: Voter, choices: Sequence[int], label: str) -> Vote:
    """Everything that one voter and the service do in one contest."""
    issuer = issuer_key("issuer key")
    waiting = blind_token(rules, stream(f"{label}/blind"))
    request = make_request(rules, waiting, voter.secret, None, stream(f"{label}/request"))
    blind_signature = blind_sign(issuer, waiting.blinded, stream(f"{label}/base"))
    token = finalize_token(rules, waiting, blind_signature)
    t, seed = stream(f"{label}/t")(32), stream(f"{label}/s")(32)
    body = make_body(rules, owner_of(token.key, t), choices, seed)
    ballot = sign_ballot(rules, token, t, body, seed, stream(f"{label}/cast"))
    receipt = make_receipt(
        secret_key("receipt key"), log_id(), rules.context, ballot.tracker, stream(f"{label}/receipt")
    )
    return Vote(waiting, request, blind_signature, token, t, tuple(choices), ballot, receipt)
