"""Texts that were made from an author's text, with the way back: an error's caret belongs in what the author
wrote."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Piece(NamedTuple):
    """From offset `at` of the new text on: `source[start:end]`, either copied or replaced by something
    else."""

    at: int
    start: int
    end: int
    copied: bool


@dataclass(frozen=True, slots=True)
class Expanded:
    """A text and the steps that led to it, first step first."""

    text: str
    steps: tuple[tuple[Piece, ...], ...] = ()

    def source(self, offset: int) -> int:
        """The author's offset. Inside a replaced piece it is where that piece begins in the author's text."""
        return self._trace(offset)[0]

    def is_copied(self, offset: int) -> bool:
        """Whether the character there is the author's own."""
        return self._trace(offset)[1]

    def _trace(self, offset: int) -> tuple[int, bool]:
        copied = True
        for pieces in reversed(self.steps):
            if not pieces:
                continue
            piece = pieces[max(bisect_right(pieces, offset, key=lambda piece: piece.at) - 1, 0)]
            copied = copied and piece.copied
            offset = min(piece.start + offset - piece.at, piece.end) if piece.copied else piece.start
        return offset, copied

    def then(self, later: Expanded) -> Expanded:
        """`later` was made from this text."""
        return Expanded(later.text, self.steps + later.steps)


def rewrite(source: str, replacements: Iterable[tuple[int, int, str]]) -> Expanded:
    """Replaces `source[start:end]`; ascending, not overlapping."""
    pieces: list[Piece] = []
    texts: list[str] = []
    at = done = 0
    for start, end, text in replacements:
        if start > done:
            pieces.append(Piece(at, done, start, copied=True))
            texts.append(source[done:start])
            at += start - done
        if text:
            pieces.append(Piece(at, start, end, copied=False))
            texts.append(text)
            at += len(text)
        done = end
    pieces.append(Piece(at, done, len(source), copied=True))
    texts.append(source[done:])
    return Expanded("".join(texts), (tuple(pieces),))
