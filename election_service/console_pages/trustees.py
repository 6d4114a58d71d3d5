"""`/committee/{e}/trustees`: who holds the key, who has done what, and whether enough of them still can."""

from typing import Final

from election_service.console.roles import Capability
from election_service.console.trustee_desk import ROUNDS, TrusteesView, read_trustees
from election_service.console_pages.frame import render
from election_service.console_pages.visit import Answer, ConsoleVisit, Route
from election_service.languages import translatable
from election_service.pages.shell import Pages
from keys.canonical import b64

_PATH: Final = "/committee/{e}/trustees"
ROUND_NAMES: Final = {
    "hashed": translatable("hash"),
    "committed": translatable("commitments"),
    "shared": translatable("shares"),
    "confirmed": translatable("confirmation"),
}


async def show_trustees(pages: Pages, visit: ConsoleVisit) -> Answer:
    """The whole of it, for everybody who works on this election."""
    view = await read_trustees(visit.service, visit.place)
    return await render(
        pages,
        visit,
        "committee/trustees.html",
        section="trustees",
        view=view,
        rounds=ROUNDS,
        round_names=ROUND_NAMES,
        proposal=_proposal(visit, view),
        may={"propose": visit.may(Capability.PROPOSE), "trustee": visit.may(Capability.TRUSTEE)},
        log_id=b64(view.log_id),
    )


def _proposal(visit: ConsoleVisit, view: TrusteesView) -> str:
    """Where the act that names the trustees is signed; "" before there is a log or while a key of one is missing."""
    told = [item.key for item in view.keys if item.key is not None]
    if not view.log_id or view.state in ("ceremony", "ready") or len(told) != view.n:
        return ""
    address = f"/committee/{visit.place}/acts/new/trustee.opened"
    return visit.link(address, k=view.k, trustees="\n".join(b64(key) for key in told))


READ: Final = {_PATH: Route(show_trustees, Capability.SEE)}
