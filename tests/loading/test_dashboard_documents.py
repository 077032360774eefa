"""`as_dashboard` of JSON: dashboards as Grafana exports them, listed in a project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from dashgen import Environment, Project, SpecError, as_dashboard
from dashgen.pipeline import invalid
from dashgen.render import render

BOARD: dict[str, Any] = {
    "uid": "cpu",
    "title": "CPU",
    "schemaVersion": 30,
    "panels": [
        {
            "id": 7,
            "type": "alertlist",
            "title": "Alerts",
            "gridPos": {"x": 0, "y": 0, "w": 12, "h": 8},
            "options": {"maxItems": 5, "stateFilter": {"firing": True}},
        },
        {
            "id": 8,
            "type": "stat",
            "title": "Load",
            "gridPos": {"x": 12, "y": 0, "w": 12, "h": 8},
            "datasource": {"type": "questdb-questdb-datasource", "uid": "questdb"},
            "targets": [{"refId": "A", "format": 1, "rawSql": "SELECT 1 AS load"}],
        },
    ],
}


def panels(*dashboards: object) -> list[list[dict[str, Any]]]:
    """The panels of each dashboard as it is rendered; it must be valid."""
    project = Project(environments=(Environment("prod"),), dashboards=tuple(map(as_dashboard, dashboards)))
    documents = [one for one in render(project, project.environments[0]) if one.schema == "dashboard"]
    assert list(invalid(documents, project)) == []
    return [orjson.loads(one.data)["panels"] for one in documents]


def test_every_form_of_a_document_gives_the_same(tmp_path: Path) -> None:
    path = tmp_path / "cpu.json"
    path.write_text(json.dumps({"dashboard": BOARD, "meta": {"folderUid": "x"}}))
    resource = {"apiVersion": "dashboard.grafana.app/v1beta1", "kind": "Dashboard", "metadata": {"name": "cpu-3"}}
    first, second, third = panels(
        BOARD, {"dashboard": {**BOARD, "uid": "cpu-2", "title": "2"}, "meta": {}},
        {**resource, "spec": {**BOARD, "title": "3"}},
    )  # fmt: skip
    assert first == second == third
    assert panels(path) == [first]
    assert [panel["type"] for panel in first] == ["alertlist", "stat"]
    assert first[0]["options"]["maxItems"] == 5
    assert first[1]["targets"][0]["rawSql"] == "SELECT 1 AS load"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"name": "x"}, "as_dashboard: the dict: $: no dashboard, but an object with name"),
        ("no.json", "as_dashboard: no.json: can't be read: No such file or directory"),
    ],
    ids=["dict", "path"],
)
def test_what_is_no_dashboard_is_said(value: object, said: str) -> None:
    with pytest.raises(SpecError, match=said.replace("$", r"\$")):
        as_dashboard(value)


def test_a_file_that_is_cut_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"title": ')
    with pytest.raises(SpecError, match=r"x\.json: is not JSON"):
        as_dashboard(tmp_path / "x.json")
