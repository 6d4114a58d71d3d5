"""The names of persons and seats in the sentences of a reasoning, as the other pages call them."""

from audit.catalog import LANGUAGES, load_texts
from audit.explain import Names
from election_service.pages.about import About


class PageNames(Names):
    """In the reader's language; in English where the catalogue of sentences has no such language."""

    def __init__(self, about: About, language: str) -> None:
        texts = load_texts(language if language in LANGUAGES else "en")
        rules = about.facts.rules if about.facts.law is not None else None
        super().__init__(texts, about.facts.documents, {}, rules)
        self._about = about

    def seat(self, contest: str) -> str:
        """Position and block."""
        return self._about.seat(contest, self.texts.language).text

    def electorate(self, electorate: str) -> str:
        """The name of the block."""
        return self._about.electorate(electorate, self.texts.language)

    def ground(self, ground: str) -> str:
        """Where a number comes from, with the seat by its name."""
        kind, _, name = ground.partition(":")
        text = self.texts.sections["ground"].get(kind)
        if text is None or kind not in ("count", "seat"):
            return super().ground(ground)
        poll, slash, seat = name.rpartition("/")
        return text.format(f"{poll}{slash}{self.seat(seat)}")
