"""Whole dashboards: what must hold of every one, whatever its author wrote."""

from __future__ import annotations

import random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashgen import (
    Annotation,
    ConstantVariable,
    CustomVariable,
    Dashboard,
    DataLink,
    DatasourceVariable,
    Environment,
    EnvironmentVariable,
    Folder,
    IntervalVariable,
    Link,
    Override,
    Project,
    Query,
    QueryVariable,
    QuestDB,
    Row,
    Stat,
    Text,
    TextVariable,
    TimeSeries,
)
from dashgen.model.core.durations import Duration
from dashgen.model.core.ids import panel_id
from dashgen.project_checks import check
from dashgen.render import render
from dashgen.render.dashboards import min_interval
from dashgen.schema.validate import validate
from tests.render.test_foreign import assert_sound, walk

Json = dict[str, Any]
Q = "SELECT timestamp AS time, v AS value FROM t WHERE $__timeFilter(timestamp)"
PROD = Environment("prod")
LOCAL = Environment("local", datasources={"questdb": QuestDB(plugin="postgres")})


def rendered(*dashboards: Dashboard, environment: Environment = PROD, **fields: Any) -> list[Json]:
    project = Project(environments=(environment,), dashboards=dashboards, **fields)
    assert check(project) == ()
    documents = [d for d in render(project, environment) if d.schema == "dashboard"]
    found = [orjson.loads(d.data) for d in documents]
    assert found == [d.content for d in documents]  # what is validated is what is written
    return found


def one(*panels: Any, environment: Environment = PROD, **fields: Any) -> Json:
    (dashboard,) = rendered(Dashboard(uid="x", title="X", rows=(Row("", panels),), **fields), environment=environment)
    assert_sound(dashboard)
    return dashboard


PANELS = st.builds(
    lambda n, w, h, r: Text(f"Panel {n}", content="x", width=w, height=h, repeat="host" if r else ""),
    st.integers(0, 10**6), st.integers(1, 24), st.integers(1, 40), st.booleans(),
)  # fmt: skip
ROWS = st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans(), st.lists(PANELS, max_size=7)), max_size=5)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_any_rows_are_placed_soundly_and_ids_do_not_move(rows: list[Any], rng: random.Random) -> None:
    seen: set[str] = set()
    made = []
    for i, (titled, collapsed, repeated, panels) in enumerate(rows):
        fresh = [p for p in panels if not (p.title in seen or seen.add(p.title))]  # type: ignore[func-returns-value]
        flags: Json = {"collapsed": collapsed, "repeat": "host" if repeated else ""} if titled else {}
        made.append(Row(f"Row {i}" if titled else "", tuple(fresh), **flags))
    variables = (CustomVariable("host", ("a", "b"), multi=True),)
    (dashboard,) = rendered(Dashboard(uid="x", title="X", rows=tuple(made), variables=variables))
    assert_sound(dashboard)
    top = [p["gridPos"]["y"] for p in dashboard["panels"]]
    assert top == sorted(top)
    assert [p["title"] for p in walk(dashboard)] == [
        t for r in made for t in ([r.title] if r.title else []) + [p.title for p in r.panels]
    ]
    rng.shuffle(made)
    (moved,) = rendered(Dashboard(uid="x", title="X", rows=tuple(made), variables=variables))
    assert {p["title"]: p["id"] for p in walk(moved)} == {p["title"]: p["id"] for p in walk(dashboard)}


@given(st.text(), st.text())
def test_panel_ids_are_grafanas_whole_numbers(a: str, b: str) -> None:
    assert 1 <= panel_id(a) < 2**31
    assert (panel_id(a) == panel_id(b)) == (a == b)


def test_a_collision_of_ids_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    import dashgen.project_checks.dashboards as module

    monkeypatch.setattr(module, "panel_id", lambda key: 7)
    rows = (Row("", (Text("A", content="x"), Text("B", content="x"))),)
    project = Project(environments=(PROD,), dashboards=(Dashboard(uid="x", title="X", rows=rows),))
    assert [(p.path, p.message, p.hint) for p in check(project)] == [
        ("x › B", "its key 'b' gives the panel id that 'a' has", "give it another key")
    ]


