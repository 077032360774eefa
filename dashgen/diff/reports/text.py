"""For a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.diff.assemble import Change, EnvironmentDiff, ObjectDiff, Review
from dashgen.diff.meaning import Meaning
from dashgen.diff.reports.phrases import (
    Repeats,
    condition,
    counted_by_class,
    headline,
    kind,
    moved_together,
    moves,
    people,
    totals,
)
from dashgen.escaping import styled, visible

_COLORS = {
    Meaning.COSMETIC: "2",
    Meaning.DISPLAY: "36",
    Meaning.MEANING: "33",
    Meaning.ALERTING: "35",
    Meaning.DATA: "34",
    Meaning.BREAKING: "1;31",
}
_SIGNS = {"-": "31", "+": "32", "…": "2", " ": "2"}
_WIDTH = max(len(meaning.word) for meaning in Meaning)
_LONGEST = 300
"""Characters of a line: the rest of a value is in the other reports."""


def text(review: Review, color: bool) -> str:
    """Ends with a line end; `color` asks for ANSI colours."""
    return "\n".join(_Text(color).lines(review)) + "\n"


class _Text:
    def __init__(self, color: bool) -> None:
        self.color = color
        self.repeats = Repeats()

    def _styled(self, text: str, code: str) -> str:
        return styled(text, code, color=self.color)

    def lines(self, review: Review) -> Iterator[str]:
        yield f"{visible(review.base)} → {visible(review.head)}"
        for note in review.apart:
            yield f"not compared: {visible(note)}"
        for environment in review.environments:
            yield ""
            yield from self._environment(environment)

    def _environment(self, environment: EnvironmentDiff) -> Iterator[str]:
        name = self._styled(visible(environment.name), "1")
        if not environment.subjects:
            yield f"{name}: no differences"
            return
        yield f"{name}: {totals(environment)}"
        yield from (f"not verified: {visible(note)}" for note in environment.notes)
        for subject in environment.subjects:
            yield ""
            yield from self._subject(subject)
        if environment.notified:
            yield ""
            yield self._styled("who is notified", "1")
            for entry in environment.notified:
                who = f"{people(entry.before)} → {people(entry.after)}"
                yield f"  {visible(entry.rule)}{visible(condition(entry))}: {visible(who)}"

    def _subject(self, subject: ObjectDiff) -> Iterator[str]:
        title = f" · {visible(subject.title)}" if subject.title else ""
        head = self._styled(f"{kind(subject)} {visible(subject.identity)}", "1")
        yield f"{head}{title} ({subject.state}; {counted_by_class(subject.counts)})"
        rest, moved = moves(subject.changes)
        for change in rest:
            yield from self._change(subject, change)
        if moved:
            yield f"  {self._class(Meaning.COSMETIC)}  {_cut(visible(moved_together(moved)))}"

    def _class(self, meaning: Meaning) -> str:
        return self._styled(meaning.word.ljust(_WIDTH), _COLORS[meaning])

    def _change(self, subject: ObjectDiff, change: Change) -> Iterator[str]:
        yield f"  {self._class(change.meaning)}  {_cut(visible(headline(change)))}"
        indent = " " * (_WIDTH + 4)
        if change.why:
            yield f"{indent}({visible(change.why)})"
        repeated = self.repeats.of(subject, change)
        if repeated:
            yield f"{indent}(the same lines as in {_cut(visible(repeated))})"
            return
        for line in change.words.lines:
            yield indent + self._styled(f"  {line.sign} {_cut(visible(line.text))}".rstrip(), _SIGNS[line.sign])


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
