"""Schema version 30: value mappings with a kind, and the tooltip of time series.

Read in apps/dashboard/pkg/migration/schemaversion/v30.go.
"""

from __future__ import annotations

from typing import Any

from dashgen.grafana.dashboards.document import Json, is_number, mapping, objects
from dashgen.grafana.dashboards.migrations.numbers import as_integer, parse_float, written
from dashgen.grafana.dashboards.migrations.panels import all_panels

VALUE, RANGE = 1, 2
"""The kinds of the old form."""
WITH_TOOLTIP = ("timeseries", "xychart", "xychart2")


def v30(dashboard: Json) -> None:
    for panel in all_panels(dashboard):
        field_config = mapping(panel.get("fieldConfig"))
        defaults = mapping(field_config.get("defaults"))
        if isinstance(defaults.get("mappings"), list):
            thresholds = defaults.get("thresholds")
            defaults["mappings"] = upgraded(defaults["mappings"], thresholds if isinstance(thresholds, dict) else None)
        for override in objects(field_config.get("overrides")):
            for setting in objects(override.get("properties")):
                if setting.get("id") == "mappings" and isinstance(setting.get("value"), list):
                    setting["value"] = upgraded(setting["value"], None)
        options = panel.get("options")
        if panel.get("type") in WITH_TOOLTIP and isinstance(options, dict) and "tooltipOptions" in options:
            options["tooltip"] = options.pop("tooltipOptions")


def upgraded(mappings: list[Any], thresholds: Json | None) -> list[Any]:
    """All mappings of single values in one, before the others. A list that has none of the old form stays as it is."""
    if all(_is_new(one) for one in objects(mappings)):
        return mappings
    values: Json = {}
    has_values = False
    others: list[Any] = []
    for one in objects(mappings):
        if not _is_new(one):
            result = _result(one, thresholds)
            kind = as_integer(one.get("type"))
            if kind == VALUE and "value" in one:
                if one["value"] == "null":
                    others.append({"type": "special", "options": {"match": "null", "result": result}})
                else:
                    values[written(one["value"])] = result
                    has_values = True
            elif kind == RANGE:
                ends = {end: _number(one.get(end)) for end in ("from", "to")}
                others.append({"type": "range", "options": {**ends, "result": result}})
        elif one["type"] == "value":
            if isinstance(one.get("options"), dict):
                values.update(one["options"])
                has_values = True
        else:
            others.append(one)
    return [{"type": "value", "options": values}, *others] if has_values else others


def _number(end: object) -> float:
    """Of a text too; 0 for what is none."""
    number = parse_float(written(end)) or 0
    return int(number) if number == int(number) else number


def _is_new(one: Json) -> bool:
    return isinstance(one.get("type"), str) and one["type"] != ""


def _result(one: Json, thresholds: Json | None) -> Json:
    """What the mapping shows. A text that is a number takes the colour of the threshold that it reaches."""
    result = {"text": one.get("text")}
    number = parse_float(one["text"]) if isinstance(one.get("text"), str) else None
    if number is not None and thresholds is not None:
        color = _color(number, thresholds)
        if color is not None:
            result["color"] = color
    return result


def _color(number: float, thresholds: Json) -> Any:
    color = None
    for step in objects(thresholds.get("steps")):
        if "value" in step:
            least = step["value"]
            if is_number(least) and number < least:
                break
            if least is None or is_number(least):
                color = step.get("color")
    return color
