"""What the rendered dashboards say about their queries' columns is true, and what an operator may expect is there."""

from __future__ import annotations

import re
from typing import Any

import pytest

from dashgen import Dashboard, Panel
from specs import PROJECT
from tests.specs.grafana import Grafana, dashboards, find
from tests.specs.staging import END

PANELS = [
    (dashboard.uid, panel)
    for dashboard in PROJECT.dashboards
    if isinstance(dashboard, Dashboard)
    for panel in dashboard.panels
    if isinstance(panel, Panel)
]
IDS = [f"{uid}-{panel.key}" for uid, panel in PANELS]


@pytest.mark.parametrize(("uid", "panel"), PANELS, ids=IDS)
def test_every_panel_speaks(uid: str, panel: Panel) -> None:
    assert panel.key, "an alert or a link may refer to it"
    assert len(panel.description) > 60
    if panel.queries:
        assert panel.unit
    for query in panel.queries:
        assert "SELECT *" not in query.sql


def drawn(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


@pytest.mark.parametrize("plugin", ["questdb", "postgres"])
def test_the_grid_is_used(plugin: str) -> None:
    """Each line of panels fills the 24 columns, so that nothing looks left out."""
    for uid, dashboard in dashboards(plugin).items():
        lines: dict[int, int] = {}
        for panel in drawn(dashboard):
            grid = panel["gridPos"]
            lines[grid["y"]] = lines.get(grid["y"], 0) + grid["w"]
        assert set(lines.values()) == {24}, uid


@pytest.mark.parametrize("plugin", ["questdb", "postgres"])
def test_the_dashboards_lead_to_each_other(plugin: str) -> None:
    known = set(dashboards(plugin))
    for uid, dashboard in dashboards(plugin).items():
        (links,) = dashboard["links"]
        assert (links["type"], links["keepTime"], links["includeVars"]) == ("dashboards", True, True)
        assert set(links["tags"]) <= set(dashboard["tags"])
        led = set(re.findall(r'"/d/([a-z-]+)\?', str(dashboard).replace("'", '"')))
        assert led <= known
        assert led, f"{uid} explains nothing"


@pytest.mark.questdb
def test_overrides_sorting_and_links_name_columns(grafana: Grafana) -> None:
    wrong = []
    for uid, dashboard in dashboards(grafana.plugin).items():
        for panel in drawn(dashboard):
            if panel["type"] not in ("table", "stat", "bargauge") or "targets" not in panel:
                continue
            frame = grafana.ask(find(grafana.plugin, uid, panel["title"]), END, 48)
            columns = {field.name for field in frame.fields}
            named = {o["matcher"]["options"] for o in panel["fieldConfig"]["overrides"]}
            named |= {s["displayName"] for s in panel["options"].get("sortBy", ())}
            named |= set(re.findall(r"__data\.fields\.(\w+)", str(panel)))
            if not named <= columns:
                wrong.append(f"{uid} › {panel['title']}: {named - columns} of {columns}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.questdb
def test_series_are_called_by_what_they_are(grafana: Grafana) -> None:
    """No legend says `value`: the value column is `Value`, which Grafana leaves out beside a label."""
    for uid, dashboard in dashboards(grafana.plugin).items():
        for panel in drawn(dashboard):
            if panel["type"] not in ("timeseries", "state-timeline"):
                continue
            frame = grafana.ask(find(grafana.plugin, uid, panel["title"]), END, 1)
            for field in frame.fields[1:]:
                labelled = field.name == "Value" and [name for name, _ in field.labels] == ["metric"]
                assert labelled or (grafana.plugin == "postgres" and not field.labels), panel["title"]
