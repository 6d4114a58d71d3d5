"""Instead of confirming: a complaint that anyone can judge (docs/protocol.md §3.3).

The complainant publishes its HPKE secret of this session. That opens the share in question for everybody, and harms
nobody: the session is void, and the next has fresh keys and polynomials.
"""

from __future__ import annotations

from collections.abc import Callable

from keys import hpke
from keys.canonical import b64, unb64
from keys.trustee.commitment import commitment_points
from keys.trustee.errors import CeremonyError, TrusteeProofError
from keys.trustee.messages import ComplainedData, SharedData, TrusteeMessage, sign_step, verify_step
from keys.trustee.session import TrusteeSession
from keys.trustee.share import open_share, verify_share


def make_complained(
    session: TrusteeSession,
    i: int,
    against: int,
    hpke_secret: bytes,
    identity_secret: bytes,
    random: Callable[[int], bytes],
) -> ComplainedData:
    """The data of ``trustee.complained`` of trustee i against the dealer of a bad share."""
    data = ComplainedData(session=b64(session.id), i=i, against=against, secret=b64(hpke_secret), signature="")
    return sign_step(session, data, identity_secret, random)


def verify_complained(session: TrusteeSession, data: ComplainedData) -> None:
    """Check sender, signature and form; who is at fault says ``judge_complaint``."""
    session.identity(data.against)
    if data.against == data.i:
        message = f"trustee {data.i}: complains against itself"
        raise CeremonyError(message)
    unb64(data.secret, hpke.KEY_SIZE, f"trustee {data.i}: secret")
    verify_step(session, data)


def judge_complaint(
    session: TrusteeSession,
    complainant: TrusteeMessage,
    dealer: TrusteeMessage,
    shared: SharedData,
    data: ComplainedData,
) -> int:
    """The number of the trustee at fault: the dealer if its share does not open or match, else who complained.

    ``complainant`` and ``dealer`` are the committed messages of data.i and data.against, ``shared`` the dealer's
    shares. A secret that does not belong to the complainant's HPKE key is the complainant's fault.
    """
    if (complainant.i, dealer.i, shared.i) != (data.i, data.against, data.against):
        message = f"complaint of trustee {data.i} against {data.against}: given the messages of other trustees"
        raise CeremonyError(message)
    secret = unb64(data.secret, hpke.KEY_SIZE, "secret")
    if b64(hpke.public_key(secret)) != complainant.hpke:
        return data.i
    try:
        share = open_share(session, shared, data.i, secret)
        verify_share(data.against, commitment_points(dealer), data.i, share)
    except TrusteeProofError:
        return data.against
    return data.i
