"""The facts of a checklist: what is prepared for the next poll, and what is not. Plain values; nothing is read here but
a fold of the log (docs/architecture.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from election_service.facts import LogFacts
from election_service.legal_rules import newest_poll
from election_service.poll_facts import PollFacts
from keys.trustee.ceremony import Ceremony, Stage
from tally.errors import OutcomeError

Signing = Literal["none", "waiting", "done"]
"""Where an act stands: nobody proposed it, it waits for approvals, it is done."""


@dataclass(frozen=True, slots=True)
class LogPreparations:
    """What the log says of the poll that comes next.

    poll        its number
    rules       whether there is a constitution
    trustees    who take part in the newest session, k of how many; `owing`: numbers of those whose message is awaited
    void        the newest session ended with a complaint: another attempt is needed
    joint_key   whether all trustees confirmed it
    unread      ambiguous clauses without a signed reading
    electorates how many are in the log
    contests    how many the poll has
    canaries    how many trustees showed that their files work
    refusal     why the rules would refuse the opening for a reason that stands nowhere above; empty for none
    """

    poll: int = 1
    rules: bool = False
    trustees: tuple[int, int] = (0, 0)
    owing: tuple[int, ...] = ()
    void: bool = False
    joint_key: bool = False
    unread: tuple[str, ...] = ()
    electorates: int = 0
    contests: int = 0
    canaries: int = 0
    canaries_owing: tuple[int, ...] = ()
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Preparations:
    """Everything that the checklist looks at. ``log``: None before there is a log; times in POSIX seconds.

    waived            a second factor that needs a waiver has one
    keyless           names of members who have no signing key yet; `keys`: how many have one
    rule_faults       faults of the rules in the making; None: there are none in the making
    students          on the roll, and how many of them may vote
    blocks            electorates that the registrar signed, which the log is to have
    waiting_acts      kind -> how many acts of it wait for approvals
    profiles          candidates with something to show
    links             mails with a ballot link: queued, out, refused
    """

    now: int
    log: LogPreparations | None
    rehearsal: bool = False
    second_factor: str = "totp"
    waived: bool = True
    keys: int = 0
    keyless: tuple[str, ...] = ()
    threshold: int = 2
    rule_faults: int | None = None
    trustees_wanted: tuple[int, int] = (2, 3)
    students: tuple[int, int] = (0, 0)
    frozen: bool = False
    offline_registrar: bool = False
    credentials: bool = False
    blocks: int = 0
    candidates: int = 0
    profiles: int = 0
    booth: bool = False
    waiting_acts: dict[str, int] = field(default_factory=dict)
    opens: int | None = None
    closes: int | None = None
    warnings: tuple[str, ...] = ()
    mail_server: bool = True
    mail_test: Literal["untested", "passed", "failed"] = "untested"
    links: tuple[int, int, int] = (0, 0, 0)
    rehearsal_held: bool = False
    rehearsal_waived: bool = False
    languages_missing: tuple[str, ...] = ()

    def signing(self, kind: str, *, done: bool) -> Signing:
        """Where the act of a kind stands."""
        if done:
            return "done"
        return "waiting" if self.waiting_acts.get(kind) else "none"


def next_poll_facts(facts: LogFacts) -> tuple[int, PollFacts | None]:
    """The number of the poll that opens next, and what the log has of it."""
    newest = newest_poll(facts)
    if newest is None:
        return 1, None
    if newest.opened is None:
        return newest.number, newest
    return newest.number + 1, None


def log_preparations(facts: LogFacts, now: int, closes: int | None) -> LogPreparations:
    """What the log says; ``closes``: when the poll is to close if it opens now."""
    poll, found = next_poll_facts(facts)
    joint = facts.joint_key
    canaries = set() if found is None else found.canaries
    newest = facts.ceremonies[-1] if facts.ceremonies else None
    session = None if newest is None else newest.session
    law = facts.law
    unread = () if law is None else tuple(law.missing())
    contests = 0 if found is None else len(found.contests)
    everybody = range(1, 1 + (0 if session is None else session.n))
    return LogPreparations(
        poll=poll,
        rules=law is not None,
        trustees=(0, 0) if session is None else (session.k, session.n),
        owing=() if newest is None else _owing(newest),
        void=newest is not None and newest.stage is Stage.VOID,
        joint_key=joint is not None,
        unread=unread,
        electorates=len(facts.electorates),
        contests=contests,
        canaries=len(canaries),
        canaries_owing=tuple(number for number in everybody if number not in canaries),
        refusal=_refusal(facts, found, now, closes) if law is not None and not unread and contests else "",
    )


def _owing(ceremony: Ceremony) -> tuple[int, ...]:
    """Numbers of the trustees whose message is awaited."""
    given = {
        Stage.HASHED: ceremony.hashed,
        Stage.COMMITTED: ceremony.committed,
        Stage.SHARED: ceremony.shared,
        Stage.CONFIRMED: ceremony.confirmed,
    }.get(ceremony.stage)
    return () if given is None else tuple(i for i in range(1, ceremony.session.n + 1) if i not in given)


def _refusal(facts: LogFacts, poll: PollFacts | None, now: int, closes: int | None) -> str:
    """What the rules have against the poll itself: a standstill, a permission, the calendar, the poll before it.

    Without a closing time any will do: the calendar says its own when there is one.
    """
    if poll is None:
        return ""
    try:
        facts.record.check_poll(poll.number, poll.documents, now, now + 1 if closes is None else closes)
    except OutcomeError as error:
        return str(error)
    return ""


def count_kinds(kinds: Sequence[str]) -> dict[str, int]:
    """Kind → how many."""
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}
