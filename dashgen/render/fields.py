"""Field options and overrides as Grafana's field config."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

import orjson
from grafana_foundation_sdk.models import dashboard as dm

from dashgen.model.core.validators import thaw
from dashgen.model.dashboards.field import (
    ByQuery,
    ByRegex,
    ByType,
    ColorScheme,
    DataLink,
    FieldMatcher,
    FieldOptions,
    Mapping_,
    Override,
    RangeMapping,
    RegexMapping,
    Thresholds,
    ValueMapping,
)
from dashgen.model.dashboards.panel import Panel
from dashgen.model.dashboards.panel_kinds import of
from dashgen.model.environment import Environment
from dashgen.render.links import dashboard_address, target
from dashgen.render.serialise import json_bytes


class Plain:
    """JSON data that the SDK's models have no type for."""

    __slots__ = ("data",)

    def __init__(self, data: object) -> None:
        self.data = data

    def to_json(self) -> object:
        return self.data


class Merged:
    """An SDK object with further keys beside its own."""

    __slots__ = ("base", "extra")

    def __init__(self, base: object, extra: Mapping[str, object]) -> None:
        self.base, self.extra = base, extra

    def to_json(self) -> dict[str, object]:
        return _merge(self.base, thaw(self.extra))


def _merge(base: object, extra: dict[str, object]) -> dict[str, object]:
    out = _keys(base)
    for key, value in extra.items():
        out[key] = _merge(out[key], value) if isinstance(value, dict) and _keys(out.get(key)) else value
    return out


def _keys(value: object) -> dict[str, object]:
    """What an SDK object or plain JSON data says, by key; nothing for anything else."""
    to_json = getattr(value, "to_json", None)
    plain = to_json() if callable(to_json) else value
    return dict(plain) if isinstance(plain, dict) else {}


def plain(value: object) -> object:
    """An SDK object as plain JSON data, which is made into bytes without asking it again; None stays None."""
    return None if value is None else orjson.loads(json_bytes(value))


def merged(base: object, extra: Mapping[str, object]) -> object:
    """`base`, with the author's further keys if there are any."""
    return Merged(base, extra) if extra else base


def thresholds(value: Thresholds) -> dm.ThresholdsConfig:
    mode = dm.ThresholdsMode.PERCENTAGE if value.percentage else dm.ThresholdsMode.ABSOLUTE
    steps = [
        dm.Threshold(None, str(value.base)),
        *(dm.Threshold(at, str(color)) for at, color in value.steps),
    ]
    return dm.ThresholdsConfig(mode=mode, steps=steps)


def color(value: object) -> dm.FieldColor:
    if isinstance(value, ColorScheme):
        fixed = str(value.fixed) if value.fixed else None
        by = dm.FieldColorSeriesByMode(value.by) if value.by else None
        return dm.FieldColor(mode=dm.FieldColorModeId(value.mode), fixed_color=fixed, series_by=by)
    return dm.FieldColor(mode=dm.FieldColorModeId.FIXED, fixed_color=str(value))


def _key(value: object) -> str:
    """A mapped value as Grafana's value map writes it: numbers as JavaScript prints them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def mappings(values: tuple[Mapping_, ...]) -> list[object]:
    """Value mappings share one object; `index` keeps the author's order."""
    out: list[object] = []
    by_value: dict[str, dm.ValueMappingResult] = {}
    for index, m in enumerate(values):
        shade = str(m.color) if m.color else None
        if isinstance(m, ValueMapping):
            if not by_value:
                out.append(dm.ValueMap(by_value))
            by_value[_key(m.value)] = dm.ValueMappingResult(text=m.text, color=shade, icon=m.icon, index=index)
        elif isinstance(m, RegexMapping):
            result = dm.ValueMappingResult(text=m.text, color=shade, index=index)
            out.append(dm.RegexMap(dm.DashboardRegexMapOptions(pattern=m.pattern, result=result)))
        elif isinstance(m, RangeMapping):
            result = dm.ValueMappingResult(text=m.text, color=shade, index=index)
            out.append(dm.RangeMap(dm.DashboardRangeMapOptions(from_val=m.low, to=m.high, result=result)))
        else:
            result = dm.ValueMappingResult(text=m.text, color=shade, index=index)
            out.append(
                dm.SpecialValueMap(
                    dm.DashboardSpecialValueMapOptions(match=dm.SpecialValueMatch(m.match), result=result)
                )
            )
    return out


