"""docs/rules.md §7 and §10: what a certification, an annulment and a decision change; from the page alone."""

from tests.docs.second_law_declare import Declaring
from tests.docs.second_law_facts import seconds
from tests.docs.second_law_register import Term, give_for_good
from tests.docs.second_law_rules import Json, expect, same
from tests.docs.second_law_state import Seat, Tasks
from tests.docs.second_program import unb64


class Deciding(Declaring):
    """Certifications, annulments and decisions."""

    # ---- §7

    def on_result_certified(self, data: Json, time: str, seq: int) -> None:
        poll = self.polls[data["poll"]]
        window = self.rules.get("complaints")
        expect(seconds(time) >= seconds(poll.declared) + window, f"poll {poll.number}: certified too early")
        expect(poll.number not in self.answered.values(), f"poll {poll.number}: a complaint has no answer")
        expect(poll.number not in self.slack, f"poll {poll.number}: certified above the slack")
        poll.ended = True
        self.expected = give_for_good(self.context(f"poll:{poll.number}", time, for_good=True), self.register, [])

    def on_result_annulled(self, data: Json, time: str, seq: int) -> None:
        poll = self.polls[data["poll"]]
        assert poll.before is not None
        poll.ended = True
        cause = f"poll:{poll.number}"
        old, self.whole = poll.before
        voted = {contest.contest: contest for contest in poll.contests if contest.vote != "moot"}
        for name, seat in self.seats.items():
            if name in voted:
                before = seat if seat.motion else old.get(name)
                if before is None:
                    before = Seat(seat.position, seat.electorate, seat.motion, procedure=voted[name].procedure)
                before.passed |= seat.passed
                self.seats[name] = before
                if before.task is None and not before.ranks:
                    before.ask(Tasks(self.rules).again(voted[name], "annulled"), time, cause)
                    before.possible = list(voted[name].candidates)
                    before.grounds = before.grounds or [cause]
                continue
            if seat.pending is not None and seat.pending_cause == cause:
                seat.pending, seat.pending_cause = old[name].pending, old[name].pending_cause
            if seat.task is not None and seat.task.cause == cause:
                seat.task = old[name].task
        self.expected = give_for_good(self.context(cause, time, for_good=True), self.register, [])

    # ---- §10, §11

    def on_complaint(self, data: Json, time: str, seq: int) -> None:
        self.answered[seq] = data["poll"]

    def on_petition(self, data: Json, time: str, seq: int) -> None:
        self.supports.sign(data["petition"], unb64(data["credential"]), "for")

    def on_vote_open(self, data: Json, time: str, seq: int) -> None:
        self.supports.sign(data["vote"], unb64(data["credential"]), data["choice"])

    def on_decision(self, data: Json, time: str, seq: int) -> None:
        decision, act = data["decision"], data["act"]
        name = "rule_" + decision["what"].replace("-", "_")
        if hasattr(self, name):
            getattr(self, name)(decision, act, time)

    def rule_complaint(self, decision: Json, act: str, time: str) -> None:
        expect(self.answered.get(decision["number"]) is not None, "decision: no such complaint without an answer")
        self.answered[decision["number"]] = None

    def rule_petition(self, decision: Json, act: str, time: str) -> None:
        self.supports.open(decision)

    def rule_petition_result(self, decision: Json, act: str, time: str) -> None:
        self.supports.petition_result(self.rules, decision)

    def rule_board_vote(self, decision: Json, act: str, time: str) -> None:
        self.supports.open(decision)

    def rule_board_result(self, decision: Json, act: str, time: str) -> None:
        self.supports.board_result(self.rules, decision)

    def rule_attendance(self, decision: Json, act: str, time: str) -> None:
        self.attended[decision["seat"]] = (decision["number"], act)

    def rule_appointment(self, decision: Json, act: str, time: str) -> None:
        self.register.end_appointments(position=decision["seat"])
        self.register.terms.append(Term(decision["seat"], decision["seat"], decision["person"], False))

    def give(self, act: str, time: str, events: list[tuple[str, Json]]) -> None:
        """† of §10."""
        context = self.context(f"decision:{act}", time, for_good=True)
        self.expected = give_for_good(context, self.register, events)

    def ground(self, name: str) -> Json:
        return next(dict(found) for found in self.rules.all["grounds"] if found["id"] == name)

    def leave(self, person: str, terms: list[Term], ground: Json, act: str, time: str) -> None:
        """Leaving: what follows where mandates end."""
        events = []
        for term in terms:
            if not term.elected:
                self.register.terms.remove(term)
        for seat in self.seats.values():
            decided = seat.poll is None or self.polls[seat.poll].ended
            listed = any(person in rank for rank in seat.ranks)
            if terms and listed and decided:
                seat.passed.setdefault(person, "left")
        for term in sorted(terms, key=lambda term: term.seat):
            if term.elected:
                cause = f"decision:{act}"
                events.append(self.register.end(self.rules, term, ground["id"], ground["clause"], cause))
                seat = self.seats[term.seat]
                seat.passed[person] = "left"
                self.after(term.seat, seat, act, time, self.rules.position(seat.position)["seat"]["succession"])
        self.give(act, time, events)

    def after(self, name: str, seat: Seat, act: str, time: str, how: Json) -> None:
        """`how` is the parameter `succession` or `refused`."""
        cause = f"decision:{act}"
        if how["value"] == "by-election":
            seat.empty([cause])
            seat.possible, seat.pending = [], None
            seat.ask(Tasks(self.rules).by_election(name, seat.position, how["clause"]), time, cause)
        else:
            seat.succession = True
            seat.grounds = [*seat.grounds, cause]

    def rule_vacancy(self, decision: Json, act: str, time: str) -> None:
        person, ground = decision["person"], self.ground(decision["ground"])
        term = self.register.find(decision["seat"], person)
        expect(term is not None, "vacancy: the person does not hold the seat")
        terms = [other for other in self.register.terms if other.person == person and (ground["bars"] or other == term)]
        if ground["bars"]:
            self.barred[person] = act
        self.leave(person, terms, ground, act, time)

    def rule_bar(self, decision: Json, act: str, time: str) -> None:
        person, only = decision["person"], decision["seat"]
        terms = [term for term in self.register.terms if term.person == person and only in ("", term.seat)]
        if only:
            self.barred_from[only, person] = act
        else:
            self.barred[person] = act
        self.leave(person, terms, self.ground(decision["ground"]), act, time)

    def rule_withdrawal(self, decision: Json, act: str, time: str) -> None:
        name, person = decision["seat"], decision["person"]
        stood = [one.poll for one in self.logged.values() if one.contest == name and person in one.candidates]
        expect(bool(stood), "withdrawal: no candidate")
        self.withdrawn[name, person] = (max(stood), act)
        self.give(act, time, [])

    def rule_approval(self, decision: Json, act: str, time: str) -> None:
        seat = self.seats[decision["seat"]]
        same("approval: person", seat.pending, decision["person"])
        seat.pending, seat.approved = None, decision["person"]
        self.give(act, time, [])

    def rule_refusal(self, decision: Json, act: str, time: str) -> None:
        seat = self.seats[decision["seat"]]
        same("refusal: person", seat.pending, decision["person"])
        seat.pending = None
        seat.passed[decision["person"]] = "refused"
        seat.succession = True
        refused = self.rules.position(seat.position)["seat"]["refused"]
        if refused["value"] == "by-election":
            grounds = [*seat.grounds, f"decision:{act}"]
            self.after(decision["seat"], seat, act, time, refused)
            seat.grounds = grounds
        else:
            self.after(decision["seat"], seat, act, time, refused)
        self.give(act, time, [])

    def rule_paper(self, decision: Json, act: str, time: str) -> None:
        seat, person = self.seats[decision["seat"]], decision["person"]
        expect(seat.task is not None and seat.task.data["kind"] == "paper", "paper: nothing was to be voted on paper")
        seat.ranks, seat.votes, seat.poll, seat.grounds = [[person]], {person: 1}, None, [f"decision:{act}"]
        seat.held, seat.possible, seat.certain, seat.approved = False, [], [], None
        self.give(act, time, [])
