"""Tables of the committee's console: accounts, how they sign in, and what is prepared before it stands in the log. Part
of the schema (schema.py).

What somebody could sign in with is here as a hash alone, or sealed under the master key. Rows name an election that may
be a draft, which has no log yet: they refer to `elections` by no foreign key. Times are POSIX seconds.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from election_service.schema_columns import bytes_column, id_column, metadata


def _account(*, primary_key: bool = False, nullable: bool = False) -> Column[str]:
    return Column("account", String(64), primary_key=primary_key, nullable=nullable)


# ---- people ----------------------------------------------------------------------------------------------------------

# state: invited, active, locked. password: Argon2id as a PHC string, null before the enrolment. totp_sealed: the TOTP
# secret under the master key, place account/totp; totp_step: the newest step accepted (a code signs in once). failures:
# wrong second factors, after a right password, since the last success; window: when the next one may be tried
accounts: Final = Table(
    "accounts",
    metadata,
    _account(primary_key=True),
    Column("email", String(254), nullable=False),
    Column("name", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("password", Text, nullable=True),
    bytes_column("totp_sealed", nullable=True),
    Column("totp_step", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("failures", Integer, nullable=False),
    Column("window", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
    Index("uq_accounts_email", "email", unique=True),
)

# election: empty for the service itself, where a chair may make elections
account_roles: Final = Table(
    "account_roles",
    metadata,
    id_column("election", primary_key=True),
    _account(primary_key=True),
    Column("role", String(16), primary_key=True, nullable=False),
    Index("ix_account_roles_account", "account"),
)

# One invitation an account: a new one voids the old one
invitations: Final = Table(
    "invitations",
    metadata,
    bytes_column("token_hash", primary_key=True),
    _account(),
    Column("expires", BigInteger, nullable=False),
    Index("uq_invitations_account", "account", unique=True),
)

# stage: enrol (an invitation was redeemed), code (the password was right), full. agent: the kind of browser
# (browsers.py). flash: what the next page says once, sealed under the master key, place session/flash; signed: when a
# factor was last given
sessions: Final = Table(
    "sessions",
    metadata,
    bytes_column("token_hash", primary_key=True),
    _account(),
    Column("stage", String(8), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("signed", BigInteger, nullable=False),
    Column("agent", String(120), nullable=False),
    bytes_column("flash", nullable=True),
    Index("ix_sessions_account", "account"),
)

# How many wrong passwords were given in an hour (hours since 1970). whose: SHA-256 of an address as it was typed, for
# all browsers that nobody has signed in with, or of the nonce in the cookie of one that somebody has
# (console/devices.py)
wrong_passwords: Final = Table(
    "wrong_passwords",
    metadata,
    bytes_column("whose", primary_key=True),
    Column("hour", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
)

recovery_codes: Final = Table(
    "recovery_codes", metadata, _account(primary_key=True), bytes_column("code_hash", primary_key=True)
)

# public_key: COSE; sign_count: of the last use
passkeys: Final = Table(
    "passkeys",
    metadata,
    bytes_column("credential_id", primary_key=True),
    _account(),
    bytes_column("public_key"),
    Column("sign_count", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Index("ix_passkeys_account", "account"),
)

# purpose: add (to an account), sign-in (of whoever holds the key)
passkey_challenges: Final = Table(
    "passkey_challenges",
    metadata,
    bytes_column("challenge_hash", primary_key=True),
    _account(nullable=True),
    Column("purpose", String(16), nullable=False),
    Column("expires", BigInteger, nullable=False, index=True),
)

# member: the id in the log. key_file: the file of keys/keyfile.py as the browser made it, under the member's passphrase
signing_keys: Final = Table(
    "signing_keys",
    metadata,
    id_column("election", primary_key=True),
    _account(primary_key=True),
    id_column("member"),
    bytes_column("public_key"),
    bytes_column("key_file", nullable=True),
    Index("uq_signing_keys_member", "election", "member", unique=True),
)

# the identity key (x-only, 32 bytes) of the file that a trustee made offline and keeps
trustee_keys: Final = Table(
    "trustee_keys",
    metadata,
    id_column("election", primary_key=True),
    _account(primary_key=True),
    bytes_column("public_key"),
)

# scopes: capabilities, separated by spaces
api_tokens: Final = Table(
    "api_tokens",
    metadata,
    bytes_column("token_hash", primary_key=True),
    _account(),
    id_column("election"),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=True),
    Index("ix_api_tokens_account", "account"),
)

# What happened in the console: neither secrets nor addresses. election: empty for what belongs to none
console_events: Final = Table(
    "console_events",
    metadata,
    id_column("election", primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    _account(),
    Column("what", String(64), nullable=False),
    Column("subject", Text, nullable=False),
)

# The number of every changeable resource, for If-Match; counters of numbered rows as well
revisions: Final = Table(
    "revisions",
    metadata,
    id_column("election", primary_key=True),
    Column("resource", String(128), primary_key=True),
    Column("number", BigInteger, nullable=False),
)

# ---- what is prepared ------------------------------------------------------------------------------------------------

# document: canonical JSON of what is set up before the log exists (console/drafts.py)
drafts: Final = Table("drafts", metadata, id_column("election", primary_key=True), bytes_column("document"))

# A roll between its upload and its import, which deletes it. raw_sealed: the file under the master key, place
# election/roll-upload; columns, levels, statuses: canonical JSON of how it is to be read
roll_uploads: Final = Table(
    "roll_uploads",
    metadata,
    id_column("election", primary_key=True),
    bytes_column("raw_sealed"),
    Column("name", Text, nullable=False),
    Column("columns", Text, nullable=False),
    Column("levels", Text, nullable=False),
    Column("statuses", Text, nullable=False),
)

# text_sealed: under the master key, place election/incident/number; state: open, closed
incidents: Final = Table(
    "incidents",
    metadata,
    id_column("election", primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    _account(),
    bytes_column("text_sealed"),
    Column("state", String(16), nullable=False),
)

# When what is personal of an election is deleted (console/retention.py). days: after its last poll was concluded;
# changed: when they were set; done: when it was deleted, null before; cleaned: when it was gone from files and from
# where the database keeps older states; deleted: canonical JSON {what: rows}
retention: Final = Table(
    "retention",
    metadata,
    id_column("election", primary_key=True),
    Column("days", Integer, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=True),
    Column("cleaned", BigInteger, nullable=True),
    bytes_column("deleted", nullable=True),
)

# Acts that are ready to be proposed and stand nowhere else, such as re-issues: data as canonical JSON without act and
# approvals; subject: whom it is about. A new one of the same kind and subject takes its place
planned_acts: Final = Table(
    "planned_acts",
    metadata,
    id_column("election", primary_key=True),
    Column("kind", String(64), primary_key=True),
    Column("subject", String(64), primary_key=True),
    bytes_column("data"),
    Column("created", BigInteger, nullable=False),
)
