"""The options of each transformation, by its id: closed where their form is known.

Read in @grafana/data 13.2.3 (dist/types/transformations) and grafana's public/app/features/transformers; keys that
older versions wrote, and newer ones leave in a dashboard, are among them. Values that differ by version are open.
"""

from __future__ import annotations

from collections.abc import Mapping

from dashgen.schema.classes import Json, closed, reference

_ANY: Json = {}
_TEXT: Json = {"type": "string"}
_SWITCH: Json = {"type": "boolean"}
_NUMBER: Json = {"type": "number"}
_TEXTS: Json = {"type": "array", "items": _TEXT}
_NUMBER_OR_TEXT: Json = {"type": ["number", "string"]}
_MATCHER = reference("dashboard.MatcherConfig")


def _list(item: Json) -> Json:
    return {"type": "array", "items": item}


def _by_name(value: Json) -> Json:
    return {"type": "object", "additionalProperties": value}


def _each(schema: Json, *keys: str) -> Json:
    return dict.fromkeys(keys, schema)


_NAMES = closed({"pattern": _TEXT, "names": _TEXTS, "variable": _TEXT})
_GROUPED = closed({"aggregations": _list(reference("Reducer")), "operation": {"enum": ["aggregate", "groupby", None]}})
_RULE = closed(
    {
        "matcher": _MATCHER, "operation": {"enum": ["aggregate", "groupby", None]},
        "aggregations": _list(reference("Reducer")), "keepNestedField": _SWITCH,
    }
)  # fmt: skip
_OPERAND: Json = {
    "anyOf": [_TEXT, closed({"fixed": _TEXT, "matcher": closed({"id": _TEXT, "options": _ANY})})],
    "description": "a field's name, or fixed or matcher",
}
_MAPPED = closed(
    {
        **_each(_TEXT, "fieldName", "configProperty"), "reducerId": reference("Reducer"),
        "handlerKey": {"type": ["string", "null"]}, "handlerArguments": {"type": "object"},
    }
)  # fmt: skip

