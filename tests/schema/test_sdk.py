"""What the SDK's builders write is what the schema was derived from; it must not be refused."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest
from grafana_foundation_sdk.builders import common, dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashgen.schema.derive import SDK_PANELS
from dashgen.schema.validate import panel_violations, validate


def encoded(built: object) -> Any:
    return json.loads(JSONEncoder().encode(built))


@pytest.mark.parametrize(("kind", "module"), sorted(SDK_PANELS.items()))
def test_a_fresh_panel_of_every_kind_is_valid(kind: str, module: str) -> None:
    panel = encoded(importlib.import_module(f"grafana_foundation_sdk.builders.{module}").Panel().build())
    assert panel["type"] == kind
    assert list(map(str, panel_violations(kind, panel))) == []


def test_a_dashboard_is_valid() -> None:
    builder = (
        dashboard.Dashboard("Daemon health")
        .uid("daemon-health")
        .link(dashboard.DashboardLink("Runbook").url("https://example.org"))
        .with_variable(dashboard.CustomVariable("env").values("prod,dev"))
        .with_variable(dashboard.IntervalVariable("step").values("1m,5m"))
        .with_variable(dashboard.TextBoxVariable("filter").default_value(".*"))
        .with_variable(dashboard.ConstantVariable("team").value("daemons"))
        .with_variable(dashboard.DatasourceVariable("source").type("prometheus"))
        .with_variable(dashboard.AdHocVariable("where"))
        .annotation(dashboard.AnnotationQuery().name("Deployments").enable(True).icon_color("red"))
    )
    assert list(map(str, validate("dashboard", encoded(builder.build()) | {"panels": []}))) == []


def test_legends_and_tooltips_are_valid() -> None:
    legend = encoded(common.VizLegendOptions().show_legend(True).calcs(["max", "lastNotNull"]).build())
    tooltip = encoded(common.VizTooltipOptions().build())
    assert panel_violations("timeseries", {"options": {"legend": legend, "tooltip": tooltip}}) == []
