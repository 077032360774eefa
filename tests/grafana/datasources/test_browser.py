"""What the browser does to a query before the backend gets it."""

from __future__ import annotations

import pytest

from dashgen.grafana.datasources.browser import Viewing, browse, moment
from dashgen.grafana.datasources.intervals import MS, Interval, TimeRange
from dashgen.grafana.datasources.questdb_plugin import conditional_all
from dashgen.grafana.datasources.variables import ALL, ChosenVariable

RANGE = TimeRange(1_795_448_010_123 * MS, 1_795_469_610_000 * MS)
HOST = ChosenVariable("host", ("a", "b"), multi=True)
EVERY = ChosenVariable("host", (ALL,), multi=True, include_all=True, options=("a", "b"))
NONE = ChosenVariable("host", "")


@pytest.mark.parametrize(
    ("sql", "chosen", "every"),
    [
        ("WHERE $__conditionalAll(host IN ($host), $host)", "WHERE host IN ($host)", "WHERE 1=1"),
        ("$__conditionalAll(f(a, b), ${host}) AND x", "f(a, b) AND x", "1=1 AND x"),
        ("$__conditionalAll($__conditionalAll(a, $host) OR b, $nobody)", "a OR b", "1=1 OR b"),
        # a format hides the variable from the plugin's search: All is never seen
        (
            "$__conditionalAll(host IN (${host:sqlstring}), ${host:sqlstring})",
            "host IN (${host:sqlstring})",
            "host IN (${host:sqlstring})",
        ),
        ("$__conditionalAll(a)", "$__conditionalAll(a)", "$__conditionalAll(a)"),
        ("$__conditionalAll(a, $host", "$__conditionalAll(a, $host", "$__conditionalAll(a, $host"),
    ],
)
def test_conditional_all(sql: str, chosen: str, every: str) -> None:
    assert conditional_all(sql, [HOST]).text == chosen
    assert conditional_all(sql, [EVERY]).text == every
    assert conditional_all(sql, [NONE]).text == every


def test_its_condition_leads_back_to_the_author() -> None:
    sql = "SELECT 1 WHERE $__conditionalAll(host IN ($host), $host) LIMIT 5"
    text = browse(sql, "questdb", Viewing(RANGE, None, (HOST,)))
    assert text.text == "SELECT 1 WHERE host IN ('a','b') LIMIT 5"
    for word in ("host IN", "LIMIT"):
        assert sql[text.source(text.text.index(word)) :].startswith(word)
    start, end = text.region(text.text.index("'b'"))
    assert sql[start:end] == "$host"


def test_postgres_has_no_such_macro() -> None:
    sql = "$__conditionalAll(a, x)"
    assert browse(sql, "postgres", Viewing(RANGE, None)).text == sql


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("$__from ${__to} [[__from]]", "1795448010123 1795469610000 1795448010123"),
        ("${__from:date} ${__to:date:iso}", "2026-11-23T15:33:30.123Z 2026-11-23T21:33:30.000Z"),
        ("${__from:date:seconds}", "1795448010"),
        ("${__from:date:YYYY-MM-DD HH:mm:ss.SSS}", "2026-11-23 15:33:30.123"),
        ("$__interval ${__interval} $__interval_ms", "1m 1m 90000"),
        ("${__user.login} ${__org.name} ${__dashboard.uid} $__timezone", "viewer Main Org. health utc"),
        ("$__timeFilter(ts) $__sampleByInterval ${__nobody}", "$__timeFilter(ts) $__sampleByInterval ${__nobody}"),
    ],
)
def test_grafana_s_own_variables(sql: str, text: str) -> None:
    viewing = Viewing(RANGE, Interval(90_000, "1m"), dashboard=("health", "Health"))
    assert browse(sql, "questdb", viewing).text == text
    assert browse(sql, "postgres", viewing).text == text


def test_no_interval_in_the_queries_of_variables() -> None:
    assert browse("$__interval", "questdb", Viewing(RANGE, None)).text == "$__interval"


def test_a_moment_before_1970() -> None:
    assert moment(-1, "date") == "1969-12-31T23:59:59.999Z"