def test_a_dollar_in_a_dashboard_is_never_doubled() -> None:
    text = one(Text("Costs $5", content="$${x} $5"), variables=(TextVariable("x"),))
    assert text["panels"][0]["title"] == "Costs $5"
    assert text["panels"][0]["options"]["content"] == "$${x} $5"


def test_every_kind_of_variable() -> None:
    variables = (
        QueryVariable("host", "SELECT DISTINCT host FROM t", multi=True, include_all=True, refresh="time range"),
        QueryVariable("one", "SELECT host FROM t", default="a", regex="/x/", sort="numeric desc", label="One"),
        CustomVariable("c", ("a,b", "c"), include_all=True, description="what"),
        CustomVariable("d", ("a", "b"), default="b", hide="variable"),
        ConstantVariable("k", "v"),
        TextVariable("t", "x"),
        IntervalVariable("i", ("1m", "5m"), auto=True),
        IntervalVariable("j", ("1m", "5m")),
        DatasourceVariable("ds"),
        EnvironmentVariable("env"),
    )
    listed = {v["name"]: v for v in one(variables=variables)["templating"]["list"]}
    ref = {"type": "questdb-questdb-datasource", "uid": "questdb"}
    # All is one literal in the SQL, so that the comparison with it folds away
    assert listed["host"]["allValue"] == "'__all'"
    assert listed["host"]["current"] == {"selected": True, "text": ["All"], "value": ["$__all"]}
    assert (listed["host"]["refresh"], listed["one"]["refresh"]) == (2, 1)
    assert listed["host"]["datasource"] == ref
    assert listed["host"]["definition"] == listed["host"]["query"] == "SELECT DISTINCT host FROM t"
    assert listed["one"]["current"]["value"] == "a"
    assert (listed["one"]["sort"], listed["one"]["regex"], listed["one"]["label"]) == (4, "/x/", "One")
    assert listed["c"]["query"] == "a\\,b,c"
    assert [o["value"] for o in listed["c"]["options"]] == ["$__all", "a,b", "c"]
    assert [o["selected"] for o in listed["d"]["options"]] == [False, True]
    assert (listed["d"]["hide"], listed["k"]["hide"]) == (2, 2)
    assert (listed["k"]["query"], listed["t"]["query"]) == ("v", "x")
    assert listed["i"]["current"]["value"] == "$__auto"
    assert (listed["i"]["auto"], listed["j"]["current"]["value"]) == (True, "1m")
    assert (listed["ds"]["query"], listed["ds"]["current"]["value"]) == ("questdb-questdb-datasource", "questdb")
    assert listed["env"]["current"]["value"] == "prod"


def test_the_environment_variable_offers_the_environments_of_the_project() -> None:
    environments = (Environment("live"), Environment("local", env="dev"), Environment("laptop", env="dev"))

    def shown(variable: EnvironmentVariable) -> list[tuple[list[str], list[str], str]]:
        board = Dashboard(uid="x", title="X", rows=(), variables=(variable,))
        project = Project(environments=environments, dashboards=(board,))
        found = []
        for environment in environments:
            (document,) = [d for d in render(project, environment) if d.schema == "dashboard"]
            (env,) = orjson.loads(document.data)["templating"]["list"]
            selected = [o["value"] for o in env["options"] if o["selected"]]
            found.append(([o["value"] for o in env["options"]], selected, env["query"]))
        return found

    assert shown(EnvironmentVariable("env")) == [
        (["live", "dev"], ["live"], "live,dev"),
        (["live", "dev"], ["dev"], "live,dev"),
        (["live", "dev"], ["dev"], "live,dev"),
    ]
    assert [values for values, _, _ in shown(EnvironmentVariable("env", ("dev", "live", "qa")))] == [
        ["dev", "live", "qa"]
    ] * 3


