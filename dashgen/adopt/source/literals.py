"""Texts as Python literals: what they hold is data, whatever it looks like."""

from __future__ import annotations

import unicodedata

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quoted(text: str) -> str:
    """A text in one line, in the quotes that need fewer escapes, double ones if both do."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join("\\" + sign if sign == quote else escaped(sign) for sign in text) + quote


def escaped(sign: str) -> str:
    """One character as it stands in a literal: what can't be seen, or turns the reading direction, by its number."""
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    if sign.isprintable():
        return sign
    number = ord(sign)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def block(text: str, indent: int) -> str | None:
    """A text of several lines in triple quotes, each line indented; None where it would not read as it is: triple
    quotes, blanks at line ends, signs that can't be seen."""
    lines = text.split("\n")
    if '"""' in text or any(not line.isprintable() or line != line.rstrip() for line in lines):
        return None
    margin = " " * indent
    body = "\n".join(margin + line.replace("\\", "\\\\") if line else "" for line in lines)
    return f'"""\n{body}\n{margin}"""'


def verbatim(text: str) -> str | None:
    """A text of several lines in triple quotes, as it is; None where it would not read as it is."""
    lines = text.split("\n")
    if len(lines) < 2 or '"""' in text or text.endswith('"') or any(not line.isprintable() for line in lines):
        return None
    return '"""' + text.replace("\\", "\\\\") + '"""'


def stays(text: str) -> bool:
    """Whether an editor leaves the lines of a text as they are: it takes blanks at their ends away."""
    return all(line == line.rstrip() for line in text.split("\n"))


def number(value: float) -> str:
    return repr(value)


def parts(text: str, first: int, others: int) -> list[str]:
    """A text in pieces that stand below each other: ended by line ends, else by blanks before the room is used up.
    `first` and `others` are the columns that the first piece and each other one have for its literal."""
    found: list[str] = []
    room = first
    for line in text.splitlines(keepends=True) if "\n" in text else [text]:
        words = line.split(" ")
        piece = words[0]
        for word in words[1:]:
            if width(quoted(f"{piece} {word} ")) > room and piece:
                found.append(piece + " ")
                room, piece = others, word
            else:
                piece = f"{piece} {word}"
        if piece:
            found.append(piece)
            room = others
    return found


def width(text: str) -> int:
    """Columns of a text: letters of East Asia take two, those that stand on others none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )
