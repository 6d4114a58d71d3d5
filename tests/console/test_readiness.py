"""The checklist and the acceptance of `poll.opened` say the same: for every cut of many simulated logs, at any time."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.entries import PollOpenedData, ResolutionData, decode_entry, format_time, parse_time
from election_service.act_rules import check_act
from election_service.console.preparations import LogPreparations, Preparations, log_preparations, next_poll_facts
from election_service.console.readiness import KEYS, Checklist, checklist
from election_service.errors import ActRefusedError
from election_service.facts import BULK, LogFacts
from election_service.service import Writing
from keys.canonical import b64
from keys.trustee.tool import canary
from tests.simulated.plan import ContestPlan, Plan
from tests.simulated.rules import SmallRules, plain
from tests.simulator import Election, finish

DAY = 86_400
NOTHING: Any = None  # an opening is judged by the facts of the log alone
CONTESTS = (ContestPlan("head", ("ana", "ana", "ana", "beka")),)

# Each world is a way in which a committee may go about it: what it leaves out, and what its rules ask for.
WORLDS: dict[str, dict[str, Any]] = {
    "as it should be": {},
    "one trustee alone tests the file": {"canaries": 1},
    "two of three trustees test their files": {"canaries": 2},
    "nobody tests a file": {"canaries": 0},
    "all but one clause are read": {"readings": 1},
    "no clause is read": {"readings": 0},
    "the administration has to permit it, and does not": {"permission": plain("required")},
    "the body is too small": {"body_minimum": plain(100)},
    "late is refused": {"late": "refuse"},
    "the self-governance is at a standstill": {"standstill": True},
    "the poll was opened, and the next is prepared": {"opened": True},
    "the poll is certified": {"finished": True},
}


class World(Election):
    """A committee that does what it does, whether it should or not."""

    def __init__(self, *, canaries: int = 3, readings: int = 2, **more: Any) -> None:
        rules = SmallRules().constitution()
        calendar = msgspec.structs.replace(rules.calendar, first_poll_late=plain(more.get("late", "warn")))
        changes = {name: more[name] for name in ("permission", "body_minimum") if name in more}
        super().__init__(Plan(contests=CONTESTS, rules=msgspec.structs.replace(rules, calendar=calendar, **changes)))
        self.signed, self.tested, self.more = readings, canaries, more

    def make_electorates(self) -> None:
        """With as many readings as this committee signs."""
        for resolution in self.plan.resolutions[: self.signed]:
            self.record.resolve(resolution)
            self.act("resolution", ResolutionData, clause=resolution.clause, reading=resolution.reading)
        self.make_electorate("university", range(len(self.voters)))

    def live(self) -> None:
        """Everything that this committee does."""
        for step in (self.open_log, self.ceremony, self.make_electorates, self.prepare_poll):
            step()
        if self.more.get("opened") or self.more.get("finished"):
            self.open_poll()
        else:
            for file in self.trustees[: self.tested]:
                self.log.append("trustee.canary", canary(file, self.log_id, self.joint, 1, self.random))
        if self.more.get("standstill"):
            self.decide("suspension")
        if self.more.get("finished"):
            self.vote()
            finish(self)


@cache
def entries_of(world: str) -> tuple[Sequence[bytes], dict[str, bytes]]:
    """The log of a world, without ballots and tokens, and its blobs."""
    election = World(**WORLDS[world])
    election.live()
    return [raw for raw in election.log.entries if decode_entry(raw).kind not in BULK], election.log.blobs


def facts_until(world: str, size: int) -> tuple[LogFacts, int]:
    """The fold of the first entries of a world's log, and the time of the last one."""
    raws, blobs = entries_of(world)
    facts, now = LogFacts(), 0
    for raw in raws[:size]:
        entry = decode_entry(raw)
        facts.apply(entry, raw, blobs[entry.data.blob] if entry.kind == "constitution" else b"")
        now = parse_time(entry.time) if entry.time else now
    return facts, now


