"""Dashboards of the SDK and of grafanalib on the real server: what their variables make of their queries."""

from __future__ import annotations

from typing import Any

import pytest
from grafana_foundation_sdk.builders import dashboard as db
from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as dm
from grafanalib import core as lib

from dashgen import Environment, Project, QueryVariable, QuestDB, Table, as_dashboard
from dashgen.check.engine import check_query
from dashgen.check.imported_variables import datasource, panels, repeated, variables_of
from dashgen.check.query_collection import Collected, collect_queries
from dashgen.check.rules import rules
from dashgen.check.run_variants import SAMPLES, choices
from dashgen.check.session import Session
from dashgen.grafana.datasources.variables import ChosenVariable
from dashgen.model.environment import Plugin
from tests.check.helpers import TABLES, matches, project

Json = dict[str, Any]
Library = str
PLUGINS: tuple[Plugin, ...] = ("questdb", "postgres")
NAMES = "SELECT DISTINCT host FROM daemon_metrics"
SERVER = tuple(rule for rule in rules() if rule.stage == "answer")
QUOTING = tuple(rule for rule in rules() if rule.name == "variable-quoting")


class Target(Dataquery, Builder[Dataquery]):
    def __init__(self, text: str) -> None:
        self.text = text

    def build(self) -> Dataquery:
        return self

    def to_json(self) -> Json:
        return {"refId": "A", "rawSql": self.text, "format": "table"}


SDK_VARIABLES: dict[str, Any] = {
    "host": db.QueryVariable("host").query(NAMES).multi(True).include_all(True),
    "guarded": db.QueryVariable("guarded").query(NAMES).multi(True).include_all(True).all_value("'__all'"),
    "one": db.QueryVariable("one").query(NAMES),
    "shown": db.QueryVariable("shown").query("SELECT table_name FROM tables()").current(
        dm.VariableOption(True, "daemon_metrics", "daemon_metrics")
    ),
    "column": db.CustomVariable("column").values("Uptime : uptime_seconds, error_count"),
    "source": db.ConstantVariable("source").value("daemon_metrics"),
    "least": db.TextBoxVariable("least").default_value("5"),
    "step": db.IntervalVariable("step").values("1m,5m,1h").auto(True),
    "filters": db.AdHocVariable("filters"),
}  # fmt: skip
LIB_VARIABLES = {
    "host": lib.Template(name="host", query=NAMES, dataSource="questdb", multi=True, includeAll=True),
    "guarded": lib.Template(
        name="guarded", query=NAMES, dataSource="questdb", multi=True, includeAll=True, allValue="'__all'"
    ),
    "one": lib.Template(name="one", query=NAMES, dataSource="questdb"),
    "shown": lib.Template(
        name="shown", query="SELECT table_name FROM tables()", dataSource="questdb", default="daemon_metrics"
    ),
    "column": lib.Template(name="column", query="uptime_seconds,error_count", type="custom", default="uptime_seconds"),
    "source": lib.Template(name="source", query="daemon_metrics", type="constant"),
    "least": lib.Template(name="least", query="5", type="textbox"),
    "step": lib.Template(name="step", query="1m,5m,1h", type="interval", default="5m"),
    "filters": lib.Template(name="filters", query="", type="adhoc"),
}


def theirs(library: Library, sql: str, *names: str, repeat: str = "") -> Any:
    """A dashboard with one table panel."""
    if library == "sdk":
        panel = table.Panel().title("Theirs").span(12).height(8)
        panel.datasource(common.DataSourceRef(uid="questdb")).with_target(Target(sql))
        if repeat:
            panel.repeat(repeat)
        made = db.Dashboard("Theirs").uid("theirs").with_panel(panel)
        for name in names:
            made.with_variable(SDK_VARIABLES[name])
        return made
    target = lib.SqlTarget(rawSql=sql, format="table", refId="A")
    shown = lib.Table(
        title="Theirs", dataSource="questdb", targets=[target], gridPos=lib.GridPos(8, 12, 0, 0),
        repeat=lib.Repeat("h", repeat) if repeat else lib.Repeat(),
    )  # fmt: skip
    variables = lib.Templating([LIB_VARIABLES[name] for name in names])
    return lib.Dashboard(title="Theirs", uid="theirs", panels=[shown], templating=variables)


