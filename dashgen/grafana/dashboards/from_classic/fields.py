"""Settings of fields."""

from __future__ import annotations

from collections.abc import Iterator

from dashgen.grafana.dashboards.document import Json, is_number, mapping, objects, text
from dashgen.grafana.dashboards.from_classic.members import whole

TEXTS = ("description", "displayName", "displayNameFromDS", "noValue", "path", "unit", "nullValueMode")
NUMBERS = ("decimals", "max", "min")
FLAGS = ("filterable", "writeable", "fieldMinMax")
LISTS = ("links", "actions")


def field_config(config: Json) -> Json:
    return {
        "defaults": _defaults(mapping(config.get("defaults"))),
        "overrides": [_override(one) for one in objects(config.get("overrides"))],
    }


def _defaults(defaults: Json) -> Json:
    found: Json = {}
    found.update({key: defaults[key] for key in TEXTS if isinstance(defaults.get(key), str)})
    found.update({key: defaults[key] for key in NUMBERS if is_number(defaults.get(key))})
    found.update({key: defaults[key] for key in FLAGS if isinstance(defaults.get(key), bool)})
    if mapping(defaults.get("custom")):
        found["custom"] = defaults["custom"]
    found.update({key: defaults[key] for key in LISTS if isinstance(defaults.get(key), list) and defaults[key]})
    color = defaults.get("color")
    if isinstance(color, dict):
        found["color"] = {"mode": text(color.get("mode")), **_texts(color, "fixedColor", "seriesBy")}
    mappings = [one for given in objects(defaults.get("mappings")) for one in _mapping(given)]
    if mappings:
        found["mappings"] = mappings
    thresholds = defaults.get("thresholds")
    if isinstance(thresholds, dict):
        found["thresholds"] = {
            "mode": text(thresholds.get("mode")),
            "steps": [_step(step) for step in objects(thresholds.get("steps"))],
        }
    return found


def _step(step: Json) -> Json:
    value = step.get("value")
    return {"color": text(step.get("color")), "value": value if is_number(value) else None}


def _texts(owner: Json, *keys: str) -> Json:
    return {key: owner[key] for key in keys if isinstance(owner.get(key), str)}


def _mapping(given: Json) -> Iterator[Json]:
    """Those without what they compare with are left out."""
    kind, options = given.get("type"), mapping(given.get("options"))
    found: Json = {}
    if kind == "value":
        found = {key: _result(value) for key, value in options.items() if isinstance(value, dict)}
    elif kind == "range" and (options.get("from") is not None or options.get("to") is not None):
        found = {key: options.get(key) if is_number(options.get(key)) else None for key in ("from", "to")}
    elif kind == "regex" and isinstance(given.get("options"), dict):
        found = {"pattern": text(options.get("pattern"))}
    elif kind == "special" and options:
        found = {"match": text(options.get("match"))}
    else:
        return
    if kind != "value":
        found["result"] = _result(mapping(options.get("result")))
    yield {"type": kind, "options": found}


def _result(result: Json) -> Json:
    found = _texts(result, "text", "color", "icon")
    return {**found, "index": whole(result["index"])} if is_number(result.get("index")) else found


def _override(override: Json) -> Json:
    return {
        **_texts(override, "__systemRef"),
        "matcher": matcher(mapping(override.get("matcher"))),
        "properties": [_property(one) for one in objects(override.get("properties"))],
    }


def matcher(given: Json) -> Json:
    found: Json = {"id": text(given.get("id")), **_texts(given, "scope")}
    return found if given.get("options") is None else {**found, "options": given["options"]}


def _property(setting: Json) -> Json:
    found: Json = {"id": text(setting.get("id"))}
    return found if setting.get("value") is None else {**found, "value": setting["value"]}
