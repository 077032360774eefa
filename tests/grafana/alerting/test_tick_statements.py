"""Which queries are one statement for all ticks, and what it says at each."""

from __future__ import annotations

import pytest

from dashgen.grafana.alerting.queries import QueryFailed, expanded, time_range
from dashgen.grafana.alerting.rule import RuleQuery
from dashgen.grafana.alerting.tick_statements import tick_statement
from dashgen.grafana.datasources.plugins import PLUGINS
from dashgen.model.environment import Plugin

ZERO = 1_767_623_690
TICKS = range(ZERO, ZERO + 3600, 10)


def query(sql: str, plugin: Plugin = "questdb", since: int = 300, until: int = 0) -> RuleQuery:
    """As it is rendered for that plugin."""
    model = {
        "rawSql": PLUGINS[plugin].adapted(sql).text,
        "datasource": {"type": PLUGINS[plugin].id, "uid": "questdb"},
        "intervalMs": 1000,
        "maxDataPoints": 43200,
        "format": 1 if plugin == "questdb" else "table",
    }
    return RuleQuery("A", "questdb", since, until, model)


ALLOWED = {
    "SELECT host, avg(v) AS value FROM t WHERE $__timeFilter(timestamp)": 2,
    "SELECT v AS value FROM t WHERE timestamp BETWEEN dateadd('s', -60, $__fromTime) AND $__toTime": 2,
    "SELECT v AS value FROM t WHERE $__timeFilter(timestamp) LATEST ON timestamp PARTITION BY host": 2,
    "SELECT datediff('s', max(timestamp), $__toTime) AS value FROM t WHERE $__timeFilter(timestamp)": 3,
    "SELECT CASE WHEN max(timestamp) > $__toTime - 30000000 THEN 0 ELSE 1 END AS value FROM t": 1,
    "SELECT v AS value FROM (SELECT v FROM t WHERE NOT timestamp > $__toTime) ORDER BY v LIMIT 5": 1,
    "WITH w AS (SELECT v FROM t WHERE $__timeFilter(timestamp)) SELECT max(v) AS value FROM w": 2,
    "SELECT max(v) AS value FROM t WHERE timestamp < $__toTime UNION ALL SELECT 1 AS value": 1,
    "SELECT timestamp, avg(v) AS value FROM t WHERE $__timeFilter(timestamp) SAMPLE BY 10s": 2,
    "SELECT max(v) AS value FROM t -- of $host\nWHERE timestamp < $__toTime AND host IN ('a', '$1')": 1,
    "SELECT 1 AS value": 0,
}
REFUSED = (
    "SELECT v AS value FROM t WHERE v > (SELECT avg(v) FROM t WHERE $__timeFilter(timestamp))",
    "SELECT v AS value FROM t WHERE timestamp < $__toTime AND host IN (SELECT host FROM t)",
    "SELECT timestamp, avg(v) AS value FROM t SAMPLE BY 10s FROM $__fromTime TO $__toTime FILL(0)",
    "SELECT timestamp, avg(v) AS value FROM t WHERE $__timeFilter(timestamp) SAMPLE BY 10s FILL(PREV)",
    "SELECT a.v AS value FROM t a LEFT JOIN u b ON a.host = b.host AND b.timestamp < $__toTime",
    "SELECT timestamp_floor('1m', $__toTime) AS value, v FROM t",
    "SELECT lag(v, 1, $__toTime) OVER (ORDER BY timestamp) AS value FROM t",
    "SELECT v AS value FROM t WHERE timestamp IN ($__fromTime, $__toTime)",
    "SELECT count() AS value FROM t GROUP BY host, timestamp > $__toTime",
    "SELECT v AS value FROM t ORDER BY timestamp > $__toTime",
    "DECLARE @end := $__toTime SELECT v AS value FROM t WHERE timestamp < @end",
    "SELECT v AS value FROM t WHERE timestamp < $__toTime EXCEPT SELECT v FROM t",
    "SELECT 'until $__toTime' AS value FROM t",
    "SELECT v AS value FROM t WHERE timestamp < $__toTime AND v = $1",
    "SELECT v AS value FRM t WHERE timestamp < $__toTime",
    "DROP TABLE t",
    "SELECT 1 AS value; SELECT 2 AS value",
)


@pytest.mark.parametrize("plugin", ["questdb", "postgres"])
@pytest.mark.parametrize(("sql", "count"), ALLOWED.items())
def test_a_statement_is_the_text_of_every_tick(sql: str, count: int, plugin: Plugin) -> None:
    asked = query(sql, plugin)
    statement = tick_statement(asked, TICKS)
    assert statement is not None
    assert len(statement.oids) == count
    for now in (*TICKS[:2], TICKS[-1]):
        span = time_range(asked, now)
        text = statement.text(span)
        assert text == expanded(asked, now)
        for number, value in reversed(list(enumerate(statement.values(span), 1))):
            assert f"${number}" in statement.sql
            assert value in text


@pytest.mark.parametrize("plugin", ["questdb", "postgres"])
@pytest.mark.parametrize("sql", REFUSED)
def test_what_may_answer_otherwise_is_sent_as_it_is(sql: str, plugin: Plugin) -> None:
    assert tick_statement(query(sql, plugin), TICKS) is None


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT v AS value FROM t WHERE $__unixEpochFilter(v)",  # an INT up to 2038, a LONG after it
        "SELECT $__timeTo() AS value FROM t",
        "SELECT concat(host, $__timeTo()) AS value FROM t",
        "SELECT v AS value FROM t WHERE timestamp > $__timeTo() - 5",
    ],
)
def test_texts_and_numbers_whose_type_a_parameter_would_change_stay(sql: str) -> None:
    postgres = PLUGINS["postgres"]
    model = {"rawSql": sql, "datasource": {"type": postgres.id}, "format": "table"}
    assert expanded(RuleQuery("A", "questdb", 300, 0, model), ZERO) != sql
    assert tick_statement(RuleQuery("A", "questdb", 300, 0, model), TICKS) is None


def test_a_range_of_one_moment_and_one_tick() -> None:
    asked = query("SELECT v AS value FROM t WHERE $__timeFilter(timestamp)", since=60, until=60)
    statement = tick_statement(asked, TICKS)
    assert statement is not None
    assert statement.values(time_range(asked, ZERO)) == (f"{ZERO - 60}000000",) * 2
    assert tick_statement(asked, TICKS[:1]) is None


def test_a_macro_that_cannot_be_expanded_is_the_datasources_error() -> None:
    with pytest.raises(QueryFailed, match="interpolation failed"):
        tick_statement(query("SELECT v AS value FROM t WHERE $__timeFilter(a, b)"), TICKS)
