"""Checks for columns that are shown in another unit than their table declares.

Only columns that are shown unchanged, or through something that keeps the unit (`max`, `avg`, `last`, a cast), are
compared. The unit of a computed value is left to the author.

## Why is this bad?

Grafana scales the number by its unit: a latency of 1500 ms reads "25 min" in the unit `s`, a share of 0.97 reads "1%"
in `percent`. Nothing else in the panel looks wrong.

## Example

```python
TimeSeries("Latency", "SELECT timestamp AS time, max(latency_ms) AS latency FROM …", unit="s")
```

## Use instead

Give the panel the unit of the column, convert in the SQL (`max(latency_ms) / 1000`), or correct the declaration
(`Doc("…", unit="ms")`).

```python
TimeSeries("Latency", "SELECT timestamp AS time, max(latency_ms) AS latency FROM …", unit="ms")
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from dashgen.check.panel_columns import items, outer, transformed
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.grafana.units import Measure, measure
from dashgen.model.dashboards.field import ByQuery
from dashgen.model.dashboards.panel import Organize, Panel
from dashgen.model.generated.units import UNITS
from dashgen.sql.ast import Call, Cast, Column, Expression, Select
from dashgen.sql.grammar import words
from dashgen.sql.lineage import MAX_STEPS, Definition, Origin, Schema, definitions, schema

_KEEPS_UNIT = words(
    """
    abs approx_median approx_percentile avg ceil coalesce first first_not_null first_value floor kahan_sum ksum last
    last_not_null last_value max median min nsum nullif round sum
    """
)
_OTHER_UNIT = frozenset({"count", "changeCount", "distinctCount", "diffperc", "allIsNull", "allIsZero", "allValues"})
"""Reducers whose result is not in the unit of the values."""


class _Shown(NamedTuple):
    """What a panel says of units: its own, and those of overrides by a field's name, the last one last. `is_known` is
    False where other fields may get one that can't be told."""

    unit: str
    overrides: tuple[tuple[str, str], ...]
    is_known: bool
    reducers: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = {}  # only read

    def of(self, field: str) -> str:
        names = {field, self.renamed.get(field, field)}
        found = [unit for name, unit in self.overrides if name in names]
        return found[-1] if found else self.unit if self.is_known else ""


def check(subject: Subject) -> Iterator[RuleMatch]:
    shown, select = _shown(subject), outer(subject)
    if shown is None or select is None or transformed(subject) or shown.reducers & _OTHER_UNIT:
        return
    known = schema(subject.project)
    for name, item in items(subject).items():
        unit, declared = shown.of(name), _declared(select, item.expression, known)
        if unit and declared and _contradicts(declared, unit):
            yield RuleMatch(
                f"{name!r} is shown in {unit!r}, and its column is declared in {declared!r}",
                f"unit={declared!r}, or convert it in the SQL" if declared in UNITS else "",
                item.expression.span,
            )


def _shown(subject: Subject) -> _Shown | None:
    if isinstance(subject.owner, Panel):
        return _of_panel(subject, subject.owner)
    return _of_json(subject.foreign) if subject.foreign else None


def _of_panel(subject: Subject, panel: Panel) -> _Shown:
    overrides: list[tuple[str, str]] = []
    unit, is_known = str(panel.unit or ""), True
    for override in (o for o in panel.overrides if o.unit):
        if isinstance(override.match, str):
            overrides.append((override.match, str(override.unit)))
        elif isinstance(override.match, ByQuery):
            unit = str(override.unit) if override.match.query == subject.query.name else unit
        else:
            is_known = False
    renamed: dict[str, str] = {}
    for transformation in panel.transformations:
        if isinstance(transformation, Organize):
            renamed |= transformation.rename
    return _Shown(unit, tuple(overrides), is_known, frozenset({str(getattr(panel, "calc", ""))}), renamed)


def _of_json(panel: Mapping[str, Any]) -> _Shown:
    config = panel.get("fieldConfig") or {}
    overrides: list[tuple[str, str]] = []
    is_known = True
    for override in config.get("overrides") or ():
        matcher = override.get("matcher") or {}
        units = [str(p.get("value")) for p in override.get("properties") or () if p.get("id") == "unit"]
        if units and matcher.get("id") == "byName":
            overrides.append((str(matcher.get("options")), units[-1]))
        elif units:
            is_known = False
    calcs = ((panel.get("options") or {}).get("reduceOptions") or {}).get("calcs") or ()
    unit = str((config.get("defaults") or {}).get("unit") or "")
    return _Shown(unit, tuple(overrides), is_known, frozenset(map(str, calcs)))


def _declared(select: Select, node: Expression, known: Schema, depth: int = 0) -> str:
    """The unit of the declared column that an expression shows; empty where it computes, or where it is not known."""
    while isinstance(node, Cast) or (isinstance(node, Call) and node.name in _KEEPS_UNIT and node.arguments):
        node = node.operand if isinstance(node, Cast) else node.arguments[0]
    if not isinstance(node, Column) or depth > MAX_STEPS:
        return ""
    units = {_unit_of(found, node, known, depth) for found in definitions(select, node, known)}
    return units.pop() if len(units) == 1 else ""


def _unit_of(found: Definition, column: Column, known: Schema, depth: int) -> str:
    if not isinstance(found, Origin):
        inner, item = found
        return "" if item.expression is column else _declared(inner, item.expression, known, depth + 1)
    relation = found.relation
    if relation.name == relation.table.name:
        return relation.table.column(found.column).unit
    for select in relation.query.selects if relation.query else ():
        shown = next((one for one in select.items if one.name.lower() == found.column.lower()), None)
        return _declared(select, shown.expression, known, depth + 1) if shown else ""
    return ""


def _contradicts(declared: str, shown: str) -> bool:
    """Whether a value in the one unit is read wrongly in the other."""
    as_shown, meant = measure(shown), _meant(declared)
    return as_shown is not None and bool(meant) and as_shown not in meant


def _meant(declared: str) -> tuple[Measure, ...]:
    """What a declared unit may mean: a unit of Grafana's, or a plain word (`seconds`, `%`)."""
    from dashgen.model.dashboards.unit_spellings import spelled  # a large table, which few units need

    units = (declared,) if declared in UNITS else spelled(declared)
    found = tuple(map(measure, units))
    return () if None in found else tuple(one for one in found if one)


RULE = Rule("DG215", "unit-mismatch", "warning", "text", check)
