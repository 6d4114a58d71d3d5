"""Cases of the regulations through whole elections: real ballots, trustees, a log that the verifier computes again.

Keyed by their sentences, with fewer voters where the sentence has hundreds.
"""

from collections.abc import Callable
from functools import cache

import pytest

from audit.source import MemorySource
from audit.verify import verify_log
from tally.reasoning import Conclusion, Rule, Step
from tests.simulated.malice import Json
from tests.simulated.replay import with_other_step
from tests.simulated.year import contest, direct, entries, first_tour, holders, result, seat, surveyed, verified
from tests.simulator import Election, set_up

Case = Callable[[], Election]
DAY = 86_400


def steps(election: Election, conclusion: Conclusion, poll: int = 1) -> list[Step]:
    return [step for step in election.outcomes[poll].steps if step.conclusion == conclusion]


def task(election: Election, name: str) -> tuple[str, str, list[str], int]:
    """Kind, tour, candidates and days of what has to happen there."""
    found = election.record.agenda[name]
    return found.kind, found.tour, found.options, found.days


@pytest.mark.parametrize(
    ("voters", "turnout", "elected"), [(9, "invalid", []), (8, "valid", ["ana"])], ids=["4 of 9", "4 of 8"]
)
def test_turnout_below_half_is_invalid_and_half_is_valid(voters: int, turnout: str, elected: list[str]) -> None:
    """C1: 1,001 eligible, 500 participate. C2: 1,000 eligible, 500 participate."""
    election = first_tour([contest("president", {"ana": 3, "beka": 1})], voters)
    assert (result(election, "president").turnout, result(election, "president").elected) == (turnout, elected)
    if not elected:
        assert task(election, "president") == ("repeat", "first", ["ana", "beka"], 10)
    election.certify()
    assert holders(election) == dict.fromkeys(["president"] * len(elected), "ana")
    verified(election)


def test_all_ballots_blank() -> None:
    """C4: turnout valid, nobody elected, a re-election in 5 days with new nominations."""
    election = first_tour([contest("president", {"blank": 5}, options="ana beka blank")], 8)
    assert result(election, "president").turnout == "valid"
    assert task(election, "president") == ("re-election", "first", [], 5)
    election.certify()
    election.whole_poll(2, [contest("president", {"nino": 4, "ana": 1})])
    election.certify(2)
    assert holders(election) == {"president": "nino"}
    verified(election)


def test_five_ballots_leader_three() -> None:
    """C5: strictly more than half."""
    election = first_tour([contest("president", {"ana": 3, "beka": 2})], 6)
    (step,) = steps(election, Conclusion.ENOUGH)
    assert (step.comparison, step.holds) == ("2 * 3 > 1 * 5", True)
    election.certify()
    assert holders(election) == {"president": "ana"}
    verified(election)


def six_ballots() -> Election:
    election = first_tour([contest("president", {"ana": 3, "beka": 2, "gio": 1})], 6)
    election.certify()
    return election


def test_six_ballots_leader_three() -> None:
    """C6: not elected, second tour."""
    election = six_ballots()
    assert result(election, "president").outcome == "not-enough"
    assert task(election, "president") == ("second-tour", "second", ["ana", "beka"], 0)
    election.whole_poll(2, [contest("president", {"beka": 3, "ana": 2})])
    election.certify(2)
    assert holders(election) == {"president": "beka"}
    verified(election)


@pytest.mark.parametrize("reading", ["all-advance", "lot"])
def test_president_four_three_three(reading: str) -> None:
    """C7: a tie for second: three names in the second tour, or the lot, drawn by the ballots themselves."""
    readings = {"procedures.president.tie_for_second": reading}
    election = first_tour([contest("president", {"ana": 4, "beka": 3, "gio": 3})], 10, readings=readings)
    advance = task(election, "president")[2]
    drawn = steps(election, Conclusion.DRAWN)
    if reading == "all-advance":
        assert (advance, drawn) == (["ana", "beka", "gio"], [])
    else:
        assert advance in (["ana", "beka"], ["ana", "gio"])
        assert drawn[0].names[0] == advance[1]
    election.certify()
    election.whole_poll(2, [contest("president", {advance[1]: 6, "ana": 3}, options=" ".join([*advance, "blank"]))])
    election.certify(2)
    assert holders(election) == {"president": advance[1]}
    verified(election)


def second_tour_undecided() -> Election:
    election = six_ballots()
    election.whole_poll(2, [contest("president", {"ana": 2, "beka": 2, "blank": 1})])
    return election


