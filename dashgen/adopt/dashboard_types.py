"""Whether a dashboard has the types that Grafana reads it with: one that has not is drawn nowhere.

Only what an import takes apart is looked at. What is inside of options, queries and custom values may be anything.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from dashgen.grafana.dashboards.document import DashboardError, at

if TYPE_CHECKING:
    import jsonschema_rs

Json = dict[str, Any]
_TEXT, _OBJECT = {"type": "string"}, {"type": "object"}
_TEXTS: Json = {"type": "array", "items": _TEXT}


def _objects(properties: Json | None = None) -> Json:
    return {"type": "array", "items": {"type": "object", "properties": properties or {}}}


def _or_null(schema: Json) -> Json:
    """No `anyOf`: an error of one of its branches has no place of its own."""
    return {**schema, "type": [schema["type"], "null"]}


_WORD: Json = {"type": ["string", "null"]}
_SWITCH: Json = {"type": ["boolean", "null"]}
_REFERENCE = {"type": ["string", "object", "null"], "properties": {"type": _WORD, "uid": _WORD}}
_GRID = {
    "type": "object",
    "properties": {
        "h": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000},
        "w": {"type": ["integer", "null"], "minimum": 1, "maximum": 24},
        "x": {"type": ["integer", "null"], "minimum": 0, "maximum": 23},
        "y": {"type": ["integer", "null"], "minimum": 0, "maximum": 100_000},
    },
    "propertyNames": {"enum": ["h", "w", "x", "y", "static"]},
}
_VALUES: Json = {
    "custom": _or_null(_OBJECT),
    "links": _or_null(_objects()),
    "mappings": _or_null(_objects()),
    "thresholds": _or_null({"type": "object", "properties": {"steps": _or_null(_objects())}}),
}
_PANEL: Json = {
    "datasource": _REFERENCE,
    "description": _WORD,
    "fieldConfig": _or_null(
        {
            "type": "object",
            "properties": {
                "defaults": _or_null({"type": "object", "properties": _VALUES}),
                "overrides": _or_null(_objects({"matcher": _OBJECT, "properties": _or_null(_objects({"id": _TEXT}))})),
            },
        }
    ),
    "gridPos": _or_null(_GRID),
    "id": {"type": ["integer", "string", "null"]},
    "links": _or_null(_objects()),
    "options": _or_null(_OBJECT),
    "repeat": _WORD,
    "targets": _or_null(_objects({"datasource": _REFERENCE, "hide": _SWITCH})),
    "title": _WORD,
    "transformations": _or_null(_objects({"id": _TEXT})),
    "type": _WORD,
}
_DASHBOARD: Json = {
    "type": "object",
    "properties": {
        "annotations": _or_null(
            {"type": "object", "properties": {"list": _or_null(_objects({"datasource": _REFERENCE}))}}
        ),
        "description": _WORD,
        "editable": _SWITCH,
        "graphTooltip": {"type": ["integer", "null"]},
        "links": _or_null(_objects({"tags": _or_null(_TEXTS)})),
        "panels": _or_null(_objects({**_PANEL, "collapsed": _SWITCH, "panels": _or_null(_objects(_PANEL))})),
        "refresh": {"type": ["string", "boolean", "null"]},
        "tags": _or_null(_TEXTS),
        "templating": _or_null(
            {
                "type": "object",
                "properties": {
                    "list": _or_null(
                        _objects(
                            {
                                "current": {"type": ["object", "array", "null"]},
                                "datasource": _REFERENCE,
                                "name": _TEXT,
                                "type": _TEXT,
                            }
                        )
                    )
                },
            }
        ),
        "time": _or_null({"type": "object", "properties": {"from": _WORD, "to": _WORD}}),
        "timepicker": _or_null({"type": "object", "properties": {"refresh_intervals": _or_null(_TEXTS)}}),
        "timezone": _WORD,
        "title": _WORD,
    },
}


@functools.cache
def _judge() -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(_DASHBOARD)


def check(dashboard: Json) -> None:
    """Raises DashboardError with the place of the first value that is not of its type."""
    judge = _judge()
    if judge.is_valid(dashboard):
        return
    error = min(judge.iter_errors(dashboard), key=lambda one: list(map(str, one.instance_path)))
    raise DashboardError(f"is not as Grafana writes it: {error.message:.160}", at("$", *error.instance_path))
