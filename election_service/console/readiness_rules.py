"""One function for each step of the checklist: whether it is done, and one sentence about what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from election_service.console.preparations import LogPreparations, Preparations
from election_service.languages import translatable

_NO_LOG = LogPreparations()


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text to be translated, with the values that stand in it as %(name)s."""

    text: str
    values: Mapping[str, str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        """In English."""
        return self.text % self.values if self.values else self.text


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a step is done, and the sentence about it."""

    done: bool
    sentence: Sentence


def _open(text: str, **values: str | int) -> Finding:
    return Finding(done=False, sentence=Sentence(text, values))


def _done(text: str, **values: str | int) -> Finding:
    return Finding(done=True, sentence=Sentence(text, values))


def _log(known: Preparations) -> LogPreparations:
    return known.log or _NO_LOG


# ---- before the log --------------------------------------------------------------------------------------------------


def factor(known: Preparations) -> Finding:
    """The second factor, with its waiver where it needs one."""
    if known.second_factor == "totp":
        return _done(translatable("Voters use a code of an authenticator."))
    if not known.waived:
        return _open(translatable("Voters have one way to prove who they are: write who decided so, when and why."))
    if known.second_factor == "email":
        return _done(translatable("Voters get a code by mail; the waiver is written."))
    return _done(translatable("Voters need their link alone; the waiver is written."))


def members(known: Preparations) -> Finding:
    """Enough members have made their keys."""
    values = {"keys": known.keys, "needed": known.threshold}
    if known.keyless:
        names = ", ".join(known.keyless)
        text = translatable("Keys made: %(keys)s, needed at least: %(needed)s. Still without a key: %(names)s.")
        return Finding(known.keys >= known.threshold, Sentence(text, {**values, "names": names}))
    if known.keys < known.threshold:
        return _open(translatable("Keys made: %(keys)s, needed at least: %(needed)s. Invite more members."), **values)
    return _done(translatable("Keys made: %(keys)s, needed at least: %(needed)s."), **values)


def log(known: Preparations) -> Finding:
    """Entry 0."""
    if known.log is None:
        return _open(translatable("The log is not made yet. It names the members and cannot be made twice."))
    return _done(translatable("The log is made."))


def texts(known: Preparations) -> Finding:
    """Title and introduction per language."""
    if known.languages_missing:
        missing = ", ".join(known.languages_missing)
        return _open(translatable("No text in: %(languages)s. English is shown there."), languages=missing)
    return _done(translatable("There is a text in every language."))


# ---- rules and trustees ----------------------------------------------------------------------------------------------


def rules(known: Preparations) -> Finding:
    """The constitution."""
    if _log(known).rules:
        return _done(translatable("The rules stand in the log."))
    if known.waiting_acts.get("constitution"):
        return _open(translatable("The rules are proposed and wait for another member's approval."))
    if known.rule_faults is None:
        return _open(translatable("No rules are chosen yet: begin with a set that fits."))
    if known.rule_faults:
        return _open(translatable("Faults in the rules: %(faults)s."), faults=known.rule_faults)
    return _open(translatable("The rules have no faults; propose them."))


def trustees(known: Preparations) -> Finding:
    """The joint key."""
    found = _log(known)
    k, n = found.trustees
    if found.joint_key:
        return _done(translatable("The key is made; any %(k)s of %(n)s trustees can decrypt."), k=k, n=n)
    if known.waiting_acts.get("trustee.opened"):
        return _open(translatable("The trustees' session waits for another member's approval."))
    if found.void:
        return _open(translatable("The session ended with a complaint; propose another one."))
    if not n:
        k, n = known.trustees_wanted
        return _open(translatable("The trustees' session is not proposed yet; planned are %(k)s of %(n)s."), k=k, n=n)
    numbers = ", ".join(map(str, found.owing))
    return _open(translatable("The session waits for the trustees with the numbers: %(numbers)s."), numbers=numbers)


def readings(known: Preparations) -> Finding:
    """One signed reading of each ambiguous clause."""
    found = _log(known)
    if not found.rules:
        return _open(translatable("Readings are chosen when there are rules."))
    if not found.unread:
        return _done(translatable("Every ambiguous clause has a signed reading."))
    values = {"missing": len(found.unread), "waiting": known.waiting_acts.get("resolution", 0)}
    text = translatable("Clauses without a signed reading: %(missing)s; readings that wait for approval: %(waiting)s.")
    return _open(text, **values)


# ---- voters and candidates -------------------------------------------------------------------------------------------


def roll(known: Preparations) -> Finding:
    """Imported."""
    students, eligible = known.students
    if not students:
        return _open(translatable("No roll is imported yet."))
    values = {"students": students, "eligible": eligible}
    return _done(translatable("On the roll: %(students)s; of them may vote: %(eligible)s."), **values)


def freeze(known: Preparations) -> Finding:
    """Frozen by two persons."""
    if known.frozen:
        return _done(translatable("The roll is frozen: nobody is added, removed or altered."))
    if known.waiting_acts.get("roll.frozen"):
        return _open(translatable("The freeze waits for another member's approval."))
    return _open(translatable("The roll can still change; propose to freeze it."))


def links(known: Preparations) -> Finding:
    """Credentials."""
    if known.credentials:
        return _done(translatable("Every voter has a ballot link."))
    if known.offline_registrar:
        return _open(translatable("Import the document of the registrar, who makes the links on another computer."))
    return _open(translatable("Ballot links are not made yet."))


def electorates(known: Preparations) -> Finding:
    """Each of the registrar's electorates is in the log."""
    logged = _log(known).electorates
    values = {"logged": logged, "blocks": known.blocks, "waiting": known.waiting_acts.get("electorate", 0)}
    if known.blocks and logged >= known.blocks:
        return _done(translatable("In the log: %(logged)s of %(blocks)s electorates."), **values)
    if not known.blocks:
        return _open(translatable("The registrar signs the electorates when the ballot links are made."))
    text = translatable("In the log: %(logged)s of %(blocks)s electorates; waiting for approval: %(waiting)s.")
    return _open(text, **values)


def candidates(known: Preparations) -> Finding:
    """Somebody stands for something."""
    if not known.candidates:
        return _open(translatable("Nobody stands for anything in the next poll yet."))
    return _done(translatable("Candidacies: %(candidates)s."), candidates=known.candidates)


def profiles(known: Preparations) -> Finding:
    """What candidates say of themselves."""
    values = {"profiles": known.profiles, "candidates": known.candidates}
    text = translatable("Candidates with a photo or a statement: %(profiles)s; candidacies: %(candidates)s.")
    return Finding(0 < known.candidates <= known.profiles, Sentence(text, values))


def contests(known: Preparations) -> Finding:
    """Logged, each with a key of its own."""
    found = _log(known)
    if not found.contests:
        return _open(translatable("The contests of poll %(poll)s are not made yet."), poll=found.poll)
    values = {"contests": found.contests, "poll": found.poll}
    return _done(translatable("Contests of poll %(poll)s: %(contests)s."), **values)


def canaries(known: Preparations) -> Finding:
    """At least k trustees showed that their files work."""
    found = _log(known)
    if not found.joint_key:
        return _open(translatable("The trustees test their files when the key is made."))
    values = {"canaries": found.canaries, "k": found.trustees[0]}
    if found.canaries >= found.trustees[0]:
        return _done(translatable("Files tested for this poll: %(canaries)s; needed: %(k)s."), **values)
    numbers = ", ".join(map(str, found.canaries_owing))
    text = translatable("Files tested for this poll: %(canaries)s; needed: %(k)s. Not yet, by number: %(numbers)s.")
    return _open(text, **values, numbers=numbers)


# ---- the poll --------------------------------------------------------------------------------------------------------


def schedule(known: Preparations) -> Finding:
    """A closing time that lies in the future."""
    if known.closes is None:
        return _open(translatable("The closing time is not set yet."))
    if known.closes <= known.now:
        return _open(translatable("The closing time has passed; set another one."))
    if known.warnings:
        return _done(translatable("Set, with a warning: %(warning)s"), warning="; ".join(known.warnings))
    return _done(translatable("The closing time is set."))


def law(known: Preparations) -> Finding:
    """What the rules say of the poll as a whole."""
    found = _log(known)
    if not found.contests or found.unread:
        return _open(translatable("This is seen when the contests are made and the readings are signed."))
    if found.refusal:
        return _open(translatable("The rules refuse it: %(refusal)s"), refusal=found.refusal)
    return _done(translatable("The rules have no objection."))


def booth(known: Preparations) -> Finding:
    """The hash of the voters' program."""
    if known.booth:
        return _done(translatable("The program that voters are served stands in the log."))
    if known.waiting_acts.get("booth"):
        return _open(translatable("The announcement waits for another member's approval."))
    return _open(translatable("The program that voters are served is not announced, so nobody can compare it."))


def mail(known: Preparations) -> Finding:
    """The mail server took a mail."""
    if not known.mail_server:
        return _done(translatable("This service sends no mail: links go by paper or by the registrar's own mail."))
    if known.mail_test == "passed":
        return _done(translatable("The mail server took the test mail."))
    if known.mail_test == "failed":
        return _open(translatable("The last test mail was refused."))
    return _open(translatable("Send a mail to yourself before everybody else gets one."))


def sent(known: Preparations) -> Finding:
    """The invitations."""
    queued, out, refused = known.links
    values = {"queued": queued, "out": out, "refused": refused}
    text = translatable("Links by mail: on their way %(queued)s, out %(out)s, refused %(refused)s.")
    return Finding(out > 0 and not queued and not refused, Sentence(text, values))


def rehearsal(known: Preparations) -> Finding:
    """Held, or waived in writing."""
    if known.rehearsal:
        return _done(translatable("This is a rehearsal itself."))
    if known.rehearsal_held:
        return _done(translatable("A rehearsal was held."))
    if known.rehearsal_waived:
        return _done(translatable("You decided to hold none, and wrote down why."))
    return _open(translatable("Hold a rehearsal, or write down why you do without."))