def test_second_tour_without_enough_votes_for_anybody() -> None:
    """C8: a fresh election within 5 days, with new nominations."""
    election = second_tour_undecided()
    assert task(election, "president") == ("re-election", "first", [], 5)
    assert election.record.due("president") == election.log.now + 5 * DAY
    election.certify(2)
    election.whole_poll(3, [contest("president", {"nino": 4, "gio": 1})])
    election.certify(3)
    assert holders(election) == {"president": "nino"}
    verified(election)


def test_ana_wins_president_and_faculty() -> None:
    """C9: Ana president; the faculty seat goes to the next by votes, citing 6.12.5; the board approves (6.4.1b)."""
    approval = {"positions.head-of-faculty.seat.approval": "faculty-board"}
    contests = [contest("president", {"ana": 5, "beka": 1}), contest("law", {"ana": 3, "beka": 2})]
    election = first_tour(contests, 6, {"law": range(6)}, approval)
    (step,) = steps(election, Conclusion.HOLDS_HIGHER)
    assert (step.contest, step.clause, step.names) == ("law", "6.12.5", ["ana", "president"])
    election.certify()
    assert holders(election) == {"president": "ana"}
    assert election.decide("approval", seat="law", person="beka") == ["seat.taken"]
    assert holders(election) == {"president": "ana", "law": "beka"}
    assert entries(election, "seat.taken")[1]["skipped"] == [
        {"person": "ana", "reason": "holds-higher", "seat": "president"}
    ]
    verified(election)


def provisional() -> Election:
    contests = [
        contest("president", {"ana": 3, "beka": 2, "gio": 1}),
        contest("law", {"ana": 3, "nino": 2}),
    ]
    return first_tour(contests, 6, {"law": range(6)})


@pytest.mark.parametrize(("winner", "head"), [("ana", "nino"), ("beka", "ana")])
def test_ana_leads_faculty_and_is_in_the_presidential_second_tour(winner: str, head: str) -> None:
    """C10: the faculty seat is provisional, both branches are computed, one is certified after the second tour."""
    election = provisional()
    declared = seat(election, "law")
    assert declared.status == "provisional"
    assert {(branch.holder, branch.person) for branch in declared.branches} >= {("ana", "nino"), ("beka", "ana")}
    election.certify()
    assert holders(election) == {}
    election.whole_poll(2, [contest("president", {winner: 4, "ana" if winner == "beka" else "beka": 1})])
    election.certify(2)
    assert holders(election) == {"president": winner, "law": head}
    verified(election)


def test_the_next_in_line_for_faculty_has_won_the_department() -> None:
    """C11: moves up to the faculty; the department goes to its own next (a cascade)."""
    contests = [
        contest("president", {"ana": 5, "gio": 1}),
        contest("law", {"ana": 3, "beka": 2}),
        contest("civil", {"beka": 3, "nino": 1}),
    ]
    election = first_tour(contests, 6, {"law": range(6), "civil": range(4)})
    election.certify()
    assert holders(election) == {"president": "ana", "law": "beka", "civil": "nino"}
    assert len(steps(election, Conclusion.HOLDS_HIGHER)) == 2
    verified(election)


def tied_next() -> Election:
    contests = [
        contest("president", {"ana": 5, "luka": 1}),
        contest("law", {"ana": 3, "beka": 1, "gio": 1}),
        contest("med", {"nino": 3}),
        contest("civil", {"tea": 3}),
        contest("class-1", {"beka": 3}),
    ]
    blocks = {"law": range(5), "med": range(3), "civil": range(3), "class-1": range(3)}
    election = first_tour(contests, 6, blocks)
    election.certify()
    return election


def test_two_next_in_line_with_equal_votes() -> None:
    """C12: stop; the members choose, and the tied have no vote in it (6.5.5)."""
    election = tied_next()
    assert holders(election) == {"president": "ana", "med": "nino", "civil": "tea"}
    assert seat(election, "class-1").status == "provisional"  # beka may still move up
    found = election.record.agenda["law"]
    assert (found.kind, found.options, found.barred) == ("members-vote", ["beka", "gio"], ["beka", "gio"])
    assert (found.voters, found.clause) == ("members", "6.5.5")
    election.make_electorate("members-2", (0, 1, 2))
    election.whole_poll(2, [contest("law", {"gio": 2, "beka": 1}, "members-2")])
    election.certify(2)
    assert holders(election) == {"president": "ana", "med": "nino", "civil": "tea", "law": "gio", "class-1": "beka"}
    verified(election)


def disciplined() -> Election:
    contests = [contest("president", {"luka": 6}), contest("law", {"ana": 3, "beka": 2, "gio": 1})]
    election = first_tour(contests, 6, {"law": range(6)})
    election.certify()
    election.wait(150 * DAY)
    election.decide("bar", person="beka", ground="not-a-student")
    assert election.decide("vacancy", seat="law", person="ana", ground="discipline") == ["seat.vacated", "seat.filled"]
    return election


