"""Where acts of the law may stand, and whose they are: a service that logs them all the same is found out."""

from collections.abc import Callable
from hashlib import sha256

import pytest

from audit.entries import AnnulledData, CertifiedData, ResolutionData, parse_time
from audit.source import MemorySource
from audit.verify import verify_log
from keys.canonical import b64
from tally.complaint import make_complaint
from tally.open_vote import make_open_vote
from tally.petition import make_support
from tests.simulated.builders import Signer, make_replacement, make_signer
from tests.simulated.malice import Copy, Json
from tests.simulated.published import whole
from tests.simulator import ContestPlan, Election, Plan, set_up, simulate

HEAD = ContestPlan("head", ("ana", "ana", "beka", "blank"))
UNTIL = "2026-10-06T00:00:00Z"


def found(files: dict[str, bytes], log_id: bytes) -> list[tuple[str, str]]:
    report = verify_log(MemorySource(files), log_id=log_id)
    return [(failure.check, failure.reason) for failure in report.failures]


def of(election: Election) -> list[tuple[str, str]]:
    return found(election.log.files(), election.log_id)


def declared() -> Election:
    """One poll, declared, with an hour for complaints."""
    election = set_up(Plan((HEAD,), complaints=3600, seed="order"))
    election.vote()
    election.close()
    election.tally()
    election.declare()
    return election


# ---- order -----------------------------------------------------------------------------------------------------------


def test_rules_are_frozen_from_the_first_opening_on() -> None:
    election = simulate(Plan((HEAD,), seed="frozen"))
    assert of(election) == []
    reading = election.plan.resolutions[0]
    election.act("resolution", ResolutionData, clause=reading.clause, reading=reading.reading)
    assert of(election) == [("entries", "resolution: too late: the rules are frozen from the first poll.opened on")]


def test_a_reading_that_is_none_and_a_clause_that_is_clear() -> None:
    election = Election(Plan((HEAD,), seed="readings"))
    election.open_log()
    election.ceremony()
    clause = election.plan.resolutions[0].clause
    election.act("resolution", ResolutionData, clause=clause, reading="sideways")
    election.act("resolution", ResolutionData, clause="6.5.5 members_vote", reading="heads")
    (first, second) = of(election)
    assert first[0] == second[0] == "result"
    assert "expected one of" in first[1]
    assert "expected a clause that is ambiguous here" in second[1]


def test_a_poll_opens_when_the_one_before_is_certified_or_annulled() -> None:
    entries = whole().plain()
    certified = whole().first("result.certified")
    prepared = whole().first("contest", lambda data: data["poll"] == 2)
    del entries[certified:prepared]
    reasons = [reason for check, reason in found(whole().rewritten(entries), whole().log_id) if check == "entries"]
    assert "poll.opened: poll 1 is neither certified nor annulled yet" in reasons


@pytest.mark.parametrize(("wait", "answer", "reason"), [
    (0, True, "complaints are heard for"),
    (3600, False, "is not answered yet"),
    (3600, True, None),
])  # fmt: skip
def test_certified_after_the_time_for_complaints_and_their_answers(wait: int, answer: bool, reason: str | None) -> None:
    election = declared()
    complaint = election.complain(3, "the list was wrong")
    if answer:
        election.decide("complaint", number=complaint, ground="rejected")
    election.wait(wait)
    hash_ = b64(sha256(election.declared[1]).digest())
    election.act("result.certified", CertifiedData, poll=1, declared=hash_)
    failures = of(election)
    if reason is None:
        assert failures == [("seats", "the log ends where seat.taken of head must follow")]
    else:
        ((check, text),) = failures
        assert check == "result"
        assert reason in text


def test_annulled_without_waiting_for_anything() -> None:
    election = declared()
    election.complain(3, "the list was wrong")
    hash_ = b64(sha256(election.declared[1]).digest())
    election.act("result.annulled", AnnulledData, poll=1, declared=hash_, reason="the list was wrong")
    assert of(election) == []