def collected(dashboard: Any, plugin: Plugin) -> Collected:
    environment = Environment("prod", datasources={"questdb": QuestDB(plugin=plugin)})
    made = Project(environments=(environment,), tables=TABLES, dashboards=(dashboard,))
    return collect_queries(made, environment)


def said(found: Collected, session: Session, chosen: Any = SERVER) -> list[str]:
    subjects = [subject for subject in found.subjects if subject.role == "panel"]
    return [one.match.message for subject in subjects for one in check_query(subject, session, chosen)]


ACCEPTED = {
    "several and all, quoted": ("SELECT host FROM daemon_metrics WHERE host IN (${host:sqlstring}) LIMIT 9", "host"),
    "all has a value of its own": (
        "SELECT host FROM daemon_metrics WHERE '__all' IN (${guarded:sqlstring}) OR host IN (${guarded:sqlstring})",
        "guarded",
    ),
    "a column of a list": ("SELECT host, avg($column) FROM daemon_metrics WHERE $column > 0", "column"),
    "a table that is a constant": ("SELECT host FROM $source LIMIT 9", "source"),
    "a table that is chosen at first": ("SELECT host FROM ${shown:raw} LIMIT 9", "shown"),
    "a number that is typed": ("SELECT host FROM daemon_metrics WHERE error_count > $least LIMIT $least", "least"),
    "a width": ("SELECT timestamp, avg(error_count) FROM daemon_metrics SAMPLE BY $step", "step"),
    "none": ("SELECT host FROM daemon_metrics LIMIT 9", "host"),
}  # fmt: skip


@pytest.mark.questdb
@pytest.mark.parametrize("plugin", PLUGINS)
@pytest.mark.parametrize("library", ["sdk", "grafanalib"])
def test_their_variables_are_filled_in(library: Library, plugin: Plugin, session: Session) -> None:
    for case, (sql, *names) in ACCEPTED.items():
        found = collected(theirs(library, sql, *names), plugin)
        assert found.unchecked == (), case
        assert said(found, session) == [], case


@pytest.mark.questdb
@pytest.mark.parametrize("library", ["sdk", "grafanalib"])
def test_what_a_choice_breaks_is_still_found(library: Library, session: Session) -> None:
    bare = theirs(library, "SELECT host FROM daemon_metrics WHERE host = $one LIMIT 9", "one")
    for plugin in PLUGINS:
        messages = said(collected(bare, plugin), session)
        assert any(message.startswith("QuestDB refuses it: Invalid column: sample") for message in messages)
    quoted = theirs(library, "SELECT host FROM daemon_metrics WHERE host = '$one' LIMIT 9", "one")
    (message,) = said(collected(quoted, "questdb"), session)
    assert "QuestDB refuses it" in message  # at o'brien
    assert said(collected(quoted, "postgres"), session) == []
    several = theirs(library, "SELECT host FROM daemon_metrics WHERE host IN ($host) LIMIT 9", "host")
    assert said(collected(several, "questdb"), session) == ["QuestDB refuses it: dangling literal"]  # at o'brien
    assert said(collected(several, "postgres"), session) == []
    wrong = theirs(library, "SELECT nope FROM $source LIMIT 9", "source")
    assert said(collected(wrong, "questdb"), session) == ["QuestDB refuses it: Invalid column: nope"]


