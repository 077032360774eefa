"""Dashboards of grafanalib and of the Foundation SDK with real SQL: normalised, validated, for both plugins."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from grafana_foundation_sdk.builders import common as cb
from grafana_foundation_sdk.builders import dashboard as db
from grafana_foundation_sdk.builders import gauge, stat, table, timeseries
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as dm
from grafanalib import core as lib

from dashgen import Dashboard, Environment, Project, QuestDB, Row, SpecError, as_dashboard, as_panel
from dashgen.grafana.datasources.plugins import id_of
from dashgen.model.core.problems import Problem
from dashgen.pipeline import invalid
from dashgen.project_checks import check
from dashgen.render import render
from dashgen.render.layout import GridPosition, overlapping
from dashgen.schema.validate import validate

Json = dict[str, Any]
PROD = Environment("prod")
LOCAL = Environment("local", uid_prefix="l-", datasources={"questdb": QuestDB(plugin="postgres")})
RATE = """
    SELECT timestamp AS time, exchange AS metric, avg(latency_ms) AS value
    FROM exchange_status
    WHERE $__timeFilter(timestamp) AND ('__all' IN (${exchange:sqlstring}) OR exchange IN (${exchange:sqlstring}))
    SAMPLE BY $__sampleByInterval
"""
NOW = (
    "SELECT exchange, last(connected)::int AS connected FROM exchange_status"
    " WHERE timestamp > dateadd('m', -5, $__toTime)"
)
NAMES = "SELECT DISTINCT exchange FROM exchange_status WHERE timestamp > dateadd('d', -1, now())"


def sql(text: str, fmt: str = "time_series", **more: Any) -> lib.SqlTarget:
    return lib.SqlTarget(rawSql=text, format=fmt, **more)


def place(x: int, y: int, w: int = 12, h: int = 8) -> lib.GridPos:
    return lib.GridPos(h=h, w=w, x=x, y=y)


def grafanalib_dashboard(**fields: Any) -> lib.Dashboard:
    steps = [lib.Threshold("green", 0, 0.0), lib.Threshold("red", 1, 500.0)]
    panels = [
        lib.RowPanel(title="Exchanges", gridPos=place(0, 0, 24, 1)),
        lib.TimeSeries(title="Latency of $exchange", dataSource="questdb", targets=[sql(RATE, refId="A")], unit="ms",
                       gridPos=place(0, 1), thresholds=steps, thresholdsStyleMode="line"),
        lib.Stat(title="Connected", dataSource="QuestDB", targets=[sql(NOW, "table")], gridPos=place(12, 1, 6),
                 mappings=[lib.StatValueMappings(lib.StatValueMappingItem("up", "1", "green"))], thresholds=steps),
        lib.GaugePanel(title="Gauge", dataSource="questdb", targets=[sql(NOW, "table")], gridPos=place(18, 1, 6),
                       max=10, thresholds=steps),
        lib.BarGauge(title="Bars", dataSource="questdb", targets=[sql(NOW, "table")], gridPos=place(0, 9, 6)),
        lib.Table(title="All", dataSource="questdb", targets=[sql(NOW + " LIMIT 50", "table")],
                  gridPos=place(6, 9)),
        lib.Text(title="What this is", content="# hi", gridPos=place(18, 9, 6)),
        lib.Heatmap(title="Heat", dataSource="questdb", targets=[sql(RATE)], gridPos=place(0, 17)),
        lib.PieChartv2(title="Share", dataSource="questdb", targets=[sql(NOW, "table")], gridPos=place(12, 17)),
        lib.StateTimeline(title="States", dataSource="questdb", targets=[sql(RATE)], gridPos=place(0, 25)),
        lib.BarChart(title="By exchange", dataSource="questdb", targets=[sql(NOW, "table")], gridPos=place(12, 25)),
        lib.AlertList(title="Alerts", stateFilter=["alerting"], limit=7, gridPos=place(0, 33)),
        lib.News(title="News", feedUrl="/feed", gridPos=place(12, 33)),
        lib.DashboardList(title="More", searchTags=[], gridPos=place(0, 41)),
        lib.Histogram(title="Spread", dataSource="questdb", targets=[sql(RATE)], gridPos=place(12, 41)),
        lib.Logs(title="Errors", dataSource="questdb", targets=[sql(NOW, "table")], gridPos=place(0, 49)),
    ]  # fmt: skip
    return lib.Dashboard(
        **{
            "title": "Exchanges (grafanalib)", "uid": "lib", "tags": ["exchanges"], "timezone": "utc", "refresh": "1m",
            "sharedCrosshair": True, "time": lib.Time("now-3h", "now"), "panels": panels,
            "templating": lib.Templating([
                lib.Template(name="exchange", query=NAMES, dataSource="questdb", multi=True, includeAll=True,
                             allValue="'__all'"),
                lib.Template(name="step", type="interval", query="1m,5m", default="1m"),
            ]),
            "annotations": lib.Annotations([
                {"name": "restarts", "datasource": "questdb", "rawQuery": "SELECT timestamp AS time FROM restarts"}
            ]),
            "links": [lib.DashboardLink(title="all", type="dashboards", tags=["exchanges"])],
        } | fields
    )  # fmt: skip


class Sql:
    """The SDK's documented way for a datasource that it has no types for: a builder of one's own."""

    def __init__(self, text: str) -> None:
        self.text = text

    def build(self) -> Dataquery:
        return Target(self.text)


class Target(Dataquery):
    def __init__(self, text: str) -> None:
        self.text = text

    def to_json(self) -> Json:
        return {"refId": "A", "rawSql": self.text, "format": "time_series", "rawQuery": True}


QUESTDB = common.DataSourceRef(type_val="questdb-questdb-datasource", uid="questdb")


def with_sql(panel: Any, title: str, text: str) -> Any:
    return panel.title(title).datasource(QUESTDB).with_target(Sql(text))


def sdk_dashboard() -> db.Dashboard:
    steps = db.ThresholdsConfig().mode(dm.ThresholdsMode.ABSOLUTE)
    steps.steps([dm.Threshold(None, "red"), dm.Threshold(1, "green")])
    names = db.QueryVariable("exchange").query(NAMES).datasource(QUESTDB).multi(True).include_all(True)
    latency = with_sql(timeseries.Panel(), "Latency", RATE).unit("ms").span(12).height(8)
    latency.legend(cb.VizLegendOptions().show_legend(True))
    rows = with_sql(table.Panel(), "Table", NOW + " LIMIT 50").span(24).height(8)
    return (
        db.Dashboard("Exchanges (SDK)").uid("sdk").refresh("30s").time("now-6h", "now").tags(["exchanges"])
        .with_variable(names.all_value("'__all'"))
        .with_variable(db.CustomVariable("shown").values("a,b"))
        .with_row(db.Row("Open"))
        .with_panel(latency)
        .with_panel(with_sql(stat.Panel(), "Connected", NOW).span(18).height(4).thresholds(steps))
        .with_row(db.Row("Closed").collapsed(True).with_panel(rows))
        .with_panel(with_sql(gauge.Panel(), "After a collapsed row", NOW).span(12).height(8))
    )  # fmt: skip


def rendered(*dashboards: Any, environment: Environment = PROD) -> tuple[list[Json], list[Problem]]:
    project = Project(environments=(environment,), dashboards=dashboards)
    documents = [d for d in render(project, environment) if d.schema == "dashboard"]
    problems = [*check(project), *invalid(documents, project)]
    return [orjson.loads(d.data) for d in documents], problems


def walk(dashboard: Json) -> list[Json]:
    return [q for p in dashboard["panels"] for q in (p, *p.get("panels", ()))]


def assert_sound(dashboard: Json) -> None:
    """What holds of every rendered dashboard, whoever made it."""
    assert validate("dashboard", dashboard) == []
    assert dashboard["id"] is None
    assert "version" not in dashboard
    ids = [p["id"] for p in walk(dashboard)]
    assert len(ids) == len(set(ids))
    for group in (dashboard["panels"], *(p["panels"] for p in dashboard["panels"] if p["type"] == "row")):
        assert not overlapping(GridPosition(**p["gridPos"]) for p in group)


@pytest.mark.parametrize("environment", [PROD, LOCAL], ids=["questdb", "postgres"])
@pytest.mark.parametrize("make", [grafanalib_dashboard, sdk_dashboard])
def test_a_real_dashboard_is_rendered_for_either_plugin(make: Any, environment: Environment) -> None:
    (dashboard,), problems = rendered(make(), environment=environment)
    assert problems == []
    assert_sound(dashboard)
    ref = {"type": id_of(environment.datasources["questdb"].plugin), "uid": environment.uid_prefix + "questdb"}
    targets = [t for p in walk(dashboard) for t in p.get("targets", ())]
    assert len(targets) >= 4
    for target in targets:
        assert target["datasource"] == ref
        if environment is LOCAL:
            assert (target["rawQuery"], target["editorMode"]) == (True, "code")
            assert target["format"] in ("time_series", "table")
            assert "$__sampleByInterval" not in target["rawSql"]
            assert "$__toTime" not in target["rawSql"]
        else:
            assert (target["queryType"], target["format"]) == ("sql", target["selectedFormat"])
            assert target["format"] in (0, 1)
        assert "refId" in target
    variable = dashboard["templating"]["list"][0]
    assert variable["datasource"] == ref
    assert variable["refresh"] == 1
    assert variable["allValue"] == "'__all'"
    assert variable["definition"] == variable["query"]
    assert dashboard["uid"] == environment.uid_prefix + make().uid if make is grafanalib_dashboard else True


def test_what_grafanalib_says_in_older_forms_is_kept() -> None:
    (dashboard,), _ = rendered(grafanalib_dashboard())
    by_title = {p["title"]: p for p in walk(dashboard)}
    assert dashboard["graphTooltip"] == 1
    assert dashboard["refresh"] == "1m"
    assert dashboard["timezone"] == "utc"
    assert dashboard["schemaVersion"] == 42
    assert by_title["Latency of $exchange"]["fieldConfig"]["defaults"]["thresholds"]["steps"] == [
        {"color": "green", "value": None},
        {"color": "red", "value": 500.0},
    ]
    gauge_panel = by_title["Gauge"]
    assert gauge_panel["options"]["reduceOptions"] == {"calcs": ["mean"], "fields": "", "values": False}
    assert gauge_panel["options"]["showThresholdMarkers"] is True
    assert gauge_panel["fieldConfig"]["defaults"]["max"] == 10
    bars = by_title["Bars"]
    assert bars["options"]["reduceOptions"]["calcs"] == ["mean"]
    assert bars["fieldConfig"]["defaults"]["max"] == 100
    assert by_title["Heat"]["options"]["color"]["scheme"] == "Oranges"
    assert by_title["Alerts"]["options"]["stateFilter"]["firing"] is True
    assert by_title["Alerts"]["options"]["stateFilter"]["pending"] is False
    assert by_title["Alerts"]["options"]["maxItems"] == 7
    assert by_title["More"]["options"]["showStarred"] is True
    assert dashboard["annotations"]["list"] == [
        {
            "datasource": {"type": "questdb-questdb-datasource", "uid": "questdb"},
            "enable": True,
            "iconColor": "red",
            "name": "restarts",
            "target": {
                "datasource": {"type": "questdb-questdb-datasource", "uid": "questdb"},
                "format": 1,
                "queryType": "sql",
                "rawSql": "SELECT timestamp AS time FROM restarts",
                "refId": "Anno",
                "selectedFormat": 1,
            },
        }
    ]


def test_places_that_are_possible_are_kept() -> None:
    (dashboard,), _ = rendered(grafanalib_dashboard())
    assert [p["gridPos"] for p in dashboard["panels"]][:3] == [
        {"h": 1, "w": 24, "x": 0, "y": 0}, {"h": 8, "w": 12, "x": 0, "y": 1}, {"h": 8, "w": 6, "x": 12, "y": 1}
    ]  # fmt: skip


def test_the_sdks_own_layout_is_mended() -> None:
    """It leaves the grid (x 12 and width 18), and counts a collapsed row's panels."""
    theirs = sdk_dashboard().build()
    assert any(p.grid_pos.x + p.grid_pos.w > 24 for p in theirs.panels if p.grid_pos)  # type: ignore[union-attr]
    (dashboard,), _ = rendered(sdk_dashboard())
    assert [(p["title"], p["gridPos"]["x"], p["gridPos"]["y"]) for p in walk(dashboard)] == [
        ("Open", 0, 0), ("Latency", 0, 1), ("Connected", 0, 9), ("Closed", 0, 13), ("Table", 0, 14),
        ("After a collapsed row", 0, 14),
    ]  # fmt: skip


