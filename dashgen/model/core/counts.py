"""Numbers of things, in words."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """`1 panel`, `2,000 panels`; `many` is the plural of a noun that does not take an s: `queries`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
