"""A rate that divides by the width a bucket was meant to have.

The first bucket is cut by the range and the last one is still filling: divided by the whole width they draw as
drops that never were, and an operator sees a system die at the right edge. The QuestDB plugin also rounds its
bucket down (90 m is `1h`) while `$__interval_ms` stays 5,400,000.

```sql
SELECT timestamp AS time, sum(records) * 1000.0 / $__interval_ms AS value
FROM pipeline_1m … SAMPLE BY $__sampleByInterval
```

Divide by the real length: by the sum of the times between rows, or

```sql
r / datediff('s', time, least(dateadd('s', …, time), $__toTime))
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
                    f"{nominal} is the width that a bucket was meant to have: the first and the last one are shorter",
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
