"""What each mail of the service says, part by part: the text and the HTML of a mail are made of the same parts.

The texts are English here; the catalogs in election_service/locale translate them. A subject has 24 letters at most
besides the election's title, in every language: what does not fit in 40 is cut off the title.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from election_service.languages import translations

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """`text` is a paragraph, `notice` one that stands out; `link` is the mail's one button with its address, `page` an
    address to look up.
    """

    shape: Literal["text", "notice", "items", "link", "page", "code"]
    text: str = ""
    url: str = ""
    items: Sequence[str] = ()

    @property
    def shown(self) -> str:
        """The address as people read it."""
        return self.url.removeprefix("mailto:")


@dataclass(frozen=True, slots=True)
class Draft:
    """`subject` with the place %(title)s."""

    subject: str
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Desk:
    """Who a letter is written to: the language, the election's title in it, and pages by their name in that language.

    ``page("link")`` is where the ballot link can be asked for again.
    """

    language: str
    title: str
    page: Callable[[str], str]

    def gettext(self, text: str) -> str:
        """The text in the letter's language."""
        return translations(self.language).gettext(text)


def _text(text: str) -> Part:
    return Part("text", text)


def _ballot_link(desk: Desk, link: str) -> list[Part]:
    _ = desk.gettext
    return [
        Part("link", _("Open my ballot"), link),
        _text(
            _(
                "The link is yours alone, and good for every vote of this election. Whoever has it can vote in your "
                "place: do not forward this mail. Nobody from the committee will ever ask you for the link."
            )
        ),
        _text(
            _(
                "Opening the link changes nothing. You can open it as often as you like, also on another device. Keep "
                "this mail until the election is over: the service keeps no copy of the link."
            )
        ),
        Part("page", _("If you lose it, ask for it here:"), desk.page("link")),
    ]


def invite(desk: Desk, values: Values) -> Draft:
    """`link`: the ballot link."""
    _ = desk.gettext
    opening = _text(_("This is your ballot link. With it you vote in: %(title)s.") % {"title": desk.title})
    return Draft(_("Your ballot: %(title)s"), [opening, *_ballot_link(desk, values["link"])])


def reissue(desk: Desk, values: Values) -> Draft:
    """`link`: the new ballot link."""
    _ = desk.gettext
    opening = [
        _text(_("This is your new ballot link. With it you vote in: %(title)s.") % {"title": desk.title}),
        _text(_("The link that you had before does not work any more.")),
    ]
    return Draft(_("Your new ballot link: %(title)s"), [*opening, *_ballot_link(desk, values["link"])])


def code(desk: Desk, values: Values) -> Draft:
    """`code`: six digits; `minutes`: how long it is good."""
    _ = desk.gettext
    parts = [
        _text(_("Type this code on the page where you vote:")),
        Part("code", values["code"]),
        _text(_("It is good for %(minutes)s minutes, and once.") % {"minutes": values["minutes"]}),
        _text(
            _(
                "If you are not voting at this moment, somebody else has opened your ballot link: give the code to "
                "nobody, and write to the committee."
            )
        ),
    ]
    return Draft(_("Your code: %(title)s"), parts)


def issued(desk: Desk, values: Values) -> Draft:
    """`contests`: names, in the letter's language."""
    _ = desk.gettext
    parts = [
        _text(_("A ballot paper was handed out in your name, for:")),
        Part("items", items=values["contests"]),
        _text(
            _(
                "That happens when you vote, once for each vote. If it was you, there is nothing to do. If you did not "
                "finish, open your ballot link again and go on."
            )
        ),
        Part(
            "page",
            _("If it was not you, somebody else has your ballot link. Tell the committee at once:"),
            desk.page("help"),
        ),
        _text(_("Nobody can see how you vote, and this mail does not tell either.")),
    ]
    return Draft(_("Ballot handed out: %(title)s"), parts)


