"""One function gives a query's text and its positions, to the build and to `dashgen check`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml

from dashgen import Dashboard, Environment, QuestDB, Row, Table
from dashgen.check.expansion import rendered
from dashgen.check.query_collection import collect_queries
from dashgen.model.project import Project
from dashgen.render import render
from dashgen.render.query import render_query
from specs import PROJECT
from specs.environments import LOCAL, PROD


def texts(value: Any) -> Iterator[str]:
    """The SQL of a document."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("rawSql", "query") and isinstance(item, str):
                yield item
            else:
                yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


@pytest.mark.parametrize("environment", [PROD, LOCAL], ids=["questdb", "postgres"])
def test_what_is_checked_is_what_is_written(environment: Environment) -> None:
    written: set[str] = set()
    for document in render(PROJECT, environment):
        if document.path.startswith("dashboards/") and document.path.endswith(".json"):
            written |= set(texts(json.loads(document.data)))
        elif "/rules-" in document.path:
            written |= {text.replace("$$", "$") for text in texts(yaml.safe_load(document.data))}
    subjects = collect_queries(PROJECT, environment).subjects
    assert len(subjects) > 40
    assert [subject.path for subject in subjects if rendered(subject).text not in written] == []


def test_the_way_back() -> None:
    sql = "\n    SELECT ts\n    FROM t WHERE $__timeFilter(ts) AND env = ${env:sqlstring}\n"
    made = render_query(sql, "postgres", alert_of=Environment("live"))
    assert made.error is None
    assert made.text.text == "SELECT ts\nFROM t WHERE $__timeFilter(ts) AND env = 'live'"
    assert sql[made.text.source(made.text.text.index("FROM")) :].startswith("FROM t")
    assert sql[made.text.source(made.text.text.index("'live'")) :].startswith("${env:sqlstring}")


def test_the_way_back_of_a_variable_whose_columns_are_named() -> None:
    sql = "  SELECT host AS __text, uid FROM t  "
    made = render_query(sql, "questdb", is_variable=True).text
    assert made.text == "SELECT uid AS __value, __text FROM (\nSELECT host AS __text, uid FROM t\n)"
    assert sql[made.source(made.text.index("host")) :].startswith("host AS")


@pytest.mark.parametrize("plugin", ["questdb", "postgres"])
def test_a_macro_is_marked_at_its_own_place(plugin: Any) -> None:
    """Also where another one before it begins with its name."""
    sql = "SELECT 1 AS v FROM t WHERE $__timeFilter(ts) AND $__tim"
    made = render_query(sql, plugin)
    assert made.error is not None
    assert made.error.start == sql.rindex("$__tim")
    environment = replace(Environment("live"), datasources={"questdb": QuestDB(plugin=plugin)})
    board = Dashboard(uid="x", title="X", rows=(Row("", (Table("A", sql),)),))
    project = Project(environments=(environment,), dashboards=(board,))
    (problem,) = [problem for document in render(project, environment) for problem in document.problems]
    assert problem.source is not None
    assert problem.message == "the questdb datasource has no macro $__tim"
