"""Shapes of results that fail or mislead, on a real QuestDB, as Grafana 9.4's PostgreSQL datasource reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dashgen.alert_tests.connection import QueryConnection
from dashgen.grafana.alerting.rule import rule_spec
from dashgen.grafana.alerting.rule_runner import RuleRun
from dashgen.grafana.versions import semantics
from dashgen.questdb import EmbeddedQuestDB
from tests.grafana.alerting.scripted import a_rule

ZERO = 1767614400  # 2026-01-05 12:00:00 UTC


@pytest.fixture(scope="module")
def connection(questdb: EmbeddedQuestDB) -> Iterator[QueryConnection]:
    questdb.execute("DROP TABLE IF EXISTS shapes")
    questdb.execute(
        "CREATE TABLE shapes (timestamp TIMESTAMP, host SYMBOL, v DOUBLE, n LONG, up BOOLEAN)"
        " TIMESTAMP(timestamp) PARTITION BY DAY BYPASS WAL"
    )
    rows = [
        (5, "'a'", "12.0", 12, "true"), (6, "'b'", "20.0", 20, "false"), (15, "'a'", "NULL", 12, "true"),
        (16, "'b'", "21.0", 21, "false"),
    ]  # fmt: skip
    values = ", ".join(f"(cast({(ZERO + at) * 1000000} AS timestamp), {h}, {v}, {n}, {up})" for at, h, v, n, up in rows)
    questdb.execute(f"INSERT INTO shapes VALUES {values}")
    with QueryConnection(questdb.readonly_dsn) as connection:
        yield connection
    questdb.execute("DROP TABLE shapes")


def evaluated(connection: QueryConnection, sql: str, form: str, at: int = 20, **reduce: Any) -> list[tuple[Any, ...]]:
    """Query A, reduce B, threshold C above 10: each instance's labels, state, B, and its error."""
    rule = a_rule()
    data = rule["data"]
    data[0]["model"] |= {"format": form, "rawSql": sql}
    if reduce:
        data.insert(
            1, {"refId": "B", "datasourceUid": "-100", "model": {"type": "reduce", "expression": "A", **reduce}}
        )
        data[2]["model"]["expression"] = "B"
    tick = RuleRun(rule_spec(rule), semantics((9, 4)), connection.run).tick(ZERO + at)
    return sorted(
        (tuple(sorted(i.own_labels().items())), i.state, repr(i.values.get("B", i.values.get("A"))), i.error)
        for i in tick.instances
    )


A, B = (("host", "a"),), (("host", "b"),)
FAILED = (("datasource_uid", "q"), ("ref_id", "A"))
LONG = "SELECT timestamp AS time, host, {} FROM shapes WHERE $__timeFilter(timestamp) ORDER BY timestamp"


def test_a_boolean_in_a_series_is_an_error(connection: QueryConnection) -> None:
    text = (
        "failed to execute query A: convert value to float failed:"
        " metricIndex 2 type []*bool can't be converted to float"
    )
    assert evaluated(connection, LONG.format("up"), "time_series", reducer="last") == [(FAILED, "Error", "None", text)]
    assert [row[1:3] for row in evaluated(connection, LONG.format("up::int AS up"), "time_series", reducer="max")] == [
        ("Alerting", "nan"), ("Alerting", "nan"),
    ]  # fmt: skip


def test_hosts_that_write_apart_have_no_last_value_unless_nulls_are_dropped(connection: QueryConnection) -> None:
    sql = LONG.format("n")
    assert evaluated(connection, sql, "time_series", reducer="last") == [
        (A, "NoData", "None", ""), (B, "Alerting", "21.0", ""),
    ]  # fmt: skip
    assert evaluated(connection, sql, "time_series", reducer="last", settings={"mode": "dropNN"}) == [
        (A, "Alerting", "12.0", ""), (B, "Alerting", "21.0", ""),
    ]  # fmt: skip
    replaced = {"mode": "replaceNN", "replaceWithValue": 3}
    assert evaluated(connection, sql, "time_series", reducer="last", settings=replaced)[0] == (A, "Normal", "3.0", "")