def test_faculty_head_disciplined_in_march() -> None:
    """C13: the mandate ends, the runner-up has graduated and is passed over with the reason, the next serves."""
    election = disciplined()
    assert holders(election) == {"president": "luka", "law": "gio"}
    (filled,) = entries(election, "seat.filled")
    assert (filled["clause"], filled["until"]) == ("6.5.5", "2027-06-30")
    assert [(item["person"], item["reason"]) for item in filled["skipped"]][-1] == ("beka", "barred")
    verified(election)


def test_the_president_resigns() -> None:
    """C14: not the runner-up: the head of the internal department acts, the members elect within 10 days (6.9.7)."""
    contests = [
        contest("president", {"ana": 5, "beka": 1}),
        contest("law", {"gio": 3}),
        contest("med", {"nino": 3}),
        contest("civil", {"tea": 3}),
    ]
    election = first_tour(contests, 6, {"law": range(3), "med": range(3), "civil": range(3)})
    election.certify()
    assert election.decide("appointment", seat="head-of-internal-department", person="dato") == []
    assert election.decide("vacancy", seat="president", person="ana", ground="president-resignation") == [
        "seat.vacated"
    ]
    (vacated,) = entries(election, "seat.vacated")
    assert (vacated["clause"], vacated["acting"]) == ("6.9.6a", "dato")
    assert (vacated["next"]["kind"], vacated["next"]["days"], vacated["next"]["voters"]) == (
        "by-election",
        10,
        "members",
    )
    election.make_electorate("members-2", (0, 1, 2))
    for number, person in enumerate(("luka", "beka")):
        nominate(election, person, number)
    election.whole_poll(2, [contest("president", {"luka": 2, "beka": 1}, "members-2")])
    election.certify(2)
    assert holders(election)["president"] == "luka"
    verified(election)


def nominate(election: Election, person: str, member: int) -> None:
    """One of three members is more than the fifth that 6.9.3 asks for."""
    name = f"nomination-{person}"
    election.decide(
        "petition", seat=name, ground="nomination", electorate="members-2", person=person, motion="president"
    )
    election.support(name, "members-2", member)
    election.decide("petition-result", seat=name, ground="supported", number=1)


def small_classes() -> Election:
    contests = [
        contest("president", {"ana": 4}),
        contest("class-1", {"gio": 3}),
        contest("class-2", {"eka": 1, "blank": 1}),
    ]
    return first_tour(contests, 7, {"class-1": range(3), "class-2": range(3, 7)})


def test_class_of_three_and_class_of_four_in_which_two_vote() -> None:
    """C15: three ballots are counted, two are not decrypted: the vote is repeated."""
    election = small_classes()
    assert result(election, "class-1").counts == [3, 0]
    assert (result(election, "class-2").outcome, result(election, "class-2").counts) == ("withheld", None)
    assert task(election, "class-2")[:3] == ("repeat", "first", ["eka"])
    assert not [sums for sums in entries(election, "tally.sums") if sums["ballots"] == 2]
    election.certify()
    election.whole_poll(2, [contest("class-2", {"eka": 3, "blank": 1})])
    election.certify(2)
    assert holders(election) == {"president": "ana", "class-1": "gio", "class-2": "eka"}
    verified(election)


def test_a_candidate_barred_while_the_poll_is_open() -> None:
    """6.1.5(8): the ballots count for the turnout, the votes are void."""
    election = barred_midway()
    assert result(election, "president").ballots == 6
    assert [step.names for step in steps(election, Conclusion.VOTES_VOID)] == [["ana"]]
    assert result(election, "president").elected == []
    election.certify()
    verified(election)


def barred_midway() -> Election:
    election = set_up(direct([contest("president", {"ana": 4, "beka": 2})], 6, seed="barred"))
    election.vote()
    election.seal()
    election.decide("bar", person="ana", ground="discipline")
    election.close()
    election.tally()
    election.declare()
    return election


def dismissal() -> Election:
    heads = {f"class-{number}": f"head-{number}" for number in range(1, 10)}
    contests = [contest("president", {"ana": 5}), *(contest(name, {head: 3}) for name, head in heads.items())]
    election = first_tour(contests, 10, {name: range(3) for name in heads}, seed="meeting")
    election.certify()
    assert len(holders(election)) == 10
    election.make_electorate("members-2", range(10))
    election.decide("notice", seat="dismissal")
    election.wait(7 * DAY)
    election.prepare_poll(2, [contest("dismissal", {"for": 6, "against": 1}, "members-2")])
    election.open_poll(2)
    election.decide("attendance", seat="dismissal", number=7)
    election.vote(2)
    election.close(2)
    election.tally(2)
    election.declare(2)
    return election


