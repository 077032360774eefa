"""The module of a dashboard: its imports, the constants that it shares, its rows, and the dashboard."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from dashgen.adopt.source import names
from dashgen.adopt.source.expressions import AtomCode, CallCode, Code, MappingCode, SequenceCode, assigned
from dashgen.adopt.source.objects import expression, parts
from dashgen.model.dashboards.dashboard import Dashboard, Row
from dashgen.model.dashboards.field import (
    DataLink,
    Hex,
    Override,
    RangeMapping,
    RegexMapping,
    Rgb,
    SpecialMapping,
    Thresholds,
    ValueMapping,
)
from dashgen.model.dashboards.link import Link
from dashgen.model.dashboards.panel import Legend, Organize, Tooltip, Transformation
from dashgen.model.dashboards.query import DatasourceRef

_SHARED = (Thresholds, DataLink, Link, DatasourceRef, Legend, Tooltip, Override, Organize, Transformation)
_MAPPINGS = (ValueMapping, RangeMapping, RegexMapping, SpecialMapping)
_OF_TUPLES = (*_MAPPINGS, DataLink, Override)
_LEAST = 24
"""Columns of what is worth a constant."""


def source(dashboard: Dashboard, name: str, most: int = 88, note: str = "") -> str:
    """The module's source, which defines the dashboard under `name`. Lines have `most` columns."""
    shared = _Constants(dashboard, name)
    rows = [(shared.row_name(row), row) for row in dashboard.rows]
    body = [(constant, expression(value, shared.without(value))) for value, constant in shared.constants]
    body += [(constant, expression(row, shared.name)) for constant, row in rows]
    whole = _with_rows(dashboard, [constant for constant, _ in rows], shared)
    body.append((name, whole))
    used = sorted({call for _, value in body for call in calls(value)})
    blocks = [assigned(constant, value, most) for constant, value in body]
    return "\n\n".join([_docstring(dashboard, note, most), imports(used, most), *blocks]) + "\n"


def _docstring(dashboard: Dashboard, note: str, most: int) -> str:
    """Only words go in: a docstring is a literal too, but one that people read."""
    title = " ".join(names.words(dashboard.title))
    text = f"{title or 'Dashboard'}{note}."
    return f'"""{text if len(text) < most - 6 else "An imported dashboard."}"""'


def imports(used: list[str], most: int) -> str:
    """The import of names of dashgen."""
    flat = f"from dashgen import {', '.join(used)}"
    if len(flat) <= most:
        return flat
    return "from dashgen import (\n" + "".join(f"    {name},\n" for name in used) + ")"


def calls(value: Code) -> set[str]:
    """The names of dashgen that an expression uses."""
    if isinstance(value, CallCode):
        return {value.name, *(name for _, item in value.arguments for name in calls(item))}
    if isinstance(value, SequenceCode):
        return {name for item in value.items for name in calls(item)}
    if isinstance(value, MappingCode):
        return {name for _, item in value.items for name in calls(item)}
    return set()


def _with_rows(dashboard: Dashboard, rows: list[str], shared: _Constants) -> Code:
    whole = expression(dashboard, lambda value: None if value is dashboard.rows else shared.name(value))
    assert isinstance(whole, CallCode)  # noqa: S101  # what a dashboard becomes
    listed = SequenceCode(tuple(AtomCode(name) for name in rows))
    arguments = tuple((key, listed if key == "rows" else value) for key, value in whole.arguments)
    return replace(whole, arguments=arguments)


class _Constants:
    """The values that stand more than once in a dashboard, and the names of the constants for them."""

    def __init__(self, dashboard: Dashboard, own: str) -> None:
        self.taken = {own}
        counts: Counter[object] = Counter()
        order: dict[object, object] = {}
        for value in parts(dashboard):
            if _can_be_shared(value):
                counts[_key(value)] += 1
                order.setdefault(_key(value), value)
        self.names: dict[object, str] = {}
        self.constants: list[tuple[object, str]] = []
        for key, value in order.items():
            if counts[key] > 1 and _is_long(value):
                name = names.unique(_called(value), self.taken)
                self.taken.add(name)
                self.names[key] = name
                self.constants.append((value, name))

    def name(self, value: object) -> str | None:
        return self.names.get(_key(value)) if _can_be_shared(value) else None

    def without(self, own: object) -> _Without:
        return _Without(self, own)

    def row_name(self, row: Row) -> str:
        name = names.constant(row.title, "PANELS")
        found = names.unique(f"{name}_ROW" if row.title and name != "PANELS" else "PANELS", self.taken)
        self.taken.add(found)
        return found


class _Without:
    """The names of constants, but not that of the one whose value is written."""

    def __init__(self, constants: _Constants, own: object) -> None:
        self.constants, self.own = constants, own

    def __call__(self, value: object) -> str | None:
        return None if value is self.own else self.constants.name(value)


def _can_be_shared(value: object) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(isinstance(item, _OF_TUPLES) for item in value)
    return isinstance(value, _SHARED)


def _key(value: object) -> object:
    """Values that are written alike: to Python 1, 1.0 and True are equal."""
    return type(value), repr(value)


def _is_long(value: object) -> bool:
    flat = expression(value, lambda _: None).flat
    return flat is None or len(flat) >= _LEAST


def _called(value: object) -> str:
    """The name of a constant, made of what it says."""
    if isinstance(value, tuple):
        first = value[0]
        if isinstance(first, DataLink):
            return names.constant(first.title, "DATA", 30).removesuffix("_LINKS").removesuffix("_LINK") + "_LINKS"
        if isinstance(first, Override):
            return _called(first) + "S"
        texts = [str(getattr(item, "text", None) or "") for item in value[:2]]
        return names.constant(" or ".join(text for text in texts if text), "MAPPINGS", 30)
    if isinstance(value, Thresholds):
        colors = [value.base, *(color for _, color in value.steps)]
        if any(isinstance(color, (Hex, Rgb)) for color in colors):  # their numbers say nothing
            return names.constant(" ".join(["THRESHOLDS", *(str(limit) for limit, _ in value.steps)]), "THRESHOLDS", 40)
        return names.constant(" ".join(dict.fromkeys(map(str, colors))), "THRESHOLDS", 40)
    if isinstance(value, (DataLink, Link)):
        return names.constant(value.title, "DASHBOARD", 30).removesuffix("_LINK") + "_LINK"
    if isinstance(value, DatasourceRef):
        return names.constant(
            value.type.removeprefix("grafana-").removesuffix("-datasource") or value.uid, "DATASOURCE", 30
        )
    if isinstance(value, Legend):
        return f"{value.mode.upper()}_LEGEND"
    if isinstance(value, Tooltip):
        return f"{value.mode.upper()}_TOOLTIP"
    if isinstance(value, Override):
        match = value.match if isinstance(value.match, str) else getattr(value.match, "pattern", "")
        return names.constant(str(match), "FIELDS", 30) + "_OVERRIDE"
    if isinstance(value, Transformation):
        return names.constant(value.id, "TRANSFORMATION", 30)
    return type(value).__name__.upper()
