"""What a committee decides before its log exists, and what never stands in the log: title, schedule, rehearsal.

The row lives as long as the election. What entry 0 fixes (members, second factor, rehearsal) is read here until the log
is made, and in the log from then on. An election that the command line made has no row, and plain values then.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

from msgspec.structs import replace
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from election_service import schema, schema_console
from election_service.api_types import ElectionTexts, SecondFactor
from election_service.console.form_faults import FieldFault, FormFaultsError
from election_service.election import SEAL_EVERY, SEAL_MINIMUM, ElectionSettings, check_settings
from election_service.errors import InputError, UnknownElectionError
from election_service.plain_text import clean_text
from election_service.presentation import Presentation, faults_of, read_presentation, store_presentation
from election_service.sql import insert_new
from keys.canonical import Natural, Wire, decode, encode
from keys.errors import FormatError
from keys.ids import check_id
from keys.issuer import KEY_BITS
from keys.trustee.session import MAX_TRUSTEES

TWO: Final = 2
ZONE: Final = "Asia/Tbilisi"
RESERVED: Final = frozenset(  # pages of the console that belong to no election
    {"new", "welcome", "enrol", "recovery-codes", "sign-in", "passkey", "code", "sign-out", "account"}
)
MAX_WAIVER: Final = 2000  # letters
MOST_MEMBERS: Final = 50
_REHEARSAL_BITS: Final = 1024  # of an issuer key: dozens of contests are made in seconds, and nothing there counts


class RESOURCES:
    """The names of what the set-up changes, for their revisions."""

    setup: Final = "setup"
    texts: Final = "texts"
    schedule: Final = "schedule"
    mail_test: Final = "mail-test"
    rehearsal: Final = "rehearsal"
    rules: Final = "rules"
    roll: Final = "roll"
    links: Final = "links"
    contests: Final = "contests"
    candidates: Final = "candidates"


MailTest = Literal["untested", "passed", "failed"]


class Draft(Wire, frozen=True):
    """Times in POSIX seconds.

    presentation      title and introduction by language, contact, zone; in force until the log is made
    rehearsal         a test election, called so everywhere; its tokens and links are of another log than the real one
    second_factor     with `waiver`: who decided to do with less than two ways to a voter, when and why
    threshold         how many members an act needs
    trustees_k, _n    how many of how many trustees decrypt
    opens, closes     when the next poll is to be open; null until they are set
    rules             the rules in the making, JSON of a constitution with or without faults; empty before there are any
    readings          clause of a resolution -> the reading that the committee means to sign
    mail_test         of the mail that somebody sent to themselves, with the server's words
    rehearsal_waiver  why no rehearsal is held; empty for none
    cloned_from       the election whose set-up this began with
    """

    v: Literal["es1-draft"]
    presentation: Presentation
    rehearsal: bool
    second_factor: SecondFactor
    waiver: str
    threshold: Natural
    trustees_k: Natural
    trustees_n: Natural
    opens: Natural | None
    closes: Natural | None
    rules: str
    readings: dict[str, str]
    mail_test: MailTest
    mail_words: str
    rehearsal_waiver: str
    cloned_from: str


def new_draft(title: str, *, zone: str = ZONE, rehearsal: bool = False) -> Draft:
    """A draft with the values that most elections keep."""
    return Draft(
        v="es1-draft",
        presentation=Presentation(texts={"en": ElectionTexts(title=title, intro="")}, contact="", zone=zone),
        rehearsal=rehearsal,
        second_factor="totp",
        waiver="",
        threshold=TWO,
        trustees_k=2,
        trustees_n=3,
        opens=None,
        closes=None,
        rules="",
        readings={},
        mail_test="untested",
        mail_words="",
        rehearsal_waiver="",
        cloned_from="",
    )


def check_draft(draft: Draft) -> None:
    """FormFaultsError with everything that could not become an election."""
    faults = presentation_faults(draft.presentation)
    least = 1 if draft.rehearsal else TWO
    if not least <= draft.threshold <= MOST_MEMBERS:
        faults.append(FieldFault("threshold", f"expected {least} to {MOST_MEMBERS}, got {draft.threshold}"))
    k, n = draft.trustees_k, draft.trustees_n
    if not (TWO <= k <= n <= MAX_TRUSTEES and 2 * k > n):
        text = f"expected 2 or more, and more than half of at most {MAX_TRUSTEES}, got {k} of {n}"
        faults.append(FieldFault("trustees_k", text))
    try:
        if clean_text(draft.waiver, MAX_WAIVER) != draft.waiver:
            faults.append(FieldFault("waiver", "expected text without needless spaces, in normal form C"))
        check_settings(settings_of(draft), rehearsal=draft.rehearsal)
    except (FormatError, InputError) as error:
        faults.append(FieldFault("waiver", str(error).removeprefix("text: ")))
    if faults:
        raise FormFaultsError("election", faults)


def presentation_faults(presentation: Presentation) -> list[FieldFault]:
    """What of the texts cannot be shown, by field."""
    return [FieldFault(*_field_of(text)) for text in faults_of(presentation)]


def settings_of(draft: Draft) -> ElectionSettings:
    """The settings that the log will be made with."""
    return ElectionSettings(
        second_factor=draft.second_factor,
        waiver=draft.waiver or None,
        seal_minimum=SEAL_MINIMUM,
        seal_every=SEAL_EVERY,
        issuer_bits=_REHEARSAL_BITS if draft.rehearsal else KEY_BITS,
    )


def _field_of(text: str) -> tuple[str, str]:
    """Field and text: what begins with "en: title: " belongs to the field title_en, with "zone: " to zone."""
    first, _, rest = text.partition(": ")
    second, _, more = rest.partition(": ")
    return (f"{second}_{first}", more) if second in ("title", "intro") and more else (first, rest)


# ---- in the database -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """A draft, and whether its log exists."""

    election: str
    draft: Draft
    made: bool


def check_unmade(known: Known) -> None:
    """FormFaultsError once the log is made: entry 0 fixes what it says for good."""
    if known.made:
        raise FormFaultsError("set-up", [FieldFault("second_factor", "the log is made: it fixes this for good")])


async def create_draft(connection: AsyncConnection, election: str, draft: Draft) -> None:
    """A new election, as far as it is decided; FormFaultsError for a broken or taken id."""
    try:
        check_id(election, "election")
    except FormatError as error:
        raise FormFaultsError("election", [FieldFault("election", str(error).removeprefix("election: "))]) from error
    check_draft(draft)
    made = schema.elections.c.election
    known = await connection.scalar(select(made).where(made == election))
    row = insert_new(connection, schema_console.drafts).values(election=election, document=encode(draft))
    if (
        election in RESERVED
        or known is not None
        or (await connection.execute(row.returning(schema_console.drafts.c.election))).first() is None
    ):
        raise FormFaultsError("election", [FieldFault("election", f"{election}: is taken already; choose another")])


async def read_draft(connection: AsyncConnection, election: str, *, lock: bool = False) -> Draft:
    """The draft; plain values for an election that the command line made. UnknownElectionError for no election.

    ``lock``: nobody else changes it before this transaction ends.
    """
    return (await read_known(connection, election, lock=lock)).draft


async def read_known(connection: AsyncConnection, election: str, *, lock: bool = False) -> Known:
    """As `read_draft`; once the log is made, title, zone and rehearsal are those that are in force."""
    table = schema_console.drafts
    query = select(table.c.document).where(table.c.election == election)
    raw: bytes | None = await connection.scalar(query.with_for_update() if lock else query)
    draft = None if raw is None else decode(raw, Draft)
    elections = schema.elections
    row = (await connection.execute(select(elections).where(elections.c.election == election))).mappings().first()
    if row is None:
        if draft is None:
            raise UnknownElectionError(f"election {election[:64]!r}: there is none here")
        return Known(election, draft, made=False)
    settings = decode(row["config"], ElectionSettings)
    shown = await read_presentation(connection, election)
    if draft is None:
        draft = new_draft(row["title"])
    factor: dict[str, Any] = {"second_factor": settings.second_factor, "waiver": settings.waiver or ""}
    return Known(election, replace(draft, presentation=shown, **factor), made=True)


async def store_draft(connection: AsyncConnection, election: str, draft: Draft) -> None:
    """Replace the draft, in the caller's transaction, which has read it with ``lock``."""
    table = schema_console.drafts
    values = {"document": encode(draft)}
    if not (await connection.execute(update(table).where(table.c.election == election).values(values))).rowcount:
        await connection.execute(insert(table).values(election=election, **values))


async def store_texts(connection: AsyncConnection, election: str, presentation: Presentation) -> None:
    """Replace title, introduction, contact and zone in the caller's transaction: in the draft until the log is made,
    then where everybody reads them. FormFaultsError for what cannot be shown.
    """
    known = await read_known(connection, election, lock=True)
    faults = presentation_faults(presentation)
    if faults:
        raise FormFaultsError("texts", faults)
    if known.made:
        await store_presentation(connection, election, presentation)
    else:
        await store_draft(connection, election, replace(known.draft, presentation=presentation))


async def read_drafts(connection: AsyncConnection) -> dict[str, Draft]:
    """Election → draft, of those whose log does not exist yet."""
    table, made = schema_console.drafts, select(schema.elections.c.election)
    rows = (await connection.execute(select(table).where(table.c.election.not_in(made)))).all()
    return {row.election: decode(row.document, Draft) for row in rows}
