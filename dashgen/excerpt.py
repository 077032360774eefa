"""A line of somebody's text with a mark below a part of it, cut to the width of a terminal.

Columns are counted as a terminal shows them: East Asian wide characters take two cells (UAX 11, class W and F),
combining and zero-width ones none. A tab becomes four spaces, since what it is on a screen depends on what stands
before it; what would control the terminal, or shows nothing, is shown as a sign.
"""

from __future__ import annotations

import shutil
import unicodedata

from dashgen.escaping import is_invisible

WIDTH = 80
"""Where the width of the terminal is not known."""
LEAST = 40
_TAB = "    "


def columns() -> int:
    """The width of the terminal, of the variable COLUMNS, or 80."""
    return max(LEAST, shutil.get_terminal_size((WIDTH, 24)).columns)


def cells(text: str) -> int:
    """How many columns a text takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if character == "\u200d" or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def marked(text: str, start: int, end: int, width: int) -> tuple[str, str]:
    """The line without its indentation, and the line of marks below `text[start:end]`. Neither is wider than `width`:
    of a longer line the part around the mark is shown."""
    indent = min(len(text) - len(text.lstrip()), start)
    shown: list[str] = []
    at: list[int] = []  # where each character of the text begins in what is shown
    for character in text[indent:].rstrip():
        at.append(len(shown))
        shown += _TAB if character == "\t" else _visible(character)
    at.append(len(shown))
    first = at[min(start - indent, len(at) - 1)]
    last = max(at[min(max(end - indent, 0), len(at) - 1)], first)
    begin, stop = _window(shown, first, width)
    before, after = "…" if begin else "", "…" if stop < len(shown) else ""
    line = before + "".join(shown[begin:stop]) + after
    margin = cells(before + "".join(shown[begin:first]))
    length = max(1, cells("".join(shown[first : min(last, stop)])))
    return line, " " * margin + "^" * max(1, min(length, width - margin))


def _visible(character: str) -> str:
    """One sign for one character, for the columns."""
    return "\ufffd" if is_invisible(character) else character


def _window(shown: list[str], first: int, width: int) -> tuple[int, int]:
    """What of the characters fits, with room for the signs of what was left out: a third of it before the mark."""
    sizes = [_cells(character) for character in shown]
    if sum(sizes) <= width:
        return 0, len(shown)
    begin, room = first, width // 3
    while begin > 0 and sizes[begin - 1] <= room:
        begin -= 1
        room -= sizes[begin]
    # a line that ends soon behind the mark leaves room before it
    tail, left = len(shown), width - 1
    while tail > 0 and sizes[tail - 1] <= left:
        tail -= 1
        left -= sizes[tail]
    begin = min(begin, tail)
    while begin < len(shown) and begin > 0 and sizes[begin] == 0:  # a mark belongs to the character before it
        begin += 1
    stop, room = begin, width - (1 if begin else 0)
    while stop < len(shown) and sizes[stop] <= room:
        room -= sizes[stop]
        stop += 1
    if stop < len(shown):
        while room < 1 and stop > begin:
            stop -= 1
            room += sizes[stop]
    return begin, stop
