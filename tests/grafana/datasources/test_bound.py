"""What an alert's SQL takes from the environment."""

from __future__ import annotations

from dashgen import Environment, EnvironmentVariable
from dashgen.grafana.datasources.alert_binding import bind, needs_hosts, unbound

PROD = Environment("prod", env="o'prod", hosts=("a", "b'c"))


def test_what_the_variable_of_panels_writes_is_bound() -> None:
    sql = f"SELECT 1 FROM t WHERE {EnvironmentVariable('env').matches('env')}"
    assert bind(sql, PROD).text == "SELECT 1 FROM t WHERE env = 'o''prod'"


def test_the_fleet_as_values_and_as_rows() -> None:
    assert bind("host IN (${hosts:sqlstring})", PROD).text == "host IN ('a','b''c')"
    assert bind("FROM (${hosts:rows}) f", PROD).text == "FROM (SELECT 'a' AS host UNION ALL SELECT 'b''c' AS host) f"
    assert needs_hosts("${hosts:rows}")
    assert not needs_hosts("${env:sqlstring}")


def test_what_a_browser_would_replace_stays_and_is_found() -> None:
    sql = "$env ${env} ${host:sqlstring} ${hosts:csv} [[x]] ${env:sqlstring} $__toTime"
    assert bind(sql, PROD).text == "$env ${env} ${host:sqlstring} ${hosts:csv} [[x]] 'o''prod' $__toTime"
    assert [sql[ref.start : ref.end] for ref in unbound(sql)] == [
        "$env",
        "${env}",
        "${host:sqlstring}",
        "${hosts:csv}",
        "[[x]]",
    ]


def test_the_way_back() -> None:
    bound = bind("a ${env:sqlstring} b", PROD)
    assert bound.source(bound.text.index(" b")) == len("a ${env:sqlstring}")
