"""What travels over the committee's API about the trustees, as strict structs."""

from typing import Literal

from keys.canonical import Natural, Positive, Wire


class TrusteeKeyRequest(Wire, frozen=True):
    """The identity key that a trustee's tool shows: x-only, 32 bytes, base64url."""

    identity: str


class TrusteeKeyItem(Wire, frozen=True):
    """An account with the role of a trustee; `identity` null: its key was not told yet."""

    account: str
    name: str
    identity: str | None
    fingerprint: str


class TrusteeItem(Wire, frozen=True):
    """A trustee of the newest session. `done`: rounds of the ceremony; `canary`: the file was shown to work for the
    newest poll; `good`: contests of the poll under decryption with a good share.
    """

    number: Positive
    name: str
    identity: str
    fingerprint: str
    done: list[Literal["hashed", "committed", "shared", "confirmed"]]
    canary: bool
    good: Natural


class TrusteesAnswer(Wire, frozen=True):
    """Where the trustees stand. `waits`: the round that is due; `able`: how many files were shown to work; `wanted`:
    contests to be decrypted now, `ready`: how many trustees have given all their shares of them.
    """

    state: Literal["planned", "ceremony", "void", "ready"]
    k: Natural
    n: Natural
    attempt: Natural
    waits: Literal["hashed", "committed", "shared", "confirmed"] | None
    guilty: Positive | None
    poll: Natural
    able: Natural
    wanted: Natural
    ready: Natural
    trustees: list[TrusteeItem]
    keys: list[TrusteeKeyItem]
