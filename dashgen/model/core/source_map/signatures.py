"""Which fields a class of nodes takes by position, for what reads calls instead of making them."""

from __future__ import annotations

POSITIONAL: dict[str, tuple[str, ...]] = {}
"""By the name of the class, in order; of those that were constructed."""
