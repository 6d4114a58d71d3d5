"""kill -9 at any moment of issuing, casting, sealing and closing: no acknowledged ballot lost, none twice (issue 2)."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from tests.faults.rounds import play
from tests.faults.template import Template
from tests.scale import scaled

ROUNDS = scaled(5, 4)


@pytest.mark.slow
async def test_no_acknowledged_ballot_is_lost_or_doubled_by_kill_9(template: Template, tmp_path: Path) -> None:
    """A42, A58, A59, A94, A97: kills at random moments, then close, tally, and every promise checked."""
    played = await play(template, tmp_path, secrets.randbelow(10**9), ROUNDS)
    print(played, *played.story, sep="\n")
    assert played.rounds == ROUNDS
    assert played.counted is not None
    assert played.counted.honoured == played.acknowledged > 40
