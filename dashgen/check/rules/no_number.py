"""Checks for time series, stats, gauges, bar charts and alert rules whose query returns no number, or a number as text.

A stat may show text where its `fields` names the column.

## Why is this bad?

A time series shows "Data is missing a number field", a stat shows "No data", an alert rule is in the state Error. A
BOOLEAN is not a number there, and neither is a LONG that was cast to text. The QuestDB plugin sends a DECIMAL as text
(Grafana's PostgreSQL data source reads it as a number), and both send an array as text: beside another number it
becomes a label.

## Example

```sql
SELECT host, running FROM daemon_metrics WHERE $__timeFilter(timestamp)          -- for a stat
```

## Use instead

Return a number, with value mappings that say what 0 and 1 mean. Cast a DECIMAL with `::double`.

```sql
SELECT timestamp AS time, host, running::int AS running FROM daemon_metrics WHERE $__timeFilter(timestamp)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import chosen_fields, columns, items, numbers, panel_kind, transformed
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.grafana.datasources.column_fields import number_as_text
from dashgen.grafana.datasources.column_types import UNREADABLE
from dashgen.grafana.datasources.plugins import PLUGINS
from dashgen.sql.ast import Call, Cast, Column


def check(subject: Subject) -> Iterator[RuleMatch]:
    shown = panel_kind(subject)
    unknown = not shown.name and subject.format == "time_series"
    needs = shown.numeric or subject.role == "alert" or unknown
    if not needs or transformed(subject):
        return
    if chosen_fields(subject):
        return
    texts = list(_texts(subject))
    yield from texts
    unreadable = any(column.oid == UNREADABLE for column in subject.columns or ())  # DG216
    if texts or numbers(subject) or unreadable:
        return
    what = "an alert" if subject.role == "alert" else f"a {shown.name or 'time series'}"
    flags = columns(subject, "bool")
    got = ", ".join(f"{c.name}{' (boolean)' if c in flags else ''}" for c in subject.columns or ())
    yield RuleMatch(
        f"expected a number for {what}, got {got}",
        f"write {flags[0].name}::int" if flags else "return a LONG or a DOUBLE",
    )


def _texts(subject: Subject) -> Iterator[RuleMatch]:
    """The numbers that the plugin sends as text."""
    written = items(subject)
    for column in subject.columns or ():
        found = number_as_text(column.oid, subject.plugin)
        if found is None:
            continue
        item = written.get(column.name)
        term = column.name
        if item is not None:
            term = subject.sql[slice(*item.expression.span)]
            term = term if isinstance(item.expression, Call | Cast | Column) else f"({term})"
        yield RuleMatch(
            f"expected a number, got {column.name}: {PLUGINS[subject.plugin].title} sends {found.of[0]} as text",
            f"write {found.number.format(term)} AS {column.name}",
            item.expression.span if item else None,
        )


RULE = Rule("DG203", "no-number", "error", "columns", check)
