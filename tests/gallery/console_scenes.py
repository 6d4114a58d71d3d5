"""Every page of the committee's console: one list, for the rules of axe-core and for the pictures in docs.

A scene is an address, asked by somebody who is signed in, and what is done there before it is looked at.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from playwright.async_api import Page, expect

from election_service.console.flash import Flash
from election_service.console_routes import COOKIE
from election_service.demo.preparation import ELECTION
from tests.gallery.rooms import PASSWORD
from tests.gallery.scenes import SLOW, Act, Scene, Stage
from tests.gallery.sitters import CEREMONY, CHAIR, DRAFT, READY, TRUSTEES

Before = Callable[[Stage], Awaitable[None]]
Then = Callable[[Page], Awaitable[None]]
NOBODY: Final = ""
LATER: Final = "later"  # the chair of the certified election
CODES: Final = ["7HXK-QM2P", "9DFT-3WVR", "C4NB-8JYS", "E6GA-5ZKT", "2RVM-XC7D", "K8QP-4HNW", "T3YS-9BFJ", "W5DA-6MGE"]
LINK: Final = "http://localhost:8080/committee/welcome#c2V2ZW4gZ3JleSBoZXJvbnMgb24gYSB3aXJlIGFuZCBh"
TOKEN: Final = "es1_c2V2ZW4gZ3JleSBoZXJvbnMgb24gYSB3aXJlIGFuZCBh"


def _desk(path: str, who: str = CHAIR, *, before: Before | None = None, then: Then | None = None) -> Act:
    """``path``: after /committee; ``then``: what is done on the page."""

    async def act(page: Page, stage: Stage, language: str) -> None:
        address = stage.done_at if who == LATER else stage.open_at
        if who:
            await sign_in(page, address, stage.rooms.sitters[who].cookie)
        if before is not None:
            await before(stage)
        place, _, query = f"{address}/committee{path.format(e=ELECTION, **stage.rooms.places)}".partition("?")
        answer = await page.goto(f"{place}?{query and query + '&'}lang={language}")
        assert answer is not None
        assert (answer.status, page.url.partition("?")[0]) == (200, place)
        if then is not None:
            await then(page)
        await expect(page.locator("html")).to_have_attribute("lang", language)

    return act


async def sign_in(page: Page, address: str, cookie: str) -> None:
    """The browser is that of a session."""
    await page.context.add_cookies(
        [
            {
                "name": COOKIE,
                "value": cookie,
                "url": address.replace("http:", "https:"),
                "secure": True,
                "httpOnly": True,
                "sameSite": "Strict",
            }
        ]
    )


# ---- before a page is asked ------------------------------------------------------------------------------------------


def _told(who: str, **shown: object) -> Before:
    """The page is to show this once."""

    async def before(stage: Stage) -> None:
        await stage.rooms.sitters[who].leave(Flash("", shown=shown))

    return before


async def _good_roll(stage: Stage) -> None:
    await stage.rooms.upload(stage.rooms.good_roll)


async def _bad_roll(stage: Stage) -> None:
    await stage.rooms.upload(stage.rooms.bad_roll)


# ---- on the page -----------------------------------------------------------------------------------------------------


async def _unfold(page: Page) -> None:
    await page.locator("main details > summary").first.click()


async def _send_wrong_password(page: Page) -> None:
    await page.fill("#email", "nobody@example.edu")
    await page.fill("#password", "not the password")
    await _send(page, "form:has(#password)")


async def _ask_another_authenticator(page: Page) -> None:
    form = "form:has(#password-authenticator)"
    await page.locator(f"details:has({form}) > summary").click()
    await page.fill("#password-authenticator", PASSWORD)
    await page.locator(f"{form} button").click()
    await expect(page.locator("#code")).to_be_visible(timeout=SLOW)


async def _send_candidate(page: Page) -> None:
    """Somebody who is not on the roll."""
    await page.fill("#student_id", "999")
    await _send(page, "form:has(#student_id)")


async def _send_form(page: Page) -> None:
    await _send(page, "main form")


async def _send(page: Page, form: str) -> None:
    """A form as it is, past what the browser itself asks for; it is refused."""
    await page.locator(form).first.evaluate("form => { form.noValidate = true; }")
    await page.locator(f"{form} button").first.click()
    await expect(page.get_by_role("alert").first).to_be_visible(timeout=SLOW)


_ALIKE: Final = frozenset(  # pages that look like others of which there are pictures
    (
        *("sign-in-wrong", "new-refused", "candidates-refused", "act-form-refused", "key-none", "not-yet"),
        *("people-invited", "tokens-made", "roll-frozen", "acts-ready", "acts-over", "act-over", "contests-made"),
        *("trustees-planned", "trustee-ready", "checklist-draft", "setup-made", "clone", "authenticator"),
    )
)
CONSOLE: Final = tuple(
    Scene(f"committee-{name}", act, anew=True, pictured=name not in _ALIKE)
    for name, act in (
        # on the way in, and one's own account
        ("sign-in", _desk("/sign-in", NOBODY)),
        ("sign-in-wrong", _desk("/sign-in", NOBODY, then=_send_wrong_password)),
        ("code", _desk("/code", "code")),
        ("welcome", _desk("/welcome", NOBODY)),
        ("enrol", _desk("/enrol", "enrol")),
        ("enrol-code", _desk("/enrol", "authenticator")),
        ("recovery-codes", _desk("/recovery-codes", before=_told(CHAIR, codes=CODES))),
        ("account", _desk("/account", "account")),
        ("authenticator", _desk("/account", "account", then=_ask_another_authenticator)),
        ("home", _desk("")),
        ("new", _desk("/new")),
        ("new-refused", _desk("/new", then=_send_form)),
        # an election that is a draft
        ("checklist-draft", _desk(f"/{DRAFT}")),
        ("setup", _desk(f"/{DRAFT}/setup")),
        ("rules-draft", _desk(f"/{DRAFT}/rules")),
        ("texts", _desk(f"/{DRAFT}/texts")),
        ("rehearsal", _desk(f"/{DRAFT}/rehearsal")),
        ("clone", _desk(f"/{DRAFT}/clone")),
        ("key-none", _desk(f"/{DRAFT}/key")),
        ("not-yet", _desk(f"/{DRAFT}/progress")),
        ("trustees-planned", _desk(f"/{DRAFT}/trustees")),
        # at the ceremony
        ("checklist", _desk(f"/{CEREMONY}")),
        ("setup-made", _desk(f"/{CEREMONY}/setup")),
        ("rules", _desk(f"/{CEREMONY}/rules")),
        ("trustees", _desk(f"/{CEREMONY}/trustees")),
        ("trustee", _desk(f"/{CEREMONY}/trustee", TRUSTEES[0])),
        ("roll", _desk(f"/{CEREMONY}/roll", before=_good_roll)),
        ("roll-preview", _desk(f"/{CEREMONY}/roll/preview", before=_good_roll)),
        ("roll-faults", _desk(f"/{CEREMONY}/roll/preview", before=_bad_roll)),
        # before the opening
        ("roll-frozen", _desk(f"/{READY}/roll")),
        ("links", _desk(f"/{READY}/links")),
        ("candidates", _desk(f"/{READY}/candidates")),
        ("candidates-refused", _desk(f"/{READY}/candidates", then=_send_candidate)),
        ("profile", _desk(f"/{READY}/profiles/{{person}}")),
        ("contests", _desk(f"/{READY}/contests")),
        ("schedule", _desk(f"/{READY}/schedule")),
        ("mail", _desk(f"/{READY}/mail")),
        ("acts-ready", _desk(f"/{READY}/acts")),
        ("prepared", _desk(f"/{READY}/acts/new/prepared")),
        # a poll is open
        ("people", _desk("/{e}/people", then=_unfold)),
        ("people-invited", _desk("/{e}/people", before=_told(CHAIR, name="Davit Meladze", link=LINK))),
        ("key", _desk("/{e}/key", then=_unfold)),
        ("acts", _desk("/{e}/acts")),
        ("act", _desk("/{e}/acts/{act}")),
        ("acts-waiting", _desk("/{e}/acts/waiting")),
        ("act-form", _desk("/{e}/acts/new/poll.extended?poll=1")),
        ("act-form-refused", _desk("/{e}/acts/new/poll.closed?poll=1", then=_send_form)),
        ("act-members", _desk("/{e}/acts/new/members")),
        ("decisions", _desk("/{e}/acts/new/decision")),
        ("trustees-ready", _desk("/{e}/trustees")),
        ("trustee-ready", _desk("/{e}/trustee", TRUSTEES[0])),
        ("progress", _desk("/{e}/progress")),
        ("messages", _desk("/{e}/messages")),
        ("requests", _desk("/{e}/requests")),
        ("tokens", _desk("/{e}/tokens")),
        ("tokens-made", _desk("/{e}/tokens", before=_told(CHAIR, token=TOKEN))),
        ("events", _desk("/{e}/log")),
        # afterwards
        ("results", _desk("/{e}/results", LATER)),
        ("result", _desk("/{e}/results/1", LATER)),
        ("contests-made", _desk("/{e}/contests", LATER)),
        ("acts-over", _desk("/{e}/acts", LATER)),
        ("act-over", _desk("/{e}/acts/{over}", LATER)),
        ("seats", _desk("/{e}/seats", LATER)),
        ("decision", _desk("/{e}/acts/new/decision?what=vacancy", LATER)),
        ("documents", _desk("/{e}/documents", LATER)),
        ("retention", _desk("/{e}/retention", LATER)),
    )
)
