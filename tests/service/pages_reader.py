"""A reader of pages: what a browser would make of the HTML, and what stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from aiohttp import ClientResponse
from sqlalchemy import func, select

from election_service import schema
from election_service.schema_columns import metadata
from keys.canonical import b64
from tests.service.house import ELECTION, House

LANGUAGES = ("en", "ka", "az", "ru")
FORMS = (f"/elections/{ELECTION}/help", f"/elections/{ELECTION}/link")
ACTIVE = {"script", "iframe", "object", "embed", "base", "style", "video", "audio", "math", "template", "noscript"}
_VOID = {"meta", "link", "br", "img", "input", "rect", "path"}


@dataclass
class Parsed(HTMLParser):
    """Elements with their attributes in the order of the page, and its text."""

    html: str
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.html)
        self.close()
        assert self.open == [], f"elements that are not closed: {self.open}"

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        """All text, with single spaces."""
        return " ".join("".join(self.texts).split())

    def attributes(self, name: str) -> list[str]:
        """Every value of an attribute."""
        return [found[name] for _, found in self.elements if name in found]

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every element of this name."""
        return [found for name, found in self.elements if name == tag]


async def page_paths(house: House) -> list[str]:
    """Every public page of the house."""
    size = await house.log_size()
    polls = sorted((await house.service.facts(ELECTION)).polls)
    contests = [f"/contests/{b64(context)}" for context in house.contexts]
    tails = ["", "/results", "/log", "/log?all=1", "/log/0", f"/log/{size - 1}", "/verify", "/help", "/link", *contests]
    return ["/", *(f"/elections/{ELECTION}{tail}" for tail in [*tails, *(f"/results/{poll}" for poll in polls)])]


async def read(
    house: House, path: str, *, status: int = 200, accept: str = "en", headers: Mapping[str, str] | None = None
) -> Parsed:
    """A page as a browser asks for it; ``accept``: the languages."""
    assert house.http is not None
    sent = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": accept, **(headers or {})}
    answer = await house.http.get(path, headers=sent)
    text = await answer.text()
    assert answer.status == status, (path, answer.status, text[:500])
    assert answer.content_type == "text/html", path
    return Parsed(text)


async def send(
    house: House, path: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None
) -> ClientResponse:
    """A form, sent by a browser."""
    assert house.http is not None
    return await house.http.post(path, data=dict(fields), headers={"Accept": "text/html", **(headers or {})})


async def counts_of(house: House) -> dict[str, int]:
    """How many rows each table has; but for the turnout, which is counted for whoever asks first and then kept."""
    async with house.service.database.snapshot() as connection:
        return {
            table.name: int((await connection.execute(select(func.count()).select_from(table))).scalar_one())
            for table in metadata.sorted_tables
            if table.name != "live_turnout"
        }


async def stored_entry(house: House, seq: int) -> bytes:
    """The bytes of an entry."""
    table = schema.log_entries
    async with house.service.database.snapshot() as connection:
        found: bytes = (await connection.execute(select(table.c.entry).where(table.c.seq == seq))).scalar_one()
    return found


async def vote_all(house: House, votes: int = 4) -> dict[str, int]:
    """The first ``votes`` people vote for the first option wherever they may; ballots by contest id."""
    cast: dict[str, int] = {}
    half = max(1, len(house.people) // 2)  # the electorate "law" (House.prepare)
    for context in house.contexts:
        rules = await house.rules(context)
        able = house.people if rules.document.electorate == "university" else house.people[:half]
        for person in able[:votes]:
            await house.vote(person, rules, (1, 0, 0))
        cast[rules.document.contest] = len(able[:votes])
    return cast


async def play_to_the_result(house: House, votes: int = 4) -> dict[str, int]:
    """Votes, close, tally, declaration; ballots by contest id."""
    cast = await vote_all(house, votes)
    await house.close_early()
    await house.tally()
    return cast


def assert_inert(page: Parsed) -> None:
    """Nothing in the page can act: no such element, no handler, no address of a script or of another site."""
    for name, attributes in page.elements:
        assert name not in ACTIVE
        assert not [key for key in attributes if key.startswith("on") or key in {"srcdoc", "style"}]
        for key in ("href", "src", "action"):
            address = attributes.get(key, "/")
            assert address.startswith(("/", "?", "#", "data:,", "mailto:")), (name, attributes)
            assert not address.startswith("//"), (name, attributes)
