"""Which documents of an election can be had now: for pages, the API and the command alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.document import SUFFIX
from election_service.documents.desk import Story
from election_service.documents.names import DocumentName, ordinary

if TYPE_CHECKING:
    from election_service.service import Service


@dataclass(frozen=True, slots=True)
class PollDocuments:
    """The documents of one poll, each with its signature; ``story`` says how far they tell."""

    story: Story
    names: tuple[DocumentName, ...]

    def files(self) -> list[str]:
        """All file names, signatures among them."""
        return [name.document + suffix for name in self.names for suffix in ("", SUFFIX)]


def documents_of(poll: int) -> tuple[DocumentName, ...]:
    """Those that are offered: a protocol in each language, the exports, the archive."""
    return (*ordinary(poll), DocumentName(poll, "archive"))


async def list_documents(service: "Service", election: str) -> Sequence[PollDocuments]:
    """The polls with a declared result, in order."""
    facts = await service.facts(election)
    declared = sorted(number for number, poll in facts.polls.items() if poll.declared is not None)
    return [PollDocuments(await service.document_desk.story(election, poll), documents_of(poll)) for poll in declared]
