"""Checks for charts over time whose rows are told apart by labels that the data source does not turn into series.

## Why is this bad?

A time series panel needs one column per series (a wide frame). The data sources turn rows with label columns into that
shape only in the format `time_series`: as a table, the rows of all hosts become one line that jumps between them.
Grafana's PostgreSQL data source names a series after the column `metric` only where it is the only label: with a second
label the legend reads `value {host="a", metric="b"}`.

## Example

```python
TimeSeries("Uptime", Query("SELECT timestamp AS time, host, uptime_seconds FROM …", format="table"))
```

## Use instead

Leave `format` out. Join several labels into one: `exchange || ' ' || host AS metric`.

```python
TimeSeries("Uptime", Query("SELECT timestamp AS time, host, uptime_seconds FROM …"))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import columns, numbers, panel_kind, transformed
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.grafana.datasources.plugins import PLUGINS
from dashgen.model.dashboards.panel import Panel


def check(subject: Subject) -> Iterator[RuleMatch]:
    labels = columns(subject, "string", "bool")
    if not labels or not numbers(subject) or transformed(subject):
        return
    names = ", ".join(c.name for c in labels)
    if panel_kind(subject).wide and subject.format == "table":
        yield RuleMatch(
            f"expected one column a series in a table, got rows told apart by {names}",
            "leave format=… out: as a time series the datasource makes one series of each",
        )
    elif subject.format == "time_series" and (metric := PLUGINS[subject.plugin].metric_column) and len(labels) > 1:
        named = isinstance(subject.owner, Panel) and subject.owner.display_name
        if any(c.name == metric for c in labels) and not named:
            yield RuleMatch(
                f"expected {metric!r} to be the only label, got {names}: otherwise it does not name the series",
                "join them: " + " || ' ' || ".join(c.name for c in labels if c.name != metric) + " || …",
            )


RULE = Rule("DG205", "long-frame", "error", "columns", check)
