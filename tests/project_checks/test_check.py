"""What is wrong between objects: environments, folders, datasources, variables, links."""

from __future__ import annotations

from typing import Any

import pytest

from dashgen import (
    CustomVariable,
    Dashboard,
    DataLink,
    Environment,
    EnvironmentVariable,
    Folder,
    Link,
    Override,
    Project,
    QuestDB,
    Row,
    Stat,
    Text,
    as_dashboard,
)
from dashgen.model.core.problems import SpecError
from dashgen.model.dashboards.field import ByQuery
from dashgen.model.display_paths import paths
from dashgen.project_checks import check
from tests.alerting_project import project as alerting
from tests.alerting_project import rule

Q = "SELECT v FROM t"


def found(*environments: Environment, dashboards: tuple[Any, ...] = ()) -> list[str]:
    problems = check(Project(environments=environments or (Environment("prod"),), dashboards=dashboards))
    assert all(p.source is not None for p in problems)
    return [f"{p.path}: {p.message}" + (f" | {p.hint}" if p.hint else "") for p in problems]


def board(*panels: Any, uid: str = "x", title: str = "X", **fields: Any) -> Dashboard:
    return Dashboard(uid=uid, title=title, rows=(Row("", panels),), **fields)


def test_folders() -> None:
    folders = {"a": Folder("f", "F"), "b": Folder("f", "G"), "c": Folder("h", "G")}
    assert found(Environment("prod", folders=folders)) == [
        "environment prod: the folder uid 'f' has two titles | see folder 'b'",
        "environment prod: two folders have the title 'G' | see folder 'c'",
    ]
    long = Environment("prod", uid_prefix="p" * 30, folders={"default": Folder("f" * 20, "F")})
    assert found(long) == [
        f"environment prod: uid_prefix: with it the uid {'f' * 20!r} is longer than 40 characters"
        " | a shorter uid_prefix, or uid"
    ]


@pytest.mark.parametrize(
    ("name", "proposed"),
    [("eu/prod", "eu-prod"), ("..", "prod"), (" ", "prod"), ("a\0b", "a-b"), ("-a", "a"), ("my prod", "my-prod"),
     ("a" * 300, "a" * 40), ("Ünix", "nix"), ("", "prod")],
)  # fmt: skip
def test_a_name_that_is_no_folder(name: str, proposed: str) -> None:
    with pytest.raises(SpecError) as caught:
        Environment(name)
    (problem,) = caught.value.problems
    assert problem.message.startswith("name: expected a name of at most 40 letters, digits, '-' and '_'")
    assert "build/<name> is a folder" in problem.message
    assert problem.hint == f"such as {proposed!r}"
    Environment(proposed)


def test_names_of_environments() -> None:
    for names, told in (
        (("Prod", "prod"), "the environments 'Prod' and 'prod' differ by case only"),
        (("prod", "prod"), "two environments are named 'prod'"),
    ):
        with pytest.raises(SpecError) as caught:
            Project(environments=tuple(map(Environment, names)))
        assert [problem.message for problem in caught.value.problems] == [told]


def test_datasources() -> None:
    one = QuestDB(is_default=True)
    assert found(Environment("prod", datasources={"a": one, "b": one})) == [
        "environment prod: datasources 'a' and 'b' have the uid 'questdb' | Grafana would know the last one only: give"
        " each a uid of its own",
        "environment prod: more than one datasource is the default | is_default=True on one of them",
    ]
    for names in (("A", "A"), ("dashgen-b", "")):
        given = {uid: QuestDB(uid=uid, name=name) for uid, name in zip("ab", names, strict=True)}
        assert found(Environment("prod", datasources=given)) == [
            f"environment prod: datasources 'a' and 'b' have the name {names[0]!r} | Grafana's names are unique"
            " in an org",
        ]


def test_uids_with_their_prefix() -> None:
    assert found(Environment("prod", uid_prefix="p" * 20), dashboards=(board(uid="u" * 30),)) == [
        f"{'u' * 30}: its uid in 'prod', {'p' * 20 + 'u' * 30!r}, is longer than 40 characters"
        " | a shorter uid_prefix, or uid"
    ]


