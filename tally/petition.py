"""Petitions: support signed by members of a roll, counted against a threshold (IBSU 6.8.4e, 6.9.3, 6.10.4; ATU 3.1).

One rule, four uses: ten founders, a fifth of the members for a nomination, a quarter of the members or seven tenths of
the board for an extraordinary meeting. Support is public: the log shows who supports what.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from keys import schnorr
from keys.canonical import Id, Wire, b64, unb64
from keys.errors import DataError
from keys.transcript import Tag, digest
from tally.constitution import PetitionRule
from tally.errors import OutcomeError, TallyError
from tally.reasoning import Conclusion, Rule, Step
from tally.threshold import Threshold


class PetitionSignatureError(TallyError):
    """Support that the holder of its credential did not sign."""

    code = "signature-invalid"


class PetitionData(Wire, frozen=True):
    """`petition`: one credential supports one petition (docs/protocol.md §9).

    petition    id of the petition, as the decision that opened it names it
    electorate  id of the electorate whose credentials may support it
    credential  base64url of the 32-byte key that supports
    signature   by that key over H("es1/petition", log id, petition, electorate, credential)
    """

    petition: Id
    electorate: Id
    credential: str
    signature: str


def make_support(
    log_id: bytes, petition: str, electorate: str, secret: bytes, random: Callable[[int], bytes]
) -> PetitionData:
    """Support a petition with the 32-byte secret key of a credential."""
    credential = schnorr.public_key(secret)
    signature = schnorr.sign(secret, _message(log_id, petition, electorate, credential), random(32))
    return PetitionData(petition=petition, electorate=electorate, credential=b64(credential), signature=b64(signature))


def verify_support(log_id: bytes, data: PetitionData) -> None:
    """Check that the credential signed; raises PetitionSignatureError. Whether it is entitled, the roll says."""
    try:
        credential = unb64(data.credential, schnorr.KEY_SIZE, "credential")
        signature = unb64(data.signature, schnorr.SIGNATURE_SIZE, "signature")
        schnorr.verify(credential, _message(log_id, data.petition, data.electorate, credential), signature)
    except DataError as error:
        raise PetitionSignatureError(f"petition {data.petition}: not signed by its credential: {error}") from error


def _message(log_id: bytes, petition: str, electorate: str, credential: bytes) -> bytes:
    return digest(Tag.PETITION, log_id, petition.encode(), electorate.encode(), credential)


@dataclass(frozen=True, slots=True)
class PetitionVerdict:
    """Whether a petition has enough support, and why."""

    supported: bool
    supporters: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Petition:
    """One petition as it stands in the log.

    petition, electorate are ids. `until`: the last second in which support counts, POSIX; None: until it is closed.
    `supporters`: places on the roll, each by its first credential, so that a replaced credential does not count twice.
    """

    petition: str
    electorate: str
    until: int | None
    supporters: frozenset[str] = frozenset()
    closed: bool = False

    def add(self, credential: str, time: int, *, entitled: bool) -> "Petition":
        """Count one supporter at `time`.

        `credential` is the one on the roll that the signing credential stands for, read through replacements;
        `entitled`: whether it is on the roll of `electorate` at all. Raises OutcomeError for late, foreign and double
        support.
        """
        if self.closed:
            raise OutcomeError(f"petition {self.petition}: late support: its result stands already")
        if self.until is not None and time > self.until:
            raise OutcomeError(f"petition {self.petition}: late support: expected at most {self.until}, got {time}")
        if not entitled:
            raise OutcomeError(
                f"petition {self.petition}: foreign credential: {credential} is not on the roll of {self.electorate}"
            )
        if credential in self.supporters:
            raise OutcomeError(f"petition {self.petition}: double support: {credential} has supported it already")
        return replace(self, supporters=self.supporters | {credential})

    def close(self) -> "Petition":
        """The petition with its result standing; raises OutcomeError if it stood before."""
        if self.closed:
            raise OutcomeError(f"petition {self.petition}: its result stands already")
        return replace(self, closed=True)

    def result(self, size: int, rule: PetitionRule) -> PetitionVerdict:
        """Compare the support with the rule: `size` credentials are on the roll.

        A share and a minimum must both be reached; a rule with neither asks for one supporter. Raises OutcomeError for
        a roll that cannot hold the supporters.
        """
        count = len(self.supporters)
        if size < max(1, count):
            raise OutcomeError(f"petition {self.petition}: size: expected at least {max(1, count)}, got {size}")
        steps = []
        if rule.share is not None:
            share = Threshold.parse(rule.share.value)
            comparison = share.comparison(count, size)
            steps.append(self._step(rule.share.clause, {"size": size}, comparison, holds=share.holds(count, size)))
        if rule.minimum.value or rule.share is None:
            minimum = max(1, rule.minimum.value)
            holds = count >= minimum
            steps.append(self._step(rule.minimum.clause, {"minimum": minimum}, f"{count} >= {minimum}", holds=holds))
        return PetitionVerdict(all(step.holds for step in steps), count, tuple(steps))

    def _step(self, clause: str, inputs: dict[str, int], comparison: str, *, holds: bool) -> Step:
        return Step(
            contest=self.petition,
            rule=Rule.PETITION,
            clause=clause,
            inputs={"supporters": len(self.supporters), **inputs},
            comparison=comparison,
            holds=holds,
            conclusion=Conclusion.SUPPORTED if holds else Conclusion.NOT_SUPPORTED,
            names=[],
            grounds=[f"petition:{self.petition}"],
        )
