"""Checks for trend panels whose x field is not a number in ascending order.

## Why is this bad?

The trend panel draws numbers over a number that is not a time: a price over a size, a count over an hour of the day.
Where x does not ascend it shows "Values must be in ascending order" and draws nothing. It does not accept a time as x.

## Example

```python
Panel("trend", "By hour", "SELECT hour(timestamp) AS x, count() AS y FROM …", options={"xField": "x"})
```

## Use instead

Order by x, or by a timestamp from which x rises (`datediff('s', '2026-01-01', timestamp) AS x`). To draw over time,
use a `TimeSeries`.

```python
Panel("trend", "By hour", "SELECT hour(timestamp) AS x, count() AS y FROM … ORDER BY x", options={"xField": "x"})
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dashgen.check.panel_columns import numbers, panel_kind, times, transformed
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.check.rules.series_order import is_in_order_of_time, is_ordered_by
from dashgen.model.dashboards.panel import Panel
from dashgen.sql.ast import Binary, Call, Cast, Column, Constant, Expression, Macro, OrderItem, Query, Variable
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
        yield RuleMatch(
            f"expected a second number besides {x.name}, the x of the trend, got none", "return the number to draw"
        )
        return
    query = understood(subject.sql)
    if query is None:
        return
    last = query.selects[-1]
    key = last.order[0] if last.order else None
    if not _ascends(query, key, x.name):
        got = f"ORDER BY {subject.sql[slice(*key.span)]}" if key else "no ORDER BY"
        yield RuleMatch(
            f"expected {x.name}, the x of a trend, in ascending order, got {got}",
            f"end with ORDER BY {x.name}",
            key.span if key else last.keyword,
        )


def _ascends(query: Query, key: OrderItem | None, x: str) -> bool:
    """Whether the rows come in the order of x, or in that of a time with which it rises."""
    first = query.selects[0]
    if key is not None and key.descending:
        return False
    if key is not None and is_ordered_by(key.expression, x, first):
        return True
    written = next((item.expression for item in first.items if item.name == x), None)
    time = _risen_from(written) if written and len(query.selects) == 1 else None
    if key is None:
        return time is not None and is_in_order_of_time(query)
    return isinstance(key.expression, Column) and time is not None and key.expression.name.lower() == time.name.lower()


_RISING = frozenset({"ceil", "date_trunc", "extract", "floor", "round", "timestamp_floor"})


def _risen_from(node: Expression) -> Column | None:
    """The column with which an expression rises: a time as a number of seconds, or since a moment."""
    match node:
        case Column():
            return node
        case Cast(operand=operand):
            return _risen_from(operand)
        case Binary(operator="+" | "-" | "/" | "*", left=left, right=right) if _is_fixed(right):
            return _risen_from(left)
        case Call(name="datediff", arguments=(_, begin, end)) if _is_fixed(begin):
            return _risen_from(end)
        case Call(name="extract", arguments=(Constant() as part, _)) if part.value != "epoch":
            return None
        case Call(name=name, arguments=arguments) if name in _RISING:
            varying = [argument for argument in arguments if not isinstance(argument, Constant)]
            return _risen_from(varying[0]) if len(varying) == 1 else None
    return None


def _is_fixed(node: Expression) -> bool:
    """A literal, a moment or what Grafana puts in: the same for all rows, and no negative factor."""
    if isinstance(node, Cast):
        return _is_fixed(node.operand)
    return isinstance(node, Constant | Macro | Variable)


def _named(subject: Subject) -> str:
    """The field that the panel's options name as x."""
    options = subject.owner.options if isinstance(subject.owner, Panel) else (subject.foreign or {}).get("options")
    return str(options.get("xField") or "") if isinstance(options, Mapping) else ""


RULE = Rule("DG213", "trend-x", "error", "columns", check)
