"""Two programs read one protocol: the same bytes, trackers and challenges in Python and TypeScript (A91)."""

import random as pseudorandom
from collections.abc import Callable, Iterator

import pytest

from ballot.ballot import BallotData, load_ballot, owner_of, tracker_of
from ballot.contest import ContestRules
from ballot.encryption import coins, make_body, sign_ballot
from ballot.parsed import parse_body
from ballot.token import SpendableToken
from ballot.verification import verify_ballots
from keys.canonical import encode
from keys.curve import ORDER
from tests.booth.harness import Booth, BoothRefusalError
from tests.scale import scaled
from tests.simulated.randomness import seeded
from tests.strategies import make_contest, make_token

BALLOTS = scaled(1000, 200)
BALLOTS_PER_CONTEST = 10


def shapes(dice: pseudorandom.Random) -> Iterator[tuple[int, int, int, int | None]]:
    """Options, min, max, blank's place: mostly as in elections, with the borders among them."""
    yield from [(1, 0, 1, None), (1, 1, 1, 0), (6, 0, 6, None), (6, 6, 6, None), (2, 1, 1, 1), (40, 1, 32, 39)]
    while True:
        options = dice.choice([1, 2, 2, 2, 3, 3, 5])
        high = dice.randint(1, min(options, 3))
        blank = dice.choice([None, dice.randrange(options)])
        low = dice.randint(0 if blank is None else 1, high)
        yield options, low, high, blank


def any_vote(contest: ContestRules, dice: pseudorandom.Random) -> list[int]:
    """A vote that the contest allows."""
    blank = next((i for i, option in enumerate(contest.document.options) if option.blank), None)
    if blank is not None and (contest.options == 1 or dice.random() < 0.2):
        return [int(i == blank) for i in range(contest.options)]
    names = [i for i in range(contest.options) if i != blank]
    if len(names) < contest.document.min:
        return [int(i == blank) for i in range(contest.options)]
    chosen = dice.sample(names, dice.randint(contest.document.min, min(contest.document.max, len(names))))
    return [int(i in chosen) for i in range(contest.options)]


@pytest.mark.slow
def test_a_thousand_random_ballots_are_the_same_bytes_and_verdicts_in_both(booth: Booth) -> None:
    """A91: Python-made ballots verify in TypeScript and are made again byte for byte; those verify in Python."""
    dice = pseudorandom.Random(91)
    random = seeded("A91")
    made_by_booth: list[tuple[ContestRules, BallotData]] = []
    for number, shape in enumerate(shapes(dice)):
        if len(made_by_booth) >= BALLOTS:
            break
        options, low, high, blank = shape
        contest = make_contest(options, low, high, blank=blank, contest=f"contest-{number}")
        token = make_token(contest, random)
        votes = [any_vote(contest, dice) for _ in range(1 if options > 10 else BALLOTS_PER_CONTEST)]
        made_by_booth += [(contest, compare_ballot(booth, contest, token, vote, random)) for vote in votes]
    assert verify_ballots(made_by_booth, random) == [None] * len(made_by_booth)


def compare_ballot(
    booth: Booth,
    contest: ContestRules,
    token: SpendableToken,
    vote: list[int],
    random: Callable[[int], bytes],
) -> BallotData:
    """One ballot made by both; the booth's."""
    seed, t, aux = random(32), random(32), random(32)
    body = make_body(contest, owner_of(token.key, t), vote, seed)
    python = sign_ballot(contest, token, t, body, seed, lambda _: aux)
    secrets = {"secret": token.secret.hex(), "prepared": token.prepared.hex(), "sig": token.signature.hex()}
    document = contest.raw.decode()
    typescript = bytes.fromhex(
        booth.call("make_ballot", contest=document, vote=vote, token=secrets, t=t.hex(), s=seed.hex(), aux=aux.hex())
    )
    assert typescript == encode(python.data)
    verdict = booth.call("verify", contest=document, request=encode(python.data).hex())
    assert verdict["tracker"] == tracker_of(body).hex() == python.tracker.hex()
    assert verdict["challenge"] == challenge_of(contest, python.data)
    return load_ballot(typescript)


def challenge_of(contest: ContestRules, data: BallotData) -> str:
    """e of a ballot, from the challenges that Python completed."""
    proof = parse_body(contest, data.body).proofs[0]
    return f"{sum(proof.challenges) % ORDER:064x}"


@pytest.mark.parametrize(
    "vote", [[0, 0, 0], [1, 1, 1], [1, 0, 1], [1, 0]], ids=["none", "all", "blank and one", "short"]
)
def test_a_vote_that_the_contest_does_not_allow_is_never_encrypted(booth: Booth, vote: list[int]) -> None:
    contest = make_contest(3, 1, 2, blank=2)
    with pytest.raises(BoothRefusalError, match="vote: malformed"):
        booth.call("make_body", contest=contest.raw.decode(), vote=vote, s=bytes(32).hex(), owner=bytes(32).hex())


def test_degenerate_draws_are_refused_and_drawn_again(booth: Booth) -> None:
    """A08: the coins that would make an identity, a zero or an equal A end in a new s, not in a ballot."""
    contest = make_contest(3, 0, 2)
    vote = [1, 0, 0]
    seed, owner = bytes(32), bytes(32)
    equal = coin_value(contest, seed, owner, vote, "r/1")
    coins = {"r/0": "0", "w/1": "0", "z/0/0": "0", "c/2/1": "0", "r/2": str(equal)}
    result = booth.call("unlucky", contest=contest.raw.decode(), vote=vote, s=seed.hex(), coins=coins)
    assert result["verdicts"] != [None] * 5
    assert all(verdict == "draw" for verdict in result["verdicts"])
    assert result["draws"] == 3


def coin_value(contest: ContestRules, seed: bytes, owner: bytes, vote: list[int], label: str) -> int:
    return coins(seed, contest.context, owner, vote)(label).value
