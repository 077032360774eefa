"""Expressions with the columns of the queries below written out as what they are, and the way back to the author's
text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from dashgen.grafana.datasources.positions import Expanded, Piece, Rewriting
from dashgen.sql.ast import Case, Expression, Node, Query, Select, Span, within
from dashgen.sql.conditions import columns
from dashgen.sql.lexer import tokenize
from dashgen.sql.parser import NotUnderstood, parse_expression

MOST_CHARACTERS = 50_000
"""A longer text is not written out: queries within queries that use a column twice double it on each level."""


class Fragment(NamedTuple):
    """A stretch of the new text. `span` is what the query has there; where the fragment is no copy of it, what it
    stands for."""

    text: str
    span: Span
    is_copied: bool = True


Fragments: TypeAlias = tuple[Fragment, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """An expression and the text that it was read from."""

    expression: Expression
    text: Expanded
    """With the steps from the author's text."""

    def sql(self, node: Node) -> str:
        return self.text.text[slice(*node.span)]

    def key(self, node: Node) -> str:
        """The same for the same condition at two places."""
        return _without_blanks(self.sql(node))

    def author_span(self, first: Node, last: Node) -> Span:
        """Where the author wrote what begins and ends with these nodes."""
        return self.text.source(first.span[0]), self.text.region(last.span[1] - 1)[1]


class Inlining:
    """Writes out the columns of one query that `is_wanted`, which is asked about their expressions."""

    def __init__(self, text: Expanded, is_wanted: Callable[[str], bool]) -> None:
        self.text, self.is_wanted = text, is_wanted
        self._columns: dict[int, Mapping[tuple[str, str], Fragments]] = {}

    def written(self, node: Expression, select: Select) -> Written | None:
        """An expression of a SELECT, read anew; None where it is too long or not understood."""
        return _read(self.fragments(node, select), self.text)

    def wanted(self, node: Expression, select: Select) -> Written | None:
        """As `written`; None too where it is not wanted."""
        fragments = self.fragments(node, select)
        return _read(fragments, self.text) if self.is_wanted("".join(one.text for one in fragments)) else None

    def fragments(self, node: Expression, select: Select) -> Fragments:
        """The text of an expression, with each wanted column of a query below as its expression in parentheses."""
        known = self._known(select)
        at, end = node.span
        found: list[Fragment] = []
        for column in columns(node) if known else ():
            meant = known.get((column.qualifier.lower(), column.name.lower()))
            if meant is not None:
                span = column.span
                found += [self._copy(at, span[0]), Fragment("(", span, False), *meant, Fragment(")", span, False)]
                at = span[1]
        return (*found, self._copy(at, end))

    def _copy(self, start: int, end: int) -> Fragment:
        return Fragment(self.text.text[start:end], (start, end))

    def _known(self, select: Select) -> Mapping[tuple[str, str], Fragments]:
        """The wanted columns that a SELECT reads, by qualifier and name, and by name alone, in lower case."""
        known = self._columns.get(id(select))
        if known is None:
            made: dict[tuple[str, str], Fragments] = {}
            self._columns[id(select)] = made
            for source in select.sources:
                for inner in source.rows.selects if source.rows else ():
                    for item in inner.items:
                        meant = self.fragments(item.expression, inner) if item.name else ()
                        text = "".join(one.text for one in meant)
                        if len(text) <= MOST_CHARACTERS and self.is_wanted(text):
                            made[source.alias.lower() or source.name.lower(), item.name.lower()] = meant
                            made["", item.name.lower()] = meant
            known = made
        return known


def branch_conditions(written: Written) -> Iterator[tuple[Written, ...]]:
    """Of each CASE, those within others too, its conditions in their order. `CASE x WHEN 1` asks `(x) = (1)`."""
    for case in within(written.expression):
        if not isinstance(case, Case):
            continue
        conditions = (branch.condition for branch in case.branches)
        if case.operand is None:
            yield tuple(Written(condition, written.text) for condition in conditions)
        else:
            yield tuple(one for condition in conditions if (one := _equation(written, case.operand, condition)))


def _equation(written: Written, left: Expression, right: Expression) -> Written | None:
    sides = [Fragment(written.sql(side), side.span) for side in (left, right)]
    between = left.span[1], right.span[0]
    fragments = (
        Fragment("(", left.span, False), sides[0], Fragment(") = (", between, False), sides[1],
        Fragment(")", right.span, False),
    )  # fmt: skip
    return _read(fragments, written.text)


@lru_cache(maxsize=4096)
def _without_blanks(sql: str) -> str:
    return " ".join(token.text for token in tokenize(sql) if token.kind not in ("space", "comment"))


def _read(fragments: Fragments, source: Expanded) -> Written | None:
    text = "".join(one.text for one in fragments)
    if len(text) > MOST_CHARACTERS:
        return None
    pieces, at = [], 0
    for one in fragments:
        if one.text:
            pieces.append(Piece(at, *one.span, one.is_copied))
            at += len(one.text)
    try:
        return Written(parse_expression(text), source.then(Expanded(text, (Rewriting.of(pieces),))))
    except NotUnderstood:
        return None


def outside_cases(node: Node) -> Iterator[Node]:
    """A node and all below it, without CASEs and queries."""
    stack = [node]
    while stack:
        one = stack.pop()
        if not isinstance(one, Case | Query):
            yield one
            stack.extend(reversed(one.children))
