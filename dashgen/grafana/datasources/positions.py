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

    def region(self, offset: int) -> tuple[int, int]:
        """Start and end of what the author wrote there: one character that was copied, or all of what was replaced."""
        start, end = offset, offset + 1
        for pieces in reversed(self.steps):
            if not pieces:
                continue
            first, last = _piece(pieces, start), _piece(pieces, max(end - 1, start))
            start = min(first.start + start - first.at, first.end) if first.copied else first.start
            end = min(last.start + end - last.at, last.end) if last.copied else last.end
        return start, max(end, start)

    def is_copied(self, offset: int) -> bool:
        """Whether the character there is the author's own."""
        return self._trace(offset)[1]

    def _trace(self, offset: int) -> tuple[int, bool]:
        copied = True
        for pieces in reversed(self.steps):
            if not pieces:
                continue
            piece = _piece(pieces, offset)
            copied = copied and piece.copied
            offset = min(piece.start + offset - piece.at, piece.end) if piece.copied else piece.start
        return offset, copied

    def then(self, later: Expanded) -> Expanded:
        """`later` was made from this text."""
        return Expanded(later.text, self.steps + later.steps)


def _piece(pieces: tuple[Piece, ...], offset: int) -> Piece:
    return pieces[max(bisect_right(pieces, offset, key=lambda piece: piece.at) - 1, 0)]


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
