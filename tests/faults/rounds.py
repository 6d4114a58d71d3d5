"""Rounds of kill -9: a whole election during which the service dies at random moments and is started again.

Most rounds belong to the open poll, two to its close. Voters and committee go on with the same bytes. At the end the
poll is closed, tallied by two trustees, published, and judged with every receipt in hand.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from election_service.api_types import CastAnswer
from election_service.client import ProblemError
from election_service.demo.university import Draws
from tests.faults.nemesis import PHASES, Moment, Nemesis, draw_moment
from tests.faults.office import Office, judge
from tests.faults.promises import Counted
from tests.faults.server import Server
from tests.faults.template import VOTERS, Template
from tests.faults.voters import Booth, Line, Paper, Watch, receipts_of

CLOSING_ROUNDS: Final = 2
MOST_ROUNDS: Final = 20  # kills in one election; more rounds are more elections
_AT_ONCE: Final = 12  # voters in a round at most
_REPEATED: Final = 3  # acknowledged ballots that are sent again after every restart


@dataclass(slots=True)
class Played:
    """What happened; ``story`` names every kill."""

    seed: int
    rounds: int = 0
    acknowledged: int = 0
    refused: int = 0
    repeated: int = 0
    requests: int = 0
    seconds: float = 0.0
    counted: Counted | None = None
    story: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: {self.rounds} kills, {self.acknowledged} ballots acknowledged, {self.repeated} "
            f"receipts asked for again, {self.refused} refused, {self.requests} requests, {self.seconds:.0f} s"
        )


async def play(template: Template, folder: Path, seed: int, rounds: int) -> Played:
    """One election with ``rounds`` kills, at least three; AssertionError names the seed and the story."""
    played, started = Played(seed), time.monotonic()
    try:
        async with template.copy(folder) as config:
            server = Server(folder)
            try:
                await server.start()
                game = Game(template, server, folder, Draws(seed), played)
                await game.run(rounds)
                played.counted = await judge(config, folder, receipts_of(game.booths))
            finally:
                await server.kill()
    except BaseException as error:
        error.add_note(f"to play it again: python -m tests.faults {rounds} --seed {seed}\n" + "\n".join(played.story))
        raise
    played.seconds = time.monotonic() - started
    return played


@dataclass(slots=True)
class Game:
    """One election under attack. Owner of its booths and of the story."""

    template: Template
    server: Server
    folder: Path
    draws: Draws
    played: Played
    booths: list[Booth] = field(default_factory=list)

    async def run(self, rounds: int) -> None:
        """Open, kill and vote, close under fire, tally."""
        voting = rounds - CLOSING_ROUNDS
        async with Line(self.server.address) as line:
            office = Office(self.template, line)
            await office.open_poll()
            for number in range(voting):
                await self._voting_round(PHASES[(number + self.draws.below(2)) % len(PHASES)], self._crowd(voting))
            await self._closing_round(office, "pause")
            await self._closing_round(office, "close")
            await office.wait_until("closed", "tallied", "declared")
            await self._ask_again(line)
            await office.tally(self.folder)
            self.played.requests += line.tries
        self.played.acknowledged = len(receipts_of(self.booths))

    def _crowd(self, voting: int) -> list[Booth]:
        """The voters of a round, never the same ones twice; a few are left for the close."""
        size = max(1, min(_AT_ONCE, (VOTERS - _AT_ONCE) // voting))
        first = len(self.booths)
        fresh = [Booth(link) for link in self.template.links[first : first + size]]
        self.booths += fresh
        return fresh

    async def _voting_round(self, phase: str, crowd: Sequence[Booth]) -> None:
        """Voters vote, the service dies and comes back, nobody notices more than a delay."""
        moment = draw_moment(phase, self.draws, 2 * len(crowd))
        nemesis = Nemesis(self.server, self.folder / "state" / "heads", moment)
        striking = asyncio.create_task(nemesis.strike())
        await asyncio.gather(self._vote_all(crowd, nemesis.watch), striking)
        assert all(paper.receipt is not None for booth in crowd for paper in booth.papers), "a ballot was refused"
        self._tell(moment, nemesis.struck)
        async with Line(self.server.address) as line:
            await self._ask_again(line)

    async def _vote_all(self, crowd: Sequence[Booth], watch: Watch) -> None:
        async with Line(self.server.address, watch) as line, Line(self.server.address, watch) as casting:
            await asyncio.gather(*(booth.vote(line, casting) for booth in crowd))
            self.played.requests += line.tries + casting.tries

    async def _closing_round(self, office: Office, what: str) -> None:
        """A kill while the committee pauses, or closes; some voters are still at it."""
        crowd = self._crowd(self.played.rounds) if what == "pause" else []
        phase = ("/acts", "closing")[self.draws.below(2)] if what == "close" else "/acts"
        moment = draw_moment(phase, self.draws, 2)
        nemesis = Nemesis(self.server, self.folder / "state" / "heads", moment)
        striking = asyncio.create_task(nemesis.strike())
        async with Line(self.server.address, nemesis.watch) as line:
            committee = Office(self.template, line)
            if what == "pause":
                await asyncio.gather(self._vote_some(crowd), committee.pause(), striking)
            else:
                fields = await office.line.get_until_answered("/polls/1/closing")
                await asyncio.gather(committee.decide("poll.closed", fields), striking)
            self.played.requests += line.tries
        self._tell(moment, f"{nemesis.struck}, committee: {what}")

    async def _vote_some(self, crowd: Sequence[Booth]) -> None:
        """Voters who may come too late: a refusal is fine, a lost receipt is not."""
        results = await asyncio.gather(self._vote_all(crowd, lambda _path: None), return_exceptions=True)
        for error in results:
            if isinstance(error, ProblemError):
                assert error.problem == "poll-not-open", error.document
            elif isinstance(error, BaseException):
                raise error
        for booth in crowd:
            self.played.refused += sum(paper.receipt is None for paper in booth.papers)

    async def _ask_again(self, line: Line) -> None:
        """Acknowledged ballots sent once more get the receipts they got; their tokens cast nothing else."""
        cast = [(booth, paper) for booth in self.booths for paper in booth.papers if paper.receipt is not None]
        for _ in range(min(_REPEATED, len(cast))):
            booth, paper = cast[self.draws.below(len(cast))]
            await booth.cast(line, paper)
            self.played.repeated += 1
            await _refuses_another(line, booth, paper)

    def _tell(self, moment: Moment, struck: str) -> None:
        self.played.rounds += 1
        self.played.story.append(f"  kill {self.played.rounds}: {moment} ({struck})")


async def _refuses_another(line: Line, booth: Booth, paper: Paper) -> None:
    """Another ballot with the same token is refused: spent, or too late."""
    assert paper.token is not None
    other = Paper(paper.rules, paper.waiting, paper.request, token=paper.token)
    raw = booth.mark(other, (0, 1, 0))
    with pytest.raises(ProblemError) as refusal:
        await line.post_until_answered("/ballots", raw, CastAnswer)
    assert refusal.value.problem in {"token-spent", "poll-not-open"}
