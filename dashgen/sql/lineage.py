"""Where a column comes from: through aliases and queries within queries down to the declared tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from dashgen.model.project import Project
from dashgen.model.tables.row_constraints import Monotonic, ReconnectCounter
from dashgen.model.tables.table import TableSchema, table_of
from dashgen.sql.ast import (
    Between,
    Binary,
    Call,
    Case,
    Column,
    Constant,
    Expression,
    In,
    Item,
    Node,
    Query,
    Select,
    Source,
    Unary,
    selects,
    within,
)
from dashgen.sql.conditions import columns, conjuncts
from dashgen.sql.functions import is_aggregated
from dashgen.sql.parser import understood

MAX_STEPS = 40
"""Queries within queries that a column is followed through."""


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """A declared table or view. `series` are the columns that tell one series from another, `identity` those that tell
    apart the rows of one moment, `counters` those that only grow until a restart, `interval_seconds` is None where rows
    come as events occur; `query` is a view's, None where the parser does not know it."""

    name: str
    columns: Mapping[str, str]
    designated: str
    series: tuple[str, ...]
    counters: frozenset[str]
    interval_seconds: int | None
    table: TableSchema
    query: Query | None = None
    identity: tuple[str, ...] = ()

    @property
    def has_events(self) -> bool:
        """Whether a row is an event of its own, of which a series has several at one moment."""
        return self.query is None and self.name == self.table.name and self.table.has_events


Schema: TypeAlias = Mapping[str, Relation]
"""By lower-case name."""


def schema(project: Project) -> Schema:
    """What the project declares."""
    return _schema(project.tables)


@lru_cache(maxsize=64)
def _schema(classes: tuple[type, ...]) -> Schema:
    found: dict[str, Relation] = {}
    for cls in classes:
        table = table_of(cls)
        counters = {rule.field for rule in table.rules if isinstance(rule, Monotonic)}
        counters |= {rule.reconnects for rule in table.rules if isinstance(rule, ReconnectCounter)}
        found[table.name.lower()] = Relation(
            table.name,
            {column.name: column.type for column in table.columns},
            table.designated,
            table.series,
            frozenset(counters),
            table.intervals.get(table.name),
            table,
            identity=table.identity,
        )
    for cls in classes:
        table = table_of(cls)
        for view in table.views:
            query = understood(view.sql)
            outputs: dict[str, str] = {}
            series, counters = [], set()
            for item in query.selects[0].items if query else ():
                select = query.selects[0] if query else None
                if select is None or not item.name:
                    continue
                only = origin(select, Column(item.name_span, item.name), found)
                outputs[item.name] = only.type if only else ""
                grouped = only and only.relation.has_events and only.type == "SYMBOL"  # a bucket of each
                if only and (grouped or only.column in only.relation.series):
                    series.append(item.name)
                if raw_counter(select, item.expression, found):
                    counters.add(item.name)
            found[view.name.lower()] = Relation(
                view.name, outputs, table.designated, tuple(series), frozenset(counters),
                table.intervals.get(view.name), table, query, tuple(series),
            )  # fmt: skip
    return found


class Origin(NamedTuple):
    """A column of a declared table or view."""

    relation: Relation
    column: str

    @property
    def type(self) -> str:
        return self.relation.columns[self.column]

    @property
    def key(self) -> tuple[str, str]:
        return self.relation.name, self.column


Definition: TypeAlias = "Origin | tuple[Select, Item]"


def definitions(select: Select, column: Column, known: Schema) -> Iterator[Definition]:
    """What a name is, one step down: a declared column, or the item of the query that it comes from (several where
    that is a UNION). An alias of the same SELECT counts where no source has a column of that name."""
    found = False
    for source in select.sources:
        if column.qualifier and column.qualifier.lower() not in (source.alias.lower(), source.name.lower()):
            continue
        for definition in of_source(source, column.name, known):
            found = True
            yield definition
    if not found and not column.qualifier:
        for item in select.items:
            if item.alias_span is not None and item.alias.lower() == column.name.lower():
                yield select, item


def of_source(source: Source, name: str, known: Schema) -> Iterator[Definition]:
    """What a source's column of that name is."""
    if source.rows is not None:
        yield from of_query(source.rows, name, known)
    elif source.is_relation and (relation := known.get(source.name.lower())):
        column = next((c for c in relation.columns if c.lower() == name.lower()), None)
        if column:
            yield Origin(relation, column)


def of_query(query: Query, name: str, known: Schema) -> Iterator[Definition]:
    """The names of a UNION are those of its first member; the others follow by position."""
    place: int | None = None
    for number, select in enumerate(query.selects):
        items = select.items
        if number and place is not None and not select.star:
            if place < len(items):
                yield select, items[place]
            continue
        if number and place is None and not query.selects[0].star:
            return
        own = [i for i, item in enumerate(items) if item.name.lower() == name.lower()]
        if own:
            place = own[0]
            yield select, items[place]
        elif select.star:
            for source in select.sources:
                yield from of_source(source, name, known)


def outputs(query: Query, known: Schema, depth: int = 0) -> tuple[str, ...]:
    """The names of a query's columns, in their order; those of an expression without an alias are left out, as the
    server makes them up."""
    found: list[str] = []
    for item in query.selects[0].items if depth < MAX_STEPS else ():
        if item.star:
            found += inputs(query.selects[0], known, depth + 1)
        elif item.name:
            found.append(item.name)
    return tuple(dict.fromkeys(found))


def inputs(select: Select, known: Schema, depth: int = 0) -> tuple[str, ...]:
    """The names of the columns that a SELECT's sources have, as far as they are known."""
    found: list[str] = []
    for source in select.sources:
        if source.rows is not None:
            found += outputs(source.rows, known, depth + 1)
        elif source.is_relation and (relation := known.get(source.name.lower())):
            found += relation.columns
    return tuple(dict.fromkeys(found))


