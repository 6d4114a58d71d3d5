"""Where a constitution contradicts itself although every single value is of the right kind.

Every reading counts, not only the default: whatever the committee signs must give rules that can be applied.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, Final

from tally.constitution_faults import Fault, Path
from tally.errors import ConstitutionError
from tally.threshold import Threshold

_LISTS: Final = ("procedures", "positions", "grounds", "petitions")
_ELECTING: Final = ("plurality", "majority")
_METHODS: Final = (*_ELECTING, "motion", "survey")


class Document:
    """A constitution as plain data of which parts may be broken: those read as absent, so that one fault gives one
    message.
    """

    def __init__(self, document: dict[str, Any], faults: Sequence[Fault]) -> None:
        """`faults` are those of the schema."""
        self._document = document
        self._broken = [fault.path for fault in faults]

    def is_sound(self, path: Path) -> bool:
        """Whether the schema found no fault in this place, above it or below it."""
        return not any(broken[: len(path)] == path or path[: len(broken)] == broken for broken in self._broken)

    def at(self, *path: str | int) -> Any:
        """What stands in this place; None where it is broken or absent."""
        here: Any = self._document
        for step in path:
            if isinstance(step, int):
                here = here[step] if isinstance(here, list) and step < len(here) else None
            else:
                here = here.get(step) if isinstance(here, dict) else None
        return here if self.is_sound(path) else None

    def keys(self, *path: str | int) -> set[str]:
        """The keys of the table in this place, whether or not its values are sound."""
        here: Any = self._document
        for step in path:
            here = here[step]
        return set(here) if isinstance(here, dict) else set()

    def readings(self, *path: str | int) -> list[Any]:
        """Every reading of a parameter; none where it is broken or absent."""
        parameter = self.at(*path)
        if not isinstance(parameter, dict) or not parameter.keys() >= {"value", "readings"}:
            return []
        return parameter["readings"] or [parameter["value"]]

    def indices(self, section: str) -> range:
        """The places of a list, sound or not."""
        items = self._document.get(section)
        return range(len(items) if isinstance(items, list) else 0)

    def ids(self, section: str) -> list[str]:
        """The sound ids of a list."""
        return [found for index in self.indices(section) if (found := self.at(section, index, "id")) is not None]

    def knows(self, section: str, identity: str) -> bool:
        """Whether a list has this id; yes where one of its ids is broken: it may be that one."""
        known = self.ids(section)
        whole = self._document.get(section)
        return identity in known or not isinstance(whole, list) or not whole or len(known) < len(whole)

    def method(self, procedure: str) -> str | None:
        """The method of the procedure of that id."""
        for index in self.indices("procedures"):
            if self.at("procedures", index, "id") == procedure:
                found = self._document["procedures"][index].get("method")
                return found if found in _METHODS else None
        return None

    def is_office(self, position: int) -> bool | None:
        """Whether a position is an office (somebody is elected); None where its procedures do not say."""
        methods = {self.method(procedure) for procedure in self.readings("positions", position, "procedure")}
        if None in methods or not methods:
            return None
        return methods <= set(_ELECTING)


def find_contradictions(document: Any, faults: Sequence[Fault]) -> list[Fault]:
    """Every contradiction between sound values; `faults` are those that the schema found."""
    if not isinstance(document, dict):
        return []
    whole = Document(document, faults)
    return [fault for check in _CHECKS for fault in check(whole)]


def _ids_once(document: Document) -> Iterator[Fault]:
    for section in _LISTS:
        counted = Counter(document.ids(section))
        seen: set[str] = set()
        for index in document.indices(section):
            identity = document.at(section, index, "id")
            if identity in seen and counted[identity] > 1:
                yield Fault((section, index, "id"), f'"{identity}" stands {counted[identity]} times, expected once')
                counted[identity] = 1
            if identity is not None:
                seen.add(identity)


def _procedures_are_known(document: Document) -> Iterator[Fault]:
    places: list[Path] = [("members_vote",)]
    for index in document.indices("positions"):
        places += [("positions", index, "procedure"), ("positions", index, "seat", "by_election")]
    for path in places:
        for named in document.readings(*path):
            if not document.knows("procedures", named):
                known = ", ".join(document.ids("procedures"))
                yield Fault(path, f'unknown procedure "{named}"; expected one of {known}')
            elif path[-1] == "by_election" and document.method(named) in {"motion", "survey"}:
                yield Fault(path, f'"{named}" is a {document.method(named)}, which elects nobody')


def _positions_are_known(document: Document) -> Iterator[Fault]:
    places: list[Path] = [("board", "casting")]
    places += [("positions", index, "seat", "acting") for index in document.indices("positions")]
    for path in places:
        for named in document.readings(*path):
            yield from _named_position(document, path, named, office=True)
            if path[0] == "positions" and named and document.at(*path[:2], "id") == named:
                yield Fault(path, f'"{named}" cannot act for itself')
    for index in document.indices("grounds"):
        named = document.at("grounds", index, "motion")
        if named:
            yield from _named_position(document, ("grounds", index, "motion"), named, office=False)


def _named_position(document: Document, path: Path, named: str, *, office: bool) -> Iterator[Fault]:
    if not named:
        return
    if not document.knows("positions", named):
        yield Fault(path, f'unknown position "{named}"; expected one of {", ".join(document.ids("positions"))}')
        return
    index = next((i for i in document.indices("positions") if document.at("positions", i, "id") == named), None)
    if index is None or document.is_office(index) is None:
        return
    if office and not document.is_office(index):
        yield Fault(path, f'"{named}" is no office: nobody can hold it')
    methods = {document.method(procedure) for procedure in document.readings("positions", index, "procedure")}
    if not office and methods != {"motion"}:
        yield Fault(path, f'"{named}" is no motion')


def _offices_have_seats(document: Document) -> Iterator[Fault]:
    for index in document.indices("positions"):
        path: Path = ("positions", index, "procedure")
        methods = sorted({document.method(named) or "" for named in document.readings(*path)})
        if not methods or "" in methods:
            continue
        elects = [method in _ELECTING for method in methods]
        if any(elects) and not all(elects):
            yield Fault(path, f"its readings are {' and '.join(methods)}: expected an office by each, or by none")
            continue
        seat_path: Path = ("positions", index, "seat")
        if not document.is_sound(seat_path) or "seat" not in document.keys(*seat_path[:-1]):
            continue
        if all(elects) and document.at(*seat_path) is None:
            yield Fault(seat_path, f"missing: by {methods[0]} somebody is elected, and an office needs a seat")
        elif not any(elects) and document.at(*seat_path) is not None:
            yield Fault(seat_path, f"a {methods[0]} elects nobody and cannot have a seat")


def _shares_can_be_reached(document: Document) -> Iterator[Fault]:
    places: list[Path] = [("turnout", "share"), ("board", "quorum"), ("board", "threshold")]
    for index in document.indices("procedures"):
        places += [("procedures", index, "threshold"), ("procedures", index, "quorum")]
    places += [("petitions", index, "share") for index in document.indices("petitions")]
    for path in places:
        for text in document.readings(*path):
            if not text:
                continue
            try:
                share = Threshold.parse(text)
            except ConstitutionError:
                yield Fault(path, f'expected a share of at most one, got "{text}"')
                continue
            if share.strict and share.numerator == share.denominator:
                yield Fault(path, f'"{text}": nobody can have more than all')


def _members_decide(document: Document) -> Iterator[Fault]:
    for named in document.readings("members_vote"):
        index = next((i for i in document.indices("procedures") if document.at("procedures", i, "id") == named), None)
        method = document.method(named)
        if index is None or method is None:
            continue
        if method != "plurality":
            yield Fault(
                ("members_vote",), f'"{named}" is a {method}: expected a plurality, whose voters are the members'
            )
            continue
        if "block" in document.readings("procedures", index, "voters"):
            yield Fault(("procedures", index, "voters"), 'members decide ties by it: expected "members" alone')
        if "members-vote" in document.readings("procedures", index, "tie"):
            yield Fault(
                ("procedures", index, "tie"), "a members' vote cannot decide its own tie: expected another rule"
            )


def _names_are_english_too(document: Document) -> Iterator[Fault]:
    for index in document.indices("positions"):
        names = document.at("positions", index, "name")
        if isinstance(names, dict) and "en" not in names:
            yield Fault(("positions", index, "name"), 'expected "en" at least')


def _dates_exist_in_order(document: Document) -> Iterator[Fault]:
    dates: dict[str, list[date]] = {}
    for name in ("semester_begins", "term_ends"):
        for text in document.readings("calendar", name):
            try:
                dates.setdefault(name, []).extend([date.fromisoformat(text)] if text else [])
            except ValueError:
                yield Fault(("calendar", name), f'"{text}": there is no such day')
    begins, ends = dates.get("semester_begins", []), dates.get("term_ends", [])
    if begins and ends and min(ends) < max(begins):
        yield Fault(
            ("calendar", "term_ends"), f"expected a day after the semester begins ({max(begins)}), got {min(ends)}"
        )
    if any(document.readings("calendar", "first_poll_days")) and "" in document.readings("calendar", "semester_begins"):
        path: Path = ("calendar", "semester_begins")
        yield Fault(path, "expected a day: first_poll_days counts from it")


def _turnout_has_its_body(document: Document) -> Iterator[Fault]:
    wanted = [
        scope for scope in document.readings("turnout", "scope") if scope in {"university", "both", "both-enforced"}
    ]
    if not wanted or not document.indices("positions"):
        return
    for index in document.indices("positions"):
        if document.at("positions", index, "block") not in {"university", None}:
            continue
        named = document.readings("positions", index, "procedure")
        if not named or any(_has_block_voters(document, procedure) for procedure in named):
            return
    yield Fault(("turnout", "scope"), f'"{wanted[0]}" needs an office of block "university" that its block elects')


def _has_block_voters(document: Document, procedure: str) -> bool:
    """Whether a procedure elects by its block; yes where that cannot be told."""
    for index in document.indices("procedures"):
        if document.at("procedures", index, "id") == procedure and document.method(procedure) in _ELECTING:
            return "block" in (document.readings("procedures", index, "voters") or ["block"])
    return document.method(procedure) is None


def _petitions_need_somebody(document: Document) -> Iterator[Fault]:
    for index in document.indices("petitions"):
        path: Path = ("petitions", index)
        no_share = "share" in document.keys(*path) and document.at(*path, "share") is None
        if no_share and document.is_sound((*path, "share")) and 0 in document.readings(*path, "minimum"):
            yield Fault((*path, "minimum"), "expected 1 or more: without a share, nobody would be needed")


def _nominations_have_a_rule(document: Document) -> Iterator[Fault]:
    for index in document.indices("procedures"):
        path: Path = ("procedures", index, "nomination")
        if "petition" in document.readings(*path) and not document.knows("petitions", "nomination"):
            yield Fault(path, '"petition" needs a rule for petitions that is called "nomination"')


_CHECKS: Final[tuple[Callable[[Document], Iterator[Fault]], ...]] = (
    _ids_once,
    _procedures_are_known,
    _positions_are_known,
    _offices_have_seats,
    _shares_can_be_reached,
    _members_decide,
    _names_are_english_too,
    _dates_exist_in_order,
    _turnout_has_its_body,
    _petitions_need_somebody,
    _nominations_have_a_rule,
)
