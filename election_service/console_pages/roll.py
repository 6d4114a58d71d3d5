"""`/committee/{e}/roll` and `/roll/preview`: the roll of voters, from a registrar's file to the freeze."""

from typing import Any, Final

from sqlalchemy import func, select

from election_service import schema
from election_service.console.drafts import RESOURCES, read_known
from election_service.console.events import record
from election_service.console.revisions import change_revision
from election_service.console.roles import Capability
from election_service.console.roll_upload import (
    RollUpload,
    cancel_upload,
    compare_upload,
    has_upload,
    import_upload,
    map_upload,
    preview_upload,
    read_upload,
    upload_roll,
)
from election_service.console_pages.changing import REFUSALS, Refused, changing, refused, revision_of, status_of
from election_service.console_pages.flashes import said
from election_service.console_pages.frame import render
from election_service.console_pages.visit import Answer, ConsoleVisit, Redirect, Route
from election_service.errors import InputError, RollError
from election_service.languages import translatable
from election_service.pages.shell import Pages
from election_service.roll import RollFaultsError
from election_service.roll_columns import FIELDS, OPTIONAL
from election_service.roll_rules import LEVELS, STATUSES

RESOURCE: Final = RESOURCES.roll
SHOWN: Final = 500  # rows of a list on a page; the numbers are always whole
FIELD_NAMES: Final = {
    "student_id": translatable("Student id"),
    "full_name": translatable("Name"),
    "email": translatable("Mail address"),
    "faculty": translatable("Faculty"),
    "department": translatable("Department"),
    "level": translatable("Level"),
    "year": translatable("Year of study"),
    "status": translatable("Status"),
    "disciplinary": translatable("Disciplinary record"),
    "language": translatable("Language"),
}


async def show_roll(pages: Pages, visit: ConsoleVisit, why: Refused | None = None) -> Answer:
    """What is imported, and the form for a file."""
    election = visit.place
    async with visit.service.database.snapshot() as connection:
        known = await read_known(connection, election)
        found: dict[str, Any] = {"students": 0, "eligible": 0, "frozen": False, "waiting": False, "reasons": []}
        if known.made:
            voters, rolls = schema.voters, schema.rolls
            mine = voters.c.election == election
            query = select(voters.c.reason, func.count()).where(mine).group_by(voters.c.reason)
            reasons = {reason: int(count) for reason, count in (await connection.execute(query)).all()}
            frozen = await connection.scalar(select(rolls.c.frozen).where(rolls.c.election == election))
            found = {
                "students": sum(reasons.values()),
                "eligible": reasons.pop("", 0),
                "reasons": sorted(reasons.items()),
                "frozen": bool(frozen),
                "waiting": await has_upload(connection, election),
            }
    return await render(
        pages,
        visit,
        "committee/roll.html",
        section="roll",
        status=status_of(why),
        why=why,
        made=known.made,
        revision=await revision_of(visit, RESOURCE),
        needed=[FIELD_NAMES[field] for field in FIELDS if field not in OPTIONAL],
        optional=[FIELD_NAMES[field] for field in FIELDS if field in OPTIONAL],
        **found,
    )


