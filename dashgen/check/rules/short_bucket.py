"""Checks for buckets that are shorter than the interval at which the table is written.

The interval is the table's `write_interval`, or the bucket of a view. Without it, rows are taken for events, and every
bucket is accepted. The minimum interval of a typed panel follows from it; a bucket that is written in the SQL does not.

## Why is this bad?

Most buckets are empty, and some have one row: with buckets of 1 s over a view of 1-minute buckets a rate is 60 times
too high, lines become dots, sums jump.

## Example

```sql
SELECT timestamp AS time, sum(records) AS value FROM pipeline_1m WHERE $__timeFilter(timestamp) SAMPLE BY 10s
```

## Use instead

```sql
SELECT timestamp AS time, sum(records) AS value FROM pipeline_1m
WHERE $__timeFilter(timestamp) SAMPLE BY $__sampleByInterval
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import itemgetter

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.model.core.durations import Duration
from dashgen.model.core.node import Wrong
from dashgen.model.dashboards.variable import IntervalVariable
from dashgen.sql.ast import Constant, Expression, Macro, Select, Variable
from dashgen.sql.lineage import Relation, Schema, schema
from dashgen.sql.reads import every_select

_BUCKET = re.compile(r"([1-9]\d*)([nUTsmhdw])", re.ASCII)
_SECONDS = {"n": 1e-9, "U": 1e-6, "T": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def check(subject: Subject) -> Iterator[RuleMatch]:
    known = schema(subject.project)
    for select in every_select(subject.sql):
        if select.sample is None:
            continue
        slowest, interval = max(_read(select, known), key=itemgetter(1), default=(None, 0))
        bucket = select.sample.interval
        for length, text in _lengths(bucket, subject) if slowest else ():
            if slowest and length < interval:
                yield RuleMatch(
                    f"{slowest.name} is written every {interval}s, and the bucket is {text}",
                    f"set min_interval='{interval}s'"
                    if isinstance(bucket, Macro)
                    else "write SAMPLE BY $__sampleByInterval",
                    bucket.span,
                )


def _read(select: Select, known: Schema) -> Iterator[tuple[Relation, int]]:
    """What is written at an interval, with it."""
    for source in select.sources:
        if source.rows is not None:
            for inner in source.rows.selects:
                yield from _read(inner, known)
        elif source.is_relation and (relation := known.get(source.name.lower())) and relation.interval_seconds:
            yield relation, relation.interval_seconds


def _lengths(bucket: Expression, subject: Subject) -> Iterator[tuple[float, str]]:
    """The shortest bucket, and each choice of an interval variable."""
    if isinstance(bucket, Macro) and subject.role == "panel":
        lowest = subject.min_interval or "1ms"
        try:
            yield Duration.parse(lowest).seconds, f"{subject.sql[slice(*bucket.span)]} from {lowest} on"
        except Wrong:
            return
    texts = [bucket.text] if isinstance(bucket, Constant) and bucket.kind == "number" else []
    if isinstance(bucket, Variable) and subject.dashboard:
        for variable in subject.dashboard.variables:
            if isinstance(variable, IntervalVariable) and variable.name == bucket.reference.name:
                texts += variable.values
    for text in texts:
        if match := _BUCKET.fullmatch(text):
            yield int(match[1]) * _SECONDS[match[2]], text


RULE = Rule("DG404", "short-bucket", "warning", "text", check)
