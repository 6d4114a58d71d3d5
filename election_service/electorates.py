"""Electorates: who may vote on what, made from the blocks of a frozen roll (article 6.2.1c,f; docs/protocol.md §2).

The whole university, each faculty, each department, each class (one department, one year of study). A student stands in
one of each. An electorate's keys are the credentials in ascending order, so it does not tell who is who.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

from audit.merkle import leaf_hash, tree_root
from election_service.errors import RegistrarError
from election_service.slugs import make_ids
from keys.ids import check_id

Kind = Literal["university", "faculty", "department", "class", "members"]
UNIVERSITY: Final = "university"  # the id of the whole body's electorate


@dataclass(frozen=True, slots=True)
class Elector:
    """An eligible student as the blocks see it."""

    student_id: str
    faculty: str
    department: str
    year: int


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the body: its id, its kind and its name on the roll (empty for the university)."""

    id: str
    kind: Kind
    name: str


@dataclass(frozen=True, slots=True)
class Electorate:
    """A block with its credentials: 32-byte x-only keys, strictly ascending."""

    block: Block
    keys: tuple[bytes, ...]

    @property
    def blob(self) -> bytes:
        """The keys concatenated: the file that the log names."""
        return b"".join(self.keys)

    @property
    def blob_hash(self) -> str:
        """Lower-case hex SHA-256 of the blob."""
        return sha256(self.blob).hexdigest()

    @property
    def root(self) -> bytes:
        """RFC 9162 root; leaf data = one key."""
        return tree_root(leaf_hash(key) for key in self.keys)


def class_name(department: str, year: int) -> str:
    """How a class is called: ``Finance / 2``."""
    return f"{department} / {year}"


def make_blocks(electors: Sequence[Elector]) -> list[Block]:
    """Every block that has at least one elector, in the order university, faculties, departments, classes."""
    blocks = [Block(UNIVERSITY, "university", "")] if electors else []
    faculties = make_ids("faculty", {elector.faculty for elector in electors})
    departments = make_ids("department", {elector.department for elector in electors})
    blocks += [Block(identity, "faculty", name) for name, identity in faculties.items()]
    blocks += [Block(identity, "department", name) for name, identity in departments.items()]
    for department, year in sorted({(elector.department, elector.year) for elector in electors}):
        base = departments[department].removeprefix("department.")
        blocks.append(Block(f"class.{base}.{year}", "class", class_name(department, year)))
    for block in blocks:
        check_id(block.id, f"{block.kind} {block.name}")
    if len({block.id for block in blocks}) != len(blocks):
        raise RegistrarError("electorates: two blocks have one id", "rename one of the departments on the roll")
    return blocks


def blocks_of(elector: Elector) -> list[tuple[Kind, str]]:
    """Kind and name of the four blocks that an elector belongs to."""
    return [
        ("university", ""),
        ("faculty", elector.faculty),
        ("department", elector.department),
        ("class", class_name(elector.department, elector.year)),
    ]


def make_electorates(electors: Sequence[Elector], credentials: Mapping[str, bytes]) -> list[Electorate]:
    """The electorates of a roll. ``credentials``: student id → x-only key, one for each elector."""
    keys: dict[tuple[Kind, str], list[bytes]] = {}
    for elector in electors:
        for place in blocks_of(elector):
            keys.setdefault(place, []).append(credentials[elector.student_id])
    return [Electorate(block, tuple(sorted(keys[block.kind, block.name]))) for block in make_blocks(electors)]