def data_link(link: DataLink, environment: Environment) -> Plain:
    """Data links have other keys than dashboard links, which is how the SDK types them."""
    url = link.url
    if link.dashboard is not None:
        url = f"{dashboard_address(link.dashboard, environment)}?${{__url_time_range}}"
        for name, text in link.variables.items():
            # a placeholder stays one, whatever else is in the text is escaped
            url += f"&var-{name}={quote(str(text), safe='${}._:')}"
    return Plain(target(link.title, url, link.new_tab))


def defaults(options: FieldOptions, environment: Environment, custom: object) -> dm.FieldConfig:
    return dm.FieldConfig(
        unit=options.unit,
        decimals=options.decimals,
        min_val=options.min,
        max_val=options.max,
        display_name=options.display_name,
        no_value=options.no_value,
        color=color(options.color) if options.color is not None else None,
        thresholds=thresholds(options.thresholds) if options.thresholds is not None else None,
        mappings=mappings(options.mappings) if options.mappings else None,  # type: ignore[arg-type]  # list is invariant
        links=[data_link(link, environment) for link in options.data_links] if options.data_links else None,  # type: ignore[misc]
        custom=merged(custom, options.custom),
    )


_HIDDEN: Mapping[str, object] = {"hidden": True, "hideFrom": {"legend": True, "tooltip": True, "viz": True}}
"""What a custom option that hides a field holds."""


_SIMPLE: tuple[tuple[str, str, Callable[..., object]], ...] = (
    ("unit", "unit", str),
    ("decimals", "decimals", int),
    ("min", "min", float),
    ("max", "max", float),
    ("display_name", "displayName", str),
    ("no_value", "noValue", str),
    ("color", "color", color),
    ("thresholds", "thresholds", thresholds),
)


def override(value: Override, panel: Panel, environment: Environment) -> dm.DashboardFieldConfigSourceOverrides:
    match = value.match
    if isinstance(match, ByRegex):
        matcher = dm.MatcherConfig("byRegexp", match.pattern)
    elif isinstance(match, ByType):
        matcher = dm.MatcherConfig("byType", match.type)
    elif isinstance(match, FieldMatcher):
        matcher = dm.MatcherConfig(match.id, thaw(match.options))
    elif isinstance(match, ByQuery):
        names = [q.name for q in panel.targets]
        ref = panel.ref_ids[names.index(match.query)] if match.query in names else match.query
        matcher = dm.MatcherConfig("byFrameRefID", ref)
    else:
        matcher = dm.MatcherConfig("byName", match)
    properties = [
        dm.DynamicConfigValue(theirs, convert(given))
        for ours, theirs, convert in _SIMPLE
        if (given := getattr(value, ours)) is not None
    ]
    if value.mappings:
        properties.append(dm.DynamicConfigValue("mappings", mappings(value.mappings)))
    if value.data_links:
        properties.append(dm.DynamicConfigValue("links", [data_link(x, environment) for x in value.data_links]))
    if value.hidden:
        option = of(panel.kind).hides_by
        properties.append(dm.DynamicConfigValue(f"custom.{option}", _HIDDEN[option]))
    properties.extend(dm.DynamicConfigValue(f"custom.{key}", thaw(item)) for key, item in value.custom.items())
    properties = [p for p in properties if p.id_val not in value.raw]
    properties.extend(dm.DynamicConfigValue(key, thaw(item)) for key, item in value.raw.items())
    return dm.DashboardFieldConfigSourceOverrides(matcher=matcher, properties=properties)
