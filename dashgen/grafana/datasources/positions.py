"""Texts that were made from an author's text, with the way back: an error's caret belongs in what the author
wrote."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias


class Piece(NamedTuple):
    """From offset `at` of the new text on: `source[start:end]`, either copied or replaced by something
    else."""

    at: int
    start: int
    end: int
    copied: bool


Replacement: TypeAlias = tuple[int, int, str]
"""What stands for `source[start:end]`."""


class Rewriting:
    """One rewriting of a text. Its pieces are worked out when the way back is asked for: for most queries, never."""

    __slots__ = ("_pieces", "_replacements", "_size")

    def __init__(self, size: int, replacements: Sequence[Replacement]) -> None:
        self._size, self._replacements = size, replacements
        self._pieces: tuple[Piece, ...] | None = None

    @classmethod
    def of(cls, pieces: Iterable[Piece]) -> Rewriting:
        """A step that is known by its pieces."""
        step = cls(0, ())
        step._pieces = tuple(pieces)
        return step

    @property
    def pieces(self) -> tuple[Piece, ...]:
        if self._pieces is None:
            self._pieces = tuple(_pieces(self._size, self._replacements))
        return self._pieces


class Expanded(NamedTuple):
    """A text and the steps that led to it, first step first."""

    text: str
    steps: tuple[Rewriting, ...] = ()

    def source(self, offset: int) -> int:
        """The author's offset. Inside a replaced piece it is where that piece begins in the author's text."""
        return self._trace(offset)[0]

    def region(self, offset: int) -> tuple[int, int]:
        """Start and end of what the author wrote there: one character that was copied, or all of what was replaced."""
        start, end = offset, offset + 1
        for step in reversed(self.steps):
            if not (pieces := step.pieces):
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
        for step in reversed(self.steps):
            if not (pieces := step.pieces):
                continue
            piece = _piece(pieces, offset)
            copied = copied and piece.copied
            offset = min(piece.start + offset - piece.at, piece.end) if piece.copied else piece.start
        return offset, copied

    def then(self, later: Expanded) -> Expanded:
        """`later` was made from this text."""
        if not later.steps:
            return self
        return Expanded(later.text, self.steps + later.steps)


def _piece(pieces: tuple[Piece, ...], offset: int) -> Piece:
    return pieces[max(bisect_right(pieces, offset, key=lambda piece: piece.at) - 1, 0)]


def rewrite(source: str, replacements: Iterable[Replacement]) -> Expanded:
    """Replaces `source[start:end]`; ascending, not overlapping."""
    made = tuple(replacements)
    texts: list[str] = []
    done = 0
    for start, end, text in made:
        texts += source[done:start], text
        done = end
    texts.append(source[done:])
    return Expanded("".join(texts), (Rewriting(len(source), made),))


def _pieces(size: int, replacements: Iterable[Replacement]) -> Iterator[Piece]:
    at = done = 0
    for start, end, text in replacements:
        if start > done:
            yield Piece(at, done, start, copied=True)
            at += start - done
        if text:
            yield Piece(at, start, end, copied=False)
            at += len(text)
        done = end
    yield Piece(at, done, size, copied=True)
