"""The booth's page, read so that no browser reads it otherwise (A83).

Browsers and programs disagree about broken HTML: what one takes for a comment, another runs. So the page must be of a
form about which nobody disagrees: the doctype, plain text, and tags from a short list, their attributes in double
quotes. It has no comments and no declarations, and its one script is empty. Whatever a browser takes for a tag is one.
"""

import re
from dataclasses import dataclass, field
from typing import Final

_ELEMENTS: Final = re.compile(
    "html|head|meta|link|title|script|body|header|main|footer|noscript|svg|path|div|p|h1|h2|ul|li|a|span|strong|code"
    "|select|option"
)
_ATTRIBUTES: Final = re.compile(
    "lang|charset|name|content|rel|href|hreflang|defer|src|integrity|class|id|hidden|role|aria-label|aria-hidden"
    "|translate|autocomplete|value|viewBox|d"
)
_ONLY: Final = {"href": ("link", "a"), "src": ("script",), "integrity": ("script",)}  # who may have the attribute
_DOCTYPE: Final = re.compile(r"<!doctype html>", re.IGNORECASE)
_TAG: Final = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [A-Za-z-]+(?:="[^"<>&\\\0]*")?)*) ?/?>')
_ATTRIBUTE: Final = re.compile(r' ([A-Za-z-]+)(?:="([^"]*)")?')
_PATH: Final = re.compile(r"/[\w.-][\w./-]*\Z", re.ASCII)  # of this host
_NO_ICON: Final = "data:,"
_SHOWN: Final = 60  # letters of what is not understood


@dataclass(slots=True)
class BoothPage:
    """What a page loads. ``scripts``: the attributes of each; ``styles``: addresses; ``faults``: sentences."""

    scripts: list[dict[str, str]] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def read_page(raw: bytes) -> BoothPage:
    """Read a page; whatever is not of the form above is a fault, and reading goes on behind it."""
    page = BoothPage()
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        page.faults.append("is not UTF-8")
        return page
    start = _DOCTYPE.match(text)
    if start is None:
        page.faults.append("does not begin with <!doctype html>")
    at = text.find("<", start.end() if start else 0)
    while at >= 0:
        tag = _TAG.match(text, at)
        if tag is None:
            page.faults.append(f"holds what browsers may read otherwise: {text[at : at + _SHOWN]}")
        else:
            _read_tag(page, tag)
        at = text.find("<", tag.end() if tag else at + 1)
    return page


def _read_tag(page: BoothPage, tag: re.Match[str]) -> None:
    closing, name, rest = tag.groups()
    pairs = [(key, value or "") for key, value in _ATTRIBUTE.findall(rest)]
    found = dict(pairs)
    if not _ELEMENTS.fullmatch(name):
        page.faults.append(f"holds <{name}>")
    if len(found) != len(pairs) or (closing and found):
        page.faults.append(f"holds what browsers may read otherwise: {tag[0][:_SHOWN]}")
    for key in found:
        if not _ATTRIBUTES.fullmatch(key) or name not in _ONLY.get(key, (name,)):
            page.faults.append(f"holds {key} in <{name}>")
    if closing:
        return
    where = found.get("href", found.get("src"))
    if where is not None and not _PATH.match(where) and (found.get("rel"), where) != ("icon", _NO_ICON):
        page.faults.append(f"<{name}> leads to {where}")
    if name == "script":
        page.scripts.append(found)
        if not tag.string.startswith("</script>", tag.end()):
            page.faults.append("holds a script of its own")
    if name == "link" and found.get("rel") == "stylesheet":
        page.styles.append(found.get("href", ""))
    elif name == "link" and found.get("rel") != "icon":
        page.faults.append(f"holds <link rel={found.get('rel', '')}>")
