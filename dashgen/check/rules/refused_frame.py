"""Grafana makes no frame of the rows.

With `--run`: the rows that the demo data give are put through what the datasource does with them. A time series whose
rows do not ascend by time, or have a NULL time, becomes an error in the panel, though the server answered.

```sql
SELECT timestamp AS time, host AS metric, uptime_seconds AS value FROM daemon_metrics
WHERE $__timeFilter(timestamp) ORDER BY host
```

Order by the time; name the time column `time`; return one text column at most, called `metric`.
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
