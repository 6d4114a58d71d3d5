"""The ballot on the wire: body, token, signature; the tracker by which it is found (docs/protocol.md §6)."""

from keys.canonical import Wire, decode, encode
from keys.transcript import Tag, digest

BODY_VERSION = "es1"


class Choice(Wire, frozen=True):
    """One option's ciphertext (a, b) with its proof over {0, 1}: commitments, c_0, and z_0, z_1."""

    a: str
    b: str
    com: list[tuple[str, str]]
    c: list[str]
    z: list[str]


class SumProof(Wire, frozen=True):
    """The proof that the weighted sum is one of min … max: n commitments, n - 1 challenges, n responses."""

    com: list[tuple[str, str]]
    c: list[str]
    z: list[str]


class Body(Wire, frozen=True):
    """What is encrypted and proven; everything that the tracker covers."""

    v: str
    context: str
    owner: str
    choices: list[Choice]
    sum: SumProof


class Token(Wire, frozen=True):
    """The one-time token: its BIP-340 key, the blinding value t of the owner, the prepared message, the signature."""

    key: str
    t: str
    prepared: str
    sig: str


class BallotData(Wire, frozen=True):
    """A ballot as it is cast and as it stands in the log."""

    context: str
    body: Body
    token: Token
    signature: str


def load_ballot(raw: bytes) -> BallotData:
    """Parse the canonical bytes of a cast request; FormatError otherwise."""
    return decode(raw, BallotData)


def tracker_of(body: bytes) -> bytes:
    """``H("es1/tracker", body)`` of the body's canonical bytes: all 256 bits count, the short code is for finding."""
    return digest(Tag.TRACKER, body)


def tracker(body: Body) -> bytes:
    """The tracker of a parsed body."""
    return tracker_of(encode(body))


def cast_message(body: bytes) -> bytes:
    """What the token key signs: ``H("es1/cast", body)``."""
    return digest(Tag.CAST, body)


def owner_of(token_key: bytes, t: bytes) -> bytes:
    """``w = H("es1/owner", token key, t)``: stands for the token key, which an audit must not give away."""
    return digest(Tag.OWNER, token_key, t)
