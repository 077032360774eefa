"""Where a column comes from: through aliases and queries within queries down to the declared tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from dashgen.lint.clauses import Item, Part, Query, Ref, Select, Source
from dashgen.lint.conditions import comparison, conjuncts
from dashgen.lint.functions import AGGREGATES, called
from dashgen.lint.names import WORDS, refs
from dashgen.lint.outline import outline
from dashgen.model.project import Project
from dashgen.model.rules import Connection, Monotonic
from dashgen.model.sql import Token
from dashgen.model.table import Table, table_of


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """A declared table or view. `series` are the columns that tell one series from another, `counters` those that only
    grow until a restart, `interval_seconds` is None where rows come as events occur; `query` is a view's."""

    name: str
    columns: Mapping[str, str]
    designated: str
    series: tuple[str, ...]
    counters: frozenset[str]
    interval_seconds: int | None
    table: Table
    query: Query | None = None


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
        counters |= {rule.reconnects for rule in table.rules if isinstance(rule, Connection)}
        columns = {column.name: column.type for column in table.columns}
        found[table.name.lower()] = Relation(
            table.name,
            columns,
            table.designated,
            table.series,
            frozenset(counters),
            table.intervals.get(table.name),
            table,
        )
    for cls in classes:
        table = table_of(cls)
        for view in table.views:
            query = outline(view.sql)
            select = query.selects[0]
            outputs: dict[str, str] = {}
            series, counters = [], set()
            for item in select.items:
                only = origin(select, Ref("", item.name, item.name_span), found) if item.name else None
                outputs[item.name] = only.type if only else ""
                if only and only.column in only.relation.series:
                    series.append(item.name)
                if raw_counter(select, item.part, found):
                    counters.add(item.name)
            found[view.name.lower()] = Relation(
                view.name, outputs, table.designated, tuple(series), frozenset(counters),
                table.intervals.get(view.name), table, query,
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


def definitions(select: Select, ref: Ref, known: Schema) -> Iterator[Definition]:
    """What a column is, one step down: a declared column, or the item of the query that it comes from (several where
    that is a UNION)."""
    found = False
    for source in select.sources:
        if ref.qualifier and ref.qualifier.lower() not in (source.alias.lower(), source.name.lower()):
            continue
        for definition in of_source(source, ref.name, known):
            found = True
            yield definition
    if not found and not ref.qualifier:
        for item in select.items:
            # An alias of the same SELECT, which QuestDB lets other items and GROUP BY use.
            if item.name.lower() == ref.name.lower() and item.name_span != item.part.span:
                yield select, item


def of_source(source: Source, name: str, known: Schema) -> Iterator[Definition]:
    if source.query is not None:
        yield from of_query(source.query, name, known)
    elif not source.function and (relation := known.get(source.name.lower())):
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
        own = [i for i, item in enumerate(items) if item.name.lower() == name.lower()]
        if own:
            place = own[0]
            yield select, items[place]
        elif select.star:
            for source in select.sources:
                yield from of_source(source, name, known)


def origin(select: Select, ref: Ref, known: Schema, depth: int = 0) -> Origin | None:
    """The declared column that this one is, unchanged on the way."""
    for definition in definitions(select, ref, known) if depth < 40 else ():
        if isinstance(definition, Origin):
            return definition
        inner, item = definition
        if inner is select and item.name_span == ref.span:
            continue
        named = list(refs(item.part))
        if len(named) == 1 and len(item.part.tokens) in (1, 3) and named[0].span == item.part.span:
            return origin(inner, named[0], known, depth + 1)
    return None


def origins(select: Select, part: Part | list[Token], known: Schema, depth: int = 0) -> Iterator[Origin]:
    """All declared columns that an expression is made of."""
    if depth > 40:
        return
    for ref in refs(part):
        for definition in definitions(select, ref, known):
            if isinstance(definition, Origin):
                yield definition
            elif definition[1].part is not part:
                yield from origins(definition[0], definition[1].part, known, depth + 1)


def is_time(select: Select, ref: Ref, known: Schema) -> bool:
    """Whether a column is the designated timestamp of a declared table."""
    found = origin(select, ref, known)
    return found is not None and found.column == found.relation.designated


_COMPARING = frozenset({"=", "<", ">", "<=", ">=", "<>", "!=", "||", "~", "!~"})


def raw_counter(select: Select, part: Part, known: Schema, depth: int = 0) -> Origin | None:
    """The counter that an expression shows as it is, and not what it grew by: there is no difference in it, on no
    level below either."""
    tokens = _values(part.tokens)
    if depth > 40 or _differs(tokens):
        return None
    for ref in refs(tokens):
        for definition in definitions(select, ref, known):
            if isinstance(definition, Origin):
                if definition.column in definition.relation.counters:
                    return definition
            elif definition[1].part is not part and (
                found := raw_counter(definition[0], definition[1].part, known, depth + 1)
            ):
                return found
    return None


def _differs(tokens: list[Token]) -> bool:
    """A comparison, a text, or a subtraction of something other than a number."""
    for at, token in enumerate(tokens):
        if token.text in _COMPARING or token.text.lower() in ("in", "like", "between"):
            return True
        if token.text == "-" and at and at + 1 < len(tokens):
            before, after = tokens[at - 1], tokens[at + 1]
            binary = before.kind != "operator" or before.text in (")", "]")
            if binary and before.text.lower() not in WORDS and after.kind != "number":
                return True
    return False


def _values(tokens: list[Token]) -> list[Token]:
    """Without what only decides or counts: the conditions of CASE, `count(…)`, the windows after OVER."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        word = tokens[at].text.lower()
        opens = at + 1 < len(tokens) and tokens[at + 1].text == "("
        if word == "case" or word == "when":
            depth = 0
            at += 1
            while at < len(tokens) and (depth or tokens[at].text.lower() not in ("when", "then")):
                depth += (tokens[at].text.lower() == "case") - (tokens[at].text.lower() == "end")
                at += 1
            continue
        if opens and word in ("over", "count", "count_distinct", "approx_count_distinct", "datediff"):
            depth = 0
            at += 1
            while at < len(tokens):
                depth += (tokens[at].text == "(") - (tokens[at].text == ")")
                at += 1
                if not depth:
                    break
            continue
        kept.append(tokens[at])
        at += 1
    return kept


def keys(select: Select, known: Schema, depth: int = 0) -> frozenset[Origin]:
    """The columns that tell the series apart whose rows a SELECT reads: the dedup keys that neither it nor a query
    below binds to one value. Empty where several sources are joined: nothing is known there."""
    if depth > 40 or len(select.sources) != 1:
        return frozenset()
    source = select.sources[0]
    found: frozenset[Origin] = frozenset()
    if source.query is None:
        relation = None if source.function else known.get(source.name.lower())
        if relation is not None:
            found = frozenset(Origin(relation, name) for name in relation.series)
    elif len(source.query.selects) == 1:
        inner = source.query.selects[0]
        found = keys(inner, known, depth + 1)
        if inner.group or inner.sample or inner.latest or inner.distinct or aggregates(inner):
            grouped = {o for i in inner.items if not called(i.part, AGGREGATES) for o in origins(inner, i.part, known)}
            found = found if inner.star else found & grouped
    return found - bound(select, known)


def bound(select: Select, known: Schema) -> frozenset[Origin]:
    """The columns that WHERE holds to one value: `env = 'prod'`, `env IN ('prod')`."""
    found = set()
    for piece in conjuncts(select.where):
        left, operator, right = comparison(piece)
        one = operator in ("=", "==") or (operator == "in" and len(right) == 3)
        for side, other in ((left, right), (right, left)):
            named = list(refs(side))
            if one and len(named) == 1 and not list(refs(other)) and side[-1].text.lower() != "not":
                only = origin(select, named[0], known)
                if only is not None:
                    found.add(only)
    return frozenset(found)


def aggregates(select: Select) -> bool:
    return any(called(item.part, AGGREGATES) for item in select.items)
