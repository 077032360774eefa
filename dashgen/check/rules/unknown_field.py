"""Checks for overrides, options, sort orders, renames and links that name a field which no query of the panel returns.

In a time series with labels, text columns are labels, not fields: a link uses `${__field.labels.host}` there, and
`${__data.fields.host}` in a table.

## Why is this bad?

Grafana ignores a name that it does not find: the unit is missing, the color stays the default, the link leads to
`var-host=${__data.fields.hst}`. The panel still draws, so that nobody notices a renamed alias.

## Example

```python
Table("Now", "SELECT host, latency_ms AS latency FROM …", overrides=(Override("latency_ms", unit="ms"),))
```

## Use instead

```python
Table("Now", "SELECT host, latency_ms AS latency FROM …", overrides=(Override("latency", unit="ms"),))
```
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from dashgen.check.panel_columns import columns, numbers, times, transformed
from dashgen.check.rule import Rule, RuleMatch, Subject
from dashgen.grafana.datasources.plugins import PLUGINS
from dashgen.model.core.suggestions import nearest_or_all
from dashgen.model.dashboards.field import DataLink
from dashgen.model.dashboards.panel import (
    JoinByField,
    Organize,
    Panel,
    Transformation,
)

_FIELD = re.compile(r"\$\{__data\.fields(?:\.(\w+)|\[[\"']?([^\]\"']+)[\"']?\])")
_LABEL = re.compile(r"\$\{__field\.labels(?:\.(\w+)|\[[\"']?([^\]\"']+)[\"']?\])")


class _Names(NamedTuple):
    """`complete` is False where series get their names from the data."""

    fields: frozenset[str]
    labels: frozenset[str]
    complete: bool


def check(subject: Subject) -> Iterator[RuleMatch]:
    panel = subject.owner
    if not isinstance(panel, Panel) or transformed(subject):
        return
    if any(other.query is panel.queries[0] for other in subject.beside):
        return  # said of the panel's first query
    described = (subject, *subject.beside)
    if len(described) != len(panel.queries) or any(s.columns is None for s in described):
        return
    names = _names(described)
    given = [panel.display_name, *(o.display_name for o in panel.overrides)]
    for what, name in _referred(panel):
        shown = names.fields | {text for text in given if text}
        if what != "organize":
            shown = _organized(panel, shown)
        if name in shown or (not names.complete and name not in names.labels):
            continue
        yield _match(what, name, sorted(shown), names)
    for link in (*panel.data_links, *(link for o in panel.overrides for link in o.data_links)):
        yield from _linked(link, _organized(panel, names.fields), names)
    for transformation in panel.transformations:
        if isinstance(transformation, JoinByField):
            lacking = [s.path for s in described if transformation.field not in _names((s,)).fields]
            if lacking:
                yield RuleMatch(
                    f"expected {transformation.field!r}, by which the panel joins, in each query; not in {lacking[0]}"
                )


def _match(what: str, name: str, fields: list[str], names: _Names) -> RuleMatch:
    if name in names.labels:
        return RuleMatch(
            f"{what}: {name!r} is a label of the series, not a field", "match the value column, or all fields"
        )
    return RuleMatch(
        f"{what}: expected a field of the panel, got {name!r}",
        nearest_or_all(name, fields, "it has"),
    )


def _names(described: Iterable[Subject]) -> _Names:
    fields: set[str] = set()
    labels: set[str] = set()
    complete = True
    for subject in described:
        texts = {c.name for c in columns(subject, "string", "bool")}
        if subject.format == "time_series":
            fields |= {c.name for c in times(subject)} | {"Time"}
            if texts and numbers(subject):
                complete = False
                alone = texts == {PLUGINS[subject.plugin].metric_column} and len(numbers(subject)) == 1
                labels |= set() if alone else texts
                fields |= set() if alone else {c.name for c in numbers(subject)}
                continue
        fields |= {c.name for c in subject.columns or ()}
    return _Names(frozenset(fields), frozenset(labels), complete)


def _organized(panel: Panel, fields: frozenset[str]) -> frozenset[str]:
    """The names after renaming (Grafana then takes both) and leaving out."""
    for transformation in panel.transformations:
        if isinstance(transformation, Organize):
            fields = fields | {str(to) for was, to in transformation.rename.items() if was in fields}
            fields = fields - set(transformation.exclude)
    return fields


def _referred(panel: Panel) -> Iterator[tuple[str, str]]:
    for override in panel.overrides:
        if isinstance(override.match, str):
            yield "override", override.match
    for transformation in panel.transformations:
        if isinstance(transformation, Organize):
            for name in dict.fromkeys((*transformation.rename, *transformation.order, *transformation.exclude)):
                yield "organize", name
        elif isinstance(transformation, Transformation) and not transformation.disabled:
            yield from _of_options(transformation)
    yield from panel.named_columns()
    yield from _named_by_options(panel.options)


_PLACES = ("latitude", "longitude", "geohash", "lookup", "wkt")


def _named_by_options(options: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """The fields that a panel's own options name: of trend, bar chart, candlestick and map (read: the classes of the
    Foundation SDK 0.0.21)."""
    found = {key: options.get(key) for key in ("xField", "colorByField")}
    fields, layers = options.get("fields"), options.get("layers")
    if isinstance(fields, Mapping):
        found |= {f"fields.{key}": value for key, value in fields.items()}
    for layer in layers if isinstance(layers, list | tuple) else ():
        location = layer.get("location") if isinstance(layer, Mapping) else None
        if isinstance(location, Mapping):
            found |= {f"location.{key}": location.get(key) for key in _PLACES}
    for key, name in found.items():
        if isinstance(name, str) and name:
            yield f"options.{key}", name


_LISTS = {"sortBy": ("sort", "field"), "filterByValue": ("filters", "fieldName")}


def _of_options(transformation: Transformation) -> Iterator[tuple[str, str]]:
    """The fields that a transformation by its id names."""
    of, key = _LISTS.get(transformation.id, ("", ""))
    listed = transformation.options.get(of)
    for one in listed if isinstance(listed, list | tuple) else ():
        if isinstance(one, Mapping) and isinstance(one.get(key), str):
            yield transformation.id, one[key]


def _linked(link: DataLink, fields: frozenset[str], names: _Names) -> Iterator[RuleMatch]:
    text = " ".join((link.url, *map(str, link.variables.values())))
    for match in _FIELD.finditer(text):
        name = match[1] or match[2]
        if name in fields or name.isdigit():
            continue
        if name in names.labels:
            yield RuleMatch(
                f"link {link.title!r}: {name!r} is a label here, not a field", f"write ${{__field.labels.{name}}}"
            )
        else:
            hint = nearest_or_all(name, fields, "it has")
            yield RuleMatch(f"link {link.title!r}: expected a field of the panel, got {name!r}", hint)
    for match in _LABEL.finditer(text):
        name = match[1] or match[2]
        if name in names.labels:
            continue
        if name in fields:
            yield RuleMatch(
                f"link {link.title!r}: {name!r} is a field here, not a label", f"write ${{__data.fields.{name}}}"
            )
        else:
            hint = nearest_or_all(name, names.labels, "its labels:")
            yield RuleMatch(f"link {link.title!r}: expected a label of the series, got {name!r}", hint)


RULE = Rule("DG207", "unknown-field", "error", "columns", check)
