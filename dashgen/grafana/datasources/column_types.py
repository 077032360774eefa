"""What a column of a QuestDB result becomes in Grafana: one row a PostgreSQL type.

The OIDs are those that QuestDB 9.3.4 announces over PG wire (measured,
`tests/grafana/datasources/test_column_types.py`). The fields were read in the QuestDB plugin 0.1.8's
pkg/converters/converters.go, which converts BOOL, INT2, FLOAT4, FLOAT8 and TIMESTAMP and leaves the rest to lib/pq's
scan types (grafana-plugin-sdk-go 0.291 data/sqlutil: what has none is text), and in Grafana 12.3's
pkg/tsdb/grafana-postgresql-datasource/sqleng/sql_engine.go, which reads NUMERIC as a number too. That the plugin sends
DECIMAL as text was recorded (0.1.9 on Grafana 12.3 and 12.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

FieldType = Literal["time", "string", "bool", "int16", "int32", "int64", "float32", "float64"]


class ColumnType(NamedTuple):
    """`of` are QuestDB's types that are announced as this one. `field` is what plugins make of a column; one that makes
    something else says so itself (`DatasourcePlugin.converts`). `number` is SQL that makes a number of a column, `{}`,
    that has one and is sent as text; empty for others. `text` is SQL that makes a text of a column whose type QuestDB
    compares with no text; empty for others."""

    oid: int
    of: tuple[str, ...]
    field: FieldType
    number: str = ""
    text: str = ""


_TEXT = (
    "VARCHAR", "STRING", "SYMBOL", "IPv4", "LONG256", "GEOHASH", "INTERVAL", "NULL",
)  # fmt: skip
UNREADABLE = 0
"""What QuestDB announces a LONG128 as. Its answer with one can't be read (measured: QuestDB 9.3.4, psycopg 3 and the
HTTP interface, which says "column type not supported")."""
_TYPES = (
    ColumnType(UNREADABLE, ("LONG128",), "string"),
    ColumnType(16, ("BOOLEAN",), "bool"),
    ColumnType(17, ("BINARY",), "string", text="base64({}, 1000)"),
    ColumnType(20, ("LONG",), "int64"),
    ColumnType(21, ("BYTE", "SHORT"), "int16"),
    ColumnType(23, ("INT",), "int32"),
    ColumnType(700, ("FLOAT",), "float32"),
    ColumnType(701, ("DOUBLE",), "float64"),
    ColumnType(1022, ("DOUBLE[]",), "string", number="{}[1]", text="{}::varchar"),
    ColumnType(1042, ("CHAR",), "string"),
    ColumnType(1043, _TEXT, "string"),
    ColumnType(1082, (), "time"),
    ColumnType(1114, ("TIMESTAMP", "TIMESTAMP_NS", "DATE"), "time"),
    ColumnType(1184, (), "time"),
    ColumnType(1700, ("DECIMAL",), "string", number="{}::double"),
    ColumnType(2950, ("UUID",), "string"),
)
COLUMN_TYPES: Mapping[int, ColumnType] = {one.oid: one for one in _TYPES}
"""By OID."""


_TEXT_OID = 1043
_OIDS = {name: one.oid for one in _TYPES for name in one.of} | {"ARRAY": 1022}


def oid_of(questdb_type: str) -> int:
    """What PG wire announces a column as, of the name that QuestDB's HTTP interface has of its type: `DECIMAL(18,3)`,
    `GEOHASH(4c)`, `ARRAY` (of doubles, there are no others)."""
    return _OIDS.get(questdb_type.partition("(")[0], _TEXT_OID)


def common_field(oid: int) -> FieldType:
    """The field that becomes of a column unless a plugin says otherwise; text for a type that is not known."""
    known = COLUMN_TYPES.get(oid)
    return known.field if known else "string"
