"""What a trustee keeps, under a passphrase (docs/protocol.md §3, §10).

Besides secrets it remembers what the trustee has seen and done: the transcript and joint key that it confirmed, the
log's last head, the sums of each contest that it decrypted. That memory is what lets the tool refuse another key (A24),
a log that does not extend the one before, and a second decryption of a contest (A27).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import msgspec

from keys import canonical, schnorr
from keys.canonical import Id, Natural, Positive, Wire, b64, unb64
from keys.curve import POINT_SIZE, SCALAR_SIZE, Point, Scalar
from keys.errors import DataError
from keys.keyfile import DEFAULT_COST, Cost, open_key_file, seal_key_file
from keys.shares import Polynomial, draw_polynomial
from keys.trustee.ceremony import JointKey
from keys.trustee.commitment import make_message
from keys.trustee.errors import CeremonyError
from keys.trustee.messages import TrusteeMessage, TrusteeNumber
from keys.trustee.session import HASH_SIZE, SEED_SIZE, TrusteeSession, hpke_secret, identity_secret

KIND: Final = "trustee"


class ConfirmedSecrets(Wire, frozen=True, kw_only=True):
    """What the trustee signed: the transcript, and with it x_l and Y."""

    transcript: str
    secret_share: str
    joint_key: str

    def __repr__(self) -> str:
        return "ConfirmedSecrets(…)"


class SessionSecrets(Wire, frozen=True, kw_only=True):
    """One attempt: number, polynomial, own message; what was confirmed or who was complained against, if either.

    ``done`` once all trustees have confirmed.
    """

    session: str
    attempt: Positive
    i: TrusteeNumber
    coefficients: tuple[str, ...]
    message: TrusteeMessage
    confirmed: ConfirmedSecrets | None
    complained: TrusteeNumber | None
    done: bool

    def __repr__(self) -> str:
        return f"SessionSecrets(attempt={self.attempt}, i={self.i}, …)"


class LogHead(Wire, frozen=True, kw_only=True):
    """Size and root of the log when the tool last verified it."""

    size: Natural
    root: str


class DecryptedContest(Wire, frozen=True, kw_only=True):
    """A contest for which a share was made, and the SHA-256 of the JCS of the sums that were decrypted."""

    context: str
    sums: str


class TrusteeFile(Wire, frozen=True, kw_only=True):
    """The content of a trustee's file; a value: every act returns the next one, to be stored before publishing."""

    v: Literal["es1"]
    election: Id
    seed: str
    current: SessionSecrets | None
    log: LogHead | None
    decrypted: tuple[DecryptedContest, ...]

    def __repr__(self) -> str:
        return f"TrusteeFile({self.election}, …)"

    @property
    def identity_secret(self) -> bytes:
        """The secret key that signs the trustee's steps."""
        return identity_secret(unb64(self.seed, SEED_SIZE, "trustee file: seed"), self.election)

    @property
    def identity_key(self) -> bytes:
        """The 32-byte x-only identity key, whose fingerprint is compared in person."""
        return schnorr.public_key(self.identity_secret)

    def hpke_secret(self, session: TrusteeSession) -> bytes:
        """The X25519 secret of one session."""
        return hpke_secret(unb64(self.seed, SEED_SIZE, "trustee file: seed"), session.id)

    def secrets_of(self, session: TrusteeSession) -> SessionSecrets:
        """What the file holds for ``session``; CeremonyError where it holds none or those of another."""
        if self.current is None or self.current.session != b64(session.id):
            held = "none" if self.current is None else self.current.session
            message = f"trustee file: wrong session: expected {b64(session.id)}, got {held}"
            raise CeremonyError(message)
        return self.current

    def secret_share(self, joint: JointKey) -> Scalar:
        """x_l, where the file confirmed exactly this joint key; CeremonyError otherwise (A24)."""
        verify_remembered(self, joint)
        return Scalar.from_bytes(unb64(self.confirmed.secret_share, SCALAR_SIZE, "trustee file: share"))

    @property
    def confirmed(self) -> ConfirmedSecrets:
        """What this trustee confirmed; CeremonyError before it did."""
        if self.current is None or self.current.confirmed is None:
            message = "trustee file: no session was confirmed"
            raise CeremonyError(message)
        return self.current.confirmed

    @property
    def number(self) -> int:
        """The trustee's number, 1 … n, in the current session; CeremonyError where there is none."""
        if self.current is None:
            message = "trustee file: no session was started"
            raise CeremonyError(message)
        return self.current.i


def polynomial_of(secrets: SessionSecrets) -> Polynomial:
    """The polynomial of the session."""
    coefficients = (unb64(text, SCALAR_SIZE, "trustee file: coefficient") for text in secrets.coefficients)
    return Polynomial(tuple(Scalar.from_bytes(raw) for raw in coefficients))