def judged(facts: LogFacts, now: int, closes: int) -> str:
    """What the service says to the opening of the next poll, once it is signed; empty where it is taken."""
    number, poll = next_poll_facts(facts)
    contexts = () if poll is None else tuple(b64(context) for context in poll.contexts)
    act = PollOpenedData(
        act=b64(os.urandom(16)), approvals=(), poll=number, contexts=contexts, closes=format_time(closes)
    )
    try:
        asyncio.run(check_act(Writing(NOTHING, NOTHING, facts, now), "poll.opened", act))
    except ActRefusedError as error:
        return str(error)
    return ""


def listed(facts: LogFacts, now: int, closes: int, **others: Any) -> Checklist:
    found = log_preparations(facts, now, closes)
    return checklist(Preparations(now=now, log=found, closes=closes, **others))


@st.composite
def _others(draw: st.DrawFn) -> dict[str, Any]:
    """What the log does not say, and what therefore decides nothing."""
    return {
        "second_factor": draw(st.sampled_from(["totp", "email", "none"])),
        "waived": draw(st.booleans()),
        "keys": draw(st.integers(0, 3)),
        "rule_faults": draw(st.sampled_from([None, 0, 3])),
        "students": draw(st.sampled_from([(0, 0), (8, 7)])),
        "frozen": draw(st.booleans()),
        "credentials": draw(st.booleans()),
        "blocks": draw(st.integers(0, 3)),
        "candidates": draw(st.integers(0, 3)),
        "booth": draw(st.booleans()),
        "mail_test": draw(st.sampled_from(["untested", "passed", "failed"])),
        "rehearsal_held": draw(st.booleans()),
    }


@given(
    world=st.sampled_from(sorted(WORLDS)),
    cut=st.integers(0, 60),
    later=st.integers(0, 40 * DAY),
    length=st.integers(-DAY, 30 * DAY),
    others=_others(),
)
def test_the_checklist_is_ready_exactly_when_the_opening_would_be_accepted(
    world: str, cut: int, later: int, length: int, others: dict[str, Any]
) -> None:
    raws, _ = entries_of(world)
    facts, now = facts_until(world, max(1, len(raws) - cut))
    now, closes = now + later, now + later + length
    refusal = judged(facts, now, closes)
    found = listed(facts, now, closes, **others)
    assert found.ready == (not refusal), (refusal, [step.key for step in found.missing])


@pytest.mark.parametrize("world", WORLDS)
def test_the_whole_log_of_each_world_is_judged_alike(world: str) -> None:
    facts, now = facts_until(world, len(entries_of(world)[0]))
    refusal = judged(facts, now, now + 3600)
    assert listed(facts, now, now + 3600).ready == (not refusal)
    assert bool(refusal) == (
        world not in {"as it should be", "two of three trustees test their files", "late is refused"}
    )


def test_a_poll_without_a_closing_time_is_not_ready() -> None:
    facts, now = facts_until("as it should be", 99)
    found = checklist(Preparations(now=now, log=log_preparations(facts, now, None)))
    assert [step.key for step in found.missing] == ["schedule"]


def test_before_the_log_there_is_the_way_to_it() -> None:
    known = Preparations(now=0, log=None, keys=1, keyless=("Beka",), second_factor="none", waived=False)
    found = {step.key: step for step in checklist(known).steps}
    assert (found["factor"].state, found["members"].state) == ("waiting", "waiting")
    assert found["log"].blocked_by == ("factor", "members")
    assert "Beka" in str(found["members"].missing)
    assert found["rules"].blocked_by == ("log",)
    ready = {step.key: step for step in checklist(replace(known, keys=2, keyless=(), waived=True)).steps}
    assert (ready["factor"].state, ready["members"].state, ready["log"].state) == ("done", "done", "waiting")


EMPTY = LogPreparations()
RULED = replace(EMPTY, rules=True, unread=("6.12.4 turnout.scope",))
KEYED = replace(RULED, joint_key=True, trustees=(2, 3))

