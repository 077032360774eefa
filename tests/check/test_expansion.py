from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashgen import Dashboard, Environment, Project, QueryVariable, Row, Table, TimeSeries
from dashgen.check.expansion import expand, rendered
from dashgen.check.query_collection import collect_queries
from dashgen.check.run_variants import RANGES, cases
from dashgen.grafana.datasources.indentation import cleaned
from dashgen.grafana.datasources.macros import MacroError
from dashgen.model.environment import Plugin
from tests.check.helpers import ENV, subjects

SQL = """
    SELECT timestamp AS time, host AS metric, avg(latency_ms) AS value
      FROM exchange_status  
     WHERE $__timeFilter(timestamp) AND host IN (${host:sqlstring})

    SAMPLE BY $__sampleByInterval
"""  # noqa: W291  # spaces at a line's end are what is cleaned
HOST = QueryVariable("host", "SELECT DISTINCT host FROM daemon_metrics", multi=True, include_all=True)


@given(st.lists(st.sampled_from(["a", " b", "  c d", "\t", " ", "", "\r", "\u3000x", "'"])).map("\n".join))
def test_cleaned_is_what_render_writes_and_leads_back(sql: str) -> None:
    text = cleaned(sql)
    assert text.text == cleaned(sql).text
    for offset, character in enumerate(text.text):
        assert sql[text.source(offset)] == character


@pytest.mark.parametrize("plugin", ["questdb", "postgres"])
def test_every_author_word_leads_back(plugin: Plugin) -> None:
    (_, subject) = subjects(HOST, TimeSeries("Latency", SQL, description="x"), plugin=plugin)
    for case in cases(subject):
        text = expand(subject, case)
        for word in ("avg(", "exchange_status", "SAMPLE BY"):
            offset = text.text.index(word)
            assert text.is_copied(offset)
            assert SQL[text.source(offset) :].startswith(word)
        assert "$" not in text.text


def test_ranges_and_choices_of_variables() -> None:
    (_, subject) = subjects(HOST, TimeSeries("Latency", SQL, width=12))
    found = {case.name: case for case in cases(subject)}
    assert list(found) == [
        "5m",
        "1h",
        "6h",
        "24h",
        "7d",
        "30d",
        "90d",
        "6h, host: 'sample-01'",
        "6h, host: several",
        "6h, host: a quote",
    ]
    # 925 pixels, and rows each 10 s
    seconds = [found[name].interval_ns / 1e9 for name in ("5m", "1h", "6h", "24h", "7d", "30d", "90d")]
    assert seconds == [10, 10, 20, 120, 600, 3600, 7200]
    assert "host IN ('__all')" in expand(subject, found["6h"]).text
    assert "host IN ('sample-01','o''brien')" in expand(subject, found["6h, host: a quote"]).text


def test_the_environments_of_the_project_are_what_may_be_chosen() -> None:
    panel = TimeSeries("Latency", f"SELECT timestamp AS time, latency_ms AS v FROM t WHERE {ENV.matches('env')}")
    board = Dashboard(uid="x", title="X", rows=(Row("", (panel,)),), variables=(ENV,))
    project = Project(environments=(Environment("live"), Environment("local", env="dev")), dashboards=(board,))
    chosen = []
    for environment in project.environments:
        (subject,) = collect_queries(project, environment).subjects
        chosen.append([case.name for case in cases(subject) if case.name not in RANGES])
    assert chosen == [["6h, env: 'dev'"], ["6h, env: 'live'"]]


def test_a_macro_that_cannot_be_rendered_is_placed_in_the_author_s_text() -> None:
    sql = "\n    SELECT host\n    FROM daemon_metrics WHERE $__timeFilter(a, b)"
    (subject,) = subjects(Table("Hosts", sql), plugin="postgres")
    with pytest.raises(MacroError) as caught:
        rendered(subject)
    assert sql[caught.value.start :].startswith("$__timeFilter")


def test_variables_send_no_interval_and_have_one_range_unless_they_follow_it() -> None:
    sql = "SELECT DISTINCT host FROM daemon_metrics WHERE $__timeFilter(timestamp) SAMPLE BY $__sampleByInterval"
    once, following = subjects(QueryVariable("a", sql), QueryVariable("b", sql, refresh="time range"))
    (case,) = cases(once)
    assert case.name == "6h"
    assert expand(once, case).text.endswith("SAMPLE BY 1s")
    assert [case.name for case in cases(following)] == ["5m", "1h", "6h", "24h", "7d", "30d", "90d"]


def test_postgres_has_a_least_interval_of_a_minute_and_the_plugin_none() -> None:
    panel = TimeSeries("No table", "SELECT 1 AS value SAMPLE BY $__sampleByInterval")
    for plugin, interval in (("questdb", "200T"), ("postgres", "1m")):
        (subject,) = subjects(panel, plugin=plugin)  # type: ignore[arg-type]  # one of the two plugins
        assert expand(subject, next(iter(cases(subject)))).text.endswith(f"SAMPLE BY {interval}")
