"""A chart, a stat, a gauge, a bar or an alert whose query returns no number.

A time series without one is "Data is missing a number field", a stat shows "No data", an alert rule fails. A
BOOLEAN is no number to them, and a LONG that was cast to text is none any more.

```sql
SELECT host, running FROM daemon_metrics …          -- for a stat
```

Write a number: `running::int AS running`, with value mappings that say what 0 and 1 mean. A stat may show text where
its `fields` says which.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.rule import Match, Rule, Subject
from dashgen.lint.shown import columns, kind, numbers, transformed
from dashgen.model.panel import BarGauge, Gauge, Stat

_NUMERIC = frozenset({"timeseries", "stat", "gauge", "bargauge", "barchart", "piechart", "heatmap", "histogram"})


def check(subject: Subject) -> Iterator[Match]:
    states = kind(subject) in ("state-timeline", "status-history")  # these show text, too
    needs = kind(subject) in _NUMERIC or subject.role == "alert" or (subject.format == "time_series" and not states)
    if not needs or numbers(subject) or transformed(subject):
        return
    if isinstance(subject.owner, Stat | Gauge | BarGauge) and subject.owner.fields:
        return
    what = "an alert" if subject.role == "alert" else f"a {kind(subject) or 'time series'}"
    flags = columns(subject, "bool")
    got = ", ".join(f"{c.name}{' (boolean)' if c in flags else ''}" for c in subject.columns or ())
    yield Match(
        f"expected a number for {what}, got {got}",
        f"write {flags[0].name}::int" if flags else "return a LONG or a DOUBLE",
    )


RULE = Rule("DG203", "no-number", "error", "columns", check)
