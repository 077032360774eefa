"""Names of constants and modules, made of titles."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Iterable

_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "shared", "init", *(f"{p}{n}" for p in ("com", "lpt") for n in range(10))}
)
"""Names that can't be a file's on Windows, and those of the package's own modules."""


def words(text: str) -> list[str]:
    """The words of a text in letters and digits of ASCII; accents go."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in plain).split()


def constant(text: str, otherwise: str, most: int = 40) -> str:
    """A text as the name of a constant."""
    name = _cut([word.upper() for word in words(text)], most) or otherwise
    return name if not name[0].isdigit() else f"{otherwise}_{name}"


def module(text: str, otherwise: str, most: int = 50) -> str:
    """A text as the name of a module."""
    name = _cut([word.lower() for word in words(text)], most) or otherwise
    if name[0].isdigit() or keyword.iskeyword(name) or keyword.issoftkeyword(name) or name in _RESERVED:
        return f"{otherwise}_{name}"
    return name


def _cut(found: list[str], most: int) -> str:
    """As many of the words as there is room for."""
    name = ""
    for word in found:
        if len(name) + len(word) + 1 > most and name:
            break
        name = f"{name}_{word}" if name else word[:most]
    return name


def unique(name: str, taken: Iterable[str]) -> str:
    """The name, or one with a number behind it."""
    there = {one.casefold() for one in taken}
    found, at = name, 2
    while found.casefold() in there:
        found = f"{name}_{at}"
        at += 1
    return found
