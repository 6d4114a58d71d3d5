"""What a browser is called in the list of one's sessions: kept are these few words, not what the browser says of
itself, which would tell one machine from another.
"""

import re
from typing import Final

_BROWSERS: Final = (  # the first that is named; many claim to be several
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    (r"iPhone|iPad", "iOS"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"Macintosh|Mac OS X", "macOS"),
    (r"CrOS", "ChromeOS"),
    (r"Linux", "Linux"),
)


def browser_name(agent: str) -> str:
    """Browser and system in a few words, such as `Firefox, Windows`; empty for what neither is known of."""
    browser = next((name for part, name in _BROWSERS if part in agent), "")
    system = next((name for pattern, name in _SYSTEMS if re.search(pattern, agent)), "")
    return ", ".join(filter(None, (browser, system)))
