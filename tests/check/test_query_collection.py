from __future__ import annotations

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery

from dashgen import Annotation, Query, QueryVariable, Table, TimeSeries, Transformation, as_panel
from dashgen.check.query_collection import collect_queries
from dashgen.model.dashboards.foreign import ForeignPanel
from specs import PROJECT
from tests.check.helpers import project, subjects


class RawTarget(Dataquery):
    def __init__(self, sql: str, datasource: dict[str, str]) -> None:
        self.sql, self.datasource = sql, datasource

    def to_json(self) -> dict[str, object]:
        return {"refId": "A", "rawSql": self.sql, "format": "table", "datasource": self.datasource}


class _Built(Builder[Dataquery]):
    def __init__(self, target: Dataquery) -> None:
        self.target = target

    def build(self) -> Dataquery:
        return self.target


def _foreign(sql: str, datasource: dict[str, str]) -> ForeignPanel:
    return as_panel(timeseries.Panel().title("Theirs").with_target(_Built(RawTarget(sql, datasource))))


def test_every_query_with_its_role_format_and_path() -> None:
    found = subjects(
        QueryVariable("host", "SELECT DISTINCT host FROM daemon_metrics"),
        Annotation("Restarts", "SELECT timestamp AS time FROM daemon_metrics"),
        TimeSeries("Two", (Query("SELECT 1", name="one"), Query("SELECT 2", format="table"))),
        Table("Rows", "SELECT 3"),
    )
    assert [(s.role, s.format, s.path, s.sql) for s in found] == [
        ("variable", "table", "tried › QueryVariable 'host'", "SELECT DISTINCT host FROM daemon_metrics"),
        ("annotation", "table", "tried › Annotation 'Restarts'", "SELECT timestamp AS time FROM daemon_metrics"),
        ("panel", "time_series", "tried › Two › one", "SELECT 1"),
        ("panel", "table", "tried › Two › B", "SELECT 2"),
        ("panel", "table", "tried › Rows", "SELECT 3"),
    ]
    assert [[other.sql for other in s.beside] for s in found[2:4]] == [["SELECT 2"], ["SELECT 1"]]


def test_the_minimum_interval_is_the_rendered_one() -> None:
    found = subjects(
        TimeSeries("Rows", "SELECT timestamp AS time FROM daemon_metrics"),
        TimeSeries("View", "SELECT timestamp AS time FROM pipeline_1m"),
        TimeSeries("Own", "SELECT timestamp AS time FROM daemon_metrics", min_interval="5m"),
        TimeSeries("Nothing", "SELECT 1"),
    )
    assert [s.min_interval for s in found] == ["10s", "1m", "5m", None]


def test_sql_of_other_libraries_is_checked_where_the_datasource_is_ours() -> None:
    ours = project(
        _foreign("SELECT $__time(timestamp) FROM daemon_metrics", {"type": "postgres", "uid": "questdb"}),
        plugin="postgres",
    )
    (subject,) = collect_queries(ours, ours.environments[0]).subjects
    assert (subject.dialect, subject.format, subject.path) == ("postgres", "table", "tried › Theirs")


def test_what_is_not_checked_is_named_with_its_reason() -> None:
    theirs = project(_foreign("up", {"type": "prometheus", "uid": "prom"}))
    found = collect_queries(theirs, theirs.environments[0])
    assert not found.subjects
    assert [(u.path, u.reason) for u in found.unchecked] == [
        ("tried › Theirs", "a query of another datasource (prometheus)")
    ]


def test_all_environments_of_the_shipped_specs_have_subjects() -> None:
    for environment in PROJECT.environments:
        found = collect_queries(PROJECT, environment)
        assert {s.role for s in found.subjects} == {"panel", "variable", "annotation", "alert"}
        assert not found.unchecked


def test_fields_that_a_transformation_makes_are_said_not_to_be_checked() -> None:
    def unchecked(name: str) -> list[str]:
        made = project(
            Table("Now", "SELECT host FROM daemon_metrics LIMIT 1", transformations=(Transformation(name, {}),))
        )
        return [one.reason for one in collect_queries(made, made.environments[0]).unchecked]

    assert unchecked("convertFieldType") == ["the names and kinds of its fields: convertFieldType makes others of them"]
    assert unchecked("sortBy") == []
