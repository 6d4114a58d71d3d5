"""The check of an opened ballot: honest booths pass, others are caught, and how surely (A49, A54)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from audit.ballot_check import agrees, check_opening, encode_opening, read_code, read_opening
from audit.cli import main
from audit.errors import AuditError, LogError
from audit.source import MemorySource
from ballot.audited import AuditedBallot
from ballot.ballot import tracker_of
from ballot.contest import ContestRules
from ballot.encryption import make_body
from keys.canonical import b64, encode
from keys.errors import DataError
from keys.ids import short_code
from tests.booth.service import open_election
from tests.simulated.logbook import write_folder
from tests.simulated.malice import Copy
from tests.simulator import ContestPlan, Election, Plan

Capture = pytest.CaptureFixture[str]
OWNER, SEED = bytes(range(32)), bytes(range(100, 132))


@pytest.fixture(scope="module")
def election() -> Election:
    nine = " ".join(f"p{number}" for number in range(9))
    return open_election(
        Plan(
            contests=(
                ContestPlan("head", (), "ana beka blank"),
                ContestPlan("council", (), nine, position="faculty", minimum=0, maximum=2),
            )
        )
    )


@pytest.fixture(scope="module")
def source(election: Election) -> MemorySource:
    return MemorySource(election.log.files())


def rules_of(election: Election, number: int = 0) -> ContestRules:
    return election.boxes[1][number].rules


def tracker(rules: ContestRules, vote: tuple[int, ...]) -> bytes:
    return tracker_of(make_body(rules, OWNER, vote, SEED))


def file_of(rules: ContestRules, vote: tuple[int, ...]) -> bytes:
    return encode(AuditedBallot(context=b64(rules.context), owner=b64(OWNER), vote=list(vote), seed=b64(SEED)))


@pytest.mark.parametrize("vote", [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
def test_an_honest_booth_passes_in_both_forms(election: Election, source: MemorySource, vote: tuple[int, ...]) -> None:
    rules = rules_of(election)
    code = tracker(rules, vote)
    compact = encode_opening(rules.context, OWNER, SEED, code, vote)
    for raw in (file_of(rules, vote), compact.encode(), f"https://host/audit/e#{compact}\n".encode()):
        checked = check_opening(source, read_opening(raw), election.log_id)
        assert checked.tracker == code
        assert checked.vote == vote
        assert agrees(checked, code)
        assert agrees(checked, short_code(code))
        assert checked.names == [["Ana", "Beka", "Blank"][vote.index(1)]]


def test_nine_options_need_two_bytes(election: Election, source: MemorySource) -> None:
    rules = rules_of(election, 1)
    vote = (1, 0, 0, 0, 0, 0, 0, 0, 1)
    compact = encode_opening(rules.context, OWNER, SEED, tracker(rules, vote), vote)
    opening = read_opening(compact.encode())
    assert opening.marks == b"\x80\x80"
    assert check_opening(source, opening).vote == vote
    for marks in (b"\x80", b"\x80\xc0", b"\x80\x81", b"\x80\x80\x00"):
        with pytest.raises(AuditError, match="over 9 options"):
            check_opening(source, read_opening(b64(rules.context + OWNER + SEED + bytes(32) + marks).encode()))


def test_a54_a_swapped_choice_gives_another_code(election: Election, source: MemorySource) -> None:
    rules = rules_of(election)
    shown = tracker(rules, (0, 1, 0))  # what the booth encrypted
    checked = check_opening(source, read_opening(file_of(rules, (1, 0, 0))))  # what it says it encrypted
    assert not agrees(checked, shown)
    assert not agrees(checked, short_code(shown))


def test_a_vote_that_is_not_allowed_is_no_ballot(election: Election, source: MemorySource) -> None:
    checked = check_opening(source, read_opening(file_of(rules_of(election), (1, 1, 0))))
    assert checked.tracker is None
    assert not agrees(checked, bytes(32))


def test_a_contest_that_is_not_in_the_log_or_another_log(election: Election, source: MemorySource) -> None:
    rules = rules_of(election)
    other = encode(AuditedBallot(context=b64(bytes(32)), owner=b64(OWNER), vote=[1, 0, 0], seed=b64(SEED)))
    with pytest.raises(LogError, match="the log has none"):
        check_opening(source, read_opening(other))
    with pytest.raises(LogError, match="wrong log"):
        check_opening(source, read_opening(file_of(rules, (1, 0, 0))), bytes(32))


def test_a53_names_swapped_in_the_copy_are_found(election: Election) -> None:
    copy = Copy.of(election)
    entries = copy.plain()
    options = entries[copy.first("contest")]["data"]["options"]
    options[0]["name"], options[1]["name"] = options[1]["name"], options[0]["name"]
    opening = read_opening(file_of(rules_of(election), (1, 0, 0)))
    for files in (copy.rewritten(entries), copy.rewritten(entries) | {"checkpoint": copy.files()["checkpoint"]}):
        with pytest.raises(DataError):
            check_opening(MemorySource(files), opening)


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b"x", b"\xff", b"A" * 171, b"A" * 400, b'{"context":"","owner":"","seed":"","vote":[2]}']
)
def test_what_is_no_opening_is_refused(raw: bytes) -> None:
    with pytest.raises(DataError):
        read_opening(raw)


def test_codes_as_people_type_them() -> None:
    raw = bytes(range(32))
    assert read_code(b64(raw)) == raw
    assert read_code(f"https://host/audit/e#t={b64(raw)}") == raw
    assert read_code(f"https://host/check/e#{b64(raw)} ") == raw
    short = short_code(raw)
    typed = short.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert read_code(typed) == read_code(short) == short
    for text in ("", "12345", short + "X", b64(raw)[:-1] + "_", "U" * 20):
        with pytest.raises(DataError):
            read_code(text)


def test_as_a_command(election: Election, tmp_path: Path, capsys: Capture) -> None:
    rules, folder = rules_of(election), write_folder(election.log.files(), tmp_path / "log")
    honest, lie = tracker(rules, (1, 0, 0)), tracker(rules, (0, 1, 0))
    file = tmp_path / "opened.json"
    file.write_bytes(file_of(rules, (1, 0, 0)))
    for code, text in [(b64(honest), "exactly this choice\n"), (short_code(honest), "only 20 letters")]:
        assert main(["ballot", str(file), str(folder), "--tracker", code, "--log", b64(election.log_id)]) == 0
        out = capsys.readouterr().out
        assert text in out
        assert "contest: head (poll 1)" in out
        assert "choice: " in out
    assert main(["ballot", str(file), str(folder)]) == 0
    assert "compare it with the one seen before" in capsys.readouterr().out
    for code in (b64(lie), short_code(lie)):
        assert main(["ballot", str(file), str(folder), "--tracker", code]) == 1
        assert "did NOT encrypt this choice" in capsys.readouterr().out
    file.write_bytes(file_of(rules, (1, 1, 0)))
    assert main(["ballot", str(file), str(folder), "--tracker", b64(lie)]) == 1
    assert "NOT encrypt a choice that this contest allows" in capsys.readouterr().out
    file.write_text(encode_opening(rules.context, OWNER, SEED, lie, (1, 0, 0)))
    assert main(["ballot", str(file), str(folder)]) == 1  # the booth contradicts itself
    capsys.readouterr()
    file.write_bytes(file_of(rules, (1, 0, 0)))
    for arguments in ([str(file), str(folder), "--tracker", "123"], [str(folder / "checkpoint"), str(folder)]):
        assert main(["ballot", *arguments]) == 2
        assert capsys.readouterr().err.startswith("error: ")
    assert main(["ballot", str(file), str(folder), "--log", b64(bytes(32))]) == 1


def test_a49_thirty_tests_find_a_booth_that_cheats_every_tenth_time(election: Election, source: MemorySource) -> None:
    """Each simulated booth cheats with probability 0.1 and does not know who will test: 30 tests catch at least 95 %.

    1 - 0.9^30 = 95.8 %; of 40,000 booths fewer than 95 % are caught with a probability below 10^-12.
    """
    rules = rules_of(election)
    caught_by_the_check = not agrees(
        check_opening(source, read_opening(file_of(rules, (1, 0, 0)))), tracker(rules, (0, 1, 0))
    )
    passed_by_the_check = agrees(
        check_opening(source, read_opening(file_of(rules, (1, 0, 0)))), tracker(rules, (1, 0, 0))
    )
    assert caught_by_the_check
    assert passed_by_the_check
    booths = 40_000
    draws = os.urandom(booths * 30 * 2)
    cheats = [int.from_bytes(draws[at : at + 2], "big") < 6554 for at in range(0, len(draws), 2)]  # 6554 / 65536 = 0.1
    caught = sum(any(cheats[booth * 30 : booth * 30 + 30]) for booth in range(booths))
    assert caught >= 0.95 * booths
