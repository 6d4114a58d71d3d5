"""What is wrong with a form that somebody filled in: every field at once, so that one look mends all of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from election_service.errors import InputError


@dataclass(frozen=True, slots=True)
class FieldFault:
    """``field``: its name in the form; ``text``: what was expected there, and what came."""

    field: str
    text: str


class FormFaultsError(InputError):
    """Nothing of the form was taken. ``faults`` has all of them, in the order of the form."""

    def __init__(self, what: str, faults: Sequence[FieldFault]) -> None:
        self.faults = tuple(faults)
        shown = "; ".join(f"{fault.field}: {fault.text}" for fault in self.faults)
        super().__init__(f"{what}: {shown}", "mend what is named; nothing was changed")
