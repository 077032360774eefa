from __future__ import annotations

import json
from typing import Any

import pytest

from dashgen import ByQuery, ByRegex, CustomUnit, Organize, Override, Query, Stat, Table, TimeSeries
from dashgen.check.query_collection import collect_queries
from dashgen.check.rules import unit_mismatch
from dashgen.model.dashboards.foreign import ForeignPanel
from tests.check.helpers import Thing, matches, project

IN = "FROM exchange_status WHERE $__timeFilter(timestamp)"
BY = "SAMPLE BY $__sampleByInterval"


def told(*things: Thing) -> list[str]:
    return [match.message for match in matches("unit-mismatch", *things)]


def latency(expression: str = "max(latency_ms)", unit: Any = "s", **fields: Any) -> TimeSeries:
    return TimeSeries("L", f"SELECT timestamp AS time, {expression} AS latency {IN} {BY}", unit=unit, **fields)


@pytest.mark.parametrize(
    "expression",
    ["max(latency_ms)", "avg(latency_ms)::double", "round(last(latency_ms), 1)", "approx_percentile(latency_ms, 0.99)",
     "coalesce(first(latency_ms), 0)"],
)  # fmt: skip
def test_a_column_in_another_unit_is_found_through_what_keeps_it(expression: str) -> None:
    (match,) = matches("unit-mismatch", latency(expression))
    assert match.message == "'latency' is shown in 's', and its column is declared in 'ms'"
    assert match.hint == "unit='ms', or convert it in the SQL"


@pytest.mark.parametrize(
    "expression",
    ["max(latency_ms) / 1000", "count(latency_ms)", "latency_ms * 0.001", "datediff('s', timestamp, $__toTime)",
     "stddev_samp(latency_ms)", "CASE WHEN connected THEN latency_ms ELSE 0 END"],
)  # fmt: skip
def test_what_the_sql_computes_is_the_author_s(expression: str) -> None:
    assert told(latency(expression)) == []


@pytest.mark.parametrize("unit", ["ms", "dtdurationms", "short", "none", None, CustomUnit("suffix: ms")])
def test_a_unit_that_fits_or_says_nothing(unit: Any) -> None:
    assert told(latency(unit=unit)) == []


def test_queries_within_queries_and_views_are_followed() -> None:
    inner = f"(SELECT timestamp AS time, host, latency_ms AS late {IN})"
    assert told(TimeSeries("L", f"SELECT time, max(late) AS l FROM {inner} SAMPLE BY 1m", unit="percent")) == [
        "'l' is shown in 'percent', and its column is declared in 'ms'"
    ]
    of_view = "SELECT timestamp AS time, sum(bytes) AS b FROM pipeline_1m WHERE $__timeFilter(timestamp)"
    assert told(TimeSeries("B", f"{of_view} {BY}", unit="percent")) == [
        "'b' is shown in 'percent', and its column is declared in 'bytes'"
    ]
    assert told(TimeSeries("B", f"{of_view} {BY}", unit="decbytes")) == []


def test_overrides_say_it_for_a_field_and_the_last_one_counts() -> None:
    table = f"SELECT host, latency_ms AS late, reconnect_count AS n {IN} LIMIT 5"
    late = "'late' is shown in 's', and its column is declared in 'ms'"
    assert told(Table("T", table, overrides=(Override("late", unit="s"),))) == [late]
    assert told(Table("T", table, unit="s", overrides=(Override("late", unit="ms"),))) == []
    both = (Override("late", unit="ms"), Override("late", unit="s"))
    assert told(Table("T", table, overrides=both)) == [late]
    assert told(Table("T", table, overrides=(Override("n", unit="s"),))) == []
    assert told(Table("T", table, unit="s", overrides=(Override(ByRegex("/l/"), unit="ms"),))) == []
    renamed = (Organize(rename={"late": "Latency"}),)
    assert told(Table("T", table, transformations=renamed, overrides=(Override("Latency", unit="s"),))) == [late]
    two = (Query(f"SELECT timestamp AS time, max(latency_ms) AS l {IN} {BY}", name=name) for name in ("one", "two"))
    by_query = TimeSeries("L", tuple(two), unit="s", overrides=(Override(ByQuery("two"), unit="ms"),))
    assert told(by_query) == ["'l' is shown in 's', and its column is declared in 'ms'"]


def test_a_stat_that_counts_has_another_unit() -> None:
    sql = f"SELECT timestamp AS time, max(latency_ms) AS l {IN} {BY}"
    assert told(Stat("S", sql, unit="percent", calc="diffperc")) == []
    assert len(told(Stat("S", sql, unit="percent", calc="mean"))) == 1


def test_a_declaration_in_plain_words_is_understood() -> None:
    pnl = "SELECT timestamp AS time, last(pnl) AS p FROM trading_metrics WHERE $__timeFilter(timestamp)"
    assert told(TimeSeries("P", f"{pnl} {BY}", unit="currencyEUR")) == [
        "'p' is shown in 'currencyEUR', and its column is declared in 'USD'"
    ]
    assert told(TimeSeries("P", f"{pnl} {BY}", unit="currencyUSD")) == []
    size = pnl.replace("pnl", "position_size")  # in contracts, of which Grafana knows nothing
    assert told(TimeSeries("P", f"{size} {BY}", unit="ms")) == []


def test_panels_of_another_library_are_looked_at() -> None:
    late = {"matcher": {"id": "byName", "options": "late"}, "properties": [{"id": "unit", "value": "s"}]}
    raw = {
        "type": "timeseries", "title": "L", "gridPos": {"w": 6, "h": 4},
        "targets": [{"rawSql": f"SELECT timestamp AS time, max(latency_ms) AS late {IN} {BY}", "format": 0}],
        "fieldConfig": {"defaults": {"unit": "ms"}, "overrides": [late]},
    }  # fmt: skip
    made = project(ForeignPanel(json=json.dumps(raw), origin="a library"))
    (subject,) = [s for s in collect_queries(made, made.environments[0]).subjects if s.role == "panel"]
    assert [match.message for match in unit_mismatch.check(subject)] == [
        "'late' is shown in 's', and its column is declared in 'ms'"
    ]