async def take_roll(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Keep a file, and go on to its columns."""
    file = visit.files.get("roll")
    try:
        if file is None or not file.content:
            raise InputError("roll: expected a file, got none", "choose the CSV or XLSX file of the registrar")
        async with changing(visit, RESOURCE, "roll-uploaded") as connection:
            await upload_roll(visit.service, connection, visit.place, file.name, file.content)
    except REFUSALS as error:
        return await show_roll(pages, visit, refused(error))
    return Redirect(visit.link(f"/committee/{visit.place}/roll/preview"))


# ---- before it is imported -------------------------------------------------------------------------------------------


async def show_preview(pages: Pages, visit: ConsoleVisit, why: Refused | None = None) -> Answer:
    """The columns as they are understood, and what an import would give: students, faults by row, the difference."""
    async with visit.service.database.snapshot() as connection:
        upload = await read_upload(visit.service, connection, visit.place)
        if upload is None and why is None:
            return Redirect(visit.link(f"/committee/{visit.place}/roll"))
    if upload is None:  # somebody else imported or deleted it
        return await show_roll(pages, visit, why)
    async with visit.service.database.snapshot() as connection:
        preview, difference, trouble = None, None, ""
        try:
            preview = await preview_upload(upload)
            difference = await compare_upload(connection, visit.place, upload)
        except RollFaultsError:
            pass  # the preview names them
        except RollError as error:
            trouble = str(error)
    return await render(
        pages,
        visit,
        "committee/roll_preview.html",
        section="roll",
        status=status_of(why),
        why=why,
        revision=await revision_of(visit, RESOURCE),
        upload=upload,
        names=FIELD_NAMES,
        optional=OPTIONAL,
        columns=_columns(visit, upload, why),
        levels=LEVELS,
        statuses=STATUSES,
        preview=preview,
        difference=difference,
        trouble=trouble,
        shown=SHOWN,
    )


def _columns(visit: ConsoleVisit, upload: RollUpload, why: Refused | None) -> dict[str, str]:
    """Field → name of its column, as typed where the form comes back."""
    stored = {field: upload.columns.get(field, "") for field in FIELDS}
    if why is None or "column_student_id" not in visit.form:
        return stored
    return {field: visit.form.get(f"column_{field}", "") for field in FIELDS}


async def take_mapping(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Which column is which, and who may vote."""
    try:
        async with changing(visit, RESOURCE, "roll-columns-mapped") as connection:
            await map_upload(
                visit.service,
                connection,
                visit.place,
                columns={field: visit.form.get(f"column_{field}", "") for field in FIELDS},
                levels=visit.fields.get("level", ()),
                statuses=visit.fields.get("status", ()),
            )
    except REFUSALS as error:
        return await show_preview(pages, visit, refused(error))
    return Redirect(visit.link(f"/committee/{visit.place}/roll/preview"))


async def take_import(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Import it as a whole; with a fault nothing changes."""
    service = visit.service
    try:
        async with service.database.transaction() as connection:
            await change_revision(connection, visit.place, RESOURCE, visit.revision)
            roll = await import_upload(service, connection, visit.place)
            size = str(len(roll.students))
            await record(service, connection, visit.place, visit.who.account, "roll-imported", size)
    except REFUSALS as error:
        return await show_preview(pages, visit, refused(error))
    text = translatable("The roll is imported: %(students)s students, of whom %(eligible)s may vote.")
    values = {"students": len(roll.students), "eligible": len(roll.eligible)}
    return said(visit, f"/committee/{visit.place}/roll", text, **values)


async def take_cancel(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Delete the file; the imported roll stays as it is."""
    try:
        async with changing(visit, RESOURCE, "roll-upload-deleted") as connection:
            await cancel_upload(connection, visit.place)
    except REFUSALS as error:
        return await show_roll(pages, visit, refused(error))
    return said(visit, f"/committee/{visit.place}/roll", translatable("The file is deleted; nothing was imported."))


_COLUMNS: Final = tuple(f"column_{field}" for field in FIELDS)
READ: Final = {
    "/committee/{e}/roll": Route(show_roll, Capability.SEE_VOTERS),
    "/committee/{e}/roll/preview": Route(show_preview, Capability.UPLOAD_ROLL),
}
SENT: Final = {
    "/committee/{e}/roll": Route(take_roll, Capability.UPLOAD_ROLL, fields=("roll",), upload=True),
    "/committee/{e}/roll/preview": Route(take_mapping, Capability.UPLOAD_ROLL, fields=(*_COLUMNS, "level", "status")),
    "/committee/{e}/roll/import": Route(take_import, Capability.UPLOAD_ROLL),
    "/committee/{e}/roll/cancel": Route(take_cancel, Capability.UPLOAD_ROLL),
}
