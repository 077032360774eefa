"""Panels and dashboards of the Foundation SDK and of grafanalib, brought to the form that dashgen's own have.

grafanalib (0.7.1) writes schemaVersion 12, nulls for what is not set, and targets of its own; both know datasources
by a name or not at all. What can be mended is mended, the rest is found by validation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dashgen.datasource.macros import MacroError, check
from dashgen.datasource.translate import to_postgres
from dashgen.model.environment import Environment
from dashgen.model.foreign import ForeignDashboard, ForeignPanel
from dashgen.model.ids import panel_id
from dashgen.model.node import Node
from dashgen.model.panel import slug
from dashgen.model.problems import Problem
from dashgen.render.layout import Place
from dashgen.render.targets import REF_IDS, clean

Json = dict[str, Any]


def pruned(value: Any) -> Any:
    """JSON data without nulls: where a library writes null, Grafana means "not set"."""
    if isinstance(value, dict):
        return {k: pruned(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [pruned(v) for v in value]
    return value


def _steps(thresholds: Json) -> Json:
    """The base step is the one without a value, which pruning took or a library left at null."""
    steps = [dict(s) for s in thresholds.get("steps") or []]
    for i, step in enumerate(steps):
        step.pop("index", None)
        step.pop("line", None)
        step.pop("op", None)
        step.pop("yaxis", None)
        if i == 0 or "value" not in step:
            step["value"] = None if i == 0 else step.get("value")
    return {"mode": thresholds.get("mode") or "absolute", "steps": steps}


def refer(environment: Environment, given: object) -> Json | None:
    """A datasource by a logical name, a uid, a name or a {type, uid}, as the environment has it."""
    wanted = str((given.get("uid") if isinstance(given, dict) else given) or "")
    if wanted.startswith("--") or wanted == "grafana":
        return {"type": "datasource", "uid": wanted}
    for logical, ds in environment.datasources.items():
        if wanted in ("", logical, ds.uid, ds.name, "default") or (
            isinstance(given, dict) and not given.get("uid") and given.get("type") == ds.type
        ):
            return {"type": ds.type, "uid": environment.uid_prefix + ds.uid}
    if isinstance(given, dict) and given.get("type"):
        return given
    return None


def _sql(sql: str, plugin: str, owner: Node, problems: list[Problem]) -> str:
    """SQL as it is where the datasource knows its macros, else brought over from the QuestDB plugin's."""
    text = clean(sql)
    try:
        if plugin == "postgres":
            try:
                check(text, "postgres")
            except MacroError:
                return to_postgres(text)
        else:
            check(text, "questdb")
    except MacroError as error:
        problems.append(Problem(owner.called(), str(error), error.hint, owner.source, owner))
    return text


def sql_of(target: Json) -> str | None:
    """The SQL of a target, under whichever key its library has it."""
    sql = target.get("rawSql") or target.get("rawQuery") or target.get("query") or target.get("expr")
    return sql if isinstance(sql, str) else None


def _target(target: Json, ref: Json, index: int, owner: Node, problems: list[Problem]) -> Json:
    """A target with SQL, for the environment's plugin."""
    ref_id = target.get("refId") or REF_IDS[index]
    sql = sql_of(target)
    plugin = ref["type"]
    if sql is None or plugin not in ("questdb-questdb-datasource", "postgres"):
        return {**target, "refId": ref_id, "datasource": ref}
    fmt = target.get("format")
    table = fmt in ("table", 1)
    out: Json = {"refId": ref_id, "datasource": ref}
    if target.get("hide"):
        out["hide"] = True
    if plugin == "postgres":
        out |= {
            "editorMode": "code",
            "format": "table" if table else "time_series",
            "rawQuery": True,
            "rawSql": _sql(sql, plugin, owner, problems),
        }
    else:
        out |= {
            "format": int(table),
            "queryType": "sql",
            "rawSql": _sql(sql, plugin, owner, problems),
            "selectedFormat": int(table),
        }
    return out


# keys of grafanalib's panels that Grafana's schema does not have: older panels' or its own
_DROPPED = frozenset(
    {"alert", "cacheTimeout", "editable", "error", "gridPos", "hideTimeOverride", "id", "isNew", "pluginVersion"}
    | {"renderer", "span", "thresholds", "version"}
    | {"color", "columns", "fontSize", "mappings", "scroll", "showHeader", "sort", "styles"}  # its old table's
)


def panel_json(data: Json, environment: Environment, owner: Node, problems: list[Problem]) -> Json:
    """A panel normalised, without place and id."""
    data = pruned(data)
    field_config = data.get("fieldConfig")
    out: Json = {k: v for k, v in data.items() if k not in _DROPPED and not (k == "links" and not v)}
    if isinstance(field_config, dict):
        # grafanalib's table says its mappings beside the field config, where Grafana does not look
        beside = {"mappings": data["mappings"]} if data.get("mappings") else {}
        defaults = beside | dict(field_config.get("defaults") or {})
        if isinstance(defaults.get("thresholds"), dict):
            defaults["thresholds"] = _steps(defaults["thresholds"])
            if not defaults["thresholds"]["steps"]:
                del defaults["thresholds"]
        if not defaults.get("unit", "x"):
            del defaults["unit"]
        out["fieldConfig"] = {"defaults": defaults, "overrides": field_config.get("overrides") or []}
    targets = [t for t in data.get("targets") or [] if isinstance(t, dict)]
    if targets:
        own = refer(environment, data.get("datasource"))
        out["datasource"] = own or data.get("datasource")
        out["targets"] = [
            _target(
                t, refer(environment, t.get("datasource") or data.get("datasource")) or own or {}, i, owner, problems
            )
            if (refer(environment, t.get("datasource") or data.get("datasource")) or own)
            else t
            for i, t in enumerate(targets)
        ]
    else:
        out.pop("targets", None)
        if "datasource" in out and not isinstance(out["datasource"], dict):
            ref = refer(environment, out["datasource"])
            if ref:
                out["datasource"] = ref
    for key in ("transparent",):
        out.setdefault(key, False)
    return out