def test_ten_members_of_whom_seven_attend_and_six_are_for_the_dismissal() -> None:
    """C20: quorate, and rejected: it needs seven of the ten who are listed."""
    election = dismissal()
    assert result(election, "dismissal", 2).outcome == "rejected"
    found = [(step.comparison, step.holds) for step in election.outcomes[2].steps if step.rule is Rule.MOTION]
    assert found == [("10 * 7 >= 7 * 10", True), ("10 * 6 >= 7 * 10", False)]
    election.certify(2)
    assert holders(election)["president"] == "ana"
    verified(election)


# ---- a declared step that is not the one that the rules give ---------------------------------------------------------


def drawn() -> Election:
    readings = {"procedures.head.tie": "lot"}
    contests = [contest("president", {"ana": 6}), contest("law", {"beka": 3, "gio": 3})]
    return first_tour(contests, 6, {"law": range(6)}, readings)


def asked() -> Election:
    return surveyed([contest("survey", {"good": 4, "bad": 2})], 6)


made = cache(lambda play: play())  # no test goes on with one of these

STAGES: dict[Rule, tuple[Case, int]] = {  # the election, and the poll in whose reasoning there is such a step
    Rule.RESOLUTION: (six_ballots, 1),
    Rule.TURNOUT: (six_ballots, 1),
    Rule.MAJORITY: (six_ballots, 1),
    Rule.SECOND_TOUR: (six_ballots, 1),
    Rule.AGENDA: (six_ballots, 1),
    Rule.WITHHELD: (small_classes, 1),
    Rule.PLURALITY: (small_classes, 1),
    Rule.VOID: (barred_midway, 1),
    Rule.LOT: (drawn, 1),
    Rule.ONE_POSITION: (provisional, 1),
    Rule.MOTION: (dismissal, 2),
    Rule.SURVEY: (asked, 1),
}


def test_every_rule_of_a_poll_has_its_stage() -> None:
    """Petitions and open votes are judged when their results are recorded; no poll reasons about them."""
    assert set(STAGES) == set(Rule) - {Rule.PETITION, Rule.OPEN_VOTE}


def failures(election: Election, files: dict[str, bytes]) -> list[tuple[str, str]]:
    report = verify_log(MemorySource(files), log_id=election.log_id)
    return [(failure.check, failure.reason) for failure in report.failures]


@pytest.mark.parametrize("rule", STAGES)
def test_a_changed_step_is_named_though_everything_is_signed_again(rule: Rule) -> None:
    play, poll = STAGES[rule]
    election = made(play)

    def change(steps: list[Json]) -> int:
        number = next(number for number, step in enumerate(steps) if step["rule"] == rule)
        steps[number]["conclusion"] = "moot"
        return number

    files, number = with_other_step(election, poll, change)
    step = election.outcomes[poll].steps[number]
    where = f"step {number} ({rule}, {step.clause}, {step.contest or 'poll'})"
    ((check, reason),) = failures(election, files)
    assert check == "result"
    assert reason.startswith(f"reasoning: {where}: conclusion: expected ")


MEMBERS: dict[str, object] = {
    "contest": "law",
    "rule": "lot",
    "clause": "6.1",
    "inputs": {"ballots": 7},
    "comparison": "2 * 7 > 1 * 6",
    "holds": True,
    "names": ["beka"],
    "grounds": ["constitution"],
}


@pytest.mark.parametrize("member", MEMBERS)
def test_every_member_of_a_step_is_compared(member: str) -> None:
    election = made(six_ballots)

    def change(steps: list[Json]) -> int:
        number = next(number for number, step in enumerate(steps) if step["conclusion"] == "not-enough")
        steps[number][member] = MEMBERS[member]
        return number

    files, number = with_other_step(election, 1, change)
    ((check, reason),) = failures(election, files)
    assert check == "result"
    assert reason.startswith(f"reasoning: step {number} (")
    assert f": {member}: expected " in reason


def test_a_step_left_out_or_added_is_seen() -> None:
    election = made(six_ballots)
    for cut in (slice(-1, None), slice(0, 0)):

        def change(steps: list[Json], cut: slice = cut) -> int:
            steps[cut] = [] if cut.stop is None else [steps[0]]
            return 0

        files, _ = with_other_step(election, 1, change)
        ((check, reason),) = failures(election, files)
        assert check == "result"
        assert reason.startswith("reasoning: ")
