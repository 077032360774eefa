"""What Grafana takes for a panel that does not say it: the defaults of its panel kinds.

Each kind's are those that its plugin registers (Grafana 12.4, public/app/plugins/panel/<kind>/module.tsx and the
default objects of @grafana/schema, read). A document that says them and one that leaves them out are drawn alike.
"""

from __future__ import annotations

from typing import Any, NamedTuple

Json = dict[str, Any]


NONE: Json = {}


class Defaults(NamedTuple):
    """Of one kind: `options`, `fieldConfig.defaults.custom`, and how fields are coloured."""

    options: Json = NONE
    custom: Json = NONE
    color: Json = NONE


LEGEND = {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True}
TOOLTIP = {"hideZeros": False, "mode": "single", "sort": "none"}
_REDUCE = {"calcs": ["lastNotNull"], "fields": "", "values": False}
_HIDE_FROM = {"graph": False, "legend": False, "tooltip": False, "viz": False}
_AXIS = {
    "axisBorderShow": False,
    "axisCenteredZero": False,
    "axisColorMode": "text",
    "axisGridShow": True,
    "axisLabel": "",
    "axisPlacement": "auto",
    "scaleDistribution": {"type": "linear"},
}
_GRAPH = _AXIS | {
    "barAlignment": 0,
    "barWidthFactor": 0.6,
    "drawStyle": "line",
    "fillOpacity": 0,
    "gradientMode": "none",
    "hideFrom": _HIDE_FROM,
    "insertNulls": False,
    "lineInterpolation": "linear",
    "lineStyle": {"fill": "solid"},
    "lineWidth": 1,
    "pointSize": 5,
    "showPoints": "auto",
    "showValues": False,
    "spanNulls": False,
    "stacking": {"group": "A", "mode": "none"},
    "thresholdsStyle": {"mode": "off"},
}
_PALETTE, _THRESHOLDS = {"mode": "palette-classic"}, {"mode": "thresholds"}

KINDS: dict[str, Defaults] = {
    "barchart": Defaults(
        {
            "barRadius": 0,
            "barWidth": 0.97,
            "fullHighlight": False,
            "groupWidth": 0.7,
            "legend": LEGEND,
            "orientation": "auto",
            "showValue": "auto",
            "stacking": "none",
            "tooltip": TOOLTIP,
            "xTickLabelRotation": 0,
            "xTickLabelSpacing": 0,
        },
        _AXIS
        | {
            "fillOpacity": 80,
            "gradientMode": "none",
            "hideFrom": _HIDE_FROM,
            "lineWidth": 1,
            "thresholdsStyle": {"mode": "off"},
        },
        _PALETTE,
    ),
    "bargauge": Defaults(
        {
            "displayMode": "gradient",
            "legend": LEGEND | {"showLegend": False},
            "maxVizHeight": 300,
            "minVizHeight": 16,
            "minVizWidth": 8,
            "namePlacement": "auto",
            "orientation": "auto",
            "reduceOptions": _REDUCE,
            "showUnfilled": True,
            "sizing": "auto",
            "valueMode": "color",
        },
        color=_THRESHOLDS,
    ),
    "gauge": Defaults(
        {
            "minVizHeight": 75,
            "minVizWidth": 75,
            "orientation": "auto",
            "reduceOptions": _REDUCE,
            "showThresholdLabels": False,
            "showThresholdMarkers": True,
            "sizing": "auto",
        },
        color=_THRESHOLDS,
    ),
    "heatmap": Defaults(
        {
            "calculate": False,
            "cellGap": 1,
            "color": {
                "exponent": 0.5,
                "fill": "dark-orange",
                "mode": "scheme",
                "reverse": False,
                "scale": "exponential",
                "scheme": "Oranges",
                "steps": 64,
            },
            "exemplars": {"color": "rgba(255,0,255,0.7)"},
            "filterValues": {"le": 1e-9},
            "legend": {"show": True},
            "rowsFrame": {"layout": "auto"},
            "selectionMode": "x",
            "showValue": "never",
            "tooltip": {"mode": "single", "showColorScale": False, "yHistogram": False},
            "yAxis": {"axisPlacement": "left", "reverse": False},
        },
        {"hideFrom": _HIDE_FROM, "scaleDistribution": {"type": "linear"}},
    ),
    "histogram": Defaults(
        {"bucketOffset": 0, "combine": False, "legend": LEGEND, "tooltip": TOOLTIP},
        {
            "fillOpacity": 80,
            "gradientMode": "none",
            "hideFrom": _HIDE_FROM,
            "lineWidth": 1,
            "stacking": {"group": "A", "mode": "none"},
        },
        _PALETTE,
    ),
    "piechart": Defaults(
        {
            "displayLabels": [],
            "legend": LEGEND | {"placement": "right", "values": []},
            "orientation": "auto",
            "pieType": "pie",
            "reduceOptions": _REDUCE,
            "tooltip": TOOLTIP,
        },
        {"hideFrom": _HIDE_FROM},
        _PALETTE,
    ),
    "stat": Defaults(
        {
            "colorMode": "value",
            "graphMode": "area",
            "justifyMode": "auto",
            "orientation": "auto",
            "percentChangeColorMode": "standard",
            "reduceOptions": _REDUCE,
            "showPercentChange": False,
            "textMode": "auto",
            "wideLayout": True,
        },
        color=_THRESHOLDS,
    ),
    "state-timeline": Defaults(
        {
            "alignValue": "left",
            "legend": LEGEND,
            "mergeValues": True,
            "perPage": 20,
            "rowHeight": 0.9,
            "showValue": "auto",
            "tooltip": TOOLTIP,
        },
        {
            "axisPlacement": "auto",
            "fillOpacity": 70,
            "hideFrom": _HIDE_FROM,
            "insertNulls": False,
            "lineWidth": 0,
            "spanNulls": False,
        },
    ),
    "status-history": Defaults(
        {
            "colWidth": 0.9,
            "legend": LEGEND,
            "perPage": 20,
            "rowHeight": 0.9,
            "showValue": "auto",
            "tooltip": TOOLTIP,
        },
        {"axisPlacement": "auto", "fillOpacity": 70, "hideFrom": _HIDE_FROM, "lineWidth": 1},
    ),
    "table": Defaults(
        {
            "cellHeight": "sm",
            "footer": {"countRows": False, "fields": "", "show": False},
            "frameIndex": 0,
            "showHeader": True,
            "showTypeIcons": False,
        },
        {
            "align": "auto",
            "cellOptions": {"type": "auto"},
            "filterable": False,
            "footer": {"reducers": []},
            "inspect": False,
        },
        _THRESHOLDS,
    ),
    "text": Defaults(
        {
            "code": {"language": "plaintext", "showLineNumbers": False, "showMiniMap": False},
            "mode": "markdown",
        }
    ),
    "timeseries": Defaults({"legend": LEGEND, "tooltip": TOOLTIP}, _GRAPH, _PALETTE),
}

