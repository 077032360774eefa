"""A mistake in a document, and where in it."""

from __future__ import annotations

from typing import NamedTuple


class Violation(NamedTuple):
    """One mistake. `pointer` leads to it from the root; for an unknown key it ends with that key."""

    pointer: tuple[str | int, ...]
    message: str
    hint: str = ""

    @property
    def path(self) -> str:
        """`/panels/3/options/legend`, escaped as a JSON pointer (RFC 6901)."""
        return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in self.pointer)

    def __str__(self) -> str:
        text = f"{self.path or '/'}: {self.message}"
        return f"{text}; {self.hint}" if self.hint else text
