"""What somebody wrote into the form of an act: read field by field, all faults at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from audit.entries import format_time, parse_time
from election_service.console.form_faults import FieldFault, FormFaultsError
from election_service.console.schedule import read_local
from election_service.presentation import read_presentation
from election_service.service import Service
from keys.errors import DataError, FormatError
from keys.text import check_text

MAX_TEXT: Final = 2000  # letters
MAX_LINE: Final = 200
MOST_DIGITS: Final = 9


@dataclass(slots=True)
class ActValues:
    """The values of one form. Reading notes what is wrong; `raise_faults` says it all."""

    zone: str
    given: Mapping[str, Sequence[str]]
    faults: list[FieldFault] = field(default_factory=list)

    @classmethod
    async def read(cls, service: Service, election: str, given: Mapping[str, Sequence[str]]) -> "ActValues":
        """The values, with the zone in which the election's times are written."""
        async with service.database.snapshot() as connection:
            return cls((await read_presentation(connection, election)).zone, given)

    def fault(self, name: str, text: str) -> None:
        """Note what is wrong with a field, once for each text."""
        found = FieldFault(name, text)
        if found not in self.faults:
            self.faults.append(found)

    def raise_faults(self) -> None:
        """FormFaultsError if anything was wrong."""
        if self.faults:
            raise FormFaultsError("act", self.faults)

    def many(self, name: str) -> list[str]:
        """All values of a field, as they came."""
        return [value for value in self.given.get(name, ()) if value.strip()]

    def line(self, name: str, *, needed: bool = False) -> str:
        """One line without spaces around it."""
        value = (self.many(name) or [""])[0].strip()
        if needed and not value:
            self.fault(name, "expected something here")
        if len(value) > MAX_LINE or "\n" in value:
            self.fault(name, f"expected one line of at most {MAX_LINE} letters")
        return value

    def text(self, name: str, *, needed: bool = False) -> str:
        """Plain text that can stand in the log, in one line: no control characters, nothing that turns the direction
        (A89).
        """
        value = " ".join(line.strip() for line in (self.many(name) or [""])[0].strip().split("\n"))
        if needed and not value:
            self.fault(name, "expected something here")
        if len(value) > MAX_TEXT:
            self.fault(name, f"expected at most {MAX_TEXT} letters, got {len(value)}")
        try:
            return check_text(value, name) if value else ""
        except FormatError as error:
            self.fault(name, str(error))
            return ""

    def lines(self, name: str, *, needed: bool = True) -> list[str]:
        """One thing in a line."""
        found = [line.strip() for value in self.many(name) for line in value.splitlines() if line.strip()]
        if needed and not found:
            self.fault(name, "expected at least one line")
        return found

    def number(self, name: str, *, needed: bool = True) -> int:
        """A number from 0; 0 where there is none."""
        value = self.line(name, needed=needed)
        if not value:
            return 0
        if not (value.isascii() and value.isdecimal()) or len(value) > MOST_DIGITS:
            self.fault(name, f"expected a number, got {value[:40]!r}")
            return 0
        return int(value)

    def time(self, name: str, *, needed: bool = False) -> str | None:
        """A time as in the log, YYYY-MM-DDTHH:MM:SSZ, from the same or from a time of the zone; None for nothing."""
        value = self.line(name, needed=needed)
        if not value:
            return None
        try:
            return format_time(parse_time(value) if value.endswith("Z") else read_local(value, self.zone, name) or 0)
        except FormFaultsError as error:
            for item in error.faults:
                self.fault(item.field, item.text)
        except DataError as error:
            self.fault(name, str(error))
        return None