def test_the_all_guard_is_cheap_and_safe_for_quotes() -> None:
    host = QueryVariable("host", "SELECT 1", multi=True, include_all=True)
    assert host.matches("h") == "('__all' IN (${host:sqlstring}) OR h IN (${host:sqlstring}))"
    assert QueryVariable("host", "SELECT 1", multi=True).matches("h") == "h IN (${host:sqlstring})"
    assert QueryVariable("host", "SELECT 1").matches("h") == "h = ${host:sqlstring}"


def test_a_panel_may_follow_a_datasource_that_the_viewer_chooses() -> None:
    for environment, kind in ((PROD, "questdb-questdb-datasource"), (LOCAL, "postgres")):
        dashboard = one(
            Stat("A", Q, datasource="$ds", description="d"),
            Stat("B", Query(Q, datasource="${ds}"), description="d"),
            variables=(DatasourceVariable("ds"), QueryVariable("v", "SELECT 1", datasource="$ds")),
            environment=environment,
        )
        ref = {"type": kind, "uid": "${ds}"}
        assert dashboard["panels"][0]["datasource"] == ref
        assert dashboard["panels"][0]["targets"][0]["datasource"] == ref
        assert dashboard["panels"][1]["datasource"]["uid"] == "-- Mixed --"
        assert dashboard["panels"][1]["targets"][0]["datasource"] == ref
        assert dashboard["templating"]["list"][1]["datasource"] == ref


def test_a_choice_of_datasource_that_is_not_there_is_an_error() -> None:
    rows = (Row("", (Stat("A", Q, datasource="$ds", description="d"),)),)
    project = Project(environments=(PROD,), dashboards=(Dashboard(uid="x", title="X", rows=rows),))
    assert [p.message for p in check(project)] == ["environment 'prod' has no datasource '$ds'"]


def test_annotations_links_and_data_links() -> None:
    other = Dashboard(uid="other", title="Other", rows=(), variables=(CustomVariable("host", ("a",)),))
    panel = Stat(
        "A", Q, description="d",
        links=(Link("there", dashboard=other, keep_variables=False), Link("docs", url="/docs", new_tab=True)),
        data_links=(DataLink("host", dashboard=other, variables={"host": "${__field.labels.host} & more"}),),
        overrides=(Override("v", data_links=(DataLink("out", url="/x?${__value.raw}", new_tab=True),)),),
    )  # fmt: skip
    prefixed = Environment("prod", uid_prefix="p-")
    dashboard, _ = rendered(
        Dashboard(
            uid="x", title="X", rows=(Row("", (panel,)),),
            links=(Link("all", tags=("daemons",), dropdown=True), Link("other", dashboard=other)),
            annotations=(Annotation("restarts", "SELECT timestamp AS time FROM r", color="blue", hidden=True),),
        ),
        other, environment=prefixed,
    )  # fmt: skip
    assert_sound(dashboard)
    ours = dashboard["panels"][0]
    assert [link["url"] for link in ours["links"]] == ["/d/p-other?${__url_time_range}", "/docs"]
    assert ours["fieldConfig"]["defaults"]["links"] == [{
        "title": "host",
        "url": "/d/p-other?${__url_time_range}&var-host=${__field.labels.host}%20%26%20more",
    }]  # fmt: skip
    assert ours["fieldConfig"]["overrides"][0]["properties"][0]["value"][0]["targetBlank"] is True
    by_tag, by_ref = dashboard["links"]
    assert (by_tag["type"], by_tag["tags"], by_tag["keepTime"], by_tag["includeVars"]) == (
        "dashboards", ["daemons"], True, True
    )  # fmt: skip
    assert (by_ref["type"], by_ref["url"]) == ("link", "/d/p-other")
    builtin, restarts = dashboard["annotations"]["list"]
    assert builtin["builtIn"] == 1
    assert restarts["target"]["rawSql"] == "SELECT timestamp AS time FROM r"
    assert restarts["target"]["refId"] == "Anno"
    assert (restarts["iconColor"], restarts["hide"]) == ("blue", True)
    assert restarts["datasource"] == {"type": "questdb-questdb-datasource", "uid": "p-questdb"}


