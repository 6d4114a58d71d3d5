"""What use cases say when they refuse, for people: the text of the error, and a sentence to be translated.

The text of an error is made for programs and logs. ``{name}`` in it stands for what differs, and is ``%(name)s`` in the
sentence. Tests hold that every text here is one that is raised (tests/console/test_refusal_words.py).
"""

from collections.abc import Mapping
from typing import Final

from election_service.languages import translatable

_NO_KEY: Final = translatable("The trustees have not made their key yet.")
_NOT_DECLARED: Final = translatable("The result of poll %(poll)s is not declared.")
_NOT_OPEN: Final = translatable("Poll %(poll)s is not open.")
_PAUSE_FIRST: Final = translatable("Pause the poll first: members sign numbers that stand still.")
_IN_THE_PAST: Final = translatable("The closing time is not in the future.")
_STANDS_IN_LOG: Final = translatable("This stands in the log already.")
_ANEW: Final = translatable("The election has gone on meanwhile. Prepare the act anew.")

ACTS: Final[Mapping[str, str]] = {  # without the kind and the colon in front
    "the constitution comes first": translatable("The rules come first."),
    "there is no constitution yet": translatable("The rules come first."),
    "there is one, and there is only one": translatable("The rules are in force already."),
    "its number stands in entry {seq} already": _STANDS_IN_LOG,
    "is logged already": _STANDS_IN_LOG,
    "the trustees have not confirmed a joint key yet": _NO_KEY,
    "the trustees have confirmed their key already": translatable("The trustees have made their key."),
    "expected attempt {wanted}, got {given}": _ANEW,
    "threshold: expected at least {least}, got {given}": translatable("An act needs at least %(least)s signatures."),
    "poll {poll} was opened before": translatable("Poll %(poll)s was opened before."),
    "poll {poll} is not open": _NOT_OPEN,
    "poll {poll} is paused already": translatable("Poll %(poll)s is paused already."),
    "poll {poll} is not paused": translatable("Poll %(poll)s is not paused."),
    "poll {poll}: is not open": _NOT_OPEN,
    "poll {poll}: was never opened": translatable("Poll %(poll)s was never opened."),
    "poll {poll}: its result is not declared": _NOT_DECLARED,
    "poll {poll}: has no declared result yet": _NOT_DECLARED,
    "poll {poll}: pause it first: only a paused poll's numbers can be signed": _PAUSE_FIRST,
    "pause the poll first: only a paused poll's numbers can be signed": _PAUSE_FIRST,
    "poll {poll}: {kind} is logged already": translatable(
        "The result of poll %(poll)s is certified or annulled already."
    ),
    "poll {poll} is on its way; this belongs before its contests": translatable(
        "Poll %(poll)s is on its way. This belongs before its contests are made."
    ),
    "expected all logged contests of the poll, ascending by context": _ANEW,
    "expected the contexts of the opening": _ANEW,
    "expected canaries of {wanted} trustees, got {given}": translatable(
        "%(wanted)s trustees have to show that their files work; %(given)s have."
    ),
    "closes at {time}, which is not in the future": _IN_THE_PAST,
    "the closing time has passed": translatable("The closing time has passed."),
    "closes at {time}, earlier than before": translatable("A closing time is never moved to an earlier one."),
    "closes at {time} as before": translatable("The closing time is the same as before."),
    "expected the closing time as it was": translatable("A pause does not change the closing time."),
    "the old credential was replaced before": translatable("This ballot link was replaced before."),
    "the old credential is in no electorate": translatable("This person is on no list of those who may vote."),
    "the old credential has a token in an open poll": translatable(
        "This person has begun to vote: there is no new link before the close."
    ),
    "contest {contest}: slack {slack} is above {limit} percent: {more}": translatable(
        "In the contest %(contest)s, %(slack)s of those who took a ballot cast none. That is more than %(limit)s "
        "percent. Ask them why; the other way is to annul the poll."
    ),
    "somebody has proposed the same already: approve that one": translatable(
        "Somebody has proposed the same already. Approve that one."
    ),
    "expected the roll as it is now, {size} students with digest {digest}, got {more}": translatable(
        "The roll was imported anew meanwhile. Look at it, and propose the freeze again."
    ),
    "it was not built on this machine": translatable("The program of the voting page was not built on this machine."),
}

