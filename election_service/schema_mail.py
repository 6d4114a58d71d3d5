"""Tables of mails, of codes by mail, of what people write, and of what is only shown. Part of the schema (schema.py).

Mails are sealed under the master key while they wait and emptied once they are out: a ballot link is nowhere else
(A44).
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from election_service.schema_columns import bytes_column, election_column, id_column, metadata

# kind: invite, reissue, code, issued, reminder, call, result, message; recipient: a student id, or empty for the
# committee. about: what it is about within its kind (a poll, a new credential …): kind, recipient and about are queued
# once.
# state: held (until an act is done), waiting, sent, refused, bounced, dropped. priority: lower goes first (codes).
# sealed: canonical JSON of the mail under the master key, place election/mail/<hex>; null once it is out or dropped.
# Times in POSIX seconds. queued: the mail's date. not_before: not due earlier; after a claim, when the claim lapses.
# not_after: no longer worth sending. changed: of the last attempt or state. reason: the server's words. message: what
# stands before the @ of the Message-ID, by which a bounce is known.
outbox: Final = Table(
    "outbox",
    metadata,
    election_column(),
    bytes_column("mail", primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("recipient", String(64), nullable=False),
    Column("about", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("queued", BigInteger, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("not_after", BigInteger, nullable=True),
    Column("changed", BigInteger, nullable=False, index=True),
    Column("message", String(128), nullable=False),
    Column("reason", Text, nullable=False),
    bytes_column("sealed", nullable=True),
    Index("uq_outbox_about", "election", "kind", "recipient", "about", unique=True),
    Index("ix_outbox_due", "state", "priority", "not_before"),
    Index("ix_outbox_message", "message"),
)

# A token was issued and its holder has no notice yet. No time and no order, as with the tokens themselves (A63).
token_notices: Final = Table(
    "token_notices",
    metadata,
    bytes_column("context", primary_key=True),
    bytes_column("credential", primary_key=True),
    id_column("election"),
    sqlite_with_rowid=False,
)

# One code by mail, bound to the nonce of its login (A76); code_hash: HMAC under the election's login key. `codes` were
# sent in the window that began at `window`, `failures` in the day that began at `day`; expires 0: no code is good.
login_codes: Final = Table(
    "login_codes",
    metadata,
    election_column(),
    bytes_column("credential", primary_key=True),
    bytes_column("nonce_hash"),
    bytes_column("code_hash"),
    Column("expires", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("codes", Integer, nullable=False),
    Column("window", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("day", BigInteger, nullable=False),
)

# Students who asked for their link again; state: open, done, refused. One row each: asking twice is asking once.
link_requests: Final = Table(
    "link_requests",
    metadata,
    election_column(),
    Column("student_id", String(64), primary_key=True),
    Column("requested", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
)

# What anybody wrote to the committee by the help page; sealed: canonical JSON under the master key
messages: Final = Table(
    "messages",
    metadata,
    election_column(),
    bytes_column("message", primary_key=True),
    Column("received", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    bytes_column("sealed"),
)

# What candidates say of themselves. statements: canonical JSON {language: text}; photo: SHA-256 hex, a row of `photos`
profiles: Final = Table(
    "profiles",
    metadata,
    election_column(),
    Column("student_id", String(64), primary_key=True),
    bytes_column("statements"),
    Column("photo", String(64), nullable=True),
)

photos: Final = Table(
    "photos", metadata, election_column(), Column("sha256", String(64), primary_key=True), bytes_column("content")
)

# The turnout of open polls as every process tells it (A69): when it was counted, POSIX seconds, and canonical JSON
# {contest context: ballots, down to the next ten}. Exact numbers stand nowhere but in the marks of spent tokens.
live_turnout: Final = Table(
    "live_turnout", metadata, election_column(), Column("counted", BigInteger, nullable=False), bytes_column("ballots")
)
