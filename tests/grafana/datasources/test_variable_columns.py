"""One query of an author, as each plugin finds the value and its text in it."""

from __future__ import annotations

import psycopg
import pytest

from dashgen.grafana.datasources.variable_columns import for_plugin, meant, names_of, taken
from dashgen.model.environment import Plugin
from dashgen.questdb import EmbeddedQuestDB

PLUGINS: tuple[Plugin, ...] = ("questdb", "postgres")
ROWS = "FROM (SELECT 'v' AS v, 't' AS t, 'o' AS o FROM long_sequence(1)) ORDER BY 1"


@pytest.mark.questdb
@pytest.mark.parametrize(
    "columns",
    [
        "v",
        "v, t",
        "v AS __value, t AS __text",
        "t AS __text, v AS __value",
        "t AS __text, v",
        "t AS __TEXT, v AS __Value",
        "v AS __value, t",
        "t, v AS __value",
        'v AS "a b", t',
        "o, t AS __text, v AS __value",
        "v, t || '' AS t2",
    ],
)
def test_each_plugin_gets_the_value_and_the_text(columns: str, questdb: EmbeddedQuestDB) -> None:
    for sql in (f"SELECT {columns} {ROWS}", f"WITH w AS (SELECT {columns} {ROWS}) SELECT {columns_of(columns)} FROM w"):
        for plugin in PLUGINS:
            rendered = for_plugin(sql, plugin).text
            with psycopg.connect(questdb.readonly_dsn, autocommit=True) as connection:
                cursor = connection.execute(rendered.encode())
                (row,) = cursor.fetchall()
                names = [c.name for c in cursor.description or ()]
            found = taken(names, plugin)
            assert found is not None, f"{plugin}: {rendered}"
            assert (row[found.value], row[found.text]) == (("v", "t") if "," in columns else ("v", "v")), rendered


def columns_of(columns: str) -> str:
    return ", ".join(one.rpartition(" AS ")[2] for one in columns.split(", "))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a, b, c FROM t",
        "SELECT a, count() FROM t",  # the server makes the second name up
        "SELECT * FROM t",
        "SELECT a AS __text, b AS __text FROM t",
        "SELECT what is this",
    ],
)
def test_what_cannot_be_told_stays_as_it_is(sql: str) -> None:
    assert for_plugin(sql, "postgres").text == sql


def test_names_and_meanings() -> None:
    assert names_of("SELECT a, count() FROM t") == ("a", "")
    assert names_of("SELECT * FROM t") is None
    assert meant(("a", "b", "c")) is None
    assert meant(("__text", "__text")) is None
    assert taken(("a", "b"), "postgres") is None
