"""The floor: plain dicts and orjson, no types, no checks."""

from __future__ import annotations

from typing import Any

import orjson

from benchmarks.peers.shape import DESCRIPTION, PANELS, PLUGIN, UID, main, position, sql

SOURCE = {"type": PLUGIN, "uid": UID}


def panel(dashboard: int, number: int) -> dict[str, Any]:
    is_series = bool(number % 2)
    steps = [{"color": "green", "value": None}, {"color": "red", "value": number + 1}]
    defaults: dict[str, Any] = {"unit": "ms", "thresholds": {"mode": "absolute", "steps": steps}}
    if is_series:
        defaults["custom"] = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 0, "showPoints": "auto"}
        options: dict[str, Any] = {
            "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "none"},
        }
    else:
        options = {
            "colorMode": "value",
            "graphMode": "none",
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        }
    return {
        "id": number + 1,
        "type": "timeseries" if is_series else "stat",
        "title": f"Panel {number}",
        "description": DESCRIPTION,
        "datasource": SOURCE,
        "gridPos": position(number),
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": options,
        "targets": [
            {
                "refId": "A",
                "datasource": SOURCE,
                "queryType": "sql",
                "format": 1 - number % 2,
                "rawSql": sql(dashboard, number),
            }
        ],
    }


def dashboard(number: int) -> dict[str, Any]:
    option = {"text": "prod", "value": "prod", "selected": True}
    row = {"id": 0, "type": "row", "title": "All", "collapsed": False, "panels": []}
    return {
        "uid": f"d{number}",
        "title": f"Dashboard {number}",
        "schemaVersion": 42,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "tags": [],
        "templating": {
            "list": [{"type": "custom", "name": "env", "query": "prod", "current": option, "options": [option]}]
        },
        "panels": [row | {"gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}}, *(panel(number, p) for p in range(PANELS))],
    }


def text(number: int) -> str:
    return orjson.dumps(dashboard(number), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2).decode()


if __name__ == "__main__":
    main(text)