OPTIONS: Mapping[str, Json] = {
    "calculateField": closed(
        {
            "mode": _TEXT, "alias": _TEXT, **_each(_SWITCH, "timeSeries", "replaceFields"),
            "reduce": closed({"include": _TEXTS, "reducer": _TEXT, "nullValueMode": _TEXT}),
            "cumulative": closed({"field": _TEXT, "reducer": _TEXT}),
            "window": closed(
                {**_each(_TEXT, "field", "reducer", "windowSizeMode", "windowAlignment"), "windowSize": _NUMBER}
            ),
            "binary": closed({"left": _OPERAND, "operator": _TEXT, "right": _OPERAND, "reducer": _TEXT}),
            "unary": closed({"operator": _TEXT, "fieldName": _TEXT}),
            "index": closed({"asPercentile": _SWITCH}),
        }
    ),
    "concatenate": closed(_each(_TEXT, "frameNameMode", "frameNameLabel")),
    "configFromData": closed(
        {
            "configRefId": _TEXT, "mappings": _list(_MAPPED), "applyTo": _MATCHER,
            **_each(_SWITCH, "applyToConfig", "isMapping"),
        }
    ),
    "convertFieldType": closed(
        {
            "conversions": _list(
                closed({
                    **_each(_TEXT, "targetField", "destinationType", "dateFormat", "joinWith", "timezone"),
                    "enumConfig": {"type": "object"},
                })
            ),
            "fields": {"type": "object"},
        }
    ),
    "convertFrameType": closed({"targetType": _TEXT}),
    "extractFields": closed(
        {
            **_each(_TEXT, "source", "format", "delimiter", "regExp"), **_each(_SWITCH, "keepTime", "replace"),
            "jsonPaths": _list(closed(_each(_TEXT, "path", "alias"))),
        }
    ),
    "fieldLookup": closed(_each(_TEXT, "lookupField", "gazetteer")),
    "filterByRefId": closed(_each(_TEXT, "include", "exclude")),
    "filterByValue": closed(
        {"type": _TEXT, "match": _TEXT, "filters": _list(closed({"fieldName": _TEXT, "config": _MATCHER}))}
    ),
    "filterFields": closed(_each(_MATCHER, "include", "exclude")),
    "filterFieldsByName": closed({**_each(_NAMES, "include", "exclude"), "byVariable": _SWITCH}),
    "filterFrames": closed(_each(_MATCHER, "include", "exclude")),
    "formatString": closed(
        {**_each(_TEXT, "stringField", "outputFormat"), **_each(_NUMBER, "substringStart", "substringEnd")}
    ),
    "formatTime": closed({**_each(_TEXT, "timeField", "outputFormat", "timezone"), "useTimezone": _SWITCH}),
    "groupBy": closed({"fields": _by_name(_GROUPED)}),
    "groupToNestedTable": closed(
        {**_each(_SWITCH, "showSubframeHeaders", "expandAllRows"), "fields": _by_name(_GROUPED), "rules": _list(_RULE)}
    ),
    "groupingToMatrix": closed(_each(_TEXT, "columnField", "rowField", "valueField", "emptyValue")),
    "histogram": closed(
        {
            "bucketCount": _NUMBER, **_each(_NUMBER_OR_TEXT, "bucketSize", "bucketOffset"), "combine": _SWITCH,
            "fields": {"type": "object"},
        }
    ),
    "joinByField": closed(_each(_TEXT, "byField", "mode")),
    "joinByLabels": closed({"value": _TEXT, "join": _TEXTS}),
    "labelsToFields": closed({"mode": _TEXT, "keepLabels": _TEXTS, "valueLabel": _TEXT}),
    "limit": closed({"limitField": _NUMBER_OR_TEXT}),
    "merge": closed({}),
    "noop": closed({}),
    "order": closed(
        {
            "indexByName": _by_name(_NUMBER), "orderByMode": _TEXT,
            "orderBy": _list(closed({**_each(_TEXT, "type", "name"), "desc": _SWITCH})),
        }
    ),
    "organize": closed(
        {
            **_each(_by_name(_SWITCH), "excludeByName", "includeByName"), "indexByName": _by_name(_NUMBER),
            "renameByName": _by_name(_TEXT), "orderByMode": _TEXT,
            "orderBy": _list(closed({**_each(_TEXT, "type", "name"), "desc": _SWITCH})),
        }
    ),
    "partitionByValues": closed(
        {
            "fields": _TEXTS, "keepFields": _SWITCH,
            "naming": closed({
                **_each(_SWITCH, "asLabels", "append", "withNames"), **_each(_TEXT, "separator1", "separator2")
            }),
        }
    ),
    "prepareTimeSeries": closed({"format": _TEXT}),
    "reduce": closed(
        {
            "reducers": _list(reference("Reducer")),
            "fields": {"anyOf": [_MATCHER, {"type": "object", "maxProperties": 0}]},
            "mode": _TEXT, **_each(_SWITCH, "includeTimeField", "labelsToFields"),
        }
    ),
    "regression": closed(
        {
            **_each(_TEXT, "modelType", "xFieldName", "yFieldName"),
            **_each(_NUMBER, "degree", "predictionCount", "resolution"),
        }
    ),
    "rename": closed({"renameByName": _by_name(_TEXT)}),
    "renameByRegex": closed(_each(_TEXT, "regex", "renamePattern")),
    "rowsToFields": closed({**_each(_TEXT, "nameField", "valueField"), "mappings": _list(_MAPPED)}),
    "seriesToColumns": closed(_each(_TEXT, "byField", "mode")),
    "seriesToRows": closed({}),
    "sortBy": closed(
        {"sort": _list(closed({"field": _TEXT, "desc": _SWITCH, "index": _NUMBER})), "fields": {"type": "object"}}
    ),
    "transpose": closed(_each(_TEXT, "firstFieldName", "restFieldsName", "emptyValue")),
}  # fmt: skip
"""What is not here is open: `append`, `ensureColumns`, `heatmap`, `smoothing`, `spatial`, `timeSeriesTable`."""


def conditions() -> list[Json]:
    """That the options of a transformation are those of its id."""
    return [
        {
            "if": {"properties": {"id": {"const": name}}, "required": ["id"]},
            "then": {"properties": {"options": options}},
        }
        for name, options in OPTIONS.items()
    ]
