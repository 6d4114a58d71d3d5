"""A trustee's tool takes exactly the logs that the verifier takes, as far as a decryption depends on them (A27)."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from audit.entries import KINDS
from keys.curve import GENERATOR, ORDER, Point, Scalar, weighted_sum
from tests.booth.harness import Booth
from tests.scale import scaled
from tests.simulated import test_borders as borders
from tests.simulated import test_cunning as cunning
from tests.simulated import test_misbehaving as misbehaving
from tests.simulated import test_rearranging as rearranging
from tests.simulated import test_shares_in_the_log as shares
from tests.simulated import test_tampering as tampering
from tests.simulated.published import base_of, foreign, uncertified, whole
from tests.trustee.tables import BothJudge, cases, refusal

# what these are about is not in a log's entries and blobs: hash tiles, and copies that are no copies
ELSEWHERE = {"test_every_published_file_that_changes_or_goes_is_seen", "test_the_tables_name_only_what_there_is"}
MODULES = (borders, cunning, misbehaving, rearranging, shares)


def test_a_whole_log_with_every_kind_of_entry_is_taken(tool: Booth) -> None:
    answer = tool.call(
        "verify_log", files={p: c.hex() for p, c in whole().files().items()}, log_id=whole().log_id.hex()
    )
    assert {entry["kind"] for entry in whole().plain()} == set(KINDS)
    assert (answer["size"], answer["states"]) == (len(whole().entries), ["certified", "annulled"])


@pytest.mark.slow
def test_every_beginning_of_a_log_is_judged_alike(tool: Booth) -> None:
    judge = BothJudge(tool)
    for size in range(2, len(whole().entries), scaled(7, 17)):
        judge(whole().cut(size).files())
    assert judge.compared > scaled(15, 6)


def test_another_log_than_the_one_asked_for_is_refused(tool: Booth) -> None:
    assert "wrong-log" in (refusal(tool, foreign().files(), whole().log_id) or "")
    assert refusal(tool, foreign().files()) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "test", "arguments"),
    [case for module in MODULES for case in cases(module) if case.values[1].__name__ not in ELSEWHERE][:: scaled(1, 4)],
)
def test_the_tables_of_the_verifier(
    tool: Booth,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    test: Callable[..., None],
    arguments: dict[str, Any],
) -> None:
    judge = BothJudge(tool)
    monkeypatch.setattr(module, "failed", judge)
    test(**arguments)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_field(tool: Booth, kind: str) -> None:
    """One change of every field of every kind; the verifier's own table has them all."""
    judge = BothJudge(tool)
    base = base_of(kind)
    for other, field in tampering.fields():
        if other == kind:
            entries = base.plain()
            for data in itertools.islice(tampering.changed_data(kind, field), 1):
                entries[base.first(kind)]["data"] = data
                judge(base.rewritten(entries))
    assert judge.compared


def test_an_entrys_outside(tool: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tampering, "failed", BothJudge(tool))
    for name in tampering.OUTSIDE:
        tampering.test_a_changed_outside_of_an_entry_is_named(name)
    for kind in tampering.TIMES:
        tampering.test_times_are_held_against_the_closing_time_and_the_review_window(kind)


def test_a_missing_or_changed_file_is_refused(tool: Booth) -> None:
    good = whole().files()
    rolls = {entry["data"]["blob"] for entry in whole().plain() if entry["kind"] in ("electorate", "constitution")}
    for path, content in good.items():
        needed = path == "checkpoint" or path.startswith("tile/entries") or path.removeprefix("blobs/") in rolls
        if needed and content:
            bent = content[:-1] + bytes([content[-1] ^ 1])
            assert refusal(tool, good | {path: bent}) is not None, path
            assert refusal(tool, {name: other for name, other in good.items() if name != path}) is not None, path


def test_a_sum_by_buckets_is_the_sum(tool: Booth) -> None:
    points = [GENERATOR * Scalar(17 * number + 1) for number in range(40)]
    scalars = [pow(3, 97 * number, ORDER) for number in range(38)] + [1, ORDER - 1]
    for terms in (list(zip(scalars, points, strict=True)), [(5, points[0]), (ORDER - 5, points[0])], [(0, points[1])]):
        expected: Point = weighted_sum(terms)
        given = tool.call("weighted_sum", terms=[[str(k), point.to_bytes().hex()] for k, point in terms])
        assert given == (None if expected.is_identity else expected.to_bytes().hex())


def test_a_bad_ballot_among_many_is_named(tool: Booth) -> None:
    """Ballots are judged as one equation first; the verdict is that of each alone."""
    entries = uncertified().plain()
    at = uncertified().first("ballot")
    z = entries[at]["data"]["body"]["choices"][0]["z"]
    z[0], z[1] = z[1], z[0]
    assert "bad-log" in (refusal(tool, uncertified().rewritten(entries)) or "")
