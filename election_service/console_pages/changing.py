"""How a page changes something: as it was seen, written down, and without losing what somebody typed."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from election_service.console.events import record
from election_service.console.form_faults import FormFaultsError
from election_service.console.revisions import change_revision, read_revision
from election_service.console_pages.visit import ConsoleVisit
from election_service.errors import ActRefusedError, InputError, NotFoundError, RevisionStaleError
from election_service.languages import translatable
from keys.errors import FormatError, PeerError

REFUSALS: Final = (InputError, ActRefusedError, NotFoundError, RevisionStaleError, FormatError, PeerError)
_STALE: Final = translatable(
    "Somebody changed this meanwhile. What you typed is still here: compare it with what is stored now, and send it "
    "again."
)
_FAULTY: Final = translatable("Nothing was changed. Please mend what is named below, and send it again.")
_BAD, _CONFLICT, _PRECONDITION = 400, 409, 412


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a form was not taken. ``text``: to be translated; ``words``: of the use case; ``faults``: field → words."""

    status: int
    text: str
    words: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def stale(self) -> bool:
        """Whether somebody else was faster."""
        return self.status == _PRECONDITION


@asynccontextmanager
async def changing(visit: ConsoleVisit, resource: str, event: str, subject: str = "") -> AsyncIterator[AsyncConnection]:
    """A transaction that changes a resource as the form has seen it, and writes down who did.

    RevisionStaleError before anything is changed where somebody else was faster.
    """
    async with visit.service.database.transaction() as connection:
        await change_revision(connection, visit.place, resource, visit.revision)
        yield connection
        await record(visit.service, connection, visit.place, visit.who.account, event, subject)


async def begin_change(visit: ConsoleVisit, resource: str) -> None:
    """For what has transactions of its own: of two who press the same button one goes on; RevisionStaleError."""
    async with visit.service.database.transaction() as connection:
        await change_revision(connection, visit.place, resource, visit.revision)


async def note_change(visit: ConsoleVisit, event: str, subject: str = "") -> None:
    """Write down who did what has transactions of its own."""
    async with visit.service.database.transaction() as connection:
        await record(visit.service, connection, visit.place, visit.who.account, event, subject)


async def revision_of(visit: ConsoleVisit, resource: str) -> int:
    """The revision that a page's form carries."""
    async with visit.service.database.snapshot() as connection:
        return await read_revision(connection, visit.place, resource)


def refused(error: Exception) -> Refused:
    """What a page says to an error of REFUSALS."""
    if isinstance(error, RevisionStaleError):
        return Refused(_PRECONDITION, _STALE)
    if isinstance(error, FormFaultsError):
        return Refused(_BAD, _FAULTY, faults={fault.field: fault.text for fault in reversed(error.faults)})
    hint = getattr(error, "hint", "")
    return Refused(_CONFLICT, _FAULTY, f"{error}" + (f" – {hint}" if hint else ""))


def typed(visit: ConsoleVisit, stored: Mapping[str, str], why: Refused | None) -> dict[str, str]:
    """The values of a form: as stored, or as they were typed where the form comes back."""
    return dict(stored) if why is None else {**stored, **{name: visit.form.get(name, "") for name in stored}}


def status_of(why: Refused | None) -> int:
    """The status of a page whose form comes back for this reason, or for none."""
    return 200 if why is None else why.status
