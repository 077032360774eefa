"""Checks for queries that are slower than the budget of their panel.

With `--run`: the best of three runs on the demo data, as measured by the server. The budget is 250 ms, or the panel's
`budget_ms=…`. A query is ended after 10 s and after 1,000,000 rows, the most that Grafana reads.

## Why is this bad?

The demo data are a fraction of production's: a query that is slow on them is slower there, each time that somebody
opens the dashboard.

## Example

```sql
SELECT timestamp AS time, sum(records_count) AS value FROM pipeline_metrics
WHERE $__timeFilter(timestamp) SAMPLE BY 1m   -- 60 million rows
```

## Use instead

Read a materialized view over long ranges, bound the time, and filter by a symbol before LATEST ON. The report shows
which range of each table the query scanned.

```sql
SELECT timestamp AS time, sum(records) AS value FROM pipeline_1m
WHERE $__timeFilter(timestamp) SAMPLE BY 1m
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Measurement, Rule, RuleMatch


def check(measured: Measurement) -> Iterator[RuleMatch]:
    if measured.stopped:
        yield RuleMatch(
            f"was cancelled {measured.stopped}, budget {measured.budget_ms:,} ms ({measured.case})",
            "bound what it reads: a time filter, a LIMIT, an ON for each JOIN",
        )
    elif measured.milliseconds > measured.budget_ms:
        yield RuleMatch(
            f"{measured.milliseconds:,.0f} ms, budget {measured.budget_ms:,} ms ({measured.case})",
            "read a materialized view, bound the time more closely, or give the panel budget_ms=…",
        )


RULE = Rule("DG703", "slow-query", "warning", "run", check)