@pytest.mark.questdb
@pytest.mark.parametrize("library", ["sdk", "grafanalib"])
def test_a_repeated_panel_sees_one_value(library: Library, session: Session) -> None:
    sql = "SELECT host FROM daemon_metrics WHERE host = {} LIMIT 9"
    plain = theirs(library, sql.format("'$host'"), "host")
    repeating = theirs(library, sql.format("'$host'"), "host", repeat="host")
    (subject,) = [s for s in collected(repeating, "questdb").subjects if s.role == "panel"]
    assert [text for text, _ in choices(subject)[0]] == ["'sample-01'", "a quote"]
    assert said(collected(plain, "questdb"), session) == ["QuestDB refuses it: 'by' expected"]  # ''a',…'
    assert said(collected(repeating, "questdb"), session) == ["QuestDB refuses it: unexpected token [brien]"]
    # PostgreSQL's datasource quotes the one value, as the variable allows several
    assert said(collected(theirs(library, sql.format("$host"), "host", repeat="host"), "postgres"), session) == []


UNCHECKED = {
    "FROM $one": ("SELECT host FROM $one LIMIT 9", "one"),
    'FROM "${one}"': ('SELECT host FROM "${one}" LIMIT 9', "one"),
    "a column": ("SELECT host, avg($one) FROM daemon_metrics", "one"),
    "a part of a name": ("SELECT host FROM daemon_${one:raw} LIMIT 9", "one"),
    "a number": ("SELECT host FROM daemon_metrics LIMIT $one", "one"),
}


@pytest.mark.parametrize("plugin", PLUGINS)
@pytest.mark.parametrize("library", ["sdk", "grafanalib"])
def test_a_name_that_only_a_query_knows_is_not_checked(library: Library, plugin: Plugin) -> None:
    for case, (sql, name) in UNCHECKED.items():
        found = collected(theirs(library, sql, name), plugin)
        assert [s.role for s in found.subjects] == ["variable"], case
        assert [(u.path, u.reason) for u in found.unchecked] == [
            ("theirs › Theirs", f"${name} is inserted unquoted, and its values are known to its query only")
        ], case
    found = collected(theirs(library, "SELECT host FROM daemon_metrics WHERE $filters", "filters"), plugin)
    assert [u.reason for u in found.unchecked] == [
        "it uses $filters: a variable of the type 'adhoc' is not interpreted"
    ]


def test_a_query_variable_of_ours_that_names_a_table_is_not_checked() -> None:
    which = QueryVariable("which", "SELECT table_name FROM tables()")
    made = project(which, Table("Rows", "SELECT host FROM $which LIMIT 9"))
    found = collect_queries(made, made.environments[0])
    assert [s.role for s in found.subjects] == ["variable"]
    assert [(u.path, u.reason) for u in found.unchecked] == [
        ("tried › Rows", "$which is inserted unquoted, and its values are known to its query only")
    ]
    assert [m.message for m in matches("variable-quoting", which, Table("Rows", "SELECT 1 WHERE host = $which"))] == [
        "$which is quoted by some datasources and not by others"
    ]


def test_only_texts_must_be_quoted(session: Session) -> None:
    sql = "SELECT host FROM daemon_metrics WHERE error_count = $source AND host = $one LIMIT 9"
    messages = said(collected(theirs("sdk", sql, "source", "one"), "questdb"), session, QUOTING)
    assert messages == ["$one is quoted by some datasources and not by others"]


def read(**data: Any) -> Any:
    (one,) = variables_of({"templating": {"list": [{"name": "v", **data}]}})
    return one


