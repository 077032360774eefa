"""One statement for all evaluations of a query: its text at any tick, with `$1`, `$2`, … where the ticks' texts differ.

Such a statement is compiled once, which is most of what a small query costs (QuestDB 9.3.4, seen: 80 to 95 % of the
server's time of an alert rule). It answers what each tick's own text answers if the parameters only say which rows a
condition keeps, or are computed with. The places in which that is so are listed here; anywhere else, and where the
text is not understood, there is no statement, and each tick sends its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dashgen.grafana.alerting.queries import expanded, time_range
from dashgen.grafana.alerting.rule import RuleQuery
from dashgen.grafana.datasources.intervals import TimeRange
from dashgen.grafana.datasources.times import rfc3339
from dashgen.sql.ast import (
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Constant,
    Cte,
    In,
    Item,
    Logical,
    Node,
    Query,
    Select,
    Source,
    Span,
    Subquery,
    Unary,
    When,
    walk,
)
from dashgen.sql.lexer import Token, tokenize_once
from dashgen.sql.parser import understood
from dashgen.sql.statements import no_query_once

_BIGINT, _VARCHAR = 20, 1043


class _Form(NamedTuple):
    """How the plugins write an instant: the token's kind, its PostgreSQL type as a parameter, its value."""

    kind: str
    oid: int
    value: Callable[[int], str]


_FORMS = (
    _Form("number", _BIGINT, lambda ns: str(ns // 1000)),
    _Form("string", _VARCHAR, rfc3339),
)


class _Parameter(NamedTuple):
    """A token of the text that is the range's start or end."""

    form: _Form
    is_end: bool

    def value(self, span: TimeRange) -> str:
        return self.form.value(span.to_ns if self.is_end else span.from_ns)

    def literal(self, span: TimeRange) -> str:
        value = self.value(span)
        return f"'{value}'" if self.form.kind == "string" else value


@dataclass(frozen=True, slots=True)
class TickStatement:
    """`sql` has parameters of the types `oids`."""

    sql: str
    oids: tuple[int, ...]
    _pieces: tuple[str, ...]
    _parameters: tuple[_Parameter, ...]

    def values(self, span: TimeRange) -> tuple[str, ...]:
        """The parameters for a range."""
        return tuple(parameter.value(span) for parameter in self._parameters)

    def text(self, span: TimeRange) -> str:
        """What Grafana sends for it."""
        literals = [parameter.literal(span) for parameter in self._parameters]
        return "".join(piece + literal for piece, literal in zip(self._pieces, [*literals, ""], strict=True))


def tick_statement(query: RuleQuery, ticks: Sequence[int]) -> TickStatement | None:
    """The statement for those ticks (seconds since 1970, ascending); None where each has to send its own text.
    Raises QueryFailed where the query can't be expanded."""
    if len(ticks) < 2:
        return None
    first, last = ticks[0], ticks[-1]
    sql = expanded(query, first)
    if no_query_once(sql) is not None:
        return None
    tokens, others = tokenize_once(sql), tokenize_once(expanded(query, last))
    if len(tokens) != len(others) or any(
        "$" in token.text for token in tokens if token.kind not in ("string", "comment")
    ):
        return None
    places = [index for index, (one, other) in enumerate(zip(tokens, others, strict=True)) if one.text != other.text]
    spans = time_range(query, first), time_range(query, last)
    parameters = [_parameter(tokens[index], others[index], spans) for index in places]
    known = tuple(parameter for parameter in parameters if parameter is not None)
    if len(known) < len(places) or not _is_same(sql, [tokens[index] for index in places]):
        return None
    pieces, begin = [], 0
    for index in places:
        pieces.append("".join(token.text for token in tokens[begin:index]))
        begin = index + 1
    pieces.append("".join(token.text for token in tokens[begin:]))
    numbered = "".join(f"{piece}${number}" for number, piece in enumerate(pieces[:-1], 1)) + pieces[-1]
    return TickStatement(numbered, tuple(p.form.oid for p in known), tuple(pieces), known)


def _parameter(token: Token, other: Token, spans: tuple[TimeRange, TimeRange]) -> _Parameter | None:
    """Which instant the token is at both ticks."""
    for form in _FORMS:
        for is_end in (True, False):
            found = _Parameter(form, is_end)
            if token.kind == other.kind == form.kind and (token.text, other.text) == tuple(map(found.literal, spans)):
                return found
    return None


_COMPARISONS = frozenset({"=", "==", "<>", "!=", "<", "<=", ">", ">="})
_OPERATORS = _COMPARISONS | {"+", "-"}
_FUNCTIONS = frozenset(
    {"abs", "avg", "coalesce", "count", "dateadd", "datediff", "greatest", "least", "max", "min", "sum"}
)
_INSTANTS = frozenset({"timestamp", "timestamp_ns"})
_SETS = frozenset({"union", "union all"})


def _is_same(sql: str, tokens: Sequence[Token]) -> bool:
    """Whether parameters in place of those tokens change no answer."""
    query = understood(sql)
    if query is None or any(map(_is_compiled_in, walk(query))):
        return False
    wanted = {(token.start, token.start + len(token.text)) for token in tokens}
    return wanted == set(_computed(query, wanted))


def _is_compiled_in(node: Node) -> bool:
    """What QuestDB 9.3.4 answers when it compiles a statement (a query in IN is run then: seen), what answers otherwise
    when the plan is run again (SAMPLE BY … FROM … TO … FILL: seen), and what nobody has compared."""
    if isinstance(node, Query):
        return bool(node.declared) or not _SETS.issuperset(node.sets)
    if isinstance(node, Select):
        return node.pivot is not None or (
            node.sample is not None and bool(node.sample.fill or node.sample.start or node.sample.stop)
        )
    return isinstance(node, Subquery) or (isinstance(node, In) and node.query is not None)


def _computed(node: Node, wanted: set[Span]) -> Iterator[Span]:
    """The wanted literals from here on that are only compared or computed with."""
    for child in _parts(node):
        if isinstance(child, Constant) and child.span in wanted:
            if _takes(node, child):
                yield child.span
        else:
            yield from _computed(child, wanted)


def _parts(node: Node) -> Iterator[Node]:
    """The parts of a node in which an instant may be a parameter. It may not be where QuestDB wants a constant (SAMPLE
    BY, LIMIT, functions that are sources), nor in keys and conditions of joins, groups and orders."""
    match node:
        case Select():
            yield from (*node.items, *node.sources)
            if node.where is not None:
                yield node.where
        case Source():
            if node.query is not None:
                yield node.query
        case Call():
            if node.name in _FUNCTIONS and node.window is None:
                yield from node.arguments
        case Binary():
            if node.operator in _OPERATORS:
                yield from (node.left, node.right)
        case Query() | Cte() | Item() | Between() | Logical() | Unary() | Case() | When() | Cast():
            yield from node.children


def _takes(parent: Node, literal: Constant) -> bool:
    """Whether a parameter is of the literal's type there: a number that is cast, a text that becomes an instant or is
    compared."""
    if isinstance(parent, Cast):
        return parent.type in _INSTANTS
    if literal.kind != "string":
        return False
    match parent:
        case Between():
            return literal is not parent.operand
        case Binary():
            return parent.operator in _COMPARISONS
        case Call():
            return parent.name == "dateadd"
    return False
