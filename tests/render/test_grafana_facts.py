"""What Grafana does with provisioned files, and that nothing is rendered which it would not survive.

Each case is named by the fact. Facts with tests of their own elsewhere (the expansion of `$`, the grid, panel ids,
deletions, the policy tree) are not repeated here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from grafana_foundation_sdk.builders import dashboardv2beta1, text
from grafana_foundation_sdk.models import dashboard as dm

from dashgen import (
    AlertGroup,
    ContactPoint,
    Dashboard,
    Environment,
    Folder,
    Policy,
    Project,
    QuestDB,
    RawReceiver,
    Row,
    SpecError,
    Stat,
    Telegram,
    Text,
    as_dashboard,
)
from dashgen.grafana.provisioning_variables import expand, is_no_text
from dashgen.pipeline import invalid, prepare, write
from dashgen.project_checks import check
from dashgen.render import parsed, render
from dashgen.schema.validate import validate
from tests.alerting_project import OWNED, SHARED, project, rule
from tests.render.test_foreign import grafanalib_dashboard, sdk_dashboard

Json = dict[str, Any]
PROD = Environment("prod")


def board(uid: str = "x", title: str = "X", folder: str = "default", *panels: Any) -> Dashboard:
    return Dashboard(uid=uid, title=title, folder=folder, rows=(Row("", panels),))


def documents(of: Project, environment: Environment, ledger: frozenset[str] = frozenset()) -> dict[str, Any]:
    found = list(render(of, environment, ledger))
    return {d.path: parsed(d) for d in found if d.path.endswith((".json", ".yaml"))}


def boards(*dashboards: Any, environment: Environment = PROD) -> Project:
    return Project(environments=(environment,), dashboards=dashboards)


def problems(of: Project) -> list[str]:
    rendered = [d for environment in of.environments for d in render(of, environment)]
    return [f"{p.path}: {p.message}" for p in (*check(of), *invalid(rendered, of))]


def every(node: Any) -> list[Json]:
    """All objects in JSON data."""
    if isinstance(node, list):
        return [found for item in node for found in every(item)]
    return [node, *(found for item in node.values() for found in every(item))] if isinstance(node, dict) else []


ONE_FOLDER = Environment("prod", folders={"a": Folder("f", "F"), "b": Folder("f", "F")})
KEEPING = {"no_data": "KeepLast", "on_error": "KeepLast"}


def library_panel() -> dm.Dashboard:
    panel = text.Panel().title("Shared").build()
    panel.library_panel = dm.LibraryPanelRef("Shared", "lib-1")
    return dm.Dashboard(uid="l", title="L", panels=[panel])


FOUND: dict[str, tuple[Callable[[], Project], list[str]]] = {
    "the same uid twice, in different folders": (
        lambda: boards(
            board("x", "X", "a"), board("x", "Y", "b"),
            environment=Environment("prod", folders={"a": Folder("f", "F"), "b": Folder("g", "G")}),
        ),
        ["x: another dashboard has the uid 'x'"],
    ),
    "the same title twice in a folder": (
        lambda: boards(board("x"), board("y")),
        ["y: another dashboard of folder 'default' has the title 'X'"],
    ),
    "the same title twice in one folder under two logical names": (
        lambda: boards(board("x", "X", "a"), board("y", "X", "b"), environment=ONE_FOLDER),
        ["y: another dashboard of folder 'b' has the title 'X'"],
    ),
    "a library panel cannot be provisioned from a file": (
        lambda: boards(library_panel()),
        ["l: Shared: is a library panel, which files can't provision"],
    ),
    "KeepLast is newer than Grafana 10.3": (
        lambda: project(rule(**KEEPING), environments=(Environment(
            "old", env="prod", grafana="10.3", hosts=("a",), owns_policy_tree=True),)),
        [f"alerts › Daemons › silent: {field}: Grafana 10.3 of 'old' does not know 'KeepLast'"
         for field in ("no_data", "on_error")],
    ),
    "Grafana 10.4 knows KeepLast": (lambda: project(rule(**KEEPING), environments=(Environment(
        "new", env="prod", grafana="10.4", hosts=("a",), owns_policy_tree=True),)), []),
    "two environments of one org cannot own its policy tree": (
        lambda: project(environments=(
            Environment("a", env="prod", hosts=("a",), instance="g", owns_policy_tree=True,
                        datasources={"questdb": QuestDB(name="A")}),
            Environment("b", env="prod", hosts=("a",), instance="g", owns_policy_tree=True, uid_prefix="b-"),
        )),
        ["environment b: owns the org's policy tree, and so does environment 'a'"],
    ),
    "a rule with two channels of which one is unknown": (
        lambda: project(rule(channels=("telegram", "emial")), policy=Policy("email"), contact_points=(
            ContactPoint("telegram", (Telegram("tg"),)),
            ContactPoint("email", (RawReceiver("m", "line", {"token": "${LINE_TOKEN}"}),)),
        )),
        ["alerts › Daemons › silent: channels: there is no contact point 'emial'"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("fact", FOUND)
def test_it_is_found(fact: str) -> None:
    make, expected = FOUND[fact]
    assert problems(make()) == expected


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(lambda: Folder("general", "X"), "another uid than 'general'", id="folder uid general"),
        pytest.param(lambda: Folder("sharedwithme", "X"), "and 'sharedwithme'", id="folder uid sharedwithme"),
        pytest.param(lambda: Folder("a", "X/Y"), "can't be nested", id="nested folders"),
        pytest.param(lambda: board("x" * 41), "at most 40 letters", id="a uid of 41 characters"),
        pytest.param(lambda: board("a.b"), "at most 40 letters", id="a uid with a dot"),
        pytest.param(lambda: board("1st"), "first a letter", id="a uid that is no Kubernetes name"),
        pytest.param(lambda: AlertGroup("g" * 191, folder="A"), "at most 190", id="a group's name of 191 characters"),
        pytest.param(lambda: rule(title="t" * 191), "at most 190 characters", id="a rule's title of 191 characters"),
        pytest.param(lambda: rule(no_data="Ok"), "'KeepLast'", id="a state that is none"),
        pytest.param(lambda: rule(on_error="NoData"), "'Alerting', 'Error'", id="an error is never NoData"),
        pytest.param(
            lambda: Policy("email", mute_timings=("nights",)),  # type: ignore[call-arg]  # the mistake
            "no field 'mute_timings'",
            id="a mute timing at the root",
        ),
        pytest.param(
            lambda: as_dashboard(dashboardv2beta1.Dashboard("V2")),
            r"expected a classic dashboard, got one of schema v2.*builders\.dashboard: .*only the wrapped resource",
            id="a bare v2 dashboard",
        ),
        pytest.param(lambda: QuestDB(uid=""), "uid: expected a uid", id="a datasource without uid"),
        pytest.param(lambda: QuestDB(password="quest"), "a reference to an", id="a password in the output"),
    ],
)
def test_it_cannot_be_written(make: Callable[[], object], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        make()


@pytest.mark.parametrize(
    "dashboard",
    [
        pytest.param(board("x", "X", "default", Stat("A", "SELECT 1", description="d")), id="dashgen"),
        pytest.param(grafanalib_dashboard(), id="grafanalib"),
        pytest.param(as_dashboard(sdk_dashboard()), id="sdk"),
    ],
)
def test_dashboards_are_identified_by_nothing_that_grafana_ignores(dashboard: Any) -> None:
    """A non-zero id is dropped, a version is ignored; datasources by their names are deprecated."""
    for path, data in documents(boards(dashboard), PROD).items():
        if path.startswith("dashboards/"):
            assert path == f"dashboards/dashgen/{data['uid']}.json"
            assert data["id"] is None
            assert "version" not in data
            assert data["schemaVersion"] == 42
            refs = [one["datasource"] for one in every(data) if one.get("datasource") is not None]
            assert refs
            assert all(set(ref) == {"type", "uid"} for ref in refs)


def test_a_new_title_is_the_same_file() -> None:
    """Grafana knows a dashboard by provider and path: a file that moves is a delete and a create."""
    first, second = (documents(boards(board("x", title)), PROD) for title in ("Old", "New"))
    assert set(first) == set(second)


def test_a_provider_says_what_happens_to_dashboards_that_go() -> None:
    def provider(**fields: Any) -> Json:
        environment = Environment("prod", **fields)
        found = documents(boards(board(), environment=environment), environment)
        return dict(found["provisioning/dashboards/dashgen.yaml"]["providers"][0])

    usual = provider()
    assert (usual["disableDeletion"], usual["allowUiUpdates"], usual["name"]) == (True, False, "dashgen-dashgen")
    assert usual["options"] == {"path": "/etc/grafana/dashgen/dashboards/dashgen", "foldersFromFilesStructure": False}
    assert provider(disable_deletion=False)["disableDeletion"] is False
    assert provider(allow_ui_updates=True)["allowUiUpdates"] is True


def test_a_folder_has_one_provider_whatever_its_logical_names() -> None:
    dashboards = (board("x", "X", "a"), board("y", "Y", "b"))
    whole = boards(*dashboards, environment=ONE_FOLDER)
    assert check(whole) == ()
    found = documents(whole, ONE_FOLDER)
    names = [p["name"] for p in found["provisioning/dashboards/dashgen.yaml"]["providers"]]
    assert names == ["dashgen-f", "dashgen-f restart guard"]
    assert {"dashboards/f/x.json", "dashboards/f/y.json"} <= set(found)


def test_what_an_environment_variable_may_be_eaten_in_is_doubled_and_nothing_else() -> None:
    """Labels, titles and contact points are expanded (grafana#54975, #70484, #71006); annotations and models are not:
    a macro that is doubled would not be one."""
    dollar = "costs $5 of $labels"
    whole = project(rule(
        title=dollar, labels={"own": dollar}, summary="{{ $labels.host }} $5",
        query="SELECT v FROM t WHERE $__timeFilter(ts)",
    ))  # fmt: skip
    (path,) = [p for p in documents(whole, OWNED) if "/rules-" in p]
    (found,) = documents(whole, OWNED)[path]["groups"][0]["rules"]
    assert (found["title"], found["labels"]["own"]) == ("costs $$5 of $$labels",) * 2
    assert expand(found["title"], {"labels": "eaten"}) == dollar
    assert found["annotations"]["summary"] == "{{ $labels.host }} $5"
    assert found["data"][0]["model"]["rawSql"] == "SELECT v FROM t WHERE $__timeFilter(ts)"


def test_a_chat_id_is_a_quoted_string() -> None:
    """As a number Grafana refuses it (grafana#69950)."""
    point = ContactPoint("telegram", (Telegram("tg", chat_id="-100123"),))
    whole = project(rule(channels=("telegram",)), contact_points=(point,), policy=Policy("telegram"))
    data = next(d.data for d in render(whole, OWNED) if d.path.endswith("contact-points.yaml"))
    assert b'chatid: "-100123"' in data
    assert yaml.safe_load(data)["contactPoints"][0]["receivers"][0]["settings"]["chatid"] == "-100123"


def test_a_chat_id_of_a_variable_does_not_become_a_number() -> None:
    """A variable that holds a number becomes one, and Grafana would not start (grafana#63085, #69950)."""
    point = ContactPoint("telegram", (Telegram("tg"),))
    whole = project(rule(channels=("telegram",)), contact_points=(point,), policy=Policy("telegram"))
    data = next(d.data for d in render(whole, OWNED) if d.path.endswith("contact-points.yaml"))
    written = yaml.safe_load(data)["contactPoints"][0]["receivers"][0]["settings"]["chatid"]
    read = expand(written, {"TELEGRAM_CHAT_ID": "-100123"})
    assert is_no_text("-100123")
    assert not is_no_text(read)
    assert re.match(r"-?\d+", read)[0] == "-100123"  # type: ignore[index]  # what Telegram's to_integer reads of it


def test_a_rule_is_in_the_files_shape() -> None:
    """Not in the HTTP API's: a group has `name` and the title of a folder, an interval is a text."""
    (path,) = [p for p in documents(project(), OWNED) if "/rules-" in p]
    for environment in (OWNED, SHARED):
        (group,) = documents(project(), environment)[path]["groups"]
        assert {key: type(group[key]) for key in group} == {
            "orgId": int, "name": str, "folder": str, "interval": str, "rules": list
        }  # fmt: skip
        (found,) = group["rules"]
        query, *expressions = found["data"]
        assert query["relativeTimeRange"]["to"] == 0
        assert isinstance(query["relativeTimeRange"]["from"], int)
        for one in expressions:
            assert one["datasourceUid"] == one["model"]["datasource"]["uid"] == "__expr__"
            assert "relativeTimeRange" not in one
        assert found["condition"] in {one["refId"] for one in found["data"]}
        assert isinstance(found["panelId"], int)
        assert found["annotations"]["__panelId__"] == str(found["panelId"])
        assert found["annotations"]["__dashboardUid__"] == found["dashboardUid"]


def test_a_uid_is_never_both_declared_and_deleted() -> None:
    ledger = frozenset({"rule silent", "rule old", "receiver tg", "receiver gone", "mute-timing weekends"})
    found = documents(project(), OWNED, ledger)
    deleted = found["provisioning/alerting/00-deletions.yaml"]
    assert [one["uid"] for one in deleted["deleteRules"]] == ["old"]
    assert [one["uid"] for one in deleted["deleteContactPoints"]] == ["gone"]
    assert "deleteMuteTimes" not in deleted
    kept = [one["uid"] for path, data in found.items() if "/rules-" in path for one in data["groups"][0]["rules"]]
    assert kept == ["silent"]


def test_an_org_has_one_policy_file_with_one_root_that_is_never_muted() -> None:
    found = documents(project(), OWNED)
    (path,) = [p for p, data in found.items() if isinstance(data, dict) and "policies" in data]
    (root,) = found[path]["policies"]
    assert not root.keys() & {"mute_time_intervals", "active_time_intervals", "object_matchers", "continue"}
    assert [route.get("continue") for route in root["routes"]] == [None, True, True]  # a channel's alert goes on
    assert root["routes"][0]["receiver"] == "platform"  # errors first: the order decides


def test_grafana_ignores_unknown_keys_and_dashgen_does_not() -> None:
    (path,) = [p for p in documents(project(), OWNED) if "/rules-" in p]
    data = documents(project(), OWNED)[path]
    data["groups"][0]["rules"][0]["no_data_state"] = "OK"
    assert [str(v) for v in validate("rules", data)] == [
        "/groups/0/rules/0/no_data_state: unknown key; did you mean 'noDataState'?"
    ]


def test_datasources_are_what_a_fresh_grafana_keeps() -> None:
    """A top-level database was blanked at the first start of 9.4; deletions and pruning are the operator's."""
    datasources = {"questdb": QuestDB(), "sql": QuestDB(uid="sql", name="SQL", plugin="postgres", tls="require")}
    environment = Environment("prod", datasources=datasources)
    data = documents(boards(environment=environment), environment)["provisioning/datasources/dashgen.yaml"]
    assert set(data) == {"apiVersion", "datasources"}
    plugin, postgres = data["datasources"]
    assert (plugin["uid"], postgres["uid"]) == ("questdb", "sql")
    assert "database" not in postgres
    assert postgres["jsonData"] == {"database": "qdb", "sslmode": "require", "timescaledb": False}
    assert postgres["user"] == plugin["jsonData"]["username"] == "user"  # QuestDB's read-only login
    assert {one["secureJsonData"]["password"] for one in data["datasources"]} == {"${QUESTDB_PASSWORD}"}


MOVED: dict[str, tuple[Json, str]] = {
    "another uid under the same name": (
        {"uid": "new", "name": "dashgen-questdb"},
        "the uid of the datasource 'dashgen-questdb' was 'questdb' and is 'new': Grafana would not find it any more",
    ),
    "another name with the same uid": (
        {"name": "New"},
        "the name of the datasource with uid 'questdb' was 'dashgen-questdb' and is 'New': Grafana would not start",
    ),
    "both: another datasource": ({"uid": "new", "name": "New"}, ""),
    "both, as the default name follows the uid": ({"uid": "new"}, ""),
    "neither": ({"host": "elsewhere"}, ""),
}


@pytest.mark.parametrize("fact", MOVED)
def test_a_datasource_keeps_its_name_and_its_uid(fact: str, tmp_path: Path) -> None:
    fields, message = MOVED[fact]
    first = prepare(boards(board()), PROD, tmp_path / "prod")
    assert first.problems == ()
    write(first)
    later = Environment("prod", datasources={"questdb": QuestDB(**fields)})
    found = prepare(boards(board(), environment=later), later, tmp_path / "prod").problems
    assert [(p.path, p.message) for p in found] == ([("environment prod", message)] if message else [])


def test_a_datasource_file_that_is_half_merged_says_nothing(tmp_path: Path) -> None:
    write(prepare(boards(board()), PROD, tmp_path / "prod"))
    (tmp_path / "prod" / "provisioning" / "datasources" / "dashgen.yaml").write_text("<<<<<<< HEAD\n: [")
    assert prepare(boards(board()), PROD, tmp_path / "prod").problems == ()


@pytest.mark.parametrize(("environment", "kind"), [(PROD, "questdb"), (SHARED, "postgres")])
def test_a_query_has_the_form_of_its_plugin(environment: Environment, kind: str) -> None:
    """The QuestDB plugin's backend takes 0 and 1 (2 means logs there), PostgreSQL's the words."""
    whole = boards(board("x", "X", "default", Stat("A", "SELECT 1", description="d"), Text("T", content="t")),
                   environment=environment)  # fmt: skip
    data = next(d for p, d in documents(whole, environment).items() if p.startswith("dashboards/"))
    (target,) = data["panels"][0]["targets"]
    assert target["refId"] == "A"
    if kind == "questdb":
        assert (target["queryType"], target["format"], target["selectedFormat"]) == ("sql", 1, 1)
    else:
        assert (target["rawQuery"], target["format"], target["editorMode"]) == (True, "table", "code")
    for wrong in ("time_series", 2) if kind == "questdb" else (0, 1):
        data["panels"][0]["targets"][0]["format"] = wrong
        (violation, *_) = validate("dashboard", orjson.loads(orjson.dumps(data)))
        assert violation.pointer[-1] == "format"
