"""The SQL that creates declared tables, and the same as data.

What QuestDB's parser takes was tried on 9.3.4: TTL only directly after PARTITION BY, WAL after it, DEDUP
last.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from typing import Any

from dashgen.model.tables.table import Column, MaterializedView, TableSchema
from dashgen.sql.grammar import words

HEADER = "-- Rendered by dashgen; edit the specs, not this file.\n"
SCHEMA_FORMAT = 1
"""Of `schema.json`: one that a reader does not know is not to be guessed at."""


_PLAIN = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII)
RESERVED = words(
    """
    add all alter and as asc between case cast column create desc distinct drop end except exists from if in insert
    intersect into join limit lock nan not null on or order outer over partition rename sample select table to union
    update values where with
    """
)
"""What QuestDB 9.3.4 takes as a name between double quotes only (each of its `keywords()` was tried)."""


def sql_name(name: str) -> str:
    """A table, view or column as SQL names it: between double quotes unless it is plain. No name has a double quote."""
    return name if _PLAIN.fullmatch(name) and name not in RESERVED else f'"{name}"'


def create_table(table: TableSchema) -> str:
    """`CREATE TABLE IF NOT EXISTS …;`, which QuestDB skips for a table of that name, whatever its columns."""
    columns = ",\n".join(f"    {column_definition(column)}" for column in table.columns)
    name = sql_name(table.name)
    if not table.designated:
        return f"CREATE TABLE IF NOT EXISTS {name} (\n{columns}\n);\n"
    options = f"TIMESTAMP({sql_name(table.designated)}) PARTITION BY {table.partition_by}"
    if table.ttl:
        options += f" TTL {table.ttl}"
    options += " WAL" if table.wal else " BYPASS WAL"
    if table.dedup:
        options += f"\nDEDUP UPSERT KEYS({', '.join(map(sql_name, table.dedup))})"
    return f"CREATE TABLE IF NOT EXISTS {name} (\n{columns}\n) {options};\n"


def create_view(view: MaterializedView) -> str:
    """`CREATE MATERIALIZED VIEW IF NOT EXISTS …;`; the base table must be there."""
    sql = textwrap.indent(view_sql(view), "    ")
    ttl = f" TTL {view.ttl}" if view.ttl else ""
    refresh = f" REFRESH {view.refresh}" if view.refresh else ""
    return (
        f"CREATE MATERIALIZED VIEW IF NOT EXISTS {sql_name(view.name)}"
        f" WITH BASE {sql_name(view.base)}{refresh} AS (\n{sql}\n"
        f") PARTITION BY {view.partition_by}{ttl};\n"
    )


def view_sql(view: MaterializedView) -> str:
    """The view's query without the indentation of its declaration."""
    return textwrap.dedent(view.sql).strip()


def column_definition(column: Column) -> str:
    """`host SYMBOL CAPACITY 1024`, as in CREATE TABLE and ADD COLUMN."""
    options = f" CAPACITY {column.capacity}" if column.capacity else ""
    if not column.cached:
        options += " NOCACHE"
    if column.index:
        options += f" INDEX CAPACITY {column.index}"
    return f"{sql_name(column.name)} {column.type}{options}"


def create_statements(table: TableSchema) -> tuple[str, ...]:
    """The table, then its views."""
    return (create_table(table), *map(create_view, table.views))


def tables_sql(tables: Iterable[TableSchema]) -> str:
    """`questdb/tables.sql`: the tables that dashgen creates. Those of others are named."""
    return "\n".join((HEADER, *(left_to_others(t) if t.written_by_others else create_table(t) for t in tables)))


def left_to_others(table: TableSchema) -> str:
    """What stands in place of the statement that creates a table of others."""
    return f"-- {table.name} belongs to others, who create it.\n"


def views_sql(tables: Iterable[TableSchema]) -> str:
    """`questdb/views.sql`, to be run after the tables."""
    own = (table for table in tables if not table.written_by_others)
    return "\n".join((HEADER, *(create_view(view) for table in own for view in table.views)))


def schema_document(tables: Iterable[TableSchema]) -> dict[str, Any]:
    """`questdb/schema.json`: what the SQL says and what it can't (units, bounds, rules), for diff and
    check.
    """
    return {"format": SCHEMA_FORMAT, "tables": {table.name: _table(table) for table in tables}}


def _table(table: TableSchema) -> dict[str, Any]:
    others = {"writtenByOthers": True} if table.written_by_others else {}
    return others | {
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
        "cached": None if column.cached else False,
        "index": column.index or None,
    }
    return {key: value for key, value in known.items() if value is not None}


def _view(view: MaterializedView) -> dict[str, Any]:
    others = {"base": view.base, "refresh": view.refresh} if view.refresh else {}
    return others | {
        "bucketSeconds": view.bucket_seconds,
        "doc": view.doc,
        "partitionBy": view.partition_by,
        "sql": view_sql(view),
        "ttl": view.ttl,
    }