def test_each_type_is_read_as_grafana_reads_it() -> None:
    assert read(type="custom", query="a, b\\,c ,Label : d", current={"value": "d"}).values == ("d", "a", "b,c")
    assert read(type="custom", query="", options=[{"value": "$__all"}, {"value": "x"}]).values == ("x",)
    assert read(type="custom", query="").reason == "it lists no values"
    assert "json" in read(type="custom", query="[]", valuesFormat="json").reason
    assert read(type="textbox", query="a", current={"value": "b"}).values == ("b",)
    assert read(type="textbox", query="a", current={"value": None}).values == ("a",)
    assert read(type="constant", query="", current={"value": "c"}).values == ("c",)
    assert read(type="interval", query="1m,'5m' , auto", current={"value": "5m"}).values == ("5m", "1m")
    assert read(type="interval", query="1m,10", current=None).reason == "its width '10' is not a duration"
    assert read(type="interval", query="").reason == "it lists no widths"
    assert read(type="interval", query="", auto=True, auto_min="1s").auto == ("1s", 30)
    query = read(type="query", query={"rawSql": "x"}, current={"value": ["$__all"]}, multi=True, includeAll=True)
    assert (query.values, query.all_first, query.multi) == ((), True, True)
    assert read(type="query", current={"value": ["a", "b"]}, allValue="").values == ("a", "b")
    assert read(type="switch").reason == "a variable of the type 'switch' is not interpreted"
    assert variables_of({"templating": {"list": [{"type": "custom"}, "x"]}}) == ()
    assert variables_of({"templating": None}) == ()


def test_the_width_that_follows_the_range_is_computed() -> None:
    found = collected(theirs("sdk", "SELECT avg(error_count) FROM daemon_metrics SAMPLE BY $step", "step"), "questdb")
    assert choices(found.subjects[0])[0] == (
        ("1m", ChosenVariable("step", "1m")), ("5m", ChosenVariable("step", "5m")),
        ("1h", ChosenVariable("step", "1h")), ("auto", ChosenVariable("step", "10m")),
    )  # fmt: skip  # 6 h in 30 buckets: 12 m, rounded


def test_all_of_a_query_are_samples_and_all_comes_first_only_where_it_is_chosen() -> None:
    found = collected(theirs("sdk", "SELECT 1 WHERE 'a' IN (${host:sqlstring})", "host"), "questdb")
    panel = next(s for s in found.subjects if s.role == "panel")
    assert [text for text, _ in choices(panel)[0]] == ["'sample-01'", "several", "All", "a quote"]
    assert choices(panel)[0][2][1].options == SAMPLES


def test_a_datasource_variable_lists_one_plugin() -> None:
    known = variables_of({"templating": {"list": [{"name": "ds", "type": "datasource", "query": "prometheus"}]}})
    for given in ("$ds", "${ds}", "[[ds]]", {"uid": "$ds"}):
        uid = given if isinstance(given, str) else given["uid"]
        assert datasource(given, known) == {"type": "prometheus", "uid": uid}
    assert datasource({"type": "postgres", "uid": "$ds"}, known) == {"type": "postgres", "uid": "$ds"}
    assert datasource("$other", known) == "$other"
    dashboard = db.Dashboard("Theirs").uid("theirs").with_variable(db.DatasourceVariable("ds").type("prometheus"))
    dashboard.with_panel(
        table.Panel().title("Up").datasource(common.DataSourceRef(uid="${ds}")).with_target(Target("up"))
    )
    assert [u.reason for u in collected(as_dashboard(dashboard), "questdb").unchecked] == [
        "a query of another datasource (prometheus)"
    ]


def test_panels_of_a_repeated_row_are_repeated_too() -> None:
    row = {"type": "row", "repeat": "host", "panels": [{"title": "nested"}]}
    old = [{"repeat": "env", "panels": [{"title": "old"}]}]
    below = [{"title": "first"}, row, {"title": "below", "repeat": "x"}, {"type": "row"}, {"title": "last"}]
    found = {panel["title"]: names for panel, names in panels({"rows": old, "panels": below})}
    assert found == {"old": ("env",), "first": (), "nested": ("host",), "below": ("host", "x"), "last": ()}
    one, two = repeated(
        variables_of({"templating": {"list": [{"name": "a", "type": "query"}, {"name": "b", "type": "query"}]}}), ("b",)
    )
    assert (one.repeats, two.repeats) == (False, True)
