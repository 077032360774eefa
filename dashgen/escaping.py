"""Texts of others in what dashgen writes: one function for each kind of output, and nothing else escapes.

In each, what a reader would not see is written out: controls (they steer a terminal), bidirectional and other format
characters (they make a text read as another), unassigned and private ones. Joiners of emoji and of scripts stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

_PLAIN = re.compile(r"[ -~]*\Z")
_PLAIN_LINES = re.compile(r"[ -~\n]*\Z")
_SIGNS = {"\t": "⇥", "\n": "↵", "\r": "␍"}
_JOINERS = frozenset("\u200c\u200d")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""General categories of Unicode."""
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
_MARKDOWN = re.compile(r"([\\`*_\[\]|~#@$])")
_NO_MARKUP = re.compile(r"(?![A-Za-z0-9 ,;%()='?+./:-])[\x00-\u00a0]|:(?!\d)|(?<=[Ww]{3})\.")
"""What Markdown, HTML or GitHub could read as more than itself: no address begins without its `:` or `www.`."""
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def is_invisible(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE and character not in _JOINERS


def visible(text: str) -> str:
    """In one line: `\\u202e` for a character that shows nothing, ⇥ for a tab, ↵ for the end of a line."""
    return text if _PLAIN.match(text) else "".join(_SIGNS.get(one) or _seen(one) for one in text)


def visible_lines(text: str) -> str:
    """As `visible`, and lines and tabs stay."""
    return text if _PLAIN_LINES.match(text) else "".join(one if one in "\n\t" else _seen(one) for one in text)


def _seen(character: str) -> str:
    if not is_invisible(character):
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def styled(text: str, code: str, *, color: bool) -> str:
    """For a terminal that takes `color`: in the rendition of an SGR code, `1;31` is bold red. `text` is visible."""
    return f"\x1b[{code}m{text}\x1b[0m" if color and text else text


CLEAR_LINE = "\r\x1b[2K"
"""Puts a terminal's cursor at the beginning of an empty line."""


def html(text: str) -> str:
    """As text or in a quoted attribute of a page."""
    return visible(text).translate(_HTML)


def markdown(text: str) -> str:
    """As text of one line, in a paragraph or in a cell of a table."""
    plain = visible(" ".join(text.split())).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", plain)


def markdown_code(text: str) -> str:
    """In a monospaced face. In HTML, as a code span in a table can hold neither every backtick nor every bar; GitHub
    looks for no mention and no issue in it."""
    return f"<code>{_NO_MARKUP.sub(_reference, visible(text))}</code>" if text else ""


def _reference(match: re.Match[str]) -> str:
    return _NAMED.get(match[0]) or f"&#{ord(match[0])};"


def code_span(text: str) -> str:
    """As Markdown's own code span, which no backtick in the text ends, and no bar takes for a cell's end."""
    shown = visible(" ".join(text.split()))
    fence = backticks([shown], 1)
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return table_cell(f"{fence}{space}{shown}{space}{fence}")


def table_cell(text: str) -> str:
    """Markdown that stands in a cell of a table, as Markdown."""
    return text.replace("|", r"\|")


def backticks(texts: Iterable[str], least: int) -> str:
    """More than stand together in the texts: they begin and end a block of code."""
    longest = max((len(run) for text in texts for run in re.findall("`+", text)), default=0)
    return "`" * max(least, longest + 1)


def github_message(text: str) -> str:
    """The message of a workflow command (actions/toolkit, packages/core/src/command.ts)."""
    return visible_lines(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def github_property(text: str) -> str:
    """A property of a workflow command."""
    return github_message(text).replace(":", "%3A").replace(",", "%2C")


def xml(text: str) -> str:
    """For a writer of XML, which escapes markup itself: XML can hold no controls."""
    return visible_lines(text)


def json(document: Any, *, indent: int | None = 2, allow_nan: bool = True) -> str:
    """JSON that reads as the same data, with no invisible character in it."""
    from json import dumps

    text = dumps(document, indent=indent, ensure_ascii=False, allow_nan=allow_nan)
    if _PLAIN_LINES.match(text):
        return text
    return "".join(dumps(one)[1:-1] if one != "\n" and is_invisible(one) else one for one in text)


def script_json(document: Any) -> str:
    """JSON inside of a page's `<script>`, in which no end of a script and no comment can stand."""
    from json import dumps

    text = dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
