"""What the columns of a result become, by plugin."""

from __future__ import annotations

from dashgen.grafana.datasources.column_types import ColumnType, FieldType
from dashgen.grafana.datasources.frames import WireColumn
from dashgen.grafana.datasources.plugins import PLUGINS
from dashgen.model.environment import Plugin


def field_of(oid: int, plugin: Plugin) -> FieldType:
    return PLUGINS[plugin].field(oid)


def field_type(column: WireColumn, plugin: Plugin) -> FieldType:
    return field_of(column.oid, plugin)


def number_as_text(oid: int, plugin: Plugin) -> ColumnType | None:
    return PLUGINS[plugin].number_as_text(oid)
