"""Options of fields as dashgen's objects: units, colours, thresholds, mappings, links, overrides.

Each function takes the normalised form, and gives None where no object says the same: what is left is raw data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, get_args

from dashgen.model.core.fields import fields
from dashgen.model.core.node import Node, Wrong
from dashgen.model.core.problems import SpecError
from dashgen.model.dashboards import field as model
from dashgen.model.generated.colors import COLOR_NAMES
from dashgen.model.generated.units import UNITS

Json = dict[str, Any]
UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)
"""What reading raises where a value has another type than Grafana writes there: the object then stays raw."""
N = TypeVar("N", bound=Node)


def made(cls: type[N], *args: object, **given: object) -> N | None:
    """An object with those of the values that its fields take; None where they can't be together."""
    known = fields(cls)
    taken: dict[str, object] = {}
    for name, value in given.items():
        check = known[name].check
        if value == known[name].default and isinstance(value, bool) is isinstance(known[name].default, bool):
            continue
        try:
            if check is not None:
                check(value)
        except (Wrong, SpecError):
            continue
        taken[name] = value
    try:
        return cls(*args, **taken)
    except (SpecError, Wrong):
        return None


def only(given: object, *keys: str) -> bool:
    """Whether it is an object without any other key."""
    return isinstance(given, dict) and given.keys() <= set(keys)


def color(text: object) -> object:
    """A colour by its name or its number, else None."""
    if not isinstance(text, str):
        return None
    if text in COLOR_NAMES:
        return text
    for kind in (model.Hex, model.Rgb):
        try:
            return kind(text)
        except ValueError:
            continue
    return None


def unit(text: object) -> object:
    if text in UNITS:
        return text
    try:
        return model.CustomUnit(text) if isinstance(text, str) else None
    except ValueError:
        return None


def color_or_scheme(given: object) -> object:
    if not isinstance(given, dict) or not only(given, "mode", "fixedColor", "seriesBy"):
        return None
    fixed, by = color(given.get("fixedColor")), given.get("seriesBy")
    if given.get("mode") == "fixed" and "fixedColor" in given and by is None:
        return fixed
    if "fixedColor" in given and fixed is None:
        return None
    return made(model.ColorScheme, given.get("mode"), fixed=fixed, by=by)


def thresholds(given: object) -> model.Thresholds | None:
    if not isinstance(given, dict) or not only(given, "mode", "steps") or not given.get("steps"):
        return None
    base, *steps = given["steps"]
    pairs = [(step.get("value"), color(step.get("color"))) for step in steps if only(step, "color", "value")]
    first = color(base.get("color")) if only(base, "color") else None
    if first is None or len(pairs) < len(steps) or given.get("mode") not in ("absolute", "percentage"):
        return None
    return made(model.Thresholds, first, *pairs, percentage=given["mode"] == "percentage")


def mappings(given: object) -> tuple[model.Mapping_, ...] | None:
    found: list[model.Mapping_] = []
    for one in given if isinstance(given, list) else ():
        these = _mapping(one)
        if these is None:
            return None
        found += these
    return tuple(found)


def _mapping(given: object) -> list[model.Mapping_] | None:
    if not isinstance(given, dict) or not only(given, "type", "options") or not isinstance(given.get("options"), dict):
        return None
    options, kind = given["options"], given.get("type")
    if kind == "value":
        every = [_mapped(model.ValueMapping, (value,), result, "icon") for value, result in options.items()]
    elif kind == "range" and only(options, "from", "to", "result"):
        every = [_mapped(model.RangeMapping, (options.get("from"), options.get("to")), options.get("result"))]
    elif kind == "regex" and only(options, "pattern", "result"):
        every = [_mapped(model.RegexMapping, (options.get("pattern"),), options.get("result"))]
    elif kind == "special" and only(options, "match", "result"):
        every = [_mapped(model.SpecialMapping, (options.get("match"),), options.get("result"))]
    else:
        return None
    found = [one for one in every if one is not None]
    return found if len(found) == len(every) else None


