"""Options of the panel kinds that have a class: Grafana's key, dashgen's field, and how a value becomes the other's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dashgen.adopt import defaults
from dashgen.adopt.values import made
from dashgen.model.dashboards import panel as model

Json = dict[str, Any]
Arguments = dict[str, object]


def at(given: Mapping[str, Any], path: str, usual: object = None) -> Any:
    """What stands at a path of keys."""
    value: Any = given
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            return usual
        value = value[key]
    return value


def legend(options: Json, usual: Json = defaults.LEGEND) -> model.Legend | None:
    given = usual | (options["legend"] if isinstance(options.get("legend"), dict) else {})
    mode = given["displayMode"] if given["showLegend"] is True else "hidden"
    return made(
        model.Legend, mode=mode, calcs=_texts(given["calcs"]), placement=given["placement"], width=given.get("width")
    )


def tooltip(options: Json) -> model.Tooltip | None:
    given = defaults.TOOLTIP | (options["tooltip"] if isinstance(options.get("tooltip"), dict) else {})
    return made(model.Tooltip, mode=given["mode"], sort=given["sort"])


def _texts(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _around(options: Json) -> Arguments:
    return {"legend": legend(options), "tooltip": tooltip(options)}


def _reduced(options: Json) -> Arguments:
    calcs = at(options, "reduceOptions.calcs", ["lastNotNull"])
    return {
        "calc": calcs[0] if isinstance(calcs, list) and len(calcs) == 1 else None,
        "all_values": at(options, "reduceOptions.values", False),
        "fields": at(options, "reduceOptions.fields", ""),
        "orientation": at(options, "orientation", "auto"),
    }


def _time_series(options: Json, custom: Json) -> Arguments:
    scale = at(custom, "scaleDistribution", {})
    return _around(options) | {
        "draw": at(custom, "drawStyle", "line"),
        "interpolation": at(custom, "lineInterpolation", "linear"),
        "line_width": at(custom, "lineWidth", 1),
        "fill_opacity": at(custom, "fillOpacity", 0),
        "points": at(custom, "showPoints", "auto"),
        "stack": at(custom, "stacking.mode", "none"),
        "span_nulls": at(custom, "spanNulls", False),
        "axis_label": at(custom, "axisLabel", ""),
        "soft_min": at(custom, "axisSoftMin"),
        "soft_max": at(custom, "axisSoftMax"),
        "log_base": at(scale, "log") if at(scale, "type") == "log" else None,
        "threshold_style": at(custom, "thresholdsStyle.mode", "off"),
    }


def _stat(options: Json, _: Json) -> Arguments:
    return _reduced(options) | {
        "color_mode": at(options, "colorMode", "value"),
        "graph": at(options, "graphMode", "area"),
        "text_mode": at(options, "textMode", "auto"),
    }


def _gauge(options: Json, _: Json) -> Arguments:
    return _reduced(options) | {
        "show_threshold_labels": at(options, "showThresholdLabels", False),
        "show_threshold_markers": at(options, "showThresholdMarkers", True),
    }


def _bar_gauge(options: Json, _: Json) -> Arguments:
    return _reduced(options) | {
        "display": at(options, "displayMode", "gradient"),
        "value_mode": at(options, "valueMode", "color"),
    }


def _table(options: Json, custom: Json) -> Arguments:
    columns = [
        made(model.SortBy, one.get("displayName"), descending=bool(one.get("desc")))
        for one in at(options, "sortBy", [])
        if isinstance(one, dict)
    ]
    return {
        "sort_by": tuple(columns),
        "cell_height": at(options, "cellHeight", "sm"),
        "filterable": at(custom, "filterable", False),
        "show_header": at(options, "showHeader", True),
    }


def _state_timeline(options: Json, custom: Json) -> Arguments:
    return _around(options) | {
        "merge_values": at(options, "mergeValues", True),
        "show_value": at(options, "showValue", "auto"),
        "align": at(options, "alignValue", "left"),
        "row_height": at(options, "rowHeight", 0.9),
        "fill_opacity": at(custom, "fillOpacity", 70),
        "line_width": at(custom, "lineWidth", 0),
    }


def _bar_chart(options: Json, custom: Json) -> Arguments:
    return _around(options) | {
        "x": at(options, "xField", ""),
        "orientation": at(options, "orientation", "auto"),
        "stack": at(options, "stacking", "none"),
        "show_value": at(options, "showValue", "auto"),
        "fill_opacity": at(custom, "fillOpacity", 80),
    }


def _heatmap(options: Json, _: Json) -> Arguments:
    return {
        "calculate": at(options, "calculate", False),
        "scheme": at(options, "color.scheme", "Oranges"),
        "reverse": at(options, "color.reverse", False),
        "show_legend": at(options, "legend.show", True),
        "cell_gap": at(options, "cellGap", 1),
    }


def _text(options: Json, _: Json) -> Arguments:
    return {"content": at(options, "content", ""), "mode": at(options, "mode", "markdown")}


def _alert_list(options: Json, _: Json) -> Arguments:
    states = at(options, "stateFilter", {})
    return {
        "states": tuple(name for name, on in states.items() if on is True) if isinstance(states, dict) else None,
        "labels": at(options, "alertInstanceLabelFilter", ""),
        "alert_name": at(options, "alertName", ""),
        "folder": at(options, "folder.title", ""),
        "max_items": at(options, "maxItems", 20),
        "group_by": _texts(at(options, "groupBy", [])),
        "view": at(options, "viewMode", "list"),
    }


KINDS: dict[str, tuple[type[model.Panel], Callable[[Json, Json], Arguments]]] = {
    "alertlist": (model.AlertList, _alert_list),
    "barchart": (model.BarChart, _bar_chart),
    "bargauge": (model.BarGauge, _bar_gauge),
    "gauge": (model.Gauge, _gauge),
    "heatmap": (model.Heatmap, _heatmap),
    "stat": (model.Stat, _stat),
    "state-timeline": (model.StateTimeline, _state_timeline),
    "table": (model.Table, _table),
    "text": (model.Text, _text),
    "timeseries": (model.TimeSeries, _time_series),
}


def arguments(kind: str, options: Json, custom: Json) -> Arguments:
    """What the class of the kind is given; nothing for a kind without one."""
    if kind not in KINDS:
        return {}
    found = KINDS[kind][1](options, custom)
    return {name: value for name, value in found.items() if value is not None}
