"""The trustees' k-of-n key, made together (docs/protocol.md §3): one module per step.

``session`` who takes part · ``messages`` wire data and signatures · ``commitment``, ``share``, ``confirmation``,
``complaint``, ``canary`` the steps as make/verify pairs · ``ceremony`` the whole as anybody follows it ·
``file`` what a trustee keeps · ``tool`` what a trustee does next.
"""

from keys.trustee.ceremony import Ceremony, JointKey, Stage, verify_ceremony
from keys.trustee.errors import CeremonyError, TrusteeProofError
from keys.trustee.messages import (
    CanaryData,
    Commitment,
    CommittedData,
    ComplainedData,
    ConfirmedData,
    HashedData,
    SealedShare,
    SharedData,
    StepData,
    TrusteeMessage,
)
from keys.trustee.session import MAX_TRUSTEES, TrusteeSession

__all__ = [
    "MAX_TRUSTEES",
    "CanaryData",
    "Ceremony",
    "CeremonyError",
    "Commitment",
    "CommittedData",
    "ComplainedData",
    "ConfirmedData",
    "HashedData",
    "JointKey",
    "SealedShare",
    "SharedData",
    "Stage",
    "StepData",
    "TrusteeMessage",
    "TrusteeProofError",
    "TrusteeSession",
    "verify_ceremony",
]
