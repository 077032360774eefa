"""A difference of a counter that takes no notice of restarts.

A restarted process counts from 0 again: `c - prev` is then minus everything it had counted, a spike downwards that no
scale survives, and `last(c) - first(c)` of a bucket with a restart in it is negative too.

```sql
SELECT timestamp AS time, c - lag(c) OVER (PARTITION BY host, env ORDER BY timestamp) AS value FROM …
```

Write `CASE WHEN c >= prev THEN c - prev ELSE c END`: after a restart the counter itself is what was added since.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Binary, Call, Case, within
from dashgen.sql.lineage import raw_counter, schema
from dashgen.sql.reads import every_select

_GUARDS = frozenset({"greatest", "abs"})


def check(subject: Subject) -> Iterator[RuleMatch]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        for item in select.items:
            inside = list(within(item.expression))
            if any(isinstance(one, Case) or (isinstance(one, Call) and one.name in _GUARDS) for one in inside):
                continue
            for one in inside:
                if not isinstance(one, Binary) or one.operator != "-":
                    continue
                counter = raw_counter(select, one.left, known)
                other = raw_counter(select, one.right, known)
                if counter is not None and other is not None and counter.key == other.key:
                    yield RuleMatch(
                        f"the difference of {counter.column} falls below zero when the process restarts",
                        "write CASE WHEN c >= prev THEN c - prev ELSE c END",
                        one.span,
                    )


RULE = Rule("DG307", "counter-restart", "error", "text", check)
