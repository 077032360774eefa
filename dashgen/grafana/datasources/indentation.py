"""An author's SQL without the indentation of the spec around it and without blanks at line ends: less noise in diffs.

What stands in quotes stays as it is written: the blanks and line ends of a string are part of a value.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.grafana.datasources.positions import Expanded, rewrite
from dashgen.sql.lexer import tokenize

_QUOTED = frozenset({"string", "quoted"})


def cleaned(sql: str) -> Expanded:
    """The text that is rendered, with the way back to the author's offsets."""
    return rewrite(sql, [(start, end, "") for start, end in _gone(sql) if end > start])


def _gone(sql: str) -> Iterator[tuple[int, int]]:
    begin = len(sql) - len(sql.lstrip("\n"))
    body = sql.strip("\n").rstrip()
    lines = body.split("\n")
    quoted = _quoted_line_ends(sql) if len(lines) > 1 else frozenset[int]()
    starts: list[int] = []
    at = begin
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    inside = [start - 1 in quoted for start in starts]
    later = [_indent(line) for line, within in zip(lines[1:], inside[1:], strict=True) if line.strip() and not within]
    cut = min(later, default=0)
    yield 0, begin
    for index, (line, start) in enumerate(zip(lines, starts, strict=True)):
        end = start + len(line)
        kept = line if end in quoted else line.rstrip()
        indent = 0 if inside[index] else _indent(kept) if index == 0 else min(cut, len(kept))
        yield start, start + indent
        yield start + len(kept), end
    yield begin + len(body), len(sql)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _quoted_line_ends(sql: str) -> frozenset[int]:
    """Where the line ends are that stand in quotes."""
    if "'" not in sql and '"' not in sql:
        return frozenset()
    tokens = (token for token in tokenize(sql) if token.kind in _QUOTED and "\n" in token.text)
    return frozenset(token.start + at for token in tokens for at, sign in enumerate(token.text) if sign == "\n")