# ---- derived entries -------------------------------------------------------------------------------------------------

Change = Callable[[list[Json], int], None]


def other_person(entries: list[Json], at: int) -> None:
    entries[at]["data"]["person"] = "beka"


def later(entries: list[Json], at: int) -> None:
    entries[at]["time"] = "2026-10-05T23:00:00Z"


def left_out(entries: list[Json], at: int) -> None:
    del entries[at]


def twice(entries: list[Json], at: int) -> None:
    entries.append(entries[at])


def called_succession(entries: list[Json], at: int) -> None:
    entries[at]["kind"] = "seat.filled"


DERIVED: dict[str, tuple[Change, str]] = {
    "for another person": (other_person, "seat.taken of head: person: expected 'ana', got 'beka'"),
    "with another time": (later, "seat.taken of head: time: expected "),
    "left out": (left_out, "the log ends where seat.taken of head must follow"),
    "twice": (twice, "seat.taken: nothing that stands before causes it"),
    "under another kind": (called_succession, "seat.filled: stands where seat.taken of head must follow"),
}


@pytest.mark.parametrize("name", DERIVED)
def test_a_mandate(name: str) -> None:
    change, reason = DERIVED[name]
    copy = Copy.of(simulate(Plan((HEAD,), seed="derived")))
    entries = copy.plain()
    change(entries, copy.first("seat.taken"))
    ((check, text),) = found(copy.rewritten(entries), copy.log_id)
    assert check == "seats"
    assert text.startswith(reason)


def test_nothing_stands_between_a_cause_and_its_effect() -> None:
    election = declared()
    election.wait(3600)
    hash_ = b64(sha256(election.declared[1]).digest())
    election.act("result.certified", CertifiedData, poll=1, declared=hash_)
    events = election.record.certify(1, election.log.now)
    election.decide("suspension")
    election.derive(events)
    checks = of(election)
    assert [check for check, _ in checks] == ["seats", "seats"]
    assert checks[0][1] == "decision: stands where seat.taken of head must follow from what stands before"


# ---- voters' own acts ------------------------------------------------------------------------------------------------


def petitioned() -> Election:
    """A petition and an open vote of the first three voters are open."""
    plan = Plan((HEAD,), electorates={"board": range(3)}, seed="voices")
    election = Election(plan)
    election.open_log()
    election.ceremony()
    election.make_electorates()
    election.decide("petition", seat="ask", ground="extraordinary-meeting", electorate="board", until=UNTIL)
    election.decide("board-vote", seat="ballot", electorate="board", until=UNTIL)
    return election


def support(election: Election, signer: Signer, electorate: str = "board", petition: str = "ask") -> None:
    data = make_support(election.log_id, petition, electorate, signer.secret, election.random)
    election.log.append("petition", data)


def vote(election: Election, signer: Signer, electorate: str = "board", name: str = "ballot") -> None:
    data = make_open_vote(election.log_id, name, electorate, "for", signer.secret, election.random)
    election.log.append("vote.open", data)


def voter(election: Election, number: int) -> Signer:
    return Signer(election.voters[number].secret, election.voters[number].credential)


def replaced(election: Election, number: int) -> Signer:
    """The voter's new key."""
    new = make_signer(f"new link {number}")
    old = election.voters[number].credential
    data = make_replacement(election.log_id, old, new.public, "link lost", election.registrar, election.random(16))
    election.approved("credential.replaced", data)
    return new


Act = Callable[[Election, Signer], None]


@pytest.mark.parametrize("act", [support, vote])
def test_a_new_link_speaks_for_the_same_person_once(act: Act) -> None:
    election = petitioned()
    new = replaced(election, 0)
    act(election, new)
    assert of(election) == []
    act(election, voter(election, 0))  # the old one
    ((check, text),) = of(election)
    assert check == "support"
    assert "is not on the roll of board" in text