def foreign_panel(panel: ForeignPanel, place: Place, environment: Environment, problems: list[Problem]) -> Json:
    """A foreign panel among dashgen's own."""
    return {
        **panel_json(panel.data, environment, panel, problems),
        "id": panel_id(panel.slug),
        "gridPos": {"h": place.h, "w": place.w, "x": place.x, "y": place.y},
    }


def walk(panels: list[Json]) -> Iterator[Json]:
    for panel in panels:
        if panel.get("type") == "row":
            yield panel
            yield from panel.get("panels") or []
        else:
            yield panel


def _ids(panels: list[Json]) -> None:
    """Ids from titles where they are taken to be unique, so that moving changes none; a second of one title counts."""
    seen: dict[str, int] = {}
    for panel in panels:
        prefix = "row:" if panel.get("type") == "row" else ""
        key = prefix + (slug(str(panel.get("title") or "")) or "untitled")
        seen[key] = seen.get(key, 0) + 1
        panel["id"] = panel_id(key if seen[key] == 1 else f"{key}#{seen[key]}")


def foreign_dashboard(value: ForeignDashboard, environment: Environment, problems: list[Problem]) -> Json:
    """A foreign dashboard in the form of dashgen's own, for the environment's datasources."""
    data = pruned(value.data)
    panels: list[Json] = []
    y = 0
    for row in data.get("rows") or []:  # grafanalib's rows of schemaVersion 12: spans of 12 columns
        inner = row.get("panels") or []
        if row.get("showTitle") or row.get("title"):
            panels.append(
                {
                    "type": "row",
                    "title": row.get("title") or "",
                    "collapsed": False,
                    "panels": [],
                    "gridPos": {"h": 1, "w": 24, "x": 0, "y": y},
                }
            )
            y += 1
        x = height = 0
        for panel in inner:
            w = min(24, max(1, int(2 * (panel.get("span") or 12 / max(1, len(inner))))))
            if x + w > 24:
                x, y, height = 0, y + height, 0
            panels.append({**panel, "gridPos": {"h": 8, "w": w, "x": x, "y": y}})
            x, height = x + w, 8
        y += height
    panels += data.get("panels") or []
    out_panels: list[Json] = []
    for panel in panels:
        if panel.get("type") == "row":
            nested = [
                {**panel_json(p, environment, value, problems), "gridPos": p.get("gridPos")}
                for p in panel.get("panels") or []
            ]
            out_panels.append(
                {
                    "type": "row",
                    "title": panel.get("title") or "",
                    "collapsed": bool(panel.get("collapsed")),
                    "panels": nested,
                    "gridPos": panel.get("gridPos") or {"h": 1, "w": 24, "x": 0, "y": 0},
                }
            )
        else:
            grid = {k: v for k, v in (panel.get("gridPos") or {}).items() if k in "xywh"}
            out_panels.append({**panel_json(panel, environment, value, problems), "gridPos": grid})
    _ids(list(walk(out_panels)))
    time = data.get("time") or {}
    tags = data.get("tags") or []
    out: Json = {
        "annotations": {"list": list((data.get("annotations") or {}).get("list") or [])},
        "editable": False,
        "fiscalYearStartMonth": 0,
        "graphTooltip": {True: 1, False: 0}.get(data.get("sharedCrosshair", False), 0)
        if "graphTooltip" not in data
        else data["graphTooltip"],
        "id": None,
        "links": data.get("links") or [],
        "panels": out_panels,
        "refresh": data.get("refresh") or "",
        "schemaVersion": 42,
        "tags": list(tags),
        "templating": {
            "list": [
                _variable(v, environment, value, problems) for v in (data.get("templating") or {}).get("list") or []
            ]
        },
        "time": {"from": time.get("from", "now-6h"), "to": time.get("to", "now")},
        "timezone": data.get("timezone") or "browser",
        "title": data.get("title") or "",
        "uid": environment.uid_prefix + value.uid if value.uid else "",
    }
    if data.get("description"):
        out["description"] = data["description"]
    return out


def _variable(data: Json, environment: Environment, owner: Node, problems: list[Problem]) -> Json:
    out = {k: v for k, v in data.items() if k not in ("tagsQuery", "tagValuesQuery", "useTags", "tags", "auto_min")}
    if isinstance(out.get("current"), dict):
        current = {k: v for k, v in out.pop("current").items() if k != "tags"}
        if "value" in current:
            out["current"] = current
    if data.get("type") == "query":
        ref = refer(environment, data.get("datasource"))
        if ref:
            out["datasource"] = ref
            query = out.get("query")
            if isinstance(query, str):
                out["query"] = out["definition"] = _sql(query, ref["type"], owner, problems)
    return out
