"""Which acts the election's state allows at all, for the list of forms; of the others, what stands against them.

This only spares people a form that would be refused. What is proposed is checked by act_rules.py, whatever stands here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from election_service import schema
from election_service.console.act_kinds import ACTS
from election_service.console.local_acts import ROLL_FROZEN
from election_service.console_pages.visit import ConsoleVisit
from election_service.languages import translatable
from election_service.pages.about import About
from election_service.poll_facts import PollFacts

_NO_RULES: Final = translatable("The rules come first.")
_NO_ROLL: Final = translatable("No roll is imported yet.")
_FROZEN: Final = translatable("The roll is frozen already.")
_KEY_MADE: Final = translatable("The trustees have made their key.")
_NO_CONTESTS: Final = translatable("No poll is ready: its contests come first.")
_NOT_OPEN: Final = translatable("No poll is open.")
_PAUSED: Final = translatable("The poll is paused already.")
_NOT_PAUSED: Final = translatable("No poll is paused.")
_NO_LINKS: Final = translatable("No ballot links are in the log yet.")
_NOT_DECLARED: Final = translatable("No result waits to be certified.")
_NOTHING_TO_ANNUL: Final = translatable("There is no result that could be annulled.")


@dataclass(frozen=True, slots=True)
class Offers:
    """``open``: kinds that can be proposed; ``shut``: the others, with the reason in words to be translated."""

    open: tuple[str, ...]
    shut: Mapping[str, str]


async def offers(visit: ConsoleVisit, known: About) -> Offers:
    """Every kind that has a form, in the order of the list."""
    against = _against(known, frozen=await _roll(visit))
    kinds = [kind for kind, item in ACTS.items() if not item.ready]
    shut = {kind: against[kind] for kind in kinds if against.get(kind)}
    return Offers(tuple(kind for kind in kinds if kind not in shut), shut)


async def _roll(visit: ConsoleVisit) -> bool | None:
    """Whether the roll is frozen; None where there is none."""
    table = schema.rolls
    async with visit.service.database.snapshot() as connection:
        frozen: bool | None = await connection.scalar(select(table.c.frozen).where(table.c.election == visit.place))
    return frozen


def _against(known: About, *, frozen: bool | None) -> dict[str, str]:
    """Kind → what stands against it, or nothing."""
    facts = known.facts
    polls = list(facts.polls.values())
    running = [poll for poll in polls if poll.opened is not None and poll.closed is None]
    found = {
        ROLL_FROZEN: _FROZEN if frozen else _NO_ROLL if frozen is None else "",
        "trustee.opened": _KEY_MADE if facts.joint_key is not None else "",
        "poll.opened": _unless(any(poll.contests and poll.opened is None for poll in polls), _NO_CONTESTS),
        "poll.extended": _unless(running, _NOT_OPEN),
        "poll.paused": _unless(running, _NOT_OPEN) or _unless([poll for poll in running if not poll.paused], _PAUSED),
        "poll.resumed": _unless([poll for poll in running if poll.paused], _NOT_PAUSED),
        "poll.closed": _unless([poll for poll in running if poll.paused], _NOT_PAUSED),
        "credential.replaced": _unless(facts.electorates, _NO_LINKS),
        "result.certified": _unless(_unsettled(polls), _NOT_DECLARED),
        "result.annulled": _unless(_unsettled(polls), _NOTHING_TO_ANNUL),
    }
    if facts.constitution is None:
        return {kind: reason if kind == ROLL_FROZEN else _NO_RULES for kind, reason in {**found, **_OTHERS}.items()}
    return found


_OTHERS: Final = {"members": "", "decision": ""}


def _unless(there: object, reason: str) -> str:
    return "" if there else reason


def _unsettled(polls: Iterable[PollFacts]) -> list[PollFacts]:
    return [poll for poll in polls if poll.declared is not None and poll.concluded is None]
