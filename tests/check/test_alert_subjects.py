"""Alert queries among what rules look at: bound to the environment, over the window of their rule."""

from __future__ import annotations

from typing import Any

from dashgen.check.expansion import expand, rendered
from dashgen.check.query_collection import collect_queries
from dashgen.check.rule import Subject
from dashgen.check.run_variants import cases
from tests.alerting_project import OWNED, SHARED, project, rule


def subject(**fields: Any) -> Subject:
    found = collect_queries(project(rule(**fields)), OWNED).subjects
    return next(s for s in found if s.role == "alert")


def test_every_query_of_every_rule() -> None:
    found = collect_queries(project(rule(query=("SELECT 1", "SELECT 2"), math="$A / $B")), OWNED).subjects
    assert [(s.path, s.format, len(s.beside)) for s in found if s.role == "alert"] == [
        ("alerts › Daemons › silent › A", "table", 1),
        ("alerts › Daemons › silent › B", "table", 1),
    ]


def test_the_environment_is_bound_and_leads_back() -> None:
    one = subject(query="SELECT host FROM (${hosts:rows}) WHERE env = ${env:sqlstring} AND ts < $__toTime")
    text = rendered(one)
    assert text.text.endswith("WHERE env = 'prod' AND ts < $__toTime")
    assert one.sql[text.source(text.text.index("ts <")) :].startswith("ts <")
    shared = collect_queries(project(), SHARED).subjects[-1]
    assert "cast($__timeTo() as timestamp)" in rendered(shared).text


def test_one_case_of_the_rules_window() -> None:
    one = subject(query="SELECT 1 WHERE $__timeFilter(ts)", window="10m", delay="1m")
    (case,) = cases(one)
    assert (case.time_range.to_ns - case.time_range.from_ns, case.interval_ns) == (600 * 10**9, 10**9)
    assert expand(one, case).text == (
        "SELECT 1 WHERE ts >= cast(1767623036789123 as timestamp) AND ts <= cast(1767623636789123 as timestamp)"
    )
