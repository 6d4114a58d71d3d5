"""Which values a log has used before: token keys, acts, A_i. On disk, so that memory does not grow with the log.

A private temporary SQLite database: it has no name in the file system and is gone when it is closed.
"""

import sqlite3
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

TABLES: Final = ("token_key", "ciphertext", "act")
_CACHE_KIB: Final = 32 * 1024


class Scratch:
    """Sets of byte strings, each with the entry that claimed it first. Owned by one `verify_log`."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        for table in TABLES:
            self._database.execute(
                f"CREATE TABLE {table} (value BLOB PRIMARY KEY, entry INTEGER NOT NULL) WITHOUT ROWID"
            )
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._database.close()

    def claim(self, table: str, claims: Sequence[tuple[bytes, int]]) -> list[tuple[int, int]]:
        """Claim values for entries; for each value claimed before: (entry, entry that claimed it first)."""
        before = self._database.total_changes
        self._database.executemany(f"INSERT OR IGNORE INTO {table} VALUES (?, ?)", claims)  # noqa: S608 -- our name
        if self._database.total_changes - before == len(claims):
            return []
        conflicts = []
        seen: set[tuple[bytes, int]] = set()
        for value, entry in claims:
            (first,) = self._database.execute(f"SELECT entry FROM {table} WHERE value = ?", (value,)).fetchone()  # noqa: S608 -- our name
            if first != entry or (value, entry) in seen:
                conflicts.append((entry, int(first)))
            seen.add((value, entry))
        return conflicts