SENTENCES: dict[str, tuple[Preparations, str, str]] = {
    "no rules": (Preparations(0, EMPTY), "rules", "begin with a set that fits"),
    "faulty rules": (Preparations(0, EMPTY, rule_faults=3), "rules", "Faults in the rules: 3"),
    "rules to propose": (Preparations(0, EMPTY, rule_faults=0), "rules", "propose them"),
    "rules that wait": (Preparations(0, EMPTY, waiting_acts={"constitution": 1}), "rules", "another member's approval"),
    "no session": (Preparations(0, RULED), "trustees", "planned are 2 of 3"),
    "a session that waits": (
        Preparations(0, RULED, waiting_acts={"trustee.opened": 1}),
        "trustees",
        "waits for another",
    ),
    "trustees who owe": (Preparations(0, replace(RULED, trustees=(2, 3), owing=(1, 3))), "trustees", "1, 3"),
    "a complaint": (Preparations(0, replace(RULED, trustees=(2, 3), void=True)), "trustees", "ended with a complaint"),
    "readings": (Preparations(0, KEYED, waiting_acts={"resolution": 1}), "readings", "reading: 1; readings that wait"),
    "no roll": (Preparations(0, EMPTY), "roll", "No roll"),
    "roll": (Preparations(0, EMPTY, students=(8, 7)), "roll", "On the roll: 8; of them may vote: 7"),
    "freeze": (Preparations(0, EMPTY, students=(8, 7)), "freeze", "can still change"),
    "freeze that waits": (Preparations(0, EMPTY, waiting_acts={"roll.frozen": 1}), "freeze", "waits for another"),
    "offline registrar": (Preparations(0, EMPTY, offline_registrar=True), "links", "Import the document"),
    "electorates": (Preparations(0, KEYED, blocks=4, waiting_acts={"electorate": 3}), "electorates", "0 of 4"),
    "canaries": (Preparations(0, replace(KEYED, canaries=1, canaries_owing=(2, 3))), "canaries", "by number: 2, 3"),
    "late": (Preparations(9, EMPTY, closes=9), "schedule", "has passed"),
    "warned": (Preparations(0, EMPTY, closes=9, warnings=("late (6.12.1)",)), "schedule", "6.12.1"),
    "refused": (
        Preparations(0, replace(KEYED, unread=(), contests=2, refusal="no permission")),
        "law",
        "no permission",
    ),
    "no test mail": (Preparations(0, EMPTY), "mail", "to yourself"),
    "refused mail": (Preparations(0, EMPTY, mail_test="failed"), "mail", "refused"),
    "no mail server": (Preparations(0, EMPTY, mail_server=False), "mail", "sends no mail"),
    "links": (Preparations(0, EMPTY, links=(3, 4, 5)), "sent", "on their way 3, out 4, refused 5"),
    "rehearsal": (Preparations(0, EMPTY), "rehearsal", "write down why"),
    "rehearsal waived": (Preparations(0, EMPTY, rehearsal_waived=True), "rehearsal", "hold none"),
    "email without waiver": (Preparations(0, None, second_factor="email", waived=False), "factor", "who decided so"),
    "texts": (Preparations(0, EMPTY, languages_missing=("ka", "az")), "texts", "ka, az"),
}


@pytest.mark.parametrize("case", SENTENCES)
def test_each_step_says_in_a_sentence_what_is_missing(case: str) -> None:
    known, key, words = SENTENCES[case]
    found = {step.key: step for step in checklist(known).steps}
    assert words in str(found[key].missing)


def test_every_step_has_a_title_a_page_and_somebody_who_does_it() -> None:
    steps = checklist(Preparations(0, None)).steps
    assert tuple(step.key for step in steps) == KEYS
    assert len(set(KEYS)) == len(KEYS)
    assert all(step.title and step.who and step.page.startswith("/") for step in steps)