THRESHOLDS = {"mode": "absolute", "steps": [{"color": "green"}, {"color": "red", "value": 80}]}
"""What every field has (@grafana/data, standardFieldConfigEditorRegistry)."""

REFRESH_INTERVALS = ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"]
"""What a viewer may choose (defaults.ini, and the SDK's time picker)."""

DASHBOARD: Json = {
    "annotations": {"list": []},
    "description": "",
    "editable": True,
    "fiscalYearStartMonth": 0,
    "graphTooltip": 0,
    "links": [],
    "liveNow": False,
    "preload": False,
    "refresh": "",
    "style": "dark",
    "tags": [],
    "templating": {"list": []},
    "time": {"from": "now-6h", "to": "now"},
    "timepicker": {"hidden": False, "refresh_intervals": REFRESH_INTERVALS},
    "weekStart": "",
}
PANEL: Json = {
    "description": "",
    "fieldConfig": {"defaults": {}, "overrides": []},
    "hideTimeOverride": False,
    "links": [],
    "options": {},
    "title": "",
    "transformations": [],
    "transparent": False,
}
TRANSFORMATIONS: dict[str, Json] = {
    "joinByField": {"mode": "outer"},
    "organize": {"excludeByName": {}, "includeByName": {}, "indexByName": {}, "renameByName": {}},
}
ROW: Json = {"collapsed": False, "panels": [], "title": ""}
GRID = {"h": 3, "w": 6, "x": 0, "y": 0}
VARIABLE: Json = {
    "allValue": "",
    "allowCustomValue": True,
    "description": "",
    "hide": 0,
    "includeAll": False,
    "label": "",
    "multi": False,
    "regex": "",
    "skipUrlSync": False,
    "sort": 0,
}
AUTO: Json = {"auto": False, "auto_count": 30, "auto_min": "10s"}
"""Of a variable of intervals."""
LINK: Json = {
    "asDropdown": False,
    "icon": "external link",
    "includeVars": False,
    "keepTime": False,
    "tags": [],
    "targetBlank": False,
    "tooltip": "",
    "type": "link",
    "url": "",
}
ANNOTATION: Json = {"builtIn": 0, "enable": True, "hide": False}
BUILT_IN: Json = {
    "builtIn": 1,
    "enable": True,
    "hide": True,
    "iconColor": "rgba(0, 211, 255, 1)",
    "name": "Annotations & Alerts",
    "type": "dashboard",
}
"""The switch of the annotations that are made by hand, which Grafana adds where it is missing."""
