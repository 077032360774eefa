"""The query returns more points than the panel has pixels.

With `--run`. A chart of 900 pixels can't show 50,000 rows a series: the server reads them, the network carries them
and the browser thins them out. A series may have as many points as the panel asks for, its width in pixels or its
`max_data_points`, or as many as the interval gives that Grafana rounds for it; a fifth more is let pass.

```sql
SELECT timestamp AS time, latency_ms FROM exchange_status WHERE $__timeFilter(timestamp)
```

Write `SAMPLE BY $__sampleByInterval` with an aggregate; for a table, a LIMIT.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Measurement, Rule, RuleMatch


def check(measured: Measurement) -> Iterator[RuleMatch]:
    if measured.series_rows > measured.points * 1.2:
        yield RuleMatch(
            f"{measured.series_rows:,} points a series for {measured.points:,} pixels ({measured.case})",
            "write SAMPLE BY $__sampleByInterval with an aggregate",
        )


RULE = Rule("DG702", "too-many-points", "warning", "run", check)