def test_grafanalibs_old_rows_get_places() -> None:
    rows = [
        lib.Row(title="One", panels=[lib.Stat(title=t, dataSource="questdb", targets=[sql(NOW, "table")], span=s)
                                     for t, s in (("a", 4), ("b", 4), ("c", 6))]),
        lib.Row(title="", showTitle=False, panels=[lib.Text(title="d", content="x")]),
    ]  # fmt: skip
    (dashboard,), problems = rendered(grafanalib_dashboard(panels=[], rows=rows))
    assert problems == []
    assert_sound(dashboard)
    assert [(p["title"], *p["gridPos"].values()) for p in dashboard["panels"]] == [
        ("One", 1, 24, 0, 0), ("a", 8, 8, 0, 1), ("b", 8, 8, 8, 1), ("c", 8, 12, 0, 9), ("d", 8, 24, 0, 17)
    ]  # fmt: skip


def test_moving_a_foreign_panel_changes_no_id() -> None:
    (before,), _ = rendered(grafanalib_dashboard())
    panels = list(reversed(grafanalib_dashboard().panels))
    (after,), _ = rendered(grafanalib_dashboard(panels=panels))
    assert {p["title"]: p["id"] for p in walk(before)} == {p["title"]: p["id"] for p in walk(after)}


def test_a_builder_is_frozen_when_it_is_listed() -> None:
    """Builders are mutable: what is done to one later must not reach the tree."""
    builder = sdk_dashboard()
    project = Project(environments=(PROD,), dashboards=(as_dashboard(builder),))
    builder.title("Changed later")
    first, second = (
        [d.data for d in render(project, e) if d.schema == "dashboard"] for e in (PROD, Environment("other"))
    )
    assert first == second
    assert b"Changed later" not in first[0]


