"""Open votes of a board: quorum, majority of the attending, casting vote (IBSU 6.10.4).

Open because of the casting vote: a vote that counts twice could be told from the count. Whoever votes, or abstains,
attends. Where as many are for as against, the holder of the casting vote has two votes; the number of those attending
stays what it is.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from keys import schnorr
from keys.canonical import Id, Wire, b64, unb64
from keys.errors import DataError
from keys.transcript import Tag, digest
from tally.constitution import BoardRule
from tally.errors import OutcomeError, TallyError
from tally.reasoning import Conclusion, Rule, Step
from tally.threshold import Threshold

Choice = Literal["for", "against", "abstain"]


class OpenVoteSignatureError(TallyError):
    """An open vote that the holder of its credential did not sign."""

    code = "signature-invalid"


class OpenVoteData(Wire, frozen=True):
    """`vote.open`: one member's vote, for everybody to see (docs/protocol.md §9).

    vote        id of the open vote, as the decision that began it names it
    electorate  id of the board's electorate
    credential  base64url of the 32-byte key that votes
    choice      "abstain" attends without being for or against
    signature   by that key over H("es1/open-vote", log id, vote, electorate, credential, choice)
    """

    vote: Id
    electorate: Id
    credential: str
    choice: Choice
    signature: str


def make_open_vote(
    log_id: bytes, vote: str, electorate: str, choice: Choice, secret: bytes, random: Callable[[int], bytes]
) -> OpenVoteData:
    """Vote openly with the 32-byte secret key of a credential."""
    credential = schnorr.public_key(secret)
    signature = schnorr.sign(secret, _message(log_id, vote, electorate, credential, choice), random(32))
    return OpenVoteData(
        vote=vote, electorate=electorate, credential=b64(credential), choice=choice, signature=b64(signature)
    )


def verify_open_vote(log_id: bytes, data: OpenVoteData) -> None:
    """Check that the credential signed; raises OpenVoteSignatureError. Whether it is entitled, the roll says."""
    try:
        credential = unb64(data.credential, schnorr.KEY_SIZE, "credential")
        signature = unb64(data.signature, schnorr.SIGNATURE_SIZE, "signature")
        message = _message(log_id, data.vote, data.electorate, credential, data.choice)
        schnorr.verify(credential, message, signature)
    except DataError as error:
        raise OpenVoteSignatureError(f"open vote {data.vote}: not signed by its credential: {error}") from error


def _message(log_id: bytes, vote: str, electorate: str, credential: bytes, choice: str) -> bytes:
    return digest(Tag.OPEN_VOTE, log_id, vote.encode(), electorate.encode(), credential, choice.encode())


@dataclass(frozen=True, slots=True)
class OpenVoteVerdict:
    """What the board has decided. `votes_for`, `against`: as they count, the casting vote included."""

    outcome: Literal["adopted", "rejected", "no-quorum"]
    votes_for: int
    against: int
    attending: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class OpenVote:
    """One open vote as it stands in the log.

    vote, electorate are ids. `casting`: the credential on the roll that has two votes where votes are equal, "" for
    none. `until`: the last second in which a vote counts, POSIX; None: until it is closed. `choices`: (credential on
    the roll, choice) in the order of the log.
    """

    vote: str
    electorate: str
    casting: str
    until: int | None
    choices: tuple[tuple[str, Choice], ...] = ()
    closed: bool = False

    def add(self, credential: str, choice: Choice, time: int, *, entitled: bool) -> "OpenVote":
        """Count one vote at `time`.

        `credential` is the one on the roll that the signing credential stands for, read through replacements;
        `entitled`: whether it is on the roll of `electorate` at all. Raises OutcomeError for a late or foreign vote and
        for a second one, whatever its choice: votes are not changed.
        """
        if self.closed:
            raise OutcomeError(f"open vote {self.vote}: late vote: its result stands already")
        if self.until is not None and time > self.until:
            raise OutcomeError(f"open vote {self.vote}: late vote: expected at most {self.until}, got {time}")
        if not entitled:
            raise OutcomeError(
                f"open vote {self.vote}: foreign credential: {credential} is not on the roll of {self.electorate}"
            )
        if any(credential == voter for voter, _ in self.choices):
            raise OutcomeError(f"open vote {self.vote}: second vote: {credential} has voted already")
        return replace(self, choices=(*self.choices, (credential, choice)))

    def close(self) -> "OpenVote":
        """The vote with its result standing; raises OutcomeError if it stood before."""
        if self.closed:
            raise OutcomeError(f"open vote {self.vote}: its result stands already")
        return replace(self, closed=True)

    def result(self, size: int, rule: BoardRule) -> OpenVoteVerdict:
        """Judge the votes: `size` credentials are listed. Raises OutcomeError if the board cannot hold the voters."""
        attending = len(self.choices)
        if size < max(1, attending):
            raise OutcomeError(f"open vote {self.vote}: size: expected at least {max(1, attending)}, got {size}")
        quorum = Threshold.parse(rule.quorum.value)
        quorate = quorum.holds(attending, size)
        steps = [
            self._step(
                rule.quorum.clause,
                {"attending": attending, "size": size},
                quorum.comparison(attending, size),
                holds=quorate,
                conclusion=Conclusion.QUORATE if quorate else Conclusion.NOT_QUORATE,
            )
        ]
        votes_for, against = self._count("for"), self._count("against")
        if not quorate:
            return OpenVoteVerdict("no-quorum", votes_for, against, attending, tuple(steps))
        if rule.casting.value and votes_for == against:
            twice = self._casting_choice()
            steps.append(self._casting_step(rule.casting.clause, votes_for, against, twice))
            votes_for, against = votes_for + twice.count("for"), against + twice.count("against")
        threshold = Threshold.parse(rule.threshold.value)
        adopted = threshold.holds(votes_for, attending)
        steps.append(
            self._step(
                rule.threshold.clause,
                {"against": against, "attending": attending, "for": votes_for},
                threshold.comparison(votes_for, attending),
                holds=adopted,
                conclusion=Conclusion.ADOPTED if adopted else Conclusion.REJECTED,
            )
        )
        return OpenVoteVerdict("adopted" if adopted else "rejected", votes_for, against, attending, tuple(steps))

    def _count(self, wanted: Choice) -> int:
        return sum(choice == wanted for _, choice in self.choices)

    def _casting_choice(self) -> list[str]:
        """What counts twice: the choice of the casting vote's holder, nothing if they abstain, are absent or nobody."""
        return [choice for voter, choice in self.choices if voter == self.casting and choice != "abstain"]

    def _casting_step(self, clause: str, votes_for: int, against: int, twice: list[str]) -> Step:
        return self._step(
            clause,
            {"against": against, "for": votes_for},
            f"{votes_for} == {against}",
            holds=True,
            conclusion=Conclusion.CASTING_VOTE,
            names=twice,
        )

    def _step(
        self,
        clause: str,
        inputs: dict[str, int],
        comparison: str,
        *,
        holds: bool,
        conclusion: Conclusion,
        names: list[str] | None = None,
    ) -> Step:
        return Step(
            contest=self.vote,
            rule=Rule.OPEN_VOTE,
            clause=clause,
            inputs=inputs,
            comparison=comparison,
            holds=holds,
            conclusion=conclusion,
            names=names or [],
            grounds=[f"vote:{self.vote}"],
        )
