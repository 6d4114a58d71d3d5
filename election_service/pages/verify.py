"""`/elections/{e}/verify`: how anybody checks the whole election with an own computer, and what nobody can see."""

from audit.catalog import LANGUAGES as CATALOGUES
from audit.tiles import ENTRIES, TILE_WIDTH, TileName
from election_service.pages.about import about
from election_service.pages.shell import Pages
from election_service.pages.visit import Page, Visit


async def show_verify(pages: Pages, visit: Visit) -> Page:
    """The commands, with the addresses of this election."""
    known = await about(visit)

    async def make() -> str:
        contests = known.facts.documents
        ceremonies = known.facts.ceremonies
        return await pages.render(
            "verify.html",
            visit,
            about=known,
            section="verify",
            booth=f"{visit.service.config.public_url}/vote/{known.id}",
            address=f"{visit.service.config.public_url}/log/{known.id}/",
            example=contests[0].contest if contests else "CONTEST",
            explained=visit.language if visit.language in CATALOGUES else "en",
            needed=ceremonies[-1].session.k if ceremonies else 2,
            last=TileName(ENTRIES, known.size // TILE_WIDTH, known.size % TILE_WIDTH or TILE_WIDTH).path,
        )

    return await pages.kept(visit, ("verify", known.id), (known.size, known.title, known.contact), make)
