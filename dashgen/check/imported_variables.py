"""The variables of a dashboard of another library, as its JSON has them.

Sources, Grafana 12.3: public/app/features/dashboard-scene/serialization/transformSaveModelToScene.ts and
utils/variables.ts (what each type reads); grafana/scenes variables/variants/{CustomVariable,IntervalVariable,
LocalValueVariable}.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dashgen.grafana.datasources.intervals import parse_duration
from dashgen.grafana.datasources.listed_options import AUTO, custom, widths
from dashgen.grafana.datasources.variables import ALL

Json = dict[str, Any]
_CHOOSING = ("query", "custom")
_REFERENCE = re.compile(r"\$(\w+)|\$\{(\w+)\}|\[\[(\w+)\]\]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Theirs:
    """One variable. `values` are those that the JSON tells, the one at first in front; those of a query are not all
    that there are. `auto` is the least width and the number of buckets of an interval that follows the range.
    `repeats` is whether the panel is repeated by it: it sees one value at a time. `reason` is why its values can't be
    told, empty where they can."""

    name: str
    kind: str
    values: tuple[str, ...] = ()
    multi: bool = False
    include_all: bool = False
    all_value: str | None = None
    all_first: bool = False
    auto: tuple[str, int] | None = None
    repeats: bool = False
    reason: str = ""


def variables_of(dashboard: Json) -> tuple[Theirs, ...]:
    """The variables of a dashboard, in its order; what has no name is left out."""
    listed = (dashboard.get("templating") or {}).get("list") or []
    return tuple(_read(one) for one in listed if isinstance(one, dict) and one.get("name"))


def repeated(variables: Iterable[Theirs], names: Iterable[object]) -> tuple[Theirs, ...]:
    """The variables as a panel sees them that is repeated by those of these names, itself or its row."""
    by = set(names)
    return tuple(replace(one, repeats=True) if one.name in by else one for one in variables)


def datasource(given: object, variables: Iterable[Theirs]) -> object:
    """A panel's datasource; where a variable chooses it, with the plugin that the variable lists."""
    uid = given.get("uid") if isinstance(given, dict) else given
    match = _REFERENCE.fullmatch(uid) if isinstance(uid, str) else None
    if match is None or (isinstance(given, dict) and given.get("type")):
        return given
    name = match[1] or match[2] or match[3]
    plugin = next((one.values[0] for one in variables if one.name == name and one.kind == "datasource"), "")
    return {"type": plugin, "uid": uid} if plugin else given


def panels(dashboard: Json) -> Iterator[tuple[Json, tuple[object, ...]]]:
    """Each panel but rows, with the variables that it is repeated by: its own and its row's."""
    for row in dashboard.get("rows") or []:
        for panel in row.get("panels") or []:
            yield panel, _repeats(row, panel)
    row = {}
    for panel in dashboard.get("panels") or []:
        if panel.get("type") != "row":
            yield panel, _repeats(row, panel)
            continue
        row = panel
        for inner in panel.get("panels") or []:
            yield inner, _repeats(row, inner)


def _repeats(*places: Json) -> tuple[object, ...]:
    return tuple(place["repeat"] for place in places if place.get("repeat"))


def _read(data: Json) -> Theirs:
    name, kind = str(data["name"]), str(data.get("type") or "query")
    query = data.get("query")
    text = query if isinstance(query, str) else ""
    current = _current(data)
    if kind in _CHOOSING:
        return _choosing(name, kind, text, current, data)
    if kind == "constant":
        return Theirs(name, kind, (text or (current[0] if current else ""),))
    if kind == "textbox":
        return Theirs(name, kind, (current[0] if current and current[0] else text,))
    if kind == "interval":
        return _interval(name, text, current, data)
    if kind == "datasource" and text:
        return Theirs(name, kind, (text,))
    return Theirs(name, kind, reason=f"a variable of the type {kind!r} is not interpreted")


def _choosing(name: str, kind: str, text: str, current: tuple[str, ...], data: Json) -> Theirs:
    if data.get("valuesFormat", "csv") != "csv":
        return Theirs(name, kind, reason=f"its values are written as {data['valuesFormat']}, which is not interpreted")
    chosen = tuple(value for value in current if value and value != ALL)
    values = tuple(dict.fromkeys(chosen if kind == "query" else _custom(text) or _options(data)))
    if kind == "custom" and not values:
        return Theirs(name, kind, reason="it lists no values")
    return Theirs(
        name,
        kind,
        tuple(sorted(values, key=lambda value: value not in chosen[:1])),
        bool(data.get("multi")),
        bool(data.get("includeAll")),
        data.get("allValue") or None,
        current[:1] == (ALL,),
    )


def _interval(name: str, text: str, current: tuple[str, ...], data: Json) -> Theirs:
    values = widths(text) or tuple(v for v in _options(data) if v[:1] != "$")
    auto = (str(data.get("auto_min") or "10s"), int(data.get("auto_count") or 30)) if data.get("auto") else None
    first = current[:1]
    if first and first[0].startswith(AUTO):
        first = ()
    wrong = [value for value in values if not _is_duration(value)]
    if wrong or not (values or auto):
        reason = f"its width {wrong[0]!r} is not a duration" if wrong else "it lists no widths"
        return Theirs(name, "interval", reason=reason)
    return Theirs(name, "interval", tuple(sorted(values, key=lambda value: value not in first)), auto=auto)


def _is_duration(text: str) -> bool:
    try:
        return parse_duration(text) > 0
    except ValueError:
        return False


def _custom(text: str) -> tuple[str, ...]:
    return tuple(option.value for option in custom(text))


def _options(data: Json) -> tuple[str, ...]:
    found = [one.get("value") for one in data.get("options") or [] if isinstance(one, Mapping)]
    return tuple(str(value) for value in found if isinstance(value, str | int | float) and value != ALL)


def _current(data: Json) -> tuple[str, ...]:
    """What is chosen at first; empty where nothing is."""
    given = data.get("current")
    value = given.get("value") if isinstance(given, Mapping) else None
    several = value if isinstance(value, list) else [value]
    return tuple(str(one) for one in several if isinstance(one, str | int | float))