def reminder(desk: Desk, values: Values) -> Draft:
    """`contests`: those left, names in the letter's language; `closes`: when, as text."""
    _ = desk.gettext
    parts = [
        _text(_("You can still vote in:")),
        Part("items", items=values["contests"]),
        _text(_("Voting ends: %(when)s.") % {"when": values["closes"]}),
        *_use_your_link(desk),
    ]
    return Draft(_("Reminder: %(title)s"), parts)


def call(desk: Desk, values: Values) -> Draft:
    """`contests`: names; `opens`, `closes`: as text, empty where not known or not to be said; `further`: whether
    polls came before.
    """
    _ = desk.gettext
    first = _("A further vote is held, and you may take part in it:") if values["further"] else _("You may vote in:")
    parts = [_text(first), Part("items", items=values["contests"])]
    if values["opens"]:
        parts.append(_text(_("Voting begins: %(when)s.") % {"when": values["opens"]}))
    if values["closes"]:
        parts.append(_text(_("Voting ends: %(when)s.") % {"when": values["closes"]}))
    return Draft(_("You can vote: %(title)s"), [*parts, *_use_your_link(desk)])


def _use_your_link(desk: Desk) -> list[Part]:
    _ = desk.gettext
    return [
        _text(
            _(
                "Use the ballot link from the mail that you had at the beginning. It cannot be repeated here: the "
                "service keeps no copy of it."
            )
        ),
        Part("page", _("If you cannot find that mail, ask for the link here:"), desk.page("link")),
    ]


def result(desk: Desk, values: Values) -> Draft:
    """`standing`: "declared", "certified" or "annulled"; `poll`: its number; `page`: of the result, below the
    election's.
    """
    _ = desk.gettext
    words = {
        "declared": _("The votes are counted. The result is not final yet: there is time for complaints."),
        "certified": _("The result is final."),
        "annulled": _("The vote was annulled. The page says why, and what follows."),
    }
    parts = [
        _text(words[values["standing"]]),
        Part("page", _("Result, turnout, and how to check all of it yourself:"), desk.page(values["page"])),
    ]
    return Draft(_("Result: %(title)s"), parts)


def message(desk: Desk, _values: Values) -> Draft:
    """To the committee: that something was written, and not what: mailboxes are no place for it."""
    _ = desk.gettext
    parts = [
        _text(_("Somebody has written to the committee by the help page.")),
        _text(_("What was written is not in this mail. Read it with: election-service messages list")),
        _text(_("Who wrote it was not checked.")),
    ]
    return Draft(_("Message: %(title)s"), parts)


def link_request(desk: Desk, values: Values) -> Draft:
    """To the committee. `student`: id; `full_name`."""
    _ = desk.gettext
    who = {"name": values["full_name"], "student": values["student"]}
    parts = [
        _text(_("%(name)s, student id %(student)s, asks for the ballot link again.") % who),
        _text(
            _(
                "The mail with the link has left this service, which keeps no copy. Make sure who asks, then make a "
                "new link; the old one is void then. All requests: election-service registrar requests"
            )
        ),
    ]
    return Draft(_("Asks for the link: %(title)s"), parts)


def mail_test(desk: Desk, values: Values) -> Draft:
    """To whoever asked for it. `service`: the address of this service."""
    _ = desk.gettext
    parts = [
        _text(_("This is a test mail of: %(title)s.") % {"title": desk.title}),
        _text(_("It came the way that ballot links will come: from %(service)s.") % {"service": values["service"]}),
        _text(_("Look whether it lies among the unwanted mails, and whether all letters are shown as they should be.")),
    ]
    return Draft(_("Test: %(title)s"), parts)


LETTERS: Final[Mapping[str, Callable[[Desk, Values], Draft]]] = {
    "invite": invite,
    "reissue": reissue,
    "code": code,
    "issued": issued,
    "reminder": reminder,
    "call": call,
    "result": result,
    "message": message,
    "link-request": link_request,
    "mail-test": mail_test,
}
