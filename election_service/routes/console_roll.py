"""The roll and the ballot links for programs."""

from sqlalchemy import func, select

from election_service import schema
from election_service.console.ballot_links import make_links, read_links, take_document
from election_service.console.drafts import RESOURCES
from election_service.console.made_log import need_facts
from election_service.console.roll_upload import (
    RollUpload,
    add_part,
    cancel_upload,
    compare_upload,
    import_upload,
    map_upload,
    preview_upload,
    read_upload,
)
from election_service.console.setup_types import (
    DocumentValues,
    LinksView,
    RollFault,
    RollMapping,
    RollPart,
    RollView,
    UploadView,
)
from election_service.errors import RollError
from election_service.roll import RollFaultsError, RollPreview
from election_service.routes.call import Call
from election_service.routes.console_changing import changing, revision_of
from keys.canonical import unb64

_NOTHING = RollPreview(total=0, eligible=0, ineligible={}, blocks={}, sample=(), faults=())


async def show_roll(call: Call) -> RollView:
    """The roll as it is imported, and the file that waits."""
    await need_facts(call.service, call.election)
    voters, rolls = schema.voters, schema.rolls
    mine = voters.c.election == call.election
    async with call.service.database.snapshot() as connection:
        count = select(func.count()).select_from(voters)
        students = int(await connection.scalar(count.where(mine)) or 0)
        eligible = int(await connection.scalar(count.where(mine, voters.c.eligible)) or 0)
        frozen = await connection.scalar(select(rolls.c.frozen).where(rolls.c.election == call.election))
        upload = await read_upload(call.service, connection, call.election)
    return RollView(
        revision=await revision_of(call, RESOURCES.roll),
        students=students,
        eligible=eligible,
        frozen=bool(frozen),
        upload=None if upload is None else await _show(call, upload),
    )


async def _show(call: Call, upload: RollUpload) -> UploadView:
    """What an import would give."""
    preview, trouble, sizes = _NOTHING, "", (0, 0, 0)
    try:
        preview = await preview_upload(upload)
        async with call.service.database.snapshot() as connection:
            found = await compare_upload(connection, call.election, upload)
        sizes = (len(found.added), len(found.removed), len(found.changed))
    except RollFaultsError:
        sizes = (0, 0, 0)  # the preview names the faults
    except RollError as error:
        trouble = str(error)
    added, removed, changed = sizes
    return UploadView(
        name=upload.name,
        header=list(upload.header),
        columns=dict(upload.columns),
        levels=list(upload.levels),
        statuses=list(upload.statuses),
        trouble=trouble,
        total=preview.total,
        eligible=preview.eligible,
        faults=[RollFault(row=fault.row, field=fault.field, reason=fault.reason) for fault in preview.faults],
        added=added,
        removed=removed,
        changed=changed,
    )


async def add_roll_part(call: Call) -> RollView:
    """A part of a file."""
    request: RollPart = call.request
    await need_facts(call.service, call.election)
    part = unb64(request.part, None, "part")
    async with changing(call, RESOURCES.roll, "roll-uploaded") as connection:
        await add_part(call.service, connection, call.election, request.name, part, first=request.first)
    return await show_roll(call)


async def map_roll(call: Call) -> RollView:
    """Which column is which."""
    request: RollMapping = call.request
    async with changing(call, RESOURCES.roll, "roll-columns-mapped") as connection:
        await map_upload(
            call.service,
            connection,
            call.election,
            columns=request.columns,
            levels=request.levels,
            statuses=request.statuses,
        )
    return await show_roll(call)


async def import_roll(call: Call) -> RollView:
    """All of it, or nothing."""
    async with changing(call, RESOURCES.roll, "roll-imported") as connection:
        await import_upload(call.service, connection, call.election)
    return await show_roll(call)


async def cancel_roll(call: Call) -> RollView:
    """Delete the file that waits."""
    await need_facts(call.service, call.election)
    async with changing(call, RESOURCES.roll, "roll-upload-deleted") as connection:
        await cancel_upload(connection, call.election)
    return await show_roll(call)


async def show_links(call: Call) -> LinksView:
    """Who has a credential, and which mails are out."""
    await need_facts(call.service, call.election)
    async with call.service.database.snapshot() as connection:
        found = await read_links(connection, call.election)
    mails: dict[str, int] = {}
    for item in found.mails:
        mails[item.state] = mails.get(item.state, 0) + item.mails
    return LinksView(
        revision=await revision_of(call, RESOURCES.links),
        voters=found.voters,
        credentials=found.credentials,
        electorates=found.electorates,
        mails=mails,
    )


async def send_links(call: Call) -> LinksView:
    """Make every link, and mail it."""
    await need_facts(call.service, call.election)
    async with changing(call, RESOURCES.links, "links-made") as connection:
        await make_links(call.service, connection, call.election)
    return await show_links(call)


async def take_registration(call: Call) -> LinksView:
    """The document of an offline registrar."""
    request: DocumentValues = call.request
    await need_facts(call.service, call.election)
    async with changing(call, RESOURCES.links, "links-made") as connection:
        await take_document(connection, call.election, request.document.encode())
    return await show_links(call)