def test_long_rows_must_ascend(connection: QueryConnection) -> None:
    text = (
        "failed to execute query A: failed to convert long to wide series when converting from dataframe:"
        " long series must be sorted ascending by time to be converted"
    )
    assert evaluated(connection, LONG.format("n") + " DESC", "time_series", reducer="last") == [
        (FAILED, "Error", "None", text)
    ]


def test_null_in_a_numeric_table_is_nan_whatever_the_mode(connection: QueryConnection) -> None:
    sql = "SELECT host, v FROM shapes WHERE $__timeFilter(timestamp) LATEST ON timestamp PARTITION BY host"
    for settings in ({}, {"mode": "dropNN"}):
        assert evaluated(connection, sql, "table", reducer="last", settings=settings) == [
            (A, "Alerting", "nan", ""), (B, "Alerting", "21.0", ""),
        ]  # fmt: skip


def test_a_table_with_time_and_one_value_is_a_series(connection: QueryConnection) -> None:
    sql = "SELECT timestamp AS time, n FROM shapes WHERE $__timeFilter(timestamp) AND host = 'b' ORDER BY timestamp"
    assert evaluated(connection, sql, "table", reducer="sum") == [((), "Alerting", "41.0", "")]
    assert "only reduced data can be alerted on" in evaluated(connection, sql, "table")[0][3]


def test_a_series_needs_a_time_column(connection: QueryConnection) -> None:
    (row,) = evaluated(connection, "SELECT host, n FROM shapes", "time_series", reducer="last")
    assert row == (FAILED, "Error", "None", "failed to execute query A: db has no time column: no time column found")
    (row,) = evaluated(connection, "SELECT host AS time, n FROM shapes", "time_series", reducer="last")
    assert row[3].endswith('failed to convert time column: column type "[]*string" is not convertible to time.Time')


def test_both_ends_of_the_window_belong_to_it(connection: QueryConnection) -> None:
    sql = "SELECT count() AS n FROM shapes WHERE $__timeFilter(timestamp)"
    assert [evaluated(connection, sql, "table", at=at, reducer="last")[0][2] for at in (4, 5, 65, 66)] == [
        "0.0", "1.0", "4.0", "3.0",
    ]  # fmt: skip


def test_sql_that_is_refused_is_told_in_the_servers_words(connection: QueryConnection) -> None:
    (row,) = evaluated(connection, "SELECT nope FROM shapes", "table", reducer="last")
    assert row == (FAILED, "Error", "None", "failed to execute query A: db query error: pq: Invalid column: nope")
    (row,) = evaluated(connection, "SELECT $__nope(timestamp) FROM shapes", "table", reducer="last")
    assert row[3] == 'failed to execute query A: interpolation failed: unknown macro "__nope"'


def test_a_time_group_is_filled_for_alerts_too(connection: QueryConnection) -> None:
    """Seven moments from -40 s to 20 s; rows at 0 s and at 10 s."""
    sql = "SELECT $__timeGroup(timestamp, '10s'{}), max(n) AS n FROM shapes WHERE $__timeFilter(timestamp) ORDER BY 1"
    said = {
        fill: [evaluated(connection, sql.format(fill), "time_series", reducer=r)[0][2] for r in ("count", "last")]
        for fill in ("", ", 0", ", previous", ", NULL")
    }
    assert said == {
        "": ["2.0", "21.0"], ", 0": ["7.0", "0.0"], ", previous": ["7.0", "21.0"], ", NULL": ["7.0", "None"],
    }  # fmt: skip
    # nothing to fill where there are no rows at all
    assert evaluated(connection, sql.format(", 0"), "time_series", at=900, reducer="last")[0][1] == "NoData"
