"""Where a call stands in its source file, and where one of its arguments does. Asked only about what is wrong.

Python keeps the place of every instruction (PEP 657); the file itself is read again to tell the arguments apart. Those
places count bytes of UTF-8 from 0, what is shown counts characters from 1.
"""

from __future__ import annotations

import ast
import tokenize
from functools import lru_cache
from pathlib import Path
from types import CodeType
from typing import NamedTuple

from dashgen.model.core.source_map import literals
from dashgen.model.core.source_map.names import aliases, called
from dashgen.model.core.source_map.position import Spot
from dashgen.model.core.source_map.signatures import POSITIONAL


class _Given(NamedTuple):
    """An argument of a call, or what stands for one: where it begins, and what was given."""

    at: ast.keyword | ast.expr | ast.stmt
    value: ast.expr | None = None


class _Span(NamedTuple):
    """Of an expression: lines from 1, columns in bytes from 0. -1 where Python was told to keep no columns."""

    line: int
    end_line: int
    column: int
    end_column: int


def place(code: CodeType, instruction: int) -> tuple[str, int, int]:
    """File, line and column of the expression that an instruction belongs to."""
    span = _span(code, instruction)
    source = _source(code.co_filename)
    return code.co_filename, span.line, source.column(span.line, span.column)


def argument(code: CodeType, instruction: int, field: str, spot: Spot | None) -> tuple[str, int, int] | None:
    """File, line and column of what an author gave for a field in the call under way, where that can be told: the
    argument, an entry of its mapping or pairs (`labels.team`), a spot in its text, or a line in the class that a call
    decorates."""
    source = _source(code.co_filename)
    span = _span(code, instruction)
    end = span.end_line, span.end_column
    call = source.calls.get(end)
    if call is None:
        return None
    name, _, entry = field.partition(".")
    positional = POSITIONAL.get(called(call.func, source.aliases, code.co_filename), ())
    given = _given(call, name, positional) or _given(call, _WITHIN.get(name, ""), positional)
    if given is not None and entry:
        given = _entry(given.value, entry) or given
    given = given or _annotated(source.decorated.get(end), name)
    if given is None:
        return None
    inside = _inside(code.co_filename, given.value, spot) if spot else None
    line, column = inside or (given.at.lineno, source.column(given.at.lineno, given.at.col_offset))
    return code.co_filename, line, column


def indented(file: str, line: int) -> int:
    """The column at which the text of a line begins, where no more is known."""
    return _source(file).column(line, -1)


def _span(code: CodeType, instruction: int) -> _Span:
    places = _places(code)
    line, end_line, column, end_column = places[instruction // 2]
    return _Span(
        line or code.co_firstlineno,
        end_line or line or code.co_firstlineno,
        -1 if column is None else column,
        -1 if end_column is None else end_column,
    )


@lru_cache(maxsize=16)
def _places(code: CodeType) -> tuple[tuple[int | None, int | None, int | None, int | None], ...]:
    return tuple(code.co_positions())


_WITHIN = {"sql": "query"}
"""A text that is given as the query of a panel or rule becomes a Query there."""


def _given(call: ast.Call, name: str, positional: tuple[str, ...]) -> _Given | None:
    for keyword in call.keywords:
        if keyword.arg == name:
            return _Given(keyword, keyword.value)
    for one, value in zip(positional, call.args, strict=False):
        if isinstance(value, ast.Starred):
            return None
        if one == name:
            return _Given(value, value)
    return None


def _entry(value: ast.expr | None, name: str) -> _Given | None:
    if isinstance(value, ast.Dict):
        for key, inner in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == name:
                return _Given(key, inner)
    if isinstance(value, (ast.Tuple, ast.List)):
        for pair in value.elts:
            if isinstance(pair, (ast.Tuple, ast.List)) and len(pair.elts) == 2:
                key, inner = pair.elts
                if isinstance(key, ast.Constant) and key.value == name:
                    return _Given(key, inner)
    return None


def _annotated(declared: ast.ClassDef | None, name: str) -> _Given | None:
    for line in declared.body if declared else ():
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.target.id == name:
            return _Given(line)
    return None


def _inside(file: str, value: ast.expr | None, spot: Spot) -> tuple[int, int] | None:
    """Where a spot of a text stands that was given as a literal, or is one of the file's."""
    source = literals.SourceText(Path(file))
    own = source.literal(value) if isinstance(value, (ast.Constant, ast.JoinedStr)) else None
    candidates = [own] if own else [literal for _, literal in source.literals]
    for literal in sorted(candidates, key=lambda one: -one.certain):
        offset = literal.locate(*spot)
        if offset is not None:
            return source.position(offset)
    return None


class _Source:
    """One file. `calls` are by the end of each, which no two share; `decorated` are classes by that of a decorator."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.calls: dict[tuple[int, int], ast.Call] = {}
        self.decorated: dict[tuple[int, int], ast.ClassDef] = {}
        self.aliases: dict[str, str] = {}
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):  # changed since it was loaded
            return
        self.aliases = aliases(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                self.calls[node.end_lineno or 0, node.end_col_offset or 0] = node
            elif isinstance(node, ast.ClassDef):
                for decorator in node.decorator_list:
                    self.decorated[decorator.end_lineno or 0, decorator.end_col_offset or 0] = node

    def column(self, line: int, bytes_before: int) -> int:
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        if bytes_before < 0:
            return len(text) - len(text.lstrip()) + 1
        return (bytes_before if text.isascii() else len(text.encode()[:bytes_before].decode(errors="replace"))) + 1


def _source(file: str) -> _Source:
    try:
        stat = Path(file).stat()
    except (OSError, ValueError):
        return _NONE
    return _read(file, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=256)
def _read(file: str, changed: int, size: int) -> _Source:
    """`changed` and `size` tell a file from what it was."""
    try:
        with tokenize.open(file) as open_file:
            return _Source(open_file.read())
    except (OSError, SyntaxError, UnicodeDecodeError):
        return _NONE


_NONE = _Source("")