PLACES: Final[Mapping[str, str]] = {  # of pages, with what stands in front of the colon
    "roll: nobody in it may vote": translatable("Nobody on the roll may vote. Import a roll first."),
    "roll: no students in it": translatable("There are no students in this file."),
    "roll of {election}: frozen: nobody is added, removed or altered any more": translatable(
        "The roll is frozen: nobody is added, removed or altered any more."
    ),
    "roll: nothing is uploaded; give a file first": translatable("Nothing is uploaded. Give a file first."),
    "table: empty": translatable("The file is empty."),
    "table: expected text, got a binary file": translatable("This is no table. Give a CSV or XLSX file."),
    "table: expected UTF-8, got UTF-16": translatable("Save the table again as CSV in UTF-8, or as XLSX."),
    "table: expected UTF-8: byte {at} is none": translatable("Save the table again as CSV in UTF-8, or as XLSX."),
    "table: not XLSX: {what}": translatable("This is no XLSX file that can be read. Save it again, or as CSV."),
    "table: not CSV: {what}": translatable("This is no CSV file that can be read. Look at the quotes around values."),
    "table: row 1: expected the names of the columns": translatable(
        "The first row must hold the names of the columns. Remove empty rows at the top."
    ),
    "table: expected at most {most} rows": translatable("The table has more than %(most)s rows."),
    "columns: {missing}": translatable("The columns do not fit (%(missing)s). Say below which column is which."),
    "candidates: no column {missing}": translatable("The list needs these columns as well: %(missing)s."),
    "registrar: this election has its credentials already": translatable("The ballot links are made already."),
    "registrar: nobody may vote": translatable("Nobody on the roll may vote."),
    "contests: the members vote in this poll: their electorates are approved first": translatable(
        "The members vote in this poll. Their electorates are approved first."
    ),
    "contests: {count} clauses have no signed reading: {more}": translatable(
        "%(count)s clauses have no signed reading. Readings are signed before the contests are made."
    ),
    "contests: the trustees have not confirmed a joint key yet": _NO_KEY,
    "contests: poll {poll} is on its way; the next is planned when it is declared": translatable(
        "Poll %(poll)s is on its way. The next is planned when its result is declared."
    ),
    "contest {contest}: electorate {electorate} is not in the log": translatable(
        "The list of those who may vote in %(contest)s is not approved yet."
    ),
    "rules: there are none yet": translatable("There are no rules yet. Begin with a set that fits, or with a file."),
    "rules: they stand in the log, and cannot be changed any more": translatable(
        "The rules stand in the log and cannot be changed any more."
    ),
    "log: expected the keys of at least {least} members, got {given}": translatable(
        "At least %(least)s members need a key first; now there are %(given)s."
    ),
    "identity key: another trustee has it": translatable("Another trustee has told this key. Each makes an own file."),
    "identity key: {what}": translatable("This is no identity key. Copy the 43 letters that the tool shows."),
    "that is a key file, not a message; nothing of it was kept": translatable(
        "That is a key file, not a message. Nothing of it was kept. Never send it anywhere; it is sealed, so nothing "
        "is lost. Upload the message that the tool made."
    ),
    "message: expected the file that the tool made": translatable("This is not the message that the tool made."),
    "share: too early: the review window has not ended": translatable("Too early: the review window has not ended."),
    "member {member}: somebody else has this id": translatable("Somebody else has this id. Choose another one."),
    "key: you have one already, {fingerprint}": translatable(
        "You have a key already, %(fingerprint)s. Say that it is lost, if it is to be replaced."
    ),
    "member {member}: the log names another key, {fingerprint}": translatable(
        "The log names another key of yours, %(fingerprint)s. Take the file of that key; if it is lost, say so."
    ),
    "key file: {what}": translatable("This is no key file of a member, or it was changed."),
}

