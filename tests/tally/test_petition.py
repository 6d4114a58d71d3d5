"""Petitions: signed support, each rule at its border, and support that does not count (6.8.4e, 6.9.3; ATU 3.1)."""

from functools import reduce

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import canonical, schnorr
from keys.canonical import b64, unb64
from keys.errors import FormatError
from keys.transcript import Tag, digest
from tally.constitution import PetitionRule
from tally.errors import OutcomeError
from tally.parameter import Parameter
from tally.petition import Petition, PetitionData, PetitionSignatureError, make_support, verify_support
from tally.reasoning import Conclusion, Rule
from tests.simulated.randomness import seeded

LOG = b"L" * 32
SECRET = seeded("supporter")(32)
OTHER = seeded("another supporter")(32)
UNTIL = 1_800_000_000
OPEN = Petition("recall-2026", "members", UNTIL)


def rule(identity: str, clause: str, share: str | None, minimum: int = 0) -> PetitionRule:
    return PetitionRule(
        id=identity,
        clause=clause,
        share=None if share is None else Parameter(clause=clause, value=share, readings=[]),
        minimum=Parameter(clause=clause, value=minimum, readings=[]),
    )


FOUNDING = rule("founding", "ATU 3.1", None, 10)
NOMINATION = rule("nomination", "6.9.3", ">= 1/5")
MEETING = rule("extraordinary-meeting", "6.8.4e", ">= 1/4")
BOARD_MEETING = rule("extraordinary-meeting-board", "6.10.4", ">= 7/10")


def supported_by(count: int, petition: Petition = OPEN) -> Petition:
    return reduce(lambda state, number: state.add(f"c{number}", UNTIL, entitled=True), range(count), petition)


def support() -> PetitionData:
    return make_support(LOG, "recall-2026", "members", SECRET, seeded("aux"))


# ---- the signature ---------------------------------------------------------------------------------------------------


def test_support_round_trips_and_verifies() -> None:
    data = support()
    verify_support(LOG, data)
    assert canonical.decode(canonical.encode(data), PetitionData) == data
    assert unb64(data.credential, 32, "credential") == schnorr.public_key(SECRET)


def test_support_is_signed_as_the_protocol_says() -> None:
    key = schnorr.public_key(SECRET)
    message = digest(Tag("es1/petition"), LOG, b"recall-2026", b"members", key)
    schnorr.verify(key, message, unb64(support().signature, 64, "signature"))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"petition": "recall-2027"}, id="petition"),
        pytest.param({"electorate": "board"}, id="electorate"),
        pytest.param({"credential": b64(schnorr.public_key(OTHER))}, id="credential"),
        pytest.param({"credential": b64(b"\xff" * 32)}, id="credential that is no key"),
        pytest.param({"credential": "short"}, id="credential of another length"),
        pytest.param({"signature": b64(bytes(64))}, id="signature"),
        pytest.param({"signature": "="}, id="signature that is no base64url"),
        pytest.param({"petition": "recall-2026m", "electorate": "embers"}, id="a letter moved between fields"),
    ],
)
def test_support_with_one_field_changed_is_refused(changes: dict[str, str]) -> None:
    changed = msgspec.structs.replace(support(), **changes)
    with pytest.raises(PetitionSignatureError, match=r"^petition recall-202\S*: not signed by its credential: "):
        verify_support(LOG, changed)


def test_support_of_another_log_is_refused() -> None:
    with pytest.raises(PetitionSignatureError, match="not signed by its credential"):
        verify_support(b"M" * 32, support())


@pytest.mark.parametrize("member", ["petition", "electorate"])
def test_support_with_something_that_is_no_id_is_no_document(member: str) -> None:
    with pytest.raises(FormatError, match="PetitionData"):
        canonical.decode(canonical.encode(msgspec.structs.replace(support(), **{member: "No Id"})), PetitionData)


# ---- who counts ------------------------------------------------------------------------------------------------------


def test_double_support_is_refused() -> None:
    with pytest.raises(OutcomeError, match="petition recall-2026: double support: c0 has supported it already"):
        supported_by(1).add("c0", UNTIL, entitled=True)


def test_a_foreign_credential_is_refused() -> None:
    with pytest.raises(OutcomeError, match="recall-2026: foreign credential: c0 is not on the roll of members"):
        OPEN.add("c0", 0, entitled=False)


def test_support_in_the_last_second_counts_and_later_support_is_refused() -> None:
    assert OPEN.add("c0", UNTIL, entitled=True).supporters == {"c0"}
    with pytest.raises(OutcomeError, match=f"late support: expected at most {UNTIL}, got {UNTIL + 1}"):
        OPEN.add("c0", UNTIL + 1, entitled=True)


