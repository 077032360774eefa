"""What keeps a preview from being shown."""

from __future__ import annotations


class PreviewError(Exception):
    """`hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