def test_two_environments_of_one_grafana() -> None:
    named = {"questdb": QuestDB(name="QuestDB")}
    a = Environment("a", instance="g", owns_policy_tree=True, datasources=named)
    b = Environment("b", instance="g", uid_prefix="b-", owns_policy_tree=True, datasources=named)
    assert found(a, b, dashboards=(board(),)) == [
        "environment b: environment 'a', which goes to the same Grafana and org, has the datasource name 'QuestDB' too"
        " | give the datasources distinct names",
        "environment b: owns the org's policy tree, and so does environment 'a' | a Grafana org has one tree: the last"
        " file read would replace the other's",
    ]
    own = Environment("b", instance="g", uid_prefix="b-")  # without a name of its own: that of its uid
    assert found(Environment("a", instance="g"), own, dashboards=(board(),)) == []
    other_org = Environment("b", instance="g", org_id=2, owns_policy_tree=True)
    assert found(a, other_org, dashboards=(board(),)) == []
    assert found(Environment("a"), Environment("b"), dashboards=(board(),)) == []


def test_a_default_that_is_no_value() -> None:
    def said(variable: EnvironmentVariable, *environments: Environment) -> list[str]:
        return found(*environments, dashboards=(board(variables=(variable,)),))

    qa, uat = Environment("qa"), Environment("acceptance", env="uat")
    leave = "or leave values out: it then has those of the environments"
    assert said(EnvironmentVariable("env"), qa, uat) == []
    assert said(EnvironmentVariable("env", ("prod", "qa", "uat")), qa, uat) == []
    assert said(EnvironmentVariable("env", ("prod",)), qa) == [
        "x › EnvironmentVariable 'env': values: 'qa', its default in 'qa' is not among them"
        f" | write values=('prod', 'qa'), {leave}"
    ]
    assert said(EnvironmentVariable("env", ("prod",)), qa, uat) == [
        "x › EnvironmentVariable 'env': values: 'qa', 'uat', its default in 'qa', 'acceptance' is not among them"
        f" | write values=('prod', 'qa', 'uat'), {leave}"
    ]
    assert said(EnvironmentVariable("env", default="live"), qa, uat) == [
        "x › EnvironmentVariable 'env': default: 'live' is not among its values: qa, uat"
        " | write values=('qa', 'uat', 'live')"
    ]
    assert said(EnvironmentVariable("env", ("live", "qa"), default="live"), qa, uat) == []


def test_repeats_and_overrides() -> None:
    rows = (Row("R", (Stat("A", Q, description="d", repeat="host", overrides=(Override(ByQuery("q")),)),), repeat="h"),)
    assert found(dashboards=(Dashboard(uid="x", title="X", rows=rows),)) == [
        "x › R: repeat: the dashboard has no variable 'h' | its variables: none",
        "x › A: repeat: the dashboard has no variable 'host' | its variables: none",
        "x › A › Override: names the query 'q' | its queries: none",
    ]


def test_links() -> None:
    other = board(uid="other", title="Other", variables=(CustomVariable("host", ("a",)),))
    data = DataLink("go", dashboard=other, variables={"host": "x", "hst": "y", "z": "${nope}"})
    panel = Stat("A", Q, description="d", data_links=(data,), links=(Link("l", url="/x?${gone}"),))
    assert found(dashboards=(board(panel, links=(Link("b", url="$blank"),)), other)) == [
        "x › A › Link 'l': url: $gone is not a variable of this dashboard | its variables: none",
        "x › A › DataLink 'go': variables: $nope is not a variable of this dashboard | its variables: none",
        "x › Link 'b': url: $blank is not a variable of this dashboard | its variables: none",
        "x › A › DataLink 'go': 'other' has no variable 'hst' | its variables: host",
        "x › A › DataLink 'go': 'other' has no variable 'z' | its variables: host",
    ]