BROKEN: dict[str, tuple[Any, list[str]]] = {
    "the old graph": (
        lambda: grafanalib_dashboard(panels=[lib.Graph(title="G", dataSource="questdb", targets=[sql(RATE)])]),
        ["lib › G › type: 'graph' is not allowed here"],
    ),
    "an unknown datasource": (
        lambda: grafanalib_dashboard(panels=[lib.Stat(title="S", dataSource="prometheus", targets=[sql(NOW)])]),
        ["lib: S: environment 'prod' has no datasource 'prometheus'"],
    ),
    "a macro of the other plugin": (
        lambda: grafanalib_dashboard(panels=[
            lib.Stat(title="S", dataSource="questdb", targets=[sql("SELECT $__time(timestamp), v FROM t")])
        ]),
        ["lib: S: the questdb datasource has no macro $__time"],
    ),
    "an unknown variable": (
        lambda: grafanalib_dashboard(panels=[
            lib.Stat(title="S $nope", dataSource="questdb", targets=[sql("SELECT v FROM t WHERE h = $host")])
        ]),
        ["lib: S $nope: $host is not a variable of this dashboard",
         "lib: S $nope: $nope is not a variable of this dashboard"],
    ),
    "two queries of one refId": (
        lambda: grafanalib_dashboard(panels=[
            lib.Stat(title="S", dataSource="questdb", targets=[sql(NOW, refId="A"), sql(NOW, refId="A")])
        ]),
        ["lib: S: two queries have the refId 'A'"],
    ),
    "no uid": (lambda: grafanalib_dashboard(uid=None), ["Dashboard 'Exchanges (grafanalib)': needs a uid"]),
    "a uid that Grafana refuses": (
        lambda: grafanalib_dashboard(uid="a b"), ["a b › uid: 'a b' does not have the form that is needed"]
    ),
    "a uid that is too long": (lambda: grafanalib_dashboard(uid="x" * 41), ["is longer than 40 characters"]),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_what_cannot_be_mended_is_an_error(case: str) -> None:
    make, expected = BROKEN[case]
    _, problems = rendered(make())
    texts = [f"{p.path}: {p.message}" for p in problems]
    for error in expected:
        assert any(error in text for text in texts), texts
    assert all(p.source is not None for p in problems)


def test_foreign_panels_stand_among_dashgens_own() -> None:
    inner = Dashboard(
        uid="mixed",
        title="Mixed",
        rows=(
            Row(
                "Both",
                (
                    with_sql(stat.Panel(), "of the SDK", NOW).span(10).height(3),
                    as_panel(lib.Stat(title="of grafanalib", dataSource="questdb", targets=[sql(NOW)]), key="lib"),
                ),
            ),
        ),
    )
    for environment in (PROD, LOCAL):
        (dashboard,), problems = rendered(inner, environment=environment)
        assert problems == []
        assert_sound(dashboard)
        assert [(p["title"], p["gridPos"]["x"], p["gridPos"]["w"]) for p in dashboard["panels"]] == [
            ("Both", 0, 24), ("of the SDK", 0, 10), ("of grafanalib", 10, 12)
        ]  # fmt: skip
    assert inner["lib"].key == "lib"


def test_the_sdk_puts_nothing_into_the_menu() -> None:
    """Its models write the menu into every link and annotation: who meant it can't be told. grafanalib's authors who
    name a placement mean it."""
    panel = with_sql(stat.Panel(), "P", NOW).links([db.DashboardLink("of the panel").url("/x")])
    built = db.Dashboard("Theirs").uid("theirs").with_panel(panel)
    built.link(db.DashboardLink("of the board").url("/x"))
    events: Any = db.AnnotationQuery().name("events")
    built.annotation(events.target(Sql(NOW)))
    assert json.dumps(as_dashboard(built).data).count("inControlsMenu") == 3
    mixed = Dashboard(uid="mixed", title="Mixed", rows=(Row("", (panel,)),))
    whole, problems = rendered(as_dashboard(built), mixed)
    assert problems == []
    assert "inControlsMenu" not in json.dumps(whole)
    assert [d["panels"][0]["links"][0]["title"] for d in whole] == ["of the panel"] * 2


class TeamStat(lib.Stat):  # type: ignore[misc]  # grafanalib has no types
    """A class of the team's own."""


def test_classes_derived_from_a_librarys_are_taken() -> None:
    made = as_panel(TeamStat(title="Derived", dataSource="questdb", targets=[sql(NOW)]))
    assert (made.origin, made.title, made.data["type"]) == ("grafanalib", "Derived", "stat")


def test_what_is_no_panel_and_no_dashboard_is_refused() -> None:
    with pytest.raises(SpecError, match="expected a panel, got 5"):
        as_panel(5)
    with pytest.raises(SpecError, match=r"expected a dashboard, got \[\]"):
        as_dashboard([])
    with pytest.raises(SpecError, match=r"expected a dashboard, got Stat\("):
        as_dashboard(lib.Stat(title="a panel of grafanalib"))
    with pytest.raises(SpecError, match=r"expected a panel, got Dashboard\("):
        as_panel(grafanalib_dashboard())
    wide = with_sql(stat.Panel(), "wide", NOW).grid_pos(dm.GridPos(h=8, w=30, x=0, y=0))
    with pytest.raises(SpecError, match="a panel of 1 to 24 columns and 1 to 100 rows, got 'wide' with 30 by 8"):
        as_panel(wide)
    with pytest.raises(SpecError, match="rows: expected a Row each, got 'x' at"):
        Dashboard(uid="x", title="X", rows=("x",))  # type: ignore[arg-type]  # the mistake
