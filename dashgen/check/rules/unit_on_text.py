"""Checks for a unit on a column that is not a number. `string` is a unit for text; `dateTimeAsIso` and similar units
are for times.

## Why is this bad?

Grafana applies units to numbers only. On text the unit does nothing, which hides that another column was meant or that
the query casts a number to text. Thresholds on such a column do nothing, either.

## Example

```python
Table("Now", "SELECT host, uptime_seconds::varchar AS uptime FROM …", overrides=(Override("uptime", unit="s"),))
```

## Use instead

Remove the cast, or the unit.

```python
Table("Now", "SELECT host, uptime_seconds AS uptime FROM …", overrides=(Override("uptime", unit="s"),))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.check.panel_columns import columns, numbers, transformed, type_of
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.model.dashboards.panel import Panel

_ANY = ("string", "none")
_FITTING = {"string": (), "time": ("dateTime", "time:"), "bool": ("bool",)}
_NAMES = {"string": "text", "time": "a time", "bool": "a boolean"}


def check(subject: Subject) -> Iterator[RuleMatch]:
    panel = subject.owner
    if not isinstance(panel, Panel) or transformed(subject):
        return
    if subject.format == "table":
        by_name = {c.name: c for c in subject.columns or ()}
        for override in panel.overrides:
            column = by_name.get(override.match) if isinstance(override.match, str) else None
            if column is None or override.unit is None:
                continue
            kind = type_of(column, subject)
            if kind != "number" and not _fits(override.unit, kind):
                yield RuleMatch(
                    f"the override of {column.name!r} has the unit {override.unit!r}, but the column is {_NAMES[kind]}",
                    "remove the unit, or return a number",
                )
    if panel.unit and not _fits(panel.unit, "string") and not numbers(subject):
        texts = columns(subject, "string", "bool")
        if texts and not any(_fits(panel.unit, type_of(c, subject)) for c in subject.columns or ()):
            yield RuleMatch(
                f"the panel has the unit {panel.unit!r}, but the query returns no number", "return a number"
            )


def _fits(unit: str, kind: str) -> bool:
    return unit in _ANY or unit.startswith(_FITTING[kind]) if kind != "number" else True


RULE = Rule("DG208", "unit-on-text", "warning", "columns", check)
