"""Checks for SAMPLE BY intervals that QuestDB reads as another one.

## Why is this bad?

`SAMPLE BY` takes a whole number and one letter. Anything else it reads as 1 of the last letter, without an error:
`500ms` and `1.5s` are one second, `3min` is one nanosecond, `1m0s` one second, `1h30m` one minute.

## Example

```sql
SELECT timestamp AS time, avg(latency_ms) AS value FROM exchange_status
WHERE $__timeFilter(timestamp) SAMPLE BY 500ms
```

## Use instead

The units are `n` (ns), `U` (µs), `T` (ms), `s`, `m`, `h`, `d`, `w`, `M` (month) and `y`. `$__sampleByInterval` uses
them.

```sql
SELECT timestamp AS time, avg(latency_ms) AS value FROM exchange_status
WHERE $__timeFilter(timestamp) SAMPLE BY 500T
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.model.dashboards.variable import IntervalVariable
from dashgen.sql.ast import Constant, Expression, Variable
from dashgen.sql.reads import every_select

_VALID = re.compile(r"[1-9]\d*[nUTsmhdwMy]", re.ASCII)


def check(subject: Subject) -> Iterator[RuleMatch]:
    for select in every_select(subject.sql):
        if select.sample is None:
            continue
        bucket = select.sample.interval
        for text in _texts(bucket, subject):
            if not _VALID.fullmatch(text) and text[-1:].isalpha() and text[:1].isdigit():
                yield RuleMatch(
                    f"QuestDB reads SAMPLE BY {text} as 1{text[-1]}",
                    "write a whole number and one of n, U (µs), T (ms), s, m, h, d, w, M, y: 500T, 90m",
                    bucket.span,
                )


def _texts(bucket: Expression, subject: Subject) -> Iterator[str]:
    """What may stand there: the literal, or each choice of an interval variable."""
    if isinstance(bucket, Constant) and bucket.kind == "number":
        yield bucket.text
    elif isinstance(bucket, Variable) and subject.dashboard:
        for variable in subject.dashboard.variables:
            if isinstance(variable, IntervalVariable) and variable.name == bucket.reference.name:
                yield from variable.values


RULE = Rule("DG403", "sample-unit", "error", "text", check, refused_too=True)
