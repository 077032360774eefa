"""Where Grafana differs from the SDK's types, and what dashgen itself narrows.

`PATCHES` is the whole list: each entry adds, replaces or removes keys of one derived definition.
`HAND_WRITTEN` holds the definitions that no SDK class stands for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import get_args

from dashgen.model.dashboards.panel import State
from dashgen.schema import transformations
from dashgen.schema.classes import Json, closed, reference, switch
from dashgen.schema.vocabulary import (
    COLOR_MODES,
    POSTGRESQL_PLUGINS,
    QUESTDB_PLUGIN,
    REDUCERS,
    SCHEMA_VERSION,
    TRANSFORMATIONS,
)

STRING: Json = {"type": "string"}
BOOLEAN: Json = {"type": "boolean"}
NUMBER: Json = {"type": "number"}
INTEGER: Json = {"type": "integer"}
OBJECT: Json = {"type": "object"}
STRINGS: Json = {"type": "array", "items": STRING}
ONE_OR_MORE: Json = {"type": ["string", "array"], "items": STRING}
REDUCER_LIST: Json = {"type": "array", "items": reference("Reducer")}


@dataclass(frozen=True, slots=True)
class Patch:
    """What is changed in one definition. `nullable` keys may also be `null`; `conditions` hold besides."""

    definition: str
    why: str
    put: Json = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    nullable: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    conditions: tuple[Json, ...] = ()


PATCHES: tuple[Patch, ...] = (
    Patch(
        "dashboard.Dashboard",
        "a provisioned file has `id: null` and a uid; dashgen renders one schema version",
        put={
            "id": {"type": "null", "description": "Grafana gives the number; write null"},
            "uid": reference("DashboardUid"),
            "title": {"type": "string", "minLength": 1},
            "schemaVersion": {"const": SCHEMA_VERSION},
            "fiscalYearStartMonth": {"type": "integer", "minimum": 0, "maximum": 11},
            "weekStart": {"enum": ["", "saturday", "sunday", "monday"]},
            "panels": {"type": "array", "items": reference("PlacedPanel")},
        },
        drop=("snapshot",),
        required=("panels", "schemaVersion", "title", "uid"),
    ),
    Patch(
        "dashboard.Panel",
        "ids are checked for the whole dashboard; a library panel cannot be provisioned from a file",
        put={"id": reference("PanelId"), "targets": {"type": "array", "items": reference("Target")}},
        drop=("libraryPanel",),
        nullable=(
            "cacheTimeout",
            "datasource",
            "description",
            "interval",
            "maxDataPoints",
            "repeat",
            "timeFrom",
            "timeShift",
        ),
        required=("type",),
    ),
    Patch(
        "dashboard.RowPanel",
        "Grafana's editor writes some keys of panels to rows too",
        put={
            "id": reference("PanelId"),
            "repeatDirection": {"enum": ["h", "v"]},
            "panels": {"type": "array", "items": reference("PlacedInRow")},
            "targets": {"type": "array", "items": reference("Target")},
        },
        nullable=("datasource", "repeat"),
        required=("type",),
    ),
    Patch(
        "dashboard.GridPos",
        "24 columns; that x + w fits them is checked elsewhere",
        put={
            "h": {"type": "integer", "minimum": 1},
            "w": {"type": "integer", "minimum": 1, "maximum": 24},
            "x": {"type": "integer", "minimum": 0, "maximum": 23},
            "y": {"type": "integer", "minimum": 0},
        },
        required=("h", "w", "x", "y"),
    ),
    Patch("dashboard.DashboardDashboardTime", "both ends or none", required=("from", "to")),
    Patch("dashboard.TimeOption", "a range without a name is not shown", required=("display", "from", "to")),
    Patch("dashboard.DashboardLink", "the `url` of links by tag is null", nullable=("url",), required=("title",)),
    Patch(
        "dashboard.FieldConfig",
        "`links` are data links, typed as dashboard links in the SDK; automatic bounds are null",
        put={
            "links": {"type": "array", "items": reference("DataLink")},
            "mappings": {"type": "array", "items": reference("ValueMapping")},
        },
        nullable=("decimals", "max", "min", "noValue", "unit"),
    ),
    Patch("dashboard.Threshold", "the first step has no lower bound", nullable=("value",), required=("color",)),
    Patch("dashboard.ThresholdsConfig", "a mode without steps colours nothing", required=("mode", "steps")),
    Patch(
        "dashboard.FieldColor",
        "the SDK lacks the schemes of later versions",
        put={"mode": {"enum": list(COLOR_MODES)}},
        required=("mode",),
    ),
    Patch("dashboard.ValueMap", "a mapping without options maps nothing", required=("options", "type")),
    Patch("dashboard.RangeMap", "as above", required=("options", "type")),
    Patch("dashboard.RegexMap", "as above", required=("options", "type")),
    Patch("dashboard.SpecialValueMap", "as above", required=("options", "type")),
    Patch(
        "dashboard.DashboardRangeMapOptions",
        "an open end is null",
        nullable=("from", "to"),
        required=("result",),
    ),
    Patch("dashboard.DashboardRegexMapOptions", "the pattern maps", required=("pattern", "result")),
    Patch("dashboard.DashboardSpecialValueMapOptions", "the match maps", required=("match", "result")),
    Patch(
        "dashboard.DataTransformerConfig",
        "options differ by transformation, an unknown id breaks the panel",
        put={"id": {"enum": list(TRANSFORMATIONS)}, "options": OBJECT},
        required=("id", "options"),
        conditions=tuple(transformations.conditions()),
    ),
    Patch("dashboard.MatcherConfig", "a matcher without an id matches nothing", required=("id",)),
    Patch(
        "dashboard.VariableModel",
        "ad hoc filters are missing; nulls are what Grafana's editor writes",
        put={
            "name": {"type": "string", "pattern": "^[a-zA-Z0-9_]+$", "description": "letters, digits and _"},
            "filters": {"type": "array", "items": OBJECT},
            "baseFilters": {"type": "array", "items": OBJECT},
            "defaultKeys": {"type": "array", "items": OBJECT},
        },
        nullable=("allValue", "datasource", "description", "label"),
        required=("name", "type"),
    ),
    Patch(
        "dashboard.VariableOption",
        "a variable with several values has lists",
        put={"text": ONE_OR_MORE, "value": ONE_OR_MORE, "isNone": BOOLEAN},
    ),
    Patch(
        "dashboard.AnnotationQuery",
        "the target is the datasource's own, or the built-in tag search",
        put={"target": reference("AnnotationTarget")},
        nullable=("datasource",),
        required=("name",),
    ),
    Patch(
        "common.DataSourceRef",
        "a reference by type alone means whichever datasource is the default that day",
        required=("uid",),
    ),
    Patch("common.ReduceDataOptions", "reducers are known", put={"calcs": REDUCER_LIST}),
    Patch("common.VizLegendOptions", "reducers are known", put={"calcs": REDUCER_LIST}),
    Patch("piechart.PieChartLegendOptions", "reducers are known", put={"calcs": REDUCER_LIST}),
    Patch(
        "common.TableFooterOptions",
        "reducers are known; Grafana's editor writes `fields` as an empty string",
        put={"reducer": REDUCER_LIST, "fields": ONE_OR_MORE},
    ),
    Patch(
        "common.TableFieldOptions",
        "cell options are told apart by their type; keys of the table of Grafana 12.2",
        put={
            "cellOptions": reference("TableCellOptions"),
            "wrapHeaderText": BOOLEAN,
            "styleField": STRING,
            "footer": closed({"reducers": REDUCER_LIST}),
            "tooltip": closed({"field": STRING, "placement": STRING}),
        },
        nullable=("align",),
    ),
    Patch(
        "table.Options",
        "keys of the table of Grafana 12.2",
        put={
            "enablePagination": BOOLEAN,
            "maxRowHeight": NUMBER,
            "frozenColumns": closed({"left": INTEGER}),
            "disableKeyboardEvents": BOOLEAN,
        },
    ),
    Patch("common.ScaleDistributionConfig", "a scale needs its type", required=("type",)),
    Patch(
        "geomap.MapViewConfig",
        "degrees and zoom are not whole numbers",
        put=dict.fromkeys(("lat", "lon", "zoom"), NUMBER),
    ),
    Patch("common.MapLayerOptions", "opacity is a share of 1", put={"opacity": NUMBER}),
    Patch("histogram.Options", "buckets need not be whole", put={"bucketSize": NUMBER}),
    Patch(
        "common.StackingConfig",
        "Grafana's editor writes `group: false` when an override stacks by itself",
        put={"group": {"type": ["string", "boolean"]}},
    ),
    Patch(
        "canvas.CanvasOptionsRoot",
        "the root is an element like those in it",
        put={
            "background": reference("canvas.BackgroundConfig"),
            "border": reference("canvas.LineConfig"),
            "constraint": reference("canvas.Constraint"),
            "placement": reference("canvas.Placement"),
        },
    ),
    Patch("heatmap.FilterValueRange", "an open end is null", nullable=("ge", "le")),
)

_MAPPINGS: Json = {
    "value": reference("dashboard.ValueMap"),
    "range": reference("dashboard.RangeMap"),
    "regex": reference("dashboard.RegexMap"),
    "special": reference("dashboard.SpecialValueMap"),
}

_TARGET: Json = {
    "refId": {"type": "string", "minLength": 1},
    "datasource": reference("common.DataSourceRef"),
    "hide": BOOLEAN,
    "rawSql": STRING,
}

HAND_WRITTEN: Json = {
    "DashboardUid": {
        "type": "string",
        "pattern": "^[a-zA-Z0-9_-]{1,40}$",
        "description": "1 to 40 letters, digits, - or _",
    },
    "PanelId": {"type": "integer", "minimum": 1},
    "Reducer": {"enum": list(REDUCERS)},
    "DataLink": closed(
        {
            "title": STRING,
            "url": STRING,
            "targetBlank": BOOLEAN,
            "oneClick": BOOLEAN,
            "internal": OBJECT,
        },
        required=("title", "url"),
    ),
    "ValueMapping": switch("type", _MAPPINGS),
    "TableCellOptions": switch(
        "type",
        {
            "auto": reference("common.TableAutoCellOptions"),
            "sparkline": reference("common.TableSparklineCellOptions"),
            "gauge": reference("common.TableBarGaugeCellOptions"),
            "color-background": reference("common.TableColoredBackgroundCellOptions"),
            "color-text": reference("common.TableColorTextCellOptions"),
            "image": reference("common.TableImageCellOptions"),
            "data-links": reference("common.TableDataLinksCellOptions"),
            "actions": reference("common.TableActionsCellOptions"),
            "json-view": reference("common.TableJsonViewCellOptions"),
            # Grafana 12.2 and later
            "pill": closed({"type": STRING, "wrapText": BOOLEAN}),
            "markdown": closed({"type": STRING, "dynamicHeight": BOOLEAN}),
        },
    ),
    "Target": {
        "type": "object",
        "required": ["refId"],
        "properties": {key: _TARGET[key] for key in ("refId", "hide")},
        # Targets of other datasources (and of mixed panels) are open: their keys are not ours to know.
        "allOf": [
            {
                "if": {
                    "properties": {
                        # `properties` alone holds for anything that is no object
                        "datasource": {
                            "type": "object",
                            "properties": {"type": {"enum": plugins}},
                            "required": ["type"],
                        }
                    },
                    "required": ["datasource"],
                },
                "then": reference(definition),
            }
            for plugins, definition in (
                ([QUESTDB_PLUGIN], "QuestDBTarget"),
                (list(POSTGRESQL_PLUGINS), "PostgreSQLTarget"),
            )
        ],
    },
    "QuestDBTarget": closed(
        {
            **_TARGET,
            "queryType": {"const": "sql"},
            "format": {"enum": [0, 1], "description": "0: time series, 1: table"},
            "selectedFormat": {"enum": [0, 1], "description": "0: time series, 1: table"},
            "meta": closed({"timezone": STRING}),
        },
        required=("datasource", "format", "queryType", "rawSql", "refId"),
    ),
    "PostgreSQLTarget": closed(
        {
            **_TARGET,
            "rawQuery": {"const": True},
            "format": {"enum": ["time_series", "table"]},
            "editorMode": {"const": "code"},
        },
        required=("datasource", "format", "rawQuery", "rawSql", "refId"),
    ),
    "AnnotationTarget": {
        "if": {"required": ["refId"]},
        "then": reference("Target"),
        "else": reference("dashboard.AnnotationTarget"),
    },
    "alertlist.Options": closed(
        {
            "showOptions": {"enum": ["current", "changes"]},
            "maxItems": INTEGER,
            "sortOrder": {"enum": [1, 2, 3, 4, 5]},
            "dashboardAlerts": BOOLEAN,
            "alertInstanceLabelFilter": STRING,
            "alertName": STRING,
            "dashboardTitle": STRING,
            "folderId": {"type": ["integer", "null"]},
            "folder": {"type": ["object", "null"]},
            "stateFilter": closed(dict.fromkeys(get_args(State), BOOLEAN)),
            "groupBy": STRINGS,
            "groupMode": {"enum": ["default", "custom"]},
            "viewMode": {"enum": ["list", "stat"]},
            "showInactiveAlerts": BOOLEAN,
            "datasource": STRING,
            "tags": STRINGS,
        }
    ),
}


def apply(definitions: Json, patches: Iterable[Patch] = PATCHES) -> None:
    """Changes `definitions` in place. A patch that no longer fits the SDK raises KeyError: it is to be looked
    at.
    """
    for patch in patches:
        definition = definitions[patch.definition]
        properties: Json = definition["properties"]
        for key in patch.drop:
            del properties[key]
        properties.update(patch.put)
        for key in patch.nullable:
            properties[key] = nullable(properties[key])
        if patch.required:
            definition["required"] = sorted(patch.required)
        if patch.conditions:
            definition["allOf"] = list(patch.conditions)


def nullable(schema: Mapping[str, object]) -> Json:
    kind = schema.get("type")
    if isinstance(kind, str):
        return {**schema, "type": [kind, "null"]}
    return {"anyOf": [dict(schema), {"type": "null"}]}