FIELDS: Final[Mapping[str, str]] = {  # below a field of a form
    "expected something here": translatable("Something has to stand here."),
    "expected at least one line": translatable("Something has to stand here."),
    "expected a number": translatable("Write a number."),
    "expected a number, got {given}": translatable("Write a number."),
    "expected one of the choices": translatable("Choose one of these."),
    "expected {least} to {most}, got {given}": translatable("Write a number from %(least)s to %(most)s."),
    "expected at most {most} letters, got {given}": translatable("Write at most %(most)s letters."),
    "expected 2 or more, and more than half of at most {most}, got {k} of {n}": translatable(
        "At least 2, and more than half of the trustees, of whom there are at most %(most)s."
    ),
    "second_factor: {factor}: {reason}, so this needs a waiver": translatable("This choice needs a waiver."),
    "lies in the past": translatable("This time lies in the past."),
    "expected a day and a time": translatable("Give a day and a time."),
    "expected a day and a time such as {example}": translatable("Give a day and a time."),
    "expected a time after the opening, and in the future": translatable(
        "Give a time after the opening, and in the future."
    ),
    "expected at most {most} days from now": translatable("Give a time at most %(most)s days from now."),
    "this column is another field already": translatable("This column is chosen for another field already."),
    "{election}: is taken already; choose another": translatable("%(election)s is taken already. Choose another one."),
    "the log is made: it fixes this for good": translatable("The log is made: it fixes this for good."),
    "expected a mail or https address, got {given}": translatable("Write a mail address, or an https address."),
    "expected an IANA time zone such as {example}": translatable("Choose a time zone such as Asia/Tbilisi."),
    "expected one line": translatable("Write one line."),
    "expected text without needless spaces, in normal form C": translatable("Remove needless spaces."),
    "there is no such value in these rules": translatable("There is no such value in these rules."),
    "expected lower-case letters, digits, '.' and '-', 1 to 64 of them, got {given}": translatable(
        "Write lower-case letters, digits, points and hyphens, at most 64 of them."
    ),
    # rows of the roll and of candidates
    "missing {field}": translatable("missing %(field)s"),
    "malformed {field}": translatable("malformed %(field)s"),
    "unknown student": translatable("unknown student"),
    "year is not a number": translatable("year is not a number"),
    "year out of range": translatable("year out of range"),
    "line break in {field}": translatable("line break in %(field)s"),
    "bidi control character": translatable("bidi control character"),
    "invisible character": translatable("invisible character"),
    "control or unassigned character": translatable("control or unassigned character"),
    "formula instead of a {what}": translatable("formula instead of a %(what)s"),
    "longer than {most} characters": translatable("longer than %(most)s characters"),
    "expected a whole number of {least} or more, got {given}": translatable(
        "Write a whole number of at least %(least)s."
    ),
    "expected a whole number from {least} to {most}, got {given}": translatable(
        "Write a whole number from %(least)s to %(most)s."
    ),
    "expected text of 1 to {most} letters, got {given}": translatable("Write 1 to %(most)s letters."),
    "unknown {field}": translatable("unknown %(field)s"),
    "duplicate {field} of row {row}": translatable("duplicate %(field)s of row %(row)s"),
    "{field} is spelled in another way in row {row}": translatable(
        "%(field)s is spelled in another way in row %(row)s"
    ),
    "department does not belong to this faculty (seen in another faculty)": translatable(
        "department does not belong to this faculty (seen in another faculty)"
    ),
    "the student does not belong to this {kind}": translatable("the student does not belong to this %(kind)s"),
    "the same candidacy as row {row}": translatable("the same candidacy as row %(row)s"),
    "may not stand: {why}": translatable("may not stand: %(why)s"),
    "status is {status}, expected {wanted}": translatable("status is %(status)s, expected %(wanted)s"),
    "level is {level}, expected {wanted}": translatable("level is %(level)s, expected %(wanted)s"),
}

CALENDAR: Final[Mapping[str, str]] = {
    "the first poll {measure} late: expected at most {due}, {days} days after the semester begins, got {time}": (
        translatable("The first poll comes late: more than %(days)s days after the semester began.")
    ),
    "the first poll opens before the semester begins: expected at least {due}, got {time}": translatable(
        "The first poll opens before the semester begins."
    ),
    "the second tour closes after the days for elections: they end at {due}, got {time}": translatable(
        "The second tour closes after the days for elections."
    ),
    "the meeting was not announced: expected a notice {days} days before the vote, got none": translatable(
        "The meeting was not announced: a notice is due %(days)s days before the vote."
    ),
    "the meeting votes early: expected at least {due}, {days} days after its notice, got {time}": translatable(
        "The meeting votes too early: %(days)s days have to pass after its notice."
    ),
}
