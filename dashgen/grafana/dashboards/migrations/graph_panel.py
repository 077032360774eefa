"""The graph panel of AngularJS as the time series panel that a browser makes of it when a dashboard is opened.

A server only renames the kind (`save_model`). What becomes of the options was read in
public/app/plugins/panel/timeseries/migrations.ts, in a copy of Grafana's main of about 13.2; no browser was seen doing
it. Members are taken in the order of their names, in which 12.4 serves them (seen).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dashgen.grafana.dashboards.document import Json, is_number, mapping, objects
from dashgen.grafana.dashboards.migrations.numbers import javascript_number

_OF_THE_GRAPH = frozenset(
    {"aliasColors", "annotate", "autoMigrateFrom", "bars", "dashLength", "dashes", "decimals", "fill", "fillGradient"}
    | {"grid", "hiddenSeries", "legend", "lines", "linewidth", "nullPointMode", "paceLength", "percentage"}
    | {"pointradius", "points", "renderer", "resolution", "scale", "seriesOverrides", "spaceLength", "stack"}
    | {"steppedLine", "thresholds", "timeRegions", "tooltip", "x-axis", "xaxis", "y-axis", "y_formats", "yaxes"}
    | {"yaxis", "zerofill"}
)
_REDUCERS = {"avg": "mean", "current": "lastNotNull", "max": "max", "min": "min", "total": "sum"}
_SORTED = {1: "asc", 2: "desc"}
_WARNING_COLORS = {"critical": "red", "warning": "orange"}


def is_converted(panel: Json) -> bool:
    """Time regions become annotations of the dashboard in a browser: such a panel stays as it is."""
    return (
        panel.get("autoMigrateFrom") == "graph" and panel.get("type") == "timeseries" and not panel.get("timeRegions")
    )


def to_time_series(panel: Json) -> Json:
    """The panel without the members of the graph. Nothing of the argument is changed."""
    out = {key: value for key, value in panel.items() if key not in _OF_THE_GRAPH}
    axes = [*objects(panel.get("yaxes")), {}, {}]
    held = mapping(panel.get("fieldConfig"))
    left = mapping(held.get("defaults")) | _axis(axes[0])
    overrides = [
        *objects(held.get("overrides")),
        *_colored(mapping(panel.get("aliasColors"))),
        *_of_series(panel, left, axes[1]),
        *_hidden(panel),
    ]
    custom = _drawn(panel, mapping(left.get("custom")))
    left |= _thresholds(panel, custom)
    if panel.get("stack") and panel.get("percentage") and panel.get("yaxis"):
        left = {key: value for key, value in left.items() if key not in ("max", "min")}
        if left.get("decimals") == 0:
            del left["decimals"]
    left["custom"] = custom
    if panel.get("nullPointMode") not in (None, "null"):  # nulls as nulls are the default of reducers
        left["nullValueMode"] = panel["nullPointMode"]
    out["fieldConfig"] = {"defaults": left, "overrides": overrides}
    out["options"] = mapping(panel.get("options")) | {"legend": _legend(panel), "tooltip": _tooltip(panel)}
    return out


def _axis(axis: Json) -> Json:
    """The standard options and the custom ones that an axis had."""
    if not axis:
        return {}
    custom: Json = {"axisPlacement": "auto" if axis.get("show") else "hidden"}
    if axis.get("label"):
        custom["axisLabel"] = axis["label"]
    if axis.get("logBase") in (2, 10):
        custom["scaleDistribution"] = {"log": axis["logBase"], "type": "log"}
    out = {key: javascript_number(axis.get(key)) for key in ("decimals", "min", "max")}
    found = {"unit": axis.get("format"), **out, "custom": custom}
    return {key: value for key, value in found.items() if value is not None}


def _property(option: str, value: object) -> Json:
    return {"id": option, "value": value}


def _override(matcher: str, options: object, properties: list[Json]) -> Json:
    return {"matcher": {"id": matcher, "options": options}, "properties": properties}


def _fixed(color: object) -> Json:
    return {"fixedColor": color, "mode": "fixed"}


def _colored(colors: Json) -> Iterator[Json]:
    for alias, color in sorted(colors.items()):
        if color:
            yield _override("byName", alias, [_property("color", _fixed(color))])


def _of_series(panel: Json, left: Json, right: Json) -> Iterator[Json]:
    for series in objects(panel.get("seriesOverrides")):
        alias = series.get("alias")
        if not alias or not isinstance(alias, str):
            continue
        properties = [one for key in sorted(series) for one in _series_option(key, series[key], left, right)]
        if not series.keys().isdisjoint(("dashLength", "dashes", "spaceLength")):
            properties.append(_property("custom.lineStyle", _dash(panel | series)))
        if properties:
            yield _override("byRegexp" if _is_pattern(alias) else "byName", alias, properties)


def _is_pattern(alias: str) -> bool:
    """A regular expression between two equal signs, flags behind it."""
    sign = alias[0]
    end = alias.rfind(sign)
    return sign in "/~@;%#'" and end > 0 and "\n" not in alias and set(alias[end + 1 :]) <= set("gimsuy")


def _series_option(key: str, value: Any, left: Json, right: Json) -> Iterator[Json]:
    if key == "yaxis" and value == 2:
        yield from _on_the_right(left, _axis(right))
    elif key == "fill" and is_number(value):
        yield _property("custom.fillOpacity", value * 10)
    elif key == "fillBelowTo":
        yield _property("custom.fillBelowTo", value)
    elif key == "fillGradient" and is_number(value) and value:
        yield _property("custom.fillGradient", "opacity")
        yield _property("custom.fillOpacity", value * 10)
    elif key == "points":
        yield _property("custom.showPoints", "always" if value else "never")
    elif key == "bars":
        yield _property("custom.drawStyle", "bars" if value else "line")
        if value:
            yield _property("custom.fillOpacity", 100)
    elif key == "lines":
        yield _property("custom.drawStyle", "line") if value else _property("custom.lineWidth", 0)
    elif key == "linewidth":
        yield _property("custom.lineWidth", value)
    elif key == "pointradius" and is_number(value):
        yield _property("custom.pointSize", 2 + value * 2)
    elif key == "stack":
        group = value if isinstance(value, str) else "A"
        yield _property("custom.stacking", {"group": group, "mode": "normal" if value else "none"})
    elif key == "color":
        yield _property("color", _fixed(value))
    elif key == "transform":
        yield _property("custom.transform", "negative-Y" if value == "negative-Y" else "constant")


def _on_the_right(left: Json, right: Json) -> Iterator[Json]:
    """What the right axis has and the left one has not."""
    for key, value in right.items():
        if key != "custom" and value != left.get(key):
            yield _property(key, value)
    yield _property("custom.axisPlacement", "right")
    of_left = mapping(left.get("custom"))
    for key, value in mapping(right.get("custom")).items():
        if isinstance(value, dict) or value != of_left.get(key):
            yield _property(f"custom.{key}", value)


def _dash(drawn: Json) -> Json:
    lengths = [drawn.get("dashLength"), drawn.get("spaceLength")]
    return {
        "dash": [10 if length is None else length for length in lengths],
        "fill": "dash" if drawn.get("dashes") else "solid",
    }


def _hidden(panel: Json) -> Iterator[Json]:
    """Empty series that the legend leaves out, and a time axis that is not shown."""
    legend = mapping(panel.get("legend"))
    for key, reducer in (("hideZero", "allIsZero"), ("hideEmpty", "allIsNull")):
        if legend.get(key):
            hide = _property("custom.hideFrom", {"legend": True, "tooltip": True, "viz": False})
            yield _override("byValue", {"op": "gte", "reducer": reducer, "value": 0}, [hide])
    axis = mapping(panel.get("xaxis"))
    if axis.get("show") is False and axis.get("mode") == "time":
        yield _override("byType", "time", [_property("custom.axisPlacement", "hidden")])


def _drawn(panel: Json, of_axis: Json) -> Json:
    """The custom options of all series."""
    style = "bars" if panel.get("bars") else "line" if panel.get("lines") else "points"
    out = of_axis | {"drawStyle": style, "spanNulls": panel.get("nullPointMode") == "connected"}
    if panel.get("points"):
        out["showPoints"] = "always"
        if is_number(panel.get("pointradius")):
            out["pointSize"] = 2 + panel["pointradius"] * 2
    elif style != "points":
        out["showPoints"] = "never"
    if panel.get("linewidth") is not None:
        out["lineWidth"] = panel["linewidth"]
    if panel.get("dashes"):
        out["lineStyle"] = _dash(panel)
    out |= _filled(panel, style)
    if panel.get("steppedLine"):
        out["lineInterpolation"] = "stepAfter"
    if panel.get("stack"):
        out["stacking"] = {"group": "A", "mode": "percent" if panel.get("percentage") else "normal"}
    return out


def _filled(panel: Json, style: str) -> Json:
    gradient, fill = panel.get("fillGradient"), panel.get("fill")
    out: Json = {}
    if any("fillBelowTo" in one for one in objects(panel.get("seriesOverrides")) if one.get("alias")):
        out["fillOpacity"] = 35
    elif is_number(fill):
        out["fillOpacity"] = fill * 10
    if is_number(gradient) and gradient > 0:
        out |= {"fillOpacity": gradient * 10, "gradientMode": "opacity"}
    return out | {"fillOpacity": 100} if style == "bars" else out


def _legend(panel: Json) -> Json:
    given = panel.get("legend")
    out: Json = {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True}
    if not isinstance(given, dict):
        return out
    if not given.get("show"):
        out["showLegend"] = False
    elif given.get("alignAsTable"):
        out["displayMode"] = "table"
    if given.get("rightSide"):
        out["placement"] = "right"
    if given.get("values"):
        out["calcs"] = [reducer for key, reducer in _REDUCERS.items() if given.get(key)]
    if given.get("sideWidth"):
        out["width"] = given["sideWidth"]
    return out


def _tooltip(panel: Json) -> Json:
    given = mapping(panel.get("tooltip"))
    shared = given.get("shared")
    order = next((name for number, name in _SORTED.items() if shared and given.get("sort") == number), "none")
    return {"mode": "multi" if shared else "single", "sort": order}


def _thresholds(panel: Json, custom: Json) -> Json:
    """The steps, and in `custom` how they are drawn."""
    given = sorted(
        (one for one in objects(panel.get("thresholds")) if is_number(one.get("value"))), key=lambda one: one["value"]
    )
    if not given:
        return {}
    steps: list[Json] = []
    for at, one in enumerate(given):
        following = given[at + 1] if at + 1 < len(given) else {}
        if one.get("op") == "gt":
            steps.append({"color": _threshold_color(one), "value": one["value"]})
        elif one.get("op") == "lt":
            if not steps:
                steps.append({"color": _threshold_color(one), "value": None})
            behind = _threshold_color(following) if following.get("op") == "lt" else "transparent"
            steps.append({"color": behind, "value": one["value"]})
    if steps and steps[0]["value"] is not None:
        steps.insert(0, {"color": "transparent", "value": None})
    area, line = (any(one.get(key) for one in given) for key in ("fill", "line"))
    custom["thresholdsStyle"] = {"mode": "line+area" if area and line else "area" if area else "line"}
    return {"thresholds": {"mode": "absolute", "steps": steps}}


def _threshold_color(threshold: Json) -> str:
    mode = threshold.get("colorMode")
    if mode == "custom":
        return str(threshold.get("fillColor") or threshold.get("lineColor") or "")
    return _WARNING_COLORS.get(str(mode), "red")
