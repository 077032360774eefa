"""Raw data of an author: how it is merged into what is rendered, and which places of a document it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import orjson

from dashgen.model.alerting.alert import AlertGroup, AlertRule, RawRule
from dashgen.model.alerting.notification import Grouping, Policy
from dashgen.model.core.validators import thaw
from dashgen.model.dashboards.dashboard import Dashboard, RawAnnotation, Row
from dashgen.model.dashboards.foreign import RawPanel
from dashgen.model.dashboards.panel import Panel
from dashgen.model.dashboards.query import Query
from dashgen.model.dashboards.variable import RawVariable
from dashgen.render.serialise import json_bytes

Pointer = Sequence[str | int]
T = TypeVar("T")


def merged(base: Any, patch: Any) -> Any:
    """As JSON Merge Patch (RFC 7396): objects are merged, None removes a key, anything else replaces the value. But an
    object that `base` does not have is added as it is: Grafana's documents have nulls inside such objects."""
    if not isinstance(patch, Mapping) or not isinstance(base, Mapping):
        return thaw(patch)
    out = dict(base)
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merged(out.get(key), value)
    return out


class Patched:
    """An SDK object with raw data merged over its JSON."""

    __slots__ = ("base", "patch")

    def __init__(self, base: Any, patch: Mapping[str, Any]) -> None:
        self.base, self.patch = base, patch

    def to_json(self) -> object:
        return merged(orjson.loads(json_bytes(self.base)), self.patch)


def patched(base: T, patch: Mapping[str, Any]) -> T:
    """`base` itself where there is nothing to merge."""
    return Patched(base, patch) if patch else base  # type: ignore[return-value]  # all of them become JSON


def is_raw(dashboard: Dashboard, owner: object, pointer: Pointer) -> bool:
    """Whether a place in a rendered dashboard is as raw data have it. The pointer counts from the panel if `owner` is
    one, else from the dashboard."""
    if isinstance(owner, RawPanel):
        return True
    if isinstance(owner, Panel):
        return is_raw_in_panel(owner, pointer)
    if owner is not dashboard:
        return False
    return _given(dashboard.raw, pointer) or _in_dashboard(dashboard, pointer)


def is_raw_alerting(owner: object, pointer: Pointer) -> bool:
    """Whether a place of an alerting file is as raw data have it. The pointer counts from a rule if `owner` is one,
    else from the file."""
    if isinstance(owner, RawRule):
        return True
    match owner, list(pointer):
        case AlertRule(), place:
            return _given(owner.raw, place)
        case AlertGroup(), ["groups", _, *place]:
            return _given(owner.raw, place)
        case Policy(), ["policies", _, *place]:
            return _in_policy(owner, place)
    return False


def _in_policy(policy: Grouping, pointer: Pointer) -> bool:
    if _given(policy.raw, pointer):
        return True
    match list(pointer):
        case ["routes", int(at), *rest]:
            routes: tuple[Grouping, ...] = getattr(policy, "routes", ())
            return at < len(routes) and _in_policy(routes[at], rest)
    return False


def _in_dashboard(dashboard: Dashboard, pointer: Pointer) -> bool:
    match pointer:
        case ("templating", "list", int(at), *rest):
            variable = dashboard.variables[at]
            return isinstance(variable, RawVariable) or _given(variable.raw, rest)
        case ("annotations", "list", int(at), *rest) if at > 0:  # the first one is Grafana's own
            annotation = dashboard.annotations[at - 1]
            return isinstance(annotation, RawAnnotation) or _given(annotation.raw, rest)
        case ("links", int(at), *rest):
            return _given(dashboard.links[at].raw, rest)
        case ("panels", int(at), *rest):
            row = _rows(dashboard).get(at)
            return row is not None and _given(row.raw, rest)
    return False


def _rows(dashboard: Dashboard) -> dict[int, Row]:
    """Rows by their place among the dashboard's panels."""
    found: dict[int, Row] = {}
    at = 0
    for row in dashboard.rows:
        if row.title:
            found[at] = row
            at += 1
        if not row.collapsed:
            at += len(row.panels)
    return found


def is_raw_in_panel(panel: Panel, pointer: Pointer) -> bool:
    """As `is_raw`, of a panel alone."""
    if _given(panel.raw, pointer):
        return True
    match pointer:
        case ("targets", int(at), *rest) if at < len(panel.targets):
            target = panel.targets[at]
            return not isinstance(target, Query) or _given(target.raw, rest)
        case ("datasource", *_):
            return any(not isinstance(target, Query) for target in panel.targets)
        case ("fieldConfig", "overrides", int(at), *_) if at < len(panel.overrides):
            return bool(panel.overrides[at].raw)
        case ("links", int(at), *rest) if at < len(panel.links):
            return _given(panel.links[at].raw, rest)
    return False


def _given(patch: Mapping[str, Any], pointer: Pointer) -> bool:
    """Whether a patch gives the place, something around it or something in it."""
    value: Any = patch
    for step in pointer:
        if not isinstance(value, Mapping):
            return True
        if step not in value:
            return False
        value = value[step]
    return bool(patch)
