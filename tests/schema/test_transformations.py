"""Options of transformations: the keys of each, and what is said of another."""

from __future__ import annotations

from typing import Any

import pytest

from dashgen import Dashboard, Environment, Panel, Project, Row, Transformation
from dashgen.pipeline import invalid
from dashgen.render import render
from dashgen.schema.transformations import OPTIONS
from dashgen.schema.validate import panel_violations
from dashgen.schema.vocabulary import TRANSFORMATIONS


def said(name: str, options: dict[str, Any]) -> list[str]:
    part = {"transformations": [{"id": name, "options": options}]}
    return [
        f"{'/'.join(map(str, v.pointer[3:]))}: {v.message} | {v.hint}" for v in panel_violations("timeseries", part)
    ]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("sortBy", {"fields": {}, "sort": [{"field": "time", "desc": True}]}),
        ("limit", {"limitField": "10"}),
        ("filterFieldsByName", {"include": {"names": ["a"], "pattern": "/b/"}}),
        ("calculateField", {"mode": "binary", "binary": {"left": "a", "operator": "/", "right": {"fixed": "2"}}}),
        ("calculateField", {"mode": "reduceRow", "reduce": {"reducer": "sum", "include": ["a"]}, "alias": "all"}),
        ("groupBy", {"fields": {"host": {"operation": "groupby", "aggregations": []}, "n": {"operation": None}}}),
        ("organize", {"renameByName": {"a": "A"}, "indexByName": {"a": 0}, "excludeByName": {"b": True}}),
        ("reduce", {"reducers": ["max"], "fields": {}, "mode": "seriesToRows"}),
        ("filterByValue", {"type": "include", "match": "any", "filters": [
            {"fieldName": "a", "config": {"id": "greater", "options": {"value": 5}}}]}),
        ("merge", {}),
        ("spatial", {"anything": 1}),
    ],
)  # fmt: skip
def test_options_that_grafana_writes_are_taken(name: str, options: dict[str, Any]) -> None:
    assert said(name, options) == []


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("sortBy", {"sort": [{"feld": "time"}]}, "sort/0/feld: unknown key | did you mean 'field'?"),
        ("sortBy", {"srt": []}, "srt: unknown key | did you mean 'sort'?"),
        ("sortBy", {"sort": [{"field": "time", "desc": "yes"}]}, "sort/0/desc: expected true or false, got 'yes' | "),
        ("limit", {"limitfield": 5}, "limitfield: unknown key | did you mean 'limitField'?"),
        ("groupBy", {"fields": {"a": {"agregations": []}}},
         "fields/a/agregations: unknown key | did you mean 'aggregations'?"),
        ("filterFieldsByName", {"include": {"nams": ["a"]}}, "include/nams: unknown key | did you mean 'names'?"),
        ("joinByField", {"byfield": "time"}, "byfield: unknown key | did you mean 'byField'?"),
        ("organize", {"rename": {"a": "b"}}, "rename: unknown key | known keys: renameByName, "),
        ("filterByValue", {"filters": [{"field": "a", "config": {"id": "x"}}]},
         "filters/0/field: unknown key | known keys: config, fieldName"),
        ("merge", {"by": "x"}, "by: unknown key | no keys are known here"),
    ],
)  # fmt: skip
def test_another_key_is_told_with_what_is_near(name: str, options: dict[str, Any], told: str) -> None:
    (only,) = said(name, options)
    assert only.startswith(told)


def test_only_transformations_of_grafana_have_options() -> None:
    assert set(OPTIONS) <= set(TRANSFORMATIONS)
    assert set(TRANSFORMATIONS) - set(OPTIONS) == {
        "append", "ensureColumns", "heatmap", "smoothing", "spatial", "timeSeriesTable"
    }  # fmt: skip


def test_the_author_is_told_by_panel_and_place() -> None:
    query = "SELECT timestamp AS time, v FROM t WHERE $__timeFilter(timestamp)"
    wrong = Transformation("sortBy", {"sort": [{"feld": "time"}]})
    panel = Panel("geomap", "Map", query, transformations=(wrong,), options={"latitude": "lat"}, description="d")
    board = Dashboard(uid="x", title="X", rows=(Row("", (panel,)),))
    project = Project(environments=(Environment("prod"),), dashboards=(board,))
    problems = list(invalid(tuple(render(project, project.environments[0])), project))
    assert sorted(f"{p.path}: {p.message} | {p.hint}" for p in problems) == [
        "x › Map › options/latitude: unknown key | known keys: basemap, controls, layers, tooltip, view",
        "x › Map › transformations/0/options/sort/0/feld: unknown key | did you mean 'field'?",
    ]
