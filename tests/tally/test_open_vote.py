"""Open votes of a board: signatures, quorum, majority of the attending and the casting vote (6.10.4)."""

from itertools import product
from typing import Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import canonical, schnorr
from keys.canonical import b64, unb64
from keys.errors import FormatError
from keys.transcript import Tag, digest
from tally.constitution import BoardRule
from tally.errors import OutcomeError
from tally.open_vote import (
    Choice,
    OpenVote,
    OpenVoteData,
    OpenVoteSignatureError,
    make_open_vote,
    verify_open_vote,
)
from tally.parameter import Parameter
from tally.reasoning import Conclusion, Rule
from tests.simulated.randomness import seeded

LOG = b"L" * 32
SECRET = seeded("member of the board")(32)
OTHER = seeded("another member")(32)
PRESIDENT = "c0"
CHOICES: tuple[Choice, ...] = ("for", "against", "abstain")


def board(casting: str = "president", threshold: str = "> 1/2") -> BoardRule:
    return BoardRule(
        quorum=Parameter(clause="6.10.4 quorum", value="> 1/2", readings=[]),
        threshold=Parameter(clause="6.10.4 decision", value=threshold, readings=[]),
        casting=Parameter(clause="6.10.4 casting", value=casting, readings=[]),
    )


def voted(choices: str, casting: str = PRESIDENT) -> OpenVote:
    """One letter for each member in turn: f, a, - (abstains), "." (is absent); c0 is the president."""
    state = OpenVote("budget", "board", casting, None)
    for number, letter in enumerate(choices):
        choice: dict[str, Choice] = {"f": "for", "a": "against", "-": "abstain"}
        if letter != ".":
            state = state.add(f"c{number}", choice[letter], 0, entitled=True)
    return state


def vote() -> OpenVoteData:
    return make_open_vote(LOG, "budget", "board", "for", SECRET, seeded("aux"))


# ---- the signature ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", CHOICES)
def test_an_open_vote_round_trips_and_verifies(choice: Choice) -> None:
    data = make_open_vote(LOG, "budget", "board", choice, SECRET, seeded("aux"))
    verify_open_vote(LOG, data)
    assert canonical.decode(canonical.encode(data), OpenVoteData) == data


def test_an_open_vote_is_signed_as_the_protocol_says() -> None:
    key = schnorr.public_key(SECRET)
    message = digest(Tag("es1/open-vote"), LOG, b"budget", b"board", key, b"for")
    schnorr.verify(key, message, unb64(vote().signature, 64, "signature"))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"vote": "budget-2"}, id="vote"),
        pytest.param({"electorate": "members"}, id="electorate"),
        pytest.param({"credential": b64(schnorr.public_key(OTHER))}, id="credential"),
        pytest.param({"credential": b64(b"\xff" * 32)}, id="credential that is no key"),
        pytest.param({"credential": "short"}, id="credential of another length"),
        pytest.param({"choice": "against"}, id="choice"),
        pytest.param({"signature": b64(bytes(64))}, id="signature"),
        pytest.param({"signature": "="}, id="signature that is no base64url"),
        pytest.param({"vote": "budgetb", "electorate": "oard"}, id="a letter moved between fields"),
    ],
)
def test_an_open_vote_with_one_field_changed_is_refused(changes: dict[str, str]) -> None:
    changed = msgspec.structs.replace(vote(), **changes)
    with pytest.raises(OpenVoteSignatureError, match=r"^open vote budget\S*: not signed by its credential: "):
        verify_open_vote(LOG, changed)


def test_an_open_vote_of_another_log_is_refused() -> None:
    with pytest.raises(OpenVoteSignatureError, match="not signed by its credential"):
        verify_open_vote(b"M" * 32, vote())


def test_support_of_a_petition_is_no_open_vote() -> None:
    key = schnorr.public_key(SECRET)
    message = digest(Tag.PETITION, LOG, b"budget", b"board", key, b"for")
    forged = msgspec.structs.replace(vote(), signature=b64(schnorr.sign(SECRET, message, bytes(32))))
    with pytest.raises(OpenVoteSignatureError, match="not signed by its credential"):
        verify_open_vote(LOG, forged)


@pytest.mark.parametrize("member", ["vote", "electorate", "choice"])
def test_an_open_vote_with_another_word_is_no_document(member: str) -> None:
    with pytest.raises(FormatError, match="OpenVoteData"):
        canonical.decode(canonical.encode(msgspec.structs.replace(vote(), **{member: "No Id"})), OpenVoteData)


# ---- who votes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("choice", CHOICES)
def test_a_second_vote_of_the_same_credential_is_refused_whatever_it_says(choice: Choice) -> None:
    with pytest.raises(OutcomeError, match="open vote budget: second vote: c1 has voted already"):
        voted("ff").add("c1", choice, 0, entitled=True)


def test_a_foreign_credential_is_refused() -> None:
    with pytest.raises(OutcomeError, match="budget: foreign credential: c7 is not on the roll of board"):
        voted("ff").add("c7", "for", 0, entitled=False)


def test_a_vote_after_the_end_or_the_result_is_refused() -> None:
    timed = OpenVote("budget", "board", "", 100)
    assert timed.add("c0", "for", 100, entitled=True).choices == (("c0", "for"),)
    with pytest.raises(OutcomeError, match="budget: late vote: expected at most 100, got 101"):
        timed.add("c0", "for", 101, entitled=True)
    with pytest.raises(OutcomeError, match="budget: late vote: its result stands already"):
        timed.close().add("c0", "for", 0, entitled=True)
    with pytest.raises(OutcomeError, match="open vote budget: its result stands already"):
        timed.close().close()


