"""Older forms of panels, as grafanalib 0.7.1 writes them, brought to the one that Grafana 12 reads.

Each function takes a panel without nulls and changes it. What has no counterpart goes; what then is still unknown is
refused by the schema.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from dashgen.model.dashboards.panel import State

Json = dict[str, Any]

# keys that Grafana's schema does not have: older panels' or grafanalib's own
_DROPPED = frozenset(
    {"alert", "cacheTimeout", "editable", "error", "gridPos", "hideTimeOverride", "id", "isNew", "pluginVersion"}
    | {"renderer", "span", "thresholds", "version"}
    | {"color", "columns", "fontSize", "mappings", "scroll", "showHeader", "sort", "styles"}  # its old table's
)


def modern(panel: Json) -> Json:
    """A panel of any kind, without place and id."""
    out: Json = {k: v for k, v in panel.items() if k not in _DROPPED and not (k == "links" and not v)}
    config = panel.get("fieldConfig")
    if isinstance(config, dict):
        # grafanalib's table says its mappings beside the field config, where Grafana does not look
        beside = {"mappings": panel["mappings"]} if panel.get("mappings") else {}
        out["fieldConfig"] = {
            "defaults": beside | dict(config.get("defaults") or {}),
            "overrides": config.get("overrides") or [],
            **{k: v for k, v in config.items() if k not in ("defaults", "overrides")},
        }
    mend = _KINDS.get(str(panel.get("type")))
    if mend:
        mend(out, panel)
    if isinstance(config, dict) or "fieldConfig" in out:
        _field_defaults(out["fieldConfig"]["defaults"])
    out.setdefault("transparent", False)
    return out


def _field_defaults(defaults: Json) -> None:
    if isinstance(defaults.get("thresholds"), dict):
        defaults["thresholds"] = steps(defaults["thresholds"])
        if not defaults["thresholds"]["steps"]:
            del defaults["thresholds"]
    if not defaults.get("unit", "x"):
        del defaults["unit"]


def steps(thresholds: Json) -> Json:
    """The base step is the one without a value, which pruning took, or which grafanalib writes as the text 'null'."""
    out = []
    for i, step in enumerate(thresholds.get("steps") or []):
        kept = {k: v for k, v in step.items() if k in ("color", "state", "value")}
        out.append({**kept, "value": kept.get("value") if i else None})
    return {"mode": thresholds.get("mode") or "absolute", "steps": out}


def _gauge(out: Json, panel: Json) -> None:
    """What is reduced, and how, stands in the field config there."""
    config = out.get("fieldConfig") or {}
    defaults = config.get("defaults") or {}
    options = {"reduceOptions": _reduced(defaults)}
    for key in ("showThresholdLabels", "showThresholdMarkers"):
        if key in config:
            options[key] = config.pop(key)
    out["options"] = options | dict(out.get("options") or {})


def _bar_gauge(out: Json, panel: Json) -> None:
    """`fieldOptions` is the form of Grafana 6."""
    options = dict(out.get("options") or {})
    old = dict(options.pop("fieldOptions", None) or {})
    for key in ("showThresholdLabels", "showThresholdMarkers"):
        options.pop(key, None)
    if old:
        config = out.setdefault("fieldConfig", {"defaults": {}, "overrides": []})
        config["defaults"] = {k: v for k, v in (old.get("defaults") or {}).items() if v != []} | config["defaults"]
        if old.get("mappings"):
            config["defaults"].setdefault("mappings", old["mappings"])
        options.setdefault("reduceOptions", _reduced(old))
    out["options"] = options


def _reduced(place: Json) -> Json:
    """Takes out what a reduction is made of."""
    place.pop("override", None)
    place.pop("overrides", None)
    out = {"calcs": place.pop("calcs", None) or ["lastNotNull"], "values": bool(place.pop("values", False))}
    limit = place.pop("limit", None)
    return {**out, "fields": "", **({"limit": limit} if limit else {})}


def _heatmap(out: Json, panel: Json) -> None:
    """The heatmap before Grafana 9 said everything beside `options`."""
    if "dataFormat" not in panel and "heatmap" not in panel:
        return
    for key in ("cards", "dataFormat", "heatmap", "hideZeroBuckets", "highlightCards", "legend", "reverseYBuckets",
                "tooltip", "xAxis", "xBucketNumber", "xBucketSize", "yAxis", "yBucketBound", "yBucketNumber",
                "yBucketSize"):  # fmt: skip
        out.pop(key, None)
    scheme = str((panel.get("color") or {}).get("colorScheme") or "interpolateOranges")
    out["options"] = {
        "calculate": panel.get("dataFormat") != "tsbuckets",
        "color": {"mode": "scheme", "scheme": scheme.removeprefix("interpolate"), "steps": 64, "exponent": 0.5,
                  "fill": "dark-orange", "reverse": False},
        "legend": {"show": bool((panel.get("legend") or {}).get("show"))},
        "tooltip": {"mode": "single"},
        "yAxis": {k: v for k, v in {"unit": (panel.get("yAxis") or {}).get("format")}.items() if v},
    }  # fmt: skip


_STATES = {"ok": "normal", "alerting": "firing", "pending": "pending", "no_data": "noData", "execution_error": "error"}


def _alert_list(out: Json, panel: Json) -> None:
    """The list of the alerting before Grafana 9. States had other names: `ok` is normal, `alerting` firing."""
    wanted = {_STATES[s] for s in panel.get("stateFilter") or () if s in _STATES}
    wanted = wanted or {"firing", "pending", "noData", "error"}
    for key in ("dashboardTags", "limit", "nameFilter", "onlyAlertsOnDashboard", "show", "sortOrder", "stateFilter",
                "folderId", "dashboardFilter"):  # fmt: skip
        out.pop(key, None)
    out["options"] = {
        "alertName": panel.get("nameFilter") or "",
        "dashboardAlerts": bool(panel.get("onlyAlertsOnDashboard")),
        "maxItems": panel.get("limit") or 20,
        "sortOrder": panel.get("sortOrder") or 1,
        "stateFilter": {s: s in wanted for s in get_args(State)},
        "viewMode": "list",
    }


def _news(out: Json, panel: Json) -> None:
    if isinstance(out.get("options"), dict):
        out["options"] = {k: v for k, v in out["options"].items() if k != "useProxy"}


def _dashboard_list(out: Json, panel: Json) -> None:
    theirs = {"headings": "showHeadings", "limit": "maxItems", "query": "query", "recent": "showRecentlyViewed",
              "search": "showSearch", "starred": "showStarred", "tags": "tags"}  # fmt: skip
    options = {ours: out.pop(old) for old, ours in theirs.items() if old in out}
    if options:
        out["options"] = options | dict(out.get("options") or {})


_KINDS: dict[str, Callable[[Json, Json], None]] = {
    "alertlist": _alert_list,
    "bargauge": _bar_gauge,
    "dashlist": _dashboard_list,
    "gauge": _gauge,
    "heatmap": _heatmap,
    "news": _news,
}
MENDED_KINDS = frozenset(_KINDS)
"""Kinds of panels of which grafanalib writes an older form."""
