"""Escape text that comes from outside: names of files and classes, ids, query parameters, and errors that quote them.

Streamlit draws most text as Markdown, and Plotly draws a small part of HTML. Unescaped, a class name could load an
image from another server or become a live link. This is the only module that escapes text for the two; HTML of our
own (`st.html`) is escaped by `html.escape` where it is built.
"""

from __future__ import annotations

import html
import re

JOINER = "\u2060"  # word joiner: invisible, no line break
_SPECIAL = re.compile(r"([\\`*\[\]<>~$|&])")
_OUTER_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")  # Markdown reads no emphasis inside a word
_BLOCK_START = re.compile(r"^(#|=|[+-](?=[ -]|$)|\d+(?=[.)]( |$)))")  # of a heading, a list or a rule
_COLON = re.compile(r":(?=\\?[\w+/-])")  # emoji, icons and colours (":x:", ":material/home:", ":red[...]"), "http://"
_AUTOLINK = re.compile(r"(?i)(www)(?=\.)|(@)(?=\\?[\w-])")  # the next character may be an escaped underscore


def escape(text: str) -> str:
    """Return text on one line that Streamlit's Markdown shows as it is.

    A backslash is not enough for everything: links ("http://", "www.", "a@b.c"), emoji and icons are found after
    backslashes are resolved. In these, an invisible word joiner breaks the pattern, so copied text has one more
    character.
    """
    line = " ".join(text.split())
    line = _SPECIAL.sub(r"\\\1", line)
    line = _OUTER_UNDERSCORE.sub(r"\\_", line)
    line = _BLOCK_START.sub(lambda match: match[1] + JOINER if match[1].isdigit() else "\\" + match[1], line)
    line = _COLON.sub(":" + JOINER, line)
    return _AUTOLINK.sub(lambda match: match[0] + JOINER, line)


def escape_label(text: str) -> str:
    """Return text that Plotly shows as it is in titles, ticks and hover texts; it draws `<a>`, `<b>` and entities."""
    return html.escape(text, quote=False).replace("%{", "%" + JOINER + "{")


def code(text: str) -> str:
    """Return text as inline code, on one line; its fence is longer than any run of backticks in the text."""
    line = " ".join(text.split())
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", line)), default=0))
    pad = " " if not line or line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"
