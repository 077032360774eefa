"""The JSON Schema of a classic dashboard, from the installed SDK's model classes.

Closed: Grafana ignores unknown keys without a word, so a misspelt option would never be seen. Hardly anything
is required: Grafana fills in defaults, and the SDK's own required keys are mostly what its builders happen to
set.
"""

from __future__ import annotations

import copy
import importlib
import warnings
from types import MappingProxyType

from dashgen.schema import patches
from dashgen.schema.classes import Definitions, Json, closed, reference, switch
from dashgen.schema.definitions import reachable

# Panel kind, as it is written in `type`, to the SDK's module. Grafana's plugin ids are not all the module
# names.
SDK_PANELS = MappingProxyType(
    {
        "annolist": "annotationslist",
        "barchart": "barchart",
        "bargauge": "bargauge",
        "candlestick": "candlestick",
        "canvas": "canvas",
        "dashlist": "dashboardlist",
        "datagrid": "datagrid",
        "debug": "debug",
        "gauge": "gauge",
        "geomap": "geomap",
        "heatmap": "heatmap",
        "histogram": "histogram",
        "logs": "logs",
        "news": "news",
        "nodeGraph": "nodegraph",
        "piechart": "piechart",
        "stat": "stat",
        "state-timeline": "statetimeline",
        "status-history": "statushistory",
        "table": "table",
        "text": "text",
        "timeseries": "timeseries",
        "trend": "trend",
        "xychart": "xychart",
    }
)

# The list is closed on purpose: of a community plugin's options nothing is known that could be checked, and
# a misspelt kind would be taken for one. `row` is not a kind of panel here: it holds panels.
PANEL_KINDS = tuple(sorted((*SDK_PANELS, "alertlist")))

# Kinds whose `custom` has keys that the SDK has no class for: hiding a series from the legend is stored
# there.
_HIDEABLE = ("geomap",)

_MODELS = "grafana_foundation_sdk.models."


def dashboard_schema() -> Json:
    """The whole schema: definitions of every panel kind, and `dashboard.Dashboard` at the root."""
    with warnings.catch_warnings():
        # The SDK's classes warn at import that the second dashboard schema is preferred.
        warnings.simplefilter("ignore", DeprecationWarning)
        found = _definitions()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Grafana dashboard (classic), as dashgen renders it",
        "$ref": "#/$defs/dashboard.Dashboard",
        "$defs": reachable(found, "dashboard.Dashboard"),  # a patch has replaced parts of the SDK's
    }


def _definitions() -> Json:
    definitions = Definitions()
    dashboard = importlib.import_module(_MODELS + "dashboard")
    common = importlib.import_module(_MODELS + "common")
    for cls in (dashboard.Dashboard, dashboard.FieldConfigSource, dashboard.AnnotationTarget):
        definitions.of(cls)
    hideable = definitions.of(common.HideableFieldConfig)
    customs: dict[str, Json] = dict.fromkeys(_HIDEABLE, hideable)
    options: dict[str, Json] = {"alertlist": reference("alertlist.Options")}
    for kind, module_name in SDK_PANELS.items():
        module = importlib.import_module(_MODELS + module_name)
        options[kind] = definitions.of(module.Options)
        if hasattr(module, "FieldConfig"):
            customs[kind] = definitions.of(module.FieldConfig)

    found = definitions.found
    found.update(copy.deepcopy(patches.HAND_WRITTEN))
    patches.apply(found)
    found["StandardOverride"] = _override_values(_standard(found))
    for kind in PANEL_KINDS:
        _add_kind(found, kind, options[kind], customs.get(kind, closed({})))
    found["AnyPanel"] = switch("type", {kind: reference(f"{kind}.Panel") for kind in PANEL_KINDS})
    found["PlacedInRow"] = {"required": ["gridPos", "id"], "allOf": [reference("AnyPanel")]}
    found["PlacedPanel"] = {
        "required": ["gridPos", "id"],
        "if": {"properties": {"type": {"const": "row"}}, "required": ["type"]},
        "then": reference("dashboard.RowPanel"),
        "else": reference("AnyPanel"),
    }
    return found


def _standard(found: Json) -> Json:
    properties: Json = found["dashboard.FieldConfig"]["properties"]
    return {key: schema for key, schema in properties.items() if key != "custom"}


def _override_values(values: Json) -> Json:
    """What an override's `value` is, by its `id`; ids are checked by the kind."""
    return {
        "allOf": [
            {
                "if": {"properties": {"id": {"const": key}}, "required": ["id"]},
                "then": {"properties": {"value": schema}},
            }
            for key, schema in values.items()
        ]
    }


def _add_kind(found: Json, kind: str, options: Json, custom: Json) -> None:
    """Definitions `<kind>.Panel`, `.FieldConfigSource`, `.Defaults`, `.Override` and `.Property`."""
    named = found[custom["$ref"].rsplit("/", 1)[-1]] if "$ref" in custom else custom
    by_id = {f"custom.{key}": schema for key, schema in named["properties"].items()}

    panel = copy.deepcopy(found["dashboard.Panel"])
    panel["properties"] |= {
        "type": {"const": kind},
        "options": options,
        "fieldConfig": reference(f"{kind}.FieldConfigSource"),
    }
    defaults = copy.deepcopy(found["dashboard.FieldConfig"])
    defaults["properties"]["custom"] = custom
    override = copy.deepcopy(found["dashboard.DashboardFieldConfigSourceOverrides"])
    override["properties"]["properties"] = {"type": "array", "items": reference(f"{kind}.Property")}
    override["required"] = ["matcher", "properties"]
    found[f"{kind}.Panel"] = panel
    found[f"{kind}.Defaults"] = defaults
    found[f"{kind}.Override"] = override
    found[f"{kind}.FieldConfigSource"] = closed(
        {
            "defaults": reference(f"{kind}.Defaults"),
            "overrides": {"type": "array", "items": reference(f"{kind}.Override")},
        }
    )
    found[f"{kind}.Property"] = {
        **closed({"id": {"enum": [*_standard(found), *by_id]}, "value": {}}, required=("id",)),
        "allOf": [reference("StandardOverride"), *([_override_values(by_id)] if by_id else [])],
    }
