"""The query returns no rows on the demo data.

With `--run`, the tables are filled with the project's demo data and each query is run as its dashboard would open. A
panel that is empty there is most often empty in production too: a condition that never holds, a value that no writer
writes, a comparison of seconds with microseconds.

```sql
SELECT … WHERE timestamp >= 1795448010      -- seconds; QuestDB counts microseconds: always true or never
SELECT … WHERE env = 'production'           -- the writers say 'prod'
```

Where nothing is the healthy answer (a list of what is broken), ignore it with that reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Measurement, Rule, RuleMatch


def check(measured: Measurement) -> Iterator[RuleMatch]:
    if not measured.rows and not measured.stopped:
        yield RuleMatch(f"no rows on demo data ({measured.case})", "if nothing is the healthy answer, ignore this")


RULE = Rule("DG701", "no-rows", "warning", "run", check)
