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

from dashgen.lint.clauses import Part, Select
from dashgen.lint.outline import every_select
from dashgen.lint.rule import Match, Rule, Subject
from dashgen.model.sql import Token

_NOMINAL = ("$__interval_ms", "${__interval_ms}", "'$__sampleByInterval'", "'$__interval'")
_REAL = frozenset({"datediff", "least", "timestamp"})
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def check(subject: Subject) -> Iterator[Match]:
    for select in every_select(subject.sql):
        for item in select.items:
            tokens = item.part.tokens
            for at, token in enumerate(tokens):
                if token.text != "/" or at + 1 == len(tokens):
                    continue
                divisor = _operand(tokens, at + 1)
                words = {t.text for t in divisor}
                if words & set(_NOMINAL) and not words & _REAL:
                    nominal = next(t.text for t in divisor if t.text in _NOMINAL)
                elif _is_bucket(select, divisor) and {"sum", "count"} & set(item.part.words[:at]):
                    nominal = divisor[0].text
                else:
                    continue
                yield Match(
                    f"{nominal} is the width that a bucket was meant to have: the first and the last one are shorter",
                    "divide by the real length: sum(dt), or datediff('s', time, least(…, $__toTime))",
                    Part(divisor).span,
                )


def _operand(tokens: list[Token], at: int) -> list[Token]:
    end, depth = at, 0
    while end < len(tokens):
        depth += (tokens[end].text == "(") - (tokens[end].text == ")")
        end += 1
        if not depth and not (end < len(tokens) and tokens[end].text == "("):
            break
    return tokens[at:end]


def _is_bucket(select: Select, divisor: list[Token]) -> bool:
    """Whether a number is the length in seconds of the literal bucket of the same SELECT."""
    if len(divisor) != 1 or divisor[0].kind != "number" or len(select.sample.tokens) < 3:
        return False
    bucket = select.sample.tokens[2].text
    count, unit = bucket[:-1], bucket[-1:]
    try:
        return float(divisor[0].text) == int(count) * _SECONDS[unit] > 1
    except (ValueError, KeyError):
        return False


RULE = Rule("DG313", "nominal-bucket", "warning", "text", check)
