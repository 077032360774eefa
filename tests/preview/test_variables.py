"""Variables as a viewer has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dashgen.questdb import EmbeddedQuestDB
from tests.preview.served import AT, HOUR, POSTGRES, SOURCE, Served, columns, dashboard, loaded, panel, span, target

pytestmark = pytest.mark.questdb
Json = dict[str, Any]


@pytest.fixture(scope="module")
def rows(questdb: EmbeddedQuestDB) -> EmbeddedQuestDB:
    questdb.execute("DROP TABLE IF EXISTS preview_hosts")  # a worker may come back to this module
    questdb.execute(
        "CREATE TABLE preview_hosts (at TIMESTAMP, env SYMBOL, host SYMBOL, v LONG) TIMESTAMP(at) PARTITION BY DAY WAL"
    )
    at = f"cast({(AT - HOUR) * 1000} AS TIMESTAMP)"
    old = f"cast({(AT - 48 * HOUR) * 1000} AS TIMESTAMP)"
    hosts = [("prod", "web-10"), ("prod", "web-9"), ("prod", "DB-1"), ("dev", "lap''top"), ("dev", "web-9")]
    values = [f"({at}, '{env}', '{host}', {number})" for number, (env, host) in enumerate(hosts)]
    questdb.execute(f"INSERT INTO preview_hosts VALUES {', '.join(values)}, ({old}, 'gone', 'gone', 9)")
    questdb.settle()
    return questdb


def query(name: str, sql: str, **more: object) -> Json:
    return {"name": name, "type": "query", "query": sql, "datasource": SOURCE, "refresh": 2, **more}


ENVS = "SELECT DISTINCT env FROM preview_hosts WHERE $__timeFilter(at) ORDER BY env"
HOSTS = "SELECT DISTINCT host FROM preview_hosts WHERE $__timeFilter(at) AND env IN (${env:sqlstring}) ORDER BY host"
VARIABLES = [
    query("env", ENVS, multi=True, includeAll=True),
    query("host", HOSTS, multi=True, includeAll=True, current={"text": "All", "value": ["$__all"]}),
    query("one", HOSTS),
    {"name": "level", "type": "custom", "query": "Low : 1, Hig\\,h : 2,3", "current": {"text": "3", "value": "3"}},
    {"name": "fixed", "type": "constant", "query": "a constant", "hide": 2},
    {"name": "text", "type": "textbox", "query": "typed", "label": "Some text"},
    {"name": "width", "type": "interval", "query": "1m,10m,1h", "auto": True, "auto_count": 10, "auto_min": "1m"},
    {"name": "source", "type": "datasource", "query": SOURCE["type"]},
    query("sorted", "SELECT DISTINCT host FROM preview_hosts WHERE env = 'prod'", sort=4),
    query("cut", "SELECT DISTINCT host FROM preview_hosts WHERE env = 'prod'", regex="/web-(?<value>\\d+)/", sort=3),
    query("broken", "SELECT nope FROM preview_hosts"),
    query("pairs", "SELECT 'v' AS __value, 't' AS __text", datasource=POSTGRES),
    query("moment", "SELECT cast(1767225600123456 AS TIMESTAMP) AS moment"),
    {"name": "adhoc", "type": "adhoc"},
]  # fmt: skip


@pytest.fixture(scope="module")
def served(rows: EmbeddedQuestDB) -> Iterator[Served]:
    where = "env IN (${env:sqlstring}) AND host IN (${host:sqlstring})"
    kinds = "SELECT '${level}' AS a, '${level:text}' AS b, '$fixed' AS c, '$text' AS d, '$width' AS e"
    panels = [
        panel(1, target(f"SELECT count() AS n FROM preview_hosts WHERE {where}", format_=1)),
        panel(2, target(kinds, format_=1)),
        panel(3, target("SELECT 1 AS n", format_=1, datasource={"uid": "${source}"}), datasource={"uid": "$source"}),
        panel(4, target("SELECT count() AS n FROM preview_hosts WHERE host = $text", format_=1)),
        panel(5, target("SELECT '${host:csv}' AS hosts", format_=1), repeat="host"),
    ]
    late = [query("child", "SELECT '$parent' AS c"), {"name": "parent", "type": "custom", "query": "x,y"}]
    boards = [dashboard(*panels, variables=VARIABLES), dashboard(uid="late", variables=late)]
    with Served(rows.readonly_dsn, loaded(boards)) as running:
        yield running


def variables(served: Served, uid: str = "one", **more: object) -> dict[str, Json]:
    reply = served.ask("POST", "/api/variables", {**span(), "uid": uid, **more})
    assert reply.status == 200, reply.body
    return {one["name"]: one for one in reply.data["variables"]}


def offered(variable: Json) -> list[str]:
    return [option["value"] for option in variable["options"]]


def chosen(variable: Json) -> object:
    return variable["current"]["value"]


def test_what_a_dashboard_opens_with(served: Served) -> None:
    found = variables(served)
    assert list(found) == [one["name"] for one in VARIABLES]
    assert {name: chosen(one) for name, one in found.items() if not one.get("error")} == {
        "env": ["$__all"], "host": ["$__all"], "one": "DB-1", "level": "3", "fixed": "a constant", "text": "typed",
        "width": "$__auto", "source": "qdb", "sorted": "web-10", "cut": "9", "pairs": "v", "moment": "1767225600123",
    }  # fmt: skip
    assert offered(found["env"]) == ["$__all", "dev", "prod"]
    assert offered(found["host"]) == ["$__all", "DB-1", "lap'top", "web-10", "web-9"]
    assert [option["text"] for option in found["level"]["options"]] == ["Low", "Hig,h", "3"]
    assert offered(found["source"]) == ["qdb", "qdb2"]
    assert found["source"]["current"] == {"text": "QuestDB", "value": "qdb"}
    assert offered(found["width"]) == ["$__auto", "1m", "10m", "1h"]
    assert offered(found["sorted"]) == ["web-10", "web-9", "DB-1"]  # by number, downwards
    assert offered(found["cut"]) == ["9", "10"]
    assert found["pairs"]["options"] == [{"text": "t", "value": "v", "selected": True}]
    assert (found["fixed"]["hide"], found["text"]["label"]) == (2, "Some text")
    assert [found["host"][key] for key in ("multi", "includeAll", "allValue", "type")] == [True, True, None, "query"]


def test_what_can_t_be_found_is_said(served: Served) -> None:
    found = variables(served)
    assert found["broken"]["error"] == "error querying the database: pq: Invalid column: nope"
    assert found["adhoc"]["error"] == "not previewed: a variable of the type adhoc"


def test_a_child_follows_its_parent(served: Served) -> None:
    found = variables(served, variables={"env": ["dev"]})
    assert offered(found["host"]) == ["$__all", "lap'top", "web-9"]
    assert offered(found["one"]) == ["lap'top", "web-9"]
    both = {"env": ["dev"], "host": ["web-9", "DB-1"], "one": "DB-1"}
    opened = variables(served, variables=both)  # as an address names it
    assert (chosen(opened["host"]), chosen(opened["one"])) == (["web-9", "DB-1"], "DB-1")
    changed = variables(served, variables=both, name="env")  # as a viewer changes the parent
    assert (chosen(changed["host"]), chosen(changed["one"])) == (["web-9"], "lap'top")
    assert chosen(variables(served, variables={**both, "host": ["DB-1"]}, name="env")["host"]) == ["$__all"]


def test_a_variable_of_a_later_one(served: Served) -> None:
    assert list(variables(served, "late")) == ["child", "parent"]
    assert chosen(variables(served, "late", variables={"parent": "y"})["child"]) == "y"


def test_options_follow_the_range(served: Served) -> None:
    assert offered(variables(served, **span(72))["env"]) == ["$__all", "dev", "gone", "prod"]
    assert offered(variables(served, **span(0.5))["env"]) == ["$__all"]


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ({}, 5),
        ({"env": ["$__all"], "host": ["$__all"]}, 5),
        ({"env": ["dev"], "host": ["$__all"]}, 2),
        ({"env": ["dev", "prod"], "host": ["web-9"]}, 2),
        ({"env": ["dev"], "host": ["lap'top"]}, 1),
        ({"env": "dev", "host": "web-9"}, 1),
        ({"env": ["prod"], "host": ["nobody"]}, 0),
    ],
)
def test_choices_are_in_the_queries(served: Served, given: Json, count: int) -> None:
    assert columns(served.result(1, variables=given))[0][2] == [count]


def test_every_kind_is_put_into_queries(served: Served) -> None:
    given = {"level": "2", "text": "it", "width": "$__auto"}
    assert [values for _, _, values in columns(served.result(2, variables=given))] == [
        ["2"], ["Hig,h"], ["a constant"], ["it"], ["30m"],
    ]  # fmt: skip
    given = {"level": "1", "width": "10m"}
    assert [values[0] for _, _, values in columns(served.result(2, variables=given))][4] == "10m"


def test_a_datasource_that_a_variable_chooses(served: Served) -> None:
    assert columns(served.result(3, variables={"source": "qdb2"}))[0][2] == [1]
    assert served.result(3, variables={"source": "nowhere"})["status"] == 501


def test_a_repeated_panel_has_a_value_of_its_own(served: Served) -> None:
    given = {"host": ["web-9", "DB-1"]}
    assert columns(served.result(5, variables=given))[0][2] == ["web-9,DB-1"]
    for scoped in ("DB-1", {"text": "DB-1", "value": "DB-1"}, ["DB-1"]):
        assert columns(served.result(5, variables=given, scopedVars={"host": scoped}))[0][2] == ["DB-1"]


def test_text_that_is_put_into_sql_only_reads(served: Served, rows: EmbeddedQuestDB) -> None:
    """As in Grafana, an unquoted variable is a part of the SQL; the login and the wire keep it from writing."""
    for text in ("'x'; DROP TABLE preview_hosts", "'x') ; DROP TABLE preview_hosts --"):
        assert served.result(4, variables={"text": text})["status"] == 400
    assert rows.query("SELECT count() FROM preview_hosts").value == 6


def test_an_unknown_dashboard(served: Served) -> None:
    assert served.ask("POST", "/api/variables", {**span(), "uid": "nothing"}).status == 404
    assert served.ask("POST", "/api/variables", {**span(), "uid": "one", "name": 3}).status == 400