@pytest.mark.parametrize(
    ("grafana", "link", "annotation", "hide"),
    [
        ("9.4", None, None, None),
        ("12.2", None, None, 3),
        ("12.3", "inControlsMenu", "inControlsMenu", 3),
        ("13.0", "inControlsMenu", "inControlsMenu", 3),
    ],
)
def test_what_stands_in_the_menu(grafana: str, link: str | None, annotation: str | None, hide: int | None) -> None:
    """Nothing unless its author says so, and only where Grafana has a menu."""

    def placed(placement: Any) -> list[Json]:
        board = Dashboard(
            uid="x",
            title="X",
            rows=(),
            links=(Link("l", url="/x", placement=placement),),
            annotations=(Annotation("a", "SELECT timestamp AS time FROM r", placement=placement),),
            variables=(CustomVariable("v", ("a",), placement=placement),),
        )
        (found,) = rendered(board, environment=Environment("prod", grafana=grafana))
        assert validate("dashboard", found) == []
        builtin, own = found["annotations"]["list"]
        assert "placement" not in builtin
        return [*found["links"], own, *found["templating"]["list"]]

    shown = placed("menu")
    assert [one.get("placement") for one in shown] == [link, annotation, None]
    assert shown[2].get("hide") == hide
    shown = placed("header")
    assert not [one for one in shown if "placement" in one]
    assert "hide" not in shown[2]


def test_a_panels_link_is_a_title_and_an_address() -> None:
    links = (Link("docs", url="/docs"), Link("out", url="/out", new_tab=True))
    (panel,) = one(Stat("A", Q, description="d", links=links))["panels"]
    assert panel["links"] == [
        {"title": "docs", "url": "/docs"},
        {"title": "out", "url": "/out", "targetBlank": True},
    ]


def test_repeats() -> None:
    dashboard = one(
        TimeSeries("CPU of $host", Q, description="d", repeat="host", repeat_direction="v", max_per_row=3),
        variables=(CustomVariable("host", ("a", "b"), multi=True),),
    )
    panel = dashboard["panels"][0]
    assert (panel["repeat"], panel["repeatDirection"], panel["maxPerRow"]) == ("host", "v", 3)


def test_environments_have_their_own_uids_folders_and_datasources() -> None:
    folders = {"default": Folder("team", "Team")}
    mine = Environment("mine", uid_prefix="m-", folders=folders, datasources={"questdb": QuestDB(uid="q")})
    rows = (Row("", (Stat("A", Q, description="d"),)),)
    project = Project(environments=(mine,), dashboards=(Dashboard(uid="x", title="X", rows=rows),))
    documents = {d.path: d.data for d in render(project, mine)}
    dashboard = orjson.loads(documents["dashboards/team/m-x.json"])
    assert dashboard["uid"] == "m-x"
    assert dashboard["panels"][0]["targets"][0]["datasource"]["uid"] == "m-q"
    assert b'folderUid: "m-team"' in documents["provisioning/dashboards/dashgen.yaml"]
    assert b'uid: "m-q"' in documents["provisioning/datasources/dashgen.yaml"]


def test_a_ledger_only_grows() -> None:
    project = Project(environments=(PROD,), dashboards=(Dashboard(uid="x", title="X", rows=()),))
    documents = {d.path: d.data for d in render(project, PROD, frozenset({"dashboard gone", "rule r"}))}
    assert orjson.loads(documents["published.json"])["published"] == ["dashboard gone", "dashboard x", "rule r", "~"]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.5, "500ms"), (1, "1s"), (90, "90s"), (60, "1m"), (5400, "90m"), (7200, "2h")]
)
def test_a_minimum_interval_is_written_with_one_unit(seconds: float, text: str) -> None:
    assert str(Duration(seconds)) == text


def test_the_minimum_interval_is_the_slowest_of_what_a_panel_reads() -> None:
    both = TimeSeries("A", (Query("SELECT * FROM fast", name="x"), Query("SELECT * FROM slow", name="y")))
    every = {"fast": 10.0, "slow": 60.0}
    assert min_interval(both, every) == "1m"
    assert min_interval(TimeSeries("A", "SELECT * FROM fast", min_interval="5m"), every) == "5m"
    assert min_interval(TimeSeries("A", "SELECT * FROM other"), every) is None
