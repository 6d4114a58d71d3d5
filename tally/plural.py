"""Which form of a word goes with a whole number, by the plural rules of CLDR, in the languages of the texts."""

from typing import Literal

Plural = Literal["one", "few", "many", "other"]


def plural(language: str, number: int) -> Plural:
    """Russian has three forms (1 день, 2 дня, 5 дней), the others two."""
    if language != "ru":
        return "one" if number == 1 else "other"
    tens, units = number % 100, number % 10
    if units == 1 and tens != 11:
        return "one"
    return "few" if units in (2, 3, 4) and tens not in (12, 13, 14) else "many"
