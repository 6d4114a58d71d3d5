"""What browsers run and other programs do not see: the booth's page and headers must be beyond doubt (A83)."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.booth_page import read_page
from tests.audit.test_booth_check import Booth, check, only
from tests.booth.harness import BOOTH

_OVERRIDDEN = Booth.policy + "; script-src-elem 'unsafe-inline' 'self'"
_STRANGER = "<script>document.title = location.hash</script>"
HIDDEN = {
    "in what ends as a comment only for browsers": f"<!-- a --!>{_STRANGER} -->",
    "in a comment that ends at once": f"<!-->{_STRANGER}-->",
    "in what is a section only for others": f"<![CDATA[ x>{_STRANGER} ]]>",
    "in a declaration": f"<?x >{_STRANGER}?>",
    "in a style sheet of a picture": f"<svg><style>{_STRANGER}</style></svg>",
    "in a template": f"<template>{_STRANGER}</template>",
    "in an attribute": f'<p title="<!--">{_STRANGER}<p title="-->">',
}


@pytest.mark.parametrize("place", HIDDEN)
def test_a83_a_script_that_only_browsers_see_is_a_difference(place: str) -> None:
    """Programs and browsers disagree where comments end, and a later directive can undo script-src."""
    differences = check(Booth(page=Booth.page + HIDDEN[place], policy=_OVERRIDDEN)).differences
    assert any(re.search("browsers may read otherwise|holds <(style|template)>", item) for item in differences)
    overridden = "its policy holds script-src-elem 'unsafe-inline' 'self', expected no such directive"
    assert any(overridden in item for item in differences), differences
    assert any(
        "script" in item or "read otherwise" in item
        for item in check(Booth(page=Booth.page + HIDDEN[place])).differences
    )


HEADERS = {
    "a header that leads on": ({"refresh": "0;url=https://evil.example/"}, "holds the header refresh: 0;url"),
    "a style sheet in a header": (
        {"link": "</static/evil.css>; rel=stylesheet"},
        "holds the header link: </static/evil",
    ),
    "pages to be opened before": ({"speculation-rules": '"/x.json"'}, "holds the header speculation-rules"),
    "other letters": ({"content-type": "text/html; charset=utf-16le"}, "its type is text/html; charset=utf-16le"),
    "letters that are left open": ({"content-type": "text/html"}, "its type is text/html, expected"),
    "no type": ({"content-type": ""}, "expected text/html; charset=utf-8"),
}


@pytest.mark.parametrize("case", HEADERS)
def test_a83_what_headers_make_a_browser_do_is_a_difference(case: str) -> None:
    more, text = HEADERS[case]
    booth = only("/vote/", "", lambda answer: replace(answer, headers={**answer.headers, **more}))
    assert any(f"page: {text}" in item or text in item for item in check(booth).differences)


def test_a83_a_script_in_other_letters_is_a_difference() -> None:
    """The same bytes, and the same hash, are another program in another charset."""
    other_type = {"content-type": "text/javascript; charset=iso-2022-jp"}
    booth = only("b.js", "", lambda answer: replace(answer, headers={**answer.headers, **other_type}))
    assert any("script: its type is text/javascript; charset=iso-2022-jp" in item for item in check(booth).differences)


def test_the_booth_s_own_page_has_nothing_that_could_be_read_otherwise() -> None:
    source = (BOOTH / "booth.html").read_text()
    page = read_page(re.sub(r"\{\{ (\w+) \}\}", r"\1", source).encode())
    assert page.faults == []
    assert page.scripts == [{"defer": "", "src": "/static/js", "integrity": "js_sri"}]
    assert page.styles == ["/static/css"]


@given(st.text(alphabet="<>!-/?= \"'abp", max_size=40))
def test_no_page_however_made_stops_the_reader(text: str) -> None:
    assert read_page(b"<!doctype html>" + text.encode()).scripts == []
