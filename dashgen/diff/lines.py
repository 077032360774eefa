"""Texts by their lines: SQL in a form of its own, so that formatting is no difference, and what differs in it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from dashgen.sql.lexer import Token, tokenize

_CLAUSES = frozenset(
    {"select", "from", "where", "group", "order", "sample", "latest", "limit", "union", "except", "intersect", "with"}
    | {"join", "left", "inner", "cross", "asof", "splice", "lt", "fill", "align", "partition", "declare"}
)
_JOINS = frozenset({"left", "inner", "cross", "asof", "splice", "lt"})
_CONDITIONS = frozenset({"and", "or"})
_TIGHT_AFTER = frozenset({"(", "[", ".", "::"})
_TIGHT_BEFORE = frozenset({")", "]", ",", ".", ";", "::"})
_BEFORE_A_VALUE = frozenset({"select", "then", "else", "when", "and", "or", "between", "limit", "where", "by"})
_SIGNS = frozenset({"+", "-", "*", "~"})


class Line(NamedTuple):
    """`sign` is `-` for a line of the old text, `+` of the new one, a space for both, `…` for lines left out."""

    sign: Literal["-", "+", " ", "…"]
    text: str


@lru_cache(maxsize=2048)
def sql_lines(sql: str) -> tuple[str, ...]:
    """A clause, a column, a condition a line, one space between tokens: two texts that differ in white space alone
    have the same lines."""
    return tuple(_Layout([token for token in tokenize(sql) if token.kind != "space"]).lines())


class _Layout:
    """Breaks lines at the level of queries: in other parentheses, CASE and BETWEEN nothing is broken."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.line = ""
        self.out: list[str] = []
        self.queries = [True]
        self.cases = 0
        self.between = False

    def lines(self) -> Iterator[str]:
        previous: Token | None = None
        for at, token in enumerate(self.tokens):
            self._place(at, token, previous)
            previous = token
        self._break(0)
        return iter(self.out)

    def _place(self, at: int, token: Token, previous: Token | None) -> None:
        word = token.text.lower() if token.kind == "word" else ""
        level = self.queries[-1] and not self.cases
        if token.text == ")" and len(self.queries) > 1:
            if self.queries.pop():
                self._break(0)
        elif level and (
            (word in _CLAUSES and self._begins(at, word))
            or (word in _CONDITIONS and not self.between)
            or token.kind == "comment"
        ):
            self._break(1 if word in _CONDITIONS else 0)
        self.line += ("" if self._tight(token, previous) else " ") + token.text
        if token.text in "([":
            inner = self.tokens[at + 1].text.lower() if at + 1 < len(self.tokens) else ""
            self.queries.append(token.text == "(" and inner in ("select", "with", "declare"))
            if self.queries[-1]:
                self._break(0)
        elif token.text == "]" and len(self.queries) > 1:
            self.queries.pop()
        elif (token.text == "," and level) or (token.kind == "comment" and token.text.startswith("--")):
            self._break(1)
        self.cases = max(0, self.cases + (word == "case") - (word == "end"))
        self.between = word == "between" or (self.between and word != "and")

    def _begins(self, at: int, word: str) -> bool:
        """`partition by` in OVER is in parentheses; a `left join` is one line."""
        before = self.tokens[at - 1].text.lower() if at else ""
        after = self.tokens[at + 1].text.lower() if at + 1 < len(self.tokens) else ""
        if word == "join":
            return before not in _JOINS
        if word in _JOINS:
            return after == "join"
        return word != "partition" or before not in ("on", "timestamp")

    def _break(self, indent: int) -> None:
        """Ends the line. `indent` is for the next one, beyond the depth of its query."""
        if self.line.strip():
            self.out.append(self.line.rstrip())
        self.line = "  " * (sum(self.queries) - 1 + indent)

    def _tight(self, token: Token, previous: Token | None) -> bool:
        if previous is None or not self.line.strip():
            return True
        if previous.text == "." and token.kind == "number":
            return False  # together they would be one number
        if token.kind == "comment":
            return False  # `- --` would be one comment
        if token.text in _TIGHT_BEFORE or previous.text in _TIGHT_AFTER:
            return True
        adjacent = previous.start + len(previous.text) == token.start
        if token.text in ("(", "["):
            return adjacent
        if token.kind != "operator" and previous.kind != "operator":
            return adjacent  # a name that a variable is part of
        return token.kind != "operator" and previous.text in _SIGNS and self._unary(previous)

    def _unary(self, sign: Token) -> bool:
        before = self.line[: -len(sign.text)].rstrip()
        return not before or before[-1] in "(,=<>+-*/|[" or before.split()[-1].lower() in _BEFORE_A_VALUE


def same_sql(old: str, new: str) -> bool:
    """Only the formatting differs."""
    return sql_lines(old) == sql_lines(new)


def changes(old: Sequence[str], new: Sequence[str], context: int = 2) -> tuple[Line, ...]:
    """The lines that differ with some that don't around them."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    out: list[Line] = []
    at = 0
    for group in matcher.get_grouped_opcodes(context):
        if group[0][1] > at:
            out.append(Line("…", ""))
        for tag, a, b, c, d in group:
            if tag == "equal":
                out += [Line(" ", text) for text in old[a:b]]
            else:
                out += [Line("-", text) for text in old[a:b]] + [Line("+", text) for text in new[c:d]]
        at = group[-1][2]
    if out and at < len(old):
        out.append(Line("…", ""))
    return tuple(out)


def side_by_side(lines: Sequence[Line]) -> Iterator[tuple[Line | None, Line | None]]:
    """Pairs for two columns: what went beside what came in its place."""
    left: list[Line] = []
    right: list[Line] = []
    for line in lines:
        if line.sign == "-":
            left.append(line)
        elif line.sign == "+":
            right.append(line)
        else:
            yield from _pairs(left, right)
            left, right = [], []
            yield line, line
    yield from _pairs(left, right)


def _pairs(left: Sequence[Line], right: Sequence[Line]) -> Iterator[tuple[Line | None, Line | None]]:
    for at in range(max(len(left), len(right))):
        yield (left[at] if at < len(left) else None), (right[at] if at < len(right) else None)
