"""One parameter of a constitution: a value, the clause it comes from, and its readings where the text is ambiguous."""

from typing import Annotated, Generic, TypeVar

from msgspec import Meta

from keys.canonical import Wire

T = TypeVar("T")

Text = Annotated[str, Meta(min_length=1, max_length=500)]


class Parameter(Wire, Generic[T], frozen=True):
    """A value of type T.

    clause    the clause that it comes from ("6.12.4"), or "silent" where no clause says anything
    value     the value; while the parameter is ambiguous, the default reading
    readings  empty: the text is clear. Otherwise at least two, the default first: the committee signs one of them
              as a resolution before the first poll opens (docs/rules.md)
    """

    clause: Text
    value: T
    readings: list[T]

    @property
    def ambiguous(self) -> bool:
        """Whether a resolution is needed."""
        return bool(self.readings)
