"""`/elections/{e}/log`, `/elections/{e}/log/{seq}`: the log to leaf through, an entry in words and as it is."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from audit.entries import Entry, decode_entry, parse_time
from audit.tiles import ENTRIES, TILE_WIDTH, TileName
from election_service import schema
from election_service.errors import NotFoundError
from election_service.log import StoredEntry, read_entries
from election_service.pages.about import about
from election_service.pages.act_numbers import ActNumbers, published_acts
from election_service.pages.entry_words import Words
from election_service.pages.shell import Pages
from election_service.pages.visit import Page, Visit
from keys.canonical import b64

ON_A_PAGE: Final = 50  # entries


@dataclass(frozen=True, slots=True)
class Row:
    """An entry in the list; `time` in POSIX seconds, None for kinds that have none."""

    seq: int
    title: str
    sentence: str
    time: int | None


async def show_log(pages: Pages, visit: Visit) -> Page:
    """A page of the log, the newest by default; with ``all=1`` ballots and tokens too."""
    known = await about(visit)
    everything = visit.query.get("all") == "1"
    asked = visit.query.get("page", "")
    async with visit.service.database.snapshot() as connection:
        seqs = (
            range(known.size)
            if everything
            else await published_acts(
                pages.act_numbers.setdefault(known.id, ActNumbers()), connection, known.id, known.size
            )
        )
    last = max(1, -(-len(seqs) // ON_A_PAGE))
    page = visit.number(asked, "page") if asked else last
    if not 1 <= page <= last:
        raise NotFoundError(f"log: expected a page from 1 to {last}")
    shown = seqs[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    kept: dict[str, str | int] = {"all": 1} if everything else {}

    async def make() -> str:
        words = Words(known, visit.language)
        async with visit.service.database.snapshot() as connection:
            rows = [_row(decode_entry(item.entry), words) for item in await _read(connection, known.id, shown)]
        return await pages.render(
            "log.html",
            visit,
            about=known,
            section="log",
            rows=rows[::-1],
            page=page,
            last=last,
            everything=everything,
            kept={**kept, "page": page} if asked else kept,
            filter=kept,
        )

    stamp = (known.size, known.title, known.contact)
    return await pages.kept(visit, ("log", known.id, str(everything), str(page if asked else 0)), stamp, make)


async def show_entry(pages: Pages, visit: Visit) -> Page:
    """One entry; NotFoundError beyond what is published."""
    known, seq = await about(visit), visit.number(visit.parts["seq"], "entry")
    if seq >= known.size:
        raise NotFoundError(f"log: expected an entry below {known.size}")

    async def make() -> str:
        async with visit.service.database.snapshot() as connection:
            (stored,) = await _read(connection, known.id, [seq])
        entry, words = decode_entry(stored.entry), Words(known, visit.language)
        return await pages.render(
            "entry.html",
            visit,
            about=known,
            section="log",
            row=_row(entry, words),
            kind=entry.kind,
            raw=stored.entry.decode(),
            signers=[approval.member for approval in getattr(entry.data, "approvals", ())],
            previous=b64(entry.prev),
            digest=b64(sha256(stored.entry).digest()),
            leaf=b64(stored.leaf),
            file=_bundle(known.size, seq),
            newest=known.size - 1,
        )

    stamp = (known.title, known.contact, seq == known.size - 1, _bundle(known.size, seq))
    return await pages.kept(visit, ("entry", known.id, str(seq)), stamp, make)


def _row(entry: Entry, words: Words) -> Row:
    time = None if entry.time is None else parse_time(entry.time)
    return Row(entry.seq, words.title(entry.kind), words.sentence(entry), time)


async def _read(connection: AsyncConnection, election: str, seqs: range | list[int]) -> list[StoredEntry]:
    """The entries of these numbers, ascending."""
    if isinstance(seqs, range):
        return [item async for item in read_entries(connection, election, seqs.start, seqs.stop)]
    table = schema.log_entries
    query = (
        select(table.c.seq, table.c.entry, table.c.leaf)
        .where(table.c.election == election, table.c.seq.in_(seqs))
        .order_by(table.c.seq)
    )
    return [StoredEntry(row.seq, row.entry, row.leaf) for row in await connection.execute(query)]


def _bundle(size: int, seq: int) -> str:
    """The path of the published file that holds the entry."""
    index = seq // TILE_WIDTH
    return TileName(ENTRIES, index, min(TILE_WIDTH, size - index * TILE_WIDTH)).path
