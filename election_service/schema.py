"""The one schema of both databases, as SQLAlchemy Core tables. Migrations make it; a test compares the two.

What must not be knowable is not stored: no table that has to do with ballots has a time, a sequence or a row number
(A64, A65). Those tables are kept in the order of random keys (SQLite: WITHOUT ROWID); what PostgreSQL keeps in order
of arrival is rewritten after the close (``physical_order``). Times are POSIX seconds, keys and hashes raw bytes.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: Final = MetaData(naming_convention=NAMES)


def _id(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[str]:
    """An id of docs/protocol.md §1."""
    return Column(name, String(64), primary_key=primary_key, nullable=nullable)


def _election() -> Column[str]:
    return Column("election", String(64), ForeignKey("elections.election"), primary_key=True, nullable=False)


def _bytes(name: str, *, primary_key: bool = False, nullable: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, primary_key=primary_key, nullable=nullable)


# ---- the election and its log --------------------------------------------------------------------------------------

# config: canonical JSON of the election's settings (second factor, sealing schedule …), as given to `init`
elections: Final = Table(
    "elections",
    metadata,
    _id("election", primary_key=True),
    Column("origin", Text, nullable=False),
    Column("title", Text, nullable=False),
    _bytes("log_id"),
    _bytes("config"),
)

# sealed: AES-256-GCM under the master key, additional data election/name (secrets.py)
secrets: Final = Table(
    "secrets", metadata, _election(), Column("name", String(128), primary_key=True), _bytes("sealed")
)

# entry: the exact bytes; leaf: their RFC 9162 leaf hash; kind: the entry's own, so that acts are found among ballots
log_entries: Final = Table(
    "log_entries",
    metadata,
    _election(),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(32), nullable=False),
    _bytes("entry"),
    _bytes("leaf"),
    Index("ix_log_entries_kind", "election", "kind", "seq"),
)

# Roots of full tiles: level 1 = one hash for 256 leaves, and so on (c2sp.org/tlog-tiles); level 0 is log_entries.leaf
log_tile_roots: Final = Table(
    "log_tile_roots",
    metadata,
    _election(),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    _bytes("root"),
)

# size, root, nodes (the frontier), last_hash, last_time: the committed head, changed only by compare-and-set on size.
# published, published_size: the newest signed checkpoint, set after the head file is on disk (log.py).
log_heads: Final = Table(
    "log_heads",
    metadata,
    _election(),
    Column("size", BigInteger, nullable=False),
    _bytes("root"),
    _bytes("nodes"),
    _bytes("last_hash"),
    Column("last_time", BigInteger, nullable=False),
    Column("published", Text, nullable=True),
    Column("published_size", BigInteger, nullable=False),
)

blobs: Final = Table("blobs", metadata, _election(), Column("sha256", String(64), primary_key=True), _bytes("content"))

# ---- who may vote, and on what -------------------------------------------------------------------------------------

# digest: SHA-256 over the frozen roll (roll.py), so that a change behind the service's back is found
rolls: Final = Table(
    "rolls",
    metadata,
    _election(),
    Column("frozen", Boolean, nullable=False),
    Column("size", Integer, nullable=False),
    _bytes("digest"),
)

# eligible: by the rule of the set-up (level, status); the others stay listed with their reason
voters: Final = Table(
    "voters",
    metadata,
    _election(),
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
    _bytes("credential", nullable=True),
    Index("uq_voters_credential", "election", "credential", unique=True),
)

# kind: university, faculty, department, class, members; block: the name on the roll ("Finance / 2"), else empty
electorates: Final = Table(
    "electorates",
    metadata,
    _election(),
    _id("electorate", primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("block", Text, nullable=False),
    Column("size", Integer, nullable=False),
    _bytes("root"),
    Column("blob_hash", String(64), nullable=False),
    _bytes("signature"),
)

electorate_members: Final = Table(
    "electorate_members",
    metadata,
    _election(),
    _id("electorate", primary_key=True),
    Column("idx", Integer, primary_key=True, autoincrement=False),
    _bytes("credential"),
    Index("ix_electorate_members_credential", "election", "credential"),
)

# A person's option id in every contest of the log; numbers are given once and stay (candidates.py)
persons: Final = Table(
    "persons",
    metadata,
    _election(),
    Column("student_id", String(64), primary_key=True),
    _id("person"),
    Index("uq_persons_person", "election", "person", unique=True),
)

# place: the row in the list, which is the order on the ballot; poll: the poll that the list is for
candidates: Final = Table(
    "candidates",
    metadata,
    _election(),
    Column("student_id", String(64), primary_key=True),
    _id("position", primary_key=True),
    Column("block", Text, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("poll", Integer, nullable=False, server_default="1"),
)

contests: Final = Table(
    "contests",
    metadata,
    _election(),
    _bytes("context", primary_key=True),
    Column("poll", Integer, nullable=False),
    _id("contest"),
    _id("electorate"),
    _bytes("document"),
    Index("uq_contests_contest", "election", "poll", "contest", unique=True),
)

issuer_keys: Final = Table("issuer_keys", metadata, _election(), _bytes("context", primary_key=True), _bytes("sealed"))

# state: planned, open, paused, closed, tallied, declared. issuing: false after a restore from a backup (A97).
# The row is what a close locks: FOR UPDATE here, FOR SHARE where a ballot or a request is accepted.
polls: Final = Table(
    "polls",
    metadata,
    _election(),
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
    _bytes("nonce_hash", primary_key=True),
    _id("election"),
    _bytes("credential"),
    Column("expires", BigInteger, nullable=False, index=True),
)

bearers: Final = Table(
    "bearers",
    metadata,
    _bytes("token_hash", primary_key=True),
    _id("election"),
    _bytes("credential"),
    Column("expires", BigInteger, nullable=False, index=True),
)

# sealed: the TOTP secret; last_step: the newest time step accepted (a code serves once); failures: wrong codes, after a
# good signature, in the window that began at `window` (POSIX seconds)
second_factors: Final = Table(
    "second_factors",
    metadata,
    _election(),
    _bytes("credential", primary_key=True),
    _bytes("sealed"),
    Column("last_step", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("window", BigInteger, nullable=False, server_default="0"),
)

# ---- tokens and ballots: no time, no order, keyed by hash or by random key ------------------------------------------
# The key stands first: SQLite before 3.41 checks the columns of such tables in the wrong order (quick_check).

issued: Final = Table(
    "issued",
    metadata,
    _bytes("context", primary_key=True),
    _bytes("credential", primary_key=True),
    _id("election"),
    _bytes("blinded"),
    _bytes("signature"),
    _bytes("recovery_sealed", nullable=True),
    sqlite_with_rowid=False,
)

# How many tokens a poll has issued: compared with a file outside the database, so that a restored backup is found (A97)
issue_counts: Final = Table(
    "issue_counts",
    metadata,
    _election(),
    Column("poll", Integer, primary_key=True, autoincrement=False),
    Column("tokens", BigInteger, nullable=False),
)

spent: Final = Table(
    "spent",
    metadata,
    _bytes("context", primary_key=True),
    _bytes("token_key", primary_key=True),
    _id("election"),
    sqlite_with_rowid=False,
)

# request: the cast request's canonical bytes = data of the `ballot` entry; removed when sealed
unsealed_ballots: Final = Table(
    "unsealed_ballots",
    metadata,
    _bytes("tracker", primary_key=True),
    _id("election"),
    _bytes("context"),
    _bytes("request"),
    sqlite_with_rowid=False,
)

# Kept after sealing and after the close: a body already stored gets its stored receipt again
receipts: Final = Table(
    "receipts",
    metadata,
    _bytes("tracker", primary_key=True),
    _id("election"),
    _bytes("context"),
    _bytes("signature"),
    sqlite_with_rowid=False,
)

UNORDERED: Final = (issued, spent, unsealed_ballots, receipts)

# ---- the committee -------------------------------------------------------------------------------------------------

# state: waiting, scheduled, done, refused; approvals: canonical JSON [{member, signature}]
acts: Final = Table(
    "acts",
    metadata,
    _election(),
    _bytes("act", primary_key=True),
    Column("kind", String(64), nullable=False),
    _bytes("data"),
    Column("not_before", BigInteger, nullable=True),
    Column("state", String(16), nullable=False),
    _bytes("approvals"),
    Column("seq", BigInteger, nullable=True),
)