def new_trustee_file(election: str, random: Callable[[int], bytes]) -> TrusteeFile:
    """A file with a fresh seed for one election; draws again where a seed gives no key."""
    while True:
        seed = random(SEED_SIZE)
        try:
            identity_secret(seed, election)
        except DataError:
            continue
        return TrusteeFile(v="es1", election=election, seed=b64(seed), current=None, log=None, decrypted=())


def start_session(file: TrusteeFile, session: TrusteeSession, random: Callable[[int], bytes]) -> TrusteeFile:
    """Draw the polynomial of a session and make its message; the same session again changes nothing.

    CeremonyError where the trustee does not take part, where a session is already done (one election has one key), or
    where the attempt is not later than the last.
    """
    held = file.current
    i = session.number_of(file.identity_key)
    if held is not None and held.session == b64(session.id):
        return file
    if held is not None and (held.done or session.attempt <= held.attempt):
        state = "which is done" if held.done else "which is not earlier"
        message = f"trustee {i}: attempt {session.attempt} refused: the file holds attempt {held.attempt}, {state}"
        raise CeremonyError(message)
    polynomial = draw_polynomial(session.k, random)
    secrets = SessionSecrets(
        session=b64(session.id),
        attempt=session.attempt,
        i=i,
        coefficients=tuple(b64(a.to_bytes()) for a in polynomial.coefficients),
        message=make_message(session, i, file.hpke_secret(session), polynomial, random),
        confirmed=None,
        complained=None,
        done=False,
    )
    return msgspec.structs.replace(file, current=secrets)


def verify_remembered(file: TrusteeFile, joint: JointKey) -> None:
    """Refuse a joint key other than the one that this trustee confirmed (A24)."""
    remembered, shown = file.confirmed.joint_key, b64(joint.point.to_bytes())
    session = file.current.session if file.current else ""
    if (session, remembered) != (b64(joint.session), shown):
        message = f"joint key: expected {remembered} of session {session}, got {shown} of {b64(joint.session)}"
        raise CeremonyError(message)


def remember_log(file: TrusteeFile, size: int, root: bytes) -> TrusteeFile:
    """Store the head of a log that the tool verified; CeremonyError for a shorter log or another of the same size.

    That a longer log extends the remembered one is checked by whoever holds the log, against ``file.log``.
    """
    if file.log is not None and (size < file.log.size or (size == file.log.size and b64(root) != file.log.root)):
        message = f"log: expected one that extends size {file.log.size} root {file.log.root}, got {size} {b64(root)}"
        raise CeremonyError(message)
    return msgspec.structs.replace(file, log=LogHead(size=size, root=b64(root)))


def record_decryption(file: TrusteeFile, context: bytes, sums_hash: bytes) -> TrusteeFile:
    """Store that a share is made for these sums; the same again changes nothing, other sums are refused (A27)."""
    made = DecryptedContest(context=b64(context), sums=b64(sums_hash))
    for earlier in file.decrypted:
        if earlier.context == made.context:
            if earlier.sums != made.sums:
                message = f"contest {made.context}: a share for other sums was made before; no second one"
                raise CeremonyError(message)
            return file
    return msgspec.structs.replace(file, decrypted=(*file.decrypted, made))


def seal_trustee_file(
    file: TrusteeFile, passphrase: str, random: Callable[[int], bytes], cost: Cost = DEFAULT_COST
) -> bytes:
    """The bytes to store. Election and identity key can be read without the passphrase."""
    public = {"election": file.election, "identity": b64(file.identity_key)}
    return seal_key_file(KIND, public, canonical.encode(file), passphrase, random, cost)


def open_trustee_file(raw: bytes, passphrase: str) -> TrusteeFile:
    """Read what ``seal_trustee_file`` wrote; KeyFileError for a wrong passphrase, FormatError for broken content."""
    file = canonical.decode(open_key_file(raw, KIND, passphrase), TrusteeFile)
    _check(file)
    return file


def _check(file: TrusteeFile) -> None:
    unb64(file.seed, SEED_SIZE, "trustee file: seed")
    if file.log is not None:
        unb64(file.log.root, HASH_SIZE, "trustee file: root")
    for made in file.decrypted:
        unb64(made.context, HASH_SIZE, "trustee file: context")
        unb64(made.sums, HASH_SIZE, "trustee file: sums")
    if file.current is not None:
        polynomial_of(file.current)
        confirmed = file.current.confirmed
        if confirmed is not None:
            unb64(confirmed.transcript, HASH_SIZE, "trustee file: transcript")
            Scalar.from_bytes(unb64(confirmed.secret_share, SCALAR_SIZE, "trustee file: share"))
            Point.from_bytes(unb64(confirmed.joint_key, POINT_SIZE, "trustee file: joint key"))
