"""A second program for the law of an election, written from docs/rules.md and docs/protocol.md alone.

It reads a published log, computes every declaration, its reasoning and the entries that follow from a certification, an
annulment or a decision, and names the first member that differs. The cryptography is second_program's business; this
one takes the counts as they are logged.
"""

import json
from collections.abc import Mapping

from tests.docs.second_law_decide import Deciding
from tests.docs.second_law_rules import Json, expect, same

DERIVED = ("seat.taken", "seat.filled", "seat.vacated")


def read_entries(files: Mapping[str, bytes]) -> list[bytes]:
    """§9, Publication: the entries of a copy, each after its length in 2 bytes."""
    size = int(files["checkpoint"].split(b"\n")[1])
    entries: list[bytes] = []
    while len(entries) < size:
        number = len(entries) // 256
        name = f"{number % 1000:03d}"
        while number := number // 1000:
            name = f"x{number % 1000:03d}/{name}"
        width = min(256, size - len(entries))
        bundle = files[f"tile/entries/{name}" + (f".p/{width}" if width < 256 else "")]
        at = 0
        while at < len(bundle):
            length = int.from_bytes(bundle[at : at + 2], "big")
            entries.append(bundle[at + 2 : at + 2 + length])
            at += 2 + length
    return entries


class Fold(Deciding):
    """A log, from its first entry to its last."""

    def run(self) -> "Fold":
        time = ""
        for raw in self.raw:
            entry = json.loads(raw)
            kind, data = entry["kind"], entry["data"]
            if self.expected or kind in DERIVED:
                self.follow(entry["seq"], kind, data)
                same(f"entry {entry['seq']} ({kind}): time", time, entry["time"])
                continue
            time = entry.get("time", "")
            name = kind.replace(".", "_")
            if hasattr(self, f"on_{name}"):
                getattr(self, f"on_{name}")(data, time, entry["seq"])
        expect(not self.expected, f"the log ends where {[kind for kind, _ in self.expected]} must follow")
        return self

    def follow(self, seq: int, kind: str, data: Json) -> None:
        expect(bool(self.expected), f"entry {seq} ({kind}): nothing follows here")
        expected_kind, expected = self.expected.pop(0)
        same(f"entry {seq}: kind", expected_kind, kind)
        same(f"entry {seq} ({kind})", expected, data)


def check(files: Mapping[str, bytes]) -> Fold:
    """Compute the law of a published log again; raises Difference with the first member that differs."""
    blobs = {path.removeprefix("blobs/"): content for path, content in files.items() if path.startswith("blobs/")}
    return Fold(read_entries(files), blobs).run()
