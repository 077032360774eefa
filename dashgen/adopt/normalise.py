"""When two classic dashboards are the same to Grafana: each is brought to one form, and the forms are compared.

What is left out here is all that an import may change. docs/import.md lists it with the reasons; a thing that is not
on that list is a difference.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from dashgen.adopt import defaults
from dashgen.grafana.dashboards.document import is_number
from dashgen.grafana.dashboards.migrations import graph_panel
from dashgen.grafana.datasources.indentation import cleaned
from dashgen.model.core.durations import Duration

Json = dict[str, Any]
Named = Callable[[object], str | None]
"""The environment's name of a datasource that a document refers to, or None for any other."""

MIXED, DASHBOARD, EXPRESSION = "-- Mixed --", "-- Dashboard --", "__expr__"
_GONE = frozenset({"__inputs", "__requires", "__elements", "id", "iteration", "schemaVersion", "uid", "version"})
_GONE_OF_PANELS = frozenset({"editable", "error", "height", "id", "minSpan", "pluginVersion", "span"})
_GONE_OF_ROWS = frozenset({"datasource", "id", "targets"})
_GONE_OF_VARIABLES = frozenset(
    {"allFormat", "definition", "multiFormat", "queryValue", "refresh_on_load", "tagValuesQuery", "tags", "tagsQuery"}
    | {"useTags"}
)


_OF_PICKER = frozenset({"hidden", "nowDelay", "quick_ranges", "refresh_intervals"})
"""What Grafana reads of the time picker; the others are older than Grafana 5."""


def normalised(dashboard: Json, named: Named) -> Json:
    """The one form of a dashboard of schemaVersion 42. Nothing of the argument is changed."""
    out = {key: value for key, value in dashboard.items() if key not in _GONE and value is not None}
    panels = [one for one in out.get("panels") or [] if isinstance(one, dict)]
    places = _places(panels)
    out["panels"] = [_placed(panel, named, places) for panel in panels]
    for key, each in (("templating", variable_form), ("annotations", annotation_form)):
        entries = _list(out.get(key))
        out[key] = {"list": [made for one in entries if (made := each(one, named)) is not None]}
    if isinstance(out.get("timepicker"), dict):
        out["timepicker"] = {key: item for key, item in out["timepicker"].items() if key in _OF_PICKER}
    out["links"] = [link_form(one) for one in out.get("links") or [] if isinstance(one, dict)]
    return lean(out, defaults.DASHBOARD)


def link_form(given: Json) -> Json:
    return lean(pruned(given), defaults.LINK)


def _list(value: object) -> list[Json]:
    found = value.get("list") if isinstance(value, dict) else None
    return [one for one in found or [] if isinstance(one, dict)]


def lean(value: Json, standard: Json) -> Json:
    """Without what is as by default, at any depth."""
    out: Json = {}
    for key, item in value.items():
        if key not in standard:
            out[key] = item
            continue
        usual = standard[key]
        if isinstance(item, dict) and isinstance(usual, dict):
            if inner := lean(item, usual):
                out[key] = inner
        elif item != usual or isinstance(item, bool) is not isinstance(usual, bool):
            out[key] = item
    return out


