"""`first()` or `last()` over rows of several series.

A bucket of `SAMPLE BY` or a group of `GROUP BY` that holds rows of five hosts has no last value: the result is that of
whichever host wrote last, and jumps between them.

```sql
SELECT timestamp AS time, last(uptime_seconds) AS value FROM daemon_metrics WHERE … SAMPLE BY 1m
```

Add the missing key columns to the select list (and to GROUP BY), hold them to one value in WHERE, or say what shall
become of several: `max(…)`, `sum(…)`, `avg(…)`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.lint.clauses import Part
from dashgen.lint.functions import AGGREGATES, called, calls, closing
from dashgen.lint.lineage import keys, origins, schema
from dashgen.lint.names import refs
from dashgen.lint.outline import every_select
from dashgen.lint.rule import Match, Rule, Subject

_ONE_OF = frozenset({"first", "last", "first_not_null", "last_not_null"})


def check(subject: Subject) -> Iterator[Match]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        if not any(called(item.part, _ONE_OF) for item in select.items):
            continue
        single = [item.part for item in select.items if not called(item.part, AGGREGATES)]
        grouped = {found for part in (*single, select.group) for found in origins(select, part, known)}
        lacking = keys(select, known) - grouped
        for item in select.items if lacking else ():
            for at in calls(item.part, _ONE_OF):
                tokens = item.part.tokens
                of = list(refs(tokens[at + 1 :]))
                values = list(origins(select, tokens[at + 2 : at + 3], known))
                if not of or not values or any(value.type in ("TIMESTAMP", "") for value in values):
                    continue
                names = ", ".join(sorted(found.column for found in lacking))
                yield Match(
                    f"{tokens[at].text}({of[0].name}) is that of an arbitrary {names}: the group holds rows of several",
                    f"add {names} to the select list, or aggregate with max, sum or avg",
                    Part(tokens[at : closing(tokens, at + 1) + 1]).span,
                )


RULE = Rule("DG304", "mixed-series", "warning", "text", check)
