"""A dashboard as specs render it, with the changes made in Grafana merged in, without what Grafana adds by itself."""

from __future__ import annotations

from typing import Any

from dashgen.adopt.differences import patch
from dashgen.render.raw import merged

Json = dict[str, Any]
_LISTS = ("annotations", "panels", "templating")


def merge_changes(before: Json, after: Json, old: Json, new: Json) -> Json:
    """`before` with the difference between the normalised forms `old` and `new`; `after` is what Grafana has."""
    change = patch({key: item for key, item in old.items() if key not in _LISTS}, _without_lists(new))
    out: Json = merged(before, change)
    out["panels"] = _panels(_listed(before, old), _listed(after, new))
    for key in ("templating", "annotations"):
        out[key] = {"list": _named(before, after, old, new, key)}
    return out


def _without_lists(form: Json) -> Json:
    return {key: item for key, item in form.items() if key not in _LISTS}


def _listed(document: Json, form: Json) -> list[tuple[Json, Json]]:
    panels = [one for one in document.get("panels") or [] if isinstance(one, dict)]
    return list(zip(panels, form.get("panels", []), strict=True))


def _panels(before: list[tuple[Json, Json]], after: list[tuple[Json, Json]]) -> list[Json]:
    there = {panel.get("id"): (panel, form) for panel, form in _every(before)}
    return [_panel(panel, form, there) for panel, form in after]


def _every(listed: list[tuple[Json, Json]]) -> list[tuple[Json, Json]]:
    inside = [pair for panel, form in listed for pair in _listed(panel, form)]
    return [*listed, *inside]


def _panel(panel: Json, form: Json, there: dict[object, tuple[Json, Json]]) -> Json:
    if panel.get("id") not in there:
        return panel
    old_panel, old = there[panel.get("id")]
    left = ("datasource", "gridPos", "panels", "targets")
    change = patch(
        {key: item for key, item in old.items() if key not in left},
        {key: item for key, item in form.items() if key not in left},
    )
    out: Json = merged(old_panel, change)
    if old.get("gridPos") != form.get("gridPos"):
        out["gridPos"] = panel.get("gridPos")
    if old.get("targets") != form.get("targets") or old.get("datasource") != form.get("datasource"):
        out |= {key: panel[key] for key in ("datasource", "targets") if key in panel}
    if panel.get("type") == "row":
        out["panels"] = [_panel(*pair, there) for pair in _listed(panel, form)]
    return out


def _named(before: Json, after: Json, old: Json, new: Json, key: str) -> list[Json]:
    """Variables or annotations, by their names: what was not changed as it was."""

    def entries(document: Json) -> dict[str, Json]:
        return {str(one.get("name")): one for one in (document.get(key) or {}).get("list") or []}

    forms = entries(old), entries(new)
    there = entries(before)
    return [
        there[name] if name in there and forms[0].get(name) == forms[1].get(name) else one
        for name, one in entries(after).items()
    ]
