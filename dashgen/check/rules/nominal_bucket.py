"""Checks for rates that divide by the nominal width of a bucket.

## Why is this bad?

The time range cuts the first bucket, and the last one is still filling. Divided by the nominal width, they show drops
that did not happen: at the right edge of the chart the system seems to fail. The QuestDB plugin also rounds its bucket
down (90 m becomes `1h`) while `$__interval_ms` stays 5,400,000.

## Example

```sql
SELECT timestamp AS time, sum(records) * 1000.0 / $__interval_ms AS value
FROM pipeline_1m WHERE $__timeFilter(timestamp) SAMPLE BY $__sampleByInterval
```

## Use instead

Divide by the real length: the sum of the times between rows, or the time from the start of the bucket to its end or to
the end of the range.

```sql
SELECT time, r / datediff('s', time, least(dateadd('s', 60, time), $__toTime)) AS value FROM (
    SELECT timestamp AS time, sum(records) AS r FROM pipeline_1m WHERE $__timeFilter(timestamp) SAMPLE BY 1m
)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.sql.ast import Binary, Call, Cast, Constant, Expression, Macro, Node, Select, within
from dashgen.sql.functions import calls
from dashgen.sql.reads import every_select

_NOMINAL = frozenset({"$__interval_ms", "${__interval_ms}", "'$__sampleByInterval'", "'$__interval'"})
_REAL = frozenset({"datediff", "least"})
_SUMS = frozenset({"sum", "count"})
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def check(subject: Subject) -> Iterator[RuleMatch]:
    for select in every_select(subject.sql):
        for item in select.items:
            for one in within(item.expression):
                if not isinstance(one, Binary) or one.operator != "/":
                    continue
                inside = list(within(one.right))
                nominal = next((t for n in inside if (t := _text(subject.sql, n)) in _NOMINAL), "")
                if not nominal and _is_bucket(select, one.right) and next(calls(one.left, _SUMS), None):
                    nominal = subject.sql[slice(*one.right.span)]
                if not nominal or any(map(_is_real, inside)):
                    continue
                yield RuleMatch(
                    f"{nominal} is the nominal width of a bucket: the first and the last bucket are shorter",
                    "divide by the real length: sum(dt), or datediff('s', time, least(…, $__toTime))",
                    one.right.span,
                )


def _text(sql: str, node: Node) -> str:
    return sql[slice(*node.span)] if isinstance(node, Macro | Constant) else ""


def _is_real(node: Node) -> bool:
    """Whether the length is worked out from moments."""
    return (isinstance(node, Call) and node.name in _REAL) or (isinstance(node, Cast) and node.type == "timestamp")


def _is_bucket(select: Select, divisor: Expression) -> bool:
    """Whether a number is the length in seconds of the literal bucket of the same SELECT."""
    bucket = select.sample.interval if select.sample else None
    if not isinstance(bucket, Constant) or not isinstance(divisor, Constant):
        return False
    count, unit = bucket.text[:-1], bucket.text[-1:]
    try:
        return float(divisor.text) == int(count) * _SECONDS[unit] > 1
    except (ValueError, KeyError):
        return False


RULE = Rule("DG313", "nominal-bucket", "warning", "text", check)
