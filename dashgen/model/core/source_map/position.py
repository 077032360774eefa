"""A place in a text."""

from __future__ import annotations

from typing import NamedTuple


class Spot(NamedTuple):
    """A place in a text that an author wrote, by its offset."""

    text: str
    offset: int
