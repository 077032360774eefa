"""Checks for alert rules about the age of the last row whose window is hardly longer than that age.

## Why is this bad?

The rule fires once the row is old enough and while the row is within the window. When the row leaves the window, the
query returns nothing, and the alert resolves although the writer is still dead (recorded with Grafana 9.4). With a
window that is shorter than the threshold the rule never fires.

## Example

```sql
-- window="5m", threshold=240
SELECT host, datediff('s', max(timestamp), $__toTime) AS value FROM daemon_metrics
WHERE env = 'prod' AND $__timeFilter(timestamp) GROUP BY host
```

## Use instead

A window of at least twice the time until the rule fires; or join the rows to the declared hosts (`${hosts:rows}`), so
that a host without rows has a row, too.

```sql
-- window="1d", threshold=240
SELECT host, datediff('s', max(timestamp), $__toTime) AS value FROM daemon_metrics
WHERE env = 'prod' AND $__timeFilter(timestamp) GROUP BY host
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.grafana.durations import duration
from dashgen.model.alerting.alert import AlertRule
from dashgen.model.core.durations import Duration
from dashgen.sql.ast import Constant, Item, Macro, Select, within
from dashgen.sql.conditions import columns
from dashgen.sql.functions import calls
from dashgen.sql.lineage import is_time, schema
from dashgen.sql.parser import understood

_UNITS = {"T": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_DATEDIFF = frozenset({"datediff"})


def check(subject: Subject) -> Iterator[RuleMatch]:
    rule = subject.owner
    if not isinstance(rule, AlertRule) or rule.fires != "above":
        return
    limit = rule.threshold
    if limit is None or isinstance(limit, tuple) or rule.math or rule.expressions or len(rule.queries) > 1:
        return
    window = Duration.parse(rule.window).seconds
    query = understood(subject.sql)
    for select in query.selects if query else ():
        if len(select.sources) != 1 or not _filtered(select):
            continue
        for item in select.items:
            for unit in _ages(item, select, subject):
                old = limit * unit
                fires = old + Duration.parse(rule.for_duration).seconds
                if window < 2 * fires:
                    yield RuleMatch(
                        _said(window, old, fires),
                        "use a longer window, or join the declared hosts: ${hosts:rows}",
                        item.expression.span,
                    )


def _said(window: float, old: float, fires: float) -> str:
    if window <= fires:
        return f"never fires: no row in the window of {duration(window)} is older than {duration(old)} for long enough"
    left = duration(window - fires)
    return f"resolves {left} after it fires, when the last row leaves the window of {duration(window)}"


def _ages(item: Item, select: Select, subject: Subject) -> Iterator[float]:
    """Seconds in the unit of each `datediff` between the end of the range and the time of the rows."""
    known = schema(subject.project)
    for call in calls(item.expression, _DATEDIFF):
        if len(call.arguments) != 3 or not isinstance(call.arguments[0], Constant):
            continue
        unit = _UNITS.get(call.arguments[0].value)
        to_end = any(isinstance(one, Macro) and one.name.lower() == "totime" for one in within(call))
        of_rows = any(is_time(select, column, known) for part in call.arguments[1:] for column in columns(part))
        if unit and to_end and of_rows:
            yield unit


def _filtered(select: Select) -> bool:
    """Whether `$__timeFilter` is in the conditions."""
    where = within(select.where) if select.where else ()
    return any(isinstance(one, Macro) and one.name.lower() == "timefilter" for one in where)


RULE = Rule("DG510", "stale-window", "error", "text", check)
