"""Each type of QuestDB, as a real server announces it, and what the plugins make of it."""

from __future__ import annotations

import psycopg
import pytest

from dashgen.grafana.datasources.column_fields import field_of, field_type, number_as_text
from dashgen.grafana.datasources.column_types import COLUMN_TYPES, UNREADABLE, oid_of
from dashgen.grafana.datasources.frames import WireColumn
from dashgen.questdb import EmbeddedQuestDB

TYPES = {
    "BOOLEAN": ("true", "bool", "bool"),
    "BYTE": ("1::byte", "int16", "int16"),
    "SHORT": ("1::short", "int16", "int16"),
    "INT": ("1::int", "int32", "int32"),
    "LONG": ("1::long", "int64", "int64"),
    "FLOAT": ("f", "float32", "float32"),
    "DOUBLE": ("1.5::double", "float64", "float64"),
    "DECIMAL": ("cast(1.5 AS DECIMAL(18,3))", "string", "float64"),
    "DOUBLE[]": ("ARRAY[1.0, 2.0]", "string", "string"),
    "CHAR": ("'a'::char", "string", "string"),
    "STRING": ("'a'::string", "string", "string"),
    "VARCHAR": ("'a'::varchar", "string", "string"),
    "SYMBOL": ("'a'::symbol", "string", "string"),
    "UUID": ("rnd_uuid4()", "string", "string"),
    "IPv4": ("'1.2.3.4'::ipv4", "string", "string"),
    "LONG256": ("rnd_long256()", "string", "string"),
    "GEOHASH": ("#u33d", "string", "string"),
    "BINARY": ("rnd_bin(10, 20, 0)", "string", "string"),
    "INTERVAL": ("today()", "string", "string"),
    "NULL": ("NULL", "string", "string"),
    "TIMESTAMP": ("now()", "time", "time"),
    "TIMESTAMP_NS": ("now()::timestamp_ns", "time", "time"),
    "DATE": ("now()::date", "time", "time"),
}


@pytest.mark.questdb
def test_the_server_announces_each_type_as_the_table_says(questdb: EmbeddedQuestDB) -> None:
    questdb.execute("CREATE TABLE IF NOT EXISTS types_of_a_float (f FLOAT)")
    with psycopg.connect(questdb.readonly_dsn, autocommit=True) as connection:
        for name, (sql, plugin, postgres) in TYPES.items():
            description = connection.execute(f"SELECT {sql} AS x FROM types_of_a_float".encode()).description
            assert description is not None
            oid = description[0].type_code
            assert name in COLUMN_TYPES[oid].of, f"{name} is announced as {oid}"
            assert (field_of(oid, "questdb"), field_of(oid, "postgres")) == (plugin, postgres), name
    questdb.execute("DROP TABLE types_of_a_float")


@pytest.mark.questdb
def test_http_names_each_type_as_pg_wire_announces_it(questdb: EmbeddedQuestDB) -> None:
    """What is read over HTTP, of a deployed server, becomes the same fields."""
    questdb.execute("CREATE TABLE IF NOT EXISTS types_over_http (f FLOAT)")
    for name, (sql, _, _) in TYPES.items():
        answer = questdb.client.query(f"SELECT {sql} AS x FROM types_over_http")
        assert name in COLUMN_TYPES[oid_of(answer.types[0])].of, answer.types
    questdb.execute("DROP TABLE types_over_http")


def test_every_type_of_the_table_is_tried() -> None:
    """But for the one that the server can't send: tests/check/test_column_types.py asks for it."""
    sent = [one for oid, one in COLUMN_TYPES.items() if oid != UNREADABLE]
    assert {name for one in sent for name in one.of} == set(TYPES)


def test_an_unknown_type_is_text() -> None:
    assert field_type(WireColumn("x", 4711), "questdb") == field_type(WireColumn("x", 4711), "postgres") == "string"
    assert number_as_text(4711, "questdb") is None
