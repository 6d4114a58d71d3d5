"""The one schema of both databases, as SQLAlchemy Core tables. Migrations make it; a test compares the two. What has to
do with mail and with what people write stands in schema_mail.py.

What must not be knowable is not stored: no table that has to do with ballots has a time, a sequence or a row number
(A64, A65). Those tables are kept in the order of random keys (SQLite: WITHOUT ROWID); what PostgreSQL keeps in order
of arrival is rewritten after the close (``physical_order``). Times are POSIX seconds, keys and hashes raw bytes.
"""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from election_service.schema_columns import bytes_column, election_column, id_column, metadata

# ---- the election and its log --------------------------------------------------------------------------------------

# config: canonical JSON of the election's settings (second factor, sealing schedule …), as given to `init`;
# presentation: canonical JSON of what is only shown (presentation.py), null: the title alone
elections: Final = Table(
    "elections",
    metadata,
    id_column("election", primary_key=True),
    Column("origin", Text, nullable=False),
    Column("title", Text, nullable=False),
    bytes_column("log_id"),
    bytes_column("config"),
    bytes_column("presentation", nullable=True),
)

# sealed: AES-256-GCM under the master key, additional data election/name (secrets.py)
secrets: Final = Table(
    "secrets", metadata, election_column(), Column("name", String(128), primary_key=True), bytes_column("sealed")
)

# entry: the exact bytes; leaf: their RFC 9162 leaf hash; kind: the entry's own, so that acts are found among ballots
log_entries: Final = Table(
    "log_entries",
    metadata,
    election_column(),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(32), nullable=False),
    bytes_column("entry"),
    bytes_column("leaf"),
    Index("ix_log_entries_kind", "election", "kind", "seq"),
)

# Roots of full tiles: level 1 = one hash for 256 leaves, and so on (c2sp.org/tlog-tiles); level 0 is log_entries.leaf
log_tile_roots: Final = Table(
    "log_tile_roots",
    metadata,
    election_column(),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    bytes_column("root"),
)

# size, root, nodes (the frontier), last_hash, last_time: the committed head, changed only by compare-and-set on size.
# published, published_size: the newest signed checkpoint, set after the head file is on disk (log.py).
log_heads: Final = Table(
    "log_heads",
    metadata,
    election_column(),
    Column("size", BigInteger, nullable=False),
    bytes_column("root"),
    bytes_column("nodes"),
    bytes_column("last_hash"),
    Column("last_time", BigInteger, nullable=False),
    Column("published", Text, nullable=True),
    Column("published_size", BigInteger, nullable=False),
)

blobs: Final = Table(
    "blobs", metadata, election_column(), Column("sha256", String(64), primary_key=True), bytes_column("content")
)

# ---- who may vote, and on what -------------------------------------------------------------------------------------

# digest: SHA-256 over the frozen roll (roll.py), so that a change behind the service's back is found
rolls: Final = Table(
    "rolls",
    metadata,
    election_column(),
    Column("frozen", Boolean, nullable=False),
    Column("size", Integer, nullable=False),
    bytes_column("digest"),
)

