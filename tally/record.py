"""The legal record of one election: what the rules know at any entry of the log, and what follows from it.

A fold over the legal facts of the log, entry by entry. Service and verifier use this one class: what the service would
not do, the verifier does not accept. Every method checks all it needs before it changes anything: OutcomeError.
"""

from collections.abc import Sequence

from ballot.contest import Contest
from tally.calendar import Notice
from tally.complaint import ComplaintData, check_new
from tally.constitution import Constitution, Resolution
from tally.decision import Decision
from tally.errors import OutcomeError
from tally.legal_state import LegalState
from tally.matters import Complaint, PollState, SeatState
from tally.open_vote import OpenVoteData
from tally.outcome import Counted, Outcome, declare
from tally.petition import PetitionData
from tally.plan import check_calendar, check_opening, check_together, plan_contest
from tally.register import Register
from tally.resolutions import apply_resolutions, check_resolution, missing
from tally.ruling import rule_on
from tally.settlement import Event, give_seats
from tally.tasks import vote_again
from tally.wire import Task

__all__ = ["Counted", "Event", "Notice", "Outcome", "Record"]


class Record:
    """See the module. Owner of the state: whoever folds the log; `copy` gives one to try an act on."""

    def __init__(self, constitution: Constitution) -> None:
        """Begin with the constitution as it was logged."""
        self.state = LegalState(constitution, constitution)

    def copy(self) -> "Record":
        """A record that changes by itself."""
        other = Record(self.state.constitution)
        other.state = self.state.copy()
        return other

    # -- what it knows -----------------------------------------------------------------------------------------------

    @property
    def rules(self) -> Constitution:
        """The constitution with the committee's readings; defaults where there is none yet."""
        return self.state.rules

    @property
    def register(self) -> Register:
        """Who holds which seat, and who held it."""
        return self.state.register

    @property
    def agenda(self) -> dict[str, Task]:
        """What has to happen, by seat or motion, ascending."""
        return self.state.agenda()

    @property
    def seats(self) -> dict[str, SeatState]:
        """Every seat that a poll was declared about."""
        return self.state.seats

    @property
    def polls(self) -> dict[int, PollState]:
        """Every poll that was opened."""
        return self.state.polls

    @property
    def barred(self) -> dict[str, str]:
        """Persons who can be elected no more -> ground."""
        return self.state.barred

    def members(self) -> dict[str, str]:
        """Persons who hold an elected seat -> that seat."""
        return self.state.members()

    def missing(self) -> list[str]:
        """Ambiguous clauses that no resolution reads yet."""
        return missing(self.state.constitution, self.state.resolutions)

    def due(self, name: str) -> int | None:
        """POSIX seconds by which a task has to be done; None without a limit."""
        matter = self.state.seats.get(name) or self.state.motions.get(name)
        if matter is None or matter.task is None:
            return None
        return self.state.due(matter.task, matter.asked)

    # -- before a poll -----------------------------------------------------------------------------------------------

    def resolve(self, resolution: Resolution) -> None:
        """Take a `resolution`; the readings are frozen once a poll has opened."""
        if self.state.polls:
            raise OutcomeError(f"resolution of {resolution.clause}: a poll has opened, the readings are frozen")
        check_resolution(self.state.constitution, resolution)
        self.state.resolutions.append(resolution)
        self.state.rules = apply_resolutions(self.state.constitution, self.state.resolutions)

    def add_electorate(self, identity: str, size: int) -> None:
        """Take an `electorate`."""
        self.state.electorates[identity] = size

    def plan(self, poll: int, contests: Sequence[Contest]) -> None:
        """Check contests of the next poll before they are logged."""
        check_together(self.state, poll, [plan_contest(self.state, document) for document in contests])

    def add_contest(self, document: Contest) -> None:
        """Take a `contest`: its place in the law, its electorate and its candidates are judged now, and frozen."""
        planned = plan_contest(self.state, document)
        self.state.planned.setdefault(document.poll, {})[document.contest] = planned

    def check_poll(self, poll: int, contests: Sequence[Contest], opens: int, closes: int) -> list[Notice]:
        """Check that a poll may open now, and return the calendar's warnings."""
        return check_opening(self.state, poll, contests, opens, closes)[1]

    def open_poll(self, poll: int, contests: Sequence[Contest], opens: int, closes: int) -> list[Notice]:
        """Take a `poll.opened`."""
        planned, notices = check_opening(self.state, poll, contests, opens, closes)
        self.state.polls[poll] = PollState(poll, {contest.contest: contest for contest in planned}, opens, closes)
        return notices

    def extend_poll(self, poll: int, closes: int) -> list[Notice]:
        """Take a `poll.extended` or `poll.resumed`; returns the calendar's warnings about the new closing time."""
        found = self._poll(poll)
        notices = check_calendar(self.state, poll, list(found.contests.values()), found.opens, closes)
        found.closes = closes
        return notices

    # -- the result --------------------------------------------------------------------------------------------------

    def declare(self, poll: int, counted: Sequence[Counted]) -> Outcome:
        """What the rules make of the counts of a closed poll; changes nothing."""
        found = self._poll(poll)
        if found.declared is not None:
            raise OutcomeError(f"poll {poll}: its result is declared already")
        return declare(self.state, poll, counted)

    def take(self, outcome: Outcome, time: int) -> None:
        """Take a `result.declared` at `time`: `outcome` as `declare` has just returned it."""
        before = {name: seat.copy() for name, seat in self.state.seats.items()}
        whole = self.state.whole
        self.state = outcome.after.copy()
        poll = self.state.polls[outcome.poll]
        poll.declared, poll.before, poll.whole_before = time, before, whole
        for matter in self.state.matters():
            if matter.task is not None and matter.asked is None:
                matter.asked = time

    def certify(self, poll: int, time: int) -> list[Event]:
        """Take a `result.certified`; returns the entries that follow, in order."""
        opens = self._complaints_end(self._declared(poll))
        if time < opens:
            clause = self.rules.complaints.clause
            raise OutcomeError(f"poll {poll}: complaints are heard for {opens - time} seconds more (clause {clause})")
        waiting = [seq for seq, item in self.state.complaints.items() if item.data.poll == poll and not item.answer]
        if waiting:
            raise OutcomeError(f"poll {poll}: the complaint of entry {waiting[0]} is not answered yet")
        tried = self.state.copy()
        tried.polls[poll].concluded = "certified"
        events = give_seats(tried, f"poll:{poll}", time)
        self.state = tried
        return events

    def annul(self, poll: int, time: int) -> list[Event]:
        """Take a `result.annulled`: the seats stand as before the poll, and its votes have to be held again.

        Returns the entries that follow, in order: a seat that a vote of this poll was to settle may be settled already,
        by a decision since.
        """
        self._declared(poll)
        tried = self.state.copy()
        found = tried.polls[poll]
        found.concluded = "annulled"
        tried.whole = found.whole_before
        cause = f"poll:{poll}"
        for name in list(tried.seats):
            _restore(tried, name, found, cause)
        for planned in (item for item in found.contests.values() if item.vote != "moot"):
            matter = tried.seats.get(planned.contest) or tried.motions[planned.contest]
            if matter.task is None and not (isinstance(matter, SeatState) and matter.ranking):
                matter.task, matter.asked = vote_again(tried, planned), time
                if isinstance(matter, SeatState):
                    matter.possible, matter.grounds = planned.options, matter.grounds or (cause,)
        events = give_seats(tried, cause, time)
        self.state = tried
        return events

    def _poll(self, number: int) -> PollState:
        if number not in self.state.polls:
            raise OutcomeError(f"poll {number}: was not opened")
        return self.state.polls[number]

    def _declared(self, number: int) -> PollState:
        found = self._poll(number)
        if found.declared is None or found.concluded is not None:
            raise OutcomeError(f"poll {number}: is not declared, or {found.concluded} already")
        return found

    # -- people ------------------------------------------------------------------------------------------------------

    def decide(self, act: str, decision: Decision, time: int) -> list[Event]:
        """Take a `decision`; returns the entries that follow, in order. `act` as it stands in the entry."""
        tried = self.state.copy()
        events = rule_on(tried, act, decision, time)
        self.state = tried
        return events

    def complain(self, seq: int, data: ComplaintData, time: int) -> None:
        """Take a `complaint`, entry `seq`, made in time about a poll that is declared."""
        if time >= self._complaints_end(self._declared(data.poll)):
            raise OutcomeError(
                f"complaint: poll {data.poll}: the time for complaints is over (clause {self.rules.complaints.clause})"
            )
        check_new(data, [item.data for item in self.state.complaints.values()])
        self.state.complaints[seq] = Complaint(data, time)

    def heard_until(self, poll: int) -> int | None:
        """When the time for complaints about a declared poll is over; None for any other, and once it is concluded."""
        found = self._poll(poll)
        return None if found.declared is None or found.concluded is not None else self._complaints_end(found)

    def _complaints_end(self, poll: PollState) -> int:
        return (poll.declared or 0) + self.rules.complaints.value

    def support(self, data: PetitionData, time: int, *, listed: str | None) -> None:
        """Take a `petition`. `listed`: the credential on the electorate's roll that the signing one stands for, read
        through replacements; None where there is none.
        """
        petition = self.state.petitions.get(data.petition)
        if petition is None or petition.electorate != data.electorate:
            raise OutcomeError(f"petition {data.petition}: none such is open for {data.electorate}")
        entitled = listed is not None
        self.state.petitions[data.petition] = petition.add(listed or data.credential, time, entitled=entitled)

    def vote_openly(self, data: OpenVoteData, time: int, *, listed: str | None) -> None:
        """Take a `vote.open`; `listed` as in `support`."""
        vote = self.state.open_votes.get(data.vote)
        if vote is None or vote.electorate != data.electorate:
            raise OutcomeError(f"open vote {data.vote}: none such is open for {data.electorate}")
        entitled = listed is not None
        cast = vote.add(listed or data.credential, data.choice, time, entitled=entitled)
        self.state.open_votes[data.vote] = cast


def _restore(state: LegalState, name: str, poll: PollState, cause: str) -> None:
    """Undo what a declared poll changed about a seat; what decisions changed since stays."""
    now, before = state.seats[name], poll.before.get(name)
    if name in poll.contests and poll.contests[name].vote != "moot":
        back = before.copy() if before is not None else SeatState(name, now.position, now.electorate)
        back.procedure = back.procedure or now.procedure
        back.passed |= now.passed
        state.seats[name] = back
    elif now.cause == cause and before is not None:
        now.task, now.asked, now.cause, now.pending = before.task, before.asked, before.cause, before.pending
