"""An author's SQL without the indentation of the spec around it and without blanks at line ends: less noise in diffs.

What stands in quotes stays as it is written: the blanks and line ends of a string are part of a value.
"""

from __future__ import annotations

from dashgen.grafana.datasources.positions import Expanded, Replacement, rewrite
from dashgen.sql.lexer import tokenize

_QUOTED = frozenset({"string", "quoted"})


def cleaned(sql: str) -> Expanded:
    """The text that is rendered, with the way back to the author's offsets."""
    return rewrite(sql, _gone(sql))


def _gone(sql: str) -> list[Replacement]:
    """What is taken out: line ends and blanks around the text, blanks at line ends, the indentation that all lines but
    the first have in common."""
    begin = len(sql) - len(sql.lstrip("\n"))
    body = sql.strip("\n").rstrip()
    lines = body.split("\n")
    quoted = _quoted_line_ends(sql) if len(lines) > 1 else frozenset[int]()
    cut = _common_indent(lines, begin, quoted)
    gone: list[Replacement] = [(0, begin, "")] if begin else []
    start = begin
    for index, line in enumerate(lines):
        end = start + len(line)
        kept = len(line) if end in quoted else len(line.rstrip())
        if start - 1 not in quoted:
            indent = min(cut if index else _indent(line), kept)
            if indent:
                gone.append((start, start + indent, ""))
        if start + kept < end:
            gone.append((start + kept, end, ""))
        start = end + 1
    if begin + len(body) < len(sql):
        gone.append((begin + len(body), len(sql), ""))
    return gone


def _common_indent(lines: list[str], begin: int, quoted: frozenset[int]) -> int:
    """Of the lines after the first, without those that begin in quotes."""
    indents = []
    start = begin + len(lines[0]) + 1
    for line in lines[1:]:
        if (bare := line.lstrip()) and start - 1 not in quoted:
            indents.append(len(line) - len(bare))
        start += len(line) + 1
    return min(indents, default=0)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _quoted_line_ends(sql: str) -> frozenset[int]:
    """Where the line ends are that stand in quotes."""
    if "'" not in sql and '"' not in sql:
        return frozenset()
    tokens = (token for token in tokenize(sql) if token.kind in _QUOTED and "\n" in token.text)
    return frozenset(token.start + at for token in tokens for at, sign in enumerate(token.text) if sign == "\n")
