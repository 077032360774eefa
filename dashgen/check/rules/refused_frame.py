"""Checks for rows of which Grafana makes no data frame.

With `--run`: the rows that the query returns on the demo data are converted as the data source converts them.

## Why is this bad?

A time series whose rows are not ascending by time, or have a NULL time, is an error in the panel, although the server
answered.

## Example

```sql
SELECT timestamp AS time, host AS metric, uptime_seconds AS value FROM daemon_metrics
WHERE $__timeFilter(timestamp) ORDER BY host
```

## Use instead

Order by the time, name the time column `time`, and return at most one text column, named `metric`.

```sql
SELECT timestamp AS time, host AS metric, uptime_seconds AS value FROM daemon_metrics
WHERE $__timeFilter(timestamp) ORDER BY time
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Measurement, Rule, RuleMatch


def check(measured: Measurement) -> Iterator[RuleMatch]:
    if measured.refused:
        yield RuleMatch(
            f"Grafana refuses the rows: {measured.refused} ({measured.case})", "order them by the time column"
        )


RULE = Rule("DG704", "refused-frame", "error", "run", check)
