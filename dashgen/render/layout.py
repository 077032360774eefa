"""Grid positions. Panels flow from left to right in lines of 24 columns; overlap is impossible by construction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeVar

COLUMNS = 24
T = TypeVar("T")


class Place(NamedTuple):
    """A position on the grid: columns from the left, grid rows from the top."""

    x: int
    y: int
    w: int
    h: int


def flow(items: Iterable[tuple[T, int, int]], top: int) -> Iterator[tuple[T, Place]]:
    """Places items of (value, width, height) from row `top` on. A line is as high as its highest panel."""
    x = height = 0
    y = top
    for item, w, h in items:
        if x + w > COLUMNS:
            y += height
            x = height = 0
        yield item, Place(x, y, w, h)
        x += w
        height = max(height, h)