def test_support_after_the_result_is_refused_though_the_time_is_not_over() -> None:
    with pytest.raises(OutcomeError, match="petition recall-2026: late support: its result stands already"):
        supported_by(3).close().add("c3", 0, entitled=True)


def test_a_petition_without_an_end_is_open_until_its_result() -> None:
    assert Petition("p", "members", None).add("c0", 2**40, entitled=True).supporters == {"c0"}


def test_a_result_stands_once() -> None:
    with pytest.raises(OutcomeError, match="petition recall-2026: its result stands already"):
        OPEN.close().close()


def test_a_refused_support_leaves_the_petition_as_it_was() -> None:
    before = supported_by(2)
    with pytest.raises(OutcomeError, match="double support"):
        before.add("c1", 0, entitled=True)
    assert before == supported_by(2)


# ---- what is enough --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "count", "size", "supported", "comparison"),
    [
        pytest.param(FOUNDING, 9, 400, False, "9 >= 10", id="nine founders are not enough"),
        pytest.param(FOUNDING, 10, 400, True, "10 >= 10", id="ten founders are"),
        pytest.param(NOMINATION, 3, 16, False, "5 * 3 >= 1 * 16", id="a nomination: three of sixteen"),
        pytest.param(NOMINATION, 3, 15, True, "5 * 3 >= 1 * 15", id="a nomination: three of fifteen"),
        pytest.param(MEETING, 2, 9, False, "4 * 2 >= 1 * 9", id="a meeting: two of nine members"),
        pytest.param(MEETING, 2, 8, True, "4 * 2 >= 1 * 8", id="a meeting: two of eight members"),
        pytest.param(BOARD_MEETING, 4, 6, False, "10 * 4 >= 7 * 6", id="a meeting: four of a board of six"),
        pytest.param(BOARD_MEETING, 7, 10, True, "10 * 7 >= 7 * 10", id="a meeting: seven of a board of ten"),
        pytest.param(MEETING, 0, 1, False, "4 * 0 >= 1 * 1", id="nobody supports it"),
        pytest.param(rule("any", "silent", None), 0, 5, False, "0 >= 1", id="without a rule: nobody"),
        pytest.param(rule("any", "silent", None), 1, 5, True, "1 >= 1", id="without a rule: one is enough"),
    ],
)
def test_a_threshold_at_its_border(kind: PetitionRule, count: int, size: int, supported: bool, comparison: str) -> None:
    verdict = supported_by(count).result(size, kind)
    (step,) = verdict.steps
    assert (verdict.supported, verdict.supporters) == (supported, count)
    assert (step.rule, step.clause, step.contest) == (Rule.PETITION, kind.clause, "recall-2026")
    assert (step.comparison, step.holds) == (comparison, supported)
    assert step.conclusion == (Conclusion.SUPPORTED if supported else Conclusion.NOT_SUPPORTED)
    assert step.inputs["supporters"] == count
    assert step.grounds == ["petition:recall-2026"]


@pytest.mark.parametrize(
    ("count", "size", "holds"), [(9, 20, [True, False]), (10, 60, [False, True]), (10, 50, [True] * 2)]
)
def test_a_share_and_a_minimum_must_both_be_reached(count: int, size: int, holds: list[bool]) -> None:
    verdict = supported_by(count).result(size, rule("both", "x", ">= 1/5", 10))
    assert [step.holds for step in verdict.steps] == holds
    assert verdict.supported is all(holds)


@pytest.mark.parametrize(("count", "size"), [(0, 0), (3, 2)])
def test_a_roll_that_cannot_hold_the_supporters_is_refused(count: int, size: int) -> None:
    with pytest.raises(OutcomeError, match=f"recall-2026: size: expected at least {max(1, count)}, got {size}"):
        supported_by(count).result(size, MEETING)


@given(st.lists(st.sampled_from("abcdef"), unique=True, max_size=6), st.data())
def test_the_order_of_support_does_not_matter(credentials: list[str], data: st.DataObject) -> None:
    def collected(order: list[str]) -> Petition:
        return reduce(lambda state, name: state.add(name, 0, entitled=True), order, OPEN)

    shuffled = data.draw(st.permutations(credentials))
    assert collected(credentials) == collected(shuffled)


@given(st.integers(0, 30), st.integers(1, 60), st.sampled_from([FOUNDING, NOMINATION, MEETING, BOARD_MEETING]))
def test_one_more_supporter_never_takes_support_away(count: int, size: int, kind: PetitionRule) -> None:
    if count < size:
        fewer, more = (supported_by(number).result(size, kind).supported for number in (count, count + 1))
        assert more or not fewer