def pruned(value: Any) -> Any:
    """Without nulls in objects: to Grafana they are not set."""
    if isinstance(value, dict):
        return {key: pruned(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [pruned(item) for item in value]
    return value


def _places(panels: list[Json]) -> dict[object, int]:
    """Where each panel stands in the document, by its id: what refers to a panel refers to that."""
    every = [one for panel in panels for one in (panel, *(panel.get("panels") or []))]
    return {one["id"]: at for at, one in enumerate(every) if isinstance(one, dict) and "id" in one}


def reference(given: object, named: Named) -> object:
    """A datasource by the environment's name of it where it has one."""
    if given is None or given == {}:
        return None
    if (name := named(given)) is not None:
        return {"environment": name}
    if not isinstance(given, dict):
        return {"uid": given} if isinstance(given, str) and given.startswith("-- ") else given
    if str(given.get("uid")).startswith("-- ") or given.get("uid") == EXPRESSION:
        return {"uid": given["uid"]}
    return {key: item for key, item in given.items() if key != "default"}


def _placed(panel: Json, named: Named, places: dict[object, int]) -> Json:
    if panel.get("type") == "row":
        return _row(panel, named, places)
    return panel_form(panel, named, places)


def grid(panel: Json) -> Json:
    given = panel.get("gridPos")
    return defaults.GRID | (pruned(given) if isinstance(given, dict) else {})


def _row(row: Json, named: Named, places: dict[object, int]) -> Json:
    """A row is as wide as the dashboard and one line high. What it hides moves with it, its first panel right below."""
    out = {key: item for key, item in row.items() if key not in _GONE_OF_ROWS and item is not None}
    y = grid(row)["y"]
    inner = [panel_form(one, named, places) for one in out.get("panels") or [] if isinstance(one, dict)]
    if inner:
        down = y + 1 - inner[0]["gridPos"]["y"]
        for panel in inner:
            panel["gridPos"] = panel["gridPos"] | {"y": panel["gridPos"]["y"] + down}
    out |= {"gridPos": {"y": y}, "panels": inner}
    return lean(out, defaults.ROW)


def panel_form(panel: Json, named: Named, places: dict[object, int]) -> Json:
    if graph_panel.is_converted(panel):
        panel = graph_panel.to_time_series(panel)
    out = {key: pruned(item) for key, item in panel.items() if key not in _GONE_OF_PANELS and item is not None}
    if needs_version(panel):
        out["pluginVersion"] = panel["pluginVersion"]
    out["gridPos"] = grid(panel)
    if (interval := Duration.read(out.get("interval"))) is not None:
        out["interval"] = str(interval)
    _asked(out, panel, named, places)
    if not out.get("repeat"):
        for key in ("maxPerRow", "repeat", "repeatDirection"):
            out.pop(key, None)
    elif out.get("repeatDirection") == "h":
        del out["repeatDirection"]
    kind = defaults.KINDS.get(str(out.get("type")), defaults.Defaults())
    if isinstance(out.get("options"), dict):
        out["options"] = lean(_options(out["options"], kind), kind.options)
    if isinstance(out.get("fieldConfig"), dict):
        out["fieldConfig"] = _field_config(out["fieldConfig"], kind)
    if isinstance(out.get("transformations"), list):
        out["transformations"] = [_transformation(one) for one in out["transformations"] if isinstance(one, dict)]
    if isinstance(out.get("links"), list):
        out["links"] = [lean(link, {"targetBlank": False}) for link in out["links"] if isinstance(link, dict)]
    return lean(out, defaults.PANEL)


def needs_version(panel: Json) -> bool:
    """Whether a browser migrates the panel to something else where its version is not said: before 8, single values in
    percent got ends at 0 and 100; an xychart of no version has the options of 10.4.

    packages/grafana-ui/src/components/SingleStatShared/SingleStatBaseOptions.ts and
    public/app/plugins/panel/xychart/migrations.ts, read (11 and 12).
    """
    version = str(panel.get("pluginVersion") or "")
    if panel.get("type") == "xychart":
        return bool(version)
    if panel.get("type") not in ("bargauge", "gauge", "stat") or not re.match(r"[89]\.|\d\d+\.", version):
        return False
    config = panel.get("fieldConfig")
    values = config.get("defaults") if isinstance(config, dict) else None
    if not isinstance(values, dict) or values.get("unit") not in ("percent", "percentunit"):
        return False
    return not (is_number(values.get("min")) and is_number(values.get("max")))


_OF_SHOWN_FOOTER = frozenset({"countRows", "fields", "reducer"})


def _options(options: Json, kind: defaults.Defaults) -> Json:
    """A legend that is not shown has no mode, such a footer no figures. Nothing reads what the old graph's thresholds
    left behind. Grafana from 12.2 on has no figure of its own for a footer of before."""
    out = {key: item for key, item in options.items() if key != "alertThreshold"}
    footer = out.get("footer")
    if isinstance(footer, dict) and "footer" in kind.options and not footer.get("show"):
        out["footer"] = {key: item for key, item in footer.items() if key not in _OF_SHOWN_FOOTER}
    legend = out.get("legend")
    if not isinstance(legend, dict) or "displayMode" not in kind.options.get("legend", {}):
        return out
    if legend.get("showLegend") is False or legend.get("displayMode") == "hidden":
        out["legend"] = {key: item for key, item in legend.items() if key != "displayMode"} | {"showLegend": False}
    return out


def _transformation(given: Json) -> Json:
    out = {key: item for key, item in given.items() if key != "disabled" or item}
    if isinstance(out.get("options"), dict):
        out["options"] = lean(out["options"], defaults.TRANSFORMATIONS.get(str(out.get("id")), {}))
    return out


def _asked(out: Json, panel: Json, named: Named, places: dict[object, int]) -> None:
    """The datasource and the targets of a panel."""
    targets = [one for one in panel.get("targets") or [] if isinstance(one, dict)]
    if not targets:
        out.pop("targets", None)
        out.pop("datasource", None)
        return
    own = reference(panel.get("datasource") or targets[0].get("datasource"), named)
    out["targets"] = [_target(one, own, named, places) for one in targets]
    out.pop("datasource", None)
    if own is not None:
        out["datasource"] = own


def is_uid(reference: object, uid: str) -> bool:
    return isinstance(reference, dict) and reference.get("uid") == uid


def _target(target: Json, of_panel: object, named: Named, places: dict[object, int]) -> Json:
    asked = reference(target.get("datasource"), named)
    if of_panel is not None and not is_uid(of_panel, MIXED) and not is_uid(asked, EXPRESSION):
        asked = of_panel  # whatever stands in the target: @grafana/scenes 6, SceneQueryRunner
    return sql_target(target, asked, places)


def sql_target(target: Json, asked: object, places: dict[object, int]) -> Json:
    """A target of the environment's datasource is its SQL; any other is kept as it is."""
    hidden = {"hide": True} if target.get("hide") else {}
    if isinstance(asked, dict) and "environment" in asked and isinstance(target.get("rawSql"), str):
        table = target.get("format") not in (0, "time_series")
        return {
            "datasource": asked,
            "format": "table" if table else "time_series",
            "rawSql": cleaned(target["rawSql"]).text,
            "refId": target.get("refId"),
            **hidden,
        }
    out = {key: item for key, item in target.items() if key not in ("datasource", "hide")} | hidden
    if asked is not None:
        out["datasource"] = asked
    if is_uid(asked, DASHBOARD) and "panelId" in out:
        out["panelId"] = places.get(out["panelId"])
    return out


def _field_config(config: Json, kind: defaults.Defaults) -> Json:
    out = dict(config)
    if isinstance(out.get("defaults"), dict):
        out["defaults"] = _defaults(dict(out["defaults"]), kind)
    if isinstance(out.get("overrides"), list):
        out["overrides"] = [_override(one) for one in out["overrides"] if isinstance(one, dict)]
    return out


def _defaults(given: Json, kind: defaults.Defaults) -> Json:
    _values(given)
    usual = {"color": kind.color, "displayName": "", "fieldMinMax": False, "links": [], "mappings": []}
    usual["thresholds"] = defaults.THRESHOLDS
    out = {key: item for key, item in given.items() if key not in usual or item != usual[key]}
    if isinstance(out.get("custom"), dict):
        out["custom"] = lean(out["custom"], kind.custom)
        if not out["custom"]:
            del out["custom"]
    return out


def _values(options: Json) -> None:
    """Colours, thresholds, mappings and links of a field or of an override."""
    color = options.get("color")
    if isinstance(color, dict) and color.get("mode") not in ("fixed", "shades"):
        options["color"] = {key: item for key, item in color.items() if key != "fixedColor"}
    if isinstance(options.get("thresholds"), dict):
        options["thresholds"] = thresholds(options["thresholds"])
    if isinstance(options.get("mappings"), list):
        options["mappings"] = mappings(options["mappings"])
    if isinstance(options.get("links"), list):
        options["links"] = [lean(one, {"targetBlank": False}) for one in options["links"] if isinstance(one, dict)]


def thresholds(given: Json) -> Json:
    """The first step holds from wherever on: its value is not read."""
    steps = [
        {key: item for key, item in step.items() if key != "index"}
        for step in given.get("steps") or []
        if isinstance(step, dict)
    ]
    if steps:
        steps[0].pop("value", None)
    return {"mode": "absolute"} | given | {"steps": steps}


def mappings(given: list[Any]) -> list[Any]:
    """Neighbouring maps of values are one; `index` is their order in the editor."""
    out: list[Any] = []
    for one in given:
        made = _unnumbered(one)
        values, before = _value_map(made), _value_map(out[-1]) if out else None
        if values is not None and before is not None and not values.keys() & before.keys():
            out[-1] = {"type": "value", "options": before | values}
        else:
            out.append(made)
    return out


def _value_map(one: object) -> Json | None:
    options = one.get("options") if isinstance(one, dict) and one.get("type") == "value" else None
    return options if isinstance(options, dict) else None


def _unnumbered(value: Any) -> Any:
    if isinstance(value, dict):
        if value and all(isinstance(one, dict) and is_number(one.get("index")) for one in value.values()):
            value = dict(sorted(value.items(), key=lambda item: float(item[1]["index"])))
        return {key: _unnumbered(item) for key, item in value.items() if key != "index"}
    return value


def _override(override: Json) -> Json:
    properties = [dict(one) for one in override.get("properties") or [] if isinstance(one, dict)]
    for one in properties:
        if isinstance(one.get("id"), str) and "value" in one:
            held = {one["id"]: one["value"]}
            _values(held)
            one["value"] = held[one["id"]]
    ids = [str(one.get("id")) for one in properties]
    if len(set(ids)) == len(ids):
        properties.sort(key=lambda one: str(one.get("id")))
    return {**override, "properties": properties}


def variable_form(given: Json, named: Named) -> Json:
    out = {key: item for key, item in given.items() if key not in _GONE_OF_VARIABLES and item is not None}
    kind = out.get("type")
    if "datasource" in out:
        out["datasource"] = reference(out["datasource"], named)
        if out["datasource"] is None:
            del out["datasource"]
    if kind != "query" or out.get("refresh") in (1, 2):
        out.pop("options", None)  # made anew from the query, which is kept
    if isinstance(out.get("query"), str) and "environment" in (out.get("datasource") or {}):
        out["query"] = cleaned(out["query"]).text
    standard = defaults.VARIABLE
    if kind == "interval":
        standard = standard | defaults.AUTO | {"refresh": 2}
    elif kind in ("custom", "textbox", "constant"):
        standard = standard | {"refresh": 0}
    if kind == "constant":
        standard = standard | {"hide": 2, "skipUrlSync": True}
    if kind == "datasource":
        standard = standard | {"refresh": 1}
    if kind in _ASKS_NOTHING:
        out.pop("datasource", None)
    _chosen(out)
    return lean(out, standard)


_ASKS_NOTHING = frozenset({"constant", "custom", "interval", "textbox"})
"""Kinds of variables that have no query."""


def _chosen(variable: Json) -> None:
    """What is chosen at first. All is what Grafana takes where nothing is chosen and there is All."""
    current = variable.get("current")
    if not isinstance(current, dict):
        variable.pop("current", None)
        return
    current = {key: item for key, item in current.items() if key in ("text", "value") and item is not None}
    value = current.get("value")
    is_all = value in ("$__all", ["$__all"]) and variable.get("includeAll")
    if not current or value in ([], "") or is_all or _is_first(variable, value):
        del variable["current"]
    else:
        variable["current"] = current


def _is_first(variable: Json, value: object) -> bool:
    """Whether it follows from what the variable holds anyway."""
    kind, query = variable.get("type"), variable.get("query")
    if kind in ("textbox", "constant"):
        return bool(value == query)
    if kind == "interval" and isinstance(query, str):
        return str(value).startswith("$__auto") if variable.get("auto") else value == query.split(",")[0].strip()
    return False


def annotation_form(given: Json, named: Named) -> Json | None:
    out = {key: item for key, item in given.items() if item is not None}
    if out.get("builtIn"):
        left = {key: item for key, item in out.items() if key not in ("datasource", "target")}
        if not lean(left, defaults.BUILT_IN | _OLD_TAGS):
            return None
    asked = reference(out.pop("datasource", None), named)
    if asked is not None:
        out["datasource"] = asked
    if isinstance(out.get("target"), dict) and isinstance(asked, dict) and "environment" in asked:
        out["target"] = sql_target(out["target"], asked, {})
    return lean(out, defaults.ANNOTATION)


_OLD_TAGS: Json = {"limit": 100, "matchAny": False, "showIn": 0, "tags": []}
"""What the built-in annotations had beside `target` before Grafana 8; nothing reads it."""
