"""Data of log entries as the registrar and the service make them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from audit.entries import Approval, ClosedContest, CredentialReplacedData, ElectorateData, TokenData
from audit.merkle import leaf_hash, tree_root
from ballot.token import TokenRequest
from keys import schnorr
from keys.canonical import b64, encode, unb64
from keys.transcript import Tag, digest, u64
from tests.simulated.randomness import seeded

Random = Callable[[int], bytes]


@dataclass(frozen=True)
class Signer:
    """A BIP-340 key pair of a member, the registrar, the service."""

    secret: bytes
    public: bytes

    def sign(self, message: bytes) -> str:
        return b64(schnorr.sign(self.secret, message, bytes(32)))


def make_signer(name: str) -> Signer:
    """The same key for the same name; for tests only."""
    secret = seeded(f"signer/{name}")(32)
    return Signer(secret, schnorr.public_key(secret))


def make_electorate(
    log_id: bytes, name: str, credentials: Iterable[bytes], registrar: Signer, act: bytes
) -> tuple[ElectorateData, bytes]:
    """The data (without approvals) and the blob: credentials ascending, the registrar's signature over the root."""

    keys = sorted(credentials)
    blob = b"".join(keys)
    root = tree_root(leaf_hash(key) for key in keys)
    message = digest(Tag.ELECTORATE, log_id, name.encode(), u64(len(keys)), root)
    data = ElectorateData(
        act=b64(act),
        approvals=(),
        id=name,
        size=len(keys),
        root=b64(root),
        blob=sha256(blob).hexdigest(),
        signature=registrar.sign(message),
    )
    return data, blob


def make_replacement(
    log_id: bytes, old: bytes, new: bytes, reason: str, registrar: Signer, act: bytes
) -> CredentialReplacedData:
    """The data (without approvals) of `credential.replaced`."""
    message = digest(Tag.CREDENTIAL_REPLACED, log_id, old, new, reason.encode())
    return CredentialReplacedData(
        act=b64(act), approvals=(), old=b64(old), new=b64(new), reason=reason, signature=registrar.sign(message)
    )


def token_entries(requests: Iterable[tuple[bytes, TokenRequest]]) -> list[TokenData]:
    """The `token` data of (credential, request) pairs, ascending by (context, credential)."""
    tokens = [
        TokenData(context=r.context, credential=b64(credential), blinded=r.blinded, signature=r.signature)
        for credential, r in requests
    ]
    return sorted(tokens, key=lambda token: (unb64(token.context, 32, ""), unb64(token.credential, 32, "")))


def closed_contests(
    contexts: Iterable[bytes], ballots: Iterable[bytes], tokens: list[TokenData]
) -> list[ClosedContest]:
    """What `poll.closed` announces per context: `ballots` gives the context of every logged ballot."""
    cast = list(ballots)
    closed = []
    for context in sorted(contexts):
        own = [token for token in tokens if token.context == b64(context)]
        root = tree_root(leaf_hash(encode(token)) for token in own)
        closed.append(
            ClosedContest(context=b64(context), ballots=cast.count(context), tokens=len(own), token_root=b64(root))
        )
    return closed


def approve(log_id: bytes, kind: str, unsigned: bytes, members: dict[str, Signer]) -> tuple[Approval, ...]:
    """Approvals of these members, ascending by id; `unsigned` = canonical data without approvals."""
    message = digest(Tag.APPROVE, log_id, kind.encode(), unsigned)
    return tuple(Approval(member=name, signature=members[name].sign(message)) for name in sorted(members))