def origin(select: Select, column: Column, known: Schema, depth: int = 0) -> Origin | None:
    """The declared column that this one is, unchanged on the way."""
    for definition in definitions(select, column, known) if depth < MAX_STEPS else ():
        if isinstance(definition, Origin):
            return definition
        inner, item = definition
        if inner is select and item.expression is column:
            continue
        if isinstance(item.expression, Column) and item.expression is not column:
            return origin(inner, item.expression, known, depth + 1)
    return None


def origins(select: Select, node: Node | None, known: Schema, depth: int = 0) -> Iterator[Origin]:
    """All declared columns that an expression is made of."""
    if depth > MAX_STEPS or node is None:
        return
    for column in (one for one in within(node) if isinstance(one, Column)):
        for definition in definitions(select, column, known):
            if isinstance(definition, Origin):
                yield definition
            elif definition[1].expression is not node:
                yield from origins(definition[0], definition[1].expression, known, depth + 1)


def columns_read(query: Query, known: Schema) -> Iterator[tuple[str, str]]:
    """The declared columns that a query names somewhere, each with its table's or view's name; all of a table where `*`
    takes them, and always the designated timestamp."""
    for select in selects(query):
        for found in origins(select, select, known):
            yield found.key
        for source in select.sources:
            relation = known.get(source.name.lower()) if source.is_relation else None
            if relation is not None:
                if relation.designated:
                    yield relation.name, relation.designated
                if select.star:
                    yield from ((relation.name, column) for column in relation.columns)


def is_time(select: Select, column: Column, known: Schema) -> bool:
    """Whether a column is the designated timestamp of a declared table."""
    found = origin(select, column, known)
    return found is not None and found.column == found.relation.designated


_COUNTING = frozenset({"count", "count_distinct", "approx_count_distinct", "datediff"})


def raw_counter(select: Select, node: Expression, known: Schema, depth: int = 0) -> Origin | None:
    """The counter that an expression shows as it is, and not what it grew by: there is no difference in it, on no
    level below either."""
    shown = list(_shown(node))
    if depth > MAX_STEPS or any(map(_differs, shown)):
        return None
    for column in shown:
        if not isinstance(column, Column):
            continue
        for definition in definitions(select, column, known):
            if isinstance(definition, Origin):
                if definition.column in definition.relation.counters:
                    return definition
            elif definition[1].expression is not node and (
                found := raw_counter(definition[0], definition[1].expression, known, depth + 1)
            ):
                return found
    return None


def _shown(node: Expression) -> Iterator[Expression]:
    """What an expression's value is made of: not what only decides (the conditions of CASE), counts (`count(…)`) or
    orders (the window after OVER)."""
    if isinstance(node, Call) and node.name in _COUNTING:
        return
    yield node
    below = node.children
    if isinstance(node, Case):
        below = tuple(branch.result for branch in node.branches) + ((node.default,) if node.default else ())
    elif isinstance(node, Call):
        below = node.arguments
    for child in below:
        if isinstance(child, Expression):
            yield from _shown(child)


_ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "&", "|", "^"})


def _differs(node: Expression) -> bool:
    """A comparison, a text, or a subtraction of something other than a number."""
    if isinstance(node, In | Between):
        return True
    if not isinstance(node, Binary):
        return False
    if node.operator == "-":
        right = node.right.operand if isinstance(node.right, Unary) else node.right
        return not (isinstance(right, Constant) and right.kind == "number")
    return node.operator not in _ARITHMETIC


def series_keys(select: Select, known: Schema, depth: int = 0) -> frozenset[Origin]:
    """The columns that tell the series apart whose rows a SELECT reads: the dedup keys that neither it nor a query
    below binds to one value; of a UNION those of all its members. Empty where several sources are joined: nothing is
    known there. What tells the rows of its result apart is `row_keys.row_key`."""
    if depth > MAX_STEPS or len(select.sources) != 1:
        return frozenset()
    source = select.sources[0]
    found: set[Origin] = set()
    if source.rows is not None:
        for inner in source.rows.selects:
            found |= _kept(inner, known, depth + 1)
    elif source.is_relation and (relation := known.get(source.name.lower())):
        found = {Origin(relation, name) for name in relation.series}
    return frozenset(found - bound(select, known))


def _kept(select: Select, known: Schema, depth: int) -> frozenset[Origin]:
    """The keys that still tell the rows of a SELECT's result apart."""
    found = series_keys(select, known, depth)
    grouped = select.group or select.sample or select.latest or select.distinct or is_aggregated(select)
    if not grouped or select.star:
        return found
    shown = (item.expression for item in select.items if not is_aggregated(item.expression))
    return found & {one for expression in shown for one in origins(select, expression, known)}


def bound(select: Select, known: Schema) -> frozenset[Origin]:
    """The columns that WHERE holds to one value: `env = 'prod'`, `env IN ('prod')`."""
    found = set()
    for piece in conjuncts(select.where):
        sides: tuple[tuple[Expression, Expression], ...] = ()
        if isinstance(piece, Binary) and piece.operator in ("=", "=="):
            sides = ((piece.left, piece.right), (piece.right, piece.left))
        elif isinstance(piece, In) and not piece.negated and piece.listed and len(piece.items) == 1:
            sides = ((piece.operand, piece.items[0]),)
        for side, other in sides:
            named = list(columns(side))
            if len(named) == 1 and not list(columns(other)):
                only = origin(select, named[0], known)
                if only is not None:
                    found.add(only)
    return frozenset(found)
