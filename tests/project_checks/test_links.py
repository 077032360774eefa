"""Links lead to dashboards of the project, and hand over variables that are there."""

from __future__ import annotations

import json

from dashgen import Dashboard, DataLink, Environment, EnvironmentVariable, Link, Project, Row, Stat
from dashgen.project_checks import check
from dashgen.render import render


def dashboard(uid: str, *links: DataLink, header: tuple[Link, ...] = ()) -> Dashboard:
    panel = Stat("Value", "SELECT 1 AS one", description="One.", data_links=links)
    return Dashboard(
        uid=uid, title=uid, rows=(Row("All", (panel,)),), variables=(EnvironmentVariable("env"),), links=header
    )


def project(*dashboards: Dashboard, prefix: str = "") -> Project:
    return Project(environments=(Environment("prod", uid_prefix=prefix),), dashboards=dashboards)


def test_two_dashboards_lead_to_each_other_and_to_themselves() -> None:
    both = project(
        dashboard("a", DataLink("b", dashboard="b", variables={"env": "${env}"}), DataLink("a", dashboard="a")),
        dashboard("b", header=(Link("a", dashboard="a"),)),
        prefix="x-",
    )
    assert not check(both)
    a, b = (json.loads(d.data) for d in render(both, both.environments[0]) if "dashboards/dashgen/" in d.path)
    links = a["panels"][1]["fieldConfig"]["defaults"]["links"]
    assert [link["url"] for link in links] == [
        "/d/x-b?${__url_time_range}&var-env=${env}",
        "/d/x-a?${__url_time_range}",
    ]
    assert [link["url"] for link in b["links"]] == ["/d/x-a"]


def test_a_uid_that_no_dashboard_has() -> None:
    (found,) = check(project(dashboard("a", DataLink("b", dashboard="nowhere"))))
    assert found.message == "links to 'nowhere', which PROJECT does not list"


def test_an_object_that_is_not_listed() -> None:
    (found,) = check(project(dashboard("a", DataLink("b", dashboard=dashboard("b")))))
    assert found.message == "links to 'b', which PROJECT does not list"


def test_a_variable_that_the_other_one_lacks() -> None:
    (found,) = check(project(dashboard("a", DataLink("a", dashboard="a", variables={"host": "x"}))))
    assert found.message == "'a' has no variable 'host'"
