"""The QuestDB plugin's macros, rendered for the PostgreSQL datasource."""

from __future__ import annotations

import pytest

from dashgen.grafana.datasources.macro_names import find
from dashgen.grafana.datasources.macros import MacroError
from dashgen.grafana.datasources.plugins import PLUGINS
from dashgen.grafana.datasources.translate import to_postgres, translate


@pytest.mark.parametrize(
    ("sql", "translated"),
    [
        ("SELECT 1", "SELECT 1"),
        ("WHERE $__timeFilter(ts)", "WHERE $__timeFilter(ts)"),
        ("WHERE $__timeFilter( ts )", "WHERE $__timeFilter(ts)"),
        ("WHERE $__timeFilter(f(ts))", "WHERE f(ts) BETWEEN $__timeFrom() AND $__timeTo()"),
        ("ts >= $__fromTime", "ts >= cast($__timeFrom() as timestamp)"),
        ("datediff('s', ts, $__toTime)", "datediff('s', ts, cast($__timeTo() as timestamp))"),
        (
            "SAMPLE BY $__sampleByInterval FROM $__fromTime TO $__toTime FILL(0)",
            "SAMPLE BY $__interval FROM $__timeFrom() TO $__timeTo() FILL(0)",
        ),
        ("timestamp_floor('$__sampleByInterval', ts)", "timestamp_floor('$__interval', ts)"),
        ("$__interval_ms * 1000 + ${__from}", "$__interval_ms * 1000 + ${__from}"),
        ("$__timeFrom(ts)", "ts >= $__timeFrom()"),
        ("x = $host AND y IN (${z:sqlstring})", "x = $host AND y IN (${z:sqlstring})"),
    ],
)
def test_translation(sql: str, translated: str) -> None:
    assert to_postgres(sql) == translated


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("x $__nope", r"\$__nope cannot be rendered for the PostgreSQL datasource"),
        ("x $__timeGroup(ts, hour)", r"\$__timeGroup cannot be rendered"),
        ("x $__timeFrom()", r"\$__timeFrom takes one argument, the time column, and got 0"),
        ("x $__conditionalAll(a, $b)", r"\$__conditionalAll cannot be rendered"),
    ],
)
def test_what_has_no_counterpart(sql: str, message: str) -> None:
    with pytest.raises(MacroError, match=message) as raised:
        to_postgres(sql)
    assert raised.value.start == 2


def test_positions_lead_back() -> None:
    sql = "a = $__fromTime AND b = 1"
    result = translate(sql)
    assert result.source(result.text.index("b")) == sql.index("b")
    assert result.source(result.text.index("cast")) == sql.index("$")


def test_the_table_of_macros() -> None:
    assert sum(len(plugin.macros.by_name) for plugin in PLUGINS.values()) == 29
    macro = find("questdb", "conditionalAll")
    assert macro is not None
    assert macro.side == "browser"
    assert find("postgres", "fromTime") is None
    browser = find("postgres", "from")
    assert browser is not None
    assert browser.side == "browser"
