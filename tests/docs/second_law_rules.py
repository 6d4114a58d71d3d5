"""docs/rules.md §1, §2, §5: the constitution, its readings, shares, steps and lots, written from the page alone."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.docs.second_program import h, u64, unb64

Json = dict[str, Any]
Ranks = list[list[str]]


class Difference(AssertionError):
    """The log says something else than the pages."""


def expect(holds: bool, what: str) -> None:
    """What the pages ask of a log; `what` names the place."""
    if not holds:
        raise Difference(what)


def same(what: str, expected: Any, got: Any) -> None:
    """Name the first member of two JSON values that differs."""
    if isinstance(expected, dict) and isinstance(got, dict):
        same(f"{what}: members", sorted(expected), sorted(got)) if sorted(expected) != sorted(got) else None
        for name in expected:
            same(f"{what}.{name}", expected[name], got[name])
    elif isinstance(expected, list) and isinstance(got, list):
        for number, (one, other) in enumerate(zip(expected, got, strict=False)):
            same(f"{what}[{number}]", one, other)
        expect(len(expected) == len(got), f"{what}: {len(expected)} expected, {len(got)} found")
    else:
        expect(expected == got and type(expected) is type(got), f"{what}: expected {expected!r}, got {got!r}")


# ---- §1, §2 ---------------------------------------------------------------------------------------------------------


def parameters(node: Any, path: str = "") -> Iterator[tuple[str, Json]]:
    """Every parameter with its dotted path, ids standing for the items of lists."""
    if isinstance(node, dict) and set(node) == {"clause", "value", "readings"}:
        yield path, node
    elif isinstance(node, dict):
        for name, inner in node.items():
            yield from parameters(inner, f"{path}.{name}" if path else name)
    elif isinstance(node, list):
        for inner in node:
            if isinstance(inner, dict):
                yield from parameters(inner, f"{path}.{inner['id']}")


def written(reading: Any) -> str:
    """A reading as a resolution writes it."""
    if isinstance(reading, bool):
        return "true" if reading else "false"
    if isinstance(reading, list):
        return ",".join(reading) or "none"
    return str(reading) or "none"


class Rules:
    """The rules in force: the constitution with every resolved parameter replaced."""

    def __init__(self, constitution: Json) -> None:
        self.all = copy.deepcopy(constitution)
        self.resolutions: dict[str, str] = {}
        self.open = {
            f"{found['clause']} {path}": found for path, found in parameters(self.all) if len(found["readings"]) > 1
        }

    def resolve(self, clause: str, reading: str) -> None:
        expect(clause in self.open, f"resolution: unknown clause {clause!r}")
        found = self.open[clause]
        fits = [value for value in found["readings"] if written(value) == reading]
        expect(len(fits) == 1, f"resolution {clause}: {reading!r} is no reading")
        found["value"] = fits[0]
        self.resolutions[clause] = reading

    def get(self, path: str) -> Any:
        """The value of a parameter outside lists, by its path."""
        return self.parameter(path)["value"]

    def clause(self, path: str) -> str:
        return str(self.parameter(path)["clause"])

    def parameter(self, path: str) -> Json:
        found: Any = self.all
        for name in path.split("."):
            found = found[name]
        return dict(found)

    def procedure(self, name: str) -> Json:
        return next(item for item in self.all["procedures"] if item["id"] == name)

    def position(self, name: str) -> Json:
        return next(item for item in self.all["positions"] if item["id"] == name)


def compare(share: str, count: int, base: int) -> tuple[str, bool]:
    """The comparison, written out, and whether it holds."""
    sign, fraction = share.split(" ")
    a, b = map(int, fraction.split("/"))
    left, right = b * count, a * base
    return f"{b} * {count} {sign} {a} * {base}", left >= right if sign == ">=" else left > right


# ---- steps and lots -------------------------------------------------------------------------------------------------


def step(
    contest: str | None,
    rule: str,
    clause: str,
    conclusion: str,
    *,
    grounds: Sequence[str],
    inputs: Mapping[str, int] | None = None,
    comparison: str = "",
    holds: bool = True,
    names: Sequence[str] = (),
) -> Json:
    return {
        "contest": contest,
        "rule": rule,
        "clause": clause,
        "inputs": dict(inputs or {}),
        "comparison": comparison,
        "holds": holds,
        "conclusion": conclusion,
        "names": list(names),
        "grounds": list(dict.fromkeys(grounds)),
    }


def ticket(log_id: bytes, context: bytes, pair: Sequence[str | None], votes: int) -> bytes:
    return h("es1/lot", log_id, context, *(unb64(part) if part else b"" for part in pair), u64(votes))


def lot_order(names: Sequence[str], tickets: Mapping[str, bytes]) -> list[str]:
    return sorted(names, key=lambda name: (tickets[name], name))


def lot_step(
    contest: str, clause: str, names: Sequence[str], tickets: Mapping[str, bytes], grounds: Sequence[str]
) -> Json:
    """The step of a lot about `names`."""
    order = lot_order(names, tickets)
    inputs = {f"ticket.{name}": int.from_bytes(tickets[name][:6], "big") for name in order}
    first, second = (inputs[f"ticket.{name}"] for name in order[:2])
    comparison = f"{first} <= {second}"
    return step(contest, "lot", clause, "drawn", inputs=inputs, comparison=comparison, names=order, grounds=grounds)


@dataclass
class Counted:
    """One contest of a closed poll: what its entries say, and what it was judged to be when it was logged."""

    poll: int
    contest: str
    position: str
    electorate: str
    size: int
    options: list[str]  # all of them
    blank: str | None
    vote: str
    tour: str
    procedure: str
    fresh: bool  # new nominations
    context: bytes = b""
    ballots: int = 0
    counts: list[int] | None = None
    tickets: dict[str, bytes] | None = None
    attended: tuple[int, str] | None = None  # the number, and the decision
    void: dict[str, str] | None = None  # person -> the act of the decision

    @property
    def candidates(self) -> list[str]:
        return [name for name in self.options if name != self.blank]

    @property
    def count(self) -> str:
        return f"count:{self.poll}/{self.contest}"

    def votes(self) -> dict[str, int]:
        assert self.counts is not None
        return dict(zip(self.options, self.counts, strict=True))
