"""Where Grafana finds the dashboards, and which environment is on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from dashgen import Environment, Project, QuestDB
from dashgen.deploy.local import dashboards_at, datasource_here, environment_here, is_here, login
from dashgen.grafana.needed_variables import needs
from dashgen.model.core.problems import SpecError
from dashgen.preflight import fault
from dashgen.render.provisioning import providers


@pytest.mark.parametrize(
    ("path", "rendered"),
    [
        ("/etc/grafana/dashgen/dashboards", "/etc/grafana/dashgen/dashboards/dashgen"),
        ("/srv/a b/", "/srv/a b/dashgen"),
        ("${TREE}", "${TREE}/dashgen"),
        ("${TREE}/dashboards", "${TREE}/dashboards/dashgen"),
        ("/srv/$old", "/srv/$$old/dashgen"),
        ("C:/grafana/dashboards", "C:/grafana/dashboards/dashgen"),
    ],
)
def test_the_path_of_dashboards_is_rendered_as_it_is_meant(path: str, rendered: str) -> None:
    data = yaml.safe_load(providers(Environment("prod", dashboards_path=path), ["default"]))
    assert data["providers"][0]["options"]["path"] == rendered
    found = needs([data])
    assert [need.name for need in found] == (["TREE"] if "TREE" in path else [])
    assert all(fault(need, "build/prod") and not fault(need, "/srv/tree") for need in found)


@pytest.mark.parametrize("path", ["dashboards", "./dashboards", "${tree}", "${TREE}x", "", "~/tree", "/a\nb"])
def test_a_path_that_grafana_would_look_for_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(SpecError, match="dashboards_path: expected an absolute path"):
        Environment("prod", dashboards_path=path)


def test_the_tree_is_at_the_variable_or_must_be_at_the_path() -> None:
    tree = Path("/work/build/local")
    assert dashboards_at(Environment("a", dashboards_path="${TREE}"), tree) == "/work/build/local/dashboards"
    assert dashboards_at(Environment("a", dashboards_path="${TREE}/x"), tree) == "${TREE}/x"
    assert dashboards_at(Environment("a"), tree) == "/etc/grafana/dashgen/dashboards"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"])
def test_a_datasource_on_this_machine(host: str) -> None:
    assert is_here(host)


@pytest.mark.parametrize("host", ["questdb", "10.0.0.1", "localhost.example.org", "host.docker.internal"])
def test_a_datasource_elsewhere(host: str) -> None:
    assert not is_here(host)


def test_the_environment_on_this_machine_is_the_first_with_such_a_datasource() -> None:
    far = Environment("far")
    near = Environment("near", datasources={"a": QuestDB(uid="a"), "b": QuestDB(uid="b", name="B", host="::1", port=1)})
    assert environment_here(Project(environments=(far,))) is None
    assert environment_here(Project(environments=(far, near))) == near
    found = datasource_here(near)
    assert found is not None
    assert found.port == 1


def test_a_login_has_the_password_of_the_variable_or_a_new_one() -> None:
    datasource = QuestDB(user="viewer", password="${READER}")
    assert login(datasource, {"READER": "mine"}).password == "mine"
    first, second = login(datasource, {}), login(datasource, {"READER": ""})
    assert first.password != second.password
    assert min(len(first.password), len(second.password)) >= 16
    assert (first.user, first.variable, first.is_reader) == ("viewer", "READER", True)
    own = login(QuestDB(user="admin"), {"QUESTDB_PASSWORD": "x"})
    assert (own.password, own.is_reader) == ("quest", False)