# eligible: by the rule of the set-up (level, status); the others stay listed with their reason
voters: Final = Table(
    "voters",
    metadata,
    election_column(),
    Column("student_id", String(64), primary_key=True),
    Column("full_name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("faculty", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("disciplinary", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("eligible", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    bytes_column("credential", nullable=True),
    Index("uq_voters_credential", "election", "credential", unique=True),
)

# kind: university, faculty, department, class, members; block: the name on the roll ("Finance / 2"), else empty
electorates: Final = Table(
    "electorates",
    metadata,
    election_column(),
    id_column("electorate", primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("block", Text, nullable=False),
    Column("size", Integer, nullable=False),
    bytes_column("root"),
    Column("blob_hash", String(64), nullable=False),
    bytes_column("signature"),
)

electorate_members: Final = Table(
    "electorate_members",
    metadata,
    election_column(),
    id_column("electorate", primary_key=True),
    Column("idx", Integer, primary_key=True, autoincrement=False),
    bytes_column("credential"),
    Index("ix_electorate_members_credential", "election", "credential"),
)

# A person's option id in every contest of the log; numbers are given once and stay (candidates.py)
persons: Final = Table(
    "persons",
    metadata,
    election_column(),
    Column("student_id", String(64), primary_key=True),
    id_column("person"),
    Index("uq_persons_person", "election", "person", unique=True),
)

# place: the row in the list, which is the order on the ballot; poll: the poll that the list is for
candidates: Final = Table(
    "candidates",
    metadata,
    election_column(),
    Column("student_id", String(64), primary_key=True),
    id_column("position", primary_key=True),
    Column("block", Text, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("poll", Integer, nullable=False, server_default="1"),
)

contests: Final = Table(
    "contests",
    metadata,
    election_column(),
    bytes_column("context", primary_key=True),
    Column("poll", Integer, nullable=False),
    id_column("contest"),
    id_column("electorate"),
    bytes_column("document"),
    Index("uq_contests_contest", "election", "poll", "contest", unique=True),
)

issuer_keys: Final = Table(
    "issuer_keys", metadata, election_column(), bytes_column("context", primary_key=True), bytes_column("sealed")
)

# state: planned, open, paused, closed, tallied, declared. issuing: false after a restore from a backup (A97).
# The row is what a close locks: FOR UPDATE here, FOR SHARE where a ballot or a request is accepted.
polls: Final = Table(
    "polls",
    metadata,
    election_column(),
    Column("poll", Integer, primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False),
    Column("opens", BigInteger, nullable=True),
    Column("closes", BigInteger, nullable=True),
    Column("issuing", Boolean, nullable=False),
)

# ---- login ---------------------------------------------------------------------------------------------------------

login_nonces: Final = Table(
    "login_nonces",
    metadata,
    bytes_column("nonce_hash", primary_key=True),
    id_column("election"),
    bytes_column("credential"),
    Column("expires", BigInteger, nullable=False, index=True),
)

bearers: Final = Table(
    "bearers",
    metadata,
    bytes_column("token_hash", primary_key=True),
    id_column("election"),
    bytes_column("credential"),
    Column("expires", BigInteger, nullable=False, index=True),
)

# sealed: the TOTP secret; last_step: the newest time step accepted (a code serves once); failures: wrong codes, after a
# good signature, in the window that began at `window` (POSIX seconds)
second_factors: Final = Table(
    "second_factors",
    metadata,
    election_column(),
    bytes_column("credential", primary_key=True),
    bytes_column("sealed"),
    Column("last_step", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("window", BigInteger, nullable=False, server_default="0"),
)

# ---- tokens and ballots: no time, no order, keyed by hash or by random key ------------------------------------------
# The key stands first: SQLite before 3.41 checks the columns of such tables in the wrong order (quick_check).

issued: Final = Table(
    "issued",
    metadata,
    bytes_column("context", primary_key=True),
    bytes_column("credential", primary_key=True),
    id_column("election"),
    bytes_column("blinded"),
    bytes_column("signature"),
    bytes_column("recovery_sealed", nullable=True),
    sqlite_with_rowid=False,
)

# How many tokens a poll has issued: compared with a file outside the database, so that a restored backup is found (A97)
issue_counts: Final = Table(
    "issue_counts",
    metadata,
    election_column(),
    Column("poll", Integer, primary_key=True, autoincrement=False),
    Column("tokens", BigInteger, nullable=False),
)

spent: Final = Table(
    "spent",
    metadata,
    bytes_column("context", primary_key=True),
    bytes_column("token_key", primary_key=True),
    id_column("election"),
    sqlite_with_rowid=False,
)

# request: the cast request's canonical bytes = data of the `ballot` entry; removed when sealed
unsealed_ballots: Final = Table(
    "unsealed_ballots",
    metadata,
    bytes_column("tracker", primary_key=True),
    id_column("election"),
    bytes_column("context"),
    bytes_column("request"),
    sqlite_with_rowid=False,
)

# Kept after sealing and after the close: a body already stored gets its stored receipt again
receipts: Final = Table(
    "receipts",
    metadata,
    bytes_column("tracker", primary_key=True),
    id_column("election"),
    bytes_column("context"),
    bytes_column("signature"),
    sqlite_with_rowid=False,
)

UNORDERED: Final = (issued, spent, unsealed_ballots, receipts)

# ---- the committee -------------------------------------------------------------------------------------------------

# state: waiting, scheduled, done, refused; approvals: canonical JSON [{member, signature}]; expires: from this moment
# on (POSIX seconds) an act that waits finds no more approvals
acts: Final = Table(
    "acts",
    metadata,
    election_column(),
    bytes_column("act", primary_key=True),
    Column("kind", String(64), nullable=False),
    bytes_column("data"),
    Column("not_before", BigInteger, nullable=True),
    Column("state", String(16), nullable=False),
    bytes_column("approvals"),
    Column("seq", BigInteger, nullable=True),
    Column("expires", BigInteger, nullable=True),
)
