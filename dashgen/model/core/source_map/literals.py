"""Where a piece of a text was written: the line of the string literal in a spec's source, f-strings and helpers too.

The SQL of a query, say, is what Python made of literals, and knows nothing of them. So the literals of the specs are
read again, each as the texts that it is certain to contribute with gaps for what is computed, and the one is taken
that accounts for most of the text.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

_LEAST = 12
"""Fewer certain characters than these say nothing about where a text comes from."""
_PREFIX = re.compile(r"([rRbBfFuU]{0,3})('''|\"\"\"|'|\")")
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


class StringLiteral(NamedTuple):
    """A string of a source file. `parts` are certain texts; `offsets` says for each character where it stands; gaps
    lie between the parts, and begin in the source at `gaps`."""

    parts: tuple[str, ...]
    offsets: tuple[tuple[int, ...], ...]
    gaps: tuple[int, ...]

    @property
    def certain(self) -> int:
        """How many characters are not layout."""
        return sum(len(part) - part.count(" ") - part.count("\n") for part in self.parts)

    def locate(self, text: str, offset: int) -> int | None:
        """Where `text[offset]` stands in the source, if this literal can have made the text."""
        begins = self._begins(text)
        if begins is None:
            return None
        for index, (begin, part) in enumerate(zip(begins, self.parts, strict=True)):
            if offset < begin:
                return self.gaps[index - 1]
            if offset < begin + len(part):
                return self.offsets[index][offset - begin]
        return self.offsets[-1][-1] if self.offsets[-1] else self.gaps[-1] if self.gaps else None

    def _begins(self, text: str) -> list[int] | None:
        """Where each part begins in a text that was made of them all."""
        first, last = self.parts[0], self.parts[-1]
        if len(self.parts) == 1:
            return [0] if text == first else None
        if not (text.startswith(first) and text.endswith(last)):
            return None
        begins, at = [0], len(first)
        for part in self.parts[1:-1]:
            found = text.find(part, at)
            if found < 0:
                return None
            begins.append(found)
            at = found + len(part)
        end = len(text) - len(last)
        return [*begins, end] if end >= at else None


class SourceText:
    """One file of the specs."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def text(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""

    @cached_property
    def lines(self) -> list[int]:
        """The offset at which each line begins."""
        found = [0]
        for match in re.finditer("\n", self.text):
            found.append(match.end())
        return found

    @cached_property
    def literals(self) -> tuple[tuple[int, StringLiteral], ...]:
        """Every string that is long enough to tell, with its line."""
        try:
            tree = ast.parse(self.text)
        except SyntaxError:
            return ()
        inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
        found: list[tuple[int, StringLiteral]] = []
        for node in ast.walk(tree):
            whole = isinstance(node, ast.JoinedStr) or (
                isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner
            )
            if not whole or not isinstance(node, ast.expr):
                continue
            literal = self.literal(node)
            if literal is not None and literal.certain >= _LEAST:
                found.append((node.lineno, literal))
        return tuple(found)

    def literal(self, node: ast.expr) -> StringLiteral | None:
        """A string as it was written, if it is one that can be read."""
        return _read(self.text, self.offset(node.lineno, node.col_offset), self._end(node))

    def offset(self, line: int, column: int) -> int:
        """`column` counts bytes, as in `ast`."""
        begin = self.lines[line - 1]
        row = self.text[begin : self.lines[line] if line < len(self.lines) else len(self.text)]
        return begin + (column if row.isascii() else len(row.encode()[:column].decode(errors="replace")))

    def _end(self, node: ast.expr) -> int:
        return self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1."""
        from bisect import bisect_right

        line = bisect_right(self.lines, offset)
        return line, offset - self.lines[line - 1] + 1


class Literals:
    """The literals of a specs folder, read when first asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def sources(self) -> tuple[SourceText, ...]:
        return tuple(SourceText(path) for path in sorted(self.root.rglob("*.py")))

    def locate(self, sql: str, offset: int, near: tuple[str, int] | None) -> tuple[Path, int, int] | None:
        """File, line and column of `sql[offset]`. `near` is file and line of the object that has the SQL: of literals
        that account for it alike, the nearest is meant."""
        best: tuple[tuple[int, int, int], SourceText, int] | None = None
        for source in self.sources:
            here = near is not None and Path(near[0]) == source.path
            for line, literal in source.literals:
                if best is not None and literal.certain < best[0][0]:
                    continue
                found = literal.locate(sql, offset)
                if found is None:
                    continue
                after = line - near[1] if here and near is not None else 0
                distance = -after if after >= 0 else after - len(source.lines)
                rank = (literal.certain, int(here), distance)
                if best is None or rank > best[0]:
                    best = (rank, source, found)
        if best is None:
            return None
        return (best[1].path, *best[1].position(best[2]))


def _read(source: str, at: int, end: int) -> StringLiteral | None:
    """One or several literals in a row (Python joins them), from `at` to `end`."""
    parts: list[list[tuple[str, int]]] = [[]]
    gaps: list[int] = []
    while at < end:
        match = _PREFIX.match(source, at, end)
        if match is None:
            if source[at] in " \t\r\n\\()":
                at += 1
                continue
            if source[at] == "#":
                at = source.find("\n", at)
                if at < 0:
                    return None
                continue
            return None
        prefix, quote = match[1].lower(), match[2]
        if "b" in prefix:
            return None
        at = match.end()
        close = _body(source, at, end, quote, "r" in prefix, "f" in prefix, parts, gaps)
        if close is None:
            return None
        at = close
    return StringLiteral(
        tuple("".join(character for character, _ in part) for part in parts),
        tuple(tuple(offset for _, offset in part) for part in parts),
        tuple(gaps),
    )


def _body(
    source: str, at: int, end: int, quote: str, raw: bool, formatted: bool,
    parts: list[list[tuple[str, int]]], gaps: list[int],
) -> int | None:  # fmt: skip
    """Reads up to the closing quote and returns the offset behind it; None for what it does not know."""
    while at < end:
        character = source[at]
        if source.startswith(quote, at):
            return at + len(quote)
        if character == "\\" and not raw:
            read = _escape(source, at)
            if read is None:
                return None
            text, after = read
            parts[-1] += [(c, at) for c in text]
            at = after
        elif character == "\\":
            parts[-1] += [(source[at], at), (source[at + 1], at + 1)]
            at += 2
        elif formatted and character in "{}":
            if source[at + 1] == character:
                parts[-1].append((character, at))
                at += 2
                continue
            gaps.append(at)
            parts.append([])
            at = _hole(source, at + 1, end)
        else:
            parts[-1].append((character, at))
            at += 1
    return None


def _escape(source: str, at: int) -> tuple[str, int] | None:
    following = source[at + 1]
    if following == "\n":
        return "", at + 2
    if following in _SIMPLE:
        return _SIMPLE[following], at + 2
    match = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))").match(source, at)
    if match:
        return chr(int(match[1] or match[2] or match[3], 16)), match.end()
    return None if following in "01234567N" else ("\\" + following, at + 2)


def _hole(source: str, at: int, end: int) -> int:
    """Behind the brace that closes an expression of an f-string; strings in it may hold braces."""
    depth = 1
    for token in _tokens(source, at, end):
        if token.group() in "([{":
            depth += 1
        elif token.group() in ")]}":
            depth -= 1
            if not depth:
                return token.end()
    return end


_TOKEN = re.compile(r"'''(?s:.*?)'''|\"\"\"(?s:.*?)\"\"\"|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|[()\[\]{}]")


def _tokens(source: str, at: int, end: int) -> Iterator[re.Match[str]]:
    return _TOKEN.finditer(source, at, end)
