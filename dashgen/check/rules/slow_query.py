"""The query is slower than its budget.

With `--run`: the best of three runs on the demo data, as the server answers them. The budget is 250 ms unless the
panel says `budget_ms=…`. The demo data are a fraction of production's: what is slow here is slower there. A query is
ended after 10 s and after 1,000,000 rows, which is as many as Grafana reads.

```sql
SELECT timestamp AS time, sum(records_count) AS value FROM pipeline_metrics … SAMPLE BY 1m   -- 60 million rows
```

Read a materialized view for long ranges, bound the time, filter by a symbol before LATEST ON; the scanned range in the
report says what was read.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Measurement, Rule, RuleMatch


def check(measured: Measurement) -> Iterator[RuleMatch]:
    if measured.stopped:
        yield RuleMatch(
            f"was ended {measured.stopped}, budget {measured.budget_ms:,} ms ({measured.case})",
            "bound what it reads: a filter of time, a LIMIT, an ON for each JOIN",
        )
    elif measured.milliseconds > measured.budget_ms:
        yield RuleMatch(
            f"{measured.milliseconds:,.0f} ms, budget {measured.budget_ms:,} ms ({measured.case})",
            "read a materialized view, bound the time more closely, or give the panel budget_ms=…",
        )


RULE = Rule("DG703", "slow-query", "warning", "run", check)