def test_a_list_of_links_in_a_menu_that_does_not_show_it() -> None:
    """Only Grafana 12.3 has the menu and leaves links by tags out of it; a link to one dashboard it shows."""
    links = (Link("all", tags=("x",), placement="menu"), Link("one", url="/x", placement="menu"))
    old, bad, new = (Environment(name, grafana=v) for name, v in (("old", "11.6"), ("bad", "12.3"), ("new", "12.4")))
    assert found(old, new, dashboards=(board(links=links),)) == []
    assert found(old, bad, new, dashboards=(board(links=links),)) == [
        "x › Link 'all': placement: Grafana 12.3 of 'bad' does not show links by tags in the menu"
        " | leave placement out, or link to single dashboards; 12.4 shows them"
    ]
    assert found(bad, dashboards=(board(links=(Link("all", tags=("x",)),)),)) == []


@pytest.mark.parametrize("text", ["costs $5", "$__from", "${__value.raw}", "$$", "100 %"])
def test_what_is_no_variable_of_the_dashboard(text: str) -> None:
    assert found(dashboards=(board(Text(f"T {text}", content=text)),)) == []


def test_texts_with_variables_that_are_not_there() -> None:
    panel = Text("T", content="of ${gone}", display_name="[[old]]")
    assert found(dashboards=(board(panel),)) == [
        "x › T: content: $gone is not a variable of this dashboard | its variables: none",
        "x › T: display_name: $old is not a variable of this dashboard | its variables: none",
    ]


def test_a_foreign_dashboard_needs_a_uid() -> None:
    from grafanalib import core

    assert found(dashboards=(as_dashboard(core.Dashboard(title="Lib", panels=[])),)) == [
        "ForeignDashboard 'Lib': needs a uid | set the dashboard's uid"
    ]


def test_every_object_has_its_place_in_the_tree() -> None:
    panel = Stat("A", Q, description="d", overrides=(Override("v", data_links=(DataLink("l", url="/"),)),))
    project = Project(environments=(Environment("prod"),), dashboards=(board(panel),))
    where = paths(project)
    assert where[id(panel.overrides[0].data_links[0])] == "x › A › Override 'v' › DataLink 'l'"
    assert where[id(panel.queries[0])] == "x › A › query"
    assert where[id(project.environments[0].folders["default"])] == "environment prod › Folder 'dashgen'"


def test_what_questdb_itself_reads_is_no_unknown_variable() -> None:
    """DG310 says in `dashgen check` that it is better not written; it does not keep a build from being made."""
    times = "SELECT timestamp AS time, v FROM t WHERE timestamp IN "
    assert found(dashboards=(board(Stat("A", f"{times}'$now - 1h..$now'", description="d")),)) == []
    bare = found(dashboards=(board(Stat("A", f"{times}$now", description="d")),))
    assert bare == ["x › A: the SQL uses $now, which is not a variable of this dashboard | its variables: none"]
    alert = rule(query=f"{times}'$today'", panel=None, link_variables=())
    assert [problem.message for problem in check(alerting(alert))] == []


def test_titles_are_compared_as_grafana_saves_them() -> None:
    """It takes blanks around titles of dashboards and folders away (read: BuildSaveDashboardCommand)."""
    twice = found(dashboards=(board(uid="x", title="CPU"), board(uid="y", title=" CPU ")))
    assert twice[:1] == [
        "y: another dashboard of folder 'default' has the title 'CPU' | Grafana would stop"
        " updating each provider involved"
    ]
    folders = {"default": Folder("f", "A"), "other": Folder("g", "A ")}
    assert found(Environment("prod", folders=folders)) == [
        "environment prod: two folders have the title 'A' | see folder 'other'"
    ]


def test_a_grafana_that_dashgen_knows_nothing_of() -> None:
    said = "environment prod: grafana: expected a Grafana {}, got '{}' | name the version that is installed"
    assert found(Environment("prod", grafana="8.5")) == [said.format("from 9.4 on", "8.5")]
    assert found(Environment("prod", grafana="99.1")) == [
        said.format("up to 13.3, the newest that dashgen knows", "99.1")
    ]
    assert found(Environment("prod", grafana="14.0")) == found(Environment("prod", grafana="9.4")) == []
    with pytest.raises(SpecError, match=r"expected a Grafana version like '12\.3'"):
        Environment("prod", grafana="9" * 5000 + ".1")
