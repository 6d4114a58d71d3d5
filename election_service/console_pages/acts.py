"""`/committee/{e}/acts`: everything that needs two; one act exactly as it is signed; all that wait for a signature."""

from dataclasses import dataclass
from typing import Final

from audit.entries import parse_time
from election_service.acts import list_acts
from election_service.api_types import Act
from election_service.console.act_kinds import ACTS
from election_service.console.decision_kinds import DECISIONS
from election_service.console.planned_acts import planned_acts, student_of_plan
from election_service.console.proposing import examine
from election_service.console.roles import Capability
from election_service.console_pages.act_offers import offers
from election_service.console_pages.act_text import ActText, ActWords
from election_service.console_pages.frame import render
from election_service.console_pages.logged import of_a_log
from election_service.console_pages.rules_in_words import rules_lines
from election_service.console_pages.signing import integrity_of, signing_desk
from election_service.console_pages.visit import Answer, ConsoleVisit, Route
from election_service.errors import NotFoundError
from election_service.languages import translatable
from election_service.pages.about import About, about
from election_service.pages.shell import Pages
from election_service.reissue import KIND as REISSUE
from keys.canonical import b64, unb64
from keys.errors import FormatError

SECTION: Final = "acts"
BASE: Final = "/committee/{e}/acts"
MOST_FINISHED: Final = 50
PENDING: Final = ("waiting", "scheduled")
STATES: Final = {
    "waiting": translatable("waits for approvals"),
    "scheduled": translatable("approved; done at its time"),
    "done": translatable("done"),
    "refused": translatable("not done: the election's state did not allow it at its time"),
    "expired": translatable("expired: too few approved it in time"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An act on a page. ``act`` None: nobody has proposed it; ``number``: the act's number as it stands in addresses.

    ``refusal``: why it would be refused if it were done now; ``mine``: whether the reader has signed it.
    """

    text: ActText
    act: Act | None = None
    not_before: str | None = None
    refusal: str = ""
    mine: bool = False

    @property
    def expires(self) -> int | None:
        """POSIX seconds."""
        return None if self.act is None or self.act.expires is None else parse_time(self.act.expires)

    @property
    def starts(self) -> int | None:
        """When a scheduled one is done, POSIX seconds."""
        return None if self.not_before is None else parse_time(self.not_before)


def act_words(pages: Pages, known: About, language: str) -> ActWords:
    """Words for the acts of an election."""
    manifest = pages.manifest
    return ActWords(known, language, "" if manifest is None else manifest.bundle_sha256)


async def shown_act(visit: ConsoleVisit, words: ActWords, act: Act, member: str) -> Shown:
    """A proposed act; what waits is tried as if it were done now."""
    refusal = ""
    if act.state in PENDING:
        refusal = (await examine(visit.service, visit.place, act.kind, act.data)).refusal
    mine = member in {approval.member for approval in act.approvals}
    text = words.text(act.kind, act.data, await extra_lines(visit, act.kind, act.data))
    return Shown(text, act, act.not_before, refusal, mine)


async def extra_lines(visit: ConsoleVisit, kind: str, data: dict[str, object]) -> list[str]:
    """What only the database knows: whose link is replaced, for those who may know; the rules behind a hash."""
    if kind == "constitution":
        return await rules_lines(visit.service, visit.place, str(data["blob"]), visit.language)
    if kind == REISSUE and visit.may(Capability.SEE_VOTERS):
        async with visit.service.database.snapshot() as connection:
            student = await student_of_plan(connection, visit.place, data)
        return [student] if student else []
    return []


@of_a_log(SECTION)
async def show_acts(pages: Pages, visit: ConsoleVisit) -> Answer:
    """What waits, what is ready, what was done, and what can be proposed."""
    known = await about(visit)
    desk = await signing_desk(pages, visit, known.facts)
    words = act_words(pages, known, visit.language)
    acts = (await list_acts(visit.service, visit.place)).acts
    member = "" if desk is None else desk.member
    waiting = [_listed(words, act, member) for act in acts if act.state in PENDING]
    finished = [act for act in acts if act.state not in PENDING][::-1]
    over = sorted(finished, key=lambda act: act.expires or "", reverse=True)  # those of no log as well: newest first
    ready: dict[str, int] = {}
    for kind, _ in await planned_acts(visit.service, visit.place):
        ready[kind] = ready.get(kind, 0) + 1
    return await render(
        pages,
        visit,
        "committee/acts.html",
        section=SECTION,
        about=known,
        desk=desk,
        waiting=waiting,
        mine=[item for item in waiting if not item.mine and item.act is not None and item.act.state == "waiting"],
        over=[_listed(words, act, member) for act in over[:MOST_FINISHED]],
        older=len(over[MOST_FINISHED:]),
        ready=ready,
        kinds={kind: words.title(kind, {}) for kind in ACTS},
        offers=await offers(visit, known),
        states=STATES,
        proposes=visit.may(Capability.PROPOSE),
    )


def _listed(words: ActWords, act: Act, member: str) -> Shown:
    mine = member in {approval.member for approval in act.approvals}
    return Shown(words.brief(act.kind, act.data), act, act.not_before, "", mine)


@of_a_log(SECTION)
async def show_act(pages: Pages, visit: ConsoleVisit) -> Answer:
    """One act: what will happen, to which hash, who has approved, until when; NotFoundError for none."""
    number = _number(visit.parts["act"])
    known = await about(visit)
    desk = await signing_desk(pages, visit, known.facts)
    words = act_words(pages, known, visit.language)
    found = [act for act in (await list_acts(visit.service, visit.place)).acts if act.act == number]
    if not found:
        raise NotFoundError("act: none of this number was proposed")
    shown = await shown_act(visit, words, found[0], "" if desk is None else desk.member)
    to_sign = [shown] if found[0].state == "waiting" and not shown.mine else []
    return await render(
        pages,
        visit,
        "committee/act.html",
        section=SECTION,
        script=integrity_of(desk, to_sign),
        about=known,
        desk=desk,
        item=shown,
        to_sign=to_sign,
        states=STATES,
        kinds=DECISIONS,
    )


def _number(text: str) -> str:
    try:
        return b64(unb64(text, 16, "act"))
    except FormatError:
        raise NotFoundError("act: none of this number was proposed") from None


@of_a_log(SECTION)
async def show_waiting(pages: Pages, visit: ConsoleVisit) -> Answer:
    """Every act that waits for the reader's signature, each exactly, to be signed with one passphrase."""
    known = await about(visit)
    desk = await signing_desk(pages, visit, known.facts)
    words = act_words(pages, known, visit.language)
    member = "" if desk is None else desk.member
    acts = [act for act in (await list_acts(visit.service, visit.place)).acts if act.state == "waiting"]
    to_sign = [
        await shown_act(visit, words, act, member)
        for act in acts
        if member not in {approval.member for approval in act.approvals}
    ]
    return await render(
        pages,
        visit,
        "committee/acts_to_sign.html",
        section=SECTION,
        script=integrity_of(desk, to_sign),
        about=known,
        desk=desk,
        to_sign=to_sign,
        states=STATES,
        new=False,
        kind="",
    )


READ: Final = {
    BASE: Route(show_acts, Capability.SEE),
    BASE + "/waiting": Route(show_waiting, Capability.SEE),
    BASE + "/{act}": Route(show_act, Capability.SEE),
}