@pytest.mark.parametrize("act", [support, vote])
def test_a_new_link_does_not_speak_a_second_time(act: Act) -> None:
    election = petitioned()
    act(election, voter(election, 0))
    act(election, replaced(election, 0))
    ((check, text),) = of(election)
    assert check == "support"
    assert "already" in text


def casting(election: Election, credential: bytes) -> list[tuple[str, str]]:
    person = b64(credential)
    election.decide("board-vote", seat=f"casting-{len(election.log.entries)}", electorate="board", person=person)
    return of(election)


def test_the_casting_vote_is_given_to_a_place_on_the_roll() -> None:
    election = petitioned()
    new = replaced(election, 0)
    assert casting(election, election.voters[1].credential) == []
    assert casting(election, election.voters[0].credential) == []  # the place, whatever link is in use
    assert [check for check, _ in casting(election, new.public)] == ["decisions"]
    election = petitioned()
    ((check, text),) = casting(election, election.voters[4].credential)
    assert check == "decisions"
    assert "is not on the roll of board" in text


@pytest.mark.parametrize("act", [support, vote])
def test_who_is_not_on_the_roll_does_not_speak(act: Act) -> None:
    for signer in (voter(petitioned(), 4), make_signer("stranger")):
        election = petitioned()
        act(election, signer)
        ((check, text),) = of(election)
        assert check == "support"
        assert "is not on the roll of board" in text


@pytest.mark.parametrize("act", [support, vote])
def test_late_is_too_late(act: Act) -> None:
    election = petitioned()
    election.log.now = parse_time(UNTIL) - 1
    act(election, voter(election, 0))
    assert of(election) == []
    act(election, voter(election, 1))
    ((check, text),) = of(election)
    assert check == "support"
    assert "late" in text


@pytest.mark.parametrize("act", [support, vote])
def test_a_petition_or_vote_that_was_never_opened(act: Callable[..., None]) -> None:
    election = petitioned()
    act(election, voter(election, 0), "board", "other")
    act(election, voter(election, 1), "university")
    act(election, voter(election, 2), "nowhere")
    failures = of(election)
    assert [check for check, _ in failures] == ["support"] * 3
    assert failures[2][1] == "no electorate nowhere is logged"


def test_a_complaint_is_of_somebody_who_could_vote() -> None:
    election = declared()
    for signer in (voter(election, 5), make_signer("stranger")):
        data = make_complaint(election.log_id, 1, "unfair", signer.secret, election.random)
        election.log.append("complaint", data)
    ((check, text),) = of(election)
    assert check == "support"
    assert "is entitled in no contest of poll 1" in text


def test_a_complaint_about_a_poll_that_there_is_not() -> None:
    election = declared()
    data = make_complaint(election.log_id, 2, "unfair", election.voters[0].secret, election.random)
    election.log.append("complaint", data)
    assert of(election) == [("support", "complaint: there is no poll 2")]


@pytest.mark.parametrize(("what", "members", "reason"), [
    ("vacancy", {"seat": "head", "person": "beka", "ground": "resignation"}, "expected its holder"),
    ("vacancy", {"seat": "head", "person": "ana", "ground": "boredom"}, "expected one of resignation, discipline"),
    ("approval", {"seat": "nowhere", "person": "ana"}, "nowhere"),
    ("petition-result", {"seat": "ask", "ground": "supported"}, "no petition"),
    ("complaint", {"number": 3, "ground": "upheld"}, "entry 3 is no complaint"),
])  # fmt: skip
def test_a_decision_without_a_ground_in_the_log(what: str, members: Json, reason: str) -> None:
    election = simulate(Plan((HEAD,), seed="decisions"))
    kept = election.record.copy()
    election.record.decide = lambda *_: []  # type: ignore[method-assign]  # a service that asks nobody
    election.decide(what, **members)  # type: ignore[arg-type]  # by name
    election.record = kept
    ((check, text),) = of(election)
    assert check == "decisions"
    assert reason in text