# ---- what is decided -------------------------------------------------------------------------------------------------

Outcome = Literal["adopted", "rejected", "no-quorum"]


@pytest.mark.parametrize(
    ("choices", "size", "outcome", "casting"),
    [
        pytest.param("fff", 6, "no-quorum", None, id="three of six attend: no majority of the listed"),
        pytest.param("fffa", 6, "adopted", None, id="four of six attend, three for"),
        pytest.param("fff..", 5, "adopted", None, id="three of five attend"),
        pytest.param("", 1, "no-quorum", None, id="nobody attends"),
        pytest.param("ff--", 4, "rejected", None, id="half of the attending is no majority: abstaining attends"),
        pytest.param("f-a-a", 5, "rejected", None, id="more against than for"),
        pytest.param("ff-", 3, "adopted", None, id="two of three attending"),
        pytest.param("fa", 2, "adopted", ["for"], id="equal, the president is for"),
        pytest.param("af", 2, "rejected", ["against"], id="equal, the president is against"),
        pytest.param("fffaaa", 6, "adopted", ["for"], id="three to three, the president is for"),
        pytest.param("ffaa-", 5, "adopted", ["for"], id="two to two, one abstains: three of five attending"),
        pytest.param(
            "fa--", 4, "rejected", ["for"], id="one to one, two abstain: two of four attending is no majority"
        ),
        pytest.param("-fa", 3, "rejected", [], id="equal, the president abstains"),
        pytest.param(".fa", 3, "rejected", [], id="equal, the president is absent"),
        pytest.param("---", 3, "rejected", [], id="all abstain: equal, and nothing counts twice"),
        pytest.param("faa", 3, "rejected", None, id="one vote fewer is not equal: the casting vote does not help"),
    ],
)
def test_a_decision_of_the_board(choices: str, size: int, outcome: Outcome, casting: list[str] | None) -> None:
    verdict = voted(choices).result(size, board())
    assert verdict.outcome == outcome
    assert [step.names for step in verdict.steps if step.conclusion == Conclusion.CASTING_VOTE] == (
        [] if casting is None else [casting]
    )


def test_every_step_names_its_clause_and_its_numbers() -> None:
    verdict = voted("ffaa-").result(7, board())
    assert [(step.clause, step.inputs, step.comparison, step.holds, step.conclusion) for step in verdict.steps] == [
        ("6.10.4 quorum", {"attending": 5, "size": 7}, "2 * 5 > 1 * 7", True, Conclusion.QUORATE),
        ("6.10.4 casting", {"for": 2, "against": 2}, "2 == 2", True, Conclusion.CASTING_VOTE),
        ("6.10.4 decision", {"for": 3, "against": 2, "attending": 5}, "2 * 3 > 1 * 5", True, Conclusion.ADOPTED),
    ]
    assert all(
        (step.rule, step.contest, step.grounds) == (Rule.OPEN_VOTE, "budget", ["vote:budget"]) for step in verdict.steps
    )
    assert (verdict.votes_for, verdict.against, verdict.attending) == (3, 2, 5)


def test_without_quorum_nothing_is_counted() -> None:
    (step,) = voted("ff").result(4, board()).steps
    assert (step.comparison, step.holds, step.conclusion) == ("2 * 2 > 1 * 4", False, Conclusion.NOT_QUORATE)


@pytest.mark.parametrize(
    ("casting", "rule"),
    [
        pytest.param("", board(), id="nobody holds it"),
        pytest.param(PRESIDENT, board(casting=""), id="the rules have none"),
    ],
)
def test_without_a_casting_vote_equal_votes_reject(casting: str, rule: BoardRule) -> None:
    assert voted("fa", casting).result(2, rule).outcome == "rejected"


@pytest.mark.parametrize(("choices", "size"), [("", 0), ("fff", 2)])
def test_a_board_that_cannot_hold_the_voters_is_refused(choices: str, size: int) -> None:
    with pytest.raises(OutcomeError, match=f"budget: size: expected at least {max(1, len(choices))}, got {size}"):
        voted(choices).result(size, board())


def test_every_vote_of_up_to_five_members_agrees_with_the_clause() -> None:
    """6.10.4 written out: quorum of the listed; more than half of the attending; the president twice if equal."""
    for members in range(1, 6):
        for letters in product("fa-.", repeat=members):
            present = [letter for letter in letters if letter != "."]
            for_, against = present.count("f"), present.count("a")
            if for_ == against and letters[0] == "f":
                for_ += 1
            expected = "adopted" if len(present) < 2 * for_ else "rejected"
            if len(present) <= members - len(present):
                expected = "no-quorum"
            assert voted("".join(letters)).result(members, board()).outcome == expected, letters


@given(st.permutations("ffaa-."))
def test_the_order_of_votes_does_not_matter(order: list[str]) -> None:
    votes: dict[str, Choice] = {"c0": "for", "c1": "for", "c2": "against", "c3": "against", "c4": "abstain"}
    names = sorted(votes, key=lambda name: order.index("ffaa-"[int(name[1])]))
    state = OpenVote("budget", "board", PRESIDENT, None)
    for name in names:
        state = state.add(name, votes[name], 0, entitled=True)
    assert state.result(6, board()) == voted("ffaa-").result(6, board())
