"""Checks for trend panels whose x field is not a number in ascending order.

## Why is this bad?

The trend panel draws numbers over a number that is not a time: a price over a size, a count over an hour of the day.
Where x does not ascend it shows "Values must be in ascending order" and draws nothing. It does not accept a time as x.

## Example

```python
Panel("trend", "By hour", "SELECT hour(timestamp) AS x, count() AS y FROM …", options={"xField": "x"})
```

## Use instead

Order by x. To draw over time, use a `TimeSeries`.

```python
Panel("trend", "By hour", "SELECT hour(timestamp) AS x, count() AS y FROM … ORDER BY x", options={"xField": "x"})
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dashgen.check.panel_columns import numbers, panel_kind, times, transformed
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.check.rules.series_order import is_ordered_by
from dashgen.model.dashboards.panel import Panel
from dashgen.sql.parser import understood


def check(subject: Subject) -> Iterator[RuleMatch]:
    if panel_kind(subject).x != "number" or transformed(subject):
        return
    found, named = numbers(subject), _named(subject)
    x = next((c for c in subject.columns or () if c.name == named), None) if named else None
    if x is None:
        if named or not found:
            return  # an unknown field and a missing number are said by rules of their own
        x = found[0]
    if x not in found:
        what = "a time" if x in times(subject) else "no number"
        yield RuleMatch(
            f"expected a number as x of a trend, got {x.name}, {what}",
            "draw it as a TimeSeries" if x in times(subject) else "return a number, and name it as xField",
        )
        return
    if len(found) < 2:
        yield RuleMatch(f"expected a number beside {x.name}, the x of the trend, got none", "return the number to draw")
    query = understood(subject.sql)
    if query is None:
        return
    last = query.selects[-1]
    key = last.order[0] if last.order else None
    if key is None or key.descending or not is_ordered_by(key.expression, x.name, query.selects[0]):
        got = f"ORDER BY {subject.sql[slice(*key.span)]}" if key else "no ORDER BY"
        yield RuleMatch(
            f"expected {x.name}, the x of a trend, in ascending order, got {got}",
            f"end with ORDER BY {x.name}",
            key.span if key else last.keyword,
        )


def _named(subject: Subject) -> str:
    """The field that the panel's options name as x."""
    options = subject.owner.options if isinstance(subject.owner, Panel) else (subject.foreign or {}).get("options")
    return str(options.get("xField") or "") if isinstance(options, Mapping) else ""


RULE = Rule("DG213", "trend-x", "error", "columns", check)