def _mapped(cls: type[Any], of: tuple[object, ...], result: object, *more: str) -> Any:
    if not isinstance(result, dict) or not only(result, "color", "text", *more):
        return None
    shade = color(result.get("color"))
    if "color" in result and shade is None:
        return None
    return made(cls, *of, text=result.get("text"), color=shade, **{key: result.get(key) for key in more})


def data_links(given: object) -> tuple[model.DataLink, ...] | None:
    found = []
    for one in given if isinstance(given, list) else ():
        if not only(one, "title", "url", "targetBlank"):
            return None
        link = made(model.DataLink, one.get("title"), url=one.get("url"), new_tab=bool(one.get("targetBlank")))
        if link is None:
            return None
        found.append(link)
    return tuple(found)


FIELD_OPTIONS = (
    ("unit", "unit", unit),
    ("decimals", "decimals", lambda value: value),
    ("min", "min", lambda value: value),
    ("max", "max", lambda value: value),
    ("displayName", "display_name", lambda value: value),
    ("noValue", "no_value", lambda value: value),
    ("color", "color", color_or_scheme),
    ("thresholds", "thresholds", thresholds),
    ("mappings", "mappings", mappings),
    ("links", "data_links", data_links),
)
"""Grafana's key, dashgen's field, and how the value of the one becomes that of the other."""


def field_options(given: Mapping[str, Any]) -> dict[str, object]:
    """The arguments that say what a field config says, as far as there are any."""
    found = {ours: convert(given[theirs]) for theirs, ours, convert in FIELD_OPTIONS if theirs in given}
    return {name: value for name, value in found.items() if value is not None}


HIDDEN = {"legend": True, "tooltip": True, "viz": True}


def override(given: object, kind: str, refused: frozenset[str] = frozenset()) -> model.Override | None:
    """An override. What has no field goes into `custom` and, as what the schema refuses does, into `raw` by its id."""
    if not isinstance(given, dict) or not only(given, "matcher", "properties"):
        return None
    match = matcher(given["matcher"]) if isinstance(given.get("matcher"), dict) else None
    properties: Sequence[Json] = given.get("properties") or ()
    values = {str(one.get("id")): one.get("value") for one in properties if only(one, "id", "value")}
    if match is None or len(values) < len(properties):
        return None
    typed = field_options({key: value for key, value in values.items() if value is not None})
    if values.get("custom.hidden") is True and kind == "table":
        typed["hidden"] = True
        del values["custom.hidden"]
    elif values.get("custom.hideFrom") == HIDDEN and kind not in ("stat", "gauge", "bargauge", "table"):
        typed["hidden"] = True
        del values["custom.hideFrom"]
    said = {theirs for theirs, ours, _ in FIELD_OPTIONS if ours in _taken(typed)}
    left = {key: value for key, value in values.items() if key not in said}
    custom = {key.removeprefix("custom."): value for key, value in left.items() if key.startswith("custom.")}
    custom = {key: value for key, value in custom.items() if f"custom.{key}" not in refused}
    raw = {key: value for key, value in left.items() if key in refused or not key.startswith("custom.")}
    return made(model.Override, match, **typed, custom=custom, raw=raw)


def _taken(given: dict[str, object]) -> set[str]:
    one = made(model.Override, "x", **given)
    return set(vars(one)) if one is not None else set()


def matcher(given: Json) -> object:
    kind, options = given.get("id"), given.get("options")
    if not only(given, "id", "options"):
        return None
    if kind == "byName" and isinstance(options, str) and options:
        return options
    if kind == "byRegexp" and isinstance(options, str):
        return made(model.ByRegex, options)
    if kind == "byType" and options in get_args(model.ValueType):
        return made(model.ByType, options)
    return made(model.FieldMatcher, kind, options)
