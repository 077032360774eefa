"""The SQL that creates declared tables, and the same as data.

What QuestDB's parser takes was tried on 9.3.4: TTL only directly after PARTITION BY, WAL after it, DEDUP
last.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

from dashgen.model.tables.table import Column, MaterializedView, TableSchema

HEADER = "-- Rendered by dashgen; edit the specs, not this file.\n"
SCHEMA_FORMAT = 1
"""Of `schema.json`: one that a reader does not know is not to be guessed at."""


def create_table(table: TableSchema) -> str:
    """`CREATE TABLE IF NOT EXISTS …;`, which QuestDB skips for a table of that name, whatever its columns."""
    columns = ",\n".join(f"    {column_definition(column)}" for column in table.columns)
    options = f"TIMESTAMP({table.designated}) PARTITION BY {table.partition_by}"
    if table.ttl:
        options += f" TTL {table.ttl}"
    options += " WAL" if table.wal else " BYPASS WAL"
    if table.dedup:
        options += f"\nDEDUP UPSERT KEYS({', '.join(table.dedup)})"
    return f"CREATE TABLE IF NOT EXISTS {table.name} (\n{columns}\n) {options};\n"


def create_view(view: MaterializedView) -> str:
    """`CREATE MATERIALIZED VIEW IF NOT EXISTS …;`; the base table must be there."""
    sql = textwrap.indent(view_sql(view), "    ")
    ttl = f" TTL {view.ttl}" if view.ttl else ""
    return (
        f"CREATE MATERIALIZED VIEW IF NOT EXISTS {view.name} WITH BASE {view.base} AS (\n{sql}\n"
        f") PARTITION BY {view.partition_by}{ttl};\n"
    )


def view_sql(view: MaterializedView) -> str:
    """The view's query without the indentation of its declaration."""
    return textwrap.dedent(view.sql).strip()


def column_definition(column: Column) -> str:
    """`host SYMBOL CAPACITY 1024`, as in CREATE TABLE and ADD COLUMN."""
    capacity = f" CAPACITY {column.capacity}" if column.capacity else ""
    return f"{column.name} {column.type}{capacity}"


def create_statements(table: TableSchema) -> tuple[str, ...]:
    """The table, then its views."""
    return (create_table(table), *map(create_view, table.views))


def tables_sql(tables: Iterable[TableSchema]) -> str:
    """`questdb/tables.sql`."""
    return "\n".join((HEADER, *map(create_table, tables)))


def views_sql(tables: Iterable[TableSchema]) -> str:
    """`questdb/views.sql`, to be run after the tables."""
    return "\n".join((HEADER, *(create_view(view) for table in tables for view in table.views)))


def schema_document(tables: Iterable[TableSchema]) -> dict[str, Any]:
    """`questdb/schema.json`: what the SQL says and what it can't (units, bounds, rules), for diff and
    check.
    """
    return {"format": SCHEMA_FORMAT, "tables": {table.name: _table(table) for table in tables}}


def _table(table: TableSchema) -> dict[str, Any]:
    return {
        "columns": [_column(column) for column in table.columns],
        "dedup": list(table.dedup),
        "designated": table.designated,
        "doc": table.doc,
        "partitionBy": table.partition_by,
        "rules": [str(rule) for rule in table.rules],
        "ttl": table.ttl,
        "views": {view.name: _view(view) for view in table.views},
        "wal": table.wal,
        "writeIntervalSeconds": table.write_interval_seconds,
    }


def _column(column: Column) -> dict[str, Any]:
    """Only what is set: most columns have neither a capacity nor bounds."""
    minimum_length, maximum_length = column.lengths or (None, None)
    known: dict[str, Any] = {
        "name": column.name,
        "type": column.type,
        "capacity": column.capacity,
        "nullable": column.nullable or None,
        "doc": column.doc or None,
        "unit": column.unit or None,
        "choices": list(column.choices) or None,
        "minimum": column.minimum,
        "maximum": column.maximum,
        "minLength": minimum_length,
        "maxLength": maximum_length,
    }
    return {key: value for key, value in known.items() if value is not None}


def _view(view: MaterializedView) -> dict[str, Any]:
    return {
        "bucketSeconds": view.bucket_seconds,
        "doc": view.doc,
        "partitionBy": view.partition_by,
        "sql": view_sql(view),
        "ttl": view.ttl,
    }
