"""Checks for SAMPLE BY queries whose time column QuestDB does not recognize as the bucket.

## Why is this bad?

QuestDB groups the rows of a bucket by every column that is not aggregated. It replaces the designated timestamp by the
start of the bucket, within functions, too, but not where the column is qualified by a table there: in `dateadd('d', 1,
t.timestamp)` it is the time of each row, so that each row is a bucket (measured on 9.3.4: 600 rows instead of 11;
without the prefix, or as `t.timestamp` alone, it is right). The same happens where another timestamp column is selected
as the time. The panel shows raw rows, and a sum is that of one row.

A number or text of each row that stands beside the time or an aggregate in one expression becomes a hidden key:
`sum(jobs) / capacity` returns a row per capacity and bucket, `CASE WHEN jobs > 0 THEN timestamp END` one per number of
jobs (measured on 9.3.4). Aggregate it, as in `sum(jobs) / last(capacity)`, or compute in an outer query.

## Example

```sql
SELECT dateadd('d', 1, t.timestamp) AS time, max(uptime_seconds) AS value FROM daemon_metrics t
WHERE $__timeFilter(timestamp) SAMPLE BY 1m
```

## Use instead

Remove the prefix, or sample in a subquery and shift its result.

```sql
SELECT dateadd('d', 1, begin) AS time, value FROM (
    SELECT t.timestamp AS begin, max(uptime_seconds) AS value FROM daemon_metrics t
    WHERE $__timeFilter(timestamp) SAMPLE BY 1m
)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.model.tables.column_types import MOMENTS
from dashgen.sql.ast import Between, Binary, Call, Case, Column, Expression, In, Item, Node, Query, Select, Source
from dashgen.sql.functions import AGGREGATES, is_aggregated
from dashgen.sql.grammar import words
from dashgen.sql.lineage import Origin, Schema, origin, schema
from dashgen.sql.reads import every_select

_COARSE = words(
    """
    date_trunc day day_of_week day_of_week_sunday_first days_in_month extract hour is_leap_year minute month quarter
    timestamp_ceil timestamp_floor to_str week_of_year year
    """
)
"""Functions of a time with few values: what they make is one more key."""
_COMPARING = frozenset({"=", "==", "!=", "<>", "<", "<=", ">", ">="})


def check(subject: Subject) -> Iterator[RuleMatch]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        if select.sample is None or not select.sources:
            continue
        bare = [item for item in select.items if _is_bucket(select, item, known)]
        yield from _unseen_keys(select, known)
        plain = any(isinstance(item.expression, Column) and not item.expression.qualifier for item in bare)
        for item in select.items:
            if item in bare:
                column = item.expression
                prefixed = isinstance(column, Column) and column.qualifier and _source(select, column)
                if isinstance(column, Column) and prefixed and plain:
                    yield _said(select, column, column, known)
                continue
            within = () if isinstance(item.expression, Column) else _of_each_row(item.expression)
            for column in within:
                if column.qualifier and _designated(select, column, known):
                    yield _said(select, column, item.expression, known)
                    break
            else:
                if (of := _other_time(select, item, known)) and (not bare or item.name.lower() == "time"):
                    yield RuleMatch(
                        f"SAMPLE BY groups by each {of.column} of {of.relation.name} here: it is not the time of the "
                        "buckets",
                        f"write {_first(select, known) or 'the designated timestamp'} AS time",
                        item.expression.span,
                    )


def _said(select: Select, column: Column, expression: Expression, known: Schema) -> RuleMatch:
    name = f"{column.qualifier}.{column.name}"
    hint = f"write {column.name}, without {column.qualifier}."
    if len(select.sources) > 1:
        hint = f"sample in a subquery with {name} AS time, and use its time outside"
    return RuleMatch(
        f"SAMPLE BY has no effect: with the prefix, QuestDB reads {name} of each row, not the bucket's start",
        hint,
        expression.span,
    )


def _unseen_keys(select: Select, known: Schema) -> Iterator[RuleMatch]:
    """The first column of each item that groups the rows by its values without being an item itself."""
    keys = {found.key for item in select.items if (found := _column(select, item.expression, known))}
    for item in select.items:
        if isinstance(item.expression, Column):
            continue
        columns = list(_not_aggregated(item.expression))
        read = [(column, found) for column in columns if (found := _column(select, column, known))]
        timed = any(not column.qualifier and _is_designated(found) for column, found in read)
        if not timed and not is_aggregated(item.expression):
            continue
        for column, found in read:
            if not _is_designated(found) and found.key not in keys and _has_many_values(found):
                beside = "the time" if timed else "an aggregate"
                hint = f"aggregate it, as last({column.name}), or compute in a query around this one"
                if timed:
                    hint = f"leave {column.name} out of it, or compute it for each row in a subquery"
                message = f"SAMPLE BY groups by each {column.name} as well: it stands beside {beside}"
                yield RuleMatch(message, hint, item.expression.span)
                break


def _not_aggregated(node: Node) -> Iterator[Column]:
    if isinstance(node, Column):
        yield node
    elif not isinstance(node, Query) and not (isinstance(node, Call) and (node.window or node.name in AGGREGATES)):
        for child in node.children:
            yield from _not_aggregated(child)


def _column(select: Select, node: Node, known: Schema) -> Origin | None:
    return origin(select, node, known) if isinstance(node, Column) else None


def _is_designated(found: Origin) -> bool:
    return found.column == found.relation.designated


def _has_many_values(found: Origin) -> bool:
    """A SYMBOL or flag tells a few series apart: its rows are those of the expression, or nearly."""
    return found.type not in ("SYMBOL", "BOOLEAN") and found.column not in found.relation.series


def _of_each_row(node: Node) -> Iterator[Column]:
    """The columns whose value of each row gets into the key: none that is aggregated, compared or made coarse."""
    if isinstance(node, Column):
        yield node
        return
    if isinstance(node, Query | In | Between | Case):
        return
    if isinstance(node, Binary) and node.operator in _COMPARING:
        return
    if isinstance(node, Call) and node.name in AGGREGATES | _COARSE:
        return
    for child in node.children:
        yield from _of_each_row(child)


def _source(select: Select, column: Column) -> Source | None:
    """The table of a prefix; None for a query, of which QuestDB knows the time also with one."""
    wanted = column.qualifier.lower()
    found = next((s for s in select.sources if wanted in (s.alias.lower(), s.name.lower())), None)
    return found if found and found.is_relation else None


def _designated(select: Select, column: Column, known: Schema) -> bool:
    source = _source(select, column)
    relation = known.get(source.name.lower()) if source else None
    return relation is not None and relation.designated.lower() == column.name.lower()


def _is_bucket(select: Select, item: Item, known: Schema) -> bool:
    """Whether an item is the time of the first source, which SAMPLE BY counts by."""
    column = item.expression
    if not isinstance(column, Column):
        return False
    first = select.sources[0]
    if column.qualifier and column.qualifier.lower() not in (first.alias.lower(), first.name.lower()):
        return False
    found = origin(select, column, known)
    return found is not None and found.column == found.relation.designated


def _other_time(select: Select, item: Item, known: Schema) -> Origin | None:
    column = item.expression
    found = origin(select, column, known) if isinstance(column, Column) else None
    return found if found and found.type in MOMENTS else None


def _first(select: Select, known: Schema) -> str:
    source = select.sources[0]
    relation = known.get(source.name.lower()) if source.is_relation else None
    prefix = f"{source.alias or source.name}." if len(select.sources) > 1 else ""
    return f"{prefix}{relation.designated}" if relation else ""


RULE = Rule("DG322", "ignored-bucket", "error", "text", check)
