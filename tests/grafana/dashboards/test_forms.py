"""The forms of dashboards, and what is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from dashgen.grafana.dashboards.document import DashboardError
from dashgen.grafana.dashboards.forms import Input, read_form, read_forms
from dashgen.grafana.dashboards.migrations import DataSource
from tests.grafana.dashboards.test_migrations import values
from tests.grafana.dashboards.test_v2 import auto_grid, grid, item, spec_with, tabs

Json = dict[str, Any]

PANEL = {"id": 1, "type": "stat", "title": "P", "targets": [{"refId": "A", "expr": "up"}]}
CLASSIC: Json = {"uid": "u1", "title": "T", "schemaVersion": 42, "panels": [PANEL]}
SPEC = spec_with(grid(item("p1")), count=1)


def resource(version: str, spec: Json, kind: str = "Dashboard") -> Json:
    metadata = {"name": "r1", "annotations": {"grafana.app/folder": "f1"}}
    return {"apiVersion": f"dashboard.grafana.app/{version}", "kind": kind, "metadata": metadata, "spec": spec}


@pytest.mark.parametrize(
    ("data", "form", "uid", "folder"),
    [
        (CLASSIC, "classic", "u1", ""),
        ({"title": "T", "rows": [{"panels": [PANEL]}]}, "classic", "", ""),
        ({"dashboard": CLASSIC, "meta": {"folderUid": "f1"}}, "api", "u1", "f1"),
        ({"dashboard": CLASSIC, "folderUid": "f1", "overwrite": True}, "api", "u1", "f1"),
        ({"dashboard": SPEC, "meta": {"uid": "u2"}}, "api", "u2", ""),
        ({**CLASSIC, "__inputs": [], "__requires": []}, "export", "u1", ""),
        (resource("v0alpha1", CLASSIC), "v1 resource", "r1", "f1"),
        (resource("v1beta1", CLASSIC), "v1 resource", "r1", "f1"),
        (resource("v1", CLASSIC, "DashboardWithAccessInfo"), "v1 resource", "r1", "f1"),
        (resource("v2alpha1", SPEC), "v2 resource", "r1", "f1"),
        (resource("v2beta1", SPEC), "v2 resource", "r1", "f1"),
        (resource("v2", SPEC), "v2 resource", "r1", "f1"),
        (SPEC, "v2 spec", "", ""),
        ({"uid": "l1", "name": "T", "kind": 1, "folderUid": "f1", "model": PANEL}, "library panel", "l1", "f1"),
        ({"result": {"uid": "l1", "name": "T", "kind": 1, "model": PANEL}}, "library panel", "l1", ""),
    ],
)
def test_each_form_is_read(data: Json, form: str, uid: str, folder: str) -> None:
    before = json.dumps(data)
    document = read_form(data)
    assert (document.form, document.uid, document.folder) == (form, uid, folder)
    assert document.dashboard["title"] == "T"
    assert document.dashboard["schemaVersion"] == 42
    assert "uid" not in document.dashboard
    (panel,) = document.dashboard["panels"]
    assert panel["id"] == 1
    assert panel["targets"][0]["expr"] == "up"
    assert json.dumps(data) == before


def test_lists_of_dashboards() -> None:
    listed = read_forms([CLASSIC, {"dashboard": CLASSIC}, resource("v2", SPEC)])
    assert [document.form for document in listed] == ["classic", "api", "v2 resource"]
    served = {
        "apiVersion": "dashboard.grafana.app/v1beta1",
        "kind": "DashboardList",
        "items": [{"metadata": {"name": "a"}, "spec": CLASSIC}],
    }
    assert [(document.form, document.uid) for document in read_forms(served)] == [("v1 resource", "a")]
    with pytest.raises(DashboardError, match=r"^\$: expected one dashboard, got a list of 2$"):
        read_form([CLASSIC, CLASSIC])
    with pytest.raises(DashboardError, match=r"^\$\[1\]: no dashboard, but a panel"):
        read_forms([CLASSIC, PANEL])


def test_constants_of_an_export_are_filled_in_and_data_sources_left_open() -> None:
    inputs = [
        {"name": "DS_PROM", "type": "datasource", "pluginId": "prometheus"},
        {"name": "VAR_HOST", "type": "constant", "value": "prod-1"},
    ]
    panel = {**PANEL, "datasource": "${DS_PROM}", "title": "On ${VAR_HOST}"}
    export = {**CLASSIC, "schemaVersion": 30, "panels": [panel], "__inputs": inputs}
    document = read_form(export)
    assert document.inputs == (Input("DS_PROM", "datasource", "prometheus", ""),)
    assert document.notes == ("input VAR_HOST: prod-1",)
    (read,) = document.dashboard["panels"]
    assert read["title"] == "On prod-1"
    assert read["datasource"] == {"uid": "${DS_PROM}"}
    named = read_form(export, inputs={"DS_PROM": "p1"}, sources=[DataSource("p1", "prometheus", "Prod")])
    assert named.inputs == ()
    assert named.dashboard["panels"][0]["datasource"] == {"uid": "p1", "type": "prometheus"}
    request = {"dashboard": export, "inputs": [{"name": "DS_PROM", "type": "datasource", "value": "p9"}]}
    assert read_form(request).dashboard["panels"][0]["datasource"] == {"uid": "p9"}


@pytest.mark.parametrize("as_list", [False, True])
def test_library_panels_of_an_export_become_panels(as_list: bool) -> None:
    element = {"uid": "l1", "name": "Lib", "kind": 1, "model": {**PANEL, "id": 99, "title": "From the library"}}
    reference = {"id": 4, "gridPos": {"x": 0, "y": 1, "w": 6, "h": 4}, "libraryPanel": {"uid": "l1", "name": "Lib"}}
    other = {"id": 6, "gridPos": {"x": 6, "y": 1, "w": 6, "h": 4}, "libraryPanel": {"uid": "l2", "name": "Other"}}
    row = {"id": 5, "type": "row", "collapsed": True, "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}}
    export = {
        **CLASSIC,
        "panels": [{**row, "panels": [reference]}, other],
        "__elements": [element] if as_list else {"l1": element},
    }
    document = read_form(export)
    (inner,) = document.dashboard["panels"][0]["panels"]
    assert (inner["id"], inner["title"], inner["type"]) == (4, "From the library", "stat")
    assert inner["gridPos"] == reference["gridPos"]
    assert "libraryPanel" not in inner
    assert document.notes == (
        "library panel 'Lib' became a panel",
        "kept as references to library panels of the server: Other",
    )


def test_a_v2_document_is_read_as_it_is_shown() -> None:
    document = read_form(spec_with(tabs({"title": "One", "layout": auto_grid("p1", "p2")})))
    assert document.notes == ("1 tab became an open row", "panels of 1 auto grid got fixed places")
    assert [panel["gridPos"]["y"] for panel in document.dashboard["panels"]] == [0, 1, 1]


def test_an_export_of_the_v2_form_has_labels_for_data_sources() -> None:
    spec = spec_with(grid(item("p1"), item("p2", 12)), count=2)
    for name, label in (("p1", "prometheus-1"), ("p2", "prometheus-2")):
        exported = spec["elements"][name]["spec"]["data"]["spec"]["queries"][0]["spec"]["query"]
        del exported["datasource"]
        exported["labels"] = {"grafana.app/export-label": label}
    built_in = {
        "kind": "DataQuery",
        "group": "grafana",
        "spec": {},
        "labels": {"grafana.app/export-label": "grafana-1"},
    }
    spec["annotations"] = [{"kind": "AnnotationQuery", "spec": {"name": "A", "builtIn": True, "query": built_in}}]
    document = read_form(resource("v2", spec))
    assert document.inputs == tuple(Input(f"prometheus-{n}", "datasource", "prometheus", "") for n in (1, 2))
    one, two = (panel["targets"][0]["datasource"] for panel in document.dashboard["panels"])
    assert one == {"type": "prometheus", "uid": "${prometheus-1}"}
    assert two == {"type": "prometheus", "uid": "${prometheus-2}"}
    annotation = document.dashboard["annotations"]["list"][0]
    assert annotation["datasource"] == {"type": "grafana", "uid": "-- Grafana --"}
    named = read_form(spec, inputs={"prometheus-1": "p9"})
    assert named.dashboard["panels"][0]["targets"][0]["datasource"] == {"type": "prometheus", "uid": "p9"}
    assert [one.name for one in named.inputs] == ["prometheus-2"]


def test_what_the_server_filled_in_for_v2_is_taken_out() -> None:
    spec = spec_with(grid(item("p1"), item("p2", 12)), count=2)
    queries = [spec["elements"][name]["spec"]["data"]["spec"]["queries"][0]["spec"]["query"] for name in ("p1", "p2")]
    queries[0].update(group="grafana", datasource={"name": "unknown"})
    queries[1].update(group="grafana", datasource={"name": "-- Grafana --"})
    spec["timeSettings"] = {
        "autoRefreshIntervals": ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"],
    }
    dashboard = read_form(spec).dashboard
    one, two = (panel["targets"][0]["datasource"] for panel in dashboard["panels"])
    assert one == {"uid": "unknown"}
    assert two == {"uid": "-- Grafana --", "type": "grafana"}
    assert dashboard["timepicker"] == {}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "expected a dashboard, an object of JSON, got null"),
        ("text", "expected a dashboard, an object of JSON, got a text"),
        ({}, "no dashboard, but an empty object"),
        ({"apiVersion": 1, "groups": []}, "no dashboard, but an export of alert rules"),
        ({"apiVersion": 1, "contactPoints": [], "policies": []}, "an export of contact points, notification policies"),
        ({"error": "not found"}, "no dashboard, but an answer of a server: not found"),
        ({"message": "Unauthorized", "statusCode": 401}, "no dashboard, but an answer of a server: Unauthorized"),
        ([{"uid": "a", "type": "dash-db", "uri": "db/a", "slug": ""}], "no dashboard, but the result of a search"),
        ({"hits": [], "totalHits": 0}, "no dashboard, but the result of a search"),
        ({"uid": "f", "title": "F", "url": "/dashboards/f/f"}, "no dashboard, but a folder"),
        ({"redirectUri": "/d/home"}, "no dashboard, but the address of a home dashboard"),
        (PANEL, "no dashboard, but a panel"),
        ({"apiVersion": "folder.grafana.app/v1", "kind": "Folder", "spec": {"title": "F"}}, "but a Folder of folder"),
        ({"apiVersion": 1, "providers": []}, "no dashboard, but a file of dashboard providers"),
        ({"a": 1, "b": 2}, "no dashboard, but an object with a, b"),
        (resource("v9", CLASSIC), r"$.apiVersion: expected a version of dashboards (v0alpha1"),
        (resource("v1", CLASSIC, "Snapshot"), "no dashboard, but a Snapshot of dashboard.grafana.app/v1"),
        ({**CLASSIC, "schemaVersion": 99}, "$.schemaVersion: expected at most 42"),
        ({"dashboard": {**CLASSIC, "schemaVersion": 99}}, "$.dashboard.schemaVersion: expected at most 42"),
        (resource("v2", {**SPEC, "layout": grid(item("x"))}), "$.spec.layout.spec.items[0].spec.element.name: no elem"),
        (
            {"apiVersion": "folder.grafana.app/v1", "kind": "FolderList", "items": []},
            "no dashboards, but a FolderList of folder.grafana.app/v1",
        ),
    ],
)
def test_what_is_no_dashboard_gets_a_reason(data: object, reason: str) -> None:
    with pytest.raises(DashboardError) as raised:
        read_form(data)
    assert reason in str(raised.value)


@given(values)
def test_any_document_is_read_or_refused(data: object) -> None:
    before = json.dumps(data)
    for form in (data, {"dashboard": data}, {"spec": data, "apiVersion": "dashboard.grafana.app/v1"}):
        try:
            documents = read_forms(form)
        except DashboardError as error:
            assert error.pointer.startswith("$")  # noqa: PT017  # both ways are right
        else:
            assert all(document.dashboard["schemaVersion"] == 42 for document in documents)
    assert json.dumps(data) == before


DOCUMENTS = Path(__file__).with_name("documents")


@pytest.mark.parametrize("path", sorted(DOCUMENTS.glob("*.json")), ids=lambda path: path.stem)
def test_documents_of_our_own(path: Path) -> None:
    """Whole documents, each with what becomes of it, as Grafana does it."""
    document = json.loads(path.read_text(encoding="utf-8"))
    found = read_form(document["given"])
    assert found.form == document["form"]
    assert found.dashboard == document["dashboard"]
    assert list(found.notes) == document["notes"]
