"""Breaks a query by program, one fault at a time: what `dashgen check` must find.

An operator takes a query and gives the texts (or subjects) that have its fault, one for each place it may be in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from dashgen.check.rule import Subject
from dashgen.model.dashboards.field import DataLink, Override
from dashgen.model.dashboards.panel import Panel, SortBy, Table
from dashgen.sql.ast import (
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Column,
    Expression,
    Macro,
    Node,
    Select,
    Span,
    walk,
    within,
)
from dashgen.sql.conditions import columns, conjuncts
from dashgen.sql.functions import windowed
from dashgen.sql.lexer import macros, tokenize, variables
from dashgen.sql.lineage import Relation, Schema, is_time, origin, origins, schema
from dashgen.sql.parser import parse
from dashgen.sql.reads import every_select

Operator = Callable[[Subject], Iterator[str | Subject]]
OPERATORS: dict[str, Operator] = {}


@dataclass(frozen=True)
class Mutant:
    operator: str
    subject: Subject

    @property
    def key(self) -> tuple[str, str]:
        return self.operator, self.subject.path


def mutants(subject: Subject) -> Iterator[Mutant]:
    """One of each operator that has a place in the query."""
    for name, operator in OPERATORS.items():
        for made in operator(subject):
            if isinstance(made, str):
                if made == subject.sql:
                    continue
                made = replace(subject, query=replace(subject.query, sql=made))
            yield Mutant(name, made)
            break


def operator(name: str) -> Callable[[Operator], Operator]:
    def keep(made: Operator) -> Operator:
        OPERATORS[name] = made
        return made

    return keep


def edit(sql: str, span: Span, text: str) -> str:
    return sql[: span[0]] + text + sql[span[1] :]


def _selects(subject: Subject) -> Iterator[tuple[Select, Schema]]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        yield select, known


def _reading(subject: Subject) -> Iterator[tuple[Select, Relation, Schema]]:
    """The SELECTs that read a declared table themselves."""
    for select, known in _selects(subject):
        for source in select.sources[:1]:
            relation = known.get(source.name.lower()) if source.is_relation else None
            if relation is not None:
                yield select, relation, known


def _clause(sql: str, parts: tuple[Node, ...], words: int) -> Span:
    """A clause with the words in front of it (`ORDER BY`)."""
    before = [t for t in tokenize(sql) if t.kind not in ("space", "comment") and t.start < parts[0].span[0]]
    return before[-words].start, parts[-1].span[1]


# Names, tables, macros, parentheses


@operator("misspell a column")
def _column(subject: Subject) -> Iterator[str]:
    for select, relation, known in _reading(subject):
        for item in select.items:
            for ref in columns(item.expression):
                if origin(select, ref, known) and ref.name != relation.designated:
                    yield edit(subject.sql, ref.span, ref.name + "x")


@operator("misspell a column of a query within")
def _inner_column(subject: Subject) -> Iterator[str]:
    for select, _ in _selects(subject):
        if any(source.query for source in select.sources):
            for item in select.items:
                for ref in columns(item.expression):
                    yield edit(subject.sql, ref.span, ref.name + "_")


@operator("misspell a table")
def _table(subject: Subject) -> Iterator[str]:
    for select, relation, _ in _reading(subject):
        yield edit(subject.sql, select.sources[0].span, relation.name[:-1])


@operator("read another table")
def _other_table(subject: Subject) -> Iterator[str]:
    for select, relation, known in _reading(subject):
        other = next(r.name for r in known.values() if r is not relation and r.query is None)
        yield edit(subject.sql, select.sources[0].span, other)


@operator("misspell a macro")
def _macro(subject: Subject) -> Iterator[str]:
    for macro in macros(subject.sql):
        yield subject.sql.replace(f"$__{macro.name}", f"$__{macro.name[:-1]}", 1)


@operator("misspell a function")
def _function(subject: Subject) -> Iterator[str]:
    tokens = tokenize(subject.sql)
    for at, token in enumerate(tokens[:-1]):
        if token.kind == "word" and tokens[at + 1].text == "(" and token.text in ("datediff", "dateadd", "sum", "max"):
            yield edit(subject.sql, (token.start, token.start + len(token.text)), token.text + "s")


@operator("leave a parenthesis open")
def _open(subject: Subject) -> Iterator[str]:
    at = subject.sql.rfind(")")
    if at >= 0:
        yield edit(subject.sql, (at, at + 1), "")


@operator("forget a comma")
def _comma(subject: Subject) -> Iterator[str]:
    select = parse(subject.sql).selects[0]
    for item in select.items[:-1]:
        end = item.span[1]
        at = subject.sql.find(",", end)
        if 0 <= at <= end + 2:
            yield edit(subject.sql, (at, at + 1), "")


# What is chosen


_GUARDED = re.compile(r"\('__all' IN \((\$\{\w+:sqlstring\})\) OR ([\w.]+ IN \(\1\))\)")


@operator("drop the guard for All")
def _without_guard(subject: Subject) -> Iterator[str]:
    for match in _GUARDED.finditer(subject.sql):
        yield edit(subject.sql, match.span(), match[2])


@operator("ask another variable for All")
def _other_guard(subject: Subject) -> Iterator[str]:
    for match in _GUARDED.finditer(subject.sql):
        yield edit(subject.sql, match.span(1), "${env:sqlstring}")


@operator("turn the guard for All around")
def _turned_guard(subject: Subject) -> Iterator[str]:
    for match in _GUARDED.finditer(subject.sql):
        yield edit(subject.sql, match.span(), "NOT " + match[0])


# What the panel needs


@operator("drop the alias time")
def _time_alias(subject: Subject) -> Iterator[str]:
    for select in parse(subject.sql).selects[:1]:
        for item in select.items:
            if item.name == "time" and item.alias_span is not None:
                yield edit(subject.sql, (item.expression.span[1], item.name_span[1]), "")


@operator("rename the time column")
def _time_name(subject: Subject) -> Iterator[str]:
    for item in parse(subject.sql).selects[0].items:
        if item.name == "time":
            alias = "moment" if item.alias_span is not None else "time AS moment"
            yield edit(subject.sql, item.name_span, alias)


@operator("rename a column of the result")
def _alias(subject: Subject) -> Iterator[str]:
    select = parse(subject.sql).selects[0]
    for item in select.items:
        if item.name and item.name not in ("time", "metric") and item.alias_span is not None:
            yield edit(subject.sql, item.name_span, f"{item.name}_renamed")


def _numeric(subject: Subject) -> Iterator[tuple[Span, str]]:
    """The last column of the result that is not text, a number in every shipped query: its expression, its name."""
    select = parse(subject.sql).selects[0]
    if select.star or len(parse(subject.sql).selects) > 1 or subject.role not in ("panel", "alert"):
        return
    known = schema(subject.project)
    for item in reversed(select.items):
        types = {found.type for found in origins(select, item.expression, known)}
        text = any(isinstance(n, Binary) and n.operator == "||" for n in within(item.expression)) or types <= {
            "SYMBOL",
            "VARCHAR",
        }
        if item.name not in ("time", "metric", "") and not text:
            yield item.expression.span, item.name
            return


@operator("cast the number to text")
def _as_text(subject: Subject) -> Iterator[str]:
    for span, name in _numeric(subject):
        own = "" if subject.sql[span[0] : span[1]] != name else f" AS {name}"
        yield edit(subject.sql, span, f"({subject.sql[span[0] : span[1]]})::varchar{own}")


@operator("make the number a boolean")
def _as_boolean(subject: Subject) -> Iterator[str]:
    for span, name in _numeric(subject):
        own = "" if subject.sql[span[0] : span[1]] != name else f" AS {name}"
        yield edit(subject.sql, span, f"({subject.sql[span[0] : span[1]]}) > 0{own}")


@operator("name two columns alike")
def _twice(subject: Subject) -> Iterator[str]:
    items = parse(subject.sql).selects[0].items
    named = [item for item in items if item.name]
    if len(named) > 1 and len(parse(subject.sql).selects) == 1:
        item = named[1]
        alias = named[0].name if item.alias_span is not None else f"{item.name} AS {named[0].name}"
        yield edit(subject.sql, item.name_span, alias)


@operator("select everything")
def _star(subject: Subject) -> Iterator[str]:
    select = parse(subject.sql).selects[0]
    if not select.star and not select.group and not select.sample and len(parse(subject.sql).selects) == 1:
        last = select.items[-1]
        yield edit(subject.sql, (select.items[0].span[0], last.span[1]), "*")


@operator("an override of a field that is not there")
def _override(subject: Subject) -> Iterator[Subject]:
    panel = subject.owner
    if (
        isinstance(panel, Panel)
        and any(isinstance(o.match, str) for o in panel.overrides)
        and subject.query is panel.queries[0]
    ):
        wrong = tuple(
            replace(o, match=o.match + "s") if isinstance(o.match, str) else o for o in panel.overrides
        )  # fmt: skip
        yield replace(subject, owner=replace(panel, overrides=wrong))


@operator("a sort by a field that is not there")
def _sort(subject: Subject) -> Iterator[Subject]:
    if isinstance(subject.owner, Table):
        yield replace(subject, owner=replace(subject.owner, sort_by=(SortBy("nothing"),)))


@operator("a link with a field that is not there")
def _link(subject: Subject) -> Iterator[Subject]:
    if isinstance(subject.owner, Panel) and subject.query is subject.owner.queries[0]:
        link = DataLink("There", url="/d/there?var-host=${__data.fields.hosts}")
        yield replace(subject, owner=replace(subject.owner, data_links=(link,)))


@operator("a unit on a column of text")
def _unit(subject: Subject) -> Iterator[Subject]:
    select = parse(subject.sql).selects[0]
    known = schema(subject.project)
    if not isinstance(subject.owner, Panel) or subject.format != "table":
        return
    for item in select.items:
        found = origin(select, item.expression, known) if isinstance(item.expression, Column) else None
        if item.name and found and found.type in ("SYMBOL", "VARCHAR"):
            overrides = (*subject.owner.overrides, Override(item.name, unit="s"))
            yield replace(subject, owner=replace(subject.owner, overrides=overrides))


@operator("a boolean without its mapping")
def _unmapped(subject: Subject) -> Iterator[Subject]:
    panel = subject.owner
    flags = [item for item in parse(subject.sql).selects[0].items if isinstance(item.expression, Cast)]
    if isinstance(panel, Panel) and flags and panel.mappings:
        yield replace(subject, owner=replace(panel, mappings=()))


# Time


def _time_conditions(subject: Subject) -> Iterator[tuple[Select, list[Column], Span, list[str]]]:
    """Of each read table the condition on its time: the column, the span, and the texts of its edges."""
    for select, _, known in _reading(subject):
        for piece in conjuncts(select.where):
            times = [column for column in columns(piece) if is_time(select, column, known)]
            if not times:
                continue
            edges: list[str] = []
            if isinstance(piece, Between):
                edges = [subject.sql[slice(*edge.span)] for edge in (piece.low, piece.high)]
            elif isinstance(piece, Macro) and piece.name == "timeFilter":
                edges = ["$__fromTime", "$__toTime"]
            yield select, times, piece.span, edges


@operator("drop the time filter")
def _no_time(subject: Subject) -> Iterator[str]:
    for _, _, span, edges in _time_conditions(subject):
        if edges:
            yield edit(subject.sql, span, "1 = 1")


@operator("drop the upper bound")
def _no_end(subject: Subject) -> Iterator[str]:
    for _, times, span, edges in _time_conditions(subject):
        if edges:
            yield edit(subject.sql, span, f"{times[0].name} >= {edges[0]}")


@operator("drop the lower bound")
def _no_begin(subject: Subject) -> Iterator[str]:
    for _, times, span, edges in _time_conditions(subject):
        if edges:
            yield edit(subject.sql, span, f"{times[0].name} <= {edges[1]}")


@operator("swap the edges of the range")
def _swapped(subject: Subject) -> Iterator[str]:
    for _, times, span, edges in _time_conditions(subject):
        if edges:
            text = " AND ".join((f"{times[0].name} >= {edges[1]}", f"{times[0].name} <= {edges[0]}"))
            yield edit(subject.sql, span, text)


@operator("swap $__fromTime and $__toTime")
def _swapped_macros(subject: Subject) -> Iterator[str]:
    if "$__fromTime" in subject.sql and "$__toTime" in subject.sql:
        parts = subject.sql.split("$__fromTime")
        yield "$__toTime".join(part.replace("$__toTime", "$__fromTime") for part in parts)


@operator("write the epoch in seconds")
def _epoch(subject: Subject) -> Iterator[str]:
    for _, times, span, edges in _time_conditions(subject):
        if edges:
            yield edit(subject.sql, span, f"{times[0].name} BETWEEN 1795448010 AND {edges[1]}")


@operator("write now() for the end")
def _now(subject: Subject) -> Iterator[str]:
    at = subject.sql.find("$__toTime")
    if at >= 0:
        yield edit(subject.sql, (at, at + len("$__toTime")), "now()")


@operator("write an interval literal")
def _interval(subject: Subject) -> Iterator[str]:
    for _, times, span, edges in _time_conditions(subject):
        if edges:
            yield edit(subject.sql, span, f"{times[0].name} > $__toTime - interval '1h'")


@operator("subtract instead of datediff")
def _subtract(subject: Subject) -> Iterator[str]:
    for call in walk(parse(subject.sql)):
        if isinstance(call, Call) and call.name == "datediff" and len(call.arguments) == 3:
            column, edge = (subject.sql[slice(*argument.span)] for argument in call.arguments[1:])
            if "$__" in edge and "(" not in column:
                yield edit(subject.sql, call.span, f"(({edge}) - {column}) / 1000000")


@operator("mistake months for minutes")
def _months(subject: Subject) -> Iterator[str]:
    if "dateadd('m'" in subject.sql:
        yield subject.sql.replace("dateadd('m'", "dateadd('M'", 1)


# Buckets


def _bucket(text: str) -> Operator:
    def make(subject: Subject) -> Iterator[str]:
        for select, _ in _selects(subject):
            if select.sample:
                yield edit(subject.sql, select.sample.interval.span, text)

    return make


for _text in ("500ms", "3min", "1.5s", "1m0s", "1h30m", "1s"):
    operator(f"SAMPLE BY {_text}")(_bucket(_text))


@operator("drop ALIGN TO CALENDAR")
def _align(subject: Subject) -> Iterator[str]:
    if "ALIGN TO CALENDAR" in subject.sql:
        yield subject.sql.replace("ALIGN TO CALENDAR", "", 1)


@operator("GROUP BY beside SAMPLE BY")
def _both(subject: Subject) -> Iterator[str]:
    for select, _ in _selects(subject):
        if select.sample:
            end = select.sample.span[1]
            yield edit(subject.sql, (end, end), f" GROUP BY {select.items[0].name or 1}")


@operator("divide by the nominal bucket")
def _nominal(subject: Subject) -> Iterator[str]:
    select = parse(subject.sql).selects[0]
    for span, name in _numeric(subject):
        own = "" if subject.sql[span[0] : span[1]] != name else f" AS {name}"
        if select.sample:
            yield edit(subject.sql, span, f"({subject.sql[span[0] : span[1]]}) * 1000.0 / $__interval_ms{own}")


# Series, counters, order, size


@operator("drop a key of a window")
def _window_key(subject: Subject) -> Iterator[str]:
    for select, _ in _selects(subject):
        for _, window in windowed(select):
            if len(window.partition) > 1:
                yield edit(subject.sql, (window.partition[0].span[0], window.partition[1].span[0]), "")


@operator("drop PARTITION BY of a window")
def _window_partition(subject: Subject) -> Iterator[str]:
    for select, _ in _selects(subject):
        for _, window in windowed(select):
            if window.partition:
                yield edit(subject.sql, _clause(subject.sql, window.partition, 2), "")


@operator("drop a key of LATEST ON")
def _latest_key(subject: Subject) -> Iterator[str]:
    for select, _ in _selects(subject):
        if select.latest and len(select.latest.by) > 1:
            first, second = select.latest.by[:2]
            yield edit(subject.sql, (first.span[0], second.span[0]), "")


@operator("filter inside LATEST ON")
def _filter_inside(subject: Subject) -> Iterator[str]:
    for select, relation, _ in _reading(subject):
        flag = next((name for name, type_ in relation.columns.items() if type_ == "BOOLEAN"), None)
        if select.latest and select.where and flag:
            end = select.where.span[1]
            yield edit(subject.sql, (end, end), f" AND NOT {flag}")


@operator("drop LATEST ON")
def _no_latest(subject: Subject) -> Iterator[str]:
    for select, _ in _selects(subject):
        if select.latest:
            yield edit(subject.sql, select.latest.span, "")


def _differences(subject: Subject) -> Iterator[tuple[Expression, Binary]]:
    """The expressions with a CASE in which something is subtracted from a counter, and that difference."""
    for select, known in _selects(subject):
        for item in select.items:
            inside = list(within(item.expression))
            minus = next((n for n in inside if isinstance(n, Binary) and n.operator == "-"), None)
            if minus is None or not any(isinstance(n, Case) for n in inside):
                continue
            if any(found.column in found.relation.counters for found in origins(select, minus.left, known)):
                yield item.expression, minus


@operator("draw the counter as it is")
def _raw(subject: Subject) -> Iterator[str]:
    for whole, minus in _differences(subject):
        yield edit(subject.sql, whole.span, subject.sql[slice(*minus.left.span)])


@operator("forget restarts")
def _restarts(subject: Subject) -> Iterator[str]:
    for whole, minus in _differences(subject):
        yield edit(subject.sql, whole.span, subject.sql[slice(*minus.span)])


@operator("read a counter where a measure was meant")
def _counter(subject: Subject) -> Iterator[str]:
    for select, relation, known in _reading(subject):
        counter = next(iter(sorted(relation.counters)), None)
        drawn = select.sample or select.group
        for item in select.items if counter and drawn else ():
            for ref in columns(item.expression):
                found = origin(select, ref, known)
                if found and found.type == "DOUBLE" and counter:
                    own = f" AS {ref.name}" if item.alias_span is None else ""
                    yield edit(subject.sql, ref.span, counter + own)


@operator("compare a counter with 0")
def _compare(subject: Subject) -> Iterator[str]:
    for select, relation, _ in _reading(subject):
        if relation.counters and select.where:
            end = select.where.span[1]
            yield edit(subject.sql, (end, end), f" AND {min(relation.counters)} > 0")


@operator("last() over all series")
def _mixed(subject: Subject) -> Iterator[str]:
    for select, relation, known in _reading(subject):
        if not select.sample and not select.group:
            continue
        doubles = [name for name, type_ in relation.columns.items() if type_ == "DOUBLE"]
        parts = (*(item.expression for item in select.items), *select.group)
        used = {found.column for part in parts for found in origins(select, part, known)}
        if doubles and not set(relation.series) - {"env"} <= used:
            end = select.items[-1].span[1]
            yield edit(subject.sql, (end, end), f", last({doubles[0]}) AS latest")


@operator("drop ORDER BY")
def _unordered(subject: Subject) -> Iterator[str]:
    order = parse(subject.sql).selects[-1].order
    if order:
        yield edit(subject.sql, _clause(subject.sql, order, 2), "")


@operator("order from the latest on")
def _descending(subject: Subject) -> Iterator[str]:
    order = parse(subject.sql).selects[-1].order
    if order and subject.sql[slice(*order[0].span)] == "time":
        yield edit(subject.sql, order[0].span, "time DESC")


@operator("drop LIMIT")
def _unlimited(subject: Subject) -> Iterator[str]:
    limit = parse(subject.sql).selects[-1].limit
    if limit:
        yield edit(subject.sql, limit.span, "")


@operator("drop GROUP BY")
def _ungrouped(subject: Subject) -> Iterator[str]:
    for select, _ in _selects(subject):
        if select.group:
            yield edit(subject.sql, _clause(subject.sql, select.group, 2), "")


# Variables


def _variable(text: str) -> Operator:
    def make(subject: Subject) -> Iterator[str]:
        for ref in variables(subject.sql):
            if ref.format == "sqlstring":
                yield edit(subject.sql, (ref.start, ref.end), text.format(name=ref.name))

    return make


operator("a variable in quotes")(_variable("'${name}'"))
operator("a variable without format")(_variable("${name}"))
operator("a variable escaped by backslashes")(_variable("${{{name}:singlequote}}"))
operator("a variable as comma separated values")(_variable("${{{name}:csv}}"))


@operator("misspell a variable")
def _unknown(subject: Subject) -> Iterator[str]:
    for ref in variables(subject.sql):
        yield edit(subject.sql, (ref.start, ref.end), f"${{{ref.name}s:sqlstring}}")


# Alerts


@operator("a bucket of the screen in an alert")
def _alert_interval(subject: Subject) -> Iterator[str]:
    select = parse(subject.sql).selects[0]
    if subject.role == "alert" and select.group:
        yield edit(subject.sql, _clause(subject.sql, select.group, 2), "SAMPLE BY $__interval")


@operator("a second number in an alert")
def _alert_numbers(subject: Subject) -> Iterator[str]:
    select = parse(subject.sql).selects[0]
    if subject.role == "alert" and not select.star:
        at = select.items[0].expression.span[0]
        yield edit(subject.sql, (at, at), "1 AS one, ")


@operator("a time beside labels in an alert")
def _alert_time(subject: Subject) -> Iterator[str]:
    select = parse(subject.sql).selects[0]
    if subject.role == "alert" and select.sources and not select.star and not select.group:
        at = select.items[0].expression.span[0]
        yield edit(subject.sql, (at, at), "$__toTime AS time, ")


@operator("an alert without its labels")
def _alert_labels(subject: Subject) -> Iterator[str]:
    select = parse(subject.sql).selects[0]
    if subject.role == "alert" and select.group and len(select.items) > 1:
        last = select.items[-1]
        begin = select.items[0].expression.span[0]
        grouped = _clause(subject.sql, select.group, 2)
        yield edit(edit(subject.sql, grouped, ""), (begin, last.expression.span[0]), "")


@operator("an alert on the rows of the fault alone")
def _alert_filter(subject: Subject) -> Iterator[str]:
    for select, relation, _ in _reading(subject):
        flag = next((n for n, t in relation.columns.items() if t == "BOOLEAN"), None)
        if subject.role == "alert" and select.where and flag:
            end = select.where.span[1]
            yield edit(subject.sql, (end, end), f" AND {'' if flag == 'gap_detected' else 'NOT '}{flag}")
