"""Frames as Grafana's frontend reads them: DataFrameJSON (@grafana/data, dataframe/DataFrameJSON.ts, 13.2)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dashgen.grafana.datasources.column_types import FieldType
from dashgen.grafana.datasources.frames import Frame, FrameField
from dashgen.grafana.datasources.values import Value

Json = dict[str, Any]
_TYPES: dict[FieldType, str] = {"time": "time", "string": "string", "bool": "boolean"}
_GO: dict[FieldType, str] = {"time": "time.Time"}
_NOT_FINITE = ("NaN", "Inf", "NegInf")


def frame_json(frame: Frame, ref_id: str, sql: str, notices: Sequence[str] = ()) -> Json:
    """Times in milliseconds. What JSON has no number for is null, and named in `entities`."""
    meta: Json = {"executedQueryString": sql}
    if notices:
        meta["notices"] = [{"severity": "warning", "text": text} for text in notices]
    columns = [_values(field) for field in frame.fields]
    data: Json = {"values": [values for values, _ in columns]}
    if any(entities for _, entities in columns):
        data["entities"] = [entities or None for _, entities in columns]
    return {
        "schema": {"refId": ref_id, "meta": meta, "fields": [_field(field) for field in frame.fields]},
        "data": data,
    }


def _field(field: FrameField) -> Json:
    found: Json = {
        "name": field.name,
        "type": _TYPES.get(field.type, "number"),
        "typeInfo": {"frame": _GO.get(field.type, field.type), "nullable": True},
    }
    if field.labels:
        found["labels"] = dict(field.labels)
    return found


def _values(field: FrameField) -> tuple[list[object], dict[str, list[int]]]:
    if field.type == "time":
        return [_ms(value) for value in field.values], {}
    entities: dict[str, list[int]] = {}
    found: list[object] = list(field.values)
    if field.type in ("float32", "float64"):
        for index, value in enumerate(found):
            if isinstance(value, float) and not math.isfinite(value):
                name = _NOT_FINITE[0 if math.isnan(value) else 1 if value > 0 else 2]
                entities.setdefault(name, []).append(index)
                found[index] = None
    return found, entities


def _ms(value: Value) -> object:
    return int(value.timestamp() * 1000 // 1) if isinstance(value, datetime) else value
